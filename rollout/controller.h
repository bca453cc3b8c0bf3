/* The rollout controller: a pure function (policy, state, observation, now) -> (state, actions), which `svc apply`, `svc rehearse` and the tests drive
   (SPEC.md, "Driving a rollout").

   A driver, on each tick (10 s):
   1. reads what an Observation asks for, and the newest command;
   2. calls rollout_tick;
   3. keeps the new state in the lease, before anything else: record_write;
   4. carries the actions out, in their order.
   Every action says what is to be, not what is to change, so that carrying it out again does nothing; the controller asks again where it sees that it was
   not done. So a driver may be killed anywhere, and any other one goes on from the record. It ends when the state is DONE, or it is told to. */
#ifndef SVC_ROLLOUT_CONTROLLER_H
#define SVC_ROLLOUT_CONTROLLER_H

#include "rollout/condition.h"

enum { ROLLOUT_TICK = 10, ROLLOUT_ACTIONS_MAX = 16, ROLLOUT_TAKEN_MAX = 16 };

typedef enum RolloutPhase {
#define STATE(id, name, about) PHASE_##id,
#include "rollout/states.def"
#undef STATE
    PHASE_COUNT,
    PHASE_BEFORE = PHASE_COUNT, /* in the table: the one before it was paused */
} RolloutPhase;

typedef enum RolloutEvent {
#define EVENT(id, name, about) EVENT_##id,
#include "rollout/states.def"
#undef EVENT
    EVENT_COUNT,
    EVENT_NONE = EVENT_COUNT,
} RolloutEvent;

typedef struct RolloutTransition {
    RolloutPhase from;
    RolloutEvent event;
    RolloutPhase next;
} RolloutTransition;

const char *rollout_phase_name(RolloutPhase phase);
const char *rollout_phase_about(RolloutPhase phase);
const char *rollout_event_name(RolloutEvent event);
const char *rollout_event_about(RolloutEvent event);
/* The rows of the table; NULL behind the last. */
const RolloutTransition *rollout_transition(size_t index);

/* How it ended. */
typedef enum RolloutOutcome {
    OUTCOME_NONE,        /* it goes on */
    OUTCOME_SUCCEEDED,   /* exit status 0 */
    OUTCOME_PASSED,      /* 0: the gates; the rest is the plan's */
    OUTCOME_REFUSED,     /* 1: nothing was changed */
    OUTCOME_ROLLED_BACK, /* 3 */
    OUTCOME_FAILED,      /* 4: promotion; traffic stays on the canary */
    OUTCOME_UNVERIFIED,  /* 4: the new revision stays, and what must hold did not */
    OUTCOME_HALTED,      /* 4: by a surprise; everything stays as it is, but scaling is free */
    OUTCOME_COUNT,
} RolloutOutcome;

/* What the conditions came to, the worst of all: failed, error, inconclusive, success. */
typedef enum RolloutVerdict { VERDICT_SUCCESS, VERDICT_INCONCLUSIVE, VERDICT_ERROR, VERDICT_FAILED, VERDICT_COUNT } RolloutVerdict;

const char *rollout_outcome_name(RolloutOutcome outcome);
const char *rollout_verdict_name(RolloutVerdict verdict);
int rollout_exit_status(RolloutOutcome outcome);

/* --- what is seen --- */

/* One of the two ECS services. */
typedef struct ServiceView {
    bool exists;      /* and is active */
    int desired;
    int healthy;      /* tasks that can carry traffic: the least over its target groups; running ones without a load balancer */
    int failed;       /* tasks of its newest deployment that stopped by themselves or were replaced as unhealthy */
    Text revision;    /* of its newest deployment: a task definition's ARN */
    bool is_settled;  /* one deployment, completed */
    bool has_failed;  /* its newest deployment failed, or ECS rolled it back */
} ServiceView;

/* The stable service's scalable target. */
typedef struct ScalingView {
    bool exists;
    bool is_in_suspended, is_out_suspended, is_scheduled_suspended;
} ScalingView;

/* The weights of a listener rule. */
typedef struct RuleView {
    int stable;
    int canary;
} RuleView;

typedef enum GateStatus { GATE_UNKNOWN, GATE_RUNNING, GATE_PASSED, GATE_FAILED } GateStatus;

typedef struct GateView {
    int gate;          /* of the policy */
    GateStatus status;
    Text reason;       /* why it failed */
} GateView;

typedef enum RolloutCommand { COMMAND_PAUSE, COMMAND_RESUME, COMMAND_SKIP, COMMAND_PROMOTE, COMMAND_ABORT, COMMAND_COUNT } RolloutCommand;

typedef struct CommandView {
    int64_t number;    /* above 0; each later one has a larger one */
    RolloutCommand kind;
    Text by;           /* who gave it, for showing; may be empty */
} CommandView;

typedef struct Observation {
    bool is_complete;     /* services, scaling and rules could be read */
    bool has_metrics;     /* `series` could be read */
    bool has_taken_over;  /* this driver found the record of another one that had not ended: only on its first tick */
    bool is_interrupted;  /* whoever drives it is told to end */
    ServiceView stable;
    ServiceView canary;
    ScalingView scaling;
    RuleView rules[POLICY_RULES_MAX];
    const Series *series; /* the policy's; may be NULL without has_metrics */
    GateView gate;        /* of the gate that was last asked to be run */
    CommandView command;  /* the oldest that the state has not taken (RolloutState.command); number 0: none */
} Observation;

/* --- what is kept --- */

typedef struct ConditionState {
    Judgement last;
    int64_t end;      /* of the last window that held */
    int breaches;     /* windows that held */
    bool is_waived;   /* somebody let it go on in spite of it; until it no longer holds */
} ConditionState;

enum { ROLLOUT_ID_MAX = 32, ROLLOUT_DIGEST_MAX = 64, ROLLOUT_REVISION_MAX = 300, ROLLOUT_REASON_MAX = 240 };

/* All that a driver must keep; times in seconds since 1970, 0: never. Copied by assignment. */
typedef struct RolloutState {
    RolloutPhase phase;
    RolloutPhase paused_in;      /* of PHASE_PAUSED */
    RolloutOutcome outcome;      /* final in PHASE_DONE */
    RolloutVerdict verdict;
    int step;                    /* held, or being reached; -1 before the first */
    int gate;                    /* the next to be asked */
    int needed;                  /* tasks that the whole traffic needs */
    int canary_tasks;            /* last asked for */
    int stable_tasks;
    int shares[POLICY_RULES_MAX];/* of the canary, last asked for */
    int shares_before[POLICY_RULES_MAX];
    int64_t started, since, held_since, paused_at, gate_since, gate_asked, traffic_since, seen, seen_metrics, dead_since;
    int64_t canary_asked, stable_asked, shares_asked, scaling_asked, promotion_asked;
    int64_t command;             /* the last that was taken */
    bool has_frozen, was_in_suspended, was_out_suspended, was_scheduled_suspended;
    bool is_alone, is_hurried, is_skipping, is_kept, has_seen_new;
    ConditionState conditions[POLICY_CONDITIONS_MAX];
    char id[ROLLOUT_ID_MAX + 1];
    char plan[ROLLOUT_DIGEST_MAX + 1];
    char old_revision[ROLLOUT_REVISION_MAX + 1];
    char new_revision[ROLLOUT_REVISION_MAX + 1];
    char reason[ROLLOUT_REASON_MAX + 1]; /* why it is where it is: a sentence for people */
} RolloutState;

/* --- what is to be done --- */

typedef enum ActionKind {
    ACTION_FREEZE,   /* RegisterScalableTarget of the stable service with the SuspendedState in `suspended_*` */
    ACTION_CANARY,   /* the canary service has `revision` and `count` tasks, and a scalable target from `count` to stable's maximum if stable has one;
                        made if it is not there (CreateService with the stable one's input, the canary's name and target groups). 0: no tasks, and no
                        scalable target */
    ACTION_STABLE,   /* the stable service has `count` tasks (UpdateService) */
    ACTION_WEIGHTS,  /* rule `rule` forwards with the weights `weight_stable` and `weight_canary` (ModifyRule) */
    ACTION_GATE,     /* ask gate `gate`: `token` is its own in this rollout, for RunTask's clientToken and startedBy; what runs already is not run again */
    ACTION_PROMOTE,  /* the plan's steps of the stable service: it becomes `revision` by rolling, with `count` tasks at least */
    ACTION_ANNOUNCE, /* tell whom the policy names about `news`; nothing waits for it */
    ACTION_PASS,     /* note that this image has passed here, for `require` */
    ACTION_KIND_COUNT,
} ActionKind;

typedef enum RolloutNews { NEWS_START, NEWS_STEP, NEWS_OUTCOME } RolloutNews;

typedef struct RolloutAction {
    ActionKind kind;
    int count;
    int rule;
    int weight_stable, weight_canary;
    int gate;
    bool suspended_in, suspended_out, suspended_scheduled;
    RolloutNews news;
    char token[ROLLOUT_ID_MAX + 16];
    char revision[ROLLOUT_REVISION_MAX + 1];
} RolloutAction;

/* The rows of the table that were followed on the way are for showing and for counting. */
typedef struct RolloutActions {
    RolloutAction items[ROLLOUT_ACTIONS_MAX];
    size_t count;
    const RolloutTransition *taken[ROLLOUT_TAKEN_MAX];
    size_t taken_count;
} RolloutActions;

/* --- the function --- */

/* A rollout that begins now. `id` tells it from others of the service (letters, digits, hyphens); all are cut to their size. */
RolloutState rollout_begin(Text id, Text plan_digest, Text new_revision, int64_t now);
/* A state that goes back to the old revision, from one that ended halted or failed: for `abort` afterwards. */
RolloutState rollout_begin_retreat(const RolloutState *ended, int64_t now);
/* Where the engine is another, once its deployment has ended well: what must hold afterwards is watched. */
RolloutState rollout_begin_verification(const Policy *policy, Text id, Text plan_digest, Text new_revision, int64_t now);

RolloutState rollout_tick(const Policy *policy, const RolloutState *state, const Observation *observation, int64_t now, RolloutActions *actions);

const char *rollout_command_name(RolloutCommand command);
/* False when no command has this name. */
bool rollout_read_command(Text name, RolloutCommand *out) __attribute__((warn_unused_result));
/* Whether a command does anything in this state; a pause while weights move is taken when they have moved. */
bool rollout_accepts(RolloutPhase phase, RolloutCommand command);
/* How many of `needed` tasks a share takes: the next whole number, at least one of a share above nothing. */
int rollout_tasks_for(int needed, int share);
/* Weights of a rule that give this share; their sum is 100, or 1000 for tenths of a percent. */
RuleView rollout_weights(int share);

#endif
