#include "document/json.h"

#include <string.h>

/* A decimal without an end is cut after so many digits; what is not decimal is reported before it gets here. */
enum { FRACTION_DIGITS_MAX = 18 };

static Json *json_new(Arena *arena, JsonKind kind)
{
    Json *json = ARENA_NEW(arena, Json);
    json->kind = kind;
    json->origin = SPAN_NONE;
    return json;
}

Json *json_null(Arena *arena)
{
    return json_new(arena, JSON_NULL);
}

Json *json_bool(Arena *arena, bool value)
{
    Json *json = json_new(arena, JSON_BOOL);
    json->boolean = value;
    return json;
}

Json *json_integer(Arena *arena, int64_t value)
{
    return json_number(arena, rational_from_integer(value));
}

Json *json_number(Arena *arena, Rational value)
{
    Json *json = json_new(arena, JSON_NUMBER);
    json->number = value;
    return json;
}

Json *json_text(Arena *arena, Text text)
{
    Json *json = json_new(arena, JSON_TEXT);
    json->text = text;
    return json;
}

Json *json_array(Arena *arena)
{
    return json_new(arena, JSON_ARRAY);
}

Json *json_object(Arena *arena)
{
    return json_new(arena, JSON_OBJECT);
}

Json *json_reference(Arena *arena, Text resource, Text attribute, Text known)
{
    Json *json = json_new(arena, JSON_REFERENCE);
    JsonReference *reference = ARENA_NEW(arena, JsonReference);
    *reference = (JsonReference){resource, attribute, known};
    json->reference = reference;
    return json;
}

Json *json_joined(Arena *arena)
{
    return json_new(arena, JSON_JOINED);
}

Json *json_embedded(Arena *arena, Json *document)
{
    Json *json = json_new(arena, JSON_EMBEDDED);
    json->embedded = document;
    return json;
}

Json *json_unknown(Arena *arena, Text written)
{
    Json *json = json_new(arena, JSON_UNKNOWN);
    json->text = written;
    return json;
}

Json *json_at(Json *json, Span origin)
{
    if (json)
        json->origin = origin;
    return json;
}

Json *json_copy_node(Arena *arena, const Json *json)
{
    Json *copy = ARENA_NEW(arena, Json);
    *copy = *json;
    if (json->kind == JSON_ARRAY || json->kind == JSON_JOINED) {
        copy->items.items = ARENA_NEW_ARRAY(arena, Json *, json->items.count);
        copy->items.capacity = json->items.count;
        for (size_t i = 0; i < json->items.count; i++)
            copy->items.items[i] = json->items.items[i];
    } else if (json->kind == JSON_OBJECT) {
        copy->members.items = ARENA_NEW_ARRAY(arena, JsonMember, json->members.count);
        copy->members.capacity = json->members.count;
        for (size_t i = 0; i < json->members.count; i++)
            copy->members.items[i] = json->members.items[i];
    }
    return copy;
}

enum { FEW = 12 }; /* so many members are gone through one by one */

/* The index of the key, or where it belongs: more often than not among the last. */
static size_t member_index(const Json *object, Text key, bool *found)
{
    size_t low = 0;
    size_t high = object->members.count;
    int last = -1;
    while (high > 0 && object->members.count <= FEW && (last = text_compare(object->members.items[high - 1].key, key)) > 0)
        high--;
    *found = high > 0 && last == 0;
    if (object->members.count <= FEW)
        return *found ? high - 1 : high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(object->members.items[middle].key, key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Merges members[0..half) and members[half..count), both in order; what is equal keeps its order. */
static void merge_members(JsonMember *members, JsonMember *spare, size_t half, size_t count)
{
    size_t left = 0;
    size_t right = half;
    for (size_t i = 0; i < count; i++) {
        bool takes_left = left < half && (right >= count || text_compare(members[left].key, members[right].key) <= 0);
        spare[i] = members[takes_left ? left++ : right++];
    }
    memcpy(members, spare, sizeof *members * count);
}

static void sort_members(JsonMember *members, JsonMember *spare, size_t count)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    sort_members(members, spare, half);
    sort_members(members + half, spare, count - half);
    if (text_compare(members[half - 1].key, members[half].key) > 0)
        merge_members(members, spare, half, count);
}

Json *json_object_from(Arena *arena, JsonMember *members, size_t count)
{
    Json *object = json_new(arena, JSON_OBJECT);
    sort_members(members, ARENA_NEW_ARRAY(arena, JsonMember, count), count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && text_equal(members[kept - 1].key, members[i].key))
            kept--;
        members[kept++] = members[i];
    }
    object->members.items = members;
    object->members.count = object->members.capacity = kept;
    return object;
}

Span json_key_origin(const Sources *sources, const JsonMember *member)
{
    Span value = member->value->origin;
    if (span_is_none(value) || value.file >= sources->files.count)
        return SPAN_NONE;
    Text text = sources->files.items[value.file]->text;
    uintptr_t start = (uintptr_t)text.ptr;
    uintptr_t key = (uintptr_t)member->key.ptr;
    if (!member->key.len || key < start || key + member->key.len > start + text.len)
        return SPAN_NONE;
    return (Span){value.file, (uint32_t)(key - start), (uint32_t)(key - start + member->key.len)};
}

void json_set(Arena *arena, Json *object, Text key, Json *value)
{
    if (!object || object->kind != JSON_OBJECT || !value)
        return;
    bool found;
    size_t index = member_index(object, key, &found);
    if (found) {
        object->members.items[index].value = value;
        return;
    }
    JsonMember member = {key, value};
    ARRAY_PUSH(arena, &object->members, member);
    JsonMember *items = object->members.items;
    for (size_t i = object->members.count - 1; i > index; i--)
        items[i] = items[i - 1];
    items[index] = member;
}

void json_set_default(Arena *arena, Json *object, const char *key, Json *value)
{
    if (!json_get_c(object, key))
        json_set_c(arena, object, key, value);
}

void json_remove_c(Json *object, const char *key)
{
    json_remove(object, text_from_c(key));
}

void json_remove(Json *object, Text key)
{
    bool found = false;
    size_t index = object && object->kind == JSON_OBJECT ? member_index(object, key, &found) : 0;
    if (!found)
        return;
    JsonMember *items = object->members.items;
    object->members.count--;
    memmove(items + index, items + index + 1, sizeof *items * (object->members.count - index));
}

Json *json_get(const Json *object, Text key)
{
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    /* Most are told apart by their length alone. */
    for (size_t i = 0; object->members.count <= FEW && i < object->members.count; i++)
        if (text_equal(object->members.items[i].key, key))
            return object->members.items[i].value;
    if (object->members.count <= FEW)
        return NULL;
    bool found;
    size_t index = member_index(object, key, &found);
    return found ? object->members.items[index].value : NULL;
}

void json_add(Arena *arena, Json *array, Json *item)
{
    if (array && item && (array->kind == JSON_ARRAY || array->kind == JSON_JOINED))
        ARRAY_PUSH(arena, &array->items, item);
}

Json *json_make_path(Arena *arena, Json *object, Text path)
{
    Json *here = object;
    while (here && path.len) {
        size_t dot = text_find_byte(path, '.');
        Text key = text_slice(path, 0, dot);
        path = dot < path.len ? text_slice(path, dot + 1, path.len) : TEXT_NONE;
        Json *next = json_get(here, key);
        if (!next && here->kind == JSON_OBJECT) {
            next = json_object(arena);
            json_set(arena, here, key, next);
        }
        here = next;
    }
    return here && here->kind == JSON_OBJECT ? here : NULL;
}

static Text sort_key(const Json *item, const char *key)
{
    const Json *value = json_get_c(item, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

/* By insertion: the order of equal items must stay, and what is sorted is short or sorted already. */
void json_sort_by(Json *array, const char *key)
{
    if (!array || array->kind != JSON_ARRAY)
        return;
    for (size_t i = 1; i < array->items.count; i++) {
        Json *item = array->items.items[i];
        Text text = sort_key(item, key);
        size_t place = i;
        for (; place > 0 && text_compare(sort_key(array->items.items[place - 1], key), text) > 0; place--)
            array->items.items[place] = array->items.items[place - 1];
        array->items.items[place] = item;
    }
}

static bool items_equal(const Json *a, const Json *b)
{
    if (a->items.count != b->items.count)
        return false;
    for (size_t i = 0; i < a->items.count; i++)
        if (!json_equal(a->items.items[i], b->items.items[i]))
            return false;
    return true;
}

static bool members_equal(const Json *a, const Json *b)
{
    if (a->members.count != b->members.count)
        return false;
    for (size_t i = 0; i < a->members.count; i++) {
        const JsonMember *left = &a->members.items[i];
        const JsonMember *right = &b->members.items[i];
        if (!text_equal(left->key, right->key) || !json_equal(left->value, right->value))
            return false;
    }
    return true;
}

bool json_equal(const Json *a, const Json *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind)
        return false;
    switch (a->kind) {
    case JSON_NULL: return true;
    case JSON_BOOL: return a->boolean == b->boolean;
    case JSON_NUMBER: return rational_compare(a->number, b->number) == 0;
    case JSON_TEXT:
    case JSON_UNKNOWN: return text_equal(a->text, b->text);
    case JSON_ARRAY:
    case JSON_JOINED: return items_equal(a, b);
    case JSON_OBJECT: return members_equal(a, b);
    case JSON_REFERENCE:
        return text_equal(a->reference->resource, b->reference->resource) && text_equal(a->reference->attribute, b->reference->attribute) &&
               text_equal(a->reference->known, b->reference->known);
    case JSON_EMBEDDED: return json_equal(a->embedded, b->embedded);
    }
    return false;
}

size_t json_item_count(const Json *json)
{
    return json && json->kind == JSON_ARRAY ? json->items.count : 0;
}

size_t json_length(const Json *json)
{
    if (!json)
        return 0;
    if (json->kind == JSON_OBJECT)
        return json->members.count;
    return json->kind == JSON_ARRAY || json->kind == JSON_JOINED ? json->items.count : 0;
}

/* --- writing --- */

/* Long division by adding, which cannot overflow: both remainder and denominator are below 2^63. */
static void write_number(Buffer *out, Rational number)
{
    uint64_t den = (uint64_t)number.den;
    uint64_t magnitude = number.num < 0 ? 0 - (uint64_t)number.num : (uint64_t)number.num;
    if (number.num < 0)
        buffer_add_byte(out, '-');
    buffer_add_format(out, "%llu", (unsigned long long)(magnitude / den));
    uint64_t rest = magnitude % den;
    if (rest)
        buffer_add_byte(out, '.');
    for (size_t digits = 0; rest && digits < FRACTION_DIGITS_MAX; digits++) {
        uint64_t next = 0;
        int digit = 0;
        for (int i = 0; i < 10; i++) {
            next += rest;
            if (next >= den) {
                next -= den;
                digit++;
            }
        }
        buffer_add_byte(out, (char)('0' + digit));
        rest = next;
    }
}

static void write_plain(Buffer *out, const Json *json)
{
    if (json->kind == JSON_TEXT || json->kind == JSON_UNKNOWN) {
        buffer_add(out, json->text);
    } else if (json->kind == JSON_REFERENCE && json->reference->known.len) {
        buffer_add(out, json->reference->known);
    } else if (json->kind == JSON_REFERENCE) {
        buffer_add_c(out, "svc:unknown:");
        buffer_add(out, json->reference->resource);
        buffer_add_byte(out, '#');
        buffer_add(out, json->reference->attribute);
    } else if (json->kind == JSON_JOINED) {
        for (size_t i = 0; i < json->items.count; i++)
            write_plain(out, json->items.items[i]);
    } else {
        json_write(out, json, 0);
    }
}

/* What is put together from parts becomes one string. */
static void write_string(Buffer *out, const Json *json)
{
    Buffer whole = {0};
    if (json->kind == JSON_REFERENCE && json->reference->known.len) {
        buffer_add_json_string(out, json->reference->known);
        return;
    }
    write_plain(&whole, json->kind == JSON_EMBEDDED ? json->embedded : json);
    buffer_add_json_string(out, buffer_text(&whole));
    buffer_free(&whole);
}

static void write_break(Buffer *out, unsigned indent, size_t depth)
{
    if (!indent)
        return;
    buffer_add_byte(out, '\n');
    buffer_add_repeated(out, ' ', indent * depth);
}

static void write_value(Buffer *out, const Json *json, unsigned indent, size_t depth);

static void write_items(Buffer *out, const Json *json, unsigned indent, size_t depth)
{
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < json->items.count; i++) {
        if (i)
            buffer_add_byte(out, ',');
        write_break(out, indent, depth + 1);
        write_value(out, json->items.items[i], indent, depth + 1);
    }
    if (json->items.count)
        write_break(out, indent, depth);
    buffer_add_byte(out, ']');
}

static void write_members(Buffer *out, const Json *json, unsigned indent, size_t depth)
{
    buffer_add_byte(out, '{');
    for (size_t i = 0; i < json->members.count; i++) {
        if (i)
            buffer_add_byte(out, ',');
        write_break(out, indent, depth + 1);
        buffer_add_json_string(out, json->members.items[i].key);
        buffer_add_c(out, indent ? ": " : ":");
        write_value(out, json->members.items[i].value, indent, depth + 1);
    }
    if (json->members.count)
        write_break(out, indent, depth);
    buffer_add_byte(out, '}');
}

static void write_value(Buffer *out, const Json *json, unsigned indent, size_t depth)
{
    switch (json->kind) {
    case JSON_NULL: buffer_add_c(out, "null"); break;
    case JSON_BOOL: buffer_add_c(out, json->boolean ? "true" : "false"); break;
    case JSON_NUMBER: write_number(out, json->number); break;
    case JSON_TEXT:
    case JSON_UNKNOWN: buffer_add_json_string(out, json->text); break;
    case JSON_ARRAY: write_items(out, json, indent, depth); break;
    case JSON_OBJECT: write_members(out, json, indent, depth); break;
    case JSON_REFERENCE:
    case JSON_JOINED:
    case JSON_EMBEDDED: write_string(out, json); break;
    }
}

void json_write(Buffer *out, const Json *json, unsigned indent)
{
    write_value(out, json, indent, 0);
    if (indent)
        buffer_add_byte(out, '\n');
}

enum { ESCAPE_BYTES = 6, NUMBER_BYTES = 48, REFERENCE_BYTES = sizeof "svc:unknown:#" };

/* Of a text that becomes a string, or a part of one: as if each of its bytes were escaped, as it is not looked at. */
static size_t most_text_bytes(Text text)
{
    return text.len * ESCAPE_BYTES + 2;
}

size_t json_most_bytes(const Json *json)
{
    size_t bytes = 2;
    switch (json->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER: return NUMBER_BYTES;
    case JSON_TEXT:
    case JSON_UNKNOWN: return most_text_bytes(json->text);
    case JSON_REFERENCE:
        return REFERENCE_BYTES + most_text_bytes(json->reference->known) + most_text_bytes(json->reference->resource) + most_text_bytes(json->reference->attribute);
    case JSON_EMBEDDED: return ESCAPE_BYTES * json_most_bytes(json->embedded);
    case JSON_ARRAY:
    case JSON_JOINED:
        for (size_t i = 0; i < json->items.count; i++)
            bytes += 1 + json_most_bytes(json->items.items[i]);
        return json->kind == JSON_JOINED ? ESCAPE_BYTES * bytes : bytes;
    case JSON_OBJECT:
        for (size_t i = 0; i < json->members.count; i++)
            bytes += 2 + most_text_bytes(json->members.items[i].key) + json_most_bytes(json->members.items[i].value);
        return bytes;
    }
    return bytes;
}

/* --- from plain data --- */

static Json *array_from_read(Arena *arena, const ReadJson *read)
{
    Json *array = json_array(arena);
    for (size_t i = 0; i < read->items.count; i++)
        json_add(arena, array, json_from_read(arena, read->items.items[i]));
    return array;
}

static Json *object_from_read(Arena *arena, const ReadJson *read)
{
    JsonMember *members = ARENA_NEW_ARRAY(arena, JsonMember, read->members.count);
    for (size_t i = 0; i < read->members.count; i++)
        members[i] = (JsonMember){read->members.items[i].key, json_from_read(arena, read->members.items[i].value)};
    return json_object_from(arena, members, read->members.count);
}

Json *json_from_read(Arena *arena, const ReadJson *read)
{
    switch (read->kind) {
    case READ_NULL: break;
    case READ_BOOL: return json_bool(arena, read->boolean);
    case READ_NUMBER: return json_number(arena, read->number);
    case READ_TEXT: return json_text(arena, read->text);
    case READ_ARRAY: return array_from_read(arena, read);
    case READ_OBJECT: return object_from_read(arena, read);
    }
    return json_null(arena);
}
