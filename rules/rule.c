#include "rules/rule.h"

#include <stdarg.h>

bool rule_is_set(const Json *node)
{
    return node && node->kind != JSON_NULL;
}

/* Of a reference only the known value counts; of joined texts only those whose parts are all known. */
bool rule_is_known(const Json *node)
{
    if (!rule_is_set(node) || node->kind == JSON_UNKNOWN)
        return false;
    if (node->kind == JSON_REFERENCE)
        return node->reference->known.len > 0;
    if (node->kind != JSON_JOINED)
        return true;
    for (size_t i = 0; i < node->items.count; i++)
        if (!rule_is_known(node->items.items[i]))
            return false;
    return true;
}

Text rule_text(const Json *node)
{
    if (!node)
        return TEXT_NONE;
    if (node->kind == JSON_REFERENCE)
        return node->reference->known;
    return node->kind == JSON_TEXT ? node->text : TEXT_NONE;
}

bool rule_text_is(const Json *node, const char *text)
{
    return text_equal_c(rule_text(node), text);
}

bool rule_integer(const Json *node, int64_t *out)
{
    enum { DIGITS_MAX = 18 };
    if (node && node->kind == JSON_NUMBER && rational_is_whole(node->number)) {
        *out = node->number.num;
        return true;
    }
    Text text = rule_text(node);
    bool is_negative = text.len && text.ptr[0] == '-';
    Text digits = text_slice(text, is_negative, text.len);
    if (!digits.len || digits.len > DIGITS_MAX)
        return false;
    int64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return false;
        number = number * 10 + (digits.ptr[i] - '0');
    }
    *out = is_negative ? -number : number;
    return true;
}

bool rule_flag(const Json *node, bool fallback)
{
    if (node && node->kind == JSON_BOOL)
        return node->boolean;
    return rule_text_is(node, "true") || (fallback && !rule_text_is(node, "false"));
}

size_t rule_item_count(const Json *list)
{
    return list && list->kind == JSON_ARRAY ? list->items.count : 0;
}

const Json *rule_find(const Json *node, const char *path)
{
    Text rest = text_from_c(path);
    while (rest.len && node) {
        size_t end = text_find_byte(rest, '.');
        node = json_get(node, text_slice(rest, 0, end));
        rest = text_slice(rest, end < rest.len ? end + 1 : end, rest.len);
    }
    return rule_is_set(node) ? node : NULL;
}

bool rule_list_has(const Json *list, const char *text, bool *has_unknown)
{
    bool found = false;
    bool unknown = list && list->kind == JSON_UNKNOWN;
    for (size_t i = 0; i < rule_item_count(list); i++) {
        found = found || rule_text_is(list->items.items[i], text);
        unknown = unknown || !rule_is_known(list->items.items[i]);
    }
    if (has_unknown)
        *has_unknown = unknown;
    return found;
}

Span rule_span(const Resource *resource, const Json *node)
{
    return node && !span_is_none(node->origin) ? node->origin : resource->origin;
}

Diagnostic *rule_report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text message = arena_format_list(context->arena, format, list);
    va_end(list);
    return diagnostic_report(context->sink, code, rule_span(resource, node), "%.*s", TEXT_ARG(message));
}

const char *rule_name(const RuleContext *context, const char *word, const char *member)
{
    return context->is_svc ? word : member;
}
