#include "cli/live_plan.h"

#include "cli/judge.h"
#include "cli/others.h"

static bool check_usage(Session *session)
{
    const Options *options = &session->options;
    Text problem = TEXT_NONE;
    if (options->operands.count != 1)
        problem = arena_format(&session->arena, "svc %s takes one file", command_name(options->command));
    else if (options->given[OPTION_OFFLINE] && options->given[OPTION_LIVE])
        problem = TEXT("a plan is made against one account: --offline or --live, not both");
    if (!problem.len)
        return true;
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_ACCOUNT, SPAN_NONE, "%.*s", TEXT_ARG(problem));
    if (options->operands.count != 1)
        diagnostic_set_advice(&session->sink, diagnostic, "take each file by itself: svc %s service.svc", command_name(options->command));
    else
        diagnostic_set_advice(&session->sink, diagnostic, "leave one of them out");
    return false;
}

int command_with_file(Session *session, int (*work)(Session *session, Pipeline *pipeline))
{
    int code = EXIT_FINDINGS;
    bool is_usage = false;
    bool can_run = session_start(session, false);
    if (can_run)
        is_usage = !check_usage(session);
    if (!can_run || is_usage) {
        session_print_diagnostics(session, REPORT_TEXT);
        return is_usage ? EXIT_USAGE : EXIT_FINDINGS;
    }
    Pipeline pipeline;
    if (pipeline_open(&pipeline, session, session->options.operands.items[0]))
        code = work(session, &pipeline);
    session_print_diagnostics(session, REPORT_TEXT);
    pipeline_close(&pipeline);
    return code;
}

bool command_compile(Pipeline *pipeline)
{
    Session *session = pipeline->session;
    Text environment;
    bool compiled = pipeline_choose_environment(pipeline, &environment) && pipeline_compile(pipeline, environment);
    (void)judge_findings(pipeline, 0, false);
    return compiled && compilation_check_parameters(session->compilation) && !session->sink.error_count;
}

bool command_read(Account *account, Pipeline *pipeline, bool with_facts, Recording *out)
{
    Text text = TEXT_NONE;
    return account_read(account, pipeline, with_facts, &text) &&
           recording_read_text(&pipeline->arena, &account->session->sink, TEXT("live AWS"), text, out);
}

static bool read_live(Session *session, Pipeline *pipeline, Recording *out)
{
    Account account;
    if (!account_open(session, pipeline->model->environment.region, &account))
        return false;
    bool is_read = command_read(&account, pipeline, session->options.command == COMMAND_PLAN, out);
    account_close(&account);
    return is_read;
}

bool command_check_facts(Pipeline *pipeline, const Recording *recording)
{
    Diagnostics *sink = &pipeline->session->sink;
    size_t first = sink->items.count;
    (void)plan_check_facts(&pipeline->arena, sink, pipeline->model, &pipeline->resources, recording);
    (void)judge_findings(pipeline, first, false);
    return sink->error_count == 0;
}

bool command_compare(Session *session, Pipeline *pipeline, Recording *recording, Plan *out)
{
    const Options *options = &session->options;
    bool is_offline = options->given[OPTION_OFFLINE];
    bool is_read = options->given[OPTION_LIVE] ? recording_read(&session->arena, &session->sink, options->values[OPTION_LIVE], recording)
                                               : is_offline || read_live(session, pipeline, recording);
    return is_read && (is_offline || command_check_facts(pipeline, recording)) &&
           plan_make_among(&pipeline->arena, &session->sink, pipeline->model, &pipeline->resources, is_offline ? NULL : recording, others_find(pipeline), out);
}
