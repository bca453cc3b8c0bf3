#include "schema/fargate.h"

#include <stddef.h>

enum { GIB = 1024 };

static const FargateSize sizes[] = {
    {256, 512, 2 * GIB, 0},         {512, 1 * GIB, 4 * GIB, GIB},        {1024, 2 * GIB, 8 * GIB, GIB},        {2048, 4 * GIB, 16 * GIB, GIB},
    {4096, 8 * GIB, 30 * GIB, GIB}, {8192, 16 * GIB, 60 * GIB, 4 * GIB}, {16384, 32 * GIB, 120 * GIB, 8 * GIB},
};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };

const FargateSize *fargate_size_of(int64_t cpu)
{
    for (size_t i = 0; i < SIZE_COUNT; i++)
        if (sizes[i].cpu == cpu)
            return &sizes[i];
    return NULL;
}

const FargateSize *fargate_size_for(int64_t cpu, int64_t memory)
{
    for (size_t i = 0; i < SIZE_COUNT; i++)
        if (cpu <= sizes[i].cpu && memory <= sizes[i].most)
            return &sizes[i];
    return &sizes[SIZE_COUNT - 1];
}

int64_t fargate_nearest_memory(const FargateSize *size, int64_t memory)
{
    if (memory >= size->most)
        return size->most;
    int64_t nearest = size->least;
    while (nearest < memory)
        nearest += size->step ? size->step : nearest;
    return nearest;
}
