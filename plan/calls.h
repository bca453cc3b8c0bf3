/* The calls of AWS that make one item true. Private to plan/. */
#ifndef SVC_PLAN_CALLS_H
#define SVC_PLAN_CALLS_H

#include "plan/plan.h"

typedef struct Call {
    const char *action;
    const char *service;
    Text operation;
    Json *input; /* with references still as references */
    Text undo_operation; /* of the same service: what takes the call back; empty when nothing does, or need be */
    Json *undo_input;
} Call;

typedef ARRAY(Call) CallArray;

/* `before` is for what creates or widens, and comes before the service's new revision; `after` for what narrows or deletes. */
void calls_list(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after);

/* The calls that give a live resource the tags of the declared one. */
void calls_list_tags(const Plan *plan, const PlanItem *item, CallArray *out);

/* Whether the item is replaced so that neither the old one nor the new one is there for a while. */
bool calls_leave_gap(const PlanItem *item);

#endif
