#include "rules/task.h"

#include "vocabulary/vocabulary.h"

bool task_is_fargate(const RuleContext *context, const Resource *resource)
{
    return resource->kind == RESOURCE_TASK_DEFINITION &&
           (context->is_svc || rule_list_has(json_get_c(resource->input, "requiresCompatibilities"), "FARGATE", NULL));
}

Span task_fargate_span(const RuleContext *context, const Resource *resource)
{
    const Json *list = json_get_c(resource->input, "requiresCompatibilities");
    for (size_t i = 0; !context->is_svc && i < rule_item_count(list); i++)
        if (rule_text_is(list->items.items[i], "FARGATE"))
            return rule_span(resource, list->items.items[i]);
    return resource->origin;
}

static const Json *operating_system(const Resource *resource)
{
    return rule_find(resource->input, "runtimePlatform.operatingSystemFamily");
}

bool task_is_for_windows(const Resource *resource)
{
    return text_starts_with(rule_text(operating_system(resource)), TEXT("WINDOWS"));
}

Span task_windows_span(const RuleContext *context, const Resource *resource)
{
    return rule_member_span(context, resource, operating_system(resource), rule_name(context, vocabulary_row(W_OS)->word, "operatingSystemFamily"));
}

Text task_network_mode(const Resource *resource)
{
    const Json *mode = json_get_c(resource->input, "networkMode");
    return rule_is_set(mode) ? rule_text(mode) : TEXT("bridge");
}

const Json *task_find_container(const RuleContext *context, const Resource *resource, Text name, bool *has_unknown)
{
    const Json *containers = json_get_c(resource->input, "containerDefinitions");
    *has_unknown = name_index_has_unknown(context->names, containers, "name");
    return name_index_find(context->names, containers, "name", name);
}

const Json *task_container_place(const RuleContext *context, const Json *container)
{
    const Json *name = json_get_c(container, "name");
    return context->is_svc || !rule_is_set(name) ? container : name;
}

const char *task_container_label(const RuleContext *context, const Json *container)
{
    Text name = rule_text(json_get_c(container, "name"));
    return name.len ? arena_format(context->arena, "%s %.*s", vocabulary_row(W_CONTAINER)->word, TEXT_ARG(name)).ptr : "this container";
}

Text task_nearest(const Json *list, const char *key, Text name)
{
    enum { DISTANCE_MAX = 2, LOOKED_AT_MAX = 200 };
    Text nearest = TEXT_NONE;
    size_t least = DISTANCE_MAX + 1;
    for (size_t i = 0; i < rule_item_count(list) && i < LOOKED_AT_MAX; i++) {
        Text candidate = rule_text(json_get_c(list->items.items[i], key));
        size_t distance = candidate.len ? text_edit_distance(candidate, name, DISTANCE_MAX) : least;
        nearest = distance < least ? candidate : nearest;
        least = distance < least ? distance : least;
    }
    return nearest;
}

bool task_is_idle(const Json *node)
{
    if (!rule_is_set(node))
        return true;
    switch (node->kind) {
    case JSON_BOOL: return !node->boolean;
    case JSON_NUMBER: return node->number.num == 0;
    case JSON_TEXT: return node->text.len == 0;
    case JSON_ARRAY: return node->items.count == 0;
    case JSON_OBJECT: return node->members.count == 0;
    case JSON_NULL:
    case JSON_REFERENCE:
    case JSON_JOINED:
    case JSON_EMBEDDED:
    case JSON_UNKNOWN: break;
    }
    return false;
}

void task_each_repeat(const RuleContext *context, const Resource *resource, const Json *list, const char *key, TaskRepeat *report)
{
    Names names = {0};
    for (size_t i = 0; i < rule_item_count(list); i++) {
        const Json *name = json_get_c(list->items.items[i], key);
        const Json *earlier = names_put(&names, context->arena, rule_text(name), list->items.items[i]);
        if (earlier)
            report(context, resource, name, json_get_c(earlier, key));
    }
}

Text task_last_segment(const char *path)
{
    Text text = text_from_c(path);
    size_t start = text.len;
    while (start && text.ptr[start - 1] != '.')
        start--;
    return text_slice(text, start, text.len);
}

bool task_is_account(Text text)
{
    return text_count_digits(text) < text.len || arn_is_account(text);
}

bool task_is_region(Text text)
{
    bool has_digit = false;
    for (size_t i = 0; i < text.len; i++)
        has_digit = has_digit || byte_is_digit(text.ptr[i]);
    return !has_digit || arn_is_region(text);
}
