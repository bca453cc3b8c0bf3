/* Gates of a rollout that are asked where svc runs: an HTTP request, a program (SPEC.md, "Gates"). */
#ifndef SVC_CLI_GATES_H
#define SVC_CLI_GATES_H

#include "apply/apply.h"
#include "cli/account.h"

ApplyGates gates_of(Account *account);

#endif
