/* rollout.json: how a new revision takes over (SPEC.md, "Rollouts"), and the alarms behind its triggers. */
#include "emit/alarm.h"
#include "emit/rollout_policy.h"

enum { DAY_SECONDS = 86400, SPARE_SECONDS = 1800, FORMAT_VERSION = 1 };

typedef struct Rollout {
    Emission *emission;
    const ServiceFacts *facts;
    const RolloutPolicy *policy;
    int64_t deadline;
} Rollout;

/* --- checks --- */

static void report_deadline(const Rollout *r, const Node *said)
{
    Emission *emission = r->emission;
    Text takes = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(r->policy->timetable * 1000), TYPE_DURATION});
    Text limit = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(r->deadline * 1000), TYPE_DURATION});
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLLOUT_DEADLINE, said ? node_argument_span(said, 0) : r->policy->ramp ? r->policy->ramp->span : r->policy->node->span,
                                               "the steps and the bake take %.*s, and the deadline is %.*s", TEXT_ARG(takes), TEXT_ARG(limit));
    if (said && r->policy->ramp)
        diagnostic_add_label(emission->sink, diagnostic, r->policy->ramp->span, "the steps");
    diagnostic_set_advice(emission->sink, diagnostic, "take larger or shorter steps%s", said ? ", or a later deadline" : "");
}

/* The `start` of the container that may take longest; NULL when none says one. */
static const Node *slowest_start(const ServiceFacts *facts)
{
    const Node *slowest = NULL;
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        const Node *start = node_child(node_child(container, W_HEALTH), W_HEALTH_START);
        if (start && node_seconds(start, 0, 0) > node_seconds(slowest, 0, 0))
            slowest = start;
    }
    return slowest;
}

/* New tasks have to start before anything moves to them. */
static void check_start(const Rollout *r, const Node *said)
{
    Emission *emission = r->emission;
    const Node *start = slowest_start(r->facts);
    int64_t needed = node_seconds(start, 0, 0) + r->policy->timetable;
    if (!said || !start || needed <= r->deadline)
        return;
    Text takes = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(needed * 1000), TYPE_DURATION});
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLLOUT_START, node_argument_span(said, 0), "the new tasks may still be starting at the deadline");
    diagnostic_set_label(emission->sink, diagnostic, "the start and the rollout may take %.*s", TEXT_ARG(takes));
    diagnostic_add_label(emission->sink, diagnostic, start->span, "a container may take this long");
    diagnostic_set_advice(emission->sink, diagnostic, "give it a later deadline, or leave it out");
}

static void read_deadline(Rollout *r)
{
    const Node *said = node_child(r->policy->node, W_DEADLINE);
    int64_t derived = 2 * r->policy->timetable + SPARE_SECONDS;
    r->deadline = node_seconds(said, 0, derived < DAY_SECONDS ? derived : DAY_SECONDS);
    if (r->policy->timetable > r->deadline)
        report_deadline(r, said);
    else
        check_start(r, said);
}

/* Without a load balancer tasks are the weights: one new task takes its share of the work whatever the ramp says. */
static void check_share(const Rollout *r)
{
    enum { COUNT_MAX = 100000 };
    const Node *scale = node_child(r->facts->node, W_SCALE);
    const Node *count = node_child(r->facts->node, W_COUNT);
    const Node *from = node_child(r->policy->ramp, W_RAMP_FROM);
    int64_t low = 0;
    int64_t most = node_integer(count, 0, count ? 0 : 1);
    bool is_known = !scale || node_range(scale, 0, &low, &most);
    Rational share = {0, 1};
    if (r->facts->route_count || !is_known || most <= 0 || most > COUNT_MAX || !rational_multiply(&share, r->policy->from, rational_from_integer(most + 1)) ||
        rational_compare(share, rational_from_integer(1)) >= 0)
        return;
    Span span = from ? node_argument_span(from, 0) : r->policy->ramp ? r->policy->ramp->span : r->policy->node->span;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_SHARE, span, "the first step is less than the work of one task");
    diagnostic_set_label(r->emission->sink, diagnostic, "beside at most %lld of the old revision, one new task takes 1/%lld of the work", (long long)most, (long long)most + 1);
    diagnostic_add_label(r->emission->sink, diagnostic, scale ? node_argument_span(scale, 0) : count ? node_argument_span(count, 0) : r->facts->node->span, scale || count ? "as many tasks" : "one task, as nothing else is said");
    diagnostic_set_advice(r->emission->sink, diagnostic, "begin with a larger share, or say a route: a load balancer moves any share");
}

static void check_sticky(const Rollout *r)
{
    for (size_t i = 0; i < r->facts->route_count; i++) {
        const Node *sticky = node_child(r->facts->routes[i].node, W_STICKY);
        if (!sticky)
            continue;
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_STICKY, sticky->span, "clients that stay on a task do not follow a ramp");
        diagnostic_add_label(r->emission->sink, diagnostic, r->policy->node->span, "the ramp");
        diagnostic_set_advice(r->emission->sink, diagnostic, "leave one of them out, or take a rolling update, which has no weights");
    }
}

static void check_backwards(const Rollout *r)
{
    const Node *to = node_child(r->policy->ramp, W_RAMP_TO);
    if (!to || rational_compare(r->policy->from, r->policy->to) <= 0)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_BACKWARDS, node_argument_span(to, 0), "the ramp ends below where it begins");
    diagnostic_add_label(r->emission->sink, diagnostic, node_child(r->policy->ramp, W_RAMP_FROM) ? node_child(r->policy->ramp, W_RAMP_FROM)->span : r->policy->ramp->span, "it begins here");
    diagnostic_set_advice(r->emission->sink, diagnostic, "give a last share above the first one");
}

static void report_rolling_word(const Rollout *r, const Node *word)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLING_WORDS, word->span, "a rolling update has no `%s`", word->row->word);
    diagnostic_add_label(r->emission->sink, diagnostic, r->policy->node->span, "rolling");
    diagnostic_set_advice(r->emission->sink, diagnostic, "leave it out, or take another strategy, such as: %s", vocabulary_row(W_ROLLOUT)->example);
}

static void check_rolling_words(const Rollout *r)
{
    static const WordId words[] = {W_RAMP, W_BAKE, W_HOLD, W_ON_INTERRUPT};
    static const WordId of_conditions[] = {W_AT_LEAST, W_CONDITION_LIMIT};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const Node *word = node_child(r->policy->node, words[i]);
        if (word)
            report_rolling_word(r, word);
    }
    NODE_EACH(condition, r->policy->node, W_ROLLBACK)
        for (size_t i = 0; i < sizeof of_conditions / sizeof *of_conditions; i++)
            if (node_child(condition, of_conditions[i]))
                report_rolling_word(r, node_child(condition, of_conditions[i]));
}

/* What only a rollout that moves traffic has to fear. */
static void check_moving(const Rollout *r)
{
    const Node *singleton = node_child(r->facts->node, W_SINGLETON);
    check_backwards(r);
    if (r->policy->engine == ENGINE_RAMP) {
        check_sticky(r);
        check_share(r);
    }
    if (node_flag(singleton, false)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_SINGLETON, node_argument_span(r->policy->node, 0), "a singleton cannot run two revisions side by side");
        diagnostic_add_label(r->emission->sink, diagnostic, singleton->span, "never two at once");
        diagnostic_set_advice(r->emission->sink, diagnostic, "take a rolling update");
    }
    if (!node_child(r->policy->node, W_ROLLBACK)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_BLIND, r->policy->node->span, "nothing looks at the new revision while it takes over");
        diagnostic_set_advice(r->emission->sink, diagnostic, "add a condition, such as: %s", vocabulary_row(W_ROLLBACK)->example);
    }
}

/* --- conditions --- */

/* A trigger is an alarm too, unless it is about one side: what the other one comes to says nothing. */
static bool can_be_alarm(const MetricExpression *e)
{
    return !metric_uses_function(e, FUNCTION_CANARY) && !metric_uses_function(e, FUNCTION_STABLE);
}

/* Whether the alarm is about the canary's target groups alone, which a ramp never swaps: of several routes both sides may be too many for one alarm. */
static bool is_of_canary(const Rollout *r, const MetricExpression *e)
{
    return r->facts->engine == ENGINE_RAMP && r->facts->has_sides && metric_has_canary_side(e) && !metric_fits_both_sides(r->facts, e);
}

/* Which side of the rollout the alarm behind a condition is about. */
static const char *alarm_side(const Rollout *r, const MetricExpression *e)
{
    if (is_of_canary(r, e))
        return "canary";
    if (r->facts->has_sides && metric_has_scope(e, METRIC_TARGET_GROUP))
        return "either side";
    return r->facts->engine == ENGINE_RAMP && metric_has_scope(e, METRIC_SERVICE) ? "stable" : "whole service";
}

/* The alarm's name; empty when there is none. */
static Text add_trigger_alarm(const Rollout *r, const Node *condition, const Value *when, const AlarmWindow *window, size_t number)
{
    Emission *emission = r->emission;
    bool is_rolling = r->facts->engine == ENGINE_ROLLING;
    MetricRequest request = {.purpose = is_rolling ? PURPOSE_ALARM : PURPOSE_TRIGGER, .side = is_of_canary(r, when->metric) ? SIDE_CANARY : SIDE_LARGER, .period = window->period, .bound = TYPE_ANY};
    LoweredCondition lowered;
    bool is_wanted = is_rolling || can_be_alarm(when->metric);
    if (!is_wanted || !metric_lower_condition(emission, r->facts, when->metric, &request, &lowered))
        return TEXT_NONE;
    Json *input = json_object(emission->arena);
    shape_fill(emission, input, condition, "alarm");
    json_set_c(emission->arena, input, "AlarmActions", alarm_topics(emission, node_child(r->policy->node, W_NOTIFY)));
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
    bool is_narrow = r->policy->strategy != STRATEGY_ROLLING && metric_has_canary_side(when->metric);
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

static void add_condition(const Rollout *r, Json *conditions, const Node *condition, size_t number)
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
        Text alarm = add_trigger_alarm(r, condition, when, &window, number);
        if (alarm.len) {
            json_set_c(r->emission->arena, json, "alarm", json_text(r->emission->arena, alarm));
            json_set_c(r->emission->arena, json, "alarm_side", json_text_c(r->emission->arena, alarm_side(r, when->metric)));
        }
    }
    json_add(r->emission->arena, conditions, json);
}

static Json *all_conditions(const Rollout *r)
{
    Json *conditions = json_array(r->emission->arena);
    size_t number = 0;
    NODE_EACH(rollback, r->policy->node, W_ROLLBACK)
        add_condition(r, conditions, rollback, ++number);
    NODE_EACH(hold, r->policy->node, W_HOLD)
        add_condition(r, conditions, hold, 0);
    return conditions;
}

/* --- the document --- */

/* Of the file's own name, without the way to it, so that the bytes do not depend on where svc runs. */
static Json *source_json(const Rollout *r)
{
    Emission *emission = r->emission;
    const Sources *sources = emission->sink->sources;
    Text path = sources_path(sources, r->policy->node->span.file);
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    Position position = sources_locate(sources, r->policy->node->span.file, r->policy->node->span.start);
    Json *source = json_object(emission->arena);
    json_set_c(emission->arena, source, "file", json_text(emission->arena, text_slice(path, start, path.len)));
    json_set_c(emission->arena, source, "line", json_integer(emission->arena, position.line));
    return source;
}

static Json *rollout_json(const Rollout *r, Json *conditions)
{
    static const char *const engines[] = {[ENGINE_ROLLING] = "rolling", [ENGINE_NATIVE] = "native", [ENGINE_RAMP] = "ramp"};
    Arena *arena = r->emission->arena;
    const Node *interrupt = node_child(r->policy->node, W_ON_INTERRUPT);
    Json *json = json_object(arena);
    json_set_c(arena, json, "format_version", json_integer(arena, FORMAT_VERSION));
    json_set_c(arena, json, "service", json_text(arena, r->facts->name));
    json_set_c(arena, json, "strategy", json_at(json_text(arena, node_text(r->policy->node, 0)), r->policy->node->span));
    json_set_c(arena, json, "engine", json_text_c(arena, engines[r->policy->engine]));
    json_set_c(arena, json, "reason", json_text_c(arena, r->policy->reason));
    json_set_c(arena, json, "steps", r->policy->ramp ? json_at(r->policy->steps, r->policy->ramp->span) : r->policy->steps);
    json_set_c(arena, json, "bake_seconds", json_integer(arena, r->policy->bake));
    json_set_c(arena, json, "timetable_seconds", json_integer(arena, r->policy->timetable));
    json_set_c(arena, json, "deadline_seconds", json_integer(arena, r->deadline));
    json_set_c(arena, json, "on_interrupt", interrupt ? json_at(json_text(arena, node_text(interrupt, 0)), interrupt->span) : json_text_c(arena, "rollback"));
    json_set_c(arena, json, "conditions", conditions);
    json_set_c(arena, json, "source", source_json(r));
    return json;
}

void emit_rollout(Emission *emission, const ServiceFacts *facts)
{
    Rollout rollout = {.emission = emission, .facts = facts, .policy = facts->rollout};
    if (!facts->rollout)
        return;
    if (rollout.policy->engine == ENGINE_ROLLING)
        check_rolling_words(&rollout);
    else
        check_moving(&rollout);
    read_deadline(&rollout);
    Json *json = rollout_json(&rollout, all_conditions(&rollout));
    Text id = arena_format(emission->arena, "%.*s/rollout", TEXT_ARG(facts->service));
    emit_add_resource(emission, RESOURCE_ROLLOUT, id, facts->service, facts->name, TEXT("rollout"), json, rollout.policy->node->span);
}
