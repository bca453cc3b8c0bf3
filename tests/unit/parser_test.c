/* Trees of what is right, and one report for what is wrong (SPEC.md, "Grammar"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parsing.h"

static const struct {
    Scope scope;
    const char *source;
    const char *tree;
} trees[] = {
    {SCOPE_FILE, "project claude-proxy\n", "project name=claude-proxy\n"},
    {SCOPE_FILE, "\xef\xbb\xbfproject a\r\nparam b string\r\n", "project name=a\nparam name=b type=string\n"},
    {SCOPE_FILE, "project a # why\n# end", "project name=a\nbeside # why\nbelow # end\n"},
    {SCOPE_SERVICE, "count 2; exec # on", "count tasks=2\nexec\nbeside # on\n"},
    {SCOPE_SERVICE, "count 2; # two\nexec", "count tasks=2\nbeside # two\nexec\n"},
    {SCOPE_SERVICE, "compute 0.5 vcpu 512MiB", "compute cpu=0.5 vcpu memory=512 MiB\n"},
    {SCOPE_SERVICE, "alarm x when a / b > 1% and not c for 3 of 5m notify (t) \"u\"",
     "alarm name=x\n  when condition=(and (> (/ a b) 1%) (not c))\n  for window=3\n    of window=5m\n  notify topics=(list (group t) \"u\")\n"},
    {SCOPE_SERVICE, "alarm cpu { when cpu > 85%\nfor 10m }", "alarm name=cpu\n  when condition=(> cpu 85%)\n  for window=10m\n"},
    {SCOPE_SERVICE, "let x a - b - c * -d + (e or f) * 2", "let name=x value=(+ (- (- a b) (* c (- d))) (* (group (or e f)) 2))\n"},
    {SCOPE_SERVICE, "let x not a == b or c and d", "let name=x value=(or (not (== a b)) (and c d))\n"},
    {SCOPE_SERVICE, "let x if a then 1 else if b then 2 else 3", "let name=x value=(if a 1 (if b 2 3))\n"},
    {SCOPE_SERVICE, "let x f(a, b: -1, [1,\n 2,\n]) - 1", "let name=x value=(- (call f a \"b\": -1 (list 1 2)) 1)\n"},
    {SCOPE_SERVICE, "let x ({ a: 1, \"b c\": { d: yes } })", "let name=x value=(group (map \"a\": 1 \"b c\": (map \"d\": (yes))))\n"},
    {SCOPE_SERVICE, "let x \"a\\n\\u{e9}$${b}${c + \"${d}\"}e\"", "let name=x value=\"a\\n\xc3\xa9${b}\"+{(+ c {d})}+\"e\"\n"},
    {SCOPE_SERVICE, "aws task { a: 1\n b: [no], c: x.y }", "aws shape=task members=(map \"a\": 1 \"b\": (list (no)) \"c\": x.y)\n"},
    {SCOPE_SERVICE, "aws { }", "aws members=(map)\n"},
    {SCOPE_SERVICE, "scale 2..10 { step cpu +2 above 70% for 2m; step cpu -1 below 30% }",
     "scale tasks=2..10\n  step metric=cpu change=2\n    above bound=70%\n    for window=2m\n  step metric=cpu change=-1\n    below bound=30%\n"},
    {SCOPE_SERVICE, "scale (low)..high", "scale tasks=(group low)..high\n"},
    {SCOPE_SERVICE, "ingress tcp 9090..9100 from service metrics web", "ingress protocol=tcp port=9090..9100\n  from kind=service peers=(list metrics web)\n"},
    {SCOPE_SERVICE, "ingress all from internet", "ingress protocol=all\n  from kind=internet\n"},
    {SCOPE_SERVICE, "is web-service(port: 8000)", "is profile=(call web-service \"port\": 8000)\n"},
    {SCOPE_SERVICE, "without alarm cpu", "without word=alarm key=(list cpu)\n"},
    {SCOPE_SERVICE, "in staging dev { count 1 }", "in environments=(list staging dev)\n  count tasks=1\n"},
    {SCOPE_FILE, "default container { init; in dev { tty } }", "default word=container\n  init\n  in environments=(list dev)\n    tty\n"},
    {SCOPE_TRACK, "in 300s", "in cooldown=5m\n"},
    {SCOPE_CONTAINER, "env { LOG_LEVEL \"a\"; \"b.c\" d; e.f g }", "env\n  LOG_LEVEL name=LOG_LEVEL value=\"a\"\n  b.c name=\"b.c\" value=d\n  e.f name=e.f value=g\n"},
    {SCOPE_CONTAINER, "image ecr \"a\" tag t", "image registry=ecr name=\"a\"\n  tag tag=t\n"},
    {SCOPE_CONTAINER, "image a.b", "image name=a.b\n"},
    {SCOPE_CONTAINER, "port 80 name \"x\" speaks http", "port port=80\n  name name=\"x\"\n  speaks protocol=http\n"},
    {SCOPE_CONTAINER, "command \"a\" b [c]", "command words=(list \"a\" b (list c))\n"},
    {SCOPE_NETWORK, "vpc tagged { Name \"main\" }", "vpc how=tagged\n  Name key=Name value=\"main\"\n"},
    {SCOPE_NETWORK, "existing\nvpc \"vpc-1\"", "existing\nvpc id=\"vpc-1\"\n"},
};

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        Parsed parsed;
        parsed_open(&parsed);
        parsed_read(&parsed, text_from_c(trees[i].source), trees[i].scope);
        if (parsed.sink.items.count > 0)
            fail_msg("%s: %s", trees[i].source, parsed.sink.items.items[0]->message.ptr);
        assert_string_equal(tree_dump(&parsed.arena, &parsed.tree).ptr, trees[i].tree);
        parsed_close(&parsed);
    }
}

/* What is reported: "code@text" for each, in order; `text` is what the caret covers. */
static const struct {
    Scope scope;
    const char *source;
    const char *reports;
} mistakes[] = {
    {SCOPE_FILE, "project \"caf\xe9\"", "SVC0101@\xe9"},
    {SCOPE_FILE, "\xff\xfe" "p", "SVC0102@\xff"},
    {SCOPE_FILE, "project a\x07", "SVC0104@\x07"},
    {SCOPE_FILE, "project \"a\x1b\" # \x01", "SVC0104@\x1b SVC0104@\x01"},
    {SCOPE_SERVICE, "count \xef\xbc\x92", "SVC0105@\xef\xbc\x92"},
    {SCOPE_SERVICE, "count\xc2\xa0" "2", "SVC0105@\xc2\xa0"},
    {SCOPE_SERVICE, "name \"a\" @ b", "SVC0105@@"},
    {SCOPE_FILE, "project claude\xe2\x80\x93proxy", "SVC0105@\xe2\x80\x93"},
    {SCOPE_SERVICE, "count a.b\xc3\xa9\nspot 5%\xc3\xa9", "SVC0105@\xc3\xa9 SVC0105@\xc3\xa9"},
    {SCOPE_SERVICE, "name \"a\nexec", "SVC0106@\""},
    {SCOPE_SERVICE, "name \"\\d\\u{110000}\\q\"", "SVC0107@\\d SVC0107@\\u{110000} SVC0107@\\q"},
    {SCOPE_SERVICE, "name \"a${b\"", "SVC0108@${"},
    {SCOPE_SERVICE, "name \"${}${a b}\"", "SVC0108@${} SVC0108@b"},
    {SCOPE_CONTAINER, "user 'root'\nworkdir \xe2\x80\x9c/a\xe2\x80\x9d", "SVC0109@'root' SVC0109@\xe2\x80\x9c/a\xe2\x80\x9d"},
    {SCOPE_SERVICE, "let x a && !b || c // why", "SVC0110@&& SVC0110@! SVC0110@|| SVC0110@//"},
    {SCOPE_SERVICE, "egress tcp 5432 to 10.20.0.0/16", "SVC0111@10.20.0.0/16"},
    {SCOPE_SERVICE, "compute 1 vcpu 2GB\ncompute 1 vcpu 512 MB\ngrace 5 sec", "SVC0112@GB SVC0112@MB SVC0112@sec"},
    {SCOPE_SERVICE, "count 99999999999999999999", "SVC0113@99999999999999999999"},
    {SCOPE_SERVICE, "grace 30 s\nspot 80 %", "SVC0114@s SVC0114@%"},
    {SCOPE_FILE, "param image-Tag string", "SVC0115@image-Tag"},
    {SCOPE_FILE, "parm a string", "SVC0120@parm"},
    {SCOPE_SERVICE, "port 80 { ( what } \"ever\nexec", "SVC0120@port"},
    {SCOPE_CONTAINER, "health \"x\" evry 30s", "SVC0120@evry"},
    {SCOPE_SERVICE, "8000 { a }\n\"a\"", "SVC0121@8000 SVC0121@\"a\""},
    {SCOPE_CONTAINER, "port\nhealth every 30s\nenv { A }", "SVC0122@port SVC0122@health SVC0122@A"},
    {SCOPE_CONTAINER, "port 80 90\ninit yes no", "SVC0123@90 SVC0123@no"},
    {SCOPE_FILE, "service 5 { }\nuse 5", "SVC0124@5 SVC0124@5"},
    {SCOPE_SERVICE, "arch \"arm64\"", "SVC0124@\"arm64\""},
    {SCOPE_SERVICE, "arch arm\narch ARM64", "SVC0125@arm SVC0125@ARM64"},
    {SCOPE_CONTAINER, "image ecrr \"x\"\nadd-capability SYS_PTRACE SYS_ADMIN", "SVC0125@ecrr SVC0125@SYS_ADMIN"},
    {SCOPE_CONTAINER, "stop 30s { foo }\nenv { A \"b\" { } }", "SVC0126@{ SVC0126@{"},
    {SCOPE_FILE, "service a {\n  container b {\n    port 80\n}\n", "SVC0127@{"},
    {SCOPE_FILE, "service a {\n  container b {\n    port 80\n  scale 1..2\n}\n", "SVC0127@{"},
    {SCOPE_FILE, "project a }\n}", "SVC0128@} SVC0128@}"},
    {SCOPE_FILE, "service a {\n  container b {\n    port 80\n  }\n  }\n  scale 1..2\n  exec\n}\n", "SVC0128@}"},
    {SCOPE_FILE, "environment a { account \"1\" region b } project c", "SVC0129@region SVC0129@project"},
    {SCOPE_SERVICE, "disk: 40 GiB\nfamily = \"x\"\ncontainer a { command \"b\", \"c\" }", "SVC0130@: SVC0130@= SVC0130@,"},
    {SCOPE_SERVICE, "container a\n{\n  port 80\n}", "SVC0131@{"},
    {SCOPE_SERVICE, "count 2 * base\nlet / 2", "SVC0132@* SVC0132@/"},
    {SCOPE_SERVICE, "let a 2 *\nlet b (* 2)\nalarm c when d + for 5m", "SVC0140@* SVC0140@* SVC0140@for"},
    {SCOPE_SERVICE, "count (2 * a\nlet b [1, 2\nlet c f(1", "SVC0141@( SVC0141@[ SVC0141@("},
    {SCOPE_SERVICE, "let a 1 < b < 3", "SVC0142@<"},
    {SCOPE_SERVICE, "scale 2..\nscale 1..2..3", "SVC0143@.. SVC0143@.."},
    {SCOPE_SERVICE, "aws task { a 5 }\naws task { 5: a }\nexec", "SVC0144@5 SVC0144@5"},
    {SCOPE_SERVICE, "let a if b then 2\nlet c if d", "SVC0145@2 SVC0145@d"},
    {SCOPE_SERVICE, "let a b -1", "SVC0146@-"},
};

static Text list_reports(Parsed *parsed)
{
    diagnostics_sort(&parsed->sink);
    Text list = TEXT("");
    for (size_t i = 0; i < parsed->sink.items.count; i++) {
        const Diagnostic *item = parsed->sink.items.items[i];
        Text place = sources_text(&parsed->sources, item->primary.span);
        list = arena_format(&parsed->arena, "%.*s%s%s@%.*s", TEXT_ARG(list), i > 0 ? " " : "", diagnostic_page(item->code)->code, TEXT_ARG(place));
    }
    return list;
}

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        Parsed parsed;
        parsed_open(&parsed);
        parsed_read(&parsed, text_from_c(mistakes[i].source), mistakes[i].scope);
        assert_true(parsed.tree.has_errors);
        Text reports = list_reports(&parsed);
        if (!text_equal_c(reports, mistakes[i].reports))
            fail_msg("%s: reported %s, expected %s", mistakes[i].source, reports.ptr, mistakes[i].reports);
        parsed_close(&parsed);
    }
}

static size_t count_code(const Diagnostics *sink, DiagnosticCode code)
{
    size_t count = 0;
    for (size_t i = 0; i < sink->items.count; i++)
        count += sink->items.items[i]->code == code;
    return count;
}

/* With a fix applied, its report is gone and nothing new has come. */
static void check_fix(const char *source, Scope scope, const Fix *fix, DiagnosticCode code, size_t codes, size_t all)
{
    size_t length = strlen(source);
    char *fixed = malloc(length + fix->replacement.len + 1);
    assert_non_null(fixed);
    memcpy(fixed, source, fix->span.start);
    memcpy(fixed + fix->span.start, fix->replacement.ptr, fix->replacement.len);
    memcpy(fixed + fix->span.start + fix->replacement.len, source + fix->span.end, length - fix->span.end);
    Parsed parsed;
    parsed_open(&parsed);
    parsed_read(&parsed, (Text){fixed, length + fix->replacement.len - (fix->span.end - fix->span.start)}, scope);
    if (count_code(&parsed.sink, code) >= codes || parsed.sink.items.count >= all)
        fail_msg("%s: the fix gives %.*s", source, (int)(length + fix->replacement.len - (fix->span.end - fix->span.start)), fixed);
    parsed_close(&parsed);
    free(fixed);
}

static void test_fixes(void **state)
{
    (void)state;
    size_t fixes = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        Parsed parsed;
        parsed_open(&parsed);
        parsed_read(&parsed, text_from_c(mistakes[i].source), mistakes[i].scope);
        for (size_t k = 0; k < parsed.sink.items.count; k++) {
            const Diagnostic *item = parsed.sink.items.items[k];
            if (!item->fix || span_is_none(item->fix->span))
                continue;
            check_fix(mistakes[i].source, mistakes[i].scope, item->fix, item->code, count_code(&parsed.sink, item->code), parsed.sink.items.count);
            fixes++;
        }
        parsed_close(&parsed);
    }
    assert_true(fixes >= 30);
}

static bool has_row(const Statement *statement, WordId id)
{
    bool found = statement->row && statement->row->id == id;
    for (size_t i = 0; i < statement->children.count; i++)
        found = found || has_row(statement->children.items[i], id);
    return found;
}

/* Every row's example is right in a body of some scope, and uses the row. */
static void test_vocabulary_examples(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        bool is_right = false;
        for (Scope scope = 0; scope < SCOPE_COUNT && !is_right; scope++) {
            Parsed parsed;
            parsed_open(&parsed);
            parsed_read(&parsed, text_from_c(row->example), scope);
            is_right = !parsed.tree.has_errors && has_row(parsed.tree.root, id);
            parsed_close(&parsed);
        }
        if (!is_right)
            print_error("%s: its example is wrong: %s\n", row->word, row->example);
        wrong += !is_right;
    }
    assert_int_equal(wrong, 0);
}

static void test_lookup(void **state)
{
    (void)state;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        for (Scope scope = 0; scope < SCOPE_COUNT; scope++) {
            if (!vocabulary_allows(row, scope) || row->scopes == IN_ANY)
                continue;
            const VocabularyRow *found = row->word[0] ? vocabulary_find(scope, text_from_c(row->word)) : vocabulary_entry(scope);
            assert_ptr_equal(found, row);
        }
    }
    assert_null(vocabulary_find(SCOPE_SERVICE, TEXT("bananas")));
    assert_null(vocabulary_find(SCOPE_SERVICE, TEXT("")));
    assert_ptr_equal(vocabulary_suggest(SCOPE_CONTAINER, TEXT("prot")), vocabulary_row(W_PORT));
    assert_null(vocabulary_suggest(SCOPE_CONTAINER, TEXT("bananas")));
}

/* Limits give one error each, in bounded time. */
static void test_limits(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    static const struct {
        const char *before;
        const char *repeated;
        DiagnosticCode code;
        size_t count;
    } hostile[] = {
        {"let a ", "(", CODE_TOO_DEEP, MANY},          {"let a ", "[", CODE_TOO_DEEP, MANY},        {"let a ", "f(", CODE_TOO_DEEP, MANY},
        {"let a ", "- ", CODE_TOO_DEEP, MANY},         {"let a ", "not ", CODE_TOO_DEEP, MANY},     {"let a ", "if ", CODE_TOO_DEEP, MANY},
        {"let a 1", " + 1", CODE_TOO_DEEP, MANY},      {"aws { a:", "{a:", CODE_TOO_DEEP, MANY},    {"", "in a {", CODE_TOO_DEEP, MANY},
        {"", "8 ;", CODE_TOO_MANY_ERRORS, MANY},       {"", "!", CODE_TOO_MANY_ERRORS, MANY},       {"", "x\n", CODE_TOO_MANY_ERRORS, MANY},
        {"", "\"a\n", CODE_TOO_MANY_ERRORS, MANY},     {"", "\x01", CODE_TOO_MANY_ERRORS, MANY},    {"x ", "(", CODE_WORD_UNKNOWN, MANY},
        {"name \"", "${\"", CODE_INTERPOLATION, MANY}, {"", "count (1\n", CODE_TOO_MANY_ERRORS, MANY}, {"", "'a'\n", CODE_TOO_MANY_ERRORS, MANY},
        {"", "project", CODE_FILE_TOO_LONG, 700000},
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        size_t before = strlen(hostile[i].before);
        size_t width = strlen(hostile[i].repeated);
        char *text = malloc(before + width * hostile[i].count + 1);
        assert_non_null(text);
        memcpy(text, hostile[i].before, before);
        for (size_t k = 0; k < hostile[i].count; k++)
            memcpy(text + before + k * width, hostile[i].repeated, width);
        Parsed parsed;
        parsed_open(&parsed);
        parsed_read(&parsed, (Text){text, before + width * hostile[i].count}, SCOPE_SERVICE);
        if (count_code(&parsed.sink, hostile[i].code) != 1)
            fail_msg("%s%s…: %s", hostile[i].before, hostile[i].repeated, list_reports(&parsed).ptr);
        assert_true(parsed.sink.items.count <= PARSER_ERRORS_MAX + 1);
        parsed_close(&parsed);
        free(text);
    }
}

/* Every cut and every changed byte of a real file gives a tree or a report, never a crash. */
static void test_damage(void **state)
{
    (void)state;
    Text whole = parsed_load("examples/claude-proxy.svc");
    for (size_t i = 0; i < whole.len; i += 3) {
        char *copy = malloc(whole.len);
        assert_non_null(copy);
        memcpy(copy, whole.ptr, whole.len);
        copy[i] = "{}()[]\"$#\n:;\\-"[i % 14];
        size_t lengths[] = {i, whole.len};
        for (size_t k = 0; k < 2; k++) {
            Parsed parsed;
            parsed_open(&parsed);
            parsed_read(&parsed, (Text){copy, lengths[k]}, SCOPE_FILE);
            assert_int_equal(parsed.tree.has_errors, parsed.sink.items.count > 0);
            parsed_close(&parsed);
        }
        free(copy);
    }
    free((void *)(uintptr_t)whole.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),  cmocka_unit_test(test_mistakes), cmocka_unit_test(test_fixes),  cmocka_unit_test(test_vocabulary_examples),
        cmocka_unit_test(test_lookup), cmocka_unit_test(test_limits),   cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
