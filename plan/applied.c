/* What svc applied last, and whose a live resource is: both are told by tags (SPEC.md, "Drift", "Ownership"). */
#include "plan/plan.h"

/* How many digits of the fingerprint the tag has. */
enum { APPLIED_DIGITS = 16 };

/* The member that has the tags; NULL: what is made of it cannot be tagged later, or tells its tags to nobody. */
static const char *tags_member(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_CLUSTER:
    case RESOURCE_SERVICE:
    case RESOURCE_TASK_DEFINITION:
    case RESOURCE_LOG_GROUP: return "tags";
    case RESOURCE_SECURITY_GROUP: return "TagSpecifications";
    case RESOURCE_ROLE:
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_ALARM:
    case RESOURCE_PARAMETER: return "Tags";
    case RESOURCE_METRIC_FILTER:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_DASHBOARD:
    case RESOURCE_SCHEDULE:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return NULL;
}

/* --- the tag --- */

static Text find_value(const Json *tags)
{
    if (tags && tags->kind == JSON_OBJECT) {
        const Json *value = json_get_c(tags, PLAN_APPLIED_TAG);
        return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
    }
    for (size_t i = 0; i < json_item_count(tags); i++) {
        const Json *tag = tags->items.items[i];
        const Json *inner = json_get_c(tag, "Tags"); /* of a specification */
        const Json *key = json_get_c(tag, "Key") ? json_get_c(tag, "Key") : json_get_c(tag, "key");
        const Json *value = json_get_c(tag, "Value") ? json_get_c(tag, "Value") : json_get_c(tag, "value");
        if (inner)
            return find_value(inner);
        if (key && value && key->kind == JSON_TEXT && value->kind == JSON_TEXT && text_equal_c(key->text, PLAN_APPLIED_TAG))
            return value->text;
    }
    return TEXT_NONE;
}

Text plan_applied_value(Arena *arena, const Resource *resource)
{
    const char *member = tags_member(resource->kind);
    (void)arena;
    return member ? find_value(json_get_c(resource->input, member)) : TEXT_NONE;
}

/* A copy of the tags with this one beside them. */
static Json *with_tag(Arena *arena, const Json *tags, Text value)
{
    Json *copy = json_copy_node(arena, tags);
    if (tags->kind == JSON_OBJECT) {
        json_set_c(arena, copy, PLAN_APPLIED_TAG, json_text(arena, value));
        return copy;
    }
    const Json *first = json_item_count(tags) ? tags->items.items[0] : NULL;
    if (first && json_get_c(first, "Tags")) {
        Json *specification = json_copy_node(arena, first);
        json_set_c(arena, specification, "Tags", with_tag(arena, json_get_c(first, "Tags"), value));
        copy->items.items[0] = specification;
        return copy;
    }
    bool is_lower = first && json_get_c(first, "key");
    Json *tag = json_object(arena);
    json_set_c(arena, tag, is_lower ? "key" : "Key", json_text_c(arena, PLAN_APPLIED_TAG));
    json_set_c(arena, tag, is_lower ? "value" : "Value", json_text(arena, value));
    json_add(arena, copy, tag);
    json_sort_by(copy, is_lower ? "key" : "Key");
    return copy;
}

void plan_mark_applied(Plan *plan)
{
    for (size_t i = 0; i < plan->resources->items.count; i++) {
        Resource *resource = plan->resources->items.items[i];
        const char *member = tags_member(resource->kind);
        const Json *tags = member ? json_get_c(resource->input, member) : NULL;
        if (!tags || find_value(tags).len || (tags->kind != JSON_ARRAY && tags->kind != JSON_OBJECT))
            continue;
        Text value = text_slice(plan_fingerprint(plan->arena, plan_document(plan->arena, resource)), 0, APPLIED_DIGITS);
        resource->input = json_copy_node(plan->arena, resource->input);
        json_set_c(plan->arena, resource->input, member, with_tag(plan->arena, tags, value));
    }
}

bool plan_is_changed_outside(const PlanItem *item)
{
    return item->cause == PLAN_CAUSE_OUTSIDE && item->changes.count > 0;
}

bool plan_is_drift(const PlanItem *item)
{
    switch (item->action) {
    case PLAN_CREATE:
    case PLAN_CHANGE:
    case PLAN_REPLACE: return item->cause != PLAN_CAUSE_FILE;
    case PLAN_DELETE: /* it was in the file once */
    case PLAN_UNCHANGED: break;
    }
    return false;
}

size_t plan_count_drift(const Plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        count += plan_is_drift(plan->items.items[i]);
    return count;
}

bool plan_is_tag_change(const PlanChange *change)
{
    return text_starts_with(change->path, TEXT("tags")) || text_starts_with(change->path, TEXT("Tags")) ||
           text_starts_with(change->path, TEXT("TagSpecifications"));
}

bool plan_differs(const PlanItem *item)
{
    for (size_t i = 0; i < item->changes.count; i++)
        if (!plan_is_tag_change(&item->changes.items[i]))
            return true;
    return false;
}

bool plan_is_renewed(const PlanItem *item)
{
    bool is_new_revision = item->kind == RESOURCE_TASK_DEFINITION && item->action == PLAN_CHANGE && plan_differs(item);
    return item->action == PLAN_CREATE || item->action == PLAN_REPLACE || is_new_revision;
}

/* --- whose it is --- */

bool plan_is_foreign(const Plan *plan, const PlanItem *item)
{
    if (!item->resource || !item->recorded || !recorded_has_tags(item->recorded))
        return false;
    return !text_equal(recorded_tag(item->recorded, "svc:project"), plan->model->project) ||
           !text_equal(recorded_tag(item->recorded, "svc:environment"), plan->model->environment.name);
}

/* "the role a, the service b" of all foreign ones that come from one statement. */
static Text list_foreign(const Plan *plan, const PlanItem *first, size_t *count)
{
    Text all = TEXT_NONE;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = plan->items.items[i];
        if (!plan_is_foreign(plan, item) || item->origin.file != first->origin.file || item->origin.start != first->origin.start ||
            !text_equal(recorded_tag(item->recorded, "svc:project"), recorded_tag(first->recorded, "svc:project")))
            continue;
        Text name = item->name.len ? item->name : item->id;
        all = arena_format(plan->arena, "%.*s%sthe %s %.*s", TEXT_ARG(all), all.len ? ", " : "", resource_facts(item->kind)->label, TEXT_ARG(name));
        (*count)++;
    }
    return all;
}

/* A statement may come to several resources: they are told together. */
void plan_report_owner(const Plan *plan, Diagnostics *sink, const PlanItem *item)
{
    size_t count = 0;
    Text names = list_foreign(plan, item, &count);
    Text project = recorded_tag(item->recorded, "svc:project");
    Text environment = recorded_tag(item->recorded, "svc:environment");
    if (project.len) {
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_NOT_OURS, item->origin, "%.*s belong%s to project %.*s%s%.*s", TEXT_ARG(names),
                                                   count == 1 ? "s" : "", TEXT_ARG(project), environment.len ? " in " : "", TEXT_ARG(environment));
        diagnostic_set_advice(sink, diagnostic, "give it another name, or remove it there first");
        return;
    }
    Text option = plan->model->environment.name;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_NOT_OURS, item->origin, "%.*s %s there already, and svc did not make %s", TEXT_ARG(names),
                                               count == 1 ? "is" : "are", count == 1 ? "it" : "them");
    diagnostic_set_label(sink, diagnostic, "this would change what somebody else made");
    diagnostic_set_advice(sink, diagnostic, "take it over: svc adopt %.*s%s%.*s; or give it another name", TEXT_ARG(plan->model->path),
                          option.len ? " --env " : "", TEXT_ARG(option));
}

bool plan_check_owners(const Plan *plan, Diagnostics *sink)
{
    size_t errors = sink->error_count;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan_is_foreign(plan, plan->items.items[i]))
            plan_report_owner(plan, sink, plan->items.items[i]);
    return sink->error_count == errors;
}
