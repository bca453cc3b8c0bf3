#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Writer {
    char *at;
    size_t room;
    size_t lost; /* bytes that did not fit */
} Writer;

/* What is put is mostly a few bytes: less than a call takes. */
static void put(Writer *writer, const char *bytes, size_t count)
{
    enum { FEW = 8 };
    size_t fits = count < writer->room ? count : writer->room;
    if (fits > FEW)
        memcpy(writer->at, bytes, fits);
    for (size_t i = 0; fits <= FEW && i < fits; i++)
        writer->at[i] = bytes[i];
    writer->at += fits;
    writer->room -= fits;
    writer->lost += count - fits;
}

static void put_byte(Writer *writer, char byte)
{
    put(writer, &byte, 1);
}

static void put_number(Writer *writer, uint64_t magnitude, bool is_negative)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (is_negative)
        digits[--at] = '-';
    put(writer, digits + at, sizeof digits - at);
}

static void put_signed(Writer *writer, int64_t value)
{
    put_number(writer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

/* One directive, from behind its '%'; gives where it ends, or NULL for one that is not ours. */
static const char *put_directive(Writer *writer, const char *at, va_list *list)
{
    switch (*at) {
    case 's': {
        const char *text = va_arg(*list, const char *);
        put(writer, text, strlen(text));
        return at + 1;
    }
    case '.': {
        if (at[1] != '*' || at[2] != 's')
            return NULL;
        int length = va_arg(*list, int);
        put(writer, va_arg(*list, const char *), length > 0 ? (size_t)length : 0);
        return at + 3;
    }
    case 'd': put_signed(writer, va_arg(*list, int)); return at + 1;
    case 'u': put_number(writer, va_arg(*list, unsigned), false); return at + 1;
    case 'z':
        if (at[1] != 'u')
            return NULL;
        put_number(writer, va_arg(*list, size_t), false);
        return at + 2;
    case 'l':
        if (at[1] != 'l' || (at[2] != 'd' && at[2] != 'u'))
            return NULL;
        if (at[2] == 'd')
            put_signed(writer, va_arg(*list, long long));
        else
            put_number(writer, va_arg(*list, unsigned long long), false);
        return at + 3;
    case 'c': put_byte(writer, (char)va_arg(*list, int)); return at + 1;
    case '%': put_byte(writer, '%'); return at + 1;
    default: return NULL;
    }
}

size_t format_into(char *out, size_t capacity, const char *format, va_list list)
{
    Writer writer = {out, capacity, 0};
    va_list walk;
    va_copy(walk, list);
    const char *at = format;
    while (at && *at) {
        size_t plain = 0;
        while (at[plain] && at[plain] != '%')
            plain++;
        put(&writer, at, plain);
        at += plain;
        if (*at)
            at = put_directive(&writer, at + 1, &walk);
    }
    va_end(walk);
    if (at)
        return capacity - writer.room + writer.lost;
    int length = vsnprintf(out, capacity, format, list);
    return length < 0 ? 0 : (size_t)length;
}
