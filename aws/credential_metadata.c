/* What ECS, EKS and EC2 hand to what runs there, over HTTP on addresses of their own. */
#include "aws/credential_sources.h"

#include "aws/url.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <time.h>

enum {
    TOKEN_FILE_LARGEST = 64 * 1024,
    CONTAINER_TIMEOUT_MS = 2000,
    CONTAINER_ATTEMPTS = 3,
    STATUS_OK = 200,
};

static const CredentialMembers members = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", .is_temporary = true};

static Text variable(const CredentialSearch *search, const char *name)
{
    return aws_environment_find(&search->settings->environment, name);
}

/* Why an answer is not one to read; empty when it is. */
static Text why_useless(CredentialSearch *search, const AwsHttpResponse *response)
{
    if (response->failure != AWS_HTTP_OK)
        return response->reason;
    if (response->status != STATUS_OK)
        return arena_format(search->arena, "the answer has status %d", response->status);
    return response->body.len == 0 ? TEXT("the answer is empty") : TEXT_NONE;
}

/* --- containers --- */

/* Credentials come over plain HTTP only from the machine itself and from where ECS and EKS have them. */
static bool is_trusted_host(Text scheme, Text host, Arena *arena)
{
    static const char *const hosts[] = {"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    if (text_equal_any_case(scheme, TEXT("https")))
        return host.len > 0;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (text_equal_c(host, hosts[i]))
            return true;
    struct in_addr four;
    struct in6_addr six;
    Text name = arena_copy_text(arena, host);
    if (inet_pton(AF_INET, name.ptr, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, name.ptr, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static CredentialOutcome find_authorization(CredentialSearch *search, Text *token)
{
    Text path = variable(search, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    *token = variable(search, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    Text why;
    if (path.len > 0 && !file_read(search->arena, path, TOKEN_FILE_LARGEST, token, &why))
        return credential_broken(search, "cannot read %.*s, which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names: %.*s", TEXT_ARG(path), TEXT_ARG(why));
    *token = text_trim(*token);
    for (size_t i = 0; i < token->len; i++)
        if ((unsigned char)token->ptr[i] < ' ')
            return credential_broken(search, "the container's authorization token has a line end or another control character in it");
    return CREDENTIAL_FOUND;
}

/* The path may be all that it takes to get the credentials: it is not shown. */
static CredentialOutcome ask_container(CredentialSearch *search, Text url, Text host, Text token, AwsCredentials *out)
{
    AwsHeader headers[] = {{TEXT("Accept"), TEXT("application/json")}, {TEXT("Authorization"), token}};
    AwsHttpRequest request = {.method = TEXT("GET"),
                              .url = url,
                              .headers = headers,
                              .header_count = token.len > 0 ? 2 : 1,
                              .connect_timeout_ms = CONTAINER_TIMEOUT_MS,
                              .timeout_ms = CONTAINER_TIMEOUT_MS,
                              .is_direct = true};
    Text why = TEXT_NONE;
    for (int attempt = 0; attempt < CONTAINER_ATTEMPTS; attempt++) {
        if (attempt > 0)
            (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        AwsHttpResponse response;
        ReadJsonError error;
        aws_http_perform(search->http, search->arena, &request, &response);
        why = why_useless(search, &response);
        const ReadJson *json = why.len == 0 ? json_read(search->arena, response.body, &error) : NULL;
        if (json)
            return credential_read_json(search, "the container's credentials endpoint", json, &members, out);
        if (why.len == 0)
            why = TEXT("the answer is no JSON");
        if (response.failure == AWS_HTTP_INTERRUPTED)
            break;
    }
    return credential_broken(search, "the container's credentials endpoint at %.*s gives none: %.*s", TEXT_ARG(host), TEXT_ARG(why));
}

CredentialOutcome credential_from_container(CredentialSearch *search, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("container-role")};
    Text relative = variable(search, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    Text full = variable(search, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.len == 0 && full.len == 0)
        return credential_absent(search, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set");
    Text url = relative.len > 0 ? arena_join(search->arena, TEXT("http://169.254.170.2"), relative) : full;
    AwsUrl parts;
    aws_url_split(search->arena, url, &parts);
    if (!is_trusted_host(parts.scheme, parts.host, search->arena))
        return credential_broken(search, "%s leads to neither https:// nor this machine nor the addresses of ECS and EKS",
                                 relative.len > 0 ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    Text token;
    CredentialOutcome outcome = find_authorization(search, &token);
    return outcome == CREDENTIAL_FOUND ? ask_container(search, url, parts.host_header, token, out) : outcome;
}

/* --- instances --- */

static Text instance_setting(const CredentialSearch *search, const char *name, const char *key)
{
    Text value = variable(search, name);
    return value.len > 0 ? value : aws_settings_find(search->settings, key);
}

static Text instance_url(CredentialSearch *search)
{
    Text set = instance_setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    Text mode = instance_setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    Text url = set.len > 0 ? set : text_equal_any_case(mode, TEXT("ipv6")) ? TEXT("http://[fd00:ec2::254]") : TEXT("http://169.254.169.254");
    while (text_ends_with(url, TEXT("/")))
        url.len--;
    return url;
}

/* One answer of the metadata service. False with the search's reason. */
static bool ask_instance(CredentialSearch *search, AwsHttpRequest *request, Text base, Text path, Text *body)
{
    request->url = arena_join(search->arena, base, path);
    request->connect_timeout_ms = search->settings->metadata_timeout_ms;
    request->timeout_ms = search->settings->metadata_timeout_ms;
    request->is_direct = true;
    Text why = TEXT_NONE;
    for (int attempt = 0; attempt < search->settings->metadata_attempts; attempt++) {
        AwsHttpResponse response;
        aws_http_perform(search->http, search->arena, request, &response);
        why = why_useless(search, &response);
        *body = response.body;
        if (why.len == 0)
            return true;
        if (response.failure == AWS_HTTP_INTERRUPTED)
            break;
    }
    (void)credential_absent(search, "%.*s%.*s gives nothing: %.*s", TEXT_ARG(base), TEXT_ARG(path), TEXT_ARG(why));
    return false;
}

/* Below the path of the roles. */
static Text role_path_of(Arena *arena, const char *above, Text role)
{
    Buffer path = {0};
    buffer_add_c(&path, above);
    aws_url_add_encoded(&path, role, "+=,@");
    Text copy = arena_copy_text(arena, buffer_text(&path));
    buffer_free(&path);
    return copy;
}

/* When the service that renews an instance's credentials is down, those that it still gives out go on to be good beyond their end: they are asked for again
   later, as AWS's SDKs do. */
static void extend(const CredentialSearch *search, AwsCredentials *credentials)
{
    enum { REFRESHED_BEFORE_S = 15 * 60, ASKED_AGAIN_S = 5 * 60 };
    int64_t least = search->now + REFRESHED_BEFORE_S + ASKED_AGAIN_S;
    if (credentials->expires_at < least)
        credentials->expires_at = least;
}

CredentialOutcome credential_from_instance(CredentialSearch *search, AwsCredentials *out)
{
    static const char role_path[] = "/latest/meta-data/iam/security-credentials/";
    *out = (AwsCredentials){.source = TEXT("iam-role")};
    if (text_equal_any_case(variable(search, "AWS_EC2_METADATA_DISABLED"), TEXT("true")))
        return credential_absent(search, "AWS_EC2_METADATA_DISABLED is true");
    Text base = instance_url(search);
    AwsHeader lifetime = {TEXT("x-aws-ec2-metadata-token-ttl-seconds"), TEXT("21600")};
    AwsHttpRequest put = {.method = TEXT("PUT"), .headers = &lifetime, .header_count = 1};
    AwsHeader token = {.name = TEXT("x-aws-ec2-metadata-token")};
    if (!ask_instance(search, &put, base, TEXT("/latest/api/token"), &token.value))
        return CREDENTIAL_ABSENT;
    AwsHttpRequest get = {.method = TEXT("GET"), .headers = &token, .header_count = 1};
    Text role;
    Text body;
    if (!ask_instance(search, &get, base, text_from_c(role_path), &role))
        return CREDENTIAL_ABSENT;
    role = text_slice(role, 0, text_find_byte(role, '\n'));
    if (!ask_instance(search, &get, base, role_path_of(search->arena, role_path, role), &body))
        return CREDENTIAL_ABSENT;
    ReadJsonError error;
    const ReadJson *json = json_read(search->arena, body, &error);
    if (!json)
        return credential_absent(search, "what the metadata service says of role %.*s is no JSON", TEXT_ARG(role));
    Text code = json->kind == READ_OBJECT ? json_read_text(json_read_member(json, "Code")) : TEXT_NONE;
    if (code.len > 0 && !text_equal_c(code, "Success"))
        return credential_absent(search, "the metadata service has no credentials of role %.*s: %.*s", TEXT_ARG(role), TEXT_ARG(code));
    if (credential_read_json(search, "the metadata service", json, &members, out) != CREDENTIAL_FOUND)
        return CREDENTIAL_ABSENT;
    extend(search, out);
    return CREDENTIAL_FOUND;
}
