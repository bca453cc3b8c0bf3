/* What the commands that change an account share: showing, asking, running. */
#ifndef SVC_CLI_APPLY_H
#define SVC_CLI_APPLY_H

#include "cli/live_plan.h"
#include "plan/plan_read.h"

/* Runs a plan that is saved. `account` NULL: it is opened. The program's exit code; what went wrong is reported. */
int apply_saved(Session *session, Account *account, Text path);
/* Shows what a plan that was just made does, asks, saves it and runs it. */
int apply_planned(Session *session, Account *account, Plan *plan, const char *question);
/* One question, whose answer is a line: whether it was yes. Without a terminal, and without --yes, false after a report. */
bool apply_is_confirmed(Session *session, const char *question);
/* Who applies, for others to read: "ann@build-7 (4711)". */
Text apply_owner(Arena *arena);

#endif
