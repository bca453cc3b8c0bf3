/* Names of the objects in a list, found in constant time: documents come with lists far longer than AWS takes, and judging them stays linear.
   Private to rules/. */
#ifndef SVC_RULES_NAMES_H
#define SVC_RULES_NAMES_H

#include "base/arena.h"
#include "document/json.h"

typedef struct NameSlot {
    Text name;
    const Json *owner; /* NULL for a free slot */
} NameSlot;

/* Zero-initialise; its memory is the arena's. */
typedef struct Names {
    NameSlot *slots;
    size_t count;
    size_t capacity;
} Names;

/* The owner that the name had before, or NULL: then it is `owner` from now on. An empty name is nobody's. The name's bytes must outlive the table. */
const Json *names_put(Names *names, Arena *arena, Text name, const Json *owner);
/* The first owner of the name, or NULL. */
const Json *names_get(const Names *names, Text name);

/* What questions about long lists have come to so far. */
typedef struct NameIndex NameIndex;

NameIndex *name_index_create(Arena *arena);
/* The first object in the list whose text `key` is `name`, or NULL. */
const Json *name_index_find(NameIndex *index, const Json *list, const char *key, Text name);
/* Whether the text `key` of some object in the list is not known, or the list itself. */
bool name_index_has_unknown(NameIndex *index, const Json *list, const char *key);

#endif
