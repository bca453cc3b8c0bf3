/* Documents against AWS's own schema (schema/schema.h). Private to rules/. */
#ifndef SVC_RULES_SCHEMA_CHECK_H
#define SVC_RULES_SCHEMA_CHECK_H

#include "rules/rule_run.h"

/* Reports unknown and missing members and values that AWS would refuse, in the resource's input and in those of its further operations. */
void schema_check(const RuleContext *context, const Resource *resource, const KindRules *kind);

#endif
