/* svc adopt: takes over what has the names of the file and somebody else made. */
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/live_plan.h"
#include "live/adopt.h"

#include <unistd.h>

/* Those of another project cannot be had by asking here. */
static bool check_projects(const Plan *plan, Diagnostics *sink)
{
    size_t errors = sink->error_count;
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan_is_foreign(plan, plan->items.items[i]) && recorded_tag(plan->items.items[i]->recorded, "svc:project").len)
            plan_report_owner(plan, sink, plan->items.items[i]);
    return sink->error_count == errors;
}

static bool print(Session *session, const Buffer *out)
{
    return session_print(session, buffer_text(out));
}

/* One question, whose answer is a line. */
static bool is_confirmed(Session *session, size_t count)
{
    char answer[8] = {0};
    if (session->options.given[OPTION_YES])
        return true;
    if (!isatty(STDIN_FILENO)) {
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_CANNOT_ASK, SPAN_NONE, "nobody can be asked whether to take these over");
        diagnostic_set_advice(&session->sink, diagnostic, "add --yes once you have read the list");
        return false;
    }
    Text question = arena_format(&session->arena, "\nGive these %zu the tags of the file? From then on svc changes and deletes them. [y/N] ", count);
    if (!session_print(session, question) || read(STDIN_FILENO, answer, sizeof answer - 1) <= 0)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

static int adopt_foreign(Session *session, Account *account, const Plan *plan)
{
    Buffer out = {0};
    size_t adopted = 0;
    size_t count = plan_render_foreign(&out, plan, session_wants_color(STDOUT_FILENO));
    if (!count)
        buffer_add_c(&out, "\nNothing to take over: whatever has the names of the file is the project's already.\n");
    bool written = print(session, &out);
    buffer_free(&out);
    if (!written || !count)
        return written ? EXIT_CLEAN : EXIT_FINDINGS;
    if (!is_confirmed(session, count))
        return EXIT_FINDINGS;
    if (!live_adopt(&session->arena, &session->sink, &account->caller, plan, &adopted))
        return EXIT_FINDINGS;
    Text done = arena_format(&session->arena, "\nTook over %zu. svc plan shows what is still to be changed.\n", adopted);
    return session_print(session, done) ? EXIT_CLEAN : EXIT_FINDINGS;
}

static int adopt(Session *session, Pipeline *pipeline)
{
    Account account;
    Plan plan;
    Recording recording;
    int code = EXIT_FINDINGS;
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return code;
    if (command_read(&account, pipeline, false, &recording) &&
        plan_make(&pipeline->arena, &session->sink, pipeline->model, &pipeline->resources, &recording, &plan) && check_projects(&plan, &session->sink))
        code = adopt_foreign(session, &account, &plan);
    account_close(&account);
    return code;
}

int command_adopt(Session *session)
{
    return command_with_file(session, adopt);
}
