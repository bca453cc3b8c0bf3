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
    if (session->options.is_json)
        json_write(&out, plan_to_json(plan), 2);
    else
        plan_render_text(&out, plan, session->options.given[OPTION_FULL], session_wants_color(STDOUT_FILENO));
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return written;
}

static int plan_file(Session *session, Pipeline *pipeline)
{
    Plan plan;
    Recording recording;
    if (!command_compile(pipeline) || !command_compare(session, pipeline, &recording, &plan) || !plan_check_owners(&plan, &session->sink))
        return EXIT_PLAN_ERROR;
    if (session->options.given[OPTION_OUT] || session->options.is_json)
        plan_order(&plan);
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
