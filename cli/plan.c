/* svc plan: text -> tree -> model -> resources -> what would change, against a live, an empty or a recorded account. */
#include "cli/commands.h"

#include "cli/account.h"
#include "cli/live_plan.h"
#include "cli/judge.h"

#include <unistd.h>

enum { EXIT_PLAN_ERROR = 1, EXIT_PLAN_CHANGES = 2 };

static bool print_plan(Session *session, const Plan *plan)
{
    Buffer out = {0};
    Secrets secrets = secrets_find(&session->sink);
    switch (session->options.plan_format) {
    case PLAN_JSON: json_write(&out, plan_to_json(plan), 2); break;
    case PLAN_SHELL: plan_render_shell(&out, plan); break;
    case PLAN_HTML: plan_render_html(&out, plan, &secrets); break;
    case PLAN_TEXT:
    case PLAN_FORMAT_COUNT: plan_render_text(&out, plan, session->options.given[OPTION_FULL], session_wants_color(STDOUT_FILENO)); break;
    }
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return written;
}

/* A script has no rollouts: whoever wants it all the same says so. */
static bool check_rollouts(Session *session, const Plan *plan)
{
    size_t count = session->options.plan_format == PLAN_SHELL ? plan_count_rollouts(plan) : 0;
    if (!count || session->options.given[OPTION_WITHOUT_ROLLOUT])
        return true;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const PlanStep *step = plan->steps.items[i];
        if (!step->is_rollout)
            continue;
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_SCRIPT_ROLLOUT, step->item->origin, "a script cannot roll out service %.*s",
                                                   TEXT_ARG(step->item->service));
        diagnostic_set_label(&session->sink, diagnostic, "its rollout moves traffic step by step and watches metrics");
        diagnostic_set_advice(&session->sink, diagnostic, "leave --format sh out, or add --without-rollout to change services at once");
    }
    return false;
}

static int plan_file(Session *session, Pipeline *pipeline)
{
    Plan plan;
    Recording recording;
    if (!command_compile(pipeline) || !command_compare(session, pipeline, &recording, &plan) || !plan_check_owners(&plan, &session->sink))
        return EXIT_PLAN_ERROR;
    if (session->options.given[OPTION_OUT] || session->options.plan_format == PLAN_JSON || session->options.plan_format == PLAN_SHELL)
        plan_order(&plan);
    if (!check_rollouts(session, &plan))
        return EXIT_PLAN_ERROR;
    if (session->options.given[OPTION_OUT] && !plan_save(&plan, &session->sink, session->options.values[OPTION_OUT]))
        return EXIT_PLAN_ERROR;
    if (!print_plan(session, &plan))
        return EXIT_PLAN_ERROR;
    return session->options.given[OPTION_DETAILED] && plan_has_changes(&plan) ? EXIT_PLAN_CHANGES : EXIT_CLEAN;
}

int command_plan(Session *session)
{
    return command_with_file(session, plan_file);
}
