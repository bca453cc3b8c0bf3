/* svc lint: text -> tree -> model -> resources, for every environment, and what was found on the way. */
#include "cli/commands.h"

#include "base/file.h"
#include "cli/judge.h"
#include "cli/lint_parallel.h"
#include "diagnostics/render.h"
#include "parser/parser.h"

#include <stdlib.h>
#include <unistd.h>

enum { FIX_ROUNDS_MAX = 20 };

/* True when nothing kept a rule from being asked. */
static bool compile_one(Pipeline *pipeline, Text environment)
{
    return pipeline_compile(pipeline, environment) && !pipeline->model->is_cut_short && !unit_tree(pipeline->unit)->has_errors;
}

/* True when all that can be found in the file was: in every environment, with nothing cut short. */
static bool compile_environments(Pipeline *pipeline)
{
    Session *session = pipeline->session;
    if (pipeline->is_foreign)
        return pipeline->resources.items.count > 0;
    bool is_whole = !session->options.given[OPTION_ENV];
    const TextArray *names = unit_environments(pipeline->unit);
    if (session->options.given[OPTION_ENV]) {
        Text environment;
        if (pipeline_choose_environment(pipeline, &environment))
            (void)!pipeline_compile(pipeline, environment);
    } else if (names->count == 0) {
        is_whole = compile_one(pipeline, TEXT_NONE) && is_whole;
    }
    for (size_t i = 0; !session->options.given[OPTION_ENV] && i < names->count; i++) {
        pipeline_forget(pipeline);
        is_whole = compile_one(pipeline, names->items[i]) && is_whole;
    }
    compile_check_declarations(pipeline->unit);
    /* What comes to no resource is there to be used by other files, in which its findings are made. */
    return is_whole && pipeline->resources.items.count > 0;
}

static void print_dump(Pipeline *pipeline)
{
    Text stage = pipeline->session->options.values[OPTION_DUMP];
    Text text = TEXT_NONE;
    if (text_equal_c(stage, "tree") && pipeline->unit)
        text = tree_dump(&pipeline->arena, unit_tree(pipeline->unit));
    else if (text_equal_c(stage, "resources"))
        text = resources_dump(&pipeline->arena, &pipeline->resources);
    else if (stage.len && pipeline->model)
        text = model_dump(&pipeline->arena, pipeline->model);
    (void)session_print(pipeline->session, text);
}

/* --- fixes --- */

/* By place, then by what they put there: sorting must not depend on the C library. */
static int order_fixes(const void *a, const void *b)
{
    const Fix *left = *(Fix *const *)a;
    const Fix *right = *(Fix *const *)b;
    if (left->span.start != right->span.start)
        return left->span.start > right->span.start ? 1 : -1;
    if (left->span.end != right->span.end)
        return left->span.end > right->span.end ? 1 : -1;
    return text_compare(left->replacement, right->replacement);
}

/* The file's text with its safe fixes applied; false when there is none. */
static bool fixed_text(Pipeline *pipeline, size_t first_item, Text *out)
{
    const Diagnostics *sink = &pipeline->session->sink;
    ARRAY(const Fix *) fixes = {0};
    for (size_t i = first_item; i < sink->items.count; i++) {
        const Fix *fix = sink->items.items[i]->fix;
        if (fix && fix->is_safe && fix->span.file == pipeline->file)
            ARRAY_PUSH(&pipeline->arena, &fixes, fix);
    }
    if (fixes.count == 0)
        return false;
    qsort(fixes.items, fixes.count, sizeof *fixes.items, order_fixes);
    Text text = sink->sources->files.items[pipeline->file]->text;
    Buffer fixed = {0};
    size_t done = 0;
    for (size_t i = 0; i < fixes.count; i++) {
        bool is_repeat = i > 0 && order_fixes(&fixes.items[i - 1], &fixes.items[i]) == 0; /* found in another environment too */
        if (is_repeat || fixes.items[i]->span.start < done)
            continue; /* overlaps the one before: the next round sees it again */
        buffer_add(&fixed, text_slice(text, done, fixes.items[i]->span.start));
        buffer_add(&fixed, fixes.items[i]->replacement);
        done = fixes.items[i]->span.end;
    }
    buffer_add(&fixed, text_slice(text, done, text.len));
    *out = arena_copy_text(&pipeline->session->arena, buffer_text(&fixed));
    buffer_free(&fixed);
    return true;
}

/* Applies safe fixes until none is left: of a file, as a pipe cannot be read twice. False when the file cannot be written (reported). */
static bool fix_file(Session *session, Text path)
{
    for (int round = 0; round < FIX_ROUNDS_MAX; round++) {
        size_t first_item = session->sink.items.count;
        size_t errors = session->sink.error_count;
        size_t secrets = session->sink.silenced_secrets.count;
        Pipeline pipeline;
        Text text = TEXT_NONE;
        Text reason = TEXT_NONE;
        bool opened = pipeline_open(&pipeline, session, path);
        if (opened)
            (void)compile_environments(&pipeline);
        (void)judge_findings(&pipeline, first_item, false);
        bool has_fixes = opened && fixed_text(&pipeline, first_item, &text);
        bool written = !has_fixes || file_write_atomic(path, text, &session->arena, &reason);
        diagnostics_keep_first(&session->sink, first_item);
        session->sink.error_count = errors;
        session->sink.silenced_secrets.count = secrets;
        session->file_count--;
        pipeline_close(&pipeline);
        if (!written) {
            (void)diagnostic_report(&session->sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
            return false;
        }
        if (!has_fixes)
            break;
    }
    return true;
}

/* --- the command --- */

typedef struct LintState {
    LintTally tally;
    ARRAY(Arena) kept; /* memory of files with findings, until these are printed */
} LintState;

static void lint_file(Session *session, Text path, LintState *state)
{
    Pipeline pipeline;
    bool has_settings = false;
    bool is_wanted = judge_wants(session, path, &has_settings);
    state->tally.could_not_run = state->tally.could_not_run || !has_settings;
    state->tally.left_out += has_settings && !is_wanted;
    if (!is_wanted)
        return;
    size_t before = session->sink.items.count;
    size_t secrets = session->sink.silenced_secrets.count;
    bool is_whole = false;
    if (session->options.given[OPTION_FIX] && file_is_regular(path) && !fix_file(session, path))
        state->tally.could_not_run = true;
    size_t files = session->file_count;
    if (pipeline_open(&pipeline, session, path))
        is_whole = compile_environments(&pipeline);
    else
        state->tally.could_not_run = state->tally.could_not_run || !pipeline.unit;
    state->tally.has_svc = state->tally.has_svc || !pipeline.is_foreign;
    if (session->file_count > files)
        ARRAY_PUSH(&session->arena, &session->looked_at, path);
    if ((pipeline.unit || pipeline.is_foreign) && session->options.given[OPTION_DUMP])
        print_dump(&pipeline);
    state->tally.fails = judge_findings(&pipeline, before, is_whole) || state->tally.fails;
    if (session->sink.items.count > before) {
        ARRAY_PUSH(&session->arena, &state->kept, pipeline.arena);
        return;
    }
    session->sink.silenced_secrets.count = secrets;
    pipeline_close(&pipeline);
}

static void print_findings(Session *session, LintState *state)
{
    diagnostics_sort(&session->sink); /* what several environments have in common counts once */
    for (size_t i = 0; i <= SEVERITY_ERROR; i++)
        state->tally.counts[i] += diagnostics_count(&session->sink, (Severity)i);
    session_print_diagnostics(session, session->options.report);
    for (size_t i = 0; i < state->kept.count; i++)
        arena_free(&state->kept.items[i]);
    state->kept.count = 0;
}

static void print_summary(Session *session, const LintState *state)
{
    Buffer out = {0};
    size_t errors = state->tally.counts[SEVERITY_ERROR];
    size_t warnings = state->tally.counts[SEVERITY_WARNING];
    size_t notes = state->tally.counts[SEVERITY_NOTE];
    bool is_for_people = session->options.report == REPORT_TEXT || session->options.report == REPORT_GITHUB;
    if (state->tally.left_out && is_for_people)
        buffer_add_format(&out, "%zu file%s left out by the settings\n", state->tally.left_out, state->tally.left_out == 1 ? "" : "s");
    if (errors + warnings + notes && is_for_people)
        buffer_add_format(&out, "%zu error%s, %zu warning%s, %zu note%s in %zu file%s\n", errors, errors == 1 ? "" : "s", warnings,
                          warnings == 1 ? "" : "s", notes, notes == 1 ? "" : "s", session->file_count, session->file_count == 1 ? "" : "s");
    (void)!session_write(STDERR_FILENO, buffer_text(&out));
    buffer_free(&out);
}

/* Reads the file of --env-example. False after a report. */
static bool read_env_example(Session *session)
{
    Text path = session->options.values[OPTION_ENV_EXAMPLE];
    Text text;
    Text reason;
    if (!session->options.given[OPTION_ENV_EXAMPLE])
        return true;
    if (!file_read(&session->arena, path, PARSER_BYTES_MAX, &text, &reason)) {
        (void)diagnostic_report(&session->sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
        return false;
    }
    session->env_example = ARENA_NEW(&session->arena, EnvExample);
    env_example_read(&session->arena, &session->sink, sources_add(&session->arena, &session->sources, path, text, false), session->env_example);
    return true;
}

static void lint_some(Session *session, const TextArray *files, size_t start, size_t end, LintState *state)
{
    for (size_t i = start; i < end; i++) {
        lint_file(session, files->items[i], state);
        if (session->options.report == REPORT_TEXT)
            print_findings(session, state);
    }
}

static void lint_files(Session *session, const TextArray *files, size_t start, size_t end, LintTally *tally)
{
    LintState state = {.tally = *tally};
    lint_some(session, files, start, end, &state);
    *tally = state.tally;
}

/* Reports for machines are one document of all files; what is read from standard input can be read once. */
static bool is_shared_out(const Session *session, const TextArray *files)
{
    const bool *given = session->options.given;
    for (size_t i = 0; i < files->count; i++)
        if (text_equal_c(files->items[i], "-"))
            return false;
    return session->options.report == REPORT_TEXT && !given[OPTION_FIX] && !given[OPTION_ENV_EXAMPLE] && !given[OPTION_DUMP];
}

/* True in a process that looked at some of the files for the one that prints all, and is done. */
static bool lint_all(Session *session, const TextArray *files, LintState *state)
{
    bool is_worker = is_shared_out(session, files);
    if (is_worker)
        is_worker = lint_in_parallel(session, files, lint_files, &state->tally);
    else
        lint_some(session, files, 0, files->count, state);
    session->file_count += state->tally.file_count;
    return is_worker;
}

/* What was found outside of the files that are looked at. */
static void judge_others(Session *session, LintState *state, size_t first)
{
    Pipeline none = {.session = session, .path = TEXT("-")};
    state->tally.fails = judge_findings(&none, first, false) || state->tally.fails;
}

int command_lint(Session *session)
{
    TextArray files = {0};
    LintState state = {0};
    if (session->options.operands.count == 0)
        ARRAY_PUSH(&session->arena, &session->options.operands, TEXT("."));
    bool ready = session_start(session, true) && read_env_example(session);
    bool listed = session_list_files(session, &files);
    state.tally.could_not_run = !ready || !listed;
    judge_others(session, &state, 0);
    if (lint_all(session, &files, &state))
        return EXIT_CLEAN;
    if (session->file_count == 0 && state.tally.left_out == 0 && !state.tally.could_not_run) {
        session_report_no_files(session, session->options.operands.items[0]);
        state.tally.could_not_run = true;
    }
    size_t before = session->sink.items.count;
    if (session->options.given[OPTION_RULES] && session->file_count && !state.tally.has_svc)
        (void)diagnostic_report(&session->sink, CODE_GUARD_ELSEWHERE, SPAN_NONE, "the rules of --%s hold for .svc files, and none of these is one", option_name(OPTION_RULES));
    if (session->env_example)
        env_example_finish(session->env_example, &session->sink);
    judge_others(session, &state, before);
    print_findings(session, &state);
    print_summary(session, &state);
    if (state.tally.could_not_run || session->has_lost_output)
        return EXIT_CANNOT_RUN;
    return state.tally.fails ? EXIT_FINDINGS : EXIT_CLEAN;
}
