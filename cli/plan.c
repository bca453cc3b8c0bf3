/* svc plan: text -> tree -> model -> resources -> what would change, against an empty or a recorded account. */
#include "cli/commands.h"

#include "cli/judge.h"
#include "plan/plan.h"

#include <unistd.h>

enum { EXIT_PLAN_ERROR = 1, EXIT_PLAN_CHANGES = 2 };

static bool check_usage(Session *session, bool *is_usage)
{
    const Options *options = &session->options;
    bool against_something = options->given[OPTION_OFFLINE] || options->given[OPTION_LIVE];
    *is_usage = options->operands.count != 1 || (options->given[OPTION_OFFLINE] && options->given[OPTION_LIVE]);
    if (options->operands.count != 1) {
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_ACCOUNT, SPAN_NONE, "svc plan takes one file");
        diagnostic_set_advice(&session->sink, diagnostic, "plan each file by itself: svc plan service.svc --offline");
        return false;
    }
    if (*is_usage) {
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_ACCOUNT, SPAN_NONE, "a plan is made against one account: --offline or --live, not both");
        diagnostic_set_advice(&session->sink, diagnostic, "leave one of them out");
        return false;
    }
    if (against_something)
        return true;
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_ACCOUNT, SPAN_NONE, "svc does not read a live AWS account yet");
    diagnostic_set_advice(&session->sink, diagnostic, "add --offline to plan against an empty account, or --live FILE for a recorded one");
    return false;
}

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

static int plan_file(Session *session, Pipeline *pipeline, const Recording *live)
{
    Text environment;
    Plan plan;
    bool compiled = pipeline_choose_environment(pipeline, &environment) && pipeline_compile(pipeline, environment);
    (void)judge_findings(pipeline, 0, false);
    if (!compiled || !compilation_check_parameters(session->compilation) || session->sink.error_count ||
        !plan_make(&pipeline->arena, &session->sink, pipeline->model, &pipeline->resources, live, &plan))
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
    bool is_usage = false;
    int code = EXIT_PLAN_ERROR;
    Recording recording;
    const Recording *live = session->options.given[OPTION_LIVE] ? &recording : NULL;
    bool can_run = session_start(session, false) && check_usage(session, &is_usage) &&
                   (!live || recording_read(&session->arena, &session->sink, session->options.values[OPTION_LIVE], &recording));
    if (!can_run) {
        session_print_diagnostics(session, REPORT_TEXT);
        return is_usage ? EXIT_USAGE : EXIT_PLAN_ERROR;
    }
    Pipeline pipeline;
    if (pipeline_open(&pipeline, session, session->options.operands.items[0]))
        code = plan_file(session, &pipeline, live);
    session_print_diagnostics(session, REPORT_TEXT);
    pipeline_close(&pipeline);
    return code;
}
