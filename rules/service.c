/* Rules of ECS services (AWS: ECS API reference, CreateService, and the service definition parameters of the developer guide). What is said of
   deployments is in deployment.c. */
#include "rules/relation.h"

static bool controller_is(const Resource *service, const char *type)
{
    const Json *written = rule_member(service, "deploymentController.type");
    return written ? rule_text_is(written, type) : text_equal_c(TEXT("ECS"), type);
}

static bool is_daemon(const Resource *service)
{
    return rule_text_is(rule_member(service, "schedulingStrategy"), "DAEMON");
}

/* --- where tasks run --- */

static void check_launch_type(const RuleContext *context, const Resource *service, const Json *launch_type)
{
    const Json *strategy = rule_member(service, "capacityProviderStrategy");
    if (strategy && (rule_item_count(strategy) || rule_is_open(strategy))) {
        Diagnostic *d = rule_report(context, service, CODE_LAUNCH_TYPE_AND_STRATEGY, launch_type, "launchType and capacityProviderStrategy exclude each other");
        rule_tell(context, d, "a service says one of them", "leave launchType out: the strategy says where tasks run");
        diagnostic_add_label(context->sink, d, rule_span(service, strategy), "the strategy is here");
    }
    if (rule_text_is(launch_type, "FARGATE_SPOT"))
        return;
    const Json *platform = rule_member(service, "platformVersion");
    if (rule_is_known(platform) && (rule_text_is(launch_type, "EC2") || rule_text_is(launch_type, "EXTERNAL"))) {
        Diagnostic *d = rule_report(context, service, CODE_FARGATE_ONLY, platform, "platformVersion is for Fargate, and launchType is %.*s", TEXT_ARG(rule_text(launch_type)));
        rule_tell(context, d, "AWS refuses it here", "leave platformVersion out");
    }
    const Json *public_ip = rule_member(service, "networkConfiguration.awsvpcConfiguration.assignPublicIp");
    if (rule_text_is(launch_type, "EC2") && rule_text_is(public_ip, "ENABLED")) {
        Diagnostic *d = rule_report(context, service, CODE_FARGATE_ONLY, public_ip, "tasks of the launch type EC2 get no public address");
        rule_tell(context, d, "AWS refuses it here", "set assignPublicIp to DISABLED");
    }
}

static bool is_fargate_provider(const Json *item)
{
    return rule_is_one_of(rule_text(json_get_c(item, "capacityProvider")), "FARGATE FARGATE_SPOT");
}

static void report_strategy(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_CAPACITY_STRATEGY, node, "%s", message), NULL, advice);
}

/* A provider that stands earlier in the strategy too. */
static bool is_repeated(const Json *strategy, size_t index)
{
    Text name = rule_text(json_get_c(strategy->items.items[index], "capacityProvider"));
    for (size_t i = 0; name.len && i < index; i++)
        if (text_equal(rule_text(json_get_c(strategy->items.items[i], "capacityProvider")), name))
            return true;
    return false;
}

static void check_strategy(const RuleContext *context, const Resource *service, const Json *strategy)
{
    const Json *base = NULL;
    const Json *fargate = NULL;
    const Json *other = NULL;
    size_t idle = 0;
    size_t count = rule_item_count(strategy);
    for (size_t i = 0; i < count; i++) {
        const Json *item = strategy->items.items[i];
        const Json *weight = json_get_c(item, "weight");
        int64_t number = 0;
        idle += item->kind == JSON_OBJECT && (!rule_is_set(weight) || (rule_integer(weight, &number) && number == 0));
        const Json *own_base = json_get_c(item, "base");
        if (rule_integer(own_base, &number) && number > 0) {
            if (base)
                report_strategy(context, service, own_base, "two providers have a base, and a strategy has one", "keep the base of one provider");
            base = own_base;
        }
        if (rule_is_known(json_get_c(item, "capacityProvider")))
            *(is_fargate_provider(item) ? &fargate : &other) = item;
        if (is_repeated(strategy, i))
            report_strategy(context, service, json_get_c(item, "capacityProvider"), "the strategy names this provider twice", "put its weight and base into one entry");
    }
    if (count > 1 && idle == count)
        report_strategy(context, service, rule_find(strategy->items.items[0], "weight") ? rule_find(strategy->items.items[0], "weight") : strategy->items.items[0], "no provider of the strategy has a weight above 0, so that no task can be placed", "give one of them `weight` 1 or more");
    if (fargate && other)
        report_strategy(context, service, json_get_c(other, "capacityProvider"), "a strategy has either Fargate's providers or others", "use FARGATE and FARGATE_SPOT alone, or neither");
}

static void check_spot(const RuleContext *context, const Resource *service, const Json *provider)
{
    const Resource *task = relation_task_definition(context, service);
    const Json *system = task ? rule_find(task->input, "runtimePlatform.operatingSystemFamily") : NULL;
    if (!rule_text_is(provider, "FARGATE_SPOT") || !text_starts_with(rule_text(system), TEXT("WINDOWS")))
        return;
    Diagnostic *d = rule_report(context, service, CODE_SPOT_WINDOWS, provider, "FARGATE_SPOT runs Linux only, and the task definition is for Windows");
    rule_tell(context, d, NULL, "use FARGATE");
    diagnostic_add_label(context->sink, d, rule_span(task, system), "Windows is said here");
}

static bool has_provider(const Json *providers, Text name, bool *is_open)
{
    *is_open = *is_open || rule_is_open(providers);
    for (size_t i = 0; i < rule_item_count(providers); i++) {
        *is_open = *is_open || providers->items.items[i]->kind != JSON_TEXT;
        if (text_equal(rule_text(providers->items.items[i]), name))
            return true;
    }
    return false;
}

/* A cluster has the providers that it lists, and those that are associated with it; the two of Fargate are no exception. */
static void check_provider(const RuleContext *context, const Resource *service, const Json *provider)
{
    const Resource *cluster = relation_target(context, json_get_c(service->input, "cluster"), RESOURCE_CLUSTER);
    const Json *listed = cluster ? rule_find(cluster->input, "capacityProviders") : NULL;
    const Json *associated = cluster ? rule_find_more(cluster, "PutClusterCapacityProviders.capacityProviders") : NULL;
    bool is_open = false;
    if (!cluster || provider->kind != JSON_TEXT || has_provider(listed, provider->text, &is_open) || has_provider(associated, provider->text, &is_open) || is_open)
        return;
    Diagnostic *d = rule_report(context, service, CODE_PROVIDER_ABSENT, provider, "the cluster does not have the capacity provider %.*s", TEXT_ARG(provider->text));
    rule_tell(context, d, NULL, "add it to the cluster's CapacityProviders");
    const Json *list = rule_item_count(associated) ? associated : listed;
    diagnostic_add_label(context->sink, d, rule_span(cluster, list), rule_item_count(list) ? "the cluster's" : "the cluster, which has none");
}

/* --- network --- */

static void check_network(const RuleContext *context, const Resource *service, const Json *input)
{
    const Resource *task = relation_task_definition(context, service);
    const Json *mode = task ? json_get_c(task->input, "networkMode") : NULL;
    const Json *network = json_get_c(input, "networkConfiguration");
    if (controller_is(service, "EXTERNAL") || rule_is_open(network) || rule_is_open(mode))
        return;
    bool needs = rule_text_is(mode, "awsvpc") || (relation_is_fargate(service, task) && !rule_is_known(mode));
    if (needs && !rule_is_set(network)) {
        const Json *place = rule_is_set(json_get_c(input, "launchType")) ? json_get_c(input, "launchType") : json_get_c(input, "taskDefinition");
        Diagnostic *d = rule_report(context, service, CODE_NETWORK_CONFIGURATION, place, "the service says no networkConfiguration, and its tasks have the network mode awsvpc");
        rule_tell(context, d, "these tasks need subnets", "add networkConfiguration with awsvpcConfiguration and its subnets");
    }
    if (task && rule_is_set(network) && !rule_text_is(mode, "awsvpc") && (rule_is_known(mode) || !relation_is_fargate(service, task))) {
        Diagnostic *d = rule_report(context, service, CODE_NETWORK_CONFIGURATION, network, "networkConfiguration is for the network mode awsvpc, and the task definition has %.*s",
                                    TEXT_ARG(rule_is_known(mode) ? rule_text(mode) : TEXT("none, which is bridge")));
        rule_tell(context, d, "AWS refuses it with this network mode", "set the task definition's networkMode to awsvpc, or leave networkConfiguration out");
        diagnostic_add_label(context->sink, d, rule_span(task, mode), "the task definition");
    }
}

static void check_subnets(const RuleContext *context, const Resource *service, const Json *network)
{
    const Json *subnets = json_get_c(network, "subnets");
    /* Where a .svc file has none, that was told at the words that should have named them. */
    if (context->is_svc || (rule_is_set(subnets) && (rule_is_open(subnets) || rule_item_count(subnets) || subnets->kind != JSON_ARRAY)))
        return;
    Diagnostic *d = rule_report(context, service, CODE_NETWORK_CONFIGURATION, rule_is_set(subnets) ? subnets : network, "awsvpcConfiguration has no subnets");
    rule_tell(context, d, "tasks need at least one subnet", "name the subnets that tasks run in");
}

static void check_public_ip(const RuleContext *context, const Resource *service, const Json *public_ip)
{
    if (!rule_text_is(public_ip, "ENABLED") || rule_text_is(rule_member(service, "launchType"), "EC2"))
        return;
    Diagnostic *d = rule_report(context, service, CODE_PUBLIC_IP, public_ip, "every task gets an address that the internet can reach");
    rule_tell(context, d, "public addresses", context->is_svc ? "leave it out, and run tasks in private subnets: a NAT gateway or VPC endpoints are their way out"
                                                    : "run tasks in private subnets with assignPublicIp DISABLED; a NAT gateway or VPC endpoints are their way out");
}

/* --- load balancers --- */

static void report_entry(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_LOAD_BALANCER_ENTRY, node, "%s", message), NULL, advice);
}

static void check_entry(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Json *group = json_get_c(entry, "targetGroupArn");
    const Json *classic = json_get_c(entry, "loadBalancerName");
    if (rule_is_set(group) && rule_is_set(classic))
        report_entry(context, service, classic, "an entry names a target group or a classic load balancer, not both", "leave loadBalancerName out: it is for classic load balancers");
    else if (!rule_is_set(group) && !rule_is_set(classic))
        report_entry(context, service, entry, "this entry of loadBalancers names no target group", "add targetGroupArn");
    if (!rule_is_set(json_get_c(entry, "containerName")))
        report_entry(context, service, entry, "this entry of loadBalancers names no container", "add containerName");
    if (!rule_is_set(json_get_c(entry, "containerPort")))
        report_entry(context, service, entry, "this entry of loadBalancers names no port", "add containerPort");
}

/* The container and port that an entry names must be in the task definition. */
static void check_container_port(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Resource *task = relation_task_definition(context, service);
    const Json *name = json_get_c(entry, "containerName");
    const Json *port = json_get_c(entry, "containerPort");
    /* What a .svc file's routes and registries name is judged on its words. */
    if (context->is_svc || !task || !rule_is_known(name))
        return;
    bool is_open = false;
    const Json *container = relation_container(context, task, rule_text(name), &is_open);
    int64_t number = 0;
    if (!container && !is_open) {
        Diagnostic *d = rule_report(context, service, CODE_CONTAINER_ABSENT, name, "the task definition has no container %.*s", TEXT_ARG(rule_text(name)));
        rule_tell(context, d, NULL, "name one of its containers");
        diagnostic_add_label(context->sink, d, rule_span(task, json_get_c(task->input, "containerDefinitions")), "its containers");
    } else if (container && rule_integer(port, &number) && !relation_has_port(container, number, &is_open) && !is_open) {
        Diagnostic *d = rule_report(context, service, CODE_CONTAINER_ABSENT, port, "container %.*s has no port %lld", TEXT_ARG(rule_text(name)), (long long)number);
        rule_tell(context, d, "no portMappings entry has it", "name a port of the container, or add it to its portMappings");
        diagnostic_add_label(context->sink, d, rule_span(task, json_get_c(container, "portMappings")), "its ports");
    }
}

static bool is_awsvpc(const RuleContext *context, const Resource *service)
{
    const Resource *task = relation_task_definition(context, service);
    return rule_member(service, "networkConfiguration.awsvpcConfiguration") || relation_is_fargate(service, task) ||
           (task && rule_text_is(json_get_c(task->input, "networkMode"), "awsvpc"));
}

static void check_target_type(const RuleContext *context, const Resource *service, const Json *entry)
{
    const Json *arn = json_get_c(entry, "targetGroupArn");
    const Resource *group = relation_target(context, arn, RESOURCE_TARGET_GROUP);
    const Json *type = group ? json_get_c(group->input, "TargetType") : NULL;
    if (!group || !is_awsvpc(context, service) || rule_is_open(type) || rule_text_is(type, "ip"))
        return;
    Diagnostic *d = rule_report(context, group, CODE_TARGET_TYPE, type, "tasks with the network mode awsvpc need a target group of addresses, and this one is of %s",
                                rule_is_known(type) ? rule_text_is(type, "lambda") ? "functions" : rule_text_is(type, "alb") ? "load balancers" : "instances" : "instances, as nothing else is said");
    rule_tell(context, d, NULL, "set TargetType to ip");
    diagnostic_add_label(context->sink, d, rule_span(service, arn), "the service registers its tasks here");
}

static void check_classic(const RuleContext *context, const Resource *service, const Json *name)
{
    if (!is_awsvpc(context, service))
        return;
    Diagnostic *d = rule_report(context, service, CODE_TARGET_TYPE, name, "a classic load balancer does not reach tasks with the network mode awsvpc");
    rule_tell(context, d, NULL, "use a target group of an application or network load balancer: targetGroupArn");
}

/* describe-services tells the service-linked role here. */
static void check_role(const RuleContext *context, const Resource *service, const Json *input)
{
    const Json *role = json_get_c(input, "role");
    const Json *balancers = rule_member(service, "loadBalancers");
    bool has_none = !balancers || (balancers->kind == JSON_ARRAY && balancers->items.count == 0);
    if (!rule_is_set(role) || text_find(rule_text(role), TEXT("AWSServiceRoleForECS")) < rule_text(role).len || (!has_none && !is_awsvpc(context, service)))
        return;
    Diagnostic *d = rule_report(context, service, CODE_SERVICE_ROLE, role, "%s", has_none ? "a role for load balancers, and the service has none"
                                                                                           : "tasks with the network mode awsvpc use the service-linked role");
    rule_tell(context, d, "AWS refuses it", "leave role out");
}

/* One target group in two entries is how network load balancers take two ports; that many groups is not. */
static void check_group_count(const RuleContext *context, const Resource *service, const Json *balancers)
{
    enum { TARGET_GROUPS_MAX = 5 };
    if (context->is_svc || rule_item_count(balancers) <= TARGET_GROUPS_MAX)
        return;
    Diagnostic *d = rule_report(context, service, CODE_TARGET_GROUPS, balancers->items.items[TARGET_GROUPS_MAX], "a service has at most %d target groups, and this one has %zu", TARGET_GROUPS_MAX,
                                rule_item_count(balancers));
    rule_tell(context, d, NULL, "serve several paths from one target group");
}

static void check_grace(const RuleContext *context, const Resource *service, const Json *grace)
{
    const Json *balancers = rule_member(service, "loadBalancers");
    int64_t seconds = 0;
    if (context->is_svc || !rule_integer(grace, &seconds) || seconds == 0 || rule_is_open(balancers) || rule_item_count(balancers) || rule_member(service, "vpcLatticeConfigurations"))
        return;
    const Resource *task = relation_task_definition(context, service);
    const Json *containers = task ? json_get_c(task->input, "containerDefinitions") : NULL;
    for (size_t i = 0; i < rule_item_count(containers); i++)
        if (rule_is_set(json_get_c(containers->items.items[i], "healthCheck")))
            return;
    Diagnostic *d = rule_report(context, service, CODE_GRACE_WITHOUT_CHECK, grace, "a grace period for health checks, and the service has no load balancer");
    rule_tell(context, d, "nothing uses it", "add loadBalancers, or leave healthCheckGracePeriodSeconds out");
}

/* --- scheduling --- */

static void report_daemon(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, service, CODE_DAEMON, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    diagnostic_add_label(context->sink, d, rule_span(service, rule_member(service, "schedulingStrategy")), "DAEMON runs one task on each instance");
}

static void check_scheduling(const RuleContext *context, const Resource *service, const Json *scheduling)
{
    if (!rule_text_is(scheduling, "DAEMON"))
        return;
    if (relation_is_fargate(service, relation_task_definition(context, service)))
        report_daemon(context, service, scheduling, "Fargate has no instances, so that DAEMON cannot run there", "use REPLICA");
    if (rule_is_known(rule_member(service, "desiredCount")))
        report_daemon(context, service, rule_member(service, "desiredCount"), "a DAEMON service has no desiredCount", "leave desiredCount out");
    const Json *maximum = rule_member(service, "deploymentConfiguration.maximumPercent");
    int64_t most = 0;
    if (rule_integer(maximum, &most) && most > 100)
        report_daemon(context, service, maximum, "a DAEMON service has one task on each instance: no more than 100%", "set maximumPercent to 100");
    const Json *strategy = rule_member(service, "placementStrategy");
    if (rule_item_count(strategy))
        report_daemon(context, service, strategy, "a DAEMON service has no placementStrategy", "leave placementStrategy out");
    if (!controller_is(service, "ECS") && rule_is_known(rule_member(service, "deploymentController.type")))
        report_daemon(context, service, rule_member(service, "deploymentController.type"), "DAEMON needs the deployment controller ECS", "use the controller ECS, or REPLICA");
}

static void check_placement(const RuleContext *context, const Resource *service, const Json *placement)
{
    if (!rule_item_count(placement) || !relation_is_fargate(service, relation_task_definition(context, service)))
        return;
    Diagnostic *d = rule_report(context, service, CODE_FARGATE_PLACEMENT, placement, "Fargate places tasks itself: a service there has no placement constraints or strategy");
    rule_tell(context, d, NULL, "leave it out; subnets say in which zones tasks run");
}

static void check_strategy_field(const RuleContext *context, const Resource *service, const Json *strategy)
{
    Text type = rule_text(json_get_c(strategy, "type"));
    const Json *field = json_get_c(strategy, "field");
    Text text = rule_text(field);
    bool is_packed = text_equal_c(type, "binpack");
    bool is_random = text_equal_c(type, "random");
    /* CPU and MEMORY are accepted too. */
    bool is_size = text_equal_c(text, "cpu") || text_equal_c(text, "memory") || text_equal_c(text, "CPU") || text_equal_c(text, "MEMORY");
    if (!text.len || !(is_packed || is_random) || (is_packed && is_size))
        return;
    Diagnostic *d = rule_report(context, service, is_packed ? CODE_PLACEMENT_FIELD : CODE_VALUE_UNUSED, field, is_packed ? "tasks are not packed by %.*s" : "a random placement does not go by %.*s",
                                TEXT_ARG(text));
    rule_tell(context, d, NULL, is_packed ? "pack by cpu or memory" : "leave the field out");
}

static void check_rebalancing(const RuleContext *context, const Resource *service, const Json *rebalancing)
{
    int64_t most = 0;
    const Json *maximum = rule_member(service, "deploymentConfiguration.maximumPercent");
    if (!rule_text_is(rebalancing, "ENABLED"))
        return;
    bool is_tight = rule_integer(maximum, &most) && most <= 100;
    if (!is_tight && !is_daemon(service))
        return;
    Diagnostic *d = rule_report(context, service, CODE_REBALANCING, rebalancing, "%s", is_tight ? "tasks cannot move to another zone without one too many for a moment, and maximumPercent is 100"
                                                                                                 : "a DAEMON service is not balanced over zones");
    rule_tell(context, d, NULL, is_tight ? "set availabilityZoneRebalancing to DISABLED, or maximumPercent above 100" : "set availabilityZoneRebalancing to DISABLED");
    if (is_tight)
        diagnostic_add_label(context->sink, d, rule_span(service, maximum), "no more tasks than wanted");
}

static void check_task_definition(const RuleContext *context, const Resource *service, const Json *input)
{
    if (rule_is_set(json_get_c(input, "taskDefinition")) || !rule_is_set(json_get_c(input, "serviceName")) || controller_is(service, "EXTERNAL") ||
        rule_is_open(rule_member(service, "deploymentController.type")))
        return;
    Diagnostic *d = rule_report(context, service, CODE_TASK_DEFINITION_MISSING, json_get_c(input, "serviceName"), "the service names no task definition");
    rule_tell(context, d, NULL, "add taskDefinition: a family, a family with its revision, or an ARN");
}

/* --- what tasks are given --- */

static void check_managed_tags(const RuleContext *context, const Resource *service, const Json *enabled)
{
    const Json *propagate = rule_member(service, "propagateTags");
    if (!rule_flag(enabled, false) || propagate)
        return;
    Diagnostic *d = rule_report(context, service, CODE_MANAGED_TAGS, enabled, "tags managed by ECS want propagateTags too");
    rule_tell(context, d, "costs cannot be told apart by service", "set propagateTags to SERVICE");
}

static void check_exec(const RuleContext *context, const Resource *service, const Json *enabled)
{
    const Resource *task = relation_task_definition(context, service);
    if (!rule_flag(enabled, false) || !task || rule_is_set(json_get_c(task->input, "taskRoleArn")))
        return;
    Diagnostic *d = rule_report(context, service, CODE_EXEC_ROLE, enabled, "ECS Exec needs a task role, and the task definition has none");
    rule_tell(context, d, NULL, "add taskRoleArn, of a role that may use ssmmessages, to the task definition");
    diagnostic_add_label(context->sink, d, rule_span(task, NULL), "the task definition");
}

/* Whether some port of the task has this name. */
static bool has_port_name(const Resource *task, Text name, bool *is_open)
{
    const Json *containers = json_get_c(task->input, "containerDefinitions");
    *is_open = rule_is_open(containers);
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *mappings = json_get_c(containers->items.items[i], "portMappings");
        *is_open = *is_open || rule_is_open(mappings) || rule_is_open(containers->items.items[i]);
        for (size_t j = 0; j < rule_item_count(mappings); j++) {
            const Json *own = json_get_c(mappings->items.items[j], "name");
            if (text_equal(rule_text(own), name))
                return true;
            *is_open = *is_open || rule_is_open(own) || rule_is_open(mappings->items.items[j]);
        }
    }
    return false;
}

static void check_port_name(const RuleContext *context, const Resource *service, const Json *name)
{
    const Resource *task = relation_task_definition(context, service);
    bool is_open = false;
    if (context->is_svc || !task || has_port_name(task, rule_text(name), &is_open) || is_open)
        return;
    Diagnostic *d = rule_report(context, service, CODE_SERVICE_CONNECT, name, "no port of the task definition has the name %.*s", TEXT_ARG(rule_text(name)));
    rule_tell(context, d, NULL, "name a port: `name` in its portMappings");
}

static void report_registry(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_SERVICE_REGISTRY, node, "%s", message), NULL, advice);
}

static void check_registries(const RuleContext *context, const Resource *service, const Json *registries)
{
    if (rule_item_count(registries) > 1)
        report_registry(context, service, registries->items.items[1], "a service is in one registry, and this is the second", "keep one of them");
}

static void check_registry(const RuleContext *context, const Resource *service, const Json *registry)
{
    const Json *port = json_get_c(registry, "port");
    const Json *name = json_get_c(registry, "containerName");
    const Json *container_port = json_get_c(registry, "containerPort");
    if (rule_is_set(port) && (rule_is_set(name) || rule_is_set(container_port)))
        report_registry(context, service, port, "a registry entry says `port`, or containerName with containerPort, not both", "leave port out");
    const Resource *task = relation_task_definition(context, service);
    const Json *mode = task ? json_get_c(task->input, "networkMode") : NULL;
    if (task && (rule_text_is(mode, "bridge") || rule_text_is(mode, "host")) && (!rule_is_set(name) || !rule_is_set(container_port)))
        report_registry(context, service, registry, "with this network mode a registry needs containerName and containerPort", "add both");
    if (rule_is_known(name) && task)
        check_container_port(context, service, registry);
}

/* --- volumes --- */

static bool is_configured_at_launch(const Json *volume)
{
    return rule_flag(json_get_c(volume, "configuredAtLaunch"), false);
}

static const Json *find_named(const Json *list, Text name, bool *is_open)
{
    *is_open = *is_open || rule_is_open(list);
    for (size_t i = 0; i < rule_item_count(list); i++) {
        const Json *own = json_get_c(list->items.items[i], "name");
        if (text_equal(rule_text(own), name))
            return list->items.items[i];
        *is_open = *is_open || rule_is_open(own) || rule_is_open(list->items.items[i]);
    }
    return NULL;
}

static void report_volume(const RuleContext *context, const Resource *service, const Json *node, Text name, const char *problem, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_VOLUME_CONFIGURATION, node, "volume %.*s %s", TEXT_ARG(name), problem), NULL, advice);
}

static void check_volume_configuration(const RuleContext *context, const Resource *service, const Json *name)
{
    const Resource *task = relation_task_definition(context, service);
    bool is_open = false;
    if (!task)
        return;
    const Json *volume = find_named(json_get_c(task->input, "volumes"), rule_text(name), &is_open);
    if (!volume && !is_open)
        report_volume(context, service, name, rule_text(name), "is not in the task definition", "name one of its volumes that has configuredAtLaunch true");
    else if (volume && !is_configured_at_launch(volume) && !rule_is_open(json_get_c(volume, "configuredAtLaunch")))
        report_volume(context, service, name, rule_text(name), "is not configured at launch", "set configuredAtLaunch to true for the volume, in the task definition");
}

static void check_volumes(const RuleContext *context, const Resource *service, const Json *input)
{
    const Resource *task = relation_task_definition(context, service);
    const Json *volumes = task ? json_get_c(task->input, "volumes") : NULL;
    const Json *configured = json_get_c(input, "volumeConfigurations");
    for (size_t i = 0; i < rule_item_count(volumes); i++) {
        const Json *name = json_get_c(volumes->items.items[i], "name");
        bool is_open = false;
        if (is_configured_at_launch(volumes->items.items[i]) && rule_is_known(name) && !find_named(configured, rule_text(name), &is_open) && !is_open)
            report_volume(context, service, json_get_c(input, "taskDefinition"), rule_text(name),
                          "of the task definition is configured at launch, and the service does not configure it", "add it to volumeConfigurations");
    }
    if (rule_item_count(configured) && is_daemon(service))
        report_daemon(context, service, configured, "a DAEMON service has no volumes of its own", "use REPLICA, or leave volumeConfigurations out");
}

const Rule service_rules[] = {
    {RESOURCE_SERVICE, "launchType", check_launch_type},
    {RESOURCE_SERVICE, "capacityProviderStrategy", check_strategy},
    {RESOURCE_SERVICE, "capacityProviderStrategy[].capacityProvider", check_spot},
    {RESOURCE_SERVICE, "capacityProviderStrategy[].capacityProvider", check_provider},
    {RESOURCE_SERVICE, "", check_network},
    {RESOURCE_SERVICE, "networkConfiguration.awsvpcConfiguration", check_subnets},
    {RESOURCE_SERVICE, "networkConfiguration.awsvpcConfiguration.assignPublicIp", check_public_ip},
    {RESOURCE_SERVICE, "loadBalancers", check_group_count},
    {RESOURCE_SERVICE, "loadBalancers[]", check_entry},
    {RESOURCE_SERVICE, "loadBalancers[]", check_container_port},
    {RESOURCE_SERVICE, "loadBalancers[]", check_target_type},
    {RESOURCE_SERVICE, "loadBalancers[].loadBalancerName", check_classic},
    {RESOURCE_SERVICE, "", check_role},
    {RESOURCE_SERVICE, "healthCheckGracePeriodSeconds", check_grace},
    {RESOURCE_SERVICE, "schedulingStrategy", check_scheduling},
    {RESOURCE_SERVICE, "placementConstraints", check_placement},
    {RESOURCE_SERVICE, "placementStrategy", check_placement},
    {RESOURCE_SERVICE, "placementStrategy[]", check_strategy_field},
    {RESOURCE_SERVICE, "availabilityZoneRebalancing", check_rebalancing},
    {RESOURCE_SERVICE, "", check_task_definition},
    {RESOURCE_SERVICE, "enableECSManagedTags", check_managed_tags},
    {RESOURCE_SERVICE, "enableExecuteCommand", check_exec},
    {RESOURCE_SERVICE, "serviceConnectConfiguration.services[].portName", check_port_name},
    {RESOURCE_SERVICE, "serviceRegistries", check_registries},
    {RESOURCE_SERVICE, "serviceRegistries[]", check_registry},
    {RESOURCE_SERVICE, "volumeConfigurations[].name", check_volume_configuration},
    {RESOURCE_SERVICE, "", check_volumes},
    {.check = NULL},
};
