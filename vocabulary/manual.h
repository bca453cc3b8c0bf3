/* The reference manual, from the table: for `svc help`, docs/reference.md and tools. */
#ifndef SVC_VOCABULARY_MANUAL_H
#define SVC_VOCABULARY_MANUAL_H

#include "base/array.h"
#include "base/buffer.h"
#include "vocabulary/vocabulary.h"

/* The AWS members that a row sets, as "shape:path", in the order of its arguments; the same row may set several where it may stand in several bodies. */
void manual_list_members(Arena *arena, const VocabularyRow *row, TextArray *out);
/* The page of one row as plain text. */
void manual_write_row(Buffer *out, Arena *arena, const VocabularyRow *row);
/* All rows, by body, as Markdown. */
void manual_write_markdown(Buffer *out, Arena *arena);
/* {"words": [{"word", "scopes", "help", "example", "arguments": […], "aws": […]}]} */
void manual_write_json(Buffer *out, Arena *arena);
/* The row's form: "health COMMAND [every INTERVAL] …" without its body. */
Text manual_row_form(Arena *arena, const VocabularyRow *row);

#endif
