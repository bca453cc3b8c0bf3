/* Secrets in what is shown: a renderer shows no byte of them but a few leading ones (SPEC.md, "Diagnostics"). */
#ifndef SVC_DIAGNOSTICS_SECRET_H
#define SVC_DIAGNOSTICS_SECRET_H

#include "diagnostics/diagnostic.h"

/* What is secret in the sources of a report. */
typedef struct Secrets {
    Arena *arena;
    const Sources *sources;
    SpanArray places;
    TextArray texts; /* what stands at them */
} Secrets;

/* Those that the findings of the sink are marked with, and those whose findings were silenced. Lives in the sink's arena. */
Secrets secrets_find(const Diagnostics *sink);
/* A line of a file (from 1) with its secrets masked, byte by byte: offsets in it stay. */
Text secrets_hide_line(const Secrets *secrets, uint32_t file, uint32_t line);
/* Words that are shown, such as a message, with the secrets in them masked. */
Text secrets_hide_words(const Secrets *secrets, Text words);
/* Whether a secret stands in the text. */
bool secrets_are_in(const Secrets *secrets, Text text);

#endif
