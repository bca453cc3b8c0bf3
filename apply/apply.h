/* Applying a saved plan: an interpreter of its steps that can be killed at any instant and run again (SPEC.md, "Apply"). */
#ifndef SVC_APPLY_APPLY_H
#define SVC_APPLY_APPLY_H

#include "aws/caller.h"
#include "plan/plan_read.h"

/* The exit codes of `svc apply`. */
typedef enum ApplyOutcome {
    APPLY_DONE = 0,
    APPLY_ERROR = 1,       /* before anything was changed */
    APPLY_ROLLED_BACK = 3,
    APPLY_FAILED = 4,      /* part-way */
    APPLY_PAUSED = 5,      /* a rollout waits for somebody */
    APPLY_STALE = 6,       /* what is live is not what was planned for */
} ApplyOutcome;

/* Reads what is live of the plan's resources. False after a report. No other call is under way meanwhile. */
typedef struct ApplyReader {
    bool (*read)(void *context, Arena *arena, Recording *out);
    void *context;
} ApplyReader;

/* A service that is being waited for. */
typedef struct ApplyService {
    Text id;          /* the svc:id */
    Text name;
    Text revision;    /* "family:42" */
    Text rollout;     /* IN_PROGRESS, COMPLETED, FAILED; DRAINING while it is deleted */
    int64_t desired, running, pending, failed; /* of the new revision */
    int64_t others;   /* tasks of other revisions */
    Text event;       /* the newest one; empty: none since it began */
} ApplyService;

typedef enum ApplyEventKind {
    APPLY_EVENT_LEASE,   /* text: who is waited for, or that it is held */
    APPLY_EVENT_CHECKED, /* what is live was compared; text: how much is done already */
    APPLY_EVENT_BEGIN,   /* a step's call was sent */
    APPLY_EVENT_WAIT,    /* a step waits; text: for what */
    APPLY_EVENT_RETRY,   /* text: what AWS said, and for how long it has been tried */
    APPLY_EVENT_DONE,
    APPLY_EVENT_FAILED,
    APPLY_EVENT_SERVICE, /* the service's state, when it differs from the last one */
    APPLY_EVENT_NOTE,    /* text: anything else a person should know */
} ApplyEventKind;

typedef struct ApplyEvent {
    ApplyEventKind kind;
    int64_t at_ms;
    const SavedStep *step;       /* NULL: of no step */
    const ApplyService *service; /* of APPLY_EVENT_SERVICE */
    Text text;
    size_t done;                 /* steps */
    size_t all;
} ApplyEvent;

typedef struct ApplyListener {
    void (*tell)(void *context, const ApplyEvent *event); /* NULL: nobody listens */
    void *context;
} ApplyListener;

typedef struct ApplyOptions {
    bool until_deployed;  /* does not wait for services that nothing else waits for */
    bool without_rollout; /* a rolling update instead of a rollout */
    int64_t deadline_ms;  /* from the start; 0: none */
    size_t parallel;      /* steps at once; 0: the default */
    int64_t role_ms;      /* how long a role that was just written is not used; 0: the default */
    Text journal;         /* path; empty: none is kept */
    Text owner;           /* who applies, for others to read */
    bool (*is_interrupted)(void *context); /* the first Ctrl-C; NULL: never */
    void *interrupt_context;
} ApplyOptions;

/* Gates that are not AWS's: an HTTP request, a program, another environment. Whoever has no such world answers as it likes. */
typedef struct ApplyGates {
    /* `said` is the gate of rollout.json. False with *reason, a sentence, when it has not passed. NULL: such gates are never answered. */
    bool (*ask)(void *context, Arena *arena, const Json *said, Text *reason);
    void *context;
} ApplyGates;

typedef struct ApplyInput {
    const SavedPlan *plan;
    const AwsCaller *caller;
    ApplyReader reader;
    ApplyListener listener;
    ApplyGates gates;
    ApplyOptions options;
} ApplyInput;

/* Runs what is left of the plan. Everything lives in the arena; failures are reported. */
ApplyOutcome apply_run(Arena *arena, Diagnostics *sink, const ApplyInput *input);

#endif
