/* The plan as JSON: what is reviewed, sealed and run (SPEC.md, "Plan"). */
#include "plan/plan.h"

const char *plan_action_name(PlanAction action)
{
    switch (action) {
    case PLAN_CREATE: return "create";
    case PLAN_CHANGE: return "change";
    case PLAN_REPLACE: return "replace";
    case PLAN_DELETE: return "delete";
    case PLAN_UNCHANGED: break;
    }
    return "unchanged";
}

static void set_text(const Plan *plan, Json *object, const char *key, Text text)
{
    json_set_c(plan->arena, object, key, json_text(plan->arena, text));
}

static void set_count(const Plan *plan, Json *object, const char *key, size_t count)
{
    json_set_c(plan->arena, object, key, json_integer(plan->arena, (int64_t)count));
}

/* null where nobody said it. */
static Json *source_json(const Plan *plan, Span span)
{
    if (span_is_none(span))
        return json_null(plan->arena);
    Json *source = json_object(plan->arena);
    set_text(plan, source, "file", sources_path(plan->sources, span.file));
    set_count(plan, source, "line", sources_locate(plan->sources, span.file, span.start).line);
    return source;
}

/* json_write only reads what it is given. */
static Json *or_null(const Plan *plan, const Json *json)
{
    if (!json)
        return json_null(plan->arena);
    Json *copy = ARENA_NEW(plan->arena, Json);
    *copy = *json;
    return copy;
}

static Json *change_json(const Plan *plan, const PlanChange *change)
{
    Json *json = json_object(plan->arena);
    set_text(plan, json, "path", change->path);
    json_set_c(plan->arena, json, "before", or_null(plan, change->before));
    json_set_c(plan->arena, json, "after", or_null(plan, change->after));
    json_set_c(plan->arena, json, "forces_replacement", json_bool(plan->arena, change->forces_replacement));
    json_set_c(plan->arena, json, "source", source_json(plan, change->origin));
    return json;
}

static Json *item_json(const Plan *plan, const PlanItem *item)
{
    Json *json = json_object(plan->arena);
    Json *changes = json_array(plan->arena);
    for (size_t i = 0; i < item->changes.count; i++)
        json_add(plan->arena, changes, change_json(plan, &item->changes.items[i]));
    set_text(plan, json, "id", item->id);
    set_text(plan, json, "service", item->service);
    set_text(plan, json, "name", item->name);
    json_set_c(plan->arena, json, "kind", json_text_c(plan->arena, resource_facts(item->kind)->label));
    json_set_c(plan->arena, json, "action", json_text_c(plan->arena, plan_action_name(item->action)));
    json_set_c(plan->arena, json, "changes", changes);
    json_set_c(plan->arena, json, "changed_outside", json_bool(plan->arena, plan_is_changed_outside(item)));
    json_set_c(plan->arena, json, "source", source_json(plan, item->origin));
    return json;
}

static Json *call_json(const Plan *plan, const char *service, Text operation, Json *input)
{
    Json *call = json_object(plan->arena);
    json_set_c(plan->arena, call, "service", json_text_c(plan->arena, service));
    set_text(plan, call, "operation", operation);
    json_set_c(plan->arena, call, "input", input);
    return call;
}

/* What svc owns of a resource before and after all of its steps; made here, since only a plan that is kept tells it. */
typedef struct Fingerprints {
    const PlanItem *item;
    Text before;
    Text after;
} Fingerprints;

/* Steps of one item stand together: `last` has what the step before needed. */
static void find_fingerprints(const Plan *plan, const PlanItem *item, Fingerprints *last)
{
    if (last->item == item)
        return;
    last->item = item;
    last->before = plan_fingerprint(plan->arena, item->live);
    last->after = plan_fingerprint(plan->arena, item->action == PLAN_DELETE ? NULL : item->desired);
}

static Json *step_json(const Plan *plan, const PlanStep *step, Fingerprints *last)
{
    Json *json = json_object(plan->arena);
    Json *needs = json_array(plan->arena);
    for (size_t i = 0; i < step->needs.count; i++)
        json_add(plan->arena, needs, json_text(plan->arena, step->needs.items[i]));
    set_text(plan, json, "id", step->id);
    set_text(plan, json, "resource", step->item->id);
    json_set_c(plan->arena, json, "action", json_text_c(plan->arena, step->action));
    json_set_c(plan->arena, json, "call", call_json(plan, step->service, step->operation, step->input));
    json_set_c(plan->arena, json, "undo",
               step->undo_input ? call_json(plan, step->service, step->undo_operation, step->undo_input) : json_null(plan->arena));
    json_set_c(plan->arena, json, "needs", needs);
    if (!step->is_rollout)
        find_fingerprints(plan, step->item, last);
    set_text(plan, json, "expects", step->is_rollout ? TEXT_NONE : last->before);
    set_text(plan, json, "results", step->is_rollout ? TEXT_NONE : last->after);
    json_set_c(plan->arena, json, "source", source_json(plan, step->item->origin));
    return json;
}

static Json *lookups_json(const Plan *plan)
{
    Json *list = json_array(plan->arena);
    for (size_t i = 0; i < plan->resources->lookups.count; i++) {
        const Lookup *lookup = plan->resources->lookups.items[i];
        Json *entry = json_object(plan->arena);
        set_text(plan, entry, "resource", lookup->id);
        set_text(plan, entry, "attribute", lookup->attribute);
        set_text(plan, entry, "description", lookup->description);
        json_set_c(plan->arena, entry, "selector", lookup->selector);
        json_add(plan->arena, list, entry);
    }
    return list;
}

static Json *inputs_json(const Plan *plan)
{
    Json *list = json_array(plan->arena);
    for (size_t i = 0; i < plan->inputs.count; i++) {
        Json *entry = json_object(plan->arena);
        set_text(plan, entry, "path", plan->inputs.items[i].path);
        set_text(plan, entry, "sha256", plan->inputs.items[i].digest);
        json_add(plan->arena, list, entry);
    }
    return list;
}

static Json *summary_json(const Plan *plan)
{
    Json *summary = json_object(plan->arena);
    set_count(plan, summary, "add", plan->added);
    set_count(plan, summary, "change", plan->changed);
    set_count(plan, summary, "destroy", plan->destroyed);
    set_count(plan, summary, "unchanged", plan->unchanged);
    return summary;
}

Json *plan_to_json(const Plan *plan)
{
    Arena *arena = plan->arena;
    Json *items = json_array(arena);
    Json *steps = json_array(arena);
    Fingerprints last = {0};
    for (size_t i = 0; i < plan->items.count; i++)
        json_add(arena, items, item_json(plan, plan->items.items[i]));
    for (size_t i = 0; i < plan->steps.count; i++)
        json_add(arena, steps, step_json(plan, plan->steps.items[i], &last));
    Json *json = json_object(arena);
    json_set_c(arena, json, "format_version", json_integer(arena, 1));
    set_text(plan, json, "project", plan->model->project);
    set_text(plan, json, "environment", plan->model->environment.name);
    set_text(plan, json, "account", plan->account);
    set_text(plan, json, "region", plan->region);
    json_set_c(arena, json, "recording", plan->live ? json_text(arena, plan->live->path) : json_null(arena));
    json_set_c(arena, json, "inputs", inputs_json(plan));
    json_set_c(arena, json, "resources", items);
    json_set_c(arena, json, "steps", steps);
    json_set_c(arena, json, "lookups", lookups_json(plan));
    json_set_c(arena, json, "summary", summary_json(plan));
    return json;
}

Json *plan_drift_to_json(const Plan *plan)
{
    Json *json = json_object(plan->arena);
    Json *items = json_array(plan->arena);
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan_is_drift(plan->items.items[i]))
            json_add(plan->arena, items, item_json(plan, plan->items.items[i]));
    set_text(plan, json, "project", plan->model->project);
    set_text(plan, json, "environment", plan->model->environment.name);
    set_text(plan, json, "account", plan->account);
    set_text(plan, json, "region", plan->region);
    json_set_c(plan->arena, json, "drift", items);
    return json;
}
