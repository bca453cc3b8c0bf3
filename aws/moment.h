/* Moments as AWS writes and reads them. */
#ifndef SVC_AWS_MOMENT_H
#define SVC_AWS_MOMENT_H

#include "base/arena.h"

/* Unix seconds of "2026-07-01T12:00:00Z" (a fraction is cut off; an offset such as +02:00 or +0200 counts; without any it is UTC), or of an HTTP date, "Wed, 01 Jul
   2026 12:00:00 GMT". False when it is neither. */
bool aws_moment_parse(Text text, int64_t *out) __attribute__((warn_unused_result));
/* "20260701T120000Z" */
Text aws_moment_compact(Arena *arena, int64_t moment);
/* "2026-07-01T12:00:00Z" */
Text aws_moment_format(Arena *arena, int64_t moment);

#endif
