/* What the files of the protocols share. Private to aws/protocol*.c. */
#ifndef SVC_AWS_PROTOCOL_PARTS_H
#define SVC_AWS_PROTOCOL_PARTS_H

#include "aws/protocol.h"

/* Where a value stands: "containerDefinitions[2].image". The outermost place has no name. */
typedef struct AwsPlace {
    const struct AwsPlace *above;
    Text name;    /* of a member */
    size_t index; /* of an element; only if the name is empty */
} AwsPlace;

typedef struct AwsWriter {
    Arena *arena;
    Buffer *out;
    Text reason; /* set by the call that returns false */
} AwsWriter;

typedef enum AwsMomentForm {
    AWS_MOMENT_NUMBER, /* whole seconds since 1970 */
    AWS_MOMENT_TEXT,
} AwsMomentForm;

/* Sets the reason, "containerDefinitions[2].image is …", and returns false. */
bool aws_write_refuse(AwsWriter *writer, const AwsPlace *place, const char *what);
/* A plain value (no structure, list or map) in words, without quotes. */
bool aws_write_plain(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value, AwsMomentForm form, Text *out)
    __attribute__((warn_unused_result));
/* The member of a structure, and false when it has none of this name. */
bool aws_write_find_member(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, Text name, SchemaMember *out) __attribute__((warn_unused_result));

/* A whole value as JSON. Of the outermost structure, only what goes into the body. */
bool aws_json_write(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value) __attribute__((warn_unused_result));
/* The form's fields of an operation's input. */
bool aws_query_write(AwsWriter *writer, const AwsOperation *operation, const Json *input) __attribute__((warn_unused_result));
/* Path and query of an operation whose members are partly there. */
bool aws_rest_write_target(AwsWriter *writer, const AwsOperation *operation, const Json *input) __attribute__((warn_unused_result));

/* "2026-07-01T12:00:00Z" of whatever form a moment was sent in; the text itself when it is none. */
Text aws_read_moment_text(Arena *arena, Text text);
Text aws_read_moment_number(Arena *arena, Rational seconds);

void aws_json_read_answer(Arena *arena, const AwsOperation *operation, Text body, AwsRead *out);
void aws_json_read_error(Arena *arena, const AwsHttpResponse *response, AwsRead *out);
void aws_xml_read_answer(Arena *arena, AwsExpat *expat, const AwsOperation *operation, Text body, AwsRead *out);
void aws_xml_read_error(Arena *arena, AwsExpat *expat, Text body, AwsRead *out);

#endif
