/* The lease: one apply at a time for a service in an environment (SPEC.md, "The lease"). */
#ifndef SVC_APPLY_LEASE_H
#define SVC_APPLY_LEASE_H

#include "base/array.h"
#include "diagnostics/diagnostic.h"

typedef struct Run Run;

typedef struct Lease {
    Text service; /* empty: what services share */
    Text path;   /* "/svc/shop/prod/api/lease" */
    int64_t number;
    int64_t expires_ms;
    int64_t checked_ms;
    Text record; /* of the service's rollout; empty: there is none to keep */
} Lease;

typedef struct LeaseSet {
    ARRAY(Lease *) items; /* held ones */
    Text token;           /* tells this apply from others of the same owner */
    int64_t renewed_ms;
} LeaseSet;

/* Takes the leases of all services with steps, in the order of their paths; waits for others until the deadline. False after a report. */
bool lease_take_all(Run *run) __attribute__((warn_unused_result));
/* Whether the service's is still held, by asking. False after a report: then nothing more may be changed. */
bool lease_check(Run *run, Text service) __attribute__((warn_unused_result));
/* NULL: there is none for the service. */
Lease *lease_find(const Run *run, Text service);
/* Keeps the record of a rollout in the service's lease, which must be held; empty: none. False when it could not be written, which is told. */
bool lease_keep_record(Run *run, Text service, Text record) __attribute__((warn_unused_result));
/* What a service keeps in the account: "/svc/shop/prod/api/lease"; `what` is lease, command or passed. */
Text lease_path(Arena *arena, Text project, Text environment, Text service, const char *what);
/* The number behind the last slash of a parameter's name: leases and commands are numbered. 0: it has none. */
int64_t lease_number(Text name);
/* Renews them when it is time. The time of the next renewal. */
int64_t lease_tick(Run *run);
/* Those with the record of a rollout that has not ended stay, expired. */
void lease_release_all(Run *run);

#endif
