/* What a listener rule matches. */
#include "emit/listener_rule.h"

#include <stdlib.h>

/* AWS: quotas of application load balancers. */
enum { WILDCARDS_MAX = 5, VALUE_LENGTH_MAX = 128 };

/* A kind of condition: the member that holds it, and its name in Field. */
typedef struct ConditionKind {
    const char *member;
    const char *field;
} ConditionKind;

static const ConditionKind condition_kinds[] = {
    {"HostHeaderConfig", "host-header"},   {"HttpHeaderConfig", "http-header"},   {"HttpRequestMethodConfig", "http-request-method"},
    {"PathPatternConfig", "path-pattern"}, {"QueryStringConfig", "query-string"}, {"SourceIpConfig", "source-ip"},
};
enum { CONDITION_KIND_COUNT = sizeof condition_kinds / sizeof *condition_kinds };

/* --- making them --- */

static void add_condition(Emission *emission, Json *conditions, const char *member, Json *values, Span origin)
{
    Json *config = json_object(emission->arena);
    Json *condition = json_at(json_object(emission->arena), origin);
    json_set_c(emission->arena, config, "Values", values);
    json_set_c(emission->arena, condition, member, config);
    json_add(emission->arena, conditions, condition);
}

/* The paths; any path when the route matches by nothing at all, because AWS wants a condition. */
static void add_paths(Emission *emission, const Node *route, Json *conditions)
{
    const Value *paths = node_argument(route, 1);
    Json *values = paths ? shape_value(emission, &route->row->arguments[1], paths) : NULL;
    bool is_bare = !paths && !json_length(conditions) && !node_child(route, W_ROUTE_QUERY);
    if (values && values->kind != JSON_ARRAY) {
        Json *list = json_array(emission->arena);
        json_add(emission->arena, list, values);
        values = list;
    }
    if (is_bare) {
        values = json_array(emission->arena);
        json_add(emission->arena, values, json_text_c(emission->arena, "/*"));
    }
    if (json_length(values))
        add_condition(emission, conditions, "PathPatternConfig", values, paths ? node_argument_span(route, 1) : route->span);
}

static void add_query(Emission *emission, const Node *query, Json *conditions)
{
    const Value *said = node_argument(query, 1);
    Json *values = json_array(emission->arena);
    for (size_t i = 0; said && said->kind == VALUE_LIST && i < said->count; i++) {
        Json *value = shape_value(emission, &query->row->arguments[1], said->items[i]);
        Json *pair = json_at(json_object(emission->arena), said->items[i]->span);
        if (!value || !node_text(query, 0).len)
            continue;
        json_set_c(emission->arena, pair, "Key", json_at(json_text(emission->arena, node_text(query, 0)), node_argument_span(query, 0)));
        json_set_c(emission->arena, pair, "Value", value);
        json_add(emission->arena, values, pair);
    }
    if (json_length(values))
        add_condition(emission, conditions, "QueryStringConfig", values, query->span);
}

static void name_field(Emission *emission, Json *condition)
{
    for (size_t i = 0; i < CONDITION_KIND_COUNT; i++)
        if (json_get_c(condition, condition_kinds[i].member))
            json_set_default(emission->arena, condition, "Field", json_text_c(emission->arena, condition_kinds[i].field));
}

/* --- what they come to --- */

/* A value of a condition, taken apart. */
typedef struct ConditionValue {
    const char *field;
    Text name;      /* the header's or the query's */
    Text text;
    bool is_regex;
    Span origin;
} ConditionValue;

typedef ARRAY(ConditionValue) ConditionValues;

static Text member_text(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

static void read_list(Emission *emission, const char *field, const Json *config, const char *key, ConditionValues *out)
{
    const Json *list = json_get_c(config, key);
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        const Json *item = list->items.items[i];
        ConditionValue value = {.field = field, .name = member_text(config, "HttpHeaderName"), .origin = item->origin};
        value.is_regex = text_equal_c(TEXT("RegexValues"), key);
        value.text = item->kind == JSON_TEXT ? item->text : member_text(item, "Value");
        if (item->kind == JSON_OBJECT)
            value.name = member_text(item, "Key");
        ARRAY_PUSH(emission->arena, out, value);
    }
}

static ConditionValues read_values(Emission *emission, const Json *conditions)
{
    ConditionValues values = {0};
    for (size_t i = 0; i < json_item_count(conditions); i++) {
        for (size_t k = 0; k < CONDITION_KIND_COUNT; k++) {
            const Json *config = json_get_c(conditions->items.items[i], condition_kinds[k].member);
            if (!config)
                continue;
            read_list(emission, condition_kinds[k].field, config, "Values", &values);
            read_list(emission, condition_kinds[k].field, config, "RegexValues", &values);
        }
    }
    return values;
}

/* Host names and names of headers mean the same in capitals. */
static Text lower(Arena *arena, Text text)
{
    char *bytes = arena_allocate(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] - 'A' + 'a' : text.ptr[i]);
    return (Text){bytes, text.len};
}

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const Text *)a, *(const Text *)b);
}

static Text match_text(Emission *emission, const ConditionValues *values)
{
    Arena *arena = emission->arena;
    TextArray lines = {0};
    Buffer out = {0};
    for (size_t i = 0; i < values->count; i++) {
        const ConditionValue *value = &values->items[i];
        bool is_host = text_equal_c(TEXT("host-header"), value->field) && !value->is_regex;
        Text text = is_host ? lower(arena, value->text) : value->text;
        Text line = arena_format(arena, "%s%s %.*s\t%.*s\n", value->field, value->is_regex ? "~" : "", TEXT_ARG(lower(arena, value->name)), TEXT_ARG(text));
        ARRAY_PUSH(arena, &lines, line);
    }
    if (lines.count)
        qsort(lines.items, lines.count, sizeof *lines.items, compare_texts);
    for (size_t i = 0; i < lines.count; i++)
        if (!i || !text_equal(lines.items[i], lines.items[i - 1]))
            buffer_add(&out, lines.items[i]);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static size_t count_wildcards(Text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '*' || text.ptr[i] == '?';
    return count;
}

static size_t count_literals(const ConditionValue *value)
{
    size_t count = 0;
    for (size_t i = 0; i < value->text.len; i++) {
        char c = value->text.ptr[i];
        bool is_plain = byte_is_alphanumeric(c) || c == '/' || c == '-' || c == '_';
        count += value->is_regex ? is_plain : c != '*' && c != '?';
    }
    return count;
}

static bool is_any_path(Text path)
{
    return text_equal_c(path, "/*") || text_equal_c(path, "*");
}

static void rank_host(const ConditionValue *value, RuleMatch *match)
{
    unsigned class = value->is_regex || count_wildcards(value->text) ? 1 : 0;
    if (match->host_class == 2 || class > match->host_class)
        match->host_class = class;
}

/* A rule is as exact as the least exact of its paths. */
static void rank_path(const ConditionValue *value, bool is_first, RuleMatch *match)
{
    unsigned class = value->is_regex ? 1 : is_any_path(value->text) ? 2 : count_wildcards(value->text) ? 1 : 0;
    size_t literals = count_literals(value);
    if (is_first || class > match->path_class)
        match->path_class = class;
    if (is_first || literals < match->path_literals)
        match->path_literals = literals;
}

static void rank(const ConditionValues *values, RuleMatch *match)
{
    bool has_path = false;
    match->host_class = 2;
    match->path_class = 2;
    for (size_t i = 0; i < values->count; i++) {
        const ConditionValue *value = &values->items[i];
        if (text_equal_c(TEXT("host-header"), value->field)) {
            rank_host(value, match);
        } else if (text_equal_c(TEXT("path-pattern"), value->field)) {
            rank_path(value, !has_path, match);
            has_path = true;
        } else {
            match->is_narrow = true;
        }
    }
}

static bool is_value_known(const Value *value)
{
    if (!value)
        return true;
    if (value->kind == VALUE_UNKNOWN || value->kind == VALUE_ERROR)
        return false;
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        if (!is_value_known(value->items[i]))
            return false;
    return true;
}

static bool are_arguments_known(const Node *node)
{
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        if (!is_value_known(node->arguments[i]))
            return false;
    return true;
}

static bool is_match_known(const Node *route)
{
    for (size_t i = 0; i < route->children.count; i++)
        if (!are_arguments_known(route->children.items[i]))
            return false;
    return are_arguments_known(route);
}

/* --- limits --- */

static void check_values(Emission *emission, const Node *route, const ConditionValues *values)
{
    size_t wildcards = 0;
    for (size_t i = 0; i < values->count; i++) {
        const ConditionValue *value = &values->items[i];
        wildcards += value->is_regex ? 0 : count_wildcards(value->text);
        if (value->text.len <= VALUE_LENGTH_MAX)
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_LIMITS, span_is_none(value->origin) ? route->span : value->origin,
                                                   "a value of %zu characters is too long for a listener's rule", value->text.len);
        diagnostic_set_label(emission->sink, diagnostic, "AWS takes %d", VALUE_LENGTH_MAX);
    }
    if (values->count > RULE_VALUES_MAX) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_LIMITS, route->span, "this `%s` has %zu values to match", route->row->word,
                                                   values->count);
        diagnostic_set_label(emission->sink, diagnostic, "a listener's rule takes %d in all", RULE_VALUES_MAX);
        diagnostic_set_advice(emission->sink, diagnostic, "use wildcards, or split it into several");
    } else if (wildcards > WILDCARDS_MAX) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_LIMITS, route->span, "this `%s` has %zu wildcards", route->row->word, wildcards);
        diagnostic_set_label(emission->sink, diagnostic, "a listener's rule takes %d in all", WILDCARDS_MAX);
        diagnostic_set_advice(emission->sink, diagnostic, "use fewer, or split it into several");
    }
}

/* Letters, digits, hyphens, points and wildcards, with at least one point (aws: HostHeaderConditionConfig). */
static bool is_host_pattern(Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_plain = byte_is_alphanumeric(c);
        if (!is_plain && c != '-' && c != '.' && c != '*' && c != '?')
            return false;
    }
    return text_find_byte(text, '.') < text.len;
}

static void check_hosts(Emission *emission, const ConditionValues *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const ConditionValue *value = &values->items[i];
        if (value->is_regex || !text_equal_c(TEXT("host-header"), value->field) || is_host_pattern(value->text))
            continue;
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_RULE_HOST, value->origin, "%.*s cannot be a host name", TEXT_ARG(value->text));
        diagnostic_set_label(emission->sink, diagnostic, "a host name is like api.example.com; * and ? stand for others");
    }
}

Json *rule_conditions(Emission *emission, const Node *route, Json *conditions, RuleMatch *match)
{
    Json *list = conditions ? conditions : json_array(emission->arena);
    add_paths(emission, route, list);
    NODE_EACH(query, route, W_ROUTE_QUERY)
        add_query(emission, query, list);
    for (size_t i = 0; i < list->items.count; i++)
        name_field(emission, list->items.items[i]);
    json_sort_by(list, "Field");
    ConditionValues values = read_values(emission, list);
    *match = (RuleMatch){.text = match_text(emission, &values), .is_known = is_match_known(route), .value_count = values.count};
    rank(&values, match);
    check_values(emission, route, &values);
    check_hosts(emission, &values);
    return list;
}

Json *rule_test_conditions(Emission *emission, const Node *header, const Json *conditions)
{
    Arena *arena = emission->arena;
    Json *list = json_array(arena);
    Json *values = json_array(arena);
    for (size_t i = 0; i < json_item_count(conditions); i++)
        json_add(arena, list, conditions->items.items[i]);
    json_add(arena, values, shape_value(emission, &header->row->arguments[1], node_argument(header, 1)));
    add_condition(emission, list, "HttpHeaderConfig", values, header->span);
    Json *added = list->items.items[list->items.count - 1];
    json_set_c(arena, json_get_c(added, "HttpHeaderConfig"), "HttpHeaderName", shape_value(emission, &header->row->arguments[0], node_argument(header, 0)));
    name_field(emission, added);
    json_sort_by(list, "Field");
    return list;
}
