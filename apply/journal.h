/* What was begun and done, beside the plan: it makes going on quicker, and losing it loses nothing (SPEC.md, "The journal"). */
#ifndef SVC_APPLY_JOURNAL_H
#define SVC_APPLY_JOURNAL_H

#include "base/array.h"
#include "document/json.h"

typedef struct JournalEntry {
    Text step;
    bool is_done; /* otherwise begun */
    int64_t at_ms;
    Json *known;  /* {attribute: value} of its resource; may be NULL */
} JournalEntry;

/* Zero: none is kept. */
typedef struct Journal {
    int descriptor; /* -1: none */
    Text plan;      /* the seal of the plan that is run */
    ARRAY(JournalEntry) entries; /* of earlier runs of this plan */
} Journal;

/* Reads what is there of this plan and goes on behind it; what is of another plan makes room. A line that was cut off is no entry. False with
   *reason when it cannot be written. */
bool journal_open(Arena *arena, Text path, Text plan, Journal *out, Text *reason) __attribute__((warn_unused_result));
/* On the disk when it returns. A disk that is full does not stop an apply: false then. */
bool journal_add(Journal *journal, Text step, bool is_done, int64_t at_ms, const Json *known);
/* The newest entry of the step; NULL: none. */
const JournalEntry *journal_find(const Journal *journal, Text step);
void journal_close(Journal *journal);

#endif
