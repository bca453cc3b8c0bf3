#include "parser/lexer.h"

#include "base/utf8.h"
#include "parser/parser.h"

#include <string.h>

Diagnostic *lexer_report(Lexer *lexer, DiagnosticCode code, size_t start, size_t end, const char *format, ...)
{
    Span span = {lexer->file, (uint32_t)start, (uint32_t)end};
    Diagnostics unheard = {.arena = lexer->sink->arena, .sources = lexer->sink->sources};
    bool is_heard = !lexer->is_quiet && !lexer->is_stopped;
    if (is_heard && lexer->error_count == PARSER_ERRORS_MAX) {
        lexer->is_stopped = true;
        is_heard = false;
        (void)diagnostic_report(lexer->sink, CODE_TOO_MANY_ERRORS, span, "this file has more than %d errors: the rest of it was not read", PARSER_ERRORS_MAX);
    }
    lexer->error_count += is_heard;
    va_list list;
    va_start(list, format);
    Text message = arena_format_list(lexer->sink->arena, format, list);
    va_end(list);
    return diagnostic_report(is_heard ? lexer->sink : &unheard, code, span, "%.*s", TEXT_ARG(message));
}

/* --- characters --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(char c)
{
    return is_letter(c) || is_digit(c);
}

static char peek(const Lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->end ? lexer->text.ptr[lexer->at + ahead] : '\0';
}

static bool is_beyond_ascii(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Characters that look like ASCII ones, and come from word processors, chats and keyboards of other languages. */
typedef struct LookAlike {
    uint32_t point;
    const char *ascii;
} LookAlike;

static const LookAlike look_alikes[] = {
    {0x00a0, " "}, {0x00ad, ""}, {0x00ab, "\""}, {0x00bb, "\""}, {0x00b7, "."}, {0x00d7, "*"}, {0x00f7, "/"}, {0x037e, ";"}, {0x0430, "a"},
    {0x0435, "e"}, {0x043e, "o"}, {0x0440, "p"}, {0x0441, "c"}, {0x0443, "y"}, {0x0445, "x"}, {0x0456, "i"}, {0x2002, " "}, {0x2003, " "},
    {0x2007, " "}, {0x2009, " "}, {0x200a, " "}, {0x200b, ""}, {0x200c, ""}, {0x200d, ""}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
    {0x2013, "-"}, {0x2014, "-"}, {0x2015, "-"}, {0x2018, "\""}, {0x2019, "\""}, {0x201a, "\""}, {0x201b, "\""}, {0x201c, "\""},
    {0x201d, "\""}, {0x201e, "\""}, {0x201f, "\""}, {0x2026, ".."}, {0x202f, " "}, {0x2028, " "}, {0x2029, " "}, {0x2060, ""},
    {0x2212, "-"}, {0x2215, "/"}, {0x2260, "!="}, {0x2264, "<="}, {0x2265, ">="}, {0x3000, " "}, {0x3001, ","}, {0xfeff, ""},
};

/* The ASCII text that the character looks like, or NULL. `single` holds the answer for full-width forms. */
static const char *find_look_alike(uint32_t point, char single[2])
{
    if (point >= 0xff01 && point <= 0xff5e) {
        single[0] = (char)(point - 0xfee0);
        single[1] = '\0';
        return single;
    }
    for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++)
        if (look_alikes[i].point == point)
            return look_alikes[i].ascii;
    return NULL;
}

static size_t decode(const Lexer *lexer, size_t at, uint32_t *point)
{
    size_t length = utf8_decode(text_slice(lexer->text, at, lexer->end), point);
    return length ? length : 1;
}

/* A blank or a quote beyond ASCII ends a word; every other character beyond ASCII is taken as part of it. */
static bool ends_word(const Lexer *lexer, size_t at)
{
    char c = lexer->text.ptr[at];
    if (!is_beyond_ascii(c))
        return !is_name_byte(c) && c != '-';
    uint32_t point = 0;
    char single[2];
    if (utf8_decode(text_slice(lexer->text, at, lexer->end), &point) == 0)
        return true;
    const char *ascii = find_look_alike(point, single);
    return ascii && !is_name_byte(ascii[0]) && ascii[0] != '-' && ascii[0] != '\0';
}

/* --- tokens --- */

static Token make_token(const Lexer *lexer, TokenKind kind, size_t start)
{
    return (Token){.kind = kind, .span = {lexer->file, (uint32_t)start, (uint32_t)lexer->at}, .text = text_slice(lexer->text, start, lexer->at)};
}

/* A run of letters with some beyond ASCII, one of them at `foreign`: one report, with the ASCII spelling when there is one. */
static Token read_foreign(Lexer *lexer, size_t start, size_t foreign)
{
    size_t first = lexer->text.len;
    uint32_t first_point = 0;
    bool has_spelling = true;
    Text spelling = TEXT("");
    for (lexer->at = start; lexer->at < lexer->end && (lexer->at <= foreign || !ends_word(lexer, lexer->at));) {
        uint32_t point = 0;
        char single[2];
        size_t length = decode(lexer, lexer->at, &point);
        Text shown = text_slice(lexer->text, lexer->at, lexer->at + length);
        if (is_beyond_ascii(shown.ptr[0])) {
            const char *ascii = find_look_alike(point, single);
            if (first == lexer->text.len) {
                first = lexer->at;
                first_point = point;
            }
            has_spelling = has_spelling && ascii;
            shown = text_from_c(ascii);
        }
        if (has_spelling && !lexer->is_quiet)
            spelling = spelling.len < 256 ? arena_join(lexer->arena, spelling, shown) : spelling;
        lexer->at += length;
    }
    size_t length = decode(lexer, first, &first_point);
    Text shown = text_slice(lexer->text, first, first + length);
    if (shown.len == 1)
        return make_token(lexer, TOKEN_ERROR, start); /* not UTF-8: reported for the whole file */
    Diagnostic *found = lexer_report(lexer, CODE_CHARACTER, first, first + length, "`%.*s` (U+%04X) can only stand in strings and comments", TEXT_ARG(shown), (unsigned)first_point);
    diagnostic_set_label(lexer->sink, found, "not an ASCII character");
    bool is_short = lexer->at - start < 128;
    if (has_spelling && is_short)
        diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)start, (uint32_t)lexer->at}, spelling, "write it in ASCII: `%.*s`", TEXT_ARG(spelling));
    else
        diagnostic_set_advice(lexer->sink, found, "write words and names with the letters a to z, or put the text in quotes");
    return make_token(lexer, TOKEN_ERROR, start);
}

/* Word: [a-z][a-z0-9]*(-[a-z0-9]+)*; name: [A-Za-z_][A-Za-z0-9_]*; a path joins them with points. */
static Token read_word(Lexer *lexer)
{
    size_t start = lexer->at;
    size_t segment = start;
    bool is_path = false;
    bool is_mixed = false;
    for (bool has_dash = false, has_name = false;;) {
        char c = peek(lexer, 0);
        if (is_name_byte(c)) {
            has_name = has_name || c == '_' || (c >= 'A' && c <= 'Z');
            lexer->at++;
        } else if (c == '-' && lexer->at > segment && is_name_byte(peek(lexer, 1))) {
            has_dash = true;
            lexer->at++;
        } else if (c == '.' && is_name_byte(peek(lexer, 1))) {
            is_mixed = is_mixed || (has_dash && has_name);
            has_dash = has_name = false;
            is_path = true;
            segment = ++lexer->at;
        } else {
            is_mixed = is_mixed || (has_dash && has_name);
            break;
        }
    }
    if (is_beyond_ascii(peek(lexer, 0)) && !ends_word(lexer, lexer->at))
        return read_foreign(lexer, start, lexer->at);
    Token token = make_token(lexer, TOKEN_WORD, start);
    token.is_path = is_path;
    if (!is_mixed)
        return token;
    Diagnostic *found = lexer_report(lexer, CODE_NAME_FORM, start, lexer->at, "`%.*s` mixes the forms of words and names", TEXT_ARG(token.text));
    diagnostic_set_label(lexer->sink, found, "`-` beside a capital letter or `_`");
    diagnostic_set_advice(lexer->sink, found, "a word is like-this and a name is like_this or LIKE_THIS; for a difference, put blanks around the minus; other text stands in quotes");
    token.kind = TOKEN_ERROR;
    return token;
}

/* The unit after a blank, where one may stand there: 0.5 vcpu, 512 MiB. */
static void join_unit(Lexer *lexer)
{
    size_t at = lexer->at;
    while (at < lexer->end && (lexer->text.ptr[at] == ' ' || lexer->text.ptr[at] == '\t'))
        at++;
    size_t start = at;
    while (at < lexer->end && at - start < 5 && is_name_byte(lexer->text.ptr[at]))
        at++;
    if (start > lexer->at && at == start && at < lexer->end && lexer->text.ptr[at] == '%') {
        Diagnostic *found = lexer_report(lexer, CODE_UNIT_APART, start, start + 1, "`%%` touches its number");
        diagnostic_set_label(lexer->sink, found, "a blank before it");
        diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)lexer->at, (uint32_t)start}, TEXT(""), "remove the blank");
        lexer->at = at + 1;
        return;
    }
    bool goes_on = at < lexer->end && (is_name_byte(lexer->text.ptr[at]) || lexer->text.ptr[at] == '-' || is_beyond_ascii(lexer->text.ptr[at]));
    if (start > lexer->at && !goes_on && unit_takes_blank(text_slice(lexer->text, start, at)))
        lexer->at = at;
}

static Token read_quantity(Lexer *lexer)
{
    size_t start = lexer->at;
    if (peek(lexer, 0) == '-' || peek(lexer, 0) == '+')
        lexer->at++;
    bool is_plain = true;
    size_t points = 0;
    for (;;) {
        char c = peek(lexer, 0);
        bool is_point = c == '.' && is_digit(peek(lexer, 1));
        /* A rate, or an address that someone left without quotes; every other `/` divides. */
        bool is_share = c == '/' && ((is_plain && is_letter(peek(lexer, 1))) || (points > 1 && is_digit(peek(lexer, 1))));
        if (!is_name_byte(c) && c != '%' && !is_point && !is_share)
            break;
        points += is_point;
        is_plain = is_plain && (is_digit(c) || is_point);
        lexer->at++;
    }
    if (is_beyond_ascii(peek(lexer, 0)) && !ends_word(lexer, lexer->at))
        return read_foreign(lexer, start, lexer->at);
    if (is_digit(lexer->text.ptr[lexer->at - 1]))
        join_unit(lexer);
    return make_token(lexer, TOKEN_QUANTITY, start);
}

/* --- strings --- */

enum { SCAN_DEPTH = PARSER_DEPTH_MAX };

/* Walks over strings and interpolations in each other; keeps for each level whether it is a string, and its open braces. */
typedef struct Scan {
    bool is_string[2 * SCAN_DEPTH];
    uint32_t braces[2 * SCAN_DEPTH];
    size_t depth;
} Scan;

static bool scan_push(Scan *scan, bool is_string)
{
    if (scan->depth == sizeof scan->is_string / sizeof *scan->is_string)
        return false;
    scan->is_string[scan->depth] = is_string;
    scan->braces[scan->depth++] = 0;
    return true;
}

/* From inside the outermost level to the offset where it ends, or `end` when it does not end on its line. */
static size_t scan_level(Text text, size_t at, size_t end, bool is_string)
{
    Scan scan;
    scan.depth = 0;
    (void)scan_push(&scan, is_string);
    while (at < end && text.ptr[at] != '\n') {
        char c = text.ptr[at];
        size_t level = scan.depth - 1;
        size_t length = 1;
        bool closes = false;
        if (scan.is_string[level]) {
            bool is_escaped_start = c == '$' && at + 2 < end && text.ptr[at + 1] == '$' && text.ptr[at + 2] == '{';
            if (c == '\\' || is_escaped_start)
                length = is_escaped_start ? 3 : 2;
            else if (c == '$' && at + 1 < end && text.ptr[at + 1] == '{')
                length = scan_push(&scan, false) ? 2 : end - at;
            closes = c == '"';
        } else if (c == '"') {
            length = scan_push(&scan, true) ? 1 : end - at;
        } else if (c == '{') {
            scan.braces[level]++;
        } else if (c == '}') {
            closes = scan.braces[level] == 0;
            scan.braces[level] -= scan.braces[level] > 0;
        }
        if (closes && --scan.depth == 0)
            return at;
        if (length == 2 && at + 1 < end && text.ptr[at + 1] == '\n')
            break;
        at += length;
    }
    return end;
}

size_t lexer_find_interpolation_end(Text text, size_t at, size_t end)
{
    return scan_level(text, at, end, false);
}

static size_t find_line_end(const Lexer *lexer, size_t at)
{
    const char *found = at < lexer->end ? memchr(lexer->text.ptr + at, '\n', lexer->end - at) : NULL;
    size_t end = found ? (size_t)(found - lexer->text.ptr) : lexer->end;
    return end > at && lexer->text.ptr[end - 1] == '\r' ? end - 1 : end;
}

static Token read_string(Lexer *lexer)
{
    size_t start = lexer->at;
    size_t line_end = find_line_end(lexer, start);
    size_t close = scan_level(lexer->text, start + 1, line_end, true);
    if (close < line_end) {
        lexer->at = close + 1;
        return make_token(lexer, TOKEN_STRING, start);
    }
    /* A quote on this line after all: then it is an interpolation that does not end. */
    size_t dollar = start + 1;
    while (dollar + 1 < line_end && !(lexer->text.ptr[dollar] == '$' && lexer->text.ptr[dollar + 1] == '{'))
        dollar++;
    size_t quote = dollar;
    while (quote < line_end && lexer->text.ptr[quote] != '"')
        quote++;
    lexer->at = line_end;
    if (dollar + 1 < line_end && quote < line_end) {
        Diagnostic *found = lexer_report(lexer, CODE_INTERPOLATION, dollar, dollar + 2, "this `${` is not closed");
        diagnostic_set_label(lexer->sink, found, "no `}` follows in this string");
        diagnostic_set_advice(lexer->sink, found, "close it by `}`, or write `$${` for the characters themselves");
        return make_token(lexer, TOKEN_ERROR, start);
    }
    Diagnostic *found = lexer_report(lexer, CODE_STRING_UNCLOSED, start, start + 1, "this string is not closed");
    diagnostic_set_label(lexer->sink, found, "no closing quote follows on this line");
    diagnostic_set_advice(lexer->sink, found, "close it by `\"`; a line end inside a string is written \\n");
    return make_token(lexer, TOKEN_ERROR, start);
}

/* A string in other quotes: 'text' or “text”. Taken to the next quote that is not a plain double one, if there is one. */
static Token read_other_quotes(Lexer *lexer, size_t length)
{
    size_t start = lexer->at;
    size_t line_end = find_line_end(lexer, start);
    size_t inner_start = start + length;
    size_t close = line_end;
    size_t after = line_end;
    for (size_t at = inner_start; at < line_end && close == line_end;) {
        uint32_t point = 0;
        char single[2];
        size_t step = decode(lexer, at, &point);
        const char *ascii = point >= 0x80 ? find_look_alike(point, single) : NULL;
        bool is_quote = length == 1 ? lexer->text.ptr[at] == '\'' : (ascii && ascii[0] == '"') || lexer->text.ptr[at] == '"';
        if (is_quote) {
            close = at;
            after = at + step;
        }
        at += step;
    }
    Text inner = text_slice(lexer->text, inner_start, close);
    bool has_end = close < line_end;
    lexer->at = has_end ? after : line_end;
    Diagnostic *found = lexer_report(lexer, CODE_QUOTES, start, has_end ? after : inner_start, "strings stand in straight double quotes");
    diagnostic_set_label(lexer->sink, found, "other quotes");
    bool is_plain = text_find_byte(inner, '"') == inner.len && text_find_byte(inner, '\\') == inner.len && inner.len < 4096;
    if (has_end && is_plain)
        diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)start, (uint32_t)after},
                           arena_format(lexer->arena, "\"%.*s\"", TEXT_ARG(inner)), "%s", "");
    else
        diagnostic_set_advice(lexer->sink, found, "write \"…\"; a quote inside is written \\\"");
    return make_token(lexer, TOKEN_ERROR, start);
}

/* --- punctuation --- */

typedef struct Spelling {
    const char *wrong;
    const char *right;
    Operator op;
} Spelling;

/* Operators as other languages write them. */
static const Spelling spellings[] = {
    {"&&", "and", OPERATOR_AND}, {"||", "or", OPERATOR_OR}, {"&", "and", OPERATOR_AND}, {"|", "or", OPERATOR_OR},
    {"<>", "!=", OPERATOR_NOT_EQUAL}, {"=<", "<=", OPERATOR_LESS_EQUAL}, {"=>", ">=", OPERATOR_GREATER_EQUAL}, {"===", "==", OPERATOR_EQUAL},
};

static const Spelling operators[] = {
    {"==", "", OPERATOR_EQUAL}, {"!=", "", OPERATOR_NOT_EQUAL}, {"<=", "", OPERATOR_LESS_EQUAL}, {">=", "", OPERATOR_GREATER_EQUAL},
    {"<", "", OPERATOR_LESS}, {">", "", OPERATOR_GREATER}, {"+", "", OPERATOR_ADD}, {"-", "", OPERATOR_SUBTRACT},
    {"*", "", OPERATOR_MULTIPLY}, {"/", "", OPERATOR_DIVIDE},
};

static const Spelling *find_spelling(const Lexer *lexer, const Spelling *table, size_t count)
{
    Text rest = text_slice(lexer->text, lexer->at, lexer->end);
    for (size_t i = 0; i < count; i++)
        if (text_starts_with(rest, text_from_c(table[i].wrong)))
            return &table[i];
    return NULL;
}

static Token read_operator(Lexer *lexer)
{
    size_t start = lexer->at;
    const Spelling *wrong = find_spelling(lexer, spellings, sizeof spellings / sizeof *spellings);
    const Spelling *right = wrong ? NULL : find_spelling(lexer, operators, sizeof operators / sizeof *operators);
    if (right) {
        lexer->at += strlen(right->wrong);
        Token token = make_token(lexer, TOKEN_OPERATOR, start);
        token.op = right->op;
        return token;
    }
    if (wrong) {
        lexer->at += strlen(wrong->wrong);
        Diagnostic *found = lexer_report(lexer, CODE_OPERATOR_SPELLING, start, lexer->at, "`%s` is written `%s` here", wrong->wrong, wrong->right);
        bool glued = start > 0 && is_name_byte(lexer->text.ptr[start - 1]);
        bool glued_after = is_name_byte(peek(lexer, 0));
        Text fix = arena_format(lexer->arena, "%s%s%s", glued ? " " : "", wrong->right, glued_after ? " " : "");
        diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)start, (uint32_t)lexer->at}, fix, "write `%s`", wrong->right);
        Token token = make_token(lexer, TOKEN_OPERATOR, start);
        token.op = wrong->op;
        return token;
    }
    lexer->at++;
    char c = lexer->text.ptr[start];
    Diagnostic *found = lexer_report(lexer, CODE_CHARACTER, start, lexer->at, "`%c` has no meaning here", c);
    diagnostic_set_label(lexer->sink, found, "outside of strings and comments");
    diagnostic_set_advice(lexer->sink, found, "leave it out, or put the text that it belongs to in quotes");
    return make_token(lexer, TOKEN_ERROR, start);
}

/* A sign belongs to the number when it touches it and nothing that ends a value touches the sign. */
static bool is_sign(const Lexer *lexer)
{
    if (!is_digit(peek(lexer, 1)))
        return false;
    char before = lexer->at > 0 ? lexer->text.ptr[lexer->at - 1] : ' ';
    return !is_name_byte(before) && before != ')' && before != ']' && before != '}' && before != '"' && before != '%' && !is_beyond_ascii(before);
}

static Token read_punctuation(Lexer *lexer)
{
    size_t start = lexer->at;
    TokenKind kind = TOKEN_ERROR;
    switch (peek(lexer, 0)) {
    case ';': kind = TOKEN_SEMICOLON; break;
    case '{': kind = TOKEN_LEFT_BRACE; break;
    case '}': kind = TOKEN_RIGHT_BRACE; break;
    case '(': kind = TOKEN_LEFT_PAREN; break;
    case ')': kind = TOKEN_RIGHT_PAREN; break;
    case '[': kind = TOKEN_LEFT_BRACKET; break;
    case ']': kind = TOKEN_RIGHT_BRACKET; break;
    case ',': kind = TOKEN_COMMA; break;
    case ':': kind = TOKEN_COLON; break;
    case '.':
        if (peek(lexer, 1) == '.') {
            lexer->at += 2;
            return make_token(lexer, TOKEN_DOTS, start);
        }
        return read_operator(lexer);
    case '+':
    case '-':
        return is_sign(lexer) ? read_quantity(lexer) : read_operator(lexer);
    default:
        return read_operator(lexer);
    }
    lexer->at++;
    return make_token(lexer, kind, start);
}

/* --- blanks, comments, line ends --- */

static bool has_blank_line_before(Text text, size_t at)
{
    size_t lines = 0;
    while (at > 0 && lines < 2) {
        char c = text.ptr[at - 1];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
        lines += c == '\n';
        at--;
    }
    return lines >= 2;
}

static void take_comment(Lexer *lexer)
{
    size_t start = lexer->at;
    lexer->at = find_line_end(lexer, start);
    size_t end = lexer->at;
    while (end > start && (lexer->text.ptr[end - 1] == ' ' || lexer->text.ptr[end - 1] == '\t' || lexer->text.ptr[end - 1] == '\r'))
        end--;
    Comment comment = {.text = text_slice(lexer->text, start, end),
                       .span = {lexer->file, (uint32_t)start, (uint32_t)end},
                       .blank_before = has_blank_line_before(lexer->text, start)};
    if (!lexer->is_quiet)
        ARRAY_PUSH(lexer->arena, &lexer->comments, comment);
}

/* A comment of another language: // to the end of the line. */
static void take_slashes(Lexer *lexer)
{
    size_t start = lexer->at;
    if (peek(lexer, 1) == '*') {
        size_t end = start + 2 + text_find(text_slice(lexer->text, start + 2, lexer->end), TEXT("*/")) + 2;
        lexer->at = end < lexer->end ? end : lexer->end;
        Diagnostic *block = lexer_report(lexer, CODE_OPERATOR_SPELLING, start, start + 2, "a comment begins with `#`");
        diagnostic_set_label(lexer->sink, block, "not `/*`");
        diagnostic_set_advice(lexer->sink, block, "put `#` before each line of it");
        return;
    }
    Diagnostic *found = lexer_report(lexer, CODE_OPERATOR_SPELLING, start, start + 2, "a comment begins with `#`");
    diagnostic_set_label(lexer->sink, found, "not `//`");
    diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)start, (uint32_t)start + 2}, TEXT("#"), "write `#`");
    lexer->at = find_line_end(lexer, start);
}

/* `=` and `!` alone, as other languages write them: passed over. */
static bool is_lone_operator(const Lexer *lexer)
{
    char c = peek(lexer, 0);
    char next = peek(lexer, 1);
    return (c == '=' && next != '=' && next != '<' && next != '>') || (c == '!' && next != '=');
}

static void skip_lone_operator(Lexer *lexer)
{
    size_t start = lexer->at++;
    Span span = {lexer->file, (uint32_t)start, (uint32_t)lexer->at};
    if (lexer->text.ptr[start] == '!') {
        Diagnostic *found = lexer_report(lexer, CODE_OPERATOR_SPELLING, start, lexer->at, "`!` is written `not` here");
        diagnostic_set_fix(lexer->sink, found, true, span, TEXT("not "), "write `not`");
        return;
    }
    Diagnostic *found = lexer_report(lexer, CODE_PUNCTUATION, start, lexer->at, "nothing stands between a word and its argument");
    diagnostic_set_label(lexer->sink, found, "`=` is not needed here");
    diagnostic_add_note(lexer->sink, found, "to compare two values, write `==`");
    bool is_glued = start > 0 && is_name_byte(lexer->text.ptr[start - 1]) && is_name_byte(peek(lexer, 0));
    diagnostic_set_fix(lexer->sink, found, true, span, is_glued ? TEXT(" ") : TEXT(""), "leave out `=`");
}

/* Reported for the whole file, before it is read. */
static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

/* A blank beyond ASCII, or a byte that is no UTF-8 and was reported for the file: both are passed over. */
static bool skip_foreign_blank(Lexer *lexer)
{
    uint32_t point = 0;
    char single[2];
    size_t length = utf8_decode(text_slice(lexer->text, lexer->at, lexer->end), &point);
    const char *ascii = length ? find_look_alike(point, single) : "";
    if (!ascii || (ascii[0] != ' ' && ascii[0] != '\0'))
        return false;
    if (length) {
        Diagnostic *found = lexer_report(lexer, CODE_CHARACTER, lexer->at, lexer->at + length, "U+%04X looks like a blank and is none", (unsigned)point);
        diagnostic_set_fix(lexer->sink, found, true, (Span){lexer->file, (uint32_t)lexer->at, (uint32_t)(lexer->at + length)}, text_from_c(ascii),
                           ascii[0] ? "write a plain blank" : "remove it");
    }
    lexer->at += length ? length : 1;
    return true;
}

/* Passes blanks and comments. True when a line end was passed. */
static bool skip_blanks(Lexer *lexer)
{
    bool passed_line = false;
    while (lexer->at < lexer->end) {
        char c = lexer->text.ptr[lexer->at];
        if (c == ' ' || c == '\t' || (c == '\r' && peek(lexer, 1) == '\n')) {
            lexer->at++;
        } else if (c == '\n' && lexer->brackets > 0) {
            passed_line = true;
            lexer->at++;
        } else if (c == '#') {
            take_comment(lexer);
        } else if (c == '/' && (peek(lexer, 1) == '/' || peek(lexer, 1) == '*')) {
            take_slashes(lexer);
        } else if (is_control(c)) {
            lexer->at++;
        } else if (is_lone_operator(lexer)) {
            skip_lone_operator(lexer);
        } else if (!is_beyond_ascii(c) || !skip_foreign_blank(lexer)) {
            break;
        }
    }
    return passed_line;
}

static Token read_token(Lexer *lexer)
{
    size_t start = lexer->at;
    if (start >= lexer->end)
        return make_token(lexer, TOKEN_END, start);
    char c = lexer->text.ptr[start];
    if (c == '\n') {
        lexer->at++;
        return make_token(lexer, TOKEN_NEWLINE, start);
    }
    if (is_letter(c))
        return read_word(lexer);
    if (is_digit(c))
        return read_quantity(lexer);
    if (c == '"')
        return read_string(lexer);
    if (c == '\'')
        return read_other_quotes(lexer, 1);
    if (is_beyond_ascii(c)) {
        uint32_t point = 0;
        char single[2];
        size_t length = decode(lexer, start, &point);
        const char *ascii = find_look_alike(point, single);
        return ascii && ascii[0] == '"' ? read_other_quotes(lexer, length) : read_foreign(lexer, start, start);
    }
    return read_punctuation(lexer);
}

Token lexer_next(Lexer *lexer)
{
    size_t start = lexer->at;
    bool passed_line = skip_blanks(lexer);
    if (lexer->is_stopped)
        lexer->at = lexer->end;
    bool has_blank = lexer->at > start || start == 0;
    bool is_first = passed_line || start == 0 || lexer->text.ptr[start - 1] == '\n';
    Token token = read_token(lexer);
    token.blank_before = token.blank_before || has_blank;
    token.line_before = token.line_before || is_first;
    return token;
}

void lexer_start(Lexer *lexer, Arena *arena, Diagnostics *sink, uint32_t file)
{
    Text text = sink->sources->files.items[file]->text;
    *lexer = (Lexer){.arena = arena, .sink = sink, .text = text, .file = file, .end = text.len};
    if (text_starts_with(text, TEXT("\xef\xbb\xbf")))
        lexer->at = 3;
}

Text token_describe(Arena *arena, Token token)
{
    switch (token.kind) {
    case TOKEN_END: return TEXT("the end of the file");
    case TOKEN_NEWLINE: return TEXT("the end of the line");
    case TOKEN_STRING: return TEXT("a string");
    case TOKEN_ERROR: return TEXT("what stands here");
    case TOKEN_SEMICOLON:
    case TOKEN_WORD:
    case TOKEN_QUANTITY:
    case TOKEN_LEFT_BRACE:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_LEFT_PAREN:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_COMMA:
    case TOKEN_COLON:
    case TOKEN_DOTS:
    case TOKEN_OPERATOR: break;
    }
    return arena_format(arena, "`%.*s`", TEXT_ARG(token.text.len > 60 ? text_slice(token.text, 0, 60) : token.text));
}
