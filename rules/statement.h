/* Policy documents of IAM: where a role keeps them, and what they allow. Private to rules/. */
#ifndef SVC_RULES_STATEMENT_H
#define SVC_RULES_STATEMENT_H

#include "rules/rule.h"

/* The document that says who may assume the role, or NULL. */
const Json *statement_trust(const Resource *role);
/* For `for`: the role's own permission documents, in order; NULL behind the last. */
const Json *statement_policy(const Resource *role, size_t index);
/* Statements of a document; a single one need not be in a list. */
size_t statement_count(const Json *document);
const Json *statement_at(const Json *document, size_t index);
/* Members that are one value or a list of them: Action, Resource … */
size_t statement_value_count(const Json *value);
const Json *statement_value_at(const Json *value, size_t index);

typedef enum Grant {
    GRANT_NO,
    GRANT_MAYBE, /* something that decides it is not known */
    GRANT_YES,
} Grant;

/* Whether the role's own documents and well-known managed policies allow the action on the resource; `resource` empty means on some resource. Conditions count
   as fulfilled. */
Grant statement_grants(const Resource *role, const char *action, Text resource);
/* Whether the trust document lets the service ("ecs-tasks.amazonaws.com") assume the role. */
Grant statement_trusts(const Resource *role, const char *service);

#endif
