/* A saved plan, read back: what `svc apply` runs (SPEC.md, "Plan file"). It needs no .svc file: what svc wants of each resource is in it. */
#ifndef SVC_PLAN_PLAN_READ_H
#define SVC_PLAN_PLAN_READ_H

#include "base/json_read.h"
#include "plan/plan.h"

/* A place of a file; line 0: nobody said it. */
typedef struct SavedSource {
    Text file;
    size_t line;
} SavedSource;

typedef struct SavedChange {
    Text path;
    Text before; /* canonical JSON; "null" where there is nothing */
    Text after;
} SavedChange;

typedef struct SavedItem {
    Text id;
    ResourceKind kind;
    Text service;
    Text name;
    PlanAction action;
    ARRAY(SavedChange) changes;
    SavedSource source;
    const Resource *resource; /* NULL when it goes away */
    const ReadJson *lines;    /* {path: {file, line}} of members that can be at fault; may be NULL */
    Text expects;             /* fingerprints of its steps */
    Text results;
    size_t step_count;
} SavedItem;

typedef struct SavedStep {
    size_t index;
    Text id;
    const SavedItem *item;
    Text action;
    const char *service; /* as botocore calls it */
    Text operation;
    const Json *input;   /* with {"svc:ref": …} and svc:unknown:… */
    ARRAY(size_t) needs; /* indices of earlier steps */
    SavedSource source;
    bool is_rollout;
} SavedStep;

enum { PLAN_FORMAT_VERSION = 1 };

typedef struct SavedPlan {
    Text path;
    Text seal;
    Text signature; /* empty: it is not signed */
    Text project;
    Text environment;
    Text account;
    Text region;
    Resources resources; /* of all items that stay, and the lookups */
    ARRAY(SavedItem *) items;
    ARRAY(SavedStep *) steps;
    const ReadJson *inputs;
    const ReadJson *values; /* {"network/main#vpc-id": …}: what was looked up when it was planned; may be NULL */
    size_t added, changed, destroyed;
} SavedPlan;

/* Reads and checks: the form, the seal, the version of svc that made it. Everything lives in the arena. False after a report. */
bool saved_plan_read(Arena *arena, Diagnostics *sink, Text path, SavedPlan *out) __attribute__((warn_unused_result));
/* The same of a text that is in memory. */
bool saved_plan_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, SavedPlan *out) __attribute__((warn_unused_result));
const SavedItem *saved_plan_find(const SavedPlan *plan, Text id);
/* The environment and project as a model of nothing else: what reading and comparing need of one. */
void saved_plan_model(const SavedPlan *plan, Model *out);

/* Documents in a form that loses nothing: references, joined texts and embedded documents stay what they are. */
Json *saved_encode(Arena *arena, const Json *json);
Json *saved_decode(Arena *arena, const ReadJson *json);
/* As it stands, without decoding. */
Json *saved_plain(Arena *arena, const ReadJson *json);

#endif
