/* What happened in a rehearsal, as it happened and drawn. */
#ifndef SVC_CLI_REHEARSE_TIMELINE_H
#define SVC_CLI_REHEARSE_TIMELINE_H

#include "simulate/rehearsal.h"

typedef struct TimelineRow {
    int64_t at_ms;
    const char *kind;   /* "weights", "service", "operator", "apply", "killed" */
    Text subject;
    Text text;
    bool has_weights;
    int64_t weights[2]; /* of the old and the new side */
} TimelineRow;

typedef struct Timeline {
    Arena *arena;
    const Rehearsal *rehearsal;
    int64_t started_ms, ended_ms;
    ARRAY(TimelineRow) rows;
} Timeline;

/* Begins now, and listens to the account; it must stay where it is. */
void timeline_begin(Timeline *timeline, Arena *arena, const Rehearsal *rehearsal);
ApplyListener timeline_listener(Timeline *timeline);
void timeline_end(Timeline *timeline);
/* For people: a line for each thing that happened, and below them the course of it as rows of bars. */
void timeline_render_text(Buffer *out, const Timeline *timeline);
/* For machines: an object a line. */
void timeline_render_json(Buffer *out, const Timeline *timeline);

#endif
