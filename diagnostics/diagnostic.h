/* Diagnostics as data: what is wrong, where, why and how to fix it. Only the renderers print. */
#ifndef SVC_DIAGNOSTICS_DIAGNOSTIC_H
#define SVC_DIAGNOSTICS_DIAGNOSTIC_H

#include "diagnostics/source.h"

typedef enum Severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR } Severity;

/* One per row of codes.def: DIAGNOSTIC(0231, FARGATE_MEMORY, ERROR, title, why, wrong, right, source) gives CODE_FARGATE_MEMORY. */
typedef enum DiagnosticCode {
#define DIAGNOSTIC(number, name, severity, title, why, wrong, right, source) CODE_##name,
#include "diagnostics/codes.def"
#undef DIAGNOSTIC
    CODE_COUNT
} DiagnosticCode;

/* The page of a code, for `svc explain`. All strings are static. */
typedef struct DiagnosticPage {
    const char *code; /* "SVC0231" */
    Severity severity;
    const char *title;
    const char *why;
    const char *wrong; /* .svc source */
    const char *right; /* .svc source */
    const char *source; /* where the rule comes from */
} DiagnosticPage;

const DiagnosticPage *diagnostic_page(DiagnosticCode code);
/* Accepts SVC0231, svc0231 and 231. False when there is none. */
bool diagnostic_find_code(DiagnosticCode *out, Text text);

typedef struct Label {
    Span span;
    Text text; /* may be empty for the primary label */
} Label;

/* One replacement of bytes. Safe fixes never change what a right reader would have meant; `lint --fix` applies those. */
typedef struct Fix {
    Span span;
    Text replacement;
    Text description; /* completes "fix: ", such as "compute 1 vcpu 2 GiB" */
    bool is_safe;
} Fix;

typedef struct Diagnostic {
    DiagnosticCode code;
    Severity severity;
    Text message;
    Label primary;
    ARRAY(Label) labels; /* secondary ones, in order of position when shown */
    TextArray notes;
    Fix *fix;            /* NULL when there is none */
    Text environment;    /* set when found only when compiling for this environment */
    Span user;           /* the user of a finding in another file; no span otherwise */
    bool is_tolerated;   /* below the severity at which a check fails */
    Text rule;           /* of a rule of the team's own: its name; empty otherwise */
    struct Diagnostic *before; /* the one recorded before it at a place of the same hash; diagnostic.c's own */
    bool is_secret;      /* what stands at the primary span must not be shown: renderers mask it */
} Diagnostic;

/* The sink: zero-initialise, set arena and sources. Not thread-safe. */
typedef struct Diagnostics {
    Arena *arena;
    Sources *sources;
    ARRAY(Diagnostic *) items;
    size_t error_count;
    Text environment; /* copied into each new diagnostic */
    Text rule;        /* the same: the team's rule that is being judged */
    const Span *user; /* what is being worked on, such as a service: a finding in another file (a profile's) is its own for
                         each of them, and shows it; NULL when nothing is */
    SpanArray silenced_secrets; /* places of findings that were taken out and are still not to be shown */
    Diagnostic **slots;   /* hash table of the items by code, place and environment; diagnostic.c's own */
    Diagnostic **places;  /* the same by place alone: the first of a chain */
    size_t slot_count;
    size_t slot_capacity;
} Diagnostics;

/* Adds a diagnostic with the severity of its page. Never NULL; the sink owns it. The same code at the same span (in the same environment, of the same user) is recorded once; without a span, or of
   a rule of the team's own, the same message. */
Diagnostic *diagnostic_report(Diagnostics *sink, DiagnosticCode code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with another severity than the page's. */
Diagnostic *diagnostic_report_as(Diagnostics *sink, DiagnosticCode code, Severity severity, Span span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The words beside the caret. */
void diagnostic_set_label(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Another place that matters, with its words. */
void diagnostic_add_label(Diagnostics *sink, Diagnostic *diagnostic, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diagnostic_add_note(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A fix that replaces span; an empty format shows the replacement itself. */
void diagnostic_set_fix(Diagnostics *sink, Diagnostic *diagnostic, bool is_safe, Span span, Text replacement, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Advice in words where no replacement can be given; shown as "fix: …". */
void diagnostic_set_advice(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What stands at the finding's place is a secret: every renderer shows the source line with it masked. */
void diagnostic_mark_secret(Diagnostic *diagnostic);

/* Whether an error is recorded at the very place. */
bool diagnostics_has_error_at(const Diagnostics *sink, Span span);
/* Forgets all but the first `count` items, as after printing them. error_count stays: it counts what was ever found. */
void diagnostics_keep_first(Diagnostics *sink, size_t count);
/* Sorts by file, position, code; drops exact repeats (the same code, span and message found in another environment). */
void diagnostics_sort(Diagnostics *sink);
size_t diagnostics_count(const Diagnostics *sink, Severity severity);

/* The whole file, which lives in the arena. False after a report. */
bool diagnostic_read_file(Arena *arena, Diagnostics *sink, Text path, size_t limit, Text *out) __attribute__((warn_unused_result));

#endif
