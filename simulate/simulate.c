/* The account's clock, the calls under way, and what goes wrong with them. */
#include "simulate/state.h"

enum {
    FIRST_MOMENT = 1767607200, /* 2026-01-05T10:00:00Z, a Monday */
    ID_BITS = 4,
    THOUSAND = 1000,
    DEAD_TICK_MS = 1000,
};

/* --- chance --- */

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t random_next(Simulation *s)
{
    s->random += 0x9e3779b97f4a7c15u;
    return mix(s->random);
}

bool random_chance(Simulation *s, unsigned thousandths)
{
    return thousandths && random_next(s) % THOUSAND < thousandths;
}

int64_t random_below(Simulation *s, int64_t limit)
{
    return limit > 0 ? (int64_t)(random_next(s) % (uint64_t)limit) : 0;
}

uint64_t random_of(const Simulation *s, Text what, int64_t number)
{
    return mix(mix(s->options.seed + 0x9e3779b97f4a7c15u * (uint64_t)number) ^ text_hash(what));
}

double random_swing(const Simulation *s, Text what, int64_t number, unsigned thousandths)
{
    double far = (double)(random_of(s, what, number) % THOUSAND + 1) / THOUSAND * thousandths / THOUSAND;
    return number % 2 ? 1 + far : 1 - far;
}

/* Not by the seed's chance: names do not change what happens. */
Text random_hex(Simulation *s, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_take(s->arena, count);
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        if (i % 16 == 0)
            bits = mix(++s->numbers * 0x9e3779b97f4a7c15u);
        text[i] = digits[bits & 15];
        bits >>= ID_BITS;
    }
    return (Text){text, count};
}

/* --- answers --- */

void request_fail(Request *r, const char *code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    r->answer->message = arena_format_list(r->arena, format, list);
    va_end(list);
    r->answer->code = text_from_c(code);
    r->answer->status = 400;
    r->out = NULL;
}

Text request_text(const Request *r, const char *member)
{
    return text_at(r->in, member);
}

void request_set(Request *r, const char *member, Json *value)
{
    json_set_c(r->arena, r->out, member, value);
}

void request_set_text(Request *r, const char *member, Text value)
{
    request_set(r, member, json_text(r->arena, value));
}

static void fail_with(AwsAnswer *answer, const char *code, const char *message, int status)
{
    *answer = (AwsAnswer){.code = text_from_c(code), .message = text_from_c(message), .status = status};
}

static bool is_reading(Text operation)
{
    static const char *const beginnings[] = {"Describe", "Get", "List", "BatchGet"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (text_starts_with(operation, text_from_c(beginnings[i])))
            return true;
    return false;
}

/* CloudWatch as the scenario has it: after svc's own attempts an answer is still that there are too many questions. */
static bool is_throttled_by_world(Simulation *s, const AwsCall *call)
{
    enum { ALL_FROM_MS = 3 * 60 * 1000, ALL_TO_MS = 10 * 60 * 1000 };
    if (s->options.world.scenario != SCENARIO_THROTTLED || !s->begun_ms || !text_equal_c(call->operation, "GetMetricData"))
        return false;
    int64_t since = s->now_ms - s->begun_ms;
    return (since >= ALL_FROM_MS && since < ALL_TO_MS) || random_chance(s, THOUSAND / 2);
}

static void carry_out(Simulation *s, Arena *arena, AwsCall *call)
{
    AwsAnswer answer = {.status = 200};
    /* References and embedded documents are what they are on the wire. */
    Request r = {.arena = arena, .in = json_share(arena, call->input), .out = json_object(arena), .answer = &answer};
    if (!operation_answer(s, call->service, call->operation, &r)) {
        s->counts.unknown++;
        fail_with(&answer, "InvalidAction", "a rehearsal's account does not know this operation", 400);
        r.out = NULL;
    }
    answer.output = r.out;
    answer.request_id = TEXT("rehearsed");
    call->answer = answer;
}

static void look(const Simulation *s)
{
    if (s->look)
        s->look(s->look_context);
}

static void die(Simulation *s)
{
    SimulationEvent event = {.kind = SIMULATION_DEATH, .at_ms = s->now_ms, .text = TEXT("svc is killed")};
    s->is_dead = true;
    s->dead_ms = s->now_ms;
    if (s->tell)
        s->tell(s->tell_context, &event);
}

/* Nobody dies of the same change twice: who is killed at each step comes to an end. */
static bool is_new_change(Simulation *s, const AwsCall *call)
{
    Buffer text = {0};
    buffer_add(&text, call->operation);
    json_write(&text, call->input, 0);
    uint32_t hash = text_hash(buffer_text(&text));
    buffer_free(&text);
    for (size_t i = 0; i < s->deaths.count; i++)
        if (s->deaths.items[i] == hash)
            return false;
    ARRAY_PUSH(s->arena, &s->deaths, hash);
    return true;
}

/* A call is tried three times before its answer is that it failed. */
static bool fails_for_good(Simulation *s, unsigned thousandths)
{
    enum { ATTEMPTS = 3 };
    for (int i = 0; i < ATTEMPTS; i++)
        if (!random_chance(s, thousandths))
            return false;
    return true;
}

static void answer_call(Simulation *s, Arena *arena, AwsCall *call)
{
    const SimulationFaults *faults = &s->options.faults;
    bool reads = is_reading(call->operation);
    s->counts.calls++;
    if (fails_for_good(s, faults->throttled) || is_throttled_by_world(s, call)) {
        s->counts.throttled++;
        fail_with(&call->answer, "ThrottlingException", "Rate exceeded", 400);
        call->answer.is_throttled = true;
    } else if (fails_for_good(s, faults->failed)) {
        s->counts.failed++;
        fail_with(&call->answer, "InternalFailure", "The request processing has failed because of an unknown error", 500);
        call->answer.may_have_happened = !reads;
    } else {
        carry_out(s, arena, call);
        if (s->dies_at_change && !reads && call->answer.output && !text_equal_c(text_from_c(call->service), "ssm") && is_new_change(s, call))
            die(s);
        if (!reads)
            look(s);
        if (reads || !random_chance(s, faults->lost))
            return;
        s->counts.lost++;
        fail_with(&call->answer, "svc:NoAnswer", "the connection was closed before an answer came", 0);
        call->answer.may_have_happened = true;
    }
}

/* --- time --- */

enum { OPERATOR_MS = 8 * 60 * 1000, OPERATOR_SHARE = 60, ALL_SHARE = 100 };

/* What somebody does by hand, once, where that is what the scenario is about. */
static void operate(Simulation *s)
{
    if (s->options.world.scenario != SCENARIO_OPERATOR || s->has_moved || !s->begun_ms || s->now_ms < s->begun_ms + OPERATOR_MS)
        return;
    for (size_t i = 0; i < s->things[THING_RULE].count && !s->has_moved; i++)
        s->has_moved = simulation_move_weights(s, s->things[THING_RULE].items[i]->arn, ALL_SHARE - OPERATOR_SHARE, OPERATOR_SHARE);
}

void simulation_run_until(Simulation *s, int64_t at_ms)
{
    for (;;) {
        int64_t next = tasks_next(s);
        int64_t minute = (s->now_ms / 60000 + 1) * 60000;
        next = next < minute ? next : minute;
        if (next > at_ms)
            break;
        if (next > s->now_ms) {
            traffic_measure(s, next);
            s->now_ms = next;
        }
        tasks_run(s);
        look(s);
        if (s->now_ms == minute)
            scaling_tick(s);
        operate(s);
    }
    if (at_ms > s->now_ms) {
        traffic_measure(s, at_ms);
        s->now_ms = at_ms;
    }
}

int64_t simulation_now(const Simulation *s)
{
    return s->now_ms;
}

/* --- the caller --- */

static void start(void *self, Arena *arena, AwsCall *call)
{
    Simulation *s = self;
    int64_t takes = s->options.faults.call_ms;
    s->dead_ms += s->is_dead;
    int64_t due = s->is_dead ? s->now_ms : s->now_ms + takes + random_below(s, takes + 1);
    Flight flight = {call, arena, due};
    ARRAY_PUSH(s->arena, &s->flights, flight);
}

static AwsCall *end_flight(Simulation *s, size_t place)
{
    Flight flight = s->flights.items[place];
    s->flights.items[place] = s->flights.items[--s->flights.count];
    if (!s->is_dead && s->kill_after && s->counts.calls >= s->kill_after)
        die(s);
    if (s->is_dead)
        fail_with(&flight.call->answer, "svc:Killed", "whoever called is gone", 0);
    else
        answer_call(s, flight.arena, flight.call);
    return flight.call;
}

static AwsCall *wait_for(void *self, int64_t until_ms)
{
    Simulation *s = self;
    size_t first = 0;
    if (!s->flights.count && s->is_dead)
        s->dead_ms = until_ms > s->dead_ms ? until_ms : s->dead_ms + DEAD_TICK_MS;
    else if (!s->flights.count)
        simulation_run_until(s, until_ms);
    if (!s->flights.count)
        return NULL;
    for (size_t i = 1; i < s->flights.count; i++)
        if (s->flights.items[i].due_ms < s->flights.items[first].due_ms)
            first = i;
    int64_t due = s->flights.items[first].due_ms;
    if (s->is_dead)
        return end_flight(s, first);
    if (until_ms && due > until_ms) {
        simulation_run_until(s, until_ms);
        return NULL;
    }
    simulation_run_until(s, due);
    return end_flight(s, first);
}

static int64_t now_ms(void *self)
{
    const Simulation *s = self;
    return s->is_dead && s->dead_ms > s->now_ms ? s->dead_ms : s->now_ms;
}

static bool is_interrupted(void *self)
{
    const Simulation *s = self;
    return s->is_dead;
}

AwsCaller simulation_caller(Simulation *s)
{
    return (AwsCaller){.self = s, .start = start, .wait = wait_for, .now_ms = now_ms, .is_interrupted = is_interrupted};
}

/* --- the whole --- */

Simulation *simulation_create(Arena *arena, const SimulationOptions *options)
{
    Simulation *s = ARENA_NEW(arena, Simulation);
    *s = (Simulation){.arena = arena, .options = *options, .now_ms = (int64_t)FIRST_MOMENT * THOUSAND};
    s->options.account = arena_copy_text(arena, options->account);
    s->options.region = arena_copy_text(arena, options->region);
    s->random = mix(options->seed + 1);
    s->measured_ms = s->now_ms;
    return s;
}

void simulation_begin(Simulation *s)
{
    s->begun_ms = s->now_ms;
    for (size_t i = 0; i < s->services.count; i++)
        s->services.items[i]->begun = 0;
    s->counts = (SimulationCounts){0};
}

void simulation_set_faults(Simulation *s, const SimulationFaults *faults)
{
    s->options.faults = *faults;
}

void simulation_kill_after(Simulation *s, size_t calls)
{
    s->kill_after = calls ? s->counts.calls + calls : 0;
}

void simulation_kill_at_change(Simulation *s)
{
    s->dies_at_change = true;
}

bool simulation_is_dead(const Simulation *s)
{
    return s->is_dead;
}

void simulation_revive(Simulation *s)
{
    s->is_dead = s->dies_at_change = false;
    s->kill_after = 0;
    s->dead_ms = 0;
    s->flights.count = 0;
}

void simulation_listen(Simulation *s, void (*tell)(void *context, const SimulationEvent *event), void *context)
{
    s->tell = tell;
    s->tell_context = context;
}

const SimulationCounts *simulation_counts(const Simulation *s)
{
    return &s->counts;
}

void simulation_watch(Simulation *s, void (*looks)(void *context), void *context)
{
    s->look = looks;
    s->look_context = context;
}

void simulation_change_world(Simulation *s, uint64_t seed, const WorldOptions *world)
{
    s->options.seed = seed;
    s->options.world = *world;
    s->random = mix(seed + 1);
}
