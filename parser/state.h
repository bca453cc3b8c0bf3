/* What the parts of the parser share: bodies and recovery in parser.c, heads of statements in head.c, expressions in
   expression.c, strings in string.c. */
#ifndef SVC_PARSER_STATE_H
#define SVC_PARSER_STATE_H

#include "parser/lexer.h"

typedef struct Parser {
    Arena *arena;
    Diagnostics *sink;
    Lexer lexer;
    Token token;              /* the one at hand */
    size_t previous_end;      /* where the last token before it ended */
    size_t depth;             /* of bodies, brackets and operators in each other */
    size_t operator_count;    /* in the expression at hand */
    size_t maps;              /* open map literals */
    bool is_panicking;        /* an error in this expression was reported: what follows from it is not */
    const Statement *line;    /* the statement whose head is being read, and … */
    const Statement *innermost; /* … the one within it that was begun last */
    size_t comments_taken;    /* of lexer.comments */
    Span suspect;             /* the opening brace of the first body whose `}` stood further left than its statement */
    bool has_stray_bytes;     /* the file has bytes that are not UTF-8: reported, so strings with them are no strings */
    bool has_reported_end;    /* an open body at the end of the file is reported once */
    bool has_failed_skip;     /* a bracket that was passed over had no end: do not look for ends again */
} Parser;

void parser_advance(Parser *parser);
/* Reports at a span; silent while panicking. Never NULL. */
Diagnostic *parser_report(Parser *parser, DiagnosticCode code, Span span, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* False, after a report, when things stand too deep in each other. A true one is closed by parser_leave. */
bool parser_enter(Parser *parser, Span span) __attribute__((warn_unused_result));
void parser_leave(Parser *parser);
/* Whether the word names an argument of a statement whose head is being read. */
bool parser_is_open_word(const Parser *parser, Text word);

/* A whole expression, up to the first token that cannot continue it. Never NULL. */
Expression *parser_read_expression(Parser *parser);
/* One primary, or a range of two. Never NULL. */
Expression *parser_read_primary(Parser *parser);
/* A map literal; the token at hand is its `{`. */
Expression *parser_read_map(Parser *parser);
/* A path, as it stands; the token at hand is a word. */
Expression *parser_read_path(Parser *parser);
/* A path, or a call of it. */
Expression *parser_read_call(Parser *parser);
Expression *parser_read_string(Parser *parser);
/* The text of a string without interpolations; false when it has one. */
bool parser_plain_string(const Expression *string, Text *out);
bool parser_starts_primary(const Parser *parser);
Expression *parser_new_expression(Parser *parser, ExpressionKind kind, Span span);

/* The arguments of a statement, positional and named; the token at hand is the one behind its word. */
void parser_read_head(Parser *parser, Statement *statement);
/* The scope of the enclosing body of a statement. */
Scope parser_enclosing_scope(const Statement *statement);
/* The scope that a statement's own body has; SCOPE_NONE without one. Its arguments must have been read. */
Scope parser_body_scope(const Statement *statement);
/* Whether a statement ends at the token at hand. */
bool parser_ends_statement(const Parser *parser);

#endif
