/* Bytes as lower-case hex. */
#ifndef SVC_BASE_HEX_H
#define SVC_BASE_HEX_H

#include <stddef.h>

/* Two digits a byte and a NUL. */
static inline void hex_write(char *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

#endif
