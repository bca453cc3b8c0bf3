/* The sizes that Fargate has for tasks (AWS: ECS developer guide, Fargate task definition differences, "Task CPU and memory"): the service models do not
   say them. */
#ifndef SVC_SCHEMA_FARGATE_H
#define SVC_SCHEMA_FARGATE_H

#include <stdint.h>

/* cpu in units of 1/1024 vCPU, memory in MiB: from least to most by step. Step 0: doubling. */
typedef struct FargateSize {
    int64_t cpu;
    int64_t least;
    int64_t most;
    int64_t step;
} FargateSize;

/* The size with exactly this cpu, or NULL. */
const FargateSize *fargate_size_of(int64_t cpu);
/* The smallest size that has at least this cpu and may have this memory; the largest one when there is none. */
const FargateSize *fargate_size_for(int64_t cpu, int64_t memory);
/* The least memory of this size that is not below `memory`; its most when there is none. */
int64_t fargate_nearest_memory(const FargateSize *size, int64_t memory);

#endif
