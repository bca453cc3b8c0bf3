#include "plan/handover.h"

enum { LAST_PRIORITY = 50000 };

/* The listener by its ARN: of a rule that is live, by the rule's. Empty while nobody knows it. */
static Text listener_of(const Plan *plan, const PlanItem *item)
{
    static const Text kind = {":listener-rule/", sizeof ":listener-rule/" - 1};
    const Json *arn = item->resource ? json_get_c(item->resource->input, "ListenerArn") : NULL;
    Text rule = item->recorded ? recorded_attribute(plan->arena, item->recorded, TEXT(ATTRIBUTE_ARN)) : TEXT_NONE;
    size_t at = text_find(rule, kind);
    if (at < rule.len) {
        size_t end = rule.len;
        while (end > at && rule.ptr[end - 1] != '/')
            end--;
        return arena_format(plan->arena, "%.*s:listener/%.*s", TEXT_ARG(text_slice(rule, 0, at)), TEXT_ARG(text_slice(rule, at + kind.len, end - 1)));
    }
    if (!arn || arn->kind == JSON_TEXT)
        return arn ? arn->text : TEXT_NONE;
    const PlanItem *listener = arn->kind == JSON_REFERENCE ? plan_find_item(plan, arn->reference->resource) : NULL;
    if (listener && listener->recorded)
        return recorded_attribute(plan->arena, listener->recorded, TEXT(ATTRIBUTE_ARN));
    return arn->kind == JSON_REFERENCE ? arn->reference->known : TEXT_NONE;
}

/* 0: it is none. AWS answers a priority as a text. */
static int64_t number_of(const Json *priority)
{
    int64_t number = 0;
    if (priority && priority->kind == JSON_NUMBER)
        return priority->number.num;
    for (size_t i = 0; priority && priority->kind == JSON_TEXT && i < priority->text.len; i++) {
        if (!byte_is_digit(priority->text.ptr[i]) || number > LAST_PRIORITY)
            return 0;
        number = number * 10 + (priority->text.ptr[i] - '0');
    }
    return number;
}

static int64_t live_priority(const PlanItem *item)
{
    return number_of(json_get_c(json_get_c(item->live, resource_facts(item->kind)->operation), "Priority"));
}

/* The priority that it is to have. */
static int64_t wanted_priority(const PlanItem *item)
{
    bool is_placed = item->kind == RESOURCE_LISTENER_RULE && item->resource && (item->action == PLAN_CREATE || item->action == PLAN_CHANGE);
    return is_placed ? number_of(json_get_c(item->resource->input, "Priority")) : 0;
}

static bool takes_place(const Plan *plan, const PlanItem *item, const PlanItem *old)
{
    if (old->kind != RESOURCE_LISTENER_RULE || old->action != PLAN_DELETE)
        return false;
    int64_t priority = wanted_priority(item);
    return priority && priority == live_priority(old) && text_equal(listener_of(plan, item), listener_of(plan, old));
}

const PlanItem *handover_find_old(const Plan *plan, const PlanItem *item)
{
    for (size_t i = 0; wanted_priority(item) && i < plan->items.count; i++)
        if (takes_place(plan, item, plan->items.items[i]))
            return plan->items.items[i];
    return NULL;
}

const PlanItem *handover_find_new(const Plan *plan, const PlanItem *old)
{
    for (size_t i = 0; old->kind == RESOURCE_LISTENER_RULE && i < plan->items.count; i++)
        if (takes_place(plan, plan->items.items[i], old))
            return plan->items.items[i];
    return NULL;
}

/* The last that none of the plan's rules has. */
static int64_t free_priority(const Plan *plan)
{
    int64_t priority = LAST_PRIORITY;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = plan->items.items[i];
        if (item->kind != RESOURCE_LISTENER_RULE || (live_priority(item) != priority && wanted_priority(item) != priority))
            continue;
        priority--;
        i = SIZE_MAX; /* from the first again */
    }
    return priority;
}

static void add_place(const Plan *plan, Json *list, const PlanItem *item, int64_t priority)
{
    Json *entry = json_object(plan->arena);
    Text arn = item->recorded ? recorded_attribute(plan->arena, item->recorded, TEXT(ATTRIBUTE_ARN)) : TEXT_NONE;
    json_set_c(plan->arena, entry, "RuleArn", arn.len ? json_text(plan->arena, arn) : json_reference(plan->arena, item->id, TEXT(ATTRIBUTE_ARN), TEXT_NONE));
    json_set_c(plan->arena, entry, "Priority", json_integer(plan->arena, priority));
    json_add(plan->arena, list, entry);
}

static Json *places(const Plan *plan, const PlanItem *item, int64_t priority, const PlanItem *old, int64_t other)
{
    Json *list = json_array(plan->arena);
    Json *input = json_object(plan->arena);
    add_place(plan, list, item, priority);
    add_place(plan, list, old, other);
    json_set_c(plan->arena, input, "RulePriorities", list);
    return input;
}

static size_t find_call(const CallArray *calls, const char *operation)
{
    size_t place = 0;
    while (place < calls->count && !text_equal_c(calls->items[place].operation, operation))
        place++;
    return place;
}

static void remove_call(CallArray *calls, size_t place)
{
    for (size_t i = place; i + 1 < calls->count; i++)
        calls->items[i] = calls->items[i + 1];
    calls->count--;
}

void handover_arrange(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    static const char moving[] = "SetRulePriorities";
    const PlanItem *old = handover_find_old(plan, item);
    if (!old)
        return;
    bool is_new = item->action == PLAN_CREATE;
    size_t place = find_call(before, is_new ? resource_facts(item->kind)->operation : moving);
    if (place == before->count)
        return;
    int64_t wanted = wanted_priority(item);
    int64_t meanwhile = is_new ? free_priority(plan) : live_priority(item);
    Call swap = {"change", before->items[place].service, text_from_c(moving), places(plan, item, wanted, old, meanwhile), text_from_c(moving),
                 places(plan, item, meanwhile, old, wanted)};
    ARRAY_PUSH(plan->arena, after, swap);
    if (!is_new) {
        remove_call(before, place);
        return;
    }
    Json *input = json_copy_node(plan->arena, before->items[place].input);
    json_set_c(plan->arena, input, "Priority", json_integer(plan->arena, meanwhile));
    before->items[place].input = input;
}
