/* Listener rules that take the place of one that goes away: two of one priority cannot be at once. Private to plan/. */
#ifndef SVC_PLAN_HANDOVER_H
#define SVC_PLAN_HANDOVER_H

#include "plan/calls.h"

/* The rule that goes away and holds the place that the item is to have; NULL: nobody does. */
const PlanItem *handover_find_old(const Plan *plan, const PlanItem *item);
/* The rule that is to have the place of this one, which goes away; NULL: none. */
const PlanItem *handover_find_new(const Plan *plan, const PlanItem *old);
/* Lets the new rule stand behind all others while the service's new tasks start, and changes places with the old one after that. */
void handover_arrange(const Plan *plan, const PlanItem *item, CallArray *before, CallArray *after);

#endif
