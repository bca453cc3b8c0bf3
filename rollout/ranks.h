/* The test of Mann and Whitney: whether the values of one sample are higher than those of another beyond chance. Exact, ties shared. */
#ifndef SVC_ROLLOUT_RANKS_H
#define SVC_ROLLOUT_RANKS_H

#include "base/arena.h"
#include "base/rational.h"

enum { RANKS_MAX = 30 }; /* values in a sample */

/* Whether drawing them by chance puts the first sample as high above the second as it is, or higher, with a probability of at most 1 - confidence.
   Each has at most RANKS_MAX values; an empty one is never higher. */
bool ranks_are_higher(const Rational *first, size_t first_count, const Rational *second, size_t second_count, Rational confidence);

#endif
