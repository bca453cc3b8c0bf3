#include "diagnostics/render.h"

#include "diagnostics/secret.h"

const char *severity_name(Severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return "note";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_ERROR: return "error";
    }
    return "";
}

bool fix_can_be_shown(const Secrets *secrets, const Fix *fix)
{
    return !span_is_none(fix->span) && !secrets_are_in(secrets, fix->replacement);
}

static void add_place(Buffer *out, const Diagnostics *sink, Span span, bool with_file)
{
    if (span_is_none(span)) {
        buffer_add_c(out, with_file ? "\"file\": \"\", \"line\": 1, \"column\": 1, \"end_line\": 1, \"end_column\": 1" : "\"line\": 1, \"column\": 1, \"end_line\": 1, \"end_column\": 1");
        return;
    }
    Position start = sources_locate(sink->sources, span.file, span.start);
    Position end = sources_locate(sink->sources, span.file, span.end);
    if (with_file) {
        buffer_add_c(out, "\"file\": ");
        buffer_add_json_string(out, sources_path(sink->sources, span.file));
        buffer_add_c(out, ", ");
    }
    buffer_add_format(out, "\"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u", start.line, start.column, end.line, end.column);
}

static void add_member(Buffer *out, const char *name, Text value)
{
    buffer_add_format(out, "\"%s\": ", name);
    buffer_add_json_string(out, value);
}

static void add_fix(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Fix *fix)
{
    if (!fix_can_be_shown(secrets, fix)) {
        buffer_add_c(out, ", ");
        add_member(out, "advice", secrets_hide_words(secrets, fix->description));
        return;
    }
    buffer_add_c(out, ", \"fix\": {");
    add_place(out, sink, fix->span, false);
    buffer_add_c(out, ", ");
    add_member(out, "replacement", fix->replacement);
    buffer_add_c(out, ", ");
    add_member(out, "description", fix->description);
    buffer_add_format(out, ", \"safe\": %s}", fix->is_safe ? "true" : "false");
}

static void add_diagnostic(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Diagnostic *item)
{
    buffer_add_c(out, "    {");
    add_member(out, "code", text_from_c(diagnostic_page(item->code)->code));
    buffer_add_format(out, ", \"severity\": \"%s\", ", severity_name(item->severity));
    add_member(out, "message", secrets_hide_words(secrets, item->message));
    buffer_add_c(out, ", ");
    add_place(out, sink, item->primary.span, true);
    if (item->primary.text.len > 0) {
        buffer_add_c(out, ", ");
        add_member(out, "label", secrets_hide_words(secrets, item->primary.text));
    }
    buffer_add_c(out, ", \"related\": [");
    for (size_t i = 0; i < item->labels.count; i++) {
        buffer_add_c(out, i > 0 ? ", {" : "{");
        add_place(out, sink, item->labels.items[i].span, true);
        buffer_add_c(out, ", ");
        add_member(out, "message", secrets_hide_words(secrets, item->labels.items[i].text));
        buffer_add_byte(out, '}');
    }
    buffer_add_byte(out, ']');
    if (item->notes.count > 0) {
        buffer_add_c(out, ", \"notes\": [");
        for (size_t i = 0; i < item->notes.count; i++) {
            buffer_add_c(out, i > 0 ? ", " : "");
            buffer_add_json_string(out, secrets_hide_words(secrets, item->notes.items[i]));
        }
        buffer_add_byte(out, ']');
    }
    if (item->fix)
        add_fix(out, sink, secrets, item->fix);
    if (item->environment.len > 0) {
        buffer_add_c(out, ", ");
        add_member(out, "environment", item->environment);
    }
    if (item->rule.len > 0) {
        buffer_add_c(out, ", ");
        add_member(out, "rule", item->rule);
    }
    buffer_add_byte(out, '}');
}

void render_json(Buffer *out, const Diagnostics *diagnostics, size_t file_count)
{
    Secrets secrets = secrets_find(diagnostics);
    buffer_add_c(out, "{\n  \"format_version\": 1,\n  \"diagnostics\": [");
    for (size_t i = 0; i < diagnostics->items.count; i++) {
        buffer_add_c(out, i > 0 ? ",\n" : "\n");
        add_diagnostic(out, diagnostics, &secrets, diagnostics->items.items[i]);
    }
    buffer_add_c(out, diagnostics->items.count > 0 ? "\n  ],\n" : "],\n");
    buffer_add_format(out, "  \"summary\": {\"errors\": %zu, \"warnings\": %zu, \"notes\": %zu, \"files\": %zu}\n}\n", diagnostics_count(diagnostics, SEVERITY_ERROR),
                      diagnostics_count(diagnostics, SEVERITY_WARNING), diagnostics_count(diagnostics, SEVERITY_NOTE), file_count);
}
