/* How svc test tells what it found: as text, JSON or JUnit. */
#ifndef SVC_CLI_TEST_REPORT_H
#define SVC_CLI_TEST_REPORT_H

#include "cli/pipeline.h"
#include "compiler/guard.h"

typedef enum TestOutcome { TEST_GOOD, TEST_BAD, TEST_ERROR, TEST_OUTCOME_COUNT } TestOutcome;

typedef struct TestResult {
    const GuardTest *test;
    uint32_t file;
    TestOutcome outcome;
    TextArray broken;    /* names of the rules that refused it */
    ARRAY(const Diagnostic *) findings;
} TestResult;

typedef struct TestReport {
    ARRAY(TestResult) results;
    size_t counts[TEST_OUTCOME_COUNT];
    TextArray tried;   /* rules that refused something */
    TextArray untried; /* rules that refused nothing */
    ARRAY(Pipeline *) opened; /* whose memory the results are in */
    bool could_not_run;
} TestReport;

/* On standard output, in the format that --format asks for; false when it cannot be written. */
bool test_report_print(Session *session, const TestReport *report) __attribute__((warn_unused_result));

#endif
