/* PCRE2 with limits, for patterns of the program's own. */
#ifndef SVC_BASE_PATTERN_H
#define SVC_BASE_PATTERN_H

#include "base/arena.h"

/* Finds the pattern in the text, whose bytes need not be UTF-8. *out is what the first group matched, or the whole where there is none. False when
   it is not there, or looking for it takes more than the limits on steps, depth and memory. What is made on the way lives in `scratch`. */
bool pattern_find(Arena *scratch, const char *pattern, Text text, Text *out) __attribute__((warn_unused_result));

#endif
