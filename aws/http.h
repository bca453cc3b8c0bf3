/* HTTP over libcurl, which is loaded when the first connection is wanted: a command that never asks AWS anything does not pay for it. */
#ifndef SVC_AWS_HTTP_H
#define SVC_AWS_HTTP_H

#include "base/arena.h"
#include "base/text.h"

#include <signal.h>

typedef struct AwsHeader {
    Text name;
    Text value;
} AwsHeader;

typedef struct AwsHttpRequest {
    Text method; /* "GET", "POST", "PUT" */
    Text url;    /* sent as it is: whoever signs decides how the path and the query are encoded */
    const AwsHeader *headers;
    size_t header_count;
    Text body;
    int connect_timeout_ms; /* 0: 10 seconds */
    int timeout_ms;         /* of the whole exchange; 0: 60 seconds */
    bool is_direct;         /* never by a proxy: container and instance metadata */
    /* It changes something. It goes over a new connection: over an old one that breaks before the answer, libcurl would send it once more by itself.
       And the first interrupt lets it finish. */
    bool is_write;
} AwsHttpRequest;

typedef enum AwsHttpFailure {
    AWS_HTTP_OK = 0,       /* an answer came, of whatever status */
    AWS_HTTP_NO_LIBRARY,   /* libcurl cannot be loaded */
    AWS_HTTP_BAD_URL,
    AWS_HTTP_UNKNOWN_HOST,
    AWS_HTTP_NOT_CONNECTED, /* refused, unreachable, or no answer within connect_timeout_ms: the request was not sent */
    AWS_HTTP_BAD_CERTIFICATE,
    AWS_HTTP_TIMEOUT,       /* it was sent, and may have been carried out */
    AWS_HTTP_BROKEN,        /* the connection ended before the answer was whole: it may have been carried out */
    AWS_HTTP_TOO_LARGE,     /* more than the cap on answers */
    AWS_HTTP_INTERRUPTED,   /* given up on Ctrl-C: it may have been carried out */
} AwsHttpFailure;

typedef struct AwsHttpResponse {
    AwsHttpFailure failure;
    Text reason; /* one sentence when failure is set: host and what was said */
    int status;
    const AwsHeader *headers; /* names in lower case */
    size_t header_count;
    Text body;
} AwsHttpResponse;

typedef struct AwsHttp AwsHttp;

/* Opens nothing yet. It lives in the arena, and must be closed. */
AwsHttp *aws_http_create(Arena *arena);
void aws_http_close(AwsHttp *http);

/* PEM of the authorities to trust in place of the system's; empty: the system's. */
void aws_http_trust(AwsHttp *http, Text ca_bundle);
/* Counts Ctrl-C: from 1 on nothing is begun and what only reads is given up, from 2 on everything is. It must outlive http. */
void aws_http_watch(AwsHttp *http, const volatile sig_atomic_t *interrupts);

/* Many at once: begins a request. The response will live in `arena`; the request's texts must stay until it has ended. `tag` comes back with it. */
void aws_http_start(AwsHttp *http, Arena *arena, const AwsHttpRequest *request, void *tag);
/* Waits until one that was started has ended, and gives its tag and response. False when none did within timeout_ms, or none is under way. */
bool aws_http_wait(AwsHttp *http, int timeout_ms, void **tag, AwsHttpResponse *response) __attribute__((warn_unused_result));
/* How many are under way. */
size_t aws_http_count(const AwsHttp *http);

/* One request, waited for. The response lives in `arena`. Others that are under way stand still meanwhile. */
void aws_http_perform(AwsHttp *http, Arena *arena, const AwsHttpRequest *request, AwsHttpResponse *response);

/* The value of a response's header, whose name is given in lower case; empty when there is none. */
Text aws_http_header(const AwsHttpResponse *response, const char *name);

#endif
