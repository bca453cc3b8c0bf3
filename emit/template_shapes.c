/* Kinds of resources to members of the template: by the names of document/template_names.h, and what the functions here say. */
#include "emit/template.h"

#include "document/template_names.h"

#include <string.h>

/* --- properties --- */

static Json *named_ref(Template *t, ResourceKind kind, const Json *name)
{
    const Resource *resource = name->kind == JSON_TEXT ? resources_find_name(t->resources, kind, name->text) : NULL;
    return resource ? template_ref(t, template_logical_id(t, resource->id)) : template_value(t, name);
}

/* Members that name another resource of the file: a Ref makes CloudFormation create that one first. */
static Json *member_value(Template *t, ResourceKind kind, Text member, const Json *value);

/* `holder` is the member that the value is of; a name may differ by it. */
static Json *properties_within(Template *t, ResourceKind kind, Text holder, const Json *json)
{
    if (json->kind == JSON_ARRAY) {
        bool has_objects = json->items.count && json->items.items[0]->kind == JSON_OBJECT;
        if (!has_objects)
            return template_value(t, json);
        Json *items = json_array(t->arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(t->arena, items, properties_within(t, kind, holder, json->items.items[i]));
        return items;
    }
    if (json->kind != JSON_OBJECT)
        return template_value(t, json);
    Json *object = json_object(t->arena);
    for (size_t i = 0; i < json->members.count; i++) {
        const JsonMember *member = &json->members.items[i];
        const TemplateRename *rename = template_find_rename(kind, holder, member->key);
        if (rename && !rename->property)
            continue;
        Text property = rename ? text_from_c(rename->property) : template_pascal(t->arena, member->key);
        json_set(t->arena, object, property, member_value(t, kind, member->key, member->value));
    }
    return object;
}

static Json *properties_of(Template *t, ResourceKind kind, const Json *json)
{
    return properties_within(t, kind, TEXT_NONE, json);
}

static Json *options_value(Template *t, const Json *options)
{
    Json *copy = template_value(t, options);
    const Json *group = json_get_c(options, "awslogs-group");
    if (group)
        json_set_c(t->arena, copy, "awslogs-group", named_ref(t, RESOURCE_LOG_GROUP, group));
    return copy;
}

static Json *alarm_names(Template *t, const Json *names)
{
    Json *list = json_array(t->arena);
    for (size_t i = 0; i < names->items.count; i++)
        json_add(t->arena, list, named_ref(t, RESOURCE_ALARM, names->items.items[i]));
    return list;
}

static Json *member_value(Template *t, ResourceKind kind, Text member, const Json *value)
{
    if (template_is_open_map(member) && value->kind == JSON_OBJECT)
        return options_value(t, value);
    if (kind == RESOURCE_SERVICE && text_equal_c(member, "cluster"))
        return named_ref(t, RESOURCE_CLUSTER, value);
    if (kind == RESOURCE_SERVICE && text_equal_c(member, "alarmNames") && value->kind == JSON_ARRAY)
        return alarm_names(t, value);
    if (kind == RESOURCE_METRIC_FILTER && text_equal_c(member, "logGroupName"))
        return named_ref(t, RESOURCE_LOG_GROUP, value);
    return properties_within(t, kind, member, value);
}

/* --- small parts --- */

/* {K: V} -> [{"Key": K, "Value": V}] */
static Json *pairs_of(Template *t, const Json *map)
{
    Json *pairs = json_array(t->arena);
    for (size_t i = 0; map && map->kind == JSON_OBJECT && i < map->members.count; i++) {
        Json *pair = json_object(t->arena);
        json_set_c(t->arena, pair, "Key", json_text(t->arena, map->members.items[i].key));
        json_set_c(t->arena, pair, "Value", template_value(t, map->members.items[i].value));
        json_add(t->arena, pairs, pair);
    }
    return pairs;
}

/* The member `name` of what a further operation sends. */
static const Json *further(const Resource *resource, const char *operation, const char *name)
{
    return json_get_c(json_get_c(resource->more, operation), name);
}

static void depend(Template *t, Json *member, Text logical_id)
{
    Json *list = json_get_c(member, "DependsOn");
    if (!list) {
        list = json_array(t->arena);
        json_set_c(t->arena, member, "DependsOn", list);
    }
    for (size_t i = 0; i < list->items.count; i++)
        if (text_equal(list->items.items[i]->text, logical_id))
            return;
    json_add(t->arena, list, json_text(t->arena, logical_id));
}

/* The resources of one service stand together; this walks those beside `resource`. */
static const Resource *next_of_service(const Template *t, const Resource *resource, ResourceKind kind, size_t *cursor)
{
    while (*cursor < t->resources->items.count) {
        const Resource *other = t->resources->items.items[(*cursor)++];
        if (other->kind == kind && text_equal(other->service, resource->service))
            return other;
    }
    return NULL;
}

static bool is_same_target(const Resource *a, const Resource *b)
{
    const Json *left = json_get_c(a->input, "ResourceId");
    const Json *right = json_get_c(b->input, "ResourceId");
    return left && right && json_equal(left, right);
}

/* --- kinds --- */

static void add_log_group(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = json_object(t->arena);
    for (size_t i = 0; i < resource->input->members.count; i++) {
        const JsonMember *member = &resource->input->members.items[i];
        bool is_tags = member->value->kind == JSON_OBJECT;
        json_set(t->arena, properties, template_pascal(t->arena, member->key), is_tags ? pairs_of(t, member->value) : template_value(t, member->value));
    }
    const Json *days = further(resource, "PutRetentionPolicy", "retentionInDays");
    if (days)
        json_set_c(t->arena, properties, "RetentionInDays", template_value(t, days));
    Json *member = template_add(t, id, type, properties);
    /* What was logged outlives the stack. */
    json_set_c(t->arena, member, "DeletionPolicy", json_text_c(t->arena, "Retain"));
    json_set_c(t->arena, member, "UpdateReplacePolicy", json_text_c(t->arena, "Retain"));
}

static void add_metric_filter(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    const Json *from = json_get_c(resource->input, "metricTransformations");
    Json *to = json_get_c(properties, "MetricTransformations");
    for (size_t i = 0; from && to && from->kind == JSON_ARRAY && i < from->items.count; i++) {
        const Json *dimensions = json_get_c(from->items.items[i], "dimensions");
        if (dimensions)
            json_set_c(t->arena, to->items.items[i], "Dimensions", pairs_of(t, dimensions));
    }
    template_add(t, id, type, properties);
}

static void add_role(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = json_object(t->arena);
    for (size_t i = 0; resource->input && i < resource->input->members.count; i++) {
        const JsonMember *member = &resource->input->members.items[i];
        if (!text_equal_c(member->key, "AssumeRolePolicyDocument"))
            json_set(t->arena, properties, member->key, template_value(t, member->value));
    }
    const Json *trust = json_get_c(resource->more, "trust");
    const Json *policy = json_get_c(resource->more, "policy");
    const Json *managed = json_get_c(resource->more, "managed");
    if (trust)
        json_set_c(t->arena, properties, "AssumeRolePolicyDocument", template_value(t, trust));
    if (json_length(managed))
        json_set_c(t->arena, properties, "ManagedPolicyArns", template_value(t, managed));
    if (policy) {
        Json *entry = json_object(t->arena);
        Json *list = json_array(t->arena);
        json_set_c(t->arena, entry, "PolicyName", json_text_c(t->arena, ROLE_POLICY_NAME));
        json_set_c(t->arena, entry, "PolicyDocument", template_value(t, policy));
        json_add(t->arena, list, entry);
        json_set_c(t->arena, properties, "Policies", list);
    }
    template_add(t, id, type, properties);
}

/* A resource with attributes that another operation sets: {"Attributes": [{Key, Value}]}. */
static void add_with_attributes(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    for (size_t i = 0; resource->more && i < resource->more->members.count; i++) {
        const JsonMember *operation = &resource->more->members.items[i];
        const TemplateFurther *further_row = template_further_of(resource->kind, operation->key);
        const Json *value = further_row ? json_get_c(operation->value, further_row->member) : NULL;
        if (value)
            json_set_c(t->arena, properties, further_row->property, template_value(t, value));
    }
    template_add(t, id, type, properties);
    const Json *certificates = further(resource, "AddListenerCertificates", "Certificates");
    if (!certificates)
        return;
    Json *further_properties = json_object(t->arena);
    json_set_c(t->arena, further_properties, "ListenerArn", template_ref(t, id));
    json_set_c(t->arena, further_properties, "Certificates", properties_of(t, resource->kind, certificates));
    template_add(t, template_further_id(t, resource->id, TEXT("certificates")), "AWS::ElasticLoadBalancingV2::ListenerCertificate", further_properties);
}

/* CloudFormation has only hooks that call a function: one that waits for somebody is left to svc's own rollout. */
static void drop_waiting_hooks(Template *t, Json *properties)
{
    Json *deployment = json_get_c(properties, "DeploymentConfiguration");
    const Json *hooks = json_get_c(deployment, "LifecycleHooks");
    Json *calling = json_array(t->arena);
    for (size_t i = 0; i < json_item_count(hooks); i++) {
        if (json_get_c(hooks->items.items[i], "HookTargetArn"))
            json_add(t->arena, calling, hooks->items.items[i]);
    }
    if (hooks && json_length(calling))
        json_set_c(t->arena, deployment, "LifecycleHooks", calling);
    else
        json_remove_c(deployment, "LifecycleHooks");
}

static bool names_rules(const Json *service)
{
    const Json *list = json_get_c(service, "loadBalancers");
    return json_item_count(list) && json_get_c(list->items.items[0], "advancedConfiguration");
}

static void add_service(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    drop_waiting_hooks(t, properties);
    Json *member = template_add(t, id, type, properties);
    size_t cursor = 0;
    const Resource *rule;
    /* ECS refuses a target group that no rule sends to yet. Where ECS moves the traffic, the service refers to its rules itself. */
    while (!names_rules(resource->input) && (rule = next_of_service(t, resource, RESOURCE_LISTENER_RULE, &cursor)) != NULL)
        depend(t, member, template_logical_id(t, rule->id));
}

static void add_scalable_target(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    Json *actions = json_array(t->arena);
    size_t cursor = 0;
    const Resource *action;
    while ((action = next_of_service(t, resource, RESOURCE_SCHEDULED_ACTION, &cursor)) != NULL) {
        if (!is_same_target(action, resource))
            continue;
        Json *entry = properties_of(t, action->kind, action->input);
        Json *own = json_object(t->arena);
        for (size_t i = 0; i < entry->members.count; i++) {
            Text key = entry->members.items[i].key;
            if (!text_equal_c(key, "ResourceId") && !text_equal_c(key, "ScalableDimension") && !text_equal_c(key, "ServiceNamespace"))
                json_set(t->arena, own, key, entry->members.items[i].value);
        }
        json_add(t->arena, actions, own);
    }
    if (json_length(actions))
        json_set_c(t->arena, properties, "ScheduledActions", actions);
    Json *member = template_add(t, id, type, properties);
    cursor = 0;
    const Resource *service;
    while ((service = next_of_service(t, resource, RESOURCE_SERVICE, &cursor)) != NULL)
        depend(t, member, template_logical_id(t, service->id));
}

/* Ref to the target makes the order; its id says the rest. */
static void add_scaling_policy(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    size_t cursor = 0;
    const Resource *target;
    while ((target = next_of_service(t, resource, RESOURCE_SCALABLE_TARGET, &cursor)) != NULL && !is_same_target(target, resource))
        continue;
    if (target) {
        Json *own = json_object(t->arena);
        for (size_t i = 0; i < properties->members.count; i++) {
            Text key = properties->members.items[i].key;
            if (!text_equal_c(key, "ResourceId") && !text_equal_c(key, "ScalableDimension") && !text_equal_c(key, "ServiceNamespace"))
                json_set(t->arena, own, key, properties->members.items[i].value);
        }
        json_set_c(t->arena, own, "ScalingTargetId", template_ref(t, template_logical_id(t, target->id)));
        properties = own;
    }
    template_add(t, id, type, properties);
}

static void add_parameter(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = properties_of(t, resource->kind, resource->input);
    const Json *tags = json_get_c(resource->input, "Tags");
    if (tags && tags->kind == JSON_ARRAY) {
        Json *map = json_object(t->arena);
        for (size_t i = 0; i < tags->items.count; i++) {
            const Json *key = json_get_c(tags->items.items[i], "Key");
            const Json *value = json_get_c(tags->items.items[i], "Value");
            if (key && value)
                json_set(t->arena, map, key->text, template_value(t, value));
        }
        json_set_c(t->arena, properties, "Tags", map);
    }
    template_add(t, id, type, properties);
}

/* --- security groups --- */

typedef struct RuleList {
    Json *alone;   /* rules that name another group of the file */
    Json *inlined;
} RuleList;

static bool is_group_of_file(const Template *t, const Json *peer)
{
    return peer && peer->kind == JSON_REFERENCE && resources_find(t->resources, peer->reference->resource) != NULL;
}

static void add_peers(Template *t, const Json *permission, const char *list, const char *member, const char *property, RuleList *out)
{
    const Json *peers = json_get_c(permission, list);
    for (size_t i = 0; peers && peers->kind == JSON_ARRAY && i < peers->items.count; i++) {
        const Json *peer = json_get_c(peers->items.items[i], member);
        const Json *description = json_get_c(peers->items.items[i], "Description");
        if (!peer)
            continue;
        Json *rule = json_object(t->arena);
        static const char *const copied[] = {"FromPort", "IpProtocol", "ToPort"};
        for (size_t j = 0; j < sizeof copied / sizeof *copied; j++) {
            const Json *value = json_get_c(permission, copied[j]);
            if (value)
                json_set_c(t->arena, rule, copied[j], template_value(t, value));
        }
        json_set_c(t->arena, rule, property, template_value(t, peer));
        if (description)
            json_set_c(t->arena, rule, "Description", template_value(t, description));
        json_add(t->arena, is_group_of_file(t, peer) ? out->alone : out->inlined, rule);
    }
}

static RuleList list_rules(Template *t, const Resource *resource, const Json *input, const TemplateRules *side)
{
    RuleList rules = {json_array(t->arena), json_array(t->arena)};
    const Json *permissions = json_get_c(input, "IpPermissions");
    (void)resource;
    for (size_t i = 0; permissions && permissions->kind == JSON_ARRAY && i < permissions->items.count; i++) {
        const Json *permission = permissions->items.items[i];
        add_peers(t, permission, "IpRanges", "CidrIp", "CidrIp", &rules);
        add_peers(t, permission, "Ipv6Ranges", "CidrIpv6", "CidrIpv6", &rules);
        add_peers(t, permission, "UserIdGroupPairs", "GroupId", side->group, &rules);
        add_peers(t, permission, "PrefixListIds", "PrefixListId", side->prefix_list, &rules);
    }
    return rules;
}

/* The rules, each a member of the template: two groups that name each other would otherwise each wait for the other. */
static void add_rules_alone(Template *t, const Resource *resource, const Json *rules, const Json *group, const TemplateRules *side)
{
    for (size_t i = 0; i < rules->items.count; i++) {
        Json *rule = rules->items.items[i];
        json_set_c(t->arena, rule, "GroupId", template_value(t, group));
        Text suffix = arena_format(t->arena, "%s-%zu", side->suffix, i + 1);
        template_add(t, template_further_id(t, resource->id, suffix), side->type, rule);
    }
}

/* With rules of its own only beside it, EC2 would keep the default rule that lets everything out. */
static Json *no_egress(Template *t)
{
    Json *rule = json_object(t->arena);
    Json *list = json_array(t->arena);
    json_set_c(t->arena, rule, "CidrIp", json_text_c(t->arena, "127.0.0.1/32"));
    json_set_c(t->arena, rule, "Description", json_text_c(t->arena, "no egress but the rules beside this group"));
    json_set_c(t->arena, rule, "IpProtocol", json_text_c(t->arena, "-1"));
    json_add(t->arena, list, rule);
    return list;
}

static void add_security_group(Template *t, const Resource *resource, const char *type, Text id)
{
    Json *properties = json_object(t->arena);
    for (size_t i = 0; i < resource->input->members.count; i++) {
        const JsonMember *member = &resource->input->members.items[i];
        const TemplateRename *rename = template_find_rename(resource->kind, TEXT_NONE, member->key);
        if (rename)
            json_set_c(t->arena, properties, rename->property, template_value(t, member->value));
        else if (text_equal_c(member->key, "TagSpecifications") && json_item_count(member->value))
            json_set_c(t->arena, properties, "Tags", template_value(t, json_get_c(member->value->items.items[0], "Tags")));
        else
            json_set(t->arena, properties, member->key, template_value(t, member->value));
    }
    RuleList in = list_rules(t, resource, json_get_c(resource->more, template_ingress()->operation), template_ingress());
    RuleList out = list_rules(t, resource, json_get_c(resource->more, template_egress()->operation), template_egress());
    if (json_length(in.inlined))
        json_set_c(t->arena, properties, template_ingress()->list, in.inlined);
    json_set_c(t->arena, properties, template_egress()->list, json_length(out.inlined) ? out.inlined : no_egress(t));
    template_add(t, id, type, properties);
    Json *group = template_get_att(t, id, "GroupId");
    add_rules_alone(t, resource, in.alone, group, template_ingress());
    add_rules_alone(t, resource, out.alone, group, template_egress());
}

/* A rule on a group that exists: each peer is a member of its own. */
static void add_security_group_rule(Template *t, const Resource *resource)
{
    const TemplateRules *side = resource->kind == RESOURCE_SECURITY_GROUP_EGRESS ? template_egress() : template_ingress();
    const Json *input = resource->input;
    const Json *group = json_get_c(input, "GroupId");
    RuleList rules = list_rules(t, resource, input, side);
    for (size_t i = 0; i < rules.inlined->items.count; i++)
        json_add(t->arena, rules.alone, rules.inlined->items.items[i]);
    if (group)
        add_rules_alone(t, resource, rules.alone, group, side);
}

/* --- all --- */

void template_add_resource(Template *t, const Resource *resource)
{
    const char *type = resource_facts(resource->kind)->template_type;
    Text id = template_logical_id(t, resource->id);
    switch (resource->kind) {
    case RESOURCE_LOG_GROUP: add_log_group(t, resource, type, id); break;
    case RESOURCE_METRIC_FILTER: add_metric_filter(t, resource, type, id); break;
    case RESOURCE_ROLE: add_role(t, resource, type, id); break;
    case RESOURCE_SECURITY_GROUP: add_security_group(t, resource, type, id); break;
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS: add_security_group_rule(t, resource); break;
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_TARGET_GROUP: add_with_attributes(t, resource, type, id); break;
    case RESOURCE_SERVICE: add_service(t, resource, type, id); break;
    case RESOURCE_SCALABLE_TARGET: add_scalable_target(t, resource, type, id); break;
    case RESOURCE_SCALING_POLICY: add_scaling_policy(t, resource, type, id); break;
    case RESOURCE_PARAMETER: add_parameter(t, resource, type, id); break;
    case RESOURCE_CLUSTER:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_TASK_DEFINITION:
    case RESOURCE_ALARM:
    case RESOURCE_DASHBOARD:
    case RESOURCE_SCHEDULE: template_add(t, id, type, properties_of(t, resource->kind, resource->input)); break;
    case RESOURCE_SCHEDULED_ACTION: /* inside of its scalable target */
    case RESOURCE_ROLLOUT:          /* run by svc apply */
    case RESOURCE_TASK_RUN:         /* only of other people's files */
    case RESOURCE_KIND_COUNT: break;
    }
}
