/* OpenSSL calls these functions deprecated in favour of its providers, whose set-up takes longer than linting a file does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include "base/hex.h"

#include <openssl/sha.h>

_Static_assert(SHA256_LENGTH == SHA256_DIGEST_LENGTH, "as long as OpenSSL says");

static void hash_two(unsigned char out[SHA256_LENGTH], Text first, Text second)
{
    SHA256_CTX context;
    (void)SHA256_Init(&context);
    if (first.len)
        (void)SHA256_Update(&context, first.ptr, first.len);
    if (second.len)
        (void)SHA256_Update(&context, second.ptr, second.len);
    (void)SHA256_Final(out, &context);
}

void sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data)
{
    unsigned char raw[SHA256_LENGTH];
    hash_two(raw, data, TEXT_NONE);
    hex_write(out, raw, sizeof raw);
}

void sha256_hmac(unsigned char out[SHA256_LENGTH], Text key, Text data)
{
    unsigned char short_key[SHA256_LENGTH];
    if (key.len > SHA256_CBLOCK) {
        hash_two(short_key, key, TEXT_NONE);
        key = (Text){(const char *)short_key, sizeof short_key};
    }
    char inner[SHA256_CBLOCK];
    char outer[SHA256_CBLOCK];
    for (size_t i = 0; i < SHA256_CBLOCK; i++) {
        unsigned char byte = i < key.len ? (unsigned char)key.ptr[i] : 0;
        inner[i] = (char)(byte ^ 0x36);
        outer[i] = (char)(byte ^ 0x5c);
    }
    unsigned char hash[SHA256_LENGTH];
    hash_two(hash, (Text){inner, sizeof inner}, data);
    hash_two(out, (Text){outer, sizeof outer}, (Text){(const char *)hash, sizeof hash});
}

void sha1_hex(char out[SHA1_HEX_LENGTH + 1], Text data)
{
    unsigned char raw[SHA_DIGEST_LENGTH];
    SHA_CTX context;
    (void)SHA1_Init(&context);
    if (data.len)
        (void)SHA1_Update(&context, data.ptr, data.len);
    (void)SHA1_Final(raw, &context);
    hex_write(out, raw, sizeof raw);
}
