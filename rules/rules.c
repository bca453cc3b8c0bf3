/* Goes through the tables of the families. */
#include "rules/rule.h"

/* Every family's table; each ends with a row without a check. */
static const Rule *const families[] = {
    task_definition_rules,
    credential_rules,
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
}

void rules_check(RuleContext *context)
{
    for (size_t i = 0; i < context->resources->items.count; i++)
        judge_resource(context, context->resources->items.items[i]);
}
