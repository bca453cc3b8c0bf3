#include "emit/deployment.h"

#include "emit/alarm.h"
#include "emit/rollout_policy.h"

enum { PERCENT_WHOLE = 100, PERCENT_DOUBLE = 200, MINUTE_SECONDS = 60 };

/* --- what ECS watches --- */

/* The alarms that a deployment watches: those that `rollback` conditions come to, in their order. NULL when there are none. */
static Json *rollback_alarms(Emission *emission, const ServiceFacts *facts)
{
    Json *names = json_array(emission->arena);
    int64_t number = 0;
    NODE_EACH(condition, node_child(facts->node, W_ROLLOUT), W_ROLLBACK)
    {
        Text key = arena_format(emission->arena, "rollback-%lld", (long long)++number);
        json_add(emission->arena, names, json_at(json_text(emission->arena, alarm_default_name(emission, facts, key)), condition->span));
    }
    if (!number)
        return NULL;
    Json *alarms = json_object(emission->arena);
    json_set_c(emission->arena, alarms, "alarmNames", names);
    json_set_c(emission->arena, alarms, "enable", json_bool(emission->arena, true));
    json_set_c(emission->arena, alarms, "rollback", json_bool(emission->arena, true));
    return alarms;
}

static Json *circuit_breaker(Emission *emission, const Node *said)
{
    bool is_enabled = !said || !text_equal_c(node_aws(said, 0), "disabled");
    bool goes_back = is_enabled && (!said || !text_equal_c(node_aws(said, 0), "enabled"));
    Span origin = said ? said->span : SPAN_NONE;
    Json *breaker = json_at(json_object(emission->arena), origin);
    json_set_c(emission->arena, breaker, "enable", json_at(json_bool(emission->arena, is_enabled), origin));
    json_set_c(emission->arena, breaker, "rollback", json_at(json_bool(emission->arena, goes_back), origin));
    return breaker;
}

/* --- ECS's own strategies --- */

static Json *minutes(Emission *emission, int64_t seconds, const Node *said)
{
    return json_at(json_integer(emission->arena, seconds / MINUTE_SECONDS), said ? said->span : SPAN_NONE);
}

/* A share as ECS takes it: percent points. */
static Json *points(Emission *emission, Rational share, const Node *said)
{
    Rational percent = {0, 1};
    bool fits = rational_multiply(&percent, share, rational_from_integer(PERCENT_WHOLE));
    return fits ? json_at(json_number(emission->arena, percent), said ? said->span : SPAN_NONE) : NULL;
}

static void set_steps(Emission *emission, const RolloutPolicy *policy, Json *configuration)
{
    Arena *arena = emission->arena;
    const Node *from = node_child(policy->ramp, W_RAMP_FROM);
    const Node *by = node_child(policy->ramp, W_RAMP_BY);
    Json *held = minutes(emission, policy->every, node_child(policy->ramp, W_RAMP_EVERY));
    Json *steps = json_object(arena);
    if (policy->strategy == STRATEGY_CANARY) {
        json_set_c(arena, steps, "canaryPercent", points(emission, policy->from, from));
        json_set_c(arena, steps, "canaryBakeTimeInMinutes", held);
        json_set_c(arena, configuration, "canaryConfiguration", steps);
    } else if (policy->strategy == STRATEGY_LINEAR) {
        json_set_c(arena, steps, "stepPercent", points(emission, policy->by, by ? by : from));
        json_set_c(arena, steps, "stepBakeTimeInMinutes", held);
        json_set_c(arena, configuration, "linearConfiguration", steps);
    }
}

static const char *native_strategy(Strategy strategy)
{
    switch (strategy) {
    case STRATEGY_CANARY: return "CANARY";
    case STRATEGY_LINEAR: return "LINEAR";
    case STRATEGY_BLUE_GREEN: return "BLUE_GREEN";
    case STRATEGY_ROLLING:
    case STRATEGY_UNKNOWN: break;
    }
    return "ROLLING";
}

/* --- the members --- */

/* What svc's own ramp moves is still a rolling service: it is updated when the ramp is over (SPEC.md, "Rollouts"). */
Json *deployment_configuration(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    const Node *rollout = node_child(facts->node, W_ROLLOUT);
    const Node *breaker = node_child(rollout, W_BREAKER);
    bool is_single = node_flag(node_child(facts->node, W_SINGLETON), false);
    bool is_native = facts->engine == ENGINE_NATIVE;
    Json *strategy = json_text_c(arena, is_native ? native_strategy(facts->rollout->strategy) : "ROLLING");
    Json *configuration = json_object(arena);
    json_set_c(arena, configuration, "strategy", is_native ? json_at(strategy, rollout->span) : strategy);
    json_set_c(arena, configuration, "minimumHealthyPercent", json_integer(arena, is_single ? 0 : PERCENT_WHOLE));
    json_set_c(arena, configuration, "maximumPercent", json_integer(arena, is_single ? PERCENT_WHOLE : PERCENT_DOUBLE));
    if (is_native) {
        json_set_c(arena, configuration, "bakeTimeInMinutes", minutes(emission, facts->rollout->bake, node_child(rollout, W_BAKE)));
        set_steps(emission, facts->rollout, configuration);
    }
    /* AWS's pages differ on whether a breaker works beside these strategies: only who says one gets it. */
    if (!is_native || breaker)
        json_set_c(arena, configuration, "deploymentCircuitBreaker", circuit_breaker(emission, breaker));
    if (facts->engine == ENGINE_ROLLING || is_native)
        json_set_c(arena, configuration, "alarms", rollback_alarms(emission, facts));
    return configuration;
}

static Json *advanced_configuration(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    Arena *arena = emission->arena;
    const Node *header = node_child(route->node, W_ROUTE_TEST_HEADER);
    Span origin = facts->rollout->node->span;
    Json *advanced = json_at(json_object(arena), origin);
    json_set_c(arena, advanced, "alternateTargetGroupArn", json_at(emit_reference(emission, route->canary_target_group_id, ATTRIBUTE_ARN, TEXT_NONE), origin));
    json_set_c(arena, advanced, "productionListenerRule", json_at(emit_reference(emission, route->rule_id, ATTRIBUTE_ARN, TEXT_NONE), origin));
    if (header)
        json_set_c(arena, advanced, "testListenerRule", json_at(emit_reference(emission, route->test_rule_id, ATTRIBUTE_ARN, TEXT_NONE), header->span));
    json_set_c(arena, advanced, "roleArn",
               json_at(emit_reference(emission, facts->infrastructure_role_id, ATTRIBUTE_ARN, emit_role_arn(emission, facts->infrastructure_role_name)), origin));
    return advanced;
}

Json *deployment_load_balancers(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    Json *list = json_array(arena);
    for (size_t i = 0; i < facts->route_count; i++) {
        const RouteFacts *route = &facts->routes[i];
        const Node *to = node_child(route->node, W_ROUTE_TO);
        if (!to)
            continue;
        Json *item = json_at(json_object(arena), route->node->span);
        json_set_c(arena, item, "targetGroupArn", json_at(emit_reference(emission, route->target_group_id, ATTRIBUTE_ARN, TEXT_NONE), route->node->span));
        json_set_c(arena, item, "containerName", json_at(json_text(arena, route->container), node_argument_span(to, 0)));
        json_set_c(arena, item, "containerPort", json_at(json_integer(arena, route->port), node_argument_span(to, 1)));
        if (facts->engine == ENGINE_NATIVE)
            json_set_c(arena, item, "advancedConfiguration", advanced_configuration(emission, facts, route));
        json_add(arena, list, item);
    }
    return json_length(list) ? list : NULL;
}
