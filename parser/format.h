/* The formatter: one layout, no options; comments kept; formatting twice changes nothing (SPEC.md, "Layout"). */
#ifndef SVC_PARSER_FORMAT_H
#define SVC_PARSER_FORMAT_H

#include "base/buffer.h"
#include "parser/tree.h"

/* Writes the file laid out. The tree must have no errors. */
void format_tree(Buffer *out, Arena *arena, const Sources *sources, const Tree *tree);

#endif
