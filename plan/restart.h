/* New tasks of the same revision, for secrets that were changed. Private to plan/. */
#ifndef SVC_PLAN_RESTART_H
#define SVC_PLAN_RESTART_H

#include "plan/plan.h"

/* What the recording knows of a task's secret or parameter. */
typedef struct FactOfSecret {
    const ReadJson *fact; /* NULL: it is not there */
    const char *what;     /* "secret", "parameter" */
    Text name;
    bool is_version;      /* one version for ever: a change of the secret is none of it */
    bool is_missing;      /* the recording says that it is not there, or is being deleted */
} FactOfSecret;

/* plan/facts.c: by what a task's value comes from. */
FactOfSecret fact_of_secret(const Plan *plan, Text from);

/* The moment at which the service's primary deployment began; empty when the recording does not say it. */
Text recorded_start(Arena *arena, const RecordedResource *service);
/* Whether what runs began before the moment that is wanted. */
bool restart_is_due(Text wanted, Text live);
/* Gives services the member PLAN_RESTART whose tasks are older than a secret of theirs. */
void plan_mark_restarts(Plan *plan);

#endif
