/* The rollout controller: histories of the runbook's policy, commands in every state, drivers that die on every tick, and records. Random worlds: rollout_random_test.c; judging: rollout_judge_test.c. */
#include "rollout_world.h"

static void start(World *w, Arena *arena, const char *path)
{
    Policy policy = read_policy(arena, read_text(arena, path));
    begin_world(w, arena, policy, TASKS);
}

static void run_for(World *w, int64_t seconds)
{
    for (int64_t until = w->now + seconds; w->now < until;)
        tick_world(w);
}

/* Until there is an outcome; a rollout that never ends is an error. */
static void finish_world(World *w)
{
    int64_t until = w->now + w->policy.deadline + 4 * 3600;
    while (w->state.phase != PHASE_DONE && w->now < until)
        tick_world(w);
    assert_int_equal(w->state.phase, PHASE_DONE);
}

static void run_until(World *w, RolloutPhase phase)
{
    while (w->state.phase != phase)
        tick_world(w);
}

/* --- the runbook's policy --- */

static void test_good_traffic_promotes(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    int64_t begun = w.now;
    while (w.state.phase != PHASE_VERIFYING && w.state.phase != PHASE_DONE)
        tick_world(&w);
    int64_t took = w.now - begun;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(w.state.verdict, VERDICT_SUCCESS);
    assert_int_equal(w.gate_runs, 1); /* the smoke test */
    assert_int_equal(w.weight_actions, 5 + 1);
    assert_int_equal(w.news[NEWS_START], 1);
    assert_int_equal(w.news[NEWS_STEP], 5);
    assert_int_equal(w.news[NEWS_OUTCOME], 1);
    assert_int_equal(w.passes, 1);
    /* Five shares, four holds of 5m and a bake of 30m, and what tasks take to start. */
    assert_in_range(took, 50 * 60, 62 * 60);
    assert_in_range(w.now - begun - took, 60 * 60, 65 * 60);
    arena_free(&arena);
}

/* Runs to a step of 26 %, breaks something there, and says how long it took until traffic went back. */
static int64_t time_until_retreat(World *w)
{
    int64_t broken = w->now;
    while (w->state.phase != PHASE_RETREATING && w->state.phase != PHASE_DRAINING && w->state.phase != PHASE_DONE)
        tick_world(w);
    return w->now - broken;
}

static void check_trigger(void (*break_it)(World *), int64_t window)
{
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    while (w.state.step < 1 || w.state.phase != PHASE_HOLDING || w.now % 60)
        tick_world(&w);
    break_it(&w);
    int64_t took = time_until_retreat(&w);
    assert_true(took <= window + JUDGED_AGE + ROLLOUT_TICK);
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_int_equal(w.state.verdict, VERDICT_FAILED);
    arena_free(&arena);
}

static void break_answers(World *w)
{
    w->error_percent = 26;
}

static void break_latency(World *w)
{
    w->latency = 2500;
}

static void break_hosts(World *w)
{
    w->unhealthy_percent = 60;
}

static void break_queue(World *w)
{
    w->queue_growth = 50;
}

static void test_each_trigger_rolls_back(void **state)
{
    (void)state;
    check_trigger(break_answers, 120);
    check_trigger(break_latency, 300);
    check_trigger(break_hosts, 120);
    check_trigger(break_queue, 360); /* the minute before the first growth is a part of the window */
}

static void test_refuses_what_fires_already(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    Policy policy = read_policy(&arena, read_text(&arena, runbook));
    begin_world(&w, &arena, policy, TASKS);
    w.queue_growth = 50;
    run_world(&w, w.now + 900);
    w.state = rollout_begin(TEXT("r1"), TEXT("p"), text_from_c(new_revision), w.now);
    tick_world(&w);
    assert_int_equal(w.state.phase, PHASE_DONE);
    assert_int_equal(w.state.outcome, OUTCOME_REFUSED);
    assert_true(text_starts_with(text_from_c(w.state.reason), TEXT("rising(")));
    assert_int_equal(w.weight_actions, 0);
    check_end(&w);
    arena_free(&arena);
}

static void test_refuses_split_weights_and_deployments(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < 3; i++) {
        World w;
        start(&w, &arena, runbook);
        if (i == 0)
            w.facts.rules[0] = (RuleView){90, 10};
        else if (i == 1)
            w.facts.stable.is_settled = false;
        else
            w.facts.stable.healthy = 0;
        tick_world(&w);
        assert_int_equal(w.state.outcome, OUTCOME_REFUSED);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* --- tasks --- */

static void test_tasks_that_never_become_healthy(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    w.is_never_healthy = true;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_int_equal(w.weight_actions, 0);
    arena_free(&arena);
}

static void test_a_crash_loop(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    w.is_never_healthy = w.is_crashing = true;
    int64_t begun = w.now;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_true(w.now - begun < 300);
    arena_free(&arena);
}

static void test_no_task_is_left(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    while (w.state.step < 2)
        tick_world(&w);
    w.is_never_healthy = true;
    w.facts.canary.healthy = 0;
    int64_t took = time_until_retreat(&w);
    assert_true(took <= 90);
    finish_world(&w);
    check_end(&w);
    arena_free(&arena);
}

/* Weight returns as stable tasks are healthy, and in full after five minutes. */
static void test_goes_back_as_there_is_capacity(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    run_until(&w, PHASE_BAKING);
    w.facts.stable.healthy = 4;
    w.stable_ready = w.now + 100000;
    give(&w, COMMAND_ABORT);
    tick_world(&w);
    assert_int_equal(w.state.phase, PHASE_RETREATING);
    assert_int_equal(w.facts.rules[0].stable, 40);
    w.facts.stable.healthy = 7;
    tick_world(&w);
    assert_int_equal(w.facts.rules[0].stable, 70);
    run_for(&w, 250);
    assert_int_equal(w.facts.rules[0].stable, 70);
    run_for(&w, 60);
    assert_int_equal(w.facts.rules[0].stable, 100);
    finish_world(&w);
    check_end(&w);
    arena_free(&arena);
}

static void test_promotion_that_fails(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    w.fails_promotion = true;
    finish_world(&w);
    assert_int_equal(w.state.outcome, OUTCOME_FAILED);
    assert_int_equal(rollout_exit_status(w.state.outcome), 4);
    assert_int_equal(w.facts.rules[0].canary, 100);
    assert_true(w.facts.canary.healthy >= TASKS);
    check_end(&w);
    RolloutState again = rollout_begin_retreat(&w.state, w.now);
    w.state = again;
    finish_world(&w);
    assert_true(is_all_stable(&w));
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    arena_free(&arena);
}

/* --- surprises, and what cannot be read --- */

static void test_surprises_stop_it(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < 3; i++) {
        World w;
        start(&w, &arena, runbook);
        while (w.state.step < 1 || w.state.phase != PHASE_HOLDING)
            tick_world(&w);
        run_for(&w, 90);
        if (i == 0)
            w.facts.rules[0] = (RuleView){50, 50};
        else if (i == 1)
            w.facts.stable.revision = text_from_c(other_revision);
        else
            w.facts.canary.revision = text_from_c(other_revision);
        int weights = w.weight_actions;
        finish_world(&w);
        check_end(&w);
        assert_int_equal(w.state.outcome, OUTCOME_HALTED);
        assert_int_equal(w.weight_actions, weights);
        assert_true(w.state.reason[0] != '\0');
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* The first read after a takeover may be of an earlier share, or of what somebody did: the stable service is not touched on its word. */
static void test_promotion_waits_for_the_weights(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    run_until(&w, PHASE_BAKING);
    while (w.state.phase == PHASE_BAKING) {
        w.drops_actions = true;
        tick_world(&w);
    }
    run_world(&w, w.now + 200);
    w.has_taken_over = true;
    w.facts.rules[0] = rollout_weights(w.policy.steps[0].share);
    finish_world(&w);
    assert_int_equal(w.promotions, 0);
    assert_int_equal(w.state.outcome, OUTCOME_HALTED);
    arena_free(&arena);
}

static void test_blind(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    while (w.state.step < 1)
        tick_world(&w);
    w.has_no_metrics = true;
    run_for(&w, 240);
    assert_true(w.state.phase < PHASE_RETREATING);
    int64_t took = time_until_retreat(&w);
    assert_true(took <= 80);
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.verdict, VERDICT_ERROR);
    arena_free(&arena);
}

/* A trigger that was never judged for want of data leaves the decision to somebody. */
static void test_no_data(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, workers);
    w.has_no_data = true;
    w.counts[0] = 0;
    while (w.state.phase != PHASE_PAUSED && w.state.phase != PHASE_DONE)
        tick_world(&w);
    assert_int_equal(w.state.phase, PHASE_PAUSED);
    assert_int_equal(w.state.verdict, VERDICT_INCONCLUSIVE);
    give(&w, COMMAND_RESUME);
    finish_world(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(w.state.verdict, VERDICT_INCONCLUSIVE);
    check_end(&w);
    arena_free(&arena);
}

static void test_deadline(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    while (w.state.step < 2)
        tick_world(&w);
    give(&w, COMMAND_PAUSE);
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_string_equal(w.state.reason, "the deadline is over");
    arena_free(&arena);
}

/* --- workers --- */

static void test_workers_are_weighted_by_tasks(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, workers);
    run_until(&w, PHASE_HOLDING);
    assert_int_equal(w.facts.canary.desired, TASKS / 2);
    assert_int_equal(w.facts.stable.desired, TASKS - TASKS / 2);
    assert_true(w.facts.scaling.is_out_suspended);
    while (w.state.phase != PHASE_PROMOTING) {
        assert_true(w.facts.canary.healthy + w.facts.stable.healthy >= TASKS);
        tick_world(&w);
    }
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(w.facts.stable.desired, TASKS);

    start(&w, &arena, workers);
    while (w.state.step < 1)
        tick_world(&w);
    give(&w, COMMAND_ABORT);
    while (w.state.phase != PHASE_DONE) {
        tick_world(&w);
        if (w.state.phase <= PHASE_RETREATING && w.facts.canary.healthy + w.facts.stable.healthy < TASKS)
            fail_msg("%s: %d and %d", rollout_phase_name(w.state.phase), w.facts.canary.healthy, w.facts.stable.healthy);
    }
    check_end(&w);
    assert_int_equal(w.facts.stable.desired, TASKS);
    arena_free(&arena);
}

/* --- gates --- */

static void test_gates(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, gated);
    run_until(&w, PHASE_HOLDING);
    run_for(&w, 1200);
    assert_int_equal(w.state.step, 0);   /* the hold is over, and nobody approved */
    assert_int_equal(w.gate_runs, 1);    /* the smoke test */
    give(&w, COMMAND_RESUME);
    tick_world(&w);
    tick_world(&w);
    assert_int_equal(w.state.step, 1);
    finish_world(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);

    start(&w, &arena, gated);
    w.fails_gates = true;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_string_equal(w.state.reason, "a gate has not passed: it said no");

    start(&w, &arena, full);
    w.fails_gates = true;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_ROLLED_BACK);
    assert_int_equal(w.weight_actions, 0);
    arena_free(&arena);
}

/* The first deployment waits for its gates too, and has nothing to ramp. */
static void test_the_first_revision(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, full);
    w.facts.stable = (ServiceView){0};
    finish_world(&w);
    assert_int_equal(w.state.outcome, OUTCOME_PASSED);
    assert_int_equal(w.gate_runs, 2);
    assert_int_equal(w.weight_actions, 0);
    arena_free(&arena);
}

static void test_verification(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < 2; i++) {
        World w;
        start(&w, &arena, full);
        while (w.state.phase != PHASE_VERIFYING) {
            if (waits_for_somebody(&w))
                give(&w, COMMAND_RESUME);
            tick_world(&w);
        }
        check_end(&w);
        if (i == 1)
            w.has_no_data = true; /* no point of what must hold */
        int64_t begun = w.now;
        finish_world(&w);
        assert_in_range(w.now - begun, 3600, 4000);
        assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* What must hold afterwards did not: the new revision stays, and it is said. */
static void check_violated(const char *path, void (*break_it)(World *), int64_t window, const char *expression)
{
    Arena arena = {0};
    World w;
    start(&w, &arena, path);
    while (w.state.phase != PHASE_VERIFYING) {
        if (waits_for_somebody(&w))
            give(&w, COMMAND_RESUME);
        tick_world(&w);
    }
    run_for(&w, 600);
    assert_int_equal(w.state.phase, PHASE_VERIFYING);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    break_it(&w);
    int64_t broken = w.now;
    while (w.state.phase == PHASE_VERIFYING)
        tick_world(&w);
    assert_true(w.now - broken <= window + JUDGED_AGE + 60 + ROLLOUT_TICK);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_UNVERIFIED);
    assert_int_equal(w.state.verdict, VERDICT_FAILED);
    assert_int_equal(rollout_exit_status(w.state.outcome), 4);
    assert_int_equal(w.passes, 0); /* this image did not pass here */
    assert_true(text_find(text_from_c(w.state.reason), text_from_c(expression)) < strlen(w.state.reason));
    arena_free(&arena);
}

static void break_stable_answers(World *w)
{
    w->stable_errors = 3;
}

static void break_stable_latency(World *w)
{
    w->stable_latency = 800;
}

static void test_violated_verification(void **state)
{
    (void)state;
    check_violated(runbook, break_stable_answers, 60, "http.5xx / http.requests < 1%");
    check_violated(runbook, break_stable_latency, 60, "latency.p95 < 500ms");
    check_violated(full, break_stable_answers, 60, "http.5xx / http.requests < 1%");
}

/* What was wrong before its time, and what comes after, is nobody's business then. */
static void test_verification_has_its_time(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    run_until(&w, PHASE_FREEING);
    w.stable_errors = 3;
    run_until(&w, PHASE_VERIFYING);
    int64_t begun = w.state.since;
    w.stable_errors = 0;
    correct_metrics(&w, 0);
    while (w.now < begun + 3600)
        tick_world(&w);
    assert_int_equal(w.state.phase, PHASE_VERIFYING);
    w.stable_errors = 3;
    finish_world(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    assert_in_range(w.now - begun, 3600, 3600 + 60 + JUDGED_AGE + 2 * ROLLOUT_TICK);
    arena_free(&arena);
}

/* Points that are let pass: `limit 2`. */
static void test_verification_has_a_limit(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int wrong = 2; wrong <= 3; wrong++) {
        World w;
        start(&w, &arena, runbook);
        w.policy.conditions[4].limit = 2;
        run_until(&w, PHASE_VERIFYING);
        run_for(&w, 600);
        w.stable_errors = 3;
        run_for(&w, wrong * 60);
        w.stable_errors = 0;
        finish_world(&w);
        assert_int_equal(w.state.outcome, wrong <= 2 ? OUTCOME_SUCCEEDED : OUTCOME_UNVERIFIED);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* Where the engine is another, only this is watched. */
static void test_verification_of_another_engine(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int i = 0; i < 2; i++) {
        World w;
        start(&w, &arena, runbook);
        w.facts.stable.revision = text_from_c(new_revision);
        w.state = rollout_begin_verification(&w.policy, TEXT("r1"), TEXT("p"), text_from_c(new_revision), w.now);
        assert_int_equal(w.state.phase, PHASE_VERIFYING);
        run_for(&w, 600);
        w.stable_errors = i ? 3 : 0;
        finish_world(&w);
        assert_int_equal(w.state.outcome, i ? OUTCOME_UNVERIFIED : OUTCOME_SUCCEEDED);
        assert_int_equal(w.weight_actions, 0);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* --- commands --- */

/* Runs good traffic until the state is reached; false when this history does not come to it. */
static bool reach(World *w, RolloutPhase phase)
{
    int64_t until = w->now + w->policy.deadline;
    while (w->state.phase != phase && w->state.phase != PHASE_DONE && w->now < until) {
        if (waits_for_somebody(w) && phase != PHASE_ASKING && (phase != PHASE_HOLDING))
            give(w, COMMAND_RESUME);
        if (phase == PHASE_PAUSED && w->state.phase == PHASE_HOLDING)
            give(w, COMMAND_PAUSE);
        if ((phase == PHASE_RETREATING) && w->state.phase == PHASE_BAKING)
            give(w, COMMAND_ABORT);
        if (phase == PHASE_RETREATING && w->state.phase == PHASE_BAKING)
            w->facts.stable.healthy = 5;
        tick_world(w);
    }
    return w->state.phase == phase;
}

static void check_command(RolloutPhase phase, RolloutCommand command)
{
    Arena arena = {0};
    World w;
    start(&w, &arena, full);
    if (!reach(&w, phase) || phase == PHASE_DONE) {
        if (phase != PHASE_DONE)
            fail_msg("no history comes to %s", rollout_phase_name(phase));
        arena_free(&arena);
        return;
    }
    RolloutState before = w.state;
    give(&w, command);
    Observation seen = look(&w);
    RolloutState after = rollout_tick(&w.policy, &w.state, &seen, w.now, &w.actions);
    bool is_kept_back = phase == PHASE_SHIFTING && command == COMMAND_PAUSE;
    assert_int_equal(after.command, is_kept_back ? before.command : before.command + 1);
    if (!rollout_accepts(phase, command))
        assert_true(after.outcome == before.outcome || after.outcome == OUTCOME_SUCCEEDED);
    else if (command == COMMAND_ABORT)
        assert_true(after.phase == PHASE_RETREATING || after.phase == PHASE_DRAINING || after.phase == PHASE_DONE);
    else if (command == COMMAND_PAUSE && phase != PHASE_SHIFTING)
        assert_int_equal(after.phase, PHASE_PAUSED);
    else if (phase == PHASE_PAUSED)
        assert_int_not_equal(after.phase, PHASE_PAUSED);
    for (int i = 0; i < 3; i++)
        tick_world(&w);
    give(&w, w.state.phase <= PHASE_PAUSED ? COMMAND_ABORT : COMMAND_SKIP);
    finish_world(&w);
    check_end(&w);
    arena_free(&arena);
}

static void test_every_command_in_every_state(void **state)
{
    (void)state;
    for (int phase = PHASE_CHECKING; phase < PHASE_COUNT; phase++)
        for (int command = 0; command < COMMAND_COUNT; command++)
            check_command((RolloutPhase)phase, (RolloutCommand)command);
}

static void test_promote_and_skip(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    run_until(&w, PHASE_HOLDING);
    give(&w, COMMAND_PROMOTE);
    int64_t begun = w.now;
    run_until(&w, PHASE_VERIFYING);
    int64_t took = w.now - begun;
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    assert_int_equal(w.weight_actions, 3); /* 1 %, 100 %, and back to the stable service */
    assert_true(took < 600);

    start(&w, &arena, runbook);
    run_until(&w, PHASE_HOLDING);
    give(&w, COMMAND_SKIP);
    tick_world(&w);
    assert_int_equal(w.state.step, 1);
    finish_world(&w);
    assert_int_equal(w.weight_actions, 6);
    arena_free(&arena);
}

/* A pause is no time that was watched. */
static void test_a_pause_stops_the_clock(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    run_until(&w, PHASE_HOLDING);
    run_for(&w, 100);
    give(&w, COMMAND_PAUSE);
    run_for(&w, 900);
    assert_int_equal(w.state.phase, PHASE_PAUSED);
    give(&w, COMMAND_RESUME);
    int64_t resumed = w.now;
    while (w.state.step == 0)
        tick_world(&w);
    assert_in_range(w.now - resumed, 180, 220);
    arena_free(&arena);
}

/* --- several rules, and limits --- */

static void test_rules_move_one_by_one(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    Policy policy = read_policy(&arena, read_text(&arena, runbook));
    policy.rule_count = 3;
    begin_world(&w, &arena, policy, TASKS);
    while (w.facts.rules[0].canary != 51)
        tick_world(&w);
    assert_int_equal(w.facts.rules[1].canary, 26);
    w.facts.canary.healthy = 3; /* it needs 6: the others wait */
    w.canary_ready = w.now + 100;
    run_for(&w, 60);
    assert_int_equal(w.facts.rules[0].canary, 51);
    assert_int_equal(w.facts.rules[1].canary, 26);
    assert_int_equal(w.state.phase, PHASE_SHIFTING);
    run_for(&w, 120);
    assert_int_equal(w.facts.rules[2].canary, 51);
    finish_world(&w);
    check_end(&w);
    assert_int_equal(w.state.outcome, OUTCOME_SUCCEEDED);
    arena_free(&arena);
}

/* Each window counts once: a condition with `limit 1` acts a minute after it first holds. */
static void test_limits_count_windows(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, full);
    run_until(&w, PHASE_HOLDING);
    break_queue(&w);
    while (w.state.conditions[3].breaches < 1)
        tick_world(&w);
    int64_t first = w.now;
    assert_true(w.state.phase < PHASE_RETREATING);
    while (w.state.phase < PHASE_RETREATING)
        tick_world(&w);
    assert_in_range(w.now - first, 50, 70);
    arena_free(&arena);
}

/* --- drivers that die --- */

static RolloutOutcome kill_at(OnInterrupt way, int tick, bool drops_actions, int64_t gap, bool *was_promoting)
{
    Arena arena = {0};
    World w;
    start(&w, &arena, runbook);
    w.policy.on_interrupt = way;
    w.policy.condition_count = 4; /* without what is watched afterwards */
    for (int i = 0; i < tick && w.state.phase != PHASE_DONE; i++)
        tick_world(&w);
    if (w.state.phase != PHASE_DONE)
        kill_driver(&w, drops_actions, gap);
    *was_promoting = w.state.phase >= PHASE_PROMOTING;
    int64_t until = w.now + 3 * 3600;
    while (w.state.phase != PHASE_DONE && w.now < until) {
        if (w.state.phase == PHASE_PAUSED)
            give(&w, COMMAND_RESUME);
        tick_world(&w);
    }
    assert_int_equal(w.state.phase, PHASE_DONE);
    assert_int_equal(w.promotions, w.state.outcome == OUTCOME_SUCCEEDED);
    check_end(&w);
    RolloutOutcome outcome = w.state.outcome;
    arena_free(&arena);
    return outcome;
}

static void test_killed_at_every_tick(void **state)
{
    (void)state;
    for (int tick = 0; tick < 345; tick++) {
        bool was_promoting;
        RolloutOutcome goes_on = kill_at(INTERRUPT_CONTINUE, tick, tick % 2, 130 + tick, &was_promoting);
        assert_int_equal(goes_on, OUTCOME_SUCCEEDED);
        if (tick % 2 == 0) {
            RolloutOutcome holds = kill_at(INTERRUPT_HOLD, tick, tick % 4 == 0, 20, &was_promoting);
            assert_int_equal(holds, OUTCOME_SUCCEEDED);
            continue;
        }
        RolloutOutcome back = kill_at(INTERRUPT_ROLLBACK, tick, tick % 4 == 1, 130, &was_promoting);
        bool had_begun = back == OUTCOME_ROLLED_BACK || was_promoting || tick == 0;
        assert_true(had_begun);
    }
}

/* --- the record --- */

static void test_the_record_has_a_limit(void **state)
{
    (void)state;
    Arena arena = {0};
    World w;
    start(&w, &arena, full);
    memset(w.state.reason, '"', sizeof w.state.reason - 1);
    memset(w.state.old_revision, 'a', sizeof w.state.old_revision - 1);
    memset(w.state.new_revision, 'b', sizeof w.state.new_revision - 1);
    memset(w.state.plan, 'c', sizeof w.state.plan - 1);
    for (int i = 0; i < POLICY_CONDITIONS_MAX; i++)
        w.state.conditions[i] = (ConditionState){JUDGED_BREACH, w.now, 1440, true};
    w.state.paused_at = w.state.gate_since = w.state.gate_asked = w.state.traffic_since = w.state.dead_since = w.state.held_since = w.now;
    w.state.canary_asked = w.state.stable_asked = w.state.shares_asked = w.state.scaling_asked = w.state.promotion_asked = w.now;
    w.state.is_alone = w.state.is_hurried = w.state.is_skipping = w.state.is_kept = w.state.has_seen_new = w.state.has_frozen = true;
    Buffer out = {0};
    record_write(&out, &w.state);
    assert_true(out.length <= RECORD_MAX);
    buffer_free(&out);
    arena_free(&arena);
}

static void test_broken_records_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "{}", "[]", "{\"version\":2}", "{\"version\":1}", "{\"version\":1,\"conditions\":[],\"shares\":[0,0,0,0,0],\"shares_before\":[0,0,0,0,2000]}"};
    Arena arena = {0};
    World w;
    RolloutState read;
    Text error;
    start(&w, &arena, runbook);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_false(record_read(&arena, text_from_c(broken[i]), &w.policy, &read, &error));
        assert_true(error.len > 0);
    }
    w.state.phase = PHASE_HOLDING;
    w.state.step = 17;
    Buffer out = {0};
    record_write(&out, &w.state);
    assert_false(record_read(&arena, buffer_text(&out), &w.policy, &read, &error));
    buffer_free(&out);
    arena_free(&arena);
}

/* Another argument is the name of one test. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_traffic_promotes),
        cmocka_unit_test(test_each_trigger_rolls_back),
        cmocka_unit_test(test_refuses_what_fires_already),
        cmocka_unit_test(test_refuses_split_weights_and_deployments),
        cmocka_unit_test(test_tasks_that_never_become_healthy),
        cmocka_unit_test(test_a_crash_loop),
        cmocka_unit_test(test_no_task_is_left),
        cmocka_unit_test(test_goes_back_as_there_is_capacity),
        cmocka_unit_test(test_promotion_that_fails),
        cmocka_unit_test(test_surprises_stop_it),
        cmocka_unit_test(test_promotion_waits_for_the_weights),
        cmocka_unit_test(test_blind),
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_workers_are_weighted_by_tasks),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_the_first_revision),
        cmocka_unit_test(test_verification),
        cmocka_unit_test(test_violated_verification),
        cmocka_unit_test(test_verification_has_its_time),
        cmocka_unit_test(test_verification_has_a_limit),
        cmocka_unit_test(test_verification_of_another_engine),
        cmocka_unit_test(test_every_command_in_every_state),
        cmocka_unit_test(test_promote_and_skip),
        cmocka_unit_test(test_a_pause_stops_the_clock),
        cmocka_unit_test(test_rules_move_one_by_one),
        cmocka_unit_test(test_limits_count_windows),
        cmocka_unit_test(test_killed_at_every_tick),
        cmocka_unit_test(test_the_record_has_a_limit),
        cmocka_unit_test(test_broken_records_are_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
