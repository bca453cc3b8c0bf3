/* The plan as one page for a browser (SPEC.md, "Page"). */
#include "plan/plan.h"

void plan_render_html(Buffer *out, const Plan *plan)
{
    (void)plan;
    (void)out;
}
