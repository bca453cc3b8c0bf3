#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include "base/memory.h"

#include <pcre2.h>

enum { STEPS_MAX = 100000, DEPTH_MAX = 1000, HEAP_KIB_MAX = 1024, GROUPS_MAX = 2 };

static void *allocate(size_t size, void *arena)
{
    return arena_allocate(arena, size);
}

/* All of it goes with the arena. */
static void release(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

bool pattern_find(Arena *scratch, const char *pattern, Text text, Text *out)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, scratch);
    pcre2_match_context *limits = pcre2_match_context_create(general);
    pcre2_compile_context *settings = pcre2_compile_context_create(general);
    pcre2_match_data *match = pcre2_match_data_create(GROUPS_MAX, general);
    if (!general || !limits || !settings || !match)
        memory_exhausted();
    pcre2_set_match_limit(limits, STEPS_MAX);
    pcre2_set_depth_limit(limits, DEPTH_MAX);
    pcre2_set_heap_limit(limits, HEAP_KIB_MAX);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_NEVER_BACKSLASH_C, &error, &offset, settings);
    if (!code)
        return false;
    int groups = pcre2_match(code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, match, limits);
    if (groups < 1)
        return false;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(match);
    size_t group = groups > 1 && ends[2] != PCRE2_UNSET ? 1 : 0;
    *out = text_slice(text, ends[2 * group], ends[2 * group + 1]);
    return true;
}
