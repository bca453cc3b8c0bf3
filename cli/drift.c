/* svc drift: what was changed outside svc since it was applied. */
#include "cli/commands.h"

#include "cli/live_plan.h"

#include <unistd.h>

enum { EXIT_DRIFT_ERROR = 1, EXIT_DRIFT = 2 };

static int show_drift(Session *session, Pipeline *pipeline)
{
    Plan plan;
    Recording recording;
    if (!command_compile(pipeline) || !command_compare(session, pipeline, &recording, &plan) || !plan_check_owners(&plan, &session->sink))
        return EXIT_DRIFT_ERROR;
    Buffer out = {0};
    if (session->options.is_json)
        json_write(&out, plan_drift_to_json(&plan), 2);
    else
        plan_render_drift(&out, &plan, session_wants_color(STDOUT_FILENO));
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    if (!written)
        return EXIT_DRIFT_ERROR;
    return plan_count_drift(&plan) ? EXIT_DRIFT : EXIT_CLEAN;
}

int command_drift(Session *session)
{
    return command_with_file(session, show_drift);
}
