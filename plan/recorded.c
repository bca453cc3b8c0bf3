#include "plan/recorded.h"

#include "base/file.h"
#include "emit/write.h"
#include "plan/restart.h"

#include <stdlib.h>

enum { RECORDING_BYTES_MAX = 256 * 1024 * 1024 };

/* --- reading --- */

static bool report(Diagnostics *sink, Text path, const char *problem, Text at)
{
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_BAD_RECORDING, SPAN_NONE, "%.*s: %s%s%.*s", TEXT_ARG(path), problem, at.len ? ": " : "", TEXT_ARG(at));
    diagnostic_set_advice(sink, diagnostic, "record the account again, or correct the file; its form is in SPEC.md, Recordings");
    return false;
}

static bool find_kind(Text label, ResourceKind *out)
{
    for (size_t i = 0; i < RESOURCE_KIND_COUNT; i++) {
        if (text_equal_c(label, resource_facts((ResourceKind)i)->label)) {
            *out = (ResourceKind)i;
            return true;
        }
    }
    return false;
}

/* Rules of both directions have one name for people. */
static ResourceKind kind_of(ResourceKind kind, const ReadJson *describe)
{
    const ReadJson *rules = json_read_member(describe, "SecurityGroupRules");
    const ReadJson *first = rules && rules->kind == READ_ARRAY && rules->items.count ? rules->items.items[0] : NULL;
    const ReadJson *is_egress = json_read_member(first, "IsEgress");
    bool goes_out = kind == RESOURCE_SECURITY_GROUP_RULE && is_egress && is_egress->kind == READ_BOOL && is_egress->boolean;
    return goes_out ? RESOURCE_SECURITY_GROUP_EGRESS : kind;
}

static int order_resources(const void *a, const void *b)
{
    const RecordedResource *left = a;
    const RecordedResource *right = b;
    return text_compare(left->id, right->id);
}

static bool read_resources(Arena *arena, Diagnostics *sink, const ReadJson *resources, Recording *out)
{
    if (!resources || resources->kind != READ_OBJECT)
        return report(sink, out->path, "its member resources is missing or not an object", TEXT_NONE);
    for (size_t i = 0; i < resources->members.count; i++) {
        const ReadJsonMember *member = &resources->members.items[i];
        RecordedResource resource = {.id = member->key,
                                     .parent = json_read_text(json_read_member(member->value, "parent")),
                                     .describe = json_read_member(member->value, "describe")};
        if (!find_kind(json_read_text(json_read_member(member->value, "kind")), &resource.kind))
            return report(sink, out->path, "a resource without a kind that svc knows", member->key);
        if (!resource.describe || resource.describe->kind != READ_OBJECT)
            return report(sink, out->path, "a resource without the object describe", member->key);
        resource.kind = kind_of(resource.kind, resource.describe);
        ARRAY_PUSH(arena, &out->items, resource);
    }
    if (out->items.count > 1)
        qsort(out->items.items, out->items.count, sizeof *out->items.items, order_resources);
    return true;
}

bool recording_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, Recording *out)
{
    ReadJsonError error;
    *out = (Recording){.path = path};
    ReadJson *json = json_read(arena, text, &error);
    if (!json) {
        uint32_t file = sources_add(sink->arena, sink->sources, path, arena_copy_text(sink->arena, text), false);
        Span span = {file, (uint32_t)error.offset, (uint32_t)error.offset + (error.offset < text.len)};
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_BAD_RECORDING, span, "the recording is not valid JSON");
        diagnostic_set_label(sink, diagnostic, "%.*s", TEXT_ARG(error.reason));
        diagnostic_set_advice(sink, diagnostic, "record the account again, or correct the file; its form is in SPEC.md, Recordings");
        return false;
    }
    const ReadJson *version = json_read_member(json, "format_version");
    if (!version || version->kind != READ_NUMBER || rational_compare(version->number, rational_from_integer(1)) != 0)
        return report(sink, path, "its format_version is not 1", TEXT_NONE);
    out->account = json_read_text(json_read_member(json, "account"));
    out->region = json_read_text(json_read_member(json, "region"));
    if (!out->account.len || !out->region.len)
        return report(sink, path, "it does not say its account and region", TEXT_NONE);
    out->lookups = json_read_member(json, "lookups");
    out->facts = json_read_member(json, "facts");
    return read_resources(arena, sink, json_read_member(json, "resources"), out);
}

bool recording_read(Arena *arena, Diagnostics *sink, Text path, Recording *out)
{
    Text text;
    return diagnostic_read_file(arena, sink, path, RECORDING_BYTES_MAX, &text) && recording_read_text(arena, sink, path, text, out);
}

const RecordedResource *recording_find(const Recording *recording, Text id)
{
    if (!recording || !recording->items.count)
        return NULL;
    RecordedResource key = {.id = id};
    return bsearch(&key, recording->items.items, recording->items.count, sizeof key, order_resources);
}

/* --- what it says --- */

static Text tag_in(const ReadJson *tags, const char *key)
{
    if (!tags)
        return TEXT_NONE;
    if (tags->kind == READ_OBJECT)
        return json_read_text(json_read_member(tags, key));
    for (size_t i = 0; tags->kind == READ_ARRAY && i < tags->items.count; i++) {
        const ReadJson *tag = tags->items.items[i];
        Text name = json_read_text(json_read_member(tag, "Key"));
        if (!name.len)
            name = json_read_text(json_read_member(tag, "key"));
        const ReadJson *value = json_read_member(tag, "Value");
        if (text_equal_c(name, key))
            return json_read_text(value ? value : json_read_member(tag, "value"));
    }
    return TEXT_NONE;
}

/* The object that describes the resource itself, inside of the answers. */
static const ReadJson *main_object(const RecordedResource *resource)
{
    static const char *const wrappers[] = {"Role", "LoadBalancer", "Listener", "TargetGroup", "Rule", "Parameter", "taskDefinition"};
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        const ReadJson *inner = json_read_member(resource->describe, wrappers[i]);
        if (inner && inner->kind == READ_OBJECT)
            return inner;
    }
    return resource->describe;
}

static const ReadJson *tags_of(const RecordedResource *resource)
{
    static const char *const members[] = {"Tags", "tags"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const ReadJson *outer = json_read_member(resource->describe, members[i]);
        const ReadJson *inner = json_read_member(main_object(resource), members[i]);
        if (outer || inner)
            return outer ? outer : inner;
    }
    return NULL;
}

Text recorded_tag(const RecordedResource *resource, const char *key)
{
    return tag_in(tags_of(resource), key);
}

bool recorded_has_tags(const RecordedResource *resource)
{
    return tags_of(resource) != NULL;
}

static Text first_text(const ReadJson *object, const char *const *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Text text = json_read_text(json_read_member(object, members[i]));
        if (text.len)
            return text;
    }
    return TEXT_NONE;
}

/* The part of an ARN that CloudWatch's dimensions take: "app/edge/0123", "targetgroup/web/0123". */
Text recorded_full_name(Text arn)
{
    size_t at = text_find(arn, TEXT(":targetgroup/"));
    if (at < arn.len)
        return text_slice(arn, at + 1, arn.len);
    at = text_find(arn, TEXT(":loadbalancer/"));
    return at < arn.len ? text_slice(arn, at + sizeof ":loadbalancer/" - 1, arn.len) : TEXT_NONE;
}

Text recorded_attribute(Arena *arena, const RecordedResource *resource, Text attribute)
{
    static const char *const arns[] = {"taskDefinitionArn", "serviceArn", "clusterArn", "TargetGroupArn", "RuleArn", "ListenerArn", "LoadBalancerArn",
                                       "AlarmArn", "PolicyARN", "DashboardArn", "Arn", "arn", "ARN"};
    static const char *const names[] = {"serviceName", "clusterName", "logGroupName", "RoleName", "GroupName", "TargetGroupName", "LoadBalancerName",
                                        "AlarmName", "DashboardName", "PolicyName", "Name", "family", "filterName", "ScheduledActionName"};
    static const char *const ids[] = {"GroupId", "ResourceId"};
    const ReadJson *object = main_object(resource);
    (void)arena;
    Text arn = first_text(object, arns, sizeof arns / sizeof *arns);
    if (resource->kind == RESOURCE_LOG_GROUP && text_ends_with(arn, TEXT(":*"))) /* as it is answered; its operations want it without */
        arn = text_slice(arn, 0, arn.len - 2);
    if (text_equal_c(attribute, ATTRIBUTE_ARN))
        return arn;
    if (text_equal_c(attribute, "full-name"))
        return recorded_full_name(arn);
    if (text_equal_c(attribute, ATTRIBUTE_ID))
        return first_text(object, ids, sizeof ids / sizeof *ids);
    if (text_equal_c(attribute, "dns-name"))
        return json_read_text(json_read_member(object, "DNSName"));
    return text_equal_c(attribute, ATTRIBUTE_NAME) ? first_text(object, names, sizeof names / sizeof *names) : TEXT_NONE;
}

/* --- in the form of our documents --- */

static Json *to_json(Arena *arena, const ReadJson *from)
{
    Json *to = NULL;
    switch (from->kind) {
    case READ_NULL: return json_null(arena);
    case READ_BOOL: return json_bool(arena, from->boolean);
    case READ_NUMBER: return json_number(arena, from->number);
    case READ_TEXT: return json_text(arena, from->text);
    case READ_ARRAY:
        to = json_array(arena);
        for (size_t i = 0; i < from->items.count; i++)
            json_add(arena, to, to_json(arena, from->items.items[i]));
        break;
    case READ_OBJECT:
        to = json_object(arena);
        for (size_t i = 0; i < from->members.count; i++)
            json_set(arena, to, from->members.items[i].key, to_json(arena, from->members.items[i].value));
        break;
    }
    return to;
}

/* IAM answers policies URL-encoded; a recording may hold them so, as JSON text, or as objects. */
static Json *policy_json(Arena *arena, const ReadJson *from)
{
    if (!from || from->kind != READ_TEXT)
        return from ? to_json(arena, from) : NULL;
    Buffer text = {0};
    bool is_encoded = from->text.len && from->text.ptr[0] == '%';
    for (size_t i = 0; i < from->text.len; i++) {
        unsigned byte = (unsigned char)from->text.ptr[i];
        if (is_encoded && byte == '%' && i + 2 < from->text.len) {
            char digits[3] = {from->text.ptr[i + 1], from->text.ptr[i + 2], '\0'};
            byte = (unsigned)strtoul(digits, NULL, 16);
            i += 2;
        }
        buffer_add_byte(&text, (char)byte);
    }
    ReadJsonError error;
    const ReadJson *document = json_read(arena, buffer_text(&text), &error);
    buffer_free(&text);
    return document ? to_json(arena, document) : json_text(arena, from->text);
}

/* A member of the answer that the creating operation calls otherwise. */
typedef struct MemberRow {
    ResourceKind kind;
    const char *answered;
    const char *sent;
} MemberRow;

static const MemberRow member_rows[] = {
    {RESOURCE_LOAD_BALANCER, "LoadBalancerName", "Name"},
    {RESOURCE_TARGET_GROUP, "TargetGroupName", "Name"},
    {RESOURCE_SERVICE, "clusterArn", "cluster"},
};

static void rename_members(Arena *arena, ResourceKind kind, Json *input)
{
    for (size_t i = 0; i < sizeof member_rows / sizeof *member_rows; i++)
        if (member_rows[i].kind == kind)
            json_set_c(arena, input, member_rows[i].sent, json_get_c(input, member_rows[i].answered));
}

/* svc writes one inline policy. In a role that was adopted the first one stands for it, whatever its name; the others are nobody's. */
static void add_policies(Arena *arena, Json *all, const ReadJson *policies)
{
    Json *others = json_object(arena);
    if (!policies || policies->kind != READ_OBJECT || !policies->members.count)
        return;
    size_t chosen = 0;
    for (size_t i = 0; i < policies->members.count; i++)
        if (text_equal_c(policies->members.items[i].key, ROLE_POLICY_NAME))
            chosen = i;
    for (size_t i = 0; i < policies->members.count; i++)
        if (i != chosen)
            json_set(arena, others, policies->members.items[i].key, policy_json(arena, policies->members.items[i].value));
    json_set_c(arena, all, "policy", policy_json(arena, policies->members.items[chosen].value));
    json_set_c(arena, all, "policy-name", json_text(arena, policies->members.items[chosen].key));
    if (json_length(others))
        json_set_c(arena, all, "policies", others);
}

static Json *role_document(Arena *arena, const RecordedResource *resource, Json *input)
{
    Json *all = json_object(arena);
    const ReadJson *role = main_object(resource);
    const ReadJson *policies = json_read_member(resource->describe, "policies");
    const ReadJson *attached = json_read_member(resource->describe, "attached");
    const Json *boundary = json_get_c(json_get_c(input, "PermissionsBoundary"), "PermissionsBoundaryArn");
    Json *managed = json_array(arena);
    if (boundary && boundary->kind == JSON_TEXT)
        json_set_c(arena, input, "PermissionsBoundary", json_text(arena, boundary->text));
    json_set_c(arena, all, "CreateRole", input);
    json_set_c(arena, all, "trust", policy_json(arena, json_read_member(role, "AssumeRolePolicyDocument")));
    add_policies(arena, all, policies);
    for (size_t i = 0; attached && attached->kind == READ_ARRAY && i < attached->items.count; i++) {
        const ReadJson *item = attached->items.items[i];
        Text arn = item->kind == READ_TEXT ? item->text : json_read_text(json_read_member(item, "PolicyArn"));
        json_add(arena, managed, json_text(arena, arn));
    }
    json_set_c(arena, all, "managed", managed);
    return all;
}

/* {operation: {member: …}} beside the creating operation. */
static void set_further(Arena *arena, Json *all, const char *operation, const char *member, const ReadJson *value)
{
    if (!value || (value->kind == READ_ARRAY && value->items.count == 0))
        return;
    Json *input = json_object(arena);
    json_set_c(arena, input, member, to_json(arena, value));
    json_set_c(arena, all, operation, input);
}

static void security_group_document(Arena *arena, const RecordedResource *resource, Json *input, Json *all)
{
    Json *specification = json_object(arena);
    Json *specifications = json_array(arena);
    json_set_c(arena, specification, "ResourceType", json_text_c(arena, "security-group"));
    if (json_get_c(input, "Tags")) {
        json_set_c(arena, specification, "Tags", json_get_c(input, "Tags"));
        json_add(arena, specifications, specification);
        json_set_c(arena, input, "TagSpecifications", specifications);
    }
    set_further(arena, all, "AuthorizeSecurityGroupIngress", "IpPermissions", json_read_member(resource->describe, "IpPermissions"));
    set_further(arena, all, "AuthorizeSecurityGroupEgress", "IpPermissions", json_read_member(resource->describe, "IpPermissionsEgress"));
}

static void load_balancer_document(Arena *arena, Json *input)
{
    const Json *zones = json_get_c(input, "AvailabilityZones");
    Json *subnets = json_array(arena);
    for (size_t i = 0; zones && zones->kind == JSON_ARRAY && i < zones->items.count; i++) {
        const Json *subnet = json_get_c(zones->items.items[i], "SubnetId");
        if (subnet && subnet->kind == JSON_TEXT)
            json_add(arena, subnets, json_text(arena, subnet->text));
    }
    json_set_c(arena, input, "Subnets", subnets);
}

/* Service Connect and volumes are answered only below the deployment. */
/* A service of launch type Fargate runs as by the one provider of that name: what it has is no difference from what svc says (aws: launch types). */
static Json *fargate_strategy(Arena *arena)
{
    Json *item = json_object(arena);
    Json *list = json_array(arena);
    json_set_c(arena, item, "capacityProvider", json_text_c(arena, "FARGATE"));
    json_set_c(arena, item, "weight", json_integer(arena, 1));
    json_set_c(arena, item, "base", json_integer(arena, 0));
    json_add(arena, list, item);
    return list;
}

/* A task for Fargate that does not say its platform runs on this one (aws: RuntimePlatform). */
static Json *usual_platform(Arena *arena)
{
    Json *platform = json_object(arena);
    json_set_c(arena, platform, "cpuArchitecture", json_text_c(arena, "X86_64"));
    json_set_c(arena, platform, "operatingSystemFamily", json_text_c(arena, "LINUX"));
    return platform;
}

/* What AWS does where nothing was said, and its answer is silent about. */
static void fill_defaults(Arena *arena, ResourceKind kind, Json *input)
{
    Json *steps = json_get_c(input, "StepScalingPolicyConfiguration");
    const Json *type = json_get_c(input, "launchType");
    bool is_fargate = type && type->kind == JSON_TEXT && text_equal_c(type->text, "FARGATE");
    if (kind == RESOURCE_TASK_DEFINITION)
        json_set_default(arena, input, "runtimePlatform", usual_platform(arena));
    else if (kind == RESOURCE_ALARM)
        json_set_default(arena, input, "TreatMissingData", json_text_c(arena, "missing"));
    else if (kind == RESOURCE_SCALING_POLICY && steps)
        json_set_default(arena, steps, "MetricAggregationType", json_text_c(arena, "Average"));
    else if (kind == RESOURCE_SERVICE && is_fargate && !json_item_count(json_get_c(input, "capacityProviderStrategy")))
        json_set_c(arena, input, "capacityProviderStrategy", fargate_strategy(arena));
}

static void service_document(Arena *arena, Json *input)
{
    static const char *const below[] = {"serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"};
    const Json *deployments = json_get_c(input, "deployments");
    const Json *newest = deployments && deployments->kind == JSON_ARRAY && deployments->items.count ? deployments->items.items[0] : NULL;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        if (!json_get_c(input, below[i]))
            json_set_c(arena, input, below[i], json_get_c(newest, below[i]));
}

static bool is_rule(ResourceKind kind)
{
    return kind == RESOURCE_SECURITY_GROUP_RULE || kind == RESOURCE_SECURITY_GROUP_EGRESS;
}

/* The peer of one rule of DescribeSecurityGroupRules, in the form of a permission. */
static void add_peer(Arena *arena, Json *permission, const ReadJson *rule)
{
    static const struct {
        const char *answered;
        const char *list;
        const char *member;
    } peers[] = {{"CidrIpv4", "IpRanges", "CidrIp"}, {"CidrIpv6", "Ipv6Ranges", "CidrIpv6"}, {"PrefixListId", "PrefixListIds", "PrefixListId"},
                 {"ReferencedGroupInfo", "UserIdGroupPairs", "GroupId"}};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        const ReadJson *answered = json_read_member(rule, peers[i].answered);
        const ReadJson *value = answered && answered->kind == READ_OBJECT ? json_read_member(answered, "GroupId") : answered;
        const ReadJson *description = json_read_member(rule, "Description");
        if (!value || value->kind != READ_TEXT)
            continue;
        Json *peer = json_object(arena);
        Json *list = json_get_c(permission, peers[i].list);
        if (!list) {
            list = json_array(arena);
            json_set_c(arena, permission, peers[i].list, list);
        }
        json_set_c(arena, peer, peers[i].member, json_text(arena, value->text));
        if (description && description->kind == READ_TEXT)
            json_set_c(arena, peer, "Description", json_text(arena, description->text));
        json_add(arena, list, peer);
    }
}

/* The permissions that the rules come to: one for each protocol and range of ports. */
static Json *rule_input(Arena *arena, const RecordedResource *resource)
{
    static const char *const kept[] = {"FromPort", "IpProtocol", "ToPort"};
    const ReadJson *rules = json_read_member(resource->describe, "SecurityGroupRules");
    Json *input = json_object(arena);
    Json *permissions = json_array(arena);
    for (size_t i = 0; rules && rules->kind == READ_ARRAY && i < rules->items.count; i++) {
        const ReadJson *rule = rules->items.items[i];
        Json *ports = json_object(arena);
        for (size_t j = 0; j < sizeof kept / sizeof *kept; j++) {
            const ReadJson *value = json_read_member(rule, kept[j]);
            if (value && !(value->kind == READ_NUMBER && value->number.num < 0))
                json_set_c(arena, ports, kept[j], to_json(arena, value));
        }
        Json *permission = NULL;
        for (size_t j = 0; j < permissions->items.count && !permission; j++) {
            bool same = true;
            for (size_t k = 0; k < sizeof kept / sizeof *kept && same; k++) {
                const Json *a = json_get_c(permissions->items.items[j], kept[k]);
                const Json *b = json_get_c(ports, kept[k]);
                same = a && b ? json_equal(a, b) : a == b;
            }
            permission = same ? permissions->items.items[j] : NULL;
        }
        if (!permission) {
            permission = ports;
            json_add(arena, permissions, permission);
        }
        add_peer(arena, permission, rule);
        const ReadJson *group = json_read_member(rule, "GroupId");
        if (group)
            json_set_c(arena, input, "GroupId", to_json(arena, group));
    }
    json_set_c(arena, input, "IpPermissions", permissions);
    return input;
}

static const ReadJson *first_rule(const RecordedResource *rule)
{
    const ReadJson *rules = json_read_member(rule->describe, "SecurityGroupRules");
    return rules && rules->kind == READ_ARRAY && rules->items.count ? rules->items.items[0] : NULL;
}

Text recorded_rule_group(const RecordedResource *rule)
{
    return json_read_text(json_read_member(first_rule(rule), "GroupId"));
}

Json *recorded_rule_ids(Arena *arena, const RecordedResource *rule)
{
    const ReadJson *rules = json_read_member(rule->describe, "SecurityGroupRules");
    Json *ids = json_array(arena);
    for (size_t i = 0; rules && rules->kind == READ_ARRAY && i < rules->items.count; i++)
        json_add(arena, ids, json_text(arena, json_read_text(json_read_member(rules->items.items[i], "SecurityGroupRuleId"))));
    return ids;
}

const char *recorded_rule_operation(const RecordedResource *rule)
{
    const ReadJson *egress = json_read_member(first_rule(rule), "IsEgress");
    bool is_egress = egress && egress->kind == READ_BOOL && egress->boolean;
    return resource_facts(is_egress ? RESOURCE_SECURITY_GROUP_EGRESS : RESOURCE_SECURITY_GROUP_RULE)->operation;
}

bool recorded_is_kind(const RecordedResource *resource, ResourceKind kind)
{
    return text_equal_c(text_from_c(resource_facts(resource->kind)->label), resource_facts(kind)->label);
}

/* What the creating operation takes beside its own members. */
static void add_further(Arena *arena, const ReadJson *describe, ResourceKind kind, Json *all)
{
    if (kind == RESOURCE_LOG_GROUP) {
        set_further(arena, all, "PutRetentionPolicy", "retentionInDays", json_read_member(describe, "retentionInDays"));
        json_set_c(arena, json_get_c(all, "PutRetentionPolicy"), "logGroupName", json_text(arena, json_read_text(json_read_member(describe, "logGroupName"))));
    }
    if (kind == RESOURCE_LOAD_BALANCER)
        set_further(arena, all, "ModifyLoadBalancerAttributes", "Attributes", json_read_member(describe, "Attributes"));
    if (kind == RESOURCE_TARGET_GROUP)
        set_further(arena, all, "ModifyTargetGroupAttributes", "Attributes", json_read_member(describe, "Attributes"));
}

Json *recorded_document(Arena *arena, const RecordedResource *resource, ResourceKind kind)
{
    const ReadJson *describe = resource->describe;
    Json *all = json_object(arena);
    Json *input = is_rule(kind) ? rule_input(arena, resource) : to_json(arena, main_object(resource));
    const ReadJson *tags = tags_of(resource);
    if (tags) {
        bool is_lower = kind == RESOURCE_CLUSTER || kind == RESOURCE_SERVICE || kind == RESOURCE_TASK_DEFINITION || kind == RESOURCE_LOG_GROUP;
        json_set_c(arena, input, is_lower ? "tags" : "Tags", to_json(arena, tags));
    }
    rename_members(arena, kind, input);
    if (kind == RESOURCE_ROLE)
        return role_document(arena, resource, input);
    if (kind == RESOURCE_LOAD_BALANCER)
        load_balancer_document(arena, input);
    if (kind == RESOURCE_SERVICE) {
        service_document(arena, input);
        Text began = recorded_start(arena, resource);
        if (began.len)
            json_set_c(arena, all, PLAN_RESTART, json_text(arena, began));
    }
    fill_defaults(arena, kind, input);
    if (kind == RESOURCE_SECURITY_GROUP)
        security_group_document(arena, resource, input, all);
    if (kind == RESOURCE_DASHBOARD)
        json_set_c(arena, input, "DashboardBody", policy_json(arena, json_read_member(describe, "DashboardBody")));
    add_further(arena, describe, kind, all);
    json_set_c(arena, all, resource_facts(kind)->operation, input);
    return all;
}
