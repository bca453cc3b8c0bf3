#include "parser/state.h"

#include "base/utf8.h"

typedef struct StringReader {
    Parser *parser;
    Span span;         /* of the whole string */
    size_t at;         /* in the source */
    size_t end;        /* of the closing quote */
    size_t run;        /* where literal text not yet taken begins */
    Text literal;      /* literal text taken so far */
    ARRAY(StringPiece) pieces;
} StringReader;

static void take_run(StringReader *reader)
{
    Text run = text_slice(reader->parser->lexer.text, reader->run, reader->at);
    if (run.len > 0)
        reader->literal = reader->literal.len > 0 ? arena_join(reader->parser->arena, reader->literal, run) : run;
}

/* Nearly every string has one piece: it gets just that. */
static void push_piece(StringReader *reader, StringPiece piece)
{
    if (reader->pieces.count == 0) {
        reader->pieces.items = ARENA_NEW(reader->parser->arena, StringPiece);
        reader->pieces.capacity = 1;
    }
    ARRAY_PUSH(reader->parser->arena, &reader->pieces, piece);
}

static void take_literal(StringReader *reader)
{
    take_run(reader);
    if (reader->literal.len > 0)
        push_piece(reader, (StringPiece){.text = reader->literal});
    reader->literal = TEXT_NONE;
}

static size_t encode_utf8(char out[4], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)(marks[length] | point);
    return length;
}

/* \u{1F600}; *length is that of the escape. False when it names no character. */
static bool read_code_point(Text text, size_t at, size_t end, uint32_t *point, size_t *length)
{
    size_t i = at + 2;
    *point = 0;
    *length = 2;
    if (i >= end || text.ptr[i] != '{')
        return false;
    size_t digits = 0;
    for (i++; i < end && text.ptr[i] != '}' && digits <= 6; i++, digits++) {
        char c = text.ptr[i];
        int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (value < 0)
            return false;
        *point = *point * 16 + (uint32_t)value;
    }
    bool is_closed = i < end && text.ptr[i] == '}' && digits > 0 && digits <= 6;
    *length = is_closed ? i + 1 - at : i - at;
    return is_closed && *point != 0 && *point <= 0x10ffff && (*point < 0xd800 || *point > 0xdfff);
}

static void report_escape(StringReader *reader, size_t length)
{
    Parser *parser = reader->parser;
    size_t start = reader->at;
    Text shown = text_slice(parser->lexer.text, start, start + length);
    Span span = {reader->span.file, (uint32_t)start, (uint32_t)(start + length)};
    Diagnostic *found = parser_report(parser, CODE_STRING_ESCAPE, span, "`%.*s` is no escape", TEXT_ARG(shown));
    diagnostic_set_label(parser->sink, found, "escapes are \\\" \\\\ \\n \\t \\r \\u{…} and $${");
    if (length == 2 && shown.ptr[1] != 'u')
        diagnostic_set_fix(parser->sink, found, true, span, arena_format(parser->arena, "\\%.*s", TEXT_ARG(shown)), "%s", "");
    else
        diagnostic_set_advice(parser->sink, found, "a character by its number is written \\u{1F600}");
}

/* A character that nobody sees has an escape that everybody sees. */
static void report_invisible(StringReader *reader, unsigned char c)
{
    Parser *parser = reader->parser;
    Span span = {reader->span.file, (uint32_t)reader->at, (uint32_t)reader->at + 1};
    Text escape = arena_format(parser->arena, "\\u{%x}", c);
    Diagnostic *found = parser_report(parser, CODE_CONTROL_CHARACTER, span, "a control character (0x%02x) stands in this string", c);
    diagnostic_set_fix(parser->sink, found, true, span, escape, "write it as %.*s", TEXT_ARG(escape));
}

static void read_escape(StringReader *reader)
{
    Text text = reader->parser->lexer.text;
    take_run(reader);
    char c = reader->at + 1 < reader->end ? text.ptr[reader->at + 1] : '\0';
    char bytes[4] = {c, 0, 0, 0};
    size_t count = 1;
    size_t length = 2;
    uint32_t point = 0;
    switch (c) {
    case '"':
    case '\\': break;
    case 'n': bytes[0] = '\n'; break;
    case 't': bytes[0] = '\t'; break;
    case 'r': bytes[0] = '\r'; break;
    case 'u':
        if (read_code_point(text, reader->at, reader->end, &point, &length))
            count = encode_utf8(bytes, point);
        else
            report_escape(reader, length);
        break;
    default:
        if ((unsigned char)c >= 0x80)
            length = 1 + utf8_decode(text_slice(text, reader->at + 1, reader->end), &point);
        report_escape(reader, length);
    }
    Text resolved = {bytes, count};
    reader->literal = arena_join(reader->parser->arena, reader->literal, resolved);
    reader->at += length;
    reader->run = reader->at;
}

/* ${ expression }: lexed in place, up to the string's end. */
static void read_interpolation(StringReader *reader)
{
    Parser *parser = reader->parser;
    take_literal(reader);
    size_t start = reader->at;
    size_t close = lexer_find_interpolation_end(parser->lexer.text, start + 2, reader->end);
    size_t outer_end = parser->lexer.end;
    size_t outer_brackets = parser->lexer.brackets;
    size_t outer_maps = parser->maps;
    bool was_panicking = parser->is_panicking;
    Token outer = parser->token;
    size_t outer_previous = parser->previous_end;
    size_t outer_at = parser->lexer.at;
    parser->lexer.at = start + 2;
    parser->lexer.end = close;
    parser->lexer.brackets = 1;
    parser->maps = 0;
    parser_advance(parser);
    Span opening = {reader->span.file, (uint32_t)start, (uint32_t)(start + 2)};
    Expression *value = NULL;
    if (parser_enter(parser, opening)) {
        if (parser->token.kind == TOKEN_END && !parser->lexer.is_stopped) {
            Diagnostic *found = parser_report(parser, CODE_INTERPOLATION, (Span){opening.file, opening.start, (uint32_t)(close + 1)}, "this interpolation is empty");
            diagnostic_set_label(parser->sink, found, "an expression belongs between the braces");
            diagnostic_set_advice(parser->sink, found, "name a value, or write `$${` for the characters themselves");
        } else {
            value = parser_read_expression(parser);
            if (parser->token.kind != TOKEN_END) {
                Diagnostic *found = parser_report(parser, CODE_INTERPOLATION, parser->token.span, "the expression of this interpolation ends before here");
                diagnostic_add_label(parser->sink, found, opening, "begins here");
                diagnostic_set_advice(parser->sink, found, "one expression stands between `${` and `}`");
            }
        }
        parser_leave(parser);
    }
    parser->lexer.at = outer_at;
    parser->lexer.end = outer_end;
    parser->lexer.brackets = outer_brackets;
    parser->maps = outer_maps;
    parser->is_panicking = was_panicking;
    parser->token = outer;
    parser->previous_end = outer_previous;
    if (!value)
        value = parser_new_expression(parser, EXPRESSION_ERROR, opening);
    push_piece(reader, (StringPiece){.expression = value});
    reader->at = close < reader->end ? close + 1 : reader->end;
    reader->run = reader->at;
}

Expression *parser_read_string(Parser *parser)
{
    Token token = parser->token;
    StringReader reader = {.parser = parser, .span = token.span, .at = token.span.start + 1, .end = token.span.end - 1, .run = token.span.start + 1};
    const char *bytes = parser->lexer.text.ptr;
    while (reader.at < reader.end && !parser->lexer.is_stopped) {
        char c = bytes[reader.at];
        bool is_invisible = ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
        if (is_invisible) {
            report_invisible(&reader, (unsigned char)c);
            take_run(&reader); /* left out, so that nothing follows from it */
            reader.run = ++reader.at;
            continue;
        }
        bool has_brace = c == '$' && reader.at + 1 < reader.end && bytes[reader.at + 1] == '{';
        bool is_escaped_brace = c == '$' && reader.at + 2 < reader.end && bytes[reader.at + 1] == '$' && bytes[reader.at + 2] == '{';
        if (c == '\\') {
            read_escape(&reader);
        } else if (is_escaped_brace) {
            take_run(&reader);
            reader.run = reader.at + 1; /* the second $ and the brace are the text */
            reader.at += 3;
        } else if (has_brace) {
            read_interpolation(&reader);
        } else {
            reader.at++;
        }
    }
    take_literal(&reader);
    parser_advance(parser);
    if (parser->has_stray_bytes && utf8_find_invalid(token.text) < token.text.len)
        return parser_new_expression(parser, EXPRESSION_ERROR, token.span);
    Expression *string = parser_new_expression(parser, EXPRESSION_STRING, token.span);
    string->string.pieces = reader.pieces.items;
    string->string.count = reader.pieces.count;
    return string;
}

bool parser_plain_string(const Expression *string, Text *out)
{
    *out = TEXT("");
    if (string->kind != EXPRESSION_STRING || string->string.count > 1)
        return false;
    if (string->string.count == 1) {
        if (string->string.pieces[0].expression)
            return false;
        *out = string->string.pieces[0].text;
    }
    return true;
}
