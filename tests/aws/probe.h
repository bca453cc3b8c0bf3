/* What the commands of the probe share. */
#ifndef SVC_TESTS_AWS_PROBE_H
#define SVC_TESTS_AWS_PROBE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"

/* Says why on standard error; the exit status. */
int probe_fail(Text reason);
/* `"key": "value"` of an object that was opened. */
void probe_add_member(Buffer *out, const char *key, Text value);
bool probe_next_line(Text *rest, Text *line);

#endif
