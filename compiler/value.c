#include "compiler/value.h"

#include "base/buffer.h"
#include "base/utf8.h"

enum { SHOWN_CHARACTERS_MAX = 200 };

const char *value_kind_label(const Value *value)
{
    switch (value->kind) {
    case VALUE_NONE: return "nothing";
    case VALUE_ERROR: return "a value";
    case VALUE_STRING: return "a string";
    case VALUE_BOOL: return "yes or no";
    case VALUE_QUANTITY: return type_label(value->type);
    case VALUE_RANGE: return "a range";
    case VALUE_LIST: return "a list";
    case VALUE_MAP: return "a map";
    case VALUE_WORD: return "a word";
    case VALUE_METRIC: return value->type == TYPE_CONDITION ? "a condition" : "a metric";
    case VALUE_UNKNOWN: return value->type == TYPE_ANY ? "a value that is not known yet" : type_label(value->type);
    }
    return "a value";
}

static void write_value(Buffer *out, Arena *arena, const Value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
    case VALUE_ERROR: break;
    case VALUE_STRING: buffer_add_json_string(out, value->text); break;
    case VALUE_BOOL: buffer_add_c(out, value->boolean ? "yes" : "no"); break;
    case VALUE_QUANTITY: buffer_add(out, unit_format_quantity(arena, (Quantity){value->number, value->type})); break;
    case VALUE_RANGE:
        buffer_add(out, unit_format_quantity(arena, (Quantity){value->low, value->type}));
        buffer_add_c(out, "..");
        buffer_add(out, unit_format_quantity(arena, (Quantity){value->high, value->type}));
        break;
    case VALUE_LIST:
        buffer_add_byte(out, '[');
        for (size_t i = 0; i < value->count; i++) {
            buffer_add_c(out, i ? ", " : "");
            write_value(out, arena, value->items[i]);
        }
        buffer_add_byte(out, ']');
        break;
    case VALUE_MAP:
        buffer_add_byte(out, '{');
        for (size_t i = 0; i < value->entry_count; i++) {
            buffer_add_c(out, i ? ", " : "");
            buffer_add(out, value->entries[i].name);
            buffer_add_c(out, ": ");
            write_value(out, arena, value->entries[i].value);
        }
        buffer_add_byte(out, '}');
        break;
    case VALUE_WORD: buffer_add(out, value->text); break;
    case VALUE_METRIC: buffer_add(out, metric_to_text(arena, value->metric)); break;
    case VALUE_UNKNOWN: buffer_add_format(out, "<%.*s>", TEXT_ARG(value->text)); break;
    }
}

static Text cut_for_show(Arena *arena, Text text)
{
    if (utf8_count(text) <= SHOWN_CHARACTERS_MAX)
        return arena_copy_text(arena, text);
    size_t end = 0;
    for (size_t shown = 0; shown < SHOWN_CHARACTERS_MAX; shown++) {
        uint32_t point = 0;
        size_t length = utf8_decode(text_slice(text, end, text.len), &point);
        end += length ? length : 1;
    }
    return arena_join(arena, text_slice(text, 0, end), TEXT("…"));
}

Text value_to_text(Arena *arena, const Value *value)
{
    Buffer out = {.cap = 64 * 1024};
    write_value(&out, arena, value);
    Text text = cut_for_show(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static const char *const function_names[] = {
    [FUNCTION_SUM] = "sum",         [FUNCTION_AVERAGE] = "average", [FUNCTION_MINIMUM] = "minimum", [FUNCTION_MAXIMUM] = "maximum",
    [FUNCTION_RISING] = "rising",   [FUNCTION_CANARY] = "canary",   [FUNCTION_STABLE] = "stable",
    [FUNCTION_HIGHER] = "higher-than-stable", [FUNCTION_LOWER] = "lower-than-stable",
};

bool metric_find_function(Text name, MetricFunction *out)
{
    for (size_t i = 0; i < sizeof function_names / sizeof *function_names; i++) {
        if (text_equal_c(name, function_names[i])) {
            *out = (MetricFunction)i;
            return true;
        }
    }
    return false;
}

static int binding_strength(const MetricExpression *e)
{
    switch (e->kind) {
    case METRIC_LEAF:
    case METRIC_NUMBER:
    case METRIC_FUNCTION: return 9;
    case METRIC_LOGIC: return e->op == OPERATOR_OR ? 1 : e->op == OPERATOR_AND ? 2 : 3;
    case METRIC_COMPARISON: return 4;
    case METRIC_ARITHMETIC: return e->op == OPERATOR_ADD || e->op == OPERATOR_SUBTRACT ? 5 : 6;
    }
    return 9;
}

static void write_metric(Buffer *out, Arena *arena, const MetricExpression *e, int outer)
{
    if (e->path.len) {
        buffer_add(out, e->path);
        return;
    }
    bool grouped = binding_strength(e) < outer;
    buffer_add_c(out, grouped ? "(" : "");
    switch (e->kind) {
    case METRIC_LEAF:
        buffer_add(out, e->leaf->path);
        for (size_t i = 0; i < e->leaf->argument_count; i++) {
            buffer_add_c(out, i ? ", " : "(");
            buffer_add_json_string(out, e->leaf->argument_texts[i]);
        }
        buffer_add_c(out, e->leaf->argument_count ? ")" : "");
        break;
    case METRIC_NUMBER: buffer_add(out, unit_format_quantity(arena, (Quantity){e->number, e->type})); break;
    case METRIC_FUNCTION:
        buffer_add_format(out, "%s(", function_names[e->function]);
        write_metric(out, arena, e->left, 0);
        buffer_add_byte(out, ')');
        break;
    case METRIC_LOGIC:
        if (e->op == OPERATOR_NOT) {
            buffer_add_c(out, "not ");
            write_metric(out, arena, e->left, 4);
            break;
        }
        /* fall through */
    case METRIC_COMPARISON:
    case METRIC_ARITHMETIC: {
        int strength = binding_strength(e);
        write_metric(out, arena, e->left, strength);
        buffer_add_format(out, " %s ", operator_text(e->op));
        write_metric(out, arena, e->right, strength + 1);
        break;
    }
    }
    buffer_add_c(out, grouped ? ")" : "");
}

Text metric_to_text(Arena *arena, const MetricExpression *expression)
{
    Buffer out = {.cap = 64 * 1024};
    write_metric(&out, arena, expression, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static bool lists_equal(const Value *a, const Value *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!value_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool maps_equal(const Value *a, const Value *b)
{
    if (a->entry_count != b->entry_count)
        return false;
    for (size_t i = 0; i < a->entry_count; i++)
        if (!text_equal(a->entries[i].name, b->entries[i].name) || !value_equal(a->entries[i].value, b->entries[i].value))
            return false;
    return true;
}

bool value_equal(const Value *a, const Value *b)
{
    bool both_text = (a->kind == VALUE_STRING || a->kind == VALUE_WORD) && (b->kind == VALUE_STRING || b->kind == VALUE_WORD);
    if (both_text)
        return text_equal(a->text, b->text);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NONE:
    case VALUE_ERROR: return true;
    case VALUE_STRING:
    case VALUE_WORD:
    case VALUE_UNKNOWN: return text_equal(a->text, b->text);
    case VALUE_BOOL: return a->boolean == b->boolean;
    case VALUE_QUANTITY: return rational_compare(a->number, b->number) == 0;
    case VALUE_RANGE: return rational_compare(a->low, b->low) == 0 && rational_compare(a->high, b->high) == 0;
    case VALUE_LIST: return lists_equal(a, b);
    case VALUE_MAP: return maps_equal(a, b);
    case VALUE_METRIC: return a->metric == b->metric;
    }
    return false;
}
