/* One call of rollout_tick. Private to rollout/. */
#ifndef SVC_ROLLOUT_TICK_H
#define SVC_ROLLOUT_TICK_H

#include "rollout/controller.h"

enum {
    STALE_SECONDS = 60,    /* how long a read may show what was before a change; then it is asked for again */
    BLIND_SECONDS = 300,   /* how long metrics may be unreadable */
    DEAD_SECONDS = 60,     /* how long the canary may have no healthy task while it has traffic */
    RETREAT_SECONDS = 300, /* then all traffic goes back, whatever the capacity */
    EMPTY_SECONDS = 600,   /* how long the canary's tasks may take to go */
    FREE_SECONDS = 1800,   /* how long scaling is tried to be set free */
};

typedef struct Tick {
    const Policy *policy;
    const Observation *seen;
    RolloutState *state;
    RolloutActions *actions;
    int64_t now;
    bool is_held;           /* a `hold` condition holds */
    int breach, doubt;      /* the condition that fires; -1: none */
    int unknown;            /* a trigger that has no answer */
} Tick;

/* --- controller.c --- */
void tick_explain(Tick *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
RolloutAction *tick_act(Tick *t, ActionKind kind);
/* Whether it may be asked for, now: it was not yet, or so long ago that a read would show it, or by a driver that is gone. Then it counts as asked. */
bool tick_may_ask(Tick *t, int64_t *asked);
bool tick_is_worker(const Tick *t);
/* Asks for the canary service with so many tasks of the new revision. */
void tick_ask_canary(Tick *t, int count);

/* --- watch.c: what is looked at in every state --- */
void watch_conditions(Tick *t);
/* The first of what may happen in any state, that this state has a row for. */
RolloutEvent watch_common(Tick *t);

/* --- phases.c: what each state does, and the event that ends it --- */
RolloutEvent phase_run(Tick *t);

/* --- back.c: the states on the way back --- */
RolloutEvent phase_move_back(Tick *t);
RolloutEvent phase_drain(Tick *t);
RolloutEvent phase_free(Tick *t);
/* Asks for the stable service's scaling to be like this; true when it is. */
bool phase_set_scaling(Tick *t, bool is_in_suspended, bool is_out_suspended, bool is_scheduled_suspended);
/* Asks for the weights of a rule. */
void phase_set_weights(Tick *t, int rule, int share);
bool phase_has_weights(const Tick *t, int rule, int share);

#endif
