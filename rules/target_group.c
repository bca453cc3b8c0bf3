/* Rules of target groups (AWS: Elastic Load Balancing API reference, CreateTargetGroup, TargetGroupAttribute, Matcher). */
#include "rules/attribute.h"
#include "rules/relation.h"

static bool has_protocol(const Resource *group, const char *protocols)
{
    return rule_is_one_of(rule_text(rule_member(group, "Protocol")), protocols);
}

/* --- health checks --- */

/* Seconds that AWS takes where nothing is said. */
static int64_t default_timeout(const Resource *group)
{
    enum { LAMBDA = 30, HTTP = 6, GENEVE = 5, OTHER = 10 };
    return rule_text_is(rule_member(group, "TargetType"), "lambda") ? LAMBDA : has_protocol(group, "HTTP") ? HTTP : has_protocol(group, "GENEVE") ? GENEVE : OTHER;
}

static int64_t default_interval(const Resource *group)
{
    enum { LAMBDA = 35, GENEVE = 10, OTHER = 30 };
    return rule_text_is(rule_member(group, "TargetType"), "lambda") ? LAMBDA : has_protocol(group, "GENEVE") ? GENEVE : OTHER;
}

/* Network load balancers take a timeout as long as the interval. */
static void check_timeout(const RuleContext *context, const Resource *group, const Json *input)
{
    const Json *timeout = json_get_c(input, "HealthCheckTimeoutSeconds");
    const Json *interval = json_get_c(input, "HealthCheckIntervalSeconds");
    int64_t spent = default_timeout(group);
    int64_t between = default_interval(group);
    bool is_said = rule_is_set(timeout) || rule_is_set(interval);
    if (!is_said || rule_is_open(rule_member(group, "Protocol")) || (rule_is_set(timeout) && !rule_integer(timeout, &spent)) || (rule_is_set(interval) && !rule_integer(interval, &between)))
        return;
    bool is_http = has_protocol(group, "HTTP HTTPS") || rule_text_is(rule_member(group, "TargetType"), "lambda");
    /* What .svc says is judged on its words. */
    if (context->is_svc || spent < between || (!is_http && spent == between))
        return;
    Diagnostic *d = rule_report(context, group, CODE_HEALTH_TIMEOUT, rule_is_set(timeout) ? timeout : interval, "a health check may take %lld s, and the next one begins after %lld s",
                                (long long)spent, (long long)between);
    rule_tell(context, d, "the timeout is below the interval", "make HealthCheckTimeoutSeconds less than HealthCheckIntervalSeconds");
    if (rule_is_set(timeout) && rule_is_set(interval))
        diagnostic_add_label(context->sink, d, rule_span(group, interval), "the interval");
}

static void check_health_protocol(const RuleContext *context, const Resource *group, const Json *protocol)
{
    if (rule_is_one_of(rule_text(protocol), "TLS UDP TCP_UDP GENEVE QUIC TCP_QUIC"))
        rule_report_with(context, group, CODE_HEALTH_PROTOCOL, protocol, "health checks use HTTP, HTTPS or TCP", "set HealthCheckProtocol to TCP or HTTP");
    else if (rule_text_is(protocol, "TCP") && has_protocol(group, "HTTP HTTPS"))
        rule_report_with(context, group, CODE_HEALTH_PROTOCOL, protocol, "targets of an application load balancer are checked by HTTP or HTTPS, not by TCP", "set HealthCheckProtocol to HTTP");
}

static void check_health_path(const RuleContext *context, const Resource *group, const Json *path)
{
    Text text = rule_text(path);
    if (rule_text_is(rule_member(group, "HealthCheckProtocol"), "TCP"))
        rule_report_with(context, group, CODE_HEALTH_PROTOCOL, path, "a TCP health check asks for no path", "leave HealthCheckPath out, or set HealthCheckProtocol to HTTP");
    else if (path->kind == JSON_TEXT && text.len && text.ptr[0] != '/')
        rule_report_with(context, group, CODE_HEALTH_PATH, path, "the path of a health check begins with /", "write it with a leading /");
}

static void check_health_port(const RuleContext *context, const Resource *group, const Json *port)
{
    enum { PORT_MAX = 65535 };
    int64_t number = 0;
    if (!rule_text_is(port, "traffic-port") && (port->kind == JSON_TEXT || port->kind == JSON_NUMBER) && (!rule_integer(port, &number) || number < 1 || number > PORT_MAX))
        rule_report_with(context, group, CODE_HEALTH_PATH, port, "the port of a health check is a number or traffic-port", "use traffic-port, or 1 to 65535");
}

static void check_health_enabled(const RuleContext *context, const Resource *group, const Json *enabled)
{
    const Json *type = rule_member(group, "TargetType");
    if (!rule_is_open(type) && !rule_text_is(type, "lambda") && !rule_flag(enabled, true))
        rule_report_with(context, group, CODE_HEALTH_PROTOCOL, enabled, "health checks of this target type are always on", "set HealthCheckEnabled to true");
}

/* Codes such as "200", "200,204" and "200-299", each within the range. */
static bool is_codes(Text text, int64_t min, int64_t max)
{
    while (text.len) {
        size_t end = text_find_byte(text, ',');
        Text part = text_slice(text, 0, end);
        size_t dash = text_find_byte(part, '-');
        Json low = {.kind = JSON_TEXT, .text = text_trim(text_slice(part, 0, dash))};
        Json high = {.kind = JSON_TEXT, .text = text_trim(dash < part.len ? text_slice(part, dash + 1, part.len) : part)};
        int64_t first = 0;
        int64_t last = 0;
        if (!rule_integer(&low, &first) || !rule_integer(&high, &last) || first < min || last > max || first > last)
            return false;
        text = text_slice(text, end < text.len ? end + 1 : end, text.len);
    }
    return true;
}

static void check_matcher(const RuleContext *context, const Resource *group, const Json *matcher)
{
    enum { HTTP_MIN = 200, HTTP_MAX = 499, NETWORK_MAX = 599, GENEVE_MAX = 399, GRPC_MAX = 99 };
    const Json *codes = json_get_c(matcher, "HttpCode");
    const Json *grpc = json_get_c(matcher, "GrpcCode");
    bool is_grpc = rule_text_is(rule_member(group, "ProtocolVersion"), "GRPC");
    if (context->is_svc)
        return;
    if (rule_is_set(codes) && rule_is_set(grpc))
        rule_report_with(context, group, CODE_MATCHER, grpc, "a matcher has HttpCode or GrpcCode, not both", "keep the one for the target group's protocol version");
    else if (rule_is_set(grpc) && !is_grpc && !rule_is_open(rule_member(group, "ProtocolVersion")))
        rule_report_with(context, group, CODE_MATCHER, grpc, "GrpcCode is for the protocol version GRPC", "use HttpCode, or set ProtocolVersion to GRPC");
    else if (rule_is_set(codes) && is_grpc)
        rule_report_with(context, group, CODE_MATCHER, codes, "a target group with the protocol version GRPC has gRPC codes", "use GrpcCode, such as 0");
    if (rule_text_is(rule_member(group, "HealthCheckProtocol"), "TCP"))
        rule_report_with(context, group, CODE_MATCHER, matcher, "a TCP health check sees no codes", "leave Matcher out");
    int64_t highest = has_protocol(group, "TCP TLS UDP TCP_UDP QUIC TCP_QUIC") ? NETWORK_MAX : has_protocol(group, "GENEVE") ? GENEVE_MAX : HTTP_MAX;
    Text http = rule_text(codes);
    if (http.len && codes->kind == JSON_TEXT && !rule_is_open(rule_member(group, "Protocol")) && !is_codes(http, HTTP_MIN, highest)) {
        Diagnostic *d = rule_report(context, group, CODE_MATCHER, codes, "%.*s is no list of codes from %d to %lld", TEXT_ARG(http), HTTP_MIN, (long long)highest);
        rule_tell(context, d, NULL, "write codes as \"200\", \"200,204\" or \"200-299\"");
    }
    if (rule_text(grpc).len && grpc->kind == JSON_TEXT && !is_codes(rule_text(grpc), 0, GRPC_MAX)) {
        Diagnostic *d = rule_report(context, group, CODE_MATCHER, grpc, "%.*s is no list of gRPC codes from 0 to %d", TEXT_ARG(rule_text(grpc)), GRPC_MAX);
        rule_tell(context, d, NULL, "write codes as \"0\", \"0,12\" or \"0-99\"");
    }
}

/* --- parts by target type --- */

static void check_parts(const RuleContext *context, const Resource *group, const Json *input)
{
    static const char *const parts[] = {"Protocol", "Port", "VpcId"};
    const Json *type = json_get_c(input, "TargetType");
    if (context->is_svc || rule_is_open(type))
        return;
    bool is_lambda = rule_text_is(type, "lambda");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const Json *part = json_get_c(input, parts[i]);
        if (rule_is_set(part) != is_lambda)
            continue;
        Diagnostic *d = rule_report(context, group, CODE_TARGET_GROUP_PARTS, is_lambda ? part : rule_is_set(json_get_c(input, "Name")) ? json_get_c(input, "Name") : input,
                                    is_lambda ? "a target group of a Lambda function has no %s" : "the target group says no %s", parts[i]);
        diagnostic_set_advice(context->sink, d, is_lambda ? "leave %s out" : "add %s", parts[i]);
    }
    const Json *version = json_get_c(input, "ProtocolVersion");
    if (rule_is_known(version) && has_protocol(group, "TCP TLS UDP TCP_UDP GENEVE QUIC TCP_QUIC"))
        rule_report_with(context, group, CODE_TARGET_GROUP_PARTS, version, "ProtocolVersion is for the protocols HTTP and HTTPS", "leave ProtocolVersion out");
    if (rule_text_is(type, "alb") && rule_is_known(json_get_c(input, "Protocol")) && !has_protocol(group, "TCP"))
        rule_report_with(context, group, CODE_TARGET_GROUP_PARTS, json_get_c(input, "Protocol"), "a target group of an application load balancer has the protocol TCP", "set Protocol to TCP");
}

/* --- attributes --- */

static const AttributeRow attributes[] = {
    {"deregistration_delay.timeout_seconds", FOR_ALL_BALANCERS, ATTRIBUTE_RANGE, 0, 3600, NULL},
    {"stickiness.enabled", FOR_ALL_BALANCERS, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"stickiness.type", FOR_ALL_BALANCERS, ATTRIBUTE_WORDS, 0, 0, "lb_cookie app_cookie source_ip source_ip_dest_ip source_ip_dest_ip_proto"},
    {"load_balancing.cross_zone.enabled", FOR_APPLICATION | FOR_NETWORK | FOR_FUNCTION, ATTRIBUTE_WORDS, 0, 0, "true false use_load_balancer_configuration"},
    {"target_group_health.dns_failover.minimum_healthy_targets.count", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_RANGE, 1, 100000, "off"},
    {"target_group_health.dns_failover.minimum_healthy_targets.percentage", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_RANGE, 1, 100, "off"},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_RANGE, 1, 100000, NULL},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_RANGE, 1, 100, "off"},
    {"load_balancing.algorithm.type", FOR_APPLICATION, ATTRIBUTE_WORDS, 0, 0, "round_robin least_outstanding_requests weighted_random"},
    {"load_balancing.algorithm.anomaly_mitigation", FOR_APPLICATION, ATTRIBUTE_WORDS, 0, 0, "on off"},
    {"slow_start.duration_seconds", FOR_APPLICATION, ATTRIBUTE_RANGE, 30, 900, "0"},
    {"stickiness.app_cookie.cookie_name", FOR_APPLICATION, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"stickiness.app_cookie.duration_seconds", FOR_APPLICATION, ATTRIBUTE_RANGE, 1, 604800, NULL},
    {"stickiness.lb_cookie.duration_seconds", FOR_APPLICATION, ATTRIBUTE_RANGE, 1, 604800, NULL},
    {"lambda.multi_value_headers.enabled", FOR_FUNCTION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"deregistration_delay.connection_termination.enabled", FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"preserve_client_ip.enabled", FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"proxy_protocol_v2.enabled", FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"target_health_state.unhealthy.connection_termination.enabled", FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"target_health_state.unhealthy.draining_interval_seconds", FOR_NETWORK, ATTRIBUTE_RANGE, 0, 360000, NULL},
    {"target_failover.on_deregistration", FOR_GATEWAY, ATTRIBUTE_WORDS, 0, 0, "rebalance no_rebalance"},
    {"target_failover.on_unhealthy", FOR_GATEWAY, ATTRIBUTE_WORDS, 0, 0, "rebalance no_rebalance"},
    {.key = NULL},
};

typedef struct GroupUse {
    unsigned use;
    const char *name;
} GroupUse;

static GroupUse group_use(const Resource *group)
{
    if (rule_text_is(rule_member(group, "TargetType"), "lambda"))
        return (GroupUse){FOR_FUNCTION, "target groups of Lambda functions"};
    if (has_protocol(group, "HTTP HTTPS"))
        return (GroupUse){FOR_APPLICATION, "target groups of application load balancers"};
    if (has_protocol(group, "TCP TLS UDP TCP_UDP QUIC TCP_QUIC"))
        return (GroupUse){FOR_NETWORK, "target groups of network load balancers"};
    return has_protocol(group, "GENEVE") ? (GroupUse){FOR_GATEWAY, "target groups of gateway load balancers"} : (GroupUse){0, ""};
}

/* Which types of stickiness a target group has depends on its protocol, so that the row above is not the whole of it. */
static void check_stickiness(const RuleContext *context, const Resource *group, GroupUse use)
{
    const Json *type = relation_attribute(group, "stickiness.type");
    const char *words = use.use == FOR_APPLICATION ? "lb_cookie app_cookie" : use.use == FOR_NETWORK ? "source_ip" : "source_ip_dest_ip source_ip_dest_ip_proto";
    if (use.use && use.use != FOR_FUNCTION && rule_text(type).len && !rule_is_one_of(rule_text(type), words)) {
        Diagnostic *d = rule_report(context, group, CODE_ATTRIBUTE, type, "%.*s is no stickiness for %s", TEXT_ARG(rule_text(type)), use.name);
        Text shown = rule_words_text(context->arena, words);
        diagnostic_set_advice(context->sink, d, "use one of %.*s", TEXT_ARG(shown));
    }
    const Json *enabled = relation_attribute(group, "stickiness.enabled");
    /* AWS wants the name of the cookie with its type, whether or not anything turns it on. */
    bool is_off = rule_is_open(enabled) || !rule_flag(enabled, true);
    if (!is_off && rule_text_is(type, "app_cookie") && !relation_attribute(group, "stickiness.app_cookie.cookie_name"))
        rule_report_with(context, group, CODE_ATTRIBUTE, type, "stickiness by a cookie of the application needs its name", "add stickiness.app_cookie.cookie_name");
    if (rule_flag(enabled, false) && has_protocol(group, "TLS"))
        rule_report_with(context, group, CODE_ATTRIBUTE, enabled, "target groups with the protocol TLS have no stickiness", "leave it out, or set Protocol to TCP");
}

static void check_attributes(const RuleContext *context, const Resource *group, const Json *input)
{
    (void)input;
    const Json *list = rule_find_more(group, "ModifyTargetGroupAttributes.Attributes");
    GroupUse use = group_use(group);
    for (size_t i = 0; i < rule_item_count(list); i++)
        attribute_check(context, group, list->items.items[i], attributes, use.use, use.name);
    check_stickiness(context, group, use);
    const Json *slow = relation_attribute(group, "slow_start.duration_seconds");
    const Json *algorithm = relation_attribute(group, "load_balancing.algorithm.type");
    int64_t seconds = 0;
    if (!context->is_svc && rule_integer(slow, &seconds) && seconds > 0 && rule_is_one_of(rule_text(algorithm), "least_outstanding_requests weighted_random")) {
        Diagnostic *d = rule_report(context, group, CODE_SLOW_START, slow, "a slow start goes with round robin only");
        rule_tell(context, d, NULL, "leave slow_start.duration_seconds out, or use round_robin");
        diagnostic_add_label(context->sink, d, rule_span(group, algorithm), "another way of spreading");
    }
}

const Rule target_group_rules[] = {
    {RESOURCE_TARGET_GROUP, "", check_timeout},
    {RESOURCE_TARGET_GROUP, "HealthCheckProtocol", check_health_protocol},
    {RESOURCE_TARGET_GROUP, "HealthCheckPath", check_health_path},
    {RESOURCE_TARGET_GROUP, "HealthCheckPort", check_health_port},
    {RESOURCE_TARGET_GROUP, "HealthCheckEnabled", check_health_enabled},
    {RESOURCE_TARGET_GROUP, "Matcher", check_matcher},
    {RESOURCE_TARGET_GROUP, "", check_parts},
    {RESOURCE_TARGET_GROUP, "", check_attributes},
    {.check = NULL},
};
