/* Goes through the tables of the families. */
#include "rules/rule.h"
#include "rules/schema_check.h"

/* Every family's table; each ends with a row without a check. */
static const Rule *const families[] = {
    task_definition_rules,
    task_size_rules,
    container_rules,
    image_rules,
    environment_rules,
    volume_rules,
    port_rules,
    logging_rules,
    fargate_rules,
    credential_rules,
    service_rules, deployment_rules, target_group_rules, load_balancer_rules, listener_rules, role_rules,
    security_group_rules,  alarm_rules,   scaling_rules,    log_group_rules,    across_rules,        across_role_rules,
    identity_rules,
};

/* Judges the nodes at `path` below `node`. */
static void judge(const RuleContext *context, const Resource *resource, const Json *node, Text path, RuleCheck *check)
{
    while (path.len && rule_is_known(node)) {
        size_t end = text_find_byte(path, '.');
        Text key = text_slice(path, 0, end);
        path = text_slice(path, end < path.len ? end + 1 : end, path.len);
        if (!text_ends_with(key, TEXT("[]"))) {
            node = json_get(node, key);
            continue;
        }
        const Json *list = json_get(node, text_slice(key, 0, key.len - 2));
        for (size_t i = 0; i < rule_item_count(list); i++)
            judge(context, resource, list->items.items[i], path, check);
        return;
    }
    if (rule_is_known(node))
        check(context, resource, node);
}

static void judge_resource(RuleContext *context, const Resource *resource)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const Rule *rule = families[i]; rule->check; rule++)
            if (rule->kind == resource->kind)
                judge(context, resource, resource->input, text_from_c(rule->path), rule->check);
    schema_check(context, resource);
}

/* The service whose resource it is: a finding in another file, such as a profile's, is each service's own. Found by the service's task definition,
   whose place is the service's statement. */
static const Span *find_user(const RuleContext *context, const Resource *resource)
{
    Text id = arena_format(context->arena, "%.*s/task-definition", TEXT_ARG(resource->service));
    const Resource *task = context->is_svc && resource->service.len ? resources_find(context->resources, id) : NULL;
    return task ? &task->origin : NULL;
}

void rules_check(RuleContext *context)
{
    Text service = TEXT_NONE;
    context->names = name_index_create(context->arena);
    for (size_t i = 0; i < context->resources->items.count; i++) {
        const Resource *resource = context->resources->items.items[i];
        if (!i || !text_equal(service, resource->service))
            context->sink->user = find_user(context, resource);
        service = resource->service;
        judge_resource(context, resource);
    }
    context->sink->user = NULL;
}
