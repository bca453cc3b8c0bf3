/* The commands: each returns the program's exit code. */
#ifndef SVC_CLI_COMMANDS_H
#define SVC_CLI_COMMANDS_H

#include "cli/pipeline.h"

int command_lint(Session *session);
int command_build(Session *session);
int command_plan(Session *session);
int command_apply(Session *session);
int command_destroy(Session *session);
int command_status(Session *session);
int command_rollout(Session *session);
int command_rollback(Session *session);
int command_drift(Session *session);
int command_adopt(Session *session);
int command_snapshot(Session *session);
int command_test(Session *session);
int command_fmt(Session *session);
int command_import(Session *session);
int command_explain(Session *session);
int command_explain_value(Session *session);
int command_help_word(Session *session);
int command_version(Session *session);
int command_completion(Session *session);

/* The overview, or the help of one command, as text. */
void help_write_overview(Buffer *out);
void help_write_command(Buffer *out, CommandId command);

#endif
