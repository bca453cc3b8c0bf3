/* Taking over what somebody else made: it gets the tags of the file (SPEC.md, "Adopting"). */
#ifndef SVC_LIVE_ADOPT_H
#define SVC_LIVE_ADOPT_H

#include "aws/caller.h"
#include "plan/plan.h"

/* Tags all of the plan's foreign resources that are nobody's; what already has them stays as it is, so it can be run again. False after a report. */
bool live_adopt(Arena *arena, Diagnostics *sink, const AwsCaller *caller, const Plan *plan, size_t *adopted) __attribute__((warn_unused_result));

#endif
