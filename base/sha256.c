/* OpenSSL calls these functions deprecated in favour of its providers, whose set-up takes longer than linting a file does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

void sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    (void)SHA256_Init(&context);
    if (data.len)
        (void)SHA256_Update(&context, data.ptr, data.len);
    (void)SHA256_Final(raw, &context);
    for (size_t i = 0; i < sizeof raw; i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    out[SHA256_HEX_LENGTH] = '\0';
}
