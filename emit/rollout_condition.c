/* What a rollout watches: its conditions as trees that svc judges, and the alarms behind its triggers (SPEC.md, "Rollouts", "Judging"). */
#include "emit/rollout_part.h"

enum { DELAY_SECONDS = 90 };

/* --- alarms --- */

static Rational number_of(const Node *node, Rational fallback)
{
    const Value *value = node_argument(node, 0);
    return value && value->kind == VALUE_QUANTITY ? value->number : fallback;
}

/* A trigger is an alarm too, unless it is about one side: what the other one comes to says nothing. */
static bool can_be_alarm(const MetricExpression *e)
{
    return !metric_names_side(e);
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
    MetricRequest request = {.purpose = is_rolling ? PURPOSE_ALARM : PURPOSE_TRIGGER, .side = is_of_canary(r, when->metric) ? SIDE_CANARY : SIDE_LARGER, .period = window->period, .bound = TYPE_ANY,
                             .growth = number_of(node_child(condition, W_RISING_BY), rational_from_integer(0))};
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

/* --- checks --- */

static bool asks_window(const MetricExpression *e, bool is_comparison)
{
    return is_comparison ? metric_uses_function(e, FUNCTION_HIGHER) || metric_uses_function(e, FUNCTION_LOWER) : metric_uses_function(e, FUNCTION_RISING);
}

/* One side of a metric that both revisions share, or NULL. */
static const MetricExpression *one_sided(const MetricExpression *e)
{
    bool is_side = e && e->kind == METRIC_FUNCTION && metric_names_side(e) && e->function != FUNCTION_RISING;
    if (!e || (is_side && !metric_has_canary_side(e->left)))
        return e;
    const MetricExpression *found = one_sided(e->left);
    return found ? found : one_sided(e->right);
}

static void check_sides(const Rollout *r, const MetricExpression *e)
{
    const MetricExpression *wrong = one_sided(e);
    if (!wrong)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_CONDITION_SIDES, wrong->span, "both revisions have the same %.*s", TEXT_ARG(metric_to_text(r->emission->arena, wrong->left)));
    diagnostic_set_label(r->emission->sink, diagnostic, "it does not tell them apart");
    diagnostic_set_advice(r->emission->sink, diagnostic, "compare it with a bound, or use a metric of a target group or of the service");
}

static void report_dead(const Rollout *r, Span span, int64_t needed, int64_t there, bool needs_both)
{
    Text takes = rollout_duration(r, needed);
    Text has = rollout_duration(r, there);
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_TRIGGER_DEAD, span, "this cannot fire: it needs %.*s", TEXT_ARG(takes));
    diagnostic_set_label(r->emission->sink, diagnostic, needs_both ? "both revisions have traffic for %.*s" : "the new revision has traffic for %.*s", TEXT_ARG(has));
    diagnostic_add_note(r->emission->sink, diagnostic, "a point is judged when it is %ds old", DELAY_SECONDS);
    diagnostic_set_advice(r->emission->sink, diagnostic, "give it a shorter window, or the rollout longer steps or a longer bake");
}

/* A condition about the new revision is judged on points from its first traffic on. */
static void check_time(const Rollout *r, const Node *condition, const MetricExpression *e, const AlarmWindow *window)
{
    const Node *said = node_child(condition, W_FOR);
    bool needs_both = metric_uses_function(e, FUNCTION_STABLE) || asks_window(e, true);
    int64_t there = needs_both ? r->policy->split : r->policy->timetable;
    int64_t needed = window->period * window->periods + DELAY_SECONDS;
    if (r->policy->engine != ENGINE_ROLLING && metric_has_canary_side(e) && needed > there)
        report_dead(r, said ? node_argument_span(said, 0) : condition->span, needed, there, needs_both);
}

/* Of n points on each side, the clearest order has one chance in as many as there are ways to draw n of 2n. */
static bool is_ever_sure(int64_t points, Rational confidence)
{
    Rational chance = {1, 1};
    Rational left;
    bool fits = true;
    for (int64_t i = 1; i <= points && fits; i++)
        fits = rational_multiply(&chance, chance, (Rational){i, 1}) && rational_divide(&chance, chance, rational_from_integer(points + i));
    return !fits || (rational_subtract(&left, rational_from_integer(1), confidence) && rational_compare(chance, left) <= 0);
}

static void check_points(const Rollout *r, const Node *condition, const MetricExpression *e, const AlarmWindow *window, Rational confidence)
{
    const Node *said = node_child(condition, W_FOR);
    Span span = said ? node_argument_span(said, 0) : condition->span;
    bool is_many = window->periods > COMPARED_POINTS;
    if (asks_window(e, false) && window->periods < 2) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_TRIGGER_DEAD, span, "one point does not rise");
        diagnostic_set_advice(r->emission->sink, diagnostic, "give it a window of several points, such as: %s", vocabulary_row(W_FOR)->example);
    }
    if (!asks_window(e, true) || (!is_many && is_ever_sure(window->periods, confidence)))
        return;
    Text sure = unit_format_quantity(r->emission->arena, (Quantity){confidence, TYPE_PERCENT});
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_COMPARISON_POINTS, span, "%lld points cannot be compared", (long long)window->periods);
    if (is_many)
        diagnostic_set_label(r->emission->sink, diagnostic, "at most %d on each side", COMPARED_POINTS);
    else
        diagnostic_set_label(r->emission->sink, diagnostic, "of so few no order is %.*s sure", TEXT_ARG(sure));
    diagnostic_set_advice(r->emission->sink, diagnostic, is_many ? "make the window shorter, or the points longer" : "make the window longer");
}

static void report_useless(const Rollout *r, const Node *word, const char *reason, const char *advice)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_CONDITION_WORD, word->span, "`%s` says nothing here", word->row->word);
    diagnostic_set_label(r->emission->sink, diagnostic, "%s", reason);
    diagnostic_set_advice(r->emission->sink, diagnostic, "%s", advice);
}

/* The metric that `by` is about: the condition asks for its rise and for nothing else. */
static const MetricExpression *rising_metric(const MetricExpression *e)
{
    return e->kind == METRIC_FUNCTION && e->function == FUNCTION_RISING ? e->left : NULL;
}

static void check_words(const Rollout *r, const Node *condition, const MetricExpression *e)
{
    const Node *by = node_child(condition, W_RISING_BY);
    const Node *confidence = node_child(condition, W_CONFIDENCE);
    const Node *at_least = node_child(condition, W_AT_LEAST);
    const MetricExpression *rising = rising_metric(e);
    const Value *growth = node_argument(by, 0);
    if (by && !rising)
        report_useless(r, by, "the condition is not that one metric rises", "leave it out, or ask whether a metric rises: rising(…)");
    else if (growth && (growth->kind != VALUE_QUANTITY || !metric_accepts_bound(rising, growth->type) || growth->number.num <= 0))
        report_useless(r, by, "not in the unit of what rises, or nothing", "give the growth in the unit of the metric");
    if (confidence && !asks_window(e, true))
        report_useless(r, confidence, "the two revisions are not compared", "leave it out, or compare them: higher-than-stable(…)");
    if (at_least && !r->facts->route_count)
        report_useless(r, at_least, "the service has no route, whose requests could be counted", "leave it out");
}

/* --- a condition --- */

static Json *integer_or_null(Arena *arena, const Node *node)
{
    int64_t value = node_integer(node, 0, -1);
    return value < 0 ? json_null(arena) : json_at(json_integer(arena, value), node->span);
}

static bool is_narrow(const Rollout *r, const MetricExpression *e)
{
    return r->policy->strategy != STRATEGY_ROLLING && metric_has_canary_side(e);
}

/* The tree and its series: of the new revision where the metric can tell it, else of both together. */
static bool set_test(const Rollout *r, Json *json, const Node *condition, const MetricExpression *e, const AlarmWindow *window)
{
    Arena *arena = r->emission->arena;
    bool is_verify = condition->row->id == W_VERIFY;
    Judged judged;
    JudgeRequest request = {.side = is_verify ? SIDE_STABLE : is_narrow(r, e) ? SIDE_CANARY : SIDE_BOTH,
                            .period = window->period,
                            .is_negated = is_verify,
                            .is_missing_said = node_child(condition, W_MISSING) != NULL,
                            .by = number_of(node_child(condition, W_RISING_BY), rational_from_integer(0)),
                            .confidence = number_of(node_child(condition, W_CONFIDENCE), (Rational){98, 100}),
                            .counts_requests = node_child(condition, W_AT_LEAST) != NULL};
    if (!metric_judge(r->emission, r->facts, e, &request, &judged))
        return false;
    check_points(r, condition, e, window, request.confidence);
    json_set_c(arena, json, "test", judged.test);
    json_set_c(arena, json, "series", judged.series);
    json_set_c(arena, json, "requests", judged.requests ? judged.requests : json_null(arena));
    return true;
}

static Json *condition_json(const Rollout *r, const Node *condition, const Value *when, const AlarmWindow *window)
{
    Arena *arena = r->emission->arena;
    Json *json = json_at(json_object(arena), condition->span);
    const Node *missing = node_child(condition, W_MISSING);
    const char *derived = metric_missing(when->metric);
    json_set_c(arena, json, "action", json_text_c(arena, condition->row->word));
    Text expression = metric_to_text(arena, when->metric);
    const Value *growth = node_argument(node_child(condition, W_RISING_BY), 0);
    if (growth)
        expression = arena_format(arena, "%.*s %s %.*s", TEXT_ARG(expression), vocabulary_row(W_RISING_BY)->word, TEXT_ARG(value_to_text(arena, growth)));
    json_set_c(arena, json, "expression", json_at(json_text(arena, expression), when->span));
    json_set_c(arena, json, "scope", json_text_c(arena, is_narrow(r, when->metric) && condition->row->id != W_VERIFY ? "canary" : "whole service"));
    json_set_c(arena, json, "period_seconds", json_integer(arena, window->period));
    json_set_c(arena, json, "for_seconds", json_integer(arena, window->period * window->periods));
    json_set_c(arena, json, "datapoints", json_integer(arena, window->datapoints ? window->datapoints : window->periods));
    json_set_c(arena, json, "at_least", integer_or_null(arena, node_child(condition, W_AT_LEAST)));
    json_set_c(arena, json, "limit", integer_or_null(arena, node_child(condition, W_CONDITION_LIMIT)));
    json_set_c(arena, json, "missing", missing ? json_at(json_text(arena, node_aws(missing, 0)), missing->span) : json_text_c(arena, derived ? derived : "zero"));
    return json;
}

static void check_condition(const Rollout *r, const Node *condition, const MetricExpression *e, const AlarmWindow *window)
{
    alarm_check_reach(r->emission, e, CODE_TRIGGER_DEAD);
    check_sides(r, e);
    check_words(r, condition, e);
    check_time(r, condition, e, window);
}

static void set_alarm(const Rollout *r, Json *json, const Node *condition, const Value *when, const AlarmWindow *window, size_t number)
{
    Arena *arena = r->emission->arena;
    Text alarm = number ? add_trigger_alarm(r, condition, when, window, number) : TEXT_NONE;
    json_set_c(arena, json, "alarm", alarm.len ? json_text(arena, alarm) : json_null(arena));
    json_set_c(arena, json, "alarm_side", alarm.len ? json_text_c(arena, alarm_side(r, when->metric)) : json_null(arena));
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
    check_condition(r, condition, when->metric, &window);
    Json *json = condition_json(r, condition, when, &window);
    size_t errors = r->emission->sink->error_count;
    set_alarm(r, json, condition, when, &window, number);
    /* Where the alarm could not be made, that was reported. */
    bool is_judged = r->policy->engine != ENGINE_ROLLING && r->emission->sink->error_count == errors;
    if (!is_judged || set_test(r, json, condition, when->metric, &window))
        json_add(r->emission->arena, conditions, json);
}

Json *rollout_conditions(const Rollout *r)
{
    Json *conditions = json_array(r->emission->arena);
    size_t number = 0;
    NODE_EACH(rollback, r->policy->node, W_ROLLBACK)
        add_condition(r, conditions, rollback, ++number);
    NODE_EACH(hold, r->policy->node, W_HOLD)
        add_condition(r, conditions, hold, 0);
    NODE_EACH(pause, r->policy->node, W_PAUSE)
        add_condition(r, conditions, pause, 0);
    return conditions;
}

/* --- afterwards --- */

/* `for` is how long it is watched; each point of that time is judged by itself. */
static void add_verification(const Rollout *r, Json *list, const Node *verify)
{
    Arena *arena = r->emission->arena;
    const Value *condition = node_argument(verify, 0);
    Node points = *verify;
    AlarmWindow window;
    points.children = (NodeArray){0};
    if (node_child(verify, W_EVERY))
        ARRAY_PUSH(arena, &points.children, (Node *)(uintptr_t)node_child(verify, W_EVERY));
    if (!condition || condition->kind != VALUE_METRIC || !alarm_read_window(r->emission, &points, metric_resolution(condition->metric), &window))
        return;
    check_words(r, verify, condition->metric);
    check_sides(r, condition->metric);
    Json *json = condition_json(r, verify, condition, &window);
    json_set_c(arena, json, "watch_seconds", json_integer(arena, node_seconds(node_child(verify, W_VERIFY_FOR), 0, 3600)));
    if (set_test(r, json, verify, condition->metric, &window))
        json_add(arena, list, json);
}

Json *rollout_verifications(const Rollout *r)
{
    Json *list = json_array(r->emission->arena);
    NODE_EACH(verify, r->policy->node, W_VERIFY)
        add_verification(r, list, verify);
    return list;
}
