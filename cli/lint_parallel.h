/* Linting many files by several processes. Private to svc lint. */
#ifndef SVC_CLI_LINT_PARALLEL_H
#define SVC_CLI_LINT_PARALLEL_H

#include "cli/pipeline.h"

/* What came of the files looked at so far. */
typedef struct LintTally {
    size_t counts[SEVERITY_ERROR + 1];
    size_t file_count; /* files looked at by other processes: Session counts this one's */
    size_t left_out;   /* by the settings */
    bool could_not_run;
    bool fails;
    bool has_svc;      /* a file that rules of one's own can judge */
    bool is_whole;     /* a process came to the end of its files, and all that it said was kept */
} LintTally;

/* Lints files[start..end), prints what it finds as it goes, and adds it to the tally. */
typedef void LintFiles(Session *session, const TextArray *files, size_t start, size_t end, LintTally *tally);

/* Lints all files, each process a run of neighbours, and prints in the order of the files: the bytes are those of one process. What a process
   that died was to do is done again in this one. Only for reports as text, which need nothing of one file for another. True in a process that
   was begun for some of the files and is done with them: it has nothing else to do, and ends by returning from main. */
bool lint_in_parallel(Session *session, const TextArray *files, LintFiles *lint, LintTally *tally);

#endif
