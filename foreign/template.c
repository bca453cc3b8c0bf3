#include "foreign/template.h"

#include "document/template_names.h"
#include "foreign/placeholder.h"

/* --- members --- */

static bool find_kind(Text type, ResourceKind *out)
{
    for (ResourceKind kind = 0; type.len && kind < RESOURCE_KIND_COUNT; kind++) {
        if (!text_equal_c(type, resource_facts(kind)->template_type))
            continue;
        *out = kind;
        return true;
    }
    return false;
}

TemplateMember *foreign_find_member_of(ForeignTemplate *t, Text id)
{
    /* In byte order, as the object has them. */
    size_t low = 0;
    size_t high = t->members.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(t->members.items[middle].id, id);
        if (order == 0)
            return &t->members.items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_policy_type(Text type)
{
    return text_equal_c(type, "AWS::IAM::Policy") || text_equal_c(type, "AWS::IAM::ManagedPolicy") || text_equal_c(type, "AWS::IAM::RolePolicy");
}

/* A function of SAM has statements of its role among its Policies. */
static void list_serverless(ForeignTemplate *t, Text id, const Json *properties, Span origin)
{
    const Json *policies = json_get_c(properties, "Policies");
    for (size_t i = 0; policies && policies->kind == JSON_ARRAY && i < policies->items.count; i++) {
        Json *document = policies->items.items[i];
        if (!json_get_c(document, "Statement"))
            continue;
        Json *holder = json_at(json_object(t->arena), document->origin);
        json_set_c(t->arena, holder, "PolicyDocument", document);
        TemplatePolicy policy = {id, holder, origin};
        ARRAY_PUSH(t->arena, &t->policies, policy);
    }
}

static void list_members(ForeignTemplate *t, const Json *resources)
{
    for (size_t i = 0; resources && resources->kind == JSON_OBJECT && i < resources->members.count; i++) {
        const JsonMember *entry = &resources->members.items[i];
        Text type = foreign_text(entry->value, "Type");
        Json *properties = json_get_c(entry->value, "Properties");
        Span origin = json_key_origin(t->converter->sink->sources, entry);
        origin = span_is_none(origin) ? entry->value->origin : origin;
        TemplateMember member = {.id = entry->key, .properties = properties, .origin = origin, .condition = foreign_text(entry->value, "Condition")};
        if (!properties)
            member.properties = json_at(json_object(t->arena), origin);
        if (member.properties->kind != JSON_OBJECT)
            continue;
        TemplatePolicy policy = {entry->key, member.properties, origin};
        TemplateProviders providers = {member.properties, origin};
        if (text_equal_c(type, "AWS::Serverless::Function") || text_equal_c(type, "AWS::Serverless::StateMachine"))
            list_serverless(t, entry->key, member.properties, origin);
        else if (is_policy_type(type))
            ARRAY_PUSH(t->arena, &t->policies, policy);
        else if (text_equal_c(type, "AWS::ECS::ClusterCapacityProviderAssociations"))
            ARRAY_PUSH(t->arena, &t->providers, providers);
        else if (find_kind(type, &member.kind))
            ARRAY_PUSH(t->arena, &t->members, member);
    }
}

/* --- functions --- */

/* The name of the function that the object is a call of; empty when it is none. */
static Text function_of(const Json *json)
{
    if (json->kind != JSON_OBJECT || json->members.count != 1)
        return TEXT_NONE;
    Text key = json->members.items[0].key;
    return text_equal_c(key, "Ref") || text_starts_with(key, TEXT("Fn::")) ? key : TEXT_NONE;
}

static Json *unknown_of(ForeignTemplate *t, const Json *json)
{
    Text written = sources_text(t->converter->sink->sources, json->origin);
    return json_at(json_unknown(t->arena, written), json->origin);
}

/* The name that a member of the template gives its resource, where it says one outright. */
static Text literal_name(const TemplateMember *member)
{
    static const struct {
        ResourceKind kind;
        const char *property;
    } rows[] = {
        {RESOURCE_CLUSTER, "ClusterName"}, {RESOURCE_LOG_GROUP, "LogGroupName"}, {RESOURCE_ROLE, "RoleName"},     {RESOURCE_TARGET_GROUP, "Name"},
        {RESOURCE_LOAD_BALANCER, "Name"},  {RESOURCE_SERVICE, "ServiceName"},    {RESOURCE_ALARM, "AlarmName"}, {RESOURCE_DASHBOARD, "DashboardName"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Text name = rows[i].kind == member->kind ? foreign_text(member->properties, rows[i].property) : TEXT_NONE;
        if (name.len && !placeholder_is_in(name))
            return name;
    }
    return TEXT_NONE;
}

static Json *reference_to(ForeignTemplate *t, const Json *json, Text id, Text get_att)
{
    const TemplateMember *member = foreign_find_member_of(t, id);
    const TemplateAttribute *attribute = member ? template_find_get_att(member->kind, get_att) : NULL;
    /* Ref of a group in a VPC gives its id, which has a name for Fn::GetAtt too. */
    bool is_group = member && member->kind == RESOURCE_SECURITY_GROUP && !get_att.len;
    if (!attribute && !is_group)
        return unknown_of(t, json);
    Text name = attribute ? text_from_c(attribute->attribute) : TEXT(ATTRIBUTE_ID);
    Text known = text_equal_c(name, ATTRIBUTE_NAME) ? literal_name(member) : TEXT_NONE;
    return json_at(json_reference(t->arena, member->id, name, known), json->origin);
}

static Json *resolve_ref(ForeignTemplate *t, const Json *json, const Json *argument)
{
    if (argument->kind != JSON_TEXT)
        return unknown_of(t, json);
    if (text_equal_c(argument->text, "AWS::NoValue"))
        return NULL;
    return reference_to(t, json, argument->text, TEXT_NONE);
}

static Json *resolve_get_att(ForeignTemplate *t, const Json *json, const Json *argument)
{
    Text id = TEXT_NONE;
    Text attribute = TEXT_NONE;
    if (argument->kind == JSON_TEXT) {
        size_t point = text_find_byte(argument->text, '.');
        id = text_slice(argument->text, 0, point);
        attribute = text_slice(argument->text, point + 1, argument->text.len);
    } else if (argument->kind == JSON_ARRAY && argument->items.count == 2 && argument->items.items[0]->kind == JSON_TEXT &&
               argument->items.items[1]->kind == JSON_TEXT) {
        id = argument->items.items[0]->text;
        attribute = argument->items.items[1]->text;
    }
    return attribute.len ? reference_to(t, json, id, attribute) : unknown_of(t, json);
}

/* What both branches say is so whatever the condition; else it is not known. */
static Json *resolve_if(ForeignTemplate *t, const Json *json, const Json *argument)
{
    if (argument->kind != JSON_ARRAY || argument->items.count != 3)
        return unknown_of(t, json);
    Json *then = foreign_resolve(t, argument->items.items[1]);
    Json *otherwise = foreign_resolve(t, argument->items.items[2]);
    if (!then && !otherwise)
        return NULL;
    return then && otherwise && json_equal(then, otherwise) ? then : unknown_of(t, json);
}

static Json *resolve_call(ForeignTemplate *t, const Json *json, Text function)
{
    Json *argument = json->members.items[0].value;
    if (text_equal_c(function, "Ref"))
        return resolve_ref(t, json, argument);
    if (text_equal_c(function, "Fn::GetAtt"))
        return resolve_get_att(t, json, argument);
    if (text_equal_c(function, "Fn::If"))
        return resolve_if(t, json, argument);
    bool is_plain = text_equal_c(function, "Fn::Sub") && argument->kind == JSON_TEXT && text_find(argument->text, TEXT("${")) == argument->text.len;
    return is_plain ? json_at(argument, json->origin) : unknown_of(t, json);
}

Json *foreign_resolve(ForeignTemplate *t, Json *json)
{
    Text function = function_of(json);
    if (function.len)
        return resolve_call(t, json, function);
    size_t kept = 0;
    if (json->kind == JSON_ARRAY) {
        for (size_t i = 0; i < json->items.count; i++) {
            Json *item = foreign_resolve(t, json->items.items[i]);
            if (item)
                json->items.items[kept++] = item;
        }
        json->items.count = kept;
    } else if (json->kind == JSON_OBJECT) {
        for (size_t i = 0; i < json->members.count; i++) {
            JsonMember member = json->members.items[i];
            bool is_call = text_starts_with(member.key, TEXT("Fn::")); /* among members: what it brings is not known */
            member.value = is_call ? NULL : foreign_resolve(t, member.value);
            if (member.value)
                json->members.items[kept++] = member;
        }
        json->members.count = kept;
    }
    return json->kind == JSON_NULL ? NULL : json;
}

/* --- what CloudFormation itself refuses --- */

typedef struct Names {
    const Json *parameters;
    const Json *resources;
} Names;

/* The nearest of the names. */
static void offer_name(Text wrong, const Json *names, size_t *best, Text *out)
{
    for (size_t i = 0; names && names->kind == JSON_OBJECT && i < names->members.count; i++) {
        size_t distance = text_edit_distance(wrong, names->members.items[i].key, 3);
        if (distance < *best) {
            *best = distance;
            *out = names->members.items[i].key;
        }
    }
}

static void check_name(ForeignTemplate *t, const Names *names, Text name, Span origin, bool takes_parameters)
{
    bool is_known = json_get(names->resources, name) || (takes_parameters && json_get(names->parameters, name));
    if (is_known || !name.len || text_starts_with(name, TEXT("AWS::")) || placeholder_is_in(name))
        return;
    size_t best = 3;
    Text meant = TEXT_NONE;
    offer_name(name, names->resources, &best, &meant);
    if (takes_parameters)
        offer_name(name, names->parameters, &best, &meant);
    Diagnostics *sink = t->converter->sink;
    Diagnostic *d = diagnostic_report(sink, CODE_TEMPLATE_REFERENCE, origin, "there is no %s %.*s in this template",
                                      takes_parameters ? "resource or parameter" : "resource", TEXT_ARG(name));
    if (meant.len)
        diagnostic_set_advice(sink, d, "did you mean %.*s?", TEXT_ARG(meant));
    else
        diagnostic_set_advice(sink, d, "add it, or name what is there");
}

/* "${Name}" and "${Name.Attribute}" of a text; `own` are the names that the call itself gives. */
static void check_sub(ForeignTemplate *t, const Names *names, const Json *text, const Json *own)
{
    if (text->kind != JSON_TEXT)
        return;
    Text rest = text->text;
    for (size_t at = text_find(rest, TEXT("${")); at < rest.len; at = text_find(rest, TEXT("${"))) {
        rest = text_slice(rest, at + 2, rest.len);
        Text name = text_trim(text_slice(rest, 0, text_find_byte(rest, '}')));
        size_t point = text_find_byte(name, '.');
        bool is_plain = name.len && name.ptr[0] != '!' && !json_get(own, name);
        if (is_plain && text_find(name, TEXT("::")) == name.len)
            check_name(t, names, text_slice(name, 0, point), text->origin, point == name.len);
    }
}

static void check_call(ForeignTemplate *t, const Names *names, Text function, const Json *argument)
{
    const Json *first = argument->kind == JSON_ARRAY && argument->items.count ? argument->items.items[0] : NULL;
    if (text_equal_c(function, "Ref") && argument->kind == JSON_TEXT)
        check_name(t, names, argument->text, argument->origin, true);
    else if (text_equal_c(function, "Fn::GetAtt") && argument->kind == JSON_TEXT)
        check_name(t, names, text_slice(argument->text, 0, text_find_byte(argument->text, '.')), argument->origin, false);
    else if (text_equal_c(function, "Fn::GetAtt") && first && first->kind == JSON_TEXT)
        check_name(t, names, first->text, first->origin, false);
    else if (text_equal_c(function, "Fn::Sub"))
        check_sub(t, names, first ? first : argument, first && argument->items.count > 1 ? argument->items.items[1] : NULL);
}

static void check_references(ForeignTemplate *t, const Names *names, const Json *json)
{
    Text function = function_of(json);
    if (function.len)
        check_call(t, names, function, json->members.items[0].value);
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        check_references(t, names, json->items.items[i]);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++)
        check_references(t, names, json->members.items[i].value);
}

static void check_depends_on(ForeignTemplate *t, const Names *names)
{
    for (size_t i = 0; i < names->resources->members.count; i++) {
        const Json *on = json_get_c(names->resources->members.items[i].value, "DependsOn");
        if (on && on->kind == JSON_TEXT)
            check_name(t, names, on->text, on->origin, false);
        for (size_t j = 0; on && on->kind == JSON_ARRAY && j < on->items.count; j++)
            if (on->items.items[j]->kind == JSON_TEXT)
                check_name(t, names, on->items.items[j]->text, on->items.items[j]->origin, false);
    }
}

/* Whether something adds resources that the file does not show: a macro, a loop, a module. */
static bool has_hidden_members(const Json *root, const Json *resources)
{
    if (json_get_c(root, "Transform") || json_get_c(root, "Modules"))
        return true;
    for (size_t i = 0; i < resources->members.count; i++) {
        const JsonMember *member = &resources->members.items[i];
        if (text_starts_with(member->key, TEXT("Fn::")) || text_ends_with(foreign_text(member->value, "Type"), TEXT("::MODULE")))
            return true;
    }
    return false;
}

/* A file without the head of a template may be a part of one, whose other parts hold what it names. */
static void check_template(ForeignTemplate *t, const Json *resources)
{
    Names names = {json_get_c(t->root, "Parameters"), resources};
    const Json *outputs = json_get_c(t->root, "Outputs");
    bool is_whole = json_get_c(t->root, "AWSTemplateFormatVersion") || names.parameters;
    if (!resources || resources->kind != JSON_OBJECT || !is_whole || has_hidden_members(t->root, resources))
        return;
    check_references(t, &names, resources);
    if (outputs)
        check_references(t, &names, outputs);
    check_depends_on(t, &names);
}

static void check_nulls(ForeignTemplate *t, const Json *json)
{
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        check_nulls(t, json->items.items[i]);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++) {
        const JsonMember *member = &json->members.items[i];
        check_nulls(t, member->value);
        if (member->value->kind != JSON_NULL)
            continue;
        Diagnostics *sink = t->converter->sink;
        Span key = json_key_origin(sink->sources, member);
        Diagnostic *d = diagnostic_report(sink, CODE_TEMPLATE_NULL, span_is_none(key) ? member->value->origin : key, "%.*s is null", TEXT_ARG(member->key));
        diagnostic_set_label(sink, d, "CloudFormation refuses a template with a null");
        diagnostic_set_advice(sink, d, "give it a value, or leave it out; AWS::NoValue takes a property away under a condition");
    }
}

/* --- all --- */

void foreign_read_template(Converter *converter, Json *root)
{
    ForeignTemplate t = {.converter = converter, .arena = converter->arena, .root = root};
    Json *resources = json_get_c(root, "Resources");
    list_members(&t, resources);
    if (converter->is_strict && t.members.count + t.policies.count == 0)
        return;
    check_template(&t, resources);
    if (resources && resources->kind == JSON_OBJECT)
        foreign_check_order(&t, resources);
    if (resources && !converter->has_blocks)
        check_nulls(&t, resources);
    /* Policies look into what they scale. */
    for (size_t i = 0; i < t.members.count; i++)
        if (t.members.items[i].kind != RESOURCE_SCALING_POLICY)
            foreign_make_resource(&t, &t.members.items[i]);
    for (size_t i = 0; i < t.members.count; i++)
        if (t.members.items[i].kind == RESOURCE_SCALING_POLICY)
            foreign_make_resource(&t, &t.members.items[i]);
    for (size_t i = 0; i < t.providers.count; i++)
        foreign_place_providers(&t, &t.providers.items[i]);
    for (size_t i = 0; i < t.policies.count; i++)
        foreign_place_policy(&t, &t.policies.items[i]);
}
