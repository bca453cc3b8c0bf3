/* Metric expressions to CloudWatch metric math (SPEC.md, "Lowering metrics"). */
#ifndef SVC_EMIT_METRIC_MATH_H
#define SVC_EMIT_METRIC_MATH_H

#include "emit/emit.h"

/* Which side of a rollout a metric of a target group or service is for. The canary's service and target groups carry the stable
   one's names and "-c". Where a service has one side only, both and the larger are that one. */
typedef enum MetricSide {
    SIDE_BOTH,   /* each metric of target groups over all of them, as it combines */
    SIDE_LARGER, /* the whole expression on each side, and the larger of the two */
    SIDE_STABLE,
    SIDE_CANARY,
} MetricSide;

typedef enum MetricPurpose {
    PURPOSE_ALARM,   /* canary(), stable() and rising() are mistakes */
    PURPOSE_TRIGGER, /* an alarm behind a rollout's condition: rising() asks for growth at every point */
    PURPOSE_SCALING, /* a scaling policy: no periods; a division by zero counts as one by one, so that a queue without workers asks for some */
    PURPOSE_SHOW,    /* a graph */
} MetricPurpose;

typedef struct MetricRequest {
    MetricPurpose purpose;
    MetricSide side;
    int64_t period;  /* seconds; 0 leaves it out */
    TypeKind bound;  /* type of what it is compared with: TYPE_PERCENT turns a ratio into percent points; TYPE_ANY asks for nothing */
    Text unit;       /* only points published in this CloudWatch unit, or empty */
    Text account;    /* the account that has the metrics, or empty for this one */
    Rational growth; /* what rising() asks for, of PURPOSE_TRIGGER; none: anything above zero */
    Text prefix;     /* of the ids, where several expressions share a place; or empty */
} MetricRequest;

/* An expression as CloudWatch takes it: one metric (single) or a Metrics array whose last entry returns the data. */
typedef struct LoweredMetric {
    bool is_single;
    Json *single;          /* {"Namespace", "MetricName", "Dimensions", "Statistic" or "ExtendedStatistic", "Unit"?}; NULL when not single */
    Json *metrics;         /* [{"Id", "Expression" or "MetricStat", "Label", "ReturnData", "AccountId"?}]; always there */
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

/* False when it cannot be expressed: reported at the expression's place. */
bool metric_lower(Emission *emission, const ServiceFacts *facts, const MetricExpression *expression, const MetricRequest *request,
                  LoweredMetric *out) __attribute__((warn_unused_result));
bool metric_lower_condition(Emission *emission, const ServiceFacts *facts, const MetricExpression *condition, const MetricRequest *request,
                            LoweredCondition *out) __attribute__((warn_unused_result));
/* Milliseconds between points of the coarsest metric in it; one minute at least where none says. */
int64_t metric_resolution(const MetricExpression *expression);
bool metric_uses_function(const MetricExpression *expression, MetricFunction function);
/* Whether it tells one side of a rollout from the other. */
bool metric_names_side(const MetricExpression *expression);
/* Whether a metric of this scope is in it. */
bool metric_has_scope(const MetricExpression *expression, MetricScope scope);
/* Whether an alarm on the larger of both sides reads no more metrics than an alarm takes. */
bool metric_fits_both_sides(const ServiceFacts *facts, const MetricExpression *expression);
/* The side that scaling goes by: both where ECS swaps them, and else the one that is scaled. */
MetricSide metric_scaling_side(const ServiceFacts *facts);
/* Whether each metric in it can be told for the canary alone, stable()'s aside: target groups and services can. */
bool metric_has_canary_side(const MetricExpression *expression);
/* TreatMissingData that its metrics ask for: the worst of them; NULL when all count missing points as zero, which depends on the bound. */
const char *metric_missing(const MetricExpression *expression);
/* The first metric in it, or NULL. */
const MetricDeclaration *metric_first_leaf(const MetricExpression *expression);
/* Whether a bound of this type can be compared with the expression (SPEC.md, "Dimensions"). */
bool metric_accepts_bound(const MetricExpression *expression, TypeKind bound);
/* The path of a log metric with what it was called with: two calls are two metrics. */
Text metric_log_path(Emission *emission, const MetricDeclaration *leaf);
/* CloudWatch's name of a log metric: "<ECS service>.<path>"; its namespace is "svc/<project>". */
Text metric_log_name(Emission *emission, const ServiceFacts *facts, Text path);
Text metric_log_namespace(Emission *emission);
/* The dimension value of a route's load balancer: the last part of its ARN, "app/<name>/<id>". */
Json *metric_load_balancer(Emission *emission, const RouteFacts *route);
/* What tells the target groups of a service apart where it has several: "app-8000", "app-8000-c"; else empty. */
Text metric_side_label(Emission *emission, const ServiceFacts *facts, const RouteFacts *route, MetricSide side);
/* The dimension value of a route's target group: "targetgroup/<name>/<id>". */
Json *metric_target_group(Emission *emission, const RouteFacts *route, MetricSide side);

#endif
