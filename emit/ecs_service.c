#include "emit/deployment.h"
#include "emit/log_group.h"
#include "emit/placement.h"

enum { PERCENT_WHOLE = 100, PERCENT_DOUBLE = 200 };

static bool is_singleton(const ServiceFacts *facts)
{
    return node_flag(node_child(facts->node, W_SINGLETON), false);
}

/* --- how many --- */

static Json *desired_count(Emission *emission, const ServiceFacts *facts)
{
    const Node *scale = node_child(facts->node, W_SCALE);
    const Node *count = node_child(facts->node, W_COUNT);
    int64_t low = 1;
    int64_t high = 1;
    if (is_singleton(facts))
        return json_at(json_integer(emission->arena, 1), node_child(facts->node, W_SINGLETON)->span);
    if (scale && node_range(scale, 0, &low, &high))
        return json_at(json_integer(emission->arena, low), node_argument_span(scale, 0));
    return json_at(json_integer(emission->arena, node_integer(count, 0, 1)), count ? node_argument_span(count, 0) : SPAN_NONE);
}

/* What would run two tasks of a singleton at once. */
static void check_singleton(Emission *emission, const ServiceFacts *facts)
{
    const Node *singleton = node_child(facts->node, W_SINGLETON);
    const Node *count = node_child(facts->node, W_COUNT);
    const Node *scale = node_child(facts->node, W_SCALE);
    const Node *healthy = node_child(node_child(facts->node, W_ROLLOUT), W_HEALTHY);
    const Node *against = NULL;
    int64_t low;
    int64_t high;
    if (!is_singleton(facts))
        return;
    if (node_integer(count, 0, 1) > 1)
        against = count;
    else if (scale && node_range(scale, 0, &low, &high) && high > 1)
        against = scale;
    else if (healthy && node_range(healthy, 0, &low, &high) && high > PERCENT_WHOLE)
        against = healthy;
    if (!against)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SINGLETON, node_argument_span(against, 0), "a %s never runs two tasks at once",
                                               singleton->row->word);
    diagnostic_set_label(emission->sink, diagnostic, "this would");
    diagnostic_add_label(emission->sink, diagnostic, singleton->span, "said here");
    diagnostic_set_advice(emission->sink, diagnostic, "leave out one of the two");
}

/* --- deployments --- */

static int64_t number_of(const Json *json, int64_t fallback)
{
    return json && json->kind == JSON_NUMBER && rational_is_whole(json->number) ? json->number.num : fallback;
}

/* Nothing may stop and nothing may start: ECS waits for ever. */
static void check_deadlock(Emission *emission, const ServiceFacts *facts, int64_t least, int64_t most)
{
    const Node *healthy = node_child(node_child(facts->node, W_ROLLOUT), W_HEALTHY);
    if (!healthy || least < PERCENT_WHOLE || most > PERCENT_WHOLE)
        return;
    Diagnostic *diagnostic =
        diagnostic_report(emission->sink, CODE_DEPLOY_DEADLOCK, node_argument_span(healthy, 0), "with these shares no deployment can ever move");
    diagnostic_set_label(emission->sink, diagnostic, "no old task may stop, and no new one may start beside it");
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(healthy, 0), TEXT("100%..200%"), "%s 100%%..200%%", healthy->row->word);
}

/* --- traffic --- */

/* As long as the slowest routed container may take to start, and a minute for the load balancer's own checks. */
static Json *grace_period(Emission *emission, const ServiceFacts *facts)
{
    enum { LOAD_BALANCER_SECONDS = 60 };
    int64_t start = 0;
    if (!facts->route_count)
        return NULL;
    for (size_t i = 0; i < facts->route_count; i++) {
        const Node *container = node_keyed_child(facts->node, W_CONTAINER, facts->routes[i].container);
        int64_t period = node_seconds(node_child(node_child(container, W_HEALTH), W_HEALTH_START), 0, 0);
        start = period > start ? period : start;
    }
    return json_integer(emission->arena, start + LOAD_BALANCER_SECONDS);
}

/* The number of the container port that has this name; 0 when none has. */
static int64_t find_port(const ServiceFacts *facts, Text name)
{
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        NODE_EACH(port, container, W_PORT)
        {
            if (text_equal(node_child_text(port, W_PORT_NAME), name))
                return node_integer(port, 0, 0);
        }
    }
    return 0;
}

/* Whether a port's name was in error: that is told already, and it may be the one that is missed. */
static bool has_unclear_port(const ServiceFacts *facts)
{
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        NODE_EACH(port, container, W_PORT)
        {
            if (node_child(port, W_PORT_NAME) && !node_child_text(port, W_PORT_NAME).len)
                return true;
        }
    }
    return false;
}

static void finish_offer(Emission *emission, const ServiceFacts *facts, const Node *offer, Json *service)
{
    Arena *arena = emission->arena;
    const Node *as = node_child(offer, W_OFFER_AS);
    const Node *port = node_child(offer, W_OFFER_PORT);
    int64_t container_port = find_port(facts, offer->key);
    Text name = as ? node_text(as, 0) : offer->key;
    if (!container_port && has_unclear_port(facts))
        return;
    if (!container_port) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_OFFER_PORT, node_argument_span(offer, 0), "no %s of %s %.*s has the name %.*s",
                                                   vocabulary_row(W_PORT)->word, facts->node->row->word, TEXT_ARG(facts->service), TEXT_ARG(offer->key));
        diagnostic_set_advice(emission->sink, diagnostic, "name it in its container: %s", vocabulary_row(W_PORT_NAME)->example);
        return;
    }
    Json *alias = json_at(json_object(arena), offer->span);
    json_set_c(arena, alias, "port", json_at(json_integer(arena, node_integer(port, 0, container_port)), port ? port->span : offer->span));
    json_set_c(arena, alias, "dnsName", json_at(json_text(arena, name), as ? as->span : offer->span));
    const Node *header = node_child(offer, W_OFFER_TEST_HEADER);
    if (header) {
        Json *rule = json_make_path(arena, alias, TEXT("testTrafficRules.header"));
        json_set_c(arena, rule, "name", shape_value(emission, &header->row->arguments[0], node_argument(header, 0)));
        json_set_c(arena, json_make_path(arena, rule, TEXT("value")), "exact",
                   shape_value(emission, &header->row->arguments[1], node_argument(header, 1)));
    }
    Json *aliases = json_array(arena);
    json_add(arena, aliases, alias);
    json_set_default(arena, service, "clientAliases", aliases);
    json_set_default(arena, service, "discoveryName", json_at(json_text(arena, name), as ? as->span : offer->span));
}

/* The proxy's own output, beside what the containers write. */
static void set_proxy_logs(Emission *emission, const ServiceFacts *facts, const Node *logs, Json *connect)
{
    Arena *arena = emission->arena;
    Json *options = json_object(arena);
    Json *configuration = json_at(json_object(arena), logs->span);
    json_set_c(arena, options, "awslogs-group", log_group_reference_to(emission, log_group_default(emission, facts)));
    json_set_c(arena, options, "awslogs-region", json_text(arena, emission->region));
    json_set_c(arena, options, "awslogs-stream-prefix", json_text_c(arena, "service-connect"));
    json_set_c(arena, configuration, "logDriver", json_text_c(arena, "awslogs"));
    json_set_c(arena, configuration, "options", options);
    json_set_default(arena, connect, "logConfiguration", configuration);
}

static void check_access_log(Emission *emission, const Node *discovery)
{
    const Node *access = node_child(discovery, W_DISCOVERY_ACCESS_LOG);
    const Node *log = access ? access : node_child(discovery, W_DISCOVERY_QUERIES);
    if (!log || node_flag(node_child(discovery, W_DISCOVERY_LOGS), false))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ACCESS_LOG, log->span, "the lines of `%s` have nowhere to go", log->row->word);
    diagnostic_set_advice(emission->sink, diagnostic, "say `%s` beside it", vocabulary_row(W_DISCOVERY_LOGS)->example);
}

static void finish_discovery(Emission *emission, const ServiceFacts *facts, Json *input)
{
    const Node *discovery = node_child(facts->node, W_DISCOVERY);
    if (!discovery)
        return;
    Json *connect = json_make_path(emission->arena, input, TEXT("serviceConnectConfiguration"));
    const Json *services = json_get_c(connect, "services");
    size_t index = 0;
    const Node *logs = node_child(discovery, W_DISCOVERY_LOGS);
    check_access_log(emission, discovery);
    if (connect)
        json_set_default(emission->arena, connect, "enabled", json_at(json_bool(emission->arena, true), discovery->span));
    if (connect && node_flag(logs, false))
        set_proxy_logs(emission, facts, logs, connect);
    NODE_EACH(offer, discovery, W_OFFER)
    {
        Json *service = index < json_item_count(services) ? services->items.items[index] : NULL;
        index++;
        if (service)
            finish_offer(emission, facts, offer, service);
    }
}

/* --- VPC Lattice, hooks --- */

static Text infrastructure_role(Emission *emission)
{
    return arena_format(emission->arena, "arn:%.*s:iam::%.*s:role/ecsInfrastructureRole", TEXT_ARG(emission->partition), TEXT_ARG(emission->account));
}

static void finish_lattice(Emission *emission, const Json *input)
{
    const Json *list = json_get_c(input, "vpcLatticeConfigurations");
    for (size_t i = 0; i < json_item_count(list); i++)
        json_set_default(emission->arena, list->items.items[i], "roleArn", json_text(emission->arena, infrastructure_role(emission)));
}

/* AWS: DeploymentLifecycleHook. */
static void check_hook(Emission *emission, const Node *hook)
{
    const Node *at = node_child(hook, W_HOOK_AT);
    bool is_lambda = text_equal_c(node_aws(hook, 0), "AWS_LAMBDA");
    const char *problem = NULL;
    if (!at)
        problem = "does not say at which stages";
    else if (is_lambda && !node_argument(hook, 1))
        problem = "does not say which function";
    else if (is_lambda && !node_child(hook, W_HOOK_ROLE))
        problem = "does not say with which role the function is called";
    if (!problem)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_HOOK_INCOMPLETE, hook->span, "this `%s` %s", hook->row->word, problem);
    diagnostic_set_advice(emission->sink, diagnostic, "say it, such as: %s", !at ? vocabulary_row(W_HOOK_AT)->example : hook->row->example);
}

static void check_hooks(Emission *emission, const ServiceFacts *facts)
{
    NODE_EACH(hook, node_child(facts->node, W_ROLLOUT), W_HOOK)
        check_hook(emission, hook);
}

/* --- volumes --- */

/* So that a volume carries the tags of its service. */
static Json *volume_tags(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    Json *specification = json_object(arena);
    Json *list = json_array(arena);
    json_set_c(arena, specification, "resourceType", json_text_c(arena, "volume"));
    json_set_c(arena, specification, "propagateTags", json_text_c(arena, "SERVICE"));
    json_set_c(arena, specification, "tags", emit_tags(emission, facts->service, facts->service_id, facts->node, "key", "value"));
    json_add(arena, list, specification);
    return list;
}

static void finish_volumes(Emission *emission, const ServiceFacts *facts, const Json *input)
{
    Arena *arena = emission->arena;
    const Json *volumes = json_get_c(input, "volumeConfigurations");
    size_t index = 0;
    NODE_EACH(volume, facts->node, W_VOLUME)
    {
        const Node *ebs = node_child(volume, W_EBS);
        Json *json = ebs && index < json_item_count(volumes) ? volumes->items.items[index] : NULL;
        index += ebs != NULL;
        Json *managed = json ? json_make_path(arena, json, TEXT("managedEBSVolume")) : NULL;
        if (!managed)
            continue;
        json_set_default(arena, json, "name", json_at(json_text(arena, volume->key), volume->span));
        json_set_default(arena, managed, "encrypted", json_bool(arena, true));
        json_set_default(arena, managed, "volumeType", json_text_c(arena, "gp3"));
        json_set_default(arena, managed, "filesystemType", json_text_c(arena, "xfs"));
        json_set_default(arena, managed, "roleArn", json_text(arena, infrastructure_role(emission)));
        json_set_default(arena, managed, "tagSpecifications", volume_tags(emission, facts));
    }
}

/* --- the service --- */

static Json *cluster_member(Emission *emission, const ServiceFacts *facts)
{
    const Node *said = node_child(facts->node, W_SERVICE_CLUSTER);
    Json *cluster = facts->is_cluster_existing ? json_text(emission->arena, facts->cluster)
                                               : emit_reference(emission, facts->cluster_id, ATTRIBUTE_NAME, facts->cluster);
    return json_at(cluster, said ? said->span : SPAN_NONE);
}

/* What holds for every service, and what words may replace. */
static Json *begin_service(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    Json *network = json_object(arena);
    Json *controller = json_object(arena);
    Json *input = json_object(arena);
    json_set_c(arena, network, "awsvpcConfiguration", placement_network(emission, facts, false));
    json_set_c(arena, controller, "type", json_text_c(arena, "ECS"));
    json_set_c(arena, input, "cluster", cluster_member(emission, facts));
    json_set_c(arena, input, "serviceName", json_at(json_text(arena, facts->name), facts->node->span));
    json_set_c(arena, input, "taskDefinition", emit_reference(emission, facts->task_definition_id, ATTRIBUTE_ARN, facts->family));
    json_set_c(arena, input, "desiredCount", desired_count(emission, facts));
    json_set_c(arena, input, "capacityProviderStrategy", placement_capacity(emission, facts));
    json_set_c(arena, input, "deploymentConfiguration", deployment_configuration(emission, facts));
    json_set_c(arena, input, "deploymentController", controller);
    json_set_c(arena, input, "networkConfiguration", network);
    json_set_c(arena, input, "loadBalancers", deployment_load_balancers(emission, facts));
    json_set_c(arena, input, "healthCheckGracePeriodSeconds", grace_period(emission, facts));
    json_set_c(arena, input, "platformVersion", placement_platform(emission, facts));
    json_set_c(arena, input, "schedulingStrategy", json_text_c(arena, "REPLICA"));
    json_set_c(arena, input, "enableECSManagedTags", json_bool(arena, true));
    json_set_c(arena, input, "enableExecuteCommand", json_bool(arena, false));
    json_set_c(arena, input, "propagateTags", json_text_c(arena, "SERVICE"));
    json_set_c(arena, input, "tags", emit_tags(emission, facts->service, facts->service_id, facts->node, "key", "value"));
    return input;
}

/* The name is unique within a cluster. */
static void check_service_name(Emission *emission, const ServiceFacts *facts, const Json *input)
{
    const Resource *other = resources_find_name(emission->resources, RESOURCE_SERVICE, facts->name);
    if (!other || !json_equal(json_get_c(other->input, "cluster"), json_get_c(input, "cluster")))
        return;
    const Node *said = node_child(facts->node, W_SERVICE_NAME);
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NAME_TAKEN, said ? said->span : facts->node->span,
                                               "two services would have the name %.*s in cluster %.*s", TEXT_ARG(facts->name), TEXT_ARG(facts->cluster));
    diagnostic_add_label(emission->sink, diagnostic, other->origin, "the other one");
    diagnostic_set_advice(emission->sink, diagnostic, "give one of them another name");
}

void emit_service(Emission *emission, const ServiceFacts *facts)
{
    check_singleton(emission, facts);
    Json *input = begin_service(emission, facts);
    check_service_name(emission, facts, input);
    shape_fill(emission, input, facts->node, "service");
    finish_discovery(emission, facts, input);
    finish_lattice(emission, input);
    finish_volumes(emission, facts, input);
    check_hooks(emission, facts);
    const Json *configuration = json_get_c(input, "deploymentConfiguration");
    int64_t least = number_of(json_get_c(configuration, "minimumHealthyPercent"), PERCENT_WHOLE);
    int64_t most = number_of(json_get_c(configuration, "maximumPercent"), PERCENT_DOUBLE);
    check_deadlock(emission, facts, least, most);
    /* ECS moves a task by starting another one first (aws: CreateService.availabilityZoneRebalancing). */
    json_set_default(emission->arena, input, "availabilityZoneRebalancing",
                     json_text_c(emission->arena, most > PERCENT_WHOLE ? "ENABLED" : "DISABLED"));
    emit_add_resource(emission, RESOURCE_SERVICE, facts->service_id, facts->service, facts->name, TEXT("service"), input, facts->node->span);
}
