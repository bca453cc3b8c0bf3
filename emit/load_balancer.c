#include "emit/load_balancer.h"

#include "document/arn.h"
#include "emit/network.h"
#include "emit/port_rule.h"

enum { ELB_NAME_MAX = 32, HTTP_PORT = 80, HTTPS_PORT = 443 };

/* The policy that AWS recommends: TLS 1.2 and 1.3 (aws: CreateListener.SslPolicy). */
static const char default_tls_policy[] = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/* --- references --- */

static Text load_balancer_name(Emission *emission, const Node *declaration, Text name)
{
    Text said = node_child_text(declaration, W_LOAD_BALANCER_NAME);
    if (said.len)
        return said;
    return emit_is_existing(declaration) ? name : name_fit(emission, name_default(emission, name, TEXT_NONE), ELB_NAME_MAX, false);
}

/* {"arn": …} or {"name": …} */
static Json *load_balancer_selector(Emission *emission, const Node *declaration, Text name)
{
    Text arn = node_child_text(declaration, W_ARN);
    Json *selector = json_object(emission->arena);
    json_set_c(emission->arena, selector, arn.len ? "arn" : "name",
               json_text(emission->arena, arn.len ? arn : load_balancer_name(emission, declaration, name)));
    return selector;
}

/* What the ARN of an existing load balancer tells: itself, and "app/edge/50dc6c495c0c9188". NULL when it tells nothing of the kind. */
static Json *known_attribute(Emission *emission, const Node *declaration, const char *attribute)
{
    const Node *arn = node_child(declaration, W_ARN);
    Text text = node_text(arn, 0);
    Text marker = TEXT(":loadbalancer/");
    size_t start = text_find(text, marker);
    if (text_equal_c(TEXT("full-name"), attribute) && start < text.len)
        text = text_slice(text, start + marker.len, text.len);
    else if (!text_equal_c(TEXT(ATTRIBUTE_ARN), attribute))
        return NULL;
    return text.len ? json_at(json_text(emission->arena, text), node_argument_span(arn, 0)) : NULL;
}

Json *load_balancer_attribute(Emission *emission, const Node *declaration, Text name, const char *attribute, Span where)
{
    Arena *arena = emission->arena;
    bool is_group = text_equal_c(TEXT("security-group-id"), attribute);
    if (!emit_is_existing(declaration)) {
        Text id = arena_format(arena, "shared/%s/%.*s", is_group ? "security-group" : "load-balancer", TEXT_ARG(name));
        return emit_reference(emission, id, is_group ? "id" : attribute, TEXT_NONE);
    }
    Json *known = known_attribute(emission, declaration, attribute);
    if (known)
        return known;
    return emit_lookup(emission, arena_format(arena, "load-balancer/%.*s", TEXT_ARG(name)), text_from_c(attribute),
                       is_group ? "AWS::EC2::SecurityGroup::Id" : "String", arena_format(arena, "%s of load balancer %.*s", attribute, TEXT_ARG(name)),
                       load_balancer_selector(emission, declaration, name), declaration ? declaration->span : where);
}

Json *load_balancer_listener_arn(Emission *emission, const RouteFacts *route)
{
    if (!route->is_existing)
        return emit_reference(emission, route->listener_id, ATTRIBUTE_ARN, TEXT_NONE);
    Json *selector = json_object(emission->arena);
    json_set_c(emission->arena, selector, "load-balancer", load_balancer_selector(emission, route->load_balancer_node, route->load_balancer));
    json_set_c(emission->arena, selector, "port", json_integer(emission->arena, route->listener_port));
    Text description = arena_format(emission->arena, "arn of the listener on port %lld of load balancer %.*s", (long long)route->listener_port,
                                    TEXT_ARG(route->load_balancer));
    return emit_lookup(emission, route->listener_id, TEXT(ATTRIBUTE_ARN), "String", description, selector, route->node->span);
}

const Node *load_balancer_listener(const RouteFacts *route)
{
    NODE_EACH(listener, route->load_balancer_node, W_LISTEN)
    {
        if (node_integer(listener, 1, -1) == route->listener_port)
            return listener;
    }
    return NULL;
}

bool listener_is_encrypted(const Node *listener)
{
    return text_equal_c(node_aws(listener, 0), "HTTPS");
}

Json *attribute_list(Emission *emission, const Json *attributes)
{
    Json *list = json_array(emission->arena);
    for (size_t i = 0; i < attributes->members.count; i++) {
        const JsonMember *member = &attributes->members.items[i];
        Json *item = json_at(json_object(emission->arena), member->value->origin);
        json_set_c(emission->arena, item, "Key", json_text(emission->arena, member->key));
        json_set_c(emission->arena, item, "Value", member->value);
        json_add(emission->arena, list, item);
    }
    return json_length(list) ? list : NULL;
}

/* --- who may connect --- */

static bool has_peers(const Node *statement)
{
    return node_child(statement, W_RULE_PEER) != NULL;
}

/* The listener that a redirect leads to; NULL when there is none. */
static const Node *redirect_target(const Node *load_balancer, const Node *redirect)
{
    const Node *to = node_child(redirect, W_REDIRECT_TO);
    int64_t port = node_integer(to, 1, -1);
    NODE_EACH(listener, load_balancer, W_LISTEN)
    {
        if (node_integer(listener, 1, -2) == port && text_equal(node_aws(listener, 0), node_aws(to, 0)))
            return listener;
    }
    return NULL;
}

static void warn_internal(Emission *emission, const Node *load_balancer, const Node *from)
{
    const Node *internal = node_child(load_balancer, W_INTERNAL);
    if (!node_flag(internal, false))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_INTERNAL_WORLD, node_argument_span(from, 0),
                                               "the internet does not reach an internal load balancer");
    diagnostic_add_label(emission->sink, diagnostic, internal->span, "it has addresses of the network only");
    diagnostic_set_advice(emission->sink, diagnostic, "name those inside who may connect, such as `%s vpc`", from->row->word);
}

/* The world on another port than a web server's, or by its address range: said out loud, and shown in every review. */
static void warn_world(Emission *emission, const Node *load_balancer, int64_t port, const Peer *peer, bool is_by_name)
{
    bool is_usual = is_by_name && (port == HTTP_PORT || port == HTTPS_PORT);
    if (!peer->is_world || is_usual)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_OPEN_TO_WORLD, peer->span, "tcp %lld of %s %.*s is open to everybody",
                                               (long long)port, load_balancer->row->word, TEXT_ARG(load_balancer->key));
    diagnostic_set_advice(emission->sink, diagnostic, "name the address ranges of those who need it");
}

/* Rules in for one port; `statement` has the `from`s. */
static void open_port(Emission *emission, const Node *load_balancer, const Node *statement, int64_t port, PortRules *out)
{
    Text network = network_name_of(emission, load_balancer);
    Text group = arena_format(emission->arena, "shared/security-group/%.*s", TEXT_ARG(load_balancer->key));
    NODE_EACH(from, statement, W_RULE_PEER)
    {
        PeerArray peers = {0};
        bool is_by_name = node_text(from, 0).len > 0;
        peers_read(emission, from, network, &peers);
        for (size_t i = 0; i < peers.count; i++) {
            const Peer *peer = &peers.items[i];
            Text description = arena_format(emission->arena, "%.*s to port %lld", TEXT_ARG(peer->is_world ? TEXT("everybody") : TEXT("clients")),
                                            (long long)port);
            warn_world(emission, load_balancer, port, peer, is_by_name);
            if (peer->kind != PEER_SERVICE) {
                port_rules_add(emission, out, ports_tcp(port), peer, description);
                continue;
            }
            PortRule rule = {ports_tcp(port), *peer, description};
            Text stem = arena_format(emission->arena, "%.*s-from-%.*s-%lld", TEXT_ARG(load_balancer->key), TEXT_ARG(peer->service), (long long)port);
            emit_group_rule(emission, TEXT_NONE, NULL, false, stem, emit_reference(emission, group, ATTRIBUTE_ID, TEXT_NONE), &rule);
        }
        if (peers.count && peers.items[0].is_world)
            warn_internal(emission, load_balancer, from);
    }
}

static void warn_closed(Emission *emission, const Node *listener)
{
    if (has_peers(listener))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_LISTENER_CLOSED, listener->span, "nobody may connect to this listener");
    diagnostic_set_label(emission->sink, diagnostic, "it does not say who may");
    diagnostic_set_advice(emission->sink, diagnostic, "name them: %s, or address ranges", vocabulary_row(W_RULE_PEER)->example);
}

/* Whether a route on this load balancer makes it talk to an identity provider. */
static bool has_sign_in(const Node *route)
{
    return node_child(route, W_SIGN_IN) || node_child(route, W_SIGN_IN_COGNITO) || node_child(route, W_CHECK_TOKEN);
}

/* The names of the load balancers that talk to identity providers: one walk over all routes. */
static TextArray identity_users(Emission *emission)
{
    TextArray names = {0};
    NODE_EACH(service, emission->model->file, W_SERVICE)
    {
        NODE_EACH(route, service, W_ROUTE)
        {
            if (has_sign_in(route))
                ARRAY_PUSH(emission->arena, &names, node_text(route, 0));
        }
    }
    return names;
}

static void emit_group(Emission *emission, const Node *load_balancer, Json *vpc, const TextArray *identity)
{
    Arena *arena = emission->arena;
    PortRules ingress = {0};
    PortRules egress = {0};
    PeerArray world = {0};
    NODE_EACH(listener, load_balancer, W_LISTEN)
    {
        open_port(emission, load_balancer, listener, node_integer(listener, 1, 0), &ingress);
        warn_closed(emission, listener);
    }
    NODE_EACH(redirect, load_balancer, W_REDIRECT)
    {
        const Node *opener = has_peers(redirect) ? redirect : redirect_target(load_balancer, redirect);
        open_port(emission, load_balancer, opener, node_integer(redirect, 1, 0), &ingress);
    }
    for (size_t i = 0; i < identity->count && !world.count; i++)
        if (text_equal(identity->items[i], load_balancer->key))
            peers_add_world(emission, SPAN_NONE, &world);
    for (size_t i = 0; i < world.count; i++)
        port_rules_add(emission, &egress, ports_tcp(HTTPS_PORT), &world.items[i], TEXT("to the identity provider"));
    Text id = arena_format(arena, "shared/security-group/%.*s", TEXT_ARG(load_balancer->key));
    Text name = security_group_name(emission, load_balancer, load_balancer->key, TEXT("load-balancer"));
    Text environment = emission->model->environment.name;
    Text description = arena_format(arena, "load balancer %.*s (%.*s), made by svc", TEXT_ARG(load_balancer->key), TEXT_ARG(environment));
    Json *input = security_group_input(emission, id, name, description, vpc, TEXT_NONE, NULL);
    Resource *group = emit_add_resource(emission, RESOURCE_SECURITY_GROUP, id, TEXT_NONE, name, load_balancer->key, input, load_balancer->span);
    group->more = security_group_more(emission, id, &ingress, &egress);
}

/* --- the load balancer --- */

static void check_name(Emission *emission, const Node *load_balancer)
{
    const Node *said = node_child(load_balancer, W_LOAD_BALANCER_NAME);
    Text name = node_text(said, 0);
    bool is_reserved = text_starts_with(name, TEXT("internal-"));
    if (!name.len || (!is_reserved && text_equal(name, name_fit(emission, name, ELB_NAME_MAX, false))))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_LOAD_BALANCER_NAME, node_argument_span(said, 0), "%.*s cannot be the name of a %s",
                                               TEXT_ARG(name), load_balancer->row->word);
    diagnostic_set_label(emission->sink, diagnostic,
                         is_reserved ? "AWS keeps names that begin with internal-" : "a name has at most 32 letters, digits and hyphens, no hyphen at the ends");
}

static Json *attributes(Emission *emission, const Node *load_balancer)
{
    Arena *arena = emission->arena;
    Json *map = json_object(arena);
    json_set_c(arena, map, "routing.http.drop_invalid_header_fields.enabled", json_text_c(arena, "true"));
    shape_fill(emission, map, load_balancer, "load-balancer-attributes");
    if (json_get_c(map, "access_logs.s3.bucket"))
        json_set_default(arena, map, "access_logs.s3.enabled", json_text_c(arena, "true"));
    return attribute_list(emission, map);
}

static void emit_load_balancer(Emission *emission, const Node *node, Json *subnets)
{
    Arena *arena = emission->arena;
    Text id = arena_format(arena, "shared/load-balancer/%.*s", TEXT_ARG(node->key));
    Text name = load_balancer_name(emission, node, node->key);
    bool is_internal = node_flag(node_child(node, W_INTERNAL), false);
    Json *groups = json_array(arena);
    json_add(arena, groups, load_balancer_attribute(emission, node, node->key, "security-group-id", SPAN_NONE));
    Json *input = json_object(arena);
    json_set_c(arena, input, "Name", json_at(json_text(arena, name), node->span));
    json_set_c(arena, input, "Type", json_text_c(arena, "application"));
    json_set_c(arena, input, "Scheme", json_text_c(arena, is_internal ? "internal" : "internet-facing"));
    json_set_c(arena, input, "Subnets", subnets);
    json_set_c(arena, input, "SecurityGroups", groups);
    json_set_c(arena, input, "IpAddressType", json_text_c(arena, "ipv4"));
    json_set_c(arena, input, "Tags", emit_tags(emission, TEXT_NONE, id, NULL, "Key", "Value"));
    shape_fill(emission, input, node, "load-balancer");
    check_name(emission, node);
    Json *modify = json_object(arena);
    json_set_c(arena, modify, "LoadBalancerArn", emit_reference(emission, id, ATTRIBUTE_ARN, TEXT_NONE));
    json_set_c(arena, modify, "Attributes", attributes(emission, node));
    Resource *resource = emit_add_resource(emission, RESOURCE_LOAD_BALANCER, id, TEXT_NONE, name, node->key, input, node->span);
    resource->more = json_object(arena);
    json_set_c(arena, resource->more, "ModifyLoadBalancerAttributes", modify);
}

/* --- listeners --- */

static void check_certificate_place(Emission *emission, const Node *certificate)
{
    Text arn = node_text(certificate, 0);
    Text region = arn_part(arn, ARN_REGION);
    Text account = arn_part(arn, ARN_ACCOUNT);
    bool is_elsewhere = emission->is_region_known && region.len && !text_equal(region, emission->region);
    bool is_foreign = emission->is_account_known && account.len && !text_equal(account, emission->account);
    if (!arn.len || (!is_elsewhere && !is_foreign))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_CERTIFICATE_PLACE, node_argument_span(certificate, 0),
                                               "this %s is of %s %.*s, the environment of %.*s", certificate->row->word,
                                               vocabulary_row(is_foreign ? W_ACCOUNT : W_REGION)->word, TEXT_ARG(is_foreign ? account : region),
                                               TEXT_ARG(is_foreign ? emission->account : emission->region));
    diagnostic_set_label(emission->sink, diagnostic, "a load balancer uses certificates of its own account and region");
    Text environment = emission->model->environment.name;
    if (environment.len)
        diagnostic_set_advice(emission->sink, diagnostic, "say the right one in `in %.*s { … }`", TEXT_ARG(environment));
}

static void check_tls(Emission *emission, const Node *listener)
{
    const Node *certificate = node_child(listener, W_CERTIFICATE);
    const Node *policy = node_child(listener, W_TLS_POLICY);
    const Node *tls = certificate ? certificate : policy;
    bool is_encrypted = listener_is_encrypted(listener);
    if (is_encrypted && !certificate) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NO_CERTIFICATE, listener->span, "this listener has no certificate");
        diagnostic_set_label(emission->sink, diagnostic, "https needs one");
        diagnostic_set_advice(emission->sink, diagnostic, "say its ARN in ACM: %s", vocabulary_row(W_CERTIFICATE)->example);
    } else if (!is_encrypted && tls) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PLAIN_LISTENER, tls->span, "an http listener has no `%s`", tls->row->word);
        diagnostic_add_label(emission->sink, diagnostic, listener->span, "nothing is encrypted here");
        diagnostic_set_advice(emission->sink, diagnostic, "make it an https listener, or leave this out");
    }
    if (is_encrypted && certificate)
        check_certificate_place(emission, certificate);
}

static void warn_clear_text(Emission *emission, const Node *listener)
{
    NODE_EACH(from, listener, W_RULE_PEER)
    {
        if (listener_is_encrypted(listener) || !text_equal_c(node_aws(from, 0), "world"))
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_CLEAR_TEXT, listener->span, "this listener serves the internet in clear text");
        diagnostic_set_label(emission->sink, diagnostic, "whoever is on the way can read and change it");
        diagnostic_set_advice(emission->sink, diagnostic, "listen on https and let this port lead there: %s", vocabulary_row(W_REDIRECT)->example);
    }
}

static Json *not_found_action(Emission *emission)
{
    Json *response = json_object(emission->arena);
    Json *action = json_object(emission->arena);
    json_set_c(emission->arena, response, "StatusCode", json_text_c(emission->arena, "404"));
    json_set_c(emission->arena, response, "ContentType", json_text_c(emission->arena, "text/plain"));
    json_set_c(emission->arena, action, "Type", json_text_c(emission->arena, "fixed-response"));
    json_set_c(emission->arena, action, "FixedResponseConfig", response);
    return action;
}

static Json *redirect_action(Emission *emission, const Node *load_balancer, const Node *redirect)
{
    Arena *arena = emission->arena;
    const Node *to = node_child(redirect, W_REDIRECT_TO);
    if (!redirect_target(load_balancer, redirect)) {
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_REDIRECT_NOWHERE, to ? to->span : redirect->span, "nothing listens where this `%s` leads",
                              redirect->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "add the listener: %s", vocabulary_row(W_LISTEN)->example);
    }
    Text port = arena_format(arena, "%lld", (long long)node_integer(to, 1, HTTPS_PORT));
    Text protocol = node_aws(to, 0);
    Json *config = json_object(arena);
    Json *action = json_object(arena);
    json_set_c(arena, config, "Protocol", json_text(arena, protocol.len ? protocol : TEXT("HTTPS")));
    json_set_c(arena, config, "Port", json_text(arena, port));
    json_set_c(arena, config, "StatusCode", json_text_c(arena, "HTTP_301"));
    json_set_c(arena, action, "Type", json_text(arena, text_from_c(vocabulary_row(W_REDIRECT)->word)));
    json_set_c(arena, action, "RedirectConfig", config);
    return action;
}

static void check_port(Emission *emission, const Node *statement, Text id)
{
    const Resource *other = resources_find(emission->resources, id);
    if (!other)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_LISTENER_TWICE, node_argument_span(statement, 1), "port %lld has a listener already",
                                               (long long)node_integer(statement, 1, 0));
    diagnostic_add_label(emission->sink, diagnostic, other->origin, "this one");
    diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out");
}

static void emit_listener(Emission *emission, const Node *load_balancer, const Node *statement, Json *action)
{
    Arena *arena = emission->arena;
    int64_t port = node_integer(statement, 1, 0);
    Text stem = arena_format(arena, "%.*s-%lld", TEXT_ARG(load_balancer->key), (long long)port);
    Text id = arena_format(arena, "shared/listener/%.*s", TEXT_ARG(stem));
    const Node *certificate = node_child(statement, W_CERTIFICATE);
    Json *actions = json_array(arena);
    Json *input = json_object(arena);
    if (port <= 0)
        return;
    check_port(emission, statement, id);
    if (resources_find(emission->resources, id))
        return;
    json_add(arena, actions, action);
    json_set_c(arena, input, "LoadBalancerArn", load_balancer_attribute(emission, load_balancer, load_balancer->key, ATTRIBUTE_ARN, SPAN_NONE));
    json_set_c(arena, input, "Protocol", json_at(json_text(arena, node_aws(statement, 0)), node_argument_span(statement, 0)));
    json_set_c(arena, input, "Port", json_at(json_integer(arena, port), node_argument_span(statement, 1)));
    json_set_c(arena, input, "DefaultActions", actions);
    json_set_c(arena, input, "Tags", emit_tags(emission, TEXT_NONE, id, NULL, "Key", "Value"));
    if (listener_is_encrypted(statement)) {
        json_set_c(arena, input, "SslPolicy", json_text_c(arena, default_tls_policy));
        shape_fill(emission, input, statement, "listener");
    }
    if (certificate && node_text(certificate, 0).len) {
        Json *item = json_object(arena);
        Json *list = json_array(arena);
        json_set_c(arena, item, "CertificateArn", json_at(json_text(arena, node_text(certificate, 0)), node_argument_span(certificate, 0)));
        json_add(arena, list, item);
        json_set_c(arena, input, "Certificates", list);
    }
    emit_add_resource(emission, RESOURCE_LISTENER, id, TEXT_NONE, TEXT_NONE, stem, input, statement->span);
}

void emit_load_balancers(Emission *emission)
{
    TextArray identity = identity_users(emission);
    NODE_EACH(node, emission->model->file, W_LOAD_BALANCER)
    {
        if (emit_is_existing(node))
            continue;
        Text network = network_name_of(emission, node);
        bool is_internal = node_flag(node_child(node, W_INTERNAL), false);
        Json *subnets = network.len ? network_subnets(emission, network, !is_internal, node->span) : NULL;
        emit_group(emission, node, network.len ? network_vpc(emission, network, node->span) : NULL, &identity);
        emit_load_balancer(emission, node, subnets);
        NODE_EACH(listener, node, W_LISTEN)
        {
            check_tls(emission, listener);
            warn_clear_text(emission, listener);
            emit_listener(emission, node, listener, not_found_action(emission));
        }
        NODE_EACH(redirect, node, W_REDIRECT)
        {
            check_tls(emission, redirect);
            emit_listener(emission, node, redirect, redirect_action(emission, node, redirect));
        }
    }
}
