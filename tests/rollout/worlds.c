/* Rollouts in random worlds: faults, deaths, operators, all from a seed; what must always hold is looked at on the account after everything that changes.
     worlds [--first N] [--count N] [--jobs N] [--tell] FILE.svc…
   Prints how often everything happened, and for each seed that failed why and the command that replays it. --tell prints a seed's events as they happen. */
#include "base/memory.h"
#include "cli/live_plan.h"
#include "cli/others.h"
#include "simulate/rehearsal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILES_MOST = 8,
    JOBS_MOST = 16,
    RUNS_MOST = 12,           /* by how many machines one rollout may be driven */
    CALLS_MOST = 60 * 1000,   /* of one of them */
    STATES_MOST = 24,
    FAILURES_MOST = 20,
    REASON_LENGTH = 240,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    LEASE_MS = 130 * SECOND,
    RECENT_MS = 60 * SECOND,  /* how old what the driver saw may be */
    GIVE_BACK_MS = 5 * MINUTE,
    LATEST_MS = 4 * 60 * MINUTE,
    HEALTH_KEPT = 64,
    PATIENCE_S = 10,          /* one seed takes hundredths of a second */
};

/* --- one of the files --- */

typedef struct World {
    const char *path;
    Session session;
    Pipeline pipeline;
    Rehearsal rehearsal;
} World;

static void prepare(World *world, const char *path)
{
    Session *session = &world->session;
    world->path = path;
    session->sink.arena = &session->arena;
    session->sink.sources = &session->sources;
    session->options = (Options){.command = COMMAND_REHEARSE};
    session->options.values[OPTION_ENV] = TEXT("prod");
    bool is_ready = session_start(session, false) && pipeline_open(&world->pipeline, session, text_from_c(path)) && command_compile(&world->pipeline);
    RehearsalInput input = {.model = world->pipeline.model, .resources = &world->pipeline.resources, .others = NULL};
    input.options = (SimulationOptions){.seed = 1, .account = TEXT("123456789012"), .region = TEXT("us-east-1"), .faults = {.call_ms = 50}};
    is_ready = is_ready && rehearsal_settle(&world->pipeline.arena, &session->sink, &input, &world->rehearsal) && rehearsal_plan(&world->rehearsal);
    session_print_diagnostics(session, REPORT_TEXT);
    if (!is_ready)
        exit(2);
}

/* --- chance --- */

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static int64_t below(uint64_t *state, int64_t limit)
{
    return (int64_t)(next_random(state) % (uint64_t)limit);
}

static bool chance(uint64_t *state, int percent)
{
    return below(state, 100) < percent;
}

/* --- what is found --- */

typedef struct Result {
    bool is_over;
    bool has_failed;
    char reason[REASON_LENGTH];
    int outcome;
    Scenario scenario;
    size_t deaths, moves, commands;
    SimulationCounts counts;
    struct {
        char name[16];
        size_t count;
    } states[STATES_MOST];
} Result;

/* What one seed's run is judged by. */
typedef struct Judge {
    World *world;
    Simulation *simulation;
    Result *result;
    Arena scratch;
    uint64_t random;
    bool tells;
    bool has_moved;          /* an operator, by hand */
    bool has_begun, is_done; /* the rollout, as the driver tells */
    size_t base;             /* tasks of the stable service when it began */
    int64_t weights[2];      /* as they were last seen */
    int64_t back_ms;         /* since when traffic goes back; 0: it does not */
    bool is_promoting;
    int64_t begun_ms;
    struct {
        int64_t at_ms;
        size_t healthy[2];
    } seen[HEALTH_KEPT];
    size_t seen_count;
} Judge;

static void fail(Judge *judge, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(Judge *judge, const char *format, ...)
{
    va_list list;
    if (judge->result->has_failed)
        return;
    judge->result->has_failed = true;
    int64_t seconds = (simulation_now(judge->simulation) - judge->begun_ms) / SECOND;
    int used = snprintf(judge->result->reason, REASON_LENGTH, "after %lld:%02lld: ", (long long)seconds / 60, (long long)seconds % 60);
    va_start(list, format);
    (void)vsnprintf(judge->result->reason + used, REASON_LENGTH - (size_t)used, format, list);
    va_end(list);
    if (judge->tells)
        printf("FAILED %s\n", judge->result->reason);
}

/* --- what must always hold --- */

static bool is_stable(Text name)
{
    return !text_ends_with(name, TEXT("-c"));
}

static size_t recently_healthy(const Judge *judge, size_t side, size_t now)
{
    size_t most = now;
    for (size_t i = 0; i < judge->seen_count && i < HEALTH_KEPT; i++)
        if (simulation_now(judge->simulation) - judge->seen[i].at_ms <= RECENT_MS && judge->seen[i].healthy[side] > most)
            most = judge->seen[i].healthy[side];
    return most;
}

static void check_capacity(Judge *judge, const SimulationRule *rule, size_t side)
{
    int64_t weight = rule->shares.items[side].weight;
    size_t needed = (judge->base * (size_t)weight + 99) / 100;
    size_t healthy = recently_healthy(judge, side, rule->shares.items[side].healthy);
    int64_t now = simulation_now(judge->simulation);
    bool is_given_back = side == 0 && judge->back_ms && now - judge->back_ms >= GIVE_BACK_MS;
    if (weight > judge->weights[side] && healthy < needed && !is_given_back && !judge->has_moved)
        fail(judge, "weight %lld for the %s side, which has %zu healthy tasks and needs %zu", (long long)weight, side ? "new" : "old", healthy, needed);
}

static void check_rule(Judge *judge, const SimulationRule *rule)
{
    if (rule->shares.count != 2)
        return;
    const SimulationShare *shares = rule->shares.items;
    if (shares[0].weight + shares[1].weight != 100)
        fail(judge, "the weights %lld and %lld are not 100 together", (long long)shares[0].weight, (long long)shares[1].weight);
    if (shares[0].weight == judge->weights[0])
        return;
    if (shares[0].weight > judge->weights[0] && !judge->back_ms)
        judge->back_ms = simulation_now(judge->simulation);
    for (size_t side = 0; side < 2; side++)
        check_capacity(judge, rule, side);
    judge->weights[0] = shares[0].weight;
    judge->weights[1] = shares[1].weight;
}

static void check_stable(Judge *judge, const SimulationService *service)
{
    if (service->is_new && !judge->is_promoting) {
        judge->is_promoting = true;
        if (judge->weights[0] != 0)
            fail(judge, "the stable service was updated while it had %lld %% of the traffic", (long long)judge->weights[0]);
    }
    if (service->desired < judge->base && !judge->is_promoting)
        fail(judge, "the stable service was scaled in to %zu tasks", service->desired);
    if (service->deployments > 2)
        fail(judge, "the stable service was deployed %zu times", service->deployments);
}

static void look(void *context)
{
    Judge *judge = context;
    SimulationRule *rules;
    SimulationService *services;
    size_t count;
    arena_reset(&judge->scratch);
    simulation_list_services(judge->simulation, &judge->scratch, &services, &count);
    for (size_t i = 0; i < count; i++)
        if (is_stable(services[i].name))
            check_stable(judge, &services[i]);
    simulation_list_rules(judge->simulation, &judge->scratch, &rules, &count);
    for (size_t i = 0; i < count; i++) {
        check_rule(judge, &rules[i]);
        if (rules[i].shares.count != 2)
            continue;
        size_t place = judge->seen_count++ % HEALTH_KEPT;
        judge->seen[place].at_ms = simulation_now(judge->simulation);
        for (size_t side = 0; side < 2; side++)
            judge->seen[place].healthy[side] = rules[i].shares.items[side].healthy;
    }
}

/* --- what must hold at the end --- */

static void check_frozen(Judge *judge)
{
    SimulationScaling *scaling;
    size_t count;
    simulation_list_scaling(judge->simulation, &judge->scratch, &scaling, &count);
    for (size_t i = 0; i < count; i++) {
        if (scaling[i].in || scaling[i].out || scaling[i].scheduled)
            fail(judge, "the scaling of %.*s was left suspended", TEXT_ARG(scaling[i].resource));
        if (!is_stable(scaling[i].resource) && judge->result->outcome != APPLY_FAILED)
            fail(judge, "the scalable target of %.*s was left", TEXT_ARG(scaling[i].resource));
    }
}

static void check_end(Judge *judge)
{
    SimulationService *services;
    size_t count;
    ApplyOutcome outcome = (ApplyOutcome)judge->result->outcome;
    bool is_back = outcome == APPLY_ROLLED_BACK || outcome == APPLY_ERROR || outcome == APPLY_STALE;
    arena_reset(&judge->scratch);
    if (outcome == APPLY_PAUSED)
        return;
    check_frozen(judge);
    simulation_list_services(judge->simulation, &judge->scratch, &services, &count);
    if (outcome == APPLY_FAILED)
        return;
    if (judge->weights[0] != 100 && !judge->has_moved)
        fail(judge, "it ended with %lld %% of the traffic on the stable service", (long long)judge->weights[0]);
    for (size_t i = 0; i < count; i++) {
        if (is_stable(services[i].name) && services[i].is_new == is_back)
            fail(judge, "it ended with outcome %d, and the stable service has %.*s", (int)outcome, TEXT_ARG(services[i].revision));
        if (!is_stable(services[i].name) && services[i].desired)
            fail(judge, "the canary was left with %zu tasks", services[i].desired);
    }
}

/* --- telling --- */

static void count_state(Result *result, Text name)
{
    for (size_t i = 0; i < STATES_MOST; i++) {
        bool is_free = !result->states[i].name[0];
        if (is_free)
            (void)snprintf(result->states[i].name, sizeof result->states[i].name, "%.*s", TEXT_ARG(name));
        if (is_free || text_equal_c(name, result->states[i].name)) {
            result->states[i].count++;
            return;
        }
    }
}

/* "web-prod: holding, step 1 of 3, …" */
static void hear_apply(void *context, const ApplyEvent *event)
{
    Judge *judge = context;
    size_t colon = text_find_byte(event->text, ':');
    if (judge->tells && event->kind != APPLY_EVENT_SERVICE && !simulation_is_dead(judge->simulation))
        printf("%8.1f  %.*s %.*s\n", (double)(event->at_ms - judge->begun_ms) / SECOND, event->step ? (int)event->step->operation.len : 0,
               event->step ? text_bytes(event->step->operation) : "", TEXT_ARG(event->text));
    if (event->kind != APPLY_EVENT_NOTE || colon == event->text.len || simulation_is_dead(judge->simulation))
        return;
    Text rest = text_trim(text_slice(event->text, colon + 1, event->text.len));
    size_t comma = text_find_byte(rest, ',');
    if (comma < 16 && text_find_byte(text_slice(rest, 0, comma), ' ') == comma)
        judge->has_begun = true;
    else
        return;
    count_state(judge->result, text_slice(rest, 0, comma));
    judge->is_done = judge->is_done || text_equal_c(text_slice(rest, 0, comma), "done");
}

static void hear_account(void *context, const SimulationEvent *event)
{
    Judge *judge = context;
    if (event->kind == SIMULATION_WEIGHTS)
        printf("%8.1f  weights %lld %lld\n", (double)(event->at_ms - judge->begun_ms) / SECOND, (long long)event->weights[0], (long long)event->weights[1]);
    else
        printf("%8.1f  %.*s %.*s\n", (double)(event->at_ms - judge->begun_ms) / SECOND, TEXT_ARG(event->subject), TEXT_ARG(event->text));
}

/* --- a seed --- */

static SimulationFaults choose_faults(uint64_t *random)
{
    SimulationFaults faults = {.call_ms = 20 + below(random, 400), .metric_least_ms = 60 * SECOND, .metric_most_ms = (61 + below(random, 120)) * SECOND};
    if (chance(random, 30))
        return faults;
    faults.missing = chance(random, 50) ? 0 : (unsigned)below(random, 40);
    faults.target_lag_ms = below(random, 40) * SECOND;
    faults.placement = (unsigned)below(random, 300);
    faults.role_ms = below(random, 30) * SECOND;
    faults.stale_ms = below(random, 25) * SECOND;
    faults.stale = (unsigned)below(random, 400);
    faults.throttled = (unsigned)below(random, 250);
    faults.failed = (unsigned)below(random, 180);
    faults.lost = (unsigned)below(random, 60);
    return faults;
}

/* Somebody's hand: seldom. */
static void operate(Judge *judge)
{
    SimulationRule *rules;
    size_t count;
    if (!chance(&judge->random, 5))
        return;
    arena_reset(&judge->scratch);
    simulation_list_rules(judge->simulation, &judge->scratch, &rules, &count);
    int64_t share = below(&judge->random, 101);
    for (size_t i = 0; i < count; i++)
        if (rules[i].shares.count == 2) {
            judge->has_moved = true;
            judge->result->moves += simulation_move_weights(judge->simulation, rules[i].arn, share, 100 - share);
        }
}

/* Whether nobody would apply the plan again: an apply that could not go on is made to by somebody. */
static bool is_final(const Judge *judge)
{
    ApplyOutcome outcome = (ApplyOutcome)judge->result->outcome;
    if (outcome == APPLY_ERROR || outcome == APPLY_STALE)
        return !judge->has_begun || judge->is_done;
    return outcome != APPLY_FAILED || judge->is_done;
}

/* Until somebody has driven it to an end; whether. */
static bool drive(Judge *judge)
{
    World *world = judge->world;
    Simulation *simulation = judge->simulation;
    ApplyOptions options = {.owner = TEXT("worlds")};
    for (int run = 0; run < RUNS_MOST; run++) {
        Diagnostics quiet = {.arena = world->session.sink.arena, .sources = world->session.sink.sources};
        bool may_die = run < RUNS_MOST / 2 && chance(&judge->random, 40);
        size_t calls = may_die ? (size_t)(1 + below(&judge->random, 1500)) : CALLS_MOST;
        world->rehearsal.sink = &quiet;
        simulation_kill_after(simulation, calls);
        judge->result->outcome = (int)rehearsal_apply(&world->rehearsal, &options, (ApplyListener){hear_apply, judge});
        if (judge->tells)
            for (size_t i = 0; i < quiet.items.count; i++)
                printf("          said: %.*s\n", TEXT_ARG(quiet.items.items[i]->message));
        bool was_killed = simulation_is_dead(simulation);
        if (was_killed && !may_die)
            fail(judge, "it comes to no end");
        if (!was_killed && is_final(judge))
            return true;
        judge->result->deaths += was_killed;
        simulation_revive(simulation);
        operate(judge);
        simulation_run_until(simulation, simulation_now(simulation) + LEASE_MS + below(&judge->random, 8 * MINUTE));
        if (run >= RUNS_MOST / 2 - 1)
            simulation_set_faults(simulation, &(SimulationFaults){.call_ms = 50});
    }
    return false;
}

static void try_seed(World *world, uint64_t seed, bool tells, Result *result)
{
    Judge judge = {.world = world, .simulation = world->rehearsal.simulation, .result = result, .random = seed, .tells = tells, .weights = {100, 0}, .base = 2};
    WorldOptions options = {.scenario = (Scenario)below(&judge.random, SCENARIO_COUNT)};
    options.scenario = chance(&judge.random, 30) || options.scenario == SCENARIO_KILLED ? SCENARIO_HEALTHY : options.scenario;
    SimulationFaults faults = choose_faults(&judge.random);
    judge.begun_ms = simulation_now(judge.simulation);
    judge.has_moved = options.scenario == SCENARIO_OPERATOR;
    result->scenario = options.scenario;
    world->rehearsal.input.options.world = options;
    simulation_change_world(judge.simulation, seed, &options);
    simulation_set_faults(judge.simulation, &faults);
    simulation_watch(judge.simulation, look, &judge);
    if (tells)
        simulation_listen(judge.simulation, hear_account, &judge);
    if (!drive(&judge))
        fail(&judge, "nobody could bring it to an end");
    check_end(&judge);
    if (simulation_now(judge.simulation) - judge.begun_ms > LATEST_MS)
        fail(&judge, "it took longer than its deadline allows");
    result->counts = *simulation_counts(judge.simulation);
    result->is_over = true;
}

/* --- all of them --- */

typedef struct Totals {
    size_t seeds, failures, shown;
    size_t outcomes[8];
    size_t scenarios[SCENARIO_COUNT];
    size_t deaths, moves;
    SimulationCounts counts;
    Result states; /* only these */
    struct {
        uint64_t seed;
        char reason[REASON_LENGTH];
    } failed[FAILURES_MOST];
} Totals;

static void note_failure(Totals *totals, uint64_t seed, const char *reason)
{
    totals->failures++;
    if (totals->shown == FAILURES_MOST)
        return;
    totals->failed[totals->shown].seed = seed;
    (void)snprintf(totals->failed[totals->shown++].reason, REASON_LENGTH, "%s", reason);
}

static void add_states(Result *to, const Result *from)
{
    for (size_t i = 0; i < STATES_MOST && from->states[i].name[0]; i++)
        for (size_t j = 0; j < STATES_MOST; j++) {
            bool is_free = !to->states[j].name[0];
            if (!is_free && !text_equal(text_from_c(to->states[j].name), text_from_c(from->states[i].name)))
                continue;
            memcpy(to->states[j].name, from->states[i].name, sizeof to->states[j].name);
            to->states[j].count += from->states[i].count;
            break;
        }
}

static void add_counts(SimulationCounts *to, const SimulationCounts *from)
{
    to->calls += from->calls;
    to->throttled += from->throttled;
    to->failed += from->failed;
    to->lost += from->lost;
    to->stale += from->stale;
    to->missing += from->missing;
    to->unplaced += from->unplaced;
    to->role_refusals += from->role_refusals;
    to->crashed += from->crashed;
    to->unhealthy += from->unhealthy;
    to->unknown += from->unknown;
}

static void add_result(Totals *totals, uint64_t seed, const Result *result)
{
    totals->seeds++;
    totals->outcomes[result->outcome & 7]++;
    totals->scenarios[result->scenario]++;
    totals->deaths += result->deaths;
    totals->moves += result->moves;
    add_counts(&totals->counts, &result->counts);
    add_states(&totals->states, result);
    if (result->has_failed)
        note_failure(totals, seed, result->reason);
}

static bool read_whole(int from, void *to, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(from, (char *)to + have, size - have);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

/* A process of its own: the account is as it was for the next one. */
static void try_apart(World *world, uint64_t seed, Totals *totals)
{
    int ends[2];
    Result result = {0};
    if (pipe(ends) != 0)
        exit(2);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        (void)alarm(PATIENCE_S);
        try_seed(world, seed, false, &result);
        _exit(write(ends[1], &result, sizeof result) == (ssize_t)sizeof result ? 0 : 1);
    }
    (void)close(ends[1]);
    bool is_read = read_whole(ends[0], &result, sizeof result);
    (void)close(ends[0]);
    (void)waitpid(child, NULL, 0);
    if (is_read) {
        add_result(totals, seed, &result);
        return;
    }
    totals->seeds++;
    note_failure(totals, seed, "the process died, or took too long");
}

static void merge(Totals *to, const Totals *from)
{
    to->seeds += from->seeds;
    to->failures += from->failures;
    for (size_t i = 0; i < sizeof to->outcomes / sizeof *to->outcomes; i++)
        to->outcomes[i] += from->outcomes[i];
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        to->scenarios[i] += from->scenarios[i];
    to->deaths += from->deaths;
    to->moves += from->moves;
    add_counts(&to->counts, &from->counts);
    add_states(&to->states, &from->states);
    for (size_t i = 0; i < from->shown && to->shown < FAILURES_MOST; i++)
        to->failed[to->shown++] = from->failed[i];
}

static void print_totals(const Totals *totals, int argc, char **argv)
{
    static const char *const outcomes[] = {"promoted", "refused", "", "rolled back", "failed", "paused", "stale", ""};
    const SimulationCounts *counts = &totals->counts;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (totals->outcomes[i])
            printf("%8zu  outcome: %s\n", totals->outcomes[i], outcomes[i]);
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        if (totals->scenarios[i])
            printf("%8zu  scenario: %s\n", totals->scenarios[i], scenario_name((Scenario)i));
    for (size_t i = 0; i < STATES_MOST && totals->states.states[i].name[0]; i++)
        printf("%8zu  state: %s\n", totals->states.states[i].count, totals->states.states[i].name);
    printf("%8zu  deaths\n%8zu  weights moved by hand\n%8zu  calls\n%8zu  throttled\n%8zu  failed\n%8zu  answers lost\n%8zu  stale answers\n", totals->deaths, totals->moves,
           counts->calls, counts->throttled, counts->failed, counts->lost, counts->stale);
    printf("%8zu  missing points\n%8zu  tasks without room\n%8zu  roles not known yet\n%8zu  tasks that crashed\n%8zu  targets that became unhealthy\n", counts->missing,
           counts->unplaced, counts->role_refusals, counts->crashed, counts->unhealthy);
    for (size_t i = 0; i < totals->shown; i++) {
        printf("seed %llu: %s\n  replay: %s --tell --first %llu --count 1", (unsigned long long)totals->failed[i].seed, totals->failed[i].reason, argv[0],
               (unsigned long long)totals->failed[i].seed);
        for (int j = 1; j < argc; j++)
            if (text_ends_with(text_from_c(argv[j]), TEXT(".svc")))
                printf(" %s", argv[j]);
        printf("\n");
    }
    if (counts->unknown)
        printf("%zu calls of operations that the account does not know\n", counts->unknown);
}

int main(int argc, char **argv)
{
    static World worlds[FILES_MOST];
    Totals all = {0};
    size_t files = 0;
    uint64_t first = 1;
    uint64_t count = 1;
    size_t jobs = 1;
    bool tells = false;
    memory_adopt_jansson();
    for (int i = 1; i < argc; i++) {
        Text word = text_from_c(argv[i]);
        if (text_equal_c(word, "--tell"))
            tells = true;
        else if (text_equal_c(word, "--first") && i + 1 < argc)
            first = strtoull(argv[++i], NULL, 10);
        else if (text_equal_c(word, "--count") && i + 1 < argc)
            count = strtoull(argv[++i], NULL, 10);
        else if (text_equal_c(word, "--jobs") && i + 1 < argc)
            jobs = (size_t)strtoul(argv[++i], NULL, 10) % JOBS_MOST;
        else if (files < FILES_MOST)
            prepare(&worlds[files++], argv[i]);
    }
    if (!files || !jobs)
        return 2;
    if (tells) {
        Result result = {0};
        try_seed(&worlds[first % files], first, true, &result);
        printf("outcome %d, %s\n", result.outcome, result.has_failed ? result.reason : "as it should be");
        return result.has_failed;
    }
    int pipes[JOBS_MOST];
    for (size_t job = 0; job < jobs; job++) {
        int ends[2];
        if (pipe(ends) != 0)
            return 2;
        if (fork() == 0) {
            for (uint64_t seed = first + job; seed < first + count; seed += jobs)
                try_apart(&worlds[seed % files], seed, &all);
            _exit(write(ends[1], &all, sizeof all) == (ssize_t)sizeof all ? 0 : 1);
        }
        (void)close(ends[1]);
        pipes[job] = ends[0];
    }
    for (size_t job = 0; job < jobs; job++) {
        Totals part = {0};
        if (read_whole(pipes[job], &part, sizeof part))
            merge(&all, &part);
    }
    print_totals(&all, argc, argv);
    printf("%zu passed, %zu failed\n", all.seeds - all.failures, all.failures);
    return all.failures || all.seeds != count || all.counts.unknown ? 1 : 0;
}
