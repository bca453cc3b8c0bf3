#include "parser/parser.h"

#include "parser/state.h"

#include "base/utf8.h"

#include <string.h>

void parser_advance(Parser *parser)
{
    if (parser->token.kind != TOKEN_NEWLINE)
        parser->previous_end = parser->token.span.end;
    parser->token = lexer_next(&parser->lexer);
}

Diagnostic *parser_report(Parser *parser, DiagnosticCode code, Span span, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text message = arena_format_list(parser->arena, format, list);
    va_end(list);
    bool was_quiet = parser->lexer.is_quiet;
    parser->lexer.is_quiet = was_quiet || parser->is_panicking;
    Diagnostic *found = lexer_report(&parser->lexer, code, span.start, span.end, "%.*s", TEXT_ARG(message));
    parser->lexer.is_quiet = was_quiet;
    return found;
}

bool parser_enter(Parser *parser, Span span)
{
    if (parser->depth < PARSER_DEPTH_MAX) {
        parser->depth++;
        return true;
    }
    Diagnostic *found = parser_report(parser, CODE_TOO_DEEP, span, "more than %d things stand in each other here", PARSER_DEPTH_MAX);
    diagnostic_set_label(parser->sink, found, "too deep");
    diagnostic_set_advice(parser->sink, found, "name the inner parts by `let`, or take some levels away");
    return false;
}

void parser_leave(Parser *parser)
{
    parser->depth--;
}

/* --- comments --- */

static size_t pending_comments(const Parser *parser)
{
    return parser->lexer.comments.count - parser->comments_taken;
}

static bool has_line_between(const Parser *parser, size_t start, size_t end)
{
    Text gap = text_slice(parser->lexer.text, start, end);
    return text_find_byte(gap, '\n') < gap.len;
}

/* Those inside of brackets belong to no statement: the formatter finds them there. */
static void drop_comments(Parser *parser)
{
    while (pending_comments(parser) > 0 && parser->lexer.comments.items[parser->comments_taken].span.start < parser->previous_end)
        parser->comments_taken++;
}

static StatementComments *statement_comments(Parser *parser, Statement *statement)
{
    if (!statement->comments)
        statement->comments = ARENA_NEW(parser->arena, StatementComments);
    return statement->comments;
}

/* The comment on the line of what was read last, if there is one: behind the statement, or behind its closing brace. */
static void take_trailing(Parser *parser, Statement *statement, bool is_after_body)
{
    drop_comments(parser);
    if (pending_comments(parser) == 0)
        return;
    Comment comment = parser->lexer.comments.items[parser->comments_taken];
    if (has_line_between(parser, parser->previous_end, comment.span.start))
        return;
    StatementComments *comments = statement_comments(parser, statement);
    Comment *place = is_after_body ? &comments->after_body : &comments->trailing;
    if (place->text.len > 0)
        return;
    *place = comment;
    parser->comments_taken++;
}

static void take_leading(Parser *parser, Statement *statement)
{
    while (pending_comments(parser) > 0)
        ARRAY_PUSH(parser->arena, &statement_comments(parser, statement)->leading, parser->lexer.comments.items[parser->comments_taken++]);
}

static void take_closing(Parser *parser, Statement *statement)
{
    while (pending_comments(parser) > 0)
        ARRAY_PUSH(parser->arena, &statement_comments(parser, statement)->closing, parser->lexer.comments.items[parser->comments_taken++]);
}

static bool has_blank_before(const Parser *parser, size_t at)
{
    Text text = parser->lexer.text;
    size_t lines = 0;
    for (; at > 0 && lines < 2; at--) {
        char c = text.ptr[at - 1];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
        lines += c == '\n';
    }
    return lines >= 2;
}

/* --- recovery --- */

/* Passes the brackets that begin at the token at hand, when they end at all; what is inside is not looked at. */
static bool skip_brackets(Parser *parser)
{
    Lexer start = parser->lexer;
    Token token = parser->token;
    size_t previous_end = parser->previous_end;
    size_t depth = 0;
    TokenKind opening = token.kind;
    TokenKind closing = opening == TOKEN_LEFT_PAREN ? TOKEN_RIGHT_PAREN : opening == TOKEN_LEFT_BRACKET ? TOKEN_RIGHT_BRACKET : TOKEN_RIGHT_BRACE;
    parser->lexer.brackets = 1;
    do {
        TokenKind kind = parser->token.kind;
        depth += kind == opening;
        depth -= kind == closing;
        if (kind == TOKEN_END) {
            parser->has_failed_skip = true;
            parser->lexer = start;
            parser->token = token;
            parser->previous_end = previous_end;
            return false;
        }
        if (depth == 0)
            parser->lexer.brackets = 0;
        parser_advance(parser);
    } while (depth > 0);
    return true;
}

/* The rest of a statement whose meaning is unknown, with its body; nothing in it is reported. */
static void skip_statement(Parser *parser)
{
    bool was_quiet = parser->lexer.is_quiet;
    size_t comments = parser->lexer.comments.count;
    parser->lexer.is_quiet = true;
    while (!parser_ends_statement(parser)) {
        TokenKind kind = parser->token.kind;
        bool opens = kind == TOKEN_LEFT_BRACE || kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET;
        if (!opens || parser->has_failed_skip || !skip_brackets(parser))
            parser_advance(parser);
    }
    parser->lexer.is_quiet = was_quiet;
    parser->comments_taken = parser->comments_taken > comments ? parser->comments_taken : comments;
}

/* --- unknown words --- */

/* The bodies that the word may stand in. */
static ScopeSet find_places(Text word)
{
    ScopeSet places = 0;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        if (row->scopes != IN_ANY && word.len > 0 && text_equal_c(word, row->word))
            places |= row->scopes;
    }
    return places & IN(SERVICE) ? places & ~IN(PROFILE) : places;
}

/* The bodies of the words of a body. */
static ScopeSet find_inner(Scope scope)
{
    ScopeSet inner = 0;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        if (row->body < SCOPE_COUNT && vocabulary_allows(row, scope))
            inner |= (ScopeSet)1 << row->body;
    }
    return inner;
}

/* "container", "service or alarm" …: where the word may stand; empty when nowhere. Those near to this body are named alone. */
static Text list_places(Parser *parser, const Statement *owner, Text word)
{
    ScopeSet places = find_places(word);
    ScopeSet near = find_inner(owner->body_scope);
    for (const Statement *at = owner->parent; at; at = at->parent)
        near |= at->body_scope < SCOPE_COUNT ? (ScopeSet)1 << at->body_scope : 0;
    if (places & near)
        places &= near;
    Text list = TEXT("");
    size_t count = 0;
    for (int scope = 0; scope < SCOPE_COUNT && places; scope++) {
        if (!(places & ((ScopeSet)1 << scope)))
            continue;
        places &= ~((ScopeSet)1 << scope);
        bool is_enough = ++count == 4 && places;
        const char *joint = count == 1 ? "" : places == 0 ? " or " : ", ";
        list = arena_format(parser->arena, "%.*s%s%s%s", TEXT_ARG(list), joint, vocabulary_scope_label((Scope)scope), is_enough ? " and elsewhere" : "");
        if (is_enough)
            break;
    }
    return list;
}

/* The words of a body that has few; empty when there are too many to read. */
static Text list_words(Parser *parser, Scope scope)
{
    enum { FEW = 18 };
    Text list = TEXT("");
    size_t count = 0;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        if (row->scopes == IN_ANY || row->word[0] == '\0' || !vocabulary_allows(row, scope))
            continue;
        if (++count > FEW)
            return TEXT("");
        list = arena_format(parser->arena, "%.*s%s%s", TEXT_ARG(list), count == 1 ? "" : ", ", row->word);
    }
    return list;
}

static void report_unknown_word(Parser *parser, const Statement *owner, Token token)
{
    Scope scope = owner->body_scope;
    Text word = token.text;
    const char *place = vocabulary_scope_label(scope);
    Text places = list_places(parser, owner, word);
    Text shown = word.len > 60 ? text_slice(word, 0, 60) : word;
    Diagnostic *found;
    if (places.len > 0) {
        found = parser_report(parser, CODE_WORD_UNKNOWN, token.span, "`%.*s` has no place in %s", TEXT_ARG(shown), place);
        diagnostic_set_label(parser->sink, found, "stands in %.*s", TEXT_ARG(places));
        return;
    }
    found = parser_report(parser, CODE_WORD_UNKNOWN, token.span, "`%.*s` is no word of %s", TEXT_ARG(shown), place);
    const VocabularyRow *near = vocabulary_suggest(scope, word);
    if (near) {
        diagnostic_set_label(parser->sink, found, "not known here");
        diagnostic_set_fix(parser->sink, found, false, token.span, text_from_c(near->word), "did you mean `%s`?", near->word);
        return;
    }
    diagnostic_set_label(parser->sink, found, "not known");
    Text words = list_words(parser, scope);
    if (words.len)
        diagnostic_add_note(parser->sink, found, "%s takes %.*s", place, TEXT_ARG(words));
    else
        diagnostic_add_note(parser->sink, found, "`svc help --markdown` has every word");
}

/* Column of the first character of the line, in bytes. */
static size_t line_indent(const Parser *parser, size_t at)
{
    Text text = parser->lexer.text;
    size_t start = at;
    while (start > 0 && text.ptr[start - 1] != '\n')
        start--;
    size_t indent = start;
    while (indent < text.len && (text.ptr[indent] == ' ' || text.ptr[indent] == '\t'))
        indent++;
    return indent - start;
}

static void report_unclosed(Parser *parser, Span brace, const char *why, Span where)
{
    Diagnostic *found = parser_report(parser, CODE_BODY_UNCLOSED, brace, "this body is not closed");
    diagnostic_set_label(parser->sink, found, "its `}` is missing");
    diagnostic_add_label(parser->sink, found, where, "%s", why);
    diagnostic_set_advice(parser->sink, found, "put a `}` where the body ends");
}

/* A word that stands no deeper than the statement whose body is open, and belongs outside of it: the body was not closed. */
static bool is_past_body(const Parser *parser, const Statement *owner, Token token)
{
    if (!token.line_before || token.kind != TOKEN_WORD || !owner->parent)
        return false;
    /* The line's indentation is only measured for words that do not fit: at most PARSER_ERRORS_MAX times. */
    const VocabularyRow *row = vocabulary_find(parser_enclosing_scope(owner), token.text);
    return row && row->word[0] != '\0' && line_indent(parser, token.span.start) <= line_indent(parser, owner->word_span.start);
}

/* --- statements and bodies --- */

static void read_body(Parser *parser, Statement *owner);

static Statement *new_statement(Parser *parser, Statement *owner)
{
    Statement *statement = ARENA_NEW(parser->arena, Statement);
    statement->parent = owner;
    statement->body_scope = SCOPE_NONE;
    statement->word = parser->token.text;
    statement->word_span = statement->span = statement->head_span = parser->token.span;
    take_leading(parser, statement);
    statement->blank_before = has_blank_before(parser, parser->token.span.start);
    if (statement->comments) {
        statement->comments->blank_after_leading = statement->blank_before;
        statement->blank_before = statement->comments->leading.items[0].blank_before;
    }
    return statement;
}

/* The braces of a statement that may have none, or more than one pair: their contents are not looked at. */
static void reject_body(Parser *parser, Statement *statement)
{
    if (!statement->has_error) {
        Diagnostic *found = parser_report(parser, CODE_BODY_UNEXPECTED, parser->token.span, "`%.*s` has no body", TEXT_ARG(statement->word));
        diagnostic_set_label(parser->sink, found, "nothing can stand in these braces");
        diagnostic_add_note(parser->sink, found, "for example: %s", statement->row->example);
    }
    statement->has_error = true;
    skip_statement(parser);
}

static void read_statement_body(Parser *parser, Statement *statement)
{
    if (statement->body_scope == SCOPE_NONE || statement->has_body) {
        reject_body(parser, statement);
        return;
    }
    statement->has_body = true;
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening)) {
        statement->has_error = true;
        skip_statement(parser);
        return;
    }
    statement->body_span = opening;
    parser_advance(parser);
    take_trailing(parser, statement, false);
    read_body(parser, statement);
    parser_leave(parser);
    if (parser->previous_end > statement->span.end)
        statement->span.end = (uint32_t)parser->previous_end;
    statement->body_span.end = statement->span.end;
}

/* The word at hand; an entry's key becomes its first argument. */
static void read_word(Parser *parser, Statement *statement)
{
    if (parser->token.kind == TOKEN_STRING) {
        Expression *key = parser_read_string(parser);
        statement->has_error = key->kind == EXPRESSION_ERROR;
        if (!parser_plain_string(key, &statement->word))
            statement->word = TEXT_NONE;
        statement->arguments[0] = key;
        return;
    }
    if (statement->row && statement->row->word[0] == '\0')
        statement->arguments[0] = parser_read_path(parser);
    else
        parser_advance(parser);
}

static void end_statement(Parser *parser, const Statement *statement)
{
    if (parser_ends_statement(parser) || parser->token.line_before || statement->has_error)
        return;
    Span gap = {parser->token.span.file, (uint32_t)parser->previous_end, parser->token.span.start};
    Diagnostic *found = parser_report(parser, CODE_SEPARATOR_MISSING, parser->token.span, "a `;` belongs between two statements on one line");
    diagnostic_set_label(parser->sink, found, "begins a statement of its own");
    diagnostic_set_fix(parser->sink, found, true, gap, TEXT("; "), "put `;` before it");
}

/* A word that fits into the statement above, which is closed, and stands deeper than it: a `}` too many closed it. That
   statement then goes on. */
static bool reopen_body(Parser *parser, Statement *owner)
{
    Statement *above = owner->children.count > 0 ? owner->children.items[owner->children.count - 1] : NULL;
    Token token = parser->token;
    if (!above || !above->has_body || above->has_error || !token.line_before || above->body_span.end <= above->body_span.start + 1)
        return false;
    const VocabularyRow *row = vocabulary_find(above->body_scope, token.text);
    bool is_deeper = line_indent(parser, token.span.start) > line_indent(parser, above->word_span.start);
    if (!row || row->word[0] == '\0' || !is_deeper)
        return false;
    Span brace = {above->body_span.file, above->body_span.end - 1, above->body_span.end};
    Text shown = above->word;
    Diagnostic *found = parser_report(parser, CODE_BRACE_EXTRA, brace, "this `}` closes `%.*s` too early", TEXT_ARG(shown));
    diagnostic_set_label(parser->sink, found, "one `}` too many, here or before");
    diagnostic_add_label(parser->sink, found, token.span, "this stands in `%.*s`", TEXT_ARG(shown));
    diagnostic_set_advice(parser->sink, found, "remove the `}` that is too many");
    above->has_error = true;
    if (!parser_enter(parser, brace)) {
        skip_statement(parser);
        return true;
    }
    read_body(parser, above);
    parser_leave(parser);
    return true;
}

/* True when the statement was read; false when the word belongs outside of this body, which then ends. */
static bool read_statement(Parser *parser, Statement *owner)
{
    Token token = parser->token;
    Scope scope = owner->body_scope;
    const VocabularyRow *row = token.kind == TOKEN_STRING ? vocabulary_entry(scope) : vocabulary_find(scope, token.text);
    if (!row && is_past_body(parser, owner, token)) {
        Span opening = {owner->body_span.file, owner->body_span.start, owner->body_span.start + 1};
        report_unclosed(parser, opening, "this stands outside of it", token.span);
        return false;
    }
    if (!row && reopen_body(parser, owner))
        return true;
    Statement *statement = new_statement(parser, owner);
    ARRAY_PUSH(parser->arena, &owner->children, statement);
    statement->row = row;
    read_word(parser, statement);
    if (!statement->row) {
        report_unknown_word(parser, owner, token);
        statement->has_error = true;
        skip_statement(parser);
        statement->span.end = statement->head_span.end = (uint32_t)parser->previous_end;
        return true;
    }
    parser_read_head(parser, statement);
    take_trailing(parser, statement, false);
    if (parser->token.kind == TOKEN_LEFT_BRACE && !parser->token.line_before)
        read_statement_body(parser, statement);
    bool is_one_line = statement->has_body && !has_line_between(parser, statement->body_span.start, statement->body_span.end);
    take_trailing(parser, statement, statement->has_body && !is_one_line);
    end_statement(parser, statement);
    return true;
}

/* A `{` at the beginning of a line: the body of the statement above, as other languages lay it out. */
static void read_detached_body(Parser *parser, Statement *owner)
{
    Statement *above = owner->children.count > 0 ? owner->children.items[owner->children.count - 1] : NULL;
    Span brace = parser->token.span;
    Diagnostic *found = parser_report(parser, CODE_BRACE_PLACE, brace, "a body begins on the line of its statement");
    diagnostic_set_label(parser->sink, found, "belongs at the end of the line above");
    bool fits = above && above->row && !above->has_body && above->body_scope != SCOPE_NONE;
    if (fits && (!above->comments || above->comments->trailing.text.len == 0) && pending_comments(parser) == 0)
        diagnostic_set_fix(parser->sink, found, true, (Span){brace.file, above->span.end, brace.end}, TEXT(" {"), "move it there");
    if (fits) {
        read_statement_body(parser, above);
        return;
    }
    skip_statement(parser);
}

static void report_no_statement(Parser *parser)
{
    Text shown = token_describe(parser->arena, parser->token);
    if (parser->token.kind != TOKEN_ERROR) {
        Diagnostic *found = parser_report(parser, CODE_STATEMENT_EXPECTED, parser->token.span, "a statement begins with a word, not with %.*s", TEXT_ARG(shown));
        diagnostic_set_label(parser->sink, found, "a word belongs here");
        diagnostic_add_note(parser->sink, found, "a statement ends at the end of its line; what is too long goes into its body");
    }
    skip_statement(parser);
}

/* The closing brace of a body: one that stands left of its statement's line hints at a body inside that was not closed. */
static void close_body(Parser *parser, const Statement *owner)
{
    if (parser->token.line_before && parser->suspect.file == UINT32_MAX &&
        line_indent(parser, parser->token.span.start) < line_indent(parser, owner->body_span.start))
        parser->suspect = (Span){owner->body_span.file, owner->body_span.start, owner->body_span.start + 1};
    parser_advance(parser);
}

/* The comment in `stop 30s; # why` belongs to the statement before it. */
static void take_behind_semicolon(Parser *parser, const Statement *owner)
{
    Statement *above = owner->children.count > 0 ? owner->children.items[owner->children.count - 1] : NULL;
    if (!above)
        return;
    bool is_open_wide = above->has_body && has_line_between(parser, above->body_span.start, above->body_span.end);
    take_trailing(parser, above, is_open_wide);
}

/* Statements up to the `}` of the owner, which is passed, or to the end of the file. */
static void read_body(Parser *parser, Statement *owner)
{
    for (;;) {
        switch (parser->token.kind) {
        case TOKEN_NEWLINE: parser_advance(parser); break;
        case TOKEN_SEMICOLON:
            parser_advance(parser);
            take_behind_semicolon(parser, owner);
            break;
        case TOKEN_WORD:
            if (!read_statement(parser, owner))
                return;
            break;
        case TOKEN_STRING:
            if (vocabulary_entry(owner->body_scope))
                (void)read_statement(parser, owner);
            else
                report_no_statement(parser);
            break;
        case TOKEN_LEFT_BRACE: read_detached_body(parser, owner); break;
        case TOKEN_RIGHT_BRACE:
            take_closing(parser, owner);
            if (owner->parent) {
                close_body(parser, owner);
                return;
            }
            diagnostic_set_advice(parser->sink, parser_report(parser, CODE_BRACE_EXTRA, parser->token.span, "this `}` closes nothing"), "remove it");
            parser_advance(parser);
            break;
        case TOKEN_END:
            take_closing(parser, owner);
            if (owner->parent && !parser->has_reported_end) {
                Span opening = {owner->body_span.file, owner->body_span.start, owner->body_span.start + 1};
                report_unclosed(parser, span_is_none(parser->suspect) ? opening : parser->suspect, "the file ends here", parser->token.span);
                parser->has_reported_end = true;
            }
            return;
        case TOKEN_QUANTITY:
        case TOKEN_LEFT_PAREN:
        case TOKEN_RIGHT_PAREN:
        case TOKEN_LEFT_BRACKET:
        case TOKEN_RIGHT_BRACKET:
        case TOKEN_COMMA:
        case TOKEN_COLON:
        case TOKEN_DOTS:
        case TOKEN_OPERATOR:
        case TOKEN_ERROR: report_no_statement(parser); break;
        }
    }
}

/* --- files --- */

enum { STRAY_BYTES_MAX = 16 };

/* Blanks, tabs and line ends part words; nothing else below 0x20 stands anywhere, strings and comments included. */
static void check_controls(Parser *parser)
{
    Text text = parser->lexer.text;
    for (size_t at = 0; at < text.len && !parser->lexer.is_stopped; at++) {
        at += utf8_count_plain(text_slice(text, at, text.len));
        if (at == text.len)
            return;
        unsigned char c = (unsigned char)text.ptr[at];
        if (c >= 0x20 && c != 0x7f)
            continue;
        if (c == '\n' || c == '\t' || (c == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n'))
            continue;
        Diagnostic *found = lexer_report(&parser->lexer, CODE_CONTROL_CHARACTER, at, at + 1, "a control character (0x%02x) stands here", c);
        diagnostic_set_label(parser->sink, found, "not visible");
        diagnostic_set_fix(parser->sink, found, true, (Span){parser->lexer.file, (uint32_t)at, (uint32_t)at + 1}, TEXT(""), "remove it");
    }
}

/* False when the file is no text, so that reading it would only give errors. */
static bool check_text(Parser *parser)
{
    Text text = parser->lexer.text;
    Lexer *lexer = &parser->lexer;
    bool is_utf16 = text.len >= 2 && (text_starts_with(text, TEXT("\xff\xfe")) || text_starts_with(text, TEXT("\xfe\xff")));
    size_t nul = text_find_byte(text, '\0');
    if (is_utf16 || nul < text.len) {
        Diagnostic *found = lexer_report(lexer, CODE_NOT_TEXT, is_utf16 ? 0 : nul, (is_utf16 ? 0 : nul) + 1, is_utf16 ? "this file is UTF-16" : "this file is no text: it has a byte 0");
        diagnostic_set_advice(parser->sink, found, is_utf16 ? "save it as UTF-8" : "give a .svc file");
        return false;
    }
    check_controls(parser);
    size_t first = utf8_find_invalid(text);
    if (first == text.len)
        return true;
    parser->has_stray_bytes = true;
    size_t count = 0;
    for (size_t at = first; at < text.len && count <= STRAY_BYTES_MAX; count++)
        at += 1 + utf8_find_invalid(text_slice(text, at + 1, text.len));
    Diagnostic *found = lexer_report(lexer, CODE_NOT_UTF8, first, first + 1, "the byte 0x%02x is not valid UTF-8", (unsigned char)text.ptr[first]);
    diagnostic_set_label(parser->sink, found, count > STRAY_BYTES_MAX ? "one of many" : count > 1 ? "one of %zu" : "here", count);
    diagnostic_set_advice(parser->sink, found, "save the file as UTF-8");
    return count <= STRAY_BYTES_MAX;
}

static Statement *new_root(Arena *arena, Span span, Scope scope)
{
    Statement *root = ARENA_NEW(arena, Statement);
    root->body_scope = scope;
    root->has_body = true;
    root->word_span = (Span){span.file, span.start, span.start};
    root->span = root->head_span = root->body_span = span;
    return root;
}

Tree parser_parse_slice(Arena *arena, Diagnostics *sink, uint32_t file, uint32_t start, uint32_t end)
{
    Parser parser = {.arena = arena, .sink = sink, .suspect = SPAN_NONE};
    lexer_start(&parser.lexer, arena, sink, file);
    parser.lexer.at = start;
    parser.lexer.end = end;
    Statement *root = new_root(arena, (Span){file, start, end}, SCOPE_FILE);
    parser.token = lexer_next(&parser.lexer);
    read_body(&parser, root);
    return (Tree){.file = file, .root = root, .has_errors = parser.lexer.error_count > 0};
}

Tree parser_parse_file(Arena *arena, Diagnostics *sink, uint32_t file)
{
    return parser_parse_body(arena, sink, file, SCOPE_FILE);
}

Tree parser_parse_body(Arena *arena, Diagnostics *sink, uint32_t file, Scope scope)
{
    Parser parser = {.arena = arena, .sink = sink, .suspect = SPAN_NONE};
    lexer_start(&parser.lexer, arena, sink, file);
    Statement *root = new_root(arena, (Span){file, 0, (uint32_t)parser.lexer.text.len}, scope);
    if (parser.lexer.text.len > PARSER_BYTES_MAX) {
        Diagnostic *found = lexer_report(&parser.lexer, CODE_FILE_TOO_LONG, 0, 0, "this file has more than %d MiB", PARSER_BYTES_MAX / (1024 * 1024));
        diagnostic_set_advice(sink, found, "split it into several files");
    } else if (check_text(&parser)) {
        parser.token = lexer_next(&parser.lexer);
        read_body(&parser, root);
    }
    return (Tree){.file = file, .root = root, .has_errors = parser.lexer.error_count > 0};
}
