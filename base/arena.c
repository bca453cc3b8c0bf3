#include "base/arena.h"

#include "base/format.h"
#include "base/memory.h"

#include <string.h>

struct ArenaBlock {
    ArenaBlock *older;
    size_t size; /* of the bytes behind this header */
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024, ALIGNMENT = _Alignof(max_align_t) };

static ArenaBlock *add_block(Arena *arena, size_t size)
{
    /* Not zeroed here but by the allocation: pages that are never used are never touched. */
    ArenaBlock *block = memory_resize(NULL, sizeof *block + size);
    block->older = arena->newest;
    block->size = size;
    block->used = 0;
    arena->newest = block;
    return block;
}

void *arena_allocate(Arena *arena, size_t size)
{
    size_t rounded = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    if (rounded < size)
        memory_exhausted();
    arena->used += rounded;
    ArenaBlock *block = arena->newest;
#ifdef SVC_ARENA_MALLOC
    block = add_block(arena, size);
#else
    if (!block || block->size - block->used < rounded) {
        size_t next = block ? block->size * 2 : FIRST_BLOCK;
        if (next > LARGEST_BLOCK)
            next = LARGEST_BLOCK;
        block = add_block(arena, rounded > next ? rounded : next);
    }
#endif
    void *memory = block->bytes + block->used;
    block->used += rounded;
    memset(memory, 0, size);
    return memory;
}

Text arena_copy_text(Arena *arena, Text text)
{
    char *copy = arena_allocate(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return (Text){copy, text.len};
}

Text arena_join(Arena *arena, Text a, Text b)
{
    char *copy = arena_allocate(arena, a.len + b.len + 1);
    if (a.len)
        memcpy(copy, a.ptr, a.len);
    if (b.len)
        memcpy(copy + a.len, b.ptr, b.len);
    return (Text){copy, a.len + b.len};
}

enum { USUAL_LENGTH = 256 };

/* Most texts are short: they are formatted once, into the stack, and copied. */
Text arena_format_list(Arena *arena, const char *format, va_list list)
{
    char usual[USUAL_LENGTH];
    va_list again;
    va_copy(again, list);
    size_t size = format_into(usual, sizeof usual, format, list);
    char *copy = arena_allocate(arena, size + 1);
    if (size < sizeof usual)
        memcpy(copy, usual, size);
    else
        (void)format_into(copy, size + 1, format, again);
    va_end(again);
    return (Text){copy, size};
}

Text arena_format(Arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text text = arena_format_list(arena, format, list);
    va_end(list);
    return text;
}

void arena_reset(Arena *arena)
{
#ifdef SVC_ARENA_MALLOC
    arena_free(arena);
#else
    ArenaBlock *kept = arena->newest;
    if (!kept)
        return;
    for (ArenaBlock *block = kept->older; block;) {
        ArenaBlock *older = block->older;
        memory_free(block);
        block = older;
    }
    kept->older = NULL;
    kept->used = 0;
    arena->used = 0;
#endif
}

void arena_free(Arena *arena)
{
    for (ArenaBlock *block = arena->newest; block;) {
        ArenaBlock *older = block->older;
        memory_free(block);
        block = older;
    }
    *arena = (Arena){0};
}
