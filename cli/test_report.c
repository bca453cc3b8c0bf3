#include "cli/test_report.h"

#include "base/xml.h"


static const char *const outcome_names[TEST_OUTCOME_COUNT] = {[TEST_GOOD] = "pass", [TEST_BAD] = "fail", [TEST_ERROR] = "error"};

static bool contains(const TextArray *names, Text name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], name))
            return true;
    return false;
}

static Position place_of(const Session *session, const TestResult *result)
{
    return sources_locate(&session->sources, result->file, result->test->statement->head_span.start);
}

static void add_place(Buffer *out, const Session *session, Span span)
{
    Position at = sources_locate(&session->sources, span.file, span.start);
    buffer_add_format(out, "%.*s:%u:%u", TEXT_ARG(sources_path(&session->sources, span.file)), at.line, at.column);
}

/* What was expected and did not come, and what came and was not expected. */
static void write_difference(Buffer *out, const Session *session, const TestResult *result, const char *indent)
{
    const GuardTest *test = result->test;
    if (result->outcome == TEST_ERROR) {
        buffer_add_format(out, "%s! it has mistakes of its own, told below\n", indent);
        return;
    }
    for (size_t i = 0; i < test->by.count; i++)
        if (!contains(&result->broken, test->by.items[i]))
            buffer_add_format(out, "%s- refused by %.*s, which lets it pass\n", indent, TEXT_ARG(test->by.items[i]));
    if (!test->should_pass && test->by.count == 0 && result->broken.count == 0)
        buffer_add_format(out, "%s- refused by a rule, and all let it pass\n", indent);
    for (size_t i = 0; i < result->findings.count; i++) {
        const Diagnostic *d = result->findings.items[i];
        if (!test->should_pass && (test->by.count == 0 || contains(&test->by, d->rule)))
            continue;
        buffer_add_format(out, "%s+ ", indent);
        add_place(out, session, d->primary.span);
        buffer_add_format(out, ": %.*s\n", TEXT_ARG(d->message));
    }
}

static void write_untried(Buffer *out, const TestReport *report)
{
    if (report->untried.count == 0)
        return;
    buffer_add_c(out, "no test shows that these rules refuse anything:");
    for (size_t i = 0; i < report->untried.count; i++)
        buffer_add_format(out, "%s %.*s", i ? "," : "", TEXT_ARG(report->untried.items[i]));
    buffer_add_c(out, "\n");
}

static void write_text(Buffer *out, const Session *session, const TestReport *report)
{
    uint32_t file = UINT32_MAX;
    for (size_t i = 0; i < report->results.count; i++) {
        const TestResult *result = &report->results.items[i];
        if (result->file != file)
            buffer_add_format(out, "%.*s\n", TEXT_ARG(sources_path(&session->sources, result->file)));
        file = result->file;
        buffer_add_format(out, "  %-5s %.*s", outcome_names[result->outcome], TEXT_ARG(result->test->name));
        if (result->outcome != TEST_GOOD)
            buffer_add_format(out, "  (line %u, expect %s)", place_of(session, result).line, outcome_names[result->test->should_pass ? TEST_GOOD : TEST_BAD]);
        buffer_add_byte(out, '\n');
        if (result->outcome != TEST_GOOD)
            write_difference(out, session, result, "          ");
    }
    write_untried(out, report);
    if (report->results.count)
        buffer_add_format(out, "%zu passed, %zu failed\n", report->counts[TEST_GOOD], report->counts[TEST_BAD] + report->counts[TEST_ERROR]);
}

static void write_names(Buffer *out, const char *member, const TextArray *names)
{
    buffer_add_format(out, ", \"%s\": [", member);
    for (size_t i = 0; i < names->count; i++) {
        buffer_add_c(out, i ? ", " : "");
        buffer_add_json_string(out, names->items[i]);
    }
    buffer_add_byte(out, ']');
}

static Text difference_of(const Session *session, const TestResult *result, Buffer *scratch)
{
    buffer_clear(scratch);
    if (result->outcome != TEST_GOOD)
        write_difference(scratch, session, result, "");
    return text_trim(buffer_text(scratch));
}

static void write_json(Buffer *out, const Session *session, const TestReport *report)
{
    Buffer scratch = {0};
    buffer_add_c(out, "{\n  \"format_version\": 1,\n  \"tests\": [");
    for (size_t i = 0; i < report->results.count; i++) {
        const TestResult *result = &report->results.items[i];
        buffer_add_c(out, i ? ",\n    {\"name\": " : "\n    {\"name\": ");
        buffer_add_json_string(out, result->test->name);
        buffer_add_c(out, ", \"file\": ");
        buffer_add_json_string(out, sources_path(&session->sources, result->file));
        buffer_add_format(out, ", \"line\": %u, \"expect\": \"%s\", \"result\": \"%s\"", place_of(session, result).line,
                          outcome_names[result->test->should_pass ? TEST_GOOD : TEST_BAD], outcome_names[result->outcome]);
        write_names(out, "by", &result->test->by);
        write_names(out, "broken", &result->broken);
        if (result->outcome != TEST_GOOD) {
            buffer_add_c(out, ", \"difference\": ");
            buffer_add_json_string(out, difference_of(session, result, &scratch));
        }
        buffer_add_byte(out, '}');
    }
    buffer_add_c(out, report->results.count ? "\n  ]" : "]");
    write_names(out, "untried", &report->untried);
    buffer_add_format(out, ",\n  \"summary\": {\"passed\": %zu, \"failed\": %zu, \"errors\": %zu}\n}\n", report->counts[TEST_GOOD], report->counts[TEST_BAD],
                      report->counts[TEST_ERROR]);
    buffer_free(&scratch);
}

static void write_junit(Buffer *out, const Session *session, const TestReport *report)
{
    Buffer scratch = {0};
    buffer_add_format(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"svc test\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
                      report->results.count, report->counts[TEST_BAD], report->counts[TEST_ERROR]);
    for (size_t i = 0; i < report->results.count; i++) {
        const TestResult *result = &report->results.items[i];
        buffer_add_c(out, "    <testcase");
        xml_add_attribute(out, "classname", sources_path(&session->sources, result->file));
        xml_add_attribute(out, "name", result->test->name);
        buffer_add_format(out, " line=\"%u\"", place_of(session, result).line);
        if (result->outcome == TEST_GOOD) {
            buffer_add_c(out, "/>\n");
            continue;
        }
        const char *element = result->outcome == TEST_BAD ? "failure" : "error";
        buffer_add_format(out, ">\n      <%s", element);
        xml_add_attribute(out, "message", difference_of(session, result, &scratch));
        buffer_add_c(out, "/>\n    </testcase>\n");
    }
    buffer_add_c(out, "  </testsuite>\n</testsuites>\n");
    buffer_free(&scratch);
}

bool test_report_print(Session *session, const TestReport *report)
{
    Buffer out = {0};
    if (session->options.is_json)
        write_json(&out, session, report);
    else if (session->options.report == REPORT_JUNIT)
        write_junit(&out, session, report);
    else
        write_text(&out, session, report);
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return written;
}
