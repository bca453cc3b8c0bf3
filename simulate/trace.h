/* Metrics over time, as they were once: CSV, or what `aws cloudwatch get-metric-data` prints (SPEC.md, "Rehearsal", "Traces"). */
#ifndef SVC_SIMULATE_TRACE_H
#define SVC_SIMULATE_TRACE_H

#include "base/array.h"
#include "base/rational.h"
#include "diagnostics/diagnostic.h"

/* Whose metric a series is. */
typedef enum TraceSide { TRACE_ANY, TRACE_STABLE, TRACE_CANARY } TraceSide;

typedef struct TracePoint {
    int64_t at_ms; /* since the trace's first point */
    bool is_missing;
    double value;
} TracePoint;

typedef struct TraceSeries {
    Text metric; /* CloudWatch's name: "HTTPCode_Target_5XX_Count" */
    Text stat;   /* empty: whatever is asked for */
    TraceSide side;
    ARRAY(TracePoint) points; /* in order of time */
} TraceSeries;

typedef struct Trace {
    ARRAY(TraceSeries) series;
    int64_t length_ms;
    int64_t step_ms; /* how long a point holds */
} Trace;

/* By its form, whatever its name. Everything lives in the arena. False after a report. */
bool trace_read(Arena *arena, Diagnostics *sink, Text path, Trace *out) __attribute__((warn_unused_result));
bool trace_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, Trace *out) __attribute__((warn_unused_result));
/* The series for this metric, statistic and side; NULL: the trace says nothing of it. */
const TraceSeries *trace_find(const Trace *trace, Text metric, Text stat, TraceSide side);
/* The value of the point that holds at that time. False: there is none. */
bool trace_at(const Trace *trace, const TraceSeries *series, int64_t at_ms, double *out);

#endif
