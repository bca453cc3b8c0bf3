/* How diagnostics are shown. Every renderer is deterministic. */
#ifndef SVC_DIAGNOSTICS_RENDER_H
#define SVC_DIAGNOSTICS_RENDER_H

#include "base/buffer.h"
#include "diagnostics/diagnostic.h"

/* "error", "warning" or "note". */
const char *severity_name(Severity severity);
/* As text for people, in the form of SPEC.md "Diagnostics": header, place, lines with carets, notes, fix, page. */
void render_text(Buffer *out, const Diagnostics *diagnostics, bool use_color);
/* {"format_version": 1, "diagnostics": […], "summary": {…}} as SPEC.md defines it. */
void render_json(Buffer *out, const Diagnostics *diagnostics, size_t file_count);

#endif
