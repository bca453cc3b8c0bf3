/* ARNs: parts, and what stands for accounts and regions. */
#include "document/arn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_part(const char *arn, ArnPart part, const char *expected)
{
    Text found = arn_part(text_from_c(arn), part);
    if (!text_equal_c(found, expected))
        fail_msg("part %d of %s is %.*s, not %s", (int)part, arn, TEXT_ARG(found), expected);
}

static void test_parts(void **state)
{
    (void)state;
    const char *secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/key-AbCdEf:user::";
    check_part(secret, ARN_PREFIX, "arn");
    check_part(secret, ARN_SERVICE, "secretsmanager");
    check_part(secret, ARN_REGION, "us-east-1");
    check_part(secret, ARN_ACCOUNT, "123456789012");
    check_part(secret, ARN_RESOURCE, "secret:shop/key-AbCdEf:user::");
    check_part("arn:aws:iam::123456789012:role/api", ARN_REGION, "");
    check_part("arn:aws:sns", ARN_SERVICE, "sns");
    check_part("arn:aws:sns", ARN_REGION, "");
    check_part("", ARN_SERVICE, "");
}

static void test_split(void **state)
{
    (void)state;
    Text parts[ARN_PARTS];
    assert_true(arn_split(TEXT("arn:aws:ecs:eu-west-1:123456789012:cluster/a:b"), parts));
    assert_true(text_equal_c(parts[ARN_PARTITION], "aws"));
    assert_true(text_equal_c(parts[ARN_RESOURCE], "cluster/a:b"));
    assert_false(arn_split(TEXT("arn:aws:ecs:eu-west-1:123456789012"), parts));
    assert_false(arn_split(TEXT("urn:aws:ecs:eu-west-1:123456789012:cluster/a"), parts));
    assert_false(arn_split(TEXT_NONE, parts));
}

static void test_account_and_region(void **state)
{
    (void)state;
    assert_true(arn_is_account(TEXT("123456789012")));
    assert_false(arn_is_account(TEXT("12345678901")));
    assert_false(arn_is_account(TEXT("12345678901x")));
    assert_false(arn_is_account(TEXT_NONE));
    assert_true(arn_is_region(TEXT("us-east-1")));
    assert_true(arn_is_region(TEXT("us-gov-west-1")));
    assert_false(arn_is_region(TEXT("us-east")));
    assert_false(arn_is_region(TEXT("us-east-1a")));
    assert_false(arn_is_region(TEXT("REGION")));
    assert_false(arn_is_region(TEXT_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_account_and_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
