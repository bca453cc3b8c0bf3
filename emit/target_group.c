/* Target groups: where a route's requests go, and how the load balancer sees whether a task is well. */
#include "emit/listener_rule.h"
#include "emit/load_balancer.h"
#include "emit/network.h"

/* AWS's own interval and timeout; two good answers make a task healthy, so that deployments are quick, and one lost check does no harm. */
enum { INTERVAL = 30, TIMEOUT = 5, HEALTHY_AFTER = 2, UNHEALTHY_AFTER = 3, TARGET_GROUPS_MAX = 5 };

/* Seconds: AWS's own 300 hold up every deployment, and a Fargate task has 30 to stop unless said. */
static const char default_drain[] = "30";

static Text protocol_version(const Node *route)
{
    Text said = node_aws(node_child(route, W_ROUTE_PROTOCOL), 0);
    return said.len ? said : TEXT("HTTP1");
}

static bool is_grpc(const Node *route)
{
    return text_equal_c(protocol_version(route), "GRPC");
}

/* --- checks --- */

static int64_t whole(const Json *json, int64_t fallback)
{
    return json && json->kind == JSON_NUMBER && rational_is_whole(json->number) ? json->number.num : fallback;
}

static void check_times(Emission *emission, const Node *route, const Json *input)
{
    const Node *health = node_child(route, W_ROUTE_HEALTH);
    const Node *timeout = node_child(health, W_ROUTE_HEALTH_TIMEOUT);
    const Node *every = node_child(health, W_ROUTE_HEALTH_EVERY);
    int64_t seconds = whole(json_get_c(input, "HealthCheckTimeoutSeconds"), TIMEOUT);
    int64_t interval = whole(json_get_c(input, "HealthCheckIntervalSeconds"), INTERVAL);
    const Node *primary = timeout ? timeout : every ? every : route;
    if (seconds < interval)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_HEALTH_TIMEOUT, node_argument_span(primary, 0),
                                               "an answer may take %llds, but the next check comes after %llds", (long long)seconds, (long long)interval);
    diagnostic_set_label(emission->sink, diagnostic, "the timeout must be less than the interval");
    if (timeout && every)
        diagnostic_add_label(emission->sink, diagnostic, every->span, "the interval");
    diagnostic_set_advice(emission->sink, diagnostic, "allow less time, or check less often");
}

/* Status codes of the other kind, and a version that only https listeners speak (AWS: target groups, protocol version). */
static void check_protocol(Emission *emission, const RouteFacts *route)
{
    const Node *protocol = node_child(route->node, W_ROUTE_PROTOCOL);
    const Node *health = node_child(route->node, W_ROUTE_HEALTH);
    const Node *wrong = node_child(health, is_grpc(route->node) ? W_ROUTE_HEALTH_CODES : W_ROUTE_HEALTH_GRPC);
    const Node *listener = load_balancer_listener(route);
    if (wrong) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_PROTOCOL, wrong->span, "these codes are not what the container answers");
        if (protocol)
            diagnostic_add_label(emission->sink, diagnostic, protocol->span, "it speaks this");
        diagnostic_set_advice(emission->sink, diagnostic, "say `%s`",
                              vocabulary_row(is_grpc(route->node) ? W_ROUTE_HEALTH_GRPC : W_ROUTE_HEALTH_CODES)->example);
    }
    if (!protocol || !listener || listener_is_encrypted(listener) || text_equal_c(protocol_version(route->node), "HTTP1"))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_PROTOCOL, node_argument_span(protocol, 0), "%.*s needs an https listener",
                                               TEXT_ARG(node_text(protocol, 0)));
    diagnostic_add_label(emission->sink, diagnostic, listener->span, "this route is on an http one");
    diagnostic_set_advice(emission->sink, diagnostic, "put the route on an https listener: %s", vocabulary_row(W_ROUTE_LISTENER)->example);
}

static void check_slow_start(Emission *emission, const Node *route)
{
    const Node *slow = node_child(route, W_SLOW_START);
    const Node *balance = node_child(route, W_BALANCE);
    if (!slow || !balance || text_equal_c(node_aws(balance, 0), "round_robin"))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SLOW_START, slow->span, "`%s` goes only with round-robin", slow->row->word);
    diagnostic_add_label(emission->sink, diagnostic, balance->span, "requests are spread in another way");
    diagnostic_set_advice(emission->sink, diagnostic, "leave out one of the two");
}

/* Tasks and load balancer must be in one VPC. */
static void check_network(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    const Node *said = node_child(route->load_balancer_node, W_SERVICE_NETWORK);
    if (!said || !facts->network.len || !node_text(said, 0).len || text_equal(node_text(said, 0), facts->network))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NETWORKS_DIFFER, node_argument_span(route->node, 0),
                                               "%s %.*s is in another network than %s %.*s", vocabulary_row(W_LOAD_BALANCER)->word,
                                               TEXT_ARG(route->load_balancer), facts->node->row->word, TEXT_ARG(facts->service));
    diagnostic_add_label(emission->sink, diagnostic, said->span, "here");
    const Node *own = node_child(facts->node, W_SERVICE_NETWORK);
    if (own)
        diagnostic_add_label(emission->sink, diagnostic, own->span, "and the tasks here");
    diagnostic_set_advice(emission->sink, diagnostic, "put both into one network");
}

/* A client that keeps its side for minutes does not follow the weights of a ramp. */
static void check_sticky_side(Emission *emission, const ServiceFacts *facts, const Node *route)
{
    const Node *side = node_child(route, W_STICKY_SIDE);
    const Node *ramp = node_child(node_child(facts->node, W_ROLLOUT), W_RAMP);
    if (!side || !ramp)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RAMP_STICKY, side->span, "clients that stay on a side do not follow a ramp");
    diagnostic_add_label(emission->sink, diagnostic, ramp->span, "the weights move here");
    diagnostic_set_advice(emission->sink, diagnostic, "leave out one of the two");
}

static void check_count(Emission *emission, const ServiceFacts *facts)
{
    if (facts->route_count <= TARGET_GROUPS_MAX)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_GROUPS, facts->routes[TARGET_GROUPS_MAX].node->span,
                                               "%s %.*s has %zu routes to its containers", facts->node->row->word, TEXT_ARG(facts->service),
                                               facts->route_count);
    diagnostic_set_label(emission->sink, diagnostic, "ECS takes %d target groups a service", TARGET_GROUPS_MAX);
    diagnostic_set_advice(emission->sink, diagnostic, "put several paths into one route, or split the service");
}

/* --- the target group --- */

static void fill_matcher(Emission *emission, const RouteFacts *route, Json *input)
{
    Arena *arena = emission->arena;
    const Node *health = node_child(route->node, W_ROUTE_HEALTH);
    bool is_usual = !node_child(health, W_ROUTE_HEALTH_GRPC) && !node_argument(health, 0);
    Json *matcher = json_make_path(arena, input, TEXT("Matcher"));
    if (!matcher)
        return;
    if (is_grpc(route->node)) {
        /* AWS's own path answers 12, not implemented, from any gRPC server. */
        json_set_default(arena, input, "HealthCheckPath", json_text_c(arena, "/AWS.ALB/healthcheck"));
        json_set_default(arena, matcher, "GrpcCode", json_text_c(arena, is_usual ? "12" : "0"));
    } else {
        json_set_default(arena, input, "HealthCheckPath", json_text_c(arena, "/"));
        json_set_default(arena, matcher, "HttpCode", json_text_c(arena, "200"));
    }
}

static void fill_health(Emission *emission, const RouteFacts *route, Json *input)
{
    Arena *arena = emission->arena;
    json_set_default(arena, input, "HealthCheckEnabled", json_bool(arena, true));
    json_set_default(arena, input, "HealthCheckProtocol", json_get_c(input, "Protocol"));
    json_set_default(arena, input, "HealthCheckPort", json_text_c(arena, "traffic-port"));
    json_set_default(arena, input, "HealthCheckIntervalSeconds", json_integer(arena, INTERVAL));
    json_set_default(arena, input, "HealthCheckTimeoutSeconds", json_integer(arena, TIMEOUT));
    json_set_default(arena, input, "HealthyThresholdCount", json_integer(arena, HEALTHY_AFTER));
    json_set_default(arena, input, "UnhealthyThresholdCount", json_integer(arena, UNHEALTHY_AFTER));
    fill_matcher(emission, route, input);
}

/* By a cookie of the load balancer, or by one that the container sets. */
static void fill_sticky(Emission *emission, const Node *route, Json *attributes)
{
    Arena *arena = emission->arena;
    const Node *sticky = node_child(route, W_STICKY);
    bool follows = node_child(sticky, W_STICKY_COOKIE) != NULL;
    int64_t seconds = node_seconds(sticky, 0, 0);
    if (!sticky)
        return;
    json_set_default(arena, attributes, "stickiness.enabled", json_at(json_text_c(arena, "true"), sticky->span));
    json_set_default(arena, attributes, "stickiness.type", json_at(json_text_c(arena, follows ? "app_cookie" : "lb_cookie"), sticky->span));
    if (seconds)
        json_set_default(arena, attributes, follows ? "stickiness.app_cookie.duration_seconds" : "stickiness.lb_cookie.duration_seconds",
                         json_at(json_text(arena, arena_format(arena, "%lld", (long long)seconds)), node_argument_span(sticky, 0)));
}

static Json *attributes(Emission *emission, const RouteFacts *route)
{
    Json *map = json_object(emission->arena);
    shape_fill(emission, map, route->node, "target-group-attributes");
    json_set_default(emission->arena, map, "deregistration_delay.timeout_seconds", json_text_c(emission->arena, default_drain));
    fill_sticky(emission, route->node, map);
    return attribute_list(emission, map);
}

/* One of the two target groups of a route, which differ in nothing but what they are called. */
typedef struct TargetGroup {
    const RouteFacts *route;
    Text id;
    Text name;
    Text file_stem;
} TargetGroup;

static void emit_target_group(Emission *emission, const ServiceFacts *facts, const TargetGroup *group)
{
    Arena *arena = emission->arena;
    const RouteFacts *route = group->route;
    const Node *to = node_child(route->node, W_ROUTE_TO);
    Json *input = json_object(arena);
    json_set_c(arena, input, "Name", json_at(json_text(arena, group->name), route->node->span));
    json_set_c(arena, input, "Protocol", json_text_c(arena, "HTTP"));
    json_set_c(arena, input, "ProtocolVersion", json_text_c(arena, "HTTP1"));
    if (route->port > 0)
        json_set_c(arena, input, "Port", json_at(json_integer(arena, route->port), node_argument_span(to, 1)));
    json_set_c(arena, input, "VpcId", facts->network.len ? network_vpc(emission, facts->network, facts->node->span) : NULL);
    json_set_c(arena, input, "TargetType", json_text_c(arena, "ip"));
    json_set_c(arena, input, "IpAddressType", json_text_c(arena, "ipv4"));
    shape_fill(emission, input, route->node, "target-group");
    fill_health(emission, route, input);
    json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, group->id, facts->node, "Key", "Value"));
    Resource *resource =
        emit_add_resource(emission, RESOURCE_TARGET_GROUP, group->id, facts->service, group->name, group->file_stem, input, route->node->span);
    Json *modify = json_object(arena);
    json_set_c(arena, modify, "TargetGroupArn", emit_reference(emission, group->id, ATTRIBUTE_ARN, TEXT_NONE));
    json_set_c(arena, modify, "Attributes", attributes(emission, route));
    resource->more = json_object(arena);
    json_set_c(arena, resource->more, "ModifyTargetGroupAttributes", modify);
    if (text_equal(group->id, route->target_group_id))
        check_times(emission, route->node, input);
}

static void emit_sides(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    TargetGroup stable = {route, route->target_group_id, route->target_group_name, route->name};
    TargetGroup canary = {route, route->canary_target_group_id, route->canary_target_group_name, arena_join(emission->arena, route->name, TEXT("-c"))};
    emit_target_group(emission, facts, &stable);
    if (facts->has_sides)
        emit_target_group(emission, facts, &canary);
}

void emit_target_groups(Emission *emission, const ServiceFacts *facts)
{
    check_count(emission, facts);
    for (size_t i = 0; i < facts->route_count; i++) {
        const RouteFacts *route = &facts->routes[i];
        if (!node_child(route->node, W_ROUTE_TO))
            continue;
        check_protocol(emission, route);
        check_slow_start(emission, route->node);
        check_network(emission, facts, route);
        check_sticky_side(emission, facts, route->node);
        emit_sides(emission, facts, route);
        emit_listener_rule(emission, facts, route);
    }
    for (size_t i = 0; i < facts->answer_count; i++)
        emit_listener_rule(emission, facts, &facts->answers[i]);
}
