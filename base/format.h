/* printf for the few directives that texts are made of, many times as fast as the C library's. */
#ifndef SVC_BASE_FORMAT_H
#define SVC_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Formats at most `capacity` bytes into out, without a NUL, and returns the whole length, as vsnprintf does. Directives other than %s,
   %.*s, %d, %u, %zu, %lld, %llu, %c and %% go to the C library. */
size_t format_into(char *out, size_t capacity, const char *format, va_list list) __attribute__((format(printf, 3, 0)));

#endif
