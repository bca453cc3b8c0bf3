/* When a call is tried again: the `standard` mode of AWS's SDKs, as plain arithmetic. */
#ifndef SVC_AWS_RETRY_H
#define SVC_AWS_RETRY_H

#include "aws/http.h"

/* How one attempt ended, as far as trying again goes. */
typedef enum AwsAttemptKind {
    AWS_ATTEMPT_GOOD,
    AWS_ATTEMPT_REFUSED,   /* the same would happen again */
    AWS_ATTEMPT_TRANSIENT, /* AWS or the connection failed */
    AWS_ATTEMPT_TIMEOUT,
    AWS_ATTEMPT_THROTTLED,
    AWS_ATTEMPT_CLOCK,     /* signed by a clock that is wrong */
    AWS_ATTEMPT_EXPIRED,   /* the credentials have ended */
} AwsAttemptKind;

/* What is known of an attempt. */
typedef struct AwsAttempt {
    AwsHttpFailure failure;
    int status;  /* 0 without an answer */
    Text code;   /* of AWS's error; empty: none */
    bool is_garbled; /* success, in bytes that cannot be read */
} AwsAttempt;

AwsAttemptKind aws_attempt_classify(const AwsAttempt *attempt);
/* It failed so that nobody can tell whether AWS carried it out. */
bool aws_attempt_may_have_happened(const AwsAttempt *attempt);

enum { AWS_RETRY_ATTEMPTS = 3, AWS_RETRY_QUOTA = 500 };

/* What retries of a client may cost in all, so that an AWS in trouble is not troubled more. */
typedef struct AwsRetryQuota {
    int left;
} AwsRetryQuota;

typedef struct AwsRetryState {
    int attempts; /* that have ended */
    int taken;    /* from the quota, by the last retry */
    bool has_set_clock;
    bool has_renewed; /* the credentials */
} AwsRetryState;

typedef struct AwsRetryDecision {
    bool is_retried;
    int delay_ms;
} AwsRetryDecision;

/* After an attempt that ended as `kind`: the state counts it, and the quota pays when it is to be tried again. `random` is from 0 to below 1. */
AwsRetryDecision aws_retry_decide(AwsRetryQuota *quota, AwsRetryState *state, AwsAttemptKind kind, int max_attempts, double random);
/* After one that succeeded: gives back what the last retry took, or 1 when there was none. */
void aws_retry_succeed(AwsRetryQuota *quota, const AwsRetryState *state);

/* How many calls of one service may be under way. Each throttling halves it and makes the service rest; what succeeds raises it again, slowly. */
typedef struct AwsPace {
    int limit;     /* now */
    int most;
    int successes; /* since it last changed */
    int rest_ms;   /* of the last throttling; 0: none */
} AwsPace;

AwsPace aws_pace_begin(int most);
/* How long nothing of this service is to be begun. */
int aws_pace_throttle(AwsPace *pace, double random);
void aws_pace_succeed(AwsPace *pace);

#endif
