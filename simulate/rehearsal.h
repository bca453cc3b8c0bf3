/* A change of a file's resources, planned and applied in a simulated account by the code that does it in AWS (SPEC.md, "Rehearsal"). */
#ifndef SVC_SIMULATE_REHEARSAL_H
#define SVC_SIMULATE_REHEARSAL_H

#include "apply/apply.h"
#include "compiler/model.h"
#include "simulate/simulate.h"

typedef struct RehearsalInput {
    const Model *model;
    Resources *resources;     /* their images are others for a while */
    const PlanOthers *others; /* NULL: the file is the project's only one */
    SimulationOptions options;
} RehearsalInput;

typedef struct Rehearsal {
    Arena *arena;
    Diagnostics *sink;
    RehearsalInput input;
    Simulation *simulation;
    SavedPlan plan; /* of the change; from rehearsal_plan on */
} Rehearsal;

/* An account in which an earlier image of everything runs, well and for a while. False after a report. Everything lives in the arena. */
bool rehearsal_settle(Arena *arena, Diagnostics *sink, const RehearsalInput *input, Rehearsal *out) __attribute__((warn_unused_result));
/* The change to the file as it is; the world's scenario begins. False after a report. */
bool rehearsal_plan(Rehearsal *rehearsal) __attribute__((warn_unused_result));
/* Once; after a death it may be called again. Options' owner and role_ms are the rehearsal's. */
ApplyOutcome rehearsal_apply(Rehearsal *rehearsal, const ApplyOptions *options, ApplyListener listener);

#endif
