/* Security groups, by name and by their tags, and the rules that stand by themselves. EC2's filters of tags do not lag. */
#include "live/reader.h"

static const Question groups_by_name = {.service = "ec2", .operation = "DescribeSecurityGroups", .filter = "group-name", .batch = 200, .results = "SecurityGroups",
                                        .key = "GroupName"};
static const Question groups_question = {.service = "ec2", .operation = "DescribeSecurityGroups", .results = "SecurityGroups"};
static const Question rules_by_group = {.service = "ec2", .operation = "DescribeSecurityGroupRules", .filter = "group-id", .batch = 200, .results = "SecurityGroupRules",
                                        .key = "GroupId"};
static const Question rules_question = {.service = "ec2", .operation = "DescribeSecurityGroupRules", .results = "SecurityGroupRules"};

static void keep_group(Reader *reader, Json *result)
{
    Text id = reader_text(result, "GroupId");
    Thing *thing = reader_want(reader, RESOURCE_SECURITY_GROUP, TEXT_NONE, id);
    if (!json_get_c(result, "Tags"))
        json_set_c(reader->arena, result, "Tags", json_array(reader->arena));
    if (reader_owns(reader, json_get_c(result, "Tags")))
        thing->id = reader_tag(json_get_c(result, "Tags"), "svc:id");
    thing->describe = result;
}

static void take_group(void *context, void *subject, Json *result)
{
    (void)subject;
    if (result)
        keep_group(context, result);
}

/* Groups of one name are in different VPCs: it is the one in the file's. */
static void take_named_group(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const Resource *resource = subject;
    if (!result || !text_equal(reader_value(reader, json_get_c(resource->input, "VpcId")), reader_text(result, "VpcId")))
        return;
    keep_group(reader, result);
    reader_declare(reader, reader_find(reader, RESOURCE_SECURITY_GROUP, TEXT_NONE, reader_text(result, "GroupId")), resource);
}

static ResourceKind rule_kind(const Json *rule)
{
    const Json *egress = json_get_c(rule, "IsEgress");
    return egress && egress->kind == JSON_BOOL && egress->boolean ? RESOURCE_SECURITY_GROUP_EGRESS : RESOURCE_SECURITY_GROUP_RULE;
}

/* One declared rule may be several of EC2's: a range of each kind is one. */
static void keep_rule(Reader *reader, ResourceKind kind, Text id, Json *rule)
{
    const Resource *resource = resources_find(reader->input->resources, id);
    Thing *thing = reader_want(reader, kind, reader_text(rule, "GroupId"), id);
    if (!thing->describe) {
        Json *tags = json_get_c(rule, "Tags");
        thing->id = id;
        thing->describe = json_object(reader->arena);
        json_set_c(reader->arena, thing->describe, "SecurityGroupRules", json_array(reader->arena));
        json_set_c(reader->arena, thing->describe, "Tags", tags ? tags : json_array(reader->arena));
        if (resource && resource->kind == kind)
            reader_declare(reader, thing, resource);
    }
    json_add(reader->arena, json_get_c(thing->describe, "SecurityGroupRules"), rule);
}

static void take_rule(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const Json *tags = json_get_c(result, "Tags");
    (void)subject;
    if (result && reader_owns(reader, tags))
        keep_rule(reader, rule_kind(result), reader_tag(tags, "svc:id"), result);
}

/* --- rules that somebody else made: they have no names, so it is by what they open --- */

/* A rule's member of a describe operation, and where a permission has the same. */
typedef struct RulePeer {
    const char *answered;
    const char *list;
    const char *member;
} RulePeer;

static const RulePeer rule_peers[] = {{"CidrIpv4", "IpRanges", "CidrIp"},
                                      {"CidrIpv6", "Ipv6Ranges", "CidrIpv6"},
                                      {"PrefixListId", "PrefixListIds", "PrefixListId"},
                                      {"ReferencedGroupInfo", "UserIdGroupPairs", "GroupId"}};

/* A permission for all protocols has no ports, and is answered with -1. */
static bool is_same_port(const Json *permission, const Json *rule, const char *member)
{
    const Json *wanted = json_get_c(permission, member);
    const Json *found = json_get_c(rule, member);
    bool is_none = !found || (found->kind == JSON_NUMBER && found->number.num < 0);
    return wanted ? found && json_equal(wanted, found) : is_none;
}

static bool is_same_peer(const Reader *reader, const Json *permission, const Json *rule)
{
    for (size_t i = 0; i < sizeof rule_peers / sizeof *rule_peers; i++) {
        const Json *answered = json_get_c(rule, rule_peers[i].answered);
        const Json *inner = answered && answered->kind == JSON_OBJECT ? json_get_c(answered, "GroupId") : answered;
        const Json *peers = json_get_c(permission, rule_peers[i].list);
        for (size_t j = 0; inner && j < json_item_count(peers); j++) {
            Text wanted = reader_value(reader, json_get_c(peers->items.items[j], rule_peers[i].member));
            if (wanted.len && inner->kind == JSON_TEXT && text_equal(wanted, inner->text))
                return true;
        }
    }
    return false;
}

static bool opens_the_same(const Reader *reader, const Resource *resource, const Json *rule)
{
    const Json *permissions = json_get_c(resource->input, "IpPermissions");
    for (size_t i = 0; i < json_item_count(permissions); i++) {
        const Json *permission = permissions->items.items[i];
        if (text_equal(reader_text(permission, "IpProtocol"), reader_text(rule, "IpProtocol")) && is_same_port(permission, rule, "FromPort") &&
            is_same_port(permission, rule, "ToPort") && is_same_peer(reader, permission, rule))
            return true;
    }
    return false;
}

/* Whether the declared rule is of a group that is there, and was not found by its tags. */
static bool is_missing_rule(const Reader *reader, const Resource *resource)
{
    return (resource->kind == RESOURCE_SECURITY_GROUP_RULE || resource->kind == RESOURCE_SECURITY_GROUP_EGRESS) &&
           !reader_find_declared(reader, resource->id) && reader_value(reader, json_get_c(resource->input, "GroupId")).len;
}

static void take_foreign_rule(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    if (!result || reader_owns(reader, json_get_c(result, "Tags")))
        return;
    ResourceKind kind = rule_kind(result);
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        const Thing *known = reader_find_declared(reader, resource->id);
        bool is_ours = known && reader_owns(reader, json_get_c(known->describe, "Tags"));
        if (resource->kind != kind || is_ours ||
            !text_equal(reader_value(reader, json_get_c(resource->input, "GroupId")), reader_text(result, "GroupId")) ||
            !opens_the_same(reader, resource, result))
            continue;
        keep_rule(reader, kind, resource->id, result);
        return;
    }
}

void find_foreign_rules(Reader *reader)
{
    TextArray asked = {0};
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        Text group = is_missing_rule(reader, resource) ? reader_value(reader, json_get_c(resource->input, "GroupId")) : TEXT_NONE;
        bool is_new = group.len > 0;
        for (size_t j = 0; j < asked.count && is_new; j++)
            is_new = !text_equal(asked.items[j], group);
        if (!is_new)
            continue;
        ARRAY_PUSH(reader->arena, &asked, group);
        asker_ask(reader->asker, &rules_by_group, TEXT_NONE, group, NULL, take_foreign_rule);
    }
}

/* --- which --- */

static Json *own_filters(Reader *reader)
{
    Json *input = json_object(reader->arena);
    const Model *model = reader->input->model;
    reader_add_filter(reader, input, TEXT("tag:svc:project"), model->project);
    if (model->environment.name.len)
        reader_add_filter(reader, input, TEXT("tag:svc:environment"), model->environment.name);
    return input;
}

void find_groups(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_SECURITY_GROUP)
            asker_ask(reader->asker, &groups_by_name, TEXT_NONE, resource->name, resource, take_named_group);
    }
    asker_list(reader->asker, &groups_question, own_filters(reader), NULL, take_group);
    asker_list(reader->asker, &rules_question, own_filters(reader), NULL, take_rule);
}
