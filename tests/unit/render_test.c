/* How diagnostics are shown (SPEC.md, "Diagnostics"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "diagnostics/render.h"

typedef struct Page {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    Buffer out;
} Page;

static void page_open(Page *page, const char *path, Text text)
{
    *page = (Page){.arena = {0}};
    page->sink = (Diagnostics){.arena = &page->arena, .sources = &page->sources};
    (void)sources_add(&page->arena, &page->sources, text_from_c(path), text, false);
}

/* The span of the first occurrence of `text` in a file. */
static Span page_find(const Page *page, uint32_t file, const char *text)
{
    size_t start = text_find(page->sources.files.items[file]->text, text_from_c(text));
    return (Span){file, (uint32_t)start, (uint32_t)(start + strlen(text))};
}

static void page_expect(Page *page, const char *expected)
{
    render_text(&page->out, &page->sink, false);
    if (!text_equal_c(buffer_text(&page->out), expected))
        fail_msg("shown:\n%.*s", TEXT_ARG(buffer_text(&page->out)));
}

static void page_close(Page *page)
{
    buffer_free(&page->out);
    arena_free(&page->arena);
}

/* The form that DESIGN of the project shows: a label beside its carets, another hanging below. */
static void test_form(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "service.svc", TEXT("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n  compute  1 vcpu  512 MiB\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_UNIT_UNKNOWN, page_find(&page, 0, "512 MiB"), "512 MiB is too little memory for 1 vCPU on Fargate");
    diagnostic_set_label(&page.sink, found, "Fargate gives 1 vCPU 2 to 8 GiB, in steps of 1 GiB");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "1 vcpu"), "because of this");
    diagnostic_set_fix(&page.sink, found, false, page_find(&page, 0, "512 MiB"), TEXT("2 GiB"), "compute 1 vcpu 2 GiB");
    page_expect(&page, "error[SVC0112]: 512 MiB is too little memory for 1 vCPU on Fargate\n"
                       "  --> service.svc:14:20\n"
                       "   |\n"
                       "14 |   compute  1 vcpu  512 MiB\n"
                       "   |            ------  ^^^^^^^ Fargate gives 1 vCPU 2 to 8 GiB, in steps of 1 GiB\n"
                       "   |            |\n"
                       "   |            because of this\n"
                       "   = fix: compute 1 vcpu 2 GiB\n"
                       "   = see: svc explain SVC0112\n");
    page_close(&page);
}

/* Tabs take four columns, wide characters two; what a terminal would act on is not sent to it. */
static void test_columns(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a\x1b.svc", TEXT("\tname \"\xe6\x97\xa5\xe6\x9c\xac\" \x1b[31m bad\r\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "bad"), "one\ntwo");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "\xe6\x9c\xac"), "wide");
    page_expect(&page, "error[SVC0120]: one two\n"
                       " --> a\xef\xbf\xbd.svc:1:18\n"
                       "  |\n"
                       "1 |     name \"\xe6\x97\xa5\xe6\x9c\xac\" \xef\xbf\xbd[31m bad\n"
                       "  |             --        ^^^\n"
                       "  |             |\n"
                       "  |             wide\n"
                       "  = see: svc explain SVC0120\n");
    page_close(&page);
}

static void test_other_lines_and_files(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("\xef\xbb\xbf" "first\nsecond\nthird\nfourth {\n}\n"));
    (void)sources_add(&page.arena, &page.sources, TEXT("std/b.svc"), TEXT("there\n"), true);
    Span block = span_join(page_find(&page, 0, "fourth"), page_find(&page, 0, "}"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, block, "message");
    diagnostic_set_label(&page.sink, found, "here");
    diagnostic_add_label(&page.sink, found, page_find(&page, 1, "there"), "library");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "first"), "before");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "third"), "near");
    diagnostic_add_note(&page.sink, found, "a note");
    found->environment = TEXT("prod");
    page_expect(&page, "error[SVC0120]: message\n"
                       " --> a.svc:4:1\n"
                       "  |\n"
                       "1 | first\n"
                       "  | ----- before\n"
                       "...\n"
                       "3 | third\n"
                       "  | ----- near\n"
                       "4 | fourth {\n"
                       "  | ^^^^^^^^ here\n"
                       " ::: std/b.svc:1:1\n"
                       "  |\n"
                       "1 | there\n"
                       "  | ----- library\n"
                       "  = note: in environment prod\n"
                       "  = note: a note\n"
                       "  = see: svc explain SVC0120\n");
    page_close(&page);
}

static void test_several_marks(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("aa bb cc\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "bb"), "message");
    diagnostic_set_label(&page.sink, found, "primary");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "aa bb cc"), "all");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "aa"), "first");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "cc"), "last");
    page_expect(&page, "error[SVC0120]: message\n"
                       " --> a.svc:1:4\n"
                       "  |\n"
                       "1 | aa bb cc\n"
                       "  | ---^^--- last\n"
                       "  | |  |\n"
                       "  | |  primary\n"
                       "  | all\n"
                       "  | first\n"
                       "  = see: svc explain SVC0120\n");
    page_close(&page);
}

/* Of a very long line only a part is shown; a report without a place has none. */
static void test_long_line_and_no_place(void **state)
{
    (void)state;
    char *line = malloc(100000);
    assert_non_null(line);
    memset(line, 'x', 100000);
    line[50000] = '!';
    Page page;
    page_open(&page, "a.svc", (Text){line, 100000});
    (void)diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, (Span){0, 50000, 50001}, "message");
    render_text(&page.out, &page.sink, false);
    assert_true(page.out.length < 800);
    size_t caret = text_find_byte(buffer_text(&page.out), '^');
    size_t mark = text_find_byte(buffer_text(&page.out), '!');
    assert_true(caret < page.out.length && mark < page.out.length);
    buffer_clear(&page.out);
    page.sink.items.count = 0;
    (void)diagnostic_report(&page.sink, CODE_FILE_TOO_LONG, SPAN_NONE, "no place");
    page_expect(&page, "error[SVC0103]: no place\n  = see: svc explain SVC0103\n");
    page_close(&page);
    free(line);
}

static void test_order_and_repeats(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("one two\n"));
    page.sink.environment = TEXT("prod");
    (void)diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "two"), "both");
    (void)diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "two"), "repeated");
    (void)diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "one"), "only prod");
    page.sink.environment = TEXT("staging");
    (void)diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "two"), "both");
    assert_int_equal(page.sink.items.count, 3);
    diagnostics_sort(&page.sink);
    assert_int_equal(page.sink.items.count, 2);
    assert_int_equal(page.sink.error_count, 2);
    assert_true(text_equal_c(page.sink.items.items[0]->message, "only prod"));
    assert_true(text_equal_c(page.sink.items.items[0]->environment, "prod"));
    assert_int_equal(page.sink.items.items[1]->environment.len, 0);
    page_close(&page);
}

static void test_json(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a\"b.svc", TEXT("\xc3\xa9 two\nthree\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "two"), "message \"%s\"", "quoted");
    diagnostic_set_fix(&page.sink, found, true, page_find(&page, 0, "two\nthree"), TEXT("four"), "%s", "");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "three"), "label");
    found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "three"), "other");
    diagnostic_set_advice(&page.sink, found, "advice");
    render_json(&page.out, &page.sink, 3);
    json_error_t error;
    json_t *report = json_loadb(page.out.bytes, page.out.length, 0, &error);
    if (!report)
        fail_msg("%s", error.text);
    const char *expected =
        "{\"diagnostics\":[{\"code\":\"SVC0120\",\"column\":3,\"end_column\":6,\"end_line\":1,\"file\":\"a\\\"b.svc\","
        "\"fix\":{\"column\":3,\"description\":\"four\",\"end_column\":6,\"end_line\":2,\"line\":1,\"replacement\":\"four\",\"safe\":true},\"line\":1,"
        "\"message\":\"message \\\"quoted\\\"\",\"related\":[{\"column\":1,\"end_column\":6,\"end_line\":2,\"file\":\"a\\\"b.svc\",\"line\":2,\"message\":\"label\"}],"
        "\"severity\":\"error\"},"
        "{\"advice\":\"advice\",\"code\":\"SVC0120\",\"column\":1,\"end_column\":6,\"end_line\":2,\"file\":\"a\\\"b.svc\",\"line\":2,\"message\":\"other\",\"related\":[],"
        "\"severity\":\"error\"}],\"format_version\":1,\"summary\":{\"errors\":2,\"files\":3,\"notes\":0,\"warnings\":0}}";
    char *shown = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(shown, expected);
    free(shown);
    json_decref(report);
    page_close(&page);
}

/* Colour never changes the text. */
static void test_color(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("one two\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_WORD_UNKNOWN, page_find(&page, 0, "two"), "message");
    diagnostic_add_label(&page.sink, found, page_find(&page, 0, "one"), "label");
    render_text(&page.out, &page.sink, true);
    Buffer plain = {0};
    for (size_t i = 0; i < page.out.length; i++) {
        if (page.out.bytes[i] == '\x1b') {
            while (page.out.bytes[i] != 'm')
                i++;
            continue;
        }
        buffer_add_byte(&plain, page.out.bytes[i]);
    }
    assert_true(plain.length < page.out.length);
    buffer_clear(&page.out);
    render_text(&page.out, &page.sink, false);
    assert_true(text_equal(buffer_text(&plain), buffer_text(&page.out)));
    buffer_free(&plain);
    page_close(&page);
}

static void test_codes(void **state)
{
    (void)state;
    for (DiagnosticCode code = 0; code < CODE_COUNT; code++) {
        const DiagnosticPage *page = diagnostic_page(code);
        DiagnosticCode found = CODE_COUNT;
        assert_true(diagnostic_find_code(&found, text_from_c(page->code)));
        assert_int_equal(found, code);
        assert_true(page->title[0] && page->why[0] && page->wrong[0] && page->right[0] && page->source[0]);
    }
    DiagnosticCode found = CODE_COUNT;
    assert_true(diagnostic_find_code(&found, TEXT("svc0120")) && found == CODE_WORD_UNKNOWN);
    assert_true(diagnostic_find_code(&found, TEXT("120")) && found == CODE_WORD_UNKNOWN);
    static const char *const wrong[] = {"", "svc", "0", "99999", "SV0120", "SVC0120x", "-120"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(diagnostic_find_code(&found, text_from_c(wrong[i])));
}

/* --- secrets --- */

#define KEY "AKIAABCDEFGHIJKLMNOP"

typedef struct Rendering {
    const char *name;
    Buffer out;
} Rendering;

/* Each renderer in turn. */
static void render_all(const Page *page, Rendering *renderings)
{
    TextArray files = {0};
    for (size_t i = 0; i < 5; i++)
        renderings[i] = (Rendering){.name = (const char *[]){"text", "json", "sarif", "github", "junit"}[i]};
    render_text(&renderings[0].out, &page->sink, false);
    render_json(&renderings[1].out, &page->sink, 1);
    render_sarif(&renderings[2].out, &page->sink);
    render_github(&renderings[3].out, &page->sink);
    render_junit(&renderings[4].out, &page->sink, &files);
}

static void expect_hidden(const Page *page, const char *secret)
{
    Rendering renderings[5];
    render_all(page, renderings);
    for (size_t i = 0; i < 5; i++) {
        Text text = buffer_text(&renderings[i].out);
        if (text.len == 0 || text_find(text, text_from_c(secret)) < text.len)
            fail_msg("%s shows the secret:\n%.*s", renderings[i].name, TEXT_ARG(text));
        buffer_free(&renderings[i].out);
    }
}

/* Not by its own finding, not by another on its line, not in words and not in a fix. */
static void test_secret_is_masked(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("env { KEY \"" KEY "\" } # " KEY "\n"));
    Diagnostic *found = diagnostic_report(&page.sink, CODE_OPEN_TO_WORLD, page_find(&page, 0, "\"" KEY "\""), "this is a key");
    diagnostic_mark_secret(found);
    Diagnostic *other = diagnostic_report(&page.sink, CODE_UNKNOWN_NAME, page_find(&page, 0, "KEY"), "`" KEY "` is unknown");
    diagnostic_set_label(&page.sink, other, "\"" KEY "\"");
    diagnostic_add_label(&page.sink, other, page_find(&page, 0, "env"), "for " KEY);
    diagnostic_add_note(&page.sink, other, "it is " KEY);
    diagnostic_set_fix(&page.sink, other, false, page_find(&page, 0, "env"), TEXT("x " KEY), "write " KEY);
    expect_hidden(&page, "ABCDEFG");
    render_text(&page.out, &page.sink, false);
    assert_true(text_find(buffer_text(&page.out), TEXT("1 | env { KEY \"AKIA****************\" } # AKIA****************\n")) < page.out.length);
    page_close(&page);
}

/* Also when its finding was silenced. */
static void test_silenced_secret_is_masked(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.svc", TEXT("env { KEY \"hunter22\" }\n"));
    ARRAY_PUSH(&page.arena, &page.sink.silenced_secrets, page_find(&page, 0, "hunter22"));
    (void)diagnostic_report(&page.sink, CODE_UNKNOWN_NAME, page_find(&page, 0, "KEY"), "this is unknown");
    expect_hidden(&page, "nter22");
    page_close(&page);
}

static void test_secret_of_several_lines(void **state)
{
    (void)state;
    Page page;
    page_open(&page, "a.yml", TEXT("key: |\n  -----BEGIN KEY-----\n  c2VjcmV0\n  d29yZHM=\nother: 1\n"));
    Span span = page_find(&page, 0, "-----BEGIN");
    span.end = page_find(&page, 0, "\nother").start;
    diagnostic_mark_secret(diagnostic_report(&page.sink, CODE_OPEN_TO_WORLD, span, "this is a key"));
    (void)diagnostic_report(&page.sink, CODE_UNKNOWN_NAME, page_find(&page, 0, "d29y"), "this is unknown");
    expect_hidden(&page, "c2Vj");
    expect_hidden(&page, "d29y");
    page_close(&page);
}

/* Characters that would end a command, a property or an element. */
static void test_escapes(void **state)
{
    (void)state;
    Page page;
    Rendering renderings[5];
    page_open(&page, "a,b:c%.svc", TEXT("x\n"));
    (void)diagnostic_report(&page.sink, CODE_UNKNOWN_NAME, page_find(&page, 0, "x"), "50%% & <b>\r\n::error::\x01\xff");
    render_all(&page, renderings);
    assert_true(text_equal_c(buffer_text(&renderings[3].out),
                             "::error file=a%2Cb%3Ac%25.svc,line=1,col=1,endLine=1,endColumn=2,title=SVC0201::50%25 & <b>%0D%0A::error::?\xff\n"));
    Text junit = buffer_text(&renderings[4].out);
    assert_true(text_find(junit, TEXT("message=\"50% &amp; &lt;b&gt;&#13;&#10;::error::\xef\xbf\xbd\"")) < junit.len);
    Text sarif = buffer_text(&renderings[2].out);
    assert_true(text_find(sarif, TEXT("\"uri\": \"a%2Cb%3Ac%25.svc\"")) < sarif.len);
    for (size_t i = 0; i < 5; i++)
        buffer_free(&renderings[i].out);
    page_close(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret_is_masked), cmocka_unit_test(test_silenced_secret_is_masked),
        cmocka_unit_test(test_secret_of_several_lines), cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_form),          cmocka_unit_test(test_columns),
        cmocka_unit_test(test_other_lines_and_files), cmocka_unit_test(test_several_marks),
        cmocka_unit_test(test_long_line_and_no_place), cmocka_unit_test(test_order_and_repeats),
        cmocka_unit_test(test_json),          cmocka_unit_test(test_color),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
