/* How the services of a file are: revisions, counts, targets, alarms, last events (SPEC.md, "Status"). It only asks. */
#ifndef SVC_APPLY_STATUS_H
#define SVC_APPLY_STATUS_H

#include "aws/caller.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* {"services": [...]}, for machines as it is. NULL after a report. Lives in the arena. */
Json *status_read(Arena *arena, Diagnostics *sink, const AwsCaller *caller, const Resources *resources);
/* The same for people. */
void status_render(Buffer *out, const Json *status);

#endif
