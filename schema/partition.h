/* AWS's partitions: separate worlds with regions, accounts and names of their own. */
#ifndef SVC_SCHEMA_PARTITION_H
#define SVC_SCHEMA_PARTITION_H

#include "base/text.h"

typedef struct Partition {
    Text name;             /* "aws", "aws-cn": as in ARNs */
    Text region_prefix;    /* how the names of its regions begin; empty for aws: all others */
    Text suffix;           /* of hosts: "amazonaws.com" */
    Text dualstack_suffix; /* of hosts that have IPv6, too */
} Partition;

/* Never NULL: a region that no other partition has is one of aws. */
const Partition *partition_of_region(Text region);
/* aws for an unknown name. */
const Partition *partition_named(Text name);

#endif
