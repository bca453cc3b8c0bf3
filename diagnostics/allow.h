/* Comments that silence findings: `# svc: allow SVC0501 because …` (SPEC.md, "Allow"). They are found in the text of a source, whatever
   its language: .svc, JSON or YAML. */
#ifndef SVC_DIAGNOSTICS_ALLOW_H
#define SVC_DIAGNOSTICS_ALLOW_H

#include "diagnostics/diagnostic.h"

typedef struct AllowedCode {
    DiagnosticCode code;
    Span span;
    bool is_settled; /* it silenced something, or was reported */
} AllowedCode;

/* One comment that says why. */
typedef struct Allow {
    Span scope; /* findings that begin in here are meant */
    ARRAY(AllowedCode) codes;
} Allow;

typedef ARRAY(Allow) AllowArray;

/* Adds those of a file; one with a mistake is reported. They live in the sink's arena, as long as the source's text. */
void allows_read(Diagnostics *sink, uint32_t file, AllowArray *out);
/* Whether one of them silences the finding. One that would, but may not, is reported. */
bool allows_silence(Diagnostics *sink, AllowArray *allows, const Diagnostic *finding);
/* The fix of a finding about a code that does not exist: the one that was most likely meant. */
void diagnostic_set_nearest_code(Diagnostics *sink, Diagnostic *diagnostic, Span span, Text word);
/* Reports those that silenced nothing. */
void allows_report_unused(Diagnostics *sink, const AllowArray *allows);

#endif
