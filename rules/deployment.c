/* Rules of how ECS services are deployed (AWS: ECS API reference, DeploymentConfiguration; developer guide, deployment types). */
#include "rules/relation.h"

/* The type of the controller; empty where it is not known. */
static Text controller(const Resource *service)
{
    const Json *written = rule_member(service, "deploymentController.type");
    return written ? rule_text(written) : TEXT("ECS");
}

/* --- percentages of a rolling deployment --- */

static bool runs_on_rolling(const Resource *service)
{
    const Json *strategy = rule_member(service, "deploymentConfiguration.strategy");
    return text_equal_c(controller(service), "ECS") && (!strategy || rule_text_is(strategy, "ROLLING"));
}

static void report_percent(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_DEPLOYMENT_PERCENT, node, "%s", message), NULL, advice);
}

static void check_percentages(const RuleContext *context, const Resource *service, const Json *configuration)
{
    enum { WHOLE = 100 };
    const Json *minimum = json_get_c(configuration, "minimumHealthyPercent");
    const Json *maximum = json_get_c(configuration, "maximumPercent");
    int64_t least = 0;
    int64_t most = 0;
    bool has_least = rule_integer(minimum, &least);
    bool has_most = rule_integer(maximum, &most);
    if (has_least && (least < 0 || least > WHOLE))
        report_percent(context, service, minimum, "minimumHealthyPercent is 0 to 100: more healthy tasks than wanted cannot be kept", "use 100");
    else if (has_most && most == 0)
        report_percent(context, service, maximum, "with maximumPercent 0 no task may run during a deployment", "use 200");
    else if (has_least && has_most && least > most)
        report_percent(context, service, minimum, "minimumHealthyPercent is above maximumPercent", "keep minimumHealthyPercent below maximumPercent");
    else if (has_least && has_most && !context->is_svc && least == WHOLE && most == WHOLE && runs_on_rolling(service)) {
        Diagnostic *d = rule_report(context, service, CODE_DEPLOY_DEADLOCK, maximum, "no task may be stopped and none may be added: the deployment cannot begin");
        rule_tell(context, d, "AWS refuses both at 100", "set maximumPercent to 200, or minimumHealthyPercent to 50");
        diagnostic_add_label(context->sink, d, rule_span(service, minimum), "every task is kept");
    } else if (has_most && most < WHOLE) {
        Diagnostic *d = rule_report(context, service, CODE_DEPLOY_OUTAGE, maximum, "a deployment may run only %lld%% of the tasks that are wanted", (long long)most);
        rule_tell(context, d, NULL, "use at least 100");
    }
}

/* ceil(count * percent / 100) */
static int64_t share_up(int64_t count, int64_t percent)
{
    return (count * percent + 99) / 100;
}

/* The fewest tasks that a deployment can meet: where scaling may come down to, or the count. *place is where that is said, *owner whose it is. */
static bool fewest_tasks(const RuleContext *context, const Resource *service, int64_t *count, const Json **place, const Resource **owner)
{
    const Resource *target = relation_scalable_target(context, service);
    *owner = target ? target : service;
    *place = target ? rule_member(target, "MinCapacity") : rule_member(service, "desiredCount");
    return rule_integer(*place, count);
}

/* With few tasks the percentages round to nothing that may change. */
static void check_rounding(const RuleContext *context, const Resource *service, const Json *configuration)
{
    enum { COUNT_MAX = 1000000, PERCENT_MAX = 100000 };
    const Json *said = NULL;
    const Resource *owner = NULL;
    int64_t count = 0;
    int64_t least = 100;
    int64_t most = 200;
    const Json *minimum = json_get_c(configuration, "minimumHealthyPercent");
    const Json *maximum = json_get_c(configuration, "maximumPercent");
    if (!runs_on_rolling(service) || rule_text_is(rule_member(service, "schedulingStrategy"), "DAEMON") || !fewest_tasks(context, service, &count, &said, &owner) || count <= 0 ||
        count > COUNT_MAX || (rule_is_set(minimum) && !rule_integer(minimum, &least)) || (rule_is_set(maximum) && !rule_integer(maximum, &most)))
        return;
    if (least < 0 || least > 100 || most < 100 || most > PERCENT_MAX || (least == 100 && most == 100))
        return;
    if (share_up(count, least) < count || count * most / 100 > count)
        return;
    Diagnostic *d = rule_report(context, service, CODE_DEPLOY_STUCK, rule_is_set(maximum) ? maximum : minimum, "with %lld %s these percentages let no task be stopped and none be added", (long long)count,
                                count == 1 ? "task" : "tasks");
    rule_tell(context, d, "rounded down: not one task more", "set maximumPercent to 200, or minimumHealthyPercent to 0");
    if (context->is_svc)
        rule_tell(context, d, NULL, "say 100%..200%");
    diagnostic_add_label(context->sink, d, rule_span(owner, said), owner == service ? "of this many tasks" : "scaling may come down to this many tasks");
}

/* Traffic never goes beyond healthy capacity: a service that is reached by a load balancer keeps a healthy task. */
static void check_outage(const RuleContext *context, const Resource *service, const Json *minimum)
{
    enum { WHOLE = 100 };
    int64_t least = 0;
    int64_t most = 0;
    const Json *balancers = rule_member(service, "loadBalancers");
    if (!rule_integer(minimum, &least) || least != 0 || !rule_item_count(balancers) || !runs_on_rolling(service) || rule_text_is(rule_member(service, "schedulingStrategy"), "DAEMON"))
        return;
    /* A singleton is to have no task for a moment rather than two. */
    if (context->is_svc && rule_integer(rule_member(service, "deploymentConfiguration.maximumPercent"), &most) && most <= WHOLE)
        return;
    Diagnostic *d = rule_report(context, service, CODE_DEPLOY_OUTAGE, minimum, "a deployment may stop every task before a new one answers");
    rule_tell(context, d, "no healthy task need remain", context->is_svc ? "say 100%..200%" : "set minimumHealthyPercent to 100 and maximumPercent to 200");
}

/* --- strategies --- */

typedef struct StrategyBlock {
    const char *member;
    const char *strategy;
} StrategyBlock;

static const StrategyBlock strategy_blocks[] = {
    {"canaryConfiguration", "CANARY"},
    {"linearConfiguration", "LINEAR"},
};

static void check_blocks(const RuleContext *context, const Resource *service, const Json *configuration)
{
    const Json *strategy = json_get_c(configuration, "strategy");
    if (rule_is_open(strategy))
        return;
    Text name = rule_is_set(strategy) ? rule_text(strategy) : TEXT("ROLLING");
    for (size_t i = 0; i < sizeof strategy_blocks / sizeof *strategy_blocks; i++) {
        const StrategyBlock *block = &strategy_blocks[i];
        const Json *json = json_get_c(configuration, block->member);
        if (!rule_is_set(json) || text_equal_c(name, block->strategy))
            continue;
        Diagnostic *d = rule_report(context, service, CODE_STRATEGY_BLOCK, json, "%s is for the strategy %s, and this one is %.*s", block->member, block->strategy, TEXT_ARG(name));
        diagnostic_set_advice(context->sink, d, "set strategy to %s, or leave %s out", block->strategy, block->member);
        if (rule_is_set(strategy))
            diagnostic_add_label(context->sink, d, rule_span(service, strategy), "the strategy");
    }
}

static void report_strategy(const RuleContext *context, const Resource *service, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, code, node, "%s", message), NULL, advice);
}

/* Without load balancer, Service Connect or Lattice ECS deploys in the same stages and moves no traffic: nothing more is needed. */
static void check_shift(const RuleContext *context, const Resource *service, const Json *strategy)
{
    if (!rule_is_one_of(rule_text(strategy), "BLUE_GREEN CANARY LINEAR"))
        return;
    Text type = controller(service);
    if (type.len && !text_equal_c(type, "ECS"))
        report_strategy(context, service, CODE_DEPLOYMENT_CONTROLLER, strategy, "this strategy needs the deployment controller ECS", "use the controller ECS, or leave strategy out");
    if (rule_text_is(strategy, "BLUE_GREEN") && !rule_member(service, "deploymentConfiguration.bakeTimeInMinutes"))
        report_strategy(context, service, CODE_BAKE_TIME, strategy, "a blue/green deployment says how long both revisions run side by side", "add bakeTimeInMinutes");
    const Json *balancers = rule_member(service, "loadBalancers");
    for (size_t i = 0; i < rule_item_count(balancers); i++) {
        const Json *entry = balancers->items.items[i];
        if (!rule_is_set(json_get_c(entry, "targetGroupArn")) || rule_is_set(json_get_c(entry, "advancedConfiguration")))
            continue;
        report_strategy(context, service, CODE_TRAFFIC_SHIFT, entry, "ECS cannot move traffic of this target group: it knows neither the other group nor the listener's rule",
                        "add advancedConfiguration with alternateTargetGroupArn, productionListenerRule and roleArn");
    }
}

static void check_advanced(const RuleContext *context, const Resource *service, const Json *advanced)
{
    static const char *const needed[] = {"alternateTargetGroupArn", "productionListenerRule", "roleArn"};
    const Json *strategy = rule_member(service, "deploymentConfiguration.strategy");
    if (!rule_is_one_of(rule_text(strategy), "BLUE_GREEN CANARY LINEAR"))
        return;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (rule_is_set(json_get_c(advanced, needed[i])))
            continue;
        Diagnostic *d = rule_report(context, service, CODE_TRAFFIC_SHIFT, advanced, "advancedConfiguration has no %s", needed[i]);
        diagnostic_set_advice(context->sink, d, "add %s: ECS moves traffic with it", needed[i]);
    }
}

static void check_alternate(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Json *own = json_get_c(entry, "targetGroupArn");
    const Json *other = rule_find(entry, "advancedConfiguration.alternateTargetGroupArn");
    const Resource *group = relation_target(context, own, RESOURCE_TARGET_GROUP);
    bool is_same = (rule_text(own).len && text_equal(rule_text(own), rule_text(other))) || (group && group == relation_target(context, other, RESOURCE_TARGET_GROUP));
    if (is_same)
        report_strategy(context, service, CODE_TRAFFIC_SHIFT, other, "both revisions would have one target group", "name another target group");
}

/* CloudFormation gives up on what takes longer, and refuses it beforehand: bake time, and the time of the canary or of all steps but the last. */
static void check_length(const RuleContext *context, const Resource *service, const Json *configuration)
{
    enum { LONGEST = 33 * 60, MINUTES_MAX = 100000, WHOLE = 100 };
    int64_t bake = 0;
    int64_t wait = 0;
    int64_t steps = 1;
    const Json *canary = rule_find(configuration, "canaryConfiguration.canaryBakeTimeInMinutes");
    const Json *step = rule_find(configuration, "linearConfiguration.stepBakeTimeInMinutes");
    int64_t percent = 0;
    if (!rule_integer(json_get_c(configuration, "bakeTimeInMinutes"), &bake))
        bake = 0;
    if (rule_integer(rule_find(configuration, "linearConfiguration.stepPercent"), &percent) && percent > 0)
        steps = (WHOLE + percent - 1) / percent - 1;
    if (context->is_svc || (!rule_integer(canary, &wait) && !rule_integer(step, &wait)) || bake < 0 || wait < 0 || bake > MINUTES_MAX || wait > MINUTES_MAX)
        return;
    int64_t total = bake + wait * steps;
    if (total <= LONGEST)
        return;
    Diagnostic *d = rule_report(context, service, CODE_DEPLOY_LONG, canary ? canary : step, "a deployment would take %lld minutes, and CloudFormation refuses more than %d", (long long)total, LONGEST);
    rule_tell(context, d, NULL, "wait a shorter time");
}

/* --- controllers --- */

/* What belongs to the task sets of an EXTERNAL service. */
static const char *const task_set_members[] = {"taskDefinition", "loadBalancers", "networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion", "serviceRegistries"};

static void check_controller(const RuleContext *context, const Resource *service, const Json *type)
{
    const Json *breaker = rule_member(service, "deploymentConfiguration.deploymentCircuitBreaker");
    bool is_code_deploy = rule_text_is(type, "CODE_DEPLOY");
    if (!is_code_deploy && !rule_text_is(type, "EXTERNAL"))
        return;
    if (rule_flag(rule_find(breaker, "enable"), false))
        report_strategy(context, service, CODE_DEPLOYMENT_CONTROLLER, breaker, "the circuit breaker works with the deployment controller ECS only", "leave deploymentCircuitBreaker out");
    if (is_code_deploy) {
        const Json *balancers = rule_member(service, "loadBalancers");
        if (!rule_item_count(balancers) && !rule_is_open(balancers))
            report_strategy(context, service, CODE_DEPLOYMENT_CONTROLLER, type, "CodeDeploy moves traffic of a load balancer, and the service has none", "add loadBalancers, or use the controller ECS");
        report_strategy(context, service, CODE_CODE_DEPLOY, type, "a service of CodeDeploy is bound to it: its task definition, load balancers and network change by deployments of CodeDeploy alone",
                        "use the controller ECS: it has blue/green, canary and linear deployments of its own");
        return;
    }
    for (size_t i = 0; i < sizeof task_set_members / sizeof *task_set_members; i++) {
        const Json *json = json_get_c(service->input, task_set_members[i]);
        if (!rule_is_known(json) || (json->kind == JSON_ARRAY && !json->items.count))
            continue;
        Diagnostic *d = rule_report(context, service, CODE_EXTERNAL_MEMBER, json, "%s belongs to the task sets of a service with the controller EXTERNAL", task_set_members[i]);
        rule_tell(context, d, NULL, "say it in CreateTaskSet");
    }
}

static void check_breaker(const RuleContext *context, const Resource *service, const Json *breaker)
{
    const Json *enable = json_get_c(breaker, "enable");
    const Json *rollback = json_get_c(breaker, "rollback");
    const Json *strategy = rule_member(service, "deploymentConfiguration.strategy");
    if (rule_is_known(enable) && !rule_flag(enable, true) && rule_flag(rollback, false))
        report_strategy(context, service, CODE_CIRCUIT_BREAKER, rollback, "the circuit breaker is off, so that nothing rolls back", "set enable to true");
    else if (rule_flag(enable, false) && rule_is_one_of(rule_text(strategy), "BLUE_GREEN CANARY LINEAR"))
        report_strategy(context, service, CODE_CIRCUIT_BREAKER, breaker, "the circuit breaker is for rolling deployments", "watch alarms in deploymentConfiguration.alarms");
}

/* --- alarms and hooks --- */

static void check_alarms(const RuleContext *context, const Resource *service, const Json *alarms)
{
    const Json *enable = json_get_c(alarms, "enable");
    const Json *names = json_get_c(alarms, "alarmNames");
    if (rule_flag(enable, false) && names && names->kind == JSON_ARRAY && !names->items.count)
        report_strategy(context, service, CODE_DEPLOYMENT_ALARMS, names, "the deployment watches alarms, and none is named", "name the alarms, or set enable to false");
    else if (rule_is_known(enable) && !rule_flag(enable, true) && rule_item_count(names))
        report_strategy(context, service, CODE_DEPLOYMENT_ALARMS_OFF, enable, "alarms are named, and the deployment does not watch them", "set enable to true");
}

static void report_hook(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_LIFECYCLE_HOOK, node, "%s", message), NULL, advice);
}

static void check_hook(const RuleContext *context, const Resource *service, const Json *hook)
{
    const Json *type = json_get_c(hook, "targetType");
    const Json *target = json_get_c(hook, "hookTargetArn");
    const Json *stages = json_get_c(hook, "lifecycleStages");
    if (context->is_svc || rule_is_open(type))
        return;
    bool is_pause = rule_text_is(type, "PAUSE");
    for (size_t i = 0; is_pause && i < rule_item_count(stages); i++)
        if (rule_is_one_of(rule_text(stages->items.items[i]), "TEST_TRAFFIC_SHIFT PRODUCTION_TRAFFIC_SHIFT"))
            report_hook(context, service, stages->items.items[i], "a deployment cannot pause while traffic moves", "pause at the stage before or after: POST_SCALE_UP, POST_TEST_TRAFFIC_SHIFT");
    if (!is_pause && !rule_is_set(target))
        report_hook(context, service, hook, "a lifecycle hook has a Lambda function to call", "add hookTargetArn");
    else if (!is_pause && rule_text(target).len && target->kind == JSON_TEXT && !text_equal_c(arn_part(rule_text(target), ARN_SERVICE), "lambda"))
        report_hook(context, service, target, "a lifecycle hook calls a Lambda function, and this is no ARN of one", "give it as arn:aws:lambda:REGION:ACCOUNT:function:NAME");
    if (!is_pause && !rule_is_set(json_get_c(hook, "roleArn")))
        report_hook(context, service, hook, "ECS needs a role to call the function of a lifecycle hook", "add roleArn, of a role with lambda:InvokeFunction that ecs.amazonaws.com may assume");
    if (!rule_is_set(stages) || (stages->kind == JSON_ARRAY && !stages->items.count))
        report_hook(context, service, rule_is_set(stages) ? stages : hook, "a lifecycle hook says at which stages it runs", "add lifecycleStages, such as POST_SCALE_UP");
}

const Rule deployment_rules[] = {
    {RESOURCE_SERVICE, "deploymentConfiguration", check_percentages},
    {RESOURCE_SERVICE, "deploymentConfiguration", check_rounding},
    {RESOURCE_SERVICE, "deploymentConfiguration.minimumHealthyPercent", check_outage},
    {RESOURCE_SERVICE, "deploymentConfiguration", check_blocks},
    {RESOURCE_SERVICE, "deploymentConfiguration.strategy", check_shift},
    {RESOURCE_SERVICE, "deploymentConfiguration", check_length},
    {RESOURCE_SERVICE, "loadBalancers[].advancedConfiguration", check_advanced},
    {RESOURCE_SERVICE, "loadBalancers[]", check_alternate},
    {RESOURCE_SERVICE, "deploymentController.type", check_controller},
    {RESOURCE_SERVICE, "deploymentConfiguration.deploymentCircuitBreaker", check_breaker},
    {RESOURCE_SERVICE, "deploymentConfiguration.alarms", check_alarms},
    {RESOURCE_SERVICE, "deploymentConfiguration.lifecycleHooks[]", check_hook},
    {.check = NULL},
};
