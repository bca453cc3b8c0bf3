/* Conditions over raw points, one rule of SPEC.md ("Judging") after the other. tests/rollout/check_judging.py has random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rollout/condition.h"

enum { MINUTES = 20, NO = -1, FROM = 1700000040 }; /* a whole minute */

/* A condition about one or two series of whole numbers, a point a minute. */
typedef struct Setting {
    PolicyCondition condition;
    Test test, left, right, *parts[2];
    SeriesPoint points[2][MINUTES];
    Series series[2];
    int64_t since;
} Setting;

static void fill(Setting *s, size_t series, const int *values, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (values[i] != NO)
            s->points[series][kept++] = (SeriesPoint){FROM + 60 * (int64_t)i, rational_from_integer(values[i])};
    s->series[series] = (Series){s->points[series], kept};
}

/* `value KIND 10` for as many of the last `count` minutes as there are. */
static void begin(Setting *s, TestKind kind, const int *values, size_t count)
{
    *s = (Setting){.since = 1};
    s->left = (Test){.kind = TEST_SERIES, .number = rational_from_integer(1)};
    s->right = (Test){.kind = TEST_NUMBER, .number = rational_from_integer(10)};
    s->parts[0] = &s->left;
    s->parts[1] = &s->right;
    s->test = (Test){.kind = kind, .of = s->parts, .count = 2};
    s->condition = (PolicyCondition){.is_canary = true, .period = 60, .periods = (int64_t)count, .datapoints = (int64_t)count, .missing = MISSING_UNKNOWN, .test = &s->test, .series_count = 1};
    fill(s, 0, values, count);
}

/* When the last of these minutes is old enough. */
static Judgement judge(const Setting *s, size_t minutes)
{
    return condition_judge(&s->condition, s->series, s->since, FROM + 60 * (int64_t)minutes + JUDGED_AGE, JUDGED_NOT).judgement;
}

#define VALUES(...) ((const int[]){__VA_ARGS__}), sizeof((const int[]){__VA_ARGS__}) / sizeof(int)

static Judgement judge_values(TestKind kind, const int *values, size_t count)
{
    Setting s;
    begin(&s, kind, values, count);
    return judge(&s, count);
}

static void test_comparisons(void **state)
{
    (void)state;
    static const Judgement expected[][3] = {
        [TEST_ABOVE] = {JUDGED_OK, JUDGED_OK, JUDGED_BREACH},     [TEST_BELOW] = {JUDGED_BREACH, JUDGED_OK, JUDGED_OK},
        [TEST_AT_LEAST] = {JUDGED_OK, JUDGED_BREACH, JUDGED_BREACH}, [TEST_AT_MOST] = {JUDGED_BREACH, JUDGED_BREACH, JUDGED_OK},
        [TEST_EQUAL] = {JUDGED_OK, JUDGED_BREACH, JUDGED_OK},     [TEST_DIFFERENT] = {JUDGED_BREACH, JUDGED_OK, JUDGED_BREACH},
    };
    for (int kind = TEST_ABOVE; kind <= TEST_DIFFERENT; kind++)
        for (int i = 0; i < 3; i++)
            assert_int_equal(judge_values((TestKind)kind, VALUES(9 + i, 9 + i)), expected[kind][i]);
}

static void test_every_point_of_the_window_counts(void **state)
{
    (void)state;
    Setting s;
    assert_int_equal(judge_values(TEST_ABOVE, VALUES(11, 11, 11)), JUDGED_BREACH);
    assert_int_equal(judge_values(TEST_ABOVE, VALUES(9, 11, 11)), JUDGED_OK);
    assert_int_equal(judge_values(TEST_ABOVE, VALUES(11, 11, 9)), JUDGED_OK);
    begin(&s, TEST_ABOVE, VALUES(11, 9, 11));
    s.condition.datapoints = 2;
    assert_int_equal(judge(&s, 3), JUDGED_BREACH);
}

/* A period is looked at 90 seconds after its end and not before. */
static void test_periods_are_whole_and_old_enough(void **state)
{
    (void)state;
    Setting s;
    begin(&s, TEST_ABOVE, VALUES(9, 9, 11));
    s.condition.periods = s.condition.datapoints = 1;
    int64_t end = FROM + 180;
    assert_int_equal(condition_judge(&s.condition, s.series, 1, end + JUDGED_AGE - 1, JUDGED_NOT).judgement, JUDGED_OK);
    ConditionView view = condition_judge(&s.condition, s.series, 1, end + JUDGED_AGE, JUDGED_NOT);
    assert_int_equal(view.judgement, JUDGED_BREACH);
    assert_int_equal(view.end, end);
    /* Two minutes later it still stands for the newest, and then no longer. */
    assert_int_equal(condition_judge(&s.condition, s.series, 1, end + JUDGED_AGE + JUDGED_LATER, JUDGED_NOT).judgement, JUDGED_BREACH);
    assert_int_equal(condition_judge(&s.condition, s.series, 1, end + JUDGED_AGE + JUDGED_LATER + 60, JUDGED_NOT).judgement, JUDGED_UNKNOWN);
}

/* What the new revision did before it had traffic is not its. */
static void test_windows_begin_with_traffic(void **state)
{
    (void)state;
    Setting s;
    begin(&s, TEST_ABOVE, VALUES(11, 11));
    s.since = 0;
    assert_int_equal(judge(&s, 2), JUDGED_NOT);
    s.since = FROM + 1;
    assert_int_equal(judge(&s, 2), JUDGED_NOT);
    s.since = FROM;
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
    s.since = 0;
    s.condition.is_canary = false;
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
}

static void test_missing_points(void **state)
{
    (void)state;
    static const struct {
        MissingRule rule;
        Judgement all, some, before_ok, before_breach; /* all are missing; one of two breaches; after an earlier judgement */
    } rows[] = {
        {MISSING_OK, JUDGED_OK, JUDGED_OK, JUDGED_OK, JUDGED_OK},
        {MISSING_BREACH, JUDGED_BREACH, JUDGED_BREACH, JUDGED_BREACH, JUDGED_BREACH},
        {MISSING_IGNORE, JUDGED_OK, JUDGED_OK, JUDGED_OK, JUDGED_BREACH},
        {MISSING_UNKNOWN, JUDGED_UNKNOWN, JUDGED_OK, JUDGED_UNKNOWN, JUDGED_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Setting s;
        begin(&s, TEST_ABOVE, VALUES(NO, NO));
        s.condition.missing = rows[i].rule;
        assert_int_equal(judge(&s, 2), rows[i].all);
        int64_t now = FROM + 120 + JUDGED_AGE;
        assert_int_equal(condition_judge(&s.condition, s.series, 1, now, JUDGED_OK).judgement, rows[i].before_ok);
        assert_int_equal(condition_judge(&s.condition, s.series, 1, now, JUDGED_BREACH).judgement, rows[i].before_breach);
        fill(&s, 0, VALUES(NO, 11));
        assert_int_equal(judge(&s, 2), rows[i].some);
        fill(&s, 0, VALUES(NO, 9));
        assert_int_equal(judge(&s, 2), JUDGED_OK);
        fill(&s, 0, VALUES(NO, 11));
        s.left.is_filled = true; /* a 0 in its place */
        assert_int_equal(judge(&s, 2), JUDGED_OK);
    }
}

static Judgement rises(int by, const int *values, size_t count)
{
    Setting s;
    begin(&s, TEST_RISING, values, count);
    s.test.count = 1;
    s.test.number = rational_from_integer(by);
    s.condition.datapoints = 1;
    return judge(&s, count);
}

static void test_rising(void **state)
{
    (void)state;
    assert_int_equal(rises(0, VALUES(1, 2, 3)), JUDGED_BREACH);
    assert_int_equal(rises(0, VALUES(1, 1, 2)), JUDGED_BREACH);
    assert_int_equal(rises(0, VALUES(3, 3, 3)), JUDGED_OK); /* a queue that stands still does not rise */
    assert_int_equal(rises(0, VALUES(0, 0, 0)), JUDGED_OK);
    assert_int_equal(rises(0, VALUES(1, 3, 2)), JUDGED_OK);
    assert_int_equal(rises(2, VALUES(1, 2, 3)), JUDGED_BREACH);
    assert_int_equal(rises(3, VALUES(1, 2, 3)), JUDGED_OK);
    assert_int_equal(rises(0, VALUES(1, NO, 3)), JUDGED_UNKNOWN);
}

static void test_at_least(void **state)
{
    (void)state;
    Setting s;
    Test requests = {.kind = TEST_SERIES, .series = 1, .number = rational_from_integer(1), .is_filled = true};
    begin(&s, TEST_ABOVE, VALUES(11, 11));
    fill(&s, 1, VALUES(60, 40));
    s.condition.requests = &requests;
    s.condition.series_count = 2;
    s.condition.at_least = 100;
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
    s.condition.at_least = 101;
    assert_int_equal(judge(&s, 2), JUDGED_NOT);
}

/* With four values a side the highest ranks have a chance of 1 in 70. */
static void test_beyond_chance(void **state)
{
    (void)state;
    for (int kind = TEST_HIGHER; kind <= TEST_LOWER; kind++) {
        Setting s;
        bool is_higher = kind == TEST_HIGHER;
        begin(&s, (TestKind)kind, VALUES(11, 12, 13, 14));
        s.right = (Test){.kind = TEST_SERIES, .series = 1, .number = rational_from_integer(1)};
        s.condition.series_count = 2;
        s.condition.datapoints = 1;
        assert_true(rational_make(&s.test.number, 98, 100));
        fill(&s, 1, VALUES(1, 2, 3, 4));
        assert_int_equal(judge(&s, 4), is_higher ? JUDGED_BREACH : JUDGED_OK);
        fill(&s, 1, VALUES(21, 22, 23, 24));
        assert_int_equal(judge(&s, 4), is_higher ? JUDGED_OK : JUDGED_BREACH);
        fill(&s, 1, VALUES(11, 12, 13, 14));
        assert_int_equal(judge(&s, 4), JUDGED_OK);
        fill(&s, 1, VALUES(1, 2, 3, 4));
        assert_true(rational_make(&s.test.number, 99, 100));
        assert_int_equal(judge(&s, 4), JUDGED_OK);
    }
}

static void test_what_there_is_nothing_to_divide_by(void **state)
{
    (void)state;
    Setting s;
    Test below = {.kind = TEST_SERIES, .series = 1, .number = rational_from_integer(1), .is_filled = true};
    Test *parts[2] = {NULL, &below};
    begin(&s, TEST_ABOVE, VALUES(30, 30));
    parts[0] = &s.left;
    Test quotient = {.kind = TEST_DIVIDE, .of = parts, .count = 2, .number = rational_from_integer(2)};
    s.parts[0] = &quotient;
    s.condition.series_count = 2;
    fill(&s, 1, VALUES(2, 3));
    assert_int_equal(judge(&s, 2), JUDGED_OK); /* 15 and 10, which is not above 10 */
    fill(&s, 1, VALUES(2, 2));
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
    fill(&s, 1, VALUES(2, 0));
    assert_int_equal(judge(&s, 2), JUDGED_BREACH); /* over the unit: 15 */
}

static void test_and_or(void **state)
{
    (void)state;
    Setting s;
    begin(&s, TEST_ABOVE, VALUES(11, 11));
    Test ten = {.kind = TEST_NUMBER, .number = rational_from_integer(10)};
    Test other = {.kind = TEST_SERIES, .series = 1, .number = rational_from_integer(1)};
    Test *parts[2] = {&other, &ten};
    Test second = {.kind = TEST_ABOVE, .of = parts, .count = 2};
    Test *both[2] = {&s.test, &second};
    Test joined = {.kind = TEST_AND, .of = both, .count = 2};
    s.condition.test = &joined;
    s.condition.series_count = 2;
    fill(&s, 1, VALUES(9, 9));
    assert_int_equal(judge(&s, 2), JUDGED_OK);
    joined.kind = TEST_OR;
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
    fill(&s, 1, VALUES(11, 11));
    joined.kind = TEST_AND;
    assert_int_equal(judge(&s, 2), JUDGED_BREACH);
}

/* Another argument is the name of one test. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_every_point_of_the_window_counts),
        cmocka_unit_test(test_periods_are_whole_and_old_enough),
        cmocka_unit_test(test_windows_begin_with_traffic),
        cmocka_unit_test(test_missing_points),
        cmocka_unit_test(test_rising),
        cmocka_unit_test(test_at_least),
        cmocka_unit_test(test_beyond_chance),
        cmocka_unit_test(test_what_there_is_nothing_to_divide_by),
        cmocka_unit_test(test_and_or),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
