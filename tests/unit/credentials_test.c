/* What cannot be asked of a local server: the addresses that only ECS and EC2 have. The requests are answered here, in place of aws/http.c. */
#include "aws/credentials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { REQUESTS_MOST = 8, NOW = 1782907200 };

/* What was asked, and what each request gets; without a body the connection fails. */
struct AwsHttp {
    Arena arena;
    Text lines[REQUESTS_MOST];
    size_t count;
    const char *const *bodies;
    int timeout_ms;
    bool are_direct;
};

void aws_http_perform(AwsHttp *http, Arena *arena, const AwsHttpRequest *request, AwsHttpResponse *response)
{
    (void)arena;
    assert_true(http->count < REQUESTS_MOST);
    const char *body = http->bodies[http->count];
    Text line = arena_format(&http->arena, "%.*s %.*s", TEXT_ARG(request->method), TEXT_ARG(request->url));
    for (size_t i = 0; i < request->header_count; i++)
        line = arena_format(&http->arena, "%.*s %.*s=%.*s", TEXT_ARG(line), TEXT_ARG(request->headers[i].name), TEXT_ARG(request->headers[i].value));
    http->lines[http->count++] = line;
    http->timeout_ms = request->timeout_ms;
    http->are_direct = http->are_direct && request->is_direct && request->connect_timeout_ms == request->timeout_ms;
    *response = (AwsHttpResponse){.status = 200, .body = text_from_c(body)};
    if (!body)
        *response = (AwsHttpResponse){.failure = AWS_HTTP_NOT_CONNECTED, .reason = TEXT("nobody is there")};
}

Text aws_http_header(const AwsHttpResponse *response, const char *name)
{
    (void)response;
    (void)name;
    return TEXT_NONE;
}

static const char *find_variable(void *context, const char *name)
{
    for (const char *const *pair = context; *pair; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    return NULL;
}

/* The first access key, or none. */
static Text ask(AwsHttp *http, Arena *arena, const char **variables, const char *const *bodies, AwsCredentials *out)
{
    AwsSettings settings;
    AwsCredentialsError error;
    Text reason;
    http->bodies = bodies;
    http->are_direct = true;
    assert_true(aws_settings_load(arena, &(AwsSettingsOptions){.environment = {find_variable, variables}}, &settings, &reason));
    AwsCredentialsProvider *provider = aws_credentials_create(arena, &settings, http, (AwsPrompter){0});
    return aws_credentials_get(provider, NOW, out, &error) ? out->access_key_id : TEXT_NONE;
}

#define KEYS "{\"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", \"Expiration\": \"2026-07-01T18:00:00Z\"}"

static void test_container_of_ecs(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp http = {0};
    AwsCredentials found;
    const char *variables[] = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x?y", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/z", NULL};
    const char *const bodies[] = {KEYS};
    assert_true(text_equal_c(ask(&http, &arena, variables, bodies, &found), "ASIA"));
    assert_int_equal(http.count, 1);
    assert_true(text_equal_c(http.lines[0], "GET http://169.254.170.2/v2/credentials/x?y Accept=application/json"));
    assert_int_equal(http.timeout_ms, 2000);
    assert_true(http.are_direct);
    assert_int_equal(found.expires_at, NOW + 6 * 3600);
    arena_free(&http.arena);
    arena_free(&arena);
}

static void test_instance(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp http = {0};
    AwsCredentials found;
    const char *variables[] = {NULL};
    const char *const bodies[] = {"abc", "web+role\n", KEYS};
    assert_true(text_equal_c(ask(&http, &arena, variables, bodies, &found), "ASIA"));
    assert_int_equal(http.count, 3);
    assert_true(text_equal_c(http.lines[0], "PUT http://169.254.169.254/latest/api/token x-aws-ec2-metadata-token-ttl-seconds=21600"));
    assert_true(text_equal_c(http.lines[1], "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/ x-aws-ec2-metadata-token=abc"));
    assert_true(text_equal_c(http.lines[2], "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/web+role x-aws-ec2-metadata-token=abc"));
    assert_int_equal(http.timeout_ms, 1000);
    assert_true(http.are_direct);
    arena_free(&http.arena);
    arena_free(&arena);
}

/* Asked once, by IPv6; nothing more when nobody is there. */
static void test_instance_without_answer(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp http = {0};
    AwsCredentials found;
    const char *variables[] = {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", "AWS_METADATA_SERVICE_TIMEOUT", "3", NULL};
    const char *const bodies[] = {NULL};
    assert_int_equal(ask(&http, &arena, variables, bodies, &found).len, 0);
    assert_int_equal(http.count, 1);
    assert_true(text_starts_with(http.lines[0], TEXT("PUT http://[fd00:ec2::254]/latest/api/token ")));
    assert_int_equal(http.timeout_ms, 3000);
    arena_free(&http.arena);
    arena_free(&arena);
}

/* The service that renews them is down: what it still gives is taken, and asked for again. */
static void test_instance_gives_old_credentials(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp http = {0};
    AwsCredentials found;
    const char *variables[] = {NULL};
    const char *const bodies[] = {"abc", "role", "{\"AccessKeyId\": \"OLD\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", \"Expiration\": \"2026-07-01T11:00:00Z\"}"};
    assert_true(text_equal_c(ask(&http, &arena, variables, bodies, &found), "OLD"));
    assert_int_equal(found.expires_at, NOW + 20 * 60);
    arena_free(&http.arena);
    arena_free(&arena);
}

static void test_instance_may_be_forbidden(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp http = {0};
    AwsCredentials found;
    const char *variables[] = {"AWS_EC2_METADATA_DISABLED", "True", NULL};
    assert_int_equal(ask(&http, &arena, variables, NULL, &found).len, 0);
    assert_int_equal(http.count, 0);
    arena_free(&http.arena);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_container_of_ecs),
        cmocka_unit_test(test_instance),
        cmocka_unit_test(test_instance_without_answer),
        cmocka_unit_test(test_instance_gives_old_credentials),
        cmocka_unit_test(test_instance_may_be_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
