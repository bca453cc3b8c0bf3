/* Parts of the plan's page (SPEC.md, "Page"). Private to plan/. */
#ifndef SVC_PLAN_HTML_H
#define SVC_PLAN_HTML_H

#include "plan/plan.h"

/* plan/html_style.c: the style sheet. */
void html_add_style(Buffer *out);
/* plan/html_graph.c: what refers to what, as a drawing. Its boxes link to #r0, #r1 … by the order of the plan's items. */
void html_add_graph(Buffer *out, const Plan *plan);

#endif
