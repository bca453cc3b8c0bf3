/* Routes to containers, and the sizes of tasks. What AWS would refuse in a task definition is told by rules/, of the document. */
#ifndef SVC_EMIT_TASK_CHECK_H
#define SVC_EMIT_TASK_CHECK_H

#include "emit/emit.h"

/* Reports routes to ports that no container has. */
void task_check(Emission *emission, const ServiceFacts *facts);
/* Whether the tasks run Windows containers. */
bool task_is_windows(const Node *service);

#endif
