/* Strings with a length. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_comparison(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT_NONE, TEXT("")));
    assert_false(text_equal(TEXT("a"), TEXT("ab")));
    assert_true(text_equal_c(TEXT("ab"), "ab"));
    assert_int_equal(text_from_c(NULL).len, 0);
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("ab")) > 0);
    assert_true(text_compare(TEXT("\x7f"), TEXT("\x80")) < 0); /* bytes, not signed characters */
    assert_int_equal(text_compare(TEXT_NONE, TEXT("")), 0);
    assert_true(text_starts_with(TEXT("abc"), TEXT("ab")) && text_starts_with(TEXT("abc"), TEXT("")) && !text_starts_with(TEXT("a"), TEXT("ab")));
    assert_true(text_ends_with(TEXT("abc"), TEXT("bc")) && !text_ends_with(TEXT("c"), TEXT("bc")));
}

static void test_search_and_slices(void **state)
{
    (void)state;
    assert_int_equal(text_find_byte(TEXT("a.b.c"), '.'), 1);
    assert_int_equal(text_find_byte(TEXT("abc"), '.'), 3);
    assert_int_equal(text_find_byte(TEXT_NONE, '.'), 0);
    assert_int_equal(text_find(TEXT("ababac"), TEXT("abac")), 2);
    assert_int_equal(text_find(TEXT("ab"), TEXT("abc")), 2);
    assert_int_equal(text_find(TEXT("ab"), TEXT("")), 0);
    assert_true(text_equal_c(text_slice(TEXT("hello"), 1, 3), "el"));
    assert_true(text_equal_c(text_slice(TEXT("hello"), 3, 99), "lo"));
    assert_int_equal(text_slice(TEXT("hello"), 9, 2).len, 0);
    assert_int_equal(text_slice(TEXT_NONE, 1, 2).len, 0);
    assert_true(text_equal_c(text_trim(TEXT(" \t\r\n a b \n")), "a b"));
    assert_int_equal(text_trim(TEXT(" \n ")).len, 0);
}

static void test_edit_distance(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        size_t distance;
    } pairs[] = {{"port", "port", 0}, {"prot", "port", 1}, {"prt", "port", 1}, {"ports", "port", 1}, {"sort", "port", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        Text a = text_from_c(pairs[i].a);
        Text b = text_from_c(pairs[i].b);
        assert_int_equal(text_edit_distance(a, b, 5), pairs[i].distance);
        assert_int_equal(text_edit_distance(b, a, 5), pairs[i].distance);
        if (pairs[i].distance > 1)
            assert_int_equal(text_edit_distance(a, b, 1), 2);
    }
    /* Long texts never match: the table for them would be large. */
    char many[65];
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = 'a';
    assert_int_equal(text_edit_distance((Text){many, 64}, (Text){many, 64}, 3), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_comparison), cmocka_unit_test(test_search_and_slices), cmocka_unit_test(test_edit_distance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
