#include "rules/rule_run.h"
#include "rules/schema_check.h"

/* Judges the nodes below `node` that the steps lead to. */
static void judge(const RuleContext *context, const Resource *resource, const Json *node, const RuleOfKind *rule, size_t step)
{
    for (; step < rule->step_count && rule_is_known(node); step++) {
        node = json_get(node, rule->steps[step].key);
        if (!rule->steps[step].is_list)
            continue;
        for (size_t i = 0; i < rule_item_count(node); i++)
            judge(context, resource, node->items.items[i], rule, step + 1);
        return;
    }
    if (rule_is_known(node))
        rule->check(context, resource, node);
}

static void find_starts(const KindRules *kind, const Json *input)
{
    for (size_t i = 0; i < kind->starts.count; i++) {
        RuleStart *start = &kind->starts.items[i];
        start->node = start->step.key.len ? json_get(input, start->step.key) : input;
        if (!rule_is_known(input) || !rule_is_known(start->node))
            start->node = NULL;
    }
}

static void judge_resource(const RuleContext *context, const Resource *resource)
{
    const KindRules *kind = rule_run_kind(context->run, resource->kind);
    find_starts(kind, resource->input);
    for (size_t i = 0; i < kind->rules.count; i++) {
        const RuleOfKind *rule = &kind->rules.items[i];
        const RuleStart *start = &kind->starts.items[rule->start];
        if (!start->node)
            continue;
        if (!start->step.is_list)
            judge(context, resource, start->node, rule, 0);
        for (size_t j = 0; start->step.is_list && j < rule_item_count(start->node); j++)
            judge(context, resource, start->node->items.items[j], rule, 0);
    }
    schema_check(context, resource, kind);
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
