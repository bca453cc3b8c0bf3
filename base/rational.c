#include "base/rational.h"

#include <string.h>

__extension__ typedef __int128 Wide;

static Wide wide_gcd(Wide a, Wide b)
{
    if (a < 0)
        a = -a;
    while (b != 0) {
        Wide rest = a % b;
        a = b;
        b = rest < 0 ? -rest : rest;
    }
    return a;
}

static bool from_wide(Rational *out, Wide num, Wide den)
{
    if (den == 0)
        return false;
    Wide divisor = wide_gcd(num, den < 0 ? -den : den);
    if (divisor > 1) {
        num /= divisor;
        den /= divisor;
    }
    if (den < 0) {
        num = -num;
        den = -den;
    }
    if (num > INT64_MAX || num < -INT64_MAX || den > INT64_MAX)
        return false;
    *out = (Rational){(int64_t)num, (int64_t)den};
    return true;
}

bool rational_make(Rational *out, int64_t num, int64_t den)
{
    return from_wide(out, num, den);
}

bool rational_add(Rational *out, Rational a, Rational b)
{
    /* Each product fits 126 bits, so their sum fits 127. */
    return from_wide(out, (Wide)a.num * b.den + (Wide)b.num * a.den, (Wide)a.den * b.den);
}

bool rational_subtract(Rational *out, Rational a, Rational b)
{
    return from_wide(out, (Wide)a.num * b.den - (Wide)b.num * a.den, (Wide)a.den * b.den);
}

bool rational_multiply(Rational *out, Rational a, Rational b)
{
    return from_wide(out, (Wide)a.num * b.num, (Wide)a.den * b.den);
}

bool rational_divide(Rational *out, Rational a, Rational b)
{
    return from_wide(out, (Wide)a.num * b.den, (Wide)a.den * b.num);
}

bool rational_parse(Rational *out, Text digits)
{
    Wide num = 0;
    Wide den = 1;
    bool after_point = false;
    bool any = false;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        if (c == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (!byte_is_digit(c))
            return false;
        any = true;
        num = num * 10 + (c - '0');
        if (after_point)
            den *= 10;
        if (num > (Wide)INT64_MAX * 1000 || den > (Wide)INT64_MAX)
            return false;
    }
    return any && from_wide(out, num, den);
}

Rational rational_from_integer(int64_t value)
{
    return (Rational){value, 1};
}

bool rational_is_whole(Rational value)
{
    return value.den == 1;
}

int rational_compare(Rational a, Rational b)
{
    Wide left = (Wide)a.num * b.den;
    Wide right = (Wide)b.num * a.den;
    return (left > right) - (left < right);
}

bool rational_is_decimal(Rational value)
{
    int64_t den = value.den;
    while (den % 2 == 0)
        den /= 2;
    while (den % 5 == 0)
        den /= 5;
    return den == 1;
}

Text rational_to_text(Arena *arena, Rational value)
{
    if (rational_is_whole(value))
        return arena_format(arena, "%lld", (long long)value.num);
    if (!rational_is_decimal(value))
        return arena_format(arena, "%lld/%lld", (long long)value.num, (long long)value.den);
    Wide magnitude = value.num < 0 ? -(Wide)value.num : value.num;
    Wide rest = magnitude % value.den;
    char fraction[128];
    size_t length = 0;
    while (rest != 0 && length < sizeof fraction) {
        rest *= 10;
        fraction[length++] = (char)('0' + (int)(rest / value.den));
        rest %= value.den;
    }
    return arena_format(arena, "%s%lld.%.*s", value.num < 0 ? "-" : "", (long long)(magnitude / value.den), (int)length, fraction);
}
