/* Load balancers and listeners, created or existing, as other families refer to them. */
#ifndef SVC_EMIT_LOAD_BALANCER_H
#define SVC_EMIT_LOAD_BALANCER_H

#include "emit/emit.h"

/* An attribute of a load balancer: arn, full-name, dns-name or security-group-id. A reference to the resource, or for an existing one what its ARN
   says or a lookup. `name` is its name in the file, `where` the statement that needs it. */
Json *load_balancer_attribute(Emission *emission, const Node *declaration, Text name, const char *attribute, Span where);
/* The ARN of the listener that a route is on. */
Json *load_balancer_listener_arn(Emission *emission, const RouteFacts *route);
/* The `listen` statement that a route is on; NULL when the file does not declare it. */
const Node *load_balancer_listener(const RouteFacts *route);
/* Whether a listener speaks TLS; false for NULL. */
bool listener_is_encrypted(const Node *listener);

/* [{Key, Value}] of an object of attributes, as the operations on attributes take them; NULL when it is empty. */
Json *attribute_list(Emission *emission, const Json *attributes);

#endif
