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

bool rule_is_misspelt(const Json *object, Text member)
{
    enum { DISTANCE_MAX = 2 };
    for (size_t i = 0; object && object->kind == JSON_OBJECT && i < object->members.count; i++) {
        Text key = object->members.items[i].key;
        if (!text_equal(key, member) && text_edit_distance(key, member, DISTANCE_MAX) <= DISTANCE_MAX)
            return true;
    }
    return false;
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

bool rule_is_told(const RuleContext *context, Span span)
{
    const Diagnostics *sink = context->sink;
    for (size_t i = sink->items.count; i-- > 0;) {
        Span other = sink->items.items[i]->primary.span;
        if (sink->items.items[i]->severity == SEVERITY_ERROR && other.file == span.file && other.start == span.start && other.end == span.end)
            return true;
    }
    return false;
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

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks_back(Text text, size_t end)
{
    while (end && is_blank(text.ptr[end - 1]))
        end--;
    return end;
}

static bool is_name_byte(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

Span rule_key_span(const RuleContext *context, const Json *value, Text key)
{
    Span at = value->origin;
    const Sources *sources = context->sink->sources;
    if (span_is_none(at) || at.file >= sources->files.count || !key.len)
        return SPAN_NONE;
    Text text = sources->files.items[at.file]->text;
    size_t end = skip_blanks_back(text, at.start <= text.len ? at.start : 0);
    if (end && text.ptr[end - 1] == ':')
        end = skip_blanks_back(text, end - 1);
    if (end && (text.ptr[end - 1] == '"' || text.ptr[end - 1] == '\''))
        end--;
    if (end < key.len || (end > key.len && is_name_byte(text.ptr[end - key.len - 1])))
        return SPAN_NONE;
    for (size_t i = 0; i < key.len; i++)
        if (lower(text.ptr[end - key.len + i]) != lower(key.ptr[i]))
            return SPAN_NONE;
    return (Span){at.file, (uint32_t)(end - key.len), (uint32_t)end};
}

Span rule_member_span(const RuleContext *context, const Resource *resource, const Json *value, const char *key)
{
    Span name = rule_key_span(context, value, text_from_c(key));
    if (span_is_none(name))
        return rule_span(resource, value);
    const Text whole = context->sink->sources->files.items[name.file]->text;
    bool is_quoted = name.start && (whole.ptr[name.start - 1] == '"' || whole.ptr[name.start - 1] == '\'');
    Span both = span_join(name, value->origin);
    both.start -= is_quoted;
    Text text = sources_text(context->sink->sources, both);
    return text_find_byte(text, '\n') < text.len ? name : both;
}
