#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/pattern_set.h"

#include "base/array.h"
#include "base/memory.h"

#include <pcre2.h>
#include <string.h>

enum { STEPS_MAX = 20000, DEPTH_MAX = 1000, HEAP_KIB_MAX = 1024 };

typedef struct Compiled {
    const char *pattern; /* the schema's own bytes, so that the place tells which one it is */
    pcre2_code *code;    /* NULL when PCRE2 refuses it */
} Compiled;

/* What a text came to. Tags and names come again in most documents. */
typedef struct Matched {
    const char *pattern;
    size_t length;
    char bytes[40];
    bool matches;
} Matched;

enum { MATCHED_COUNT = 128 };

struct PatternSet {
    Arena *arena;
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *match;
    ARRAY(Compiled) compiled;
    Matched *matched; /* by hash; the newest of those that fall together */
};

static void *allocate(size_t size, void *arena)
{
    return arena_take(arena, size);
}

/* All of it goes with the arena. */
static void release(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

PatternSet *pattern_set_create(Arena *arena)
{
    PatternSet *set = ARENA_NEW(arena, PatternSet);
    set->arena = arena;
    set->matched = ARENA_NEW_ARRAY(arena, Matched, MATCHED_COUNT);
    set->memory = pcre2_general_context_create(allocate, release, arena);
    set->limits = pcre2_match_context_create(set->memory);
    set->match = pcre2_match_data_create(1, set->memory);
    if (!set->memory || !set->limits || !set->match)
        memory_exhausted();
    pcre2_set_match_limit(set->limits, STEPS_MAX);
    pcre2_set_depth_limit(set->limits, DEPTH_MAX);
    pcre2_set_heap_limit(set->limits, HEAP_KIB_MAX);
    return set;
}

static const pcre2_code *find_code(PatternSet *set, Text pattern)
{
    for (size_t i = 0; i < set->compiled.count; i++)
        if (set->compiled.items[i].pattern == pattern.ptr)
            return set->compiled.items[i].code;
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_compile_context *settings = pcre2_compile_context_create(set->memory);
    if (!settings)
        memory_exhausted();
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    Compiled compiled = {pattern.ptr, pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, &offset, settings)};
    ARRAY_PUSH(set->arena, &set->compiled, compiled);
    return compiled.code;
}

static bool match(PatternSet *set, Text pattern, Text text)
{
    const pcre2_code *code = find_code(set, pattern);
    return !code || pcre2_match(code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, set->match, set->limits) != PCRE2_ERROR_NOMATCH;
}

bool pattern_set_matches(PatternSet *set, Text pattern, Text text)
{
    Matched *known = &set->matched[(text_hash(text) ^ text_hash((Text){(const char *)&pattern.ptr, sizeof pattern.ptr})) % MATCHED_COUNT];
    if (text.len > sizeof known->bytes)
        return match(set, pattern, text);
    if (known->pattern == pattern.ptr && text_equal((Text){known->bytes, known->length}, text))
        return known->matches;
    *known = (Matched){.pattern = pattern.ptr, .length = text.len, .matches = match(set, pattern, text)};
    if (text.len)
        memcpy(known->bytes, text.ptr, text.len);
    return known->matches;
}
