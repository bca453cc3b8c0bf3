/* How an apply goes on, for people and for machines (SPEC.md, "Progress"). */
#ifndef SVC_CLI_PROGRESS_H
#define SVC_CLI_PROGRESS_H

#include "apply/apply.h"

typedef struct Progress Progress;

/* With `is_json` an object a line. On a terminal the services stand in a table below the lines, redrawn in place. Lives in the arena. */
Progress *progress_create(Arena *arena, bool is_json, bool is_terminal, bool use_color);
ApplyListener progress_listener(Progress *progress);
/* Takes the table away; what is written afterwards stands below the lines. */
void progress_end(Progress *progress);

#endif
