#include "document/yaml.h"

#include "base/memory.h"

/* libyaml counts marks in characters, sources in bytes: go by line and column. */
static uint32_t offset_of_mark(const YamlReader *reader, yaml_mark_t mark)
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

static Span span_of_marks(const YamlReader *reader, yaml_mark_t start, yaml_mark_t end)
{
    Span span = {reader->file, offset_of_mark(reader, start), offset_of_mark(reader, end)};
    if (span.end <= span.start) /* such as the start of a list in block style: what begins it */
        span.end = span.start < reader->sink->sources->files.items[reader->file]->text.len ? span.start + 1 : span.start;
    return span;
}

void yaml_reader_begin(YamlReader *reader, Diagnostics *sink, uint32_t file, DiagnosticCode code)
{
    *reader = (YamlReader){.sink = sink, .file = file, .code = code};
    Text text = sink->sources->files.items[file]->text;
    if (!yaml_parser_initialize(&reader->parser))
        memory_exhausted();
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
}

void yaml_reader_end(YamlReader *reader)
{
    yaml_parser_delete(&reader->parser);
}

bool yaml_reader_next(YamlReader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        memory_exhausted();
    Diagnostic *d = diagnostic_report(reader->sink, reader->code, span_of_marks(reader, reader->parser.problem_mark, reader->parser.problem_mark),
                                      "this is not YAML");
    diagnostic_set_label(reader->sink, d, "%s", reader->parser.problem ? reader->parser.problem : "it cannot be read further");
    return false;
}

Span yaml_reader_span(const YamlReader *reader, const yaml_event_t *event)
{
    return span_of_marks(reader, event->start_mark, event->end_mark);
}

bool yaml_event_is_marked(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor || event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    if (event->type == YAML_MAPPING_START_EVENT)
        return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    return event->type == YAML_ALIAS_EVENT;
}
