/* What the traffic of a simulated account does to the revisions that serve it: a scenario, or a trace of metrics. */
#ifndef SVC_SIMULATE_WORLD_H
#define SVC_SIMULATE_WORLD_H

#include "simulate/trace.h"

/* X(ID, name, one line) */
#define SCENARIOS(X)                                                                                   \
    X(HEALTHY, "healthy", "the new revision is as good as the old one")                                \
    X(ERRORS, "errors", "26 % of the new revision's answers are errors")                               \
    X(SLOW, "slow", "the new revision's p95 is 3.2 s")                                                 \
    X(QUEUE_RISING, "queue-rising", "queues grow for as long as the new revision has work")            \
    X(NEVER_HEALTHY, "never-healthy", "the new revision's tasks fail their health checks")             \
    X(REFUSED, "refused", "the new revision's tasks are healthy, and refuse connections once they get some") \
    X(CRASH_LOOP, "crash-loop", "the new revision's tasks end as soon as they have started")           \
    X(NO_DATA, "no-data", "no metric of the new revision ever has a point")                            \
    X(LOW_TRAFFIC, "low-traffic", "two requests a minute in all")                                      \
    X(THROTTLED, "throttled", "CloudWatch refuses every other question, from the third minute on every one for seven minutes") \
    X(OPERATOR, "operator", "somebody moves the weights by hand after eight minutes")                  \
    X(KILLED, "killed", "svc is killed at each step, and goes on from another machine")

/* As an option's value: "healthy|errors|…". */
#define SCENARIO_CHOICE(id, name, about) "|" name
#define SCENARIO_CHOICES (&(SCENARIOS(SCENARIO_CHOICE))[1])

typedef enum Scenario {
#define X(id, name, about) SCENARIO_##id,
    SCENARIOS(X)
#undef X
    SCENARIO_COUNT
} Scenario;

const char *scenario_name(Scenario scenario);
const char *scenario_about(Scenario scenario);
bool scenario_find(Text name, Scenario *out);

typedef struct WorldOptions {
    Scenario scenario;
    const Trace *trace;        /* NULL: none */
    int64_t requests_a_minute; /* 0: 6000, or what the scenario says */
} WorldOptions;

/* How tasks of a revision behave. */
typedef struct Behaviour {
    unsigned errors;           /* thousandths of its answers */
    int64_t p50_ms, p95_ms;
    unsigned cpu;              /* percent at the traffic that it is made for */
    bool fails_checks;         /* never healthy in a target group */
    bool crashes;              /* ends a few seconds after its start */
    bool refuses;              /* connections, once it has traffic */
    bool has_data;
} Behaviour;

Behaviour world_behaviour(const WorldOptions *world, bool is_new);
int64_t world_requests(const WorldOptions *world);

#endif
