#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/pattern_set.h"

#include "base/array.h"
#include "base/memory.h"
#include "base/pattern_form.h"

#include <pcre2.h>

enum { STEPS_MAX = 20000, DEPTH_MAX = 1000, HEAP_KIB_MAX = 1024 };

/* A pattern of the schema. PCRE2 is asked to compile it when its form does not tell. */
typedef struct Known {
    const char *pattern; /* the schema's own bytes, so that the place tells which one it is */
    PatternForm form;
    pcre2_code *code; /* NULL also when PCRE2 refuses it */
    bool is_compiled;
} Known;

struct PatternSet {
    Arena *arena;
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *match;
    ARRAY(Known) known;
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

static Known *find_known(PatternSet *set, Text pattern)
{
    for (size_t i = 0; i < set->known.count; i++)
        if (set->known.items[i].pattern == pattern.ptr)
            return &set->known.items[i];
    Known known = {.pattern = pattern.ptr, .form = pattern_form_read(pattern)};
    ARRAY_PUSH(set->arena, &set->known, known);
    return &set->known.items[set->known.count - 1];
}

static pcre2_code *compile(PatternSet *set, Text pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_compile_context *settings = pcre2_compile_context_create(set->memory);
    if (!settings)
        memory_exhausted();
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    return pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, &offset, settings);
}

bool pattern_set_matches(PatternSet *set, Text pattern, Text text)
{
    Known *known = find_known(set, pattern);
    if (pattern_form_accepts(&known->form, text))
        return true;
    if (!known->is_compiled)
        known->code = compile(set, pattern);
    known->is_compiled = true;
    return !known->code ||
           pcre2_match(known->code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, set->match, set->limits) != PCRE2_ERROR_NOMATCH;
}
