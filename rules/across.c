/* Rules across resources: services against their target groups, tasks, scaling and alarms (AWS: ECS developer guide, load balancing and Fargate Spot;
   ECS API reference, CreateService; Application Auto Scaling user guide). What is not among the resources proves nothing, unless all are. */
#include "rules/relation.h"

static Diagnostic *report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, resource, code, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    return d;
}

/* --- target groups and listeners --- */

/* Whether a listener or a rule forwards to the group; *is_open when one of them forwards to what is not known. */
static bool is_forwarded(const RuleContext *context, const Resource *group, bool *is_open)
{
    for (size_t i = 0; i < context->resources->items.count; i++) {
        const Resource *resource = context->resources->items.items[i];
        if (resource->kind != RESOURCE_LISTENER && resource->kind != RESOURCE_LISTENER_RULE)
            continue;
        const Json *actions = rule_member(resource, resource->kind == RESOURCE_LISTENER ? "DefaultActions" : "Actions");
        if (relation_mentions(context, actions, group))
            return true;
        *is_open = *is_open || relation_is_open(actions);
    }
    return false;
}

/* A target group that is created here and not yet known elsewhere can be attached only here; AWS refuses a service whose group no load balancer has. */
static void check_attached(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Json *arn = json_get_c(entry, "targetGroupArn");
    const Resource *group = relation_target(context, arn, RESOURCE_TARGET_GROUP);
    bool is_open = false;
    if (!group || context->is_svc || arn->kind != JSON_REFERENCE || is_forwarded(context, group, &is_open) || is_open)
        return;
    Diagnostic *d = report(context, service, CODE_TARGET_GROUP_DETACHED, arn, "no listener and no rule forwards to this target group", "add a listener rule that forwards to it");
    rule_tell(context, d, "AWS refuses the service", NULL);
    diagnostic_add_label(context->sink, d, rule_span(group, rule_member(group, "Name")), "the target group");
}

/* A classic fault: the port of the health check or of the group is another one than the container's. ECS registers each task with its own port, so that only
   the health check's is looked at. */
static void check_health_port(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Resource *group = relation_target(context, json_get_c(entry, "targetGroupArn"), RESOURCE_TARGET_GROUP);
    const Resource *task = relation_task_definition(context, service);
    const Json *port = group ? rule_member(group, "HealthCheckPort") : NULL;
    int64_t number = 0;
    bool is_open = false;
    if (!task || !rule_integer(port, &number) || !rule_text_is(rule_member(task, "networkMode"), "awsvpc"))
        return;
    const Json *containers = rule_member(task, "containerDefinitions");
    for (size_t i = 0; i < rule_item_count(containers); i++)
        if (relation_has_port(containers->items.items[i], number, &is_open) || is_open)
            return;
    Diagnostic *d = rule_report(context, group, CODE_HEALTH_PORT, port, "no container listens on port %lld, which the health check asks", (long long)number);
    rule_tell(context, d, "tasks would be stopped as unhealthy", "use traffic-port, or a port of a container");
    diagnostic_add_label(context->sink, d, rule_span(service, json_get_c(entry, "containerPort")), "the port that gets traffic");
}

/* --- start and stop --- */

static bool uses_spot(const Resource *service)
{
    const Json *strategy = rule_member(service, "capacityProviderStrategy");
    for (size_t i = 0; i < rule_item_count(strategy); i++) {
        const Json *item = strategy->items.items[i];
        int64_t weight = 0;
        int64_t base = 0;
        (void)rule_integer(json_get_c(item, "base"), &base);
        bool is_used = (rule_integer(json_get_c(item, "weight"), &weight) && weight > 0) || base > 0 || strategy->items.count == 1;
        if (is_used && rule_text_is(json_get_c(item, "capacityProvider"), "FARGATE_SPOT"))
            return true;
    }
    return false;
}

/* The longest stop timeout among the containers; 30 s where none is said. */
static int64_t longest_stop(const Resource *task, const Json **place)
{
    enum { USUAL = 30 };
    const Json *containers = task ? rule_member(task, "containerDefinitions") : NULL;
    int64_t longest = 0;
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *stop = json_get_c(containers->items.items[i], "stopTimeout");
        int64_t seconds = USUAL;
        if (rule_is_open(stop))
            return 0;
        if (rule_integer(stop, &seconds) && seconds > longest)
            *place = stop;
        longest = seconds > longest ? seconds : longest;
    }
    return longest;
}

static void check_spot_drain(const RuleContext *context, const Resource *service, const Json *entry)
{
    enum { NOTICE = 120, USUAL_DELAY = 300 };
    const Json *arn = json_get_c(entry, "targetGroupArn");
    const Resource *group = relation_target(context, arn, RESOURCE_TARGET_GROUP);
    const Json *delay = group ? relation_attribute(group, "deregistration_delay.timeout_seconds") : NULL;
    const Json *stop_place = NULL;
    int64_t drain = USUAL_DELAY;
    if (!group || !uses_spot(service) || rule_is_open(delay) || relation_is_open(rule_find_more(group, "ModifyTargetGroupAttributes.Attributes")) || (rule_is_set(delay) && !rule_integer(delay, &drain)))
        return;
    int64_t stop = longest_stop(relation_task_definition(context, service), &stop_place);
    if (drain + stop <= NOTICE)
        return;
    Diagnostic *d = rule_report(context, rule_is_set(delay) ? group : service, CODE_SPOT_DRAIN, rule_is_set(delay) ? delay : arn,
                                "Spot takes a task away after 120 s, and draining takes %lld s%s", (long long)drain, rule_is_set(delay) ? "" : ", as nothing else is said");
    if (stop_place)
        diagnostic_add_label(context->sink, d, rule_span(relation_task_definition(context, service), stop_place), "beside this stop timeout");
    rule_tell(context, d, "requests would be cut off", context->is_svc ? "keep the drain and the longest stop together within 120s"
                                                                       : "keep deregistration_delay.timeout_seconds and the longest stopTimeout together within 120 s");
}

/* How long the load balancer bears a task that does not answer yet. */
static bool unhealthy_after(const Resource *group, int64_t *out)
{
    enum { INTERVAL = 30, COUNT = 2 };
    int64_t interval = INTERVAL;
    int64_t count = COUNT;
    const Json *said = rule_member(group, "HealthCheckIntervalSeconds");
    const Json *times = rule_member(group, "UnhealthyThresholdCount");
    if ((said && !rule_integer(said, &interval)) || (times && !rule_integer(times, &count)))
        return false;
    *out = interval * count;
    return true;
}

static void check_grace(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Resource *group = relation_target(context, json_get_c(entry, "targetGroupArn"), RESOURCE_TARGET_GROUP);
    const Resource *task = relation_task_definition(context, service);
    const Json *grace = rule_member(service, "healthCheckGracePeriodSeconds");
    int64_t patience = 0;
    int64_t spared = 0;
    int64_t start = 0;
    if (!group || !task || rule_is_open(grace) || (grace && !rule_integer(grace, &spared)) || !unhealthy_after(group, &patience))
        return;
    const Json *container = relation_container(context, task, rule_text(json_get_c(entry, "containerName")), NULL);
    const Json *period = rule_find(container, "healthCheck.startPeriod");
    if (!rule_integer(period, &start) || start <= spared + patience)
        return;
    Diagnostic *d = rule_report(context, service, CODE_GRACE_SHORT, grace ? grace : json_get_c(entry, "targetGroupArn"),
                                "the container may take %lld s to start, and the load balancer's checks stop it after %lld s", (long long)start, (long long)(spared + patience));
    rule_tell(context, d, grace ? "the grace period" : "no grace period is said",
              context->is_svc ? "make it as long as the start, or leave it out" : "set healthCheckGracePeriodSeconds to the start period or more");
    diagnostic_add_label(context->sink, d, rule_span(task, period), "its start period");
}

/* --- scaling --- */

static void check_scaled_count(const RuleContext *context, const Resource *service, const Json *desired)
{
    const Resource *target = relation_scalable_target(context, service);
    int64_t count = 0;
    int64_t least = 0;
    int64_t most = 0;
    if (context->is_svc || !target || !rule_integer(desired, &count))
        return;
    const Json *low = rule_member(target, "MinCapacity");
    const Json *high = rule_member(target, "MaxCapacity");
    if (rule_integer(low, &least) && count < least && count > 0) {
        Diagnostic *d = report(context, service, CODE_SCALED_COUNT, desired, "the service begins with fewer tasks than scaling allows", "begin with MinCapacity tasks");
        diagnostic_add_label(context->sink, d, rule_span(target, low), "the fewest");
    } else if (rule_integer(high, &most) && count > most) {
        Diagnostic *d = report(context, service, CODE_SCALED_COUNT, desired, "the service begins with more tasks than scaling allows", "begin with at most MaxCapacity tasks");
        diagnostic_add_label(context->sink, d, rule_span(target, high), "the most");
    }
}

static void check_scaled_daemon(const RuleContext *context, const Resource *target, const Json *input)
{
    const Json *id = json_get_c(input, "ResourceId");
    const Resource *service = relation_scaled_service(context, target);
    if (service && rule_text_is(rule_member(service, "schedulingStrategy"), "DAEMON")) {
        Diagnostic *d = report(context, target, CODE_SCALING_RESOURCE, id, "a DAEMON service has as many tasks as instances: it does not scale", "leave the scalable target out, or use REPLICA");
        diagnostic_add_label(context->sink, d, rule_span(service, rule_member(service, "schedulingStrategy")), "DAEMON");
    }
}

/* A policy by steps does nothing until an alarm calls it. */
static void check_policy_called(const RuleContext *context, const Resource *policy, const Json *config)
{
    static const char *const actions[] = {"AlarmActions", "OKActions", "InsufficientDataActions"};
    size_t index = 0;
    const Resource *alarm;
    bool has_alarm = false;
    while ((alarm = relation_next(context, RESOURCE_ALARM, &index))) {
        has_alarm = true;
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
            if (relation_mentions(context, rule_member(alarm, actions[i]), policy) || relation_is_open(rule_member(alarm, actions[i])))
                return;
    }
    if (context->is_svc || (!has_alarm && !rule_is_set(rule_member(policy, "ScalingTargetId"))))
        return;
    (void)config;
    report(context, policy, CODE_POLICY_UNCALLED, rule_member(policy, "PolicyName"), "no alarm calls this step policy, so that it never scales", "name the policy in the AlarmActions of an alarm");
}

/* --- a task that must run once --- */

static bool has_word(Text text, Text word)
{
    size_t start = text_find(text, word);
    return start < text.len && (start == 0 || !rule_has_only(text_slice(text, start - 1, start), "a-zA-Z0-9")) &&
           (start + word.len == text.len || !rule_has_only(text_slice(text, start + word.len, start + word.len + 1), "a-zA-Z0-9"));
}

/* "celery … beat" in a command: two of them send every job twice. */
static const Json *find_beat(const Json *command)
{
    bool has_celery = false;
    const Json *beat = NULL;
    for (size_t i = 0; i < rule_item_count(command); i++) {
        Text text = rule_text(command->items.items[i]);
        has_celery = has_celery || has_word(text, TEXT("celery"));
        if (has_word(text, TEXT("beat")))
            beat = command->items.items[i];
    }
    return has_celery ? beat : NULL;
}

static const Json *find_single_command(const Resource *task)
{
    const Json *containers = rule_member(task, "containerDefinitions");
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *beat = find_beat(json_get_c(containers->items.items[i], "command"));
        beat = beat ? beat : find_beat(json_get_c(containers->items.items[i], "entryPoint"));
        if (beat)
            return beat;
    }
    return NULL;
}

static void check_single(const RuleContext *context, const Resource *service, const Json *input)
{
    const Resource *task = relation_task_definition(context, service);
    const Json *beat = task ? find_single_command(task) : NULL;
    const Json *maximum = rule_member(service, "deploymentConfiguration.maximumPercent");
    const Json *desired = json_get_c(input, "desiredCount");
    int64_t most = 200;
    int64_t count = 1;
    if (!beat || (rule_is_set(maximum) && !rule_integer(maximum, &most)) || (rule_is_set(desired) && !rule_integer(desired, &count)))
        return;
    bool is_many = count > 1;
    if (!is_many && (most <= 100 || count == 0))
        return;
    const Json *place = is_many ? desired : rule_is_set(maximum) ? maximum : json_get_c(input, "taskDefinition");
    Diagnostic *d = rule_report(context, service, CODE_SINGLE_TWICE, place, "%s", is_many ? "more than one of a scheduler that must run once" : "a deployment runs the scheduler twice for a while, and every job with it");
    rule_tell(context, d, NULL, is_many ? "set desiredCount to 1" : context->is_svc ? "say `singleton`" : "set maximumPercent to 100 and minimumHealthyPercent to 0");
    diagnostic_add_label(context->sink, d, rule_span(task, beat), "celery beat");
}

/* --- deployments and alarms --- */

static const Resource *find_alarm(const RuleContext *context, const Json *name)
{
    return relation_target(context, name, RESOURCE_ALARM);
}

/* An alarm that needs longer than the new revision is watched comes too late. */
static void check_bake(const RuleContext *context, const Resource *service, const Json *name)
{
    enum { MINUTE = 60, MINUTES_MAX = 100000 };
    const Resource *alarm = find_alarm(context, name);
    const Json *bake = rule_member(service, "deploymentConfiguration.bakeTimeInMinutes");
    int64_t minutes = 0;
    int64_t period = 0;
    int64_t count = 0;
    if (!alarm || !rule_integer(bake, &minutes) || minutes > MINUTES_MAX || !rule_integer(rule_member(alarm, "Period"), &period) || !rule_integer(rule_member(alarm, "EvaluationPeriods"), &count))
        return;
    int64_t points = count;
    (void)rule_integer(rule_member(alarm, "DatapointsToAlarm"), &points);
    if (points <= 0 || period <= 0 || points > MINUTES_MAX || period > MINUTES_MAX || points * period <= minutes * MINUTE)
        return;
    Diagnostic *d = rule_report(context, service, CODE_BAKE_SHORT, bake, "the new revision is watched for %lld min, and this alarm needs %lld s of it", (long long)minutes, (long long)(points * period));
    rule_tell(context, d, NULL, "make bakeTimeInMinutes longer than the alarm's periods");
    diagnostic_add_label(context->sink, d, rule_span(alarm, rule_member(alarm, "EvaluationPeriods")), "the alarm");
}

static void check_bakes(const RuleContext *context, const Resource *service, const Json *names)
{
    for (size_t i = 0; i < rule_item_count(names); i++)
        check_bake(context, service, names->items.items[i]);
}

/* --- logs --- */

static void check_log_creation(const RuleContext *context, const Resource *task, const Json *options)
{
    const Json *create = json_get_c(options, "awslogs-create-group");
    if (context->is_svc || !rule_flag(create, false) || relation_target(context, json_get_c(options, "awslogs-group"), RESOURCE_LOG_GROUP))
        return;
    report(context, task, CODE_LOG_GROUP_MADE, create, "a log group that is made by the first task keeps everything for ever", "create the log group with RetentionInDays, and leave awslogs-create-group out");
}

/* --- security groups --- */

static bool is_world(const Json *permission)
{
    static const char *const lists[][3] = {{"IpRanges", "CidrIp", "0.0.0.0/0"}, {"Ipv6Ranges", "CidrIpv6", "::/0"}};
    for (size_t i = 0; i < 2; i++) {
        const Json *list = json_get_c(permission, lists[i][0]);
        if (rule_text_is(json_get_c(permission, lists[i][1]), lists[i][2]))
            return true;
        for (size_t j = 0; j < rule_item_count(list); j++)
            if (rule_text_is(json_get_c(list->items.items[j], lists[i][1]), lists[i][2]))
                return true;
    }
    return false;
}

/* Tasks behind a load balancer are reached through it: their own group need not be open to everybody. */
static void check_task_group(const RuleContext *context, const Resource *service, const Json *id)
{
    const Resource *group = relation_target(context, id, RESOURCE_SECURITY_GROUP);
    const Json *balancers = rule_member(service, "loadBalancers");
    const Json *permissions = group ? rule_find_more(group, "AuthorizeSecurityGroupIngress.IpPermissions") : NULL;
    if (context->is_svc || !rule_item_count(balancers))
        return;
    for (size_t i = 0; i < rule_item_count(permissions); i++) {
        const Json *permission = permissions->items.items[i];
        for (size_t j = 0; is_world(permission) && j < rule_item_count(balancers); j++) {
            const Json *port = json_get_c(balancers->items.items[j], "containerPort");
            int64_t number = 0;
            int64_t low = 0;
            int64_t high = INT32_MAX;
            (void)rule_integer(json_get_c(permission, "FromPort"), &low);
            (void)rule_integer(json_get_c(permission, "ToPort"), &high);
            if (!rule_integer(port, &number) || number < low || number > high)
                continue;
            const Json *place = rule_is_set(json_get_c(permission, "FromPort")) ? json_get_c(permission, "FromPort") : permission;
            Diagnostic *d = rule_report(context, group, CODE_TASKS_OPEN, place, "everybody may connect to the tasks on port %lld, past the load balancer", (long long)number);
            rule_tell(context, d, NULL, "allow the load balancer's security group alone");
            diagnostic_add_label(context->sink, d, rule_span(service, port), "the port that the load balancer uses");
            return;
        }
    }
}

static void check_task_groups(const RuleContext *context, const Resource *service, const Json *groups)
{
    for (size_t i = 0; i < rule_item_count(groups); i++)
        check_task_group(context, service, groups->items.items[i]);
}

/* --- names --- */

/* The member of the input that a name is unique in; NULL where it is in the account and region. */
static const char *name_space(ResourceKind kind)
{
    return kind == RESOURCE_SERVICE ? "cluster" : kind == RESOURCE_SECURITY_GROUP ? "VpcId" : NULL;
}

static void check_name_taken(const RuleContext *context, const Resource *resource, const Json *input)
{
    const Json *name = relation_said_name(resource);
    const char *space = name_space(resource->kind);
    size_t index = 0;
    const Resource *other;
    if (context->is_svc || !name)
        return;
    while ((other = relation_next(context, resource->kind, &index)) && other != resource) {
        bool is_elsewhere = space && !json_equal(json_get_c(input, space), json_get_c(other->input, space));
        const Json *its = relation_said_name(other);
        if (!its || !text_equal(its->text, name->text) || is_elsewhere || !relation_may_meet(resource, other))
            continue;
        Diagnostic *d = rule_report(context, resource, CODE_NAME_TAKEN, name, "two %ss would have the name %.*s in AWS", resource_facts(resource->kind)->label, TEXT_ARG(name->text));
        rule_tell(context, d, NULL, "give one of them another name");
        diagnostic_add_label(context->sink, d, rule_span(other, its), "the other one");
        return;
    }
}

const Rule across_rules[] = {
    {RESOURCE_SERVICE, "", check_name_taken},
    {RESOURCE_ROLE, "", check_name_taken},
    {RESOURCE_LOG_GROUP, "", check_name_taken},
    {RESOURCE_TARGET_GROUP, "", check_name_taken},
    {RESOURCE_LOAD_BALANCER, "", check_name_taken},
    {RESOURCE_ALARM, "", check_name_taken},
    {RESOURCE_CLUSTER, "", check_name_taken},
    {RESOURCE_SECURITY_GROUP, "", check_name_taken},
    {RESOURCE_DASHBOARD, "", check_name_taken},
    {RESOURCE_SERVICE, "loadBalancers[]", check_attached},
    {RESOURCE_SERVICE, "loadBalancers[]", check_health_port},
    {RESOURCE_SERVICE, "loadBalancers[]", check_spot_drain},
    {RESOURCE_SERVICE, "loadBalancers[]", check_grace},
    {RESOURCE_SERVICE, "desiredCount", check_scaled_count},
    {RESOURCE_SERVICE, "", check_single},
    {RESOURCE_SERVICE, "deploymentConfiguration.alarms.alarmNames", check_bakes},
    {RESOURCE_SERVICE, "networkConfiguration.awsvpcConfiguration.securityGroups", check_task_groups},
    {RESOURCE_SCALABLE_TARGET, "", check_scaled_daemon},
    {RESOURCE_SCALING_POLICY, "StepScalingPolicyConfiguration", check_policy_called},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration.options", check_log_creation},
    {.check = NULL},
};
