/* rollout.json: how a new revision takes over (SPEC.md, "Rollouts"), and the alarms behind its triggers. */
#include "emit/alarm.h"

typedef enum Engine { ENGINE_ROLLING, ENGINE_NATIVE, ENGINE_RAMP } Engine;

enum { DAY_SECONDS = 86400, SPARE_SECONDS = 1800, NATIVE_MINUTES_MAX = 1440, STEPS_MAX = 1000, FORMAT_VERSION = 1 };

typedef enum Strategy { STRATEGY_ROLLING, STRATEGY_CANARY, STRATEGY_LINEAR, STRATEGY_BLUE_GREEN, STRATEGY_UNKNOWN } Strategy;

typedef struct Rollout {
    Emission *emission;
    const ServiceFacts *facts;
    const Node *node;
    const Node *ramp;
    Strategy strategy;
    Rational from;   /* shares: 1% is 1/100 */
    Rational by;
    Rational to;
    int64_t every;   /* seconds */
    int64_t bake;
    int64_t deadline;
    int64_t timetable;
    Json *steps;
    const char *reason;
} Rollout;

/* --- the ramp --- */

static Rational share_of(const Node *node, Rational fallback)
{
    const Value *value = node_argument(node, 0);
    return value && value->kind == VALUE_QUANTITY ? value->number : fallback;
}

/* What is not said is as ECS has it: a canary of 5% for 10 minutes, or 10% every 6 minutes. */
static void read_ramp(Rollout *r)
{
    Rational whole = rational_from_integer(1);
    bool is_linear = r->strategy == STRATEGY_LINEAR;
    r->from = share_of(node_child(r->ramp, W_RAMP_FROM), is_linear ? share_of(node_child(r->ramp, W_RAMP_BY), (Rational){1, 10}) : (Rational){1, 20});
    r->by = share_of(node_child(r->ramp, W_RAMP_BY), is_linear ? r->from : whole);
    r->to = share_of(node_child(r->ramp, W_RAMP_TO), whole);
    r->every = node_seconds(node_child(r->ramp, W_RAMP_EVERY), 0, is_linear ? 360 : 600);
    r->bake = node_seconds(node_child(r->node, W_BAKE), 0, 0);
}

static void add_step(const Rollout *r, Rational share, int64_t hold)
{
    Arena *arena = r->emission->arena;
    Rational points = {0, 1};
    Json *step = json_object(arena);
    if (!rational_multiply(&points, share, rational_from_integer(100)))
        return;
    json_set_c(arena, step, "weight", json_number(arena, points));
    json_set_c(arena, step, "hold_seconds", json_integer(arena, hold));
    json_add(arena, r->steps, step);
}

/* 1, 26, 51, 76, 100: each held but the last, at which the bake begins. */
static void make_steps(Rollout *r)
{
    bool is_stepped = r->strategy == STRATEGY_CANARY || r->strategy == STRATEGY_LINEAR;
    Rational share = r->from;
    r->steps = json_array(r->emission->arena);
    r->timetable = r->bake;
    while (is_stepped && rational_compare(share, r->to) < 0 && json_length(r->steps) < STEPS_MAX) {
        add_step(r, share, r->every);
        r->timetable += r->every;
        if (!rational_add(&share, share, r->by))
            return;
    }
    if (r->strategy != STRATEGY_ROLLING)
        add_step(r, is_stepped ? r->to : rational_from_integer(1), 0);
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
    if (metric_uses_function(when->metric, FUNCTION_CANARY) || metric_uses_function(when->metric, FUNCTION_STABLE))
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

static const char *steps_need_driver(const Rollout *r)
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
static const char *needs_driver(const Rollout *r)
{
    if (!r->facts->route_count)
        return "without a load balancer the share is one of tasks";
    if (node_child(r->node, W_HOLD))
        return "ECS cannot stay at a share while a condition holds";
    const char *found = steps_need_driver(r);
    NODE_EACH(condition, r->node, W_ROLLBACK)
        found = found ? found : condition_needs_driver(condition);
    return found;
}

static Engine choose_engine(Rollout *r)
{
    if (r->strategy == STRATEGY_ROLLING) {
        r->reason = "ECS replaces the tasks a few at a time";
        return ENGINE_ROLLING;
    }
    const char *driver = needs_driver(r);
    r->reason = driver ? driver : "ECS's own strategy fits exactly";
    return driver ? ENGINE_RAMP : ENGINE_NATIVE;
}

/* --- checks --- */

static void report_deadline(const Rollout *r, const Node *said)
{
    Emission *emission = r->emission;
    Text takes = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(r->timetable * 1000), TYPE_DURATION});
    Text limit = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(r->deadline * 1000), TYPE_DURATION});
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLLOUT_DEADLINE, said ? node_argument_span(said, 0) : r->ramp ? r->ramp->span : r->node->span,
                                               "the steps and the bake take %.*s, and the deadline is %.*s", TEXT_ARG(takes), TEXT_ARG(limit));
    if (said && r->ramp)
        diagnostic_add_label(emission->sink, diagnostic, r->ramp->span, "the steps");
    diagnostic_set_advice(emission->sink, diagnostic, "take larger or shorter steps%s", said ? ", or a later deadline" : "");
}

static void read_deadline(Rollout *r)
{
    const Node *said = node_child(r->node, W_DEADLINE);
    int64_t derived = 2 * r->timetable + SPARE_SECONDS;
    r->deadline = node_seconds(said, 0, derived < DAY_SECONDS ? derived : DAY_SECONDS);
    if (r->timetable > r->deadline)
        report_deadline(r, said);
}

static void check_sticky(const Rollout *r)
{
    for (size_t i = 0; i < r->facts->route_count; i++) {
        const Node *sticky = node_child(r->facts->routes[i].node, W_STICKY);
        if (!sticky)
            continue;
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_STICKY, sticky->span, "clients that stay on a task do not follow a ramp");
        diagnostic_add_label(r->emission->sink, diagnostic, r->node->span, "the ramp");
        diagnostic_set_advice(r->emission->sink, diagnostic, "leave one of them out, or take a rolling update, which has no weights");
    }
}

static void check_backwards(const Rollout *r)
{
    const Node *to = node_child(r->ramp, W_RAMP_TO);
    if (!to || rational_compare(r->from, r->to) <= 0)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_BACKWARDS, node_argument_span(to, 0), "the ramp ends below where it begins");
    diagnostic_add_label(r->emission->sink, diagnostic, node_child(r->ramp, W_RAMP_FROM) ? node_child(r->ramp, W_RAMP_FROM)->span : r->ramp->span, "it begins here");
    diagnostic_set_advice(r->emission->sink, diagnostic, "give a last share above the first one");
}

static void report_rolling_word(const Rollout *r, const Node *word)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLING_WORDS, word->span, "a rolling update has no `%s`", word->row->word);
    diagnostic_add_label(r->emission->sink, diagnostic, r->node->span, "rolling");
    diagnostic_set_advice(r->emission->sink, diagnostic, "leave it out, or take another strategy, such as: %s", vocabulary_row(W_ROLLOUT)->example);
}

static void check_rolling_words(const Rollout *r)
{
    static const WordId words[] = {W_RAMP, W_BAKE, W_HOLD, W_ON_INTERRUPT};
    static const WordId of_conditions[] = {W_AT_LEAST, W_CONDITION_LIMIT};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const Node *word = node_child(r->node, words[i]);
        if (word)
            report_rolling_word(r, word);
    }
    NODE_EACH(condition, r->node, W_ROLLBACK)
        for (size_t i = 0; i < sizeof of_conditions / sizeof *of_conditions; i++)
            if (node_child(condition, of_conditions[i]))
                report_rolling_word(r, node_child(condition, of_conditions[i]));
}

/* What only a rollout that moves traffic has to fear. */
static void check_moving(const Rollout *r, Engine engine)
{
    const Node *singleton = node_child(r->facts->node, W_SINGLETON);
    check_backwards(r);
    if (engine == ENGINE_RAMP)
        check_sticky(r);
    if (node_flag(singleton, false)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_SINGLETON, node_argument_span(r->node, 0), "a singleton cannot run two revisions side by side");
        diagnostic_add_label(r->emission->sink, diagnostic, singleton->span, "never two at once");
        diagnostic_set_advice(r->emission->sink, diagnostic, "take a rolling update");
    }
    if (!node_child(r->node, W_ROLLBACK)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_BLIND, r->node->span, "nothing looks at the new revision while it takes over");
        diagnostic_set_advice(r->emission->sink, diagnostic, "add a condition, such as: %s", vocabulary_row(W_ROLLBACK)->example);
    }
}

/* --- conditions --- */

/* A trigger is an alarm too, unless it is about one side, which this account's alarms cannot name yet. */
static bool can_be_alarm(const MetricExpression *e)
{
    return !metric_uses_function(e, FUNCTION_CANARY) && !metric_uses_function(e, FUNCTION_STABLE);
}

/* The alarm's name; empty when there is none. */
static Text add_trigger_alarm(const Rollout *r, const Node *condition, const Value *when, const AlarmWindow *window, size_t number, Engine engine)
{
    Emission *emission = r->emission;
    MetricRequest request = {.purpose = engine == ENGINE_ROLLING ? PURPOSE_ALARM : PURPOSE_TRIGGER, .side = SIDE_STABLE, .period = window->period, .bound = TYPE_ANY};
    LoweredCondition lowered;
    bool is_wanted = engine == ENGINE_ROLLING || can_be_alarm(when->metric);
    if (!is_wanted || !metric_lower_condition(emission, r->facts, when->metric, &request, &lowered))
        return TEXT_NONE;
    Json *input = json_object(emission->arena);
    shape_fill(emission, input, condition, "alarm");
    json_set_c(emission->arena, input, "AlarmActions", alarm_topics(emission, node_child(r->node, W_NOTIFY)));
    AlarmParts parts = {.window = *window, .condition = &lowered, .origin = condition->span, .bound = when->span};
    parts.key = arena_format(emission->arena, "rollback-%zu", number);
    parts.description = arena_format(emission->arena, "%.*s goes back to the old revision when %.*s%.*s", TEXT_ARG(r->facts->service),
                                     TEXT_ARG(metric_to_text(emission->arena, when->metric)), TEXT_ARG(alarm_window_text(emission, condition)));
    alarm_add(emission, r->facts, &parts, input);
    return alarm_default_name(emission, r->facts, parts.key);
}

static Json *integer_or_null(Arena *arena, const Node *node)
{
    int64_t value = node_integer(node, 0, -1);
    return value < 0 ? json_null(arena) : json_at(json_integer(arena, value), node->span);
}

static Json *condition_json(const Rollout *r, const Node *condition, const Value *when, const AlarmWindow *window)
{
    Arena *arena = r->emission->arena;
    Json *json = json_at(json_object(arena), condition->span);
    const Node *missing = node_child(condition, W_MISSING);
    const char *derived = metric_missing(when->metric);
    bool is_narrow = r->strategy != STRATEGY_ROLLING && metric_has_canary_side(when->metric);
    json_set_c(arena, json, "action", json_text_c(arena, condition->row->word));
    json_set_c(arena, json, "expression", json_at(json_text(arena, metric_to_text(arena, when->metric)), when->span));
    json_set_c(arena, json, "scope", json_text_c(arena, is_narrow ? "canary" : "whole service"));
    json_set_c(arena, json, "period_seconds", json_integer(arena, window->period));
    json_set_c(arena, json, "for_seconds", json_integer(arena, window->period * window->periods));
    json_set_c(arena, json, "datapoints", json_integer(arena, window->datapoints ? window->datapoints : window->periods));
    json_set_c(arena, json, "at_least", integer_or_null(arena, node_child(condition, W_AT_LEAST)));
    json_set_c(arena, json, "limit", integer_or_null(arena, node_child(condition, W_CONDITION_LIMIT)));
    json_set_c(arena, json, "missing", missing ? json_at(json_text(arena, node_aws(missing, 0)), missing->span) : json_text_c(arena, derived ? derived : "zero"));
    json_set_c(arena, json, "alarm", json_null(arena));
    json_set_c(arena, json, "alarm_side", json_null(arena));
    return json;
}

static void add_condition(const Rollout *r, Json *conditions, const Node *condition, size_t number, Engine engine)
{
    const Node *said = node_child(condition, W_CONDITION_WHEN);
    const Value *when = node_argument(said, 0);
    AlarmWindow window;
    if (!said) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_TRIGGER_WITHOUT_CONDITION, condition->span, "this `%s` does not say when", condition->row->word);
        diagnostic_set_advice(r->emission->sink, diagnostic, "add a condition, such as: %s", vocabulary_row(W_CONDITION_WHEN)->example);
        return;
    }
    if (!when || when->kind != VALUE_METRIC || !alarm_read_window(r->emission, condition, metric_resolution(when->metric), &window))
        return;
    alarm_check_reach(r->emission, when->metric);
    Json *json = condition_json(r, condition, when, &window);
    if (number) {
        Text alarm = add_trigger_alarm(r, condition, when, &window, number, engine);
        if (alarm.len) {
            json_set_c(r->emission->arena, json, "alarm", json_text(r->emission->arena, alarm));
            json_set_c(r->emission->arena, json, "alarm_side", json_text_c(r->emission->arena, engine == ENGINE_ROLLING ? "whole service" : "stable"));
        }
    }
    json_add(r->emission->arena, conditions, json);
}

static Json *all_conditions(const Rollout *r, Engine engine)
{
    Json *conditions = json_array(r->emission->arena);
    size_t number = 0;
    NODE_EACH(rollback, r->node, W_ROLLBACK)
        add_condition(r, conditions, rollback, ++number, engine);
    NODE_EACH(hold, r->node, W_HOLD)
        add_condition(r, conditions, hold, 0, engine);
    return conditions;
}

/* --- the document --- */

/* Of the file's own name, without the way to it, so that the bytes do not depend on where svc runs. */
static Json *source_json(const Rollout *r)
{
    Emission *emission = r->emission;
    const Sources *sources = emission->sink->sources;
    Text path = sources_path(sources, r->node->span.file);
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    Position position = sources_locate(sources, r->node->span.file, r->node->span.start);
    Json *source = json_object(emission->arena);
    json_set_c(emission->arena, source, "file", json_text(emission->arena, text_slice(path, start, path.len)));
    json_set_c(emission->arena, source, "line", json_integer(emission->arena, position.line));
    return source;
}

static Json *rollout_json(const Rollout *r, Engine engine, Json *conditions)
{
    static const char *const engines[] = {[ENGINE_ROLLING] = "rolling", [ENGINE_NATIVE] = "native", [ENGINE_RAMP] = "ramp"};
    Arena *arena = r->emission->arena;
    const Node *interrupt = node_child(r->node, W_ON_INTERRUPT);
    Json *json = json_object(arena);
    json_set_c(arena, json, "format_version", json_integer(arena, FORMAT_VERSION));
    json_set_c(arena, json, "service", json_text(arena, r->facts->name));
    json_set_c(arena, json, "strategy", json_at(json_text(arena, node_text(r->node, 0)), r->node->span));
    json_set_c(arena, json, "engine", json_text_c(arena, engines[engine]));
    json_set_c(arena, json, "reason", json_text_c(arena, r->reason));
    json_set_c(arena, json, "steps", r->ramp ? json_at(r->steps, r->ramp->span) : r->steps);
    json_set_c(arena, json, "bake_seconds", json_integer(arena, r->bake));
    json_set_c(arena, json, "timetable_seconds", json_integer(arena, r->timetable));
    json_set_c(arena, json, "deadline_seconds", json_integer(arena, r->deadline));
    json_set_c(arena, json, "on_interrupt", interrupt ? json_at(json_text(arena, node_text(interrupt, 0)), interrupt->span) : json_text_c(arena, "rollback"));
    json_set_c(arena, json, "conditions", conditions);
    json_set_c(arena, json, "source", source_json(r));
    return json;
}

static Strategy strategy_of(const Node *rollout)
{
    static const char *const names[] = {[STRATEGY_ROLLING] = "rolling", [STRATEGY_CANARY] = "canary", [STRATEGY_LINEAR] = "linear", [STRATEGY_BLUE_GREEN] = "blue-green"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_c(node_text(rollout, 0), names[i]))
            return (Strategy)i;
    return STRATEGY_UNKNOWN;
}

void emit_rollout(Emission *emission, const ServiceFacts *facts)
{
    const Node *node = node_child(facts->node, W_ROLLOUT);
    Rollout rollout = {.emission = emission, .facts = facts, .node = node, .ramp = node_child(node, W_RAMP), .strategy = strategy_of(node)};
    if (!node || rollout.strategy == STRATEGY_UNKNOWN || facts->is_scheduled)
        return;
    read_ramp(&rollout);
    make_steps(&rollout);
    Engine engine = choose_engine(&rollout);
    if (engine == ENGINE_ROLLING)
        check_rolling_words(&rollout);
    else
        check_moving(&rollout, engine);
    read_deadline(&rollout);
    Json *json = rollout_json(&rollout, engine, all_conditions(&rollout, engine));
    Text id = arena_format(emission->arena, "%.*s/rollout", TEXT_ARG(facts->service));
    emit_add_resource(emission, RESOURCE_ROLLOUT, id, facts->service, facts->name, TEXT("rollout"), json, node->span);
}
