#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Writer {
    char *out;
    size_t capacity;
    size_t length; /* of the whole, also what did not fit */
} Writer;

static void put(Writer *writer, const char *bytes, size_t count)
{
    if (writer->length < writer->capacity) {
        size_t room = writer->capacity - writer->length;
        memcpy(writer->out + writer->length, bytes, count < room ? count : room);
    }
    writer->length += count;
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

/* The length of one of our directives, from behind its '%'; 0 for any other. */
static size_t directive_length(const char *at)
{
    switch (at[0]) {
    case 's':
    case 'd':
    case 'u':
    case 'c':
    case '%': return 1;
    case '.': return at[1] == '*' && at[2] == 's' ? 3 : 0;
    case 'z': return at[1] == 'u' ? 2 : 0;
    case 'l': return at[1] == 'l' && at[2] == 'd' ? 3 : 0;
    default: return 0;
    }
}

/* Whether every directive is one of ours. By hand and not by strchr: formats are short. */
static bool is_simple(const char *format)
{
    for (const char *at = format; *at;) {
        if (*at++ != '%')
            continue;
        size_t length = directive_length(at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* One directive, from behind its '%'; gives where it ends. */
static const char *put_directive(Writer *writer, const char *at, va_list *list)
{
    switch (*at) {
    case 's': {
        const char *text = va_arg(*list, const char *);
        put(writer, text, strlen(text));
        return at + 1;
    }
    case '.': {
        int length = va_arg(*list, int);
        put(writer, va_arg(*list, const char *), length > 0 ? (size_t)length : 0);
        return at + 3;
    }
    case 'd': put_signed(writer, va_arg(*list, int)); return at + 1;
    case 'u': put_number(writer, va_arg(*list, unsigned), false); return at + 1;
    case 'z': put_number(writer, va_arg(*list, size_t), false); return at + 2;
    case 'l': put_signed(writer, va_arg(*list, long long)); return at + 3;
    case 'c': {
        char byte = (char)va_arg(*list, int);
        put(writer, &byte, 1);
        return at + 1;
    }
    default: put(writer, "%", 1); return at + 1;
    }
}

size_t format_into(char *out, size_t capacity, const char *format, va_list list)
{
    if (!is_simple(format)) {
        int length = vsnprintf(out, capacity, format, list);
        return length < 0 ? 0 : (size_t)length;
    }
    Writer writer = {out, capacity, 0};
    va_list walk;
    va_copy(walk, list);
    const char *at = format;
    while (*at) {
        const char *end = at;
        while (*end && *end != '%')
            end++;
        put(&writer, at, (size_t)(end - at));
        at = *end ? put_directive(&writer, end + 1, &walk) : end;
    }
    va_end(walk);
    return writer.length;
}
