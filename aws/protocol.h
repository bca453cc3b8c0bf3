/* AWS's wire protocols, driven by the tables of schema/: JSON 1.0 and 1.1, query, EC2's query, and JSON over REST. A call's input becomes a request, its
   answer JSON in the members of AWS's model, as AWS's SDKs give it:
   - moments are texts, "2026-07-01T12:00:00Z", with a fraction of a second where there is one
   - a blob is its base64 in both directions
   - what the answer does not say is absent; a list that is there is an array, also when it has one element or none
   - what the tables do not know is left out of answers, and refused in requests */
#ifndef SVC_AWS_PROTOCOL_H
#define SVC_AWS_PROTOCOL_H

#include "aws/http.h"
#include "aws/library.h"
#include "document/json.h"
#include "schema/schema.h"

typedef struct AwsOperation {
    const SchemaService *service;
    SchemaServiceFacts facts;
    SchemaOperation operation;
} AwsOperation;

/* False when the tables have no such service or operation, or its protocol is not spoken. Names are botocore's: "elbv2", "DescribeRules". */
bool aws_operation_find(Text service, Text operation, AwsOperation *out) __attribute__((warn_unused_result));
/* It reads: sent twice, it does no harm. */
bool aws_operation_is_read(const AwsOperation *operation);
/* Sent twice with this input it comes to the same as sent once: it reads, it sets or removes what it names, or a token tells AWS that both are one. */
bool aws_operation_is_repeatable(const AwsOperation *operation, const Json *input);

/* What is sent, below the endpoint's URL. */
typedef struct AwsWireRequest {
    Text method;
    Text target; /* path and query, encoded; begins with a slash */
    const AwsHeader *headers;
    size_t header_count;
    Text body;
} AwsWireRequest;

/* False with *reason, which names the place, when the input is not what the operation takes, or holds what nobody knows yet. NULL is an empty input. */
bool aws_protocol_write(Arena *arena, const AwsOperation *operation, const Json *input, AwsWireRequest *out, Text *reason)
    __attribute__((warn_unused_result));

typedef enum AwsReadKind {
    AWS_READ_OUTPUT,
    AWS_READ_ERROR,   /* AWS, or something on the way, says that it failed */
    AWS_READ_GARBLED, /* it says success in bytes that are not what the protocol has */
} AwsReadKind;

typedef struct AwsRead {
    AwsReadKind kind;
    Json *output;    /* of AWS_READ_OUTPUT; an object */
    Text code;       /* of AWS_READ_ERROR: as AWS names it, or the status as a number where nothing else is said */
    Text message;    /* of both kinds of failure */
    Text request_id; /* empty: not said */
} AwsRead;

/* The response's failure must be AWS_HTTP_OK. What is given lives in the arena and holds no part of the response. */
void aws_protocol_read(Arena *arena, AwsExpat *expat, const AwsOperation *operation, const AwsHttpResponse *response, AwsRead *out);

#endif
