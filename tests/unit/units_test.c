/* Literals to quantities and back (SPEC.md, "Units"). */
#include "vocabulary/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    const char *literal;
    TypeKind type;
    int64_t num;
    int64_t den;
    const char *shown;
} literals[] = {
    {"42", TYPE_INTEGER, 42, 1, "42"}, {"-1", TYPE_INTEGER, -1, 1, "-1"}, {"+2", TYPE_INTEGER, 2, 1, "2"}, {"0", TYPE_INTEGER, 0, 1, "0"},
    {"0.25", TYPE_NUMBER, 1, 4, "0.25"}, {"1.0", TYPE_INTEGER, 1, 1, "1"},
    {"30s", TYPE_DURATION, 30000, 1, "30s"}, {"90s", TYPE_DURATION, 90000, 1, "1m30s"}, {"1h30m", TYPE_DURATION, 5400000, 1, "1h30m"},
    {"1.5h", TYPE_DURATION, 5400000, 1, "1h30m"}, {"2000ms", TYPE_DURATION, 2000, 1, "2s"}, {"1s500ms", TYPE_DURATION, 1500, 1, "1s500ms"},
    {"0s", TYPE_DURATION, 0, 1, "0s"}, {"-90s", TYPE_DURATION, -90000, 1, "-1m30s"}, {"30d", TYPE_DURATION, 2592000000, 1, "30d"}, {"0.5ms", TYPE_DURATION, 1, 2, "0.5ms"},
    {"512MiB", TYPE_SIZE, 536870912, 1, "512 MiB"}, {"512 MiB", TYPE_SIZE, 536870912, 1, "512 MiB"}, {"1 GiB", TYPE_SIZE, 1073741824, 1, "1 GiB"},
    {"1.5 GiB", TYPE_SIZE, 1610612736, 1, "1536 MiB"}, {"0.5 KiB", TYPE_SIZE, 512, 1, "0.5 KiB"}, {"0 MiB", TYPE_SIZE, 0, 1, "0 KiB"},
    {"0.5 vcpu", TYPE_VCPU, 512, 1, "0.5 vcpu"}, {"16 vcpu", TYPE_VCPU, 16384, 1, "16 vcpu"}, {"0.25vcpu", TYPE_VCPU, 256, 1, "0.25 vcpu"},
    {"5%", TYPE_PERCENT, 1, 20, "5%"}, {"0.1%", TYPE_PERCENT, 1, 1000, "0.1%"}, {"200%", TYPE_PERCENT, 2, 1, "200%"},
    {"100/min", TYPE_RATE, 5, 3, "100/min"}, {"3/s", TYPE_RATE, 3, 1, "3/s"}, {"1/d", TYPE_RATE, 1, 86400, "1/d"}, {"5/h", TYPE_RATE, 1, 720, "5/h"},
    {"12 usd", TYPE_MONEY, 1200, 1, "12 usd"}, {"0.5 usd", TYPE_MONEY, 50, 1, "0.5 usd"},
};

static void test_literals(void **state)
{
    (void)state;
    Arena arena = {0};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        Quantity quantity = {{7, 1}, TYPE_ANY};
        Text unit;
        assert_int_equal(unit_parse_quantity(&quantity, text_from_c(literals[i].literal), &unit), UNIT_OK);
        assert_int_equal(quantity.type, literals[i].type);
        assert_int_equal(quantity.value.num, literals[i].num);
        assert_int_equal(quantity.value.den, literals[i].den);
        Text shown = unit_format_quantity(&arena, quantity);
        assert_string_equal(shown.ptr, literals[i].shown);
        Quantity again;
        assert_int_equal(unit_parse_quantity(&again, shown, &unit), UNIT_OK);
        assert_int_equal(again.type, quantity.type);
        assert_int_equal(rational_compare(again.value, quantity.value), 0);
    }
    arena_free(&arena);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *literal;
        UnitOutcome outcome;
        const char *bad_unit;
    } wrong[] = {
        {"512MB", UNIT_UNKNOWN, "MB"}, {"5x", UNIT_UNKNOWN, "x"}, {"1h30min", UNIT_UNKNOWN, "min"}, {"100/minute", UNIT_UNKNOWN, "/minute"},
        {"", UNIT_MALFORMED, ""}, {"s", UNIT_MALFORMED, ""}, {".5", UNIT_MALFORMED, ""}, {"5.", UNIT_MALFORMED, ""}, {"1.2.3", UNIT_MALFORMED, ""},
        {"30m1h", UNIT_MALFORMED, ""}, {"1h1h", UNIT_MALFORMED, ""}, {"1.5h30m", UNIT_MALFORMED, ""}, {"1h30", UNIT_MALFORMED, ""}, {"1%2%", UNIT_MALFORMED, ""},
        {"1h512MiB", UNIT_MALFORMED, ""}, {"99999999999999999999", UNIT_OVERFLOW, ""}, {"9223372036854775807 GiB", UNIT_OVERFLOW, ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Quantity quantity = {{7, 1}, TYPE_ANY};
        Text unit;
        assert_int_equal(unit_parse_quantity(&quantity, text_from_c(wrong[i].literal), &unit), wrong[i].outcome);
        assert_true(text_equal_c(unit, wrong[i].bad_unit));
        assert_int_equal(quantity.value.num, 7);
    }
}

/* Whatever can be written as a literal is read back as it was. */
static void test_inverse(void **state)
{
    (void)state;
    static const TypeKind types[] = {TYPE_DURATION, TYPE_SIZE, TYPE_VCPU, TYPE_PERCENT, TYPE_RATE, TYPE_MONEY};
    Arena arena = {0};
    uint64_t seed = 1;
    for (size_t i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int64_t num = (int64_t)(seed >> (24 + seed % 30));
        Quantity quantity = {.type = types[i % (sizeof types / sizeof *types)]};
        static const int64_t denominators[] = {1, 2, 5, 100};
        assert_true(rational_make(&quantity.value, num, quantity.type == TYPE_PERCENT ? 1000 : quantity.type == TYPE_RATE ? 60 : denominators[i % 4]));
        Text shown = unit_format_quantity(&arena, quantity);
        Quantity again = {0};
        Text unit;
        if (text_find_byte(shown, '/') < shown.len && quantity.type != TYPE_RATE)
            fail_msg("%s is a fraction", shown.ptr);
        if (unit_parse_quantity(&again, shown, &unit) != UNIT_OK || again.type != quantity.type || rational_compare(again.value, quantity.value) != 0)
            fail_msg("%s is not read back", shown.ptr);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

static void test_suggestions(void **state)
{
    (void)state;
    assert_true(text_equal_c(unit_suggest(TEXT("GB")), "GiB"));
    assert_true(text_equal_c(unit_suggest(TEXT("sec")), "s"));
    assert_true(text_equal_c(unit_suggest(TEXT("/minute")), "/min"));
    assert_int_equal(unit_suggest(TEXT("bananas")).len, 0);
    assert_true(unit_takes_blank(TEXT("vcpu")));
    assert_false(unit_takes_blank(TEXT("s")));
    assert_true(unit_is_known(TEXT("%")));
    assert_false(unit_is_known(TEXT("")));
    for (TypeKind type = 0; type < TYPE_COUNT; type++) {
        assert_true(type_label(type)[0] != '\0');
        assert_true(type_example(type)[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_inverse),
        cmocka_unit_test(test_suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
