/* Reading an account into a recording (SPEC.md, "Reading an account"). It only asks: nothing is changed. */
#ifndef SVC_LIVE_LIVE_H
#define SVC_LIVE_LIVE_H

#include "aws/caller.h"
#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* What is to be read, and by whom. */
typedef struct LiveInput {
    const AwsCaller *caller;
    const Model *model;
    const Resources *resources;
    Text region;
    bool with_facts; /* also what the file relies on and does not make: images, secrets, certificates, ways out of subnets */
} LiveInput;

/* The recording of everything that the file names, and of what carries its project's and environment's tags. Lives in the arena. NULL after a report:
   what could not be read is all listed. */
Json *live_read(Arena *arena, Diagnostics *sink, const LiveInput *input);
/* Its canonical bytes, as a recording is kept. */
Text live_write(Arena *arena, const Json *recording);

#endif
