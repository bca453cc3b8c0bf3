/* svc rollout: the hand on a rollout that some apply drives. */
#include "apply/hand.h"
#include "cli/apply.h"
#include "cli/commands.h"
#include "cli/live_plan.h"

static int reach(Session *session, Pipeline *pipeline)
{
    Account account;
    Buffer out = {0};
    if (!command_compile(pipeline) || !account_open(session, pipeline->model->environment.region, &account))
        return EXIT_FINDINGS;
    HandInput input = {.arena = &session->arena, .sink = &session->sink, .caller = &account.caller, .resources = &pipeline->resources,
                       .project = pipeline->model->project, .environment = pipeline->model->environment.name,
                       .service = session->options.values[OPTION_SERVICE], .by = apply_owner(&session->arena), .is_json = session->options.is_json};
    int code = hand_take(&input, session->options.word, &out);
    bool is_written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    account_close(&account);
    return is_written ? code : EXIT_FINDINGS;
}

int command_rollout(Session *session)
{
    Options *options = &session->options;
    options->word = options->operands.count ? options->operands.items[0] : TEXT_NONE;
    if (!hand_knows(options->word)) {
        (void)!session_write(STDERR_FILENO, TEXT("svc: rollout takes one of status, pause, resume, promote, skip and abort, then a file\n"));
        return EXIT_USAGE;
    }
    for (size_t i = 1; i < options->operands.count; i++)
        options->operands.items[i - 1] = options->operands.items[i];
    options->operands.count--;
    return command_with_file(session, reach);
}
