/* The patterns of the schema, each read when it is first needed and kept: the same few are asked for in every document of a run. */
#ifndef SVC_RULES_PATTERN_SET_H
#define SVC_RULES_PATTERN_SET_H

#include "base/arena.h"

typedef struct PatternSet PatternSet;

/* Lives in the arena, with all that it compiles. */
PatternSet *pattern_set_create(Arena *arena);
/* Whether the whole text matches. True also when that cannot be told: the text is not UTF-8, or matching would take too long. `pattern` is one of
   the schema's, which live as long as the program. */
bool pattern_set_matches(PatternSet *set, Text pattern, Text text);

#endif
