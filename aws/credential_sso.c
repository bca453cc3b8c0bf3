/* IAM Identity Center: `aws sso login` leaves a token in ~/.aws/sso/cache, which this changes for credentials. */
#include "aws/credential_sources.h"

#include "aws/endpoints.h"
#include "aws/moment.h"
#include "aws/url.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/sha256.h"

enum { TOKEN_FILE_LARGEST = 1024 * 1024, REFRESHED_BEFORE_S = 15 * 60, STATUS_OK = 200, STATUS_UNAUTHORIZED = 401 };

/* What the profile and its session say. */
typedef struct SsoProfile {
    Text profile;
    Text account_id;
    Text role_name;
    Text session; /* empty: the way of before there were sessions */
    Text start_url;
    Text region;
} SsoProfile;

typedef struct SsoToken {
    Text path;
    const ReadJson *json;
    Text access_token;
    int64_t expires_at;
} SsoToken;

static CredentialOutcome needs_login(CredentialSearch *search, const SsoProfile *sso, const char *why)
{
    search->help = sso->session.len > 0 ? arena_format(search->arena, "run: aws sso login --sso-session %.*s", TEXT_ARG(sso->session))
                                        : arena_format(search->arena, "run: aws sso login --profile %.*s", TEXT_ARG(sso->profile));
    return credential_broken(search, "%s", why);
}

/* A value that both the profile and its session have must be the same. */
static CredentialOutcome check_session(CredentialSearch *search, const SsoProfile *sso, const AwsProfileSection *session)
{
    for (size_t i = 0; i < session->settings.count; i++) {
        const AwsProfileSetting *setting = &session->settings.items[i];
        const AwsProfileSection *profile = aws_profiles_find(&search->settings->profiles, AWS_SECTION_PROFILE, sso->profile);
        const AwsProfileSetting *other = aws_section_find(profile, arena_copy_text(search->arena, setting->key).ptr);
        if (other && !text_equal(other->value, setting->value))
            return credential_broken(search, "profile `%.*s` and [sso-session %.*s] say different things about %.*s", TEXT_ARG(sso->profile),
                                     TEXT_ARG(sso->session), TEXT_ARG(setting->key));
    }
    return CREDENTIAL_FOUND;
}

static CredentialOutcome read_profile(CredentialSearch *search, SsoProfile *sso)
{
    sso->account_id = credential_setting(search, sso->profile, "sso_account_id");
    sso->role_name = credential_setting(search, sso->profile, "sso_role_name");
    sso->session = credential_setting(search, sso->profile, "sso_session");
    sso->start_url = credential_setting(search, sso->profile, "sso_start_url");
    sso->region = credential_setting(search, sso->profile, "sso_region");
    if (sso->account_id.len == 0 && sso->role_name.len == 0)
        return credential_absent(search, "profile `%.*s` has no sso_account_id and sso_role_name", TEXT_ARG(sso->profile));
    if (sso->session.len > 0) {
        const AwsProfileSection *session = aws_profiles_find(&search->settings->config, AWS_SECTION_SSO_SESSION, sso->session);
        if (!session)
            return credential_broken(search, "profile `%.*s` names [sso-session %.*s], which %.*s does not have", TEXT_ARG(sso->profile), TEXT_ARG(sso->session),
                                     TEXT_ARG(search->settings->config_path));
        CredentialOutcome outcome = check_session(search, sso, session);
        if (outcome != CREDENTIAL_FOUND)
            return outcome;
        sso->start_url = aws_section_value(session, "sso_start_url");
        sso->region = aws_section_value(session, "sso_region");
    }
    const char *missing = sso->role_name.len == 0    ? "sso_role_name"
                          : sso->account_id.len == 0 ? "sso_account_id"
                          : sso->start_url.len == 0  ? "sso_start_url"
                          : sso->region.len == 0     ? "sso_region"
                                                     : NULL;
    if (!missing)
        return CREDENTIAL_FOUND;
    return credential_broken(search, "profile `%.*s` signs in by SSO, and has no %s", TEXT_ARG(sso->profile), missing);
}

static CredentialOutcome load_token(CredentialSearch *search, const SsoProfile *sso, SsoToken *token)
{
    char name[SHA1_HEX_LENGTH + 1];
    sha1_hex(name, sso->session.len > 0 ? sso->session : sso->start_url);
    token->path = aws_settings_expand_path(search->arena, search->settings, arena_format(search->arena, "~/.aws/sso/cache/%s.json", name));
    Text text;
    Text why;
    ReadJsonError error;
    if (!file_exists(token->path))
        return needs_login(search, sso, "nobody is signed in: ~/.aws/sso/cache has no token");
    if (!file_read(search->arena, token->path, TOKEN_FILE_LARGEST, &text, &why))
        return credential_broken(search, "cannot read %.*s: %.*s", TEXT_ARG(token->path), TEXT_ARG(why));
    token->json = json_read(search->arena, text, &error);
    token->access_token = json_read_text(json_read_member(token->json, "accessToken"));
    if (token->access_token.len == 0 || !aws_moment_parse(json_read_text(json_read_member(token->json, "expiresAt")), &token->expires_at))
        return needs_login(search, sso, "the token in ~/.aws/sso/cache has no accessToken and expiresAt that can be read");
    return CREDENTIAL_FOUND;
}

/* --- a new token for an old one --- */

static void add_member(Buffer *out, const char *key, Text value)
{
    if (value.len == 0)
        return;
    buffer_add_c(out, out->length > 1 ? ", " : "");
    buffer_add_json_string(out, text_from_c(key));
    buffer_add_c(out, ": ");
    buffer_add_json_string(out, value);
}

static Text token_member(const SsoToken *token, const char *key)
{
    return json_read_text(json_read_member(token->json, key));
}

/* Into the file that the AWS CLI has it in: the old token may have ended with this, and nobody else would get at the new one. A new one that cannot be kept
   still serves this time. */
static void save_token(CredentialSearch *search, const SsoProfile *sso, const SsoToken *old, const SsoToken *token, Text refresh_token)
{
    Buffer out = {0};
    buffer_add_byte(&out, '{');
    add_member(&out, "startUrl", sso->start_url);
    add_member(&out, "region", sso->region);
    add_member(&out, "accessToken", token->access_token);
    add_member(&out, "expiresAt", aws_moment_format(search->arena, token->expires_at));
    add_member(&out, "clientId", token_member(old, "clientId"));
    add_member(&out, "clientSecret", token_member(old, "clientSecret"));
    add_member(&out, "registrationExpiresAt", token_member(old, "registrationExpiresAt"));
    add_member(&out, "refreshToken", refresh_token);
    buffer_add_byte(&out, '}');
    Text why;
    bool is_kept = file_write_private(old->path, buffer_text(&out), search->arena, &why);
    (void)is_kept;
    buffer_free(&out);
}

/* Asks for a new token when the old one ends soon; leaves the old one when there is none to be had. */
static void refresh_token(CredentialSearch *search, const SsoProfile *sso, SsoToken *token)
{
    int64_t registered_until = 0;
    Text refresh = token_member(token, "refreshToken");
    Text id = token_member(token, "clientId");
    Text secret = token_member(token, "clientSecret");
    AwsEndpoint endpoint;
    Text why;
    bool can_refresh = refresh.len > 0 && id.len > 0 && secret.len > 0 && aws_moment_parse(token_member(token, "registrationExpiresAt"), &registered_until);
    if (!can_refresh || registered_until <= search->now || !aws_endpoint_find(search->arena, search->settings, TEXT("sso-oidc"), sso->region, &endpoint, &why))
        return;
    Buffer body = {0};
    buffer_add_byte(&body, '{');
    add_member(&body, "grantType", TEXT("refresh_token"));
    add_member(&body, "clientId", id);
    add_member(&body, "clientSecret", secret);
    add_member(&body, "refreshToken", refresh);
    buffer_add_byte(&body, '}');
    AwsHeader header = {TEXT("Content-Type"), TEXT("application/json")};
    AwsHttpRequest request = {.method = TEXT("POST"),
                              .url = arena_join(search->arena, endpoint.url, TEXT("/token")),
                              .headers = &header,
                              .header_count = 1,
                              .body = arena_copy_text(search->arena, buffer_text(&body)),
                              .is_write = true};
    buffer_free(&body);
    AwsHttpResponse response;
    ReadJsonError error;
    aws_http_perform(search->http, search->arena, &request, &response);
    const ReadJson *json = response.failure == AWS_HTTP_OK && response.status == STATUS_OK ? json_read(search->arena, response.body, &error) : NULL;
    Text access_token = json_read_text(json_read_member(json, "accessToken"));
    const ReadJson *lifetime = json_read_member(json, "expiresIn");
    if (access_token.len == 0 || !lifetime || lifetime->kind != READ_NUMBER)
        return;
    SsoToken fresh = {.access_token = access_token, .expires_at = search->now + lifetime->number.num / lifetime->number.den};
    save_token(search, sso, token, &fresh, json_read_text(json_read_member(json, "refreshToken")));
    token->access_token = fresh.access_token;
    token->expires_at = fresh.expires_at;
}

/* --- credentials for the token --- */

static CredentialOutcome get_role(CredentialSearch *search, const SsoProfile *sso, Text access_token, AwsCredentials *out)
{
    static const CredentialMembers members = {"accessKeyId", "secretAccessKey", "sessionToken", "expiration", .is_temporary = true};
    AwsEndpoint endpoint;
    if (!aws_endpoint_find(search->arena, search->settings, TEXT("sso"), sso->region, &endpoint, &search->reason))
        return CREDENTIAL_BROKEN;
    Buffer url = {0};
    buffer_add(&url, endpoint.url);
    buffer_add_c(&url, "/federation/credentials?role_name=");
    aws_url_add_encoded(&url, sso->role_name, "");
    buffer_add_c(&url, "&account_id=");
    aws_url_add_encoded(&url, sso->account_id, "");
    AwsHeader header = {TEXT("x-amz-sso_bearer_token"), access_token};
    AwsHttpRequest request = {.method = TEXT("GET"), .url = arena_copy_text(search->arena, buffer_text(&url)), .headers = &header, .header_count = 1};
    buffer_free(&url);
    AwsHttpResponse response;
    ReadJsonError error;
    aws_http_perform(search->http, search->arena, &request, &response);
    if (response.failure != AWS_HTTP_OK)
        return credential_broken(search, "%.*s", TEXT_ARG(response.reason));
    if (response.status == STATUS_UNAUTHORIZED)
        return needs_login(search, sso, "the token in ~/.aws/sso/cache is not taken any more");
    if (response.status != STATUS_OK)
        return credential_broken(search, "role %.*s in account %.*s is refused with status %d", TEXT_ARG(sso->role_name), TEXT_ARG(sso->account_id),
                                 response.status);
    const ReadJson *json = json_read(search->arena, response.body, &error);
    return credential_read_json(search, "SSO", json_read_member(json, "roleCredentials"), &members, out);
}

CredentialOutcome credential_from_sso(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("sso")};
    SsoProfile sso = {.profile = profile};
    SsoToken token = {0};
    CredentialOutcome outcome = read_profile(search, &sso);
    if (outcome == CREDENTIAL_FOUND)
        outcome = load_token(search, &sso, &token);
    if (outcome != CREDENTIAL_FOUND)
        return outcome;
    if (sso.session.len > 0 && token.expires_at - search->now < REFRESHED_BEFORE_S)
        refresh_token(search, &sso, &token);
    if (token.expires_at <= search->now)
        return needs_login(search, &sso, "the session has ended");
    return get_role(search, &sso, token.access_token, out);
}
