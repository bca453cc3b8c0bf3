/* IAM policy documents, made of grants: merged, in a fixed order, so that the same permissions give the same bytes. */
#ifndef SVC_EMIT_POLICY_H
#define SVC_EMIT_POLICY_H

#include "emit/emit.h"

/* Actions on resources, under a condition. */
typedef struct Grant {
    TextArray actions;
    TextArray resources;
    Json *condition;     /* {"StringEquals": {key: value}} or NULL */
    Span origin;
} Grant;

typedef struct Policy {
    ARRAY(Grant) grants;
} Policy;

/* Characters of all inline policies of a role, white space not counted (IAM quotas). */
enum { POLICY_LENGTH_MAX = 10240 };

/* One action on one resource; an empty resource is one that lint does not know, and adds nothing. */
void policy_add(Emission *emission, Policy *policy, const char *action, Text resource, Span origin);
/* The same under a condition: {operator: {key: value}}. */
void policy_add_if(Emission *emission, Policy *policy, const char *action, Text resource, Json *condition, Span origin);
/* {operator: {key: value}}; adds to `condition` when it is not NULL. A key that is there already gets one more value. */
Json *policy_condition(Emission *emission, Json *condition, Text operator_name, Text key, Json *value);
/* The document: grants with the same actions and condition have their resources united, then those with the same resources and condition their
   actions; statements sorted by their Sid, which is made of the first action. NULL when nothing is granted. */
Json *policy_document(Emission *emission, const Policy *policy);
/* How many characters IAM counts. */
size_t policy_length(const Json *document);
/* A policy with this one statement: who may assume the role, under a condition (NULL for none). */
Json *policy_trust(Emission *emission, const char *service, Json *condition);

#endif
