#include "diagnostics/render.h"

/* What ends a command or a property there is written as percent and two digits. */
static void add_escaped(Buffer *out, Text text, bool is_property)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        bool ends = byte == '%' || byte == '\r' || byte == '\n' || (is_property && (byte == ':' || byte == ','));
        if (ends)
            buffer_add_format(out, "%%%02X", (unsigned)(unsigned char)byte);
        else
            buffer_add_byte(out, (unsigned char)byte < ' ' && byte != '\t' ? '?' : byte);
    }
}

static const char *command_of(Severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE: return "notice";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_ERROR: return "error";
    }
    return "";
}

/* GitHub takes columns of one line only. */
static void add_place(Buffer *out, const Sources *sources, Span span)
{
    if (span_is_none(span))
        return;
    Position start = sources_locate(sources, span.file, span.start);
    Position end = sources_locate(sources, span.file, span.end);
    buffer_add_c(out, "file=");
    add_escaped(out, sources_path(sources, span.file), true);
    buffer_add_format(out, ",line=%u", start.line);
    if (start.line == end.line)
        buffer_add_format(out, ",col=%u", start.column);
    buffer_add_format(out, ",endLine=%u", end.line);
    if (start.line == end.line)
        buffer_add_format(out, ",endColumn=%u", end.column);
    buffer_add_byte(out, ',');
}

static void add_part(Buffer *out, const Secrets *secrets, const char *name, Text words)
{
    if (words.len == 0)
        return;
    buffer_add_c(out, "%0A");
    buffer_add_c(out, name);
    add_escaped(out, secrets_hide_words(secrets, words), false);
}

static void add_item(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Diagnostic *item)
{
    buffer_add_format(out, "::%s ", command_of(item->severity));
    add_place(out, sink->sources, item->primary.span);
    buffer_add_format(out, "title=%s::", diagnostic_page(item->code)->code);
    add_escaped(out, secrets_hide_words(secrets, item->message), false);
    add_part(out, secrets, "", item->primary.text);
    add_part(out, secrets, "in environment ", item->environment);
    for (size_t i = 0; i < item->notes.count; i++)
        add_part(out, secrets, "note: ", item->notes.items[i]);
    if (item->fix)
        add_part(out, secrets, "fix: ", item->fix->description);
    buffer_add_byte(out, '\n');
}

void render_github(Buffer *out, const Diagnostics *diagnostics)
{
    Secrets secrets = secrets_find(diagnostics);
    for (size_t i = 0; i < diagnostics->items.count; i++)
        add_item(out, diagnostics, &secrets, diagnostics->items.items[i]);
}
