#include "foreign/recognise.h"

#include <assert.h>

SchemaShape foreign_input_shape(const char *service, const char *operation)
{
    SchemaOperation found;
    bool exists = schema_find_operation(schema_find_service(text_from_c(service)), text_from_c(operation), &found);
    assert(exists);
    (void)exists;
    return found.input;
}

SchemaShape foreign_answer_shape(const char *operation, const char *member)
{
    SchemaOperation found;
    SchemaShape shape;
    bool exists = schema_find_operation(schema_find_service(TEXT("ecs")), text_from_c(operation), &found);
    exists = exists && schema_find_path_from(found.output, text_from_c(member), &shape);
    assert(exists);
    (void)exists;
    return shape;
}

/* --- names --- */

bool foreign_find_member(SchemaShape shape, Text name, SchemaMember *out)
{
    if (schema_find_member(shape, name, out))
        return true;
    for (size_t i = 0; i < schema_member_count(shape); i++) {
        SchemaMember member = schema_member_at(shape, i);
        if (!text_equal_any_case(member.name, name))
            continue;
        *out = member;
        return true;
    }
    return false;
}

/* Whether the key is meant as this name: people misspell, and are to be told so rather than that the document is unknown. */
static bool is_meant(Text key, Text name, bool is_strict)
{
    enum { DISTANCE_MAX = 2, LENGTH_MIN = 6 };
    if (text_equal(key, name))
        return true;
    if (is_strict)
        return false;
    return text_equal_any_case(key, name) || (name.len >= LENGTH_MIN && text_edit_distance(key, name, DISTANCE_MAX) <= DISTANCE_MAX);
}

static const Json *find_meant(const Json *object, Text name, bool is_strict)
{
    const Json *exact = json_get(object, name);
    for (size_t i = 0; !exact && !is_strict && i < object->members.count; i++)
        if (is_meant(object->members.items[i].key, name, is_strict))
            return object->members.items[i].value;
    return exact;
}

static bool has_c(const Json *object, const char *name)
{
    return json_get_c(object, name) != NULL;
}

/* How many members of the object the shape has. */
static size_t count_members(const Json *object, SchemaShape shape, bool is_strict)
{
    size_t count = 0;
    SchemaMember member;
    for (size_t i = 0; i < object->members.count; i++) {
        Text key = object->members.items[i].key;
        bool is_found = schema_find_member(shape, key, &member);
        for (size_t j = 0; !is_strict && !is_found && j < schema_member_count(shape); j++)
            is_found = is_meant(key, schema_member_at(shape, j).name, is_strict);
        count += is_found;
    }
    return count;
}

static bool fits(const Json *object, SchemaShape shape, size_t least, bool is_strict)
{
    size_t count = count_members(object, shape, is_strict);
    return count >= least && count * 2 >= object->members.count;
}

/* --- forms --- */

static bool is_container(const Json *json, bool is_strict)
{
    enum { LEAST = 3 };
    if (json->kind != JSON_OBJECT)
        return false;
    SchemaShape shape = foreign_answer_shape("DescribeTaskDefinition", "taskDefinition.containerDefinitions[]");
    bool has_name = find_meant(json, TEXT("name"), is_strict) != NULL;
    const Json *image = find_meant(json, TEXT("image"), is_strict);
    bool has_image = image != NULL;
    if (image && image->kind == JSON_OBJECT)
        return false; /* of a manifest of Copilot */
    return (is_strict ? has_name && has_image : has_name || has_image) && fits(json, shape, is_strict ? LEAST : 2, is_strict);
}

static bool is_task_definition(const Json *json, bool is_strict)
{
    enum { LEAST_FOUND = 4, LEAST_NAMED = 2 };
    const Json *containers = find_meant(json, TEXT("containerDefinitions"), is_strict);
    if (containers && (containers->kind == JSON_ARRAY || containers->kind == JSON_UNKNOWN))
        return true;
    SchemaShape shape = foreign_input_shape("ecs", "RegisterTaskDefinition");
    return fits(json, shape, is_strict ? LEAST_FOUND : LEAST_NAMED, is_strict) && (has_c(json, "family") || has_c(json, "requiresCompatibilities"));
}

/* A service as tools for deployment keep it: which one it is, and with which task definition, stands in the tool's own file. */
static bool is_rest_of_service(const Json *json, bool is_strict)
{
    enum { LEAST_FOUND = 3 };
    static const char *const only_services[] = {"deploymentConfiguration", "schedulingStrategy", "desiredCount", "loadBalancers"};
    bool is_one = false;
    for (size_t i = 0; i < sizeof only_services / sizeof *only_services; i++)
        is_one = is_one || has_c(json, only_services[i]);
    return is_one && fits(json, foreign_answer_shape("DescribeServices", "services[]"), is_strict ? LEAST_FOUND : 1, is_strict);
}

static ForeignForm recognise_service(const Json *json, bool is_strict)
{
    enum { LEAST_FOUND = 3, LEAST_NAMED = 2 };
    size_t least = is_strict ? LEAST_FOUND : LEAST_NAMED;
    bool has_task = find_meant(json, TEXT("taskDefinition"), is_strict) != NULL;
    if (has_c(json, "serviceArn") && fits(json, foreign_answer_shape("DescribeServices", "services[]"), least, is_strict))
        return FORM_SERVICE_DESCRIBED;
    bool is_named = find_meant(json, TEXT("serviceName"), is_strict) != NULL;
    if (!has_task && !is_named && !has_c(json, "service") && is_rest_of_service(json, is_strict))
        return FORM_SERVICE_REST;
    if (is_strict && !has_task)
        return FORM_NONE;
    if (has_c(json, "service") && !is_named)
        return fits(json, foreign_input_shape("ecs", "UpdateService"), least, is_strict) ? FORM_SERVICE_UPDATE : FORM_NONE;
    SchemaShape create = foreign_input_shape("ecs", "CreateService");
    SchemaShape run = foreign_input_shape("ecs", "RunTask");
    size_t for_create = count_members(json, create, is_strict);
    size_t for_run = count_members(json, run, is_strict);
    if (!is_named && for_run >= for_create && has_task && fits(json, run, least, is_strict))
        return FORM_TASK_RUN;
    return (is_named || has_task) && fits(json, create, least, is_strict) ? FORM_SERVICE : FORM_NONE;
}

static bool is_resource_type(const Json *type)
{
    return type && type->kind == JSON_TEXT && text_find(type->text, TEXT("::")) < type->text.len;
}

static bool is_template(const Json *json)
{
    const Json *resources = json_get_c(json, "Resources");
    if (has_c(json, "AWSTemplateFormatVersion"))
        return true;
    for (size_t i = 0; resources && resources->kind == JSON_OBJECT && i < resources->members.count; i++)
        if (is_resource_type(json_get_c(resources->members.items[i].value, "Type")))
            return true;
    return false;
}

static bool is_answer(const Json *json, const char *member, JsonKind kind)
{
    const Json *value = json_get_c(json, member);
    return value && value->kind == kind;
}

/* A service whose task definition stands beside it. A few settings of a tool's do not make one. */
static bool is_service_beside_task(const Json *json)
{
    enum { LEAST_FOUND = 3 };
    static const char *const only_services[] = {"deploymentConfiguration", "networkConfiguration", "loadBalancers", "launchType", "capacityProviderStrategy"};
    bool is_one = false;
    for (size_t i = 0; i < sizeof only_services / sizeof *only_services; i++)
        is_one = is_one || has_c(json, only_services[i]);
    return is_one && has_c(json, "serviceName") && fits(json, foreign_input_shape("ecs", "CreateService"), LEAST_FOUND, true);
}

ForeignForm foreign_recognise_part(const Json *value)
{
    if (value->kind != JSON_OBJECT)
        return FORM_NONE;
    if (is_task_definition(value, true))
        return FORM_TASK_DEFINITION;
    ForeignForm service = recognise_service(value, true);
    return service == FORM_NONE && is_service_beside_task(value) ? FORM_SERVICE : service == FORM_TASK_RUN ? FORM_NONE : service;
}

static size_t count_parts(const Json *json)
{
    size_t count = 0;
    for (size_t i = 0; i < json->members.count; i++)
        count += foreign_recognise_part(json->members.items[i].value) != FORM_NONE;
    return count;
}

static ForeignForm recognise_object(const Json *json, bool is_strict)
{
    if (is_template(json))
        return FORM_TEMPLATE;
    size_t parts = count_parts(json);
    if (parts > 1)
        return FORM_PARTS;
    if (is_answer(json, "taskDefinition", JSON_OBJECT) && is_task_definition(json_get_c(json, "taskDefinition"), is_strict))
        return FORM_TASK_DEFINITION_ANSWER;
    const Json *services = json_get_c(json, "services");
    if (services && services->kind == JSON_ARRAY && services->items.count && services->items.items[0]->kind == JSON_OBJECT &&
        recognise_service(services->items.items[0], is_strict) != FORM_NONE)
        return FORM_SERVICES_ANSWER;
    if (is_answer(json, "service", JSON_OBJECT) && recognise_service(json_get_c(json, "service"), is_strict) != FORM_NONE)
        return FORM_SERVICE_ANSWER;
    if (has_c(json, "AWSEBDockerrunVersion") && is_answer(json, "containerDefinitions", JSON_ARRAY))
        return FORM_BEANSTALK;
    if (is_task_definition(json, is_strict))
        return FORM_TASK_DEFINITION;
    ForeignForm service = recognise_service(json, is_strict);
    if (service != FORM_NONE)
        return service;
    return parts ? FORM_PARTS : is_container(json, is_strict) ? FORM_CONTAINER : FORM_NONE;
}

ForeignForm foreign_recognise(const Json *root, bool is_strict)
{
    if (root->kind == JSON_OBJECT)
        return recognise_object(root, is_strict);
    if (root->kind != JSON_ARRAY)
        return FORM_NONE;
    for (size_t i = 0; i < root->items.count; i++) {
        if (root->items.items[i]->kind != JSON_OBJECT)
            continue;
        ForeignForm form = recognise_object(root->items.items[i], is_strict);
        return form == FORM_NONE ? FORM_NONE : form == FORM_CONTAINER ? FORM_CONTAINERS : FORM_LIST;
    }
    return FORM_NONE;
}
