#include "base/buffer.h"

#include "base/format.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <string.h>

static bool reserve(Buffer *buffer, size_t more)
{
    if (buffer->overflowed)
        return false;
    size_t needed = buffer->length + more + 1;
    if (buffer->cap && needed > buffer->cap) {
        buffer->overflowed = true;
        return false;
    }
    if (needed > buffer->capacity) {
        size_t grown = buffer->capacity ? buffer->capacity * 2 : 256;
        while (grown < needed)
            grown *= 2;
        buffer->bytes = memory_resize(buffer->bytes, grown);
        buffer->capacity = grown;
    }
    return true;
}

void buffer_add(Buffer *buffer, Text text)
{
    if (text.len == 0 || !reserve(buffer, text.len))
        return;
    memcpy(buffer->bytes + buffer->length, text.ptr, text.len);
    buffer->length += text.len;
}

void buffer_add_c(Buffer *buffer, const char *c_string)
{
    buffer_add(buffer, text_from_c(c_string));
}

void buffer_add_byte(Buffer *buffer, char byte)
{
    if (reserve(buffer, 1))
        buffer->bytes[buffer->length++] = byte;
}

void buffer_add_repeated(Buffer *buffer, char byte, size_t count)
{
    if (!reserve(buffer, count))
        return;
    memset(buffer->bytes + buffer->length, byte, count);
    buffer->length += count;
}

void buffer_add_integer(Buffer *buffer, int64_t value)
{
    buffer_add_format(buffer, "%lld", (long long)value);
}

void buffer_add_format(Buffer *buffer, const char *format, ...)
{
    va_list list;
    va_list again;
    va_start(list, format);
    va_copy(again, list);
    char usual[256];
    size_t length = format_into(usual, sizeof usual, format, list);
    if (length < sizeof usual) {
        buffer_add(buffer, (Text){usual, length});
    } else if (reserve(buffer, length)) {
        (void)format_into(buffer->bytes + buffer->length, length + 1, format, again);
        buffer->length += length;
    }
    va_end(again);
    va_end(list);
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c >= 0x7f;
}

static void add_escaped(Buffer *buffer, unsigned char c)
{
    switch (c) {
    case '"': buffer_add_c(buffer, "\\\""); break;
    case '\\': buffer_add_c(buffer, "\\\\"); break;
    case '\n': buffer_add_c(buffer, "\\n"); break;
    case '\r': buffer_add_c(buffer, "\\r"); break;
    case '\t': buffer_add_c(buffer, "\\t"); break;
    default: buffer_add_format(buffer, "\\u%04x", c); break;
    }
}

void buffer_add_json_string(Buffer *buffer, Text text)
{
    buffer_add_byte(buffer, '"');
    size_t run = 0;
    for (size_t i = 0; i < text.len;) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!needs_escape(c)) {
            i++;
            continue;
        }
        buffer_add(buffer, text_slice(text, run, i));
        size_t length = 1;
        if (c < 0x80) {
            add_escaped(buffer, c);
        } else {
            uint32_t point = 0;
            length = utf8_decode(text_slice(text, i, text.len), &point);
            if (length == 0)
                buffer_add_c(buffer, "\xef\xbf\xbd");
            else
                buffer_add(buffer, text_slice(text, i, i + length));
            length = length ? length : 1;
        }
        i += length;
        run = i;
    }
    buffer_add(buffer, text_slice(text, run, text.len));
    buffer_add_byte(buffer, '"');
}

Text buffer_text(const Buffer *buffer)
{
    return (Text){buffer->bytes, buffer->length};
}

void buffer_clear(Buffer *buffer)
{
    buffer->length = 0;
    buffer->overflowed = false;
}

void buffer_free(Buffer *buffer)
{
    memory_free(buffer->bytes);
    *buffer = (Buffer){.cap = buffer->cap};
}
