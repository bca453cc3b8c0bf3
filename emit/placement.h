/* Where tasks run and on what, for services and for scheduled tasks. */
#ifndef SVC_EMIT_PLACEMENT_H
#define SVC_EMIT_PLACEMENT_H

#include "emit/emit.h"

/* [{"capacityProvider", "weight", "base"?}]: FARGATE, FARGATE_SPOT or both in the smallest whole weights. */
Json *placement_capacity(Emission *emission, const ServiceFacts *facts);
/* {"subnets", "securityGroups", "assignPublicIp"}; with is_capitalized as EventBridge Scheduler spells them. */
Json *placement_network(Emission *emission, const ServiceFacts *facts, bool is_capitalized);
/* The Fargate platform version that the file says, or the newest one by its number: "LATEST" would mean something else tomorrow. */
Json *placement_platform(Emission *emission, const ServiceFacts *facts);

#endif
