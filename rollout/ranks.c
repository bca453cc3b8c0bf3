#include "rollout/ranks.h"

enum { RANKS_ALL = 2 * RANKS_MAX, SUM_MAX = RANKS_ALL * (RANKS_ALL + 1) };

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

/* ways[k][s]: how many choices of k of the ranks have the sum s. At most the number of ways to draw 30 of 60, which is below 2^57. */
static void count_choices(const unsigned *ranks, size_t count, size_t chosen, uint64_t (*ways)[SUM_MAX + 1])
{
    unsigned reach = 0;
    ways[0][0] = 1;
    for (size_t i = 0; i < count; i++) {
        reach += ranks[i];
        size_t most = i + 1 < chosen ? i + 1 : chosen;
        for (size_t k = most; k > 0; k--)
            for (unsigned s = reach; s >= ranks[i]; s--)
                ways[k][s] += ways[k - 1][s - ranks[i]];
    }
}

bool ranks_are_higher(const Rational *first, size_t first_count, const Rational *second, size_t second_count, Rational confidence)
{
    Rational all[RANKS_ALL];
    unsigned ranks[RANKS_ALL];
    size_t count = first_count + second_count;
    unsigned sum = 0;
    if (!first_count || !second_count || first_count > RANKS_MAX || second_count > RANKS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        all[i] = i < first_count ? first[i] : second[i - first_count];
    rank_doubled(all, count, ranks);
    for (size_t i = 0; i < first_count; i++)
        sum += ranks[i];
    /* Half of all choices are at least as high as what is to be expected: no confidence is that low. */
    if (sum < first_count * (count + 1))
        return false;
    Arena arena = {0};
    uint64_t(*ways)[SUM_MAX + 1] = arena_allocate(&arena, (first_count + 1) * sizeof *ways);
    count_choices(ranks, count, first_count, ways);
    Wide higher = 0;
    Wide whole = 0;
    for (unsigned s = 0; s <= SUM_MAX; s++) {
        whole += ways[first_count][s];
        higher += s >= sum ? ways[first_count][s] : 0;
    }
    arena_free(&arena);
    return confidence.den > 0 && confidence.num <= confidence.den && higher * (Wide)confidence.den <= whole * (Wide)(confidence.den - confidence.num);
}
