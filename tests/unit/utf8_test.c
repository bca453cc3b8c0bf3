/* UTF-8: what is valid, and how wide it is. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t encode(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)((0xf00 >> length & 0xff) | point);
    return length;
}

static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        char bytes[4];
        uint32_t decoded = 0xffffffff;
        size_t length = encode(point, bytes);
        bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
        size_t found = utf8_decode((Text){bytes, length}, &decoded);
        if (is_surrogate) {
            assert_int_equal(found, 0);
            continue;
        }
        if (found != length || decoded != point)
            fail_msg("U+%04X", (unsigned)point);
        if (length > 1 && utf8_decode((Text){bytes, length - 1}, &decoded) != 0)
            fail_msg("U+%04X cut short", (unsigned)point);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", ("\xc3" "a"), "\xed\xa0\x80"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint32_t point = 0;
        assert_int_equal(utf8_decode(text_from_c(wrong[i]), &point), 0);
        assert_int_equal(utf8_find_invalid(text_from_c(wrong[i])), 0);
    }
}

/* The place is found wherever it stands in the groups of eight bytes that are looked at together. */
static void test_place_of_the_first(void **state)
{
    (void)state;
    char text[64];
    for (size_t length = 1; length <= sizeof text; length++) {
        memset(text, 'a', sizeof text);
        assert_int_equal(utf8_find_invalid((Text){text, length}), length);
        for (size_t at = 0; at < length; at++) {
            memset(text, 'a', sizeof text);
            text[at] = '\xff';
            assert_int_equal(utf8_find_invalid((Text){text, length}), at);
        }
    }
    assert_int_equal(utf8_find_invalid(TEXT("1234567\xc3\xa9 12345\xc3")), 15);
}

/* Each byte at each place among plain ones: what is not plain is never counted, and what is plain stops nothing. */
static void test_plain(void **state)
{
    (void)state;
    char text[24];
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < sizeof text; at++) {
            bool is_plain = byte == '\n' || (byte >= ' ' && byte < 0x7f);
            memset(text, 'a', sizeof text);
            text[at] = (char)byte;
            assert_int_equal(utf8_count_plain((Text){text, sizeof text}), is_plain ? sizeof text : at / 8 * 8);
        }
    }
    assert_int_equal(utf8_count_plain(TEXT("1234567")), 0);
    assert_int_equal(utf8_count_plain(TEXT("\x1f\n\x80""abcde")), 0);
}

static void test_counts(void **state)
{
    (void)state;
    assert_int_equal(utf8_count(TEXT("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80")), 4);
    assert_int_equal(utf8_count(TEXT("a\xff\xff")), 3);
    assert_int_equal(utf8_width(TEXT("a\xc3\xa9")), 2);
    assert_int_equal(utf8_width(TEXT("\xe6\xbc\xa2\xe5\xad\x97")), 4);      /* two wide ones */
    assert_int_equal(utf8_width(TEXT("e\xcc\x81")), 1);                     /* e and a combining accent */
    assert_int_equal(utf8_width(TEXT("\xf0\x9f\x9b\x91")), 2);              /* an emoji */
    assert_int_equal(utf8_width(TEXT("\xef\xbc\x93")), 2);                  /* a full-width digit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_character), cmocka_unit_test(test_invalid), cmocka_unit_test(test_place_of_the_first),
                                       cmocka_unit_test(test_plain), cmocka_unit_test(test_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
