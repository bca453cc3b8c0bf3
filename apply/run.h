/* A plan that is being run. Private to apply/. */
#ifndef SVC_APPLY_RUN_H
#define SVC_APPLY_RUN_H

#include "apply/apply.h"
#include "apply/journal.h"
#include "apply/lease.h"

typedef struct Run Run;
typedef struct RunCall RunCall;

/* A call that is under way for somebody. */
struct RunCall {
    AwsCall call;
    void (*take)(Run *run, RunCall *call); /* NULL: run_perform waits for it */
    void *subject;
    bool is_busy;
};

/* What is live of an item, against what the plan says of it. */
typedef enum ItemState {
    ITEM_TO_DO,    /* as when it was planned */
    ITEM_PART_WAY, /* some of its steps were done */
    ITEM_DONE,
    ITEM_STALE,    /* something else */
} ItemState;

typedef struct RunItem {
    const SavedItem *saved;
    const PlanItem *fresh; /* of the last reading; NULL: it is not there, and is to go */
    ItemState state;
    Text why;              /* it is stale */
    bool is_watched;       /* by a service's watch */
} RunItem;

typedef enum StepState {
    STEP_WAITING, /* for others, or for its time */
    STEP_CALLING,
    STEP_ASKING,  /* whether its call was carried out after all: the account is read again */
    STEP_SETTLING,
    STEP_DONE,
    STEP_FAILED,
} StepState;

typedef struct Watch Watch;
typedef struct Ramp Ramp;

typedef struct RunStep {
    const SavedStep *step;
    RunItem *item;
    StepState state;
    bool has_begun;        /* in this run */
    bool is_retold;        /* that it waits */
    int attempts;
    int64_t tried_ms;      /* the first attempt; 0: none yet */
    int64_t not_before_ms;
    RunCall call;
    Watch *watch;          /* of a service; NULL: none */
    Ramp *ramp;            /* of a rollout that has begun; NULL: none */
} RunStep;

/* What an answer gave: "<resource>#<attribute>". */
typedef struct Known {
    Text resource;
    Text attribute;
    Text value;
} Known;

/* A service of the file: what is counted for it. */
typedef struct RunService {
    Text service; /* empty: what services share */
    int64_t role_written_ms; /* 0: no role of its was written */
} RunService;

struct Run {
    Arena *arena;
    Arena reading;       /* of the last reading of the account */
    Diagnostics *sink;
    const ApplyInput *input;
    const SavedPlan *plan;
    Model model;
    Recording recording;
    Plan fresh;
    RunItem *items;      /* as plan->items */
    RunStep *steps;      /* as plan->steps */
    ARRAY(Known) known;
    ARRAY(RunService *) services;
    ARRAY(RunCall *) arrived; /* while another was waited for */
    LeaseSet leases;
    Journal journal;
    size_t done;
    size_t busy;         /* steps whose call is under way */
    size_t under_way;    /* calls of all kinds */
    int64_t started_ms;
    int64_t read_ms;     /* the last reading */
    int64_t stopped_ms;  /* since when nothing new is begun; 0: it goes on */
    bool has_changed;    /* something was sent that changes the account */
    bool wants_reading;
    bool is_lost;        /* the lease */
    ApplyOutcome outcome; /* the worst so far */
};

/* --- run.c: what all share --- */
int64_t run_now(const Run *run);
void run_tell(Run *run, ApplyEventKind kind, const SavedStep *step, const char *format, ...) __attribute__((format(printf, 4, 5)));
void run_start_call(Run *run, Arena *arena, RunCall *call, const char *service, const char *operation, Json *input);
/* Waits for it; what else arrives meanwhile is kept for later. */
void run_perform(Run *run, Arena *arena, RunCall *call, const char *service, const char *operation, Json *input);
/* Until a call that was started has ended. */
void run_wait(Run *run, RunCall *call);
/* Nothing but waiting until then; what arrives meanwhile is kept for later. */
void run_pause(Run *run, int64_t until_ms);
bool run_is_interrupted(const Run *run);
RunService *run_service(Run *run, Text service);
/* Stops beginning steps, with the worse of the outcomes. */
void run_stop(Run *run, ApplyOutcome outcome);
/* " (service.svc:14)", or nothing. */
Text run_source(Arena *arena, SavedSource source);

/* --- check.c: what is live against what was planned --- */
/* Reads the account and judges every item. False after a report. */
bool check_read(Run *run) __attribute__((warn_unused_result));
/* Whether what was looked up is what it was when it was planned. False after a report. */
bool check_lookups(Run *run) __attribute__((warn_unused_result));
/* Reports every item that is not as planned: how many. */
size_t check_tell(Run *run);
/* Whether the step of a part-way item has nothing left to do. */
bool check_step_is_done(const RunStep *step);

/* --- values.c: references --- */
/* The input with everything known in its place. NULL after a report. */
Json *values_fill(Run *run, Arena *arena, const RunStep *step);
/* Keeps what the answer gives of the step's resource. */
void values_learn(Run *run, const RunStep *step, const Json *output);
void values_set(Run *run, Text resource, Text attribute, Text value);
/* A text at a path such as "Listeners.ListenerArn"; of a list its first. Empty when it is not there. */
Text values_at(const Json *json, const char *path);

/* --- answers.c: what an error means --- */
typedef enum ErrorKind {
    ERROR_FINAL,
    ERROR_RETRY,   /* it will pass */
    ERROR_ALREADY, /* what the call is for is so already */
    ERROR_EXISTS,  /* something of the name is there: it is to be looked at */
} ErrorKind;

ErrorKind error_kind(const AwsCall *call);

/* --- watch.c: services --- */
/* Begins to wait for the step's service, by the answer of the call that it sent; NULL output: it was done before. */
void watch_begin(Run *run, RunStep *step, const Json *output);
/* Asks again when it is time. The time of the next asking, or 0. */
int64_t watch_tick(Run *run, RunStep *step);
bool watch_is_for(const SavedStep *step);
void watch_free(RunStep *step);

/* --- ramp.c: rollouts --- */
/* Begins it, or goes on with it from the record that the lease has. */
void ramp_begin(Run *run, RunStep *step);
/* A tick when it is time. The time of the next one, or 0. */
int64_t ramp_tick(Run *run, RunStep *step);
/* Whether it still drives its service. */
bool ramp_is_active(const RunStep *step);
/* Whether what waits for the rollout's step may begin: the stable service is to be updated. */
bool ramp_has_passed(const RunStep *step);
/* Whether a step updates the stable service of a rollout that goes on. */
bool ramp_is_promotion(const Run *run, const RunStep *step);
/* The input of such a step keeps as many tasks as the traffic needs. */
void ramp_keep_tasks(const Run *run, const RunStep *step, Json *input);
/* Whether the record of a rollout that has not ended is there for the service. */
bool ramp_is_recorded(const Run *run, Text service);
/* The new revision of a rollout that has not ended; empty: there is none. */
Text ramp_recorded_revision(const Run *run, Text service);
/* Whether a recorded rollout can be gone on with by this plan. False after a report. */
bool ramp_check_records(Run *run) __attribute__((warn_unused_result));
/* Services that go take with them that a revision has passed. */
void ramp_forget_passes(Run *run);
void ramp_free(RunStep *step);

/* --- explain.c: why tasks fail --- */
/* Adds to the diagnostic why the newest task of the revision stopped: reason, exit code, the last lines of its log, the line at fault. */
void explain_tasks(Run *run, Diagnostic *diagnostic, const SavedItem *service, Text cluster, Text name, Text revision);

#endif
