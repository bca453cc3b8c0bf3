#include "base/array.h"

#include <string.h>

void *array_grow(Arena *arena, const void *items, size_t *capacity, size_t count, size_t item_size)
{
    size_t grown = *capacity ? *capacity * 2 : 4;
    void *storage = arena_take(arena, grown * item_size);
    if (count)
        memcpy(storage, items, count * item_size);
    *capacity = grown;
    return storage;
}
