/* The rollout controller in random worlds. Each heads for one row of the table: when its state is reached, what leads to its event is done to the
   world. How often each row, outcome and fault occurred is counted.
     unit-rollout_random_test               a number of seeds
     unit-rollout_random_test COUNT         the seeds 1 to COUNT
     unit-rollout_random_test seed NUMBER   one of them, which replays it */
#include "rollout_world.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#endif

/* Sanitizers are slow and look for something else. */
#ifdef IS_SANITIZED
enum { SEEDS = 2000, LEAST = 1 };
#else
enum { SEEDS = 22000, LEAST = 100 };
#endif

typedef enum Fault {
    FAULT_ERRORS, FAULT_LATENCY, FAULT_QUEUE, FAULT_NO_METRICS, FAULT_NO_DATA, FAULT_LATE_POINTS, FAULT_CORRECTED_POINTS, FAULT_NO_READS, FAULT_STALE_READ, FAULT_LOST_TASK,
    FAULT_NEVER_HEALTHY, FAULT_CRASH_LOOP, FAULT_LOST_STABLE_TASK, FAULT_GATE, FAULT_PROMOTION, FAULT_MOVED_WEIGHTS, FAULT_OTHER_DEPLOYMENT, FAULT_KILL, FAULT_LOST_ACTIONS, FAULT_FAILED_ACTION,
    FAULT_INTERRUPT, FAULT_COMMAND, FAULT_COUNT,
} Fault;

static const char *const fault_names[FAULT_COUNT] = {
    "errors", "latency", "queue", "no metrics", "no data", "late points", "corrected points", "failed reads", "stale reads", "lost tasks",
    "never healthy", "crash loops", "lost stable tasks", "failed gates", "failed promotions", "moved weights", "other deployments", "kills", "lost actions", "failed actions",
    "interruptions", "commands",
};

typedef struct Counts {
    uint64_t first, last;
    uint64_t seed; /* that runs; 0: none */
    int taken[TRANSITIONS_MAX];
    int outcomes[OUTCOME_COUNT];
    int faults[FAULT_COUNT];
} Counts;

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static bool chance(uint64_t *seed, unsigned one_in)
{
    return draw(seed) % one_in == 0;
}

/* --- a world on its way --- */

typedef struct Way {
    World *w;
    Counts *counts;
    uint64_t *seed;
    const RolloutTransition *goal;
    size_t index; /* of the goal */
} Way;

static void note(Way *way, Fault fault)
{
    way->counts->faults[fault]++;
}

static void break_metrics(Way *way)
{
    World *w = way->w;
    w->error_percent = 26;
    w->latency = 2600;
    w->queue_growth = 500;
    w->cpu = 99;
    w->delay = 0;
    w->has_no_data = false;
    correct_metrics(w, 30);
    note(way, FAULT_ERRORS);
    note(way, FAULT_LATENCY);
    note(way, FAULT_QUEUE);
    note(way, FAULT_CORRECTED_POINTS);
}

static void break_reads(Way *way)
{
    way->w->fails_reads = way->w->has_no_metrics = true;
    note(way, FAULT_NO_READS);
    note(way, FAULT_NO_METRICS);
}

static void surprise(Way *way)
{
    World *w = way->w;
    if (w->policy.rule_count && w->state.phase > PHASE_CHECKING && chance(way->seed, 2)) {
        w->facts.rules[draw(way->seed) % (unsigned)w->policy.rule_count] = (RuleView){63, 37};
        note(way, FAULT_MOVED_WEIGHTS);
    } else {
        w->facts.stable.revision = text_from_c(other_revision);
        note(way, FAULT_OTHER_DEPLOYMENT);
    }
}

static void raise_doubt(Way *way)
{
    World *w = way->w;
    w->client_errors = 60;
    w->has_no_data = w->state.phase == PHASE_BAKING && chance(way->seed, 2);
    w->delay = 0;
    correct_metrics(w, 30);
    note(way, w->has_no_data ? FAULT_NO_DATA : FAULT_CORRECTED_POINTS);
}

static void refuse(Way *way)
{
    World *w = way->w;
    switch (draw(way->seed) % 4) {
    case 0: break_metrics(way); break;
    case 1: w->facts.rules[0] = (RuleView){90, 10}; note(way, FAULT_MOVED_WEIGHTS); break;
    case 2: w->facts.stable.is_settled = false; note(way, FAULT_OTHER_DEPLOYMENT); break;
    default: w->facts.stable.healthy = 0; w->stable_ready = w->now + 1000000; note(way, FAULT_LOST_STABLE_TASK); break;
    }
}

static void interrupt(Way *way, OnInterrupt policy)
{
    way->w->policy.on_interrupt = policy;
    way->w->is_interrupted = true;
    note(way, FAULT_INTERRUPT);
}

static void be_late(Way *way)
{
    World *w = way->w;
    int64_t gone = w->now - w->state.started;
    w->policy.deadline = gone > 30 ? gone : 30;
    w->fails_reads = w->state.phase == PHASE_CHECKING;
}

static void crash(Way *way)
{
    World *w = way->w;
    w->is_never_healthy = w->is_crashing = true;
    w->facts.canary.failed += 1000;
    note(way, FAULT_CRASH_LOOP);
    note(way, FAULT_NEVER_HEALTHY);
}

static void command(Way *way, RolloutCommand kind)
{
    give(way->w, kind);
    note(way, FAULT_COMMAND);
}

/* Does to the world what leads to the event. */
static void provoke(Way *way)
{
    World *w = way->w;
    switch (way->goal->event) {
    case EVENT_REFUSED: refuse(way); break;
    case EVENT_BREACH: break_metrics(way); break;
    case EVENT_VIOLATED: w->stable_errors = 60; break;
    case EVENT_CRASHING: crash(way); break;
    case EVENT_BLIND: break_reads(way); break;
    case EVENT_LATE: be_late(way); break;
    case EVENT_INTERRUPTED: interrupt(way, INTERRUPT_ROLLBACK); break;
    case EVENT_KEPT: interrupt(way, INTERRUPT_HOLD); break;
    case EVENT_SURPRISE: surprise(way); break;
    case EVENT_DOUBT: raise_doubt(way); break;
    case EVENT_FAILED: w->fails_gates = true; note(way, FAULT_GATE); break;
    case EVENT_UNPROMOTED: w->fails_promotion = true; note(way, FAULT_PROMOTION); break;
    case EVENT_PAUSE: command(way, COMMAND_PAUSE); break;
    case EVENT_RESUME: command(way, COMMAND_RESUME); break;
    case EVENT_SKIP: command(way, COMMAND_SKIP); break;
    case EVENT_PROMOTE: command(way, COMMAND_PROMOTE); break;
    case EVENT_ABORT: command(way, COMMAND_ABORT); break;
    case EVENT_QUIET:
    case EVENT_PASSED:
    case EVENT_ALONE:
    case EVENT_GROWN:
    case EVENT_SHIFTED:
    case EVENT_NEXT:
    case EVENT_LAST:
    case EVENT_BAKED:
    case EVENT_PROMOTED:
    case EVENT_RETURNED:
    case EVENT_DRAINED:
    case EVENT_FREED:
    case EVENT_WATCH:
    case EVENT_VERIFIED:
    case EVENT_COUNT: break;
    }
}

/* What keeps a rollout from ending has an end. */
static void calm(World *w)
{
    w->fails_reads = w->has_no_metrics = w->is_interrupted = false;
}

/* Small things that no rollout may mind. */
static void jostle(Way *way)
{
    World *w = way->w;
    if (chance(way->seed, 10)) {
        w->stale = 1 + (int)(draw(way->seed) % 4);
        note(way, FAULT_STALE_READ);
    }
    if (chance(way->seed, 20)) {
        w->delay = (int)(60 + draw(way->seed) % 121);
        note(way, FAULT_LATE_POINTS);
    }
    if (chance(way->seed, 30)) {
        w->failing = 1 + (int)(draw(way->seed) % 2);
        w->losses++;
        note(way, FAULT_FAILED_ACTION);
    }
    if (chance(way->seed, 200) && w->facts.canary.healthy > 1) {
        w->facts.canary.healthy--;
        note(way, FAULT_LOST_TASK);
    }
    if (chance(way->seed, 200) && w->state.phase != PHASE_CHECKING && w->facts.stable.healthy > 1 && w->facts.stable.healthy <= w->facts.stable.desired) {
        w->facts.stable.healthy--;
        note(way, FAULT_LOST_STABLE_TASK);
    }
    if (waits_for_somebody(w) && chance(way->seed, 10))
        command(way, COMMAND_RESUME);
    else if (w->state.phase == PHASE_PAUSED && (way->goal->from != PHASE_PAUSED || way->goal->event == EVENT_RESUME) && chance(way->seed, 10))
        command(way, chance(way->seed, 2) ? COMMAND_RESUME : COMMAND_SKIP);
}

static bool is_late_goal(const RolloutTransition *goal)
{
    return goal->from == PHASE_BAKING || goal->from == PHASE_PROMOTING || goal->from == PHASE_VERIFYING;
}

/* A pause is nothing that comes by itself, and there is no need to wait for a late state. */
static void steer(Way *way)
{
    World *w = way->w;
    bool wants_pause = way->goal->from == PHASE_PAUSED && w->state.phase < PHASE_PAUSED && w->state.phase >= PHASE_GROWING;
    if (wants_pause && chance(way->seed, 20))
        command(way, COMMAND_PAUSE);
    if (is_late_goal(way->goal) && w->state.phase == PHASE_HOLDING && chance(way->seed, 8))
        command(way, COMMAND_SKIP);
    if (w->state.phase == way->goal->from && chance(way->seed, 2) && !w->taken[way->index])
        provoke(way);
    else if (w->taken[way->index] || w->state.phase > PHASE_PROMOTING)
        calm(w);
    /* What is left has been seen often. */
    if (w->taken[way->index] && w->state.phase < PHASE_PROMOTING && w->state.phase > PHASE_ASKING && chance(way->seed, 60))
        command(way, COMMAND_ABORT);
}

static void trouble(Way *way)
{
    World *w = way->w;
    uint64_t *seed = way->seed;
    static const Fault faults[] = {FAULT_ERRORS, FAULT_LATENCY, FAULT_NO_METRICS, FAULT_NO_DATA, FAULT_NEVER_HEALTHY, FAULT_CRASH_LOOP, FAULT_COMMAND};
    if (!chance(seed, 60))
        return;
    Fault fault = faults[draw(seed) % (sizeof faults / sizeof *faults)];
    note(way, fault);
    if (fault == FAULT_ERRORS)
        w->error_percent = w->error_percent ? 0 : 26;
    else if (fault == FAULT_LATENCY)
        w->latency = w->latency > 300 ? 300 : 2600;
    else if (fault == FAULT_NO_METRICS)
        w->has_no_metrics = !w->has_no_metrics;
    else if (fault == FAULT_NO_DATA)
        w->has_no_data = !w->has_no_data;
    else if (fault == FAULT_NEVER_HEALTHY)
        w->is_never_healthy = !w->is_never_healthy;
    else if (fault == FAULT_CRASH_LOOP)
        w->is_crashing = true;
    else
        give(w, (RolloutCommand)(draw(seed) % COMMAND_COUNT));
}

/* --- one of them --- */

static const char *choose_policy(Way *way)
{
    static const char *const all[] = {runbook, gated, full, workers};
    RolloutPhase from = way->goal->from;
    RolloutEvent event = way->goal->event;
    bool needs_gates = from == PHASE_ASKING || (from == PHASE_HOLDING && (event == EVENT_DOUBT || event == EVENT_FAILED || event == EVENT_RESUME));
    bool needs_verify = from == PHASE_VERIFYING || event == EVENT_WATCH;
    if (from == PHASE_BAKING && event == EVENT_DOUBT)
        return chance(way->seed, 2) ? workers : full;
    if (needs_gates && event != EVENT_ALONE)
        return full;
    return all[needs_verify ? draw(way->seed) % 2 * 2 : draw(way->seed) % 4];
}

/* Shorter holds and more rules than people would say. */
static void vary(Way *way)
{
    World *w = way->w;
    Policy *policy = &w->policy;
    if (policy->rule_count && chance(way->seed, 3))
        policy->rule_count = 1 + (int)(draw(way->seed) % 3);
    for (int i = 0; i < policy->step_count; i++)
        policy->steps[i].hold = policy->steps[i].hold > 300 || !chance(way->seed, 4) ? 200 : policy->steps[i].hold;
    policy->bake = policy->bake > 300 ? 300 : policy->bake;
    for (int i = 0; i < policy->condition_count; i++)
        policy->conditions[i].watch = policy->conditions[i].watch ? 300 : 0;
    bool is_any = chance(way->seed, 3);
    policy->on_interrupt = is_any ? (OnInterrupt)(draw(way->seed) % 3) : INTERRUPT_CONTINUE;
}

static void begin(Way *way, Arena *arena)
{
    World *w = way->w;
    Policy policy = read_policy(arena, read_text(arena, choose_policy(way)));
    w->policy = policy;
    vary(way);
    begin_world(w, arena, w->policy, 1 + (int)(draw(way->seed) % 12));
    w->gate_seconds = chance(way->seed, 2) ? 25 : 150;
    w->fails_promotion = chance(way->seed, 20);
    w->fails_gates = chance(way->seed, 30);
    way->counts->faults[FAULT_PROMOTION] += w->fails_promotion;
    way->counts->faults[FAULT_GATE] += w->fails_gates;
    if (way->goal->event == EVENT_ALONE)
        w->facts.stable = chance(way->seed, 2) ? (ServiceView){0} : (ServiceView){.exists = true, .desired = 2, .healthy = 2, .revision = text_from_c(new_revision), .is_settled = true};
    w->revision_before = w->facts.stable.revision;
    if (way->goal->from == PHASE_ASKING || way->goal->event == EVENT_FAILED)
        w->fails_gates = false;
}

static void tick_or_die(Way *way)
{
    World *w = way->w;
    if (!chance(way->seed, 150)) {
        tick_world(w);
        return;
    }
    bool drops = chance(way->seed, 2);
    note(way, FAULT_KILL);
    way->counts->faults[FAULT_LOST_ACTIONS] += drops;
    kill_driver(w, drops, (int64_t)(draw(way->seed) % 900));
}

/* What comes by itself is no goal, and what is reached seldom is one more often. */
static bool is_common(const RolloutTransition *row, uint64_t number)
{
    static const RolloutEvent comes[] = {EVENT_QUIET, EVENT_PASSED, EVENT_GROWN, EVENT_SHIFTED, EVENT_NEXT, EVENT_LAST, EVENT_BAKED, EVENT_PROMOTED, EVENT_RETURNED,
                                         EVENT_DRAINED, EVENT_FREED, EVENT_WATCH, EVENT_VERIFIED};
    for (size_t i = 0; i < sizeof comes / sizeof *comes; i++)
        if (row->event == comes[i])
            return true;
    if (number % 16 == 1)
        return row->from != PHASE_VERIFYING;
    if (number % 12 == 0)
        return row->event != EVENT_DOUBT && row->from != PHASE_CHECKING && (row->from != PHASE_ASKING || row->event != EVENT_BREACH);
    return number % 3 == 0 && !is_late_goal(row) && row->from != PHASE_SHIFTING && row->from != PHASE_PAUSED;
}

static void run_random(uint64_t number, Counts *counts)
{
    Arena arena = {0};
    World w = {0};
    size_t rows = 0;
    uint64_t seed = number * 0x9E3779B97F4A7C15u + 1;
    while (rollout_transition(rows))
        rows++;
    assert_true(rows <= TRANSITIONS_MAX);
    for (int i = 0; i < 4; i++)
        (void)draw(&seed);
    Way way = {.w = &w, .counts = counts, .seed = &seed, .index = draw(&seed) % rows};
    while (is_common(rollout_transition(way.index), number))
        way.index = draw(&seed) % rows;
    way.goal = rollout_transition(way.index);
    begin(&way, &arena);
    bool is_troubled = chance(&seed, is_late_goal(way.goal) ? 40 : 8);
    int64_t until = w.now + w.policy.deadline + 2 * 3600;
    while (w.state.phase != PHASE_DONE && w.now < until) {
        jostle(&way);
        if (is_troubled)
            trouble(&way);
        steer(&way);
        tick_or_die(&way);
    }
    assert_int_equal(w.state.phase, PHASE_DONE);
    check_end(&w);
    counts->outcomes[w.state.outcome]++;
    for (size_t i = 0; i < rows; i++)
        counts->taken[i] += w.taken[i];
    arena_free(&arena);
}

/* --- all of them --- */

static void test_random_worlds(void **state)
{
    Counts *counts = *state;
    for (uint64_t seed = counts->first; seed <= counts->last; seed++) {
        counts->seed = seed;
        run_random(seed, counts);
    }
    counts->seed = 0;
}

static int tell_seed(void **state)
{
    const Counts *counts = *state;
    if (counts->seed)
        print_message("seed %d failed; this replays it: unit-rollout_random_test seed %d\n", (int)counts->seed, (int)counts->seed);
    return 0;
}

static bool is_enough(const char *what, const char *more, int count)
{
    print_message("%6d %s %s%s\n", count, what, more, count < LEAST ? " (too few)" : "");
    return count >= LEAST;
}

/* A test that met something seldom says little about it. */
static void test_everything_occurred(void **state)
{
    const Counts *counts = *state;
    int missing = 0;
    if (counts->first == counts->last)
        skip();
    for (size_t i = 0; rollout_transition(i); i++)
        missing += !is_enough(rollout_phase_name(rollout_transition(i)->from), rollout_event_name(rollout_transition(i)->event), counts->taken[i]);
    for (int i = OUTCOME_SUCCEEDED; i < OUTCOME_COUNT; i++)
        missing += !is_enough("outcome", rollout_outcome_name((RolloutOutcome)i), counts->outcomes[i]);
    for (int i = 0; i < FAULT_COUNT; i++)
        missing += !is_enough("fault", fault_names[i], counts->faults[i]);
    assert_int_equal(missing, 0);
}

int main(int argc, char **argv)
{
    Counts counts = {.first = 1, .last = SEEDS};
    if (argc == 2)
        counts.last = strtoull(argv[1], NULL, 10);
    if (argc == 3 && strcmp(argv[1], "seed") == 0)
        counts.first = counts.last = strtoull(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(test_random_worlds, NULL, tell_seed, &counts),
        cmocka_unit_test_prestate_setup_teardown(test_everything_occurred, NULL, NULL, &counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
