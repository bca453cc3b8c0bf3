/* SHA-256 by OpenSSL's libcrypto, and what AWS makes of hashes. Linked as an archive they are a few small objects that need no set-up; OpenSSL's own HMAC
   brings its providers with it, 3 MiB and a quarter of a millisecond at each start. */
#ifndef SVC_BASE_SHA256_H
#define SVC_BASE_SHA256_H

#include "base/text.h"

enum { SHA256_LENGTH = 32, SHA256_HEX_LENGTH = 64, SHA1_HEX_LENGTH = 40 };

/* Lower-case hex and a NUL into out. */
void sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data);
/* HMAC of RFC 2104. `out` may be where the key is. */
void sha256_hmac(unsigned char out[SHA256_LENGTH], Text key, Text data);
/* For the names of files that other tools give by SHA-1; never for security. */
void sha1_hex(char out[SHA1_HEX_LENGTH + 1], Text data);

#endif
