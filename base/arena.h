/* Arenas: many allocations, freed at once. Built with SVC_ARENA_MALLOC each allocation is its own, so that ASan sees misuse. */
#ifndef SVC_BASE_ARENA_H
#define SVC_BASE_ARENA_H

#include "base/text.h"

#include <stdarg.h>

typedef struct ArenaBlock ArenaBlock;

/* Zero-initialise before use; the owner calls arena_free. */
typedef struct Arena {
    ArenaBlock *newest;
    char *free;  /* in the newest block, aligned */
    size_t room; /* bytes from there on */
    ArenaBlock *spare; /* blocks for the next allocations: their pages are there already */
} Arena;

/* Of pointers and 64-bit numbers: what needs more does not fit in an arena, which ARENA_NEW checks. */
enum { ARENA_ALIGNMENT = _Alignof(uint64_t) };
_Static_assert(_Alignof(void *) <= ARENA_ALIGNMENT, "pointers are aligned");

/* What an allocation takes: at least one unit, so that none is NULL. 0 when there is no such size. */
static inline size_t arena_round(size_t size)
{
    return ((size ? size : 1) + (ARENA_ALIGNMENT - 1)) & ~(size_t)(ARENA_ALIGNMENT - 1);
}

/* For arena_take only: memory from a new block. */
void *arena_take_from_block(Arena *arena, size_t size);

/* As arena_allocate, not zeroed: for what is written at once. */
static inline void *arena_take(Arena *arena, size_t size)
{
    size_t rounded = arena_round(size);
    if (rounded == 0 || rounded > arena->room)
        return arena_take_from_block(arena, size);
    char *memory = arena->free;
    arena->free += rounded;
    arena->room -= rounded;
    return memory;
}

/* Zeroed, aligned for any type up to ARENA_ALIGNMENT, never NULL. Lives until arena_reset or arena_free. Inline: most sizes are constants, so that zeroing
   takes a few instructions. */
static inline void *arena_allocate(Arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

#define ARENA_SIZE(Type) \
    (sizeof(struct { _Static_assert(_Alignof(Type) <= ARENA_ALIGNMENT, "this type needs more than an arena gives"); char unused; }) * sizeof(Type))
#define ARENA_NEW(arena, Type) ((Type *)arena_allocate((arena), ARENA_SIZE(Type)))
#define ARENA_NEW_ARRAY(arena, Type, count) ((Type *)arena_allocate((arena), ARENA_SIZE(Type) * (count)))
/* A copy in the arena; it is followed by a NUL that len does not count. */
Text arena_copy_text(Arena *arena, Text text);
Text arena_join(Arena *arena, Text a, Text b);
/* printf into the arena; followed by a NUL that len does not count. */
Text arena_format(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
Text arena_format_list(Arena *arena, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
/* A place in an arena: what is allocated after it can be freed by itself. */
typedef struct ArenaMark {
    ArenaBlock *newest;
    char *free;
    size_t room;
} ArenaMark;

static inline ArenaMark arena_mark(const Arena *arena)
{
    return (ArenaMark){arena->newest, arena->free, arena->room};
}

/* Frees what was allocated since the mark; its memory is kept for the next allocations. */
void arena_rewind(Arena *arena, ArenaMark mark);
/* Frees all allocations; their memory is kept for the next ones. */
void arena_reset(Arena *arena);
void arena_free(Arena *arena);

#endif
