/* Signatures of saved plans: Ed25519 over the seal, by OpenSSL's libcrypto, which is loaded when one is wanted. */
#ifndef SVC_PLAN_PLAN_SIGN_H
#define SVC_PLAN_PLAN_SIGN_H

#include "diagnostics/diagnostic.h"

/* Signs with the private key of a PEM file; hex in *out. False after a report. */
bool plan_sign(Arena *arena, Diagnostics *sink, Text key, Text seal, Text *out) __attribute__((warn_unused_result));
/* Whether the signature is that of the public key of a PEM file. False after a report; `path` is the plan's. */
bool plan_check_signature(Arena *arena, Diagnostics *sink, Text key, Text path, Text seal, Text signature) __attribute__((warn_unused_result));

#endif
