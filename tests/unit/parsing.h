/* Reads texts for the tests of the parser, the formatter and the renderers. */
#ifndef SVC_TESTS_UNIT_PARSING_H
#define SVC_TESTS_UNIT_PARSING_H

#include "parser/parser.h"

typedef struct Parsed {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    Tree tree;
} Parsed;

static inline void parsed_open(Parsed *parsed)
{
    *parsed = (Parsed){.arena = {0}};
    parsed->sink = (Diagnostics){.arena = &parsed->arena, .sources = &parsed->sources};
}

static inline void parsed_read(Parsed *parsed, Text text, Scope scope)
{
    uint32_t file = sources_add(&parsed->arena, &parsed->sources, TEXT("test.svc"), text, false);
    parsed->tree = parser_parse_body(&parsed->arena, &parsed->sink, file, scope);
}

static inline void parsed_close(Parsed *parsed)
{
    arena_free(&parsed->arena);
}

/* The text of a file below the root of the repository; the test runs there. The caller frees it. */
static inline Text parsed_load(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t capacity = 1 << 20;
    char *bytes = malloc(capacity);
    assert_non_null(bytes);
    size_t length = fread(bytes, 1, capacity, file);
    assert_true(length < capacity);
    assert_int_equal(fclose(file), 0);
    return (Text){bytes, length};
}

#endif
