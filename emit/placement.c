#include "emit/placement.h"

#include "emit/network.h"
#include "emit/task_check.h"

/* --- capacity --- */

static Json *provider(Emission *emission, const char *name, int64_t weight, int64_t base, Span origin)
{
    Json *item = json_at(json_object(emission->arena), origin);
    json_set_c(emission->arena, item, "capacityProvider", json_text_c(emission->arena, name));
    json_set_c(emission->arena, item, "weight", json_at(json_integer(emission->arena, weight), origin));
    if (base > 0)
        json_set_c(emission->arena, item, "base", json_at(json_integer(emission->arena, base), origin));
    return item;
}

/* AWS: CapacityProviderStrategyItem.weight. */
enum { WEIGHT_MAX = 1000 };

/* The share as a fraction in lowest terms: 80% is 4 of 5. */
static Rational spot_share(Emission *emission, const Node *spot)
{
    const Value *value = node_argument(spot, 0);
    Rational share = value && value->kind == VALUE_QUANTITY ? value->number : rational_from_integer(0);
    if (share.num <= WEIGHT_MAX && share.den - share.num <= WEIGHT_MAX)
        return share;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SPOT_SHARE, node_argument_span(spot, 0),
                                               "this share needs weights above %d", WEIGHT_MAX);
    diagnostic_set_label(emission->sink, diagnostic, "ECS mixes on-demand and Spot by whole weights up to %d", WEIGHT_MAX);
    diagnostic_set_advice(emission->sink, diagnostic, "say a share in steps of 0.1%%");
    return rational_from_integer(0);
}

Json *placement_capacity(Emission *emission, const ServiceFacts *facts)
{
    const Node *spot = node_child(facts->node, W_SPOT);
    Json *strategy = json_array(emission->arena);
    Rational share = spot_share(emission, spot);
    int64_t base = node_integer(node_child(spot, W_SPOT_BASE), 0, 0);
    int64_t on_demand = share.den - share.num;
    Span origin = spot ? spot->span : SPAN_NONE;
    if (share.num)
        json_add(emission->arena, strategy, provider(emission, "FARGATE_SPOT", share.num, 0, origin));
    if (on_demand || base)
        json_add(emission->arena, strategy, provider(emission, "FARGATE", on_demand, base, origin));
    return strategy;
}

/* --- network --- */

static bool wants_public_subnets(const Node *service)
{
    return text_equal_c(node_child_text(service, W_SUBNETS), vocabulary_row(W_NETWORK_PUBLIC)->word);
}

/* The way out of a public subnet is the internet gateway, which serves public addresses only. */
static void check_way_out(Emission *emission, const ServiceFacts *facts)
{
    const Node *subnets = node_child(facts->node, W_SUBNETS);
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PUBLIC_SUBNETS, node_argument_span(subnets, 0), "tasks without a public address gain nothing in public subnets");
    diagnostic_set_label(emission->sink, diagnostic, "their way out is for public addresses only: images and secrets cannot be fetched");
    diagnostic_set_advice(emission->sink, diagnostic, "leave it out: private subnets are the default");
}

/* The service's own group, and existing ones in the order of their ids. */
static Json *security_groups(Emission *emission, const ServiceFacts *facts)
{
    Json *groups = json_array(emission->arena);
    json_add(emission->arena, groups, emit_reference(emission, facts->security_group_id, ATTRIBUTE_ID, TEXT_NONE));
    const Node *extra = node_child(facts->node, W_SECURITY_GROUPS);
    Json *ids = extra ? shape_value(emission, &extra->row->arguments[0], node_argument(extra, 0)) : NULL;
    for (size_t i = 0; i < json_length(ids); i++)
        json_add(emission->arena, groups, ids->items.items[i]);
    return groups;
}

Json *placement_network(Emission *emission, const ServiceFacts *facts, bool is_capitalized)
{
    Arena *arena = emission->arena;
    const Node *public_ip = node_child(facts->node, W_PUBLIC_IP);
    bool has_address = node_flag(public_ip, false);
    Json *network = json_object(arena);
    if (wants_public_subnets(facts->node) && !public_ip)
        check_way_out(emission, facts);
    if (facts->network.len)
        json_set_c(arena, network, is_capitalized ? "Subnets" : "subnets",
                   network_subnets(emission, facts->network, wants_public_subnets(facts->node), facts->node->span));
    json_set_c(arena, network, is_capitalized ? "SecurityGroups" : "securityGroups", security_groups(emission, facts));
    json_set_c(arena, network, is_capitalized ? "AssignPublicIp" : "assignPublicIp",
               json_at(json_text_c(arena, has_address ? "ENABLED" : "DISABLED"), public_ip ? public_ip->span : SPAN_NONE));
    return network;
}

/* --- platform --- */

Json *placement_platform(Emission *emission, const ServiceFacts *facts)
{
    const Node *said = node_child(facts->node, W_PLATFORM);
    if (said)
        return shape_value(emission, &said->row->arguments[0], node_argument(said, 0));
    return json_text_c(emission->arena, task_is_windows(facts->node) ? "1.0.0" : "1.4.0");
}
