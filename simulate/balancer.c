/* Load balancers: listeners, target groups, the rules that forward to them, and what is told of their targets. */
#include "simulate/state.h"

enum { ID_LENGTH = 16, DRAIN_S = 300, DEFAULT_PORT = 80 };

/* --- making --- */

static Json *one_in_list(Arena *arena, Json *one)
{
    Json *list = json_array(arena);
    json_add(arena, list, one);
    return list;
}

static Thing *find_by(Simulation *s, ThingKind kind, const char *member, Text value)
{
    for (size_t i = 0; i < s->things[kind].count; i++)
        if (text_equal(text_at(s->things[kind].items[i]->describe, member), value))
            return s->things[kind].items[i];
    return NULL;
}

/* A thing of its ARN, which is answered with the input's members and those that are given here. */
static Thing *make(Simulation *s, Request *r, Text resource, Json *describe)
{
    json_remove_c(describe, "Tags");
    Thing *thing = thing_add(s, r->kind, simulation_arn(s, "elasticloadbalancing", "%.*s", TEXT_ARG(resource)), describe);
    thing->tags = tags_set(s->arena, json_array(s->arena), json_get_c(r->in, "Tags"));
    return thing;
}

static void rename(Json *json, Arena *arena, const char *from, const char *to)
{
    json_set_c(arena, json, to, json_get_c(json, from));
    json_remove_c(json, from);
}

/* Subnets are answered with their zones. */
static void set_zones(Simulation *s, Arena *arena, Json *describe)
{
    const Json *subnets = json_get_c(describe, "Subnets");
    Json *zones = json_array(arena);
    for (size_t i = 0; i < json_item_count(subnets); i++) {
        Json *zone = json_object(arena);
        json_set_c(arena, zone, "SubnetId", json_keep(arena, subnets->items.items[i]));
        json_set_c(arena, zone, "ZoneName", json_text(arena, arena_format(arena, "%.*s%c", TEXT_ARG(s->options.region), (char)('a' + (int)i % 26))));
        json_add(arena, zones, zone);
    }
    json_remove_c(describe, "Subnets");
    json_set_c(arena, describe, "AvailabilityZones", zones);
}

ANSWERER(answer_create_balancer)
{
    Text name = request_text(r, "Name");
    if (find_by(s, THING_BALANCER, "LoadBalancerName", name)) {
        request_fail(r, "DuplicateLoadBalancerName", "A load balancer with the name %.*s already exists", TEXT_ARG(name));
        return;
    }
    Json *describe = json_share(r->arena, r->in);
    Json *state = json_object(r->arena);
    json_set_c(r->arena, state, "Code", json_text_c(r->arena, "active"));
    rename(describe, r->arena, "Name", "LoadBalancerName");
    json_set_c(r->arena, describe, "State", state);
    json_set_default(r->arena, describe, "Type", json_text_c(r->arena, "application"));
    json_set_default(r->arena, describe, "Scheme", json_text_c(r->arena, "internet-facing"));
    json_set_default(r->arena, describe, "IpAddressType", json_text_c(r->arena, "ipv4"));
    json_set_c(r->arena, describe, "DNSName", json_text(r->arena, arena_format(r->arena, "%.*s.elb.example.com", TEXT_ARG(name))));
    json_set_c(r->arena, describe, "CanonicalHostedZoneId", json_text_c(r->arena, "Z35SXDOTRQ7X7K"));
    set_zones(s, r->arena, describe);
    Thing *thing = make(s, r, arena_format(r->arena, "loadbalancer/app/%.*s/%.*s", TEXT_ARG(name), TEXT_ARG(random_hex(s, ID_LENGTH))), describe);
    request_set(r, "LoadBalancers", one_in_list(r->arena, json_share(r->arena, thing->describe)));
}

ANSWERER(answer_set_subnets)
{
    Thing *thing = thing_find(s, THING_BALANCER, request_text(r, "LoadBalancerArn"));
    if (!thing) {
        request_fail(r, "LoadBalancerNotFound", "One or more load balancers not found");
        return;
    }
    thing_touch(s, thing);
    json_set_c(s->arena, thing->describe, "Subnets", json_keep(s->arena, json_get_c(r->in, "Subnets")));
    set_zones(s, s->arena, thing->describe);
}

/* "loadbalancer/app/edge/0123" is "app/edge/0123" in what hangs on it. */
static Text resource_behind(Text arn, const char *marker)
{
    size_t at = text_find(arn, text_from_c(marker));
    return at < arn.len ? text_slice(arn, at + strlen(marker), arn.len) : TEXT_NONE;
}

ANSWERER(answer_create_listener)
{
    Text balancer = request_text(r, "LoadBalancerArn");
    int64_t port = number_at(r->in, "Port", DEFAULT_PORT);
    for (size_t i = 0; i < s->things[THING_LISTENER].count; i++) {
        const Thing *other = s->things[THING_LISTENER].items[i];
        if (text_equal(other->owner, balancer) && number_at(other->describe, "Port", 0) == port) {
            request_fail(r, "DuplicateListener", "A listener already exists on this port for this load balancer");
            return;
        }
    }
    if (!thing_find(s, THING_BALANCER, balancer)) {
        request_fail(r, "LoadBalancerNotFound", "Load balancer '%.*s' not found", TEXT_ARG(balancer));
        return;
    }
    Text resource = arena_format(r->arena, "listener/%.*s/%.*s", TEXT_ARG(resource_behind(balancer, ":loadbalancer/")), TEXT_ARG(random_hex(s, ID_LENGTH)));
    Thing *thing = make(s, r, resource, json_share(r->arena, r->in));
    thing->owner = arena_copy_text(s->arena, balancer);
    request_set(r, "Listeners", one_in_list(r->arena, json_share(r->arena, thing->describe)));
}

ANSWERER(answer_create_target_group)
{
    static const struct {
        const char *member;
        int64_t value;
    } defaults[] = {{"HealthCheckIntervalSeconds", 30}, {"HealthCheckTimeoutSeconds", 5}, {"HealthyThresholdCount", 5}, {"UnhealthyThresholdCount", 2}};
    Text name = request_text(r, "Name");
    if (find_by(s, THING_TARGET_GROUP, "TargetGroupName", name)) {
        request_fail(r, "DuplicateTargetGroupName", "A target group with the name %.*s already exists", TEXT_ARG(name));
        return;
    }
    Json *describe = json_share(r->arena, r->in);
    rename(describe, r->arena, "Name", "TargetGroupName");
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        json_set_default(r->arena, describe, defaults[i].member, json_integer(r->arena, defaults[i].value));
    Thing *thing = make(s, r, arena_format(r->arena, "targetgroup/%.*s/%.*s", TEXT_ARG(name), TEXT_ARG(random_hex(s, ID_LENGTH))), describe);
    request_set(r, "TargetGroups", one_in_list(r->arena, json_share(r->arena, thing->describe)));
}

/* --- attributes --- */

static const Json *find_attribute(const Json *attributes, const char *key)
{
    for (size_t i = 0; i < json_item_count(attributes); i++)
        if (text_equal_c(text_at(attributes->items.items[i], "Key"), key))
            return attributes->items.items[i];
    return NULL;
}

static Json *default_attributes(Arena *arena, ThingKind kind)
{
    Json *list = json_array(arena);
    Json *delay = json_object(arena);
    if (kind != THING_TARGET_GROUP)
        return list;
    json_set_c(arena, delay, "Key", json_text_c(arena, "deregistration_delay.timeout_seconds"));
    json_set_c(arena, delay, "Value", json_text_c(arena, "300"));
    json_add(arena, list, delay);
    return list;
}

ANSWERER(answer_attributes)
{
    const Thing *thing = thing_find(s, r->kind, request_text(r, r->key));
    if (!thing) {
        request_fail(r, r->kind == THING_TARGET_GROUP ? "TargetGroupNotFound" : "LoadBalancerNotFound", "%.*s is not there", TEXT_ARG(request_text(r, r->key)));
        return;
    }
    request_set(r, "Attributes", thing->more ? json_share(r->arena, thing->more) : default_attributes(r->arena, r->kind));
}

ANSWERER(answer_modify_attributes)
{
    Thing *thing = thing_find(s, r->kind, request_text(r, r->key));
    if (!thing) {
        request_fail(r, r->kind == THING_TARGET_GROUP ? "TargetGroupNotFound" : "LoadBalancerNotFound", "%.*s is not there", TEXT_ARG(request_text(r, r->key)));
        return;
    }
    Json *all = thing->more ? thing->more : default_attributes(s->arena, r->kind);
    thing->more = tags_set(s->arena, all, json_get_c(r->in, "Attributes"));
}

int64_t target_group_drain_ms(Simulation *s, Text arn)
{
    const Thing *group = thing_find(s, THING_TARGET_GROUP, arn);
    const Json *delay = group ? find_attribute(group->more, "deregistration_delay.timeout_seconds") : NULL;
    return group ? number_at(delay, "Value", DRAIN_S) * 1000 : 0;
}

/* --- rules --- */

/* A rule that forwards to one group says so in two ways, and is answered in both. */
static void fill_actions(Arena *arena, Json *rule)
{
    const Json *actions = json_get_c(rule, "Actions");
    for (size_t i = 0; i < json_item_count(actions); i++) {
        Json *action = actions->items.items[i];
        const Json *groups = json_get_c(json_get_c(action, "ForwardConfig"), "TargetGroups");
        Text arn = text_at(action, "TargetGroupArn");
        if (arn.len && !groups) {
            Json *group = json_object(arena);
            Json *forward = json_object(arena);
            json_set_c(arena, group, "TargetGroupArn", json_text(arena, arn));
            json_set_c(arena, group, "Weight", json_integer(arena, 1));
            json_set_c(arena, forward, "TargetGroups", one_in_list(arena, group));
            json_set_c(arena, action, "ForwardConfig", forward);
        } else if (!arn.len && json_item_count(groups) == 1) {
            json_set_c(arena, action, "TargetGroupArn", json_text(arena, text_at(groups->items.items[0], "TargetGroupArn")));
        }
        for (size_t j = 0; j < json_item_count(groups); j++)
            json_set_default(arena, groups->items.items[j], "Weight", json_integer(arena, 1));
    }
}

size_t rule_weights(const Json *rule, Text *groups, int64_t *weights, size_t most)
{
    const Json *actions = json_get_c(rule, "Actions");
    size_t count = 0;
    for (size_t i = 0; i < json_item_count(actions); i++) {
        const Json *list = json_get_c(json_get_c(actions->items.items[i], "ForwardConfig"), "TargetGroups");
        for (size_t j = 0; j < json_item_count(list) && count < most; j++) {
            groups[count] = text_at(list->items.items[j], "TargetGroupArn");
            weights[count++] = number_at(list->items.items[j], "Weight", 1);
        }
    }
    return count;
}

static bool names_group(const Json *thing, const char *member, Text arn)
{
    const Json *actions = json_get_c(thing, member);
    for (size_t i = 0; i < json_item_count(actions); i++) {
        const Json *list = json_get_c(json_get_c(actions->items.items[i], "ForwardConfig"), "TargetGroups");
        if (text_equal(text_at(actions->items.items[i], "TargetGroupArn"), arn))
            return true;
        for (size_t j = 0; j < json_item_count(list); j++)
            if (text_equal(text_at(list->items.items[j], "TargetGroupArn"), arn))
                return true;
    }
    return false;
}

bool target_group_is_used(Simulation *s, Text arn)
{
    for (size_t i = 0; i < s->things[THING_RULE].count; i++)
        if (names_group(s->things[THING_RULE].items[i]->describe, "Actions", arn))
            return true;
    for (size_t i = 0; i < s->things[THING_LISTENER].count; i++)
        if (names_group(s->things[THING_LISTENER].items[i]->describe, "DefaultActions", arn))
            return true;
    return false;
}

ANSWERER(answer_delete_target_group)
{
    if (target_group_is_used(s, request_text(r, r->key)))
        request_fail(r, "ResourceInUse", "Target group '%.*s' is currently in use by a listener or a rule", TEXT_ARG(request_text(r, r->key)));
    else
        answer_remove(s, r);
}

void weights_tell(Simulation *s, const Thing *rule)
{
    enum { GROUPS = 2 };
    Text groups[GROUPS];
    SimulationEvent event = {.kind = SIMULATION_WEIGHTS, .at_ms = s->now_ms, .subject = rule->arn};
    if (rule_weights(rule->describe, groups, event.weights, GROUPS) == GROUPS && s->tell)
        s->tell(s->tell_context, &event);
}

ANSWERER(answer_create_rule)
{
    Text listener = request_text(r, "ListenerArn");
    int64_t priority = number_at(r->in, "Priority", 0);
    if (!thing_find(s, THING_LISTENER, listener)) {
        request_fail(r, "ListenerNotFound", "One or more listeners not found");
        return;
    }
    for (size_t i = 0; i < s->things[THING_RULE].count; i++) {
        const Thing *other = s->things[THING_RULE].items[i];
        if (text_equal(other->owner, listener) && number_at(other->describe, "Priority", 0) == priority) {
            request_fail(r, "PriorityInUse", "Priority '%lld' is currently in use", (long long)priority);
            return;
        }
    }
    Json *describe = json_share(r->arena, r->in);
    Text resource = arena_format(r->arena, "listener-rule/%.*s/%.*s", TEXT_ARG(resource_behind(listener, ":listener/")), TEXT_ARG(random_hex(s, ID_LENGTH)));
    json_remove_c(describe, "ListenerArn");
    json_set_c(r->arena, describe, "Priority", json_text(r->arena, arena_format(r->arena, "%lld", (long long)priority)));
    json_set_c(r->arena, describe, "IsDefault", json_bool(r->arena, false));
    Thing *thing = make(s, r, resource, describe);
    thing->owner = arena_copy_text(s->arena, listener);
    fill_actions(s->arena, thing->describe);
    request_set(r, "Rules", one_in_list(r->arena, json_share(r->arena, thing->describe)));
}

ANSWERER(answer_modify_rule)
{
    Thing *thing = thing_find(s, THING_RULE, request_text(r, "RuleArn"));
    const Json *before = thing ? json_share(r->arena, thing->describe) : NULL;
    answer_change(s, r);
    if (!thing || !r->out)
        return;
    fill_actions(s->arena, thing->describe);
    if (!json_equal(json_get_c(before, "Actions"), json_get_c(thing->describe, "Actions")))
        weights_tell(s, thing);
}

ANSWERER(answer_priorities)
{
    const Json *list = json_get_c(r->in, "RulePriorities");
    for (size_t i = 0; i < json_item_count(list); i++) {
        Thing *rule = thing_find(s, THING_RULE, text_at(list->items.items[i], "RuleArn"));
        if (!rule)
            continue;
        thing_touch(s, rule);
        Text priority = arena_format(s->arena, "%lld", (long long)number_at(list->items.items[i], "Priority", 0));
        json_set_c(s->arena, rule->describe, "Priority", json_text(s->arena, priority));
    }
}

/* By the listener, or by their ARNs. */
ANSWERER(answer_rules)
{
    Text listener = request_text(r, "ListenerArn");
    const Json *arns = json_get_c(r->in, "RuleArns");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_RULE].count; i++) {
        const Thing *rule = s->things[THING_RULE].items[i];
        bool is_asked = listener.len && text_equal(rule->owner, listener);
        for (size_t j = 0; j < json_item_count(arns); j++)
            is_asked = is_asked || text_equal(arns->items.items[j]->text, rule->arn);
        if (is_asked)
            json_add(r->arena, list, json_share(r->arena, thing_view(s, rule)));
    }
    if (arns && json_item_count(list) < json_item_count(arns))
        request_fail(r, "RuleNotFound", "One or more rules not found");
    else
        request_set(r, "Rules", list);
}

bool simulation_move_weights(Simulation *s, Text arn, int64_t first, int64_t second)
{
    Thing *rule = thing_find(s, THING_RULE, arn);
    const Json *actions = rule ? json_get_c(rule->describe, "Actions") : NULL;
    const Json *groups = json_item_count(actions) ? json_get_c(json_get_c(actions->items.items[0], "ForwardConfig"), "TargetGroups") : NULL;
    if (json_item_count(groups) != 2)
        return false;
    traffic_measure(s, s->now_ms);
    thing_touch(s, rule);
    json_set_c(s->arena, groups->items.items[0], "Weight", json_integer(s->arena, first));
    json_set_c(s->arena, groups->items.items[1], "Weight", json_integer(s->arena, second));
    SimulationEvent event = {.kind = SIMULATION_OPERATOR, .at_ms = s->now_ms, .subject = arn, .text = TEXT("somebody moves the weights by hand")};
    if (s->tell)
        s->tell(s->tell_context, &event);
    weights_tell(s, rule);
    return true;
}

/* --- targets --- */

static void add_health(Request *r, Json *list, const Task *task, bool is_used, size_t number)
{
    static const char *const states[] = {
        [TARGET_NONE] = "unused", [TARGET_INITIAL] = "initial", [TARGET_HEALTHY] = "healthy", [TARGET_UNHEALTHY] = "unhealthy", [TARGET_DRAINING] = "draining"};
    Json *one = json_object(r->arena);
    Json *target = json_object(r->arena);
    Json *health = json_object(r->arena);
    bool is_unused = !is_used && task->target != TARGET_DRAINING;
    json_set_c(r->arena, target, "Id", json_text(r->arena, arena_format(r->arena, "10.0.%zu.%zu", number / 250, number % 250 + 4)));
    json_set_c(r->arena, health, "State", json_text_c(r->arena, is_unused ? "unused" : states[task->target]));
    json_set_c(r->arena, one, "Target", target);
    json_set_c(r->arena, one, "TargetHealth", health);
    json_add(r->arena, list, one);
}

ANSWERER(answer_target_health)
{
    Text arn = request_text(r, "TargetGroupArn");
    Json *list = json_array(r->arena);
    size_t number = 0;
    if (!thing_find(s, THING_TARGET_GROUP, arn)) {
        request_fail(r, "TargetGroupNotFound", "One or more target groups not found");
        return;
    }
    bool is_used = target_group_is_used(s, arn);
    for (size_t i = 0; i < s->services.count; i++) {
        const Service *service = s->services.items[i];
        bool has_group = false;
        for (size_t j = 0; j < service->groups.count && !has_group; j++)
            has_group = text_equal(service->groups.items[j], arn);
        for (size_t j = 0; has_group && j < service->deployments.count; j++)
            for (size_t k = 0; k < service->deployments.items[j]->tasks.count; k++, number++)
                if (service->deployments.items[j]->tasks.items[k]->target != TARGET_NONE)
                    add_health(r, list, service->deployments.items[j]->tasks.items[k], is_used, number);
    }
    request_set(r, "TargetHealthDescriptions", list);
}
