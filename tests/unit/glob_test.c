/* Patterns over paths (SPEC.md, "Lint settings"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/glob.h"

static void expect(bool expected, const char *pattern, const char *path)
{
    if (glob_matches(text_from_c(pattern), text_from_c(path)) != expected)
        fail_msg("%s %s %s", pattern, expected ? "does not match" : "matches", path);
}

static void test_names(void **state)
{
    (void)state;
    expect(true, "a.svc", "a.svc");
    expect(true, "a.svc", "deep/er/a.svc");
    expect(false, "a.svc", "ba.svc");
    expect(false, "a.svc", "a.svcx");
    expect(true, "vendor", "vendor/a.svc");
    expect(true, "vendor/", "x/vendor/a.svc");
    expect(false, "vendor", "vendors/a.svc");
    expect(false, "", "a.svc");
    expect(true, "./a.svc", "a.svc");
}

static void test_anchored(void **state)
{
    (void)state;
    expect(true, "a/b.svc", "a/b.svc");
    expect(false, "a/b.svc", "x/a/b.svc");
    expect(true, "a/b", "a/b/c.svc");
    expect(false, "a/b", "a/bc.svc");
}

static void test_stars(void **state)
{
    (void)state;
    expect(true, "*.svc", "a/b.svc");
    expect(true, "a*c.svc", "abbc.svc");
    expect(false, "a*c.svc", "ab/c.svc");
    expect(false, "x/*.svc", "x/y/a.svc");
    expect(true, "x/*/a.svc", "x/y/a.svc");
    expect(true, "?.svc", "\xc3\xbc.svc");
    expect(false, "?.svc", ".svc");
    expect(false, "a?b", "a/b");
    expect(true, "*b*d", "abbcd");
}

static void test_folders(void **state)
{
    (void)state;
    expect(true, "vendor/**", "vendor/a/b.svc");
    expect(false, "vendor/**", "vendor");
    expect(false, "vendor/**", "x/vendor/a.svc");
    expect(true, "**/a.svc", "a.svc");
    expect(true, "**/a.svc", "x/y/a.svc");
    expect(false, "**/a.svc", "x/ba.svc");
    expect(true, "x/**/a.svc", "x/a.svc");
    expect(true, "x/**/z/*.svc", "x/y/z/z/a.svc");
    expect(false, "x/**/z/*.svc", "x/y/z/z/a/b");
    expect(true, "**", "a/b");
    expect(true, "**/staging/**/*.svc", "a/staging/b/c/d.svc");
}

/* What would take for ever when each star tried everything. */
static void test_costly(void **state)
{
    (void)state;
    char pattern[600];
    char path[3001];
    for (size_t i = 0; i + 4 < sizeof pattern; i += 4)
        memcpy(pattern + i, "**a*", 4);
    pattern[596] = 'b';
    pattern[597] = '\0';
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    expect(false, pattern, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_anchored), cmocka_unit_test(test_stars),
        cmocka_unit_test(test_folders), cmocka_unit_test(test_costly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
