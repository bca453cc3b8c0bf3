/* Metric expressions to CloudWatch metric math (SPEC.md, "Lowering metrics"). */
#ifndef SVC_EMIT_METRIC_MATH_H
#define SVC_EMIT_METRIC_MATH_H

#include "emit/emit.h"

/* Which side of a rollout a metric of a target group or service is for. */
typedef enum MetricSide { SIDE_BOTH, SIDE_STABLE, SIDE_CANARY } MetricSide;

/* An expression as CloudWatch takes it: one metric (single) or a Metrics array whose last entry returns the data. */
typedef struct LoweredMetric {
    bool is_single;
    Json *single;          /* {"Namespace", "MetricName", "Dimensions", "Statistic" or "ExtendedStatistic", "Unit"?} */
    Json *metrics;         /* [{"Id", "Expression" or "MetricStat", "ReturnData", "Label"?, "Period"}] */
    Rational unit_factor;  /* a threshold in svc's base unit divided by this is a threshold in CloudWatch's */
    int64_t resolution;    /* milliseconds: the coarsest of the metrics used */
    const char *missing;   /* TreatMissingData that the metrics ask for */
    size_t metric_count;
} LoweredMetric;

/* A comparison split into what is measured and the bound. */
typedef struct LoweredCondition {
    LoweredMetric metric;
    const char *comparison; /* ComparisonOperator */
    Rational threshold;     /* in CloudWatch's unit */
} LoweredCondition;

/* `period` in seconds. False when it cannot be expressed (reported at the expression's place). */
bool metric_lower(Emission *emission, const ServiceFacts *facts, const MetricExpression *expression, int64_t period, MetricSide side,
                  LoweredMetric *out) __attribute__((warn_unused_result));
bool metric_lower_condition(Emission *emission, const ServiceFacts *facts, const MetricExpression *condition, int64_t period, MetricSide side,
                            LoweredCondition *out) __attribute__((warn_unused_result));

#endif
