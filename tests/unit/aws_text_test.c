/* The small readers of aws/: moments, words of a shell, URLs, and the keyed hash. */
#include "aws/moment.h"
#include "aws/shell_words.h"
#include "aws/url.h"
#include "base/hex.h"
#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_moments(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t moment;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-07-01T12:00:00Z", 1782907200},
        {"2026-07-01T12:00:00.123Z", 1782907200},
        {"2026-07-01 14:00:00+02:00", 1782907200},
        {"2026-07-01T08:30:00-0330", 1782907200},
        {"2026-07-01T12:00:00UTC", 1782907200},
        {"2026-07-01T12:00:00", 1782907200},
        {" Wed, 01 Jul 2026 12:00:00 GMT ", 1782907200},
        {"2024-02-29T23:59:60Z", 1709251200},
        {"2000-03-01T00:00:00Z", 951868800},
        {"1969-12-31T23:59:59Z", -1},
    };
    static const char *const bad[] = {"",
                                      "Z",
                                      "tomorrow",
                                      "2026-07-01",
                                      "2026-13-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2026-07-01T24:00:00Z",
                                      "2026-07-01T12:00:00Zz",
                                      "2026-07-01T12:00:00 GMT",
                                      "Wed, 01 Xul 2026 12:00:00 GMT",
                                      "Wed, 01 Jul 2026 12:00:00"};
    Arena arena = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t moment = -7;
        assert_true(aws_moment_parse(text_from_c(good[i].text), &moment));
        assert_int_equal(moment, good[i].moment);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t moment = -7;
        assert_false(aws_moment_parse(text_from_c(bad[i]), &moment));
        assert_int_equal(moment, -7);
    }
    assert_string_equal(aws_moment_compact(&arena, 1782907200).ptr, "20260701T120000Z");
    assert_string_equal(aws_moment_format(&arena, 1782907200).ptr, "2026-07-01T12:00:00Z");
    arena_free(&arena);
}

/* As Python's shlex.split, for each of these. */
static void test_shell_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words; /* each with a bar behind it; NULL: it is not whole */
    } cases[] = {
        {"", ""},
        {"  \t\n", ""},
        {"a b\tc", "a|b|c|"},
        {"'a b' c", "a b|c|"},
        {"\"a 'b'\" ''", "a 'b'||"},
        {"a'b'\"c\"d", "abcd|"},
        {"a\\ b \\'", "a b|'|"},
        {"\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d|"},
        {"'a\\b'", "a\\b|"},
        {"# no comment", "#|no|comment|"},
        {"$HOME `a`; b", "$HOME|`a`;|b|"},
        {"'a", NULL},
        {"\"a", NULL},
        {"a\\", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Arena arena = {0};
        Buffer joined = {0};
        TextArray words = {0};
        bool is_whole = aws_shell_split(&arena, text_from_c(cases[i].text), &words);
        for (size_t j = 0; j < words.count; j++)
            buffer_add_format(&joined, "%.*s|", TEXT_ARG(words.items[j]));
        assert_int_equal(is_whole, cases[i].words != NULL);
        if (cases[i].words)
            assert_true(text_equal_c(buffer_text(&joined), cases[i].words));
        buffer_free(&joined);
        arena_free(&arena);
    }
}

static void expect_url(const char *text, const char *host, int port, const char *header, const char *path, const char *query)
{
    Arena arena = {0};
    AwsUrl url;
    aws_url_split(&arena, text_from_c(text), &url);
    assert_true(text_equal_c(url.host, host));
    assert_int_equal(url.port, port);
    assert_true(text_equal_c(url.host_header, header));
    assert_true(text_equal_c(url.path, path));
    assert_true(text_equal_c(url.query, query));
    arena_free(&arena);
}

static void test_urls(void **state)
{
    (void)state;
    expect_url("https://ECS.us-east-1.amazonaws.com:443/a/b?c=d#e", "ecs.us-east-1.amazonaws.com", 443, "ecs.us-east-1.amazonaws.com", "/a/b", "c=d");
    expect_url("http://user:pass@localhost:443", "localhost", 443, "localhost:443", "", "");
    expect_url("http://[FD00::1]:80/?", "fd00::1", 80, "[fd00::1]", "/", "");
    expect_url("http://169.254.170.2@evil.test/x", "evil.test", 0, "evil.test", "/x", "");
    expect_url("http://host:99999/", "host", 0, "host", "/", "");
    expect_url("localhost:80/", "", 0, "", "", "");
}

/* RFC 4231, cases 2 and 6. */
static void test_hmac(void **state)
{
    (void)state;
    unsigned char raw[SHA256_LENGTH];
    char hex[SHA256_HEX_LENGTH + 1];
    char key[131];
    sha256_hmac(raw, TEXT("Jefe"), TEXT("what do ya want for nothing?"));
    hex_write(hex, raw, sizeof raw);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    sha256_hmac(raw, (Text){key, sizeof key}, TEXT("Test Using Larger Than Block-Size Key - Hash Key First"));
    hex_write(hex, raw, sizeof raw);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    char sha1[SHA1_HEX_LENGTH + 1];
    sha1_hex(sha1, TEXT("abc"));
    assert_string_equal(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_shell_words),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_hmac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
