/* Arenas: many allocations, freed at once. Built with SVC_ARENA_MALLOC each allocation is its own, so that ASan sees misuse. */
#ifndef SVC_BASE_ARENA_H
#define SVC_BASE_ARENA_H

#include "base/text.h"

#include <stdarg.h>

typedef struct ArenaBlock ArenaBlock;

/* Zero-initialise before use; the owner calls arena_free. */
typedef struct Arena {
    ArenaBlock *newest;
    size_t used; /* bytes handed out since the last reset */
} Arena;

/* Zeroed, aligned for any type, never NULL. Lives until arena_reset or arena_free. */
void *arena_allocate(Arena *arena, size_t size);
#define ARENA_NEW(arena, Type) ((Type *)arena_allocate((arena), sizeof(Type)))
#define ARENA_NEW_ARRAY(arena, Type, count) ((Type *)arena_allocate((arena), sizeof(Type) * (count)))
/* A copy in the arena; it is followed by a NUL that len does not count. */
Text arena_copy_text(Arena *arena, Text text);
Text arena_join(Arena *arena, Text a, Text b);
/* printf into the arena; followed by a NUL that len does not count. */
Text arena_format(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
Text arena_format_list(Arena *arena, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
/* Frees all allocations and keeps the largest block for the next ones. */
void arena_reset(Arena *arena);
void arena_free(Arena *arena);

#endif
