#include "foreign/import_text.h"

#include "base/rational.h"
#include "schema/fargate.h"
#include "vocabulary/units.h"

/* --- scalars --- */

Text import_scalar_text(Arena *arena, const Json *json)
{
    if (!json || json->kind == JSON_NULL || json->kind == JSON_ARRAY || json->kind == JSON_OBJECT)
        return TEXT_NONE;
    if (json->kind == JSON_TEXT || json->kind == JSON_UNKNOWN)
        return json->text;
    Buffer out = {0};
    json_write(&out, json, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

bool import_flag(const Json *json)
{
    if (json && json->kind == JSON_BOOL)
        return json->boolean;
    return json && json->kind == JSON_TEXT && (text_equal_c(json->text, "true") || text_equal_c(json->text, "yes") || text_equal_c(json->text, "on"));
}

bool import_integer(Text text, int64_t *out)
{
    Rational number;
    if (!rational_parse(&number, text) || !rational_is_whole(number))
        return false;
    *out = number.num;
    return true;
}

bool import_seconds(Text text, int64_t *out)
{
    enum { MILLISECONDS = 1000 };
    Quantity quantity;
    Text bad;
    if (!text.len || unit_parse_quantity(&quantity, text, &bad) != UNIT_OK)
        return false;
    if (quantity.type == TYPE_INTEGER) {
        *out = quantity.value.num;
        return true;
    }
    if (quantity.type != TYPE_DURATION || !rational_is_whole(quantity.value))
        return false;
    *out = (quantity.value.num + MILLISECONDS - 1) / MILLISECONDS;
    return true;
}

/* --- the shell's variables --- */

static bool is_name_byte(char c)
{
    return c == '_' || byte_is_alphanumeric(c);
}

/* Adds what stands at text[*at], a `$`; true when a variable is left. */
static bool add_variable(Buffer *out, Text text, size_t *at)
{
    Text rest = text_slice(text, *at, text.len);
    if (text_starts_with(rest, TEXT("$$"))) {
        buffer_add_byte(out, '$');
        *at += 2;
        return false;
    }
    size_t end = text_starts_with(rest, TEXT("${")) ? text_find_byte(rest, '}') : rest.len;
    if (end < rest.len) {
        Text inner = text_slice(rest, 2, end);
        size_t mark = text_find_byte(inner, '-');
        *at += end + 1;
        if (mark < inner.len) {
            buffer_add(out, text_slice(inner, mark + 1, inner.len));
            return false;
        }
        buffer_add(out, text_slice(rest, 0, end + 1));
        return true;
    }
    size_t length = 1;
    while (length < rest.len && is_name_byte(rest.ptr[length]))
        length++;
    buffer_add(out, text_slice(rest, 0, length));
    *at += length;
    return length > 1;
}

Json *import_value(Arena *arena, const Json *json)
{
    Text text = import_scalar_text(arena, json);
    if (json->kind == JSON_ARRAY)
        return import_texts(arena, json);
    if (json->kind == JSON_OBJECT || json->kind == JSON_NULL)
        return json_null(arena);
    Buffer out = {0};
    bool has_variable = false;
    for (size_t i = 0; i < text.len;) {
        if (text.ptr[i] == '$')
            has_variable = add_variable(&out, text, &i) || has_variable;
        else
            buffer_add_byte(&out, text.ptr[i++]);
    }
    Text resolved = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return json_at(has_variable ? json_unknown(arena, resolved) : json_text(arena, resolved), json->origin);
}

Json *import_texts(Arena *arena, const Json *list)
{
    Json *texts = json_array(arena);
    if (list->kind != JSON_ARRAY) {
        json_add(arena, texts, import_value(arena, list));
        return texts;
    }
    for (size_t i = 0; i < list->items.count; i++)
        json_add(arena, texts, import_value(arena, list->items.items[i]));
    return texts;
}

Json *import_one_text(Arena *arena, const char *text)
{
    Json *list = json_array(arena);
    json_add(arena, list, json_text_c(arena, text));
    return list;
}

void import_split_words(Arena *arena, Text line, Json *list)
{
    Buffer word = {0};
    bool is_open = false;
    char quote = '\0';
    for (size_t i = 0; i <= line.len; i++) {
        char c = i < line.len ? line.ptr[i] : ' ';
        if (i < line.len && c == '\\' && quote != '\'' && i + 1 < line.len) {
            buffer_add_byte(&word, line.ptr[++i]);
            is_open = true;
        } else if (i < line.len && (c == quote || (!quote && (c == '"' || c == '\'')))) {
            quote = quote ? '\0' : c;
            is_open = true;
        } else if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
            if (is_open) {
                Json written = {.kind = JSON_TEXT, .origin = SPAN_NONE, .text = buffer_text(&word)};
                json_add(arena, list, import_value(arena, &written));
            }
            buffer_clear(&word);
            is_open = false;
        } else {
            buffer_add_byte(&word, c);
            is_open = true;
        }
    }
    buffer_free(&word);
}

/* --- sizes --- */

/* The number times the factor, rounded up: a task must not be smaller than what was asked for. What is out of all bounds is more than any task has. */
static int64_t whole_units(Text text, int64_t factor)
{
    Rational number;
    if (!rational_parse(&number, text))
        return 0;
    if (!rational_multiply(&number, number, rational_from_integer(factor)))
        return INT64_MAX;
    return number.num / number.den + (number.num % number.den != 0);
}

/* In MiB; 0 when it is no size. Without a unit it is in bytes, as Compose has it. */
static int64_t read_memory(Text text)
{
    enum { KIB = 1024 };
    size_t digits = 0;
    while (digits < text.len && (byte_is_digit(text.ptr[digits]) || text.ptr[digits] == '.'))
        digits++;
    Text number = text_slice(text, 0, digits);
    char unit = digits < text.len ? byte_lower(text.ptr[digits]) : 'b';
    if (unit == 'g' || unit == 'm')
        return whole_units(number, unit == 'g' ? KIB : 1);
    int64_t small = whole_units(number, 1);
    int64_t bytes_or_kib = unit == 'k' ? KIB : KIB * KIB;
    return small / bytes_or_kib + (small % bytes_or_kib != 0);
}

ImportSize import_size(Text cpus, Text memory)
{
    enum { UNITS = 1024 };
    int64_t mebibytes = read_memory(memory);
    const FargateSize *size = fargate_size_for(whole_units(cpus, UNITS), mebibytes);
    return (ImportSize){size->cpu, fargate_nearest_memory(size, mebibytes)};
}
