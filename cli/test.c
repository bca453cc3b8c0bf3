/* svc test: tries the rules of files by their `expect` statements. */
#include "cli/commands.h"

#include "cli/test_report.h"

#include <unistd.h>

static void add_once(Arena *arena, TextArray *names, Text name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], name))
            return;
    ARRAY_PUSH(arena, names, name);
}

static bool contains(const TextArray *names, Text name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], name))
            return true;
    return false;
}

/* What the rules said about a test, and whether anything else is wrong with it. */
static void take_findings(Session *session, TestResult *result, size_t first)
{
    const Diagnostics *sink = &session->sink;
    for (size_t i = first; i < sink->items.count; i++) {
        const Diagnostic *d = sink->items.items[i];
        if (d->code == CODE_GUARD_BROKEN) {
            add_once(&session->arena, &result->broken, d->rule);
            ARRAY_PUSH(&session->arena, &result->findings, d);
        } else if (d->severity == SEVERITY_ERROR) {
            result->outcome = TEST_ERROR;
        }
    }
}

static void run_environment(Unit *unit, Text environment)
{
    const Model *model = compile_model(unit, environment);
    if (model)
        guard_judge(unit, model);
}

static void judge_result(TestResult *result)
{
    const GuardTest *test = result->test;
    bool good = test->should_pass ? result->broken.count == 0 : result->broken.count > 0;
    for (size_t i = 0; i < test->by.count; i++)
        good = good && contains(&result->broken, test->by.items[i]);
    for (size_t i = 0; i < result->broken.count && test->by.count; i++)
        good = good && contains(&test->by, result->broken.items[i]);
    if (result->outcome != TEST_ERROR)
        result->outcome = good ? TEST_GOOD : TEST_BAD;
}

/* Findings of rules are the result; what else is wrong is told like any finding. */
static void drop_rule_findings(Diagnostics *sink, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < sink->items.count; i++) {
        Diagnostic *d = sink->items.items[i];
        bool is_result = d->code == CODE_GUARD_BROKEN || d->severity != SEVERITY_ERROR;
        if (is_result)
            sink->error_count -= d->severity == SEVERITY_ERROR;
        else
            sink->items.items[kept++] = d;
    }
    diagnostics_keep_first(sink, kept);
}

static void run_test(Pipeline *pipeline, const GuardTest *test, TestReport *report)
{
    Session *session = pipeline->session;
    size_t first = session->sink.items.count;
    TestResult result = {.test = test, .file = pipeline->file};
    Unit *unit = guard_open_test(pipeline->unit, test);
    const TextArray *environments = unit_environments(unit);
    if (environments->count == 0)
        run_environment(unit, TEXT_NONE);
    for (size_t i = 0; i < environments->count; i++)
        run_environment(unit, environments->items[i]);
    take_findings(session, &result, first);
    drop_rule_findings(&session->sink, first);
    judge_result(&result);
    report->counts[result.outcome]++;
    for (size_t i = 0; i < result.broken.count; i++)
        add_once(&session->arena, &report->tried, result.broken.items[i]);
    ARRAY_PUSH(&session->arena, &report->results, result);
}

/* The rules that no test shows to refuse anything. */
static void note_untried(Pipeline *pipeline, TestReport *report)
{
    TextArray rules = {0};
    guard_list_rules(pipeline->unit, &rules);
    for (size_t i = 0; i < rules.count; i++)
        if (!contains(&report->tried, rules.items[i]))
            add_once(&pipeline->session->arena, &report->untried, rules.items[i]);
}

/* Rules and tests that are wrong themselves prove nothing: the file is checked first. */
static bool check_file(Pipeline *pipeline)
{
    Session *session = pipeline->session;
    size_t first = session->sink.items.count;
    size_t errors = session->sink.error_count;
    run_environment(pipeline->unit, unit_environments(pipeline->unit)->count ? unit_environments(pipeline->unit)->items[0] : TEXT_NONE);
    drop_rule_findings(&session->sink, first);
    return session->sink.error_count == errors && !unit_tree(pipeline->unit)->has_errors;
}

static void test_file(Session *session, Text path, TestReport *report)
{
    Pipeline *pipeline = ARENA_NEW(&session->arena, Pipeline);
    ARRAY_PUSH(&session->arena, &report->opened, pipeline); /* results and findings are in its memory until they are printed */
    GuardTestArray *tests = ARENA_NEW(&session->arena, GuardTestArray);
    if (!pipeline_open(pipeline, session, path) || !check_file(pipeline)) {
        report->could_not_run = true;
        return;
    }
    guard_list_tests(pipeline->unit, tests);
    for (size_t i = 0; i < tests->count; i++)
        run_test(pipeline, &tests->items[i], report);
    if (tests->count)
        note_untried(pipeline, report);
}

static void report_nothing(Session *session)
{
    Diagnostic *d = diagnostic_report(&session->sink, CODE_GUARD_NO_TESTS, SPAN_NONE, "there is no `%s` statement in what was given",
                                      vocabulary_row(W_EXPECT)->word);
    diagnostic_set_advice(&session->sink, d, "write one: %s", vocabulary_row(W_EXPECT)->example);
}

int command_test(Session *session)
{
    TextArray files = {0};
    TestReport report = {0};
    if (session->options.operands.count == 0)
        ARRAY_PUSH(&session->arena, &session->options.operands, TEXT("."));
    bool ready = session_start(session, true);
    bool listed = session_list_files(session, &files);
    report.could_not_run = !ready || !listed;
    for (size_t i = 0; i < files.count; i++)
        test_file(session, files.items[i], &report);
    if (report.results.count == 0 && !report.could_not_run) {
        report_nothing(session);
        report.could_not_run = true;
    }
    bool written = test_report_print(session, &report);
    session_print_diagnostics(session, REPORT_TEXT);
    for (size_t i = 0; i < report.opened.count; i++)
        arena_free(&report.opened.items[i]->arena);
    if (report.could_not_run || report.counts[TEST_ERROR] || !written)
        return EXIT_CANNOT_RUN;
    return report.counts[TEST_BAD] ? EXIT_FINDINGS : EXIT_CLEAN;
}
