/* svc rehearse: a change tried out in a simulated account. */
#include "cli/commands.h"
#include "cli/live_plan.h"
#include "cli/others.h"
#include "cli/progress.h"
#include "simulate/rehearsal.h"

#include <unistd.h>

static int rehearse_file(Session *session, Pipeline *pipeline)
{
    Rehearsal rehearsal;
    if (!command_compile(pipeline))
        return APPLY_ERROR;
    const Environment *environment = &pipeline->model->environment;
    RehearsalInput input = {.model = pipeline->model, .resources = &pipeline->resources, .others = others_find(pipeline)};
    input.options = (SimulationOptions){
        .seed = 1,
        .account = environment->account.len ? environment->account : TEXT("123456789012"),
        .region = environment->region.len ? environment->region : TEXT("us-east-1"),
        .faults = {.call_ms = 60, .metric_least_ms = 60000, .metric_most_ms = 90000, .target_lag_ms = 5000, .role_ms = 8000},
    };
    if (!rehearsal_settle(&pipeline->arena, &session->sink, &input, &rehearsal) || !rehearsal_plan(&rehearsal))
        return APPLY_ERROR;
    Buffer t = {0}; for (size_t i = 0; i < rehearsal.plan.items.count; i++) buffer_add_format(&t, "%.*s %d %zu\n", TEXT_ARG(rehearsal.plan.items.items[i]->id), rehearsal.plan.items.items[i]->action, rehearsal.plan.items.items[i]->step_count);
    (void)session_print(session, buffer_text(&t));
    Progress *progress = progress_create(&session->arena, session->options.is_json, false, false);
    ApplyOptions options = {.owner = TEXT("rehearsal"), .without_rollout = true};
    ApplyOutcome outcome = rehearsal_apply(&rehearsal, &options, progress_listener(progress));
    progress_end(progress);
    (void)session_print(session, arena_format(&session->arena, "outcome: %d\n", (int)outcome));
    return (int)outcome;
}

int command_rehearse(Session *session)
{
    return command_with_file(session, rehearse_file);
}
