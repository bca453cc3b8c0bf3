#include "aws/retry.h"

enum {
    COST = 5,
    COST_OF_TIMEOUT = 10,
    GIVEN_BACK = 1,
    DELAY_BASE_MS = 1000,
    DELAY_MAX_MS = 20 * 1000,
    REST_FIRST_MS = 250,
    REST_MAX_MS = 5 * 1000,
    SUCCESSES_OF_ONE_MORE = 10,
};

/* A table of AWS's names of errors. */
typedef struct CodeRow {
    const char *code;
    AwsAttemptKind kind;
} CodeRow;

/* LimitExceededException is not among them: for the services that svc calls it is a quota that is used up. */
static const CodeRow codes[] = {
    {"Throttling", AWS_ATTEMPT_THROTTLED},
    {"ThrottlingException", AWS_ATTEMPT_THROTTLED},
    {"ThrottledException", AWS_ATTEMPT_THROTTLED},
    {"RequestThrottled", AWS_ATTEMPT_THROTTLED},
    {"RequestThrottledException", AWS_ATTEMPT_THROTTLED},
    {"TooManyRequestsException", AWS_ATTEMPT_THROTTLED},
    {"RequestLimitExceeded", AWS_ATTEMPT_THROTTLED},
    {"BandwidthLimitExceeded", AWS_ATTEMPT_THROTTLED},
    {"SlowDown", AWS_ATTEMPT_THROTTLED},
    {"PriorRequestNotComplete", AWS_ATTEMPT_THROTTLED},
    {"EC2ThrottledException", AWS_ATTEMPT_THROTTLED},
    {"RequestTimeout", AWS_ATTEMPT_TRANSIENT},
    {"RequestTimeoutException", AWS_ATTEMPT_TRANSIENT},
    {"ConcurrentModification", AWS_ATTEMPT_TRANSIENT},
    {"ConcurrentModificationException", AWS_ATTEMPT_TRANSIENT},
    {"ConcurrentUpdateException", AWS_ATTEMPT_TRANSIENT},
    {"OperationAbortedException", AWS_ATTEMPT_TRANSIENT},
    {"RequestTimeTooSkewed", AWS_ATTEMPT_CLOCK},
    {"RequestInTheFuture", AWS_ATTEMPT_CLOCK},
    {"RequestExpired", AWS_ATTEMPT_CLOCK},
    {"InvalidSignatureException", AWS_ATTEMPT_CLOCK},
    {"SignatureDoesNotMatch", AWS_ATTEMPT_CLOCK},
    {"AuthFailure", AWS_ATTEMPT_CLOCK},
    {"ExpiredToken", AWS_ATTEMPT_EXPIRED},
    {"ExpiredTokenException", AWS_ATTEMPT_EXPIRED},
};

static bool is_server_error(int status)
{
    return status == 500 || status == 502 || status == 503 || status == 504;
}

static AwsAttemptKind classify_failure(AwsHttpFailure failure)
{
    switch (failure) {
    case AWS_HTTP_UNKNOWN_HOST:
    case AWS_HTTP_NOT_CONNECTED:
    case AWS_HTTP_BROKEN: return AWS_ATTEMPT_TRANSIENT;
    case AWS_HTTP_TIMEOUT: return AWS_ATTEMPT_TIMEOUT;
    case AWS_HTTP_OK:
    case AWS_HTTP_NO_LIBRARY:
    case AWS_HTTP_BAD_URL:
    case AWS_HTTP_BAD_CERTIFICATE:
    case AWS_HTTP_TOO_LARGE:
    case AWS_HTTP_INTERRUPTED: break;
    }
    return AWS_ATTEMPT_REFUSED;
}

AwsAttemptKind aws_attempt_classify(const AwsAttempt *attempt)
{
    if (attempt->failure != AWS_HTTP_OK)
        return classify_failure(attempt->failure);
    if (attempt->is_garbled)
        return AWS_ATTEMPT_TRANSIENT;
    if (attempt->code.len == 0)
        return AWS_ATTEMPT_GOOD;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (text_equal_c(attempt->code, codes[i].code))
            return codes[i].kind;
    if (attempt->status == 429)
        return AWS_ATTEMPT_THROTTLED;
    return is_server_error(attempt->status) ? AWS_ATTEMPT_TRANSIENT : AWS_ATTEMPT_REFUSED;
}

bool aws_attempt_may_have_happened(const AwsAttempt *attempt)
{
    switch (attempt->failure) {
    case AWS_HTTP_TIMEOUT:
    case AWS_HTTP_BROKEN:
    case AWS_HTTP_TOO_LARGE:
    case AWS_HTTP_INTERRUPTED: return true;
    case AWS_HTTP_NO_LIBRARY:
    case AWS_HTTP_BAD_URL:
    case AWS_HTTP_UNKNOWN_HOST:
    case AWS_HTTP_NOT_CONNECTED:
    case AWS_HTTP_BAD_CERTIFICATE: return false;
    case AWS_HTTP_OK: break;
    }
    if (attempt->is_garbled)
        return true;
    bool is_throttled = aws_attempt_classify(attempt) == AWS_ATTEMPT_THROTTLED;
    return attempt->code.len > 0 && attempt->status >= 500 && !is_throttled;
}

/* What helps once: a clock set right, new credentials. Neither waits, and neither is AWS's trouble. */
static bool is_helped_once(AwsRetryState *state, AwsAttemptKind kind)
{
    bool *has_helped = kind == AWS_ATTEMPT_CLOCK ? &state->has_set_clock : &state->has_renewed;
    bool is_first = !*has_helped;
    *has_helped = true;
    return is_first;
}

AwsRetryDecision aws_retry_decide(AwsRetryQuota *quota, AwsRetryState *state, AwsAttemptKind kind, int max_attempts, double random)
{
    AwsRetryDecision no = {false, 0};
    if (kind == AWS_ATTEMPT_CLOCK || kind == AWS_ATTEMPT_EXPIRED)
        return (AwsRetryDecision){is_helped_once(state, kind), 0};
    int exponent = state->attempts++;
    int cost = kind == AWS_ATTEMPT_TIMEOUT ? COST_OF_TIMEOUT : COST;
    if (kind == AWS_ATTEMPT_GOOD || kind == AWS_ATTEMPT_REFUSED || state->attempts >= max_attempts || quota->left < cost)
        return no;
    quota->left -= cost;
    state->taken = cost;
    int64_t delay = exponent < 5 ? (int64_t)DELAY_BASE_MS << exponent : DELAY_MAX_MS;
    if (delay > DELAY_MAX_MS)
        delay = DELAY_MAX_MS;
    return (AwsRetryDecision){true, (int)(random * (double)delay)};
}

void aws_retry_succeed(AwsRetryQuota *quota, const AwsRetryState *state)
{
    quota->left += state->taken ? state->taken : GIVEN_BACK;
    if (quota->left > AWS_RETRY_QUOTA)
        quota->left = AWS_RETRY_QUOTA;
}

AwsPace aws_pace_begin(int most)
{
    return (AwsPace){.limit = most, .most = most};
}

int aws_pace_throttle(AwsPace *pace, double random)
{
    pace->limit = pace->limit > 1 ? pace->limit / 2 : 1;
    pace->successes = 0;
    pace->rest_ms = pace->rest_ms ? pace->rest_ms * 2 : REST_FIRST_MS;
    if (pace->rest_ms > REST_MAX_MS)
        pace->rest_ms = REST_MAX_MS;
    return (int)((0.5 + random / 2) * pace->rest_ms);
}

void aws_pace_succeed(AwsPace *pace)
{
    pace->rest_ms = 0;
    if (pace->limit < pace->most && ++pace->successes >= SUCCESSES_OF_ONE_MORE) {
        pace->limit++;
        pace->successes = 0;
    }
}
