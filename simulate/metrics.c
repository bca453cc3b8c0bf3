/* CloudWatch: alarms that are kept, and what it tells of the traffic, late and with gaps. */
#include "simulate/state.h"

#include "aws/moment.h"

#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000, MINUTE_S = 60, THOUSAND = 1000, MILLION = 1000000, POINTS_MOST = 2000, QUEUE_USUAL = 25, QUEUE_SPREAD = 250 };

/* What a metric asks for. */
typedef struct Query {
    Text space, metric, stat;
    Text group, balancer, service, queue;
    Text meter;
    int64_t period_s;
} Query;

typedef enum Reading {
    READING_SUM,       /* sparse: without anything to count there is no point */
    READING_LATENCY,
    READING_HEALTHY,
    READING_UNHEALTHY,
    READING_CPU,
    READING_RUNNING,
    READING_DESIRED,
    READING_QUEUE,
} Reading;

typedef struct MetricRow {
    const char *space;
    const char *metric;
    bool of_balancer; /* without a target group */
    Reading reading;
    Measure measure;
} MetricRow;

static const MetricRow metric_rows[] = {
    {"AWS/ApplicationELB", "RequestCount", false, READING_SUM, MEASURE_REQUESTS},
    {"AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", false, READING_SUM, MEASURE_5XX},
    {"AWS/ApplicationELB", "TargetConnectionErrorCount", false, READING_SUM, MEASURE_REFUSED},
    {"AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", true, READING_SUM, MEASURE_EDGE_5XX},
    {"AWS/ApplicationELB", "TargetResponseTime", false, READING_LATENCY, MEASURE_P95},
    {"AWS/ApplicationELB", "HealthyHostCount", false, READING_HEALTHY, MEASURE_COUNT},
    {"AWS/ApplicationELB", "UnHealthyHostCount", false, READING_UNHEALTHY, MEASURE_COUNT},
    {"AWS/ECS", "CPUUtilization", false, READING_CPU, MEASURE_CPU},
    {"AWS/ECS", "MemoryUtilization", false, READING_CPU, MEASURE_CPU},
    {"ECS/ContainerInsights", "RunningTaskCount", false, READING_RUNNING, MEASURE_RUNNING},
    {"ECS/ContainerInsights", "DesiredTaskCount", false, READING_DESIRED, MEASURE_DESIRED},
    {"AWS/SQS", "ApproximateNumberOfMessagesVisible", false, READING_QUEUE, MEASURE_QUEUE},
};

/* --- what is asked --- */

static Text dimension(const Json *metric, const char *name)
{
    const Json *list = json_get_c(metric, "Dimensions");
    for (size_t i = 0; i < json_item_count(list); i++)
        if (text_equal_c(text_at(list->items.items[i], "Name"), name))
            return text_at(list->items.items[i], "Value");
    return TEXT_NONE;
}

static Query read_query(Arena *arena, const Json *stat)
{
    const Json *metric = json_get_c(stat, "Metric");
    Query query = {.space = text_at(metric, "Namespace"), .metric = text_at(metric, "MetricName"), .stat = text_at(stat, "Stat"), .period_s = number_at(stat, "Period", MINUTE_S)};
    query.group = dimension(metric, "TargetGroup");
    query.balancer = dimension(metric, "LoadBalancer");
    query.service = dimension(metric, "ServiceName");
    query.queue = dimension(metric, "QueueName");
    if (query.group.len)
        query.meter = query.group;
    else if (query.service.len)
        query.meter = arena_format(arena, "%.*s/%.*s", TEXT_ARG(dimension(metric, "ClusterName")), TEXT_ARG(query.service));
    else
        query.meter = query.queue.len ? TEXT("queues") : query.balancer;
    return query;
}

static const MetricRow *find_row(const Query *query)
{
    for (size_t i = 0; i < sizeof metric_rows / sizeof *metric_rows; i++)
        if (text_equal_c(query->space, metric_rows[i].space) && text_equal_c(query->metric, metric_rows[i].metric))
            return &metric_rows[i];
    return NULL;
}

/* --- a minute's value --- */

static double percentile(double p50, double p95, double p)
{
    if (p <= 50)
        return p50 * (0.5 + p / 100);
    if (p <= 95)
        return p50 + (p95 - p50) * (p - 50) / 45;
    return p95 * (1 + (p - 95) / 5 * 0.6);
}

static double latency(const Simulation *s, const Query *query, const Minute *minute)
{
    enum { SPREAD = 50 };
    double requests = minute->sums[MEASURE_REQUESTS];
    double p50 = minute->sums[MEASURE_P50] / requests;
    double p95 = minute->sums[MEASURE_P95] / requests;
    double value = p50 + (p95 - p50) * 0.3;
    if (query->stat.len > 1 && query->stat.ptr[0] == 'p')
        value = percentile(p50, p95, strtod(query->stat.ptr + 1, NULL));
    else if (text_equal_c(query->stat, "Maximum"))
        value = p95 * 2;
    return value / THOUSAND * random_swing(s, query->meter, minute->number, SPREAD);
}

static double hosts(const Query *query, double least, double most)
{
    bool is_least = text_equal_c(query->stat, "Minimum");
    return is_least ? least : text_equal_c(query->stat, "Maximum") ? most : (least + most) / 2;
}

/* False: there is no point. */
static bool read_minute(const Simulation *s, const MetricRow *row, const Query *query, const Minute *minute, double *out)
{
    double sum = row->measure < MEASURE_COUNT ? minute->sums[row->measure] : 0;
    double running = minute->sums[MEASURE_RUNNING];
    if (minute->is_silent)
        return false;
    switch (row->reading) {
    case READING_SUM:
        *out = (double)(int64_t)(sum + (double)(random_of(s, query->metric, minute->number) % THOUSAND) / THOUSAND);
        return *out > 0;
    case READING_LATENCY:
        if (minute->sums[MEASURE_REQUESTS] < 0.5)
            return false;
        *out = latency(s, query, minute);
        return true;
    case READING_HEALTHY: *out = hosts(query, minute->healthy_least, minute->healthy_most); return minute->has_targets;
    case READING_UNHEALTHY: *out = hosts(query, minute->unhealthy_least, minute->unhealthy_most); return minute->has_targets;
    case READING_CPU: *out = running > 0 ? sum / running : 0; return running > 0;
    case READING_RUNNING:
    case READING_DESIRED: *out = sum / MINUTE_MS; return true;
    case READING_QUEUE: {
        double usual = QUEUE_USUAL * random_swing(s, query->queue, minute->number, QUEUE_SPREAD);
        *out = (double)(int64_t)(sum > 0 ? QUEUE_USUAL * 2 + sum : usual);
        return true;
    }
    }
    return false;
}

/* What a trace says of it, from the first work of the new revision on. False: it says nothing of this time. */
static bool read_trace(const Simulation *s, const Query *query, const Minute *minute, bool *has_point, double *out)
{
    const Trace *trace = s->options.world.trace;
    TraceSide side = query->group.len || query->service.len ? (minute && minute->is_new ? TRACE_CANARY : TRACE_STABLE) : TRACE_ANY;
    const TraceSeries *series = trace ? trace_find(trace, query->metric, query->stat, side) : NULL;
    if (!series || !s->worked_ms || !minute)
        return false;
    int64_t at = minute->number * MINUTE_MS - s->worked_ms / MINUTE_MS * MINUTE_MS;
    if (at < 0 || at >= trace->length_ms + trace->step_ms)
        return false;
    *has_point = trace_at(trace, series, at, out);
    return true;
}

static bool point_of(Simulation *s, const Query *query, int64_t number, double *out)
{
    const SimulationFaults *faults = &s->options.faults;
    const MetricRow *row = find_row(query);
    const Minute *minute = traffic_minute(traffic_find(s, query->meter.len ? query->meter : TEXT("queues")), number);
    /* What is told of one thing and minute comes at one time. */
    uint64_t chance = random_of(s, query->meter, number);
    int64_t spread = faults->metric_most_ms - faults->metric_least_ms;
    int64_t late = faults->metric_least_ms + (spread > 0 ? (int64_t)(chance % (uint64_t)spread) : 0);
    bool has_point = false;
    if (s->now_ms < (number + 1) * MINUTE_MS + late)
        return false;
    if (faults->missing && (chance >> 32) % THOUSAND < faults->missing) {
        s->counts.missing++;
        return false;
    }
    if (read_trace(s, query, minute, &has_point, out))
        return has_point;
    return row && minute && read_minute(s, row, query, minute, out);
}

/* --- a series --- */

typedef struct Gathered {
    size_t count;
    double sum, least, most;
} Gathered;

static double value_of(const Query *query, const Gathered *all)
{
    if (text_equal_c(query->stat, "Sum"))
        return all->sum;
    if (text_equal_c(query->stat, "Minimum"))
        return all->least;
    if (text_equal_c(query->stat, "SampleCount"))
        return (double)all->count;
    return text_equal_c(query->stat, "Average") ? all->sum / (double)all->count : all->most;
}

static Json *number_json(Arena *arena, double value)
{
    Rational rational = {0, 1};
    if (!rational_make(&rational, (int64_t)(value * MILLION + 0.5), MILLION))
        return json_integer(arena, 0);
    return json_number(arena, rational);
}

static int64_t moment_of(const Json *json, const char *member)
{
    const Json *value = json_get_c(json, member);
    int64_t moment = 0;
    if (value && value->kind == JSON_TEXT && aws_moment_parse(value->text, &moment))
        return moment;
    return number_at(json, member, 0);
}

static Json *series_json(Simulation *s, Request *r, const Json *asked)
{
    Query query = read_query(r->arena, json_get_c(asked, "MetricStat"));
    Json *series = json_object(r->arena);
    Json *times = json_array(r->arena);
    Json *values = json_array(r->arena);
    bool is_ascending = text_equal_c(request_text(r, "ScanBy"), "TimestampAscending");
    int64_t period = query.period_s < MINUTE_S ? MINUTE_S : query.period_s;
    int64_t first = moment_of(r->in, "StartTime") / period;
    int64_t end = moment_of(r->in, "EndTime");
    int64_t count = (end + period - 1) / period - first;
    count = count > POINTS_MOST ? POINTS_MOST : count;
    for (int64_t i = 0; i < count; i++) {
        int64_t start = (first + (is_ascending ? i : count - 1 - i)) * period;
        Gathered all = {0};
        for (int64_t minute = start / MINUTE_S; minute < (start + period) / MINUTE_S; minute++) {
            double value = 0;
            if (!point_of(s, &query, minute, &value))
                continue;
            all.least = all.count && all.least < value ? all.least : value;
            all.most = all.count && all.most > value ? all.most : value;
            all.sum += value;
            all.count++;
        }
        if (!all.count || query.period_s < MINUTE_S)
            continue;
        json_add(r->arena, times, moment_json(r->arena, start * THOUSAND));
        json_add(r->arena, values, number_json(r->arena, value_of(&query, &all)));
    }
    json_set_c(r->arena, series, "Id", json_text(r->arena, arena_copy_text(r->arena, text_at(asked, "Id"))));
    json_set_c(r->arena, series, "Label", json_text(r->arena, arena_copy_text(r->arena, query.metric)));
    json_set_c(r->arena, series, "Timestamps", times);
    json_set_c(r->arena, series, "Values", values);
    json_set_c(r->arena, series, "StatusCode", json_text_c(r->arena, "Complete"));
    return series;
}

ANSWERER(answer_metric_data)
{
    const Json *queries = json_get_c(r->in, "MetricDataQueries");
    Json *results = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(queries); i++) {
        if (!json_get_c(queries->items.items[i], "MetricStat")) {
            request_fail(r, "ValidationError", "a rehearsal's account answers raw series only");
            return;
        }
        json_add(r->arena, results, series_json(s, r, queries->items.items[i]));
    }
    request_set(r, "MetricDataResults", results);
}

/* --- alarms --- */

/* A put on what is there changes neither its state nor its tags. */
ANSWERER(answer_put_alarm)
{
    const Thing *before = thing_find(s, THING_ALARM, request_text(r, r->key));
    Json *state = before ? json_get_c(before->describe, "StateValue") : json_text_c(s->arena, "OK");
    answer_put(s, r);
    Thing *alarm = thing_find(s, THING_ALARM, request_text(r, r->key));
    json_set_c(s->arena, alarm->describe, "StateValue", state);
    r->out = json_object(r->arena);
}
