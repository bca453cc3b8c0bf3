/* What people have in their JSON and YAML that is neither: made readable without moving a byte. Private to foreign/. */
#ifndef SVC_FOREIGN_LENIENT_H
#define SVC_FOREIGN_LENIENT_H

#include "base/array.h"

/* Bytes of the source. */
typedef struct Range {
    uint32_t start;
    uint32_t end;
} Range;

/* A source as libyaml can read it. */
typedef struct Lenient {
    Text text;               /* as long as the source, and the same but for what is told here */
    ARRAY(Range) values;     /* placeholders without quotes, in order: each is a plain scalar of underscores now */
    bool is_json;
    bool has_blocks;         /* tags of a template language that stand for no value became blanks */
    ARRAY(Range) commas;     /* before a closing bracket */
    Range odd;               /* the first thing that people write and JSON does not have; none when its end is 0 */
    const char *odd_name;    /* "a comment" */
    Range fault;             /* the first thing that can be no JSON; none when its end is 0 */
    const char *fault_label; /* what is wrong with it */
} Lenient;

/* `is_named_json`: the file's name promises JSON. `is_retry`: quoted texts with quotes inside of a placeholder, `"${lookup("x")}"`, are looked for too;
   in a file that is right such a reading could be wrong. */
void lenient_prepare(Arena *arena, Text source, bool is_named_json, bool is_retry, Lenient *out);

#endif
