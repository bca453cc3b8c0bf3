/* The sources of credentials, one function each. For aws/credential*.c only. */
#ifndef SVC_AWS_CREDENTIAL_SOURCES_H
#define SVC_AWS_CREDENTIAL_SOURCES_H

#include "aws/credentials.h"
#include "aws/library.h"
#include "base/json_read.h"

typedef enum CredentialOutcome {
    CREDENTIAL_FOUND,
    CREDENTIAL_ABSENT, /* this source is not set up: the next is looked at */
    CREDENTIAL_BROKEN, /* it is set up and does not work: no other may take its place */
} CredentialOutcome;

/* Looking for credentials once. */
typedef struct CredentialSearch {
    Arena *arena; /* only for this search */
    const AwsSettings *settings;
    AwsHttp *http;
    AwsExpat *expat;
    AwsPrompter prompter;
    int64_t now;
    bool has_asked; /* a person */
    Text reason;    /* why a source is absent or broken */
    Text help;      /* what to do about one that is broken; empty: nothing in particular */
} CredentialSearch;

/* Sets the reason, and returns the outcome. */
CredentialOutcome credential_absent(CredentialSearch *search, const char *format, ...) __attribute__((format(printf, 2, 3)));
CredentialOutcome credential_broken(CredentialSearch *search, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sources that have nothing to do with profiles. */
CredentialOutcome credential_from_environment(CredentialSearch *search, AwsCredentials *out);
CredentialOutcome credential_from_container(CredentialSearch *search, AwsCredentials *out);
CredentialOutcome credential_from_instance(CredentialSearch *search, AwsCredentials *out);

/* Sources that a profile sets up. */
CredentialOutcome credential_from_role(CredentialSearch *search, Text profile, AwsCredentials *out);
CredentialOutcome credential_from_sso(CredentialSearch *search, Text profile, AwsCredentials *out);
CredentialOutcome credential_from_credentials_file(CredentialSearch *search, Text profile, AwsCredentials *out);
CredentialOutcome credential_from_login(CredentialSearch *search, Text profile, AwsCredentials *out);
CredentialOutcome credential_from_process(CredentialSearch *search, Text profile, AwsCredentials *out);
CredentialOutcome credential_from_config_file(CredentialSearch *search, Text profile, AwsCredentials *out);
/* use_environment: AWS_WEB_IDENTITY_TOKEN_FILE and its like count as well, and first. */
CredentialOutcome credential_from_web_identity(CredentialSearch *search, Text profile, bool use_environment, AwsCredentials *out);

/* The sources of a profile in their order, but for the assumed role, which has such a profile as its source. */
CredentialOutcome credential_from_profile(CredentialSearch *search, Text profile, AwsCredentials *out);

/* What the sources that answer in JSON share: the members' names, and what was asked, for the reason. */
typedef struct CredentialMembers {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token;
    const char *expiration;
    bool is_temporary; /* token and expiration must be there */
} CredentialMembers;

CredentialOutcome credential_read_json(CredentialSearch *search, const char *asked, const ReadJson *json, const CredentialMembers *members, AwsCredentials *out);
/* A setting of a profile; empty when it has none. */
Text credential_setting(const CredentialSearch *search, Text profile, const char *key);

#endif
