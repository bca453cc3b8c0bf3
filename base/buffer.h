/* A byte buffer that grows up to a cap; past the cap it drops bytes and remembers that it did. */
#ifndef SVC_BASE_BUFFER_H
#define SVC_BASE_BUFFER_H

#include "base/text.h"

#include <stdarg.h>

/* Zero-initialise (cap 0 means no cap); the owner calls buffer_free. */
typedef struct Buffer {
    char *bytes;
    size_t length;
    size_t capacity;
    size_t cap;
    bool overflowed;
} Buffer;

void buffer_add(Buffer *buffer, Text text);
void buffer_add_c(Buffer *buffer, const char *c_string);
void buffer_add_byte(Buffer *buffer, char byte);
void buffer_add_repeated(Buffer *buffer, char byte, size_t count);
void buffer_add_integer(Buffer *buffer, int64_t value);
void buffer_add_format(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void buffer_add_json_string(Buffer *buffer, Text text);
/* What is in it; valid until the next change. */
Text buffer_text(const Buffer *buffer);
void buffer_clear(Buffer *buffer);
void buffer_free(Buffer *buffer);

#endif
