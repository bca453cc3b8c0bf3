/* The only door to malloc. Running out ends the process with a plain message: every caller may count on memory. */
#ifndef SVC_BASE_MEMORY_H
#define SVC_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory of `size` bytes; never NULL. With SVC_TEST_HOOKS, the environment's SVC_TEST_FAIL_ALLOC=N makes the Nth call fail. */
void *memory_allocate(size_t size);
/* As realloc; never NULL. New bytes are not zeroed. */
void *memory_resize(void *memory, size_t size);
void memory_free(void *memory);
/* Writes "svc: out of memory" to stderr and ends the process by SIGABRT. */
_Noreturn void memory_exhausted(void);
/* Routes jansson's allocations through this door. Call once, before jansson is used. */
void memory_adopt_jansson(void);

#endif
