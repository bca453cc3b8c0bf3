/* svc import: what a team has -> resources -> statements, laid out; then rendered again and compared with what was read. */
#include "cli/commands.h"

#include "base/file.h"
#include "foreign/foreign.h"
#include "foreign/import.h"
#include "parser/format.h"
#include "parser/parser.h"


/* Compose files and manifests become services at once; the rest is what lint reads too. */
static bool import_file(Session *session, uint32_t file, Resources *read, Import *out)
{
    ForeignTrees trees = {0};
    Diagnostics *sink = &session->sink;
    size_t found = sink->items.count;
    if (!foreign_read_trees(&session->arena, sink, file, &trees))
        return false;
    bool is_one = trees.items.count == 1;
    if (is_one && compose_is(trees.items.items[0]))
        compose_add(&session->arena, sink, trees.items.items[0], out);
    else if (is_one && copilot_is(trees.items.items[0]))
        copilot_add(&session->arena, sink, trees.items.items[0], out);
    else {
        diagnostics_keep_first(sink, found); /* it is read again as what it is */
        return foreign_read(&session->arena, sink, file, read);
    }
    return true;
}

static bool read_file(Session *session, Text path, Resources *read, Import *out)
{
    Text text;
    session->file_count++;
    if (!diagnostic_read_file(&session->arena, &session->sink, path, PARSER_BYTES_MAX, &text))
        return false;
    if (text_ends_with(path, TEXT(".svc"))) {
        Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_OTHER_COMMAND, SPAN_NONE, "%.*s is a .svc file already", TEXT_ARG(path));
        diagnostic_set_advice(&session->sink, diagnostic, "check it with svc lint, or render it with svc build");
        return false;
    }
    Text shown = text_equal_c(path, "-") ? TEXT("<stdin>") : path;
    return import_file(session, sources_add(&session->arena, &session->sources, shown, text, false), read, out);
}

/* The file laid out; the written statements as they are when they do not parse, which check_text then tells. */
static Text lay_out(Session *session, Text statements)
{
    Arena *arena = &session->arena;
    Text text = arena_copy_text(arena, statements);
    size_t found = session->sink.items.count;
    uint32_t file = sources_add(arena, &session->sources, TEXT("<imported>"), text, false);
    Tree tree = parser_parse_file(arena, &session->sink, file);
    diagnostics_keep_first(&session->sink, found);
    if (tree.has_errors)
        return text;
    Buffer out = {0};
    format_tree(&out, arena, &session->sources, &tree);
    Text laid_out = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return laid_out;
}

/* Whoever imports is told in the written file which tags are left to choose. */
static void drop_tags(Diagnostics *sink, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < sink->items.count; i++)
        if (sink->items.items[i]->code != CODE_TAG_MOVES)
            sink->items.items[kept++] = sink->items.items[i];
    diagnostics_keep_first(sink, kept);
}

/* Renders the written file, as `svc build` does. False when it has mistakes of its own: then it stays in the report. */
static void check_text(Pipeline *pipeline, Session *session, Text text, const Resources *read)
{
    Text shown = session->options.given[OPTION_FILE_OUT] ? session->options.values[OPTION_FILE_OUT] : TEXT("<imported>");
    if (!pipeline_open_text(pipeline, session, shown, text))
        return;
    const TextArray *environments = unit_environments(pipeline->unit);
    for (size_t i = 0; i < environments->count; i++)
        if (pipeline_compile(pipeline, environments->items[i]) && i == 0 && pipeline->resources.items.count)
            import_compare(&session->arena, &session->sink, read, &pipeline->resources);
}

static bool write_out(Session *session, Text text)
{
    Text path = session->options.values[OPTION_FILE_OUT];
    Text reason = TEXT_NONE;
    if (!session->options.given[OPTION_FILE_OUT])
        return session_print(session, text);
    if (file_write_atomic(path, text, &session->arena, &reason))
        return true;
    (void)diagnostic_report(&session->sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    return false;
}

int command_import(Session *session)
{
    Resources read = {0};
    Import import = {0};
    Buffer out = {0};
    Pipeline pipeline = {.session = session};
    bool good = session_start(session, true);
    if (session->options.operands.count == 0)
        ARRAY_PUSH(&session->arena, &session->options.operands, TEXT("-"));
    for (size_t i = 0; i < session->options.operands.count; i++)
        good = read_file(session, session->options.operands.items[i], &read, &import) && good;
    import_add_resources(&session->arena, &read, &import);
    good = good && import_write(&session->arena, &session->sink, &import, &out);
    if (good) {
        Text text = lay_out(session, buffer_text(&out));
        size_t found = session->sink.items.count;
        check_text(&pipeline, session, text, &read);
        if (import.tells_tags)
            drop_tags(&session->sink, found);
        good = write_out(session, text);
    }
    buffer_free(&out);
    size_t errors = diagnostics_count(&session->sink, SEVERITY_ERROR);
    session_print_diagnostics(session, REPORT_TEXT);
    pipeline_close(&pipeline); /* what is reported may lie in its memory */
    return !good ? EXIT_CANNOT_RUN : errors ? EXIT_FINDINGS : EXIT_CLEAN;
}
