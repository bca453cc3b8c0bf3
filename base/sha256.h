/* SHA-256 by OpenSSL's libcrypto, of which nothing else is used: linked as an archive it is five small objects and needs no set-up. */
#ifndef SVC_BASE_SHA256_H
#define SVC_BASE_SHA256_H

#include "base/text.h"

enum { SHA256_HEX_LENGTH = 64 };

/* Lower-case hex and a NUL into out. */
void sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data);

#endif
