#include "diagnostics/render.h"

#include "base/utf8.h"

/* XML 1.0 has no way to write control characters, nor what is no character at all. */
static bool is_xml(uint32_t point)
{
    return point == '\t' || point == '\n' || point == '\r' || (point >= 0x20 && point < 0x7f) || (point >= 0xa0 && point < 0xfffe) || point > 0xffff;
}

static void add_character(Buffer *out, uint32_t point, Text shown)
{
    switch (point) {
    case '&': buffer_add_c(out, "&amp;"); return;
    case '<': buffer_add_c(out, "&lt;"); return;
    case '>': buffer_add_c(out, "&gt;"); return;
    case '"': buffer_add_c(out, "&quot;"); return;
    case '\t': buffer_add_c(out, "&#9;"); return;
    case '\n': buffer_add_c(out, "&#10;"); return;
    case '\r': buffer_add_c(out, "&#13;"); return;
    }
    buffer_add(out, shown);
}

/* Text of an attribute, in which line ends must be written as numbers, or of an element. */
static void add_text(Buffer *out, Text text, bool is_attribute)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point = 0;
        size_t length = utf8_decode(text_slice(text, at, text.len), &point);
        Text shown = length ? text_slice(text, at, at + length) : TEXT("\xef\xbf\xbd");
        at += length ? length : 1;
        bool is_blank = length && (point == '\t' || point == '\n') && !is_attribute;
        if (is_blank || (length && !is_xml(point)))
            buffer_add(out, is_blank ? shown : TEXT(""));
        else
            add_character(out, length ? point : 0xfffd, shown);
    }
}

static void add_attribute(Buffer *out, const char *name, Text value)
{
    buffer_add_format(out, " %s=\"", name);
    add_text(out, value, true);
    buffer_add_byte(out, '"');
}

/* The findings whose place is in files of this path. */
typedef struct Suite {
    Text path;
    ARRAY(const Diagnostic *) items;
    size_t failures;
} Suite;

typedef ARRAY(Suite) SuiteArray;

static Suite *find_suite(Arena *arena, SuiteArray *suites, Text path)
{
    for (size_t i = 0; i < suites->count; i++)
        if (text_equal(suites->items[i].path, path))
            return &suites->items[i];
    ARRAY_PUSH(arena, suites, (Suite){.path = path});
    return &suites->items[suites->count - 1];
}

/* The findings come sorted by file, and files in the order in which they were looked at: the last suite is most often the right one. */
static SuiteArray sort_into_suites(const Diagnostics *sink, const TextArray *files)
{
    SuiteArray suites = {0};
    for (size_t i = 0; i < files->count; i++)
        ARRAY_PUSH(sink->arena, &suites, (Suite){.path = text_equal_c(files->items[i], "-") ? TEXT("<stdin>") : files->items[i]});
    Suite *suite = NULL;
    for (size_t i = 0; i < sink->items.count; i++) {
        const Diagnostic *item = sink->items.items[i];
        Text path = span_is_none(item->primary.span) ? TEXT("svc lint") : sources_path(sink->sources, item->primary.span.file);
        if (!suite || !text_equal(suite->path, path))
            suite = find_suite(sink->arena, &suites, path);
        ARRAY_PUSH(sink->arena, &suite->items, item);
        suite->failures += !item->is_tolerated;
    }
    return suites;
}

/* What is below the level at which the check fails is a case that passed and says something. */
static void add_case(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Suite *suite, const Diagnostic *item)
{
    bool has_place = !span_is_none(item->primary.span);
    Position place = has_place ? sources_locate(sink->sources, item->primary.span.file, item->primary.span.start) : (Position){1, 1};
    const char *code = diagnostic_page(item->code)->code;
    buffer_add_c(out, "    <testcase");
    add_attribute(out, "classname", suite->path);
    add_attribute(out, "name", has_place ? arena_format(sink->arena, "%s at %u:%u", code, place.line, place.column) : text_from_c(code));
    if (has_place) {
        add_attribute(out, "file", suite->path);
        buffer_add_format(out, " line=\"%u\"", place.line);
    }
    buffer_add_c(out, item->is_tolerated ? " time=\"0\">\n      <system-out>" : " time=\"0\">\n      <failure");
    if (!item->is_tolerated) {
        add_attribute(out, "type", text_from_c(severity_name(item->severity)));
        add_attribute(out, "message", secrets_hide_words(secrets, item->message));
        buffer_add_byte(out, '>');
    }
    Buffer text = {0};
    render_text_of(&text, sink, item, secrets);
    add_text(out, buffer_text(&text), false);
    buffer_free(&text);
    buffer_add_c(out, item->is_tolerated ? "</system-out>\n    </testcase>\n" : "</failure>\n    </testcase>\n");
}

static void add_suite(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Suite *suite)
{
    buffer_add_c(out, "  <testsuite");
    add_attribute(out, "name", suite->path);
    buffer_add_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n", suite->items.count ? suite->items.count : 1, suite->failures);
    for (size_t i = 0; i < suite->items.count; i++)
        add_case(out, sink, secrets, suite, suite->items.items[i]);
    if (suite->items.count == 0) {
        buffer_add_c(out, "    <testcase");
        add_attribute(out, "classname", suite->path);
        add_attribute(out, "name", TEXT("svc lint"));
        add_attribute(out, "file", suite->path);
        buffer_add_c(out, " time=\"0\"/>\n");
    }
    buffer_add_c(out, "  </testsuite>\n");
}

void render_junit(Buffer *out, const Diagnostics *diagnostics, const TextArray *files)
{
    Secrets secrets = secrets_find(diagnostics);
    SuiteArray suites = sort_into_suites(diagnostics, files);
    size_t tests = 0;
    size_t failures = 0;
    for (size_t i = 0; i < suites.count; i++) {
        tests += suites.items[i].items.count ? suites.items[i].items.count : 1;
        failures += suites.items[i].failures;
    }
    buffer_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buffer_add_format(out, "<testsuites name=\"svc lint\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n", tests, failures);
    for (size_t i = 0; i < suites.count; i++)
        add_suite(out, diagnostics, &secrets, &suites.items[i]);
    buffer_add_c(out, "</testsuites>\n");
}
