/* Networks and topics: what exists in the account and is looked up, or given by id in the file. */
#ifndef SVC_EMIT_NETWORK_H
#define SVC_EMIT_NETWORK_H

#include "emit/emit.h"

/* The name of the network that a service or load balancer is in: the one it says, or the only one that the file declares. Empty after a report
   when there is none, or several and none is said. */
Text network_name_of(Emission *emission, const Node *node);
/* The Lookup's id of a network: "network/<name>". */
Text network_id(Emission *emission, Text network);
/* The VPC's id: a text when the file gives it, otherwise a reference (attribute vpc-id). NULL after a report. `where` is the statement that needs it. */
Json *network_vpc(Emission *emission, Text network, Span where);
/* The ids of the private or public subnets: an array of texts when the file gives them, otherwise an array of one reference to a list (attribute
   private-subnets or public-subnets). NULL after a report. */
Json *network_subnets(Emission *emission, Text network, bool is_public, Span where);
/* The VPC's IPv4 range: a reference (attribute vpc-cidr). NULL after a report. */
Json *network_cidr(Emission *emission, Text network, Span where);
/* The ARN of a topic as its declaration gives it. NULL after a report, or when it is not known. */
Json *topic_arn(Emission *emission, Text topic, Span where);

#endif
