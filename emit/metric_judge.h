/* Conditions as svc itself judges them: a tree over raw series (SPEC.md, "Judging"). It means what the lowered metric math means, and more:
   rising(), the two sides of a rollout, and the comparison of their points. */
#ifndef SVC_EMIT_METRIC_JUDGE_H
#define SVC_EMIT_METRIC_JUDGE_H

#include "emit/metric_math.h"

typedef struct JudgeRequest {
    MetricSide side;
    int64_t period;       /* seconds */
    bool is_negated;      /* what is watched for is that the condition does not hold */
    bool is_missing_said; /* a single metric then has gaps, which the condition's own `missing` answers */
    Rational by;          /* what rising() asks for at least; 0: anything above zero */
    Rational confidence;  /* of a comparison of the two sides */
    bool counts_requests; /* the requests of the window are wanted too */
} JudgeRequest;

typedef struct Judged {
    Json *test;     /* {"op", "of"} and the like */
    Json *requests; /* the same for the requests; NULL when they are not wanted */
    Json *series;   /* [{"label", "stat"}]: `stat` is a MetricStat of GetMetricData. Trees name them by their place here */
} Judged;

/* False when it cannot be expressed: reported at the condition. */
bool metric_judge(Emission *emission, const ServiceFacts *facts, const MetricExpression *condition, const JudgeRequest *request, Judged *out)
    __attribute__((warn_unused_result));
/* The requests that reached a target, as the load balancer counts them. */
const MetricDeclaration *metric_requests(void);

#endif
