/* Values: what an expression evaluates to. Immutable, in the compilation's arena. */
#ifndef SVC_COMPILER_VALUE_H
#define SVC_COMPILER_VALUE_H

#include "parser/tree.h"

typedef struct Value Value;
typedef struct MetricDeclaration MetricDeclaration;
typedef struct MetricExpression MetricExpression;

typedef enum ValueKind {
    VALUE_NONE,      /* absent */
    VALUE_ERROR,     /* already reported */
    VALUE_STRING,
    VALUE_BOOL,
    VALUE_QUANTITY,
    VALUE_RANGE,     /* low and high quantities of one type */
    VALUE_LIST,
    VALUE_MAP,
    VALUE_WORD,      /* a name, a reference or an enum member; text is the word, aws its AWS spelling */
    VALUE_METRIC,    /* metric arithmetic or a condition over metrics */
    VALUE_UNKNOWN,   /* a parameter not given in lint: typed, without value; text names it */
} ValueKind;

typedef struct NamedValue {
    Text name;
    const Value *value;
} NamedValue;

struct Value {
    ValueKind kind;
    TypeKind type;
    Span span; /* where it was written */
    uint32_t weight; /* of a list or map: the values in it, those of lists in lists counted too */
    union {
        struct { Text text; Text aws; }; /* string, word, unknown */
        bool boolean;
        Rational number; /* quantity, in its base unit */
        struct { Rational low; Rational high; };
        struct { const Value **items; size_t count; };
        struct { NamedValue *entries; size_t entry_count; };
        const MetricExpression *metric;
    };
};

/* --- metrics --- */

typedef enum MetricScope { METRIC_TARGET_GROUP, METRIC_SERVICE, METRIC_LOAD_BALANCER, METRIC_CLUSTER, METRIC_GLOBAL } MetricScope;
typedef enum MetricCombine { COMBINE_SUM, COMBINE_MAX, COMBINE_NONE } MetricCombine;
typedef enum MetricMissing { METRIC_MISSING_ZERO, METRIC_MISSING_OK, METRIC_MISSING_BREACH, METRIC_MISSING_IGNORE, METRIC_MISSING_UNKNOWN } MetricMissing;

typedef struct MetricDimension {
    Text name;
    Text value;
} MetricDimension;

/* A CloudWatch metric as the `metric` statement declares it, its parameters bound. */
struct MetricDeclaration {
    Text path;          /* http.5xx */
    Text about;
    Text name_space;    /* AWS/ApplicationELB */
    Text name;
    Text statistic;     /* CloudWatch's: Sum, Average, Minimum, Maximum, SampleCount, p95, tm99 … */
    Text aws_unit;      /* CloudWatch's unit, such as Seconds */
    TypeKind type;      /* what a point is in svc: integer (count), percent, duration, size, rate */
    Rational factor;    /* a point times this is in svc's base unit (seconds: 1000) */
    int64_t resolution; /* milliseconds */
    MetricMissing missing;
    MetricScope scope;
    MetricCombine combine;
    bool needs_insights;
    Text predefined;    /* target tracking's name for it, or empty */
    MetricDimension *dimensions; /* beside those that the scope brings */
    size_t dimension_count;
    Text *argument_texts; /* of a metric with parameters: what it was called with, for showing */
    size_t argument_count;
    Text log_container; /* of a log metric: the container; empty otherwise */
    Text log_pattern;
    Text log_field;
    bool is_library;
    Span span;
};

typedef enum MetricNodeKind {
    METRIC_LEAF,       /* declaration */
    METRIC_NUMBER,     /* number of type, in base units */
    METRIC_ARITHMETIC, /* op, left, right */
    METRIC_COMPARISON, /* op, left, right: only at the top, or under METRIC_LOGIC */
    METRIC_LOGIC,      /* and, or, not */
    METRIC_FUNCTION,   /* function(left) */
} MetricNodeKind;

typedef enum MetricFunction {
    FUNCTION_SUM,      /* the statistic becomes Sum over the period */
    FUNCTION_AVERAGE, FUNCTION_MINIMUM, FUNCTION_MAXIMUM,
    FUNCTION_RISING,   /* every delta over the window at least zero, and growth above zero */
    FUNCTION_CANARY, FUNCTION_STABLE, /* the metric of one side of a rollout */
    FUNCTION_HIGHER, FUNCTION_LOWER,  /* whether the canary's points are higher or lower than the stable ones, beyond chance */
} MetricFunction;

struct MetricExpression {
    MetricNodeKind kind;
    TypeKind type;      /* integer for counts, number for a ratio, percent, duration, size, rate; condition for comparisons */
    Operator op;
    MetricFunction function;
    const MetricDeclaration *leaf;
    Text path;          /* of a metric declared by a `value`: its name, by which it is shown; empty otherwise */
    Rational number;
    const MetricExpression *left;
    const MetricExpression *right;
    Span span;
    uint32_t weight;    /* the expressions in it, itself counted, each as often as it is used */
};

const char *value_kind_label(const Value *value);
/* As svc writes it, for messages and explain-value. Never shows more than 200 characters. */
Text value_to_text(Arena *arena, const Value *value);
/* As svc writes it: "http.5xx / http.requests > 1%". */
Text metric_to_text(Arena *arena, const MetricExpression *expression);
/* The function with this name, such as rising; false when there is none. */
bool metric_find_function(Text name, MetricFunction *out);
bool value_equal(const Value *a, const Value *b);

#endif
