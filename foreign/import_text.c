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

/* Behind the brace that closes the one at text[start]; the end where none does. */
static size_t find_close(Text text, size_t start)
{
    size_t depth = 0;
    for (size_t i = start; i < text.len; i++) {
        depth += text.ptr[i] == '{';
        if (text.ptr[i] == '}' && --depth == 0)
            return i + 1;
    }
    return text.len + 1;
}

/* The length of the name that the text begins with. */
static size_t name_length(Text text)
{
    size_t length = 0;
    while (length < text.len && is_name_byte(text.ptr[length]) && (length || !byte_is_digit(text.ptr[length])))
        length++;
    return length;
}

static bool expand(Buffer *out, Text text, bool keeps_dollars);

/* `${…}` without its braces: a default takes the variable's place, and what is said for its absence is left out. True when the variable is left. */
static bool expand_braces(Buffer *out, Text inner, bool keeps_dollars)
{
    size_t length = name_length(inner);
    Text rest = text_slice(inner, length, inner.len);
    rest = text_slice(rest, text_starts_with(rest, TEXT(":")), rest.len);
    char sign = rest.len ? rest.ptr[0] : '\0';
    if (length && sign == '-')
        return expand(out, text_slice(rest, 1, rest.len), keeps_dollars);
    buffer_add_format(out, "${%.*s}", TEXT_ARG(sign == '?' ? text_slice(inner, 0, length) : inner));
    return true;
}

/* True when a variable is left. With `keeps_dollars` a doubled `$` stays doubled, for a later round. */
static bool expand(Buffer *out, Text text, bool keeps_dollars)
{
    bool has_variable = false;
    for (size_t at = 0; at < text.len;) {
        Text rest = text_slice(text, at, text.len);
        size_t close = text_starts_with(rest, TEXT("${")) ? find_close(rest, 1) : rest.len + 1;
        size_t length = text.ptr[at] == '$' ? name_length(text_slice(rest, 1, rest.len)) : 0;
        if (text_starts_with(rest, TEXT("$$"))) {
            buffer_add_c(out, keeps_dollars ? "$$" : "$");
            at += 2;
        } else if (close <= rest.len) {
            has_variable = expand_braces(out, text_slice(rest, 2, close - 1), keeps_dollars) || has_variable;
            at += close;
        } else {
            buffer_add(out, text_slice(rest, 0, 1 + length));
            at += 1 + length;
            has_variable = has_variable || length;
        }
    }
    return has_variable;
}

Json *import_value(Arena *arena, const Json *json)
{
    Text text = import_scalar_text(arena, json);
    if (json->kind == JSON_ARRAY)
        return import_texts(arena, json);
    if (json->kind == JSON_OBJECT || json->kind == JSON_NULL)
        return json_null(arena);
    Buffer out = {0};
    bool has_variable = expand(&out, text, false);
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

static void add_word(Arena *arena, Buffer *word, Json *list)
{
    Json written = {.kind = JSON_TEXT, .origin = SPAN_NONE, .text = buffer_text(word)};
    json_add(arena, list, import_value(arena, &written));
    buffer_clear(word);
}

void import_split_words(Arena *arena, Text written, Json *list)
{
    Buffer expanded = {0};
    Buffer word = {0};
    bool is_open = false;
    char quote = '\0';
    (void)expand(&expanded, written, true); /* a default may be several words */
    Text line = buffer_text(&expanded);
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        size_t close = text_starts_with(text_slice(line, i, line.len), TEXT("${")) ? find_close(line, i + 1) : line.len + 1;
        bool is_blank = !quote && (c == ' ' || c == '\t' || c == '\n');
        if (is_blank && is_open)
            add_word(arena, &word, list);
        if (close <= line.len) {
            buffer_add(&word, text_slice(line, i, close));
            i = close - 1;
        } else if (c == '\\' && quote != '\'' && i + 1 < line.len) {
            buffer_add_byte(&word, line.ptr[++i]);
        } else if (c == quote || (!quote && (c == '"' || c == '\''))) {
            quote = quote ? '\0' : c;
        } else if (!is_blank) {
            buffer_add_byte(&word, c);
        }
        is_open = !is_blank;
    }
    if (is_open)
        add_word(arena, &word, list);
    buffer_free(&word);
    buffer_free(&expanded);
}

/* --- sizes --- */

/* So much more than any task has that nothing is left to tell them apart. */
static const int64_t beyond_any = INT64_MAX / 4;

/* Of the number times the units that one of it has. */
static int64_t whole_part(Rational number, int64_t units)
{
    Rational scaled;
    bool fits = rational_multiply(&scaled, number, rational_from_integer(units)) && scaled.num / scaled.den < beyond_any;
    return fits ? scaled.num / scaled.den : beyond_any;
}

/* In MiB; -1 when it is no size. */
static int64_t read_memory(Text text)
{
    enum { KIB = 1024 };
    size_t digits = 0;
    while (digits < text.len && (byte_is_digit(text.ptr[digits]) || text.ptr[digits] == '.'))
        digits++;
    Rational number;
    if (!digits || !rational_parse(&number, text_slice(text, 0, digits)))
        return text.len ? -1 : 0;
    switch (digits < text.len ? byte_lower(text.ptr[digits]) : 'b') {
    case 'g': return whole_part(number, KIB);
    case 'm': return whole_part(number, 1);
    case 'k': return whole_part(number, 1) / KIB;
    case 'b': return whole_part(number, 1) / (KIB * KIB);
    default: return -1;
    }
}

ImportSize import_size(Text cpus, Text memory)
{
    enum { UNITS = 1024 };
    Rational number;
    int64_t wanted = rational_parse(&number, cpus) ? whole_part(number, UNITS) : cpus.len ? -1 : 0;
    int64_t mebibytes = read_memory(memory);
    const FargateSize *size = fargate_size_for(wanted, mebibytes);
    bool lacks_memory = mebibytes < 0 || mebibytes > size->most;
    return (ImportSize){size->cpu, fargate_nearest_memory(size, mebibytes), wanted < 0 || wanted > size->cpu, lacks_memory};
}
