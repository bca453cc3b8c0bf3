/* Source text to tree. Goes on after errors, and reports each mistake once. */
#ifndef SVC_PARSER_PARSER_H
#define SVC_PARSER_PARSER_H

#include "parser/tree.h"

/* Limits of one file; past them is an error, never a crash (SPEC.md, "Limits"). */
enum {
    PARSER_BYTES_MAX = 4 * 1024 * 1024,
    PARSER_DEPTH_MAX = 64,      /* bodies, and parentheses, lists, maps and calls in each other */
    PARSER_ERRORS_MAX = 100,    /* after that many in one file it stops */
    PARSER_OPERATORS_MAX = 256, /* in one expression, whatever is nested in it */
};

/* Parses the file `file` of sink->sources. Always gives a tree; tree.has_errors when something was reported.
   The tree lives in `arena` and refers to the source text. */
Tree parser_parse_file(Arena *arena, Diagnostics *sink, uint32_t file);
/* The same for text that stands in a body of `scope`, such as an example of the vocabulary. */
Tree parser_parse_body(Arena *arena, Diagnostics *sink, uint32_t file, Scope scope);

/* Parses only the bytes from start to end, which hold whole statements of the file's top level. For text that is known to be UTF-8, such
   as the standard library's: only its lexemes are checked. */
Tree parser_parse_slice(Arena *arena, Diagnostics *sink, uint32_t file, uint32_t start, uint32_t end);

#endif
