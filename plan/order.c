/* The steps, in order: what widens before the service, what narrows or deletes after it (SPEC.md, "Plan"). */
#include "plan/calls.h"

#include "emit/emit.h"
#include "plan/handover.h"

/* When the steps of a kind come. */
typedef enum Phase { PHASE_BEFORE, PHASE_SERVICE, PHASE_BEHIND, PHASE_LAST } Phase;

/* Steps of lower rank come first; what is narrowed or deleted comes last, in reverse. */
enum { RANK_SERVICE = 20, RANK_BEHIND = 30, RANK_ALARM_BEHIND = 34, RANK_COUNT = 40 };

static unsigned kind_rank(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_CLUSTER: return 0;
    case RESOURCE_LOG_GROUP: return 1;
    case RESOURCE_METRIC_FILTER: return 2;
    case RESOURCE_ROLE: return 3;
    case RESOURCE_SECURITY_GROUP: return 4;
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS: return 5;
    case RESOURCE_LOAD_BALANCER: return 6;
    case RESOURCE_TARGET_GROUP: return 7;
    case RESOURCE_LISTENER: return 8;
    case RESOURCE_LISTENER_RULE: return 9;
    case RESOURCE_TASK_DEFINITION: return 10;
    case RESOURCE_ALARM: return 11; /* a deployment may watch it; behind, when it calls a scaling policy */
    case RESOURCE_SERVICE: return RANK_SERVICE;
    case RESOURCE_SCALABLE_TARGET: return RANK_BEHIND;
    case RESOURCE_SCALING_POLICY: return RANK_BEHIND + 1;
    case RESOURCE_SCHEDULED_ACTION: return RANK_BEHIND + 2;
    case RESOURCE_SCHEDULE: return RANK_BEHIND + 3;
    case RESOURCE_DASHBOARD: return RANK_BEHIND + 5;
    case RESOURCE_PARAMETER: return RANK_BEHIND + 6;
    case RESOURCE_TASK_RUN:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return RANK_COUNT;
}

/* What other steps of a service wait for. */
typedef struct Waits {
    Text service;
    TextArray before;  /* steps that come before the service */
    TextArray serving; /* the service's own, and its rollout's */
    Text target;       /* the scalable target's */
    TextArray last;    /* steps at the end, of one rank: what is deleted or narrowed after them refers to nothing of theirs any more */
    TextArray latest;  /* those of the rank that is being made */
    unsigned rank;     /* whose the latest are */
} Waits;

typedef struct Ordering {
    Plan *plan;
    ARRAY(Waits *) waits;
    size_t latest; /* the index of the one that was asked for last */
    TextArray all_serving;
    unsigned rank; /* that is being made, at the end */
} Ordering;

static Waits *waits_of(Ordering *o, Text service)
{
    /* Steps come by service, and for each rank in the same order: the one asked for is most often the latest or the next. */
    for (size_t i = 0; i < o->waits.count; i++) {
        size_t place = (o->latest + i) % o->waits.count;
        if (text_equal(o->waits.items[place]->service, service)) {
            o->latest = place;
            return o->waits.items[place];
        }
    }
    o->latest = o->waits.count;
    Waits *waits = ARENA_NEW(o->plan->arena, Waits);
    waits->service = service;
    ARRAY_PUSH(o->plan->arena, &o->waits, waits);
    return waits;
}

static void add_need(Ordering *o, PlanStep *step, Text id)
{
    if (!id.len || text_equal(id, step->id))
        return;
    for (size_t i = 0; i < step->needs.count; i++)
        if (text_equal(step->needs.items[i], id))
            return;
    ARRAY_PUSH(o->plan->arena, &step->needs, id);
}

static void add_needs(Ordering *o, PlanStep *step, const TextArray *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        add_need(o, step, ids->items[i]);
}

/* --- inputs --- */

/* A value that an earlier step's answer gives, or that only AWS knows. */
static Json *reference_value(Ordering *o, PlanStep *step, const Json *json, bool is_whole)
{
    Arena *arena = o->plan->arena;
    const PlanItem *item = plan_find_item(o->plan, json->reference->resource);
    if (!item)
        return json_copy_node(arena, json);
    bool is_new = plan_is_renewed(item);
    Text known = is_new || !item->recorded ? TEXT_NONE : recorded_attribute(arena, item->recorded, json->reference->attribute);
    if (is_new)
        add_need(o, step, item->creating_step);
    if (!known.len && item->kind != RESOURCE_TASK_DEFINITION)
        known = json->reference->known;
    if (known.len)
        return json_text(arena, known);
    if (!is_whole)
        return json_reference(arena, json->reference->resource, json->reference->attribute, TEXT_NONE);
    Json *reference = json_object(arena);
    json_set_c(arena, reference, "svc:ref",
               json_text(arena, arena_format(arena, "%.*s#%.*s", TEXT_ARG(json->reference->resource), TEXT_ARG(json->reference->attribute))));
    return reference;
}

static Json *input_value(Ordering *o, PlanStep *step, Json *json, bool is_whole);

static Json *input_items(Ordering *o, PlanStep *step, Json *json, bool is_whole)
{
    Json *result = json;
    for (size_t i = 0; i < json->items.count; i++) {
        Json *item = input_value(o, step, json->items.items[i], is_whole);
        if (item != json->items.items[i] && result == json)
            result = json_copy_node(o->plan->arena, json);
        result->items.items[i] = item;
    }
    return result;
}

static Json *input_members(Ordering *o, PlanStep *step, Json *json, bool is_whole)
{
    Json *result = json;
    for (size_t i = 0; i < json->members.count; i++) {
        Json *value = input_value(o, step, json->members.items[i].value, is_whole);
        if (value != json->members.items[i].value && result == json)
            result = json_copy_node(o->plan->arena, json);
        result->members.items[i].value = value;
    }
    return result;
}

/* What a step sends. Inside of a text a reference is not whole: it stays as svc:unknown:…, which the step that runs replaces. Where nothing
   refers to anything, which is most of a document, the value is the resource's own. */
static Json *input_value(Ordering *o, PlanStep *step, Json *json, bool is_whole)
{
    switch (json->kind) {
    case JSON_REFERENCE: return reference_value(o, step, json, is_whole);
    case JSON_ARRAY: return input_items(o, step, json, is_whole);
    case JSON_JOINED: return input_items(o, step, json, false);
    case JSON_OBJECT: return input_members(o, step, json, is_whole);
    case JSON_EMBEDDED: {
        Json *embedded = input_value(o, step, json->embedded, false);
        return embedded == json->embedded ? json : json_embedded(o->plan->arena, embedded);
    }
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_TEXT:
    case JSON_UNKNOWN: break;
    }
    return json;
}

/* --- steps --- */

static PlanStep *add_step(Ordering *o, PlanItem *item, const Call *call)
{
    Arena *arena = o->plan->arena;
    PlanStep *step = ARENA_NEW(arena, PlanStep);
    *step = (PlanStep){.id = arena_format(arena, "s%zu", o->plan->steps.count + 1),
                       .item = item,
                       .action = call->action,
                       .service = call->service,
                       .operation = call->operation};
    step->input = input_value(o, step, call->input, true);
    step->undo_operation = call->undo_operation;
    step->undo_input = call->undo_input ? input_value(o, &(PlanStep){.id = step->id}, call->undo_input, true) : NULL;
    add_need(o, step, item->newest_step);
    item->newest_step = step->id;
    if (!item->creating_step.len)
        item->creating_step = step->id;
    ARRAY_PUSH(arena, &o->plan->steps, step);
    return step;
}

/* Steps of lower ranks wait for those of higher ones: of the same service and of what is shared; what is shared for those of all services. */
static void add_last(Ordering *o, PlanStep *step, const PlanItem *item, Waits *waits)
{
    for (size_t i = 0; i < o->waits.count; i++) {
        Waits *other = o->waits.items[i];
        if (other->rank != o->rank && other->latest.count) {
            other->last = other->latest;
            other->latest = (TextArray){0};
        }
        if (other == waits || !other->service.len || !item->service.len)
            add_needs(o, step, &other->last);
    }
    const PlanItem *successor = item->action == PLAN_DELETE ? handover_find_new(o->plan, item) : NULL;
    if (successor)
        add_need(o, step, successor->newest_step);
    waits->rank = o->rank;
    ARRAY_PUSH(o->plan->arena, &waits->latest, step->id);
}

static void add_kind_needs(Ordering *o, PlanStep *step, const PlanItem *item, Phase phase)
{
    Waits *waits = waits_of(o, item->service);
    if (phase == PHASE_BEFORE && item->service.len) {
        ARRAY_PUSH(o->plan->arena, &waits->before, step->id);
    } else if (phase == PHASE_SERVICE) {
        add_needs(o, step, &waits->before);
        /* Of what services share, the cluster is known by its name. */
        add_needs(o, step, &waits_of(o, TEXT_NONE)->before);
        ARRAY_PUSH(o->plan->arena, &waits->serving, step->id);
        ARRAY_PUSH(o->plan->arena, &o->all_serving, step->id);
    } else if (phase == PHASE_BEHIND) {
        bool scales = item->kind == RESOURCE_SCALING_POLICY || item->kind == RESOURCE_SCHEDULED_ACTION;
        if (item->kind == RESOURCE_SCALABLE_TARGET)
            add_needs(o, step, &waits->serving);
        if (scales)
            add_need(o, step, waits->target);
        if (item->kind == RESOURCE_SCALABLE_TARGET)
            waits->target = step->id;
    } else if (phase == PHASE_LAST) {
        add_needs(o, step, item->service.len ? &waits->serving : &o->all_serving);
        add_last(o, step, item, waits);
    }
    if (phase == PHASE_BEFORE && item->kind == RESOURCE_CLUSTER)
        ARRAY_PUSH(o->plan->arena, &waits_of(o, TEXT_NONE)->before, step->id);
}

static void add_calls(Ordering *o, PlanItem *item, const CallArray *calls, Phase phase)
{
    for (size_t i = 0; i < calls->count; i++) {
        PlanStep *step = add_step(o, item, &calls->items[i]);
        add_kind_needs(o, step, item, phase);
    }
}

/* --- the order --- */

static bool calls_policy(const Plan *plan, const Json *json)
{
    if (json->kind == JSON_REFERENCE) {
        const Resource *resource = resources_find(plan->resources, json->reference->resource);
        return resource && resource->kind == RESOURCE_SCALING_POLICY;
    }
    bool found = false;
    if (json->kind == JSON_ARRAY)
        for (size_t i = 0; i < json->items.count && !found; i++)
            found = calls_policy(plan, json->items.items[i]);
    return found;
}

static unsigned rank_of(const Plan *plan, const PlanItem *item)
{
    const Json *actions = item->kind == RESOURCE_ALARM && item->resource ? json_get_c(item->resource->input, "AlarmActions") : NULL;
    return actions && calls_policy(plan, actions) ? RANK_ALARM_BEHIND : kind_rank(item->kind);
}

static Phase phase_of_rank(unsigned rank)
{
    return rank < RANK_SERVICE ? PHASE_BEFORE : rank < RANK_BEHIND ? PHASE_SERVICE : PHASE_BEHIND;
}

/* Whether something is asked before anything moves, which every engine and the first deployment wait for. */
static bool asks_first(const Resource *rollout)
{
    const Json *gates = json_get_c(rollout->input, "gates");
    for (size_t i = 0; i < json_item_count(gates); i++)
        if (json_get_c(gates->items.items[i], "step")->kind == JSON_NULL)
            return true;
    return false;
}

/* The ramp moves traffic to the new revision; the stable service is updated when it is over (promotion). Nothing is to be ramped while there is
   no stable revision. */
static bool needs_rollout(const Plan *plan, const Resource *rollout, PlanAction action)
{
    const Json *engine = json_get_c(rollout->input, "engine");
    bool is_ramp = engine && engine->kind == JSON_TEXT && text_equal_c(engine->text, "ramp");
    bool is_new = action == PLAN_CREATE || action == PLAN_REPLACE;
    bool is_under_way = is_ramp && action != PLAN_DELETE && plan_rollout_state(plan, rollout->service).len;
    return is_under_way || (is_ramp && action == PLAN_CHANGE) || (asks_first(rollout) && (is_new || action == PLAN_CHANGE));
}

static void add_rollout(Ordering *o, PlanItem *service)
{
    for (size_t i = 0; i < o->plan->resources->items.count; i++) {
        const Resource *rollout = o->plan->resources->items.items[i];
        if (rollout->kind != RESOURCE_ROLLOUT || !text_equal(rollout->service, service->service) || !needs_rollout(o->plan, rollout, service->action))
            continue;
        Call call = {"rollout", resource_facts(RESOURCE_ROLLOUT)->service, text_from_c(resource_facts(RESOURCE_ROLLOUT)->operation), rollout->input, TEXT_NONE, NULL};
        PlanStep *step = add_step(o, service, &call);
        step->is_rollout = true;
        add_kind_needs(o, step, service, PHASE_SERVICE);
    }
}

typedef struct ItemCalls {
    PlanItem *item;
    unsigned rank;
    CallArray before;
    CallArray after;
} ItemCalls;

void plan_order(Plan *plan)
{
    Ordering o = {.plan = plan};
    size_t count = plan->items.count;
    ItemCalls *all = ARENA_NEW_ARRAY(plan->arena, ItemCalls, count + 1);
    for (size_t i = 0; i < count; i++) {
        all[i].item = plan->items.items[i];
        all[i].rank = rank_of(plan, all[i].item);
        calls_list(plan, all[i].item, &all[i].before, &all[i].after);
    }
    for (unsigned rank = 0; rank < RANK_COUNT; rank++)
        for (size_t i = 0; i < count; i++) {
            if (all[i].rank != rank)
                continue;
            if (all[i].item->kind == RESOURCE_SERVICE)
                add_rollout(&o, all[i].item);
            add_calls(&o, all[i].item, &all[i].before, phase_of_rank(rank));
        }
    /* What goes away goes in reverse: first what refers, then what is referred to. */
    for (o.rank = RANK_COUNT; o.rank > 0; o.rank--)
        for (size_t i = 0; i < count; i++)
            if (all[i].rank == o.rank - 1)
                add_calls(&o, all[i].item, &all[i].after, PHASE_LAST);
}
