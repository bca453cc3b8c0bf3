#include "rules/rule_run.h"

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

RuleRun *rule_run_create(Arena *arena)
{
    RuleRun *run = ARENA_NEW(arena, RuleRun);
    run->arena = arena;
    run->patterns = pattern_set_create(arena);
    return run;
}

static size_t find_start(Arena *arena, KindRules *rules, RuleStep step)
{
    for (size_t i = 0; i < rules->starts.count; i++)
        if (text_equal(rules->starts.items[i].step.key, step.key) && rules->starts.items[i].step.is_list == step.is_list)
            return i;
    RuleStart start = {.step = step};
    ARRAY_PUSH(arena, &rules->starts, start);
    return rules->starts.count - 1;
}

/* "containerDefinitions[].healthCheck" as a start and steps. */
static RuleOfKind read_rule(Arena *arena, KindRules *rules, const Rule *rule)
{
    ARRAY(RuleStep) steps = {0};
    Text path = text_from_c(rule->path);
    while (path.len) {
        size_t end = text_find_byte(path, '.');
        Text key = text_slice(path, 0, end);
        bool is_list = text_ends_with(key, TEXT("[]"));
        RuleStep step = {text_slice(key, 0, is_list ? key.len - 2 : key.len), is_list};
        ARRAY_PUSH(arena, &steps, step);
        path = text_slice(path, end + 1, path.len);
    }
    RuleStep first = steps.count ? steps.items[0] : (RuleStep){0};
    return (RuleOfKind){rule->check, steps.count ? steps.items + 1 : NULL, steps.count ? steps.count - 1 : 0, find_start(arena, rules, first)};
}

KindRules *rule_run_kind(RuleRun *run, ResourceKind kind)
{
    KindRules *rules = &run->kinds[kind];
    if (rules->is_read)
        return rules;
    const ResourceFacts *facts = resource_facts(kind);
    rules->is_read = true;
    rules->service = schema_find_service(text_from_c(facts->service));
    rules->has_input = rules->service && schema_find_operation(rules->service, text_from_c(facts->operation), &rules->operation) &&
                       rules->operation.has_input;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const Rule *rule = families[i]; rule->check; rule++)
            if (rule->kind == kind)
                ARRAY_PUSH(run->arena, &rules->rules, read_rule(run->arena, rules, rule));
    return rules;
}
