#include "base/sha256.h"

#include <dlfcn.h>
#include <string.h>

typedef unsigned char *(*DigestFunction)(const unsigned char *data, size_t length, unsigned char *out);

/* dlopen counts references and keeps the library loaded, so asking again is cheap and no handle is kept here. */
static DigestFunction load_digest(void)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = dlopen("libcrypto.so.1.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return NULL;
    DigestFunction digest = NULL;
    void *symbol = dlsym(library, "SHA256");
    memcpy(&digest, &symbol, sizeof digest);
    return digest;
}

bool sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[SHA256_HEX_LENGTH / 2];
    DigestFunction digest = load_digest();
    if (!digest)
        return false;
    digest((const unsigned char *)(data.ptr ? data.ptr : ""), data.len, raw);
    for (size_t i = 0; i < sizeof raw; i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    out[SHA256_HEX_LENGTH] = '\0';
    return true;
}

const char *sha256_load_error(void)
{
    const char *reason = dlerror();
    return reason ? reason : "libcrypto was not found";
}
