/* svc build: text -> tree -> model -> resources -> documents, into one directory. */
#include "cli/commands.h"

#include "cli/judge.h"
#include "emit/write.h"

/* The folder of a file's output where several files share the directory: its path without ".svc" and what leads out of here. */
static Text output_folder(Session *session, Text path)
{
    Text rest = text_equal_c(path, "-") ? TEXT("stdin") : path;
    if (text_ends_with(rest, TEXT(".svc")))
        rest.len -= sizeof ".svc" - 1;
    Text folder = TEXT_NONE;
    while (rest.len) {
        size_t slash = text_find_byte(rest, '/');
        Text part = text_slice(rest, 0, slash);
        rest = slash < rest.len ? text_slice(rest, slash + 1, rest.len) : TEXT_NONE;
        if (part.len == 0 || text_equal_c(part, ".") || text_equal_c(part, ".."))
            continue;
        folder = folder.len ? arena_format(&session->arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(part)) : part;
    }
    return folder;
}

/* One file's documents into the output. What it said is kept in the session's sink, whose memory outlives the file's. */
static bool build_file(Session *session, DocumentWriter *writer, Text path, Text folder, bool *could_not_run)
{
    Pipeline pipeline;
    Text environment;
    DocumentArray documents = {0};
    size_t first = session->sink.items.count;
    size_t errors = session->sink.error_count;
    if (!pipeline_open(&pipeline, session, path)) {
        *could_not_run = *could_not_run || !pipeline.unit;
        session_print_diagnostics(session, REPORT_TEXT); /* they show text that goes with the pipeline */
        pipeline_close(&pipeline);
        return false;
    }
    bool chosen = pipeline_choose_environment(&pipeline, &environment);
    bool compiled = chosen && pipeline_compile(&pipeline, environment);
    (void)judge_findings(&pipeline, first, false);
    bool good = compiled && session->sink.error_count == errors &&
                documents_render(&pipeline.arena, &session->sink, pipeline.model, &pipeline.resources, &documents);
    if (good && !documents_add(writer, folder, &documents)) {
        *could_not_run = true;
        good = false;
    }
    *could_not_run = *could_not_run || !chosen;
    session_print_diagnostics(session, REPORT_TEXT);
    pipeline_close(&pipeline);
    return good;
}

static bool build_all(Session *session, DocumentWriter *writer, const TextArray *files, bool *could_not_run)
{
    /* A directory is always laid out by file, also when it holds only one: the layout must not jump when a second one comes. */
    bool is_shared = files->count > 1 || !text_equal(files->items[0], session->options.operands.items[0]);
    bool good = true;
    for (size_t i = 0; i < files->count && !*could_not_run; i++) {
        Text folder = is_shared ? output_folder(session, files->items[i]) : TEXT_NONE;
        good = build_file(session, writer, files->items[i], folder, could_not_run) && good;
    }
    return good;
}

static bool check_usage(Session *session)
{
    if (session->options.operands.count == 0) {
        Diagnostic *nothing = diagnostic_report(&session->sink, CODE_NO_FILES, SPAN_NONE, "svc build needs a file or a directory to read");
        diagnostic_set_advice(&session->sink, nothing, "name it: svc build service.svc --out DIR");
        return false;
    }
    if (session->options.values[OPTION_OUT].len)
        return true;
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_OUTPUT_MISSING, SPAN_NONE, "svc build needs a directory to write");
    diagnostic_set_advice(&session->sink, diagnostic, "add --out DIR");
    return false;
}

int command_build(Session *session)
{
    TextArray files = {0};
    bool could_not_run = false;
    bool good = false;
    bool ready = session_start(session, false);
    if (!check_usage(session)) {
        session_print_diagnostics(session, REPORT_TEXT);
        return EXIT_USAGE;
    }
    if (!session_list_files(session, &files) || !ready || files.count == 0)
        could_not_run = true;
    DocumentWriter *writer = could_not_run ? NULL : documents_begin(&session->arena, &session->sink, session->options.values[OPTION_OUT]);
    could_not_run = could_not_run || !writer;
    if (writer) {
        good = build_all(session, writer, &files, &could_not_run) && !could_not_run;
        good = compilation_check_parameters(session->compilation) && good;
        if (!good)
            documents_abandon(writer);
        else if (!documents_finish(writer))
            could_not_run = true;
    }
    session_print_diagnostics(session, REPORT_TEXT);
    if (could_not_run)
        return EXIT_CANNOT_RUN;
    return good ? EXIT_CLEAN : EXIT_FINDINGS;
}
