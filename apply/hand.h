/* The hand on a rollout that some apply drives, here or elsewhere: how it is, and commands (SPEC.md, "The hand on it"). */
#ifndef SVC_APPLY_HAND_H
#define SVC_APPLY_HAND_H

#include "aws/caller.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

enum { HAND_ERROR = 1, HAND_PAUSED = 5, HAND_ALONE = 7 }; /* exit statuses; the last: the new revision has traffic, and nobody drives */

typedef struct HandInput {
    Arena *arena;
    Diagnostics *sink;
    const AwsCaller *caller;
    const Resources *resources; /* of the file */
    Text project, environment;
    Text service;               /* the one that is meant; empty: the only one */
    Text by;                    /* who gives the command */
    bool is_json;
} HandInput;

/* Whether it is a word of `svc rollout`: "status", or a command's. */
bool hand_knows(Text word);
/* Does it, and adds what is to be printed. The exit status, after a report when it is HAND_ERROR. */
int hand_take(const HandInput *input, Text word, Buffer *out);

#endif
