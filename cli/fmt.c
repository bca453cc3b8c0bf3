/* svc fmt: lays files out, in place. */
#include "cli/commands.h"

#include "base/file.h"
#include "parser/format.h"
#include "parser/parser.h"

#include <unistd.h>

typedef enum FormatOutcome { FORMAT_SAME, FORMAT_CHANGED, FORMAT_FINDINGS, FORMAT_FAILED } FormatOutcome;

static bool write_back(Session *session, Text path, Text text)
{
    Text reason = TEXT_NONE;
    if (file_write_atomic(path, text, &session->arena, &reason))
        return true;
    (void)diagnostic_report(&session->sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    return false;
}

static FormatOutcome format_text(Session *session, Arena *arena, Text path, Text text)
{
    bool is_stdin = text_equal_c(path, "-");
    uint32_t file = sources_add(&session->arena, &session->sources, is_stdin ? TEXT("<stdin>") : path, text, false);
    Tree tree = parser_parse_file(arena, &session->sink, file);
    if (tree.has_errors)
        return FORMAT_FINDINGS;
    Buffer out = {0};
    format_tree(&out, arena, &session->sources, &tree);
    bool changed = !text_equal(buffer_text(&out), text);
    bool written = true;
    if (session->options.given[OPTION_CHECK])
        written = true;
    else if (is_stdin)
        written = session_print(session, buffer_text(&out));
    else if (changed)
        written = write_back(session, path, buffer_text(&out));
    buffer_free(&out);
    return !written ? FORMAT_FAILED : changed ? FORMAT_CHANGED : FORMAT_SAME;
}

static FormatOutcome format_file(Session *session, Arena *arena, Text path)
{
    Text text;
    Text reason;
    if (!file_read(arena, path, PARSER_BYTES_MAX, &text, &reason)) {
        (void)diagnostic_report(&session->sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
        return FORMAT_FAILED;
    }
    return session_takes_svc(session, path, text) ? format_text(session, arena, path, text) : FORMAT_FAILED;
}

int command_fmt(Session *session)
{
    TextArray files = {0};
    if (session->options.operands.count == 0)
        ARRAY_PUSH(&session->arena, &session->options.operands, TEXT("."));
    int code = session_list_files(session, &files) ? EXIT_CLEAN : EXIT_CANNOT_RUN;
    for (size_t i = 0; i < files.count; i++) {
        Arena arena = {0};
        FormatOutcome outcome = format_file(session, &arena, files.items[i]);
        bool would_change = outcome == FORMAT_CHANGED && session->options.given[OPTION_CHECK];
        if (would_change) {
            (void)!session_write(STDERR_FILENO, arena_format(&arena, "would change %.*s\n", TEXT_ARG(text_equal_c(files.items[i], "-") ? TEXT("<stdin>") : files.items[i])));
        }
        session_print_diagnostics(session, REPORT_TEXT);
        if (outcome == FORMAT_FAILED)
            code = EXIT_CANNOT_RUN;
        else if ((outcome == FORMAT_FINDINGS || would_change) && code == EXIT_CLEAN)
            code = EXIT_FINDINGS;
        arena_free(&arena);
    }
    session_print_diagnostics(session, REPORT_TEXT);
    return code;
}
