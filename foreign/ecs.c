/* Documents of ECS: inputs and answers of its operations, container definitions on their own. */
#include "foreign/convert.h"
#include "foreign/recognise.h"

/* --- what is left out --- */

/* Members that only another operation has: what describe returns beside the input, what only update takes. */
static void drop_members_of(Json *object, SchemaShape input, SchemaShape other)
{
    size_t kept = 0;
    SchemaMember member;
    for (size_t i = 0; i < object->members.count; i++) {
        Text key = object->members.items[i].key;
        if (schema_find_member(input, key, &member) || !schema_find_member(other, key, &member))
            object->members.items[kept++] = object->members.items[i];
    }
    object->members.count = kept;
}

/* --- task definitions --- */

static Resource *add_task_definition(Converter *converter, Json *input)
{
    SchemaShape shape = foreign_input_shape("ecs", "RegisterTaskDefinition");
    drop_members_of(input, shape, foreign_answer_shape("DescribeTaskDefinition", "taskDefinition"));
    foreign_settle(shape, input, true);
    Text family = foreign_text(input, "family");
    return foreign_add(converter, RESOURCE_TASK_DEFINITION, family.len ? family : TEXT("task-definition"), family, input, input->origin);
}

/* {"taskDefinition": {…}, "tags": […]}: the tags are a member of the input. */
static void add_task_answer(Converter *converter, const Json *answer)
{
    Json *input = json_get_c(answer, "taskDefinition");
    json_set_default(converter->arena, input, "tags", json_get_c(answer, "tags"));
    (void)add_task_definition(converter, input);
}

/* What a task definition has beside these members is somewhere else. */
static void add_part(Converter *converter, const Json *place, Json *containers, Json *volumes)
{
    SchemaShape shape = foreign_input_shape("ecs", "RegisterTaskDefinition");
    Json *input = json_at(json_object(converter->arena), place->origin);
    for (size_t i = 0; i < schema_member_count(shape); i++)
        json_set(converter->arena, input, schema_member_at(shape, i).name, json_unknown(converter->arena, TEXT_NONE));
    json_set_c(converter->arena, input, "containerDefinitions", containers);
    if (volumes)
        json_set_c(converter->arena, input, "volumes", volumes);
    add_task_definition(converter, input)->is_part = true;
}

/* Container definitions as Terraform and CodeDeploy's tools have them. */
static void add_containers(Converter *converter, Json *containers)
{
    add_part(converter, containers, containers, NULL);
}

/* Dockerrun.aws.json: Elastic Beanstalk makes the task definition of its containers and volumes, and adds volumes for logs. */
static void add_beanstalk(Converter *converter, const Json *root)
{
    Json *volumes = json_get_c(root, "volumes");
    if (volumes && volumes->kind == JSON_ARRAY)
        json_add(converter->arena, volumes, json_unknown(converter->arena, TEXT_NONE));
    add_part(converter, root, json_get_c(root, "containerDefinitions"), volumes);
}

/* --- services --- */

static void rename_member(Arena *arena, Json *object, const char *from, const char *to)
{
    json_set_default(arena, object, to, json_get_c(object, from));
    json_remove_c(object, from);
}

/* What tools write of an answer of ECS although it says nothing: alarms that are off. */
static void drop_idle(Arena *arena, Json *service)
{
    Json *deployment = json_get_c(service, "deploymentConfiguration");
    Json *alarms = deployment && deployment->kind == JSON_OBJECT ? json_get_c(deployment, "alarms") : NULL;
    const Json *enable = alarms && alarms->kind == JSON_OBJECT ? json_get_c(alarms, "enable") : NULL;
    if (enable && enable->kind == JSON_BOOL && !enable->boolean)
        json_set_default(arena, alarms, "alarmNames", json_array(arena));
}

static void add_service(Converter *converter, Json *input, ForeignForm form)
{
    static const char *const elsewhere[] = {"serviceName", "taskDefinition", "cluster"};
    SchemaShape shape = foreign_input_shape("ecs", "CreateService");
    if (form == FORM_SERVICE_DESCRIBED || form == FORM_SERVICE_REST) {
        rename_member(converter->arena, input, "clusterArn", "cluster");
        rename_member(converter->arena, input, "roleArn", "role");
        drop_members_of(input, shape, foreign_answer_shape("DescribeServices", "services[]"));
    } else if (form == FORM_SERVICE_UPDATE) {
        rename_member(converter->arena, input, "service", "serviceName");
        drop_members_of(input, shape, foreign_input_shape("ecs", "UpdateService"));
    }
    if (form == FORM_SERVICE_DESCRIBED || form == FORM_SERVICE_REST)
        drop_idle(converter->arena, input);
    for (size_t i = 0; form == FORM_SERVICE_REST && i < sizeof elsewhere / sizeof *elsewhere; i++)
        json_set_default(converter->arena, input, elsewhere[i], json_unknown(converter->arena, TEXT_NONE));
    foreign_settle(shape, input, true);
    Text name = foreign_text(input, "serviceName");
    (void)foreign_add(converter, RESOURCE_SERVICE, name.len ? name : TEXT("service"), name, input, input->origin);
}

static void add_task_run(Converter *converter, Json *input)
{
    SchemaShape shape = foreign_input_shape("ecs", "RunTask");
    foreign_settle(shape, input, true);
    (void)foreign_add(converter, RESOURCE_TASK_RUN, TEXT("task-run"), TEXT_NONE, input, input->origin);
}

/* --- all --- */

static bool add_list(Converter *converter, const Json *list)
{
    bool good = true;
    for (size_t i = 0; i < list->items.count; i++)
        good = (list->items.items[i]->kind == JSON_UNKNOWN || foreign_read_ecs(converter, list->items.items[i])) && good;
    return good;
}

/* The task definition that a service beside it runs: the one there is, or one of several. */
static Json *beside(Arena *arena, const Json *task, size_t count)
{
    const Json *family = count == 1 ? json_get_c(task, "family") : NULL;
    return family && family->kind == JSON_TEXT && family->text.len ? json_at(json_text(arena, family->text), family->origin) : json_unknown(arena, TEXT_NONE);
}

static void add_parts(Converter *converter, const Json *root)
{
    size_t tasks = 0;
    const Json *task = NULL;
    for (size_t i = 0; i < root->members.count; i++) {
        Json *value = root->members.items[i].value;
        if (foreign_recognise_part(value) != FORM_TASK_DEFINITION)
            continue;
        (void)add_task_definition(converter, value);
        task = value;
        tasks++;
    }
    for (size_t i = 0; i < root->members.count; i++) {
        Json *value = root->members.items[i].value;
        ForeignForm form = foreign_recognise_part(value);
        if (form == FORM_NONE || form == FORM_TASK_DEFINITION)
            continue;
        if (tasks)
            json_set_default(converter->arena, value, "taskDefinition", beside(converter->arena, task, tasks));
        add_service(converter, value, form);
    }
}

bool foreign_read_ecs(Converter *converter, Json *root)
{
    ForeignForm form = foreign_recognise(root, converter->is_strict);
    switch (form) {
    case FORM_TASK_DEFINITION: (void)add_task_definition(converter, root); return true;
    case FORM_TASK_DEFINITION_ANSWER: add_task_answer(converter, root); return true;
    case FORM_SERVICE:
    case FORM_SERVICE_UPDATE:
    case FORM_SERVICE_REST:
    case FORM_SERVICE_DESCRIBED: add_service(converter, root, form); return true;
    case FORM_SERVICES_ANSWER: return add_list(converter, json_get_c(root, "services"));
    case FORM_SERVICE_ANSWER: return foreign_read_ecs(converter, json_get_c(root, "service"));
    case FORM_TASK_RUN: add_task_run(converter, root); return true;
    case FORM_CONTAINERS: add_containers(converter, root); return true;
    case FORM_BEANSTALK: add_beanstalk(converter, root); return true;
    case FORM_CONTAINER: {
        Json *list = json_at(json_array(converter->arena), root->origin);
        json_add(converter->arena, list, root);
        json_add(converter->arena, list, json_unknown(converter->arena, TEXT_NONE)); /* it may stand beside others */
        add_containers(converter, list);
        return true;
    }
    case FORM_LIST: return add_list(converter, root);
    case FORM_PARTS: add_parts(converter, root); return true;
    case FORM_TEMPLATE:
    case FORM_NONE: break;
    }
    return false;
}
