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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),          cmocka_unit_test(test_columns),
        cmocka_unit_test(test_other_lines_and_files), cmocka_unit_test(test_several_marks),
        cmocka_unit_test(test_long_line_and_no_place), cmocka_unit_test(test_order_and_repeats),
        cmocka_unit_test(test_json),          cmocka_unit_test(test_color),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
