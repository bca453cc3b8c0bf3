/* Findings that are no matter of opinion: no comment silences them and no setting turns them down (SPEC.md, "Allow"). */
#ifndef SVC_DIAGNOSTICS_FIRM_H
#define SVC_DIAGNOSTICS_FIRM_H

#include "diagnostics/diagnostic.h"

/* Why a code is firm, in words that complete "SVC0101 cannot be allowed: "; NULL when it is not. Only errors are firm. */
const char *firm_reason(DiagnosticCode code);
/* The same for a finding: an error about a secret is firm whatever its code, and a rule of a team's own is when it is an error. */
const char *firm_reason_of(const Diagnostic *diagnostic);
/* Whether the file does not say what is meant: what else would be found once it does is not known. */
bool firm_hides_more(DiagnosticCode code);

#endif
