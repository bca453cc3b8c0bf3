/* SHA-256 by OpenSSL's libcrypto, loaded when it is first needed so that linting never pays for it. */
#ifndef SVC_BASE_SHA256_H
#define SVC_BASE_SHA256_H

#include "base/text.h"

enum { SHA256_HEX_LENGTH = 64 };

/* Lower-case hex and a NUL into out. False when libcrypto cannot be loaded; sha256_load_error says why. */
bool sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data) __attribute__((warn_unused_result));
/* What the loader said when libcrypto could not be loaded; static storage of the loader. */
const char *sha256_load_error(void);

#endif
