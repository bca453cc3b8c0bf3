/* A rollout's policy as its driver has it: rollout.json (SPEC.md, "Rollouts"), read once. Shares are tenths of a percent, times are seconds. */
#ifndef SVC_ROLLOUT_POLICY_H
#define SVC_ROLLOUT_POLICY_H

#include "document/json.h"

enum { SHARE_WHOLE = 1000, POLICY_RULES_MAX = 5, POLICY_CONDITIONS_MAX = 20 };

/* --- what is judged (SPEC.md, "Judging") --- */

typedef enum TestKind {
    TEST_SERIES, TEST_NUMBER,
    TEST_ADD, TEST_SUBTRACT, TEST_MULTIPLY, TEST_DIVIDE, TEST_SUM, TEST_MAX, /* values */
    TEST_ABOVE, TEST_BELOW, TEST_AT_LEAST, TEST_AT_MOST, TEST_EQUAL, TEST_DIFFERENT, TEST_AND, TEST_OR, /* answers for each point */
    TEST_RISING, TEST_HIGHER, TEST_LOWER, /* answers for a window */
    TEST_KIND_COUNT,
} TestKind;

typedef struct Test Test;
struct Test {
    TestKind kind;
    Test **of;
    size_t count;
    size_t series;    /* of the policy */
    Rational number;  /* the number; a series' factor; what a quotient that stands undivided is divided by; `by`; `confidence` */
    bool is_filled;   /* where there is nothing: */
    bool is_fill_true;/* the answer; a filled value is 0 */
    bool is_negated;  /* of a window's answer */
};

typedef enum ConditionAction { ACTS_ROLLBACK, ACTS_HOLD, ACTS_PAUSE, ACTS_VERIFY } ConditionAction;
typedef enum MissingRule { MISSING_ZERO, MISSING_OK, MISSING_BREACH, MISSING_IGNORE, MISSING_UNKNOWN } MissingRule;

typedef struct PolicyCondition {
    ConditionAction action;
    Text expression;    /* as svc writes it */
    bool is_canary;     /* about the new revision alone */
    int64_t period;
    int64_t periods;    /* N */
    int64_t datapoints; /* M */
    int64_t at_least;   /* requests; 0: however few */
    int64_t limit;      /* breaches that are let pass */
    MissingRule missing;
    int64_t watch;      /* of ACTS_VERIFY: how long */
    const Test *test;
    const Test *requests; /* NULL where they are not counted */
    size_t first_series;  /* its own of the policy's series */
    size_t series_count;
} PolicyCondition;

/* A series that the driver fetches. */
typedef struct PolicySeries {
    Text label;
    const Json *stat; /* a MetricStat of GetMetricData */
    int64_t period;
    int64_t reach;    /* seconds before now from which on its points are wanted */
} PolicySeries;

/* --- how it goes --- */

typedef enum PolicyEngine { POLICY_ROLLING, POLICY_NATIVE, POLICY_RAMP } PolicyEngine;
typedef enum OnInterrupt { INTERRUPT_ROLLBACK, INTERRUPT_HOLD, INTERRUPT_CONTINUE } OnInterrupt;
typedef enum GateKind { GATE_REQUIRE, GATE_BEFORE, GATE_SMOKE, GATE_COMMAND, GATE_APPROVE } GateKind;

typedef struct PolicyStep {
    int share;
    int64_t hold;
} PolicyStep;

typedef struct PolicyGate {
    GateKind kind;
    int step;          /* -1: before the first */
    int64_t timeout;   /* 0: until the deadline */
    const Json *said;  /* what the kind needs */
} PolicyGate;

typedef struct Policy {
    Text service;
    PolicyEngine engine;
    OnInterrupt on_interrupt;
    PolicyStep *steps; /* shares grow */
    int step_count;
    PolicyGate *gates; /* by step */
    int gate_count;
    PolicyCondition *conditions; /* those of ACTS_VERIFY last */
    int condition_count;
    PolicySeries *series;
    size_t series_count;
    int rule_count;    /* 0: tasks are the weights */
    const Json *rules; /* the policy's `routes` */
    const Json *announce;
    int64_t bake, deadline, capacity, drain;
} Policy;

/* Everything lives in the arena or in `json`. False with *error, a sentence, when it is no rollout.json of this version. */
bool policy_read(Arena *arena, const Json *json, Policy *out, Text *error) __attribute__((warn_unused_result));
/* How often the words of an answer or a value stand for one of the given kind: a walk over the whole tree. */
bool policy_test_has(const Test *test, TestKind kind);

#endif
