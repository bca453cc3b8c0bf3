/* How ECS brings a new revision of a service into use: the parts of CreateService that a rollout decides. */
#ifndef SVC_EMIT_DEPLOYMENT_H
#define SVC_EMIT_DEPLOYMENT_H

#include "emit/emit.h"

/* deploymentConfiguration: the strategy, its times, what ECS watches. */
Json *deployment_configuration(Emission *emission, const ServiceFacts *facts);
/* loadBalancers: the target group of each route; where ECS moves the traffic itself, also the other one, the rule and the role. NULL without
   routes. */
Json *deployment_load_balancers(Emission *emission, const ServiceFacts *facts);

#endif
