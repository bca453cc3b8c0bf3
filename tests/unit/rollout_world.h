/* A small account in memory for the tests of the rollout controller: two services, rules, scaling and metrics, with delays and faults. */
#ifndef SVC_TESTS_ROLLOUT_WORLD_H
#define SVC_TESTS_ROLLOUT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "rollout/record.h"

enum { WORLD_START = 1700000000, POINTS_MAX = 3000, SERIES_MAX = 60, PAST_MAX = 6, BOOT = 40, TASKS = 10, TRANSITIONS_MAX = 150 };

static const char runbook[] = "tests/cases/examples/claude-proxy-prod/out/claude-proxy/rollout.json";
static const char gated[] = "tests/cases/watch/rollout-gates/out/steps/rollout.json";
static const char full[] = "tests/cases/watch/rollout-gates/out/api/rollout.json";
static const char workers[] = "tests/cases/watch/rollout-tasks/out/api/rollout.json";

static const char old_revision[] = "arn:aws:ecs:us-east-1:123456789012:task-definition/api:7";
static const char new_revision[] = "arn:aws:ecs:us-east-1:123456789012:task-definition/api:8";
static const char other_revision[] = "arn:aws:ecs:us-east-1:123456789012:task-definition/api:9";

typedef struct Facts {
    ServiceView stable, canary;
    ScalingView scaling;
    RuleView rules[POLICY_RULES_MAX];
} Facts;

typedef struct World {
    Arena *arena;
    Policy policy;
    RolloutState state;
    RolloutActions actions;
    int64_t now;
    Facts facts;
    Facts past[PAST_MAX]; /* the newest first */
    ScalingView scaling_before;
    Text revision_before;
    int64_t stable_ready, canary_ready, promoted_at;
    int base;             /* tasks at the start */
    /* what is wrong */
    int error_percent;    /* of the canary's requests */
    int latency;          /* milliseconds */
    int unhealthy_percent;
    int queue_growth;
    int stable_errors;    /* percent of the stable service's requests */
    int stable_latency;
    int client_errors;    /* percent of all */
    int cpu;
    bool is_never_healthy, is_crashing, has_no_metrics, has_no_data, fails_promotion, fails_reads;
    int delay;            /* seconds until a point shows */
    /* gates */
    GateView gate;
    int64_t gate_done, gate_seconds;
    int gate_runs;
    char gate_tokens[40][64];
    int token_count;
    bool fails_gates;
    /* operators and drivers */
    CommandView command;
    bool has_taken_over, is_interrupted, drops_actions;
    int failing;          /* which of the next actions fails, from 1, on the way forward: there an old read does not show what was asked for */
    int stale;            /* how many ticks old the next read is */
    /* series */
    SeriesPoint (*points)[POINTS_MAX];
    size_t counts[SERIES_MAX];
    Series series[SERIES_MAX];
    /* counted */
    int weight_actions, promotions, news[3], passes;
    int losses;           /* kills and actions that failed */
    int taken[TRANSITIONS_MAX]; /* rows of the table */
    int64_t weights_moved;
    RolloutAction asked[ACTION_KIND_COUNT]; /* the last of each kind, and when */
    int64_t asked_at[ACTION_KIND_COUNT];
} World;

static Text read_text(Arena *arena, const char *path)
{
    Text text;
    Text reason;
    if (!file_read(arena, text_from_c(path), 16 << 20, &text, &reason))
        fail_msg("%s: %.*s", path, TEXT_ARG(reason));
    return text;
}

static Policy read_policy(Arena *arena, Text text)
{
    Policy policy;
    Text error;
    ReadJsonError wrong;
    const ReadJson *json = json_read(arena, text, &wrong);
    assert_non_null(json);
    if (!policy_read(arena, json_from_read(arena, json), &policy, &error))
        fail_msg("%.*s", TEXT_ARG(error));
    return policy;
}

/* --- metrics --- */

static bool label_has(Text label, const char *part)
{
    return text_find(label, text_from_c(part)) < label.len;
}

/* The value of a series in the minute that is over; false when it has none. */
static bool measure(const World *w, Text label, int64_t minute, int64_t *num, int64_t *den)
{
    bool is_canary = text_ends_with(label, TEXT("-c"));
    int share = w->facts.rules[0].canary;
    bool has_traffic = !is_canary || share > 0;
    *den = 1;
    if (w->has_no_data)
        return false;
    if (label_has(label, "target.5xx"))
        *num = is_canary ? 10 * w->error_percent : 1 + 10 * w->stable_errors;
    else if (label_has(label, "http.4xx"))
        *num = 10 * w->client_errors;
    else if (label_has(label, "http.requests"))
        *num = 1000;
    else if (label_has(label, "latency.p95")) {
        *num = is_canary ? w->latency : w->stable_latency;
        *den = 1000;
    } else if (label_has(label, "hosts.unhealthy"))
        *num = w->unhealthy_percent;
    else if (label_has(label, "hosts.healthy"))
        *num = 100 - w->unhealthy_percent;
    else if (label_has(label, "queue.visible"))
        *num = 100 + (w->queue_growth ? (minute - WORLD_START) / 60 * w->queue_growth : minute / 60 % 3);
    else if (label_has(label, "cpu"))
        *num = w->cpu;
    else
        return false;
    return has_traffic;
}

static void record_minute(World *w, int64_t minute)
{
    for (size_t i = 0; i < w->policy.series_count; i++) {
        SeriesPoint *point = &w->points[i][w->counts[i]];
        int64_t num;
        int64_t den;
        if (!measure(w, w->policy.series[i].label, minute, &num, &den) || w->counts[i] >= POINTS_MAX)
            continue;
        point->at = minute;
        assert_true(rational_make(&point->value, num, den));
        w->counts[i]++;
    }
}

static void show_series(World *w)
{
    for (size_t i = 0; i < w->policy.series_count; i++) {
        size_t count = w->counts[i];
        while (count > 0 && w->points[i][count - 1].at + 60 + w->delay > w->now)
            count--;
        w->series[i] = (Series){w->points[i], count};
    }
}

/* What was measured in the last minutes is corrected afterwards, as CloudWatch does. */
static void correct_metrics(World *w, int minutes)
{
    int64_t from = w->now / 60 * 60 - minutes * 60;
    for (size_t i = 0; i < w->policy.series_count; i++)
        while (w->counts[i] > 0 && w->points[i][w->counts[i] - 1].at >= from)
            w->counts[i]--;
    for (int64_t minute = from; minute + 60 <= w->now; minute += 60)
        record_minute(w, minute);
}

/* --- time --- */

static void run_service(ServiceView *service, int64_t *ready, int64_t now, bool is_held)
{
    if (service->healthy > service->desired)
        service->healthy = service->desired;
    if (service->healthy < service->desired && !*ready)
        *ready = now + BOOT;
    if (*ready && now >= *ready && !is_held) {
        service->healthy = service->desired;
        *ready = 0;
    }
}

static void run_world(World *w, int64_t until)
{
    for (; w->now < until; w->now += ROLLOUT_TICK) {
        if (w->now % 60 < ROLLOUT_TICK)
            record_minute(w, w->now / 60 * 60 - 60);
        run_service(&w->facts.stable, &w->stable_ready, w->now, false);
        run_service(&w->facts.canary, &w->canary_ready, w->now, w->is_never_healthy);
        w->facts.canary.failed += w->is_crashing && w->facts.canary.desired > 0;
        if (w->promoted_at && w->now >= w->promoted_at + 120 && !w->facts.stable.is_settled) {
            w->facts.stable.is_settled = true;
            w->facts.stable.has_failed = w->fails_promotion;
            w->facts.stable.revision = text_from_c(w->fails_promotion ? old_revision : new_revision);
        }
        if (w->gate_done && w->now >= w->gate_done) {
            w->gate.status = w->fails_gates ? GATE_FAILED : GATE_PASSED;
            w->gate_done = 0;
        }
        memmove(&w->past[1], &w->past[0], (PAST_MAX - 1) * sizeof w->past[0]);
        w->past[0] = w->facts;
    }
}

/* --- actions --- */

/* What a read may have shown: it may be some ticks old. */
static int most_healthy(const World *w, bool is_canary)
{
    int most = is_canary ? w->facts.canary.healthy : w->facts.stable.healthy;
    for (int i = 0; i < PAST_MAX; i++) {
        int healthy = is_canary ? w->past[i].canary.healthy : w->past[i].stable.healthy;
        most = healthy > most ? healthy : most;
    }
    return most;
}

static void check_capacity(const World *w, const RolloutAction *action)
{
    const RuleView *now = &w->facts.rules[action->rule];
    int canary = action->weight_canary * SHARE_WHOLE / (action->weight_canary + action->weight_stable);
    int before = now->canary * SHARE_WHOLE / (now->canary + now->stable);
    bool is_forced = w->now - w->state.since >= 300;
    int whole = action->weight_canary + action->weight_stable;
    assert_true(whole == 100 || whole == SHARE_WHOLE);
    assert_in_range(action->rule, 0, w->policy.rule_count - 1);
    if (canary > before)
        assert_true(w->now - w->state.started < w->policy.deadline);
    if (canary > before)
        assert_true(most_healthy(w, true) >= rollout_tasks_for(w->base, canary));
    else if (canary < before && !is_forced)
        assert_true(most_healthy(w, false) * SHARE_WHOLE >= (SHARE_WHOLE - canary) * w->base);
}

/* The last share is the policy's, everywhere; nothing goes forward when time is over. */
static void check_promotion(const World *w)
{
    int last = w->policy.steps[w->policy.step_count - 1].share;
    assert_int_equal(w->state.phase, PHASE_PROMOTING);
    assert_true(w->now - w->state.started < w->policy.deadline);
    for (int i = 0; i < w->policy.rule_count; i++)
        assert_true(w->facts.rules[i].canary * SHARE_WHOLE == last * (w->facts.rules[i].canary + w->facts.rules[i].stable));
}

static void check_canary(const World *w, const RolloutAction *action)
{
    const ScalingView *scaling = &w->facts.scaling;
    assert_true(text_equal_c(text_from_c(new_revision), action->revision));
    if (w->state.phase == PHASE_GROWING)
        assert_true(scaling->is_in_suspended && scaling->is_scheduled_suspended && (w->policy.rule_count || scaling->is_out_suspended));
    if (action->count == 0 && w->weights_moved)
        assert_true(w->now - w->weights_moved >= w->policy.drain);
}

/* What was asked for is not asked for again before a read must show it, unless its driver is gone. */
static void check_repeated(World *w, const RolloutAction *action)
{
    assert_true(action->kind < ACTION_KIND_COUNT);
    RolloutAction *last = &w->asked[action->kind];
    bool is_same = memcmp(last, action, sizeof *last) == 0 && action->kind != ACTION_ANNOUNCE;
    if (is_same && !w->has_taken_over)
        assert_true(w->now - w->asked_at[action->kind] >= 60);
    *last = *action;
    w->asked_at[action->kind] = w->now;
}

static void run_gate_action(World *w, const RolloutAction *action)
{
    for (int i = 0; i < w->token_count; i++)
        if (strcmp(w->gate_tokens[i], action->token) == 0)
            return; /* it is not run again */
    assert_true(w->token_count < 40);
    memcpy(w->gate_tokens[w->token_count++], action->token, sizeof action->token);
    w->gate = (GateView){.gate = action->gate, .status = GATE_RUNNING, .reason = TEXT("it said no")};
    w->gate_done = w->now + w->gate_seconds;
    w->gate_runs++;
}

static void carry_out(World *w, const RolloutAction *action)
{
    Facts *f = &w->facts;
    check_repeated(w, action);
    switch (action->kind) {
    case ACTION_FREEZE:
        f->scaling.is_in_suspended = action->suspended_in;
        f->scaling.is_out_suspended = action->suspended_out;
        f->scaling.is_scheduled_suspended = action->suspended_scheduled;
        break;
    case ACTION_CANARY:
        check_canary(w, action);
        if (action->count && !text_equal_c(f->canary.revision, action->revision))
            f->canary = (ServiceView){.exists = true, .is_settled = true, .revision = text_from_c(new_revision)};
        f->canary.desired = action->count;
        if (!action->count)
            f->canary.healthy = 0;
        w->canary_ready = 0;
        break;
    case ACTION_STABLE: f->stable.desired = action->count; w->stable_ready = 0; break;
    case ACTION_WEIGHTS:
        check_capacity(w, action);
        if (f->rules[action->rule].canary != action->weight_canary || f->rules[action->rule].stable != action->weight_stable)
            w->weights_moved = w->now;
        f->rules[action->rule] = (RuleView){action->weight_stable, action->weight_canary};
        w->weight_actions++;
        break;
    case ACTION_GATE: run_gate_action(w, action); break;
    case ACTION_PROMOTE:
        check_promotion(w);
        if (text_equal_c(f->stable.revision, action->revision))
            break;
        f->stable.revision = text_from_c(new_revision);
        f->stable.is_settled = false;
        f->stable.desired = f->stable.desired < action->count ? action->count : f->stable.desired;
        w->promoted_at = w->now;
        w->promotions++;
        break;
    case ACTION_ANNOUNCE: w->news[action->news]++; break;
    case ACTION_PASS: w->passes++; break;
    case ACTION_KIND_COUNT: fail();
    }
}

/* --- a driver's tick --- */

static Observation look(World *w)
{
    const Facts *f = w->stale ? &w->past[w->stale < PAST_MAX ? w->stale : PAST_MAX - 1] : &w->facts;
    show_series(w);
    Observation o = {.is_complete = !w->fails_reads, .has_metrics = !w->has_no_metrics, .has_taken_over = w->has_taken_over, .is_interrupted = w->is_interrupted,
                     .stable = f->stable, .canary = f->canary, .scaling = f->scaling, .series = w->series, .gate = w->gate, .command = w->command};
    memcpy(o.rules, f->rules, sizeof o.rules);
    return o;
}

/* What is kept is enough: the state goes through the record on every tick. */
static RolloutState reread(const World *w, const RolloutState *state)
{
    Buffer text = {0};
    Buffer again = {0};
    Arena arena = {0};
    RolloutState read;
    Text error;
    record_write(&text, state);
    assert_true(text.length <= RECORD_MAX);
    if (!record_read(&arena, buffer_text(&text), &w->policy, &read, &error))
        fail_msg("%.*s: %.*s", TEXT_ARG(error), (int)text.length, text.bytes);
    record_write(&again, &read);
    assert_true(text_equal(buffer_text(&text), buffer_text(&again)));
    buffer_free(&text);
    buffer_free(&again);
    arena_free(&arena);
    return read;
}

/* Whoever aborts is heard in every state that the table has a row for. */
static void check_abort(const World *w, const RolloutState *before)
{
    bool is_asked = w->command.kind == COMMAND_ABORT && w->command.number > before->command;
    if (is_asked && rollout_accepts(before->phase, COMMAND_ABORT))
        assert_true(w->state.phase >= PHASE_RETREATING);
}

static void tick_world(World *w)
{
    if (w->now > WORLD_START + 48 * 3600)
        fail_msg("it never comes to what is waited for: %s, %s", rollout_phase_name(w->state.phase), w->state.reason);
    Observation seen = look(w);
    RolloutState next = rollout_tick(&w->policy, &w->state, &seen, w->now, &w->actions);
    if (w->state.outcome != OUTCOME_NONE && next.outcome != w->state.outcome)
        assert_true(w->state.outcome == OUTCOME_SUCCEEDED && next.outcome == OUTCOME_UNVERIFIED);
    RolloutState before = w->state;
    for (size_t i = 0; i < w->actions.taken_count; i++)
        w->taken[w->actions.taken[i] - rollout_transition(0)]++;
    /* It would cost most of the time on every tick. */
    bool is_read = next.phase != before.phase || w->drops_actions || w->now / ROLLOUT_TICK % 5 == 0;
    w->state = is_read ? reread(w, &next) : next;
    check_abort(w, &before);
    for (size_t i = 0; i < w->actions.count && !w->drops_actions; i++)
        if ((int)i + 1 != w->failing || next.phase >= PHASE_PROMOTING)
            carry_out(w, &w->actions.items[i]);
    w->has_taken_over = w->drops_actions = false;
    w->failing = 0;
    w->stale = 0;
    run_world(w, w->now + ROLLOUT_TICK);
}

/* The driver dies: what it was about to do is lost, and another one comes later. */
static void kill_driver(World *w, bool drops_actions, int64_t gap)
{
    w->drops_actions = drops_actions;
    w->losses++;
    tick_world(w);
    run_world(w, w->now + gap);
    w->has_taken_over = w->state.phase != PHASE_DONE;
}

static void begin_world(World *w, Arena *arena, Policy policy, int tasks)
{
    *w = (World){.arena = arena, .policy = policy, .now = WORLD_START, .base = tasks, .delay = 20, .latency = 300, .stable_latency = 300, .cpu = 40, .gate_seconds = 25, .gate = {.gate = -1}};
    assert_true(policy.series_count <= SERIES_MAX);
    w->points = arena_allocate(arena, SERIES_MAX * sizeof *w->points);
    w->facts.stable = (ServiceView){.exists = true, .desired = tasks, .healthy = tasks, .revision = text_from_c(old_revision), .is_settled = true};
    w->facts.scaling = (ScalingView){.exists = true, .is_scheduled_suspended = tasks % 2 == 1};
    w->scaling_before = w->facts.scaling;
    w->revision_before = w->facts.stable.revision;
    for (int i = 0; i < policy.rule_count; i++)
        w->facts.rules[i] = (RuleView){100, 0};
    for (int i = 0; i < PAST_MAX; i++)
        w->past[i] = w->facts;
    run_world(w, WORLD_START + 600);
    w->state = rollout_begin(TEXT("r1"), TEXT("0123456789abcdef"), text_from_c(new_revision), w->now);
}

static void give(World *w, RolloutCommand kind)
{
    w->command = (CommandView){.number = w->state.command + 1, .kind = kind, .by = TEXT("ann")};
}

static bool waits_for_somebody(const World *w)
{
    return w->state.gate_since && w->state.gate < w->policy.gate_count && w->policy.gates[w->state.gate].kind == GATE_APPROVE;
}

static bool is_all_stable(const World *w)
{
    for (int i = 0; i < w->policy.rule_count; i++)
        if (w->facts.rules[i].canary != 0 || w->facts.rules[i].stable <= 0)
            return false;
    return true;
}

/* What holds whatever happened. */
static void check_end(const World *w)
{
    const Facts *f = &w->facts;
    RolloutOutcome outcome = w->state.outcome;
    assert_int_equal(f->scaling.is_in_suspended, w->scaling_before.is_in_suspended);
    assert_int_equal(f->scaling.is_out_suspended, w->scaling_before.is_out_suspended);
    assert_int_equal(f->scaling.is_scheduled_suspended, w->scaling_before.is_scheduled_suspended);
    assert_true(w->promotions <= 1 || w->fails_promotion);
    assert_true(outcome != OUTCOME_NONE);
    assert_true(w->news[NEWS_OUTCOME] == 1 || w->losses || w->state.phase != PHASE_DONE);
    assert_true(w->news[NEWS_OUTCOME] <= 1 && w->news[NEWS_START] <= 1 && w->passes <= (outcome == OUTCOME_SUCCEEDED));
    /* Where nothing was begun the weights are somebody else's. */
    if (outcome == OUTCOME_REFUSED || w->state.step < 0)
        assert_int_equal(w->weight_actions, 0);
    else if (outcome == OUTCOME_ROLLED_BACK)
        assert_true(is_all_stable(w));
    if (outcome == OUTCOME_ROLLED_BACK || outcome == OUTCOME_REFUSED) {
        assert_int_equal(f->canary.desired, 0);
        assert_int_equal(w->promotions, 0);
        assert_true(text_equal(f->stable.revision, w->revision_before) || text_equal_c(f->stable.revision, other_revision));
    }
    if (outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_UNVERIFIED) {
        assert_true(is_all_stable(w));
        assert_int_equal(f->canary.desired, 0);
        assert_true(text_equal_c(f->stable.revision, new_revision));
        assert_true(f->stable.desired >= w->base);
    }
}

#endif
