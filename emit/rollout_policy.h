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
    int64_t split;    /* seconds at shares below 100%: as long as both revisions have traffic */
    int64_t gates;    /* seconds that gates may take, as far as they say */
    int64_t timetable;/* all holds and the bake */
    Json *steps;      /* [{"weight", "hold_seconds"}] */
    RolloutEngine engine;
    const char *reason; /* why this engine */
} RolloutPolicy;

/* The place in `steps` of the step with this share; -1 when there is none. */
int64_t rollout_step_of(const RolloutPolicy *policy, Rational share);
/* What a gate may take at most, in seconds; 0 for one that waits for somebody, however long. */
int64_t rollout_gate_seconds(const Node *gate);

/* The words that are gates, in the order in which they are asked. */
typedef enum GateWords { GATE_WORDS = 5 } GateWords;
extern const WordId rollout_gate_words[GATE_WORDS];

/* Of a service with its routes; nothing is reported. NULL when it has no rollout, or one of an unknown strategy (reported by the compiler). */
const RolloutPolicy *rollout_policy_read(Arena *arena, const ServiceFacts *facts);

#endif
