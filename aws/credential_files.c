/* Keys that lie somewhere as they are: in the environment and in the profile files. */
#include "aws/credential_sources.h"

#include "aws/moment.h"

static Text variable(const CredentialSearch *search, const char *name)
{
    return aws_environment_find(&search->settings->environment, name);
}

CredentialOutcome credential_from_environment(CredentialSearch *search, AwsCredentials *out)
{
    *out = (AwsCredentials){.access_key_id = variable(search, "AWS_ACCESS_KEY_ID"),
                            .secret_access_key = variable(search, "AWS_SECRET_ACCESS_KEY"),
                            .session_token = variable(search, "AWS_SECURITY_TOKEN"),
                            .source = TEXT("env")};
    if (out->access_key_id.len == 0)
        return credential_absent(search, "AWS_ACCESS_KEY_ID is not set");
    if (out->secret_access_key.len == 0)
        return credential_broken(search, "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not");
    if (out->session_token.len == 0)
        out->session_token = variable(search, "AWS_SESSION_TOKEN");
    Text expiration = variable(search, "AWS_CREDENTIAL_EXPIRATION");
    if (expiration.len > 0 && !aws_moment_parse(expiration, &out->expires_at))
        return credential_broken(search, "AWS_CREDENTIAL_EXPIRATION is no moment such as 2026-07-01T12:00:00Z");
    return CREDENTIAL_FOUND;
}

/* Keys of a profile, in one of the files. */
static CredentialOutcome read_keys(CredentialSearch *search, const AwsProfiles *profiles, Text path, Text profile, AwsCredentials *out)
{
    const AwsProfileSection *section = aws_profiles_find(profiles, AWS_SECTION_PROFILE, profile);
    if (!section)
        return credential_absent(search, "%.*s has no profile `%.*s`", TEXT_ARG(path), TEXT_ARG(profile));
    out->access_key_id = aws_section_value(section, "aws_access_key_id");
    out->secret_access_key = aws_section_value(section, "aws_secret_access_key");
    out->session_token = aws_section_value(section, "aws_security_token");
    if (out->session_token.len == 0)
        out->session_token = aws_section_value(section, "aws_session_token");
    if (out->access_key_id.len == 0)
        return credential_absent(search, "profile `%.*s` of %.*s has no aws_access_key_id", TEXT_ARG(profile), TEXT_ARG(path));
    if (out->secret_access_key.len == 0)
        return credential_broken(search, "profile `%.*s` of %.*s has an aws_access_key_id, and no aws_secret_access_key", TEXT_ARG(profile), TEXT_ARG(path));
    return CREDENTIAL_FOUND;
}

CredentialOutcome credential_from_credentials_file(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("shared-credentials-file")};
    return read_keys(search, &search->settings->credentials, search->settings->credentials_path, profile, out);
}

CredentialOutcome credential_from_config_file(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("config-file")};
    return read_keys(search, &search->settings->config, search->settings->config_path, profile, out);
}

/* `aws login` keeps a key that signs each of its requests: the AWS CLI can hand out what it gets with it. */
CredentialOutcome credential_from_login(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){0};
    if (credential_setting(search, profile, "login_session").len == 0)
        return credential_absent(search, "profile `%.*s` has no login_session", TEXT_ARG(profile));
    search->help = arena_format(search->arena, "use a profile with `credential_process = aws configure export-credentials --profile %.*s --format process`",
                                TEXT_ARG(profile));
    return credential_broken(search, "profile `%.*s` signs in with `aws login`, whose sessions svc cannot use by itself", TEXT_ARG(profile));
}

/* --- JSON --- */

static const ReadJson *find_member(const ReadJson *json, const char *name)
{
    return json && json->kind == READ_OBJECT && name ? json_read_member(json, name) : NULL;
}

/* Milliseconds as a number, or a moment as a text. */
static bool read_expiration(const ReadJson *json, int64_t *out)
{
    if (json->kind == READ_NUMBER)
        *out = json->number.num / json->number.den / 1000;
    return json->kind == READ_NUMBER || (json->kind == READ_TEXT && aws_moment_parse(json->text, out));
}

CredentialOutcome credential_read_json(CredentialSearch *search, const char *asked, const ReadJson *json, const CredentialMembers *members, AwsCredentials *out)
{
    const ReadJson *expiration = find_member(json, members->expiration);
    out->access_key_id = json_read_text(find_member(json, members->access_key_id));
    out->secret_access_key = json_read_text(find_member(json, members->secret_access_key));
    out->session_token = json_read_text(find_member(json, members->session_token));
    const char *missing = out->access_key_id.len == 0       ? members->access_key_id
                          : out->secret_access_key.len == 0 ? members->secret_access_key
                          : !members->is_temporary          ? NULL
                          : out->session_token.len == 0     ? members->session_token
                          : !expiration                     ? members->expiration
                                                            : NULL;
    if (missing)
        return credential_broken(search, "the answer of %s has no %s", asked, missing);
    if (expiration && expiration->kind != READ_NULL && !read_expiration(expiration, &out->expires_at))
        return credential_broken(search, "the %s in the answer of %s is no moment", members->expiration, asked);
    return CREDENTIAL_FOUND;
}

Text credential_setting(const CredentialSearch *search, Text profile, const char *key)
{
    return aws_section_value(aws_profiles_find(&search->settings->profiles, AWS_SECTION_PROFILE, profile), key);
}
