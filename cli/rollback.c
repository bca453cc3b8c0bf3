/* svc rollback: a service goes back to an earlier revision of its task definition, by a plan of one step. */
#include "cli/apply.h"
#include "cli/commands.h"
#include "cli/state.h"
#include "schema/schema.h"

enum { EXIT_ROLLBACK_ERROR = 1 };

typedef struct Rollback {
    Session *session;
    Pipeline *pipeline;
    Account *account;
    Recording recording;
} Rollback;

static bool report(const Rollback *r, const char *problem, Text subject)
{
    Diagnostic *diagnostic = diagnostic_report(&r->session->sink, CODE_NOTHING_TO_RETURN_TO, SPAN_NONE, "%s%s%.*s", problem, subject.len ? " " : "", TEXT_ARG(subject));
    diagnostic_set_advice(&r->session->sink, diagnostic, "svc status shows the revision that runs; aws ecs list-task-definitions those that there are");
    return false;
}

/* The service of the file that goes back: the only one, or the one that is named. */
static const Resource *find_service(const Rollback *r)
{
    Text wanted = r->session->options.values[OPTION_SERVICE];
    const Resource *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < r->pipeline->resources.items.count; i++) {
        const Resource *resource = r->pipeline->resources.items.items[i];
        if (resource->kind != RESOURCE_SERVICE || (wanted.len && !text_equal(resource->service, wanted)))
            continue;
        found = resource;
        count++;
    }
    if (count == 1)
        return found;
    (void)report(r, count ? "the file has several services, and --service names none of them" : "the file has no service", wanted);
    return NULL;
}

/* --- the revision --- */

/* The number behind the colon; 0: there is none. */
static int64_t revision_number(Text arn, Text *family)
{
    enum { DIGITS_MAX = 9 };
    size_t slash = text_find_byte(arn, '/');
    Text name = slash < arn.len ? text_slice(arn, slash + 1, arn.len) : arn;
    size_t colon = text_find_byte(name, ':');
    Text digits = colon < name.len ? text_slice(name, colon + 1, name.len) : TEXT_NONE;
    int64_t number = 0;
    for (size_t i = 0; i < digits.len && i < DIGITS_MAX; i++)
        number = byte_is_digit(digits.ptr[i]) ? number * 10 + (digits.ptr[i] - '0') : 0;
    *family = text_slice(name, 0, colon);
    return number;
}

/* The newest revision before the one that runs, or the one that is asked for. */
static bool find_revision(const Rollback *r, Text current, Text *out)
{
    Text family;
    Text asked_family;
    Text to = r->session->options.values[OPTION_TO];
    int64_t running = revision_number(current, &family);
    int64_t wanted = to.len ? revision_number(arena_format(&r->session->arena, "x:%.*s", TEXT_ARG(to)), &asked_family) : 0;
    int64_t best = 0;
    Json *input = json_object(&r->session->arena);
    json_set_c(&r->session->arena, input, "familyPrefix", json_text(&r->session->arena, family));
    json_set_c(&r->session->arena, input, "status", json_text_c(&r->session->arena, "ACTIVE"));
    AwsCall call = {.service = "ecs", .operation = TEXT("ListTaskDefinitions"), .input = input};
    aws_client_call(r->account->client, &r->session->arena, &call);
    const Json *arns = json_get_c(call.answer.output, "taskDefinitionArns");
    for (size_t i = 0; i < json_item_count(arns); i++) {
        Text other;
        if (arns->items.items[i]->kind != JSON_TEXT)
            continue;
        int64_t number = revision_number(arns->items.items[i]->text, &other);
        bool is_candidate = text_equal(other, family) && (to.len ? number == wanted : number < running);
        if (!is_candidate || number <= best)
            continue;
        best = number;
        *out = arns->items.items[i]->text;
    }
    if (best)
        return true;
    return to.len ? report(r, "there is no active revision", to) : report(r, "there is no active revision before", current);
}

/* --- the plan --- */

/* The service as it is, but for the revision. */
static Resource *make_target(const Rollback *r, const Resource *service, const Json *live, Text revision)
{
    Arena *arena = &r->pipeline->arena;
    Resource *target = ARENA_NEW(arena, Resource);
    const ResourceFacts *facts = resource_facts(RESOURCE_SERVICE);
    SchemaOperation operation;
    *target = *service;
    target->input = json_object(arena);
    target->more = NULL;
    const SchemaService *schema = schema_find_service(text_from_c(facts->service));
    if (!schema || !schema_find_operation(schema, text_from_c(facts->operation), &operation))
        return target;
    for (size_t i = 0; i < schema_member_count(operation.input); i++) {
        SchemaMember member = schema_member_at(operation.input, i);
        json_set(arena, target->input, member.name, json_get(live, member.name));
    }
    json_set_c(arena, target->input, "cluster", json_get_c(service->input, "cluster"));
    json_set_c(arena, target->input, "taskDefinition", json_text(arena, revision));
    return target;
}

/* Only this: what else is live is no concern of a rollback. */
static int roll_back(const Rollback *r, const Resource *service, const RecordedResource *recorded)
{
    Plan plan;
    Text revision;
    Arena *arena = &r->pipeline->arena;
    Resources one = {0};
    const Json *live = json_get_c(recorded_document(arena, recorded, RESOURCE_SERVICE), resource_facts(RESOURCE_SERVICE)->operation);
    const Json *current = json_get_c(live, "taskDefinition");
    if (!current || current->kind != JSON_TEXT || !find_revision(r, current->text, &revision))
        return EXIT_ROLLBACK_ERROR;
    resources_add(arena, &one, make_target(r, service, live, revision));
    if (!plan_make(arena, &r->session->sink, r->pipeline->model, &one, &r->recording, &plan))
        return EXIT_ROLLBACK_ERROR;
    for (size_t i = 0; i < plan.items.count; i++)
        if (text_equal(plan.items.items[i]->id, service->id))
            plan.items.items[0] = plan.items.items[i];
    plan.items.count = 1;
    plan.added = plan.destroyed = plan.unchanged = 0;
    plan.changed = plan.items.items[0]->action != PLAN_UNCHANGED;
    return apply_planned(r->session, r->account, &plan, "Go back to this revision?");
}

static int find_and_roll_back(Rollback *r)
{
    const Resource *service = find_service(r);
    if (!service || !command_read(r->account, r->pipeline, false, &r->recording))
        return EXIT_ROLLBACK_ERROR;
    const RecordedResource *recorded = recording_find(&r->recording, service->id);
    if (!recorded) {
        (void)report(r, "there is nothing live of the service", service->name);
        return EXIT_ROLLBACK_ERROR;
    }
    return roll_back(r, service, recorded);
}

static int rollback(Session *session, Pipeline *pipeline)
{
    Account account;
    Rollback r = {.session = session, .pipeline = pipeline, .account = &account};
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return EXIT_ROLLBACK_ERROR;
    int code = find_and_roll_back(&r);
    account_close(&account);
    return code;
}

int command_rollback(Session *session)
{
    return command_with_file(session, rollback);
}
