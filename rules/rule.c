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
        if (!byte_is_digit(digits.ptr[i]))
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
    while (*path && node) {
        size_t end = 0;
        while (path[end] != '\0' && path[end] != '.')
            end++;
        node = json_get(node, (Text){path, end});
        path += end + (path[end] == '.');
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
    return diagnostics_has_error_at(context->sink, span);
}

/* Where the text before `end` ends that is neither blank nor a comment of YAML, which ends its line. */
static size_t skip_back(Text text, size_t end)
{
    for (;;) {
        bool is_line_end = false;
        while (end > 0 && rule_has_only(text_slice(text, end - 1, end), " \t\r\n"))
            is_line_end = text.ptr[--end] == '\n' || is_line_end;
        size_t comment = end;
        for (size_t i = end; is_line_end && i > 1 && text.ptr[i - 1] != '\n'; i--)
            if (text.ptr[i - 1] == '#' && rule_has_only(text_slice(text, i - 2, i - 1), " \t\n"))
                comment = i - 1;
        if (comment == end)
            return end;
        end = comment;
    }
}

static bool is_name_byte(char c)
{
    return byte_is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

/* The name right before a value, found in the text: a list or an object of YAML begins on the line after it. SPAN_NONE when there is none. */
static Span name_before(const Sources *sources, Span value, bool *has_colon)
{
    *has_colon = false;
    if (span_is_none(value) || value.file >= sources->files.count)
        return SPAN_NONE;
    Text text = sources->files.items[value.file]->text;
    size_t end = skip_back(text, value.start <= text.len ? value.start : 0);
    *has_colon = end && text.ptr[end - 1] == ':';
    if (*has_colon)
        end = skip_back(text, end - 1);
    if (end && (text.ptr[end - 1] == '"' || text.ptr[end - 1] == '\''))
        end--;
    size_t start = end;
    while (start && is_name_byte(text.ptr[start - 1]))
        start--;
    return start < end ? (Span){value.file, (uint32_t)start, (uint32_t)end} : SPAN_NONE;
}

/* A list or map as a whole is shown by its name. */
Span rule_report_span(const RuleContext *context, const Resource *resource, const Json *node)
{
    bool is_whole = node && (node->kind == JSON_ARRAY || node->kind == JSON_OBJECT) && !context->is_svc;
    bool has_colon = false;
    Span key = is_whole ? name_before(context->sink->sources, node->origin, &has_colon) : SPAN_NONE;
    return has_colon && !span_is_none(key) ? key : rule_span(resource, node);
}

Diagnostic *rule_report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text message = arena_format_list(context->arena, format, list);
    va_end(list);
    return diagnostic_report(context->sink, code, rule_report_span(context, resource, node), "%.*s", TEXT_ARG(message));
}

const char *rule_name(const RuleContext *context, const char *word, const char *member)
{
    return context->is_svc ? word : member;
}

Span rule_key_span(const RuleContext *context, const Json *value, Text key)
{
    bool has_colon;
    Span name = name_before(context->sink->sources, value->origin, &has_colon);
    bool is_it = !span_is_none(name) && text_equal_any_case(sources_text(context->sink->sources, name), key);
    return is_it ? name : SPAN_NONE;
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

bool rule_is_open(const Json *node)
{
    return rule_is_set(node) && !rule_is_known(node);
}

const Json *rule_member(const Resource *resource, const char *path)
{
    return rule_find(resource->input, path);
}

const Json *rule_find_more(const Resource *resource, const char *path)
{
    return resource->more ? rule_find(resource->more, path) : NULL;
}

bool rule_is_one_of(Text text, const char *words)
{
    const char *word = text.len ? words : NULL;
    while (word) {
        size_t same = 0;
        while (same < text.len && word[same] == text.ptr[same] && word[same] != ' ' && word[same] != '\0')
            same++;
        if (same == text.len && (word[same] == ' ' || word[same] == '\0'))
            return true;
        word = strchr(word + same, ' ');
        word += word != NULL;
    }
    return false;
}

Text rule_words_text(Arena *arena, const char *words)
{
    Buffer out = {0};
    for (const char *c = words; *c; c++)
        buffer_add_c(&out, *c == ' ' ? ", " : (const char[]){*c, '\0'});
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

size_t rule_count_byte(Text text, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == byte;
    return count;
}

bool rule_has_only(Text text, const char *allowed)
{
    for (size_t i = 0; i < text.len; i++) {
        bool found = false;
        for (const char *c = allowed; *c && !found; c++) {
            bool is_range = c[1] == '-' && c[2];
            found = is_range ? text.ptr[i] >= c[0] && text.ptr[i] <= c[2] : text.ptr[i] == *c;
            c += is_range ? 2 : 0;
        }
        if (!found)
            return false;
    }
    return true;
}

bool rule_matches(Text pattern, Text text)
{
    size_t p = 0;
    size_t star = SIZE_MAX;
    size_t resume = 0;
    for (size_t t = 0; t < text.len;) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

void rule_tell(const RuleContext *context, Diagnostic *diagnostic, const char *label, const char *advice)
{
    if (label)
        diagnostic_set_label(context->sink, diagnostic, "%s", label);
    if (advice)
        diagnostic_set_advice(context->sink, diagnostic, "%s", advice);
}

void rule_report_with(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, resource, code, node, "%s", message), NULL, advice);
}
