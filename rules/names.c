#include "rules/names.h"

#include "rules/rule.h"

#include <string.h>

static NameSlot *find_slot(NameSlot *slots, size_t capacity, Text name)
{
    size_t at = text_hash(name) & (capacity - 1);
    while (slots[at].owner && !text_equal(slots[at].name, name))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static void grow(Names *names, Arena *arena)
{
    enum { FIRST_CAPACITY = 32 };
    size_t capacity = names->capacity ? names->capacity * 2 : FIRST_CAPACITY;
    NameSlot *slots = ARENA_NEW_ARRAY(arena, NameSlot, capacity);
    for (size_t i = 0; i < names->capacity; i++)
        if (names->slots[i].owner)
            *find_slot(slots, capacity, names->slots[i].name) = names->slots[i];
    names->slots = slots;
    names->capacity = capacity;
}

const Json *names_put(Names *names, Arena *arena, Text name, const Json *owner)
{
    if (!name.len)
        return NULL;
    if ((names->count + 1) * 2 > names->capacity)
        grow(names, arena);
    NameSlot *slot = find_slot(names->slots, names->capacity, name);
    if (slot->owner)
        return slot->owner;
    *slot = (NameSlot){name, owner};
    names->count++;
    return NULL;
}

const Json *names_get(const Names *names, Text name)
{
    return name.len && names->capacity ? find_slot(names->slots, names->capacity, name)->owner : NULL;
}

/* --- questions about one list after the other --- */

enum { LISTS_KEPT = 4, FEW = 8 }; /* so many lists are asked about in turn; a list of few is looked through */

typedef struct IndexedList {
    const Json *list;
    const char *key;
    uint64_t used; /* when it was asked about last */
    Names names;
    bool has_unknown;
} IndexedList;

struct NameIndex {
    Arena *arena;
    uint64_t questions;
    IndexedList lists[LISTS_KEPT];
};

NameIndex *name_index_create(Arena *arena)
{
    NameIndex *index = ARENA_NEW(arena, NameIndex);
    *index = (NameIndex){.arena = arena};
    return index;
}

static bool is_unknown(const Json *object, const char *key)
{
    return object->kind != JSON_OBJECT || !rule_is_known(json_get_c(object, key));
}

static const IndexedList *find_list(NameIndex *index, const Json *list, const char *key)
{
    IndexedList *oldest = &index->lists[0];
    index->questions++;
    for (size_t i = 0; i < LISTS_KEPT; i++) {
        IndexedList *kept = &index->lists[i];
        if (kept->list == list && strcmp(kept->key, key) == 0) {
            kept->used = index->questions;
            return kept;
        }
        oldest = kept->used < oldest->used ? kept : oldest;
    }
    *oldest = (IndexedList){.list = list, .key = key, .used = index->questions};
    for (size_t i = 0; i < list->items.count; i++) {
        const Json *object = list->items.items[i];
        oldest->has_unknown = oldest->has_unknown || is_unknown(object, key);
        (void)names_put(&oldest->names, index->arena, rule_text(json_get_c(object, key)), object);
    }
    return oldest;
}

const Json *name_index_find(NameIndex *index, const Json *list, const char *key, Text name)
{
    if (rule_item_count(list) > FEW)
        return names_get(&find_list(index, list, key)->names, name);
    for (size_t i = 0; name.len && i < rule_item_count(list); i++)
        if (text_equal(rule_text(json_get_c(list->items.items[i], key)), name))
            return list->items.items[i];
    return NULL;
}

bool name_index_has_unknown(NameIndex *index, const Json *list, const char *key)
{
    if (rule_is_set(list) && list->kind != JSON_ARRAY)
        return true;
    if (rule_item_count(list) > FEW)
        return find_list(index, list, key)->has_unknown;
    for (size_t i = 0; i < rule_item_count(list); i++)
        if (is_unknown(list->items.items[i], key))
            return true;
    return false;
}
