/* What becomes of findings: comments in the files silence some, svc-lint.yml sets the severity of others. */
#ifndef SVC_CLI_JUDGE_H
#define SVC_CLI_JUDGE_H

#include "cli/pipeline.h"

/* Whether the file is to be looked at: its settings can be used and do not leave it out. With *is_good false they cannot (reported). */
bool judge_wants(Session *session, Text path, bool *is_good) __attribute__((warn_unused_result));
/* Judges the findings from `first` on, of the file of the pipeline. With `is_whole` all that can be found in the file was, so that an allow
   without a finding is reported. True when one of them fails a check. */
bool judge_findings(Pipeline *pipeline, size_t first, bool is_whole);

#endif
