/* YAML that people wrote: libyaml's events over a registered source, with places in it. */
#ifndef SVC_DOCUMENT_YAML_H
#define SVC_DOCUMENT_YAML_H

#include "diagnostics/diagnostic.h"

#include <yaml.h>

typedef struct YamlReader {
    Diagnostics *sink;
    uint32_t file;
    DiagnosticCode code; /* of what is no YAML */
    yaml_parser_t parser;
} YamlReader;

/* Begins to read the file `file` of the sink's sources; end with yaml_reader_end. */
void yaml_reader_begin(YamlReader *reader, Diagnostics *sink, uint32_t file, DiagnosticCode code);
void yaml_reader_end(YamlReader *reader);
/* The next event, which the caller gives to yaml_event_delete. False after a report: the text is no YAML. */
bool yaml_reader_next(YamlReader *reader, yaml_event_t *event) __attribute__((warn_unused_result));
/* The place of an event. Finding it costs as much as the text before it, so find only what is kept or reported. */
Span yaml_reader_span(const YamlReader *reader, const yaml_event_t *event);
/* Whether an anchor or a tag is on it, or it is an alias: what has no meaning in files of settings. */
bool yaml_event_is_marked(const yaml_event_t *event);

#endif
