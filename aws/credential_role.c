/* Roles that STS lets somebody assume: with other credentials, or with the token of a web identity. */
#include "aws/credential_sources.h"

#include "aws/endpoints.h"
#include "aws/moment.h"
#include "aws/protocol.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/file.h"

#include <time.h>

enum { TOKEN_LARGEST = 64 * 1024, MESSAGE_LONGEST = 400 };

/* --- STS --- */

typedef struct StsCall {
    const char *operation;
    Json *input;
    const AwsCredentials *signer; /* NULL: not signed */
    Text secret;                  /* what the input has that AWS's messages must not repeat; empty: nothing */
} StsCall;

static void pause_ms(int milliseconds)
{
    (void)nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000 * 1000}, NULL);
}

/* How far AWS's clock is from the search's, by the Date of an answer. */
static int64_t clock_offset(const CredentialSearch *search, const AwsHttpResponse *response)
{
    int64_t theirs;
    return aws_moment_parse(aws_http_header(response, "date"), &theirs) ? theirs - search->now : 0;
}

static bool is_in(Text text, Text part)
{
    return part.len > 0 && text_find(text, part) < text.len;
}

/* AWS's own words, cut, and none of them when they repeat a secret. */
static Text repeat_message(const StsCall *call, Text message)
{
    bool is_secret = is_in(message, call->secret) ||
                     (call->signer && (is_in(message, call->signer->secret_access_key) || is_in(message, call->signer->session_token)));
    return is_secret ? TEXT_NONE : text_slice(message, 0, MESSAGE_LONGEST);
}

static void explain_refusal(CredentialSearch *search, const StsCall *call, const AwsHttpResponse *response, const AwsRead *read)
{
    Text message = response->failure != AWS_HTTP_OK ? response->reason : repeat_message(call, read->message);
    Text code = response->failure == AWS_HTTP_OK && read->kind == AWS_READ_ERROR ? read->code : TEXT_NONE;
    search->reason = arena_format(search->arena, "STS does not give them (%s)%s%.*s%s%.*s", call->operation, code.len > 0 ? ": " : "", TEXT_ARG(code),
                                  message.len > 0 ? ": " : "", TEXT_ARG(message));
}

/* The output of a call. NULL with the search's reason. */
static const Json *call_sts(CredentialSearch *search, const StsCall *call)
{
    Text region = search->settings->region.len > 0 ? search->settings->region : TEXT("us-east-1");
    AwsEndpoint endpoint;
    AwsOperation operation;
    AwsWireRequest wire;
    if (!aws_endpoint_find(search->arena, search->settings, TEXT("sts"), region, &endpoint, &search->reason))
        return NULL;
    if (!aws_operation_find(TEXT("sts"), text_from_c(call->operation), &operation)) {
        search->reason = arena_format(search->arena, "svc has no table of %s", call->operation);
        return NULL;
    }
    if (!aws_protocol_write(search->arena, &operation, call->input, &wire, &search->reason))
        return NULL;
    AwsRetryQuota quota = {AWS_RETRY_QUOTA};
    AwsRetryState state = {0};
    int64_t offset = 0;
    while (true) {
        AwsHttpRequest request = {.method = wire.method,
                                  .url = arena_join(search->arena, endpoint.url, wire.target),
                                  .headers = wire.headers,
                                  .header_count = wire.header_count,
                                  .body = wire.body};
        AwsHttpResponse response;
        AwsRead read = {0};
        if (call->signer)
            aws_sigv4_sign(search->arena, &(AwsSigning){endpoint.signing_name, endpoint.signing_region, call->signer, search->now + offset}, &request);
        aws_http_perform(search->http, search->arena, &request, &response);
        if (response.failure == AWS_HTTP_OK)
            aws_protocol_read(search->arena, search->expat, &operation, &response, &read);
        AwsAttempt attempt = {response.failure, response.status, read.code, read.kind == AWS_READ_GARBLED};
        AwsAttemptKind kind = aws_attempt_classify(&attempt);
        if (kind == AWS_ATTEMPT_GOOD)
            return read.output;
        /* All wait alike: nobody else asks STS for the same at this moment. */
        AwsRetryDecision decision = aws_retry_decide(&quota, &state, kind, search->settings->max_attempts, 0.5);
        if (!decision.is_retried || kind == AWS_ATTEMPT_EXPIRED) {
            explain_refusal(search, call, &response, &read);
            return NULL;
        }
        offset = clock_offset(search, &response);
        pause_ms(decision.delay_ms);
    }
}

static void set_text(CredentialSearch *search, Json *object, const char *key, Text value)
{
    if (value.len > 0)
        json_set_c(search->arena, object, key, json_text(search->arena, value));
}

static Text get_text(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

static CredentialOutcome assume(CredentialSearch *search, const StsCall *call, AwsCredentials *out)
{
    const Json *output = call_sts(search, call);
    if (!output)
        return CREDENTIAL_BROKEN;
    const Json *credentials = json_get_c(output, "Credentials");
    out->access_key_id = get_text(credentials, "AccessKeyId");
    out->secret_access_key = get_text(credentials, "SecretAccessKey");
    out->session_token = get_text(credentials, "SessionToken");
    if (out->access_key_id.len == 0 || out->secret_access_key.len == 0 || out->session_token.len == 0 ||
        !aws_moment_parse(get_text(credentials, "Expiration"), &out->expires_at))
        return credential_broken(search, "the answer of STS (%s) has no whole credentials", call->operation);
    return CREDENTIAL_FOUND;
}

/* Shown in CloudTrail beside all that is done. */
static Text session_name(CredentialSearch *search, Text name)
{
    return name.len > 0 ? name : arena_format(search->arena, "svc-%lld", (long long)search->now);
}

/* --- a role assumed with other credentials --- */

static CredentialOutcome add_mfa(CredentialSearch *search, Text serial, Json *input, Text *code)
{
    if (!search->prompter.ask)
        return credential_broken(search, "it needs a code of the MFA device %.*s, and there is no terminal to ask for one", TEXT_ARG(serial));
    search->has_asked = true;
    Text question = arena_format(search->arena, "Code of the MFA device %.*s: ", TEXT_ARG(serial));
    if (!search->prompter.ask(search->prompter.context, search->arena, question, code) || text_trim(*code).len == 0)
        return credential_broken(search, "it needs a code of the MFA device %.*s, and none was given", TEXT_ARG(serial));
    *code = text_trim(*code);
    set_text(search, input, "SerialNumber", serial);
    set_text(search, input, "TokenCode", *code);
    return CREDENTIAL_FOUND;
}

static CredentialOutcome add_duration(CredentialSearch *search, Text profile, Json *input)
{
    enum { DIGITS_MOST = 6 };
    Text duration = credential_setting(search, profile, "duration_seconds");
    if (duration.len == 0)
        return CREDENTIAL_FOUND;
    if (text_count_digits(duration) != duration.len || duration.len > DIGITS_MOST)
        return credential_broken(search, "duration_seconds of profile `%.*s` is no whole number of seconds", TEXT_ARG(profile));
    int64_t seconds = 0;
    for (size_t i = 0; i < duration.len; i++)
        seconds = seconds * 10 + (duration.ptr[i] - '0');
    json_set_c(search->arena, input, "DurationSeconds", json_integer(search->arena, seconds));
    return CREDENTIAL_FOUND;
}

static CredentialOutcome assume_with(CredentialSearch *search, Text profile, const AwsCredentials *source, AwsCredentials *out)
{
    Json *input = json_object(search->arena);
    Text code = TEXT_NONE;
    Text serial = credential_setting(search, profile, "mfa_serial");
    set_text(search, input, "RoleArn", credential_setting(search, profile, "role_arn"));
    set_text(search, input, "RoleSessionName", session_name(search, credential_setting(search, profile, "role_session_name")));
    set_text(search, input, "ExternalId", credential_setting(search, profile, "external_id"));
    CredentialOutcome outcome = add_duration(search, profile, input);
    if (outcome == CREDENTIAL_FOUND && serial.len > 0)
        outcome = add_mfa(search, serial, input, &code);
    if (outcome != CREDENTIAL_FOUND)
        return outcome;
    *out = (AwsCredentials){.source = TEXT("assume-role")};
    outcome = assume(search, &(StsCall){"AssumeRole", input, source, code}, out);
    if (outcome == CREDENTIAL_BROKEN)
        search->reason = arena_format(search->arena, "profile `%.*s` cannot assume its role: %.*s", TEXT_ARG(profile), TEXT_ARG(search->reason));
    return outcome;
}

/* The profiles of a chain so far. */
typedef struct Visited {
    const struct Visited *before;
    Text profile;
} Visited;

static bool has_keys(const CredentialSearch *search, Text profile)
{
    return credential_setting(search, profile, "aws_access_key_id").len > 0 || credential_setting(search, profile, "aws_secret_access_key").len > 0;
}

/* A web identity has a role of its own, which it does not assume in this way. */
static bool has_role(const CredentialSearch *search, Text profile)
{
    return credential_setting(search, profile, "role_arn").len > 0 && credential_setting(search, profile, "web_identity_token_file").len == 0;
}

static CredentialOutcome from_credential_source(CredentialSearch *search, Text profile, Text source, AwsCredentials *out)
{
    static const struct {
        const char *name;
        CredentialOutcome (*find)(CredentialSearch *search, AwsCredentials *out);
    } sources[] = {
        {"Environment", credential_from_environment},
        {"Ec2InstanceMetadata", credential_from_instance},
        {"EcsContainer", credential_from_container},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (!text_equal_c(source, sources[i].name))
            continue;
        CredentialOutcome outcome = sources[i].find(search, out);
        if (outcome != CREDENTIAL_FOUND)
            return credential_broken(search, "credential_source %s of profile `%.*s` gives nothing: %.*s", sources[i].name, TEXT_ARG(profile),
                                     TEXT_ARG(search->reason));
        return outcome;
    }
    return credential_broken(search, "credential_source of profile `%.*s` is `%.*s`; it can be Environment, Ec2InstanceMetadata or EcsContainer",
                             TEXT_ARG(profile), TEXT_ARG(source));
}

/* A profile may be its own source, for the keys that it has; any other that was there already is a circle. */
static CredentialOutcome check_circle(CredentialSearch *search, Text source, const Visited *visited)
{
    bool is_visited = false;
    Text path = source;
    for (const Visited *at = visited; at; at = at->before) {
        is_visited = is_visited || text_equal(at->profile, source);
        path = arena_format(search->arena, "%.*s → %.*s", TEXT_ARG(at->profile), TEXT_ARG(path));
    }
    bool is_own = text_equal(visited->profile, source);
    if (!is_visited || (is_own && has_keys(search, source)))
        return CREDENTIAL_FOUND;
    return credential_broken(search, "the profiles name each other as source_profile in a circle: %.*s", TEXT_ARG(path));
}

static CredentialOutcome assume_role_of(CredentialSearch *search, const Visited *visited, AwsCredentials *out)
{
    Text profile = visited->profile;
    Text source_profile = credential_setting(search, profile, "source_profile");
    Text credential_source = credential_setting(search, profile, "credential_source");
    AwsCredentials source = {0};
    CredentialOutcome outcome = CREDENTIAL_FOUND;
    if (source_profile.len > 0 && credential_source.len > 0)
        return credential_broken(search, "profile `%.*s` has both source_profile and credential_source; there can be only one of them", TEXT_ARG(profile));
    if (source_profile.len == 0 && credential_source.len == 0)
        return credential_broken(search, "profile `%.*s` has a role_arn, and no source_profile or credential_source to assume it with", TEXT_ARG(profile));
    if (credential_source.len > 0) {
        outcome = from_credential_source(search, profile, credential_source, &source);
        return outcome == CREDENTIAL_FOUND ? assume_with(search, profile, &source, out) : outcome;
    }
    if (!aws_profiles_find(&search->settings->profiles, AWS_SECTION_PROFILE, source_profile))
        return credential_broken(search, "source_profile of profile `%.*s` is `%.*s`, and there is no such profile", TEXT_ARG(profile),
                                 TEXT_ARG(source_profile));
    outcome = check_circle(search, source_profile, visited);
    if (outcome != CREDENTIAL_FOUND)
        return outcome;
    if (has_role(search, source_profile) && !has_keys(search, source_profile))
        outcome = assume_role_of(search, &(Visited){visited, source_profile}, &source);
    else
        outcome = credential_from_profile(search, source_profile, &source);
    if (outcome == CREDENTIAL_ABSENT)
        return credential_broken(search, "source_profile `%.*s` of profile `%.*s` has no credentials", TEXT_ARG(source_profile), TEXT_ARG(profile));
    return outcome == CREDENTIAL_FOUND ? assume_with(search, profile, &source, out) : outcome;
}

CredentialOutcome credential_from_role(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){0};
    if (!has_role(search, profile))
        return credential_absent(search, "profile `%.*s` has no role_arn to assume", TEXT_ARG(profile));
    return assume_role_of(search, &(Visited){NULL, profile}, out);
}

/* --- web identity --- */

static Text web_setting(const CredentialSearch *search, Text profile, bool use_environment, const char *variable, const char *key)
{
    Text value = use_environment ? aws_environment_find(&search->settings->environment, variable) : TEXT_NONE;
    return value.len > 0 ? value : credential_setting(search, profile, key);
}

CredentialOutcome credential_from_web_identity(CredentialSearch *search, Text profile, bool use_environment, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("assume-role-with-web-identity")};
    Text path = web_setting(search, profile, use_environment, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    Text role = web_setting(search, profile, use_environment, "AWS_ROLE_ARN", "role_arn");
    Text name = web_setting(search, profile, use_environment, "AWS_ROLE_SESSION_NAME", "role_session_name");
    Text token;
    Text why;
    if (path.len == 0)
        return credential_absent(search, "%sprofile `%.*s` has no web_identity_token_file", use_environment ? "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and " : "",
                                 TEXT_ARG(profile));
    if (role.len == 0)
        return credential_broken(search, "there is a web identity token file, and neither AWS_ROLE_ARN nor a role_arn says which role it is for");
    if (!file_read(search->arena, path, TOKEN_LARGEST, &token, &why))
        return credential_broken(search, "cannot read the web identity token file %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(why));
    token = text_trim(token);
    Json *input = json_object(search->arena);
    set_text(search, input, "RoleArn", role);
    set_text(search, input, "RoleSessionName", session_name(search, name));
    set_text(search, input, "WebIdentityToken", token);
    return assume(search, &(StsCall){"AssumeRoleWithWebIdentity", input, NULL, token}, out);
}
