/* The steps, in order: what widens before the service, what narrows or deletes after it (SPEC.md, "Plan"). */
#include "plan/calls.h"

#include "emit/emit.h"

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
} Waits;

typedef struct Ordering {
    Plan *plan;
    Diagnostics *sink;
    ARRAY(Waits *) waits;
    TextArray all_serving;
    bool has_digests;
} Ordering;

static Waits *waits_of(Ordering *o, Text service)
{
    for (size_t i = o->waits.count; i > 0; i--)
        if (text_equal(o->waits.items[i - 1]->service, service))
            return o->waits.items[i - 1];
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

static Json *input_value(Ordering *o, PlanStep *step, const Json *json);

/* A value that an earlier step's answer gives, or that only AWS knows. */
static Json *reference_value(Ordering *o, PlanStep *step, const Json *json, bool is_whole)
{
    Arena *arena = o->plan->arena;
    const PlanItem *item = plan_find_item(o->plan, json->reference.resource);
    Json *copy = ARENA_NEW(arena, Json);
    *copy = *json;
    if (!item)
        return copy;
    bool is_new_revision = item->kind == RESOURCE_TASK_DEFINITION && item->action != PLAN_UNCHANGED;
    bool is_new = item->action == PLAN_CREATE || item->action == PLAN_REPLACE || is_new_revision;
    Text known = is_new || !item->recorded ? TEXT_NONE : recorded_attribute(arena, item->recorded, json->reference.attribute);
    if (is_new)
        add_need(o, step, item->creating_step);
    if (!known.len && item->kind != RESOURCE_TASK_DEFINITION)
        known = json->reference.known;
    if (known.len)
        return json_text(arena, known);
    if (!is_whole) {
        copy->reference.known = TEXT_NONE;
        return copy;
    }
    Json *reference = json_object(arena);
    json_set_c(arena, reference, "svc:ref",
               json_text(arena, arena_format(arena, "%.*s#%.*s", TEXT_ARG(json->reference.resource), TEXT_ARG(json->reference.attribute))));
    return reference;
}

/* Inside of a text a reference stays as svc:unknown:…, which the step that runs replaces. */
static Json *inner_value(Ordering *o, PlanStep *step, const Json *json)
{
    Arena *arena = o->plan->arena;
    Json *copy = ARENA_NEW(arena, Json);
    if (json->kind == JSON_REFERENCE)
        return reference_value(o, step, json, false);
    *copy = *json;
    if (json->kind == JSON_ARRAY || json->kind == JSON_JOINED) {
        copy->items.items = ARENA_NEW_ARRAY(arena, Json *, json->items.count + 1);
        copy->items.capacity = json->items.count + 1;
        for (size_t i = 0; i < json->items.count; i++)
            copy->items.items[i] = inner_value(o, step, json->items.items[i]);
    } else if (json->kind == JSON_OBJECT) {
        copy->members.items = ARENA_NEW_ARRAY(arena, JsonMember, json->members.count + 1);
        copy->members.capacity = json->members.count + 1;
        for (size_t i = 0; i < json->members.count; i++)
            copy->members.items[i] = (JsonMember){json->members.items[i].key, inner_value(o, step, json->members.items[i].value)};
    } else if (json->kind == JSON_EMBEDDED) {
        copy->embedded = inner_value(o, step, json->embedded);
    }
    return copy;
}

static Json *input_value(Ordering *o, PlanStep *step, const Json *json)
{
    Arena *arena = o->plan->arena;
    if (json->kind == JSON_REFERENCE)
        return reference_value(o, step, json, true);
    if (json->kind == JSON_OBJECT) {
        Json *copy = json_object(arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(arena, copy, json->members.items[i].key, input_value(o, step, json->members.items[i].value));
        return copy;
    }
    if (json->kind == JSON_ARRAY) {
        Json *copy = json_array(arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(arena, copy, input_value(o, step, json->items.items[i]));
        return copy;
    }
    return inner_value(o, step, json);
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
    step->input = input_value(o, step, call->input);
    add_need(o, step, item->newest_step);
    item->newest_step = step->id;
    if (!item->creating_step.len)
        item->creating_step = step->id;
    ARRAY_PUSH(arena, &o->plan->steps, step);
    return step;
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
    }
    if (phase == PHASE_BEFORE && item->kind == RESOURCE_CLUSTER)
        ARRAY_PUSH(o->plan->arena, &waits_of(o, TEXT_NONE)->before, step->id);
}

/* What svc owns of it before and after all of its steps. */
static void add_fingerprints(Ordering *o, PlanStep *step, const PlanItem *item)
{
    const Json *after = item->action == PLAN_DELETE ? NULL : item->desired;
    o->has_digests = o->has_digests && plan_fingerprint(o->plan->arena, item->live, &step->expects) &&
                     plan_fingerprint(o->plan->arena, after, &step->results);
}

static void add_calls(Ordering *o, PlanItem *item, const CallArray *calls, Phase phase)
{
    for (size_t i = 0; i < calls->count; i++) {
        PlanStep *step = add_step(o, item, &calls->items[i]);
        add_kind_needs(o, step, item, phase);
        add_fingerprints(o, step, item);
    }
}

/* --- the order --- */

static bool calls_policy(const Plan *plan, const Json *json)
{
    if (json->kind == JSON_REFERENCE) {
        const Resource *resource = resources_find(plan->resources, json->reference.resource);
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

/* The ramp moves traffic to the new revision; the stable service is updated when it is over (promotion). Nothing is to be ramped while there is
   no stable revision. */
static void add_rollout(Ordering *o, PlanItem *service)
{
    for (size_t i = 0; i < o->plan->resources->items.count; i++) {
        const Resource *rollout = o->plan->resources->items.items[i];
        if (rollout->kind != RESOURCE_ROLLOUT || !text_equal(rollout->service, service->service) || service->action != PLAN_CHANGE)
            continue;
        const Json *engine = json_get_c(rollout->input, "engine");
        if (!engine || engine->kind != JSON_TEXT || !text_equal_c(engine->text, "ramp"))
            continue;
        Call call = {"rollout", resource_facts(RESOURCE_ROLLOUT)->service, text_from_c(resource_facts(RESOURCE_ROLLOUT)->operation), rollout->input};
        PlanStep *step = add_step(o, service, &call);
        add_kind_needs(o, step, service, PHASE_SERVICE);
    }
}

typedef struct ItemCalls {
    PlanItem *item;
    unsigned rank;
    CallArray before;
    CallArray after;
} ItemCalls;

bool plan_order(Plan *plan, Diagnostics *sink)
{
    Ordering o = {.plan = plan, .sink = sink, .has_digests = true};
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
    for (unsigned rank = RANK_COUNT; rank > 0; rank--)
        for (size_t i = 0; i < count; i++)
            if (all[i].rank == rank - 1)
                add_calls(&o, all[i].item, &all[i].after, PHASE_LAST);
    if (o.has_digests)
        return true;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_NO_SHA256, SPAN_NONE, "cannot compute SHA-256 for the plan's fingerprints");
    diagnostic_set_advice(sink, diagnostic, "install OpenSSL's libcrypto: apt-get install libssl3");
    return false;
}
