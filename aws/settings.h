/* What people set for AWS outside of any .svc file: environment variables and the profile files that the AWS CLI reads. Nothing here asks AWS, and
   nothing is global: the environment comes in as a function. */
#ifndef SVC_AWS_SETTINGS_H
#define SVC_AWS_SETTINGS_H

#include "aws/profiles.h"

/* The value of an environment variable; empty when it is not set. */
typedef struct AwsEnvironment {
    const char *(*find)(void *context, const char *name); /* NULL: it is not set */
    void *context;
} AwsEnvironment;

typedef enum AwsRetryMode {
    AWS_RETRY_STANDARD, /* also for `legacy` */
    AWS_RETRY_ADAPTIVE,
} AwsRetryMode;

typedef struct AwsSettingsOptions {
    AwsEnvironment environment;
    Text profile; /* named on the command line; empty: AWS_DEFAULT_PROFILE, AWS_PROFILE, "default" */
    Text region;  /* said by the command or the .svc file; it wins */
} AwsSettingsOptions;

typedef struct AwsSettings {
    AwsEnvironment environment;
    Text profile;           /* "default" when nobody names one */
    bool is_profile_chosen; /* on the command line: the environment's credentials do not count then */
    AwsProfiles config;      /* ~/.aws/config */
    AwsProfiles credentials; /* ~/.aws/credentials */
    AwsProfiles profiles;    /* the profiles of both, merged as botocore does */
    Text config_path;       /* of the files, whether they exist or not */
    Text credentials_path;
    Text home;
    Text region; /* empty when nobody says */
    Text ca_bundle;
    AwsRetryMode retry_mode;
    int max_attempts; /* at least 1 */
    bool use_fips;
    bool use_dualstack;
    bool ignore_endpoint_urls;
    int metadata_timeout_ms;
    int metadata_attempts;
} AwsSettings;

/* Reads the environment and the files. False with *reason, one sentence that names the file and line, or the variable: a file that cannot be
   read, a profile that does not exist, a number that is none. Absent files are as good as empty ones. Lives in the arena. */
bool aws_settings_load(Arena *arena, const AwsSettingsOptions *options, AwsSettings *out, Text *reason) __attribute__((warn_unused_result));

Text aws_environment_find(const AwsEnvironment *environment, const char *name);
/* Of the process. */
AwsEnvironment aws_environment_of_process(void);
/* A setting of the chosen profile; empty when it has none. */
Text aws_settings_find(const AwsSettings *settings, const char *key);
/* The path with a `~` at its start replaced by the home directory. */
Text aws_settings_expand_path(Arena *arena, const AwsSettings *settings, Text path);

#endif
