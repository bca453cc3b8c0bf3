#include "foreign/import_service.h"

#include "vocabulary/units.h"

static Text text_of(const Json *json)
{
    return json && json->kind == JSON_TEXT ? json->text : TEXT_NONE;
}

static bool number_of(const Json *json, int64_t *out)
{
    bool is_whole = json && json->kind == JSON_NUMBER && rational_is_whole(json->number);
    if (is_whole)
        *out = json->number.num;
    return is_whole;
}

/* Takes a member away when it is what svc says by itself. */
static void drop_text(Json *object, const char *key, const char *derived)
{
    if (text_equal_c(text_of(json_get_c(object, key)), derived))
        json_remove_c(object, key);
}

static void drop_flag(Json *object, const char *key, bool derived)
{
    const Json *json = json_get_c(object, key);
    if (json && json->kind == JSON_BOOL && json->boolean == derived)
        json_remove_c(object, key);
}

static void write_strings(Unrender *unrender, Buffer *out, const Json *list)
{
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        size_t before = out->length;
        buffer_add_byte(out, ' ');
        if (!unrender_string(unrender, out, list->items.items[i], "string"))
            out->length = before;
    }
}

/* --- capacity --- */

/* FARGATE and FARGATE_SPOT by weight, as a share of Spot. Anything else stays for an `aws` block. */
static void write_capacity(Unrender *unrender, Buffer *out, Json *service)
{
    enum { PERCENT = 100, WEIGHT_MAX = 1000 };
    const Json *strategy = json_get_c(service, "capacityProviderStrategy");
    int64_t weights[2] = {0, 0};
    int64_t base = 0;
    for (size_t i = 0; i < json_length(strategy); i++) {
        const Json *item = strategy->items.items[i];
        bool is_spot = text_equal_c(text_of(json_get_c(item, "capacityProvider")), "FARGATE_SPOT");
        if (!is_spot && !text_equal_c(text_of(json_get_c(item, "capacityProvider")), "FARGATE"))
            return;
        (void)number_of(json_get_c(item, "weight"), &weights[is_spot]);
        if (weights[is_spot] < 0 || weights[is_spot] > WEIGHT_MAX)
            return;
        if (!is_spot)
            (void)number_of(json_get_c(item, "base"), &base);
    }
    int64_t all = weights[0] + weights[1];
    Rational share;
    if (!strategy || !all || !rational_make(&share, weights[1], all) || PERCENT % share.den)
        return;
    json_remove_c(service, "capacityProviderStrategy");
    if (!weights[1])
        return;
    buffer_add_format(out, "%s %.*s", vocabulary_row(W_SPOT)->word, TEXT_ARG(unit_format_quantity(unrender->arena, (Quantity){share, TYPE_PERCENT})));
    if (base)
        buffer_add_format(out, " %s %lld", vocabulary_row(W_SPOT_BASE)->word, (long long)base);
    buffer_add_byte(out, '\n');
}

/* --- network --- */

static void write_placement(Unrender *unrender, Buffer *out, Json *service)
{
    const Json *network = json_get_c(json_get_c(service, "networkConfiguration"), "awsvpcConfiguration");
    const Json *groups = json_get_c(network, "securityGroups");
    if (!network)
        return;
    if (text_equal_c(text_of(json_get_c(network, "assignPublicIp")), "ENABLED"))
        buffer_add_format(out, "%s public\n%s yes\n", vocabulary_row(W_SUBNETS)->word, vocabulary_row(W_PUBLIC_IP)->word);
    if (groups && groups->kind == JSON_ARRAY) {
        Buffer ids = {0};
        write_strings(unrender, &ids, groups);
        if (ids.length)
            buffer_add_format(out, "%s%.*s\n", vocabulary_row(W_SECURITY_GROUPS)->word, TEXT_ARG(buffer_text(&ids)));
        buffer_free(&ids);
    }
    json_remove_c(service, "networkConfiguration");
}

void import_write_network(Unrender *unrender, Buffer *out, const Import *import)
{
    const Json *subnets = NULL;
    bool is_public = false;
    for (size_t i = 0; i < import->services.count && !subnets; i++) {
        const Json *network = json_get_c(json_get_c(import->services.items[i].service, "networkConfiguration"), "awsvpcConfiguration");
        subnets = json_get_c(network, "subnets");
        subnets = json_length(subnets) && subnets->kind == JSON_ARRAY ? subnets : NULL;
        is_public = text_equal_c(text_of(json_get_c(network, "assignPublicIp")), "ENABLED");
    }
    const char *word = vocabulary_row(is_public ? W_NETWORK_PUBLIC : W_NETWORK_PRIVATE)->word;
    buffer_add_format(out, "# chosen: the tag by which the VPC%s found\n%s main %s {\n%s tagged { Name \"main\" }\n%s", subnets ? " is" : " and its subnets are",
                      vocabulary_row(W_SERVICE_NETWORK)->word, vocabulary_row(W_EXISTING)->word, vocabulary_row(W_NETWORK_VPC)->word, word);
    size_t before = out->length;
    write_strings(unrender, out, subnets);
    if (out->length == before)
        buffer_add_c(out, " tagged { Tier \"private\" }");
    if (import->statements.len)
        buffer_add_format(out, "\n%s tagged { Tier \"public\" }", vocabulary_row(W_NETWORK_PUBLIC)->word);
    buffer_add_c(out, "\n}\n\n");
}

/* --- deployments, traffic --- */

static void write_rollout(Buffer *out, Json *service)
{
    enum { WHOLE = 100, DOUBLE = 200 };
    Json *configuration = json_get_c(service, "deploymentConfiguration");
    const Json *breaker = json_get_c(configuration, "deploymentCircuitBreaker");
    int64_t least = WHOLE;
    int64_t most = DOUBLE;
    if (!configuration || !(json_get_c(configuration, "strategy") == NULL || text_equal_c(text_of(json_get_c(configuration, "strategy")), "ROLLING")))
        return;
    (void)number_of(json_get_c(configuration, "minimumHealthyPercent"), &least);
    (void)number_of(json_get_c(configuration, "maximumPercent"), &most);
    const Json *enabled = json_get_c(breaker, "enable");
    const Json *back = json_get_c(breaker, "rollback");
    bool is_on = enabled && enabled->kind == JSON_BOOL && enabled->boolean;
    bool goes_back = is_on && back && back->kind == JSON_BOOL && back->boolean;
    json_remove_c(configuration, "strategy");
    json_remove_c(configuration, "minimumHealthyPercent");
    json_remove_c(configuration, "maximumPercent");
    if (breaker && json_length(breaker) <= 2)
        json_remove_c(configuration, "deploymentCircuitBreaker");
    if (json_length(configuration) == 0)
        json_remove_c(service, "deploymentConfiguration");
    if (least == WHOLE && most == DOUBLE && goes_back)
        return;
    buffer_add_format(out, "%s rolling { %s %lld%%..%lld%%; %s %s }\n", vocabulary_row(W_ROLLOUT)->word, vocabulary_row(W_HEALTHY)->word, (long long)least,
                      (long long)most, vocabulary_row(W_BREAKER)->word, goes_back ? "rollback" : is_on ? "on" : "off");
}

/* A target group says nothing of the load balancer in front of it, so that a person has to. */
static void write_traffic(Arena *arena, Buffer *out, Json *service)
{
    const Json *list = json_get_c(service, "loadBalancers");
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        const Json *item = list->items.items[i];
        int64_t port = 0;
        Text container = text_of(json_get_c(item, "containerName"));
        (void)number_of(json_get_c(item, "containerPort"), &port);
        Text group = text_of(json_get_c(item, "targetGroupArn"));
        group = group.len ? group : text_of(json_get_c(item, "loadBalancerName"));
        unrender_comment(out, arena_format(arena, "to choose: requests came through %s%.*s.", group.len ? "the target group " : "a target group", TEXT_ARG(group)));
        unrender_comment(out, arena_format(arena, "Declare the %s in front of it above, and say here:", vocabulary_row(W_LOAD_BALANCER)->word));
        unrender_comment(out, arena_format(arena, "  %s edge \"/*\" %s %.*s %lld", vocabulary_row(W_ROUTE)->word, vocabulary_row(W_ROUTE_TO)->word,
                                           TEXT_ARG(container), (long long)port));
    }
    json_remove_c(service, "loadBalancers");
}

/* --- the service --- */

static void write_cluster(Buffer *out, Json *service)
{
    const Json *cluster = json_get_c(service, "cluster");
    Text name = text_of(cluster);
    size_t slash = text_find_byte(name, '/');
    if (!name.len)
        return;
    buffer_add_format(out, "%s ", vocabulary_row(W_SERVICE_CLUSTER)->word);
    unrender_name(out, slash < name.len ? text_slice(name, slash + 1, name.len) : name);
    buffer_add_byte(out, '\n');
    json_remove_c(service, "cluster");
}

static void write_count(Buffer *out, Json *service)
{
    int64_t count = 1;
    if (!number_of(json_get_c(service, "desiredCount"), &count))
        return;
    if (count != 1)
        buffer_add_format(out, "%s %lld\n", vocabulary_row(W_COUNT)->word, (long long)count);
    json_remove_c(service, "desiredCount");
}

void import_write_service(Unrender *unrender, Buffer *out, const Json *said, Text name)
{
    Json *service = unrender_copy(unrender->arena, said);
    unrender->shape = "service";
    unrender->root = service;
    if (!service)
        return;
    json_remove_c(service, "taskDefinition");
    json_remove_c(service, "tags");
    json_remove_c(service, "clientToken");
    drop_text(service, "schedulingStrategy", "REPLICA");
    drop_text(service, "launchType", "FARGATE");
    drop_text(service, "propagateTags", "SERVICE");
    drop_text(service, "platformVersion", "LATEST");
    drop_text(service, "availabilityZoneRebalancing", "ENABLED");
    drop_flag(service, "enableECSManagedTags", true);
    drop_flag(service, "enableExecuteCommand", false);
    drop_text(json_get_c(service, "deploymentController"), "type", "ECS");
    if (json_length(json_get_c(service, "deploymentController")) == 0)
        json_remove_c(service, "deploymentController");
    if (text_equal(text_of(json_get_c(service, "serviceName")), name))
        json_remove_c(service, "serviceName");
    write_cluster(out, service);
    write_count(out, service);
    write_capacity(unrender, out, service);
    write_placement(unrender, out, service);
    write_rollout(out, service);
    write_traffic(unrender->arena, out, service);
    unrender_body(unrender, out, SCOPE_SERVICE, service);
    unrender_rest(unrender, out, "service", service);
}
