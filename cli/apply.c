/* svc apply: what was planned, done. */
#include "cli/apply.h"

#include "apply/apply.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/gates.h"
#include "cli/others.h"
#include "cli/progress.h"
#include "cli/state.h"
#include "live/live.h"
#include "plan/plan_sign.h"

#include <sys/utsname.h>
#include <unistd.h>

enum { EXIT_APPLY_ERROR = APPLY_ERROR, EXIT_APPLY_STALE = APPLY_STALE };

/* --- asking --- */

bool apply_is_confirmed(Session *session, const char *question)
{
    char answer[8] = {0};
    if (session->options.given[OPTION_YES])
        return true;
    if (!isatty(STDIN_FILENO)) {
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_CONFIRMATION, SPAN_NONE, "nobody can be asked whether to do this");
        diagnostic_set_advice(&session->sink, diagnostic, "add --yes once you have read the plan, or save it with svc plan and apply that");
        return false;
    }
    Text asked = arena_format(&session->arena, "\n%s [y/N] ", question);
    if (!session_print(session, asked) || read(STDIN_FILENO, answer, sizeof answer - 1) <= 0)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* --- the account --- */

typedef struct Reading {
    Session *session;
    Account *account;
    const SavedPlan *plan;
    Model model;
} Reading;

static bool read_live(void *context, Arena *arena, Recording *out)
{
    Reading *reading = context;
    Diagnostics *sink = &reading->session->sink;
    LiveInput input = {.caller = &reading->account->caller, .model = &reading->model, .resources = &reading->plan->resources, .region = reading->account->region};
    const Json *recording = live_read(arena, sink, &input);
    return recording && recording_read_text(arena, sink, TEXT("live AWS"), live_write(arena, recording), out);
}

/* The plan's account is known from its first call on. */
static bool check_account(Session *session, Account *account, const SavedPlan *plan)
{
    AwsCall call = {.service = "sts", .operation = TEXT("GetCallerIdentity"), .input = json_object(&session->arena)};
    if (!plan->account.len)
        return true;
    aws_client_call(account->client, &session->arena, &call);
    const Json *id = json_get_c(call.answer.output, "Account");
    if (!id || id->kind != JSON_TEXT || text_equal(id->text, plan->account))
        return true; /* who cannot be asked is reported by the reading */
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_OTHER_TARGET, SPAN_NONE, "the plan is for account %.*s, and the credentials are of account %.*s",
                                               TEXT_ARG(plan->account), TEXT_ARG(id->text));
    diagnostic_set_advice(&session->sink, diagnostic, "use credentials of account %.*s, or plan for this one", TEXT_ARG(plan->account));
    return false;
}

Text apply_owner(Arena *arena)
{
    AwsEnvironment environment = aws_environment_of_process();
    struct utsname host;
    Text user = aws_environment_find(&environment, "USER");
    if (!user.len)
        user = aws_environment_find(&environment, "LOGNAME");
    const char *node = uname(&host) == 0 ? host.nodename : "unknown";
    return arena_format(arena, "%.*s@%s (%ld)", TEXT_ARG(user.len ? user : TEXT("somebody")), node, (long)getpid());
}

/* --- running --- */

static bool is_interrupted(void *context)
{
    const Session *session = context;
    return session->interrupts && session->interrupts[0] > 0;
}

static void say_end(Session *session, ApplyOutcome outcome, const SavedPlan *plan, int64_t took_ms)
{
    if (session->options.is_json)
        return;
    Text text = TEXT_NONE;
    if (outcome == APPLY_DONE)
        text = arena_format(&session->arena, "\nApplied: %zu added, %zu changed, %zu destroyed, in %lld s.\n", plan->added, plan->changed, plan->destroyed,
                            (long long)(took_ms / 1000));
    (void)!session_print(session, text);
}

/* Tests need not wait as long as IAM takes. */
static int64_t role_wait(void)
{
#ifdef SVC_TEST_HOOKS
    AwsEnvironment environment = aws_environment_of_process();
    return aws_environment_find(&environment, "SVC_TEST_QUICK_ROLES").len ? 1 : 0;
#else
    return 0;
#endif
}

static int run(Session *session, Account *account, const SavedPlan *plan)
{
    Reading reading = {.session = session, .account = account, .plan = plan};
    bool is_terminal = isatty(STDOUT_FILENO);
    Progress *progress = progress_create(&session->arena, session->options.is_json, is_terminal, session_wants_color(STDOUT_FILENO));
    saved_plan_model(plan, &reading.model);
    ApplyInput input = {.plan = plan, .caller = &account->caller, .reader = {read_live, &reading}, .listener = progress_listener(progress), .gates = gates_of(account)};
    input.options = (ApplyOptions){
        .until_deployed = text_equal_c(session->options.values[OPTION_WAIT_UNTIL], "deployed"),
        .without_rollout = session->options.given[OPTION_WITHOUT_ROLLOUT],
        .deadline_ms = session->options.deadline_ms,
        .role_ms = role_wait(),
        .owner = apply_owner(&session->arena),
        .is_interrupted = is_interrupted,
        .interrupt_context = session,
    };
    if (state_prepare(session, plan->environment))
        input.options.journal = state_path(&session->arena, plan->environment, "journal");
    if (session->catch_interrupts)
        session->catch_interrupts();
    int64_t started = account->caller.now_ms(account->caller.self);
    ApplyOutcome outcome = apply_run(&session->arena, &session->sink, &input);
    progress_end(progress);
    say_end(session, outcome, plan, account->caller.now_ms(account->caller.self) - started);
    if (outcome == APPLY_DONE)
        state_forget_plan(session, plan->environment, plan->path);
    return (int)outcome;
}

int apply_saved(Session *session, Account *account, Text path)
{
    SavedPlan plan;
    Account opened;
    if (!saved_plan_read(&session->arena, &session->sink, path, &plan))
        return EXIT_APPLY_STALE;
    Text key = session->options.values[OPTION_REQUIRE_SIGNATURE];
    if (key.len && !plan_check_signature(&session->arena, &session->sink, key, path, plan.seal, plan.signature))
        return EXIT_APPLY_STALE;
    if (!account && !account_open(session, plan.region, &opened))
        return EXIT_APPLY_ERROR;
    Account *used = account ? account : &opened;
    int code = check_account(session, used, &plan) ? run(session, used, &plan) : EXIT_APPLY_STALE;
    if (!account)
        account_close(&opened);
    return code;
}

int apply_planned(Session *session, Account *account, Plan *plan, const char *question)
{
    Text path;
    plan_order(plan);
    if (!session->options.is_json) {
        Buffer out = {0};
        plan_render_text(&out, plan, session->options.given[OPTION_FULL], session_wants_color(STDOUT_FILENO));
        bool is_written = session_print(session, buffer_text(&out));
        buffer_free(&out);
        if (!is_written)
            return EXIT_APPLY_ERROR;
    }
    if (!plan_has_changes(plan))
        return EXIT_CLEAN;
    if (!apply_is_confirmed(session, question) || !state_save_plan(session, plan, &path))
        return EXIT_APPLY_ERROR;
    return apply_saved(session, account, path);
}

/* --- the command --- */

static int apply_file(Session *session, Pipeline *pipeline)
{
    Account account;
    Plan plan;
    Recording recording;
    int code = EXIT_APPLY_ERROR;
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return code;
    if (command_read(&account, pipeline, true, &recording) && command_check_facts(pipeline, &recording) &&
        plan_make_among(&pipeline->arena, &session->sink, pipeline->model, &pipeline->resources, &recording, others_find(pipeline), &plan) &&
        plan_check_owners(&plan, &session->sink))
        code = apply_planned(session, &account, &plan, "Do this?");
    account_close(&account);
    return code;
}

/* Nothing was planned: the one file that stands here is. */
static bool choose_file(Session *session)
{
    TextArray files = {0};
    FileTroubleArray troubles = {0};
    file_list(&session->arena, TEXT("."), TEXT(".svc"), &files, &troubles);
    if (files.count == 1) {
        ARRAY_PUSH(&session->arena, &session->options.operands, files.items[0]);
        return true;
    }
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_NO_CONFIRMATION, SPAN_NONE, "nothing was planned here, and there %s", files.count ? "are several files" : "is no file to plan");
    diagnostic_set_advice(&session->sink, diagnostic, "name one: svc apply service.svc --env prod");
    return false;
}

int command_apply(Session *session)
{
    Text path = TEXT_NONE;
    const Options *options = &session->options;
    if (options->operands.count == 0 && !state_find_plan(session, options->values[OPTION_ENV], &path) && !choose_file(session)) {
        session_print_diagnostics(session, REPORT_TEXT);
        return EXIT_APPLY_ERROR;
    }
    if (!path.len && options->operands.count == 1 && !text_ends_with(options->operands.items[0], TEXT(".svc")))
        path = options->operands.items[0];
    if (!path.len)
        return command_with_file(session, apply_file);
    int code = apply_saved(session, NULL, path);
    session_print_diagnostics(session, REPORT_TEXT);
    return code;
}
