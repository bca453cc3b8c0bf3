/* Reading what compose files and manifests say: scalars, durations, sizes, command lines. Private to foreign/. */
#ifndef SVC_FOREIGN_IMPORT_TEXT_H
#define SVC_FOREIGN_IMPORT_TEXT_H

#include "document/json.h"

/* The text of a scalar as it is written; empty for NULL, null, lists and maps. */
Text import_scalar_text(Arena *arena, const Json *json);
/* yes, true, on and 1. */
bool import_flag(const Json *json);
/* A whole number. False when the text is none. */
bool import_integer(Text text, int64_t *out);
/* "1m30s", "90s", "90": whole seconds, rounded up. */
bool import_seconds(Text text, int64_t *out);
/* A scalar with the shell's `${NAME:-default}` resolved and `$$` as `$`: JSON_TEXT, or JSON_UNKNOWN where a variable is left. Lists and maps are copied. */
Json *import_value(Arena *arena, const Json *json);
/* A list of texts, each as import_value; a single scalar is a list of one. */
Json *import_texts(Arena *arena, const Json *list);
Json *import_one_text(Arena *arena, const char *text);
/* Splits a command line as a shell does, with quotes and backslashes, into a list. */
void import_split_words(Arena *arena, Text line, Json *list);

/* A size of Fargate: CPU units and MiB. */
typedef struct ImportSize {
    int64_t cpu;
    int64_t memory;
    bool lacks_cpu, lacks_memory; /* it has less than was asked for, or the text is no such number */
} ImportSize;

/* The smallest size that has so much: CPUs as a decimal ("0.5"), memory as "512m", "1g", "1gb" or bytes; the smallest of all for empty texts. */
ImportSize import_size(Text cpus, Text memory);

#endif
