#include "parser/state.h"

#include "parser/parser.h"

#include <string.h>

bool parser_ends_statement(const Parser *parser)
{
    TokenKind kind = parser->token.kind;
    return kind == TOKEN_NEWLINE || kind == TOKEN_SEMICOLON || kind == TOKEN_RIGHT_BRACE || kind == TOKEN_END;
}

Scope parser_enclosing_scope(const Statement *statement)
{
    return statement->parent ? statement->parent->body_scope : SCOPE_FILE;
}

/* `default container { … }` has the body of the word it names: the one of services, else of containers, else the first. */
static Scope find_default_scope(const Expression *word)
{
    Scope found = SCOPE_NONE;
    int best = 0;
    if (!word || word->kind != EXPRESSION_PATH)
        return SCOPE_NONE;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        if (row->body >= SCOPE_COUNT || row->body == SCOPE_DEFAULT || !text_equal_c(word->path, row->word))
            continue;
        int rank = vocabulary_allows(row, SCOPE_SERVICE) ? 3 : vocabulary_allows(row, SCOPE_CONTAINER) ? 2 : 1;
        if (rank > best) {
            best = rank;
            found = row->body;
        }
    }
    return found;
}

Scope parser_body_scope(const Statement *statement)
{
    if (!statement->row)
        return SCOPE_NONE;
    if (statement->row->body == SCOPE_SAME)
        return parser_enclosing_scope(statement);
    if (statement->row->body == SCOPE_DEFAULT)
        return find_default_scope(statement->arguments[0]);
    return statement->row->body;
}

/* A word listed in the body of the statement. Layers and entries of open bodies are never written inline. */
static const VocabularyRow *find_named(const Statement *statement, Text word)
{
    if (!statement->row || statement->row->body >= SCOPE_COUNT)
        return NULL;
    const VocabularyRow *row = vocabulary_find(statement->row->body, word);
    return row && row->word[0] != '\0' && row->scopes != IN_ANY ? row : NULL;
}

bool parser_is_open_word(const Parser *parser, Text word)
{
    for (const Statement *at = parser->innermost; at; at = at == parser->line ? NULL : at->parent)
        if (find_named(at, word))
            return true;
    return false;
}

/* --- what is wrong with an argument --- */

static Text list_values(Parser *parser, const Argument *argument)
{
    Text list = TEXT("");
    Text value;
    Text aws;
    size_t cursor = 0;
    size_t count = 0;
    for (bool more = vocabulary_next_value(argument, &cursor, &value, &aws); more && count < 24; count++) {
        Text now = value;
        more = vocabulary_next_value(argument, &cursor, &value, &aws);
        const char *joint = count == 0 ? "" : more ? ", " : " or ";
        list = arena_format(parser->arena, "%.*s%s%.*s", TEXT_ARG(list), joint, TEXT_ARG(now));
    }
    return list;
}

static Text nearest_value(const Argument *argument, Text word)
{
    Text nearest = TEXT_NONE;
    size_t best = word.len <= 3 ? 1 : word.len / 3 > 2 ? word.len / 3 : 2;
    size_t cursor = 0;
    Text value;
    Text aws;
    while (vocabulary_next_value(argument, &cursor, &value, &aws)) {
        size_t distance = text_edit_distance(word, value, best);
        /* The AWS spelling stands for the value: ARM64 for arm64. */
        if (text_equal(word, aws))
            distance = 0;
        else if (word.len > 1 && distance > 1 && text_starts_with(value, word))
            distance = 1;
        if (distance > best || (nearest.len > 0 && distance == best))
            continue;
        best = distance;
        nearest = value;
    }
    return nearest;
}

static void report_choice(Parser *parser, const Statement *statement, const Argument *argument, Span span, Text word)
{
    Diagnostic *found = parser_report(parser, CODE_CHOICE_UNKNOWN, span, "`%.*s` is none of the words that `%.*s` takes", TEXT_ARG(word), TEXT_ARG(statement->word));
    Text list = list_values(parser, argument);
    diagnostic_set_label(parser->sink, found, "%.*s belongs here", TEXT_ARG(list));
    Text nearest = nearest_value(argument, word);
    if (nearest.len > 0)
        diagnostic_set_fix(parser->sink, found, false, span, nearest, "did you mean `%.*s`?", TEXT_ARG(nearest));
}

static const char *describe_argument(const Argument *argument)
{
    switch (argument->kind) {
    case ARGUMENT_NAME: return "a name";
    case ARGUMENT_REFERENCE: return "the name of something declared";
    case ARGUMENT_ENUM: return "a word";
    case ARGUMENT_VALUE: return argument->is_range ? "a range or a value" : type_label(argument->type);
    case ARGUMENT_EXPRESSION: return argument->type == TYPE_CONDITION ? "a condition" : "an expression";
    case ARGUMENT_TYPE: return "a type";
    case ARGUMENT_WORD: return "a word of this body";
    case ARGUMENT_MODULE: return "a module";
    case ARGUMENT_PATH: return "a name, with points if need be";
    case ARGUMENT_MAP: return "a map in braces";
    case ARGUMENT_PROFILE: return "a profile";
    }
    return "";
}

static void show_example(Parser *parser, Diagnostic *found, const Statement *statement)
{
    if (statement->row->example && statement->row->example[0] != '\0')
        diagnostic_add_note(parser->sink, found, "for example: %s", statement->row->example);
}

static void report_missing(Parser *parser, Statement *statement, const Argument *argument)
{
    Diagnostic *found = parser_report(parser, CODE_ARGUMENT_MISSING, statement->word_span, "`%.*s` needs %s: its %s", TEXT_ARG(statement->word),
                                      describe_argument(argument), argument->name);
    diagnostic_set_label(parser->sink, found, "%s is missing", argument->name);
    if (argument->kind == ARGUMENT_ENUM) {
        Text list = list_values(parser, argument);
        diagnostic_add_note(parser->sink, found, "%s is one of: %.*s", argument->name, TEXT_ARG(list));
    }
    show_example(parser, found, statement);
    statement->has_error = true;
}

static void report_kind(Parser *parser, Statement *statement, const Argument *argument, Token token, Span span)
{
    Text shown = token_describe(parser->arena, token);
    Diagnostic *found = parser_report(parser, CODE_ARGUMENT_KIND, span, "%.*s cannot be the %s of `%.*s`", TEXT_ARG(shown), argument->name, TEXT_ARG(statement->word));
    diagnostic_set_label(parser->sink, found, "%s belongs here", describe_argument(argument));
    show_example(parser, found, statement);
    statement->has_error = true;
}

/* --- positional arguments --- */

static bool is_bare_word(const Parser *parser)
{
    return parser->token.kind == TOKEN_WORD && !parser->token.is_path;
}

static bool is_value_of(const Parser *parser, const Argument *argument)
{
    Text ignored;
    return parser->token.kind == TOKEN_WORD && vocabulary_find_value(argument, parser->token.text, &ignored);
}

/* Whether an argument that may be absent, or one more of several, begins at the token at hand. */
static bool can_take(const Parser *parser, const Argument *argument)
{
    TokenKind kind = parser->token.kind;
    switch (argument->kind) {
    case ARGUMENT_ENUM: return is_value_of(parser, argument);
    case ARGUMENT_VALUE: return parser_starts_primary(parser) && !(is_bare_word(parser) && parser_is_open_word(parser, parser->token.text));
    case ARGUMENT_NAME:
    case ARGUMENT_REFERENCE:
    case ARGUMENT_PATH:
    case ARGUMENT_TYPE:
    case ARGUMENT_WORD:
    case ARGUMENT_MODULE:
    case ARGUMENT_PROFILE:
        return kind == TOKEN_STRING || kind == TOKEN_LEFT_PAREN || kind == TOKEN_ERROR || (kind == TOKEN_WORD && !parser_is_open_word(parser, parser->token.text));
    case ARGUMENT_EXPRESSION: return parser_starts_primary(parser);
    case ARGUMENT_MAP: return kind == TOKEN_LEFT_BRACE;
    }
    return false;
}

/* Whether anything stands here that was meant as the argument, of whatever kind. */
static bool is_present(const Parser *parser, const Argument *argument)
{
    if (parser_ends_statement(parser))
        return false;
    if (parser->token.kind == TOKEN_LEFT_BRACE)
        return argument->kind == ARGUMENT_MAP;
    if (parser->token.kind == TOKEN_OPERATOR)
        return argument->kind == ARGUMENT_EXPRESSION;
    return true;
}

/* A word as a name or an enum member, a string, or a value in parentheses. */
static Expression *read_name(Parser *parser, Statement *statement, const Argument *argument)
{
    bool takes_string = argument->kind == ARGUMENT_NAME || argument->kind == ARGUMENT_REFERENCE || argument->kind == ARGUMENT_MODULE;
    bool takes_group = argument->kind == ARGUMENT_NAME || argument->kind == ARGUMENT_REFERENCE || argument->kind == ARGUMENT_ENUM;
    bool takes_call = argument->kind == ARGUMENT_TYPE || argument->kind == ARGUMENT_PROFILE;
    TokenKind kind = parser->token.kind;
    if (kind == TOKEN_WORD)
        return takes_call ? parser_read_call(parser) : parser_read_path(parser);
    bool is_right = kind == TOKEN_ERROR || (kind == TOKEN_STRING && takes_string) || (kind == TOKEN_LEFT_PAREN && takes_group);
    Token token = parser->token;
    if (!parser_starts_primary(parser)) {
        report_kind(parser, statement, argument, token, token.span);
        parser->is_panicking = true;
        return parser_new_expression(parser, EXPRESSION_ERROR, token.span);
    }
    Expression *expression = parser_read_primary(parser);
    if (is_right)
        return expression;
    Text inner = TEXT_NONE;
    Text ignored;
    bool is_quoted_value = argument->kind == ARGUMENT_ENUM && parser_plain_string(expression, &inner) && vocabulary_find_value(argument, inner, &ignored);
    if (is_quoted_value) {
        Diagnostic *found = parser_report(parser, CODE_ARGUMENT_KIND, token.span, "the %s of `%.*s` is a word, without quotes", argument->name, TEXT_ARG(statement->word));
        diagnostic_set_fix(parser->sink, found, true, token.span, inner, "%s", "");
        statement->has_error = true;
    } else if (expression->kind != EXPRESSION_ERROR) {
        report_kind(parser, statement, argument, token, expression->span);
    }
    return parser_new_expression(parser, EXPRESSION_ERROR, expression->span);
}

static Expression *read_choice(Parser *parser, Statement *statement, const Argument *argument)
{
    if (parser->token.kind != TOKEN_WORD || is_value_of(parser, argument))
        return read_name(parser, statement, argument);
    Token token = parser->token;
    report_choice(parser, statement, argument, token.span, token.text);
    statement->has_error = true;
    parser_advance(parser);
    return parser_new_expression(parser, EXPRESSION_ERROR, token.span);
}

static Expression *read_one(Parser *parser, Statement *statement, const Argument *argument)
{
    parser->operator_count = 0;
    switch (argument->kind) {
    case ARGUMENT_ENUM: return read_choice(parser, statement, argument);
    case ARGUMENT_VALUE: return parser_read_primary(parser);
    case ARGUMENT_EXPRESSION: return parser_read_expression(parser);
    case ARGUMENT_MAP:
        if (parser->token.kind == TOKEN_LEFT_BRACE)
            return parser_read_map(parser);
        break;
    case ARGUMENT_NAME:
    case ARGUMENT_REFERENCE:
    case ARGUMENT_TYPE:
    case ARGUMENT_WORD:
    case ARGUMENT_MODULE:
    case ARGUMENT_PATH:
    case ARGUMENT_PROFILE: return read_name(parser, statement, argument);
    }
    report_kind(parser, statement, argument, parser->token, parser->token.span);
    parser->is_panicking = true;
    return parser_new_expression(parser, EXPRESSION_ERROR, parser->token.span);
}

/* `:` after a word, `,` between arguments: passed over after a report. */
static void skip_punctuation(Parser *parser, Statement *statement)
{
    while (parser->token.kind == TOKEN_COLON || parser->token.kind == TOKEN_COMMA) {
        bool is_colon = parser->token.kind == TOKEN_COLON;
        Diagnostic *found = parser_report(parser, CODE_PUNCTUATION, parser->token.span, is_colon ? "nothing stands between a word and its argument" : "no comma stands between arguments");
        diagnostic_set_label(parser->sink, found, "not needed");
        diagnostic_set_fix(parser->sink, found, true, parser->token.span, TEXT(" "), "replace it by a blank");
        statement->has_error = true;
        parser_advance(parser);
    }
}

static Expression *read_many(Parser *parser, Statement *statement, const Argument *argument)
{
    ExpressionArray items = {0};
    Span span = parser->token.span;
    do {
        Expression *item = read_one(parser, statement, argument);
        span = span_join(span, item->span);
        ARRAY_PUSH(parser->arena, &items, item);
        skip_punctuation(parser, statement);
    } while (!parser->is_panicking && can_take(parser, argument));
    Expression *list = parser_new_expression(parser, EXPRESSION_LIST, span);
    list->list = items;
    return list;
}

static void report_extra(Parser *parser, Statement *statement)
{
    Span span = parser->token.span;
    Text shown = token_describe(parser->arena, parser->token);
    Diagnostic *found;
    if (parser->token.kind == TOKEN_OPERATOR) {
        found = parser_report(parser, CODE_OPERATOR_OUTSIDE, span, "an operator stands outside of parentheses");
        diagnostic_set_label(parser->sink, found, "an argument is one value");
        diagnostic_set_advice(parser->sink, found, "put the calculation in parentheses: (a %s b)", operator_text(parser->token.op));
        return;
    }
    /* An address without quotes is no number at all, which says more than one argument too many. */
    if (parser->token.kind == TOKEN_QUANTITY && parser_read_primary(parser)->kind == EXPRESSION_ERROR)
        return;
    size_t count = vocabulary_argument_count(statement->row);
    const Argument *last = count > 0 ? &statement->row->arguments[count - 1] : NULL;
    bool is_more_choice = last && last->kind == ARGUMENT_ENUM && (last->is_many || !statement->arguments[count - 1]) && is_bare_word(parser);
    if (is_more_choice && (last->is_many || nearest_value(last, parser->token.text).len > 0)) {
        report_choice(parser, statement, last, span, parser->token.text);
        return;
    }
    found = parser_report(parser, CODE_ARGUMENT_EXTRA, span, "`%.*s` does not take %.*s here", TEXT_ARG(statement->word), TEXT_ARG(shown));
    diagnostic_set_label(parser->sink, found, count == 0 ? "it takes no argument before its named ones" : "one argument too many");
    show_example(parser, found, statement);
}

static void read_positional(Parser *parser, Statement *statement)
{
    size_t count = vocabulary_argument_count(statement->row);
    for (size_t i = statement->row->word[0] == '\0' ? 1 : 0; i < count && !parser->is_panicking; i++) {
        const Argument *argument = &statement->row->arguments[i];
        skip_punctuation(parser, statement);
        bool is_last = i + 1 == count;
        bool is_group_choice = is_last && argument->kind == ARGUMENT_ENUM && parser->token.kind == TOKEN_LEFT_PAREN;
        if (argument->is_optional && !can_take(parser, argument) && !is_group_choice)
            continue;
        if (!is_present(parser, argument)) {
            if (!statement->has_error && parser->token.kind == TOKEN_OPERATOR)
                report_extra(parser, statement);
            else if (!statement->has_error)
                report_missing(parser, statement, argument);
            statement->has_error = true;
            return;
        }
        statement->arguments[i] = argument->is_many ? read_many(parser, statement, argument) : read_one(parser, statement, argument);
        if (statement->arguments[i]->kind == EXPRESSION_ERROR)
            statement->has_error = true;
    }
}

/* --- named arguments --- */

static Statement *add_inline(Parser *parser, Statement *owner, const VocabularyRow *row)
{
    Statement *statement = ARENA_NEW(parser->arena, Statement);
    statement->row = row;
    statement->word = parser->token.text;
    statement->word_span = statement->span = statement->head_span = parser->token.span;
    statement->parent = owner;
    statement->is_inline = true;
    statement->body_scope = SCOPE_NONE;
    ARRAY_PUSH(parser->arena, &owner->children, statement);
    return statement;
}

/* The statement of the line, from the innermost outwards, in whose body the word is listed. */
static Statement *find_owner(Statement *innermost, const Statement *line, Text word, const VocabularyRow **row)
{
    for (Statement *at = innermost; at; at = at == line ? NULL : at->parent) {
        *row = find_named(at, word);
        if (*row)
            return at;
    }
    return NULL;
}

/* An optional choice was misspelt and so taken for the value behind it: image ecrr "name". */
static bool report_misread_choice(Parser *parser, const Statement *statement)
{
    for (size_t i = 0; i + 1 < ARGUMENTS_MAX && statement->row->arguments[i + 1].name; i++) {
        const Argument *argument = &statement->row->arguments[i];
        const Expression *next = statement->arguments[i + 1];
        if (argument->kind != ARGUMENT_ENUM || statement->arguments[i] || !next)
            continue;
        if (next->kind == EXPRESSION_LIST && next->list.count > 0)
            next = next->list.items[0];
        if (next->kind == EXPRESSION_PATH && nearest_value(argument, next->path).len > 0) {
            report_choice(parser, statement, argument, next->span, next->path);
            return true;
        }
    }
    return false;
}

/* A required value was forgotten, and the name of the next argument was taken for it: health every 30s. */
static bool report_swallowed_word(Parser *parser, Statement *statement)
{
    size_t count = vocabulary_argument_count(statement->row);
    const Expression *last = NULL;
    const Argument *argument = NULL;
    for (size_t i = 0; i < count; i++) {
        if (statement->arguments[i]) {
            last = statement->arguments[i];
            argument = &statement->row->arguments[i];
        }
    }
    if (last && last->kind == EXPRESSION_LIST && last->list.count == 1)
        last = last->list.items[0];
    if (!last || argument->is_optional || last->kind != EXPRESSION_PATH || !parser_is_open_word(parser, last->path))
        return false;
    report_missing(parser, statement, argument);
    return true;
}

static bool report_unknown_named(Parser *parser, const Statement *statement)
{
    if (!is_bare_word(parser))
        return false;
    for (const Statement *at = statement; at; at = at == parser->line ? NULL : at->parent) {
        if (!at->row || at->row->body >= SCOPE_COUNT)
            continue;
        const VocabularyRow *near = vocabulary_suggest(at->row->body, parser->token.text);
        if (!near || near->scopes == IN_ANY)
            continue;
        Diagnostic *found = parser_report(parser, CODE_WORD_UNKNOWN, parser->token.span, "`%.*s` is no argument of `%.*s`", TEXT_ARG(parser->token.text), TEXT_ARG(at->word));
        diagnostic_set_label(parser->sink, found, "not known here");
        diagnostic_set_fix(parser->sink, found, false, parser->token.span, text_from_c(near->word), "did you mean `%s`?", near->word);
        return true;
    }
    return false;
}

/* Two statements on one line: the second begins with a word of the enclosing body. */
static bool report_missing_separator(Parser *parser, const Statement *line)
{
    Scope scope = parser_enclosing_scope(line);
    if (!is_bare_word(parser) || line->row->word[0] == '\0')
        return false;
    const VocabularyRow *row = vocabulary_find(scope, parser->token.text);
    if (!row || row->word[0] == '\0')
        return false;
    Span span = parser->token.span;
    Diagnostic *found = parser_report(parser, CODE_SEPARATOR_MISSING, span, "a `;` belongs between two statements on one line");
    diagnostic_set_label(parser->sink, found, "`%.*s` begins a statement of its own", TEXT_ARG(parser->token.text));
    Span gap = {span.file, (uint32_t)parser->previous_end, span.start};
    diagnostic_set_fix(parser->sink, found, true, gap, TEXT("; "), "put `;` before `%.*s`", TEXT_ARG(parser->token.text));
    return true;
}

/* What stands behind the last argument and belongs to nothing. True when it begins a statement of its own. */
static bool handle_extra(Parser *parser, Statement *line, Statement *innermost)
{
    bool has_error = line->has_error || innermost->has_error || parser->token.kind == TOKEN_ERROR;
    line->has_error = innermost->has_error = true;
    if (has_error || report_swallowed_word(parser, innermost) || report_misread_choice(parser, innermost))
        return false;
    if (report_missing_separator(parser, line))
        return true;
    if (!report_unknown_named(parser, innermost))
        report_extra(parser, innermost);
    return false;
}

/* To the end of the head: a body may still follow. */
static void skip_head(Parser *parser)
{
    while (!parser_ends_statement(parser) && parser->token.kind != TOKEN_LEFT_BRACE)
        parser_advance(parser);
}

/* After an error inside an expression: line ends count again, and what begins a line begins a statement. */
static void end_panic(Parser *parser)
{
    bool is_at_line = parser->token.line_before;
    parser->is_panicking = false;
    parser->lexer.brackets = 0;
    parser->maps = 0;
    if (!is_at_line)
        skip_head(parser);
}

static void close_heads(const Parser *parser, Statement *innermost, const Statement *line, Statement *outer_end)
{
    for (Statement *at = innermost; at != outer_end; at = at == line ? outer_end : at->parent) {
        uint32_t end = (uint32_t)parser->previous_end;
        at->span.end = at->head_span.end = end > at->span.end ? end : at->span.end;
        at->body_scope = parser_body_scope(at);
    }
}

void parser_read_head(Parser *parser, Statement *line)
{
    Statement *innermost = line;
    parser->line = line;
    parser->innermost = line;
    read_positional(parser, line);
    while (!parser->is_panicking) {
        skip_punctuation(parser, innermost);
        if (parser_ends_statement(parser) || parser->token.kind == TOKEN_LEFT_BRACE)
            break;
        const VocabularyRow *row = NULL;
        Statement *owner = is_bare_word(parser) ? find_owner(innermost, line, parser->token.text, &row) : NULL;
        if (!owner) {
            if (!handle_extra(parser, line, innermost))
                skip_head(parser);
            break;
        }
        /* The statements between are complete: nothing can be added to them any more. */
        for (Statement *at = innermost; at != owner; at = at->parent)
            close_heads(parser, at, at, at->parent);
        innermost = add_inline(parser, owner, row);
        parser->innermost = innermost;
        parser_advance(parser);
        read_positional(parser, innermost);
    }
    if (parser->is_panicking) {
        line->has_error = innermost->has_error = true;
        end_panic(parser);
    }
    close_heads(parser, innermost, line, NULL);
    parser->line = parser->innermost = NULL;
}
