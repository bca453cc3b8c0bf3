/* Documents in a saved plan: what JSON has no form for stands in objects of one member. */
#include "plan/plan_read.h"

#define REFERENCE "svc:ref"
#define KNOWN "svc:known"
#define JOINED "svc:join"
#define EMBEDDED "svc:json"
#define UNKNOWN "svc:set"

static Json *wrap(Arena *arena, const char *key, Json *value)
{
    Json *object = json_object(arena);
    json_set_c(arena, object, key, value);
    return object;
}

static Json *encode_items(Arena *arena, const Json *json)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < json->items.count; i++)
        json_add(arena, list, saved_encode(arena, json->items.items[i]));
    return list;
}

static Json *encode_reference(Arena *arena, const JsonReference *reference)
{
    Text name = arena_format(arena, "%.*s#%.*s", TEXT_ARG(reference->resource), TEXT_ARG(reference->attribute));
    Json *object = wrap(arena, REFERENCE, json_text(arena, name));
    if (reference->known.len)
        json_set_c(arena, object, KNOWN, json_text(arena, reference->known));
    return object;
}

Json *saved_encode(Arena *arena, const Json *json)
{
    Json *object = NULL;
    switch (json->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_TEXT: return json_copy_node(arena, json);
    case JSON_ARRAY: return encode_items(arena, json);
    case JSON_JOINED: return wrap(arena, JOINED, encode_items(arena, json));
    case JSON_EMBEDDED: return wrap(arena, EMBEDDED, saved_encode(arena, json->embedded));
    case JSON_UNKNOWN: return wrap(arena, UNKNOWN, json_text(arena, json->text));
    case JSON_REFERENCE: return encode_reference(arena, json->reference);
    case JSON_OBJECT:
        object = json_object(arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(arena, object, json->members.items[i].key, saved_encode(arena, json->members.items[i].value));
        break;
    }
    return object;
}

static Json *decode_reference(Arena *arena, const ReadJson *json, Text name)
{
    size_t hash = text_find_byte(name, '#');
    if (hash == name.len)
        return json_text(arena, name);
    return json_reference(arena, text_slice(name, 0, hash), text_slice(name, hash + 1, name.len), json_read_text(json_read_member(json, KNOWN)));
}

/* NULL: an object like any other. */
static Json *decode_wrapped(Arena *arena, const ReadJson *json)
{
    const ReadJson *inner = NULL;
    if (json->members.count == 0 || json->members.count > 2)
        return NULL;
    if ((inner = json_read_member(json, REFERENCE)))
        return decode_reference(arena, json, json_read_text(inner));
    if (json->members.count == 2)
        return NULL;
    if ((inner = json_read_member(json, EMBEDDED)))
        return json_embedded(arena, saved_decode(arena, inner));
    if ((inner = json_read_member(json, UNKNOWN)))
        return json_unknown(arena, json_read_text(inner));
    if (!(inner = json_read_member(json, JOINED)) || inner->kind != READ_ARRAY)
        return NULL;
    Json *joined = json_joined(arena);
    for (size_t i = 0; i < inner->items.count; i++)
        json_add(arena, joined, saved_decode(arena, inner->items.items[i]));
    return joined;
}

static Json *convert(Arena *arena, const ReadJson *json, bool decodes)
{
    Json *to = NULL;
    switch (json->kind) {
    case READ_NULL: return json_null(arena);
    case READ_BOOL: return json_bool(arena, json->boolean);
    case READ_NUMBER: return json_number(arena, json->number);
    case READ_TEXT: return json_text(arena, json->text);
    case READ_ARRAY:
        to = json_array(arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(arena, to, convert(arena, json->items.items[i], decodes));
        break;
    case READ_OBJECT:
        to = decodes ? decode_wrapped(arena, json) : NULL;
        if (to)
            break;
        to = json_object(arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(arena, to, json->members.items[i].key, convert(arena, json->members.items[i].value, decodes));
        break;
    }
    return to;
}

Json *saved_decode(Arena *arena, const ReadJson *json)
{
    return convert(arena, json, true);
}

Json *saved_plain(Arena *arena, const ReadJson *json)
{
    return convert(arena, json, false);
}
