/* svc status: how the services of a file are. */
#include "apply/status.h"
#include "cli/commands.h"
#include "cli/live_plan.h"

static int show(Session *session, Pipeline *pipeline)
{
    Account account;
    Buffer out = {0};
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return EXIT_FINDINGS;
    const Json *status = status_read(&pipeline->arena, &session->sink, &account.caller, &pipeline->resources);
    if (status && session->options.is_json)
        json_write(&out, status, 2);
    else if (status)
        status_render(&out, status);
    bool is_written = status && session_print(session, buffer_text(&out));
    buffer_free(&out);
    account_close(&account);
    return is_written ? EXIT_CLEAN : EXIT_FINDINGS;
}

int command_status(Session *session)
{
    return command_with_file(session, show);
}
