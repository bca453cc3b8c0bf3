/* The machine's clock for measuring, which nobody sets. */
#ifndef SVC_BASE_CLOCK_H
#define SVC_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment that stays the same while the program runs. */
int64_t clock_monotonic_ms(void);

#endif
