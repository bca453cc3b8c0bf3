/* What the commands that compare a file with an account share. */
#ifndef SVC_CLI_LIVE_PLAN_H
#define SVC_CLI_LIVE_PLAN_H

#include "cli/account.h"
#include "plan/plan.h"

/* Opens the one file that is named, does the work, and prints what was found. The program's exit code. */
int command_with_file(Session *session, int (*work)(Session *session, Pipeline *pipeline));
/* tree -> resources, for the environment that is chosen. False when there are errors (reported). */
bool command_compile(Pipeline *pipeline) __attribute__((warn_unused_result));
/* What is live, as a recording. False after a report. */
bool command_read(Account *account, Pipeline *pipeline, bool with_facts, Recording *out) __attribute__((warn_unused_result));
/* Reports what the file relies on and the account has not; a comment of the file may allow it. False when there is an error. */
bool command_check_facts(Pipeline *pipeline, const Recording *recording) __attribute__((warn_unused_result));
/* The plan against what the options say: the recording of --live, an empty account, or what is live now. `recording` is what it was compared with. False after a report. */
bool command_compare(Session *session, Pipeline *pipeline, Recording *recording, Plan *out) __attribute__((warn_unused_result));

#endif
