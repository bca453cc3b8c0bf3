#include "base/arena.h"

#include "base/format.h"
#include "base/memory.h"

#include <string.h>

struct ArenaBlock {
    ArenaBlock *older;
    size_t size; /* of the bytes behind this header */
    _Alignas(uint64_t) char bytes[];
};

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024 };

/* Not zeroed here but by each allocation: pages that are never used are never touched. */
static void add_block(Arena *arena, size_t size)
{
    ArenaBlock *block = arena->spare;
    if (block && block->size >= size) {
        arena->spare = block->older;
    } else {
        block = memory_resize(NULL, sizeof *block + size);
        block->size = size;
    }
    block->older = arena->newest;
    arena->newest = block;
    arena->free = block->bytes;
    arena->room = block->size;
}

void *arena_take_from_block(Arena *arena, size_t size)
{
    size_t rounded = arena_round(size);
    if (rounded == 0)
        memory_exhausted();
#ifdef SVC_ARENA_MALLOC
    add_block(arena, size);
    arena->room = 0;
    return arena->free;
#else
    size_t next = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;
    if (next > LARGEST_BLOCK)
        next = LARGEST_BLOCK;
    bool fits_spare = arena->spare && arena->spare->size >= rounded;
    add_block(arena, fits_spare || rounded > next ? rounded : next);
    return arena_take(arena, size);
#endif
}

Text arena_copy_text(Arena *arena, Text text)
{
    char *copy = arena_take(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (Text){copy, text.len};
}

Text arena_join(Arena *arena, Text a, Text b)
{
    char *copy = arena_take(arena, a.len + b.len + 1);
    if (a.len)
        memcpy(copy, a.ptr, a.len);
    if (b.len)
        memcpy(copy + a.len, b.ptr, b.len);
    copy[a.len + b.len] = '\0';
    return (Text){copy, a.len + b.len};
}

/* Most texts fit in what is left of the block: they are formatted where they stay. */
Text arena_format_list(Arena *arena, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    size_t room = arena->room;
    size_t size = format_into(arena->free, room, format, list);
    char *text = arena_take(arena, size + 1); /* where it stands already, if there was room for it */
    if (size >= room)
        (void)format_into(text, size + 1, format, again);
    va_end(again);
    text[size] = '\0';
    return (Text){text, size};
}

Text arena_format(Arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text text = arena_format_list(arena, format, list);
    va_end(list);
    return text;
}

static void free_blocks(ArenaBlock *block)
{
    while (block) {
        ArenaBlock *older = block->older;
        memory_free(block);
        block = older;
    }
}

void arena_rewind(Arena *arena, ArenaMark mark)
{
    while (arena->newest != mark.newest) {
        ArenaBlock *block = arena->newest;
        arena->newest = block->older;
        block->older = arena->spare;
        arena->spare = block;
    }
    arena->free = mark.free;
    arena->room = mark.room;
#ifdef SVC_ARENA_MALLOC
    free_blocks(arena->spare);
    arena->spare = NULL;
#endif
}

void arena_reset(Arena *arena)
{
    arena_rewind(arena, (ArenaMark){0});
}

void arena_free(Arena *arena)
{
    free_blocks(arena->newest);
    free_blocks(arena->spare);
    *arena = (Arena){0};
}
