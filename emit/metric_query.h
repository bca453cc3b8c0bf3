/* The queries of a lowered expression: which metrics it reads, and what is true of an expression before it is lowered. Private to the
   metric_*.c files. */
#ifndef SVC_EMIT_METRIC_QUERY_H
#define SVC_EMIT_METRIC_QUERY_H

#include "emit/metric_math.h"

/* PutMetricAlarm takes at most 10 metrics in its math, and an expression of so many characters. */
enum { METRIC_QUERIES_MAX = 10, METRIC_TEXT_MAX = 2048 };

typedef struct MetricQuery {
    const MetricDeclaration *leaf;
    Text statistic;
    const RouteFacts *route; /* of the scopes target-group and load-balancer */
    MetricSide side;
} MetricQuery;

typedef struct Lowering {
    Emission *emission;
    const ServiceFacts *facts;
    const MetricRequest *request;
    MetricSide side;
    Span place;      /* what the user wrote: where mistakes are reported */
    size_t named;    /* how many declared metrics it is inside of */
    ARRAY(MetricQuery) queries;
} Lowering;

/* The queries of one metric: one, or one for each target group or load balancer. ids holds METRIC_QUERIES_MAX. An empty statistic means the
   declaration's own. False after a report. */
bool metric_query_leaf(Lowering *lowering, const MetricExpression *e, Text statistic, size_t *ids, size_t *count) __attribute__((warn_unused_result));
/* Reports more than METRIC_QUERIES_MAX; always false. */
bool metric_query_report_count(Lowering *lowering);
/* The first query in the flat form of PutMetricAlarm and CustomizedMetricSpecification. */
Json *metric_query_single(Lowering *lowering);
/* All queries as MetricDataQuery objects and, unless it is empty, the expression over them. */
Json *metric_query_array(Lowering *lowering, Text expression, Text label);
/* What holds where the comparison does not; `and` and `or` change places. */
Operator metric_opposite(Operator op);
/* Whether a condition holds while each metric that counts missing points as zero is zero. */
bool metric_holds_at_zero(const MetricExpression *condition);

#endif
