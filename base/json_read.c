#include "base/json_read.h"

#include "base/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

/* 15 significant digits always come back from a double as they were written. */
static bool read_real(Arena *arena, double value, Rational *out)
{
    enum { DIGITS_MAX = 15 };
    if (!isfinite(value) || fabs(value) >= 1e15)
        return false;
    if (value != 0 && fabs(value) < 1e-6)
        value = 0;
    double magnitude = fabs(value);
    int whole_digits = 1;
    for (double bound = 10; magnitude >= bound; bound *= 10)
        whole_digits++;
    Text digits = arena_format(arena, "%.*f", DIGITS_MAX - whole_digits < 9 ? DIGITS_MAX - whole_digits : 9, magnitude);
    if (!rational_parse(out, digits))
        return false;
    if (value < 0)
        out->num = -out->num;
    return true;
}

static ReadJson *convert(Arena *arena, json_t *from);

static void convert_object(Arena *arena, json_t *from, ReadJson *to)
{
    for (void *at = json_object_iter(from); at; at = json_object_iter_next(from, at)) {
        ReadJsonMember member = {arena_copy_text(arena, text_from_c(json_object_iter_key(at))), convert(arena, json_object_iter_value(at))};
        ARRAY_PUSH(arena, &to->members, member);
    }
}

/* jansson has limited the depth to 2,048 already. */
static ReadJson *convert(Arena *arena, json_t *from)
{
    ReadJson *to = ARENA_NEW(arena, ReadJson);
    switch (json_typeof(from)) {
    case JSON_OBJECT:
        to->kind = READ_OBJECT;
        convert_object(arena, from, to);
        break;
    case JSON_ARRAY:
        to->kind = READ_ARRAY;
        for (size_t i = 0; i < json_array_size(from); i++)
            ARRAY_PUSH(arena, &to->items, convert(arena, json_array_get(from, i)));
        break;
    case JSON_STRING:
        to->kind = READ_TEXT;
        to->text = arena_copy_text(arena, (Text){json_string_value(from), json_string_length(from)});
        break;
    case JSON_INTEGER:
        to->kind = READ_NUMBER;
        to->number = rational_from_integer(json_integer_value(from));
        break;
    case JSON_REAL:
        to->kind = READ_NUMBER;
        if (!read_real(arena, json_real_value(from), &to->number)) {
            to->kind = READ_TEXT; /* nothing that svc compares is as large */
            to->text = arena_format(arena, "%.17g", json_real_value(from));
        }
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        to->kind = READ_BOOL;
        to->boolean = json_typeof(from) == JSON_TRUE;
        break;
    case JSON_NULL: to->kind = READ_NULL; break;
    }
    return to;
}

ReadJson *json_read(Arena *arena, Text text, ReadJsonError *error)
{
    json_error_t details;
    memory_adopt_jansson();
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &details);
    if (!root) {
        size_t offset = details.position > 0 ? (size_t)details.position - 1 : 0;
        *error = (ReadJsonError){arena_format(arena, "%s", details.text), offset < text.len ? offset : text.len};
        return NULL;
    }
    ReadJson *json = convert(arena, root);
    json_decref(root);
    return json;
}

const ReadJson *json_read_member(const ReadJson *json, const char *key)
{
    if (!json || json->kind != READ_OBJECT)
        return NULL;
    for (size_t i = 0; i < json->members.count; i++)
        if (text_equal_c(json->members.items[i].key, key))
            return json->members.items[i].value;
    return NULL;
}

Text json_read_text(const ReadJson *json)
{
    return json && json->kind == READ_TEXT ? json->text : TEXT_NONE;
}
