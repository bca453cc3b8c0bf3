/* Networks are there as they are asked for: whatever tags a file finds them by. Security groups are kept. */
#include "simulate/state.h"

/* --- networks --- */

/* The values of a filter; NULL: it is not given. */
static const Json *filter_values(const Request *r, const char *name)
{
    const Json *filters = json_get_c(r->in, "Filters");
    for (size_t i = 0; i < json_item_count(filters); i++)
        if (text_equal_c(text_at(filters->items.items[i], "Name"), name))
            return json_get_c(filters->items.items[i], "Values");
    return NULL;
}

/* An id that stands for what the filters say: the same for the same filters. */
static Text id_for(Request *r, const char *prefix, int number)
{
    Buffer text = {0};
    const Json *filters = json_get_c(r->in, "Filters");
    if (filters)
        json_write(&text, filters, 0);
    Text id = arena_format(r->arena, "%s-0%08x%08x", prefix, text_hash(buffer_text(&text)), (unsigned)number);
    buffer_free(&text);
    return id;
}

static Json *texts_of(Arena *arena, const char *member, Text value, const char *other, Text other_value)
{
    Json *json = json_object(arena);
    json_set_c(arena, json, member, json_text(arena, value));
    if (other)
        json_set_c(arena, json, other, json_text(arena, other_value));
    return json;
}

static void answer_one(Request *r, const char *member, Json *one)
{
    Json *list = json_array(r->arena);
    json_add(r->arena, list, one);
    request_set(r, member, list);
}

ANSWERER(answer_vpcs)
{
    (void)s;
    const Json *ids = filter_values(r, "vpc-id");
    Text id = json_item_count(ids) ? ids->items.items[0]->text : id_for(r, "vpc", 0);
    answer_one(r, "Vpcs", texts_of(r->arena, "VpcId", id, "CidrBlock", TEXT("10.0.0.0/16")));
}

/* Subnets that were asked for by their ids are of the VPC that is asked for; a rehearsal has one a file in mind. */
ANSWERER(answer_subnets)
{
    (void)s;
    enum { ZONES = 2 };
    const Json *ids = filter_values(r, "subnet-id");
    const Json *vpcs = filter_values(r, "vpc-id");
    Text vpc = json_item_count(vpcs) ? vpcs->items.items[0]->text : TEXT("vpc-0a0a0a0a0a0a0a0a0");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < (ids ? json_item_count(ids) : ZONES); i++) {
        Text id = ids ? ids->items.items[i]->text : id_for(r, "subnet", (int)i);
        Json *subnet = texts_of(r->arena, "SubnetId", id, "VpcId", vpc);
        json_set_c(r->arena, subnet, "AvailabilityZone", json_text(r->arena, arena_format(r->arena, "%.*s%c", TEXT_ARG(s->options.region), (char)('a' + (int)i % ZONES))));
        json_add(r->arena, list, subnet);
    }
    request_set(r, "Subnets", list);
}

/* Each VPC has a way out. */
ANSWERER(answer_route_tables)
{
    (void)s;
    const Json *vpcs = filter_values(r, "vpc-id");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(vpcs); i++) {
        Json *table = texts_of(r->arena, "RouteTableId", id_for(r, "rtb", (int)i), "VpcId", vpcs->items.items[i]->text);
        Json *route = texts_of(r->arena, "DestinationCidrBlock", TEXT("0.0.0.0/0"), "NatGatewayId", id_for(r, "nat", (int)i));
        Json *association = json_object(r->arena);
        Json *routes = json_array(r->arena);
        Json *associations = json_array(r->arena);
        json_set_c(r->arena, association, "Main", json_bool(r->arena, true));
        json_add(r->arena, routes, route);
        json_add(r->arena, associations, association);
        json_set_c(r->arena, table, "Routes", routes);
        json_set_c(r->arena, table, "Associations", associations);
        json_add(r->arena, list, table);
    }
    request_set(r, "RouteTables", list);
}

ANSWERER(answer_empty_list)
{
    (void)s;
    request_set(r, r->list, json_array(r->arena));
}

/* --- security groups --- */

static const Json *specified_tags(const Request *r)
{
    const Json *specifications = json_get_c(r->in, "TagSpecifications");
    return json_item_count(specifications) ? json_get_c(specifications->items.items[0], "Tags") : NULL;
}

ANSWERER(answer_create_group)
{
    Text name = request_text(r, "GroupName");
    Text vpc = request_text(r, "VpcId");
    for (size_t i = 0; i < s->things[THING_GROUP].count; i++) {
        const Json *other = s->things[THING_GROUP].items[i]->describe;
        if (text_equal(text_at(other, "GroupName"), name) && text_equal(text_at(other, "VpcId"), vpc)) {
            request_fail(r, "InvalidGroup.Duplicate", "The security group '%.*s' already exists for VPC '%.*s'", TEXT_ARG(name), TEXT_ARG(vpc));
            return;
        }
    }
    Text id = arena_format(s->arena, "sg-0%.*s", TEXT_ARG(random_hex(s, 16)));
    Json *describe = json_share(r->arena, r->in);
    json_remove_c(describe, "TagSpecifications");
    json_set_c(r->arena, describe, "GroupId", json_text(r->arena, id));
    json_set_c(r->arena, describe, "OwnerId", json_text(r->arena, s->options.account));
    Thing *group = thing_add(s, THING_GROUP, id, describe);
    group->tags = tags_set(s->arena, NULL, specified_tags(r));
    request_set_text(r, "GroupId", id);
}

static bool fits_filters(const Request *r, const Thing *thing)
{
    const Json *filters = json_get_c(r->in, "Filters");
    for (size_t i = 0; i < json_item_count(filters); i++) {
        const Json *filter = filters->items.items[i];
        Text name = text_at(filter, "Name");
        Text value = TEXT_NONE;
        if (text_starts_with(name, TEXT("tag:")))
            value = tag_at(thing->tags, arena_copy_text(r->arena, text_slice(name, 4, name.len)).ptr);
        else if (text_equal_c(name, "group-name"))
            value = text_at(thing->describe, "GroupName");
        else if (text_equal_c(name, "group-id"))
            value = text_at(thing->describe, "GroupId");
        else if (text_equal_c(name, "vpc-id"))
            value = text_at(thing->describe, "VpcId");
        bool fits = false;
        const Json *values = json_get_c(filter, "Values");
        for (size_t j = 0; j < json_item_count(values) && !fits; j++)
            fits = text_equal(values->items.items[j]->text, value);
        if (!fits)
            return false;
    }
    return true;
}

static Json *list_tagged(Simulation *s, Request *r, ThingKind kind)
{
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[kind].count; i++) {
        const Thing *thing = s->things[kind].items[i];
        if (!fits_filters(r, thing))
            continue;
        Json *answer = json_share(r->arena, thing->describe);
        json_set_c(r->arena, answer, "Tags", thing->tags ? json_share(r->arena, thing->tags) : json_array(r->arena));
        json_add(r->arena, list, answer);
    }
    return list;
}

/* The permissions of a group, from its rules: one for each of them. */
static Json *permissions_of(Simulation *s, Request *r, Text group, bool is_egress)
{
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_GROUP_RULE].count; i++) {
        const Thing *rule = s->things[THING_GROUP_RULE].items[i];
        if (text_equal(rule->owner, group) && bool_at(rule->describe, "IsEgress") == is_egress && rule->more)
            json_add(r->arena, list, json_share(r->arena, rule->more));
    }
    return list;
}

ANSWERER(answer_groups)
{
    Json *list = list_tagged(s, r, THING_GROUP);
    for (size_t i = 0; i < json_item_count(list); i++) {
        Text id = text_at(list->items.items[i], "GroupId");
        json_set_c(r->arena, list->items.items[i], "IpPermissions", permissions_of(s, r, id, false));
        json_set_c(r->arena, list->items.items[i], "IpPermissionsEgress", permissions_of(s, r, id, true));
    }
    request_set(r, "SecurityGroups", list);
}

ANSWERER(answer_group_rules)
{
    request_set(r, "SecurityGroupRules", list_tagged(s, r, THING_GROUP_RULE));
}

/* --- rules --- */

typedef struct PeerRow {
    const char *list;
    const char *member;
    const char *answered;
} PeerRow;

static const PeerRow peer_rows[] = {
    {"IpRanges", "CidrIp", "CidrIpv4"}, {"Ipv6Ranges", "CidrIpv6", "CidrIpv6"}, {"PrefixListIds", "PrefixListId", "PrefixListId"}, {"UserIdGroupPairs", "GroupId", "ReferencedGroupInfo"}};

/* What each peer of a permission comes to by itself. */
typedef void (*PeerTaker)(Simulation *s, const Request *r, const Json *permission, const PeerRow *row, const Json *peer);

static void for_each_peer(Simulation *s, const Request *r, PeerTaker take)
{
    const Json *permissions = json_get_c(r->in, "IpPermissions");
    for (size_t i = 0; i < json_item_count(permissions); i++)
        for (size_t j = 0; j < sizeof peer_rows / sizeof *peer_rows; j++) {
            const Json *peers = json_get_c(permissions->items.items[i], peer_rows[j].list);
            for (size_t k = 0; k < json_item_count(peers); k++)
                take(s, r, permissions->items.items[i], &peer_rows[j], peers->items.items[k]);
        }
}

static Json *rule_of(const Request *r, const Json *permission, const PeerRow *row, const Json *peer)
{
    static const char *const kept[] = {"IpProtocol", "FromPort", "ToPort"};
    Json *rule = json_object(r->arena);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        json_set_c(r->arena, rule, kept[i], json_get_c(permission, kept[i]));
    Json *value = json_get_c(peer, row->member);
    if (text_equal_c(text_from_c(row->answered), "ReferencedGroupInfo"))
        value = texts_of(r->arena, "GroupId", text_at(peer, row->member), NULL, TEXT_NONE);
    json_set_c(r->arena, rule, row->answered, value);
    json_set_c(r->arena, rule, "GroupId", json_get_c(r->in, "GroupId"));
    json_set_c(r->arena, rule, "IsEgress", json_bool(r->arena, text_ends_with(text_from_c(r->operation), TEXT("Egress"))));
    return rule;
}

static Thing *find_rule(Simulation *s, Arena *arena, const Json *rule)
{
    for (size_t i = 0; i < s->things[THING_GROUP_RULE].count; i++) {
        Thing *other = s->things[THING_GROUP_RULE].items[i];
        Json *plain = json_share(arena, other->describe);
        json_remove_c(plain, "SecurityGroupRuleId");
        json_remove_c(plain, "Description");
        if (json_equal(plain, rule))
            return other;
    }
    return NULL;
}

static void add_rule(Simulation *s, const Request *r, const Json *permission, const PeerRow *row, const Json *peer)
{
    Json *rule = rule_of(r, permission, row, peer);
    if (find_rule(s, r->arena, rule))
        return;
    Text id = arena_format(s->arena, "sgr-0%.*s", TEXT_ARG(random_hex(s, 16)));
    json_set_c(r->arena, rule, "SecurityGroupRuleId", json_text(r->arena, id));
    json_set_c(r->arena, rule, "Description", json_get_c(peer, "Description"));
    Thing *thing = thing_add(s, THING_GROUP_RULE, id, rule);
    thing->owner = arena_copy_text(s->arena, request_text(r, "GroupId"));
    thing->tags = tags_set(s->arena, NULL, specified_tags(r));
    Json *alone = json_share(r->arena, permission);
    for (size_t i = 0; i < sizeof peer_rows / sizeof *peer_rows; i++)
        json_remove_c(alone, peer_rows[i].list);
    Json *peers = json_array(r->arena);
    json_add(r->arena, peers, json_share(r->arena, peer));
    json_set_c(r->arena, alone, row->list, peers);
    thing->more = json_keep(s->arena, alone);
}

static void drop_rule(Simulation *s, const Request *r, const Json *permission, const PeerRow *row, const Json *peer)
{
    Thing *thing = find_rule(s, r->arena, rule_of(r, permission, row, peer));
    if (thing)
        thing_remove(s, thing);
}

/* Also of groups that others made. */
ANSWERER(answer_authorize)
{
    size_t before = s->things[THING_GROUP_RULE].count;
    for_each_peer(s, r, add_rule);
    if (s->things[THING_GROUP_RULE].count == before)
        request_fail(r, "InvalidPermission.Duplicate", "the specified rule already exists");
}

ANSWERER(answer_revoke)
{
    size_t before = s->things[THING_GROUP_RULE].count;
    for_each_peer(s, r, drop_rule);
    if (s->things[THING_GROUP_RULE].count == before)
        request_fail(r, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
}

ANSWERER(answer_ec2_tags)
{
    const Json *ids = json_get_c(r->in, "Resources");
    for (size_t i = 0; i < json_item_count(ids); i++) {
        Thing *thing = thing_find(s, THING_GROUP, ids->items.items[i]->text);
        thing = thing ? thing : thing_find(s, THING_GROUP_RULE, ids->items.items[i]->text);
        if (thing)
            thing->tags = tags_set(s->arena, thing->tags, json_get_c(r->in, "Tags"));
    }
}
