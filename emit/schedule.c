#include "emit/emit.h"
#include "emit/placement.h"

enum { SCHEDULE_NAME_MAX = 64 };

/* What only a service that keeps running has. */
static void check_schedule(Emission *emission, const ServiceFacts *facts)
{
    static const WordId others[] = {W_ROUTE, W_SCALE, W_COUNT, W_ROLLOUT, W_SINGLETON, W_GRACE, W_DISCOVERY};
    const Node *run = node_child(facts->node, W_RUN);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const Node *other = node_child(facts->node, others[i]);
        if (!other)
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SCHEDULED_SERVICE, other->span, "a scheduled task has no `%s`", other->row->word);
        diagnostic_add_label(emission->sink, diagnostic, run->span, "it runs at times, so nothing keeps running");
        diagnostic_set_advice(emission->sink, diagnostic, "leave it out, or keep the service running without `%s`", run->row->word);
    }
    if (node_child(run, W_RUN_AT))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RUN_WHEN, run->span, "this `%s` does not say when", run->row->word);
    diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", run->row->example);
}

static bool is_account_known(const Emission *emission)
{
    return emission->is_account_known && emission->is_region_known;
}

static Json *cluster_arn(Emission *emission, const ServiceFacts *facts)
{
    Text arn = emit_arn(emission, "ecs", arena_format(emission->arena, "cluster/%.*s", TEXT_ARG(facts->cluster)));
    if (facts->is_cluster_existing)
        return json_text(emission->arena, arn);
    return emit_reference(emission, facts->cluster_id, ATTRIBUTE_ARN, is_account_known(emission) ? arn : TEXT_NONE);
}

/* Without a revision: the schedule always runs the family's newest. */
static Json *task_definition_arn(Emission *emission, const ServiceFacts *facts)
{
    Text arn = emit_arn(emission, "ecs", arena_format(emission->arena, "task-definition/%.*s", TEXT_ARG(facts->family)));
    return emit_reference(emission, facts->task_definition_id, ATTRIBUTE_ARN, is_account_known(emission) ? arn : TEXT_NONE);
}

static Json *ecs_parameters(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    Json *network = json_object(arena);
    Json *parameters = json_object(arena);
    json_set_c(arena, network, "awsvpcConfiguration", placement_network(emission, facts, true));
    json_set_c(arena, parameters, "TaskDefinitionArn", task_definition_arn(emission, facts));
    json_set_c(arena, parameters, "TaskCount", json_integer(arena, 1));
    json_set_c(arena, parameters, "CapacityProviderStrategy", placement_capacity(emission, facts));
    json_set_c(arena, parameters, "NetworkConfiguration", network);
    json_set_c(arena, parameters, "PlatformVersion", placement_platform(emission, facts));
    json_set_c(arena, parameters, "PropagateTags", json_text_c(arena, "TASK_DEFINITION"));
    json_set_c(arena, parameters, "EnableECSManagedTags", json_bool(arena, true));
    json_set_c(arena, parameters, "EnableExecuteCommand", json_bool(arena, node_flag(node_child(facts->node, W_EXEC), false)));
    return parameters;
}

void emit_schedule(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    const Node *run = node_child(facts->node, W_RUN);
    const Node *timezone = node_child(run, W_RUN_TIMEZONE);
    Text name = name_fit(emission, name_default(emission, facts->service, TEXT_NONE), SCHEDULE_NAME_MAX, true);
    Text id = arena_format(arena, "%.*s/schedule", TEXT_ARG(facts->service));
    Text role = emission->is_account_known ? emit_role_arn(emission, facts->schedule_role_name) : TEXT_NONE;
    check_schedule(emission, facts);
    Json *window = json_object(arena);
    Json *target = json_object(arena);
    Json *input = json_object(arena);
    json_set_c(arena, window, "Mode", json_text_c(arena, "OFF"));
    json_set_c(arena, target, "Arn", cluster_arn(emission, facts));
    json_set_c(arena, target, "RoleArn", emit_reference(emission, facts->schedule_role_id, ATTRIBUTE_ARN, role));
    json_set_c(arena, target, "EcsParameters", ecs_parameters(emission, facts));
    json_set_c(arena, input, "Name", json_at(json_text(arena, name), facts->node->span));
    json_set_c(arena, input, "ScheduleExpressionTimezone",
               timezone ? shape_value(emission, &timezone->row->arguments[0], node_argument(timezone, 0)) : json_text_c(arena, "UTC"));
    json_set_c(arena, input, "FlexibleTimeWindow", window);
    json_set_c(arena, input, "State", json_text_c(arena, "ENABLED"));
    json_set_c(arena, input, "Target", target);
    shape_fill(emission, input, facts->node, "schedule");
    emit_add_resource(emission, RESOURCE_SCHEDULE, id, facts->service, name, name, input, run->span);
}
