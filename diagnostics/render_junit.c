#include "diagnostics/render.h"

#include "base/xml.h"

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
    xml_add_attribute(out, "classname", suite->path);
    xml_add_attribute(out, "name", has_place ? arena_format(sink->arena, "%s at %u:%u", code, place.line, place.column) : text_from_c(code));
    if (has_place) {
        xml_add_attribute(out, "file", suite->path);
        buffer_add_format(out, " line=\"%u\"", place.line);
    }
    buffer_add_c(out, item->is_tolerated ? " time=\"0\">\n      <system-out>" : " time=\"0\">\n      <failure");
    if (!item->is_tolerated) {
        xml_add_attribute(out, "type", text_from_c(severity_name(item->severity)));
        xml_add_attribute(out, "message", secrets_hide_words(secrets, item->message));
        buffer_add_byte(out, '>');
    }
    Buffer text = {0};
    render_text_of(&text, sink, item, secrets);
    xml_add_text(out, buffer_text(&text), false);
    buffer_free(&text);
    buffer_add_c(out, item->is_tolerated ? "</system-out>\n    </testcase>\n" : "</failure>\n    </testcase>\n");
}

static void add_suite(Buffer *out, const Diagnostics *sink, const Secrets *secrets, const Suite *suite)
{
    buffer_add_c(out, "  <testsuite");
    xml_add_attribute(out, "name", suite->path);
    buffer_add_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n", suite->items.count ? suite->items.count : 1, suite->failures);
    for (size_t i = 0; i < suite->items.count; i++)
        add_case(out, sink, secrets, suite, suite->items.items[i]);
    if (suite->items.count == 0) {
        buffer_add_c(out, "    <testcase");
        xml_add_attribute(out, "classname", suite->path);
        xml_add_attribute(out, "name", TEXT("svc lint"));
        xml_add_attribute(out, "file", suite->path);
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
