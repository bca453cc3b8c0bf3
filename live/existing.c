/* What exists by the file's word and is only pointed to: topics and roles; and places of listener rules that somebody else's rules have. */
#include "document/arn.h"
#include "live/reader.h"

static const Question topic_question = {.service = "sns", .operation = "GetTopicAttributes", .names = "TopicArn"};
static const Question role_question = {.service = "iam", .operation = "GetRole", .names = "RoleName"};

/* --- topics and roles --- */

typedef struct Existing {
    Text key; /* of its fact */
    Text arn;
} Existing;

/* A role of the same name may have another path: it is another ARN then. */
static void take_existing(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const Existing *existing = subject;
    const Json *role = json_get_c(result, "Role");
    if (!result || (role && !text_equal(reader_text(role, "Arn"), existing->arn)))
        return;
    json_set(reader->arena, reader->facts, existing->key, reader_object(reader, "arn", existing->arn));
}

/* What is another account's or region's is its business. */
static void ask_existing(Reader *reader, const Question *question, const char *kind, Text arn, Text name)
{
    Text region = arn_part(arn, ARN_REGION);
    Text key = arena_format(reader->arena, "%s/%.*s", kind, TEXT_ARG(arn));
    if (!name.len || json_get(reader->facts, key) || !text_equal(arn_part(arn, ARN_ACCOUNT), reader->account) ||
        (region.len && !text_equal(region, reader->input->region)))
        return;
    Existing *existing = ARENA_NEW(reader->arena, Existing);
    *existing = (Existing){key, arn};
    json_set(reader->arena, reader->facts, key, json_null(reader->arena));
    asker_ask(reader->asker, question, TEXT_NONE, name, existing, take_existing);
}

static void ask_topics(Reader *reader, const Resource *alarm)
{
    static const char *const lists[] = {"AlarmActions", "OKActions", "InsufficientDataActions"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const Json *actions = json_get_c(alarm->input, lists[i]);
        for (size_t j = 0; j < json_item_count(actions); j++) {
            const Json *arn = actions->items.items[j];
            if (arn->kind == JSON_TEXT && text_equal_c(arn_part(arn->text, ARN_SERVICE), "sns"))
                ask_existing(reader, &topic_question, "topic", arn->text, arn->text);
        }
    }
}

static void ask_roles(Reader *reader, const Resource *task)
{
    static const char *const members[] = {"taskRoleArn", "executionRoleArn"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Json *arn = json_get_c(task->input, members[i]);
        Text resource = arn && arn->kind == JSON_TEXT ? arn_part(arn->text, ARN_RESOURCE) : TEXT_NONE;
        Text name = resource;
        for (size_t slash = text_find_byte(name, '/'); slash < name.len; slash = text_find_byte(name, '/'))
            name = text_slice(name, slash + 1, name.len);
        if (text_starts_with(resource, TEXT("role/")))
            ask_existing(reader, &role_question, "role", arn->text, name);
    }
}

void find_existing(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_ALARM)
            ask_topics(reader, resource);
        else if (resource->kind == RESOURCE_TASK_DEFINITION)
            ask_roles(reader, resource);
    }
}

/* --- places of rules --- */

static bool has_place(const Json *rule, const Json *priority)
{
    Arena scratch = {0};
    bool has = priority && priority->kind == JSON_NUMBER && text_equal(reader_text(rule, "Priority"), rational_to_text(&scratch, priority->number));
    arena_free(&scratch);
    return has;
}

void conclude_places(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        const Json *priority = json_get_c(resource->input, "Priority");
        Text listener = resource->kind == RESOURCE_LISTENER_RULE ? reader_value(reader, json_get_c(resource->input, "ListenerArn")) : TEXT_NONE;
        for (size_t j = 0; listener.len && j < reader->rules.count; j++) {
            const ListenerRule *other = &reader->rules.items[j];
            Text arn = reader_text(other->rule, "RuleArn");
            const Thing *known = reader_find(reader, RESOURCE_LISTENER_RULE, TEXT_NONE, arn);
            if (!known && text_equal(other->listener, listener) && has_place(other->rule, priority))
                json_set(reader->arena, reader->facts, arena_format(reader->arena, "listener-rule/%.*s", TEXT_ARG(resource->id)), reader_object(reader, "taken", arn));
        }
    }
}
