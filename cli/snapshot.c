/* svc snapshot: what is live, as a recording. */
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/live_plan.h"

#include "base/file.h"

#include <unistd.h>

static bool write_recording(Session *session, Text text)
{
    Text path = session->options.values[OPTION_FILE_OUT];
    Text reason = TEXT_NONE;
    if (!path.len)
        return session_print(session, text);
    if (file_write_private(path, text, &session->arena, &reason))
        return true;
    (void)diagnostic_report(&session->sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    return false;
}

static int record_account(Session *session, Pipeline *pipeline)
{
    Account account;
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return EXIT_FINDINGS;
    Text text = TEXT_NONE;
    bool written = account_read(&account, pipeline, true, &text) && write_recording(session, text);
    account_close(&account);
    return written ? EXIT_CLEAN : EXIT_FINDINGS;
}

int command_snapshot(Session *session)
{
    return command_with_file(session, record_account);
}
