#include "plan/plan_read.h"

#include "base/file.h"
#include "schema/schema.h"

enum { PLAN_BYTES_MAX = 256 * 1024 * 1024 };

typedef struct Reading {
    Arena *arena;
    Diagnostics *sink;
    SavedPlan *plan;
} Reading;

static bool report(const Reading *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool report(const Reading *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text problem = arena_format_list(r->arena, format, list);
    va_end(list);
    Diagnostic *diagnostic = diagnostic_report(r->sink, CODE_BAD_PLAN, SPAN_NONE, "%.*s: %.*s", TEXT_ARG(r->plan->path), TEXT_ARG(problem));
    diagnostic_set_advice(r->sink, diagnostic, "plan again: svc plan saves a new one");
    return false;
}

static Text member_text(const ReadJson *json, const char *key)
{
    return json_read_text(json_read_member(json, key));
}

/* --- the seal --- */

/* The file is the canonical form of what it says, so that no byte can be another one. */
static bool check_seal(const Reading *r, const ReadJson *json, Text text)
{
    Buffer canonical = {0};
    Json *whole = saved_plain(r->arena, json);
    json_write(&canonical, whole, 0);
    buffer_add_byte(&canonical, '\n');
    bool is_canonical = text_equal(buffer_text(&canonical), text);
    buffer_free(&canonical);
    r->plan->seal = member_text(json, "seal");
    r->plan->signature = member_text(json, "signature");
    if (!r->plan->seal.len)
        return report(r, "it has no seal: only what svc plan saves can be applied");
    json_remove_c(whole, "seal");
    json_remove_c(whole, "signature");
    if (is_canonical && text_equal(plan_fingerprint(r->arena, whole), r->plan->seal))
        return true;
    return report(r, "its seal is broken: it was changed after it was planned");
}

static bool check_version(const Reading *r, const ReadJson *json)
{
    const ReadJson *format = json_read_member(json, "format_version");
    Text version = member_text(json, "svc");
    if (!format || format->kind != READ_NUMBER || rational_compare(format->number, rational_from_integer(PLAN_FORMAT_VERSION)) != 0)
        return report(r, "its format_version is not %d", PLAN_FORMAT_VERSION);
    if (!text_equal_c(version, SVC_VERSION))
        return report(r, "svc %.*s made it, and this is svc " SVC_VERSION, TEXT_ARG(version));
    return true;
}

/* --- resources --- */

static bool find_kind(Text label, const ReadJson *desired, ResourceKind *out)
{
    bool found = false;
    for (size_t i = 0; i < RESOURCE_KIND_COUNT; i++) {
        const ResourceFacts *facts = resource_facts((ResourceKind)i);
        if (!text_equal_c(label, facts->label) || (found && !json_read_member(desired, facts->operation)))
            continue;
        *out = (ResourceKind)i;
        found = true;
    }
    return found;
}

static bool find_action(Text name, PlanAction *out)
{
    static const char *const names[] = {[PLAN_CREATE] = "create", [PLAN_CHANGE] = "change", [PLAN_REPLACE] = "replace",
                                        [PLAN_DELETE] = "delete", [PLAN_UNCHANGED] = "unchanged"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_c(name, names[i])) {
            *out = (PlanAction)i;
            return true;
        }
    return false;
}

static SavedSource read_source(const ReadJson *json)
{
    const ReadJson *line = json_read_member(json, "line");
    return (SavedSource){member_text(json, "file"), line && line->kind == READ_NUMBER && line->number.num > 0 ? (size_t)line->number.num : 0};
}

static Text written(const Reading *r, const ReadJson *json)
{
    if (!json)
        return TEXT("null");
    Buffer text = {0};
    json_write(&text, saved_plain(r->arena, json), 0);
    Text copy = arena_copy_text(r->arena, buffer_text(&text));
    buffer_free(&text);
    return copy;
}

static void read_changes(const Reading *r, const ReadJson *list, SavedItem *item)
{
    for (size_t i = 0; list && list->kind == READ_ARRAY && i < list->items.count; i++) {
        const ReadJson *json = list->items.items[i];
        SavedChange change = {plan_change_path(r->arena, member_text(json, "path")), written(r, json_read_member(json, "before")),
                              written(r, json_read_member(json, "after"))};
        ARRAY_PUSH(r->arena, &item->changes, change);
    }
}

/* What the item is to be, as the resource that it was planned from: enough to be compared with what is live. */
static void add_resource(const Reading *r, SavedItem *item, const ReadJson *desired)
{
    Json *document = saved_decode(r->arena, desired);
    const char *creating = resource_facts(item->kind)->operation;
    Resource *resource = ARENA_NEW(r->arena, Resource);
    *resource = (Resource){.kind = item->kind, .id = item->id, .service = item->service, .name = item->name, .file_stem = item->name, .origin = SPAN_NONE};
    resource->input = json_get_c(document, creating);
    json_remove_c(document, creating);
    resource->more = json_length(document) ? document : NULL;
    resources_add(r->arena, &r->plan->resources, resource);
    item->resource = resource;
}

static bool read_item(const Reading *r, const ReadJson *json)
{
    SavedItem *item = ARENA_NEW(r->arena, SavedItem);
    const ReadJson *desired = json_read_member(json, "desired");
    *item = (SavedItem){.id = member_text(json, "id"),
                        .service = member_text(json, "service"),
                        .name = member_text(json, "name"),
                        .source = read_source(json_read_member(json, "source")),
                        .lines = json_read_member(json, "lines")};
    if (!item->id.len || !find_kind(member_text(json, "kind"), desired, &item->kind) || !find_action(member_text(json, "action"), &item->action))
        return report(r, "a resource without a kind and an action that svc knows");
    if (saved_plan_find(r->plan, item->id))
        return report(r, "the resource %.*s stands twice", TEXT_ARG(item->id));
    read_changes(r, json_read_member(json, "changes"), item);
    bool is_there = desired && desired->kind == READ_OBJECT;
    if (is_there == (item->action == PLAN_DELETE))
        return report(r, "the resource %.*s does not say what it is to be", TEXT_ARG(item->id));
    if (is_there)
        add_resource(r, item, desired);
    ARRAY_PUSH(r->arena, &r->plan->items, item);
    return true;
}

static bool read_items(const Reading *r, const ReadJson *list)
{
    if (!list || list->kind != READ_ARRAY)
        return report(r, "it has no list of resources");
    for (size_t i = 0; i < list->items.count; i++)
        if (!read_item(r, list->items.items[i]))
            return false;
    return true;
}

static void read_lookups(const Reading *r, const ReadJson *list)
{
    for (size_t i = 0; list && list->kind == READ_ARRAY && i < list->items.count; i++) {
        const ReadJson *json = list->items.items[i];
        const ReadJson *selector = json_read_member(json, "selector");
        Lookup *lookup = ARENA_NEW(r->arena, Lookup);
        *lookup = (Lookup){.id = member_text(json, "resource"),
                           .attribute = member_text(json, "attribute"),
                           .template_type = TEXT("String"),
                           .description = member_text(json, "description"),
                           .selector = selector ? saved_plain(r->arena, selector) : json_object(r->arena),
                           .origin = SPAN_NONE};
        (void)resources_add_lookup(r->arena, &r->plan->resources, lookup);
    }
}

/* --- steps --- */

const SavedItem *saved_plan_find(const SavedPlan *plan, Text id)
{
    for (size_t i = 0; i < plan->items.count; i++)
        if (text_equal(plan->items.items[i]->id, id))
            return plan->items.items[i];
    return NULL;
}

static bool find_step(const SavedPlan *plan, Text id, size_t *out)
{
    for (size_t i = plan->steps.count; i > 0; i--)
        if (text_equal(plan->steps.items[i - 1]->id, id)) {
            *out = i - 1;
            return true;
        }
    return false;
}

static bool read_needs(const Reading *r, const ReadJson *list, SavedStep *step)
{
    for (size_t i = 0; list && list->kind == READ_ARRAY && i < list->items.count; i++) {
        size_t index = 0;
        if (!find_step(r->plan, json_read_text(list->items.items[i]), &index))
            return report(r, "step %.*s needs a step that does not stand before it", TEXT_ARG(step->id));
        ARRAY_PUSH(r->arena, &step->needs, index);
    }
    return true;
}

static const char *service_name(Text name)
{
    const SchemaService *service = schema_find_service(name);
    for (size_t i = 0; service && i < RESOURCE_KIND_COUNT; i++)
        if (text_equal_c(name, resource_facts((ResourceKind)i)->service))
            return resource_facts((ResourceKind)i)->service;
    return NULL;
}

/* Whether the operation is one of AWS's that svc has a schema of. */
static bool read_call(const Reading *r, const ReadJson *call, SavedStep *step)
{
    const ReadJson *input = json_read_member(call, "input");
    SchemaOperation operation;
    step->operation = member_text(call, "operation");
    if (!input || input->kind != READ_OBJECT)
        return report(r, "step %.*s has no call", TEXT_ARG(step->id));
    step->input = saved_plain(r->arena, input);
    step->is_rollout = text_equal_c(member_text(call, "service"), resource_facts(RESOURCE_ROLLOUT)->service);
    if (step->is_rollout)
        return true;
    step->service = service_name(member_text(call, "service"));
    const SchemaService *service = step->service ? schema_find_service(text_from_c(step->service)) : NULL;
    if (!service || !schema_find_operation(service, step->operation, &operation))
        return report(r, "step %.*s calls an operation that svc does not know: %.*s", TEXT_ARG(step->id), TEXT_ARG(step->operation));
    return true;
}

static bool read_step(const Reading *r, const ReadJson *json)
{
    SavedStep *step = ARENA_NEW(r->arena, SavedStep);
    *step = (SavedStep){.index = r->plan->steps.count,
                        .id = member_text(json, "id"),
                        .action = member_text(json, "action"),
                        .source = read_source(json_read_member(json, "source"))};
    step->item = saved_plan_find(r->plan, member_text(json, "resource"));
    size_t same = 0;
    if (!step->item || !step->id.len || find_step(r->plan, step->id, &same))
        return report(r, "a step without an id of its own and a resource of the plan");
    if (!read_call(r, json_read_member(json, "call"), step) || !read_needs(r, json_read_member(json, "needs"), step))
        return false;
    size_t place = 0;
    while (r->plan->items.items[place] != step->item)
        place++;
    SavedItem *item = r->plan->items.items[place];
    item->step_count++;
    if (!step->is_rollout) {
        item->expects = member_text(json, "expects");
        item->results = member_text(json, "results");
    }
    ARRAY_PUSH(r->arena, &r->plan->steps, step);
    return true;
}

static bool read_steps(const Reading *r, const ReadJson *list)
{
    if (!list || list->kind != READ_ARRAY)
        return report(r, "it has no list of steps");
    for (size_t i = 0; i < list->items.count; i++)
        if (!read_step(r, list->items.items[i]))
            return false;
    return true;
}

static size_t read_count(const ReadJson *summary, const char *key)
{
    const ReadJson *count = json_read_member(summary, key);
    return count && count->kind == READ_NUMBER && count->number.num > 0 ? (size_t)count->number.num : 0;
}

/* --- whole --- */

bool saved_plan_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, SavedPlan *out)
{
    *out = (SavedPlan){.path = path};
    Reading r = {arena, sink, out};
    ReadJsonError error;
    const ReadJson *json = json_read(arena, text, &error);
    if (!json || json->kind != READ_OBJECT)
        return report(&r, "it is no plan: it is not a JSON object");
    if (!check_version(&r, json) || !check_seal(&r, json, text))
        return false;
    const ReadJson *summary = json_read_member(json, "summary");
    out->project = member_text(json, "project");
    out->environment = member_text(json, "environment");
    out->account = member_text(json, "account");
    out->region = member_text(json, "region");
    out->inputs = json_read_member(json, "inputs");
    out->values = json_read_member(json, "values");
    out->added = read_count(summary, "add");
    out->changed = read_count(summary, "change");
    out->destroyed = read_count(summary, "destroy");
    if (!out->project.len)
        return report(&r, "it names no project");
    read_lookups(&r, json_read_member(json, "lookups"));
    return read_items(&r, json_read_member(json, "resources")) && read_steps(&r, json_read_member(json, "steps"));
}

bool saved_plan_read(Arena *arena, Diagnostics *sink, Text path, SavedPlan *out)
{
    Text text;
    return diagnostic_read_file(arena, sink, path, PLAN_BYTES_MAX, &text) && saved_plan_read_text(arena, sink, path, text, out);
}

void saved_plan_model(const SavedPlan *plan, Model *out)
{
    *out = (Model){.project = plan->project, .path = plan->path};
    out->environment = (Environment){.name = plan->environment, .account = plan->account, .region = plan->region};
}
