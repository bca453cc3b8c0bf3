/* The log groups of a service's containers. */
#ifndef SVC_EMIT_LOG_GROUP_H
#define SVC_EMIT_LOG_GROUP_H

#include "emit/emit.h"

/* The CloudWatch log group that a container writes to: as `logs` says, otherwise /ecs/<name of the ECS service>. Empty for a container with another
   log driver, and where the name is not known. */
Text log_group_name(Emission *emission, const ServiceFacts *facts, const Node *container);
/* /ecs/<name of the ECS service>: the group of containers that name none, and of the service's proxy. */
Text log_group_default(Emission *emission, const ServiceFacts *facts);
/* A group by its name: a reference to its resource, whichever service made it, or the name itself. */
Json *log_group_reference_to(Emission *emission, Text name);
/* The name as a member of a document: a reference to the group's resource, whichever service made it. NULL where the name is empty. */
Json *log_group_reference(Emission *emission, const ServiceFacts *facts, const Node *container);

#endif
