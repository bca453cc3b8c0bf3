/* The files ~/.aws/config and ~/.aws/credentials, read by the rules of botocore, whose INI is Python's configparser. */
#ifndef SVC_AWS_PROFILES_H
#define SVC_AWS_PROFILES_H

#include "base/array.h"

/* `key = value`, or `key =` with indented lines of `name = value` below it. */
typedef struct AwsProfileSetting {
    Text key; /* in lower case, but for nested ones */
    Text value;
    uint32_t line;
    const struct AwsProfileSetting *nested;
    size_t nested_count;
} AwsProfileSetting;

typedef enum AwsSectionKind {
    AWS_SECTION_PROFILE,
    AWS_SECTION_SSO_SESSION,
    AWS_SECTION_SERVICES,
    AWS_SECTION_OTHER, /* of the config file: not a profile, whatever is in it */
} AwsSectionKind;

typedef struct AwsProfileSection {
    AwsSectionKind kind;
    Text name;
    uint32_t line; /* of its header, from 1 */
    ARRAY(AwsProfileSetting) settings;
} AwsProfileSection;

typedef struct AwsProfiles {
    ARRAY(AwsProfileSection) sections;
} AwsProfiles;

/* One file. The texts it gives are slices of `text` or live in the arena. `is_config`: sections are named `profile x`; in a credentials file each
   section is a profile. False with *reason ("line 3 …"), which quotes nothing: any part of a broken line may be a secret. */
bool aws_profiles_read(Arena *arena, Text text, bool is_config, AwsProfiles *out, Text *reason) __attribute__((warn_unused_result));
/* Adds the sections of `more`; where both have one, its settings win one by one. */
void aws_profiles_merge(Arena *arena, AwsProfiles *profiles, const AwsProfiles *more);

/* NULL when there is none. */
const AwsProfileSection *aws_profiles_find(const AwsProfiles *profiles, AwsSectionKind kind, Text name);
/* NULL when the section is NULL or has none. */
const AwsProfileSetting *aws_section_find(const AwsProfileSection *section, const char *key);
/* Its value; empty when there is none. */
Text aws_section_value(const AwsProfileSection *section, const char *key);

#endif
