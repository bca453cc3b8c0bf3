/* Signatures that AWS publishes: of its test suite, and of its documentation's example. tests/aws/check_sigv4.py compares thousands of others with botocore's. */
#include "aws/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SUITE_TIME = 1440938160 }; /* 2015-08-30T12:36:00Z */

static const AwsCredentials suite = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
};

static Text find_header(const AwsHttpRequest *request, const char *name)
{
    Text found = TEXT_NONE;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!text_equal_c(request->headers[i].name, name))
            continue;
        assert_true(found.ptr == NULL); /* once only */
        found = request->headers[i].value;
    }
    return found;
}

static void expect_signature(const char *service, AwsHttpRequest request, const char *authorization)
{
    Arena arena = {0};
    AwsSigning signing = {text_from_c(service), TEXT("us-east-1"), &suite, SUITE_TIME};
    aws_sigv4_sign(&arena, &signing, &request);
    assert_string_equal(arena_copy_text(&arena, find_header(&request, "Authorization")).ptr, authorization);
    /* Signed again it is the same: nothing of the first signature is signed. */
    aws_sigv4_sign(&arena, &signing, &request);
    assert_string_equal(arena_copy_text(&arena, find_header(&request, "Authorization")).ptr, authorization);
    assert_true(text_equal_c(find_header(&request, "X-Amz-Date"), "20150830T123600Z"));
    arena_free(&arena);
}

static void test_suite(void **state)
{
    (void)state;
    expect_signature("service", (AwsHttpRequest){.method = TEXT("GET"), .url = TEXT("https://example.amazonaws.com/")},
                     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
                     "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    expect_signature("service", (AwsHttpRequest){.method = TEXT("GET"), .url = TEXT("https://example.amazonaws.com/?Param2=value2&Param1=value1")},
                     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
                     "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

static void test_documented_example(void **state)
{
    (void)state;
    AwsHeader header = {TEXT("Content-Type"), TEXT("application/x-www-form-urlencoded; charset=utf-8")};
    expect_signature("iam",
                     (AwsHttpRequest){.method = TEXT("GET"),
                                      .url = TEXT("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
                                      .headers = &header,
                                      .header_count = 1},
                     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
                     "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* A request that was signed with a session token and is signed again with a user's own key. */
static void test_earlier_token_is_dropped(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsCredentials session = suite;
    session.session_token = TEXT("token");
    AwsHttpRequest request = {.method = TEXT("GET"), .url = TEXT("https://example.amazonaws.com/")};
    aws_sigv4_sign(&arena, &(AwsSigning){TEXT("service"), TEXT("us-east-1"), &session, SUITE_TIME}, &request);
    assert_true(text_equal_c(find_header(&request, "X-Amz-Security-Token"), "token"));
    aws_sigv4_sign(&arena, &(AwsSigning){TEXT("service"), TEXT("us-east-1"), &suite, SUITE_TIME}, &request);
    assert_true(find_header(&request, "X-Amz-Security-Token").ptr == NULL);
    assert_true(text_ends_with(find_header(&request, "Authorization"), TEXT("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")));
    arena_free(&arena);
}

static void test_host_is_added_where_clients_send_another(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttpRequest plain = {.method = TEXT("GET"), .url = TEXT("http://localhost:5000/")};
    AwsHttpRequest mixed = {.method = TEXT("GET"), .url = TEXT("http://LocalHost:5000/")};
    AwsSigning signing = {TEXT("service"), TEXT("us-east-1"), &suite, SUITE_TIME};
    aws_sigv4_sign(&arena, &signing, &plain);
    aws_sigv4_sign(&arena, &signing, &mixed);
    assert_true(find_header(&plain, "Host").ptr == NULL);
    assert_true(text_equal_c(find_header(&mixed, "Host"), "localhost:5000"));
    assert_true(text_equal(find_header(&plain, "Authorization"), find_header(&mixed, "Authorization")));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suite),
        cmocka_unit_test(test_documented_example),
        cmocka_unit_test(test_earlier_token_is_dropped),
        cmocka_unit_test(test_host_is_added_where_clients_send_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
