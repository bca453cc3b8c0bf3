#include "compiler/parameters.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <yaml.h>

typedef struct Reader {
    Arena *arena;
    Diagnostics *sink;
    uint32_t file;
    Text origin;
    yaml_parser_t parser;
    GivenParameterArray *out;
} Reader;

/* libyaml counts marks in characters, sources in bytes: go by line and column. */
static uint32_t offset_of_mark(const Reader *reader, yaml_mark_t mark)
{
    Text text = reader->sink->sources->files.items[reader->file]->text;
    size_t offset = 0;
    for (size_t line = 0; line < mark.line && offset < text.len; line++)
        offset += text_find_byte(text_slice(text, offset, text.len), '\n') + 1;
    for (size_t column = 0; column < mark.column && offset < text.len; column++) {
        offset++;
        while (offset < text.len && ((unsigned char)text.ptr[offset] & 0xc0) == 0x80)
            offset++;
    }
    return (uint32_t)(offset < text.len ? offset : text.len);
}

static Span span_of_marks(const Reader *reader, yaml_mark_t start, yaml_mark_t end)
{
    Span span = {reader->file, offset_of_mark(reader, start), offset_of_mark(reader, end)};
    if (span.end < span.start)
        span.end = span.start;
    return span;
}

static bool report(Reader *reader, Span span, const char *message, const char *label)
{
    Diagnostic *d = diagnostic_report(reader->sink, CODE_BAD_PARAMETER_FILE, span, "%s", message);
    diagnostic_set_label(reader->sink, d, "%s", label);
    return false;
}

static bool next_event(Reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        memory_exhausted();
    Span span = span_of_marks(reader, reader->parser.problem_mark, reader->parser.problem_mark);
    return report(reader, span, "this is not YAML", reader->parser.problem ? reader->parser.problem : "it cannot be read further");
}

/* Finding the place of an event costs as much as the text before it, so only what is reported is found. */
static bool report_event(Reader *reader, const yaml_event_t *event, const char *message, const char *label)
{
    return report(reader, span_of_marks(reader, event->start_mark, event->end_mark), message, label);
}

/* A scalar without anchor or tag; plain and quoted ones alike. */
static bool scalar_text(Reader *reader, const yaml_event_t *event, Text *out)
{
    if (event->type == YAML_ALIAS_EVENT)
        return report_event(reader, event, "aliases have no meaning in a parameter file", "write the value itself");
    if (event->type != YAML_SCALAR_EVENT)
        return report_event(reader, event, "a parameter's value is a scalar or a list of scalars", "this is neither");
    if (event->data.scalar.anchor || event->data.scalar.tag)
        return report_event(reader, event, "anchors and tags have no meaning in a parameter file", "write the value alone");
    *out = arena_copy_text(reader->arena, (Text){(const char *)event->data.scalar.value, event->data.scalar.length});
    return true;
}

/* One item of a list into the joined text; false at its end, or after a report with *good false. */
static bool read_item(Reader *reader, Buffer *joined, bool is_first, bool *good)
{
    yaml_event_t event;
    Text item = TEXT_NONE;
    *good = next_event(reader, &event);
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
    if (!next_event(reader, &event))
        return false;
    bool is_list = event.type == YAML_SEQUENCE_START_EVENT && !event.data.sequence_start.anchor && !event.data.sequence_start.tag;
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
        if (!next_event(reader, &event))
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
        if (!next_event(reader, &event))
            return false;
        yaml_event_type_t type = event.type;
        Span span = span_of_marks(reader, event.start_mark, event.end_mark);
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
    Reader reader = {.arena = arena, .sink = sink, .file = file, .origin = sources_path(sink->sources, file), .out = out};
    Text text = sink->sources->files.items[file]->text;
    if (!yaml_parser_initialize(&reader.parser))
        memory_exhausted();
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
    bool good = read_document(&reader);
    yaml_parser_delete(&reader.parser);
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
