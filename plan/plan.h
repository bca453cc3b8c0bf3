/* Desired resources against live ones: what would change, and in which steps (SPEC.md, "Plan"). */
#ifndef SVC_PLAN_PLAN_H
#define SVC_PLAN_PLAN_H

#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "diagnostics/secret.h"
#include "document/resource.h"
#include "plan/recorded.h"

typedef enum PlanAction { PLAN_CREATE, PLAN_CHANGE, PLAN_REPLACE, PLAN_DELETE, PLAN_UNCHANGED } PlanAction;

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
} Plan;

/* Compares, and makes no steps yet; everything lives in the arena. `live` NULL stands for an empty account. False after a reported error. */
bool plan_make(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live, Plan *out)
    __attribute__((warn_unused_result));
bool plan_has_changes(const Plan *plan);

/* What a resource says to AWS, whole: {operation: input …}; for a role also its documents. */
Json *plan_document(Arena *arena, const Resource *resource);
/* plan/diff.c: the items. */
void plan_compare(Plan *plan);
/* plan/order.c: the steps, from the items. For a plan that is kept: people are told what changes, not by which calls. */
void plan_order(Plan *plan);
const PlanItem *plan_find_item(const Plan *plan, Text id);
/* SHA-256 of canonical JSON (keys sorted, compact) in hex; NULL stands for what is absent. */
Text plan_fingerprint(Arena *arena, const Json *json);

/* For people. `is_full` prints every member. */
void plan_render_text(Buffer *out, const Plan *plan, bool is_full, bool use_color);
/* Its sections, each with its heading; nothing when there is nothing to say. */
void plan_render_security(Buffer *out, const Plan *plan);
void plan_render_rollouts(Buffer *out, const Plan *plan);
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
/* Sealed: its canonical bytes with "seal", the SHA-256 of those without. Written atomically, readable by its owner alone. */
bool plan_save(const Plan *plan, Diagnostics *sink, Text path) __attribute__((warn_unused_result));

#endif
