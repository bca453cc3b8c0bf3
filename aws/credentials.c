#include "aws/credentials.h"

#include "aws/credential_sources.h"
#include "aws/moment.h"
#include "base/buffer.h"

enum {
    ADVISORY_S = 15 * 60,  /* so long before the end new ones are asked for */
    MANDATORY_S = 10 * 60, /* so long before it they must be there */
    ASKING_S = 60,         /* the same where a person has to be asked */
    ASKED_AGAIN_S = 60,    /* how often new ones are asked for at most, as long as the old ones are good */
};

struct AwsCredentialsProvider {
    Arena *arena;
    const AwsSettings *settings;
    AwsHttp *http;
    AwsPrompter prompter;
    AwsExpat expat;
    bool has_current;
    bool needs_person; /* the current ones came with the help of one */
    AwsCredentials current;
    int64_t next_try;
};

typedef ARRAY(AwsCredentialsAttempt) AttemptArray;

CredentialOutcome credential_absent(CredentialSearch *search, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    search->reason = arena_format_list(search->arena, format, list);
    va_end(list);
    return CREDENTIAL_ABSENT;
}

CredentialOutcome credential_broken(CredentialSearch *search, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    search->reason = arena_format_list(search->arena, format, list);
    va_end(list);
    return CREDENTIAL_BROKEN;
}

AwsCredentialsProvider *aws_credentials_create(Arena *arena, const AwsSettings *settings, AwsHttp *http, AwsPrompter prompter)
{
    AwsCredentialsProvider *provider = ARENA_NEW(arena, AwsCredentialsProvider);
    provider->arena = arena;
    provider->settings = settings;
    provider->http = http;
    provider->prompter = prompter;
    return provider;
}

/* --- the order --- */

typedef enum SourceId {
    SOURCE_ENVIRONMENT,
    SOURCE_ROLE,
    SOURCE_WEB_IDENTITY,
    SOURCE_SSO,
    SOURCE_CREDENTIALS_FILE,
    SOURCE_LOGIN,
    SOURCE_PROCESS,
    SOURCE_CONFIG_FILE,
    SOURCE_CONTAINER,
    SOURCE_INSTANCE,
    SOURCE_COUNT,
} SourceId;

/* As people call them, in the order of looking. */
static const char *const source_names[SOURCE_COUNT] = {
    [SOURCE_ENVIRONMENT] = "environment",
    [SOURCE_ROLE] = "role of the profile",
    [SOURCE_WEB_IDENTITY] = "web identity",
    [SOURCE_SSO] = "SSO",
    [SOURCE_CREDENTIALS_FILE] = "credentials file",
    [SOURCE_LOGIN] = "aws login",
    [SOURCE_PROCESS] = "credential_process",
    [SOURCE_CONFIG_FILE] = "config file",
    [SOURCE_CONTAINER] = "container",
    [SOURCE_INSTANCE] = "EC2 instance",
};

/* is_source: of another profile, which the environment must not change. */
static CredentialOutcome find_in(CredentialSearch *search, SourceId source, Text profile, bool is_source, AwsCredentials *out)
{
    bool is_chosen = search->settings->is_profile_chosen;
    switch (source) {
    case SOURCE_ENVIRONMENT:
        if (is_chosen)
            return credential_absent(search, "not looked at, because the command names a profile");
        return credential_from_environment(search, out);
    case SOURCE_ROLE:
        return credential_from_role(search, profile, out);
    case SOURCE_WEB_IDENTITY:
        return credential_from_web_identity(search, profile, !is_chosen && !is_source, out);
    case SOURCE_SSO:
        return credential_from_sso(search, profile, out);
    case SOURCE_CREDENTIALS_FILE:
        return credential_from_credentials_file(search, profile, out);
    case SOURCE_LOGIN:
        return credential_from_login(search, profile, out);
    case SOURCE_PROCESS:
        return credential_from_process(search, profile, out);
    case SOURCE_CONFIG_FILE:
        return credential_from_config_file(search, profile, out);
    case SOURCE_CONTAINER:
        return credential_from_container(search, out);
    case SOURCE_INSTANCE:
        return credential_from_instance(search, out);
    case SOURCE_COUNT:
        break;
    }
    return CREDENTIAL_ABSENT;
}

CredentialOutcome credential_from_profile(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    for (SourceId source = SOURCE_WEB_IDENTITY; source <= SOURCE_CONFIG_FILE; source++) {
        CredentialOutcome outcome = find_in(search, source, profile, true, out);
        if (outcome != CREDENTIAL_ABSENT)
            return outcome;
    }
    return CREDENTIAL_ABSENT;
}

static CredentialOutcome check_end(CredentialSearch *search, const AwsCredentials *credentials)
{
    if (credentials->expires_at == 0 || credentials->expires_at > search->now)
        return CREDENTIAL_FOUND;
    Text end = aws_moment_format(search->arena, credentials->expires_at);
    return credential_broken(search, "its credentials ended at %.*s", TEXT_ARG(end));
}

static CredentialOutcome look(CredentialSearch *search, AttemptArray *attempts, AwsCredentials *out)
{
    for (SourceId source = SOURCE_ENVIRONMENT; source < SOURCE_COUNT; source++) {
        CredentialOutcome outcome = find_in(search, source, search->settings->profile, false, out);
        if (outcome == CREDENTIAL_FOUND)
            outcome = check_end(search, out);
        if (outcome == CREDENTIAL_FOUND)
            return CREDENTIAL_FOUND;
        ARRAY_PUSH(search->arena, attempts, (AwsCredentialsAttempt){text_from_c(source_names[source]), search->reason});
        if (outcome == CREDENTIAL_BROKEN)
            return CREDENTIAL_BROKEN;
    }
    return CREDENTIAL_ABSENT;
}

/* --- keeping and renewing --- */

static void describe_failure(Arena *arena, const CredentialSearch *search, CredentialOutcome outcome, const AttemptArray *attempts, AwsCredentialsError *error)
{
    AwsCredentialsAttempt *copies = ARENA_NEW_ARRAY(arena, AwsCredentialsAttempt, attempts->count + 1);
    for (size_t i = 0; i < attempts->count; i++)
        copies[i] = (AwsCredentialsAttempt){attempts->items[i].source, arena_copy_text(arena, attempts->items[i].reason)};
    *error = (AwsCredentialsError){.message = TEXT("there are no AWS credentials"), .attempts = copies, .attempt_count = attempts->count};
    error->help = TEXT("sign in (aws sso login, aws configure), name a profile (--profile or AWS_PROFILE), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    if (outcome != CREDENTIAL_BROKEN)
        return;
    error->message = arena_format(arena, "the AWS credentials that are set up do not serve: %.*s", TEXT_ARG(copies[attempts->count - 1].source));
    error->help = arena_copy_text(arena, search->help);
}

static void keep(AwsCredentialsProvider *provider, const AwsCredentials *found)
{
    provider->current = (AwsCredentials){.access_key_id = arena_copy_text(provider->arena, found->access_key_id),
                                         .secret_access_key = arena_copy_text(provider->arena, found->secret_access_key),
                                         .session_token = arena_copy_text(provider->arena, found->session_token),
                                         .expires_at = found->expires_at,
                                         .source = found->source};
    provider->has_current = true;
}

static bool renew(AwsCredentialsProvider *provider, int64_t now, AwsCredentialsError *error)
{
    Arena scratch = {0};
    CredentialSearch search = {.arena = &scratch,
                               .settings = provider->settings,
                               .http = provider->http,
                               .expat = &provider->expat,
                               .prompter = provider->prompter,
                               .now = now};
    AttemptArray attempts = {0};
    AwsCredentials found = {0};
    CredentialOutcome outcome = look(&search, &attempts, &found);
    if (outcome == CREDENTIAL_FOUND) {
        keep(provider, &found);
        provider->needs_person = search.has_asked;
    } else {
        describe_failure(provider->arena, &search, outcome, &attempts, error);
    }
    provider->next_try = now + ASKED_AGAIN_S;
    arena_free(&scratch);
    return outcome == CREDENTIAL_FOUND;
}

bool aws_credentials_get(AwsCredentialsProvider *provider, int64_t now, AwsCredentials *out, AwsCredentialsError *error)
{
    int64_t left = provider->current.expires_at - now;
    bool is_lasting = provider->has_current && provider->current.expires_at == 0;
    bool is_fresh = provider->has_current && left >= (provider->needs_person ? ASKING_S : ADVISORY_S);
    bool was_just_asked = provider->has_current && left > 0 && now < provider->next_try;
    *error = (AwsCredentialsError){0};
    if (!is_lasting && !is_fresh && !was_just_asked) {
        bool can_wait = provider->has_current && left >= MANDATORY_S;
        if (!renew(provider, now, error) && !can_wait)
            return false;
        *error = (AwsCredentialsError){0};
    }
    *out = provider->current;
    return true;
}

void aws_credentials_forget(AwsCredentialsProvider *provider)
{
    provider->has_current = false;
}

Text aws_credentials_explain(Arena *arena, const AwsCredentialsError *error)
{
    Buffer out = {0};
    buffer_add(&out, error->message);
    buffer_add_byte(&out, '\n');
    for (size_t i = 0; i < error->attempt_count; i++)
        buffer_add_format(&out, "  %.*s: %.*s\n", TEXT_ARG(error->attempts[i].source), TEXT_ARG(error->attempts[i].reason));
    if (error->help.len > 0)
        buffer_add_format(&out, "help: %.*s\n", TEXT_ARG(error->help));
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}
