#include "schema/partition.h"

#define ROW(name, prefix, suffix, dualstack)                                                                                                \
    {{name, sizeof(name) - 1}, {prefix, sizeof(prefix) - 1}, {suffix, sizeof(suffix) - 1}, {dualstack, sizeof(dualstack) - 1}}
/* The last is the one that has all other regions. */
static const Partition partitions[] = {
    ROW("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ROW("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    ROW("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ROW("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ROW("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ROW("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ROW("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ROW("aws", "", "amazonaws.com", "api.aws"),
};
#undef ROW

enum { PARTITION_COUNT = sizeof partitions / sizeof partitions[0], PARTITION_LAST = PARTITION_COUNT - 1 };

const Partition *partition_of_region(Text region)
{
    size_t at = 0;
    while (at < PARTITION_LAST && !text_starts_with(region, partitions[at].region_prefix))
        at++;
    return &partitions[at];
}

const Partition *partition_named(Text name)
{
    size_t at = 0;
    while (at < PARTITION_LAST && !text_equal(partitions[at].name, name))
        at++;
    return &partitions[at];
}
