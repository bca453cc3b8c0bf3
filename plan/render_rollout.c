/* How traffic moves to the new revision: the timetable of each rollout, what is asked on the way and what is watched. */
#include "plan/plan.h"

static int64_t integer_of(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_NUMBER ? value->number.num / value->number.den : 0;
}

static Text text_of(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

/* 5m, 1h30m, 90s */
static Text duration_text(Arena *arena, int64_t seconds)
{
    long long hours = (long long)(seconds / 3600);
    long long minutes = (long long)(seconds % 3600 / 60);
    long long rest = (long long)(seconds % 60);
    if (rest && hours)
        return arena_format(arena, "%lldh%lldm%llds", hours, minutes, rest);
    if (rest)
        return seconds < 120 ? arena_format(arena, "%llds", (long long)seconds) : arena_format(arena, "%lldm%llds", minutes, rest);
    if (hours && minutes)
        return arena_format(arena, "%lldh%lldm", hours, minutes);
    return hours ? arena_format(arena, "%lldh", hours) : arena_format(arena, "%lldm", minutes);
}

/* --- gates --- */

static void add_words(Buffer *out, const Json *words)
{
    for (size_t i = 0; i < json_item_count(words); i++)
        buffer_add_format(out, "%s%.*s", i ? " " : "", TEXT_ARG(words->items.items[i]->text));
}

static void add_smoke(Buffer *out, const Json *gate)
{
    long long low = (long long)integer_of(gate, "status_low");
    long long high = (long long)integer_of(gate, "status_high");
    buffer_add_format(out, "%.*s answers %lld", TEXT_ARG(text_of(gate, "url")), low);
    if (high != low)
        buffer_add_format(out, "..%lld", high);
    long long within = (long long)integer_of(gate, "within_milliseconds");
    if (within % 1000)
        buffer_add_format(out, " within %lldms", within);
    else
        buffer_add_format(out, " within %llds", within / 1000);
}

/* What is asked, told from the kinds by what each alone says. */
static void add_gate(Buffer *out, const Plan *plan, const Json *gate)
{
    if (json_get_c(gate, "url")) {
        add_smoke(out, gate);
    } else if (json_get_c(gate, "words")) {
        buffer_add_c(out, "`");
        add_words(out, json_get_c(gate, "words"));
        buffer_add_c(out, "` exits 0");
    } else if (json_get_c(gate, "within_seconds")) {
        buffer_add_format(out, "%.*s has passed within %.*s", TEXT_ARG(text_of(gate, "environment")), TEXT_ARG(duration_text(plan->arena, integer_of(gate, "within_seconds"))));
    } else if (json_get_c(gate, "container")) {
        buffer_add_format(out, "task %.*s exits 0", TEXT_ARG(text_of(gate, "name")));
    } else {
        Text who = text_of(gate, "who");
        buffer_add_format(out, "%.*s approves", TEXT_ARG(who.len ? who : TEXT("somebody")));
    }
}

/* Those of one step, or with -1 those before the first; nothing where there are none. */
static void add_gates(Buffer *out, const Plan *plan, const Json *rollout, int64_t step, const char *lead)
{
    const Json *gates = json_get_c(rollout, "gates");
    const char *separator = lead;
    for (size_t i = 0; i < json_item_count(gates); i++) {
        const Json *gate = gates->items.items[i];
        const Json *place = json_get_c(gate, "step");
        bool is_here = place && place->kind == JSON_NUMBER ? place->number.num == step : step < 0;
        if (!is_here)
            continue;
        buffer_add_c(out, separator);
        add_gate(out, plan, gate);
        separator = ", ";
    }
    if (step < 0 && separator != lead)
        buffer_add_byte(out, '\n');
}

/* --- the timetable --- */

static void add_whole(Buffer *out, const Plan *plan, const Json *rollout)
{
    Text whole = duration_text(plan->arena, integer_of(rollout, "timetable_seconds"));
    bool has_gates = json_item_count(json_get_c(rollout, "gates")) > 0;
    buffer_add_format(out, "      in all %.*s%s", TEXT_ARG(whole), has_gates ? " and what the gates take" : "");
    if (text_equal_c(text_of(rollout, "engine"), "ramp"))
        buffer_add_format(out, ", at most %.*s: then it goes back", TEXT_ARG(duration_text(plan->arena, integer_of(rollout, "deadline_seconds"))));
    buffer_add_byte(out, '\n');
}

static void add_steps(Buffer *out, const Plan *plan, const Json *rollout)
{
    const Json *steps = json_get_c(rollout, "steps");
    int64_t at = 0;
    for (size_t i = 0; steps && steps->kind == JSON_ARRAY && i < steps->items.count; i++) {
        const Json *step = steps->items.items[i];
        const Json *weight = json_get_c(step, "weight");
        int64_t hold = integer_of(step, "hold_seconds");
        Text percent = weight && weight->kind == JSON_NUMBER ? rational_to_text(plan->arena, weight->number) : TEXT("?");
        buffer_add_format(out, "      at %-6s %3.*s%%", duration_text(plan->arena, at).ptr, TEXT_ARG(percent));
        if (hold)
            buffer_add_format(out, " for %.*s", TEXT_ARG(duration_text(plan->arena, hold)));
        add_gates(out, plan, rollout, (int64_t)i, ", then ");
        buffer_add_byte(out, '\n');
        at += hold;
    }
    int64_t bake = integer_of(rollout, "bake_seconds");
    if (bake)
        buffer_add_format(out, "      then watched for %.*s, the old revision still standing\n", TEXT_ARG(duration_text(plan->arena, bake)));
    if (json_item_count(steps))
        add_whole(out, plan, rollout);
}

static void add_verifications(Buffer *out, const Plan *plan, const Json *rollout)
{
    const Json *list = json_get_c(rollout, "verify");
    for (size_t i = 0; i < json_item_count(list); i++) {
        const Json *condition = list->items.items[i];
        buffer_add_format(out, "      afterwards %.*s for %.*s\n", TEXT_ARG(text_of(condition, "expression")), TEXT_ARG(duration_text(plan->arena, integer_of(condition, "watch_seconds"))));
    }
}

static void add_conditions(Buffer *out, const Plan *plan, const Json *rollout)
{
    const Json *conditions = json_get_c(rollout, "conditions");
    for (size_t i = 0; conditions && conditions->kind == JSON_ARRAY && i < conditions->items.count; i++) {
        const Json *condition = conditions->items.items[i];
        Text scope = text_of(condition, "scope");
        int64_t window = integer_of(condition, "for_seconds");
        buffer_add_format(out, "      %.*s when %.*s", TEXT_ARG(text_of(condition, "action")), TEXT_ARG(text_of(condition, "expression")));
        if (window)
            buffer_add_format(out, " for %.*s", TEXT_ARG(duration_text(plan->arena, window)));
        if (scope.len)
            buffer_add_format(out, " (%.*s)", TEXT_ARG(scope));
        buffer_add_byte(out, '\n');
    }
}

static void add_rollout(Buffer *out, const Plan *plan, const Resource *rollout, const PlanItem *service)
{
    Text reason = text_of(rollout->input, "reason");
    buffer_add_format(out, "  %.*s: %.*s", TEXT_ARG(service->name), TEXT_ARG(text_of(rollout->input, "engine")));
    if (reason.len)
        buffer_add_format(out, " (%.*s)", TEXT_ARG(reason));
    buffer_add_byte(out, '\n');
    bool is_native = text_equal_c(text_of(rollout->input, "engine"), "native");
    const Json *steps = json_get_c(rollout->input, "steps");
    add_gates(out, plan, rollout->input, -1, "      before it: ");
    bool moves_traffic = steps && steps->kind == JSON_ARRAY && steps->items.count > 0;
    if (moves_traffic && (service->action == PLAN_CREATE || service->action == PLAN_REPLACE))
        buffer_add_format(out, "      the first deployment %s: there is no revision yet to move traffic from\n      later ones:\n", is_native ? "moves nothing" : "is rolling");
    add_steps(out, plan, rollout->input);
    add_conditions(out, plan, rollout->input);
    add_verifications(out, plan, rollout->input);
}

void plan_render_rollouts(Buffer *out, const Plan *plan)
{
    bool has_heading = false;
    for (size_t i = 0; i < plan->resources->items.count; i++) {
        const Resource *rollout = plan->resources->items.items[i];
        if (rollout->kind != RESOURCE_ROLLOUT)
            continue;
        const PlanItem *service = NULL;
        for (size_t j = 0; j < plan->items.count && !service; j++)
            if (plan->items.items[j]->kind == RESOURCE_SERVICE && text_equal(plan->items.items[j]->service, rollout->service))
                service = plan->items.items[j];
        Text state = service ? plan_rollout_state(plan, service->service) : TEXT_NONE;
        if (!service || (service->action == PLAN_UNCHANGED && !state.len))
            continue;
        if (!has_heading)
            buffer_add_c(out, "\nRollout\n");
        has_heading = true;
        if (state.len)
            buffer_add_format(out, "  %.*s: one is under way (%.*s), which svc apply goes on with\n", TEXT_ARG(service->name), TEXT_ARG(state));
        if (service->action == PLAN_UNCHANGED)
            continue;
        add_rollout(out, plan, rollout, service);
    }
}
