/* A rollout that an apply drives: what rollout/ wants to see is read, and what it decides is done (SPEC.md, "Driving a rollout"). Private to apply/. */
#ifndef SVC_APPLY_RAMP_H
#define SVC_APPLY_RAMP_H

#include "apply/run.h"
#include "rollout/controller.h"

struct Ramp {
    RunStep *step;
    Json *said;          /* rollout.json, with everything known in its place */
    Policy policy;
    RolloutState state;
    RolloutState ended;  /* with has_ended: the one before, after which somebody may want to go back */
    bool has_ended;
    Text cluster;        /* empty: the default one */
    Text stable;         /* names of the two ECS services */
    Text canary;
    GateView gate;       /* the answer of the gate that was last asked */
    Text gate_task;      /* of a gate that is a task: its ARN */
    int64_t next_ms;     /* the next tick */
    int64_t newest_command; /* the largest number that was seen */
    bool has_looked;     /* at least once */
    int promoted_count;  /* tasks that the stable service is to have at least */
    RolloutActions undone; /* of the last tick: what failed */
    bool is_promoting;   /* the steps of the stable service may begin */
    bool has_taken_over; /* until the first tick */
    bool is_over;
    RolloutPhase told_phase;
    int told_step;
    Arena seen;          /* of the last look */
    const Json *actions[POLICY_RULES_MAX]; /* of the rules, as they were seen */
    int64_t most_tasks;  /* of the stable service's scalable target; 0: it has none */
    bool has_target;     /* the canary has a scalable target */
};

/* --- ramp_look.c --- */
/* Reads what a tick wants to see; texts and points live in ramp->seen. */
void ramp_look(Run *run, Ramp *ramp, Observation *out);
/* "/svc/shop/prod/api/command" */
Text ramp_command_path(Run *run, const Ramp *ramp);
/* "service/shop/web-prod" */
Text ramp_target_id(Arena *arena, const Ramp *ramp, Text service);

/* --- ramp_act.c --- */
/* Carries them out in their order. What fails is told, and done before the next look. */
void ramp_act(Run *run, Ramp *ramp, const RolloutActions *actions);
/* What the file wants of the stable service, with everything known in its place. NULL after a report. */
Json *ramp_service_input(Run *run, const Ramp *ramp);
/* What could not be carried out after the last tick. */
void ramp_act_again(Run *run, Ramp *ramp);
/* The canary service, which has no tasks any more, goes. */
void ramp_delete_canary(Run *run, Ramp *ramp);

/* --- ramp_gate.c --- */
void ramp_ask_gate(Run *run, Ramp *ramp, const RolloutAction *action);
/* Notes that this revision has passed here. */
void ramp_note_pass(Run *run, Ramp *ramp);
/* Looks whether the gate that runs has ended. */
void ramp_look_at_gate(Run *run, Ramp *ramp);

#endif
