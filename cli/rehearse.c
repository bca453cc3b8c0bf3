/* svc rehearse: a change tried out in a simulated account. */
#include "cli/commands.h"
#include "cli/live_plan.h"
#include "cli/others.h"
#include "cli/rehearse_timeline.h"

#include <unistd.h>

/* How accounts usually are; a rehearsal is about the change, so that no call fails for good. */
static const SimulationFaults usual = {.call_ms = 60, .metric_least_ms = 60 * 1000, .metric_most_ms = 90 * 1000, .target_lag_ms = 5000, .role_ms = 8000};

/* --- outcomes --- */

static const char *outcome_name(ApplyOutcome outcome)
{
    switch (outcome) {
    case APPLY_DONE: return "promoted";
    case APPLY_ROLLED_BACK: return "rolled-back";
    case APPLY_FAILED: return "failed";
    case APPLY_PAUSED: return "paused";
    case APPLY_ERROR:
    case APPLY_STALE: break;
    }
    return "refused";
}

static const char *outcome_sentence(ApplyOutcome outcome)
{
    switch (outcome) {
    case APPLY_DONE: return "the new revision has all the work";
    case APPLY_ROLLED_BACK: return "the old revision has all the work";
    case APPLY_FAILED: return "it stopped part-way";
    case APPLY_PAUSED: return "somebody has to say how it goes on";
    case APPLY_ERROR:
    case APPLY_STALE: break;
    }
    return "nothing was changed";
}

/* --- running --- */

static void write_heading(Session *session, Buffer *out, const Rehearsal *rehearsal)
{
    const WorldOptions *world = &rehearsal->input.options.world;
    Text environment = rehearsal->input.model->environment.name;
    if (session->options.is_json)
        return;
    buffer_add_format(out, "%.*s%s%.*s: ", TEXT_ARG(session->options.operands.items[0]), environment.len ? " in " : "", TEXT_ARG(environment));
    if (world->trace)
        buffer_add_format(out, "metrics as in %.*s", TEXT_ARG(session->options.values[OPTION_TRACE]));
    else
        buffer_add_c(out, scenario_about(world->scenario));
    buffer_add_format(out, " (seed %lld)\n\n", (long long)session->options.seed);
}

static void write_end(Session *session, Buffer *out, const Timeline *timeline, ApplyOutcome outcome)
{
    long long seconds = (long long)((timeline->ended_ms - timeline->started_ms) / 1000);
    if (session->options.is_json)
        buffer_add_format(out, "{\"event\":\"outcome\",\"seconds\":%lld,\"outcome\":\"%s\",\"exit\":%d}\n", seconds, outcome_name(outcome), (int)outcome);
    else
        buffer_add_format(out, "\nOutcome after %lld:%02lld:%02lld: %s, %s.\n", seconds / 3600, seconds / 60 % 60, seconds % 60, outcome_name(outcome), outcome_sentence(outcome));
}

/* The exit code: of apply, or whether it was as expected; then what apply had to say is no error. */
static int judge(Session *session, const Diagnostics *said, ApplyOutcome outcome)
{
    Text expected = session->options.values[OPTION_EXPECT];
    if (expected.len && text_equal_c(expected, outcome_name(outcome)))
        return EXIT_CLEAN;
    for (size_t i = 0; i < said->items.count; i++)
        ARRAY_PUSH(&session->arena, &session->sink.items, said->items.items[i]);
    session->sink.error_count += said->error_count;
    if (!expected.len)
        return (int)outcome;
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_OTHER_OUTCOME, SPAN_NONE, "expected %.*s, and it ended %s", TEXT_ARG(expected), outcome_name(outcome));
    diagnostic_set_advice(&session->sink, diagnostic, "look above at what was decided and when, and at the conditions of the rollout");
    return EXIT_FINDINGS;
}

static int run(Session *session, Rehearsal *rehearsal)
{
    Timeline timeline;
    Diagnostics said = {.arena = &session->arena, .sources = &session->sources};
    Buffer out = {0};
    ApplyOptions options = {.owner = TEXT("rehearsal")};
    write_heading(session, &out, rehearsal);
    rehearsal->sink = &said;
    timeline_begin(&timeline, &session->arena, rehearsal);
    ApplyOutcome outcome = rehearsal_apply(rehearsal, &options, timeline_listener(&timeline));
    timeline_end(&timeline);
    if (session->options.is_json)
        timeline_render_json(&out, &timeline);
    else
        timeline_render_text(&out, &timeline);
    write_end(session, &out, &timeline, outcome);
    bool is_written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return is_written ? judge(session, &said, outcome) : EXIT_CANNOT_RUN;
}

static bool choose_world(Session *session, Pipeline *pipeline, WorldOptions *out)
{
    Text path = session->options.values[OPTION_TRACE];
    Text scenario = session->options.values[OPTION_SCENARIO];
    *out = (WorldOptions){0};
    if (scenario.len)
        (void)scenario_find(scenario, &out->scenario);
    if (!path.len)
        return true;
    Trace *trace = ARENA_NEW(&pipeline->arena, Trace);
    out->trace = trace;
    return trace_read(&pipeline->arena, &session->sink, path, trace);
}

static int rehearse_file(Session *session, Pipeline *pipeline)
{
    Rehearsal rehearsal;
    WorldOptions world;
    if (!choose_world(session, pipeline, &world) || !command_compile(pipeline))
        return APPLY_ERROR;
    const Environment *environment = &pipeline->model->environment;
    RehearsalInput input = {.model = pipeline->model, .resources = &pipeline->resources, .others = others_find(pipeline)};
    input.options = (SimulationOptions){
        .seed = (uint64_t)session->options.seed,
        .account = environment->account.len ? environment->account : TEXT("123456789012"),
        .region = environment->region.len ? environment->region : TEXT("us-east-1"),
        .faults = usual,
        .world = world,
    };
    if (!rehearsal_settle(&pipeline->arena, &session->sink, &input, &rehearsal) || !rehearsal_plan(&rehearsal))
        return APPLY_ERROR;
    return run(session, &rehearsal);
}

int command_rehearse(Session *session)
{
    return command_with_file(session, rehearse_file);
}
