#include "emit/port_rule.h"

#include "emit/network.h"

#include <stdlib.h>

/* --- other sides --- */

static bool is_hex(char c)
{
    return byte_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* "sg-" or "pl-" and 8 or 17 hex digits. */
static bool is_id(Text text, Text prefix)
{
    enum { SHORT_DIGITS = 8, LONG_DIGITS = 17 };
    size_t digits = text.len - prefix.len;
    if (!text_starts_with(text, prefix) || (digits != SHORT_DIGITS && digits != LONG_DIGITS))
        return false;
    for (size_t i = prefix.len; i < text.len; i++)
        if (!is_hex(text.ptr[i]))
            return false;
    return true;
}

/* Reads a number of at most three digits, and the byte after it if one is asked for. */
static bool read_number(Text *rest, char end, uint32_t most, uint32_t *out)
{
    size_t digits = 0;
    *out = 0;
    while (digits < rest->len && digits < 3 && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9')
        *out = *out * 10 + (uint32_t)(rest->ptr[digits++] - '0');
    bool is_ended = end ? digits < rest->len && rest->ptr[digits] == end : digits == rest->len;
    if (!digits || !is_ended || *out > most)
        return false;
    *rest = text_slice(*rest, digits + (end ? 1 : 0), rest->len);
    return true;
}

/* An IPv4 range with the bits of its hosts cleared, as EC2 keeps it; false when the text is none. */
static bool read_cidr4(Arena *arena, Text text, Text *out)
{
    enum { ADDRESS_BITS = 32 };
    uint32_t address = 0;
    uint32_t part;
    uint32_t bits;
    for (unsigned i = 0; i < 4; i++) {
        if (!read_number(&text, i < 3 ? '.' : '/', 255, &part))
            return false;
        address = address << 8 | part;
    }
    if (!read_number(&text, '\0', ADDRESS_BITS, &bits))
        return false;
    address &= bits ? UINT32_MAX << (ADDRESS_BITS - bits) : 0;
    *out = arena_format(arena, "%u.%u.%u.%u/%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255, bits);
    return true;
}

/* Letters, digits and colons before a number of bits: EC2 checks the rest. */
static bool is_cidr6(Text text)
{
    size_t slash = text_find_byte(text, '/');
    Text bits = text_slice(text, slash < text.len ? slash + 1 : slash, text.len);
    uint32_t number;
    if (text_find_byte(text, ':') >= slash || !read_number(&bits, '\0', 128, &number))
        return false;
    for (size_t i = 0; i < slash; i++)
        if (!is_hex(text.ptr[i]) && !(text.ptr[i] >= 'A' && text.ptr[i] <= 'F') && text.ptr[i] != ':')
            return false;
    return true;
}

static void add_cidr(Emission *emission, PeerKind kind, Text cidr, Span span, PeerArray *out)
{
    bool is_world = text_ends_with(cidr, TEXT("/0"));
    Peer peer = {kind, cidr, json_at(json_text(emission->arena, cidr), span), TEXT_NONE, is_world, span};
    ARRAY_PUSH(emission->arena, out, peer);
}

void peers_add_world(Emission *emission, Span span, PeerArray *out)
{
    add_cidr(emission, PEER_CIDR4, TEXT("0.0.0.0/0"), span, out);
    add_cidr(emission, PEER_CIDR6, TEXT("::/0"), span, out);
}

Peer peer_of_group(Text key, Json *group, Span span)
{
    return (Peer){PEER_GROUP, key, group, TEXT_NONE, false, span};
}

Peer peer_of_service(Emission *emission, Text service, Span span)
{
    Text id = arena_format(emission->arena, "%.*s/security-group/tasks", TEXT_ARG(service));
    return (Peer){PEER_SERVICE, id, json_at(emit_reference(emission, id, ATTRIBUTE_ID, TEXT_NONE), span), service, false, span};
}

static void report_peer(Emission *emission, const Value *value, const char *wanted, const char *advice)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_PEER, value->span, "%.*s is not %s",
                                               TEXT_ARG(value_to_text(emission->arena, value)), wanted);
    diagnostic_set_advice(emission->sink, diagnostic, "%s", advice);
}

static void read_service(Emission *emission, const Value *value, PeerArray *out)
{
    if (!emit_find_declared(emission, W_SERVICE, value->text)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_PEER, value->span, "%s %.*s is not in this file",
                                                   vocabulary_row(W_SERVICE)->word, TEXT_ARG(value->text));
        diagnostic_set_advice(emission->sink, diagnostic, "name the id of its security group instead");
        return;
    }
    ARRAY_PUSH(emission->arena, out, peer_of_service(emission, value->text, value->span));
}

/* One of the texts after `from` or `to`; `kind` is what the table makes of the word before them, or empty for address ranges. */
static void read_one(Emission *emission, Text kind, const Value *value, PeerArray *out)
{
    bool is_text = value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    Text cidr;
    if (!is_text)
        return;
    if (text_equal_c(kind, "task-group")) {
        read_service(emission, value, out);
    } else if (text_equal_c(kind, "group-id")) {
        if (!is_id(value->text, TEXT("sg-")))
            report_peer(emission, value, "a security group's id", "an id is like \"sg-0123456789abcdef0\"");
        else
            ARRAY_PUSH(emission->arena, out, peer_of_group(value->text, json_at(json_text(emission->arena, value->text), value->span), value->span));
    } else if (text_equal_c(kind, "list-id")) {
        Peer peer = {PEER_PREFIX_LIST, value->text, json_at(json_text(emission->arena, value->text), value->span), TEXT_NONE, false, value->span};
        if (!is_id(value->text, TEXT("pl-")))
            report_peer(emission, value, "a prefix list's id", "an id is like \"pl-0123456789abcdef0\"");
        else
            ARRAY_PUSH(emission->arena, out, peer);
    } else if (read_cidr4(emission->arena, value->text, &cidr)) {
        add_cidr(emission, PEER_CIDR4, cidr, value->span, out);
    } else if (is_cidr6(value->text)) {
        add_cidr(emission, PEER_CIDR6, value->text, value->span, out);
    } else {
        report_peer(emission, value, "a range of addresses", "a range is like \"10.20.0.0/16\"; a single address ends in /32");
    }
}

static void add_network(Emission *emission, Text network, Span span, PeerArray *out)
{
    Json *cidr = network_cidr(emission, network, span);
    if (!cidr)
        return;
    Peer peer = {PEER_CIDR4, network_id(emission, network), cidr, TEXT_NONE, false, span};
    ARRAY_PUSH(emission->arena, out, peer);
}

void peers_read(Emission *emission, const Node *statement, Text network, PeerArray *out)
{
    Text kind = node_aws(statement, 0);
    const Value *peers = node_argument(statement, 1);
    bool is_world = text_equal_c(kind, "world");
    bool is_network = text_equal_c(kind, "range");
    if (is_world)
        peers_add_world(emission, node_argument_span(statement, 0), out);
    if (is_network)
        add_network(emission, network, node_argument_span(statement, 0), out);
    if (!peers && !is_world && !is_network) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_PEER, statement->span, "this `%s` does not name anybody",
                                                   statement->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "name address ranges, or somebody: %s", statement->row->example);
    } else if (peers && (is_world || is_network)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_PEER, node_argument_span(statement, 1), "%.*s takes nothing after it",
                                                   TEXT_ARG(node_text(statement, 0)));
        diagnostic_set_advice(emission->sink, diagnostic, "say the rest in a `%s` of its own", statement->row->word);
    } else if (peers && peers->kind == VALUE_LIST) {
        for (size_t i = 0; i < peers->count; i++)
            read_one(emission, kind, peers->items[i], out);
    } else if (peers) {
        read_one(emission, kind, peers, out);
    }
}

/* --- ports --- */

Ports ports_tcp(int64_t port)
{
    return (Ports){TEXT("tcp"), port, port};
}

static bool has_ports(Ports ports)
{
    return !text_equal_c(ports.protocol, "-1");
}

bool ports_read(Emission *emission, const Node *statement, Ports *out)
{
    const Value *port = node_argument(statement, 1);
    Text protocol = node_aws(statement, 0);
    *out = (Ports){.protocol = protocol};
    if (!protocol.len)
        return false;
    if (has_ports(*out) != (port != NULL)) {
        Diagnostic *diagnostic;
        if (port) {
            diagnostic = diagnostic_report(emission->sink, CODE_RULE_PORT, node_argument_span(statement, 1), "`%.*s` opens every port of every protocol",
                                           TEXT_ARG(node_text(statement, 0)));
            diagnostic_set_label(emission->sink, diagnostic, "so it has no port");
            diagnostic_set_advice(emission->sink, diagnostic, "name the protocol: %s", statement->row->example);
        } else {
            diagnostic = diagnostic_report(emission->sink, CODE_RULE_PORT, node_argument_span(statement, 0), "this `%s` does not say which port",
                                           statement->row->word);
            diagnostic_set_advice(emission->sink, diagnostic, "say one or a range: %s", statement->row->example);
        }
        return false;
    }
    if (!port)
        return true;
    if (node_range(statement, 1, &out->low, &out->high))
        return true;
    out->low = out->high = node_integer(statement, 1, -1);
    return out->low >= 0;
}

Text ports_text(Arena *arena, Ports ports)
{
    if (!has_ports(ports))
        return TEXT("all ports");
    if (ports.low == ports.high)
        return arena_format(arena, "%.*s %lld", TEXT_ARG(ports.protocol), (long long)ports.low);
    return arena_format(arena, "%.*s %lld-%lld", TEXT_ARG(ports.protocol), (long long)ports.low, (long long)ports.high);
}

/* --- rules --- */

void port_rules_add(Emission *emission, PortRules *rules, Ports ports, const Peer *peer, Text description)
{
    PortRule rule = {ports, *peer, description};
    ARRAY_PUSH(emission->arena, rules, rule);
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_ports(const Ports *a, const Ports *b)
{
    int order = text_compare(a->protocol, b->protocol);
    order = order ? order : compare_numbers(a->low, b->low);
    return order ? order : compare_numbers(a->high, b->high);
}

static int compare_rules(const void *left, const void *right)
{
    const PortRule *a = left;
    const PortRule *b = right;
    int order = compare_ports(&a->ports, &b->ports);
    order = order ? order : compare_numbers(a->peer.kind, b->peer.kind);
    order = order ? order : text_compare(a->peer.key, b->peer.key);
    return order ? order : text_compare(a->description, b->description);
}

static bool is_same_rule(const PortRule *a, const PortRule *b)
{
    return compare_ports(&a->ports, &b->ports) == 0 && a->peer.kind == b->peer.kind && text_equal(a->peer.key, b->peer.key);
}

/* The list of IpPermission that holds this kind of peer, and the member that names it. */
static void name_peer(PeerKind kind, const char **list, const char **member)
{
    switch (kind) {
    case PEER_CIDR4: *list = "IpRanges", *member = "CidrIp"; return;
    case PEER_CIDR6: *list = "Ipv6Ranges", *member = "CidrIpv6"; return;
    case PEER_PREFIX_LIST: *list = "PrefixListIds", *member = "PrefixListId"; return;
    case PEER_GROUP:
    case PEER_SERVICE: *list = "UserIdGroupPairs", *member = "GroupId"; return;
    }
}

static void add_peer(Emission *emission, Json *permission, const PortRule *rule)
{
    Arena *arena = emission->arena;
    const char *list_name = "";
    const char *member = "";
    name_peer(rule->peer.kind, &list_name, &member);
    Json *list = json_get_c(permission, list_name);
    if (!list) {
        list = json_array(arena);
        json_set_c(arena, permission, list_name, list);
    }
    Json *item = json_at(json_object(arena), rule->peer.span);
    json_set_c(arena, item, member, rule->peer.json);
    json_set_c(arena, item, "Description", json_text(arena, rule->description));
    json_add(arena, list, item);
}

static Json *begin_permission(Emission *emission, const PortRule *rule)
{
    Json *permission = json_at(json_object(emission->arena), rule->peer.span);
    json_set_c(emission->arena, permission, "IpProtocol", json_text(emission->arena, rule->ports.protocol));
    if (has_ports(rule->ports)) {
        json_set_c(emission->arena, permission, "FromPort", json_integer(emission->arena, rule->ports.low));
        json_set_c(emission->arena, permission, "ToPort", json_integer(emission->arena, rule->ports.high));
    }
    return permission;
}

Json *port_rules_permissions(Emission *emission, PortRules *rules)
{
    if (!rules->count)
        return NULL;
    qsort(rules->items, rules->count, sizeof *rules->items, compare_rules);
    Json *permissions = json_array(emission->arena);
    Json *permission = NULL;
    for (size_t i = 0; i < rules->count; i++) {
        const PortRule *rule = &rules->items[i];
        const PortRule *previous = i ? rule - 1 : NULL;
        if (previous && is_same_rule(previous, rule))
            continue;
        if (!previous || compare_ports(&previous->ports, &rule->ports) != 0) {
            permission = begin_permission(emission, rule);
            json_add(emission->arena, permissions, permission);
        }
        add_peer(emission, permission, rule);
    }
    return permissions;
}

/* --- groups --- */

/* [{ResourceType, Tags}] as EC2's operations take tags. */
static Json *tag_specifications(Emission *emission, const char *type, Text id, Text service, const Node *node)
{
    Json *item = json_object(emission->arena);
    json_set_c(emission->arena, item, "ResourceType", json_text_c(emission->arena, type));
    json_set_c(emission->arena, item, "Tags", emit_tags(emission, service, id, node, "Key", "Value"));
    Json *list = json_array(emission->arena);
    json_add(emission->arena, list, item);
    return list;
}

Text security_group_name(Emission *emission, const Node *declaration, Text owner, Text suffix)
{
    enum { GROUP_NAME_MAX = 255 };
    Text said = node_child_text(node_child(declaration, W_SECURITY_GROUP), W_SECURITY_GROUP_NAME);
    return said.len ? said : name_fit(emission, name_default(emission, owner, suffix), GROUP_NAME_MAX, true);
}

Json *security_group_input(Emission *emission, Text id, Text name, Text description, Json *vpc, Text service, const Node *node)
{
    Arena *arena = emission->arena;
    Json *input = json_object(arena);
    json_set_c(arena, input, "GroupName", json_text(arena, name));
    json_set_c(arena, input, "Description", json_text(arena, description));
    json_set_c(arena, input, "VpcId", vpc);
    json_set_c(arena, input, "TagSpecifications", tag_specifications(emission, "security-group", id, service, node));
    return input;
}

static void add_operation(Emission *emission, Json *more, const char *operation, Text id, Json *permissions)
{
    if (!permissions)
        return;
    Json *input = json_object(emission->arena);
    json_set_c(emission->arena, input, "GroupId", emit_reference(emission, id, ATTRIBUTE_ID, TEXT_NONE));
    json_set_c(emission->arena, input, "IpPermissions", permissions);
    json_set_c(emission->arena, more, operation, input);
}

/* EC2's own first rule: everything to everywhere. */
static Json *default_egress(Emission *emission)
{
    Json *range = json_object(emission->arena);
    Json *ranges = json_array(emission->arena);
    Json *permission = json_object(emission->arena);
    Json *permissions = json_array(emission->arena);
    json_set_c(emission->arena, range, "CidrIp", json_text_c(emission->arena, "0.0.0.0/0"));
    json_add(emission->arena, ranges, range);
    json_set_c(emission->arena, permission, "IpProtocol", json_text_c(emission->arena, "-1"));
    json_set_c(emission->arena, permission, "IpRanges", ranges);
    json_add(emission->arena, permissions, permission);
    return permissions;
}

Json *security_group_more(Emission *emission, Text id, PortRules *ingress, PortRules *egress)
{
    Json *more = json_object(emission->arena);
    if (!egress->count) {
        Text nowhere = TEXT("127.0.0.1/32");
        Peer self = {PEER_CIDR4, nowhere, json_text(emission->arena, nowhere), TEXT_NONE, false, SPAN_NONE};
        port_rules_add(emission, egress, (Ports){.protocol = TEXT("-1")}, &self, TEXT("nothing goes out by this group itself"));
    }
    add_operation(emission, more, "RevokeSecurityGroupEgress", id, default_egress(emission));
    add_operation(emission, more, "AuthorizeSecurityGroupIngress", id, port_rules_permissions(emission, ingress));
    add_operation(emission, more, "AuthorizeSecurityGroupEgress", id, port_rules_permissions(emission, egress));
    return more;
}

void emit_group_rule(Emission *emission, Text service, const Node *node, bool is_egress, Text stem, Json *group, const PortRule *rule)
{
    Arena *arena = emission->arena;
    Text id = arena_format(arena, "%.*s/security-group-rule/%.*s", TEXT_ARG(service.len ? service : TEXT("shared")), TEXT_ARG(stem));
    if (resources_find(emission->resources, id))
        return;
    PortRules rules = {0};
    ARRAY_PUSH(arena, &rules, *rule);
    Json *input = json_object(arena);
    json_set_c(arena, input, "GroupId", group);
    json_set_c(arena, input, "IpPermissions", port_rules_permissions(emission, &rules));
    json_set_c(arena, input, "TagSpecifications", tag_specifications(emission, "security-group-rule", id, service, node));
    ResourceKind kind = is_egress ? RESOURCE_SECURITY_GROUP_EGRESS : RESOURCE_SECURITY_GROUP_RULE;
    emit_add_resource(emission, kind, id, service, TEXT_NONE, stem, input, rule->peer.span);
}
