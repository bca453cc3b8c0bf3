/* What commands leave for the next ones in the directory that they are run in: .svc/<environment>/, for its owner alone and never committed. */
#ifndef SVC_CLI_STATE_H
#define SVC_CLI_STATE_H

#include "cli/pipeline.h"
#include "plan/plan.h"

/* ".svc/prod/journal" */
Text state_path(Arena *arena, Text environment, const char *name);
/* Saves the plan, with its steps, where `svc apply` finds it; *path is where. False after a report. */
bool state_save_plan(Session *session, const Plan *plan, Text *path) __attribute__((warn_unused_result));
/* The plan that was saved last, of the environment when one is named. False when there is none. */
bool state_find_plan(Session *session, Text environment, Text *path) __attribute__((warn_unused_result));
/* Where the environment's journal is kept; what hinders that is told by whoever opens it. */
Text state_journal(Session *session, Text environment);
/* A plan that was applied whole is no one's next. */
void state_forget_plan(Session *session, Text environment, Text path);

#endif
