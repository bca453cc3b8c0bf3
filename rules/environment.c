/* Variables of containers: plain ones, secret ones, and files of them. */
#include "rules/task.h"
#include "vocabulary/vocabulary.h"

/* One name in both lists: ECS refuses it, as nobody could tell which wins. */
static void check_both(const RuleContext *context, const Resource *resource, const Json *secret, const Json *plain)
{
    const char *word = vocabulary_row(W_SECRET)->word;
    Text name = rule_text(json_get_c(secret, "name"));
    const Json *place = context->is_svc ? secret : json_get_c(secret, "name");
    const Json *other = context->is_svc ? plain : json_get_c(plain, "name");
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VARIABLE_TWICE, place, "%.*s is set twice", TEXT_ARG(name));
    diagnostic_set_label(context->sink, diagnostic, "as a %s", word);
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, other), "and as a plain value");
    diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
}

static const Json *find_named(const Json *list, size_t count, Text name)
{
    for (size_t i = 0; name.len && i < count; i++)
        if (text_equal(rule_text(json_get_c(list->items.items[i], "name")), name))
            return list->items.items[i];
    return NULL;
}

static void check_variables(const RuleContext *context, const Resource *resource, const Json *container)
{
    const Json *plain = json_get_c(container, "environment");
    const Json *secrets = json_get_c(container, "secrets");
    for (size_t i = 0; i < rule_item_count(secrets); i++) {
        const Json *twin = find_named(plain, rule_item_count(plain), rule_text(json_get_c(secrets->items.items[i], "name")));
        if (twin)
            check_both(context, resource, secrets->items.items[i], twin);
    }
}

const Rule environment_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_variables},
    {.check = NULL},
};
