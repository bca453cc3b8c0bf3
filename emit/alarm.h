/* What the alarms of a service, of its step policies and of its rollout have in common. */
#ifndef SVC_EMIT_ALARM_H
#define SVC_EMIT_ALARM_H

#include "emit/metric_math.h"

/* Points that are judged, in CloudWatch's terms. */
typedef struct AlarmWindow {
    int64_t period;     /* seconds */
    int64_t periods;    /* N: EvaluationPeriods */
    int64_t datapoints; /* M of `for M of D`; 0 when each of them counts */
} AlarmWindow;

/* Reads `for`, `over` and `every` of a node; the resolution is the metric's, in milliseconds. False after a report, or when a value is unknown. */
bool alarm_read_window(Emission *emission, const Node *node, int64_t resolution, AlarmWindow *out) __attribute__((warn_unused_result));
/* " for 3 of 5m", " over 10m": as the node says it, for descriptions. */
Text alarm_window_text(Emission *emission, const Node *node);

/* "<service>/alarm/<key>" */
Text alarm_id(Emission *emission, const ServiceFacts *facts, Text key);
/* The name in AWS of an alarm that does not say one: "<service>-<environment>-<key>". */
Text alarm_default_name(Emission *emission, const ServiceFacts *facts, Text key);
/* The name in AWS of an `alarm` statement. */
Text alarm_name_of(Emission *emission, const ServiceFacts *facts, const Node *alarm);
/* The ARNs of the topics that a statement such as `notify` lists, sorted; NULL when there are none. */
Json *alarm_topics(Emission *emission, const Node *notify);

typedef struct AlarmParts {
    Text key;         /* of its id and default name */
    Text description; /* where `input` has none */
    AlarmWindow window;
    const LoweredCondition *condition;
    Span origin;      /* the statement */
    Span bound;       /* where the condition was written */
} AlarmParts;

/* Completes `input` (what was said is in it and stays) and adds the alarm. */
void alarm_add(Emission *emission, const ServiceFacts *facts, const AlarmParts *parts, Json *input);
/* Reports a comparison that no point can ever meet, by this code. */
void alarm_check_reach(Emission *emission, const MetricExpression *condition, DiagnosticCode code);

#endif
