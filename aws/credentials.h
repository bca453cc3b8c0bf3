/* Credentials, looked for in botocore's order: environment, assumed role, web identity, SSO, credentials file, process, config file, container, instance
   metadata. Whatever they are asked from, no key, token or secret is ever in a reason. */
#ifndef SVC_AWS_CREDENTIALS_H
#define SVC_AWS_CREDENTIALS_H

#include "aws/http.h"
#include "aws/settings.h"

typedef struct AwsCredentials {
    Text access_key_id;
    Text secret_access_key;
    Text session_token; /* empty: none */
    int64_t expires_at; /* Unix seconds; 0: never */
    Text source;        /* botocore's name of where they came from: "env", "assume-role", "sso" … */
} AwsCredentials;

/* Asks for what only a person knows (the code of an MFA device), on the terminal and without showing it. False when nobody can be asked. */
typedef struct AwsPrompter {
    bool (*ask)(void *context, Arena *arena, Text question, Text *answer); /* NULL: nobody can be asked */
    void *context;
} AwsPrompter;

/* One source that was looked at, in the order of looking. */
typedef struct AwsCredentialsAttempt {
    Text source; /* in words: "environment", "profile deploy: role arn:aws:iam::123456789012:role/deploy" */
    Text reason; /* why it did not serve, in words */
} AwsCredentialsAttempt;

typedef struct AwsCredentialsError {
    Text message; /* one sentence: which source was set up and failed, or that there is none */
    Text help;    /* what to do */
    const AwsCredentialsAttempt *attempts;
    size_t attempt_count;
} AwsCredentialsError;

typedef struct AwsCredentialsProvider AwsCredentialsProvider;

/* Asks nothing yet. Settings and http must outlive it. It lives in the arena, and the credentials that it gives do too. */
AwsCredentialsProvider *aws_credentials_create(Arena *arena, const AwsSettings *settings, AwsHttp *http, AwsPrompter prompter);

/* The credentials to sign with at `now` (Unix seconds). Those that it has are given again until 15 minutes before they end; then it asks for new
   ones, and gives the old ones when it gets none, until 10 minutes before they end. A person is asked only when it must be. */
bool aws_credentials_get(AwsCredentialsProvider *provider, int64_t now, AwsCredentials *out, AwsCredentialsError *error) __attribute__((warn_unused_result));
/* AWS refused them as expired: the next get asks for new ones. */
void aws_credentials_forget(AwsCredentialsProvider *provider);

/* The error as lines for a person: message, each source with its reason, help. */
Text aws_credentials_explain(Arena *arena, const AwsCredentialsError *error);

#endif
