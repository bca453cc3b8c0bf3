#include "base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void memory_exhausted(void)
{
    static const char message[] = "svc: out of memory: the machine refused more; run it with fewer files at once or a higher limit\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    abort();
}

#ifdef SVC_TEST_HOOKS
/* The test build alone counts allocations, so only it has this counter. */
static bool allocation_must_fail(void)
{
    static long remaining = -2;
    if (remaining == -2) {
        const char *wanted = getenv("SVC_TEST_FAIL_ALLOC");
        remaining = wanted ? strtol(wanted, NULL, 10) : 0;
    }
    return remaining > 0 && --remaining == 0;
}
#else
#define allocation_must_fail() 0
#endif

void *memory_allocate(size_t size)
{
    void *memory = allocation_must_fail() ? NULL : calloc(1, size ? size : 1);
    if (!memory)
        memory_exhausted();
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = allocation_must_fail() ? NULL : realloc(memory, size ? size : 1);
    if (!resized)
        memory_exhausted();
    return resized;
}

void memory_free(void *memory)
{
    free(memory);
}

void memory_adopt_jansson(void)
{
    json_set_alloc_funcs(memory_allocate, memory_free);
}
