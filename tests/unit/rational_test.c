/* Exact rationals: the laws of arithmetic hold, and what does not fit is said, never wrapped. */
#include "base/rational.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static Rational make(int64_t num, int64_t den)
{
    Rational out = {0, 1};
    assert_true(rational_make(&out, num, den));
    return out;
}

static void check(Rational value, int64_t num, int64_t den)
{
    assert_int_equal(value.num, num);
    assert_int_equal(value.den, den);
}

static void test_lowest_terms(void **state)
{
    (void)state;
    check(make(6, 4), 3, 2);
    check(make(-6, 4), -3, 2);
    check(make(6, -4), -3, 2);
    check(make(0, -7), 0, 1);
    Rational out = {1, 3};
    assert_false(rational_make(&out, 1, 0));
    check(out, 1, 3); /* a failure leaves it as it was */
}

static void test_overflow(void **state)
{
    (void)state;
    Rational most = {INT64_MAX, 1};
    Rational least_share = {1, INT64_MAX};
    Rational out = {1, 3};
    assert_false(rational_add(&out, most, make(1, 1)));
    assert_false(rational_subtract(&out, (Rational){-INT64_MAX, 1}, make(1, 1)));
    assert_false(rational_multiply(&out, most, make(2, 1)));
    assert_false(rational_multiply(&out, least_share, make(1, 2)));
    assert_false(rational_divide(&out, most, make(1, 2)));
    assert_false(rational_divide(&out, most, make(0, 1)));
    assert_false(rational_add(&out, least_share, (Rational){1, INT64_MAX - 1}));
    assert_false(rational_make(&out, INT64_MIN, 1)); /* its negation would not fit */
    check(out, 1, 3);
    assert_true(rational_multiply(&out, most, least_share)); /* what fits in the end may be large on the way */
    check(out, 1, 1);
    assert_true(rational_add(&out, make(INT64_MAX - 1, 1), make(1, 1)));
    check(out, INT64_MAX, 1);
}

/* A fixed sequence: the same numbers on every machine. */
static int64_t next_number(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(*seed >> 40) % 2000 - 1000;
}

static void test_laws(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        int64_t dens[3];
        Rational v[3];
        for (int j = 0; j < 3; j++) {
            dens[j] = next_number(&seed);
            v[j] = make(next_number(&seed), dens[j] ? dens[j] : 1);
        }
        Rational left = {0, 1};
        Rational right = {0, 1};
        Rational sum;
        Rational product;
        assert_true(rational_add(&sum, v[0], v[1]) && rational_add(&left, sum, v[2]));
        assert_true(rational_add(&sum, v[1], v[2]) && rational_add(&right, v[0], sum));
        assert_int_equal(rational_compare(left, right), 0);
        assert_true(rational_multiply(&left, v[0], sum));
        assert_true(rational_multiply(&product, v[0], v[1]) && rational_multiply(&right, v[0], v[2]) && rational_add(&right, product, right));
        assert_int_equal(rational_compare(left, right), 0);
        assert_true(rational_subtract(&left, v[0], v[1]) && rational_add(&left, left, v[1]));
        check(left, v[0].num, v[0].den);
        if (v[1].num != 0) {
            assert_true(rational_divide(&left, v[0], v[1]) && rational_multiply(&left, left, v[1]));
            check(left, v[0].num, v[0].den);
        }
        assert_int_equal(rational_compare(v[0], v[1]), -rational_compare(v[1], v[0]));
    }
}

static void test_parse_and_show(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        int64_t num;
        int64_t den;
        const char *shown;
    } cases[] = {{"0", 0, 1, "0"}, {"42", 42, 1, "42"}, {"0.25", 1, 4, "0.25"}, {"1.50", 3, 2, "1.5"}, {"9223372036854775807", INT64_MAX, 1, "9223372036854775807"},
                 {"0.000000000000000001", 1, 1000000000000000000, "0.000000000000000001"}};
    Arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Rational out = {0, 1};
        assert_true(rational_parse(&out, text_from_c(cases[i].digits)));
        check(out, cases[i].num, cases[i].den);
        assert_true(text_equal_c(rational_to_text(&arena, out), cases[i].shown));
    }
    Rational out = {1, 3};
    assert_false(rational_parse(&out, TEXT("9223372036854775808")));
    assert_false(rational_parse(&out, TEXT("0.00000000000000000001")));
    assert_false(rational_parse(&out, TEXT("1.2.3")) || rational_parse(&out, TEXT("")) || rational_parse(&out, TEXT(".")) || rational_parse(&out, TEXT("-1")));
    check(out, 1, 3);
    assert_true(text_equal_c(rational_to_text(&arena, make(-1, 3)), "-1/3"));
    assert_true(text_equal_c(rational_to_text(&arena, make(-1, 8)), "-0.125"));
    assert_true(rational_is_decimal(make(3, 40)) && !rational_is_decimal(make(1, 6)));
    arena_free(&arena);
}

/* Shown and read again it is the same, for everything that has a decimal. */
static void test_shown_reads_back(void **state)
{
    (void)state;
    Arena arena = {0};
    uint64_t seed = 11;
    for (int i = 0; i < 2000; i++) {
        int64_t num = next_number(&seed);
        Rational value = make(num < 0 ? -num : num, INT64_C(1) << (i % 12));
        Rational again = {0, 1};
        assert_true(rational_parse(&again, rational_to_text(&arena, value)));
        check(again, value.num, value.den);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lowest_terms), cmocka_unit_test(test_overflow), cmocka_unit_test(test_laws),
                                       cmocka_unit_test(test_parse_and_show), cmocka_unit_test(test_shown_reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
