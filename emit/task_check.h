/* What AWS would refuse in a task definition, or what could never run. */
#ifndef SVC_EMIT_TASK_CHECK_H
#define SVC_EMIT_TASK_CHECK_H

#include "emit/emit.h"

/* Reports what is wrong with the service's size and containers, and with routes to them. */
void task_check(Emission *emission, const ServiceFacts *facts);
/* Whether the tasks run Windows containers. */
bool task_is_windows(const Node *service);

#endif
