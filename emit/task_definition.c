#include "emit/container.h"
#include "emit/task_check.h"

static Json *text_list(Emission *emission, const char *only)
{
    Json *list = json_array(emission->arena);
    json_add(emission->arena, list, json_text_c(emission->arena, only));
    return list;
}

/* A role that emit_roles made, or one that exists; NULL when the task needs none. */
static Json *role_reference(Emission *emission, const ServiceFacts *facts, const char *which, Text id, Text arn)
{
    const Node *said = node_keyed_child(facts->node, W_ROLE, text_from_c(which));
    const Resource *role = resources_find(emission->resources, id);
    if (emit_is_existing(said))
        return arn.len ? json_at(json_text(emission->arena, arn), said->span) : NULL;
    return role ? json_at(emit_reference(emission, id, ATTRIBUTE_ARN, emission->is_account_known ? arn : TEXT_NONE), role->origin) : NULL;
}

/* What a Fargate task has unless the file says otherwise. */
static Json *begin_task(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    Json *task = json_object(arena);
    Json *platform = json_object(arena);
    json_set_c(arena, platform, "cpuArchitecture", json_text_c(arena, "X86_64"));
    json_set_c(arena, platform, "operatingSystemFamily", json_text_c(arena, "LINUX"));
    json_set_c(arena, task, "family", json_at(json_text(arena, facts->family), facts->node->span));
    json_set_c(arena, task, "networkMode", json_text_c(arena, "awsvpc"));
    json_set_c(arena, task, "requiresCompatibilities", text_list(emission, "FARGATE"));
    json_set_c(arena, task, "runtimePlatform", platform);
    json_set_c(arena, task, "taskRoleArn", role_reference(emission, facts, "task", facts->task_role_id, facts->task_role_arn));
    json_set_c(arena, task, "executionRoleArn",
               role_reference(emission, facts, "execution", facts->execution_role_id, facts->execution_role_arn));
    json_set_c(arena, task, "tags", emit_tags(emission, facts->service, facts->task_definition_id, facts->node, "key", "value"));
    const Node *compute = node_child(facts->node, W_COMPUTE);
    int64_t cpu = node_integer(compute, 0, 0);
    if (cpu && !node_argument(compute, 1)) {
        Text memory = arena_format(arena, "%lld", (long long)model_task_memory(cpu));
        json_set_c(arena, task, "memory", json_at(json_text(arena, memory), compute->span));
    }
    return task;
}

/* Elements stand in the order of their statements; NULL where an `aws` block put something else in its place. */
static Json *element_named(const Json *list, size_t index, Text name)
{
    Json *element = index < json_item_count(list) ? list->items.items[index] : NULL;
    const Json *member = json_get_c(element, "name");
    return member && member->kind == JSON_TEXT && text_equal(member->text, name) ? element : NULL;
}

static void finish_volumes(Emission *emission, const ServiceFacts *facts, const Json *task)
{
    const Json *volumes = json_get_c(task, "volumes");
    size_t index = 0;
    NODE_EACH(volume, facts->node, W_VOLUME)
    {
        Json *json = element_named(volumes, index++, volume->key);
        if (!json)
            continue;
        Json *efs = json_get_c(json, "efsVolumeConfiguration");
        if (efs)
            json_set_default(emission->arena, efs, "transitEncryption", json_text_c(emission->arena, "ENABLED"));
        const Node *ebs = node_child(volume, W_EBS);
        if (ebs)
            json_set_default(emission->arena, json, "configuredAtLaunch", json_at(json_bool(emission->arena, true), ebs->span));
    }
}

/* Windows containers have none of this: the library's own default goes, and what the file says is reported (rules/container.c). */
static void drop_linux_defaults(const Node *container, Json *definition)
{
    const Node *init = node_child(container, W_INIT);
    Json *linux_parameters = json_get_c(definition, "linuxParameters");
    if (init && init->presence && init->presence->layer == LAYER_LIBRARY)
        json_remove_c(linux_parameters, "initProcessEnabled");
    if (linux_parameters && !json_length(linux_parameters))
        json_remove_c(definition, "linuxParameters");
}

void emit_task_definition(Emission *emission, const ServiceFacts *facts)
{
    task_check(emission, facts);
    Json *task = begin_task(emission, facts);
    shape_fill(emission, task, facts->node, "task");
    const Json *definitions = json_get_c(task, "containerDefinitions");
    size_t index = 0;
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        Json *definition = element_named(definitions, index++, container->key);
        if (definition && task_is_windows(facts->node))
            drop_linux_defaults(container, definition);
        if (definition)
            container_fill(emission, facts, container, definition);
    }
    finish_volumes(emission, facts, task);
    emit_add_resource(emission, RESOURCE_TASK_DEFINITION, facts->task_definition_id, facts->service, facts->family, TEXT("task-definition"), task,
                      facts->node->span);
}
