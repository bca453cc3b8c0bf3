/* How resources refer to each other: by reference, by name, by ARN. Private to rules/. */
#ifndef SVC_RULES_RELATION_H
#define SVC_RULES_RELATION_H

#include "rules/rule.h"

/* The resource of this kind that the node refers to, or NULL: it is not among the resources, or nobody knows which it is. */
const Resource *relation_target(const RuleContext *context, const Json *node, ResourceKind kind);
/* For `for`: the next resource of the kind at or after *index, which is moved behind it; NULL at the end. */
const Resource *relation_next(const RuleContext *context, ResourceKind kind, size_t *index);

/* Whether both may exist at once: those of a template that are made under different conditions may exclude each other. */
bool relation_may_meet(const Resource *a, const Resource *b);
/* The name in the input, a text; NULL when it says none outright. */
const Json *relation_said_name(const Resource *resource);

/* The task definition that a service runs, or NULL. */
const Resource *relation_task_definition(const RuleContext *context, const Resource *service);
/* The container of a task definition with this name, or NULL. *is_open (may be NULL) tells whether one of them has a name that is not known. */
const Json *relation_container(const RuleContext *context, const Resource *task, Text name, bool *is_open);
/* Whether the container maps the port; *is_open as above. */
bool relation_has_port(const Json *container, int64_t port, bool *is_open);
/* Whether something in the tree is not known, or refers to what `target` is not among the resources. */
bool relation_is_open(const Json *node);
/* Whether the tree refers to the resource anywhere. */
bool relation_mentions(const RuleContext *context, const Json *node, const Resource *resource);
/* The ECS service that a scalable target or policy is of (ResourceId), or NULL. */
const Resource *relation_scaled_service(const RuleContext *context, const Resource *scaling);
/* The scalable target of an ECS service, or NULL. */
const Resource *relation_scalable_target(const RuleContext *context, const Resource *service);
/* The value of an attribute of a target group or load balancer, or NULL. */
const Json *relation_attribute(const Resource *resource, const char *key);

/* Whether tasks run on Fargate: said by launch type or strategy, or by what the task definition requires. */
bool relation_is_fargate(const Resource *service, const Resource *task);

#endif
