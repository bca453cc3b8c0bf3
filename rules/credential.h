/* What credentials look like, for those who read variables that people wrote. */
#ifndef SVC_RULES_CREDENTIAL_H
#define SVC_RULES_CREDENTIAL_H

#include "base/arena.h"

/* Whether a variable of this name and value most likely holds a password, key or token that does not belong into a document: by how its name ends, or by what
   the value looks like. */
bool credential_is_likely(Arena *scratch, Text name, Text value);

#endif
