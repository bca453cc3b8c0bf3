/* What a `rollout` statement comes to before anything is rendered: its steps and the engine that runs it (SPEC.md, "Rollouts"). */
#ifndef SVC_EMIT_ROLLOUT_POLICY_H
#define SVC_EMIT_ROLLOUT_POLICY_H

#include "emit/emit.h"

typedef enum Strategy { STRATEGY_ROLLING, STRATEGY_CANARY, STRATEGY_LINEAR, STRATEGY_BLUE_GREEN, STRATEGY_UNKNOWN } Strategy;

typedef struct RolloutPolicy {
    const Node *node; /* the `rollout` statement */
    const Node *ramp;
    Strategy strategy;
    Rational from;    /* shares: 1% is 1/100 */
    Rational by;
    Rational to;
    int64_t every;    /* seconds */
    int64_t bake;
    int64_t timetable;
    Json *steps;      /* [{"weight", "hold_seconds"}] */
    RolloutEngine engine;
    const char *reason; /* why this engine */
} RolloutPolicy;

/* Of a service with its routes; nothing is reported. NULL when it has no rollout, or one of an unknown strategy (reported by the compiler). */
const RolloutPolicy *rollout_policy_read(Arena *arena, const ServiceFacts *facts);

#endif
