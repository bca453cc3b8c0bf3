/* What the rules of task definitions share. Private to rules/. */
#ifndef SVC_RULES_TASK_H
#define SVC_RULES_TASK_H

#include "rules/rule.h"

/* Whether a task definition is for Fargate: it says so, or is from a .svc file. */
bool task_is_fargate(const RuleContext *context, const Resource *resource);
/* Where it says so. */
Span task_fargate_span(const RuleContext *context, const Resource *resource);
bool task_is_for_windows(const Resource *resource);
/* Where it says so. */
Span task_windows_span(const RuleContext *context, const Resource *resource);
/* awsvpc, bridge, host or none. Without a word it is bridge; of one that is not known, empty. */
Text task_network_mode(const Resource *resource);

/* The container with this name, or NULL. *has_unknown tells whether there is one whose name is not known. */
const Json *task_find_container(const RuleContext *context, const Resource *resource, Text name, bool *has_unknown);
/* Where a container's finding stands that is about nothing in it: its name, or the statement in .svc. */
const Json *task_container_place(const RuleContext *context, const Json *container);
/* "container app". */
const char *task_container_label(const RuleContext *context, const Json *container);
/* The name nearest to `name` among the text members `key` of a list's objects; empty when none is near. */
Text task_nearest(const Json *list, const char *key, Text name);

/* Whether a member says nothing: absent, null, false, 0, empty. As a describe reply has them. */
bool task_is_idle(const Json *node);
/* Reports in one way: the name `key` of an object that another object of the list has already; `earlier` is the first with it. */
typedef void TaskRepeat(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier);
/* Goes through the objects whose text `key` one before them has. */
void task_each_repeat(const RuleContext *context, const Resource *resource, const Json *list, const char *key, TaskRepeat *report);
/* Twelve digits, or a word that a script puts them in the place of. */
bool task_is_account(Text text);
/* us-east-1, us-gov-west-1; or a word without digits, that a script puts one in the place of. */
bool task_is_region(Text text);
/* "swappiness" of "linuxParameters.swappiness". */
Text task_last_segment(const char *path);

#endif
