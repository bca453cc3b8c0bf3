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

/* The key is in the value: a Lookup for KEY_LOOKUP, otherwise a Resource. NULL where the slot is free. */
typedef struct ResourceSlot {
    void *value;
    uint32_t hash;
    KeyKind kind;
} ResourceSlot;

static Text kind_text(ResourceKind kind)
{
    return text_from_c(resource_facts(kind)->operation);
}

static Key id_key(Text id)
{
    return (Key){KEY_ID, {id}};
}

static Key name_key(ResourceKind kind, Text name)
{
    return (Key){KEY_NAME, {kind_text(kind), name}};
}

static Key file_key(const Resource *resource, Text stem)
{
    return (Key){KEY_FILE, {resource->service, text_from_c(resource_facts(resource->kind)->folder), stem}};
}

static Key lookup_key(Text id, Text attribute)
{
    return (Key){KEY_LOOKUP, {id, attribute}};
}

static Key slot_key(const ResourceSlot *slot)
{
    const Resource *resource = slot->value;
    const Lookup *lookup = slot->value;
    switch (slot->kind) {
    case KEY_ID: return id_key(resource->id);
    case KEY_NAME: return name_key(resource->kind, resource->name);
    case KEY_FILE: return file_key(resource, resource->file_stem);
    case KEY_LOOKUP: break;
    }
    return lookup_key(lookup->id, lookup->attribute);
}

static uint32_t key_hash(const Key *key)
{
    uint32_t hash = (uint32_t)key->kind;
    for (size_t i = 0; i < 3; i++)
        hash = hash * 16777619u ^ text_hash(key->parts[i]);
    return hash;
}

static bool key_equal(const Key *a, const Key *b)
{
    return text_equal(a->parts[0], b->parts[0]) && text_equal(a->parts[1], b->parts[1]) && text_equal(a->parts[2], b->parts[2]);
}

static bool slot_holds(const ResourceSlot *slot, const Key *key, uint32_t hash)
{
    if (slot->hash != hash || slot->kind != key->kind)
        return false;
    Key own = slot_key(slot);
    return key_equal(&own, key);
}

/* The slot with the key, or the free one where it belongs; with no key the first free one. */
static ResourceSlot *index_slot(const ResourceIndex *index, const Key *key, uint32_t hash)
{
    size_t place = hash & (index->capacity - 1);
    while (index->slots[place].value && !(key && slot_holds(&index->slots[place], key, hash)))
        place = (place + 1) & (index->capacity - 1);
    return &index->slots[place];
}

static void *index_find(const ResourceIndex *index, const Key *key)
{
    return index->capacity ? index_slot(index, key, key_hash(key))->value : NULL;
}

static void index_grow(Arena *arena, ResourceIndex *index)
{
    ResourceIndex grown = {.capacity = index->capacity ? index->capacity * 2 : 128, .count = index->count};
    grown.slots = ARENA_NEW_ARRAY(arena, ResourceSlot, grown.capacity);
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].value)
            *index_slot(&grown, NULL, index->slots[i].hash) = index->slots[i];
    }
    *index = grown;
}

/* Keeps what is there already. */
static void index_add(Arena *arena, ResourceIndex *index, KeyKind kind, void *value)
{
    if (index->count * 2 >= index->capacity)
        index_grow(arena, index);
    ResourceSlot added = {.value = value, .kind = kind};
    Key key = slot_key(&added);
    added.hash = key_hash(&key);
    ResourceSlot *slot = index_slot(index, &key, added.hash);
    if (slot->value)
        return;
    *slot = added;
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
        bool is_kept = byte_is_alphanumeric(c) || c == '_' || (c == '.' && length > 0);
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
    Key key = file_key(resource, stem);
    for (unsigned number = 2; index_find(&resources->index, &key); number++)
        key.parts[2] = arena_format(arena, "%.*s-%u", TEXT_ARG(stem), number);
    return key.parts[2];
}

void resources_add(Arena *arena, Resources *resources, Resource *resource)
{
    resource->file_stem = unique_stem(arena, resources, resource);
    index_add(arena, &resources->index, KEY_ID, resource);
    index_add(arena, &resources->index, KEY_FILE, resource);
    if (resource->name.len)
        index_add(arena, &resources->index, KEY_NAME, resource);
    ARRAY_PUSH(arena, &resources->items, resource);
}

Resource *resources_find(const Resources *resources, Text id)
{
    Key key = id_key(id);
    return index_find(&resources->index, &key);
}

const Resource *resources_find_name(const Resources *resources, ResourceKind kind, Text name)
{
    Key key = name_key(kind, name);
    return index_find(&resources->index, &key);
}

const Lookup *resources_find_lookup(const Resources *resources, Text id, Text attribute)
{
    Key key = lookup_key(id, attribute);
    return index_find(&resources->index, &key);
}

const Lookup *resources_add_lookup(Arena *arena, Resources *resources, const Lookup *lookup)
{
    const Lookup *known = resources_find_lookup(resources, lookup->id, lookup->attribute);
    if (known)
        return known;
    Lookup *added = ARENA_NEW(arena, Lookup);
    *added = *lookup;
    index_add(arena, &resources->index, KEY_LOOKUP, added);
    ARRAY_PUSH(arena, &resources->lookups, added);
    return added;
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
