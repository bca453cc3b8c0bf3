/* The tasks' own group: in only from what routes to them or is named, out by https and as said. Rules that refer to the group of another service
   are resources of their own, so that two services may refer to each other. */
#include "emit/load_balancer.h"
#include "emit/network.h"
#include "emit/port_rule.h"

enum { HTTPS_PORT = 443, NFS_PORT = 2049 };

typedef struct TaskGroup {
    Emission *emission;
    const ServiceFacts *facts;
    PortRules ingress;
    PortRules egress;
} TaskGroup;

static Json *own_group(const TaskGroup *group)
{
    return emit_reference(group->emission, group->facts->security_group_id, ATTRIBUTE_ID, TEXT_NONE);
}

/* A short name of the other side, for the file of a rule. */
static Text peer_stem(Arena *arena, const Peer *peer, const char *direction, Ports ports)
{
    Text name = peer->service.len ? peer->service : peer->key;
    if (text_equal_c(ports.protocol, "-1"))
        return arena_format(arena, "%s-%.*s", direction, TEXT_ARG(name));
    return arena_format(arena, "%s-%.*s-%.*s-%lld", direction, TEXT_ARG(name), TEXT_ARG(ports.protocol), (long long)ports.low);
}

/* --- from load balancers --- */

/* Lets the load balancer of a route in on a port; and lets it out, when svc made its group. */
static void open_to_load_balancer(TaskGroup *group, const RouteFacts *route, int64_t port, Span origin)
{
    Emission *emission = group->emission;
    Arena *arena = emission->arena;
    if (port <= 0 || !route->load_balancer_node)
        return;
    Json *balancer = load_balancer_attribute(emission, route->load_balancer_node, route->load_balancer, "security-group-id", route->node->span);
    Text key = arena_format(arena, "load-balancer/%.*s", TEXT_ARG(route->load_balancer));
    Peer peer = peer_of_group(key, balancer, origin);
    port_rules_add(emission, &group->ingress, ports_tcp(port), &peer, arena_format(arena, "from load balancer %.*s", TEXT_ARG(route->load_balancer)));
    if (route->is_existing)
        return;
    PortRule rule = {ports_tcp(port), peer_of_service(emission, group->facts->service, origin),
                     arena_format(arena, "to tasks of %.*s", TEXT_ARG(group->facts->service))};
    Text stem = arena_format(arena, "%.*s-to-tasks-%lld", TEXT_ARG(route->load_balancer), (long long)port);
    emit_group_rule(emission, group->facts->service, group->facts->node, true, stem, balancer, &rule);
}

static void add_routes(TaskGroup *group)
{
    for (size_t i = 0; i < group->facts->route_count; i++) {
        const RouteFacts *route = &group->facts->routes[i];
        const Node *health = node_child(node_child(route->node, W_ROUTE_HEALTH), W_ROUTE_HEALTH_PORT);
        const Node *control = node_child(route->node, W_ROUTE_CONTROL_PORT);
        open_to_load_balancer(group, route, route->port, route->node->span);
        open_to_load_balancer(group, route, node_integer(health, 0, 0), health ? health->span : SPAN_NONE);
        open_to_load_balancer(group, route, node_integer(control, 0, 0), control ? control->span : SPAN_NONE);
    }
}

/* --- as said --- */

static void warn_world(TaskGroup *group, Ports ports, const Peer *peer)
{
    if (!peer->is_world)
        return;
    Diagnostic *diagnostic = diagnostic_report(group->emission->sink, CODE_OPEN_TO_WORLD, peer->span, "the tasks of %.*s are open to everybody: %.*s",
                                               TEXT_ARG(group->facts->service), TEXT_ARG(ports_text(group->emission->arena, ports)));
    diagnostic_set_advice(group->emission->sink, diagnostic, "name those who may connect, or put a load balancer before the tasks");
}

static void add_ingress(TaskGroup *group, Ports ports, const Peer *peer)
{
    Emission *emission = group->emission;
    warn_world(group, ports, peer);
    if (peer->kind == PEER_SERVICE) {
        PortRule rule = {ports, *peer, arena_format(emission->arena, "from tasks of %.*s", TEXT_ARG(peer->service))};
        emit_group_rule(emission, group->facts->service, group->facts->node, false, peer_stem(emission->arena, peer, "in-from", ports), own_group(group), &rule);
        return;
    }
    port_rules_add(emission, &group->ingress, ports, peer, TEXT("as the service says"));
}

static void add_egress(TaskGroup *group, Ports ports, const Peer *peer)
{
    Emission *emission = group->emission;
    if (peer->kind == PEER_SERVICE) {
        PortRule rule = {ports, *peer, arena_format(emission->arena, "to tasks of %.*s", TEXT_ARG(peer->service))};
        emit_group_rule(emission, group->facts->service, group->facts->node, true, peer_stem(emission->arena, peer, "out-to", ports), own_group(group), &rule);
        return;
    }
    port_rules_add(emission, &group->egress, ports, peer, TEXT("as the service says"));
}

/* An `ingress` or `egress` statement without anybody on the other side. */
static void report_alone(Emission *emission, const Node *statement, WordId wanted)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_PEER, statement->span, "this `%s` does not say %s whom", statement->row->word,
                                               vocabulary_row(wanted)->word);
    diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", statement->row->example);
}

static void add_statements(TaskGroup *group, WordId word, WordId peer_word, void (*add)(TaskGroup *, Ports, const Peer *))
{
    NODE_EACH(statement, group->facts->node, word)
    {
        Ports ports;
        if (!node_child(statement, peer_word))
            report_alone(group->emission, statement, peer_word);
        if (!ports_read(group->emission, statement, &ports))
            continue;
        NODE_EACH(side, statement, peer_word)
        {
            PeerArray peers = {0};
            peers_read(group->emission, side, group->facts->network, &peers);
            for (size_t i = 0; i < peers.count; i++)
                add(group, ports, &peers.items[i]);
        }
    }
}

/* --- connect --- */

/* Both sides of a connection: out of the tasks' group, and into the other one. */
static void add_connection(TaskGroup *group, const Peer *peer, Ports ports)
{
    Emission *emission = group->emission;
    Text service = group->facts->service;
    PortRule in = {ports, peer_of_service(emission, service, peer->span), arena_format(emission->arena, "from tasks of %.*s", TEXT_ARG(service))};
    Json *other = peer->json;
    if (peer->kind != PEER_SERVICE && peer->kind != PEER_GROUP)
        return;
    add_egress(group, ports, peer);
    Text stem = peer_stem(emission->arena, peer, "into", ports);
    emit_group_rule(emission, service, group->facts->node, false, stem, other, &in);
}

static void add_connects(TaskGroup *group)
{
    NODE_EACH(connect, group->facts->node, W_CONNECT)
    {
        const Node *to = node_child(connect, W_CONNECT_TO);
        const Node *tcp = node_child(connect, W_CONNECT_TCP);
        PeerArray peers = {0};
        if (!to || !tcp) {
            Diagnostic *diagnostic = diagnostic_report(group->emission->sink, CODE_RULE_PEER, connect->span, "this `%s` does not say %s", connect->row->word,
                                                       to ? "on which port" : "to whom");
            diagnostic_set_advice(group->emission->sink, diagnostic, "say it: %s", connect->row->example);
            continue;
        }
        peers_read(group->emission, to, group->facts->network, &peers);
        int64_t port = node_integer(tcp, 0, 0);
        for (size_t i = 0; i < peers.count && port > 0; i++)
            add_connection(group, &peers.items[i], ports_tcp(port));
    }
}

/* --- out --- */

static void add_default_egress(TaskGroup *group)
{
    const Node *said = node_child(group->facts->node, W_EGRESS_DEFAULT);
    PeerArray world = {0};
    if (text_equal_c(node_aws(said, 0), "closed"))
        return;
    peers_add_world(group->emission, SPAN_NONE, &world);
    for (size_t i = 0; i < world.count; i++)
        port_rules_add(group->emission, &group->egress, ports_tcp(HTTPS_PORT), &world.items[i], TEXT("https to anywhere"));
}

static bool reaches_port(const PortRules *rules, int64_t port)
{
    for (size_t i = 0; i < rules->count; i++) {
        Ports ports = rules->items[i].ports;
        if (text_equal_c(ports.protocol, "-1") || (ports.low <= port && port <= ports.high))
            return true;
    }
    return false;
}

/* A file system is mounted over NFS: without a way out to it the task never starts. */
static void check_file_systems(TaskGroup *group)
{
    NODE_EACH(volume, group->facts->node, W_VOLUME)
    {
        const Node *efs = node_child(volume, W_EFS);
        if (!efs || reaches_port(&group->egress, NFS_PORT) || node_child(group->facts->node, W_SECURITY_GROUPS))
            continue;
        Diagnostic *diagnostic = diagnostic_report(group->emission->sink, CODE_EFS_CLOSED, efs->span, "the tasks may not connect to this file system");
        diagnostic_set_label(group->emission->sink, diagnostic, "it is mounted over tcp %d", NFS_PORT);
        diagnostic_set_advice(group->emission->sink, diagnostic, "name the security group of its mount targets: %s to security-group \"sg-…\" tcp %d",
                              vocabulary_row(W_CONNECT)->word, NFS_PORT);
    }
}

void emit_security_groups(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    TaskGroup group = {.emission = emission, .facts = facts};
    Text name = security_group_name(emission, facts->node, facts->service, TEXT("tasks"));
    Text environment = emission->model->environment.name;
    Text description = arena_format(arena, "tasks of %.*s (%.*s), made by svc", TEXT_ARG(facts->service), TEXT_ARG(environment));
    add_routes(&group);
    add_statements(&group, W_INGRESS, W_RULE_PEER, add_ingress);
    add_default_egress(&group);
    add_statements(&group, W_EGRESS, W_RULE_TARGET, add_egress);
    add_connects(&group);
    check_file_systems(&group);
    Json *vpc = facts->network.len ? network_vpc(emission, facts->network, facts->node->span) : NULL;
    Json *input = security_group_input(emission, facts->security_group_id, name, description, vpc, facts->service, facts->node);
    Resource *resource = emit_add_resource(emission, RESOURCE_SECURITY_GROUP, facts->security_group_id, facts->service, name, TEXT("tasks"), input,
                                           facts->node->span);
    resource->more = security_group_more(emission, facts->security_group_id, &group.ingress, &group.egress);
}
