/* How diagnostics are shown. Every renderer is deterministic. */
#ifndef SVC_DIAGNOSTICS_RENDER_H
#define SVC_DIAGNOSTICS_RENDER_H

#include "base/buffer.h"
#include "diagnostics/secret.h"

/* "error", "warning" or "note". */
const char *severity_name(Severity severity);
/* Whether a fix can be told as a replacement: it is one, and no secret stands in it. Otherwise its description is advice. */
bool fix_can_be_shown(const Secrets *secrets, const Fix *fix);
/* As text for people, in the form of SPEC.md "Diagnostics": header, place, lines with carets, notes, fix, page. */
void render_text(Buffer *out, const Diagnostics *diagnostics, bool use_color);
/* The same for one finding, without colour. */
void render_text_of(Buffer *out, const Diagnostics *diagnostics, const Diagnostic *item, const Secrets *secrets);
/* {"format_version": 1, "diagnostics": […], "summary": {…}} as SPEC.md defines it. */
void render_json(Buffer *out, const Diagnostics *diagnostics, size_t file_count);
/* A SARIF 2.1.0 log with one run. */
void render_sarif(Buffer *out, const Diagnostics *diagnostics);
/* Workflow commands that GitHub shows beside the lines. */
void render_github(Buffer *out, const Diagnostics *diagnostics);
/* JUnit's XML: a test suite a file, a test case a finding; a file without one is a case that passed. `files` are those looked at. */
void render_junit(Buffer *out, const Diagnostics *diagnostics, const TextArray *files);

#endif
