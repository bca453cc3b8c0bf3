/* Arrays that grow in an arena: ARRAY(Thing) things = {0}; ARRAY_PUSH(arena, &things, thing). */
#ifndef SVC_BASE_ARRAY_H
#define SVC_BASE_ARRAY_H

#include "base/arena.h"

#define ARRAY(Type)      \
    struct {             \
        Type *items;     \
        size_t count;    \
        size_t capacity; \
    }

/* Appends by copy. The old storage stays in the arena until it is freed. */
#define ARRAY_PUSH(arena, array, ...)                                                                      \
    do {                                                                                                   \
        if ((array)->count == (array)->capacity)                                                           \
            (array)->items =                                                                               \
                array_grow((arena), (array)->items, &(array)->capacity, (array)->count, sizeof *(array)->items); \
        (array)->items[(array)->count++] = (__VA_ARGS__);                                                  \
    } while (0)

/* Storage of twice the capacity (at least 4) holding the first `count` items. For ARRAY_PUSH only. */
void *array_grow(Arena *arena, const void *items, size_t *capacity, size_t count, size_t item_size);

/* A named array type, for use in headers. */
typedef ARRAY(Text) TextArray;

#endif
