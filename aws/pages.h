/* Answers that come in pages, as the tables of schema/ describe them. */
#ifndef SVC_AWS_PAGES_H
#define SVC_AWS_PAGES_H

#include "aws/protocol.h"

/* Zero-initialise. What has been gathered so far. */
typedef struct AwsPages {
    Json *joined; /* NULL before the first page */
    Text token;   /* of the page to ask for; empty: the first */
    size_t count;
} AwsPages;

typedef enum AwsPagesNext {
    AWS_PAGES_DONE, /* joined is the whole answer */
    AWS_PAGES_MORE, /* ask for the page of the token */
    AWS_PAGES_ENDLESS,
} AwsPagesNext;

/* The input to send for the next page. */
const Json *aws_pages_input(Arena *arena, const AwsPages *pages, const AwsOperation *operation, const Json *input);
/* Takes the answer to it, whose node it may keep and change. */
AwsPagesNext aws_pages_take(Arena *arena, AwsPages *pages, const AwsOperation *operation, const Json *input, Json *output);

#endif
