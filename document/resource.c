#include "document/resource.h"

static const ResourceFacts facts[] = {
#define X(name, label, service, operation, type, folder) [RESOURCE_##name] = {label, service, operation, type, folder},
    RESOURCE_KINDS(X)
#undef X
};

const ResourceFacts *resource_facts(ResourceKind kind)
{
    return &facts[kind];
}

/* --- index --- */

/* What a key of the index is for: ids, lookups, files and names in AWS share one table. */
typedef enum KeyKind { KEY_ID, KEY_LOOKUP, KEY_FILE, KEY_NAME } KeyKind;

/* Up to three texts make a key; they are compared apart, so no separator can be forged. */
typedef struct Key {
    KeyKind kind;
    Text parts[3];
} Key;

typedef struct ResourceSlot {
    Key key;
    bool is_used;
    void *value;
} ResourceSlot;

static uint32_t key_hash(const Key *key)
{
    uint32_t hash = (uint32_t)key->kind;
    for (size_t i = 0; i < 3; i++)
        hash = hash * 16777619u ^ text_hash(key->parts[i]);
    return hash;
}

static bool key_equal(const Key *a, const Key *b)
{
    return a->kind == b->kind && text_equal(a->parts[0], b->parts[0]) && text_equal(a->parts[1], b->parts[1]) &&
           text_equal(a->parts[2], b->parts[2]);
}

static ResourceSlot *index_slot(const ResourceIndex *index, const Key *key)
{
    size_t place = key_hash(key) & (index->capacity - 1);
    while (index->slots[place].is_used && !key_equal(&index->slots[place].key, key))
        place = (place + 1) & (index->capacity - 1);
    return &index->slots[place];
}

static void *index_find(const ResourceIndex *index, const Key *key)
{
    return index->capacity ? index_slot(index, key)->value : NULL;
}

static void index_grow(Arena *arena, ResourceIndex *index)
{
    ResourceIndex grown = {.capacity = index->capacity ? index->capacity * 2 : 64, .count = index->count};
    grown.slots = ARENA_NEW_ARRAY(arena, ResourceSlot, grown.capacity);
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].is_used)
            *index_slot(&grown, &index->slots[i].key) = index->slots[i];
    }
    *index = grown;
}

/* Keeps what is there already. */
static void index_add(Arena *arena, ResourceIndex *index, const Key *key, void *value)
{
    if (index->count * 2 >= index->capacity)
        index_grow(arena, index);
    ResourceSlot *slot = index_slot(index, key);
    if (slot->is_used)
        return;
    *slot = (ResourceSlot){*key, true, value};
    index->count++;
}

/* --- resources --- */

/* Letters, digits, '.', '_' and '-' stay; runs of others become one '-', none of them at the ends. */
static Text file_stem_fit(Arena *arena, Text wanted, const char *fallback)
{
    char *bytes = arena_allocate(arena, wanted.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < wanted.len; i++) {
        char c = wanted.ptr[i];
        bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c == '.' && length > 0);
        if (is_kept || (length > 0 && bytes[length - 1] != '-'))
            bytes[length++] = is_kept ? c : '-';
    }
    while (length > 0 && bytes[length - 1] == '-')
        length--;
    enum { STEM_MAX = 120 };
    Text stem = {bytes, length < STEM_MAX ? length : STEM_MAX};
    return stem.len ? stem : text_from_c(fallback);
}

static Text unique_stem(Arena *arena, Resources *resources, const Resource *resource)
{
    const ResourceFacts *kind = resource_facts(resource->kind);
    Text stem = file_stem_fit(arena, resource->file_stem, kind->operation);
    Key key = {KEY_FILE, {resource->service, text_from_c(kind->folder), stem}};
    for (unsigned number = 2; index_find(&resources->index, &key); number++)
        key.parts[2] = arena_format(arena, "%.*s-%u", TEXT_ARG(stem), number);
    return key.parts[2];
}

static Text kind_text(ResourceKind kind)
{
    return text_from_c(resource_facts(kind)->operation);
}

void resources_add(Arena *arena, Resources *resources, Resource *resource)
{
    Key id = {KEY_ID, {resource->id}};
    Key name = {KEY_NAME, {kind_text(resource->kind), resource->name}};
    resource->file_stem = unique_stem(arena, resources, resource);
    Key file = {KEY_FILE, {resource->service, text_from_c(resource_facts(resource->kind)->folder), resource->file_stem}};
    index_add(arena, &resources->index, &id, resource);
    index_add(arena, &resources->index, &file, resource);
    if (resource->name.len)
        index_add(arena, &resources->index, &name, resource);
    ARRAY_PUSH(arena, &resources->items, resource);
}

Resource *resources_find(const Resources *resources, Text id)
{
    Key key = {KEY_ID, {id}};
    return index_find(&resources->index, &key);
}

const Resource *resources_find_name(const Resources *resources, ResourceKind kind, Text name)
{
    Key key = {KEY_NAME, {kind_text(kind), name}};
    return index_find(&resources->index, &key);
}

const Lookup *resources_add_lookup(Arena *arena, Resources *resources, const Lookup *lookup)
{
    Key key = {KEY_LOOKUP, {lookup->id, lookup->attribute}};
    Lookup *known = index_find(&resources->index, &key);
    if (known)
        return known;
    known = ARENA_NEW(arena, Lookup);
    *known = *lookup;
    index_add(arena, &resources->index, &key, known);
    ARRAY_PUSH(arena, &resources->lookups, known);
    return known;
}

static Json *dump_resource(Arena *arena, const Resource *resource)
{
    Json *json = json_object(arena);
    json_set_c(arena, json, "file", json_text(arena, resource->file_stem));
    json_set_c(arena, json, "id", json_text(arena, resource->id));
    json_set_c(arena, json, "input", resource->input);
    json_set_c(arena, json, "more", resource->more);
    json_set_c(arena, json, "operation", json_text_c(arena, resource_facts(resource->kind)->operation));
    return json;
}

static Json *dump_lookup(Arena *arena, const Lookup *lookup)
{
    Json *json = json_object(arena);
    json_set_c(arena, json, "attribute", json_text(arena, lookup->attribute));
    json_set_c(arena, json, "description", json_text(arena, lookup->description));
    json_set_c(arena, json, "id", json_text(arena, lookup->id));
    json_set_c(arena, json, "selector", lookup->selector);
    return json;
}

Text resources_dump(Arena *arena, const Resources *resources)
{
    Json *items = json_array(arena);
    Json *lookups = json_array(arena);
    Json *dump = json_object(arena);
    for (size_t i = 0; i < resources->items.count; i++)
        json_add(arena, items, dump_resource(arena, resources->items.items[i]));
    for (size_t i = 0; i < resources->lookups.count; i++)
        json_add(arena, lookups, dump_lookup(arena, resources->lookups.items[i]));
    json_set_c(arena, dump, "lookups", lookups);
    json_set_c(arena, dump, "resources", items);
    Buffer out = {0};
    json_write(&out, dump, 2);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}
