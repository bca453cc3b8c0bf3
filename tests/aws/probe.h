/* What the commands of the probe share. */
#ifndef SVC_TESTS_AWS_PROBE_H
#define SVC_TESTS_AWS_PROBE_H

#include "aws/settings.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/json_read.h"

/* Says why on standard error; the exit status. */
int probe_fail(Text reason);
/* `"key": "value"` of an object that was opened. */
void probe_add_member(Buffer *out, const char *key, Text value);
bool probe_next_line(Text *rest, Text *line);

int probe_profiles(Arena *arena, Buffer *out, Text input);
int probe_settings(Arena *arena, Buffer *out, const AwsSettingsOptions *options);
int probe_endpoints(Arena *arena, Buffer *out, const AwsSettingsOptions *options, Text input);
/* For each moment what is given then; "forget" is a moment at which AWS has refused them. `code` is what a person answers; empty: nobody can be asked. */
int probe_credentials(Arena *arena, Buffer *out, const AwsSettingsOptions *options, Text code, const TextArray *moments);

#endif
