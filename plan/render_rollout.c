/* How traffic moves to the new revision: the timetable of each rollout. */
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
    if (rest)
        return seconds < 120 ? arena_format(arena, "%llds", (long long)seconds) : arena_format(arena, "%lldm%llds", (long long)(seconds / 60), rest);
    if (hours && minutes)
        return arena_format(arena, "%lldh%lldm", hours, minutes);
    return hours ? arena_format(arena, "%lldh", hours) : arena_format(arena, "%lldm", minutes);
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
        buffer_add_byte(out, '\n');
        at += hold;
    }
    int64_t bake = integer_of(rollout, "bake_seconds");
    if (bake)
        buffer_add_format(out, "      then watched for %.*s, the old revision still standing\n", TEXT_ARG(duration_text(plan->arena, bake)));
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
    bool moves_traffic = steps && steps->kind == JSON_ARRAY && steps->items.count > 0;
    if (moves_traffic && (service->action == PLAN_CREATE || service->action == PLAN_REPLACE))
        buffer_add_format(out, "      the first deployment %s: there is no revision yet to move traffic from\n      later ones:\n", is_native ? "moves nothing" : "is rolling");
    add_steps(out, plan, rollout->input);
    add_conditions(out, plan, rollout->input);
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
        if (!service || service->action == PLAN_UNCHANGED)
            continue;
        if (!has_heading)
            buffer_add_c(out, "\nRollout\n");
        has_heading = true;
        add_rollout(out, plan, rollout, service);
    }
}
