#include "rollout/ranks.h"

enum { RANKS_ALL = 2 * RANKS_MAX };

__extension__ typedef __int128 Wide;

/* Twice the rank of each value among all: equal ones share theirs. */
static void rank_doubled(const Rational *values, size_t count, unsigned *ranks)
{
    for (size_t i = 0; i < count; i++) {
        unsigned below = 0;
        unsigned equal = 0;
        for (size_t j = 0; j < count; j++) {
            int order = rational_compare(values[j], values[i]);
            below += order < 0;
            equal += order == 0;
        }
        ranks[i] = 2 * below + equal + 1;
    }
}

/* Where no two are equal all doubled ranks are even: half of them say the same. */
static void halve_ranks(unsigned *ranks, size_t count)
{
    unsigned odd = 0;
    for (size_t i = 0; i < count; i++)
        odd |= ranks[i] & 1;
    for (size_t i = 0; i < count && !odd; i++)
        ranks[i] /= 2;
}

/* ways[k * width + s]: how many choices of k of the ranks have the sum s. At most the number of ways to draw 30 of 60, which is below 2^57. */
static void count_choices(const unsigned *ranks, size_t count, size_t chosen, uint64_t *ways, size_t width)
{
    unsigned reach = 0;
    ways[0] = 1;
    for (size_t i = 0; i < count; i++) {
        reach += ranks[i];
        size_t most = i + 1 < chosen ? i + 1 : chosen;
        for (size_t k = most; k > 0; k--)
            for (unsigned s = reach; s >= ranks[i]; s--)
                ways[k * width + s] += ways[(k - 1) * width + s - ranks[i]];
    }
}

bool ranks_are_higher(const Rational *first, size_t first_count, const Rational *second, size_t second_count, Rational confidence)
{
    Rational all[RANKS_ALL];
    unsigned ranks[RANKS_ALL];
    size_t count = first_count + second_count;
    size_t sum = 0;
    size_t total = 0;
    if (!first_count || !second_count || first_count > RANKS_MAX || second_count > RANKS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        all[i] = i < first_count ? first[i] : second[i - first_count];
    rank_doubled(all, count, ranks);
    halve_ranks(ranks, count);
    for (size_t i = 0; i < count; i++) {
        sum += i < first_count ? ranks[i] : 0;
        total += ranks[i];
    }
    /* More than half of all choices are as high as what is to be expected, or higher: no confidence is that low. */
    if (sum * count <= total * first_count)
        return false;
    Arena arena = {0};
    size_t width = total + 1;
    uint64_t *ways = ARENA_NEW_ARRAY(&arena, uint64_t, (first_count + 1) * width);
    count_choices(ranks, count, first_count, ways, width);
    Wide higher = 0;
    Wide whole = 0;
    for (size_t s = 0; s < width; s++) {
        whole += ways[first_count * width + s];
        higher += s >= sum ? ways[first_count * width + s] : 0;
    }
    arena_free(&arena);
    return confidence.den > 0 && confidence.num <= confidence.den && higher * (Wide)confidence.den <= whole * (Wide)(confidence.den - confidence.num);
}
