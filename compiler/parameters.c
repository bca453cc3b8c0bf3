#include "compiler/parameters.h"

#include "base/buffer.h"
#include "base/file.h"
#include "document/yaml.h"

typedef struct Reader {
    Arena *arena;
    Diagnostics *sink;
    Text origin;
    YamlReader yaml;
    GivenParameterArray *out;
} Reader;

static bool report(Reader *reader, Span span, const char *message, const char *label)
{
    Diagnostic *d = diagnostic_report(reader->sink, CODE_BAD_PARAMETER_FILE, span, "%s", message);
    diagnostic_set_label(reader->sink, d, "%s", label);
    return false;
}

static bool report_event(Reader *reader, const yaml_event_t *event, const char *message, const char *label)
{
    return report(reader, yaml_reader_span(&reader->yaml, event), message, label);
}

/* A scalar without anchor or tag; plain and quoted ones alike. */
static bool scalar_text(Reader *reader, const yaml_event_t *event, Text *out)
{
    if (event->type == YAML_ALIAS_EVENT)
        return report_event(reader, event, "aliases have no meaning in a parameter file", "write the value itself");
    if (event->type != YAML_SCALAR_EVENT)
        return report_event(reader, event, "a parameter's value is a scalar or a list of scalars", "this is neither");
    if (yaml_event_is_marked(event))
        return report_event(reader, event, "anchors and tags have no meaning in a parameter file", "write the value alone");
    *out = arena_copy_text(reader->arena, (Text){(const char *)event->data.scalar.value, event->data.scalar.length});
    return true;
}

/* One item of a list into the joined text; false at its end, or after a report with *good false. */
static bool read_item(Reader *reader, Buffer *joined, bool is_first, bool *good)
{
    yaml_event_t event;
    Text item = TEXT_NONE;
    *good = yaml_reader_next(&reader->yaml, &event);
    if (!*good)
        return false;
    bool ends = event.type == YAML_SEQUENCE_END_EVENT;
    *good = ends || scalar_text(reader, &event, &item);
    if (*good && text_find_byte(item, ',') < item.len)
        *good = report_event(reader, &event, "an item of a list cannot hold a comma", "this one does");
    yaml_event_delete(&event);
    if (!*good || ends)
        return false;
    buffer_add_c(joined, is_first ? "" : ",");
    buffer_add(joined, item);
    return true;
}

/* The items of a list, joined by commas as --set takes them. */
static bool read_list(Reader *reader, Text *out)
{
    Buffer joined = {0};
    bool good = true;
    bool is_first = true;
    while (read_item(reader, &joined, is_first, &good))
        is_first = false;
    *out = arena_copy_text(reader->arena, buffer_text(&joined));
    buffer_free(&joined);
    return good;
}

static bool read_value(Reader *reader, Text *out)
{
    yaml_event_t event;
    if (!yaml_reader_next(&reader->yaml, &event))
        return false;
    bool is_list = event.type == YAML_SEQUENCE_START_EVENT && !yaml_event_is_marked(&event);
    bool good = is_list || scalar_text(reader, &event, out);
    yaml_event_delete(&event);
    return good && (!is_list || read_list(reader, out));
}

static bool read_entry(Reader *reader, const yaml_event_t *key)
{
    GivenParameter parameter = {.origin = reader->origin};
    if (!scalar_text(reader, key, &parameter.name))
        return false;
    for (size_t i = 0; i < reader->out->count; i++)
        if (text_equal(reader->out->items[i].name, parameter.name))
            return report_event(reader, key, "this parameter is given twice", "again here");
    if (reader->out->count >= PARAMETERS_COUNT_MAX)
        return report_event(reader, key, "there are too many parameters in this file", "at most 10000 are read");
    if (!read_value(reader, &parameter.value))
        return false;
    ARRAY_PUSH(reader->arena, reader->out, parameter);
    return true;
}

static bool read_mapping(Reader *reader)
{
    while (true) {
        yaml_event_t event;
        if (!yaml_reader_next(&reader->yaml, &event))
            return false;
        bool ends = event.type == YAML_MAPPING_END_EVENT;
        bool good = ends || read_entry(reader, &event);
        yaml_event_delete(&event);
        if (!good || ends)
            return good;
    }
}

/* Stream and document starts, then one mapping, then nothing more. */
static bool read_document(Reader *reader)
{
    bool seen = false;
    while (true) {
        yaml_event_t event;
        if (!yaml_reader_next(&reader->yaml, &event))
            return false;
        yaml_event_type_t type = event.type;
        Span span = yaml_reader_span(&reader->yaml, &event);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return seen || report(reader, span, "this parameter file is empty", "a mapping such as `image_tag: 3f2c1aa` is expected");
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT)
            continue;
        if (type == YAML_DOCUMENT_START_EVENT && !seen)
            continue;
        if (type != YAML_MAPPING_START_EVENT || seen)
            return report(reader, span, "a parameter file is one mapping from names to values", "this is something else");
        seen = true;
        if (!read_mapping(reader))
            return false;
    }
}

bool parameters_read_text(Arena *arena, Diagnostics *sink, uint32_t file, GivenParameterArray *out)
{
    Reader reader = {.arena = arena, .sink = sink, .origin = sources_path(sink->sources, file), .out = out};
    yaml_reader_begin(&reader.yaml, sink, file, CODE_BAD_PARAMETER_FILE);
    bool good = read_document(&reader);
    yaml_reader_end(&reader.yaml);
    return good;
}

bool parameters_read_file(Arena *arena, Diagnostics *sink, Text path, GivenParameterArray *out)
{
    Text text;
    Text reason;
    if (!file_read(arena, path, PARAMETERS_BYTES_MAX, &text, &reason)) {
        (void)diagnostic_report(sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read the parameter file %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
        return false;
    }
    return parameters_read_text(arena, sink, sources_add(arena, sink->sources, path, text, false), out);
}
