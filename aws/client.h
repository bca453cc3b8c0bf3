/* Calls of AWS over the network: signed, tried again, paged, many at once. */
#ifndef SVC_AWS_CLIENT_H
#define SVC_AWS_CLIENT_H

#include "aws/caller.h"
#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/settings.h"
#include "base/buffer.h"

/* Codes of failures that are not AWS's word; AwsAnswer.message says more. */
#define AWS_CODE_BAD_INPUT "svc:BadInput"           /* the input is not what AWS takes: nothing was sent */
#define AWS_CODE_NO_ENDPOINT "svc:NoEndpoint"       /* no region, or one that cannot be: nothing was sent */
#define AWS_CODE_NO_CREDENTIALS "svc:NoCredentials" /* nothing was sent; aws_client_explain_credentials says what was looked at */
#define AWS_CODE_NO_ANSWER "svc:NoAnswer"           /* the connection failed, or ended before the answer */
#define AWS_CODE_UNREADABLE "svc:Unreadable"        /* an answer came that is not of the protocol */
#define AWS_CODE_INTERRUPTED "svc:Interrupted"

/* One attempt, for --debug: nothing in it is secret. */
typedef struct AwsCallLog {
    Text service;
    Text operation;
    int attempt; /* from 1 */
    int status;  /* 0: no answer */
    Text code;   /* of the error; empty: none */
    Text message; /* of a connection that failed; AWS's own messages may repeat what was sent */
    Text request_id;
    int milliseconds;
    size_t bytes_sent;
    size_t bytes_received;
    bool is_retried;
    int delay_ms; /* before the next attempt */
} AwsCallLog;

typedef struct AwsLogger {
    void (*log)(void *context, const AwsCallLog *attempt); /* NULL: nobody wants to know */
    void *context;
} AwsLogger;

/* "ecs DescribeServices: 200 in 31 ms (request 5f0c…, 120 bytes sent, 3021 received)" and a newline. */
void aws_log_line(Buffer *out, const AwsCallLog *attempt);

/* For --stats. */
typedef struct AwsCallCount {
    Text service;
    Text operation;
    int64_t requests; /* each page and each attempt is one */
    int64_t retries;  /* of those, the ones after a failed attempt */
    int64_t milliseconds; /* of all together, although many ran at the same time */
} AwsCallCount;

typedef struct AwsClientOptions {
    const AwsSettings *settings;
    AwsHttp *http; /* aws_http_trust and aws_http_watch are the caller's to call */
    AwsCredentialsProvider *credentials;
    Text region; /* empty: the settings' */
    const volatile sig_atomic_t *interrupts; /* as in aws_http_watch; NULL: none */
    AwsLogger logger;
    int timeout_ms; /* of one attempt; 0: a minute */
} AwsClientOptions;

typedef struct AwsClient AwsClient;

/* Asks nothing yet. It lives in the arena, needs what the options point to, and must be closed. */
AwsClient *aws_client_create(Arena *arena, const AwsClientOptions *options);
/* What is under way is given up: close http first. */
void aws_client_close(AwsClient *client);

/* The client as what reads and changes accounts knows it. An operation that comes in pages is asked for all of them and its answer is one, without the token.
   An input that has the token's member, be it null for the first page, asks for that page alone, and its answer has the next token.
   What is not safe to repeat (aws_operation_is_repeatable) and may have happened is not tried again. */
AwsCaller aws_client_caller(AwsClient *client);
/* One call, waited for, while no other is under way. */
void aws_client_call(AwsClient *client, Arena *arena, AwsCall *call);

/* By service and operation, in the order of the first calls. Valid until the next call. */
const AwsCallCount *aws_client_counts(const AwsClient *client, size_t *count);
/* Why there are no credentials, in lines for a person; empty when none were missing. */
Text aws_client_explain_credentials(AwsClient *client);

#endif
