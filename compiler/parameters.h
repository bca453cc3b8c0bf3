/* Parameter files: YAML mappings from parameter names to values. */
#ifndef SVC_COMPILER_PARAMETERS_H
#define SVC_COMPILER_PARAMETERS_H

#include "compiler/compile.h"

enum { PARAMETERS_BYTES_MAX = 1024 * 1024, PARAMETERS_COUNT_MAX = 10000 };

typedef ARRAY(GivenParameter) GivenParameterArray;

/* Reads a file; a mistake in it is reported with line and column. False after a report. */
bool parameters_read_file(Arena *arena, Diagnostics *sink, Text path, GivenParameterArray *out) __attribute__((warn_unused_result));
/* The same for text registered as `file` in the sink's sources. */
bool parameters_read_text(Arena *arena, Diagnostics *sink, uint32_t file, GivenParameterArray *out) __attribute__((warn_unused_result));

#endif
