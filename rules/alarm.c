/* Rules of alarms (AWS: CloudWatch API reference, PutMetricAlarm, MetricDataQuery; CloudWatch user guide, statistics and using metric math). */
#include "rules/relation.h"

static Diagnostic *report(const RuleContext *context, const Resource *alarm, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, alarm, code, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    return d;
}

/* What a missing member is told at: the alarm's name, where it has one. */
static const Json *name_of(const Resource *alarm)
{
    return rule_member(alarm, "AlarmName");
}

/* --- one way of saying what is watched --- */

static bool is_filled(const Json *list)
{
    return list && (list->kind != JSON_ARRAY || list->items.count);
}

static void check_metrics_alone(const RuleContext *context, const Resource *alarm, const Json *metrics)
{
    static const char *const excluded[] = {"MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"};
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++) {
        const Json *json = rule_member(alarm, excluded[i]);
        if (!json || !is_filled(json))
            continue;
        Diagnostic *d = rule_report(context, alarm, CODE_ALARM_METRIC, json, "%s and Metrics exclude each other", excluded[i]);
        diagnostic_set_advice(context->sink, d, "leave %s out: it stands in each of the Metrics", excluded[i]);
        diagnostic_add_label(context->sink, d, rule_span(alarm, metrics), "Metrics");
    }
}

static void check_metric(const RuleContext *context, const Resource *alarm)
{
    const Json *statistic = rule_member(alarm, "Statistic");
    const Json *extended = rule_member(alarm, "ExtendedStatistic");
    const Json *name = rule_member(alarm, "MetricName");
    if (!rule_member(alarm, "Namespace"))
        report(context, alarm, CODE_ALARM_METRIC, name, "the metric has no Namespace", "add Namespace, such as AWS/ECS");
    if (statistic && extended)
        report(context, alarm, CODE_ALARM_METRIC, extended, "an alarm has Statistic or ExtendedStatistic, not both", "keep one of them");
    else if (!statistic && !extended)
        report(context, alarm, CODE_ALARM_METRIC, name, "the metric has no Statistic", "add Statistic, such as Average");
    if (!rule_member(alarm, "Period"))
        report(context, alarm, CODE_ALARM_METRIC, name, "the metric has no Period", "add Period, such as 60");
}

/* Comparisons with a band instead of a number. */
static bool is_band(const Json *operator)
{
    return rule_is_one_of(rule_text(operator), "LessThanLowerOrGreaterThanUpperThreshold LessThanLowerThreshold GreaterThanUpperThreshold");
}

static void check_threshold(const RuleContext *context, const Resource *alarm)
{
    const Json *operator = rule_member(alarm, "ComparisonOperator");
    const Json *threshold = rule_member(alarm, "Threshold");
    const Json *band = rule_member(alarm, "ThresholdMetricId");
    if (!rule_member(alarm, "EvaluationPeriods"))
        report(context, alarm, CODE_ALARM_METRIC, name_of(alarm), "the alarm has no EvaluationPeriods", "add EvaluationPeriods: how many periods it looks at");
    if (!operator)
        report(context, alarm, CODE_ALARM_METRIC, name_of(alarm), "the alarm has no ComparisonOperator", "add ComparisonOperator, such as GreaterThanThreshold");
    if (rule_is_open(operator))
        return;
    if (is_band(operator) && !band)
        report(context, alarm, CODE_ALARM_ANOMALY, operator, "this comparison is with a band, and none is named", "add ThresholdMetricId, or compare with GreaterThanThreshold");
    else if (operator && !is_band(operator) && band)
        report(context, alarm, CODE_ALARM_ANOMALY, operator, "ThresholdMetricId names a band, and this comparison is with a number", "use GreaterThanUpperThreshold, LessThanLowerThreshold or LessThanLowerOrGreaterThanUpperThreshold");
    else if (band && threshold)
        report(context, alarm, CODE_ALARM_ANOMALY, threshold, "an alarm has Threshold or ThresholdMetricId, not both", "leave Threshold out");
    else if (!band && !threshold)
        report(context, alarm, CODE_ALARM_METRIC, operator ? operator : name_of(alarm), "the alarm has no Threshold", "add Threshold");
}

static void check_alarm(const RuleContext *context, const Resource *alarm, const Json *input)
{
    const Json *metrics = rule_member(alarm, "Metrics");
    const Json *criteria = json_get_c(input, "EvaluationCriteria");
    if (rule_is_set(criteria))
        return;
    if (metrics && is_filled(metrics))
        check_metrics_alone(context, alarm, metrics);
    else if (rule_member(alarm, "MetricName"))
        check_metric(context, alarm);
    else {
        report(context, alarm, CODE_ALARM_METRIC, name_of(alarm), "the alarm watches no metric", "add MetricName with Namespace, or Metrics");
        return;
    }
    check_threshold(context, alarm);
}

/* --- periods --- */

static bool is_period(int64_t seconds)
{
    return seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds % 60 == 0);
}

static void check_period(const RuleContext *context, const Resource *alarm, const Json *period)
{
    int64_t seconds = 0;
    if (context->is_svc || !rule_integer(period, &seconds))
        return;
    if (!is_period(seconds)) {
        Diagnostic *d = rule_report(context, alarm, CODE_PERIOD_INVALID, period, "CloudWatch has no period of %lld s", (long long)seconds);
        rule_tell(context, d, NULL, "use 10, 20, 30 or a multiple of 60");
    }
}

/* AWS's own metrics have a point a minute; only what PutMetricData stores with StorageResolution 1 has more. ECS can be asked for 20 s. */
static void check_resolution(const RuleContext *context, const Resource *alarm, const Json *period)
{
    int64_t seconds = 0;
    Text space = rule_text(rule_member(alarm, "Namespace"));
    if (context->is_svc || !rule_integer(period, &seconds) || !is_period(seconds) || seconds >= 60 || !text_starts_with(space, TEXT("AWS/")) || text_equal_c(space, "AWS/ECS"))
        return;
    Diagnostic *d = rule_report(context, alarm, CODE_ALARM_RESOLUTION, period, "%.*s has a point a minute, and the alarm looks every %lld s", TEXT_ARG(space), (long long)seconds);
    rule_tell(context, d, "most points would be missing", "set Period to 60");
}

/* The period of an alarm: its own, or the longest among its metrics. */
static bool alarm_period(const Resource *alarm, int64_t *out)
{
    const Json *metrics = rule_member(alarm, "Metrics");
    if (rule_integer(rule_member(alarm, "Period"), out))
        return true;
    *out = 0;
    for (size_t i = 0; i < rule_item_count(metrics); i++) {
        int64_t seconds = 0;
        const Json *query = metrics->items.items[i];
        if ((rule_integer(rule_find(query, "MetricStat.Period"), &seconds) || rule_integer(json_get_c(query, "Period"), &seconds)) && seconds > *out)
            *out = seconds;
    }
    return *out > 0;
}

static void check_window(const RuleContext *context, const Resource *alarm, const Json *periods)
{
    enum { HOUR = 3600, DAY = 86400, WEEK = 604800, COUNT_MAX = 1000000 };
    int64_t count = 0;
    int64_t seconds = 0;
    if (context->is_svc || !rule_integer(periods, &count) || !alarm_period(alarm, &seconds) || count <= 0 || count > COUNT_MAX || seconds > WEEK)
        return;
    int64_t most = seconds < HOUR ? DAY : WEEK;
    if (seconds * count <= most)
        return;
    Diagnostic *d = rule_report(context, alarm, CODE_WINDOW_TOO_LONG, periods, "the alarm would look back %lld s", (long long)(seconds * count));
    diagnostic_set_advice(context->sink, d, "keep EvaluationPeriods times Period at most %lld s (%s)", (long long)most, seconds < HOUR ? "a day, for periods below an hour" : "seven days");
}

static void check_datapoints(const RuleContext *context, const Resource *alarm, const Json *datapoints)
{
    int64_t wanted = 0;
    int64_t count = 0;
    const Json *periods = rule_member(alarm, "EvaluationPeriods");
    if (context->is_svc || !rule_integer(datapoints, &wanted) || !rule_integer(periods, &count) || wanted <= count)
        return;
    Diagnostic *d = rule_report(context, alarm, CODE_WINDOW_COUNT, datapoints, "%lld of %lld points cannot be", (long long)wanted, (long long)count);
    rule_tell(context, d, NULL, "make DatapointsToAlarm at most EvaluationPeriods");
    diagnostic_add_label(context->sink, d, rule_span(alarm, periods), "the points that there are");
}

/* --- statistics --- */

static bool is_percent_number(Text text)
{
    return text.len && rule_has_only(text, "0-9.") && rule_count_byte(text, '.') <= 1 && text.ptr[0] != '.';
}

/* "p95", "tm99", "IQM", "PR(1:10)", "TM(5%:95%)". */
static bool is_statistic(Text text)
{
    static const char *const short_forms[] = {"p", "tm", "tc", "ts", "wm"};
    if (text_equal_c(text, "IQM"))
        return true;
    for (size_t i = 0; i < sizeof short_forms / sizeof *short_forms; i++) {
        Text prefix = text_from_c(short_forms[i]);
        if (text_starts_with(text, prefix) && is_percent_number(text_slice(text, prefix.len, text.len)))
            return true;
    }
    size_t open = text_find_byte(text, '(');
    return open < text.len && rule_is_one_of(text_slice(text, 0, open), "PR TC TM TS WM") && text_ends_with(text, TEXT(")")) && rule_count_byte(text, ':') == 1 &&
           rule_has_only(text_slice(text, open + 1, text.len - 1), "0-9.%:-");
}

/* A percentage above 100 in a short form: "p200". */
static bool is_beyond(Text text)
{
    size_t start = text_find_byte(text, '(') < text.len ? text.len : text.len > 1 && byte_is_digit(text.ptr[1]) ? 1 : 2;
    if (start >= text.len)
        return false;
    Text digits = text_slice(text, start, text.len);
    Json whole = {.kind = JSON_TEXT, .text = text_slice(digits, 0, text_find_byte(digits, '.'))};
    int64_t number = 0;
    return rule_integer(&whole, &number) && (number > 100 || (number == 100 && digits.len > 3 && !rule_has_only(text_slice(digits, 3, digits.len), ".0")));
}

static void check_statistic(const RuleContext *context, const Resource *alarm, const Json *statistic)
{
    Text text = statistic->kind == JSON_TEXT ? statistic->text : TEXT_NONE;
    if (!text.len || (is_statistic(text) && !is_beyond(text)))
        return;
    bool is_basic = rule_is_one_of(text, "Average Sum Minimum Maximum SampleCount");
    Diagnostic *d = rule_report(context, alarm, CODE_ALARM_STATISTIC, statistic, "%.*s is no %sstatistic", TEXT_ARG(text), is_basic ? "extended " : "");
    rule_tell(context, d, NULL, is_basic ? "put it into Statistic" : "write a percentile as p95 or p99.9, a trimmed mean as tm99");
}

static void check_query_statistic(const RuleContext *context, const Resource *alarm, const Json *statistic)
{
    if (!rule_is_one_of(rule_text(statistic), "Average Sum Minimum Maximum SampleCount"))
        check_statistic(context, alarm, statistic);
}

/* --- metric math --- */

static bool is_word_byte(char c)
{
    return byte_is_alphanumeric(c) || c == '_';
}

static const Json *find_query(const Json *metrics, Text id, bool *is_open)
{
    for (size_t i = 0; i < rule_item_count(metrics); i++) {
        const Json *own = json_get_c(metrics->items.items[i], "Id");
        if (text_equal(rule_text(own), id))
            return metrics->items.items[i];
        *is_open = *is_open || rule_is_open(own) || rule_is_open(metrics->items.items[i]);
    }
    return NULL;
}

/* The names in an expression that begin with a small letter are ids: functions are in capitals. Texts in quotes, and queries of Metrics Insights, are not
   looked into. */
static void check_ids(const RuleContext *context, const Resource *alarm, const Json *metrics, const Json *expression)
{
    Text text = expression->kind == JSON_TEXT ? expression->text : TEXT_NONE;
    bool is_open = false;
    if (text_starts_with(text_trim(text), TEXT("SELECT")) || text_find(text, TEXT("SEARCH")) < text.len)
        return;
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        size_t start = i;
        if (c == '"' || c == '\'') {
            size_t end = text_find_byte(text_slice(text, i + 1, text.len), c);
            i += end + 2;
            continue;
        }
        while (i < text.len && is_word_byte(text.ptr[i]))
            i++;
        Text word = text_slice(text, start, i);
        if (i == start)
            i++;
        if (!word.len || word.ptr[0] < 'a' || word.ptr[0] > 'z' || find_query(metrics, word, &is_open) || is_open)
            continue;
        Diagnostic *d = rule_report(context, alarm, CODE_METRIC_QUERY, expression, "no metric has the id %.*s", TEXT_ARG(word));
        rule_tell(context, d, NULL, "name the Id of another entry of Metrics");
        return;
    }
}

static void check_query(const RuleContext *context, const Resource *alarm, const Json *metrics, size_t index)
{
    const Json *query = metrics->items.items[index];
    const Json *id = json_get_c(query, "Id");
    const Json *stat = json_get_c(query, "MetricStat");
    const Json *expression = json_get_c(query, "Expression");
    if (rule_is_set(stat) && rule_is_set(expression))
        report(context, alarm, CODE_METRIC_QUERY, expression, "an entry has MetricStat or Expression, not both", "put the expression into an entry of its own");
    else if (!rule_is_set(stat) && !rule_is_set(expression))
        report(context, alarm, CODE_METRIC_QUERY, query, "the entry has neither MetricStat nor Expression", "add one of them");
    if (rule_is_known(expression))
        check_ids(context, alarm, metrics, expression);
    for (size_t i = 0; i < index && rule_text(id).len; i++)
        if (text_equal(rule_text(json_get_c(metrics->items.items[i], "Id")), rule_text(id)))
            report(context, alarm, CODE_METRIC_QUERY, id, "another entry has this Id", "give each entry its own Id");
}

/* ReturnData is true where nothing else is said. An alarm with a band watches two: the metric and its band. */
static void check_returned(const RuleContext *context, const Resource *alarm, const Json *metrics)
{
    const Json *band = rule_member(alarm, "ThresholdMetricId");
    const Json *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < rule_item_count(metrics); i++) {
        const Json *query = metrics->items.items[i];
        const Json *returned = json_get_c(query, "ReturnData");
        if (!rule_is_known(query) || rule_is_open(returned))
            return;
        if (band && json_equal(json_get_c(query, "Id"), band))
            continue;
        if (rule_is_set(returned) && !rule_flag(returned, true))
            continue;
        count++;
        if (count == 2 && !band) {
            Diagnostic *d = report(context, alarm, CODE_METRIC_RETURNED, rule_is_set(returned) ? returned : query, "an alarm watches one entry of Metrics, and this is the second that returns data", "set ReturnData to false for all but one");
            diagnostic_add_label(context->sink, d, rule_span(alarm, first), "the first one");
        }
        first = first ? first : query;
    }
    if (!count && !band && rule_item_count(metrics))
        report(context, alarm, CODE_METRIC_RETURNED, metrics, "an alarm watches one entry of Metrics, and none returns data", "set ReturnData to true for one of them");
}

static void check_metrics(const RuleContext *context, const Resource *alarm, const Json *metrics)
{
    enum { METRICS_MAX = 10 };
    size_t count = 0;
    const Json *band = rule_member(alarm, "ThresholdMetricId");
    bool is_open = rule_is_open(band);
    for (size_t i = 0; i < rule_item_count(metrics); i++) {
        if (!rule_is_known(metrics->items.items[i]))
            continue;
        check_query(context, alarm, metrics, i);
        if (rule_is_set(json_get_c(metrics->items.items[i], "MetricStat")) && ++count == METRICS_MAX + 1 && !context->is_svc)
            report(context, alarm, CODE_TOO_MANY_METRICS, metrics->items.items[i], "an alarm reads at most 10 metrics", "watch fewer metrics");
    }
    check_returned(context, alarm, metrics);
    if (rule_text(band).len && !find_query(metrics, rule_text(band), &is_open) && !is_open)
        report(context, alarm, CODE_ALARM_ANOMALY, band, "no entry of Metrics has this Id", "name the entry with ANOMALY_DETECTION_BAND");
}

/* --- actions --- */

static void check_actions(const RuleContext *context, const Resource *alarm, const Json *actions)
{
    for (size_t i = 0; i < rule_item_count(actions); i++) {
        const Json *action = actions->items.items[i];
        Text text = action->kind == JSON_TEXT ? action->text : TEXT_NONE;
        Text service = arn_part(text, ARN_SERVICE);
        if (!text.len || (text_starts_with(text, TEXT("arn:")) && rule_is_one_of(service, "sns autoscaling automate swf lambda ssm ssm-incidents aiops")))
            continue;
        Diagnostic *d = rule_report(context, alarm, CODE_ALARM_ACTION, action, "%.*s is nothing that an alarm can call", TEXT_ARG(text));
        rule_tell(context, d, NULL, "give the ARN of an SNS topic, a scaling policy or a Lambda function");
    }
}

/* --- dimensions --- */

typedef struct KnownSpace {
    const char *space;
    const char *dimensions; /* all that it has; empty where it has many */
    const char *needed;     /* without it no metric has a point */
} KnownSpace;

static const KnownSpace known_spaces[] = {
    {"AWS/ECS", "ClusterName ServiceName DiscoveryName TargetDiscoveryName CapacityProviderName", "ClusterName DiscoveryName TargetDiscoveryName"},
    {"ECS/ContainerInsights", "ClusterName ServiceName TaskDefinitionFamily TaskId ContainerName EC2InstanceId ContainerInstanceId InstanceId DeploymentId TaskSetId VolumeName", "ClusterName"},
    {"AWS/ApplicationELB", "LoadBalancer TargetGroup AvailabilityZone DomainName RuleId", "LoadBalancer TargetGroup"},
    {"AWS/NetworkELB", "LoadBalancer TargetGroup AvailabilityZone", "LoadBalancer TargetGroup"},
    {"AWS/SQS", "QueueName FifoQueueName", "QueueName"},
};

static const KnownSpace *find_space(Text name)
{
    for (size_t i = 0; i < sizeof known_spaces / sizeof *known_spaces; i++)
        if (text_equal_c(name, known_spaces[i].space))
            return &known_spaces[i];
    return NULL;
}

static void check_dimension_value(const RuleContext *context, const Resource *alarm, Text name, const Json *value)
{
    Text text = value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
    if (!text.len)
        return;
    const char *problem = NULL;
    if (text_equal_c(name, "TargetGroup") && !text_starts_with(text, TEXT("targetgroup/")))
        problem = "write targetgroup/NAME/ID: the end of the ARN, from targetgroup on (TargetGroupFullName)";
    else if (text_equal_c(name, "LoadBalancer") && !text_starts_with(text, TEXT("app/")) && !text_starts_with(text, TEXT("net/")) && !text_starts_with(text, TEXT("gwy/")))
        problem = "write app/NAME/ID: the end of the ARN, behind loadbalancer/ (LoadBalancerFullName)";
    else if ((text_equal_c(name, "ClusterName") || text_equal_c(name, "ServiceName")) && text_starts_with(text, TEXT("arn:")))
        problem = "write the name alone";
    if (!problem)
        return;
    Diagnostic *d = rule_report(context, alarm, CODE_ALARM_DIMENSION, value, "no metric has this %.*s", TEXT_ARG(name));
    rule_tell(context, d, "the alarm would never have a point", problem);
}

static void check_dimensions(const RuleContext *context, const Resource *alarm, const Json *space, const Json *dimensions)
{
    const KnownSpace *known = find_space(rule_text(space));
    bool has_needed = false;
    if (!known || rule_is_open(dimensions))
        return;
    for (size_t i = 0; i < rule_item_count(dimensions); i++) {
        const Json *name = json_get_c(dimensions->items.items[i], "Name");
        has_needed = has_needed || !rule_is_known(name) || rule_is_one_of(rule_text(name), known->needed);
        if (rule_is_known(name) && !rule_is_one_of(rule_text(name), known->dimensions)) {
            Diagnostic *d = rule_report(context, alarm, CODE_ALARM_DIMENSION, name, "metrics of %s have no dimension %.*s", known->space, TEXT_ARG(rule_text(name)));
            Text words = rule_words_text(context->arena, known->dimensions);
            diagnostic_set_advice(context->sink, d, "they have %.*s", TEXT_ARG(words));
            has_needed = true;
        }
        check_dimension_value(context, alarm, rule_text(name), json_get_c(dimensions->items.items[i], "Value"));
    }
    if (has_needed || context->is_svc)
        return;
    Diagnostic *d = rule_report(context, alarm, CODE_ALARM_DIMENSION, rule_is_set(dimensions) ? dimensions : space, "a metric of %s has dimensions, and the alarm names none that it needs", known->space);
    diagnostic_set_advice(context->sink, d, "add one of: %s", known->needed);
}

static void check_own_dimensions(const RuleContext *context, const Resource *alarm, const Json *space)
{
    check_dimensions(context, alarm, space, json_get_c(alarm->input, "Dimensions"));
}

static void check_query_dimensions(const RuleContext *context, const Resource *alarm, const Json *metric)
{
    if (rule_is_known(json_get_c(metric, "Namespace")))
        check_dimensions(context, alarm, json_get_c(metric, "Namespace"), json_get_c(metric, "Dimensions"));
}

const Rule alarm_rules[] = {
    {RESOURCE_ALARM, "", check_alarm},
    {RESOURCE_ALARM, "Period", check_period},
    {RESOURCE_ALARM, "Period", check_resolution},
    {RESOURCE_ALARM, "Metrics[].MetricStat.Period", check_period},
    {RESOURCE_ALARM, "Metrics[].Period", check_period},
    {RESOURCE_ALARM, "EvaluationPeriods", check_window},
    {RESOURCE_ALARM, "DatapointsToAlarm", check_datapoints},
    {RESOURCE_ALARM, "ExtendedStatistic", check_statistic},
    {RESOURCE_ALARM, "Metrics[].MetricStat.Stat", check_query_statistic},
    {RESOURCE_ALARM, "Metrics", check_metrics},
    {RESOURCE_ALARM, "AlarmActions", check_actions},
    {RESOURCE_ALARM, "OKActions", check_actions},
    {RESOURCE_ALARM, "InsufficientDataActions", check_actions},
    {RESOURCE_ALARM, "Namespace", check_own_dimensions},
    {RESOURCE_ALARM, "Metrics[].MetricStat.Metric", check_query_dimensions},
    {.check = NULL},
};
