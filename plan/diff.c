/* Desired against live. Only what svc sends is compared; what AWS fills in, others own, or comes in another order is no difference. */
#include "plan/plan.h"

#include "base/sha256.h"
#include "emit/emit.h"
#include "plan/restart.h"

#include <string.h>

/* --- tables --- */

typedef struct MemberOf {
    ResourceKind kind;
    const char *member;
} MemberOf;

/* A new value of these means a new resource (the creating operation's members). */
static const MemberOf replacing[] = {
    {RESOURCE_CLUSTER, "clusterName"},
    {RESOURCE_LOG_GROUP, "logGroupName"},
    {RESOURCE_LOG_GROUP, "logGroupClass"},
    {RESOURCE_METRIC_FILTER, "filterName"},
    {RESOURCE_METRIC_FILTER, "logGroupName"},
    {RESOURCE_ROLE, "RoleName"},
    {RESOURCE_SECURITY_GROUP, "GroupName"},
    {RESOURCE_SECURITY_GROUP, "VpcId"},
    {RESOURCE_LOAD_BALANCER, "Name"},
    {RESOURCE_LOAD_BALANCER, "Scheme"},
    {RESOURCE_LOAD_BALANCER, "Type"},
    {RESOURCE_LISTENER, "LoadBalancerArn"},
    {RESOURCE_TARGET_GROUP, "Name"},
    {RESOURCE_TARGET_GROUP, "Port"},
    {RESOURCE_TARGET_GROUP, "Protocol"},
    {RESOURCE_TARGET_GROUP, "ProtocolVersion"},
    {RESOURCE_TARGET_GROUP, "TargetType"},
    {RESOURCE_TARGET_GROUP, "VpcId"},
    {RESOURCE_SERVICE, "cluster"},
    {RESOURCE_SERVICE, "schedulingStrategy"},
    {RESOURCE_SERVICE, "serviceName"},
    {RESOURCE_SCALABLE_TARGET, "ResourceId"},
    {RESOURCE_SCALING_POLICY, "PolicyName"},
    {RESOURCE_SCHEDULED_ACTION, "ScheduledActionName"},
    {RESOURCE_ALARM, "AlarmName"},
    {RESOURCE_DASHBOARD, "DashboardName"},
    {RESOURCE_PARAMETER, "Name"},
    {RESOURCE_SCHEDULE, "Name"},
};

/* What others own, or AWS never answers. */
static const MemberOf ignored[] = {
    {RESOURCE_LISTENER_RULE, "ListenerArn"}, /* the key under which it is described */
    {RESOURCE_LISTENER_RULE, "Weight"},      /* rollouts move it, and so does ECS */
    {RESOURCE_PARAMETER, "Overwrite"},
    {RESOURCE_ROLE, "Path"},                  /* one that was adopted keeps its own: it is found by its name */
    {RESOURCE_SECURITY_GROUP, "Description"}, /* nobody replaces a group, and what uses it, for its description */
    {RESOURCE_SERVICE, "clientToken"},
    {RESOURCE_SCHEDULE, "ClientToken"},
    {RESOURCE_SECURITY_GROUP, "GroupId"},
    {RESOURCE_SECURITY_GROUP, "RevokeSecurityGroupEgress"}, /* once, at the start: EC2's default rule */
    {RESOURCE_SECURITY_GROUP_RULE, "TagSpecifications"},
    {RESOURCE_SECURITY_GROUP_EGRESS, "TagSpecifications"},
    {RESOURCE_TARGET_GROUP, "TargetGroupArn"},
    {RESOURCE_LOAD_BALANCER, "LoadBalancerArn"},
};

/* Members that matter when they are live and no longer declared; AWS fills in many others by itself. */
static const MemberOf removable[] = {
    {RESOURCE_TASK_DEFINITION, "command"}, {RESOURCE_TASK_DEFINITION, "dependsOn"}, {RESOURCE_TASK_DEFINITION, "dockerLabels"},
    {RESOURCE_TASK_DEFINITION, "entryPoint"}, {RESOURCE_TASK_DEFINITION, "environment"}, {RESOURCE_TASK_DEFINITION, "environmentFiles"},
    {RESOURCE_TASK_DEFINITION, "ephemeralStorage"}, {RESOURCE_TASK_DEFINITION, "executionRoleArn"}, {RESOURCE_TASK_DEFINITION, "firelensConfiguration"},
    {RESOURCE_TASK_DEFINITION, "healthCheck"}, {RESOURCE_TASK_DEFINITION, "linuxParameters"}, {RESOURCE_TASK_DEFINITION, "logConfiguration"},
    {RESOURCE_TASK_DEFINITION, "memory"}, {RESOURCE_TASK_DEFINITION, "memoryReservation"}, {RESOURCE_TASK_DEFINITION, "mountPoints"},
    {RESOURCE_TASK_DEFINITION, "portMappings"}, {RESOURCE_TASK_DEFINITION, "proxyConfiguration"}, {RESOURCE_TASK_DEFINITION, "readonlyRootFilesystem"},
    {RESOURCE_TASK_DEFINITION, "repositoryCredentials"}, {RESOURCE_TASK_DEFINITION, "restartPolicy"}, {RESOURCE_TASK_DEFINITION, "secrets"},
    {RESOURCE_TASK_DEFINITION, "startTimeout"}, {RESOURCE_TASK_DEFINITION, "stopTimeout"}, {RESOURCE_TASK_DEFINITION, "systemControls"},
    {RESOURCE_TASK_DEFINITION, "taskRoleArn"}, {RESOURCE_TASK_DEFINITION, "ulimits"}, {RESOURCE_TASK_DEFINITION, "user"},
    {RESOURCE_TASK_DEFINITION, "volumes"}, {RESOURCE_TASK_DEFINITION, "workingDirectory"}, {RESOURCE_SERVICE, "alarms"},
    {RESOURCE_SERVICE, "lifecycleHooks"}, {RESOURCE_SERVICE, "loadBalancers"}, {RESOURCE_SERVICE, "serviceConnectConfiguration"},
    {RESOURCE_SERVICE, "serviceRegistries"}, {RESOURCE_SERVICE, "volumeConfigurations"}, {RESOURCE_ROLE, "policy"},
    {RESOURCE_ROLE, "policies"},
    {RESOURCE_ROLE, "PermissionsBoundary"}, {RESOURCE_SECURITY_GROUP, "AuthorizeSecurityGroupIngress"},
    {RESOURCE_SECURITY_GROUP, "AuthorizeSecurityGroupEgress"}, {RESOURCE_LOG_GROUP, "PutRetentionPolicy"}, {RESOURCE_ALARM, "AlarmActions"},
    {RESOURCE_ALARM, "OKActions"}, {RESOURCE_ALARM, "InsufficientDataActions"}, {RESOURCE_ALARM, "Dimensions"}, {RESOURCE_ALARM, "Metrics"},
};

/* Lists whose order means something; every other list is a set. */
static const char *const ordered[] = {"command", "entryPoint", "dnsServers"};

/* What tells the elements of a list of objects apart. */
static const char *const element_keys[] = {"name", "Name", "key", "Key", "Id", "containerPort", "sourceVolume", "containerPath", "Field"};

static bool is_listed(const MemberOf *rows, size_t count, ResourceKind kind, Text member)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].kind == kind && text_equal_c(member, rows[i].member))
            return true;
    return false;
}
#define IS_LISTED(rows, kind, member) is_listed((rows), sizeof(rows) / sizeof *(rows), (kind), (member))

/* --- what a desired value comes to --- */

typedef struct Comparison {
    Plan *plan;
    PlanItem *item;
    Buffer path;
    bool is_silent;   /* only asks whether there is a difference */
    bool differs;
    bool is_creation; /* below the creating operation, at its top */
} Comparison;

typedef enum Known { KNOWN, KNOWN_AT_APPLY, KNOWN_TO_CHANGE } Known;

static size_t index_place(const Plan *plan, Text id)
{
    size_t place = text_hash(id) & (plan->index_capacity - 1);
    while (plan->index[place] && !text_equal(plan->index[place]->id, id))
        place = (place + 1) & (plan->index_capacity - 1);
    return place;
}

const PlanItem *plan_find_item(const Plan *plan, Text id)
{
    return plan->index_capacity ? plan->index[index_place(plan, id)] : NULL;
}

static Known resolve_reference(const Comparison *c, const Json *json, Buffer *out)
{
    Text id = json->reference->resource;
    const PlanItem *item = resources_find(c->plan->resources, id) ? plan_find_item(c->plan, id) : NULL;
    const RecordedResource *recorded = recording_find(c->plan->live, id);
    if (item && plan_is_renewed(item))
        return KNOWN_TO_CHANGE;
    Text text = recorded ? recorded_attribute(c->plan->arena, recorded, json->reference->attribute) : TEXT_NONE;
    if (!text.len && c->plan->live && c->plan->live->lookups) {
        Text key = arena_format(c->plan->arena, "%.*s#%.*s", TEXT_ARG(id), TEXT_ARG(json->reference->attribute));
        text = json_read_text(json_read_member(c->plan->live->lookups, key.ptr));
    }
    if (!text.len)
        text = json->reference->known;
    buffer_add(out, text);
    return text.len ? KNOWN : KNOWN_AT_APPLY;
}

static void add_text(const Comparison *c, Text text, Buffer *out)
{
    while (text.len) {
        size_t account = text_find(text, TEXT(MODEL_UNKNOWN_ACCOUNT));
        size_t region = text_find(text, TEXT(MODEL_UNKNOWN_REGION));
        size_t first = account < region ? account : region;
        buffer_add(out, text_slice(text, 0, first));
        if (first == text.len)
            return;
        buffer_add(out, account < region ? c->plan->account : c->plan->region);
        size_t length = account < region ? sizeof MODEL_UNKNOWN_ACCOUNT - 1 : sizeof MODEL_UNKNOWN_REGION - 1;
        text = text_slice(text, first + length, text.len);
    }
}

static Known resolve_text(const Comparison *c, const Json *json, Buffer *out)
{
    if (json->kind == JSON_REFERENCE)
        return resolve_reference(c, json, out);
    if (json->kind == JSON_TEXT)
        add_text(c, json->text, out);
    else if (json->kind != JSON_JOINED)
        json_write(out, json, 0);
    Known all = KNOWN;
    for (size_t i = 0; json->kind == JSON_JOINED && i < json->items.count; i++) {
        Known part = resolve_text(c, json->items.items[i], out);
        if (part > all)
            all = part;
    }
    return all;
}

/* --- differences --- */

static void record(Comparison *c, const Json *before, const Json *after, bool forces)
{
    c->differs = true;
    if (c->is_silent)
        return;
    Text path = arena_copy_text(c->plan->arena, buffer_text(&c->path));
    PlanChange change = {path, plan_hide(c->plan->arena, c->item->kind, path, before), after, forces, after ? after->origin : SPAN_NONE};
    ARRAY_PUSH(c->plan->arena, &c->item->changes, change);
}

static bool is_empty(const Json *json)
{
    switch (json->kind) {
    case JSON_NULL: return true;
    case JSON_BOOL: return !json->boolean;
    case JSON_NUMBER: return json->number.num == 0;
    case JSON_TEXT: return json->text.len == 0;
    case JSON_ARRAY:
    case JSON_JOINED: return json->items.count == 0;
    case JSON_OBJECT: return json->members.count == 0;
    case JSON_REFERENCE:
    case JSON_EMBEDDED:
    case JSON_UNKNOWN: break;
    }
    return false;
}

static void compare(Comparison *c, const Json *desired, const Json *live, bool forces);

/* "cluster" is said by name and answered as an ARN; numbers are answered as text in places. */
static bool is_same_text(Text desired, const Json *live)
{
    Arena scratch = {0};
    Text text = live->kind == JSON_TEXT ? live->text : live->kind == JSON_NUMBER ? rational_to_text(&scratch, live->number) : TEXT_NONE;
    bool same = text_equal(desired, text);
    if (!same && text_starts_with(text, TEXT("arn:")) && text_ends_with(text, desired) && desired.len < text.len)
        same = text.ptr[text.len - desired.len - 1] == '/' && !text_starts_with(desired, TEXT("arn:"));
    arena_free(&scratch);
    return same;
}

static void compare_text(Comparison *c, const Json *desired, const Json *live, bool forces)
{
    Buffer text = {0};
    Known known = resolve_text(c, desired, &text);
    if (known == KNOWN_TO_CHANGE || (known == KNOWN && !is_same_text(buffer_text(&text), live)))
        record(c, live, desired, forces);
    buffer_free(&text);
}

/* Others may tag what we own. */
static bool is_own_removal(const Comparison *c, Text member, const Json *live)
{
    return !is_empty(live) && IS_LISTED(removable, c->item->kind, member);
}

static void push_member(Comparison *c, Text key)
{
    if (c->path.length)
        buffer_add_byte(&c->path, '.');
    buffer_add(&c->path, key);
}

static bool is_scaled(const Comparison *c)
{
    for (size_t i = 0; i < c->plan->resources->items.count; i++) {
        const Resource *resource = c->plan->resources->items.items[i];
        if (resource->kind == RESOURCE_SCALABLE_TARGET && text_equal(resource->service, c->item->service))
            return true;
    }
    return false;
}

static bool is_ignored(const Comparison *c, Text member)
{
    if (IS_LISTED(ignored, c->item->kind, member))
        return true;
    return c->item->kind == RESOURCE_SERVICE && text_equal_c(member, "desiredCount") && is_scaled(c);
}

/* Tags come by operations of their own; a recording without any says nothing about them. */
static bool is_tags(Text member)
{
    return text_equal_c(member, "Tags") || text_equal_c(member, "tags") || text_equal_c(member, "TagSpecifications");
}

/* It says what was applied, and makes no difference by itself. */
static bool is_applied_tag(Text key)
{
    return text_equal_c(key, PLAN_APPLIED_TAG);
}

static void compare_objects(Comparison *c, const Json *desired, const Json *live)
{
    size_t length = c->path.length;
    bool is_top = c->is_creation;
    c->is_creation = false;
    for (size_t i = 0; i < desired->members.count; i++) {
        const JsonMember *member = &desired->members.items[i];
        if (is_ignored(c, member->key) || is_applied_tag(member->key) || (is_top && is_tags(member->key) && !json_get(live, member->key)))
            continue;
        push_member(c, member->key);
        compare(c, member->value, json_get(live, member->key), is_top && IS_LISTED(replacing, c->item->kind, member->key));
        c->path.length = length;
    }
    for (size_t i = 0; i < live->members.count; i++) {
        const JsonMember *member = &live->members.items[i];
        if (json_get(desired, member->key) || !is_own_removal(c, member->key, member->value))
            continue;
        push_member(c, member->key);
        record(c, member->value, NULL, false);
        c->path.length = length;
    }
}

/* --- lists --- */

static const char *element_key(const Json *element)
{
    for (size_t i = 0; i < sizeof element_keys / sizeof *element_keys; i++) {
        const Json *value = json_get_c(element, element_keys[i]);
        if (value && (value->kind == JSON_TEXT || value->kind == JSON_NUMBER))
            return element_keys[i];
    }
    return NULL;
}

static const Json *find_element(const Json *list, const char *key, const Json *value)
{
    for (size_t i = 0; i < list->items.count; i++) {
        const Json *other = json_get_c(list->items.items[i], key);
        if (other && json_equal(other, value))
            return list->items.items[i];
    }
    return NULL;
}

static void push_element(Comparison *c, const Json *value)
{
    buffer_add_byte(&c->path, '[');
    if (value->kind == JSON_TEXT)
        buffer_add(&c->path, value->text);
    else
        json_write(&c->path, value, 0);
    buffer_add_byte(&c->path, ']');
}

/* Tags of others on what is ours are not ours to remove. */
static bool is_foreign_tag(const Json *element)
{
    const Json *key = json_get_c(element, "Key");
    key = key ? key : json_get_c(element, "key");
    return key && key->kind == JSON_TEXT && (!text_starts_with(key->text, TEXT("svc:")) || text_equal_c(key->text, PLAN_CONTENT_TAG));
}

static void compare_keyed(Comparison *c, const Json *desired, const Json *live, const char *key)
{
    size_t length = c->path.length;
    for (size_t i = 0; i < desired->items.count; i++) {
        const Json *value = json_get_c(desired->items.items[i], key);
        if (!value || (value->kind == JSON_TEXT && is_applied_tag(value->text)))
            continue;
        push_element(c, value);
        compare(c, desired->items.items[i], find_element(live, key, value), false);
        c->path.length = length;
    }
    for (size_t i = 0; i < live->items.count; i++) {
        const Json *element = live->items.items[i];
        const Json *value = json_get_c(element, key);
        if (!value || find_element(desired, key, value) || is_foreign_tag(element) || (value->kind == JSON_TEXT && is_applied_tag(value->text)))
            continue;
        push_element(c, value);
        record(c, element, NULL, false);
        c->path.length = length;
    }
}

static bool is_match(Comparison *c, const Json *desired, const Json *live)
{
    Comparison silent = {.plan = c->plan, .item = c->item, .is_silent = true};
    compare(&silent, desired, live, false);
    buffer_free(&silent.path);
    return !silent.differs;
}

/* As sets: each desired element takes the first live one that it does not differ from. */
static void compare_sets(Comparison *c, const Json *desired, const Json *live)
{
    bool *taken = ARENA_NEW_ARRAY(c->plan->arena, bool, live->items.count + 1);
    size_t length = c->path.length;
    for (size_t i = 0; i < desired->items.count; i++) {
        size_t j = 0;
        while (j < live->items.count && (taken[j] || !is_match(c, desired->items.items[i], live->items.items[j])))
            j++;
        if (j < live->items.count) {
            taken[j] = true;
            continue;
        }
        buffer_add_format(&c->path, "[%zu]", i);
        record(c, NULL, desired->items.items[i], false);
        c->path.length = length;
    }
    for (size_t j = 0; j < live->items.count; j++) {
        if (taken[j])
            continue;
        buffer_add_format(&c->path, "[%zu]", j);
        record(c, live->items.items[j], NULL, false);
        c->path.length = length;
    }
}

static void compare_ordered(Comparison *c, const Json *desired, const Json *live, bool forces)
{
    bool same = desired->items.count == live->items.count;
    for (size_t i = 0; same && i < desired->items.count; i++)
        same = is_match(c, desired->items.items[i], live->items.items[i]);
    if (!same)
        record(c, live, desired, forces);
}

static bool is_ordered(const Comparison *c)
{
    Text path = buffer_text(&c->path);
    for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++)
        if (text_ends_with(path, text_from_c(ordered[i])))
            return true;
    return false;
}

/* A list of subnets may be one reference to all of them. */
static bool stands_for_list(const Comparison *c, const Json *desired)
{
    if (desired->items.count != 1 || desired->items.items[0]->kind != JSON_REFERENCE)
        return false;
    Buffer text = {0};
    Known known = resolve_reference(c, desired->items.items[0], &text);
    buffer_free(&text);
    return known == KNOWN_AT_APPLY;
}

/* --- permissions of security groups --- */

static const struct {
    const char *list;
    const char *member;
} peer_lists[] = {{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}, {"UserIdGroupPairs", "GroupId"}, {"PrefixListIds", "PrefixListId"}};

/* EC2 answers all peers of the same ports as one permission, however they came: here each peer is a permission of its own. Descriptions and
   the account of a group are no difference. */
static Json *split_permissions(Arena *arena, const Json *permissions)
{
    static const char *const kept[] = {"FromPort", "IpProtocol", "ToPort"};
    Json *all = json_array(arena);
    for (size_t i = 0; i < permissions->items.count; i++) {
        for (size_t j = 0; j < sizeof peer_lists / sizeof *peer_lists; j++) {
            const Json *peers = json_get_c(permissions->items.items[i], peer_lists[j].list);
            for (size_t k = 0; peers && peers->kind == JSON_ARRAY && k < peers->items.count; k++) {
                Json *permission = json_at(json_object(arena), peers->items.items[k]->origin);
                Json *list = json_array(arena);
                Json *peer = json_object(arena);
                for (size_t n = 0; n < sizeof kept / sizeof *kept; n++)
                    json_set_c(arena, permission, kept[n], json_get_c(permissions->items.items[i], kept[n]));
                json_set_c(arena, peer, peer_lists[j].member, json_get_c(peers->items.items[k], peer_lists[j].member));
                json_add(arena, list, peer);
                json_set_c(arena, permission, peer_lists[j].list, list);
                json_add(arena, all, permission);
            }
        }
    }
    return all;
}

/* Rules that stand beside a group of the file are the group's too. */
static Json *all_permissions(Comparison *c, const Json *desired)
{
    Json *all = split_permissions(c->plan->arena, desired);
    if (c->item->kind != RESOURCE_SECURITY_GROUP)
        return all;
    ResourceKind kind = text_starts_with(buffer_text(&c->path), TEXT("AuthorizeSecurityGroupEgress")) ? RESOURCE_SECURITY_GROUP_EGRESS
                                                                                                      : RESOURCE_SECURITY_GROUP_RULE;
    for (size_t i = 0; i < c->plan->resources->items.count; i++) {
        const Resource *rule = c->plan->resources->items.items[i];
        const Json *group = rule->kind == kind ? json_get_c(rule->input, "GroupId") : NULL;
        const Json *permissions = rule->kind == kind ? json_get_c(rule->input, "IpPermissions") : NULL;
        if (!group || !permissions || group->kind != JSON_REFERENCE || !text_equal(group->reference->resource, c->item->id))
            continue;
        const Json *beside = split_permissions(c->plan->arena, permissions);
        for (size_t j = 0; j < beside->items.count; j++)
            json_add(c->plan->arena, all, beside->items.items[j]);
    }
    return all;
}

/* And so are those that were recorded by themselves: another file may declare them, and one that nobody does goes by itself. */
static void add_recorded_rules(Comparison *c, Json *all)
{
    const Recording *live = c->plan->live;
    const char *operation = text_starts_with(buffer_text(&c->path), TEXT("AuthorizeSecurityGroupEgress")) ? "AuthorizeSecurityGroupEgress"
                                                                                                            : "AuthorizeSecurityGroupIngress";
    Text group = c->item->recorded ? recorded_attribute(c->plan->arena, c->item->recorded, TEXT(ATTRIBUTE_ID)) : TEXT_NONE;
    for (size_t i = 0; group.len && i < live->items.count; i++) {
        const RecordedResource *rule = &live->items.items[i];
        if (!recorded_is_kind(rule, RESOURCE_SECURITY_GROUP_RULE) || !text_equal_c(text_from_c(recorded_rule_operation(rule)), operation) ||
            !text_equal(recorded_rule_group(rule), group))
            continue;
        const Json *input = json_get_c(recorded_document(c->plan->arena, rule, rule->kind), resource_facts(rule->kind)->operation);
        const Json *permissions = split_permissions(c->plan->arena, json_get_c(input, "IpPermissions"));
        for (size_t j = 0; j < permissions->items.count; j++)
            json_add(c->plan->arena, all, permissions->items.items[j]);
    }
}

/* What a group itself lacks is added; what stands beside it is the business of that rule. */
static void compare_permissions(Comparison *c, const Json *desired, const Json *live)
{
    const Json *own = split_permissions(c->plan->arena, desired);
    Json *all = all_permissions(c, desired);
    if (c->item->kind == RESOURCE_SECURITY_GROUP)
        add_recorded_rules(c, all);
    const Json *present = split_permissions(c->plan->arena, live);
    size_t length = c->path.length;
    for (int side = 0; side < 2; side++) {
        const Json *from = side ? present : own;
        const Json *to = side ? all : present;
        for (size_t i = 0; i < from->items.count; i++) {
            bool found = false;
            for (size_t j = 0; j < to->items.count && !found; j++)
                found = side ? is_match(c, to->items.items[j], from->items.items[i]) : is_match(c, from->items.items[i], to->items.items[j]);
            if (found)
                continue;
            buffer_add_format(&c->path, "[%zu]", i);
            record(c, side ? from->items.items[i] : NULL, side ? NULL : from->items.items[i], false);
            c->path.length = length;
        }
    }
}

/* One reference to all of a list that was looked up: its elements. */
static const Json *looked_up_list(const Comparison *c, const Json *desired)
{
    const ReadJson *lookups = c->plan->live ? c->plan->live->lookups : NULL;
    if (!lookups || desired->items.count != 1 || desired->items.items[0]->kind != JSON_REFERENCE)
        return NULL;
    const JsonReference *reference = desired->items.items[0]->reference;
    Text key = arena_format(c->plan->arena, "%.*s#%.*s", TEXT_ARG(reference->resource), TEXT_ARG(reference->attribute));
    const ReadJson *found = json_read_member(lookups, key.ptr);
    if (!found || found->kind != READ_ARRAY)
        return NULL;
    Json *list = json_array(c->plan->arena);
    for (size_t i = 0; i < found->items.count; i++)
        json_add(c->plan->arena, list, json_at(json_text(c->plan->arena, json_read_text(found->items.items[i])), desired->items.items[0]->origin));
    return list;
}

static void compare_arrays(Comparison *c, const Json *desired, const Json *live, bool forces)
{
    const Json *list = looked_up_list(c, desired);
    if (list) {
        compare_sets(c, list, live);
        return;
    }
    if (stands_for_list(c, desired))
        return;
    const char *key = desired->items.count ? element_key(desired->items.items[0]) : live->items.count ? element_key(live->items.items[0]) : NULL;
    if (text_ends_with(buffer_text(&c->path), TEXT("IpPermissions")))
        compare_permissions(c, desired, live);
    else if (is_ordered(c))
        compare_ordered(c, desired, live, forces);
    else if (key)
        compare_keyed(c, desired, live, key);
    else
        compare_sets(c, desired, live);
}

/* --- a value --- */

static void compare(Comparison *c, const Json *desired, const Json *live, bool forces)
{
    if (!live) {
        if (!is_empty(desired))
            record(c, NULL, desired, false); /* what a recording leaves out is no reason to replace what runs */
        return;
    }
    switch (desired->kind) {
    case JSON_NULL:
    case JSON_UNKNOWN: break;
    case JSON_BOOL:
    case JSON_NUMBER:
        if (live->kind == JSON_TEXT)
            compare_text(c, desired, live, forces);
        else if (!json_equal(desired, live))
            record(c, live, desired, forces);
        break;
    case JSON_TEXT:
    case JSON_REFERENCE:
    case JSON_JOINED: compare_text(c, desired, live, forces); break;
    case JSON_EMBEDDED: compare(c, desired->embedded, live, forces); break;
    case JSON_ARRAY:
        if (live->kind == JSON_ARRAY)
            compare_arrays(c, desired, live, forces);
        else
            record(c, live, desired, forces);
        break;
    case JSON_OBJECT:
        if (live->kind == JSON_OBJECT)
            compare_objects(c, desired, live);
        else
            record(c, live, desired, forces);
        break;
    }
}

/* Inline policies that svc did not write: each goes by itself. */
static void record_policies(Comparison *c, const Json *policies)
{
    size_t length = c->path.length;
    for (size_t i = 0; i < policies->members.count; i++) {
        buffer_add_format(&c->path, "[%.*s]", TEXT_ARG(policies->members.items[i].key));
        record(c, policies->members.items[i].value, NULL, false);
        c->path.length = length;
    }
}

static bool is_restart(const PlanItem *item, Text path)
{
    return item->kind == RESOURCE_SERVICE && text_equal_c(path, PLAN_RESTART);
}

/* What runs is new enough, or it is not. */
static void compare_restart(Comparison *c, const Json *desired, const Json *live)
{
    if (desired->kind == JSON_TEXT && live && live->kind == JSON_TEXT && restart_is_due(desired->text, live->text))
        record(c, live, desired, false);
}

static void compare_item(Plan *plan, PlanItem *item)
{
    const char *creating = resource_facts(item->kind)->operation;
    Comparison c = {.plan = plan, .item = item};
    for (size_t i = 0; i < item->desired->members.count; i++) {
        const JsonMember *member = &item->desired->members.items[i];
        const Json *live = json_get(item->live, member->key);
        if (is_ignored(&c, member->key))
            continue;
        c.is_creation = text_equal_c(member->key, creating);
        c.path.length = 0;
        if (!c.is_creation)
            push_member(&c, member->key);
        if (is_restart(item, member->key)) {
            compare_restart(&c, member->value, live);
            continue;
        }
        if (!live)
            record(&c, NULL, member->value, false);
        else
            compare(&c, member->value, live, false);
    }
    for (size_t i = 0; i < item->live->members.count; i++) {
        const JsonMember *member = &item->live->members.items[i];
        if (json_get(item->desired, member->key) || !is_own_removal(&c, member->key, member->value))
            continue;
        c.path.length = 0;
        push_member(&c, member->key);
        if (text_equal_c(member->key, "policies"))
            record_policies(&c, member->value);
        else
            record(&c, member->value, NULL, false);
    }
    buffer_free(&c.path);
    item->action = item->changes.count ? PLAN_CHANGE : PLAN_UNCHANGED;
    for (size_t i = 0; i < item->changes.count; i++)
        if (item->changes.items[i].forces_replacement)
            item->action = PLAN_REPLACE;
}

/* --- the items --- */

Json *plan_document(Arena *arena, const Resource *resource)
{
    const char *creating = resource_facts(resource->kind)->operation;
    Json *all = json_object(arena);
    for (size_t i = 0; resource->more && i < resource->more->members.count; i++)
        json_set(arena, all, resource->more->members.items[i].key, resource->more->members.items[i].value);
    if (!resource->input)
        return all;
    if (resource->kind != RESOURCE_ROLE) {
        json_set_c(arena, all, creating, resource->input);
        return all;
    }
    /* A role's trust is compared as the document it is. */
    Json *input = json_object(arena);
    for (size_t i = 0; i < resource->input->members.count; i++)
        if (!text_equal_c(resource->input->members.items[i].key, "AssumeRolePolicyDocument"))
            json_set(arena, input, resource->input->members.items[i].key, resource->input->members.items[i].value);
    json_set_c(arena, all, creating, input);
    return all;
}

static void add_item(Plan *plan, const Resource *resource)
{
    PlanItem *item = ARENA_NEW(plan->arena, PlanItem);
    *item = (PlanItem){.action = PLAN_CREATE,
                       .kind = resource->kind,
                       .id = resource->id,
                       .service = resource->service,
                       .name = resource->name,
                       .resource = resource,
                       .recorded = recording_find(plan->live, resource->id),
                       .desired = plan_document(plan->arena, resource),
                       .applied = plan_applied_value(plan->arena, resource),
                       .origin = resource->origin};
    if (item->recorded && !recorded_is_kind(item->recorded, item->kind))
        item->recorded = NULL;
    if (item->recorded)
        item->live = recorded_document(plan->arena, item->recorded, item->kind);
    ARRAY_PUSH(plan->arena, &plan->items, item);
    plan->index[index_place(plan, item->id)] = item;
}

/* A reference to what is made anew: that one differs, and not what refers to it. */
static bool is_consequence(const Plan *plan, const PlanChange *change)
{
    const PlanItem *item = change->after && change->after->kind == JSON_REFERENCE ? plan_find_item(plan, change->after->reference->resource) : NULL;
    return item && plan_is_renewed(item);
}

/* Where the difference comes from. */
static void find_cause(const Plan *plan, PlanItem *item)
{
    Text applied = recorded_tag(item->recorded, PLAN_APPLIED_TAG);
    bool is_outside = text_equal(applied, item->applied);
    if (item->changes.count == 1 && is_restart(item, item->changes.items[0].path)) {
        item->cause = PLAN_CAUSE_FILE; /* somebody changed a secret, and nothing of the service */
        return;
    }
    if (!item->applied.len || !applied.len)
        return;
    for (size_t i = 0; is_outside && i < item->changes.count; i++)
        if (!is_consequence(plan, &item->changes.items[i]))
            item->cause = PLAN_CAUSE_OUTSIDE;
    if (item->cause != PLAN_CAUSE_OUTSIDE)
        item->cause = PLAN_CAUSE_FILE;
}

/* What has no such tag is put down to the file where something else of its service is. */
static void spread_causes(Plan *plan)
{
    for (size_t i = 0; i < plan->items.count; i++) {
        PlanItem *item = plan->items.items[i];
        bool is_told = item->recorded && item->applied.len;
        for (size_t j = 0; !is_told && item->service.len && j < plan->items.count && item->cause == PLAN_CAUSE_UNKNOWN; j++)
            if (plan->items.items[j]->cause == PLAN_CAUSE_FILE && plan->items.items[j]->changes.count && plan->items.items[j]->applied.len && text_equal(plan->items.items[j]->service, item->service))
                item->cause = PLAN_CAUSE_FILE;
    }
}

static bool has_own_tags(const Plan *plan, const RecordedResource *recorded)
{
    return text_equal(recorded_tag(recorded, "svc:project"), plan->model->project) &&
           text_equal(recorded_tag(recorded, "svc:environment"), plan->model->environment.name);
}

/* By its tags; what has none belongs to what it is part of, which may be a part too. */
static bool is_own(const Plan *plan, const RecordedResource *recorded)
{
    enum { PARTS_MAX = 4 };
    for (unsigned depth = 0; recorded && depth < PARTS_MAX; depth++) {
        if (recorded_has_tags(recorded))
            return has_own_tags(plan, recorded);
        recorded = recorded->parent.len ? recording_find(plan->live, recorded->parent) : NULL;
    }
    return false;
}

static Text service_of(const RecordedResource *recorded)
{
    Text service = recorded_has_tags(recorded) ? recorded_tag(recorded, "svc:service") : TEXT_NONE;
    Text first = text_slice(recorded->id, 0, text_find_byte(recorded->id, '/'));
    return service.len || recorded_has_tags(recorded) || text_equal_c(first, EMIT_SHARED) ? service : first;
}

/* Whether another file of the project may declare it. What services share may be any file's. */
static bool is_others(const Plan *plan, Text service)
{
    bool found = plan->others && !service.len;
    for (size_t i = 0; plan->others && i < plan->others->services.count && !found; i++)
        found = text_equal(plan->others->services.items[i], service);
    return found;
}

/* What is this project's and environment's and is no longer declared. */
static void add_deletions(Plan *plan)
{
    for (size_t i = 0; plan->live && i < plan->live->items.count; i++) {
        const RecordedResource *recorded = &plan->live->items.items[i];
        if (resources_find(plan->resources, recorded->id) || !is_own(plan, recorded))
            continue;
        Text service = service_of(recorded);
        if (is_others(plan, service)) {
            plan->spared++;
            continue;
        }
        PlanItem *item = ARENA_NEW(plan->arena, PlanItem);
        *item = (PlanItem){.action = PLAN_DELETE,
                           .kind = recorded->kind,
                           .id = recorded->id,
                           .service = service,
                           .name = recorded_attribute(plan->arena, recorded, TEXT(ATTRIBUTE_NAME)),
                           .recorded = recorded,
                           .live = recorded_document(plan->arena, recorded, recorded->kind),
                           .origin = SPAN_NONE};
        ARRAY_PUSH(plan->arena, &plan->items, item);
    }
}

void plan_compare(Plan *plan)
{
    plan->index_capacity = 64;
    while (plan->index_capacity < 2 * plan->resources->items.count)
        plan->index_capacity *= 2;
    plan->index = ARENA_NEW_ARRAY(plan->arena, PlanItem *, plan->index_capacity);
    for (size_t i = 0; i < plan->resources->items.count; i++)
        if (plan->resources->items.items[i]->kind != RESOURCE_ROLLOUT)
            add_item(plan, plan->resources->items.items[i]);
    /* In the order of the items: what is referred to stands before what refers to it, but for groups that name each other. */
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i]->live)
            plan->items.items[i]->action = PLAN_UNCHANGED;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i]->live) {
            compare_item(plan, plan->items.items[i]);
            find_cause(plan, plan->items.items[i]);
        }
    spread_causes(plan);
    add_deletions(plan);
    for (size_t i = 0; i < plan->items.count; i++) {
        PlanAction action = plan->items.items[i]->action;
        plan->added += action == PLAN_CREATE || action == PLAN_REPLACE;
        plan->destroyed += action == PLAN_DELETE || action == PLAN_REPLACE;
        plan->changed += action == PLAN_CHANGE;
        plan->unchanged += action == PLAN_UNCHANGED;
    }
}

bool plan_has_changes(const Plan *plan)
{
    if (plan->added + plan->changed + plan->destroyed > 0)
        return true;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i]->kind == RESOURCE_SERVICE && plan_rollout_state(plan, plan->items.items[i]->service).len)
            return true; /* applying goes on with it */
    return false;
}

Text plan_fingerprint(Arena *arena, const Json *json)
{
    char digest[SHA256_HEX_LENGTH + 1];
    Buffer text = {0};
    if (json)
        json_write(&text, json, 0);
    else
        buffer_add_c(&text, "null");
    sha256_hex(digest, buffer_text(&text));
    buffer_free(&text);
    return arena_copy_text(arena, (Text){digest, SHA256_HEX_LENGTH});
}
