#include "cli/judge.h"

#include "diagnostics/allow.h"
#include "diagnostics/firm.h"

static LintSettingsCache *cache_of(Session *session)
{
    LintSettingsCache *cache = &session->lint_settings;
    cache->arena = &session->arena;
    cache->sink = &session->sink;
    cache->given = session->options.values[OPTION_CONFIG];
    return cache;
}

bool judge_wants(Session *session, Text path, bool *is_good)
{
    Text relative;
    const LintSettings *settings = lint_settings_find(cache_of(session), path, &relative);
    *is_good = !settings || settings->is_good;
    return *is_good && !lint_settings_leave_out(settings, relative);
}

/* The allows of the file, and of those that a finding stands in. */
static AllowArray read_allows(Pipeline *pipeline, size_t first, bool has_file)
{
    Diagnostics *sink = &pipeline->session->sink;
    AllowArray allows = {0};
    ARRAY(uint32_t) seen = {0};
    size_t count = sink->items.count;
    if (has_file) {
        ARRAY_PUSH(sink->arena, &seen, pipeline->file);
        allows_read(sink, pipeline->file, &allows);
    }
    for (size_t i = first; i < count; i++) {
        Span span = sink->items.items[i]->primary.span;
        bool is_new = !span_is_none(span) && !sink->sources->files.items[span.file]->is_library;
        for (size_t j = 0; j < seen.count && is_new; j++)
            is_new = seen.items[j] != span.file;
        if (!is_new)
            continue;
        ARRAY_PUSH(sink->arena, &seen, span.file);
        allows_read(sink, span.file, &allows);
    }
    return allows;
}

/* Takes a finding out of what is shown. */
static void silence(Diagnostics *sink, const Diagnostic *finding)
{
    sink->error_count -= finding->severity == SEVERITY_ERROR;
    if (finding->is_secret)
        ARRAY_PUSH(sink->arena, &sink->silenced_secrets, finding->primary.span);
}

static void apply_allows(Diagnostics *sink, AllowArray *allows, size_t first)
{
    size_t kept = first;
    size_t count = sink->items.count;
    for (size_t i = first; i < count; i++) {
        Diagnostic *finding = sink->items.items[i];
        if (allows_silence(sink, allows, finding))
            silence(sink, finding);
        else
            sink->items.items[kept++] = finding;
    }
    for (size_t i = count; i < sink->items.count; i++) /* those about the allows themselves */
        sink->items.items[kept++] = sink->items.items[i];
    if (kept < sink->items.count)
        diagnostics_keep_first(sink, kept);
}

/* Settings go by the file that a finding stands in; what stands in no file of the project's counts for the file that was looked at. */
static const LintSettings *settings_of(Pipeline *pipeline, const Diagnostic *finding, Text *relative)
{
    const Sources *sources = &pipeline->session->sources;
    Span span = finding->primary.span;
    bool is_own = !span_is_none(span) && !sources->files.items[span.file]->is_library;
    return lint_settings_find(cache_of(pipeline->session), is_own ? sources_path(sources, span.file) : pipeline->path, relative);
}

static Severity fail_level_of(const Session *session, const LintSettings *settings)
{
    Text level = session->options.values[OPTION_FAIL_LEVEL];
    if (level.len == 0)
        return settings && settings->has_fail_level ? settings->fail_level : SEVERITY_ERROR;
    return text_equal_c(level, "note") ? SEVERITY_NOTE : text_equal_c(level, "warning") ? SEVERITY_WARNING : SEVERITY_ERROR;
}

/* False when the finding is off. */
static bool apply_settings(Pipeline *pipeline, Diagnostic *finding, bool *fails)
{
    Diagnostics *sink = &pipeline->session->sink;
    Text relative;
    const LintSettings *settings = settings_of(pipeline, finding, &relative);
    Severity severity = finding->severity;
    bool is_shown = lint_settings_apply(settings, relative, finding->code, &severity) || firm_reason_of(finding);
    if (!is_shown)
        return false;
    if (severity < finding->severity && firm_reason_of(finding))
        severity = finding->severity;
    sink->error_count += severity == SEVERITY_ERROR;
    sink->error_count -= finding->severity == SEVERITY_ERROR;
    finding->severity = severity;
    finding->is_tolerated = severity < fail_level_of(pipeline->session, settings);
    *fails = *fails || !finding->is_tolerated;
    return true;
}

bool judge_findings(Pipeline *pipeline, size_t first, bool is_whole)
{
    Diagnostics *sink = &pipeline->session->sink;
    bool fails = false;
    bool hides_more = false;
    for (size_t i = first; i < sink->items.count; i++)
        hides_more = hides_more || firm_hides_more(sink->items.items[i]->code);
    AllowArray allows = read_allows(pipeline, first, pipeline->has_file);
    apply_allows(sink, &allows, first);
    if (is_whole && !hides_more)
        allows_report_unused(sink, &allows);
    size_t kept = first;
    for (size_t i = first; i < sink->items.count; i++) {
        Diagnostic *finding = sink->items.items[i];
        if (apply_settings(pipeline, finding, &fails))
            sink->items.items[kept++] = finding;
        else
            silence(sink, finding);
    }
    if (kept < sink->items.count)
        diagnostics_keep_first(sink, kept);
    return fails;
}
