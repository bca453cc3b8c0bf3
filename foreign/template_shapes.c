/* Members of a template to the inputs of the operations that create them: the other way round of emit/template_shapes.c, by the same names. */
#include "document/template_names.h"
#include "foreign/recognise.h"
#include "foreign/template.h"

#include <string.h>

/* --- values: CloudFormation takes texts for numbers and numbers for texts --- */

static bool parse_whole(Text text, int64_t *out)
{
    enum { DIGITS_MAX = 18 };
    bool is_negative = text.len && text.ptr[0] == '-';
    if (text.len == (size_t)is_negative || text.len > DIGITS_MAX)
        return false;
    int64_t value = 0;
    for (size_t i = is_negative; i < text.len; i++) {
        if (!byte_is_digit(text.ptr[i]))
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    *out = is_negative ? -value : value;
    return true;
}

/* YAML 1.1 has more words for true and false, and CloudFormation reads that. */
static bool parse_flag(Text text, bool *out)
{
    static const char *const words[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!text_equal_c(text, words[i]))
            continue;
        *out = i < sizeof words / sizeof *words / 2;
        return true;
    }
    return false;
}

static Json *coerce(ForeignTemplate *t, SchemaKind kind, Json *value)
{
    int64_t number;
    bool flag;
    Json *other = NULL;
    if (kind == SCHEMA_KIND_STRING && value->kind == JSON_NUMBER)
        other = json_text(t->arena, sources_text(t->converter->sink->sources, value->origin));
    else if (kind == SCHEMA_KIND_STRING && value->kind == JSON_BOOL)
        other = json_text_c(t->arena, value->boolean ? "true" : "false");
    else if (kind == SCHEMA_KIND_BOOLEAN && value->kind == JSON_TEXT && parse_flag(value->text, &flag))
        other = json_bool(t->arena, flag);
    else if (value->kind == JSON_TEXT && (kind == SCHEMA_KIND_INTEGER || kind == SCHEMA_KIND_LONG) && parse_whole(text_trim(value->text), &number))
        other = json_integer(t->arena, number);
    else if (value->kind == JSON_TEXT && (kind == SCHEMA_KIND_DOUBLE || kind == SCHEMA_KIND_FLOAT)) {
        Rational rational;
        if (rational_parse(&rational, text_trim(value->text)))
            other = json_number(t->arena, rational);
    }
    return other ? json_at(other, value->origin) : value;
}

/* --- names --- */

/* The member of the API that a property is. False when it has none: it keeps its name, for the schema to be asked about. */
static bool find_member(SchemaShape shape, ResourceKind kind, Text property, SchemaMember *out)
{
    const TemplateRename *rename = template_find_property(kind, schema_shape_name(shape), property);
    if (rename && schema_find_member(shape, text_from_c(rename->member), out))
        return true;
    return property.len && foreign_find_member(shape, property, out);
}

/* CloudFormation looks at the case of letters. Only where the property's place is known, so that it is what somebody wrote. */
static void check_case(ForeignTemplate *t, ResourceKind kind, SchemaShape shape, const JsonMember *property, Text member)
{
    const TemplateRename *rename = template_find_rename(kind, schema_shape_name(shape), member);
    Text name = rename && rename->property ? text_from_c(rename->property) : template_pascal(t->arena, member);
    Diagnostics *sink = t->converter->sink;
    Span origin = json_key_origin(sink->sources, property);
    if (text_equal(property->key, name) || span_is_none(origin))
        return;
    Diagnostic *d = diagnostic_report(sink, CODE_TEMPLATE_CASE, origin, "CloudFormation has no property %.*s here", TEXT_ARG(property->key));
    diagnostic_set_fix(sink, d, true, origin, name, "%s", "");
}

static Json *to_members(ForeignTemplate *t, ResourceKind kind, SchemaShape shape, Json *value);

static Json *object_to_members(ForeignTemplate *t, ResourceKind kind, SchemaShape shape, const Json *value)
{
    Json *object = json_at(json_object(t->arena), value->origin);
    for (size_t i = 0; i < value->members.count; i++) {
        const JsonMember *property = &value->members.items[i];
        SchemaMember member;
        bool is_known = find_member(shape, kind, property->key, &member);
        if (is_known)
            check_case(t, kind, shape, property, member.name);
        if (is_known)
            json_set(t->arena, object, member.name, to_members(t, kind, member.shape, property->value));
        else
            json_set(t->arena, object, property->key, property->value);
    }
    return object;
}

/* [{"Key": K, "Value": V}] -> {K: V}; what cannot be told is unknown as a whole. */
static Json *map_of_pairs(ForeignTemplate *t, const Json *pairs)
{
    Json *map = json_at(json_object(t->arena), pairs->origin);
    for (size_t i = 0; i < pairs->items.count; i++) {
        const Json *key = json_get_c(pairs->items.items[i], "Key");
        Json *value = json_get_c(pairs->items.items[i], "Value");
        if (!key || !value || key->kind != JSON_TEXT)
            return json_at(json_unknown(t->arena, TEXT_NONE), pairs->origin);
        json_set(t->arena, map, key->text, coerce(t, SCHEMA_KIND_STRING, value));
    }
    return map;
}

/* {K: V} -> [{"Key": K, "Value": V}] */
static Json *pairs_of_map(ForeignTemplate *t, const Json *map)
{
    Json *pairs = json_at(json_array(t->arena), map->origin);
    for (size_t i = 0; i < map->members.count; i++) {
        Json *pair = json_at(json_object(t->arena), map->members.items[i].value->origin);
        json_set_c(t->arena, pair, "Key", json_text(t->arena, map->members.items[i].key));
        json_set_c(t->arena, pair, "Value", coerce(t, SCHEMA_KIND_STRING, map->members.items[i].value));
        json_add(t->arena, pairs, pair);
    }
    return pairs;
}

static Json *to_members(ForeignTemplate *t, ResourceKind kind, SchemaShape shape, Json *value)
{
    SchemaKind shape_kind = schema_shape_kind(shape);
    if (shape_kind == SCHEMA_KIND_STRUCTURE && value->kind == JSON_OBJECT)
        return object_to_members(t, kind, shape, value);
    if (shape_kind == SCHEMA_KIND_MAP && value->kind == JSON_ARRAY)
        return map_of_pairs(t, value);
    if (shape_kind == SCHEMA_KIND_LIST && value->kind == JSON_OBJECT)
        return pairs_of_map(t, value);
    if (shape_kind == SCHEMA_KIND_LIST && value->kind == JSON_ARRAY)
        for (size_t i = 0; i < value->items.count; i++)
            value->items.items[i] = to_members(t, kind, schema_list_element(shape), value->items.items[i]);
    if (shape_kind == SCHEMA_KIND_MAP && value->kind == JSON_OBJECT)
        for (size_t i = 0; i < value->members.count; i++)
            value->members.items[i].value = to_members(t, kind, schema_map_value(shape), value->members.items[i].value);
    return coerce(t, shape_kind, value);
}

/* --- what a template has and the operation has not --- */

/* Properties that CloudFormation takes by way of operations that svc does not judge. */
static bool is_left_out(ResourceKind kind, Text property)
{
    static const struct {
        ResourceKind kind;
        const char *property;
    } rows[] = {
        {RESOURCE_LOAD_BALANCER, "EnableCapacityReservationProvisionStabilize"},
        {RESOURCE_LOAD_BALANCER, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"},
        {RESOURCE_LOAD_BALANCER, "Ipv4IpamPoolId"},
        {RESOURCE_LOAD_BALANCER, "MinimumLoadBalancerCapacity"},
        {RESOURCE_LOG_GROUP, "BearerTokenAuthenticationEnabled"},
        {RESOURCE_LOG_GROUP, "DataProtectionPolicy"},
        {RESOURCE_LOG_GROUP, "FieldIndexPolicies"},
        {RESOURCE_LOG_GROUP, "ResourcePolicyDocument"},
        {RESOURCE_SERVICE, "ForceNewDeployment"},
        {RESOURCE_TARGET_GROUP, "Targets"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind && text_equal_c(property, rows[i].property))
            return true;
    return false;
}

/* What the operation requires and CloudFormation makes up when it is not said: names, mostly. */
static const struct {
    ResourceKind kind;
    const char *member;
} made_up[] = {
    {RESOURCE_ALARM, "AlarmName"},         {RESOURCE_DASHBOARD, "DashboardName"},      {RESOURCE_LOAD_BALANCER, "Name"},
    {RESOURCE_LOG_GROUP, "logGroupName"},  {RESOURCE_METRIC_FILTER, "filterName"},     {RESOURCE_PARAMETER, "Name"},
    {RESOURCE_ROLE, "RoleName"},           {RESOURCE_SCALING_POLICY, "ResourceId"},    {RESOURCE_SCALING_POLICY, "ScalableDimension"},
    {RESOURCE_SCALING_POLICY, "ServiceNamespace"}, {RESOURCE_SCHEDULE, "Name"},        {RESOURCE_SECURITY_GROUP, "GroupName"},
    {RESOURCE_SERVICE, "serviceName"},     {RESOURCE_TARGET_GROUP, "Name"},            {RESOURCE_TASK_DEFINITION, "family"},
};

/* The name that the input gives: the first member of `made_up` for its kind. */
static Text name_of(ResourceKind kind, const Json *input)
{
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++)
        if (made_up[i].kind == kind)
            return foreign_text(input, made_up[i].member);
    return kind == RESOURCE_CLUSTER ? foreign_text(input, "clusterName") : TEXT_NONE;
}

static void fill_made_up(ForeignTemplate *t, ResourceKind kind, Json *input)
{
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++)
        if (made_up[i].kind == kind)
            json_set_default(t->arena, input, made_up[i].member, json_unknown(t->arena, TEXT_NONE));
}

static Json *own_reference(ForeignTemplate *t, Text id, const char *attribute)
{
    return json_reference(t->arena, id, text_from_c(attribute), TEXT_NONE);
}

/* Takes the property away and returns it. */
static Json *take(Json *properties, const char *property)
{
    Json *value = json_get_c(properties, property);
    json_remove_c(properties, property);
    return value;
}

static SchemaShape shape_of(const char *service, const char *operation)
{
    return foreign_input_shape(service, operation);
}

/* Moves what other operations set into `more`. */
static void take_further(ForeignTemplate *t, const TemplateMember *member, Json *properties, Json *more)
{
    for (size_t i = 0; i < properties->members.count;) {
        Text property = properties->members.items[i].key;
        const TemplateFurther *row = template_find_further(member->kind, property);
        if (!row && !is_left_out(member->kind, property)) {
            i++;
            continue;
        }
        Json *value = properties->members.items[i].value;
        memmove(properties->members.items + i, properties->members.items + i + 1, (properties->members.count - i - 1) * sizeof *properties->members.items);
        properties->members.count--;
        if (!row)
            continue;
        Json *input = json_at(json_object(t->arena), value->origin);
        SchemaShape shape = shape_of(resource_facts(member->kind)->service, row->operation);
        bool is_named = member->kind == RESOURCE_LOG_GROUP;
        json_set_c(t->arena, input, row->subject, own_reference(t, member->id, is_named ? ATTRIBUTE_NAME : ATTRIBUTE_ARN));
        json_set_c(t->arena, input, row->member, value);
        json_set_c(t->arena, more, row->operation, to_members(t, member->kind, shape, input));
    }
}

/* --- roles --- */

static void make_role(ForeignTemplate *t, TemplateMember *member, Json *properties)
{
    Json *more = json_object(t->arena);
    Json *policies = take(properties, "Policies");
    Json *managed = take(properties, "ManagedPolicyArns");
    Json *trust = json_get_c(properties, "AssumeRolePolicyDocument");
    if (policies && policies->kind != JSON_ARRAY)
        policies = json_at(json_unknown(t->arena, TEXT_NONE), policies->origin);
    if (trust && trust->kind == JSON_OBJECT) {
        json_set_c(t->arena, more, "trust", trust);
        json_set_c(t->arena, properties, "AssumeRolePolicyDocument", json_at(json_embedded(t->arena, trust), trust->origin));
    }
    json_set_c(t->arena, more, "policies", policies ? policies : json_array(t->arena));
    json_set_c(t->arena, more, "managed", managed ? managed : json_array(t->arena));
    member->more = more;
}

void foreign_place_policy(ForeignTemplate *t, const TemplatePolicy *policy)
{
    Json *properties = foreign_resolve(t, policy->properties);
    Json *document = properties ? json_get_c(properties, "PolicyDocument") : NULL;
    Json *roles = properties ? json_get_c(properties, "Roles") : NULL;
    bool is_placed = false;
    if (!document || document->kind != JSON_OBJECT)
        return;
    for (size_t i = 0; roles && roles->kind == JSON_ARRAY && i < roles->items.count; i++) {
        const Json *role = roles->items.items[i];
        TemplateMember *member = role->kind == JSON_REFERENCE ? foreign_find_member_of(t, role->reference->resource) : NULL;
        if (!member || member->kind != RESOURCE_ROLE || !member->resource)
            continue;
        json_add(t->arena, json_get_c(member->resource->more, "policies"), properties);
        is_placed = true;
    }
    if (is_placed)
        return;
    /* Its role is elsewhere: nothing but what it allows is known of it. */
    Json *input = json_at(json_object(t->arena), policy->origin);
    json_set_c(t->arena, input, "RoleName", json_unknown(t->arena, TEXT_NONE));
    json_set_c(t->arena, input, "AssumeRolePolicyDocument", json_unknown(t->arena, TEXT_NONE));
    Resource *resource = foreign_add(t->converter, RESOURCE_ROLE, policy->id, TEXT_NONE, input, policy->origin);
    resource->more = json_object(t->arena);
    json_set_c(t->arena, resource->more, "policy", document);
    json_set_c(t->arena, resource->more, "managed", json_array(t->arena));
}

/* --- clusters --- */

void foreign_place_providers(ForeignTemplate *t, const TemplateProviders *providers)
{
    const char *operation = "PutClusterCapacityProviders";
    Json *properties = foreign_resolve(t, providers->properties);
    if (!properties || properties->kind != JSON_OBJECT)
        return;
    Json *input = to_members(t, RESOURCE_CLUSTER, shape_of("ecs", operation), properties);
    const Json *cluster = json_get_c(input, "cluster");
    for (size_t i = 0; i < t->members.count; i++) {
        Resource *resource = t->members.items[i].kind == RESOURCE_CLUSTER ? t->members.items[i].resource : NULL;
        bool is_named = cluster && (cluster->kind == JSON_TEXT ? text_equal(cluster->text, resource ? resource->name : TEXT_NONE)
                                                               : cluster->kind != JSON_REFERENCE || text_equal(cluster->reference->resource, t->members.items[i].id));
        if (!resource || !is_named)
            continue;
        if (!resource->more)
            resource->more = json_object(t->arena);
        json_set_c(t->arena, resource->more, operation, input);
    }
}

/* --- security groups --- */

/* A peer of a rule: the member of the permission that holds it, and its own. */
static const struct {
    const char *property; /* NULL: by the direction */
    const char *list;
    const char *member;
} peers[] = {
    {"CidrIp", "IpRanges", "CidrIp"},
    {"CidrIpv6", "Ipv6Ranges", "CidrIpv6"},
    {NULL, "PrefixListIds", "PrefixListId"},
    {NULL, "UserIdGroupPairs", "GroupId"},
};

static const char *peer_property(size_t index, const TemplateRules *rules)
{
    if (peers[index].property)
        return peers[index].property;
    return text_equal_c(text_from_c(peers[index].member), "GroupId") ? rules->group : rules->prefix_list;
}

/* What is written flat in a template is a permission with lists of peers in the API. */
static Json *permission_of(ForeignTemplate *t, Json *rule, const TemplateRules *rules)
{
    if (rule->kind != JSON_OBJECT)
        return rule;
    Json *permission = json_at(json_object(t->arena), rule->origin);
    Json *description = take(rule, "Description");
    take(rule, "GroupId");
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        Json *value = take(rule, peer_property(i, rules));
        if (!value)
            continue;
        Json *peer = json_at(json_object(t->arena), value->origin);
        Json *list = json_at(json_array(t->arena), value->origin);
        json_set_c(t->arena, peer, peers[i].member, value);
        json_set_c(t->arena, peer, "Description", description);
        json_add(t->arena, list, peer);
        json_set_c(t->arena, permission, peers[i].list, list);
    }
    for (size_t i = 0; i < rule->members.count; i++)
        json_set(t->arena, permission, rule->members.items[i].key, rule->members.items[i].value);
    return permission;
}

static Json *rules_input(ForeignTemplate *t, Json *group, Json *list, const TemplateRules *rules)
{
    Json *input = json_at(json_object(t->arena), list->origin);
    Json *permissions = json_at(json_array(t->arena), list->origin);
    for (size_t i = 0; list->kind == JSON_ARRAY && i < list->items.count; i++)
        json_add(t->arena, permissions, permission_of(t, list->items.items[i], rules));
    json_set_c(t->arena, input, "GroupId", group);
    json_set_c(t->arena, input, "IpPermissions", permissions);
    return to_members(t, RESOURCE_SECURITY_GROUP, shape_of("ec2", rules->operation), input);
}

static void take_rules(ForeignTemplate *t, const TemplateMember *member, Json *properties, const TemplateRules *rules, Json *more)
{
    Json *list = take(properties, rules->list);
    if (list && list->kind == JSON_ARRAY)
        json_set_c(t->arena, more, rules->operation, rules_input(t, own_reference(t, member->id, ATTRIBUTE_ID), list, rules));
}

static void make_security_group(ForeignTemplate *t, TemplateMember *member, Json *properties)
{
    Json *tags = take(properties, "Tags");
    member->more = json_object(t->arena);
    take_rules(t, member, properties, template_ingress(), member->more);
    take_rules(t, member, properties, template_egress(), member->more);
    if (!tags)
        return;
    Json *list = json_at(json_array(t->arena), tags->origin);
    Json *specification = json_at(json_object(t->arena), tags->origin);
    json_set_c(t->arena, specification, "ResourceType", json_text_c(t->arena, "security-group"));
    json_set_c(t->arena, specification, "Tags", tags);
    json_add(t->arena, list, specification);
    json_set_c(t->arena, properties, "TagSpecifications", list);
}

/* A rule on its own. */
static Json *rule_alone(ForeignTemplate *t, const TemplateMember *member, Json *properties)
{
    const TemplateRules *rules = member->kind == RESOURCE_SECURITY_GROUP_EGRESS ? template_egress() : template_ingress();
    Json *group = json_get_c(properties, "GroupId");
    Json *list = json_at(json_array(t->arena), properties->origin);
    if (!group)
        group = json_at(json_unknown(t->arena, TEXT_NONE), properties->origin);
    json_remove_c(properties, "GroupName");
    json_add(t->arena, list, properties);
    return rules_input(t, group, list, rules);
}

/* --- scaling --- */

/* The target that a policy names stands for three members of the operation. */
static void fill_policy(ForeignTemplate *t, Json *properties)
{
    static const char *const shared[] = {"ResourceId", "ScalableDimension", "ServiceNamespace"};
    const Json *target = take(properties, "ScalingTargetId");
    TemplateMember *member = target && target->kind == JSON_REFERENCE ? foreign_find_member_of(t, target->reference->resource) : NULL;
    for (size_t i = 0; member && member->resource && i < sizeof shared / sizeof *shared; i++)
        json_set_default(t->arena, properties, shared[i], json_get_c(member->resource->input, shared[i]));
}

/* Each planned change of a target is an operation of its own. */
static void add_scheduled(ForeignTemplate *t, const TemplateMember *member, Json *actions)
{
    static const char *const shared[] = {"ResourceId", "ScalableDimension", "ServiceNamespace"};
    SchemaShape shape = shape_of("application-autoscaling", "PutScheduledAction");
    for (size_t i = 0; actions && actions->kind == JSON_ARRAY && i < actions->items.count; i++) {
        Json *input = to_members(t, RESOURCE_SCHEDULED_ACTION, shape, actions->items.items[i]);
        if (input->kind != JSON_OBJECT)
            continue;
        for (size_t j = 0; j < sizeof shared / sizeof *shared; j++)
            json_set_default(t->arena, input, shared[j], json_get_c(member->resource->input, shared[j]));
        Text id = arena_format(t->arena, "%.*s/%zu", TEXT_ARG(member->id), i + 1);
        (void)foreign_add(t->converter, RESOURCE_SCHEDULED_ACTION, id, foreign_text(input, "ScheduledActionName"), input, input->origin);
    }
}

/* --- all --- */

static void prepare(ForeignTemplate *t, TemplateMember *member, Json *properties)
{
    if (member->kind == RESOURCE_ROLE)
        make_role(t, member, properties);
    else if (member->kind == RESOURCE_SECURITY_GROUP)
        make_security_group(t, member, properties);
    else if (member->kind == RESOURCE_SCALING_POLICY)
        fill_policy(t, properties);
    Json *more = json_object(t->arena);
    take_further(t, member, properties, more);
    if (more->members.count)
        member->more = more;
}

void foreign_make_resource(ForeignTemplate *t, TemplateMember *member)
{
    const ResourceFacts *facts = resource_facts(member->kind);
    Json *properties = foreign_resolve(t, member->properties);
    if (!properties || properties->kind != JSON_OBJECT)
        return;
    SchemaShape shape = shape_of(facts->service, facts->operation);
    Json *actions = member->kind == RESOURCE_SCALABLE_TARGET ? take(properties, "ScheduledActions") : NULL;
    prepare(t, member, properties);
    bool is_rule = member->kind == RESOURCE_SECURITY_GROUP_RULE || member->kind == RESOURCE_SECURITY_GROUP_EGRESS;
    Json *input = is_rule ? rule_alone(t, member, properties) : to_members(t, member->kind, shape, properties);
    fill_made_up(t, member->kind, input);
    foreign_settle(shape, input, false);
    member->resource = foreign_add(t->converter, member->kind, member->id, name_of(member->kind, input), input, member->origin);
    member->resource->more = member->more;
    member->resource->condition = member->condition;
    add_scheduled(t, member, actions);
}
