#include "simulate/trace.h"

const TraceSeries *trace_find(const Trace *trace, Text metric, Text stat, TraceSide side)
{
    for (size_t i = 0; i < trace->series.count; i++) {
        const TraceSeries *series = &trace->series.items[i];
        if (text_equal(series->metric, metric) && (!series->stat.len || text_equal(series->stat, stat)) && (series->side == TRACE_ANY || series->side == side))
            return series;
    }
    return NULL;
}

bool trace_at(const TraceSeries *series, int64_t at_ms, double *out)
{
    const TracePoint *found = NULL;
    for (size_t i = 0; i < series->points.count && series->points.items[i].at_ms <= at_ms; i++)
        found = &series->points.items[i];
    if (!found || found->is_missing)
        return false;
    *out = found->value;
    return true;
}
