/* Rules of security groups (AWS: EC2 API reference, AuthorizeSecurityGroupIngress, IpPermission; EC2 user guide, security group rules). A rule stands in the
   nested form of the API or in the flat one of CloudFormation. */
#include "rules/relation.h"

#include <string.h>

enum { PORT_MAX = 65535 };

static Diagnostic *report(const RuleContext *context, const Resource *group, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, group, code, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    return d;
}

/* --- addresses --- */

typedef struct Range {
    uint32_t address;
    unsigned prefix;
} Range;

/* "10.0.0.0/8"; false when it is no such thing. */
static bool read_range(Text text, Range *out)
{
    enum { PARTS = 4, OCTET_MAX = 255, PREFIX_MAX = 32 };
    size_t slash = text_find_byte(text, '/');
    Text rest = text_slice(text, 0, slash);
    Json prefix = {.kind = JSON_TEXT, .text = slash < text.len ? text_slice(text, slash + 1, text.len) : TEXT_NONE};
    int64_t number = 0;
    if (!rule_integer(&prefix, &number) || number < 0 || number > PREFIX_MAX)
        return false;
    *out = (Range){0, (unsigned)number};
    for (unsigned i = 0; i < PARTS; i++) {
        size_t end = text_find_byte(rest, '.');
        Json part = {.kind = JSON_TEXT, .text = text_slice(rest, 0, end)};
        if (!rule_integer(&part, &number) || number < 0 || number > OCTET_MAX || (end == rest.len) != (i == PARTS - 1))
            return false;
        out->address = out->address << 8 | (uint32_t)number;
        rest = text_slice(rest, end < rest.len ? end + 1 : end, rest.len);
    }
    return true;
}

static bool is_range_6(Text text)
{
    enum { PREFIX_MAX = 128 };
    size_t slash = text_find_byte(text, '/');
    Text address = text_slice(text, 0, slash);
    Json prefix = {.kind = JSON_TEXT, .text = slash < text.len ? text_slice(text, slash + 1, text.len) : TEXT_NONE};
    int64_t number = 0;
    return rule_integer(&prefix, &number) && number >= 0 && number <= PREFIX_MAX && rule_count_byte(address, ':') >= 2 && rule_has_only(address, "0-9a-fA-F:.");
}

static void check_range(const RuleContext *context, const Resource *group, const Json *cidr)
{
    Range range;
    if (cidr->kind != JSON_TEXT)
        return;
    if (!read_range(cidr->text, &range)) {
        bool has_prefix = text_find_byte(cidr->text, '/') < cidr->text.len;
        Diagnostic *d = rule_report(context, group, CODE_ADDRESS_RANGE, cidr, "%.*s is no range of addresses", TEXT_ARG(cidr->text));
        rule_tell(context, d, NULL, has_prefix ? "write it as \"10.0.0.0/8\"" : "write the prefix length too: one address is \"10.0.0.1/32\"");
        return;
    }
    uint32_t mask = range.prefix ? UINT32_MAX << (32 - range.prefix) : 0;
    uint32_t base = range.address & mask;
    if (base == range.address)
        return;
    Diagnostic *d = rule_report(context, group, CODE_RANGE_HOST_BITS, cidr, "%.*s has bits behind its prefix", TEXT_ARG(cidr->text));
    diagnostic_set_advice(context->sink, d, "write %u.%u.%u.%u/%u, or one address with /32", base >> 24, base >> 16 & 255, base >> 8 & 255, base & 255, range.prefix);
}

static void check_range_6(const RuleContext *context, const Resource *group, const Json *cidr)
{
    if (cidr->kind == JSON_TEXT && !is_range_6(cidr->text)) {
        Diagnostic *d = rule_report(context, group, CODE_ADDRESS_RANGE, cidr, "%.*s is no range of IPv6 addresses", TEXT_ARG(cidr->text));
        rule_tell(context, d, NULL, "write it as \"2001:db8::/32\"");
    }
}

/* --- who is on the other side --- */

static bool is_world(const Json *cidr)
{
    return rule_text_is(cidr, "0.0.0.0/0") || rule_text_is(cidr, "::/0");
}

/* The range that is everybody, or NULL. */
static const Json *find_world(const Json *permission)
{
    static const char *const lists[][2] = {{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}};
    for (size_t i = 0; i < 2; i++) {
        const Json *flat = json_get_c(permission, lists[i][1]);
        if (is_world(flat))
            return flat;
        const Json *list = json_get_c(permission, lists[i][0]);
        for (size_t j = 0; j < rule_item_count(list); j++)
            if (is_world(json_get_c(list->items.items[j], lists[i][1])))
                return json_get_c(list->items.items[j], lists[i][1]);
    }
    return NULL;
}

static void check_peers(const RuleContext *context, const Resource *group, const Json *permission)
{
    static const char *const flat[] = {"CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId", "DestinationSecurityGroupId", "DestinationPrefixListId"};
    static const char *const nested[] = {"IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"};
    const Json *first = NULL;
    bool has_nested = false;
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        const Json *list = json_get_c(permission, nested[i]);
        /* What the API takes as a list of peers is one peer in a template. */
        if (has_nested && rule_item_count(list) && !context->is_svc)
            report(context, group, CODE_SECURITY_RULE, list->items.items[0], "a rule has one other side, and this is the second", "write a second rule");
        has_nested = has_nested || rule_item_count(list) || rule_is_open(list);
    }
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++) {
        const Json *peer = json_get_c(permission, flat[i]);
        if (!rule_is_set(peer))
            continue;
        if (first) {
            Diagnostic *d = report(context, group, CODE_SECURITY_RULE, peer, "a rule has one other side, and this is the second", "write a second rule");
            diagnostic_add_label(context->sink, d, rule_span(group, first), "the first one");
        }
        first = first ? first : peer;
    }
    if (!first && !has_nested)
        report(context, group, CODE_SECURITY_RULE, permission, "the rule names nobody on the other side", "add a range of addresses, a security group or a prefix list");
}

/* --- protocols and ports --- */

typedef enum Protocol { PROTOCOL_OTHER, PROTOCOL_ALL, PROTOCOL_PORTS, PROTOCOL_ICMP } Protocol;

static Protocol protocol_of(const Json *permission)
{
    const Json *json = json_get_c(permission, "IpProtocol");
    int64_t number = 0;
    Text text = rule_text(json);
    if (rule_integer(json, &number))
        return number == -1 ? PROTOCOL_ALL : number == 6 || number == 17 ? PROTOCOL_PORTS : number == 1 || number == 58 ? PROTOCOL_ICMP : PROTOCOL_OTHER;
    return rule_is_one_of(text, "tcp udp TCP UDP") ? PROTOCOL_PORTS : rule_is_one_of(text, "icmp icmpv6 ICMP ICMPV6") ? PROTOCOL_ICMP : rule_is_one_of(text, "all ALL") ? PROTOCOL_ALL : PROTOCOL_OTHER;
}

static void check_protocol(const RuleContext *context, const Resource *group, const Json *permission)
{
    enum { NUMBER_MAX = 255 };
    const Json *protocol = json_get_c(permission, "IpProtocol");
    int64_t number = 0;
    if (rule_is_open(protocol))
        return;
    if (!rule_is_set(protocol)) {
        report(context, group, CODE_SECURITY_RULE, permission, "the rule says no protocol", "add IpProtocol: tcp, udp, icmp, or -1 for all");
        return;
    }
    bool is_number = rule_integer(protocol, &number) && number >= -1 && number <= NUMBER_MAX;
    if (!is_number && !rule_is_one_of(rule_text(protocol), "tcp udp icmp icmpv6 TCP UDP ICMP ICMPV6 all ALL")) {
        Diagnostic *d = rule_report(context, group, CODE_SECURITY_RULE, protocol, "there is no protocol %.*s", TEXT_ARG(rule_text(protocol)));
        rule_tell(context, d, NULL, "use tcp, udp, icmp, icmpv6, a protocol's number, or -1 for all");
    }
}

static void check_ports(const RuleContext *context, const Resource *group, const Json *permission)
{
    const Json *from = json_get_c(permission, "FromPort");
    const Json *to = json_get_c(permission, "ToPort");
    int64_t low = 0;
    int64_t high = 0;
    Protocol protocol = protocol_of(permission);
    bool has_low = rule_integer(from, &low);
    bool has_high = rule_integer(to, &high);
    if (protocol == PROTOCOL_ALL && ((has_low && low > 0) || (has_high && high > 0 && high != PORT_MAX)))
        report(context, group, CODE_PORTS_IGNORED, has_low ? from : to, "with the protocol -1 ports are ignored: every port is open", "set IpProtocol to tcp, or leave the ports out");
    if (protocol != PROTOCOL_PORTS || rule_is_open(json_get_c(permission, "IpProtocol")))
        return;
    if (!rule_is_set(from) || !rule_is_set(to)) {
        const Json *place = rule_is_set(from) ? from : rule_is_set(to) ? to : json_get_c(permission, "IpProtocol");
        report(context, group, CODE_SECURITY_RULE, place, "a rule for tcp or udp has FromPort and ToPort", "add both: one port is the same number twice");
    } else if (has_low && has_high && low > high && low >= 0 && high >= 0) {
        Diagnostic *d = report(context, group, CODE_SECURITY_RULE, from, "FromPort is above ToPort", "write the lower port in FromPort");
        diagnostic_add_label(context->sink, d, rule_span(group, to), "ToPort");
    } else if ((has_low && (low < -1 || low > PORT_MAX)) || (has_high && (high < -1 || high > PORT_MAX))) {
        report(context, group, CODE_SECURITY_RULE, has_low && low >= 0 && low <= PORT_MAX ? to : from, "a port is 0 to 65535", "use 0 to 65535");
    }
}

/* --- what is open to everybody --- */

typedef struct KnownPort {
    int64_t port;
    const char *name;
} KnownPort;

static const KnownPort known_ports[] = {
    {22, "ssh"},         {23, "telnet"},   {445, "file shares"},    {1433, "SQL Server"}, {1521, "Oracle"},     {2049, "NFS"},       {2375, "the Docker daemon"}, {3306, "MySQL"},
    {3389, "remote desktop"}, {5432, "PostgreSQL"}, {5601, "Kibana"}, {6379, "Redis"},     {9092, "Kafka"},      {9200, "Elasticsearch"}, {11211, "Memcached"},     {27017, "MongoDB"},
};

static const KnownPort *find_known_port(int64_t low, int64_t high)
{
    for (size_t i = 0; i < sizeof known_ports / sizeof *known_ports; i++)
        if (known_ports[i].port >= low && known_ports[i].port <= high)
            return &known_ports[i];
    return NULL;
}

static void check_open(const RuleContext *context, const Resource *group, const Json *permission)
{
    enum { MANY = 100 };
    const Json *world = context->is_svc ? NULL : find_world(permission);
    int64_t low = 0;
    int64_t high = PORT_MAX;
    if (!world)
        return;
    Protocol protocol = protocol_of(permission);
    if (protocol != PROTOCOL_ALL && protocol != PROTOCOL_PORTS)
        return;
    if (protocol == PROTOCOL_PORTS && (!rule_integer(json_get_c(permission, "FromPort"), &low) || !rule_integer(json_get_c(permission, "ToPort"), &high)))
        return;
    const KnownPort *known = find_known_port(low, high);
    const char *advice = "name the security group or the range of addresses that needs it";
    if (protocol == PROTOCOL_ALL || high - low >= MANY) {
        rule_tell(context, rule_report(context, group, CODE_OPEN_TO_WORLD, world, "%s", protocol == PROTOCOL_ALL ? "every port is open to everybody" : "a whole range of ports is open to everybody"), NULL, advice);
    } else if (known) {
        Diagnostic *d = rule_report(context, group, CODE_OPEN_TO_WORLD, world, "port %lld, of %s, is open to everybody", (long long)known->port, known->name);
        rule_tell(context, d, NULL, advice);
    }
}

/* --- the rules of a group --- */

static void check_permission(const RuleContext *context, const Resource *group, const Json *permission)
{
    if (permission->kind != JSON_OBJECT)
        return;
    check_protocol(context, group, permission);
    check_ports(context, group, permission);
    check_peers(context, group, permission);
    static const char *const lists[][2] = {{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}};
    for (size_t i = 0; i < 2; i++) {
        void (*const check)(const RuleContext *, const Resource *, const Json *) = i == 0 ? check_range : check_range_6;
        const Json *flat = json_get_c(permission, lists[i][1]);
        const Json *list = json_get_c(permission, lists[i][0]);
        if (rule_is_set(flat))
            check(context, group, flat);
        for (size_t j = 0; j < rule_item_count(list); j++)
            if (rule_is_set(json_get_c(list->items.items[j], lists[i][1])))
                check(context, group, json_get_c(list->items.items[j], lists[i][1]));
    }
}

static void check_ingress(const RuleContext *context, const Resource *group, const Json *permission)
{
    check_permission(context, group, permission);
    check_open(context, group, permission);
}

/* --- rules side by side --- */

/* The one other side of a rule, and the member that names it; NULL where it has none, or several. */
static const Json *find_peer(const Json *permission, const char **member)
{
    static const char *const flat[] = {"CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId", "DestinationSecurityGroupId", "DestinationPrefixListId"};
    static const char *const nested[][2] = {{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}, {"UserIdGroupPairs", "GroupId"}, {"PrefixListIds", "PrefixListId"}};
    const Json *peer = NULL;
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++) {
        const Json *found = json_get_c(permission, flat[i]);
        if (!rule_is_set(found))
            continue;
        if (peer)
            return NULL;
        peer = found;
        *member = flat[i];
    }
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        const Json *list = json_get_c(permission, nested[i][0]);
        if (!rule_is_set(list))
            continue;
        if (peer || rule_item_count(list) != 1)
            return NULL;
        peer = json_get_c(list->items.items[0], nested[i][1]);
        *member = nested[i][1];
    }
    return peer;
}

/* What is written in the same words is the same, also when nobody knows yet what it is. */
static bool is_same_value(const Json *a, const Json *b)
{
    if (!a || !b)
        return a == b;
    return (a->kind != JSON_UNKNOWN || a->text.len) && json_equal(a, b);
}

/* Descriptions do not count. */
static bool is_same_rule(const Json *a, const Json *b)
{
    static const char *const members[] = {"IpProtocol", "FromPort", "ToPort"};
    const char *own = NULL;
    const char *other = NULL;
    const Json *peer = find_peer(a, &own);
    const Json *its = find_peer(b, &other);
    if (!peer || !its || strcmp(own, other) != 0 || !is_same_value(peer, its))
        return false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!is_same_value(json_get_c(a, members[i]), json_get_c(b, members[i])))
            return false;
    return true;
}

static void check_twice(const RuleContext *context, const Resource *group, const Json *permissions)
{
    for (size_t i = 0; i < rule_item_count(permissions); i++)
        for (size_t j = 0; j < i; j++) {
            const Json *rule = permissions->items.items[i];
            const Json *earlier = permissions->items.items[j];
            if (rule->kind != JSON_OBJECT || earlier->kind != JSON_OBJECT || !is_same_rule(rule, earlier))
                continue;
            Diagnostic *d = report(context, group, CODE_SECURITY_RULE, rule, "the security group has this rule already", "leave it out");
            diagnostic_add_label(context->sink, d, rule_span(group, earlier), "the first one");
            break;
        }
}

/* Rules for IPv4 and for IPv6 are counted apart; one that names a security group or a prefix list counts for both. */
static void check_count(const RuleContext *context, const Resource *group, const Json *permissions)
{
    enum { USUAL = 60 };
    size_t count[2] = {0, 0};
    for (size_t i = 0; !context->is_svc && i < rule_item_count(permissions); i++) {
        const Json *rule = permissions->items.items[i];
        size_t ranges = rule_item_count(json_get_c(rule, "IpRanges")) + (rule_is_set(json_get_c(rule, "CidrIp")) ? 1 : 0);
        size_t ranges_6 = rule_item_count(json_get_c(rule, "Ipv6Ranges")) + (rule_is_set(json_get_c(rule, "CidrIpv6")) ? 1 : 0);
        bool names = !ranges && !ranges_6;
        count[0] += names ? 1 : ranges;
        count[1] += names ? 1 : ranges_6;
        if (count[0] <= USUAL && count[1] <= USUAL)
            continue;
        Diagnostic *d = rule_report(context, group, CODE_SECURITY_RULES_MANY, rule, "a security group has %d rules in one direction unless AWS raised the quota, and this is one more", USUAL);
        rule_tell(context, d, NULL, "unite ranges of addresses, or name a prefix list or a security group");
        return;
    }
}

/* --- a group, and a rule alone --- */

/* A resource that is one rule: in the nested form, or flat. */
static void check_single(const RuleContext *context, const Resource *rule, const Json *input, RuleCheck *check)
{
    const Json *list = json_get_c(input, "IpPermissions");
    for (size_t i = 0; i < rule_item_count(list); i++)
        if (rule_is_known(list->items.items[i]))
            check(context, rule, list->items.items[i]);
    if (!rule_is_set(list))
        check(context, rule, input);
}

static void check_single_ingress(const RuleContext *context, const Resource *rule, const Json *input)
{
    check_single(context, rule, input, check_ingress);
}

static void check_single_egress(const RuleContext *context, const Resource *rule, const Json *input)
{
    check_single(context, rule, input, check_permission);
}

static void check_group(const RuleContext *context, const Resource *group, const Json *input)
{
    (void)input;
    const Json *in = rule_find_more(group, "AuthorizeSecurityGroupIngress.IpPermissions");
    const Json *out = rule_find_more(group, "AuthorizeSecurityGroupEgress.IpPermissions");
    for (size_t i = 0; i < rule_item_count(in); i++)
        check_ingress(context, group, in->items.items[i]);
    for (size_t i = 0; i < rule_item_count(out); i++)
        check_permission(context, group, out->items.items[i]);
    const Json *const directions[] = {in, out};
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        check_twice(context, group, directions[i]);
        check_count(context, group, directions[i]);
    }
}

const Rule security_group_rules[] = {
    {RESOURCE_SECURITY_GROUP, "", check_group},
    {RESOURCE_SECURITY_GROUP_RULE, "", check_single_ingress},
    {RESOURCE_SECURITY_GROUP_EGRESS, "", check_single_egress},
    {.check = NULL},
};
