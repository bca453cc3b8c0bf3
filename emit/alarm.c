/* Alarms: a condition over metrics to PutMetricAlarm. */
#include "emit/alarm.h"

#include "emit/network.h"

enum { ALARM_NAME_MAX = 255, ALARM_DESCRIPTION_MAX = 1024, ALARM_ACTIONS_MAX = 5 };

/* --- names --- */

Text alarm_id(Emission *emission, const ServiceFacts *facts, Text key)
{
    return arena_format(emission->arena, "%.*s/alarm/%.*s", TEXT_ARG(facts->service), TEXT_ARG(key));
}

Text alarm_default_name(Emission *emission, const ServiceFacts *facts, Text key)
{
    return name_fit(emission, name_default(emission, facts->service, key), ALARM_NAME_MAX, true);
}

Text alarm_name_of(Emission *emission, const ServiceFacts *facts, const Node *alarm)
{
    Text said = node_child_text(alarm, W_ALARM_NAME);
    return said.len ? said : alarm_default_name(emission, facts, alarm->key);
}

/* --- actions --- */

static int compare_arns(const Json *a, const Json *b)
{
    return text_compare(a->kind == JSON_TEXT ? a->text : TEXT_NONE, b->kind == JSON_TEXT ? b->text : TEXT_NONE);
}

/* Keeps the list sorted and each ARN once: a set in a fixed order. */
static void add_arn(Emission *emission, Json *arns, Json *arn)
{
    size_t at = 0;
    while (at < arns->items.count && compare_arns(arns->items.items[at], arn) < 0)
        at++;
    if (at < arns->items.count && compare_arns(arns->items.items[at], arn) == 0)
        return;
    json_add(emission->arena, arns, arn);
    for (size_t i = arns->items.count - 1; i > at; i--)
        arns->items.items[i] = arns->items.items[i - 1];
    arns->items.items[at] = arn;
}

/* A topic is named by a word, or by a text that a profile was given. */
static Json *one_topic(Emission *emission, const Value *topic)
{
    bool is_named = topic->kind == VALUE_WORD || topic->kind == VALUE_STRING;
    if (!is_named)
        return NULL;
    if (!emit_find_declared(emission, W_TOPIC, topic->text)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_UNKNOWN_REFERENCE, topic->span, "there is no %s %.*s", vocabulary_row(W_TOPIC)->word, TEXT_ARG(topic->text));
        diagnostic_set_advice(emission->sink, diagnostic, "declare it: %s", vocabulary_row(W_TOPIC)->example);
        return NULL;
    }
    return topic_arn(emission, topic->text, topic->span);
}

Json *alarm_topics(Emission *emission, const Node *notify)
{
    const Value *topics = node_argument(notify, 0);
    Json *arns = json_array(emission->arena);
    if (!topics || topics->kind != VALUE_LIST)
        return NULL;
    for (size_t i = 0; i < topics->count; i++) {
        Json *arn = one_topic(emission, topics->items[i]);
        if (arn)
            add_arn(emission, arns, arn);
    }
    if (json_length(arns) > ALARM_ACTIONS_MAX) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TOO_MANY_ACTIONS, notify->span, "this alarm notifies %zu topics", json_length(arns));
        diagnostic_set_label(emission->sink, diagnostic, "at most %d", ALARM_ACTIONS_MAX);
        diagnostic_set_advice(emission->sink, diagnostic, "notify one topic and subscribe the others' readers to it");
    }
    return json_length(arns) ? json_at(arns, notify->span) : NULL;
}

/* --- the input --- */

static Text cut_description(Emission *emission, Text text)
{
    if (text.len <= ALARM_DESCRIPTION_MAX)
        return text;
    size_t end = ALARM_DESCRIPTION_MAX - 3;
    while (end > 0 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80) /* not inside of a UTF-8 character */
        end--;
    return arena_format(emission->arena, "%.*s...", TEXT_ARG(text_slice(text, 0, end)));
}

/* What every alarm has, and the resource. */
static void finish_alarm(Emission *emission, const ServiceFacts *facts, Text key, Text description, Span origin, Json *input)
{
    Arena *arena = emission->arena;
    Text id = alarm_id(emission, facts, key);
    Text name = alarm_default_name(emission, facts, key);
    json_set_default(arena, input, "AlarmName", json_text(arena, name));
    json_set_default(arena, input, "AlarmDescription", json_text(arena, cut_description(emission, description)));
    json_set_default(arena, input, "ActionsEnabled", json_bool(arena, true));
    json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, id, facts->node, "Key", "Value"));
    const Json *said = json_get_c(input, "AlarmName");
    emit_add_resource(emission, RESOURCE_ALARM, id, facts->service, said->kind == JSON_TEXT ? said->text : name, key, input, origin);
}

static void set_window(Emission *emission, Json *input, const AlarmWindow *window)
{
    json_set_c(emission->arena, input, "EvaluationPeriods", json_integer(emission->arena, window->periods));
    if (window->datapoints)
        json_set_c(emission->arena, input, "DatapointsToAlarm", json_integer(emission->arena, window->datapoints));
}

static void set_single(Emission *emission, Json *input, const Json *single, int64_t period)
{
    for (size_t i = 0; i < single->members.count; i++)
        json_set(emission->arena, input, single->members.items[i].key, single->members.items[i].value);
    json_set_c(emission->arena, input, "Period", json_integer(emission->arena, period));
}

void alarm_add(Emission *emission, const ServiceFacts *facts, const AlarmParts *parts, Json *input)
{
    Arena *arena = emission->arena;
    const LoweredCondition *condition = parts->condition;
    set_window(emission, input, &parts->window);
    if (condition->metric.is_single)
        set_single(emission, input, condition->metric.single, parts->window.period);
    else
        json_set_c(arena, input, "Metrics", json_at(condition->metric.metrics, parts->bound));
    json_set_c(arena, input, "ComparisonOperator", json_at(json_text_c(arena, condition->comparison), parts->bound));
    json_set_c(arena, input, "Threshold", json_at(json_number(arena, condition->threshold), parts->bound));
    json_set_default(arena, input, "TreatMissingData", json_text_c(arena, condition->metric.missing));
    finish_alarm(emission, facts, parts->key, parts->description, parts->origin, input);
}

/* --- conditions that never hold --- */

static void report_never(Emission *emission, const MetricExpression *condition, DiagnosticCode code, const char *reason)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, code, condition->right->span, "this can never hold: %.*s",
                                               TEXT_ARG(metric_to_text(emission->arena, condition)));
    diagnostic_set_label(emission->sink, diagnostic, "%s", reason);
}

void alarm_check_reach(Emission *emission, const MetricExpression *e, DiagnosticCode code)
{
    if (e->kind == METRIC_LOGIC) {
        if (e->left)
            alarm_check_reach(emission, e->left, code);
        if (e->right)
            alarm_check_reach(emission, e->right, code);
    }
    bool is_known = e->kind == METRIC_COMPARISON && e->left->kind == METRIC_LEAF && e->right->kind == METRIC_NUMBER && e->left->leaf->is_library;
    if (!is_known)
        return;
    Rational zero = rational_from_integer(0);
    int to_zero = rational_compare(e->right->number, zero);
    int to_whole = rational_compare(e->right->number, rational_from_integer(1));
    if ((e->op == OPERATOR_LESS && to_zero <= 0) || (e->op == OPERATOR_LESS_EQUAL && to_zero < 0))
        report_never(emission, e, code, "the metric is never below zero");
    else if (e->left->type == TYPE_PERCENT && ((e->op == OPERATOR_GREATER && to_whole >= 0) || (e->op == OPERATOR_GREATER_EQUAL && to_whole > 0)))
        report_never(emission, e, code, "the metric is at most 100%");
}

/* --- the statement --- */

static Text point_unit(const Node *alarm)
{
    return node_aws(node_child(alarm, W_POINT_UNIT), 0);
}

static MetricRequest alarm_request(const Node *alarm, int64_t period)
{
    return (MetricRequest){.purpose = PURPOSE_ALARM,
                           .side = SIDE_BOTH,
                           .period = period,
                           .bound = TYPE_ANY,
                           .unit = point_unit(alarm),
                           .account = node_child_text(alarm, W_ALARM_ACCOUNT)};
}

static void emit_condition(Emission *emission, const ServiceFacts *facts, const Node *alarm, const Node *when, Json *input)
{
    const Value *value = node_argument(when, 0);
    AlarmWindow window;
    LoweredCondition condition;
    if (!value || value->kind != VALUE_METRIC || !alarm_read_window(emission, alarm, metric_resolution(value->metric), &window))
        return;
    MetricRequest request = alarm_request(alarm, window.period);
    if (!metric_lower_condition(emission, facts, value->metric, &request, &condition))
        return;
    alarm_check_reach(emission, value->metric, CODE_CONDITION_NEVER);
    AlarmParts parts = {.key = alarm->key, .window = window, .condition = &condition, .origin = alarm->span, .bound = value->span};
    parts.description = arena_format(emission->arena, "%.*s: %.*s%.*s", TEXT_ARG(facts->service), TEXT_ARG(metric_to_text(emission->arena, value->metric)),
                                     TEXT_ARG(alarm_window_text(emission, alarm)));
    alarm_add(emission, facts, &parts, input);
}

/* The band around the measured series, as a second series that returns data. */
static void set_band(Emission *emission, Json *input, const LoweredMetric *metric, const Node *anomaly)
{
    Arena *arena = emission->arena;
    const Value *deviations = node_argument(anomaly, 2);
    Text width = deviations && deviations->kind == VALUE_QUANTITY ? rational_to_text(arena, deviations->number) : TEXT("2");
    const Json *measured = metric->metrics->items.items[json_length(metric->metrics) - 1];
    const Json *id = json_get_c(measured, "Id");
    Json *band = json_object(arena);
    json_set_c(arena, band, "Id", json_text_c(arena, "band"));
    json_set_c(arena, band, "Expression", json_text(arena, arena_format(arena, "ANOMALY_DETECTION_BAND(%.*s, %.*s)", TEXT_ARG(id->text), TEXT_ARG(width))));
    json_set_c(arena, band, "ReturnData", json_bool(arena, true));
    json_add(arena, metric->metrics, band);
    json_set_c(arena, input, "Metrics", json_at(metric->metrics, anomaly->span));
    json_set_c(arena, input, "ThresholdMetricId", json_text_c(arena, "band"));
}

static void emit_anomaly(Emission *emission, const ServiceFacts *facts, const Node *alarm, const Node *anomaly, Json *input)
{
    const Value *value = node_argument(anomaly, 0);
    AlarmWindow window;
    LoweredMetric metric;
    if (!value || value->kind != VALUE_METRIC || !alarm_read_window(emission, alarm, metric_resolution(value->metric), &window))
        return;
    MetricRequest request = alarm_request(alarm, window.period);
    if (!metric_lower(emission, facts, value->metric, &request, &metric))
        return;
    set_window(emission, input, &window);
    set_band(emission, input, &metric, anomaly);
    json_set_default(emission->arena, input, "TreatMissingData", json_text_c(emission->arena, metric.missing ? metric.missing : "notBreaching"));
    Text description = arena_format(emission->arena, "%.*s: %.*s %.*s the expected band%.*s", TEXT_ARG(facts->service),
                                    TEXT_ARG(metric_to_text(emission->arena, value->metric)), TEXT_ARG(node_text(anomaly, 1)), TEXT_ARG(alarm_window_text(emission, alarm)));
    finish_alarm(emission, facts, alarm->key, description, alarm->span, input);
}

static void report_conflict(Emission *emission, const Node *one, const Node *other)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ALARM_CONFLICT, other->span, "`%s` and `%s` do not go together", one->row->word, other->row->word);
    diagnostic_add_label(emission->sink, diagnostic, one->span, "the other one");
    diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out");
}

/* A PromQL query has an interval and its own times; none of what judges points. */
static void emit_promql(Emission *emission, const ServiceFacts *facts, const Node *alarm, const Node *query, Json *input)
{
    static const WordId excluded[] = {W_FOR, W_OVER, W_MISSING, W_FEW_SAMPLES, W_POINT_UNIT, W_ALARM_ACCOUNT};
    enum { INTERVAL_LEAST = 10, INTERVAL_MOST = 3600 };
    const Node *every = node_child(alarm, W_EVERY);
    AlarmWindow window;
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++) {
        const Node *other = node_child(alarm, excluded[i]);
        if (other) {
            report_conflict(emission, query, other);
            return;
        }
    }
    if (!alarm_read_window(emission, alarm, INTERVAL_LEAST * 1000, &window))
        return;
    if (window.period > INTERVAL_MOST) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PERIOD_INVALID, node_argument_span(every, 0), "a PromQL query runs at least once an hour");
        diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(every, 0), TEXT("1h"), "%s 1h", every->row->word);
        return;
    }
    json_set_c(emission->arena, input, "EvaluationInterval", json_at(json_integer(emission->arena, window.period), every ? every->span : query->span));
    Text description = arena_format(emission->arena, "%.*s: %.*s", TEXT_ARG(facts->service), TEXT_ARG(node_text(query, 0)));
    finish_alarm(emission, facts, alarm->key, description, alarm->span, input);
}

/* The one statement that says what is watched; NULL after a report. */
static const Node *find_watch(Emission *emission, const Node *alarm)
{
    static const WordId watches[] = {W_WHEN, W_ANOMALY, W_PROMQL};
    const Node *found = NULL;
    for (size_t i = 0; i < sizeof watches / sizeof *watches; i++) {
        const Node *one = node_child(alarm, watches[i]);
        if (one && found) {
            report_conflict(emission, found, one);
            return NULL;
        }
        found = one ? one : found;
    }
    if (found)
        return found;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ALARM_WITHOUT_CONDITION, alarm->span, "%s %.*s does not say when", alarm->row->word, TEXT_ARG(alarm->key));
    diagnostic_set_advice(emission->sink, diagnostic, "add a condition, such as: %s", vocabulary_row(W_WHEN)->example);
    return NULL;
}

static void emit_one_alarm(Emission *emission, const ServiceFacts *facts, const Node *alarm)
{
    const Node *watch = find_watch(emission, alarm);
    Json *input = json_object(emission->arena);
    if (!watch)
        return;
    shape_fill(emission, input, alarm, "alarm");
    json_set_c(emission->arena, input, "AlarmActions", alarm_topics(emission, node_child(alarm, W_NOTIFY)));
    json_set_c(emission->arena, input, "OKActions", alarm_topics(emission, node_child(alarm, W_NOTIFY_OK)));
    json_set_c(emission->arena, input, "InsufficientDataActions", alarm_topics(emission, node_child(alarm, W_NOTIFY_MISSING)));
    if (watch->row->id == W_WHEN)
        emit_condition(emission, facts, alarm, watch, input);
    else if (watch->row->id == W_ANOMALY)
        emit_anomaly(emission, facts, alarm, watch, input);
    else
        emit_promql(emission, facts, alarm, watch, input);
}

void emit_alarms(Emission *emission, const ServiceFacts *facts)
{
    NODE_EACH(alarm, facts->node, W_ALARM)
        emit_one_alarm(emission, facts, alarm);
}
