/* The parts of rollout.json. Private to the rollout_*.c files. */
#ifndef SVC_EMIT_ROLLOUT_PART_H
#define SVC_EMIT_ROLLOUT_PART_H

#include "emit/alarm.h"
#include "emit/metric_judge.h"
#include "emit/rollout_policy.h"

enum { ROLLOUT_CONDITIONS = 20, ROLLOUT_GATES = 30, ROLLOUT_STEPS = 100, COMPARED_POINTS = 30 };

typedef struct Rollout {
    Emission *emission;
    const ServiceFacts *facts;
    const RolloutPolicy *policy;
    int64_t deadline;
} Rollout;

/* emit/rollout_check.c: what is wrong with the policy as a whole, reported; and its deadline. */
void rollout_check(Rollout *r);
/* emit/rollout_condition.c: what is watched, and the alarms behind its triggers. */
Json *rollout_conditions(const Rollout *r);
Json *rollout_verifications(const Rollout *r);
/* emit/rollout_gate.c */
Json *rollout_gates(const Rollout *r);
Json *rollout_announcements(const Rollout *r);
/* Seconds that the slowest container may take to start, as health checks say; *said is that statement, or NULL. */
int64_t rollout_start_seconds(const ServiceFacts *facts, const Node **said);
/* How svc writes so many seconds. */
Text rollout_duration(const Rollout *r, int64_t seconds);

#endif
