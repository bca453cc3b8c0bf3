#include "cli/lint_settings.h"

#include "base/file.h"
#include "base/glob.h"
#include "diagnostics/allow.h"
#include "diagnostics/firm.h"
#include "diagnostics/render.h"
#include "document/yaml.h"

#include <limits.h>
#include <stdlib.h>

#define SETTINGS_NAME "svc-lint.yml"
#define KEY_PATHS "paths"
#define KEY_FAIL_LEVEL "fail-level"
#define VALUE_OFF "off"

typedef struct Reader {
    Arena *arena;
    Diagnostics *sink;
    YamlReader yaml;
    LintSettings *out;
    ARRAY(LintRule) of_paths; /* go behind the others */
} Reader;

/* A scalar with its place. */
typedef struct Word {
    Text text;
    Span span;
} Word;

static Diagnostic *report(Reader *reader, DiagnosticCode code, Span span, const char *label, const char *message)
{
    Diagnostic *d = diagnostic_report(reader->sink, code, span, "%s", message);
    diagnostic_set_label(reader->sink, d, "%s", label);
    reader->out->is_good = false;
    return d;
}

/* Mistakes of form end the reading, as what follows means something else then; others do not. */
static bool bad_form(Reader *reader, Span span, const char *label, const char *message)
{
    (void)report(reader, CODE_BAD_LINT_SETTINGS, span, label, message);
    return false;
}

static bool next_event(Reader *reader, yaml_event_t *event)
{
    if (yaml_reader_next(&reader->yaml, event))
        return true;
    reader->out->is_good = false;
    return false;
}

static bool take_word(Reader *reader, const yaml_event_t *event, const char *expected, Word *out)
{
    *out = (Word){.span = yaml_reader_span(&reader->yaml, event)};
    if (event->type == YAML_ALIAS_EVENT)
        return bad_form(reader, out->span, "a pattern that begins with `*` stands in quotes", "aliases have no meaning in settings");
    if (yaml_event_is_marked(event))
        return bad_form(reader, out->span, "write the value alone", "anchors and tags have no meaning in settings");
    if (event->type != YAML_SCALAR_EVENT)
        return bad_form(reader, out->span, "this is something else", expected);
    out->text = arena_copy_text(reader->arena, (Text){(const char *)event->data.scalar.value, event->data.scalar.length});
    return true;
}

static bool read_word(Reader *reader, const char *expected, Word *out)
{
    yaml_event_t event;
    if (!next_event(reader, &event))
        return false;
    bool good = take_word(reader, &event, expected, out);
    yaml_event_delete(&event);
    return good;
}

/* --- severities --- */

static bool find_severity(Text text, Severity *out)
{
    for (int severity = SEVERITY_NOTE; severity <= SEVERITY_ERROR; severity++) {
        *out = (Severity)severity;
        if (text_equal_c(text, severity_name(*out)))
            return true;
    }
    return false;
}

/* What other programs call it, and what is one or two letters away. */
static const char *nearest_severity(Text text, bool with_off)
{
    static const struct { const char *word; const char *meant; } others[] = {
        {"warn", "warning"}, {"info", "note"}, {"information", "note"}, {"notice", "note"}, {"hint", "note"}, {"fatal", "error"}, {"critical", "error"},
        {"ignore", VALUE_OFF}, {"none", VALUE_OFF}, {"disable", VALUE_OFF}, {"disabled", VALUE_OFF}, {"no", VALUE_OFF}, {"false", VALUE_OFF},
        {"allow", VALUE_OFF}, {"error", "error"}, {"warning", "warning"}, {"note", "note"}, {VALUE_OFF, VALUE_OFF},
    };
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t distance = text_edit_distance(text, text_from_c(others[i].word), best_distance);
        bool can_be = (with_off || !text_equal_c(TEXT(VALUE_OFF), others[i].meant)) && distance < text.len;
        if (can_be && distance < best_distance) {
            best = others[i].meant;
            best_distance = distance;
        }
    }
    return best;
}

static void report_severity(Reader *reader, const Word *word, bool with_off)
{
    Diagnostic *d = diagnostic_report(reader->sink, CODE_SETTING_VALUE, word->span, "there is no severity %.*s", TEXT_ARG(word->text));
    diagnostic_set_label(reader->sink, d, with_off ? "error, warning, note or off" : "error, warning or note");
    reader->out->is_good = false;
    const char *nearest = nearest_severity(word->text, with_off);
    if (nearest)
        diagnostic_set_fix(reader->sink, d, false, word->span, text_from_c(nearest), "did you mean %s?", nearest);
}

/* --- codes --- */

/* Turned down: below the severity of the code's page. */
static void check_firm(Reader *reader, const Word *key, const LintRule *rule)
{
    const DiagnosticPage *page = diagnostic_page(rule->code);
    const char *reason = firm_reason(rule->code);
    if (!reason || (!rule->is_off && rule->severity >= page->severity))
        return;
    Diagnostic *d = diagnostic_report(reader->sink, CODE_SETTING_REFUSED, key->span, "%s cannot be turned down: %s", page->code, reason);
    diagnostic_set_label(reader->sink, d, "%s", page->title);
    diagnostic_set_advice(reader->sink, d, "take this line out, and mend what %s finds", page->code);
    reader->out->is_good = false;
}

static bool add_rule(Reader *reader, const Word *key, LintRule rule)
{
    bool is_general = rule.pattern.len == 0;
    if (reader->out->rules.count + reader->of_paths.count >= LINT_SETTINGS_RULES_MAX)
        return bad_form(reader, key->span, "at most 10000 are read", "there are too many settings");
    if (is_general)
        ARRAY_PUSH(reader->arena, &reader->out->rules, rule);
    else
        ARRAY_PUSH(reader->arena, &reader->of_paths, rule);
    return true;
}

/* `SVC0501: note`, everywhere or below a pattern. */
static bool read_code(Reader *reader, const Word *key, Text pattern)
{
    Word value;
    LintRule rule = {.pattern = pattern};
    if (!read_word(reader, "a code is set to one severity", &value))
        return false;
    rule.is_off = text_equal_c(value.text, VALUE_OFF);
    if (!diagnostic_find_code(&rule.code, key->text)) {
        Diagnostic *d = diagnostic_report(reader->sink, CODE_SETTING_CODE, key->span, "there is no code %.*s", TEXT_ARG(key->text));
        diagnostic_set_label(reader->sink, d, "no finding has this code");
        diagnostic_set_nearest_code(reader->sink, d, key->span, key->text);
        reader->out->is_good = false;
    } else if (!rule.is_off && !find_severity(value.text, &rule.severity)) {
        report_severity(reader, &value, true);
    } else {
        check_firm(reader, key, &rule);
        return add_rule(reader, key, rule);
    }
    return true;
}

static bool looks_like_code(Text key)
{
    return key.len > 3 && (key.ptr[0] & ~0x20) == 'S' && (key.ptr[1] & ~0x20) == 'V' && (key.ptr[2] & ~0x20) == 'C' && byte_is_digit(key.ptr[3]);
}

/* --- keys --- */

/* Reads over a value that nobody asked for. */
static bool skip_value(Reader *reader)
{
    size_t depth = 0;
    do {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return false;
        bool opens = event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;
        bool closes = event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        depth = depth + opens - closes;
        yaml_event_delete(&event);
    } while (depth > 0);
    return true;
}

static bool report_key(Reader *reader, const Word *key, bool is_of_path)
{
    /* What other programs have for the same. */
    static const char *const leaving_out[] = {"exclude", "excludes", "ignore", "ignores", "skip", "files", "leave-out"};
    static const char *const of_codes[] = {"rules", "severity", "severities", "codes", "checks"};
    Diagnostic *d = diagnostic_report(reader->sink, CODE_SETTING_UNKNOWN, key->span, "there is no setting %.*s", TEXT_ARG(key->text));
    diagnostic_set_label(reader->sink, d, is_of_path ? "a code such as SVC0501 is expected here" : "a code, `" KEY_PATHS "` or `" KEY_FAIL_LEVEL "`");
    reader->out->is_good = false;
    for (size_t i = 0; i < sizeof leaving_out / sizeof leaving_out[0]; i++)
        if (text_equal_c(key->text, leaving_out[i]))
            diagnostic_set_advice(reader->sink, d, KEY_PATHS ": { \"vendor/**\": " VALUE_OFF " } leaves files out");
    for (size_t i = 0; i < sizeof of_codes / sizeof of_codes[0]; i++)
        if (text_equal_c(key->text, of_codes[i]))
            diagnostic_set_advice(reader->sink, d, "write the codes themselves: SVC0501: note");
    bool is_paths = text_edit_distance(key->text, TEXT(KEY_PATHS), 2) <= 2;
    bool is_level = text_edit_distance(key->text, TEXT(KEY_FAIL_LEVEL), 3) <= 3;
    Text meant = is_paths ? TEXT(KEY_PATHS) : is_level ? TEXT(KEY_FAIL_LEVEL) : TEXT_NONE;
    if (!is_of_path && meant.len)
        diagnostic_set_fix(reader->sink, d, false, key->span, meant, "did you mean %.*s?", TEXT_ARG(meant));
    return skip_value(reader);
}

/* Keys of one mapping, to see the ones that are said twice. */
typedef ARRAY(Text) KeyArray;

/* The next key; false at the end of the mapping, or after a report with *good false. */
static bool next_key(Reader *reader, KeyArray *seen, Word *key, bool *good)
{
    yaml_event_t event;
    *good = next_event(reader, &event);
    if (!*good)
        return false;
    bool ends = event.type == YAML_MAPPING_END_EVENT;
    *good = ends || take_word(reader, &event, "a key is one word", key);
    yaml_event_delete(&event);
    if (ends || !*good)
        return false;
    for (size_t i = 0; i < seen->count && *good; i++)
        if (text_equal(seen->items[i], key->text))
            *good = bad_form(reader, key->span, "again here", "this setting is given twice");
    if (seen->count >= LINT_SETTINGS_RULES_MAX)
        *good = bad_form(reader, key->span, "at most 10000 are read", "there are too many settings");
    ARRAY_PUSH(reader->arena, seen, key->text);
    return *good;
}

/* --- paths --- */

static void check_pattern(Reader *reader, const Word *pattern)
{
    Text text = pattern->text;
    const char *label = NULL;
    if (text.len == 0)
        label = "it is empty";
    else if (text.len > LINT_SETTINGS_PATTERN_MAX)
        label = "it has more than 1000 bytes";
    else if (text.ptr[0] == '/')
        label = "it begins in the folder of the settings, so without `/`";
    else if (text.ptr[0] == '!')
        label = "there are no exceptions: a later pattern wins over an earlier one";
    else if (text_equal_c(text, "..") || text_starts_with(text, TEXT("../")) || text_find(text, TEXT("/../")) < text.len)
        label = "what is above the folder of the settings has its own";
    else if (text_find_byte(text, '\\') < text.len)
        label = "folders are parted by `/`";
    if (label)
        (void)report(reader, CODE_SETTING_PATTERN, pattern->span, label, "this pattern names no file");
}

static bool read_codes_of_pattern(Reader *reader, Text pattern)
{
    KeyArray seen = {0};
    Word key;
    bool good = true;
    while (good && next_key(reader, &seen, &key, &good))
        good = looks_like_code(key.text) ? read_code(reader, &key, pattern) : report_key(reader, &key, true);
    return good;
}

static bool read_pattern(Reader *reader, const Word *pattern)
{
    yaml_event_t event;
    Word value;
    check_pattern(reader, pattern);
    if (!next_event(reader, &event))
        return false;
    bool is_mapping = event.type == YAML_MAPPING_START_EVENT && !yaml_event_is_marked(&event);
    bool good = is_mapping || take_word(reader, &event, "a pattern takes codes with severities, or off", &value);
    yaml_event_delete(&event);
    if (!good || is_mapping)
        return good && read_codes_of_pattern(reader, pattern->text);
    if (text_equal_c(value.text, VALUE_OFF))
        return add_rule(reader, pattern, (LintRule){.pattern = pattern->text, .leaves_out = true});
    Diagnostic *d = report(reader, CODE_SETTING_VALUE, value.span, "`off`, or codes with severities", "this says nothing about the files of the pattern");
    diagnostic_set_advice(reader->sink, d, "\"%.*s\": " VALUE_OFF " leaves them out", TEXT_ARG(pattern->text));
    return true;
}

/* The start of a mapping that is the value of `paths`. */
static bool read_paths(Reader *reader)
{
    yaml_event_t event;
    Word key;
    KeyArray seen = {0};
    if (!next_event(reader, &event))
        return false;
    bool good = event.type == YAML_MAPPING_START_EVENT && !yaml_event_is_marked(&event);
    if (!good)
        (void)bad_form(reader, yaml_reader_span(&reader->yaml, &event), "write them as keys: \"vendor/**\": " VALUE_OFF, "`" KEY_PATHS "` is a mapping from patterns");
    yaml_event_delete(&event);
    while (good && next_key(reader, &seen, &key, &good))
        good = read_pattern(reader, &key);
    return good;
}

/* --- the file --- */

static bool read_fail_level(Reader *reader)
{
    Word value;
    if (!read_word(reader, "`" KEY_FAIL_LEVEL "` is one severity", &value))
        return false;
    reader->out->has_fail_level = find_severity(value.text, &reader->out->fail_level);
    if (!reader->out->has_fail_level)
        report_severity(reader, &value, false);
    return true;
}

static bool read_mapping(Reader *reader)
{
    KeyArray seen = {0};
    Word key;
    bool good = true;
    while (good && next_key(reader, &seen, &key, &good)) {
        if (looks_like_code(key.text))
            good = read_code(reader, &key, TEXT_NONE);
        else if (text_equal_c(key.text, KEY_PATHS))
            good = read_paths(reader);
        else if (text_equal_c(key.text, KEY_FAIL_LEVEL))
            good = read_fail_level(reader);
        else
            good = report_key(reader, &key, false);
    }
    return good;
}

/* Stream and document starts, then one mapping, then nothing more. A file without anything sets nothing. */
static void read_document(Reader *reader)
{
    bool seen = false;
    while (true) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return;
        yaml_event_type_t type = event.type;
        bool is_mapping = type == YAML_MAPPING_START_EVENT && !yaml_event_is_marked(&event) && !seen;
        bool is_frame = type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT || (type == YAML_DOCUMENT_START_EVENT && !seen);
        bool goes_on = is_mapping || is_frame || type == YAML_STREAM_END_EVENT ||
                       bad_form(reader, yaml_reader_span(&reader->yaml, &event), "this is something else", "settings are one mapping, such as `SVC0501: note`");
        yaml_event_delete(&event);
        if (!goes_on || type == YAML_STREAM_END_EVENT || (is_mapping && !read_mapping(reader)))
            return;
        seen = seen || is_mapping;
    }
}

void lint_settings_read_text(Arena *arena, Diagnostics *sink, uint32_t file, LintSettings *out)
{
    *out = (LintSettings){.is_good = true};
    Reader reader = {.arena = arena, .sink = sink, .out = out};
    yaml_reader_begin(&reader.yaml, sink, file, CODE_BAD_LINT_SETTINGS);
    read_document(&reader);
    yaml_reader_end(&reader.yaml);
    for (size_t i = 0; i < reader.of_paths.count; i++)
        ARRAY_PUSH(arena, &out->rules, reader.of_paths.items[i]);
}

/* --- finding them --- */

static Text absolute_of(Arena *arena, Text folder)
{
    char place[PATH_MAX];
    Text path = folder.len ? arena_copy_text(arena, folder) : TEXT(".");
    return arena_copy_text(arena, text_from_c(realpath(path.ptr, place)));
}

static Text folder_of(Text path)
{
    size_t end = path.len;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    return text_slice(path, 0, end > 1 ? end - 1 : end);
}

/* A file in a folder, where the empty folder is the current one. */
static Text path_in(Arena *arena, Text folder, Text name)
{
    const char *slash = folder.len == 0 || text_ends_with(folder, TEXT("/")) ? "" : "/";
    return arena_format(arena, "%.*s%s%.*s", TEXT_ARG(folder), slash, TEXT_ARG(name));
}

/* The folder above, named as people would; false at the root of the file system. */
static bool folder_above(Arena *arena, Text *folder)
{
    Text last = text_slice(*folder, folder_of(*folder).len + (folder_of(*folder).len > 0), folder->len);
    bool climbs = folder->len == 0 || text_equal_c(*folder, ".") || text_equal_c(last, "..") || text_equal_c(last, ".");
    Text above = !climbs ? folder_of(*folder) : folder->len && !text_equal_c(*folder, ".") ? path_in(arena, *folder, TEXT("..")) : TEXT("..");
    if (text_equal_c(*folder, "/") || file_is_same(folder->len ? *folder : TEXT("."), above.len ? above : TEXT(".")))
        return false;
    *folder = above;
    return true;
}

static const LintSettings *read_file(LintSettingsCache *cache, Text path, Text folder)
{
    for (size_t i = 0; i < cache->files.count; i++)
        if (text_equal(cache->files.items[i].path, path))
            return cache->files.items[i].settings;
    LintSettings *settings = ARENA_NEW(cache->arena, LintSettings);
    Text text;
    Text reason;
    if (file_read(cache->arena, path, LINT_SETTINGS_BYTES_MAX, &text, &reason))
        lint_settings_read_text(cache->arena, cache->sink, sources_add(cache->arena, cache->sink->sources, path, text, false), settings);
    else
        (void)diagnostic_report(cache->sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read the settings %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    settings->folder = absolute_of(cache->arena, folder);
    ARRAY_PUSH(cache->arena, &cache->files, (LintSettingsFile){path, settings});
    return settings;
}

/* Upwards to the root of the repository, which holds `.git`, or of the file system. */
static const LintSettings *search_upwards(LintSettingsCache *cache, Text folder)
{
    Arena scratch = {0};
    const LintSettings *found = NULL;
    bool goes_on = true;
    while (goes_on && !found) {
        Text path = path_in(&scratch, folder, TEXT(SETTINGS_NAME));
        if (file_exists(path))
            found = read_file(cache, arena_copy_text(cache->arena, path), folder);
        goes_on = !file_exists(path_in(&scratch, folder, TEXT(".git"))) && folder_above(&scratch, &folder);
    }
    arena_free(&scratch);
    return found;
}

/* The path below the folder; empty when it is not below it. */
static Text path_below(Arena *arena, Text folder, Text absolute, Text name)
{
    Text path = path_in(arena, absolute, name);
    Text start = text_ends_with(folder, TEXT("/")) ? folder : arena_join(arena, folder, TEXT("/"));
    return folder.len && text_starts_with(path, start) ? text_slice(path, start.len, path.len) : TEXT_NONE;
}

static const LintFolder *find_folder(LintSettingsCache *cache, Text path)
{
    for (size_t i = cache->folders.count; i > 0; i--)
        if (text_equal(cache->folders.items[i - 1].path, path))
            return &cache->folders.items[i - 1];
    LintFolder folder = {.path = arena_copy_text(cache->arena, path)};
    folder.settings = cache->given.len ? read_file(cache, cache->given, TEXT_NONE) : search_upwards(cache, folder.path);
    if (folder.settings)
        folder.absolute = absolute_of(cache->arena, folder.path);
    ARRAY_PUSH(cache->arena, &cache->folders, folder);
    return &cache->folders.items[cache->folders.count - 1];
}

const LintSettings *lint_settings_find(LintSettingsCache *cache, Text path, Text *relative)
{
    Text parent = folder_of(path);
    size_t skipped = parent.len + (parent.len && !text_equal_c(parent, "/"));
    const LintFolder *folder = find_folder(cache, parent);
    *relative = folder->settings ? path_below(cache->arena, folder->settings->folder, folder->absolute, text_slice(path, skipped, path.len)) : TEXT_NONE;
    return folder->settings;
}

bool lint_settings_leave_out(const LintSettings *settings, Text relative)
{
    for (size_t i = 0; settings && i < settings->rules.count; i++)
        if (settings->rules.items[i].leaves_out && glob_matches(settings->rules.items[i].pattern, relative))
            return true;
    return false;
}

bool lint_settings_apply(const LintSettings *settings, Text relative, DiagnosticCode code, Severity *severity)
{
    bool is_off = false;
    for (size_t i = 0; settings && i < settings->rules.count; i++) {
        const LintRule *rule = &settings->rules.items[i];
        bool is_meant = !rule->leaves_out && rule->code == code && (rule->pattern.len == 0 || glob_matches(rule->pattern, relative));
        if (!is_meant)
            continue;
        is_off = rule->is_off;
        *severity = rule->is_off ? *severity : rule->severity;
    }
    return !is_off;
}
