/* Reads the policy and chooses its engine: ECS's own strategies where they fit exactly, else svc's ramp. */
#include "emit/rollout_policy.h"

#include "emit/metric_math.h"

enum { NATIVE_MINUTES_MAX = 1440, STEPS_MAX = 1000 };

/* --- the ramp --- */

static Rational share_of(const Node *node, Rational fallback)
{
    const Value *value = node_argument(node, 0);
    return value && value->kind == VALUE_QUANTITY ? value->number : fallback;
}

/* What is not said is as ECS has it: a canary of 5% for 10 minutes, or 10% every 6 minutes. */
static void read_ramp(RolloutPolicy *r)
{
    Rational whole = rational_from_integer(1);
    bool is_linear = r->strategy == STRATEGY_LINEAR;
    r->from = share_of(node_child(r->ramp, W_RAMP_FROM), is_linear ? share_of(node_child(r->ramp, W_RAMP_BY), (Rational){1, 10}) : (Rational){1, 20});
    r->by = share_of(node_child(r->ramp, W_RAMP_BY), is_linear ? r->from : whole);
    r->to = share_of(node_child(r->ramp, W_RAMP_TO), whole);
    r->every = node_seconds(node_child(r->ramp, W_RAMP_EVERY), 0, is_linear ? 360 : 600);
    r->bake = node_seconds(node_child(r->node, W_BAKE), 0, 0);
}

static void add_step(Arena *arena, const RolloutPolicy *r, Rational share, int64_t hold)
{
    Rational points = {0, 1};
    Json *step = json_object(arena);
    if (!rational_multiply(&points, share, rational_from_integer(100)))
        return;
    json_set_c(arena, step, "weight", json_number(arena, points));
    json_set_c(arena, step, "hold_seconds", json_integer(arena, hold));
    json_add(arena, r->steps, step);
}

/* 1, 26, 51, 76, 100: each held but the last, at which the bake begins. */
static void make_ramp(Arena *arena, RolloutPolicy *r)
{
    bool is_stepped = r->strategy == STRATEGY_CANARY || r->strategy == STRATEGY_LINEAR;
    Rational share = r->from;
    while (is_stepped && rational_compare(share, r->to) < 0 && json_length(r->steps) < STEPS_MAX) {
        add_step(arena, r, share, r->every);
        if (!rational_add(&share, share, r->by))
            return;
    }
    if (r->strategy != STRATEGY_ROLLING)
        add_step(arena, r, is_stepped ? r->to : rational_from_integer(1), 0);
}

/* As they are said; what they leave of the traffic follows when the last is over. */
static void make_said_steps(Arena *arena, RolloutPolicy *r)
{
    Rational whole = rational_from_integer(1);
    Rational last = {0, 1};
    bool is_first = true;
    NODE_EACH(step, r->node, W_RAMP_STEP)
    {
        last = share_of(step, whole);
        r->from = is_first ? last : r->from;
        is_first = false;
        add_step(arena, r, last, node_seconds(node_child(step, W_RAMP_STEP_FOR), 0, 0));
    }
    if (rational_compare(last, whole) < 0)
        add_step(arena, r, whole, 0);
    r->to = whole;
}

static void make_steps(Arena *arena, RolloutPolicy *r)
{
    r->steps = json_array(arena);
    if (node_child(r->node, W_RAMP_STEP))
        make_said_steps(arena, r);
    else
        make_ramp(arena, r);
    r->timetable = r->bake;
    r->split = rational_compare(r->to, rational_from_integer(1)) < 0 ? r->bake : 0;
    for (size_t i = 0; i < r->steps->items.count; i++) {
        const Json *hold = json_get_c(r->steps->items.items[i], "hold_seconds");
        bool is_whole = rational_compare(json_get_c(r->steps->items.items[i], "weight")->number, rational_from_integer(100)) == 0;
        r->timetable += hold->number.num;
        r->split += is_whole ? 0 : hold->number.num;
    }
}

int64_t rollout_step_of(const RolloutPolicy *policy, Rational share)
{
    Rational points;
    if (!rational_multiply(&points, share, rational_from_integer(100)))
        return -1;
    for (size_t i = 0; i < policy->steps->items.count; i++)
        if (rational_compare(json_get_c(policy->steps->items.items[i], "weight")->number, points) == 0)
            return (int64_t)i;
    return -1;
}

/* --- gates --- */

const WordId rollout_gate_words[GATE_WORDS] = {W_GATE_REQUIRE, W_BEFORE, W_SMOKE, W_GATE_COMMAND, W_APPROVE};

int64_t rollout_gate_seconds(const Node *gate)
{
    enum { UNLESS_SAID = 600, APART = 10 };
    const Node *timeout = node_child(gate, W_GATE_TIMEOUT);
    if (gate->row->id == W_BEFORE || gate->row->id == W_GATE_COMMAND)
        return node_seconds(timeout, 0, UNLESS_SAID);
    if (gate->row->id == W_APPROVE)
        return node_seconds(timeout, 0, 0);
    if (gate->row->id == W_GATE_REQUIRE)
        return 60;
    int64_t tries = node_integer(node_child(gate, W_SMOKE_TRIES), 0, 3);
    return tries * (node_seconds(node_child(gate, W_SMOKE_WITHIN), 0, 5) + 1 + APART);
}

static void sum_gates(RolloutPolicy *r)
{
    for (size_t i = 0; i < GATE_WORDS; i++) {
        NODE_EACH(gate, r->node, rollout_gate_words[i])
            r->gates += rollout_gate_seconds(gate);
        NODE_EACH(step, r->node, W_RAMP_STEP)
            NODE_EACH(gate, step, rollout_gate_words[i])
                r->gates += rollout_gate_seconds(gate);
    }
}

/* A gate between two steps: those before the first are asked before any engine starts. */
static bool has_gate_between(const RolloutPolicy *r)
{
    for (size_t i = 0; i < GATE_WORDS; i++) {
        NODE_EACH(gate, r->node, rollout_gate_words[i])
            if (node_child(gate, W_GATE_AT))
                return true;
        NODE_EACH(step, r->node, W_RAMP_STEP)
            if (node_child(step, rollout_gate_words[i]))
                return true;
    }
    return false;
}

/* --- which engine --- */

static const char *condition_needs_driver(const Node *condition)
{
    const Value *when = node_argument(node_child(condition, W_CONDITION_WHEN), 0);
    if (node_child(condition, W_AT_LEAST) || node_child(condition, W_CONDITION_LIMIT))
        return "a condition counts requests or breaches, which ECS does not";
    if (!when || when->kind != VALUE_METRIC)
        return NULL;
    if (metric_uses_function(when->metric, FUNCTION_RISING))
        return "a condition asks whether a metric rises, which no alarm can tell";
    if (metric_names_side(when->metric))
        return "a condition compares the two revisions, which no alarm can tell apart";
    return NULL;
}

static bool is_native_time(int64_t seconds)
{
    return seconds % 60 == 0 && seconds / 60 <= NATIVE_MINUTES_MAX;
}

/* ECS takes shares in steps of 0.1%, linear ones of at least 3%. */
static bool is_native_share(Rational share, int64_t least_permille)
{
    Rational permille;
    return rational_multiply(&permille, share, rational_from_integer(1000)) && rational_is_whole(permille) && permille.num >= least_permille;
}

static const char *steps_need_driver(const RolloutPolicy *r)
{
    size_t steps = json_length(r->steps);
    if (!is_native_time(r->bake) || !is_native_time(r->every))
        return "ECS waits whole minutes, at most a day";
    if (rational_compare(r->to, rational_from_integer(1)) != 0)
        return "ECS always goes to 100%";
    if (r->strategy == STRATEGY_CANARY && (steps != 2 || !is_native_share(r->from, 1)))
        return "ECS has one canary step before 100%";
    if (r->strategy == STRATEGY_LINEAR && (rational_compare(r->from, r->by) != 0 || !is_native_share(r->by, 30)))
        return "ECS takes equal steps of at least 3%";
    return NULL;
}

/* The first thing that ECS's own strategies cannot do, or NULL when they fit. */
static const char *needs_driver(const RolloutPolicy *r, const ServiceFacts *facts)
{
    if (!facts->route_count && !node_child(node_child(facts->node, W_DISCOVERY), W_OFFER))
        return "without a load balancer the share is one of tasks";
    if (node_child(r->node, W_HOLD) || node_child(r->node, W_PAUSE))
        return "ECS cannot stay at a share while a condition holds";
    if (node_child(r->node, W_RAMP_STEP))
        return "ECS has no steps of one's own";
    if (has_gate_between(r))
        return "ECS does not ask anybody between two steps";
    const char *found = steps_need_driver(r);
    NODE_EACH(condition, r->node, W_ROLLBACK)
        found = found ? found : condition_needs_driver(condition);
    return found;
}

static void choose_engine(RolloutPolicy *r, const ServiceFacts *facts)
{
    if (r->strategy == STRATEGY_ROLLING) {
        r->reason = "ECS replaces the tasks a few at a time";
        r->engine = ENGINE_ROLLING;
        return;
    }
    const char *driver = needs_driver(r, facts);
    r->reason = driver ? driver : "ECS's own strategy fits exactly";
    r->engine = driver ? ENGINE_RAMP : ENGINE_NATIVE;
}

/* --- the whole --- */

static Strategy strategy_of(const Node *rollout)
{
    static const char *const names[] = {[STRATEGY_ROLLING] = "rolling", [STRATEGY_CANARY] = "canary", [STRATEGY_LINEAR] = "linear", [STRATEGY_BLUE_GREEN] = "blue-green"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_c(node_text(rollout, 0), names[i]))
            return (Strategy)i;
    return STRATEGY_UNKNOWN;
}

const RolloutPolicy *rollout_policy_read(Arena *arena, const ServiceFacts *facts)
{
    const Node *node = node_child(facts->node, W_ROLLOUT);
    Strategy strategy = strategy_of(node);
    if (!node || strategy == STRATEGY_UNKNOWN || facts->is_scheduled)
        return NULL;
    RolloutPolicy *policy = ARENA_NEW(arena, RolloutPolicy);
    *policy = (RolloutPolicy){.node = node, .ramp = node_child(node, W_RAMP), .strategy = strategy};
    read_ramp(policy);
    make_steps(arena, policy);
    sum_gates(policy);
    choose_engine(policy, facts);
    return policy;
}
