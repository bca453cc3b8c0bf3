/* What the parts of the compiler share. Private to compiler/. */
#ifndef SVC_COMPILER_CONTEXT_H
#define SVC_COMPILER_CONTEXT_H

#include "compiler/compile.h"
#include "compiler/model.h"
#include "parser/parser.h"

/* Limits on what a file may expand to (SPEC.md, "Limits"). */
enum {
    COMPILER_NODES_MAX = 200000,
    COMPILER_CHILDREN_MAX = 5000, /* of one body */
    COMPILER_ENVIRONMENTS_MAX = 100,
    COMPILER_INCLUSIONS_MAX = 100000,
    COMPILER_TEXT_MAX = 64 * 1024 * 1024, /* of all strings that a file computes */
    COMPILER_DEPTH_MAX = 512, /* more than the parser lets stand in one file, so that only recursion reaches it */
    COMPILER_METRIC_MAX = 1000,
    COMPILER_STRING_MAX = 64 * 1024,
    COMPILER_LIST_MAX = 10000,
    COMPILER_PATTERN_MAX = 1000,
};

/* The name by which a service's body, its profiles and its metrics see the service's own name. */
#define BUILT_IN_SERVICE TEXT("service")

/* A name and its value; a chain, newest first, so that a body's names end with it. */
typedef struct Binding Binding;
struct Binding {
    Text name;
    const Value *value;
    const Binding *next;
};

typedef struct RefinedType RefinedType;
typedef struct TextPattern TextPattern;
typedef ARRAY(RefinedType *) RefinedTypeArray;

/* A type as an argument or parameter asks for it. */
typedef struct TypeRef {
    TypeKind kind;
    const RefinedType *refined; /* NULL for a built-in type */
    Text argument;              /* sns of arn(sns); empty otherwise */
    const struct TypeRef *element; /* of list(T); NULL when any */
    bool is_error;
} TypeRef;

typedef struct Module Module;

/* A statement that declares something, found by word and key. */
typedef struct Declaration {
    WordId word;
    Text key;
    const Statement *statement; /* NULL for one of the library's that nobody has asked for yet: its text is at `text` */
    Span text;
    uint32_t hash;              /* of the table it is in */
} Declaration;

/* Open addressing; grows in the arena. A free slot is NULL. */
typedef struct DeclarationTable {
    Declaration **slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
} DeclarationTable;

/* One parsed source file. */
struct Module {
    uint32_t file;
    Text name; /* "std.metrics", or the path */
    Tree tree;
    bool is_library;
    bool is_for_rules; /* given by --rules: only its rules hold, and what they need */
    bool is_loading; /* for finding cycles */
};

typedef ARRAY(const Declaration *) DeclarationArray;

typedef struct Context Context;

/* What an argument is limited to. */
typedef struct ReadLimits {
    const char *written; /* the vocabulary's own bytes, so that the place tells which they are */
    Quantity low;
    Quantity high;
} ReadLimits;

struct Compilation {
    Arena *arena; /* lives as long as the compilation: library, patterns */
    Diagnostics *sink;
    CompileOptions options;
    bool *is_declared;         /* for each given parameter: whether a file has declared it */
    TextArray declared;        /* names of the parameters of all files, for "did you mean" */
    ARRAY(Module *) library;   /* parsed modules of the standard library */
    Unit *rules;               /* whose modules are the files of rules given by --rules; NULL without any */
    DeclarationTable prelude;  /* what the library declares for everybody */
    DeclarationArray defaults; /* the library's `default` statements */
    RefinedTypeArray types;    /* the library's, compiled */
    ARRAY(ReadLimits) limits;  /* of the vocabulary, as numbers */
    void *pattern_context;     /* PCRE2's allocator and limits */
    void *pattern_limits;
    void *pattern_match;
};

struct Unit {
    Compilation *compilation;
    Arena *arena; /* the unit's own: freed by its owner after use */
    Module *module;
    ARRAY(Module *) modules;   /* those it uses, by whatever way, before those that use them */
    DeclarationTable table;    /* of the file and of the modules it uses */
    DeclarationArray defaults;
    TextArray environments;
    size_t computed_text; /* bytes of the strings computed so far */
    const Context *compiled; /* of the last model, for judging it; NULL before */
    bool is_test;            /* the body of an `expect` */
};

/* A metric declared inside a service, with the names that were bound there. */
typedef struct ScopedMetric ScopedMetric;
struct ScopedMetric {
    Text path;
    const Statement *statement;
    const Binding *bindings;
    const ScopedMetric *next;
};

typedef struct CachedMetric {
    const Statement *statement;
    const Value *value;
} CachedMetric;

/* Where a statement whose key has to be computed, such as `container (service)`, came to stand. */
typedef struct PlacedStatement {
    const Statement *statement;
    Node *node;
} PlacedStatement;

/* The state of compiling one model. */
struct Context {
    Compilation *compilation;
    Unit *unit;
    Arena *arena;
    Diagnostics *sink;
    Model *model;
    const Binding *bindings;
    const Binding *globals; /* built-in names, parameters and file-level values: what a declaration sees */
    const ScopedMetric *metrics;
    RefinedTypeArray types; /* the file's own, compiled */
    ARRAY(CachedMetric) metric_cache;
    ARRAY(PlacedStatement) placed;
    ARRAY(const Statement *) active;  /* metrics and profiles being expanded, for finding cycles */
    size_t node_count;
    size_t inclusion_count;
    size_t depth;
    uint32_t next_stamp;
    bool limit_reported;
    bool is_tentative; /* a declaration is tried with unknown arguments: what they leave open is no mistake */
    ARRAY(const Binding *) module_bindings; /* of each module the names bound when its own were */
    struct Guard *guard; /* while a rule is judged, its state: paths are then read from the model; NULL otherwise */
};

typedef struct Guard Guard;

/* --- compile.c --- */
/* Fills the unit's tables from its module and those that it uses. */
void unit_declare(Unit *unit);

/* --- module.c --- */
/* Loads the files of rules that hold for all files of the run. */
void module_load_rules(Compilation *compilation);
/* Adds them to a unit, but for those that it uses by itself. */
void module_add_rules(Unit *unit);
void module_load_prelude(Compilation *compilation);
/* The library's module of this name, parsed on first use; NULL when there is none. */
Module *module_load_library(Compilation *compilation, Text name);
/* Parses the module's file and the modules that it uses. */
void module_load_uses(Unit *unit, Module *module);
/* Adds what the module declares to the table, and its `default` statements to the list. */
void module_declare(Arena *arena, Diagnostics *sink, const Module *module, DeclarationTable *table, DeclarationArray *defaults);
/* The library's module beyond the prelude that declares this, or NULL. */
const char *compile_library_module_of(Compilation *compilation, WordId word, Text key);

/* --- declare.c --- */
void declaration_add(Arena *arena, Diagnostics *sink, DeclarationTable *table, Declaration declaration);
const Declaration *declaration_find(const DeclarationTable *table, WordId word, Text key);
/* Adds what a library file declares, without parsing more than the first words of each declaration. */
void declaration_index_library(Compilation *compilation, uint32_t file);
/* In the library's prelude; parses the declaration when it is first asked for. */
const Declaration *prelude_find(Compilation *compilation, WordId word, Text key);
/* In the unit, then in the library. */
const Declaration *context_find(const Context *context, WordId word, Text key);
/* The nearest declared key of the word, or an empty text. */
Text context_suggest(const Context *context, WordId word, Text key);
/* The key of a declaring statement as written, such as "read bucket"; empty when it cannot be told. */
Text statement_key(Arena *arena, const Statement *statement);
/* The text of an expression that is a plain word, path or string; empty otherwise. */
Text expression_word(Arena *arena, const Expression *expression);

/* --- types.c --- */
bool type_resolve(Context *context, const Expression *expression, TypeRef *out);
TypeRef type_of_kind(TypeKind kind);
TypeRef type_refined(Context *context, Text name, TypeKind fallback);
/* Checks a value against a type; returns it, a converted one, or an error value (reported at its span). */
const Value *type_check(Context *context, const Value *value, TypeRef type);
/* The same; the limits, as the table writes them, only help to guess a missing unit. */
const Value *type_check_within(Context *context, const Value *value, TypeRef type, Text limits);
/* Checks "low..high" limits as the table writes them. */
const Value *type_check_limits(Context *context, const Value *value, const char *written);
/* A quantity or text given from outside, read as the type. NULL with *problem set when it does not fit. */
const Value *type_read_text(Context *context, Text text, TypeRef type, Text *problem);
/* What `matches` looks for: a pattern in quotes, or that of a declared type. NULL after a report. Lives as long as the context's arena. */
TextPattern *type_pattern(Context *context, const Expression *expression);
/* Whether the whole text matches; a match that costs too much is reported and does not. */
bool type_matches(Context *context, TextPattern *pattern, Text text, Span span);
/* Evaluates a `type` statement for its own mistakes. */
void type_check_declaration(Context *context, const Statement *statement);

/* --- evaluate.c --- */
const Value *evaluate(Context *context, const Expression *expression);
Value *value_new(Context *context, ValueKind kind, TypeKind type, Span span);
const Value *value_error(Context *context, Span span);
/* A computed string; an error value, reported, when all of them together grow too large. */
const Value *value_computed_text(Context *context, Text text, Span span);
/* Reports an expansion without bound, once; what follows is left out. */
void context_report_limit(Context *context, Span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds the item to the weight of a list or map; false, reported, when that grows too large. */
bool value_add_weight(Context *context, Value *list, const Value *item) __attribute__((warn_unused_result));
const Value *value_text(Context *context, Text text, Span span);
const Value *value_quantity(Context *context, Quantity quantity, Span span);
void context_bind(Context *context, Text name, const Value *value);
const Value *context_lookup(const Context *context, Text name);

/* --- arithmetic.c --- */
const Value *arithmetic_binary(Context *context, const Expression *expression, const Value *left, const Value *right);
/* The type of a sum, difference, product or quotient; false where dimensions do not allow it. */
bool arithmetic_result_type(Operator op, TypeKind left, TypeKind right, TypeKind *out);
const Value *arithmetic_negate(Context *context, const Value *value, Span span);

/* --- metric.c --- */
/* The metric that a path names, called with arguments (NULL for none); NULL when there is no such metric (not reported). */
const Value *metric_resolve(Context *context, Text path, const Expression *call, Span span);
const Value *metric_apply_function(Context *context, MetricFunction function, const Expression *call);
const Value *metric_binary(Context *context, const Expression *expression, const Value *left, const Value *right);
const Value *metric_from_value(Context *context, const Value *value);
void metric_check_declaration(Context *context, const Statement *statement);

/* --- argument.c --- */
/* Evaluates argument `index` of a statement by its row; NULL when absent. */
const Value *argument_evaluate(Context *context, const Statement *statement, size_t index);
/* An error value, reported, when the text is none of an enum argument's choices; otherwise the word. */
const Value *argument_check_choice(Context *context, const Argument *argument, const Value *value);
/* The value that the row gives an argument when the statement stands without it, or NULL. */
const Value *argument_absent(Context *context, const Argument *argument, Span span);

/* --- layer.c --- */
typedef struct LayerInfo {
    Layer layer;
    Text name;
    uint32_t stamp;
} LayerInfo;

LayerInfo layer_begin(Context *context, Layer layer, Text name);
/* Whether a body is too long, or stands too deep, to be read; reported. What looks names up takes time by the length of bodies. */
bool layer_is_past_limit(Context *context, const Statement *body);
/* Applies the statements outside of `in` bodies. */
void layer_apply(Context *context, Node *node, const Statement *body, LayerInfo layer);
/* Applies the bodies of `in ENVIRONMENT` that hold for the model's environment, here and below. */
void layer_apply_environment(Context *context, Node *node, const Statement *body, LayerInfo layer);
Node *node_new(Context *context, const VocabularyRow *row, Node *parent, Span span);

/* --- profile.c --- */
/* Applies the profiles that a body names by `is` and `include`: with is_environment those inside its `in` bodies. */
void profile_apply_all(Context *context, Node *node, const Statement *body);
void profile_apply_environment(Context *context, Node *node, const Statement *body);
void profile_apply(Context *context, Node *node, const Expression *call, LayerInfo layer, bool environment_pass);
void profile_check_declaration(Context *context, const Statement *statement);

/* --- call.c --- */
/* Binds a call's arguments, evaluated with the caller's names, to the `param` statements of a body, on top of the context's names.
   False after a report. */
bool call_bind(Context *context, const Statement *declaration, const Expression *call, Span span, Text what, const Binding *caller);

/* --- permission.c --- */
/* Expands every `allow` below the service into grants. */
void permission_expand_all(Context *context, Node *service);
void permission_check_declaration(Context *context, const Statement *statement);

/* --- guard.c --- */
/* A path in a rule: the value of the model. */
const Value *guard_value(Context *context, const Expression *path);
void guard_check_tests(Unit *unit, const Context *context);
/* Notes that a rule looked at a name bound by svc, such as region. */
void guard_note_name(Context *context, Text name, const Value *value);
/* A function of rules, or a condition, as a value; NULL when the expression is neither. */
const Value *guard_evaluate(Context *context, const Expression *e);

/* --- reference.c --- */
/* Checks references to what is declared in a service: containers and volumes. */
void reference_check_service(Context *context, const Node *service);

#endif
