/* Volumes of tasks and where containers mount them. */
#include "rules/task.h"
#include "vocabulary/vocabulary.h"

static void check_names(const RuleContext *context, const Resource *resource, const Json *volumes)
{
    for (size_t i = 1; i < rule_item_count(volumes); i++) {
        const Json *name = json_get_c(volumes->items.items[i], "name");
        for (size_t j = 0; j < i && rule_is_known(name); j++) {
            const Json *earlier = json_get_c(volumes->items.items[j], "name");
            if (!rule_text(name).len || !text_equal(rule_text(earlier), rule_text(name)))
                continue;
            Diagnostic *diagnostic = rule_report(context, resource, CODE_NAMED_TWICE, name, "two volumes of this task are called %.*s", TEXT_ARG(rule_text(name)));
            diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "the first");
            break;
        }
    }
}

const Rule volume_rules[] = {
    {RESOURCE_TASK_DEFINITION, "volumes", check_names},
    {.check = NULL},
};
