/* ARNs: "arn:partition:service:region:account:resource" (AWS: General Reference, Amazon Resource Names). */
#ifndef SVC_DOCUMENT_ARN_H
#define SVC_DOCUMENT_ARN_H

#include "base/text.h"

typedef enum ArnPart { ARN_PREFIX, ARN_PARTITION, ARN_SERVICE, ARN_REGION, ARN_ACCOUNT, ARN_RESOURCE, ARN_PARTS } ArnPart;

/* The part of an ARN, a slice of it; the resource has all that follows, colons too. Empty when the text has no such part. */
Text arn_part(Text arn, ArnPart part);
/* All parts, slices of the text. False when it does not begin with "arn:" or has too few colons; what stands in `parts` is then of no use. */
bool arn_split(Text arn, Text parts[ARN_PARTS]) __attribute__((warn_unused_result));
/* Whether it is an account's id: twelve digits. */
bool arn_is_account(Text text);
/* Whether it has the form of a region's name, such as us-east-1 and us-gov-west-1. */
bool arn_is_region(Text text);

#endif
