/* Text in words as a shell splits it, without running one: Python's shlex.split, by which botocore reads credential_process and names of sections. */
#ifndef SVC_AWS_SHELL_WORDS_H
#define SVC_AWS_SHELL_WORDS_H

#include "base/array.h"

/* False when a quote is not closed or a backslash ends the text. Each word is followed by a NUL. */
bool aws_shell_split(Arena *arena, Text text, TextArray *out) __attribute__((warn_unused_result));

#endif
