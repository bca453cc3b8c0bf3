/* When a call is tried again: the arithmetic of the standard mode, what may have happened, and how many calls go at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/retry.h"

static AwsAttempt refused(int status, const char *code)
{
    return (AwsAttempt){.status = status, .code = text_from_c(code)};
}

static AwsAttemptKind kind_of(int status, const char *code)
{
    AwsAttempt attempt = refused(status, code);
    return aws_attempt_classify(&attempt);
}

static AwsAttemptKind kind_of_failure(AwsHttpFailure failure)
{
    AwsAttempt attempt = {.failure = failure};
    return aws_attempt_classify(&attempt);
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(kind_of(200, ""), AWS_ATTEMPT_GOOD);
    assert_int_equal(kind_of(400, "ThrottlingException"), AWS_ATTEMPT_THROTTLED);
    assert_int_equal(kind_of(400, "Throttling"), AWS_ATTEMPT_THROTTLED);
    assert_int_equal(kind_of(503, "RequestLimitExceeded"), AWS_ATTEMPT_THROTTLED);
    assert_int_equal(kind_of(429, "Whatever"), AWS_ATTEMPT_THROTTLED);
    assert_int_equal(kind_of(400, "LimitExceededException"), AWS_ATTEMPT_REFUSED);
    assert_int_equal(kind_of(409, "OperationAbortedException"), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of(400, "ConcurrentUpdateException"), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of(400, "RequestTimeout"), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of(500, "InternalFailure"), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of(502, "502"), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of(501, "NotImplemented"), AWS_ATTEMPT_REFUSED);
    assert_int_equal(kind_of(400, "AccessDeniedException"), AWS_ATTEMPT_REFUSED);
    assert_int_equal(kind_of(403, "SignatureDoesNotMatch"), AWS_ATTEMPT_CLOCK);
    assert_int_equal(kind_of(400, "ExpiredTokenException"), AWS_ATTEMPT_EXPIRED);
}

static void test_failures(void **state)
{
    (void)state;
    assert_int_equal(kind_of_failure(AWS_HTTP_TIMEOUT), AWS_ATTEMPT_TIMEOUT);
    assert_int_equal(kind_of_failure(AWS_HTTP_BROKEN), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of_failure(AWS_HTTP_NOT_CONNECTED), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of_failure(AWS_HTTP_UNKNOWN_HOST), AWS_ATTEMPT_TRANSIENT);
    assert_int_equal(kind_of_failure(AWS_HTTP_BAD_CERTIFICATE), AWS_ATTEMPT_REFUSED);
    assert_int_equal(kind_of_failure(AWS_HTTP_NO_LIBRARY), AWS_ATTEMPT_REFUSED);
    assert_int_equal(kind_of_failure(AWS_HTTP_INTERRUPTED), AWS_ATTEMPT_REFUSED);
}

static bool may_have_happened(AwsAttempt attempt)
{
    return aws_attempt_may_have_happened(&attempt);
}

static void test_what_may_have_happened(void **state)
{
    (void)state;
    assert_true(may_have_happened((AwsAttempt){.failure = AWS_HTTP_TIMEOUT}));
    assert_true(may_have_happened((AwsAttempt){.failure = AWS_HTTP_BROKEN}));
    assert_true(may_have_happened((AwsAttempt){.failure = AWS_HTTP_TOO_LARGE}));
    assert_true(may_have_happened((AwsAttempt){.status = 200, .is_garbled = true}));
    assert_true(may_have_happened(refused(500, "InternalFailure")));
    assert_true(may_have_happened(refused(504, "504")));
    assert_false(may_have_happened(refused(503, "SlowDown")));
    assert_false(may_have_happened(refused(400, "AccessDenied")));
    assert_false(may_have_happened((AwsAttempt){.failure = AWS_HTTP_NOT_CONNECTED}));
    assert_false(may_have_happened((AwsAttempt){.failure = AWS_HTTP_UNKNOWN_HOST}));
    assert_false(may_have_happened((AwsAttempt){.status = 200}));
}

static void test_delays(void **state)
{
    (void)state;
    static const int full[] = {1000, 2000, 4000, 8000, 16000, 20000, 20000};
    AwsRetryQuota quota = {AWS_RETRY_QUOTA};
    AwsRetryState retry = {0};
    for (size_t i = 0; i < sizeof full / sizeof full[0]; i++) {
        AwsRetryDecision decision = aws_retry_decide(&quota, &retry, AWS_ATTEMPT_THROTTLED, 100, 0.5);
        assert_true(decision.is_retried);
        assert_int_equal(decision.delay_ms, full[i] / 2);
    }
    retry = (AwsRetryState){0};
    assert_int_equal(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_TRANSIENT, 3, 0).delay_ms, 0);
}

static void test_attempts(void **state)
{
    (void)state;
    AwsRetryQuota quota = {AWS_RETRY_QUOTA};
    AwsRetryState retry = {0};
    assert_true(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_TRANSIENT, AWS_RETRY_ATTEMPTS, 0).is_retried);
    assert_true(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_THROTTLED, AWS_RETRY_ATTEMPTS, 0).is_retried);
    assert_false(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_THROTTLED, AWS_RETRY_ATTEMPTS, 0).is_retried);
    assert_int_equal(retry.attempts, 3);
    assert_int_equal(quota.left, AWS_RETRY_QUOTA - 10);
    retry = (AwsRetryState){0};
    assert_false(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_REFUSED, AWS_RETRY_ATTEMPTS, 0).is_retried);
    retry = (AwsRetryState){0};
    assert_false(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_TRANSIENT, 1, 0).is_retried);
    assert_int_equal(quota.left, AWS_RETRY_QUOTA - 10);
}

static void test_quota(void **state)
{
    (void)state;
    AwsRetryQuota quota = {12};
    AwsRetryState first = {0};
    AwsRetryState second = {0};
    AwsRetryState third = {0};
    assert_true(aws_retry_decide(&quota, &first, AWS_ATTEMPT_TIMEOUT, 3, 0).is_retried);
    assert_int_equal(quota.left, 2);
    assert_false(aws_retry_decide(&quota, &second, AWS_ATTEMPT_THROTTLED, 3, 0).is_retried);
    assert_int_equal(quota.left, 2);
    aws_retry_succeed(&quota, &first);
    assert_int_equal(quota.left, 12);
    aws_retry_succeed(&quota, &third);
    assert_int_equal(quota.left, 13);
    quota.left = AWS_RETRY_QUOTA - 3;
    aws_retry_succeed(&quota, &first);
    assert_int_equal(quota.left, AWS_RETRY_QUOTA);
}

/* A clock set right and new credentials help once, cost nothing and count as no attempt. */
static void test_what_helps_once(void **state)
{
    (void)state;
    AwsRetryQuota quota = {AWS_RETRY_QUOTA};
    AwsRetryState retry = {0};
    assert_true(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_CLOCK, 3, 0.9).is_retried);
    assert_true(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_EXPIRED, 3, 0.9).is_retried);
    assert_int_equal(retry.attempts, 0);
    assert_int_equal(quota.left, AWS_RETRY_QUOTA);
    assert_false(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_CLOCK, 3, 0.9).is_retried);
    assert_false(aws_retry_decide(&quota, &retry, AWS_ATTEMPT_EXPIRED, 3, 0.9).is_retried);
}

static void test_pace(void **state)
{
    (void)state;
    AwsPace pace = aws_pace_begin(8);
    assert_int_equal(aws_pace_throttle(&pace, 0), 125);
    assert_int_equal(pace.limit, 4);
    assert_int_equal(aws_pace_throttle(&pace, 1), 500);
    assert_int_equal(pace.limit, 2);
    for (int i = 0; i < 10; i++)
        (void)aws_pace_throttle(&pace, 0);
    assert_int_equal(pace.limit, 1);
    assert_int_equal(pace.rest_ms, 5000);
    for (int i = 0; i < 10; i++)
        aws_pace_succeed(&pace);
    assert_int_equal(pace.limit, 2);
    assert_int_equal(pace.rest_ms, 0);
    for (int i = 0; i < 1000; i++)
        aws_pace_succeed(&pace);
    assert_int_equal(pace.limit, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_what_may_have_happened),
        cmocka_unit_test(test_delays),
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_what_helps_once),
        cmocka_unit_test(test_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
