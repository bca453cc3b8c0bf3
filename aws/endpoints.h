/* Where a service answers, and what its requests are signed for. */
#ifndef SVC_AWS_ENDPOINTS_H
#define SVC_AWS_ENDPOINTS_H

#include "aws/settings.h"

typedef struct AwsEndpoint {
    Text url; /* "https://ecs.us-east-1.amazonaws.com": no slash at its end */
    Text signing_name;
    Text signing_region;
    bool is_overridden; /* somebody set the URL */
} AwsEndpoint;

/* `service` is botocore's name ("elbv2"), as in the schema, or sso or sso-oidc. False with *reason, one sentence: a region that cannot be one, a `services`
   section that does not exist, FIPS together with a URL. */
bool aws_endpoint_find(Arena *arena, const AwsSettings *settings, Text service, Text region, AwsEndpoint *out, Text *reason) __attribute__((warn_unused_result));

#endif
