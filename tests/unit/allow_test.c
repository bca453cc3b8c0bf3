/* What an allow comment is about, in each kind of file (SPEC.md, "Allow"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diagnostics/allow.h"

/* The texts of the scopes, each in angle brackets. */
static void expect(const char *path, const char *source, const char *expected)
{
    Arena arena = {0};
    Sources sources = {0};
    Diagnostics sink = {.arena = &arena, .sources = &sources};
    uint32_t file = sources_add(&arena, &sources, text_from_c(path), text_from_c(source), false);
    AllowArray allows = {0};
    allows_read(&sink, file, &allows);
    Text found = TEXT("");
    for (size_t i = 0; i < allows.count; i++) {
        Text scope = sources_text(&sources, allows.items[i].scope);
        found = arena_format(&arena, "%.*s<%.*s>", TEXT_ARG(found), TEXT_ARG(scope));
    }
    if (!text_equal_c(found, expected))
        fail_msg("%s: %.*s", source, TEXT_ARG(found));
    assert_int_equal(sink.items.count, 0);
    arena_free(&arena);
}

#define ALLOW "# svc: allow SVC0501 because it is public"

static void test_svc(void **state)
{
    (void)state;
    expect("a.svc", ALLOW "\n\n# more\n  a { b \"}\" # }\n c }\nd\n", "<a { b \"}\" # }\n c }>");
    expect("a.svc", ALLOW "\na 1; b 2\n", "<a 1>");
    expect("a.svc", "a { " ALLOW "\n b\n}\n", "<a { " ALLOW ">");
    expect("a.svc", "a {\n  " ALLOW "\n}\n", "<>");
    expect("a.svc", ALLOW, "<>");
    expect("a.svc", "\xef\xbb\xbf" ALLOW "\na\n", "<a>");
    expect("a.svc", "a \"" ALLOW "\"\n", "");
    expect("a.svc", "a \"x\\\"\" " ALLOW "\n", "<a \"x\\\"\" " ALLOW ">");
    expect("a.svc", "#svc:allow svc0501,SVC0602 because of #12\na\n", "<a>");
    expect("a.svc", "# see http://svc: allow\n# the svc: allow comment\n# svc: the program\n", "");
}

static void test_json(void **state)
{
    (void)state;
    expect("a.json", "{\n  // svc: allow SVC0501 because it is\n  \"a\": {\n \"b\": [1, 2] }, \"c\": 1\n}\n", "<\"a\": {\n \"b\": [1, 2] }>");
    expect("a.json", "{\n  \"a\": 1, // svc: allow SVC0501 because it is\n  \"b\": 2\n}\n", "<  \"a\": 1, // svc: allow SVC0501 because it is>");
    expect("a.json", "[\n  " ALLOW "\n  {\n    \"a\": \"//\"\n  },\n  {}\n]\n", "<{\n    \"a\": \"//\"\n  }>");
    expect("<stdin>", "{ \"a\": \"http://svc: allow\", \"b\": \"// svc: allow SVC0501\" }", "");
}

static void test_yaml(void **state)
{
    (void)state;
    expect("a.yml", "a:\n  " ALLOW "\n  b:\n    c: 1\n\n    d: 2\n  e: 3\n", "<b:\n    c: 1\n\n    d: 2>");
    expect("a.yml", "a:\n  " ALLOW "\n  b:\n  - 1\n  - 2\n  e: 3\n", "<b:\n  - 1\n  - 2>");
    expect("a.yml", "a:\n  " ALLOW "\n  - b: 1\n    c: 2\n  - d: 3\n", "<- b: 1\n    c: 2>");
    expect("a.yaml", "a: 1 " ALLOW "\nb: 2\n", "<a: 1 " ALLOW ">");
    expect("template", ALLOW "\na:\n  b: 2\n", "<a:\n  b: 2>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_svc), cmocka_unit_test(test_json), cmocka_unit_test(test_yaml)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
