#include "simulate/trace.h"

#include "aws/moment.h"
#include "base/file.h"
#include "base/json_read.h"

#include <stdlib.h>

enum { TRACE_BYTES_MAX = 16 * 1024 * 1024, NUMBER_LENGTH_MAX = 40 };

typedef struct Reading {
    Arena *arena;
    Diagnostics *sink;
    Text path;
    Trace *trace;
} Reading;

static bool report(const Reading *r, size_t line, const char *problem, Text what)
{
    Diagnostic *diagnostic = line ? diagnostic_report(r->sink, CODE_BAD_TRACE, SPAN_NONE, "%.*s, line %zu: %s%.*s", TEXT_ARG(r->path), line, problem, TEXT_ARG(what))
                                  : diagnostic_report(r->sink, CODE_BAD_TRACE, SPAN_NONE, "%.*s: %s%.*s", TEXT_ARG(r->path), problem, TEXT_ARG(what));
    diagnostic_set_advice(r->sink, diagnostic, "give a column `time` (seconds, or 2026-01-31T12:00:00Z) and one for each metric, such as `canary RequestCount`");
    return false;
}

/* --- what is said of a series --- */

/* "canary TargetResponseTime p95": whose it is and the statistic may be left out. */
static bool read_name(const Reading *r, size_t line, Text name, TraceSeries *out)
{
    static const Text sides[] = {[TRACE_ANY] = {"", 0}, [TRACE_STABLE] = {"stable ", 7}, [TRACE_CANARY] = {"canary ", 7}};
    Text rest = text_trim(name);
    for (size_t i = TRACE_STABLE; i <= TRACE_CANARY; i++)
        if (text_starts_with(rest, sides[i])) {
            out->side = (TraceSide)i;
            rest = text_trim(text_slice(rest, sides[i].len, rest.len));
        }
    size_t blank = text_find_byte(rest, ' ');
    out->metric = text_slice(rest, 0, blank);
    out->stat = text_trim(text_slice(rest, blank, rest.len));
    if (!out->metric.len || text_find_byte(out->stat, ' ') < out->stat.len)
        return report(r, line, "no name of a metric: ", name);
    return true;
}

static bool read_number(Arena *arena, Text text, double *out)
{
    char *end = NULL;
    if (!text.len || text.len > NUMBER_LENGTH_MAX || !(byte_is_digit(text.ptr[0]) || text.ptr[0] == '-' || text.ptr[0] == '.'))
        return false;
    Text copy = arena_copy_text(arena, text);
    *out = strtod(copy.ptr, &end);
    return end == copy.ptr + copy.len && *out > -1e15 && *out < 1e15;
}

/* Seconds, or a moment. In milliseconds. */
static bool read_time(Arena *arena, Text text, int64_t *out)
{
    double seconds = 0;
    int64_t moment = 0;
    if (aws_moment_parse(text, &moment)) {
        *out = moment * 1000;
        return true;
    }
    if (!read_number(arena, text, &seconds))
        return false;
    *out = (int64_t)(seconds * 1000);
    return true;
}

/* --- CSV --- */

/* The next line, without its end; false after the last. */
static bool next_line(Text *rest, Text *line)
{
    if (!rest->len)
        return false;
    size_t end = text_find_byte(*rest, '\n');
    *line = text_trim(text_slice(*rest, 0, end));
    *rest = end < rest->len ? text_slice(*rest, end + 1, rest->len) : TEXT_NONE;
    return true;
}

/* The next field, without its quotes; false after the last. */
static bool next_field(Text *rest, Text *field)
{
    if (!rest->ptr)
        return false;
    size_t end = text_find_byte(*rest, ',');
    *field = text_trim(text_slice(*rest, 0, end));
    *rest = end < rest->len ? text_slice(*rest, end + 1, rest->len) : TEXT_NONE;
    if (field->len >= 2 && field->ptr[0] == '"' && field->ptr[field->len - 1] == '"')
        *field = text_slice(*field, 1, field->len - 1);
    return true;
}

static bool read_header(const Reading *r, Text line)
{
    Text field;
    if (!next_field(&line, &field) || !text_equal_any_case(field, TEXT("time")))
        return report(r, 1, "the first column is not `time` but ", field);
    while (next_field(&line, &field)) {
        TraceSeries series = {0};
        if (!read_name(r, 1, field, &series))
            return false;
        ARRAY_PUSH(r->arena, &r->trace->series, series);
    }
    return r->trace->series.count || report(r, 1, "there is no metric", TEXT_NONE);
}

static bool read_row(const Reading *r, size_t number, Text line, int64_t at_ms)
{
    Text field;
    size_t column = 0;
    while (next_field(&line, &field)) {
        TracePoint point = {.at_ms = at_ms, .is_missing = !field.len};
        if (column == r->trace->series.count)
            return report(r, number, "there are more fields than columns", TEXT_NONE);
        if (field.len && !read_number(r->arena, field, &point.value))
            return report(r, number, "no number: ", field);
        ARRAY_PUSH(r->arena, &r->trace->series.items[column].points, point);
        column++;
    }
    return true;
}

static bool read_csv(const Reading *r, Text text)
{
    Text line;
    int64_t first = 0;
    int64_t last = 0;
    size_t count = 0;
    if (!next_line(&text, &line))
        return report(r, 0, "it is empty", TEXT_NONE);
    if (!read_header(r, line))
        return false;
    for (size_t number = 2; next_line(&text, &line); number++) {
        Text time;
        int64_t at = 0;
        if (!line.len)
            continue;
        (void)next_field(&line, &time);
        if (!read_time(r->arena, time, &at))
            return report(r, number, "no time: ", time);
        if (count++ == 0)
            first = last = at;
        if (at < last)
            return report(r, number, "it is earlier than the line before: ", time);
        last = at;
        if (!read_row(r, number, line, at - first))
            return false;
    }
    r->trace->length_ms = last - first;
    return count > 0 || report(r, 0, "there is no line of numbers", TEXT_NONE);
}

/* --- what `aws cloudwatch get-metric-data` prints --- */

static int compare_points(const void *a, const void *b)
{
    const TracePoint *left = a;
    const TracePoint *right = b;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

static bool read_result(const Reading *r, const ReadJson *result)
{
    const ReadJson *times = json_read_member(result, "Timestamps");
    const ReadJson *values = json_read_member(result, "Values");
    TraceSeries series = {0};
    if (!read_name(r, 0, json_read_text(json_read_member(result, "Label")), &series))
        return false;
    if (!times || !values || times->kind != READ_ARRAY || values->kind != READ_ARRAY || times->items.count != values->items.count)
        return report(r, 0, "Timestamps and Values are not two lists of one length: ", series.metric);
    for (size_t i = 0; i < times->items.count; i++) {
        TracePoint point = {0};
        const ReadJson *value = values->items.items[i];
        if (!read_time(r->arena, json_read_text(times->items.items[i]), &point.at_ms) || value->kind != READ_NUMBER)
            return report(r, 0, "a point is not a time and a number: ", series.metric);
        point.value = (double)value->number.num / (double)value->number.den;
        ARRAY_PUSH(r->arena, &series.points, point);
    }
    if (series.points.count > 1)
        qsort(series.points.items, series.points.count, sizeof *series.points.items, compare_points);
    ARRAY_PUSH(r->arena, &r->trace->series, series);
    return true;
}

/* All times from the first point of all. */
static bool begin_at_zero(const Reading *r)
{
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < r->trace->series.count; i++)
        for (size_t j = 0; j < r->trace->series.items[i].points.count; j++) {
            int64_t at = r->trace->series.items[i].points.items[j].at_ms;
            first = at < first ? at : first;
            last = at > last ? at : last;
        }
    if (first > last)
        return report(r, 0, "it has no point", TEXT_NONE);
    for (size_t i = 0; i < r->trace->series.count; i++)
        for (size_t j = 0; j < r->trace->series.items[i].points.count; j++)
            r->trace->series.items[i].points.items[j].at_ms -= first;
    r->trace->length_ms = last - first;
    return true;
}

static bool read_json(const Reading *r, Text text)
{
    ReadJsonError error;
    const ReadJson *json = json_read(r->arena, text, &error);
    const ReadJson *results = json_read_member(json, "MetricDataResults");
    if (!json)
        return report(r, 0, "it is not valid JSON: ", error.reason);
    if (!results || results->kind != READ_ARRAY)
        return report(r, 0, "it has no MetricDataResults", TEXT_NONE);
    for (size_t i = 0; i < results->items.count; i++)
        if (!read_result(r, results->items.items[i]))
            return false;
    return begin_at_zero(r);
}

/* How long a point holds: the least time between two, at least a minute. */
static void find_step(Trace *trace)
{
    enum { MINUTE_MS = 60 * 1000 };
    int64_t step = INT64_MAX;
    for (size_t i = 0; i < trace->series.count; i++)
        for (size_t j = 1; j < trace->series.items[i].points.count; j++) {
            int64_t gap = trace->series.items[i].points.items[j].at_ms - trace->series.items[i].points.items[j - 1].at_ms;
            step = gap < step ? gap : step;
        }
    trace->step_ms = step < MINUTE_MS || step == INT64_MAX ? MINUTE_MS : step;
}

bool trace_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, Trace *out)
{
    Reading r = {arena, sink, path, out};
    *out = (Trace){0};
    bool is_read = text_starts_with(text_trim(text), TEXT("{")) ? read_json(&r, text) : read_csv(&r, text);
    find_step(out);
    return is_read;
}

bool trace_read(Arena *arena, Diagnostics *sink, Text path, Trace *out)
{
    Text text;
    return diagnostic_read_file(arena, sink, path, TRACE_BYTES_MAX, &text) && trace_read_text(arena, sink, path, text, out);
}

/* --- what it says --- */

const TraceSeries *trace_find(const Trace *trace, Text metric, Text stat, TraceSide side)
{
    for (size_t i = 0; i < trace->series.count; i++) {
        const TraceSeries *series = &trace->series.items[i];
        if (text_equal(series->metric, metric) && (!series->stat.len || text_equal(series->stat, stat)) && (series->side == TRACE_ANY || series->side == side))
            return series;
    }
    return NULL;
}

bool trace_at(const Trace *trace, const TraceSeries *series, int64_t at_ms, double *out)
{
    const TracePoint *found = NULL;
    for (size_t i = 0; i < series->points.count && series->points.items[i].at_ms <= at_ms; i++)
        found = &series->points.items[i];
    if (!found || found->is_missing || at_ms >= found->at_ms + trace->step_ms)
        return false;
    *out = found->value;
    return true;
}
