/* What a tick sees: one look at the services, their tasks, the weights, scaling, metrics and commands. */
#include "apply/ramp.h"

#include "aws/moment.h"

typedef struct Look {
    Run *run;
    Ramp *ramp;
    Arena *arena;
    Observation *out;
} Look;

/* --- asking --- */

/* All questions are under way before the first answer is waited for. */
static RunCall *ask(Look *look, const char *service, const char *operation, Json *input)
{
    RunCall *call = ARENA_NEW(look->arena, RunCall);
    run_start_call(look->run, look->arena, call, service, operation, input);
    return call;
}

/* NULL: it was not answered. Nothing is told of one that fails: the controller knows how long it may go on without. */
static const Json *answer(Look *look, RunCall *call)
{
    run_wait(look->run, call);
    return call->call.answer.output;
}

static Json *list_of(Arena *arena, const Text *items, size_t count)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < count; i++)
        json_add(arena, list, json_text(arena, items[i]));
    return list;
}

static int count_at(const Json *json, const char *key)
{
    const Json *value = json_get_c(json, key);
    return value && value->kind == JSON_NUMBER ? (int)(value->number.num / value->number.den) : 0;
}

static bool is_true(const Json *json, const char *key)
{
    const Json *value = json_get_c(json, key);
    return value && value->kind == JSON_BOOL && value->boolean;
}

/* --- services --- */

static void see_service(const Json *service, ServiceView *out)
{
    *out = (ServiceView){0};
    if (!service || !text_equal_c(values_at(service, "status"), "ACTIVE"))
        return;
    const Json *deployments = json_get_c(service, "deployments");
    const Json *primary = NULL;
    for (size_t i = 0; i < json_item_count(deployments); i++)
        if (text_equal_c(values_at(deployments->items.items[i], "status"), "PRIMARY"))
            primary = deployments->items.items[i];
    Text rollout = values_at(primary, "rolloutState");
    *out = (ServiceView){.exists = true,
                         .desired = count_at(service, "desiredCount"),
                         .healthy = count_at(service, "runningCount"),
                         .failed = count_at(primary, "failedTasks"),
                         .revision = values_at(primary, "taskDefinition"),
                         .is_settled = json_item_count(deployments) == 1 && (!rollout.len || text_equal_c(rollout, "COMPLETED")),
                         .has_failed = text_equal_c(rollout, "FAILED")};
}

static RunCall *ask_for_services(Look *look)
{
    const Ramp *ramp = look->ramp;
    Text names[] = {ramp->stable, ramp->canary};
    Json *input = json_object(look->arena);
    json_set_c(look->arena, input, "services", list_of(look->arena, names, 2));
    if (ramp->cluster.len)
        json_set_c(look->arena, input, "cluster", json_text(look->arena, ramp->cluster));
    return ask(look, "ecs", "DescribeServices", input);
}

static bool see_services(Look *look, RunCall *call)
{
    const Ramp *ramp = look->ramp;
    const Json *output = answer(look, call);
    const Json *services = json_get_c(output, "services");
    for (size_t i = 0; i < json_item_count(services); i++) {
        const Json *service = services->items.items[i];
        see_service(service, text_equal(values_at(service, "serviceName"), ramp->canary) ? &look->out->canary : &look->out->stable);
    }
    return output || text_equal_c(call->call.answer.code, "ClusterNotFoundException");
}

/* --- target groups --- */

static RunCall *ask_for_targets(Look *look, const Json *route, const char *side)
{
    Json *input = json_object(look->arena);
    json_set_c(look->arena, input, "TargetGroupArn", json_text(look->arena, values_at(route, side)));
    return ask(look, "elbv2", "DescribeTargetHealth", input);
}

/* The least over the target groups of a side; a service that is not there needs none. */
static bool see_targets(Look *look, RunCall *call, ServiceView *service)
{
    int healthy = 0;
    const Json *output = answer(look, call);
    const Json *targets = json_get_c(output, "TargetHealthDescriptions");
    for (size_t i = 0; i < json_item_count(targets); i++)
        healthy += text_equal_c(values_at(targets->items.items[i], "TargetHealth.State"), "healthy");
    service->healthy = healthy < service->healthy ? healthy : service->healthy;
    return output || !service->exists;
}

/* --- weights --- */

static const Json *find_forward(const Json *actions)
{
    for (size_t i = 0; i < json_item_count(actions); i++)
        if (text_equal_c(values_at(actions->items.items[i], "Type"), "forward"))
            return actions->items.items[i];
    return NULL;
}

static RuleView see_rule(const Json *rule, const Json *route)
{
    RuleView view = {0};
    const Json *forward = find_forward(json_get_c(rule, "Actions"));
    const Json *groups = json_get_c(json_get_c(forward, "ForwardConfig"), "TargetGroups");
    for (size_t i = 0; i < json_item_count(groups); i++) {
        const Json *group = groups->items.items[i];
        Text arn = values_at(group, "TargetGroupArn");
        int weight = json_get_c(group, "Weight") ? count_at(group, "Weight") : 1;
        if (text_equal(arn, values_at(route, "stable")))
            view.stable = weight;
        else if (text_equal(arn, values_at(route, "canary")))
            view.canary = weight;
    }
    if (!json_item_count(groups))
        view.stable = text_equal(values_at(forward, "TargetGroupArn"), values_at(route, "stable"));
    return view;
}

static RunCall *ask_for_rules(Look *look)
{
    const Json *routes = look->ramp->policy.rules;
    Json *arns = json_array(look->arena);
    for (size_t i = 0; i < json_item_count(routes); i++)
        json_add(look->arena, arns, json_text(look->arena, values_at(routes->items.items[i], "rule")));
    Json *input = json_object(look->arena);
    json_set_c(look->arena, input, "RuleArns", arns);
    return json_item_count(arns) ? ask(look, "elbv2", "DescribeRules", input) : NULL;
}

static bool see_rules(Look *look, RunCall *call)
{
    Ramp *ramp = look->ramp;
    const Json *routes = ramp->policy.rules;
    const Json *rules = call ? json_get_c(answer(look, call), "Rules") : NULL;
    size_t found = 0;
    for (size_t i = 0; i < json_item_count(routes); i++)
        for (size_t j = 0; j < json_item_count(rules); j++) {
            const Json *rule = rules->items.items[j];
            if (!text_equal(values_at(rule, "RuleArn"), values_at(routes->items.items[i], "rule")))
                continue;
            look->out->rules[i] = see_rule(rule, routes->items.items[i]);
            ramp->actions[i] = json_get_c(rule, "Actions");
            found++;
        }
    return found == json_item_count(routes) || !look->out->stable.exists;
}

/* --- scaling --- */

Text ramp_target_id(Arena *arena, const Ramp *ramp, Text service)
{
    size_t slash = text_find_byte(ramp->cluster, '/'); /* a cluster may be named by its ARN */
    Text cluster = slash < ramp->cluster.len ? text_slice(ramp->cluster, slash + 1, ramp->cluster.len) : ramp->cluster;
    return arena_format(arena, "service/%.*s/%.*s", TEXT_ARG(cluster.len ? cluster : TEXT("default")), TEXT_ARG(service));
}

static RunCall *ask_for_scaling(Look *look)
{
    const Ramp *ramp = look->ramp;
    Text ids[] = {ramp_target_id(look->arena, ramp, ramp->stable), ramp_target_id(look->arena, ramp, ramp->canary)};
    Json *input = json_object(look->arena);
    json_set_c(look->arena, input, "ServiceNamespace", json_text_c(look->arena, "ecs"));
    json_set_c(look->arena, input, "ResourceIds", list_of(look->arena, ids, 2));
    return ask(look, "application-autoscaling", "DescribeScalableTargets", input);
}

static bool see_scaling(Look *look, RunCall *call)
{
    Ramp *ramp = look->ramp;
    const Json *output = answer(look, call);
    Text canary = ramp_target_id(look->arena, ramp, ramp->canary);
    const Json *targets = json_get_c(output, "ScalableTargets");
    ramp->most_tasks = 0;
    ramp->has_target = false;
    for (size_t i = 0; i < json_item_count(targets); i++) {
        const Json *target = targets->items.items[i];
        const Json *suspended = json_get_c(target, "SuspendedState");
        if (text_equal(values_at(target, "ResourceId"), canary)) {
            ramp->has_target = true;
            continue;
        }
        ramp->most_tasks = count_at(target, "MaxCapacity");
        look->out->scaling = (ScalingView){.exists = true,
                                           .is_in_suspended = is_true(suspended, "DynamicScalingInSuspended"),
                                           .is_out_suspended = is_true(suspended, "DynamicScalingOutSuspended"),
                                           .is_scheduled_suspended = is_true(suspended, "ScheduledScalingSuspended")};
    }
    return output != NULL;
}

/* --- metrics --- */

static Json *series_query(Look *look, size_t index)
{
    Json *query = json_object(look->arena);
    json_set_c(look->arena, query, "Id", json_text(look->arena, arena_format(look->arena, "s%zu", index)));
    Json *stat = json_copy_node(look->arena, look->ramp->policy.series[index].stat);
    json_set_c(look->arena, query, "MetricStat", stat);
    return query;
}

static Json *series_question(Look *look, int64_t now)
{
    const Policy *policy = &look->ramp->policy;
    Arena *arena = look->arena;
    Json *input = json_object(arena);
    Json *queries = json_array(arena);
    int64_t start = now;
    for (size_t i = 0; i < policy->series_count; i++) {
        int64_t from = now - policy->series[i].reach;
        from -= from % policy->series[i].period;
        start = from < start ? from : start;
        json_add(arena, queries, series_query(look, i));
    }
    json_set_c(arena, input, "StartTime", json_text(arena, aws_moment_format(arena, start)));
    json_set_c(arena, input, "EndTime", json_text(arena, aws_moment_format(arena, now)));
    json_set_c(arena, input, "ScanBy", json_text_c(arena, "TimestampAscending"));
    json_set_c(arena, input, "MetricDataQueries", queries);
    return input;
}

/* By time; a period that came twice, on two pages, counts once. */
static void add_point(Series *series, SeriesPoint *points, SeriesPoint point)
{
    size_t place = series->count;
    while (place > 0 && points[place - 1].at > point.at)
        place--;
    if (place > 0 && points[place - 1].at == point.at)
        return;
    for (size_t i = series->count; i > place; i--)
        points[i] = points[i - 1];
    points[place] = point;
    series->count++;
}

static size_t count_points(const Json *results, Text id)
{
    size_t count = 0;
    for (size_t i = 0; i < json_item_count(results); i++)
        if (text_equal(values_at(results->items.items[i], "Id"), id))
            count += json_item_count(json_get_c(results->items.items[i], "Values"));
    return count;
}

static Series read_series(Look *look, const Json *results, size_t index)
{
    Text id = arena_format(look->arena, "s%zu", index);
    SeriesPoint *points = ARENA_NEW_ARRAY(look->arena, SeriesPoint, count_points(results, id) + 1);
    Series series = {.points = points};
    int64_t period = look->ramp->policy.series[index].period;
    for (size_t i = 0; i < json_item_count(results); i++) {
        const Json *result = results->items.items[i];
        const Json *times = json_get_c(result, "Timestamps");
        const Json *values = json_get_c(result, "Values");
        if (!text_equal(values_at(result, "Id"), id))
            continue;
        for (size_t j = 0; j < json_item_count(times) && j < json_item_count(values); j++) {
            const Json *time = times->items.items[j];
            const Json *value = values->items.items[j];
            SeriesPoint point = {0};
            if (time->kind != JSON_TEXT || value->kind != JSON_NUMBER || !aws_moment_parse(time->text, &point.at))
                continue;
            point.at -= point.at % period;
            point.value = value->number;
            add_point(&series, points, point);
        }
    }
    return series;
}

static RunCall *ask_for_metrics(Look *look)
{
    return look->ramp->policy.series_count ? ask(look, "cloudwatch", "GetMetricData", series_question(look, run_now(look->run) / 1000)) : NULL;
}

static void see_metrics(Look *look, RunCall *call)
{
    const Policy *policy = &look->ramp->policy;
    const Json *output = call ? answer(look, call) : NULL;
    const Json *results = json_get_c(output, "MetricDataResults");
    Series *series = ARENA_NEW_ARRAY(look->arena, Series, policy->series_count);
    for (size_t i = 0; i < policy->series_count; i++)
        series[i] = read_series(look, results, i);
    look->out->series = series;
    look->out->has_metrics = output || !call;
}

/* --- commands --- */

Text ramp_command_path(Run *run, const Ramp *ramp)
{
    return lease_path(run->arena, run->plan->project, run->plan->environment, ramp->step->item->saved->service, "command");
}

static RunCall *ask_for_commands(Look *look)
{
    Json *input = json_object(look->arena);
    json_set_c(look->arena, input, "Path", json_text(look->arena, ramp_command_path(look->run, look->ramp)));
    return ask(look, "ssm", "GetParametersByPath", input);
}

static void see_commands(Look *look, RunCall *call)
{
    const Json *list = json_get_c(answer(look, call), "Parameters");
    for (size_t i = 0; i < json_item_count(list); i++) {
        ReadJsonError error;
        Text name = values_at(list->items.items[i], "Name");
        int64_t number = lease_number(name);
        look->ramp->newest_command = number > look->ramp->newest_command ? number : look->ramp->newest_command;
        bool is_sooner = !look->out->command.number || number < look->out->command.number;
        const ReadJson *value = json_read(look->arena, values_at(list->items.items[i], "Value"), &error);
        CommandView command = {.number = number, .by = json_read_text(json_read_member(value, "by"))};
        if (number > look->ramp->state.command && is_sooner && rollout_read_command(json_read_text(json_read_member(value, "command")), &command.kind))
            look->out->command = command;
    }
}

/* --- whole --- */

void ramp_look(Run *run, Ramp *ramp, Observation *out)
{
    *out = (Observation){0};
    arena_reset(&ramp->seen);
    Look look = {run, ramp, &ramp->seen, out};
    for (size_t i = 0; i < POLICY_RULES_MAX; i++)
        ramp->actions[i] = NULL;
    const Json *routes = ramp->policy.rules;
    RunCall *targets[POLICY_RULES_MAX][2] = {{NULL}};
    RunCall *services = ask_for_services(&look);
    RunCall *rules = ask_for_rules(&look);
    RunCall *scaling = ask_for_scaling(&look);
    RunCall *metrics = ask_for_metrics(&look);
    RunCall *commands = ask_for_commands(&look);
    for (size_t i = 0; i < json_item_count(routes); i++) {
        targets[i][0] = ask_for_targets(&look, routes->items.items[i], "stable");
        targets[i][1] = ask_for_targets(&look, routes->items.items[i], "canary");
    }
    bool is_complete = see_services(&look, services);
    for (size_t i = 0; i < json_item_count(routes); i++) {
        is_complete = see_targets(&look, targets[i][0], &out->stable) && is_complete;
        is_complete = see_targets(&look, targets[i][1], &out->canary) && is_complete;
    }
    is_complete = see_rules(&look, rules) && is_complete;
    out->is_complete = see_scaling(&look, scaling) && is_complete;
    see_metrics(&look, metrics);
    see_commands(&look, commands);
    ramp_look_at_gate(run, ramp);
    out->gate = ramp->gate;
}
