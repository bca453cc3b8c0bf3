#include "plan/calls.h"

#include "emit/write.h"
#include "schema/schema.h"

/* --- tables --- */

/* An operation that changes some members of what exists. */
typedef struct UpdateRow {
    ResourceKind kind;
    const char *operation;
    const char *identity;  /* the member that says which one */
    const char *attribute; /* of the resource, which that member takes */
    const char *members;   /* of the creating input, separated by blanks; NULL: all of them, and no identity beside them */
} UpdateRow;

static const UpdateRow updates[] = {
    {RESOURCE_CLUSTER, "UpdateCluster", "cluster", ATTRIBUTE_NAME, "settings configuration serviceConnectDefaults"},
    {RESOURCE_CLUSTER, "PutClusterCapacityProviders", "cluster", ATTRIBUTE_NAME, "capacityProviders defaultCapacityProviderStrategy"},
    {RESOURCE_METRIC_FILTER, "PutMetricFilter", NULL, NULL, NULL},
    {RESOURCE_ROLE, "UpdateRole", "RoleName", ATTRIBUTE_NAME, "Description MaxSessionDuration"},
    {RESOURCE_LOAD_BALANCER, "SetSubnets", "LoadBalancerArn", ATTRIBUTE_ARN, "Subnets"},
    {RESOURCE_LOAD_BALANCER, "SetSecurityGroups", "LoadBalancerArn", ATTRIBUTE_ARN, "SecurityGroups"},
    {RESOURCE_LOAD_BALANCER, "SetIpAddressType", "LoadBalancerArn", ATTRIBUTE_ARN, "IpAddressType"},
    {RESOURCE_LISTENER, "ModifyListener", "ListenerArn", ATTRIBUTE_ARN, "AlpnPolicy Certificates DefaultActions MutualAuthentication Port Protocol SslPolicy"},
    {RESOURCE_TARGET_GROUP, "ModifyTargetGroup", "TargetGroupArn", ATTRIBUTE_ARN,
     "HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol HealthCheckTimeoutSeconds "
     "HealthyThresholdCount Matcher UnhealthyThresholdCount"},
    {RESOURCE_LISTENER_RULE, "ModifyRule", "RuleArn", ATTRIBUTE_ARN, "Actions Conditions Transforms"},
    {RESOURCE_TASK_DEFINITION, "RegisterTaskDefinition", NULL, NULL, NULL},
    {RESOURCE_SERVICE, "UpdateService", "service", ATTRIBUTE_NAME,
     "availabilityZoneRebalancing capacityProviderStrategy deploymentConfiguration desiredCount enableECSManagedTags enableExecuteCommand "
     "healthCheckGracePeriodSeconds loadBalancers networkConfiguration placementConstraints placementStrategy platformVersion propagateTags "
     "serviceConnectConfiguration serviceRegistries taskDefinition volumeConfigurations vpcLatticeConfigurations"},
    {RESOURCE_SCALABLE_TARGET, "RegisterScalableTarget", NULL, NULL, NULL},
    {RESOURCE_SCALING_POLICY, "PutScalingPolicy", NULL, NULL, NULL},
    {RESOURCE_SCHEDULED_ACTION, "PutScheduledAction", NULL, NULL, NULL},
    {RESOURCE_ALARM, "PutMetricAlarm", NULL, NULL, NULL},
    {RESOURCE_DASHBOARD, "PutDashboard", NULL, NULL, NULL},
    {RESOURCE_PARAMETER, "PutParameter", NULL, NULL, NULL},
    {RESOURCE_SCHEDULE, "UpdateSchedule", NULL, NULL, NULL},
};

/* How tags of what exists are set. */
typedef struct TagRow {
    ResourceKind kind;
    const char *operation;
    const char *identity;
    const char *attribute;
    bool is_list; /* the identity is a list of one */
    const char *tags;
} TagRow;

static const TagRow tag_rows[] = {
    {RESOURCE_CLUSTER, "TagResource", "resourceArn", ATTRIBUTE_ARN, false, "tags"},
    {RESOURCE_SERVICE, "TagResource", "resourceArn", ATTRIBUTE_ARN, false, "tags"},
    {RESOURCE_LOG_GROUP, "TagResource", "resourceArn", ATTRIBUTE_ARN, false, "tags"},
    {RESOURCE_ROLE, "TagRole", "RoleName", ATTRIBUTE_NAME, false, "Tags"},
    {RESOURCE_SECURITY_GROUP, "CreateTags", "Resources", ATTRIBUTE_ID, true, "TagSpecifications"},
    {RESOURCE_LOAD_BALANCER, "AddTags", "ResourceArns", ATTRIBUTE_ARN, true, "Tags"},
    {RESOURCE_LISTENER, "AddTags", "ResourceArns", ATTRIBUTE_ARN, true, "Tags"},
    {RESOURCE_TARGET_GROUP, "AddTags", "ResourceArns", ATTRIBUTE_ARN, true, "Tags"},
    {RESOURCE_LISTENER_RULE, "AddTags", "ResourceArns", ATTRIBUTE_ARN, true, "Tags"},
    {RESOURCE_ALARM, "TagResource", "ResourceARN", ATTRIBUTE_ARN, false, "Tags"},
    {RESOURCE_PARAMETER, "AddTagsToResource", "ResourceId", ATTRIBUTE_NAME, false, "Tags"},
};

/* How it is deleted. */
typedef struct DeleteRow {
    ResourceKind kind;
    const char *operation;
    const char *identity;
    const char *attribute; /* NULL: the member of that name in what was recorded, with those that follow */
    bool is_list;
} DeleteRow;

static const DeleteRow deletes[] = {
    {RESOURCE_CLUSTER, "DeleteCluster", "cluster", ATTRIBUTE_NAME, false},
    {RESOURCE_LOG_GROUP, "DeleteLogGroup", "logGroupName", ATTRIBUTE_NAME, false},
    {RESOURCE_METRIC_FILTER, "DeleteMetricFilter", "filterName", ATTRIBUTE_NAME, false},
    {RESOURCE_ROLE, "DeleteRole", "RoleName", ATTRIBUTE_NAME, false},
    {RESOURCE_SECURITY_GROUP, "DeleteSecurityGroup", "GroupId", ATTRIBUTE_ID, false},
    {RESOURCE_LOAD_BALANCER, "DeleteLoadBalancer", "LoadBalancerArn", ATTRIBUTE_ARN, false},
    {RESOURCE_LISTENER, "DeleteListener", "ListenerArn", ATTRIBUTE_ARN, false},
    {RESOURCE_TARGET_GROUP, "DeleteTargetGroup", "TargetGroupArn", ATTRIBUTE_ARN, false},
    {RESOURCE_LISTENER_RULE, "DeleteRule", "RuleArn", ATTRIBUTE_ARN, false},
    {RESOURCE_TASK_DEFINITION, "DeregisterTaskDefinition", "taskDefinition", ATTRIBUTE_ARN, false},
    {RESOURCE_SERVICE, "DeleteService", "service", ATTRIBUTE_NAME, false},
    {RESOURCE_SCALABLE_TARGET, "DeregisterScalableTarget", "ResourceId", ATTRIBUTE_ID, false},
    {RESOURCE_SCALING_POLICY, "DeleteScalingPolicy", "PolicyName", ATTRIBUTE_NAME, false},
    {RESOURCE_SCHEDULED_ACTION, "DeleteScheduledAction", "ScheduledActionName", ATTRIBUTE_NAME, false},
    {RESOURCE_ALARM, "DeleteAlarms", "AlarmNames", ATTRIBUTE_NAME, true},
    {RESOURCE_DASHBOARD, "DeleteDashboards", "DashboardNames", ATTRIBUTE_NAME, true},
    {RESOURCE_PARAMETER, "DeleteParameters", "Names", ATTRIBUTE_NAME, true},
    {RESOURCE_SCHEDULE, "DeleteSchedule", "Name", ATTRIBUTE_NAME, false},
};

/* Members of what was recorded that deletion needs beside the identity. */
static const char *const delete_companions[] = {"ResourceId", "ScalableDimension", "ServiceNamespace", "cluster", "logGroupName"};

/* --- helpers --- */

static void add_call(const Plan *plan, CallArray *out, const PlanItem *item, const char *action, const char *operation, Json *input)
{
    Call call = {action, resource_facts(item->kind)->service, text_from_c(operation), input, TEXT_NONE, NULL};
    ARRAY_PUSH(plan->arena, out, call);
}

/* Says what takes back the call that was added last; NULL for nothing. */
static void add_undo(const CallArray *out, const char *operation, Json *input)
{
    Call *call = &out->items[out->count - 1];
    call->undo_operation = input ? text_from_c(operation) : TEXT_NONE;
    call->undo_input = input;
}

static Json *copy_members(const Plan *plan, const Json *from, const char *except)
{
    Json *copy = json_object(plan->arena);
    for (size_t i = 0; i < from->members.count; i++)
        if (!except || !text_equal_c(from->members.items[i].key, except))
            json_set(plan->arena, copy, from->members.items[i].key, from->members.items[i].value);
    return copy;
}

/* What a step creates, whatever stood in its place before. */
static Json *new_identity(const Plan *plan, const PlanItem *item, const char *attribute)
{
    return json_reference(plan->arena, item->id, text_from_c(attribute), text_equal_c(text_from_c(attribute), ATTRIBUTE_NAME) ? item->name : TEXT_NONE);
}

/* What is live has a value of its own; what is not, a reference to what creates it. */
static Json *identity_of(const Plan *plan, const PlanItem *item, const char *attribute)
{
    Text text = item->recorded ? recorded_attribute(plan->arena, item->recorded, text_from_c(attribute)) : TEXT_NONE;
    if (text.len)
        return json_text(plan->arena, text);
    return new_identity(plan, item, attribute);
}

static Json *identity_member(const Plan *plan, Json *value, bool is_list)
{
    if (!is_list)
        return value;
    Json *list = json_array(plan->arena);
    json_add(plan->arena, list, value);
    return list;
}

/* Whether a change touches the member at the top of the creating input (or a further operation of this name). */
static bool touches(const PlanItem *item, Text member)
{
    for (size_t i = 0; i < item->changes.count; i++) {
        Text path = item->changes.items[i].path;
        if (text_starts_with(path, member) && (path.len == member.len || path.ptr[member.len] == '.' || path.ptr[member.len] == '['))
            return true;
    }
    return false;
}

static Json *further_input(const Plan *plan, const PlanItem *item, const char *operation, Json *input)
{
    static const struct {
        const char *operation;
        const char *identity;
        const char *attribute;
    } rows[] = {
        {"ModifyTargetGroupAttributes", "TargetGroupArn", ATTRIBUTE_ARN},
        {"ModifyLoadBalancerAttributes", "LoadBalancerArn", ATTRIBUTE_ARN},
        {"ModifyListenerAttributes", "ListenerArn", ATTRIBUTE_ARN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!text_equal_c(text_from_c(operation), rows[i].operation) || json_get_c(input, rows[i].identity))
            continue;
        Json *copy = copy_members(plan, input, NULL);
        json_set_c(plan->arena, copy, rows[i].identity, identity_of(plan, item, rows[i].attribute));
        return copy;
    }
    return input;
}

/* An operation may be called several times: then it has a list of inputs. */
static void add_further(const Plan *plan, const PlanItem *item, const JsonMember *member, const char *action, CallArray *out)
{
    const char *operation = arena_copy_text(plan->arena, member->key).ptr;
    Json *live = json_get(item->live, member->key);
    if (text_equal_c(member->key, PLAN_RESTART)) /* no operation: the service's update does it */
        return;
    if (member->value->kind != JSON_ARRAY) {
        add_call(plan, out, item, action, operation, further_input(plan, item, operation, member->value));
        if (item->action == PLAN_CHANGE && live)
            add_undo(out, operation, further_input(plan, item, operation, live));
        return;
    }
    for (size_t i = 0; i < member->value->items.count; i++)
        add_call(plan, out, item, action, operation, further_input(plan, item, operation, member->value->items.items[i]));
}

/* --- taking back --- */

static Json *delete_input(const Plan *plan, const PlanItem *item, const DeleteRow *row, const Json *source, Json *identity)
{
    Json *input = json_object(plan->arena);
    bool takes_companions = item->kind == RESOURCE_SERVICE || item->kind == RESOURCE_SCALABLE_TARGET || item->kind == RESOURCE_SCALING_POLICY ||
                            item->kind == RESOURCE_SCHEDULED_ACTION || item->kind == RESOURCE_METRIC_FILTER;
    for (size_t i = 0; takes_companions && i < sizeof delete_companions / sizeof *delete_companions; i++)
        json_set_c(plan->arena, input, delete_companions[i], json_get_c(source, delete_companions[i]));
    if (!json_get_c(input, row->identity))
        json_set_c(plan->arena, input, row->identity, identity_member(plan, identity, row->is_list));
    if (item->kind == RESOURCE_SERVICE)
        json_set_c(plan->arena, input, "force", json_bool(plan->arena, true));
    return input;
}

static const DeleteRow *find_delete(ResourceKind kind)
{
    for (size_t i = 0; i < sizeof deletes / sizeof *deletes; i++)
        if (deletes[i].kind == kind)
            return &deletes[i];
    return NULL;
}

/* What was created is deleted. */
static void undo_creation(const Plan *plan, const PlanItem *item, CallArray *out)
{
    const DeleteRow *row = find_delete(item->kind);
    const Json *input = out->items[out->count - 1].input;
    if (item->kind == RESOURCE_SECURITY_GROUP_RULE)
        add_undo(out, "RevokeSecurityGroupIngress", copy_members(plan, input, "TagSpecifications"));
    else if (item->kind == RESOURCE_SECURITY_GROUP_EGRESS)
        add_undo(out, "RevokeSecurityGroupEgress", copy_members(plan, input, "TagSpecifications"));
    else if (row)
        add_undo(out, row->operation, delete_input(plan, item, row, input, new_identity(plan, item, row->attribute)));
}

/* What was live in the form of the call's input: those of its members that AWS's answer had. NULL without what the operation requires. */
static Json *live_input(const Plan *plan, const PlanItem *item, Text operation)
{
    const Json *live = json_get_c(item->live, resource_facts(item->kind)->operation);
    const SchemaService *service = schema_find_service(text_from_c(resource_facts(item->kind)->service));
    SchemaOperation found;
    if (!live || !service || !schema_find_operation(service, operation, &found) || !found.has_input)
        return NULL;
    Json *input = json_object(plan->arena);
    for (size_t i = 0; i < schema_member_count(found.input); i++) {
        SchemaMember member = schema_member_at(found.input, i);
        Json *value = json_get(live, member.name);
        if (!value && member.required)
            return NULL;
        const Json *desired = json_get(item->resource->input, member.name);
        bool is_embedded = value && desired && desired->kind == JSON_EMBEDDED && value->kind != JSON_TEXT;
        json_set(plan->arena, input, member.name, is_embedded ? json_embedded(plan->arena, value) : value);
    }
    return input;
}

/* --- roles --- */

static Json *role_input(const Plan *plan, const PlanItem *item)
{
    Json *input = json_object(plan->arena);
    json_set_c(plan->arena, input, "RoleName", identity_of(plan, item, ATTRIBUTE_NAME));
    return input;
}

static void add_role_policy(const Plan *plan, const PlanItem *item, const char *action, Json *document, CallArray *out)
{
    Json *input = role_input(plan, item);
    json_set_c(plan->arena, input, "PolicyName", json_text_c(plan->arena, ROLE_POLICY_NAME));
    json_set_c(plan->arena, input, "PolicyDocument", document ? json_embedded(plan->arena, document) : NULL);
    add_call(plan, out, item, action, document ? "PutRolePolicy" : "DeleteRolePolicy", input);
}

static void add_managed(const Plan *plan, const PlanItem *item, const char *action, const char *operation, Json *arn, CallArray *out)
{
    Json *input = role_input(plan, item);
    json_set_c(plan->arena, input, "PolicyArn", arn);
    add_call(plan, out, item, action, operation, input);
}

/* The inline policies that svc did not write; with `chosen` also the one that stood for its own. */
static void drop_policies(const Plan *plan, const PlanItem *item, const char *action, bool chosen, CallArray *out)
{
    const Json *others = json_get_c(item->live, "policies");
    Json *name = json_get_c(item->live, "policy-name");
    for (size_t i = 0; i <= json_length(others); i++) {
        bool is_other = i < json_length(others);
        Json *which = is_other ? json_text(plan->arena, others->members.items[i].key) : name;
        if (!is_other && (!chosen || !name || text_equal_c(name->text, ROLE_POLICY_NAME)))
            continue;
        Json *input = role_input(plan, item);
        Json *back = role_input(plan, item);
        json_set_c(plan->arena, input, "PolicyName", which);
        json_set_c(plan->arena, back, "PolicyName", which);
        json_set_c(plan->arena, back, "PolicyDocument", json_embedded(plan->arena, is_other ? others->members.items[i].value : json_get_c(item->live, "policy")));
        add_call(plan, out, item, action, "DeleteRolePolicy", input);
        add_undo(out, "PutRolePolicy", back);
    }
}

/* Whether the policy that is live is the one that svc writes, by its name. */
static bool has_own_policy(const PlanItem *item)
{
    const Json *name = json_get_c(item->live, "policy-name");
    return name && text_equal_c(name->text, ROLE_POLICY_NAME);
}

/* Puts back the policy that was there, or takes away one where there was none. */
static void undo_policy(const Plan *plan, const PlanItem *item, CallArray *out)
{
    CallArray back = {0};
    Json *live = item->action == PLAN_CHANGE && has_own_policy(item) ? json_get_c(item->live, "policy") : NULL;
    add_role_policy(plan, item, "undo", live, &back);
    add_undo(out, live ? "PutRolePolicy" : "DeleteRolePolicy", back.items[0].input);
}

static void undo_managed(const CallArray *out, const char *operation)
{
    add_undo(out, operation, out->items[out->count - 1].input);
}

static void create_role(const Plan *plan, const PlanItem *item, CallArray *out)
{
    Json *policy = json_get_c(item->desired, "policy");
    const Json *managed = json_get_c(item->desired, "managed");
    add_call(plan, out, item, "create", "CreateRole", item->resource->input);
    undo_creation(plan, item, out);
    if (policy) {
        add_role_policy(plan, item, "create", policy, out);
        undo_policy(plan, item, out);
    }
    for (size_t i = 0; managed && i < managed->items.count; i++) {
        add_managed(plan, item, "create", "AttachRolePolicy", managed->items.items[i], out);
        undo_managed(out, "DetachRolePolicy");
    }
}

static bool has_item(const Json *list, const Json *item)
{
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++)
        if (json_equal(list->items.items[i], item))
            return true;
    return false;
}

/* A policy has no two statements of one Sid: an old one that stands beside its successor goes without. */
static Json *beside(const Plan *plan, const Json *new_statements, Json *old_statement)
{
    const Json *sid = json_get_c(old_statement, "Sid");
    for (size_t i = 0; sid && new_statements && i < new_statements->items.count; i++) {
        const Json *other = json_get_c(new_statements->items.items[i], "Sid");
        if (other && json_equal(other, sid))
            return copy_members(plan, old_statement, "Sid");
    }
    return old_statement;
}

/* Both the old statements and the new ones: what runs now may still need the old. */
static Json *union_policy(const Plan *plan, const Json *live, Json *desired, bool *widens, bool *narrows)
{
    const Json *old_statements = json_get_c(live, "Statement");
    const Json *new_statements = json_get_c(desired, "Statement");
    Json *all = json_array(plan->arena);
    for (size_t i = 0; new_statements && i < new_statements->items.count; i++) {
        json_add(plan->arena, all, new_statements->items.items[i]);
        *widens = *widens || !has_item(old_statements, new_statements->items.items[i]);
    }
    for (size_t i = 0; old_statements && old_statements->kind == JSON_ARRAY && i < old_statements->items.count; i++) {
        if (has_item(new_statements, old_statements->items.items[i]))
            continue;
        json_add(plan->arena, all, beside(plan, new_statements, old_statements->items.items[i]));
        *narrows = true;
    }
    Json *document = copy_members(plan, desired, "Statement");
    json_set_c(plan->arena, document, "Statement", all);
    return document;
}

static void change_policy(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    const Json *live = json_get_c(item->live, "policy");
    Json *desired = json_get_c(item->desired, "policy");
    bool widens = false;
    bool narrows = false;
    if (!desired && has_own_policy(item)) {
        add_role_policy(plan, item, "narrow", NULL, after);
        undo_policy(plan, item, after);
    }
    if (!desired)
        return;
    Json *both = union_policy(plan, live, desired, &widens, &narrows);
    if (widens) {
        add_role_policy(plan, item, "widen", narrows ? both : desired, before);
        undo_policy(plan, item, before);
    }
    if (narrows || !widens) {
        add_role_policy(plan, item, "narrow", desired, after);
        undo_policy(plan, item, after);
    }
}

static void change_role(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    const Json *live = json_get_c(item->live, "managed");
    const Json *desired = json_get_c(item->desired, "managed");
    if (touches(item, TEXT("trust"))) {
        Json *input = role_input(plan, item);
        json_set_c(plan->arena, input, "PolicyDocument", json_embedded(plan->arena, json_get_c(item->desired, "trust")));
        add_call(plan, before, item, "change", "UpdateAssumeRolePolicy", input);
        Json *trust = json_get_c(item->live, "trust");
        Json *back = trust ? copy_members(plan, input, NULL) : NULL;
        if (back)
            json_set_c(plan->arena, back, "PolicyDocument", json_embedded(plan->arena, trust));
        add_undo(before, "UpdateAssumeRolePolicy", back);
    }
    if (touches(item, TEXT("policy")))
        change_policy(plan, item, before, after);
    drop_policies(plan, item, "narrow", touches(item, TEXT("policy")), after);
    for (size_t i = 0; desired && i < desired->items.count; i++)
        if (!has_item(live, desired->items.items[i])) {
            add_managed(plan, item, "widen", "AttachRolePolicy", desired->items.items[i], before);
            undo_managed(before, "DetachRolePolicy");
        }
    for (size_t i = 0; live && i < live->items.count; i++)
        if (!has_item(desired, live->items.items[i])) {
            add_managed(plan, item, "narrow", "DetachRolePolicy", live->items.items[i], after);
            undo_managed(after, "AttachRolePolicy");
        }
}

static void delete_role_content(const Plan *plan, const PlanItem *item, CallArray *out)
{
    const Json *live = json_get_c(item->live, "managed");
    for (size_t i = 0; live && i < live->items.count; i++)
        add_managed(plan, item, "delete", "DetachRolePolicy", live->items.items[i], out);
    if (has_own_policy(item))
        add_role_policy(plan, item, "delete", NULL, out);
    drop_policies(plan, item, "delete", true, out);
}

/* --- security groups --- */

/* The permissions that a change adds or removes. */
static Json *changed_permissions(const Plan *plan, const PlanItem *item, const char *operation, bool added)
{
    bool is_rule = item->kind != RESOURCE_SECURITY_GROUP;
    if (is_rule && !text_equal_c(text_from_c(operation), resource_facts(item->kind)->operation))
        return NULL;
    Text prefix = is_rule ? TEXT("IpPermissions[") : arena_format(plan->arena, "%s.IpPermissions[", operation);
    Json *list = json_array(plan->arena);
    for (size_t i = 0; i < item->changes.count; i++) {
        const PlanChange *change = &item->changes.items[i];
        bool is_whole = text_equal_c(change->path, operation);
        const Json *value = added ? change->after : change->before;
        if (!value || !(is_whole || text_starts_with(change->path, prefix)))
            continue;
        const Json *all = is_whole ? json_get_c(value, "IpPermissions") : NULL;
        for (size_t j = 0; all && all->kind == JSON_ARRAY && j < all->items.count; j++)
            json_add(plan->arena, list, all->items.items[j]);
        if (!is_whole) {
            Json *copy = ARENA_NEW(plan->arena, Json);
            *copy = *value;
            json_add(plan->arena, list, copy);
        }
    }
    return json_length(list) ? list : NULL;
}

static bool is_rule_kind(ResourceKind kind)
{
    return kind == RESOURCE_SECURITY_GROUP_RULE || kind == RESOURCE_SECURITY_GROUP_EGRESS;
}

static void change_security_group(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    static const struct {
        const char *authorize;
        const char *revoke;
    } sides[] = {{"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"}, {"AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        for (int added = 1; added >= 0; added--) {
            Json *permissions = changed_permissions(plan, item, sides[i].authorize, added);
            if (!permissions)
                continue;
            Json *input = json_object(plan->arena);
            bool is_group = item->kind == RESOURCE_SECURITY_GROUP;
            json_set_c(plan->arena, input, "GroupId", is_group ? identity_of(plan, item, ATTRIBUTE_ID) : json_get_c(item->resource->input, "GroupId"));
            json_set_c(plan->arena, input, "IpPermissions", permissions);
            add_call(plan, added ? before : after, item, added ? "widen" : "narrow", added ? sides[i].authorize : sides[i].revoke, input);
            add_undo(added ? before : after, added ? sides[i].revoke : sides[i].authorize, input);
        }
    }
}

/* --- create, change, delete --- */

static void create_calls(const Plan *plan, const PlanItem *item, CallArray *out)
{
    const char *creating = resource_facts(item->kind)->operation;
    if (item->kind == RESOURCE_ROLE) {
        create_role(plan, item, out);
        return;
    }
    if (item->resource->input) {
        add_call(plan, out, item, "create", creating, item->resource->input);
        undo_creation(plan, item, out);
    }
    for (size_t i = 0; i < item->desired->members.count; i++)
        if (!text_equal_c(item->desired->members.items[i].key, creating))
            add_further(plan, item, &item->desired->members.items[i], "create", out);
}

/* The next word of a list separated by blanks; empty at the end. */
static Text next_member(Text *list)
{
    size_t end = text_find_byte(*list, ' ');
    Text member = text_slice(*list, 0, end);
    *list = end < list->len ? text_slice(*list, end + 1, list->len) : TEXT_NONE;
    return member;
}

/* The live weight of a target group in an action; NULL when it is not there. */
static Json *live_weight(const Plan *plan, const PlanItem *item, const Json *target)
{
    const Json *actions = json_get_c(json_get_c(item->live, resource_facts(item->kind)->operation), "Actions");
    const Json *arn = json_get_c(target, "TargetGroupArn");
    const PlanItem *group = arn && arn->kind == JSON_REFERENCE ? plan_find_item(plan, arn->reference->resource) : NULL;
    Text live = group && group->recorded ? recorded_attribute(plan->arena, group->recorded, TEXT(ATTRIBUTE_ARN)) : TEXT_NONE;
    for (size_t i = 0; live.len && i < json_length(actions); i++) {
        const Json *targets = json_get_c(json_get_c(actions->items.items[i], "ForwardConfig"), "TargetGroups");
        for (size_t j = 0; j < json_length(targets); j++) {
            const Json *found = json_get_c(targets->items.items[j], "TargetGroupArn");
            if (found && found->kind == JSON_TEXT && text_equal(found->text, live))
                return json_get_c(targets->items.items[j], "Weight");
        }
    }
    return NULL;
}

/* The actions of a rule with the weights that stand: they are the rollout's, and a change of something else must not move traffic. */
static Json *kept_weights(const Plan *plan, const PlanItem *item, Json *value)
{
    if (item->kind != RESOURCE_LISTENER_RULE || !value || value->kind == JSON_TEXT)
        return value;
    Json *copy = value;
    if (value->kind == JSON_ARRAY) {
        copy = json_array(plan->arena);
        for (size_t i = 0; i < value->items.count; i++)
            json_add(plan->arena, copy, kept_weights(plan, item, value->items.items[i]));
    } else if (value->kind == JSON_OBJECT) {
        Json *weight = json_get_c(value, "Weight") ? live_weight(plan, item, value) : NULL;
        copy = json_object(plan->arena);
        for (size_t i = 0; i < value->members.count; i++)
            json_set(plan->arena, copy, value->members.items[i].key, kept_weights(plan, item, value->members.items[i].value));
        if (weight)
            json_set_c(plan->arena, copy, "Weight", weight);
    }
    return copy;
}

/* New tasks of the same revision; and a service of a launch type takes a capacity provider strategy only with them (aws: UpdateService). */
static bool forces_deployment(const PlanItem *item, const Json *live)
{
    const Json *type = json_get_c(live, "launchType");
    bool has_type = type && type->kind == JSON_TEXT && type->text.len > 0;
    return touches(item, TEXT(PLAN_RESTART)) || (has_type && touches(item, TEXT("capacityProviderStrategy")));
}

/* Whether a listener will not forward any more by itself: the rules that take over come first. */
static bool is_narrower_listener(const PlanItem *item, const Json *live)
{
    const Json *actions = item->kind == RESOURCE_LISTENER && touches(item, TEXT("DefaultActions")) ? json_get_c(live, "DefaultActions") : NULL;
    for (size_t i = 0; i < json_item_count(actions); i++) {
        const Json *type = json_get_c(actions->items.items[i], "Type");
        if (type && type->kind == JSON_TEXT && text_equal_c(type->text, "forward"))
            return true;
    }
    return false;
}

static void update_call(const Plan *plan, const PlanItem *item, const UpdateRow *row, bool is_narrowing, CallArray *out)
{
    const Json *creating = item->resource->input;
    const Json *live = json_get_c(item->live, resource_facts(item->kind)->operation);
    Json *input = json_object(plan->arena);
    Json *back = json_object(plan->arena);
    Text rest = text_from_c(row->members);
    Text member;
    if (item->kind == RESOURCE_SERVICE && forces_deployment(item, live))
        json_set_c(plan->arena, input, "forceNewDeployment", json_bool(plan->arena, true));
    while ((member = next_member(&rest)).len) {
        if (!touches(item, member) || (is_narrower_listener(item, live) && text_equal_c(member, "DefaultActions") != is_narrowing))
            continue;
        json_set(plan->arena, input, member, kept_weights(plan, item, json_get(creating, member)));
        json_set(plan->arena, back, member, json_get(live, member));
    }
    if (!json_length(input) || !row->identity)
        return;
    bool has_back = json_length(back) > 0;
    Json *const both[] = {input, back};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        json_set_c(plan->arena, both[i], row->identity, identity_of(plan, item, row->attribute));
        if (item->kind == RESOURCE_SERVICE)
            json_set_c(plan->arena, both[i], "cluster", json_get_c(creating, "cluster"));
    }
    add_call(plan, out, item, is_narrowing ? "narrow" : "change", row->operation, input);
    add_undo(out, row->operation, has_back ? back : NULL);
}

/* Operations that overwrite take the whole input again, where anything but tags changed. */
static void overwrite_call(const Plan *plan, const PlanItem *item, const char *operation, CallArray *out)
{
    Json *input = copy_members(plan, item->resource->input, item->kind == RESOURCE_PARAMETER ? "Tags" : NULL);
    if (!plan_differs(item))
        return;
    if (item->kind == RESOURCE_PARAMETER)
        json_set_c(plan->arena, input, "Overwrite", json_bool(plan->arena, true));
    add_call(plan, out, item, "change", operation, input);
    if (item->kind == RESOURCE_TASK_DEFINITION) {
        undo_creation(plan, item, out); /* a revision of its own */
        return;
    }
    Json *back = live_input(plan, item, text_from_c(operation));
    if (back && item->kind == RESOURCE_PARAMETER) {
        back = copy_members(plan, back, "Tags");
        json_set_c(plan->arena, back, "Overwrite", json_bool(plan->arena, true));
    }
    add_undo(out, operation, back);
}

/* What changes gets the fingerprint of what it changes to. */
static bool is_applied_anew(const PlanItem *item)
{
    return item->applied.len && recorded_has_tags(item->recorded) && !text_equal(recorded_tag(item->recorded, PLAN_APPLIED_TAG), item->applied);
}

static void tag_call(const Plan *plan, const PlanItem *item, const TagRow *row, Json *tags, CallArray *out)
{
    bool is_specification = item->kind == RESOURCE_SECURITY_GROUP && json_length(tags);
    const char *member = is_specification ? "Tags" : row->tags;
    Json *input = json_object(plan->arena);
    json_set_c(plan->arena, input, row->identity, identity_member(plan, identity_of(plan, item, row->attribute), row->is_list));
    json_set_c(plan->arena, input, member, is_specification ? json_get_c(tags->items.items[0], "Tags") : tags);
    if (item->kind == RESOURCE_PARAMETER)
        json_set_c(plan->arena, input, "ResourceType", json_text_c(plan->arena, "Parameter"));
    add_call(plan, out, item, "change", row->operation, input);
    Json *live = json_get_c(json_get_c(item->live, resource_facts(item->kind)->operation), member);
    Json *back = json_length(live) ? copy_members(plan, input, NULL) : NULL;
    if (back)
        json_set_c(plan->arena, back, member, live);
    add_undo(out, row->operation, back);
}

/* A new revision has its own; this is where tags are all that differs. */
static const TagRow revision_tags = {RESOURCE_TASK_DEFINITION, "TagResource", "resourceArn", ATTRIBUTE_ARN, false, "tags"};

static void tag_calls(const Plan *plan, const PlanItem *item, CallArray *out)
{
    for (size_t i = 0; i < sizeof tag_rows / sizeof *tag_rows; i++)
        if (tag_rows[i].kind == item->kind && (touches(item, text_from_c(tag_rows[i].tags)) || is_applied_anew(item)))
            tag_call(plan, item, &tag_rows[i], json_get_c(item->resource->input, tag_rows[i].tags), out);
    if (item->kind == RESOURCE_TASK_DEFINITION && !plan_differs(item))
        tag_call(plan, item, &revision_tags, json_get_c(item->resource->input, revision_tags.tags), out);
}

/* A rule that stands by itself may be several of EC2's. */
static void rule_tag_call(const Plan *plan, const PlanItem *item, CallArray *out)
{
    const Json *specifications = json_get_c(item->resource->input, "TagSpecifications");
    Json *input = json_object(plan->arena);
    if (!json_item_count(specifications))
        return;
    json_set_c(plan->arena, input, "Resources", recorded_rule_ids(plan->arena, item->recorded));
    json_set_c(plan->arena, input, "Tags", json_get_c(specifications->items.items[0], "Tags"));
    add_call(plan, out, item, "change", "CreateTags", input);
}

void calls_list_tags(const Plan *plan, const PlanItem *item, CallArray *out)
{
    if (is_rule_kind(item->kind))
        rule_tag_call(plan, item, out);
    if (item->kind == RESOURCE_TASK_DEFINITION)
        tag_call(plan, item, &revision_tags, json_get_c(item->resource->input, revision_tags.tags), out);
    for (size_t i = 0; i < sizeof tag_rows / sizeof *tag_rows; i++)
        if (tag_rows[i].kind == item->kind)
            tag_call(plan, item, &tag_rows[i], json_get_c(item->resource->input, tag_rows[i].tags), out);
}

static Json *priority_input(const Plan *plan, const PlanItem *item, Json *priority)
{
    Json *entry = json_object(plan->arena);
    Json *list = json_array(plan->arena);
    Json *input = json_object(plan->arena);
    json_set_c(plan->arena, entry, "RuleArn", identity_of(plan, item, ATTRIBUTE_ARN));
    json_set_c(plan->arena, entry, "Priority", priority);
    json_add(plan->arena, list, entry);
    json_set_c(plan->arena, input, "RulePriorities", list);
    return input;
}

static void priority_call(const Plan *plan, const PlanItem *item, CallArray *out)
{
    Json *live = json_get_c(json_get_c(item->live, resource_facts(item->kind)->operation), "Priority");
    if (item->kind != RESOURCE_LISTENER_RULE || !touches(item, TEXT("Priority")))
        return;
    add_call(plan, out, item, "change", "SetRulePriorities", priority_input(plan, item, json_get_c(item->resource->input, "Priority")));
    add_undo(out, "SetRulePriorities", live ? priority_input(plan, item, live) : NULL);
}

static void change_calls(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    const char *creating = resource_facts(item->kind)->operation;
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        if (updates[i].kind != item->kind)
            continue;
        if (updates[i].members)
            update_call(plan, item, &updates[i], false, before);
        if (updates[i].members && is_narrower_listener(item, json_get_c(item->live, creating)))
            update_call(plan, item, &updates[i], true, after);
        else if (!updates[i].members)
            overwrite_call(plan, item, updates[i].operation, before);
    }
    priority_call(plan, item, before);
    if (item->kind == RESOURCE_ROLE)
        change_role(plan, item, before, after);
    else if (item->kind == RESOURCE_SECURITY_GROUP || is_rule_kind(item->kind))
        change_security_group(plan, item, before, after);
    else
        for (size_t i = 0; i < item->desired->members.count; i++) {
            const JsonMember *member = &item->desired->members.items[i];
            if (!text_equal_c(member->key, creating) && touches(item, member->key))
                add_further(plan, item, member, "change", before);
        }
    if (item->kind == RESOURCE_LOG_GROUP && touches(item, TEXT("PutRetentionPolicy")) && !json_get_c(item->desired, "PutRetentionPolicy")) {
        Json *input = json_object(plan->arena);
        json_set_c(plan->arena, input, "logGroupName", identity_of(plan, item, ATTRIBUTE_NAME));
        add_call(plan, after, item, "change", "DeleteRetentionPolicy", input);
        Json *back = copy_members(plan, json_get_c(item->live, "PutRetentionPolicy"), NULL);
        json_set_c(plan->arena, back, "logGroupName", identity_of(plan, item, ATTRIBUTE_NAME));
        add_undo(after, "PutRetentionPolicy", back);
    }
    tag_calls(plan, item, before);
}

static void delete_calls(const Plan *plan, const PlanItem *item, CallArray *out)
{
    const Json *live = json_get_c(item->live, resource_facts(item->kind)->operation);
    if (item->kind == RESOURCE_ROLE)
        delete_role_content(plan, item, out);
    if (is_rule_kind(item->kind))
        add_call(plan, out, item, "delete", item->kind == RESOURCE_SECURITY_GROUP_RULE ? "RevokeSecurityGroupIngress" : "RevokeSecurityGroupEgress",
                 copy_members(plan, live, "Tags"));
    const DeleteRow *row = find_delete(item->kind);
    if (row)
        add_call(plan, out, item, "delete", row->operation, delete_input(plan, item, row, live, identity_of(plan, item, row->attribute)));
}

/* Two of one name cannot be at once: then the old one goes first. */
bool calls_leave_gap(const PlanItem *item)
{
    Arena scratch = {0};
    bool is_same = item->action == PLAN_REPLACE && text_equal(recorded_attribute(&scratch, item->recorded, TEXT(ATTRIBUTE_NAME)), item->name);
    arena_free(&scratch);
    return is_same;
}

void calls_list(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after)
{
    switch (item->action) {
    case PLAN_CREATE: create_calls(plan, item, before); break;
    case PLAN_CHANGE: change_calls(plan, item, before, after); break;
    case PLAN_DELETE: delete_calls(plan, item, after); break;
    case PLAN_REPLACE:
        if (calls_leave_gap(item)) {
            delete_calls(plan, item, before);
            create_calls(plan, item, before);
        } else {
            create_calls(plan, item, before);
            delete_calls(plan, item, after);
        }
        break;
    case PLAN_UNCHANGED: break;
    }
}
