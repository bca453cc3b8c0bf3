/* The growing buffer, its cap, and JSON strings. */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_growth(void **state)
{
    (void)state;
    Buffer buffer = {0};
    assert_int_equal(buffer_text(&buffer).len, 0);
    for (int i = 0; i < 2000; i++)
        buffer_add_format(&buffer, "%d,", i % 10);
    buffer_add_repeated(&buffer, '-', 3);
    buffer_add_integer(&buffer, -5);
    assert_int_equal(buffer.length, 4005);
    assert_true(text_ends_with(buffer_text(&buffer), TEXT("9,----5")));
    buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    buffer_free(&buffer);
}

static void test_long_format(void **state)
{
    (void)state;
    Buffer buffer = {0};
    char many[1000];
    memset(many, 'x', sizeof many);
    buffer_add_format(&buffer, "<%.*s>", (int)sizeof many, many);
    assert_int_equal(buffer.length, sizeof many + 2);
    assert_int_equal(buffer.bytes[sizeof many + 1], '>');
    buffer_free(&buffer);
}

/* Past the cap nothing is added, also nothing short, and it is remembered. */
static void test_cap(void **state)
{
    (void)state;
    Buffer buffer = {.cap = 10};
    buffer_add_c(&buffer, "12345");
    assert_false(buffer.overflowed);
    buffer_add_c(&buffer, "1234567890");
    assert_true(buffer.overflowed);
    buffer_add_byte(&buffer, 'x');
    assert_true(text_equal_c(buffer_text(&buffer), "12345"));
    buffer_clear(&buffer);
    assert_false(buffer.overflowed);
    buffer_free(&buffer);
    assert_int_equal(buffer.cap, 10);
}

static void check_json(const char *text, size_t length, const char *expected)
{
    Buffer buffer = {0};
    buffer_add_json_string(&buffer, (Text){text, length});
    assert_true(text_equal_c(buffer_text(&buffer), expected));
    buffer_free(&buffer);
}

static void test_json_strings(void **state)
{
    (void)state;
    check_json("", 0, "\"\"");
    check_json("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    check_json("\n\r\t\x01\x7f", 5, "\"\\n\\r\\t\\u0001\\u007f\"");
    check_json("a\0b", 3, "\"a\\u0000b\"");
    check_json("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\"");
    check_json("\xff" "a\xe6\xbc", 4, "\"\xef\xbf\xbd" "a\xef\xbf\xbd\xef\xbf\xbd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_growth), cmocka_unit_test(test_long_format), cmocka_unit_test(test_cap),
                                       cmocka_unit_test(test_json_strings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
