#include "cli/pipeline.h"

#include "base/file.h"
#include "compiler/guard.h"
#include "compiler/parameters.h"
#include "diagnostics/render.h"
#include "emit/manifest.h"
#include "foreign/foreign.h"
#include "parser/parser.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void session_end(Session *session)
{
    arena_free(&session->spare);
    arena_free(&session->arena);
}

void session_report_no_files(Session *session, Text directory)
{
    bool is_lint = session->options.command == COMMAND_LINT;
    Diagnostic *d = is_lint ? diagnostic_report(&session->sink, CODE_NO_FILES, SPAN_NONE,
                                                "there is no .svc file in %.*s, and no JSON or YAML that svc knows", TEXT_ARG(directory))
                            : diagnostic_report(&session->sink, CODE_NO_FILES, SPAN_NONE, "there is no .svc file in %.*s", TEXT_ARG(directory));
    diagnostic_set_advice(&session->sink, d, "name a file, or a directory that holds files ending in .svc");
}

/* Where svc's own output stands: the folders whose manifest.json it wrote. */
static void list_outputs(Session *session, const TextArray *files, TextArray *out)
{
    for (size_t i = 0; i < files->count; i++) {
        Text path = files->items[i];
        TextArray ignored = {0};
        if (!text_ends_with(path, TEXT("/manifest.json")))
            continue;
        Text folder = text_slice(path, 0, path.len - (sizeof "manifest.json" - 1));
        if (manifest_read_paths(&session->arena, text_slice(folder, 0, folder.len - 1), &ignored))
            ARRAY_PUSH(&session->arena, out, folder);
    }
}

static bool is_below(Text path, const TextArray *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        if (text_starts_with(path, folders->items[i]))
            return true;
    return false;
}

/* What lint looks into: .svc files, and JSON and YAML but for what svc wrote itself. */
static void list_for_lint(Session *session, Text directory, TextArray *out, FileTroubleArray *troubles)
{
    TextArray all = {0};
    TextArray outputs = {0};
    file_list(&session->arena, directory, TEXT_NONE, &all, troubles);
    list_outputs(session, &all, &outputs);
    for (size_t i = 0; i < all.count; i++) {
        bool is_foreign = foreign_is_candidate(all.items[i]);
        if (text_ends_with(all.items[i], TEXT(".svc")) || (is_foreign && !is_below(all.items[i], &outputs)))
            ARRAY_PUSH(&session->arena, out, all.items[i]);
    }
}

static void report_troubles(Session *session, const FileTroubleArray *troubles)
{
    for (size_t i = 0; i < troubles->count; i++)
        (void)diagnostic_report(&session->sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read the directory %.*s: %.*s", TEXT_ARG(troubles->items[i].path),
                                TEXT_ARG(troubles->items[i].reason));
}

/* The files that paths name: files as they are, directories by what is for the command in them. */
static bool list_files(Session *session, const TextArray *paths, bool is_for_lint, TextArray *out)
{
    bool good = true;
    for (size_t i = 0; i < paths->count; i++) {
        Text path = paths->items[i];
        TextArray found = {0};
        FileTroubleArray troubles = {0};
        if (text_equal_c(path, "-") || !file_is_directory(path)) {
            ARRAY_PUSH(&session->arena, out, path);
            continue;
        }
        if (is_for_lint)
            list_for_lint(session, path, &found, &troubles);
        else
            file_list(&session->arena, path, TEXT(".svc"), &found, &troubles);
        report_troubles(session, &troubles);
        if (found.count == 0 && troubles.count == 0)
            session_report_no_files(session, path);
        good = good && found.count > 0 && troubles.count == 0;
        /* ./a.svc is a.svc to everybody. */
        size_t skipped = text_equal_c(path, ".") ? 2 : 0;
        for (size_t j = 0; j < found.count; j++)
            ARRAY_PUSH(&session->arena, out, text_slice(found.items[j], skipped, found.items[j].len));
    }
    return good;
}

bool session_list_files(Session *session, TextArray *out)
{
    TextArray paths = {.items = session->options.operands.items, .count = session->options.operands.count};
    return list_files(session, &paths, session->options.command == COMMAND_LINT, out);
}

/* What --rules names: a line each. */
static bool list_rules(Session *session, TextArray *out)
{
    TextArray paths = {0};
    Text lines = session->options.values[OPTION_RULES];
    while (lines.len) {
        size_t end = text_find_byte(lines, '\n');
        ARRAY_PUSH(&session->arena, &paths, text_slice(lines, 0, end));
        lines = text_slice(lines, end + 1, lines.len);
    }
    return list_files(session, &paths, false, out);
}

bool session_start(Session *session, bool allow_missing)
{
    ARRAY(GivenParameter) parameters = {0};
    bool good = true;
    Text files = session->options.values[OPTION_PARAMS];
    while (files.len) {
        size_t end = text_find_byte(files, '\n');
        GivenParameterArray read = {0};
        good = parameters_read_file(&session->arena, &session->sink, text_slice(files, 0, end), &read) && good;
        for (size_t i = 0; i < read.count; i++)
            ARRAY_PUSH(&session->arena, &parameters, read.items[i]);
        files = text_slice(files, end + 1, files.len);
    }
    /* --set comes last: it wins over files. */
    for (size_t i = 0; i < session->options.parameters.count; i++)
        ARRAY_PUSH(&session->arena, &parameters, session->options.parameters.items[i]);
    TextArray rules = {0};
    good = list_rules(session, &rules) && good;
    CompileOptions options = {parameters.items, parameters.count, allow_missing, rules.items, rules.count};
    session->rules = rule_run_create(&session->arena);
    session->compilation = compilation_create(&session->arena, &session->sink, &options);
    for (size_t i = 0; i < session->sink.items.count; i++)
        good = good && session->sink.items.items[i]->code != CODE_CANNOT_READ;
    return good;
}

static void report_unreadable(Diagnostics *sink, Text path, Text reason)
{
    bool is_large = file_is_larger(path, PARSER_BYTES_MAX);
    Diagnostic *d = is_large ? diagnostic_report(sink, CODE_FILE_TOO_LONG, SPAN_NONE, "%.*s has more than %d MiB", TEXT_ARG(path), PARSER_BYTES_MAX / (1024 * 1024))
                             : diagnostic_report(sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    if (is_large)
        diagnostic_set_advice(sink, d, "give a .svc file; what describes many services is split into several files");
    else if (!text_equal_c(path, "-"))
        diagnostic_set_advice(sink, d, "check the path and its permissions");
}

/* Whether it is an operand of the command; else it was found in a directory. */
static bool is_named(const Session *session, Text path)
{
    for (size_t i = 0; i < session->options.operands.count; i++)
        if (session->options.operands.items[i].ptr == path.ptr)
            return true;
    return false;
}

static void judge_foreign(Pipeline *pipeline)
{
    Diagnostics *sink = &pipeline->session->sink;
    RuleContext rules = {.arena = &pipeline->arena, .sink = sink, .resources = &pipeline->resources, .run = pipeline->session->rules};
    rules_check(&rules);
    if (pipeline->session->env_example)
        env_example_compare(pipeline->session->env_example, sink, &pipeline->resources);
}

/* JSON and YAML -> resources, judged. */
static void open_foreign(Pipeline *pipeline, Text path)
{
    Session *session = pipeline->session;
    pipeline->is_foreign = true;
    if (is_named(session, path)) {
        if (foreign_read(&pipeline->arena, &session->sink, pipeline->file, &pipeline->resources))
            judge_foreign(pipeline);
        return;
    }
    ForeignResult result = foreign_read_found(&pipeline->arena, &session->sink, pipeline->file, &pipeline->resources);
    if (result == FOREIGN_READ)
        judge_foreign(pipeline);
    session->file_count -= result == FOREIGN_OTHER;
}

static void begin(Pipeline *pipeline, Session *session, Text path)
{
    *pipeline = (Pipeline){.session = session, .arena = session->spare, .path = path};
    session->spare = (Arena){0};
}

/* text -> tree and modules. */
static bool load(Pipeline *pipeline, Text shown, Text text)
{
    Session *session = pipeline->session;
    Diagnostics *sink = &session->sink;
    pipeline->file = sources_add(&session->arena, &session->sources, shown, text, false);
    pipeline->unit = compile_load(session->compilation, &pipeline->arena, pipeline->file);
    const Tree *tree = unit_tree(pipeline->unit);
    if (tree->root->children.count == 0 && !tree->has_errors) {
        Diagnostic *d = diagnostic_report(sink, CODE_EMPTY_FILE, (Span){pipeline->file, 0, 0}, "%.*s is empty", TEXT_ARG(shown));
        diagnostic_set_advice(sink, d, "begin it with `project NAME`, then `service NAME { … }`");
        pipeline->unit = NULL;
        return false;
    }
    return true;
}

bool session_takes_svc(Session *session, Text path, Text text)
{
    if (!foreign_is_foreign(path, text))
        return true;
    bool is_stdin = text_equal_c(path, "-");
    Diagnostic *d = diagnostic_report(&session->sink, CODE_OTHER_COMMAND, SPAN_NONE, "svc %s takes .svc files, and %.*s is JSON or YAML",
                                      command_name(session->options.command), TEXT_ARG(is_stdin ? TEXT("<stdin>") : path));
    diagnostic_set_advice(&session->sink, d, "check it with svc lint, or write a .svc file from it with svc import");
    return false;
}

bool pipeline_open(Pipeline *pipeline, Session *session, Text path)
{
    Text text;
    Text reason;
    begin(pipeline, session, path);
    session->file_count++;
    if (!file_read(&pipeline->arena, path, PARSER_BYTES_MAX, &text, &reason)) {
        report_unreadable(&session->sink, path, reason);
        return false;
    }
    Text shown = text_equal_c(path, "-") ? TEXT("<stdin>") : path;
    pipeline->has_file = true;
    if (session->options.command != COMMAND_LINT)
        return session_takes_svc(session, path, text) && load(pipeline, shown, text);
    if (!foreign_is_foreign(path, text))
        return load(pipeline, shown, text);
    pipeline->file = sources_add(&session->arena, &session->sources, shown, text, false);
    open_foreign(pipeline, path);
    return true;
}

bool pipeline_open_text(Pipeline *pipeline, Session *session, Text shown, Text text)
{
    begin(pipeline, session, shown);
    return load(pipeline, shown, text);
}

/* The service that the span is the head of, or NULL. */
static const Statement *find_service(const Tree *tree, Span span)
{
    for (size_t i = 0; i < tree->root->children.count; i++) {
        const Statement *statement = tree->root->children.items[i];
        if (statement->row && statement->row->id == W_SERVICE && statement->head_span.file == span.file && statement->head_span.start == span.start)
            return statement;
    }
    return NULL;
}

/* Whether the compiler leaves out what stands in a statement with this finding. */
static bool leaves_out(DiagnosticCode code)
{
    return code == CODE_UNKNOWN_AS_NAME || code == CODE_UNKNOWN_PROFILE || code == CODE_PROFILE_CYCLE || code == CODE_WRONG_CALL ||
           code == CODE_PATTERN_MISMATCH || code == CODE_UNKNOWN_NAME || code == CODE_WRONG_TYPE;
}

static bool has_error_within(const Diagnostics *sink, size_t count, Span span)
{
    for (size_t i = 0; i < count; i++) {
        const Diagnostic *d = sink->items.items[i];
        if (leaves_out(d->code) && d->primary.span.file == span.file && d->primary.span.start >= span.start && d->primary.span.start < span.end)
            return true;
    }
    return false;
}

/* What the documents miss in a service as a whole most likely stands in its statement that was left out: that is told already. */
static void drop_followers(Pipeline *pipeline, size_t first)
{
    Diagnostics *sink = &pipeline->session->sink;
    size_t kept = first;
    for (size_t i = first; i < sink->items.count; i++) {
        Diagnostic *d = sink->items.items[i];
        const Statement *service = find_service(unit_tree(pipeline->unit), d->primary.span);
        if (service && has_error_within(sink, first, service->span))
            sink->error_count -= d->severity == SEVERITY_ERROR;
        else
            sink->items.items[kept++] = d;
    }
    if (kept < sink->items.count)
        diagnostics_keep_first(sink, kept);
}

static void render_resources(Pipeline *pipeline)
{
    Diagnostics *sink = &pipeline->session->sink;
    const Options *options = &pipeline->session->options;
    bool is_only_judged = options->command == COMMAND_LINT && !options->given[OPTION_DUMP];
    emit_model(&pipeline->arena, sink, pipeline->model, is_only_judged ? EMIT_TO_JUDGE : EMIT_TO_WRITE, &pipeline->resources);
    RuleContext rules = {.arena = &pipeline->arena,
                         .sink = sink,
                         .resources = &pipeline->resources,
                         .run = pipeline->session->rules,
                         .is_svc = true,
                         .is_whole = true};
    rules_check(&rules);
    if (pipeline->session->env_example)
        env_example_compare(pipeline->session->env_example, sink, &pipeline->resources);
}

bool pipeline_compile(Pipeline *pipeline, Text environment)
{
    Session *session = pipeline->session;
    const TextArray *declared = unit_environments(pipeline->unit);
    pipeline->resources = (Resources){0};
    session->sink.environment = declared->count > 1 ? environment : TEXT_NONE;
    pipeline->read = arena_mark(&pipeline->arena);
    pipeline->found = session->sink.items.count;
    pipeline->model = compile_model(pipeline->unit, environment);
    size_t compiled = session->sink.items.count;
    if (pipeline->model)
        guard_judge(pipeline->unit, pipeline->model);
    if (pipeline->model && !pipeline->model->is_cut_short && !unit_tree(pipeline->unit)->has_errors)
        render_resources(pipeline);
    drop_followers(pipeline, compiled);
    session->sink.environment = TEXT_NONE;
    return pipeline->model != NULL;
}

void pipeline_forget(Pipeline *pipeline)
{
    if (!pipeline->model || pipeline->session->sink.items.count != pipeline->found)
        return;
    pipeline->model = NULL;
    pipeline->resources = (Resources){0};
    arena_rewind(&pipeline->arena, pipeline->read);
}

void pipeline_close(Pipeline *pipeline)
{
    arena_free(&pipeline->session->spare);
    pipeline->session->spare = pipeline->arena;
    arena_reset(&pipeline->session->spare);
}

static Text list_environments(Arena *arena, const TextArray *names)
{
    Text all = TEXT_NONE;
    for (size_t i = 0; i < names->count; i++)
        all = all.len ? arena_format(arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(names->items[i])) : names->items[i];
    return all;
}

bool pipeline_choose_environment(Pipeline *pipeline, Text *out)
{
    Session *session = pipeline->session;
    Diagnostics *sink = &session->sink;
    const TextArray *names = unit_environments(pipeline->unit);
    Text wanted = session->options.values[OPTION_ENV];
    Text path = sources_path(&session->sources, pipeline->file);
    *out = wanted;
    if (!session->options.given[OPTION_ENV]) {
        *out = names->count == 1 ? names->items[0] : TEXT_NONE;
        if (names->count <= 1)
            return true;
        Diagnostic *d = diagnostic_report(sink, CODE_ENVIRONMENT_NEEDED, SPAN_NONE, "%.*s declares several environments: %.*s", TEXT_ARG(path),
                                          TEXT_ARG(list_environments(&session->arena, names)));
        diagnostic_set_advice(sink, d, "add --env %.*s", TEXT_ARG(names->items[0]));
        return false;
    }
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], wanted))
            return true;
    Diagnostic *d = diagnostic_report(sink, CODE_ENVIRONMENT_UNKNOWN, SPAN_NONE, "%.*s declares no environment %.*s", TEXT_ARG(path), TEXT_ARG(wanted));
    if (names->count)
        diagnostic_set_advice(sink, d, "it declares %.*s", TEXT_ARG(list_environments(&session->arena, names)));
    else
        diagnostic_set_advice(sink, d, "leave --env out, or declare it: environment %.*s { account \"…\"; region … }", TEXT_ARG(wanted));
    return false;
}

bool session_wants_color(int descriptor)
{
    const char *no_color = getenv("NO_COLOR");
    return (!no_color || no_color[0] == '\0') && isatty(descriptor) != 0;
}

bool session_print(Session *session, Text text)
{
    bool written = session_write(STDOUT_FILENO, text);
    if (!written && !session->has_lost_output)
        session->lost_reason = file_reason(&session->arena, errno);
    session->has_lost_output = session->has_lost_output || !written;
    return written;
}

bool session_write(int descriptor, Text text)
{
    while (text.len) {
        ssize_t written = write(descriptor, text.ptr, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text = text_slice(text, (size_t)written, text.len);
    }
    return true;
}

static void render_report(Buffer *out, const Session *session, ReportFormat format)
{
    switch (format) {
    case REPORT_TEXT: render_text(out, &session->sink, session_wants_color(STDERR_FILENO)); return;
    case REPORT_JSON: render_json(out, &session->sink, session->file_count); return;
    case REPORT_SARIF: render_sarif(out, &session->sink); return;
    case REPORT_GITHUB: render_github(out, &session->sink); return;
    case REPORT_JUNIT: render_junit(out, &session->sink, &session->looked_at); return;
    case REPORT_COUNT: break;
    }
}

void session_print_diagnostics(Session *session, ReportFormat format)
{
    Buffer out = {0};
    bool is_text = format == REPORT_TEXT;
    if (is_text && session->sink.items.count == 0)
        return; /* most files have no findings */
    diagnostics_sort(&session->sink);
    render_report(&out, session, format);
    int text_output = session->text_output ? session->text_output : STDERR_FILENO;
    bool written = is_text ? session_write(text_output, buffer_text(&out)) : session_print(session, buffer_text(&out));
    /* Where findings are for people, the exit code still tells; for machines they are the result. */
    session->has_lost_output = session->has_lost_output || (!written && text_output != STDERR_FILENO);
    buffer_free(&out);
    diagnostics_keep_first(&session->sink, 0);
    session->sink.silenced_secrets.count = 0;
}
