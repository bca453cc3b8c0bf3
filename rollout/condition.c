#include "rollout/condition.h"

#include "rollout/ranks.h"

typedef enum Answer { ANSWER_NO, ANSWER_YES, ANSWER_NONE, ANSWER_BROKEN } Answer;
typedef enum Found { FOUND_NOTHING, FOUND_VALUE, FOUND_BROKEN } Found;

typedef struct Window {
    const Series *series;
    int64_t start; /* of its first point */
    int64_t period;
    int64_t periods;
} Window;

/* --- values --- */

static const SeriesPoint *find_point(const Series *series, int64_t at)
{
    size_t low = 0;
    size_t high = series->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->points[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < series->count && series->points[low].at == at ? &series->points[low] : NULL;
}

static Found value_at(const Test *test, const Window *window, int64_t at, Rational *out);

static Found series_value(const Test *test, const Window *window, int64_t at, Rational *out)
{
    const SeriesPoint *point = find_point(&window->series[test->series], at);
    if (!point) {
        *out = rational_from_integer(0);
        return test->is_filled ? FOUND_VALUE : FOUND_NOTHING;
    }
    return rational_multiply(out, point->value, test->number) ? FOUND_VALUE : FOUND_BROKEN;
}

/* Of the parts that have a value. */
static Found joined_value(const Test *test, const Window *window, int64_t at, Rational *out)
{
    Found found = FOUND_NOTHING;
    for (size_t i = 0; i < test->count; i++) {
        Rational part;
        Found there = value_at(test->of[i], window, at, &part);
        if (there == FOUND_BROKEN)
            return FOUND_BROKEN;
        if (there == FOUND_NOTHING)
            continue;
        if (found == FOUND_NOTHING || (test->kind == TEST_MAX && rational_compare(part, *out) > 0))
            *out = part;
        else if (test->kind == TEST_SUM && !rational_add(out, *out, part))
            return FOUND_BROKEN;
        found = FOUND_VALUE;
    }
    return found;
}

/* Where there is nothing to divide by, what is above stands undivided, in the unit that the quotient has. */
static bool apply(const Test *test, Rational a, Rational b, Rational *out)
{
    if (test->kind == TEST_ADD)
        return rational_add(out, a, b);
    if (test->kind == TEST_SUBTRACT)
        return rational_subtract(out, a, b);
    if (test->kind == TEST_MULTIPLY)
        return rational_multiply(out, a, b);
    return rational_divide(out, a, b.num > 0 ? b : test->number);
}

static Found arithmetic_value(const Test *test, const Window *window, int64_t at, Rational *out)
{
    Found found = value_at(test->of[0], window, at, out);
    for (size_t i = 1; i < test->count && found == FOUND_VALUE; i++) {
        Rational part;
        found = value_at(test->of[i], window, at, &part);
        if (found == FOUND_VALUE && !apply(test, *out, part, out))
            found = FOUND_BROKEN;
    }
    return found;
}

static Found value_at(const Test *test, const Window *window, int64_t at, Rational *out)
{
    if (test->kind == TEST_SERIES)
        return series_value(test, window, at, out);
    if (test->kind == TEST_NUMBER) {
        *out = test->number;
        return FOUND_VALUE;
    }
    return test->kind == TEST_SUM || test->kind == TEST_MAX ? joined_value(test, window, at, out) : arithmetic_value(test, window, at, out);
}

/* --- answers for a whole window --- */

static Answer answer_of(bool holds, const Test *test)
{
    return holds != test->is_negated ? ANSWER_YES : ANSWER_NO;
}

static Answer is_rising(const Test *test, const Window *window)
{
    Rational first = {0, 1};
    Rational last = {0, 1};
    Rational growth;
    bool never_falls = true;
    for (int64_t i = 0; i < window->periods; i++) {
        Rational value;
        Found found = value_at(test->of[0], window, window->start + i * window->period, &value);
        if (found != FOUND_VALUE)
            return found == FOUND_BROKEN ? ANSWER_BROKEN : ANSWER_NONE;
        first = i ? first : value;
        never_falls = never_falls && (!i || rational_compare(value, last) >= 0);
        last = value;
    }
    if (!rational_subtract(&growth, last, first))
        return ANSWER_BROKEN;
    bool is_enough = growth.num > 0 && rational_compare(growth, test->number) >= 0;
    return answer_of(never_falls && is_enough, test);
}

/* The values of a window that are there; false when a number does not fit. */
static bool take_values(const Test *test, const Window *window, Rational *values, size_t *count)
{
    *count = 0;
    for (int64_t i = 0; i < window->periods && *count < RANKS_MAX; i++) {
        Found found = value_at(test, window, window->start + i * window->period, &values[*count]);
        if (found == FOUND_BROKEN)
            return false;
        *count += found == FOUND_VALUE;
    }
    return true;
}

static Answer is_beyond_chance(const Test *test, const Window *window)
{
    Rational canary[RANKS_MAX];
    Rational stable[RANKS_MAX];
    size_t canary_count;
    size_t stable_count;
    if (!take_values(test->of[0], window, canary, &canary_count) || !take_values(test->of[1], window, stable, &stable_count))
        return ANSWER_BROKEN;
    if (!canary_count || !stable_count)
        return ANSWER_NONE;
    bool holds = test->kind == TEST_HIGHER ? ranks_are_higher(canary, canary_count, stable, stable_count, test->number)
                                           : ranks_are_higher(stable, stable_count, canary, canary_count, test->number);
    return answer_of(holds, test);
}

/* --- answers for a point --- */

static bool compare(TestKind kind, int order)
{
    switch (kind) {
    case TEST_ABOVE: return order > 0;
    case TEST_BELOW: return order < 0;
    case TEST_AT_LEAST: return order >= 0;
    case TEST_AT_MOST: return order <= 0;
    case TEST_EQUAL: return order == 0;
    case TEST_DIFFERENT: return order != 0;
    case TEST_SERIES:
    case TEST_NUMBER:
    case TEST_ADD:
    case TEST_SUBTRACT:
    case TEST_MULTIPLY:
    case TEST_DIVIDE:
    case TEST_SUM:
    case TEST_MAX:
    case TEST_AND:
    case TEST_OR:
    case TEST_RISING:
    case TEST_HIGHER:
    case TEST_LOWER:
    case TEST_KIND_COUNT: break;
    }
    return false;
}

static Answer comparison_at(const Test *test, const Window *window, int64_t at)
{
    Rational a;
    Rational b;
    Found left = value_at(test->of[0], window, at, &a);
    Found right = value_at(test->of[1], window, at, &b);
    if (left == FOUND_BROKEN || right == FOUND_BROKEN)
        return ANSWER_BROKEN;
    if (left == FOUND_NOTHING || right == FOUND_NOTHING)
        return !test->is_filled ? ANSWER_NONE : test->is_fill_true ? ANSWER_YES : ANSWER_NO;
    return compare(test->kind, rational_compare(a, b)) ? ANSWER_YES : ANSWER_NO;
}

static Answer answer_at(const Test *test, const Window *window, int64_t at)
{
    if (test->kind == TEST_RISING)
        return is_rising(test, window);
    if (test->kind == TEST_HIGHER || test->kind == TEST_LOWER)
        return is_beyond_chance(test, window);
    if (test->kind != TEST_AND && test->kind != TEST_OR)
        return comparison_at(test, window, at);
    Answer a = answer_at(test->of[0], window, at);
    Answer b = answer_at(test->of[1], window, at);
    if (a == ANSWER_BROKEN || b == ANSWER_BROKEN)
        return ANSWER_BROKEN;
    if (a == ANSWER_NONE || b == ANSWER_NONE)
        return ANSWER_NONE;
    bool holds = test->kind == TEST_AND ? a == ANSWER_YES && b == ANSWER_YES : a == ANSWER_YES || b == ANSWER_YES;
    return holds ? ANSWER_YES : ANSWER_NO;
}

/* --- a window --- */

/* Where points have no answer and the others do not decide. */
static Judgement judge_gaps(const PolicyCondition *c, int64_t yes, int64_t no, int64_t none, int64_t oldest_yes, Judgement before)
{
    bool is_breach = yes >= c->datapoints;
    switch (c->missing) {
    case MISSING_ZERO:
    case MISSING_OK: break;
    case MISSING_BREACH: is_breach = yes + none >= c->datapoints; break;
    case MISSING_IGNORE:
        if (!is_breach && !no && none)
            return before == JUDGED_BREACH ? JUDGED_BREACH : JUDGED_OK;
        break;
    case MISSING_UNKNOWN:
        if (!yes && !no)
            return JUDGED_UNKNOWN;
        is_breach = is_breach || oldest_yes >= c->datapoints;
        break;
    }
    return is_breach ? JUDGED_BREACH : JUDGED_OK;
}

static Judgement judge_window(const PolicyCondition *c, const Window *window, Judgement before)
{
    int64_t counts[ANSWER_BROKEN + 1] = {0};
    int64_t oldest_yes = 0; /* how many periods back it lies, nothing since speaking against it */
    for (int64_t i = 0; i < window->periods; i++) {
        Answer answer = answer_at(c->test, window, window->start + i * window->period);
        counts[answer]++;
        if (answer == ANSWER_NO)
            oldest_yes = 0;
        else if (answer == ANSWER_YES && !oldest_yes)
            oldest_yes = window->periods - i;
    }
    if (counts[ANSWER_BROKEN])
        return JUDGED_ERROR;
    return judge_gaps(c, counts[ANSWER_YES], counts[ANSWER_NO], counts[ANSWER_NONE], oldest_yes, before);
}

static bool has_point(const PolicyCondition *c, const Series *series, int64_t at)
{
    for (size_t i = 0; i < c->series_count; i++)
        if (find_point(&series[c->first_series + i], at))
            return true;
    return false;
}

/* The newest end of a period that is old enough; an earlier one where its points are late. */
static int64_t window_end(const PolicyCondition *c, const Series *series, int64_t now)
{
    int64_t newest = (now - JUDGED_AGE) / c->period * c->period;
    for (int64_t end = newest; now - end <= JUDGED_AGE + JUDGED_LATER; end -= c->period)
        if (has_point(c, series, end - c->period))
            return end;
    return newest;
}

/* False when there were too few requests in the window, or their number does not fit. */
static bool has_requests(const PolicyCondition *c, const Window *window)
{
    Rational total = rational_from_integer(0);
    for (int64_t i = 0; i < window->periods; i++) {
        Rational value;
        Found found = value_at(c->requests, window, window->start + i * window->period, &value);
        if (found == FOUND_BROKEN || (found == FOUND_VALUE && !rational_add(&total, total, value)))
            return false;
    }
    return rational_compare(total, rational_from_integer(c->at_least)) >= 0;
}

ConditionView condition_judge(const PolicyCondition *condition, const Series *series, int64_t since, int64_t now, Judgement before)
{
    int64_t end = window_end(condition, series, now);
    Window window = {.series = series, .start = end - condition->period * condition->periods, .period = condition->period, .periods = condition->periods};
    ConditionView view = {.judgement = JUDGED_NOT, .end = end};
    if (condition->test->count && !policy_test_has(condition->test, TEST_AND) && !policy_test_has(condition->test, TEST_OR))
        view.has_value = value_at(condition->test->of[0], &window, end - condition->period, &view.value) == FOUND_VALUE;
    bool is_early = (condition->is_canary || condition->action == ACTS_VERIFY) && (!since || window.start < since);
    if (!is_early && (!condition->requests || has_requests(condition, &window)))
        view.judgement = judge_window(condition, &window, before);
    return view;
}
