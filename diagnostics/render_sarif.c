/* SARIF 2.1.0 (OASIS). Sections of that standard are named by number. */
#include "diagnostics/render.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a in 64 bits: a fingerprint must be the same on every machine and in every version. */
#define FINGERPRINT_START UINT64_C(0xcbf29ce484222325)
#define FINGERPRINT_FACTOR UINT64_C(0x100000001b3)

typedef struct Writer {
    Buffer *out;
    const Diagnostics *sink;
    Secrets secrets;
    size_t rule_index[CODE_COUNT];
} Writer;

/* "name": "value" */
static void add_text(Buffer *out, const char *name, Text value)
{
    buffer_add_format(out, "\"%s\": ", name);
    buffer_add_json_string(out, value);
}

/* "name": {"text": "value"} */
static void add_message(Buffer *out, const char *name, Text value)
{
    buffer_add_format(out, "\"%s\": {", name);
    add_text(out, "text", value);
    buffer_add_byte(out, '}');
}

/* --- places --- */

static bool is_plain(char byte)
{
    return byte_is_alphanumeric(byte) || (byte && strchr("-._~/+@=", byte));
}

/* 3.4.3: a relative path is from the root of the sources, which whoever reads the log knows. */
static void add_artifact(const Writer *writer, uint32_t file)
{
    Text path = sources_path(writer->sink->sources, file);
    bool is_absolute = text_starts_with(path, TEXT("/"));
    while (text_starts_with(path, TEXT("./")))
        path = text_slice(path, 2, path.len);
    buffer_add_c(writer->out, is_absolute ? "\"artifactLocation\": {\"uri\": \"file://" : "\"artifactLocation\": {\"uri\": \"");
    for (size_t i = 0; i < path.len; i++) {
        if (is_plain(path.ptr[i]))
            buffer_add_byte(writer->out, path.ptr[i]);
        else
            buffer_add_format(writer->out, "%%%02X", (unsigned)(unsigned char)path.ptr[i]);
    }
    buffer_add_c(writer->out, is_absolute ? "\"}" : "\", \"uriBaseId\": \"%SRCROOT%\"}");
}

/* 3.30: columns in code points, the end exclusive. */
static void add_region(const Writer *writer, const char *name, Span span)
{
    Position start = sources_locate(writer->sink->sources, span.file, span.start);
    Position end = sources_locate(writer->sink->sources, span.file, span.end);
    buffer_add_format(writer->out, "\"%s\": {\"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, \"endColumn\": %u}", name, start.line, start.column,
                      end.line, end.column);
}

static void add_location(const Writer *writer, const Label *label, size_t id)
{
    buffer_add_byte(writer->out, '{');
    if (id)
        buffer_add_format(writer->out, "\"id\": %zu, ", id);
    buffer_add_c(writer->out, "\"physicalLocation\": {");
    add_artifact(writer, label->span.file);
    buffer_add_c(writer->out, ", ");
    add_region(writer, "region", label->span);
    buffer_add_byte(writer->out, '}');
    if (label->text.len) {
        buffer_add_c(writer->out, ", ");
        add_message(writer->out, "message", secrets_hide_words(&writer->secrets, label->text));
    }
    buffer_add_byte(writer->out, '}');
}

/* --- results --- */

static uint64_t hash_text(uint64_t hash, Text text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * FINGERPRINT_FACTOR;
    return (hash ^ '\n') * FINGERPRINT_FACTOR;
}

/* Code, file and what stands on the line, without its indentation: the same finding after lines were added above it. */
static uint64_t fingerprint_of(const Writer *writer, const Diagnostic *item)
{
    Span span = item->primary.span;
    uint64_t hash = hash_text(FINGERPRINT_START, text_from_c(diagnostic_page(item->code)->code));
    if (span_is_none(span))
        return hash_text(hash, secrets_hide_words(&writer->secrets, item->message));
    Position place = sources_locate(writer->sink->sources, span.file, span.start);
    hash = hash_text(hash, sources_path(writer->sink->sources, span.file));
    return hash_text(hash, text_trim(secrets_hide_line(&writer->secrets, span.file, place.line)));
}

/* Which of the findings with this fingerprint it is, from 1. Findings come sorted, so only the same file's need to be looked at. */
static size_t count_equal(const Writer *writer, const uint64_t *fingerprints, size_t at)
{
    size_t count = 1;
    uint32_t file = writer->sink->items.items[at]->primary.span.file;
    for (size_t i = at; i > 0 && writer->sink->items.items[i - 1]->primary.span.file == file; i--)
        count += fingerprints[i - 1] == fingerprints[at];
    return count;
}

static void add_words(const Writer *writer, Buffer *words, const char *name, Text text)
{
    if (text.len == 0)
        return;
    buffer_add_c(words, words->length ? "\n" : "");
    buffer_add_c(words, name);
    buffer_add(words, secrets_hide_words(&writer->secrets, text));
}

/* What is wrong, why and how to fix it: viewers show the message, and not all show the rest. */
static void add_result_message(const Writer *writer, const Diagnostic *item)
{
    Buffer words = {0};
    add_words(writer, &words, "", item->message);
    add_words(writer, &words, "", item->primary.text);
    add_words(writer, &words, "in environment ", item->environment);
    for (size_t i = 0; i < item->notes.count; i++)
        add_words(writer, &words, "note: ", item->notes.items[i]);
    if (item->fix)
        add_words(writer, &words, "fix: ", item->fix->description);
    add_message(writer->out, "message", buffer_text(&words));
    buffer_free(&words);
}

static void add_fix(const Writer *writer, const Fix *fix)
{
    buffer_add_c(writer->out, ", \"fixes\": [{");
    add_message(writer->out, "description", secrets_hide_words(&writer->secrets, fix->description));
    buffer_add_c(writer->out, ", \"artifactChanges\": [{");
    add_artifact(writer, fix->span.file);
    buffer_add_c(writer->out, ", \"replacements\": [{");
    add_region(writer, "deletedRegion", fix->span);
    buffer_add_c(writer->out, ", ");
    add_message(writer->out, "insertedContent", fix->replacement);
    buffer_add_c(writer->out, "}]}]}]");
}

static void add_result(const Writer *writer, const uint64_t *fingerprints, size_t at)
{
    const Diagnostic *item = writer->sink->items.items[at];
    buffer_add_c(writer->out, "        {");
    add_text(writer->out, "ruleId", text_from_c(diagnostic_page(item->code)->code));
    buffer_add_format(writer->out, ", \"ruleIndex\": %zu, \"level\": \"%s\", ", writer->rule_index[item->code], severity_name(item->severity));
    add_result_message(writer, item);
    buffer_add_c(writer->out, ", \"locations\": [");
    if (!span_is_none(item->primary.span))
        add_location(writer, &item->primary, 0);
    buffer_add_byte(writer->out, ']');
    for (size_t i = 0; i < item->labels.count; i++) {
        buffer_add_c(writer->out, i ? ", " : ", \"relatedLocations\": [");
        add_location(writer, &item->labels.items[i], i + 1);
    }
    buffer_add_c(writer->out, item->labels.count ? "]" : "");
    buffer_add_format(writer->out, ", \"partialFingerprints\": {\"primaryLocationLineHash\": \"%08x%08x:%zu\"}", (unsigned)(fingerprints[at] >> 32),
                      (unsigned)(fingerprints[at] & UINT32_MAX), count_equal(writer, fingerprints, at));
    if (item->fix && fix_can_be_shown(&writer->secrets, item->fix))
        add_fix(writer, item->fix);
    buffer_add_byte(writer->out, '}');
}

/* --- the log --- */

static void add_rule(const Writer *writer, DiagnosticCode code)
{
    const DiagnosticPage *page = diagnostic_page(code);
    buffer_add_c(writer->out, "            {");
    add_text(writer->out, "id", text_from_c(page->code));
    buffer_add_c(writer->out, ", ");
    add_message(writer->out, "shortDescription", text_from_c(page->title));
    buffer_add_c(writer->out, ", ");
    add_message(writer->out, "fullDescription", text_from_c(page->why));
    Text help = arena_format(writer->sink->arena, "%s\n\nWrong: %s\n\nRight: %s\n\nSource: %s", page->why, page->wrong, page->right, page->source);
    Text markdown = arena_format(writer->sink->arena, "%s\n\nWrong:\n\n```\n%s\n```\n\nRight:\n\n```\n%s\n```\n\nSource: %s\n", page->why, page->wrong, page->right, page->source);
    buffer_add_c(writer->out, ", \"help\": {");
    add_text(writer->out, "text", help);
    buffer_add_c(writer->out, ", ");
    add_text(writer->out, "markdown", markdown);
    buffer_add_format(writer->out, "}, \"defaultConfiguration\": {\"level\": \"%s\"}}", severity_name(page->severity));
}

static int compare_codes(const void *a, const void *b)
{
    return strcmp(diagnostic_page(*(const DiagnosticCode *)a)->code, diagnostic_page(*(const DiagnosticCode *)b)->code);
}

/* Those that a result names, in the order of their numbers. */
static void add_rules(Writer *writer)
{
    DiagnosticCode used[CODE_COUNT];
    bool is_used[CODE_COUNT] = {false};
    size_t count = 0;
    for (size_t i = 0; i < writer->sink->items.count; i++) {
        DiagnosticCode code = writer->sink->items.items[i]->code;
        if (!is_used[code])
            used[count++] = code;
        is_used[code] = true;
    }
    if (count)
        qsort(used, count, sizeof used[0], compare_codes);
    buffer_add_c(writer->out, "\"rules\": [");
    for (size_t i = 0; i < count; i++) {
        buffer_add_c(writer->out, i ? ",\n" : "\n");
        add_rule(writer, used[i]);
        writer->rule_index[used[i]] = i;
    }
    buffer_add_c(writer->out, count ? "\n          ]" : "]");
}

void render_sarif(Buffer *out, const Diagnostics *diagnostics)
{
    Writer writer = {.out = out, .sink = diagnostics, .secrets = secrets_find(diagnostics)};
    uint64_t *fingerprints = ARENA_NEW_ARRAY(diagnostics->arena, uint64_t, diagnostics->items.count);
    for (size_t i = 0; i < diagnostics->items.count; i++)
        fingerprints[i] = fingerprint_of(&writer, diagnostics->items.items[i]);
    buffer_add_c(out, "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n"
                      "      \"tool\": {\n        \"driver\": {\n          \"name\": \"svc\",\n          \"version\": \"" SVC_VERSION "\",\n"
                      "          \"semanticVersion\": \"" SVC_VERSION "\",\n          ");
    add_rules(&writer);
    buffer_add_c(out, "\n        }\n      },\n      \"columnKind\": \"unicodeCodePoints\",\n      \"results\": [");
    for (size_t i = 0; i < diagnostics->items.count; i++) {
        buffer_add_c(out, i ? ",\n" : "\n");
        add_result(&writer, fingerprints, i);
    }
    buffer_add_c(out, diagnostics->items.count ? "\n      ]\n    }\n  ]\n}\n" : "]\n    }\n  ]\n}\n");
}
