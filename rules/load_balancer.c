/* Rules of load balancers (AWS: Elastic Load Balancing API reference, CreateLoadBalancer, LoadBalancerAttribute). */
#include "rules/attribute.h"
#include "rules/relation.h"

static const AttributeRow attributes[] = {
    {"deletion_protection.enabled", FOR_ALL_BALANCERS, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"load_balancing.cross_zone.enabled", FOR_ALL_BALANCERS, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"access_logs.s3.enabled", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"access_logs.s3.bucket", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"access_logs.s3.prefix", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"ipv6.deny_all_igw_traffic", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"zonal_shift.config.enabled", FOR_APPLICATION | FOR_NETWORK, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"idle_timeout.timeout_seconds", FOR_APPLICATION, ATTRIBUTE_RANGE, 1, 4000, NULL},
    {"client_keep_alive.seconds", FOR_APPLICATION, ATTRIBUTE_RANGE, 60, 604800, NULL},
    {"connection_logs.s3.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"connection_logs.s3.bucket", FOR_APPLICATION, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"connection_logs.s3.prefix", FOR_APPLICATION, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"health_check_logs.s3.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"health_check_logs.s3.bucket", FOR_APPLICATION, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"health_check_logs.s3.prefix", FOR_APPLICATION, ATTRIBUTE_TEXT, 0, 0, NULL},
    {"routing.http.desync_mitigation_mode", FOR_APPLICATION, ATTRIBUTE_WORDS, 0, 0, "monitor defensive strictest"},
    {"routing.http.drop_invalid_header_fields.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"routing.http.preserve_host_header.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"routing.http.xff_client_port.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"routing.http.xff_header_processing.mode", FOR_APPLICATION, ATTRIBUTE_WORDS, 0, 0, "append preserve remove"},
    {"routing.http2.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"waf.fail_open.enabled", FOR_APPLICATION, ATTRIBUTE_FLAG, 0, 0, NULL},
    {"dns_record.client_routing_policy", FOR_NETWORK, ATTRIBUTE_WORDS, 0, 0, "availability_zone_affinity partial_availability_zone_affinity any_availability_zone"},
    {"secondary_ips.auto_assigned.per_subnet", FOR_NETWORK, ATTRIBUTE_RANGE, 0, 7, NULL},
    {.key = NULL},
};

static Text type_of(const Resource *balancer)
{
    const Json *type = json_get_c(balancer->input, "Type");
    return rule_is_set(type) ? rule_text(type) : TEXT("application");
}

static void check_attributes(const RuleContext *context, const Resource *balancer, const Json *input)
{
    (void)input;
    Text type = type_of(balancer);
    unsigned use = text_equal_c(type, "application") ? FOR_APPLICATION : text_equal_c(type, "network") ? FOR_NETWORK : text_equal_c(type, "gateway") ? FOR_GATEWAY : 0;
    const char *name = use == FOR_APPLICATION ? "application load balancers" : use == FOR_NETWORK ? "network load balancers" : "gateway load balancers";
    const Json *list = rule_find_more(balancer, "ModifyLoadBalancerAttributes.Attributes");
    for (size_t i = 0; i < rule_item_count(list); i++)
        attribute_check(context, balancer, list->items.items[i], attributes, use, name);
    static const char *const logs[][2] = {{"access_logs.s3.enabled", "access_logs.s3.bucket"}, {"connection_logs.s3.enabled", "connection_logs.s3.bucket"}};
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        const Json *enabled = relation_attribute(balancer, logs[i][0]);
        if (!rule_flag(enabled, false) || relation_is_open(list) || rule_is_set(relation_attribute(balancer, logs[i][1])))
            continue;
        Diagnostic *d = rule_report(context, balancer, CODE_ATTRIBUTE, enabled, "%s needs a bucket", logs[i][0]);
        diagnostic_set_advice(context->sink, d, "add %s", logs[i][1]);
    }
}

static void report(const RuleContext *context, const Resource *balancer, const Json *node, const char *message, const char *advice)
{
    rule_report_with(context, balancer, CODE_BALANCER_SUBNETS, node, message, advice);
}

/* An item that is a reference may stand for a list: what svc finds by tag. */
static bool is_one_subnet(const Json *list)
{
    return rule_item_count(list) == 1 && list->items.items[0]->kind == JSON_TEXT;
}

static bool is_nothing(const Json *list)
{
    return !rule_is_set(list) || (list->kind == JSON_ARRAY && !list->items.count);
}

static void check_subnets(const RuleContext *context, const Resource *balancer, const Json *input)
{
    const Json *subnets = json_get_c(input, "Subnets");
    const Json *mappings = json_get_c(input, "SubnetMappings");
    if (rule_is_set(subnets) && rule_is_set(mappings))
        report(context, balancer, mappings, "a load balancer has Subnets or SubnetMappings, not both", "keep one of them");
    else if (!context->is_svc && is_nothing(subnets) && is_nothing(mappings))
        report(context, balancer, rule_is_set(subnets) ? subnets : rule_is_set(mappings) ? mappings : rule_is_set(json_get_c(input, "Name")) ? json_get_c(input, "Name") : NULL, "the load balancer has no subnets",
               "add Subnets in at least two availability zones");
    bool is_application = text_equal_c(type_of(balancer), "application");
    bool has_one = is_one_subnet(subnets) || (rule_item_count(mappings) == 1 && rule_text(json_get_c(mappings->items.items[0], "SubnetId")).len);
    if (is_application && has_one)
        report(context, balancer, rule_is_set(subnets) ? subnets : mappings, "an application load balancer has subnets in at least two availability zones, and this one has one subnet", "add a subnet of another zone");
    for (size_t i = 0; i < rule_item_count(subnets); i++)
        for (size_t j = 0; j < i; j++)
            if (rule_text(subnets->items.items[i]).len && text_equal(rule_text(subnets->items.items[i]), rule_text(subnets->items.items[j])))
                report(context, balancer, subnets->items.items[i], "a load balancer has one subnet in each availability zone, and this one is named twice", "name a subnet of another zone");
}

const Rule load_balancer_rules[] = {
    {RESOURCE_LOAD_BALANCER, "", check_subnets},
    {RESOURCE_LOAD_BALANCER, "", check_attributes},
    {.check = NULL},
};
