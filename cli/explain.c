/* svc explain: the page of a diagnostic code. */
#include "cli/commands.h"

#include "diagnostics/firm.h"

#include <unistd.h>

static void add_source(Buffer *out, const char *title, const char *source)
{
    buffer_add_format(out, "\n%s\n", title);
    Text rest = text_from_c(source);
    while (rest.len) {
        size_t end = text_find_byte(rest, '\n');
        buffer_add_format(out, "    %.*s\n", TEXT_ARG(text_slice(rest, 0, end)));
        rest = text_slice(rest, end + 1, rest.len);
    }
}

static void write_page(Buffer *out, DiagnosticCode code)
{
    const DiagnosticPage *page = diagnostic_page(code);
    const char *reason = firm_reason(code);
    static const char *const severities[] = {[SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    buffer_add_format(out, "%s (%s): %s\n\n%s\n", page->code, severities[page->severity], page->title, page->why);
    add_source(out, "Wrong:", page->wrong);
    add_source(out, "Right:", page->right);
    if (reason)
        buffer_add_format(out, "\nNo comment and no setting silences it: %s.\n", reason);
    buffer_add_format(out, "\nSource: %s\n", page->source);
}

int command_explain(Session *session)
{
    Buffer out = {0};
    DiagnosticCode code;
    bool lists_all = session->options.operands.count == 0;
    for (size_t i = 0; lists_all && i < CODE_COUNT; i++) {
        const DiagnosticPage *page = diagnostic_page((DiagnosticCode)i);
        buffer_add_format(&out, "%s  %s\n", page->code, page->title);
    }
    bool good = true;
    for (size_t i = 0; i < session->options.operands.count; i++) {
        Text wanted = session->options.operands.items[i];
        buffer_add_c(&out, i && good ? "\n" : "");
        if (diagnostic_find_code(&code, wanted)) {
            write_page(&out, code);
            continue;
        }
        Text message = arena_format(&session->arena, "svc: there is no diagnostic %.*s; svc explain lists them all\n", TEXT_ARG(wanted));
        (void)!session_write(STDERR_FILENO, message);
        good = false;
    }
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return !written ? EXIT_CANNOT_RUN : good ? EXIT_CLEAN : EXIT_FINDINGS;
}
