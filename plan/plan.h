/* Desired resources against live ones: what would change, and in which steps (SPEC.md, "Plan"). */
#ifndef SVC_PLAN_PLAN_H
#define SVC_PLAN_PLAN_H

#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "diagnostics/secret.h"
#include "document/resource.h"
#include "plan/recorded.h"

/* The tag of a task definition that tells what it was registered from: set when it is, and no difference. */
#define PLAN_CONTENT_TAG "svc:content"

typedef enum PlanAction { PLAN_CREATE, PLAN_CHANGE, PLAN_REPLACE, PLAN_DELETE, PLAN_UNCHANGED } PlanAction;

/* Where a difference comes from, as far as the tag svc:applied tells: it has the fingerprint of what svc applied last. */
typedef enum PlanCause {
    PLAN_CAUSE_UNKNOWN, /* no such tag: it cannot have one, it is not there, or svc never applied it */
    PLAN_CAUSE_FILE,    /* the file has changed since */
    PLAN_CAUSE_OUTSIDE, /* the file is as it was: somebody else changed what is live */
} PlanCause;

/* One member that differs. */
typedef struct PlanChange {
    Text path;           /* "containerDefinitions[app].image"; below a further operation "PutRetentionPolicy.retentionInDays" */
    const Json *before;  /* NULL: it was not there */
    const Json *after;   /* NULL: it goes away */
    bool forces_replacement;
    Span origin;         /* where the new value was said */
} PlanChange;

typedef struct PlanItem {
    PlanAction action;
    ResourceKind kind;
    Text id;
    Text service;             /* in the file; empty for what services share */
    Text name;                /* in AWS */
    const Resource *resource; /* NULL for PLAN_DELETE */
    const RecordedResource *recorded; /* NULL for PLAN_CREATE */
    const Json *desired;      /* plan_document of the resource */
    const Json *live;         /* the recorded one in the same form */
    ARRAY(PlanChange) changes;
    PlanCause cause;          /* of the changes */
    Text applied;             /* the value of svc:applied that it is to have; empty for what has no such tag */
    Span origin;
    Text creating_step;       /* the first of its steps, whose answer others refer to; empty without steps */
    Text newest_step;
} PlanItem;

typedef ARRAY(PlanItem *) PlanItemArray;

/* One call of AWS. */
typedef struct PlanStep {
    Text id;             /* "s1" … in the order of the list */
    const PlanItem *item;
    const char *action;  /* "create", "change", "widen", "narrow", "delete", "rollout" */
    const char *service; /* as botocore calls it; "svc" for a rollout */
    Text operation;
    Json *input;
    Text undo_operation; /* of the same service; empty when there is none */
    Json *undo_input;
    TextArray needs;     /* ids of earlier steps, in order */
    bool is_rollout;     /* the ramp's, whose results no fingerprint tells */
} PlanStep;

/* What the plan was made from. */
typedef struct PlanInput {
    Text path;
    Text digest; /* SHA-256 in hex */
} PlanInput;

/* Other files of the same project, as those beside the file are. What they declare is not this plan's to delete. */
typedef struct PlanOthers {
    TextArray files;
    TextArray services;
} PlanOthers;

typedef struct Plan {
    Arena *arena;
    const Sources *sources;
    const Model *model;
    const Resources *resources;
    const Recording *live;  /* NULL: an empty account */
    Text account;           /* the environment's or the recording's; may be empty */
    Text region;
    PlanItem **index;       /* by id: open addressing; a power of two places, or none */
    size_t index_capacity;
    PlanItemArray items;    /* shared first, then by service in the order of the file; what goes away last */
    ARRAY(PlanStep *) steps;
    ARRAY(PlanInput) inputs;
    size_t added, changed, destroyed, unchanged;
    Text signing_key;         /* the PEM file to sign with what is saved; empty: it is not signed */
    const PlanOthers *others; /* NULL: the file is the project's only one */
    size_t spared;            /* live resources that may be other files' */
} Plan;

/* Compares, and makes no steps yet; everything lives in the arena. `live` NULL stands for an empty account. False after a reported error. */
bool plan_make(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live, Plan *out)
    __attribute__((warn_unused_result));
/* The same for one of several files. */
bool plan_make_among(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live, const PlanOthers *others,
                     Plan *out) __attribute__((warn_unused_result));
bool plan_has_changes(const Plan *plan);
/* Whether the live resource has other tags than this project's and environment's: somebody else made it. */
bool plan_is_foreign(const Plan *plan, const PlanItem *item);
/* Reports what the plan would change and somebody else made. False when there is any. */
bool plan_check_owners(const Plan *plan, Diagnostics *sink) __attribute__((warn_unused_result));
void plan_report_owner(const Plan *plan, Diagnostics *sink, const PlanItem *item);
/* plan/hidden.c: a live value as it may be shown: what looks like a secret is not repeated. */
const Json *plan_hide(Arena *arena, ResourceKind kind, Text path, const Json *before);
/* plan/facts.c: the state of a service's rollout that is under way; empty: there is none, or the recording does not say. */
Text plan_rollout_state(const Plan *plan, Text service);
/* plan/facts.c: reports what the file relies on and the recording knows to be missing. False when there is any. */
bool plan_check_facts(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live);
/* Images by their digests, as the recording has them. */
void plan_pin_images(Plan *plan);
/* The tag with the fingerprint of what was applied. */
#define PLAN_APPLIED_TAG "svc:applied"
/* The member of a service that wants new tasks: "<moment>, when …"; live it is the moment since when they run. */
#define PLAN_RESTART "started"
/* plan/applied.c: gives each resource that has tags this one. */
void plan_mark_applied(Plan *plan);
Text plan_applied_value(Arena *arena, const Resource *resource);

/* What a resource says to AWS, whole: {operation: input …}; for a role also its documents. */
Json *plan_document(Arena *arena, const Resource *resource);
/* plan/diff.c: the items. */
void plan_compare(Plan *plan);
/* plan/order.c: the steps, from the items. For a plan that is kept: people are told what changes, not by which calls. */
void plan_order(Plan *plan);
const PlanItem *plan_find_item(const Plan *plan, Text id);
/* SHA-256 of canonical JSON (keys sorted, compact) in hex; NULL stands for what is absent. */
Text plan_fingerprint(Arena *arena, const Json *json);
/* plan/fingerprint.c: digests of what svc owns of a compared resource, as it is live and as it is to be. */
Text plan_item_expects(Arena *arena, const PlanItem *item);
Text plan_item_results(Arena *arena, const PlanItem *item);
/* The path of a change without the places of elements in sets: those differ from answer to answer. */
Text plan_change_path(Arena *arena, Text path);

/* For people. `is_full` prints every member. */
void plan_render_text(Buffer *out, const Plan *plan, bool is_full, bool use_color);
/* For people: what differs and does not come from the file having changed; old is what the file says, new is live. */
void plan_render_drift(Buffer *out, const Plan *plan, bool use_color);
/* For people: what somebody else made, and would be taken over. Returns how many. */
size_t plan_render_foreign(Buffer *out, const Plan *plan, bool use_color);
/* Its sections, each with its heading; nothing when there is nothing to say. */
void plan_render_security(Buffer *out, const Plan *plan);
void plan_render_rollouts(Buffer *out, const Plan *plan);
bool plan_is_changed_outside(const PlanItem *item);
/* Whether it differs, or is not there, and the file's having changed does not explain it. */
bool plan_is_drift(const PlanItem *item);
bool plan_is_tag_change(const PlanChange *change);
/* Whether it differs in more than tags. */
bool plan_differs(const PlanItem *item);
/* Whether references to it get another value than today's: it is made anew. A revision is, unless tags are all that differs. */
bool plan_is_renewed(const PlanItem *item);
/* How many resources differ so that the file did not make the difference. */
size_t plan_count_drift(const Plan *plan);
Json *plan_drift_to_json(const Plan *plan);
/* A script of AWS CLI commands. From a plan with its steps; those of rollouts are left out, which its heading says. */
void plan_render_shell(Buffer *out, const Plan *plan);
size_t plan_count_rollouts(const Plan *plan);
/* One page that needs nothing else. Of lines of the file it shows no secrets. */
void plan_render_html(Buffer *out, const Plan *plan, const Secrets *secrets);
/* What a new resource is known by, on one line; nothing for kinds that have no such facts. */
void plan_render_facts(Buffer *out, const Plan *plan, const PlanItem *item);
/* "create", "change" … */
const char *plan_action_name(PlanAction action);
/* "+", "~", "-", "-/+" */
const char *plan_action_sign(PlanAction action);
/* The plan with its steps as JSON, without its seal. */
Json *plan_to_json(const Plan *plan);
/* The SHA-256 of its canonical bytes with the version of svc, which it gets: its seal. */
Text plan_seal(const Plan *plan, Json *json);
/* Sealed: its canonical bytes with "seal", the SHA-256 of those without. Written atomically, readable by its owner alone. */
bool plan_save(const Plan *plan, Diagnostics *sink, Text path) __attribute__((warn_unused_result));

#endif
