/* Calls of AWS, whoever answers them: the network, a simulated account, a test. What reads and changes accounts knows only this. */
#ifndef SVC_AWS_CALLER_H
#define SVC_AWS_CALLER_H

#include "document/json.h"

/* What came back. Lives in the arena that the call was started with. */
typedef struct AwsAnswer {
    Json *output;           /* in the members of AWS's model; NULL when it failed */
    Text code;              /* of the error, as AWS names it ("ClusterNotFoundException"); empty when it did not fail */
    Text message;           /* what AWS, or the way to it, said */
    Text request_id;
    int status;             /* of HTTP; 0 without an answer */
    bool may_have_happened; /* it failed so that nobody knows whether it was carried out: a timeout, a broken connection, a 500 */
    bool is_throttled;      /* it failed because of too many requests, and was tried as often as is allowed */
} AwsAnswer;

typedef struct AwsCall {
    const char *service; /* as botocore calls it: "ecs", "elbv2" */
    Text operation;
    Json *input;
    void *context;       /* the caller's own */
    AwsAnswer answer;    /* filled in when it has ended */
} AwsCall;

/* All pages of a paged operation count as one call, whose output has them joined. */
typedef struct AwsCaller {
    void *self;
    /* Begins a call, which must stay where it is until it has ended. It is tried again as AWS says. */
    void (*start)(void *self, Arena *arena, AwsCall *call);
    /* Waits until a call that was started has ended, and returns it. NULL when `until_ms` came first (a time of now_ms; with nothing
       under way this sleeps until then), when it was interrupted, or when nothing is under way and until_ms is 0. */
    AwsCall *(*wait)(void *self, int64_t until_ms);
    /* Milliseconds since 1970 by AWS's clock, as its answers' Date headers tell; by this machine's before the first. */
    int64_t (*now_ms)(void *self);
    /* The first Ctrl-C: what is under way ends, and nothing else is to be begun. */
    bool (*is_interrupted)(void *self);
} AwsCaller;

#endif
