/* Lint on several cores: the files are cut into as many runs of neighbours as there are jobs, each of which a process of its own lints. What comes out is
   that of one process, byte for byte. */
#ifndef SVC_CLI_LINT_PARALLEL_H
#define SVC_CLI_LINT_PARALLEL_H

#include "cli/pipeline.h"

/* What a number of files came to. */
typedef struct LintTally {
    size_t counts[SEVERITY_ERROR + 1];
    size_t left_out;
    bool could_not_run;
    bool fails;
    bool has_svc; /* a file that rules of one's own can judge */
} LintTally;

typedef struct LintState {
    LintTally tally;
    ARRAY(Arena) kept; /* memory of files with findings, until these are printed */
} LintState;

/* Lints files[first] to files[end - 1] and, where the report is text, prints what was found in each. */
typedef void LintLoop(Session *session, const TextArray *files, size_t first, size_t end, LintState *state);

/* By how many processes they should be linted: 1 where a second one would not pay, or where what one file finds has to do with the next. */
size_t lint_job_count(const Session *session, const TextArray *files);
/* As loop(session, files, 0, files->count, state), by so many processes. */
void lint_in_parallel(Session *session, const TextArray *files, size_t jobs, LintLoop *loop, LintState *state);

#endif
