/* Conditions over raw series: the one place where they are judged, for apply, rehearsal and tests (SPEC.md, "Judging"). Pure. */
#ifndef SVC_ROLLOUT_CONDITION_H
#define SVC_ROLLOUT_CONDITION_H

#include "rollout/policy.h"

enum { JUDGED_AGE = 90, JUDGED_LATER = 120 }; /* seconds since a period ended: at least; how much more where its points are late */

typedef struct SeriesPoint {
    int64_t at; /* when its period began, in seconds since 1970: a multiple of the period */
    Rational value;
} SeriesPoint;

/* Points by time, each period once. */
typedef struct Series {
    const SeriesPoint *points;
    size_t count;
} Series;

typedef enum Judgement {
    JUDGED_NOT,     /* no whole window yet, or too few requests */
    JUDGED_OK,
    JUDGED_BREACH,
    JUDGED_UNKNOWN, /* no data */
    JUDGED_ERROR,   /* numbers that do not fit */
    JUDGEMENT_COUNT,
} Judgement;

typedef struct ConditionView {
    Judgement judgement;
    int64_t end;         /* of the window */
    bool has_value;
    Rational value;      /* what a comparison measured at the newest point, for showing */
} ConditionView;

/* `series` are the policy's. `since` is when the new revision got its first traffic, 0: not yet. `before` is the last judgement. */
ConditionView condition_judge(const PolicyCondition *condition, const Series *series, int64_t since, int64_t now, Judgement before);

#endif
