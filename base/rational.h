/* Exact rationals on 64-bit integers. Overflow is reported, never wrapped. */
#ifndef SVC_BASE_RATIONAL_H
#define SVC_BASE_RATIONAL_H

#include "base/arena.h"

/* Always in lowest terms with den > 0. {0, 1} is zero. */
typedef struct Rational {
    int64_t num;
    int64_t den;
} Rational;

/* These return false, leaving *out as it was, on overflow or a zero denominator. */
bool rational_make(Rational *out, int64_t num, int64_t den) __attribute__((warn_unused_result));
bool rational_add(Rational *out, Rational a, Rational b) __attribute__((warn_unused_result));
bool rational_subtract(Rational *out, Rational a, Rational b) __attribute__((warn_unused_result));
bool rational_multiply(Rational *out, Rational a, Rational b) __attribute__((warn_unused_result));
bool rational_divide(Rational *out, Rational a, Rational b) __attribute__((warn_unused_result));
/* Digits with at most one point, such as 0.25; no sign, no exponent. */
bool rational_parse(Rational *out, Text digits) __attribute__((warn_unused_result));

Rational rational_from_integer(int64_t value);
bool rational_is_whole(Rational value);
/* -1, 0 or 1; exact. */
int rational_compare(Rational a, Rational b);
/* The exact decimal when it ends (0.25), otherwise a fraction (1/3). */
Text rational_to_text(Arena *arena, Rational value);
/* Whether the decimal expansion ends, so that it can be a JSON number. */
bool rational_is_decimal(Rational value);

#endif
