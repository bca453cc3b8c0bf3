/* AWS's Signature Version 4. */
#ifndef SVC_AWS_SIGV4_H
#define SVC_AWS_SIGV4_H

#include "aws/credentials.h"

typedef struct AwsSigning {
    Text service; /* the signing name: "elasticloadbalancing" */
    Text region;
    const AwsCredentials *credentials;
    int64_t time; /* Unix seconds, by AWS's clock */
} AwsSigning;

/* Adds X-Amz-Date, X-Amz-Security-Token when there is a session token, and Authorization; earlier ones of these names are dropped, so that a request can be
   signed again. Host is signed as it follows from the URL, and added only where libcurl would send another. The headers live in the arena. */
void aws_sigv4_sign(Arena *arena, const AwsSigning *signing, AwsHttpRequest *request);

#endif
