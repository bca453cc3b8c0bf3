/* Source text to tokens, one at a time (SPEC.md, "Lexical grammar"). */
#ifndef SVC_PARSER_LEXER_H
#define SVC_PARSER_LEXER_H

#include "parser/tree.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_SEMICOLON,
    TOKEN_WORD,     /* a word, a name or a dotted path */
    TOKEN_QUANTITY, /* a number with its unit and sign */
    TOKEN_STRING,   /* with its quotes; its pieces are read by the parser */
    TOKEN_LEFT_BRACE,
    TOKEN_RIGHT_BRACE,
    TOKEN_LEFT_PAREN,
    TOKEN_RIGHT_PAREN,
    TOKEN_LEFT_BRACKET,
    TOKEN_RIGHT_BRACKET,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_DOTS,     /* .. */
    TOKEN_OPERATOR, /* not the words and, or, not */
    TOKEN_ERROR,    /* reported already; stands where a value or a word may stand */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    Span span;
    Text text;
    Operator op;      /* of TOKEN_OPERATOR: OPERATOR_SUBTRACT also for the sign */
    bool blank_before;
    bool line_before; /* first on its line */
    bool is_path;     /* a word with dots */
} Token;

typedef ARRAY(Comment) CommentArray;

/* Set text, file, end, arena and sink; copy to look ahead. */
typedef struct Lexer {
    Arena *arena;
    Diagnostics *sink;
    Text text;
    uint32_t file;
    size_t at;
    size_t end;            /* lexing stops here: the end of the text, or of an interpolation */
    size_t brackets;       /* open ( and [: line ends are blanks inside */
    bool is_quiet;         /* reports nothing: what follows from an error */
    bool is_stopped;       /* too many errors: only TOKEN_END from here on */
    size_t error_count;
    CommentArray comments; /* all seen since the parser last took them */
} Lexer;

/* Call once: skips a byte order mark. */
void lexer_start(Lexer *lexer, Arena *arena, Diagnostics *sink, uint32_t file);
Token lexer_next(Lexer *lexer);
/* Reports unless the lexer is quiet; the result is never NULL. */
Diagnostic *lexer_report(Lexer *lexer, DiagnosticCode code, size_t start, size_t end, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Offset of the `}` that closes the interpolation whose `${` ends at `at`, or `end` when none does. */
size_t lexer_find_interpolation_end(Text text, size_t at, size_t end);
/* "a closing brace", "`for`" …, for messages. */
Text token_describe(Arena *arena, Token token);

#endif
