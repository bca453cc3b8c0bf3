/* Scaling policies, in the parts that scaling.c, scaling_step.c and scaling_predict.c share. */
#ifndef SVC_EMIT_SCALING_H
#define SVC_EMIT_SCALING_H

#include "emit/metric_math.h"

/* What scales: set on each input of Application Auto Scaling. */
void scaling_set_target(Emission *emission, const ServiceFacts *facts, Json *input);
/* Adds the policy of a statement, which may name it: `stem` is unique in the service, `kind` PolicyType, `member` the configuration's name. Its id is
   "<service>/scaling/<stem>". */
Resource *scaling_add_policy(Emission *emission, const ServiceFacts *facts, const Node *node, Text stem, const char *kind, const char *member, Json *configuration);
/* "queue-visible" for queue.visible("jobs"): the first metric of an expression, for names. */
Text scaling_metric_stem(Emission *emission, const MetricExpression *expression);
/* The same, numbered when a policy of this service has it: a stem that is new. */
Text scaling_free_stem(Emission *emission, const ServiceFacts *facts, Text stem);
/* Reports a bound that is no quantity of the metric's kind. True when it is one that is known. */
bool scaling_check_bound(Emission *emission, const MetricExpression *metric, const Value *bound) __attribute__((warn_unused_result));
/* A bound in CloudWatch's unit. False after a report. */
bool scaling_bound(Emission *emission, const LoweredMetric *metric, const Value *bound, Rational *out) __attribute__((warn_unused_result));
/* The resource label of requests per target: "<load balancer>/<target group>". NULL after a report. */
Json *scaling_resource_label(Emission *emission, const ServiceFacts *facts, Span where);
/* Whether target tracking's name for a metric needs a resource label. */
bool scaling_needs_label(Text predefined);

/* `step`: policies and the alarms behind them. */
void scaling_emit_steps(Emission *emission, const ServiceFacts *facts, const Node *scale);
/* `predict` */
void scaling_emit_prediction(Emission *emission, const ServiceFacts *facts, const Node *scale);

#endif
