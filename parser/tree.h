/* The tree of a source file: statements and expressions as written, with their places and comments. */
#ifndef SVC_PARSER_TREE_H
#define SVC_PARSER_TREE_H

#include "base/array.h"
#include "diagnostics/diagnostic.h"
#include "vocabulary/units.h"
#include "vocabulary/vocabulary.h"

typedef struct Expression Expression;
typedef struct Statement Statement;
typedef ARRAY(Expression *) ExpressionArray;
typedef ARRAY(Statement *) StatementArray;

typedef enum ExpressionKind {
    EXPRESSION_ERROR,    /* already reported; suppresses what would follow from it */
    EXPRESSION_STRING,   /* pieces */
    EXPRESSION_QUANTITY, /* a number, with a unit or without */
    EXPRESSION_BOOL,     /* yes, no */
    EXPRESSION_RANGE,    /* low..high */
    EXPRESSION_PATH,     /* a word, a name or a dotted path */
    EXPRESSION_CALL,     /* path(argument, name: argument) */
    EXPRESSION_LIST,
    EXPRESSION_MAP,
    EXPRESSION_GROUP,    /* ( expression ): kept so that the formatter and argument kinds can see it */
    EXPRESSION_UNARY,
    EXPRESSION_BINARY,
    EXPRESSION_IF,       /* if c then a else b */
} ExpressionKind;

typedef enum Operator {
    OPERATOR_OR, OPERATOR_AND, OPERATOR_NOT,
    OPERATOR_EQUAL, OPERATOR_NOT_EQUAL, OPERATOR_LESS, OPERATOR_LESS_EQUAL, OPERATOR_GREATER, OPERATOR_GREATER_EQUAL,
    OPERATOR_ADD, OPERATOR_SUBTRACT, OPERATOR_MULTIPLY, OPERATOR_DIVIDE, OPERATOR_NEGATE,
} Operator;

const char *operator_text(Operator op);

/* A piece of a string: literal text with escapes resolved, or an interpolated expression. */
typedef struct StringPiece {
    Text text;
    Expression *expression; /* NULL for literal text */
} StringPiece;

typedef struct NamedExpression {
    Text name; /* empty for a positional argument of a call */
    Span name_span;
    Expression *value;
} NamedExpression;

typedef ARRAY(NamedExpression) NamedExpressionArray;

struct Expression {
    ExpressionKind kind;
    Span span;
    union {
        struct { StringPiece *pieces; size_t count; } string;
        Quantity quantity;
        bool boolean;
        struct { Expression *low; Expression *high; } range;
        Text path;
        struct { Text callee; Span callee_span; NamedExpressionArray arguments; } call;
        ExpressionArray list;
        NamedExpressionArray map;
        Expression *group;
        struct { Operator op; Expression *operand; } unary;
        struct { Operator op; Span op_span; Expression *left; Expression *right; } binary;
        struct { Expression *condition; Expression *then; Expression *otherwise; } choice;
    };
};

typedef struct Comment {
    Text text;        /* from '#', without the line end */
    Span span;
    bool blank_before;/* an empty line stands before it */
} Comment;

/* The comments around a statement. */
typedef struct StatementComments {
    ARRAY(Comment) leading;   /* comment lines above it */
    bool blank_after_leading; /* an empty line stands between them and it */
    Comment trailing;         /* on the line of its head's end; text empty when none */
    Comment after_body;       /* on the line of its closing brace, when that is another line */
    ARRAY(Comment) closing;   /* comment lines before its closing brace, or at the end of the file for the root */
} StatementComments;

struct Statement {
    const VocabularyRow *row; /* NULL when the word was unknown (reported) */
    Text word;                /* as written; the key, for an open body's entry */
    Span word_span;
    Span span;                /* the whole statement with its body */
    Span head_span;           /* without the body */
    Statement *parent;        /* NULL at file level */
    Expression *arguments[ARGUMENTS_MAX]; /* by index in row->arguments; NULL when absent; is_many ones are an EXPRESSION_LIST */
    StatementArray children;  /* those written inline first, then those of the body, in order */
    bool is_inline;           /* written as a named argument of its parent's head */
    bool has_body;
    Span body_span;           /* braces included */
    Scope body_scope;         /* of its body, also where the row says SCOPE_SAME or SCOPE_DEFAULT; SCOPE_NONE without one */
    bool has_error;           /* something in its head was reported: do not report what follows from it */
    bool blank_before;        /* an empty line stands before it (or before its comments) */
    StatementComments *comments; /* NULL when there are none */
};

/* A parsed file: the root has no word, its children are the statements of the file. */
typedef struct Tree {
    uint32_t file;
    Statement *root;
    bool has_errors;
} Tree;

/* First child with this word, or NULL. */
const Statement *statement_child(const Statement *statement, WordId id);
/* For --dump=tree: an indented listing. */
Text tree_dump(Arena *arena, const Tree *tree);

#endif
