/* The state of a rollout as text: what the lease keeps, and all that another machine needs to go on (SPEC.md, "Driving a rollout"). */
#ifndef SVC_ROLLOUT_RECORD_H
#define SVC_ROLLOUT_RECORD_H

#include "base/buffer.h"
#include "rollout/controller.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 3500 }; /* bytes: the rest of a parameter's 4 KB is the lease's own */

/* Canonical JSON, without a line end; at most RECORD_MAX bytes. */
void record_write(Buffer *out, const RolloutState *state);
/* False with *error, a sentence, when it is no record of this version that the policy can go on from. */
bool record_read(Arena *arena, Text text, const Policy *policy, RolloutState *out, Text *error) __attribute__((warn_unused_result));

#endif
