/* The layout (SPEC.md, "Layout"): what it gives, that formatting again changes nothing, and that the tree stays the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/format.h"

#include "parsing.h"

/* A source in a body of `scope`, and its layout. */
static const struct {
    Scope scope;
    const char *source;
    const char *layout;
} layouts[] = {
    {SCOPE_FILE, "", ""},
    {SCOPE_FILE, "\n\n# only a comment\n\n\n\n#another  \n\n", "# only a comment\n\n#another\n"},
    {SCOPE_FILE, "project\ta\r\n\r\n\r\nparam b string", "project a\n\nparam b string\n"},
    {SCOPE_SERVICE, "count 2;exec yes ; grace 30s", "count  2\nexec   yes\ngrace  30s\n"},
    {SCOPE_SERVICE, "compute 0.5vcpu   512MiB", "compute 0.5 vcpu 512 MiB\n"},
    {SCOPE_SERVICE, "let a -  b+(c)*f( x ,y:1 )", "let a -b + (c) * f(x, y: 1)\n"},
    {SCOPE_SERVICE, "let a not( b ) and -(1) == - 1", "let a not (b) and -(1) == - 1\n"},
    {SCOPE_SERVICE, "let a [1,2 ,\n# why\n3, # three\n\n4]", "let a [1, 2,\n  # why\n  3,  # three\n  4]\n"},
    {SCOPE_SERVICE, "let a ({b:{c:1}, d : 2..3,})", "let a ({ b: { c: 1 }, d: 2..3, })\n"},
    {SCOPE_SERVICE, "aws task {a:1\nb:[2]}", "aws task { a: 1\n  b: [2] }\n"},
    {SCOPE_SERVICE, "let a \"${ b }  c\"", "let a \"${ b }  c\"\n"},
    {SCOPE_SERVICE, "container a {port 80}", "container a { port 80 }\n"},
    {SCOPE_SERVICE, "container a {}", "container a { }\n"},
    {SCOPE_SERVICE, "container a {\n}", "container a { }\n"},
    {SCOPE_SERVICE, "container a { # one\n}", "container a {                                 # one\n}\n"},
    {SCOPE_SERVICE, "container a {\n  # last\n} # after", "container a {\n  # last\n}  # after\n"},
    {SCOPE_SERVICE, "container a {\n\nport 80\n\n\nstop 30s\n\n}", "container a {\n  port 80\n\n  stop 30s\n}\n"},
    {SCOPE_SERVICE, "count 2 # two\nexec yes # on\n# above\ngrace 30s", "count  2                                      # two\nexec   yes                                    # on\n# above\ngrace  30s\n"},
    {SCOPE_SERVICE, "count 2; # two", "count 2                                       # two\n"},
    /* Layers stand apart from the group, and form a table of their own. */
    {SCOPE_SERVICE, "count 2\nin prod { count 3 }\nin staging { count 1 }", "count 2\nin prod    { count 3 }\nin staging { count 1 }\n"},
    /* A word without arguments takes no part in the columns. */
    {SCOPE_CONTAINER, "stop 30s\nenv {\nA \"b\"\n}\nworkdir \"/\"", "stop     30s\nenv {\n  A \"b\"\n}\nworkdir  \"/\"\n"},
    {SCOPE_CONTAINER, "env {\nA \"b\"\nLONG \"c\"\n}", "env {\n  A     \"b\"\n  LONG  \"c\"\n}\n"},
    {SCOPE_CONTAINER, "secret A from secrets-manager \"a\"\nsecret LONG from secrets-manager \"b\" key \"c\"",
     "secret A    from secrets-manager \"a\"\nsecret LONG from secrets-manager \"b\" key \"c\"\n"},
    {SCOPE_SERVICE, "alarm a when b > 1 for 5m notify c\nalarm long when b > 10 for 10m notify c",
     "alarm a    when b > 1  for 5m   notify c\nalarm long when b > 10 for 10m  notify c\n"},
    {SCOPE_SERVICE, "alarm a when b > 1 for 5m notify c\n\nalarm long when b > 10 for 10m notify c",
     "alarm a when b > 1 for 5m notify c\n\nalarm long when b > 10 for 10m notify c\n"},
    /* A long cell moves nothing, and what follows it is not moved. */
    {SCOPE_SERVICE, "alarm a when b > 1 for 5m notify c\nalarm d when rising(queue.visible(\"a-very-long-name-of-a-queue\")) > 1 for 10m notify c\nalarm ef when b > 1 for 10m notify c",
     "alarm a  when b > 1 for 5m   notify c\nalarm d  when rising(queue.visible(\"a-very-long-name-of-a-queue\")) > 1 for 10m notify c\nalarm ef when b > 1 for 10m  notify c\n"},
    /* A body that does not fit in 120 columns opens. */
    {SCOPE_SERVICE, "container application { command \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"; stop 30s }  # c",
     "container application {                       # c\n  command  \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"\n  stop     30s\n}\n"},
    /* Wide characters take two columns. */
    {SCOPE_CONTAINER, "env { }\nlabels {\n\"\xe6\x97\xa5\xe6\x9c\xac\" \"a\"\nb \"c\"\n}", "env { }\nlabels {\n  \"\xe6\x97\xa5\xe6\x9c\xac\"  \"a\"\n  b       \"c\"\n}\n"},
};

static void lay_out(Parsed *parsed, Buffer *out, Text source, Scope scope)
{
    parsed_open(parsed);
    parsed_read(parsed, source, scope);
    if (parsed->sink.items.count > 0)
        fail_msg("%.*s: %s", TEXT_ARG(source), parsed->sink.items.items[0]->message.ptr);
    format_tree(out, &parsed->arena, &parsed->sources, &parsed->tree);
}

/* The layout of a layout is itself, and has the same tree. */
static void check_stable(Text source, Scope scope)
{
    Parsed parsed;
    Parsed again;
    Buffer once = {0};
    Buffer twice = {0};
    lay_out(&parsed, &once, source, scope);
    lay_out(&again, &twice, buffer_text(&once), scope);
    if (!text_equal(buffer_text(&once), buffer_text(&twice)))
        fail_msg("formatting again gives:\n%.*s", TEXT_ARG(buffer_text(&twice)));
    if (!text_equal(tree_dump(&parsed.arena, &parsed.tree), tree_dump(&again.arena, &again.tree)))
        fail_msg("the tree changes:\n%.*s", TEXT_ARG(buffer_text(&once)));
    buffer_free(&once);
    buffer_free(&twice);
    parsed_close(&parsed);
    parsed_close(&again);
}

static void test_layouts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        Parsed parsed;
        Buffer out = {0};
        lay_out(&parsed, &out, text_from_c(layouts[i].source), layouts[i].scope);
        if (!text_equal_c(buffer_text(&out), layouts[i].layout))
            fail_msg("%s:\n%.*s", layouts[i].source, TEXT_ARG(buffer_text(&out)));
        buffer_free(&out);
        parsed_close(&parsed);
        check_stable(text_from_c(layouts[i].source), layouts[i].scope);
    }
}

/* Whatever blanks and line ends were in a file, its layout is the one of the file. */
static void test_blanks_do_not_matter(void **state)
{
    (void)state;
    Text whole = parsed_load("examples/claude-proxy.svc");
    char *spaced = malloc(whole.len * 3);
    assert_non_null(spaced);
    size_t length = 0;
    bool in_string = false;
    bool in_comment = false;
    for (size_t i = 0; i < whole.len; i++) {
        char c = whole.ptr[i];
        in_string = in_string != (c == '"' && !in_comment);
        in_comment = c == '\n' ? false : in_comment || (c == '#' && !in_string);
        if (c == '\n')
            spaced[length++] = '\r';
        spaced[length++] = c;
        if (c == ' ' && !in_string && !in_comment && i % 3 == 0 && i > 0 && whole.ptr[i - 1] != ' ')
            spaced[length++] = '\t';
    }
    Parsed parsed;
    Buffer out = {0};
    lay_out(&parsed, &out, (Text){spaced, length}, SCOPE_FILE);
    if (!text_equal(buffer_text(&out), whole))
        fail_msg("%.*s", TEXT_ARG(buffer_text(&out)));
    buffer_free(&out);
    parsed_close(&parsed);
    free(spaced);
    free((void *)(uintptr_t)whole.ptr);
}

/* The example that SPEC.md opens with is laid out already. */
static void test_example_is_fixed(void **state)
{
    (void)state;
    Text whole = parsed_load("examples/claude-proxy.svc");
    Parsed parsed;
    Buffer out = {0};
    lay_out(&parsed, &out, whole, SCOPE_FILE);
    assert_int_equal(out.length, whole.len);
    assert_memory_equal(out.bytes, whole.ptr, whole.len);
    buffer_free(&out);
    parsed_close(&parsed);
    free((void *)(uintptr_t)whole.ptr);
}

static void test_vocabulary_examples(void **state)
{
    (void)state;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        Text example = text_from_c(vocabulary_row(id)->example);
        for (Scope scope = 0; scope < SCOPE_COUNT; scope++) {
            Parsed parsed;
            parsed_open(&parsed);
            parsed_read(&parsed, example, scope);
            bool is_right = !parsed.tree.has_errors;
            parsed_close(&parsed);
            if (is_right)
                check_stable(example, scope);
        }
    }
}

static void test_files(void **state)
{
    (void)state;
    static const char *const paths[] = {"examples/claude-proxy.svc", "examples/video-intelligence.svc", "examples/aistudio.svc", "examples/hello.svc",
                                        "stdlib/metrics.svc",        "stdlib/permissions.svc",          "stdlib/profiles.svc",   "stdlib/types.svc"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        Text whole = parsed_load(paths[i]);
        check_stable(whole, SCOPE_FILE);
        free((void *)(uintptr_t)whole.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),       cmocka_unit_test(test_blanks_do_not_matter), cmocka_unit_test(test_example_is_fixed),
        cmocka_unit_test(test_vocabulary_examples), cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
