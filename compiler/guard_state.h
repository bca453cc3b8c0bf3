/* What the parts of judging a rule share. Private to compiler/guard*.c. */
#ifndef SVC_COMPILER_GUARD_STATE_H
#define SVC_COMPILER_GUARD_STATE_H

#include "compiler/context.h"
#include "compiler/path.h"

enum { GUARD_STEPS_MAX = 8 };

typedef enum GuardProblem {
    GUARD_PATH_GOOD,
    GUARD_PATH_UNKNOWN,  /* at `problem`, in `scope` or behind the last step */
    GUARD_PATH_TOO_LONG,
} GuardProblem;

/* A path of a rule, read against the vocabulary. */
typedef struct GuardPath {
    const Expression *expression;
    PathStep steps[GUARD_STEPS_MAX];
    size_t count;
    const Argument *argument; /* that it ends at, or that is the only one of the statement it ends at; NULL when there is none */
    size_t index;             /* of the argument */
    bool names_argument;      /* it says the argument's name */
    PathEnd end;
    GuardProblem problem;
    Scope scope;              /* in which the problem lies */
    Text rest;                /* what could not be read */
} GuardPath;

/* A value that a condition looked at. */
typedef struct GuardReading {
    Text path;          /* as svc explain-value takes it, with keys; empty when nothing was looked at */
    const Value *value; /* NULL when absent */
    Span span;          /* the value's place, or that of what lacks it */
    bool is_private;    /* not to be repeated in messages */
} GuardReading;

/* What was looked at since the last reset. */
typedef struct GuardTrace {
    GuardReading first;
    GuardReading absent;
    GuardReading unknown;
    bool has_first;
    bool has_absent;
    bool has_unknown;
} GuardTrace;

typedef enum Answer { ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN, ANSWER_ERROR } Answer;

typedef struct Verdict {
    Answer answer;
    GuardReading reading; /* that decided */
} Verdict;

typedef struct CachedPattern {
    const Expression *expression;
    TextPattern *pattern; /* NULL for one in error */
} CachedPattern;

struct Guard {
    const VocabularyRow *row;  /* of the subject */
    const Node *subject;       /* NULL while the rule itself is checked: every value is then a typed unknown */
    ARRAY(GuardPath *) paths;
    ARRAY(CachedPattern) patterns;
    GuardTrace trace;
    /* Inside of all(…) and any(…): which of the several are meant. */
    const GuardPath *bound;    /* NULL outside */
    size_t bound_depth;        /* so many of its steps */
    bool is_item_bound;        /* and one value of its argument, which takes many */
    const Node *nodes[GUARD_STEPS_MAX];
    const Value *item;
};

/* --- guard_path.c --- */
/* The path of an expression; read once. */
const GuardPath *guard_path(Context *context, const Expression *expression);
/* Whether the path may be used as a value here; reported. */
bool guard_path_check_value(Context *context, const GuardPath *path);
/* Whether it may be used as a thing that is there or not; reported. */
bool guard_path_check_thing(Context *context, const GuardPath *path);
/* So many steps are the same from the beginning. */
size_t guard_path_common(const GuardPath *a, const GuardPath *b);
/* Steps up to the last one of which there may be several; without_last leaves the last step out. */
size_t guard_path_depth(const GuardPath *path, bool without_last);
bool guard_path_is_many(const GuardPath *path);
/* Whether this step's node is given by the quantifier around it. */
bool guard_is_bound(const Guard *guard, const GuardPath *path, size_t step);
/* Whether the path's values are given one by one by the quantifier around it. */
bool guard_is_item_bound(const Guard *guard, const GuardPath *path);
TypeKind guard_path_type(const GuardPath *path);

/* --- guard_read.c --- */
/* The value at a path that was checked; absent ones are noted in the trace, and unknown. */
const Value *guard_read(Context *context, const GuardPath *path);
/* How many things stand at a path; what was looked at is noted in the trace. */
size_t guard_count(Context *context, const GuardPath *path);

/* --- guard_condition.c --- */
Verdict guard_condition(Context *context, const Expression *e);
/* The quantifier that a call is: all gives true, any false. */
bool guard_find_quantifier(const Expression *e, bool *is_all);
typedef void GuardVisit(Context *context, const Expression *condition, void *data);
/* Binds each of what a quantifier is about, one after the other; false after a report. *nearest is where they would stand. */
bool guard_each(Context *context, const Expression *call, GuardVisit *visit, void *data, GuardReading *nearest);

/* --- guard_compare.c --- */
Verdict guard_compare(Context *context, const Expression *e);
/* A text function: begins, ends, contains, matches, one-of; false when it is none. */
bool guard_text_call(Context *context, const Expression *e, Verdict *out);
/* An operand beside another one: a bare word beside a word is that word. */
const Value *guard_operand(Context *context, const Expression *e, const Expression *other);
/* What the trace says about a condition that has no answer of its own; false when it leaves the answer open. */
bool guard_trace_decides(const Guard *guard, Verdict *out);
Verdict guard_answer(const Guard *guard, bool holds);
const Expression *guard_unwrap(const Expression *e);

#endif
