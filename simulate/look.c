/* Looking at an account without asking it; and what a file relies on, made. */
#include "simulate/state.h"

/* --- looking --- */

static void look_at_group(Simulation *s, Text group, SimulationShare *share)
{
    for (size_t i = 0; i < s->services.count; i++) {
        const Service *service = s->services.items[i];
        bool is_behind = false;
        for (size_t j = 0; j < service->groups.count && !is_behind; j++)
            is_behind = text_equal(service->groups.items[j], group);
        if (!is_behind)
            continue;
        share->wanted += (size_t)service->desired;
        for (size_t j = 0; j < service->deployments.count; j++)
            share->healthy += deployment_count(service->deployments.items[j], task_is_healthy);
    }
}

void simulation_list_rules(Simulation *s, Arena *arena, SimulationRule **out, size_t *count)
{
    enum { MOST = 8 };
    *count = 0;
    *out = ARENA_NEW_ARRAY(arena, SimulationRule, s->things[THING_RULE].count + 1);
    for (size_t i = 0; i < s->things[THING_RULE].count; i++) {
        const Thing *thing = s->things[THING_RULE].items[i];
        Text groups[MOST];
        int64_t weights[MOST];
        size_t found = rule_weights(thing->describe, groups, weights, MOST);
        SimulationRule *rule = &(*out)[*count];
        rule->arn = thing->arn;
        for (size_t j = 0; j < found; j++) {
            SimulationShare share = {.target_group = groups[j], .weight = weights[j]};
            look_at_group(s, groups[j], &share);
            ARRAY_PUSH(arena, &rule->shares, share);
        }
        *count += found > 0;
    }
}

static bool is_running(const Task *task)
{
    return task->state == TASK_RUNNING;
}

void simulation_list_services(Simulation *s, Arena *arena, SimulationService **out, size_t *count)
{
    *count = 0;
    *out = ARENA_NEW_ARRAY(arena, SimulationService, s->services.count + 1);
    for (size_t i = 0; i < s->services.count; i++) {
        const Service *service = s->services.items[i];
        const Deployment *primary = service->deployments.count ? service->deployments.items[0] : NULL;
        const Thing *definition = primary ? definition_find(s, primary->definition) : NULL;
        if (!text_equal_c(service->status, "ACTIVE") || !primary)
            continue;
        SimulationService *one = &(*out)[(*count)++];
        *one = (SimulationService){.name = service->name, .revision = last_part(primary->definition), .desired = (size_t)service->desired, .deployments = service->begun};
        one->is_new = definition && s->begun_ms && definition->created_ms >= s->begun_ms;
        one->is_settled = primary->is_completed && service->deployments.count == 1;
        for (size_t j = 0; j < service->deployments.count; j++) {
            one->running += deployment_count(service->deployments.items[j], is_running);
            one->healthy += deployment_count(service->deployments.items[j], task_is_healthy);
        }
    }
}

void simulation_list_scaling(Simulation *s, Arena *arena, SimulationScaling **out, size_t *count)
{
    *count = s->things[THING_SCALABLE].count;
    *out = ARENA_NEW_ARRAY(arena, SimulationScaling, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        const Thing *target = s->things[THING_SCALABLE].items[i];
        const Json *state = json_get_c(target->describe, "SuspendedState");
        (*out)[i] = (SimulationScaling){target->key, bool_at(state, "DynamicScalingInSuspended"), bool_at(state, "DynamicScalingOutSuspended"),
                                        bool_at(state, "ScheduledScalingSuspended")};
    }
}

/* --- what is relied on --- */

static void set_text(Arena *arena, Json *json, const char *member, Text value)
{
    json_set_c(arena, json, member, json_text(arena, value));
}

static void make_cluster(Simulation *s, Text name)
{
    Json *describe = json_object(s->arena);
    if (thing_find(s, THING_CLUSTER, name))
        return;
    set_text(s->arena, describe, "clusterName", name);
    set_text(s->arena, describe, "status", TEXT("ACTIVE"));
    (void)thing_add(s, THING_CLUSTER, name, describe);
}

static void make_balancer(Simulation *s, const Json *selector, int64_t port)
{
    Text arn = text_at(selector, "arn");
    Text name = text_at(selector, "name");
    if (!arn.len)
        arn = simulation_arn(s, "elasticloadbalancing", "loadbalancer/app/%.*s/0123456789abcdef", TEXT_ARG(name));
    Json *describe = json_object(s->arena);
    Json *groups = json_array(s->arena);
    json_add(s->arena, groups, json_text_c(s->arena, "sg-0123456789abcdef0"));
    set_text(s->arena, describe, "LoadBalancerName", name);
    set_text(s->arena, describe, "DNSName", TEXT("balancer.elb.example.com"));
    set_text(s->arena, describe, "CanonicalHostedZoneId", TEXT("Z35SXDOTRQ7X7K"));
    json_set_c(s->arena, describe, "SecurityGroups", groups);
    if (!thing_find(s, THING_BALANCER, arn))
        (void)thing_add(s, THING_BALANCER, arn, describe);
    if (!port)
        return;
    size_t at = text_find(arn, TEXT(":loadbalancer/"));
    Text behind = at < arn.len ? text_slice(arn, at + sizeof ":loadbalancer/" - 1, arn.len) : name;
    Text listener_arn = simulation_arn(s, "elasticloadbalancing", "listener/%.*s/%016llx", TEXT_ARG(behind), (unsigned long long)port);
    if (thing_find(s, THING_LISTENER, listener_arn))
        return;
    Json *listener = json_object(s->arena);
    set_text(s->arena, listener, "LoadBalancerArn", arn);
    json_set_c(s->arena, listener, "Port", json_integer(s->arena, port));
    thing_add(s, THING_LISTENER, listener_arn, listener)->owner = arn;
}

/* The text of a value that is known without AWS. */
static Text known_text(const Json *json)
{
    if (json && json->kind == JSON_REFERENCE)
        return json->reference->known;
    return json && json->kind == JSON_TEXT ? json->text : TEXT_NONE;
}

void simulation_prepare(Simulation *s, const Resources *resources)
{
    for (size_t i = 0; i < resources->items.count; i++) {
        const Resource *resource = resources->items.items[i];
        Text cluster = resource->kind == RESOURCE_SERVICE ? known_text(json_get_c(resource->input, "cluster")) : TEXT_NONE;
        if (cluster.len && !resources_find_name(resources, RESOURCE_CLUSTER, last_part(cluster)))
            make_cluster(s, last_part(cluster));
    }
    for (size_t i = 0; i < resources->lookups.count; i++) {
        const Json *selector = resources->lookups.items[i]->selector;
        const Json *outer = json_get_c(selector, "load-balancer");
        if (outer || text_at(selector, "name").len || text_at(selector, "arn").len)
            make_balancer(s, outer ? outer : selector, outer ? number_at(selector, "port", 0) : 0);
    }
}
