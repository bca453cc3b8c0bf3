#include "parser/state.h"

#include "parser/parser.h"

#include <string.h>

/* How tightly operators bind, from loosest (SPEC.md, "Expressions"). */
enum { POWER_OR = 1, POWER_AND, POWER_NOT, POWER_COMPARE, POWER_ADD, POWER_MULTIPLY, POWER_NEGATE };

static const Text word_and = {"and", 3};
static const Text word_or = {"or", 2};
static const Text word_not = {"not", 3};
static const Text word_if = {"if", 2};
static const Text word_then = {"then", 4};
static const Text word_else = {"else", 4};
static const Text word_yes = {"yes", 3};
static const Text word_no = {"no", 2};

Expression *parser_new_expression(Parser *parser, ExpressionKind kind, Span span)
{
    Expression *expression = ARENA_NEW(parser->arena, Expression);
    expression->kind = kind;
    expression->span = span;
    return expression;
}

static bool is_word(const Parser *parser, Text word)
{
    return parser->token.kind == TOKEN_WORD && text_equal(parser->token.text, word);
}

static bool is_operator_word(Text text)
{
    return text_equal(text, word_and) || text_equal(text, word_or) || text_equal(text, word_not) || text_equal(text, word_then) || text_equal(text, word_else);
}

bool parser_starts_primary(const Parser *parser)
{
    switch (parser->token.kind) {
    case TOKEN_WORD: return !is_operator_word(parser->token.text);
    case TOKEN_QUANTITY:
    case TOKEN_STRING:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_ERROR: return true;
    case TOKEN_LEFT_BRACE: return parser->lexer.brackets > 0 || parser->maps > 0;
    case TOKEN_END:
    case TOKEN_NEWLINE:
    case TOKEN_SEMICOLON:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_COMMA:
    case TOKEN_COLON:
    case TOKEN_DOTS:
    case TOKEN_OPERATOR: return false;
    }
    return false;
}

/* From the start of a token to the end of the one read last. */
static Span span_from(const Parser *parser, Span start)
{
    size_t end = parser->previous_end > start.start ? parser->previous_end : start.end;
    return (Span){start.file, start.start, (uint32_t)end};
}

/* Where something is missing: the token at hand, or at the end of a line what stands last on it. */
static Span missing_place(const Parser *parser, bool *is_behind)
{
    Span span = parser->token.span;
    *is_behind = (parser->token.kind == TOKEN_NEWLINE || parser->token.kind == TOKEN_END) && parser->previous_end > 0;
    return *is_behind ? (Span){span.file, (uint32_t)parser->previous_end - 1, (uint32_t)parser->previous_end} : span;
}

static Expression *error_here(Parser *parser, const char *wanted)
{
    Token token = parser->token;
    bool is_behind = false;
    Span place = missing_place(parser, &is_behind);
    Text shown = token_describe(parser->arena, token);
    Diagnostic *found = parser_report(parser, CODE_EXPRESSION_EXPECTED, place, "%s is missing before %.*s", wanted, TEXT_ARG(shown));
    diagnostic_set_label(parser->sink, found, is_behind ? "%s belongs behind this" : "%s belongs here", wanted);
    if (token.kind == TOKEN_LEFT_BRACE)
        diagnostic_set_advice(parser->sink, found, "a map stands in parentheses: ({ key: \"value\" })");
    parser->is_panicking = true;
    return parser_new_expression(parser, EXPRESSION_ERROR, (Span){token.span.file, token.span.start, token.span.start});
}

/* --- quantities --- */

static void report_unit(Parser *parser, Token token, Text literal, Text unit)
{
    size_t start = token.span.start + (size_t)(unit.ptr - literal.ptr);
    Span span = {token.span.file, (uint32_t)start, (uint32_t)(start + unit.len)};
    Text suggestion = unit_suggest(unit);
    Diagnostic *found = parser_report(parser, CODE_UNIT_UNKNOWN, span, "`%.*s` is no unit", TEXT_ARG(unit));
    if (suggestion.len > 0) {
        bool is_size = unit_takes_blank(suggestion);
        Text digits = text_trim(text_slice(literal, 0, (size_t)(unit.ptr - literal.ptr)));
        bool is_only = unit.ptr + unit.len == literal.ptr + literal.len;
        Text whole = arena_format(parser->arena, "%.*s%s%.*s", TEXT_ARG(digits), is_size ? " " : "", TEXT_ARG(suggestion));
        diagnostic_set_label(parser->sink, found, "did you mean `%.*s`?", TEXT_ARG(suggestion));
        diagnostic_set_fix(parser->sink, found, false, (Span){span.file, token.span.start, span.end}, whole, "write `%.*s`", TEXT_ARG(is_only ? whole : suggestion));
    } else {
        diagnostic_set_label(parser->sink, found, "not known");
        diagnostic_set_advice(parser->sink, found, "units are ms s m h d, KiB MiB GiB, vcpu, %%, /s /min /h /d and usd");
    }
    if (unit.ptr[0] == '/')
        diagnostic_add_note(parser->sink, found, "for a division put blanks around `/`");
}

static Expression *read_literal(Parser *parser, Token token, Text literal)
{
    Expression *expression = parser_new_expression(parser, EXPRESSION_QUANTITY, token.span);
    Text unit = TEXT_NONE;
    UnitOutcome outcome = unit_parse_quantity(&expression->quantity, literal, &unit);
    if (outcome == UNIT_OK)
        return expression;
    expression->kind = EXPRESSION_ERROR;
    if (outcome == UNIT_UNKNOWN) {
        report_unit(parser, token, literal, unit);
    } else if (outcome == UNIT_OVERFLOW) {
        Diagnostic *found = parser_report(parser, CODE_QUANTITY_OVERFLOW, token.span, "this number is too large");
        diagnostic_set_label(parser->sink, found, "beyond 64 bits");
        diagnostic_set_advice(parser->sink, found, "write a smaller number, or put it in quotes when it is text");
    } else {
        Diagnostic *found = parser_report(parser, CODE_QUANTITY, token.span, "`%.*s` is no number", TEXT_ARG(literal.len > 60 ? text_slice(literal, 0, 60) : literal));
        size_t point = text_find_byte(literal, '.');
        bool is_text = text_find_byte(text_slice(literal, point + 1, literal.len), '.') < literal.len - point - (point < literal.len);
        diagnostic_set_label(parser->sink, found, is_text ? "text stands in quotes" : "digits, a point, a unit");
        if (is_text)
            diagnostic_set_fix(parser->sink, found, false, token.span, arena_format(parser->arena, "\"%.*s\"", TEXT_ARG(literal)), "%s", "");
        else
            diagnostic_set_advice(parser->sink, found, "numbers are like 2, 0.5, 30s, 1h30m, 512 MiB, 5%% or 100/min");
    }
    return expression;
}

/* A number followed by a word that can only be its unit, misspelt or after a needless blank: 512 MB, 30 s. */
static bool has_stray_unit(const Parser *parser, const Expression *number)
{
    bool is_plain = number->kind == EXPRESSION_QUANTITY && (number->quantity.type == TYPE_INTEGER || number->quantity.type == TYPE_NUMBER);
    if (!is_plain || parser->token.kind != TOKEN_WORD || parser->token.is_path || parser->token.line_before)
        return false;
    Text word = parser->token.text;
    return !parser_is_open_word(parser, word) && (unit_is_known(word) || unit_suggest(word).len > 0);
}

static Expression *read_quantity(Parser *parser)
{
    Token token = parser->token;
    parser_advance(parser);
    Expression *number = read_literal(parser, token, token.text);
    if (!has_stray_unit(parser, number))
        return number;
    Token unit = parser->token;
    Span whole = span_join(token.span, unit.span);
    Text suggestion = unit_is_known(unit.text) ? unit.text : unit_suggest(unit.text);
    Text right = arena_format(parser->arena, "%.*s%s%.*s", TEXT_ARG(token.text), unit_takes_blank(suggestion) ? " " : "", TEXT_ARG(suggestion));
    Diagnostic *found;
    if (unit_is_known(unit.text)) {
        found = parser_report(parser, CODE_UNIT_APART, unit.span, "the unit `%.*s` touches its number", TEXT_ARG(unit.text));
        diagnostic_set_label(parser->sink, found, "a blank before it");
    } else {
        found = parser_report(parser, CODE_UNIT_UNKNOWN, unit.span, "`%.*s` is no unit", TEXT_ARG(unit.text));
        diagnostic_set_label(parser->sink, found, "did you mean `%.*s`?", TEXT_ARG(suggestion));
    }
    diagnostic_set_fix(parser->sink, found, unit_is_known(unit.text), whole, right, "write `%.*s`", TEXT_ARG(right));
    parser_advance(parser);
    return parser_new_expression(parser, EXPRESSION_ERROR, whole);
}

/* --- primaries --- */

/* One of several expressions beside each other. Their operators are not in each other, so only the most of one counts. */
static Expression *read_item(Parser *parser, size_t base, size_t *most)
{
    parser->operator_count = base;
    Expression *item = parser_read_expression(parser);
    if (parser->operator_count > *most)
        *most = parser->operator_count;
    parser->operator_count = *most;
    return item;
}

/* The closing bracket at hand is passed; anything else is reported at the opening one. */
static void close_bracket(Parser *parser, TokenKind kind, const char *bracket, Span opening, bool is_map, size_t outer_brackets)
{
    parser->lexer.brackets = outer_brackets;
    if (is_map)
        parser->maps--;
    if (parser->token.kind == kind) {
        parser_advance(parser);
        return;
    }
    Text shown = token_describe(parser->arena, parser->token);
    Diagnostic *found = parser_report(parser, CODE_BRACKET_UNCLOSED, opening, "this `%.*s` is not closed", TEXT_ARG(sources_text(parser->sink->sources, opening)));
    diagnostic_set_label(parser->sink, found, "opened here");
    bool may_go_on = kind != TOKEN_RIGHT_PAREN && !parser->token.line_before && parser_starts_primary(parser);
    diagnostic_add_label(parser->sink, found, parser->token.span, "%s`%s` is missing before %.*s", may_go_on ? "`,` or " : "", bracket, TEXT_ARG(shown));
    parser->is_panicking = true;
}

static Expression *too_deep(Parser *parser, Span span)
{
    parser->is_panicking = true;
    return parser_new_expression(parser, EXPRESSION_ERROR, span);
}

static Expression *read_group(Parser *parser)
{
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening))
        return too_deep(parser, opening);
    size_t outer = parser->lexer.brackets++;
    parser_advance(parser);
    Expression *inner = parser_read_expression(parser);
    close_bracket(parser, TOKEN_RIGHT_PAREN, ")", opening, false, outer);
    parser_leave(parser);
    Expression *group = parser_new_expression(parser, EXPRESSION_GROUP, span_from(parser, opening));
    group->group = inner;
    return group;
}

static Expression *read_list(Parser *parser)
{
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening))
        return too_deep(parser, opening);
    size_t outer = parser->lexer.brackets++;
    ExpressionArray items = {0};
    size_t base = parser->operator_count;
    size_t most = base;
    parser_advance(parser);
    while (parser->token.kind != TOKEN_RIGHT_BRACKET && !parser->is_panicking) {
        Expression *item = read_item(parser, base, &most);
        ARRAY_PUSH(parser->arena, &items, item);
        if (parser->token.kind != TOKEN_COMMA)
            break;
        parser_advance(parser);
    }
    close_bracket(parser, TOKEN_RIGHT_BRACKET, "]", opening, false, outer);
    parser_leave(parser);
    Expression *list = parser_new_expression(parser, EXPRESSION_LIST, span_from(parser, opening));
    list->list = items;
    return list;
}

static void skip_lines(Parser *parser)
{
    while (parser->token.kind == TOKEN_NEWLINE)
        parser_advance(parser);
}

/* After an error in a map: to its closing brace, if it has one. */
static void skip_rest_of_map(Parser *parser)
{
    Lexer start = parser->lexer;
    Token token = parser->token;
    size_t previous_end = parser->previous_end;
    size_t depth = 1;
    parser->lexer.is_quiet = true;
    while (!parser->has_failed_skip) {
        TokenKind kind = parser->token.kind;
        depth += kind == TOKEN_LEFT_BRACE;
        depth -= kind == TOKEN_RIGHT_BRACE;
        if (depth == 0)
            break;
        if (kind == TOKEN_END) {
            parser->has_failed_skip = true;
            parser->lexer = start;
            parser->token = token;
            parser->previous_end = previous_end;
        } else {
            parser_advance(parser);
        }
    }
    parser->lexer.is_quiet = start.is_quiet;
}

static bool read_map_entry(Parser *parser, NamedExpression *entry, size_t base, size_t *most)
{
    Token key = parser->token;
    *entry = (NamedExpression){.name = key.text, .name_span = key.span};
    bool has_key = key.kind == TOKEN_WORD;
    if (has_key) {
        parser_advance(parser);
    } else if (key.kind == TOKEN_STRING) {
        Expression *string = parser_read_string(parser);
        has_key = parser_plain_string(string, &entry->name);
    }
    if (!has_key || parser->token.kind != TOKEN_COLON) {
        Diagnostic *found = parser_report(parser, CODE_MAP_ENTRY, has_key ? parser->token.span : key.span, "an entry of a map is written `key: value`");
        diagnostic_set_label(parser->sink, found, has_key ? "`:` belongs here" : "a word or a plain string belongs here");
        diagnostic_set_advice(parser->sink, found, "write { key: \"value\", \"other key\": 2 }");
        parser->is_panicking = true;
        return false;
    }
    parser_advance(parser);
    skip_lines(parser);
    entry->value = read_item(parser, base, most);
    return true;
}

Expression *parser_read_map(Parser *parser)
{
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening))
        return too_deep(parser, opening);
    /* Line ends part the entries of a map, also of one in brackets. */
    size_t outer = parser->lexer.brackets;
    parser->lexer.brackets = 0;
    parser->maps++;
    NamedExpressionArray entries = {0};
    size_t base = parser->operator_count;
    size_t most = base;
    parser_advance(parser);
    skip_lines(parser);
    while (parser->token.kind != TOKEN_RIGHT_BRACE && !parser->is_panicking) {
        NamedExpression entry;
        if (!read_map_entry(parser, &entry, base, &most))
            break;
        ARRAY_PUSH(parser->arena, &entries, entry);
        if (parser->token.kind != TOKEN_COMMA && parser->token.kind != TOKEN_NEWLINE)
            break;
        while (parser->token.kind == TOKEN_COMMA || parser->token.kind == TOKEN_NEWLINE)
            parser_advance(parser);
    }
    if (parser->is_panicking)
        skip_rest_of_map(parser);
    close_bracket(parser, TOKEN_RIGHT_BRACE, "}", opening, true, outer);
    parser_leave(parser);
    Expression *map = parser_new_expression(parser, EXPRESSION_MAP, span_from(parser, opening));
    map->map = entries;
    return map;
}

Expression *parser_read_path(Parser *parser)
{
    Expression *path = parser_new_expression(parser, EXPRESSION_PATH, parser->token.span);
    path->path = parser->token.text;
    parser_advance(parser);
    return path;
}

/* The token at hand is the `(` behind the callee. */
static Expression *read_call_arguments(Parser *parser, Expression *callee)
{
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening))
        return too_deep(parser, opening);
    size_t outer = parser->lexer.brackets++;
    NamedExpressionArray arguments = {0};
    size_t base = parser->operator_count;
    size_t most = base;
    parser_advance(parser);
    while (parser->token.kind != TOKEN_RIGHT_PAREN && !parser->is_panicking) {
        NamedExpression argument = {.value = read_item(parser, base, &most)};
        if (parser->token.kind == TOKEN_COLON && argument.value->kind == EXPRESSION_PATH) {
            argument.name = argument.value->path;
            argument.name_span = argument.value->span;
            parser_advance(parser);
            argument.value = read_item(parser, base, &most);
        }
        ARRAY_PUSH(parser->arena, &arguments, argument);
        if (parser->token.kind != TOKEN_COMMA)
            break;
        parser_advance(parser);
    }
    close_bracket(parser, TOKEN_RIGHT_PAREN, ")", opening, false, outer);
    parser_leave(parser);
    Expression *call = parser_new_expression(parser, EXPRESSION_CALL, span_from(parser, callee->span));
    call->call.callee = callee->path;
    call->call.callee_span = callee->span;
    call->call.arguments = arguments;
    return call;
}

Expression *parser_read_call(Parser *parser)
{
    Expression *path = parser_read_path(parser);
    bool is_call = parser->token.kind == TOKEN_LEFT_PAREN && !parser->token.blank_before;
    return is_call ? read_call_arguments(parser, path) : path;
}

static bool expect_word(Parser *parser, Text word, Span opening)
{
    if (is_word(parser, word)) {
        parser_advance(parser);
        return true;
    }
    Text shown = token_describe(parser->arena, parser->token);
    bool is_behind = false;
    Span place = missing_place(parser, &is_behind);
    Diagnostic *found = parser_report(parser, CODE_IF_INCOMPLETE, place, "`%.*s` is missing before %.*s", TEXT_ARG(word), TEXT_ARG(shown));
    diagnostic_set_label(parser->sink, found, is_behind ? "`%.*s` belongs behind this" : "`%.*s` belongs here", TEXT_ARG(word));
    diagnostic_add_label(parser->sink, found, opening, "of this `if`");
    diagnostic_set_advice(parser->sink, found, "write if condition then value else other");
    parser->is_panicking = true;
    return false;
}

static Expression *read_if(Parser *parser)
{
    Span opening = parser->token.span;
    if (!parser_enter(parser, opening))
        return too_deep(parser, opening);
    parser_advance(parser);
    Expression *choice = parser_new_expression(parser, EXPRESSION_IF, opening);
    choice->choice.condition = parser_read_expression(parser);
    bool is_whole = expect_word(parser, word_then, opening);
    if (is_whole) {
        choice->choice.then = parser_read_expression(parser);
        is_whole = expect_word(parser, word_else, opening);
    }
    if (is_whole)
        choice->choice.otherwise = parser_read_expression(parser);
    else
        choice->kind = EXPRESSION_ERROR;
    parser_leave(parser);
    choice->span = span_from(parser, opening);
    return choice;
}

static Expression *read_word(Parser *parser)
{
    Token token = parser->token;
    if (is_operator_word(token.text))
        return error_here(parser, "a value");
    if (text_equal(token.text, word_if))
        return read_if(parser);
    bool is_yes = text_equal(token.text, word_yes);
    if (is_yes || text_equal(token.text, word_no)) {
        parser_advance(parser);
        Expression *boolean = parser_new_expression(parser, EXPRESSION_BOOL, token.span);
        boolean->boolean = is_yes;
        return boolean;
    }
    return parser_read_call(parser);
}

static Expression *read_single(Parser *parser)
{
    Token token = parser->token;
    switch (token.kind) {
    case TOKEN_WORD: return read_word(parser);
    case TOKEN_QUANTITY: return read_quantity(parser);
    case TOKEN_STRING: return parser_read_string(parser);
    case TOKEN_LEFT_PAREN: return read_group(parser);
    case TOKEN_LEFT_BRACKET: return read_list(parser);
    case TOKEN_LEFT_BRACE:
        if (parser->lexer.brackets > 0 || parser->maps > 0)
            return parser_read_map(parser);
        return error_here(parser, "a value");
    case TOKEN_ERROR:
        parser_advance(parser);
        return parser_new_expression(parser, EXPRESSION_ERROR, token.span);
    case TOKEN_END:
    case TOKEN_NEWLINE:
    case TOKEN_SEMICOLON:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_COMMA:
    case TOKEN_COLON:
    case TOKEN_DOTS:
    case TOKEN_OPERATOR: break;
    }
    return error_here(parser, "a value");
}

Expression *parser_read_primary(Parser *parser)
{
    Expression *low = read_single(parser);
    if (parser->token.kind != TOKEN_DOTS)
        return low;
    Span dots = parser->token.span;
    parser_advance(parser);
    Expression *high = parser_starts_primary(parser) ? read_single(parser) : NULL;
    bool is_chained = high && parser->token.kind == TOKEN_DOTS;
    if (!high || is_chained) {
        Diagnostic *found = parser_report(parser, CODE_RANGE_INCOMPLETE, is_chained ? parser->token.span : dots, is_chained ? "a range has two ends" : "this range has no upper end");
        diagnostic_set_label(parser->sink, found, is_chained ? "a third one" : "a value belongs behind `..`");
        diagnostic_set_advice(parser->sink, found, "write both ends: 2..10");
        parser->is_panicking = true;
        return parser_new_expression(parser, EXPRESSION_ERROR, span_from(parser, low->span));
    }
    Expression *range = parser_new_expression(parser, EXPRESSION_RANGE, span_join(low->span, high->span));
    range->range.low = low;
    range->range.high = high;
    return range;
}

/* --- operators --- */

static bool find_binary(const Parser *parser, Operator *op, int *power)
{
    if (parser->token.kind == TOKEN_WORD) {
        bool is_and = text_equal(parser->token.text, word_and);
        *op = is_and ? OPERATOR_AND : OPERATOR_OR;
        *power = is_and ? POWER_AND : POWER_OR;
        return is_and || text_equal(parser->token.text, word_or);
    }
    if (parser->token.kind != TOKEN_OPERATOR)
        return false;
    *op = parser->token.op;
    switch (*op) {
    case OPERATOR_OR: *power = POWER_OR; return true;
    case OPERATOR_AND: *power = POWER_AND; return true;
    case OPERATOR_EQUAL:
    case OPERATOR_NOT_EQUAL:
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL: *power = POWER_COMPARE; return true;
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT: *power = POWER_ADD; return true;
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE: *power = POWER_MULTIPLY; return true;
    case OPERATOR_NOT:
    case OPERATOR_NEGATE: break;
    }
    return false;
}

static Expression *read_binary(Parser *parser, int least);

/* `when a + for 5m`: a word that names the next argument and has a value behind it is no value itself. */
static bool is_next_argument(const Parser *parser)
{
    bool is_bare = parser->token.kind == TOKEN_WORD && !parser->token.is_path && parser->lexer.brackets == 0 && parser->maps == 0;
    if (!is_bare || !parser_is_open_word(parser, parser->token.text))
        return false;
    Parser ahead = *parser;
    ahead.lexer.is_quiet = true;
    parser_advance(&ahead);
    return parser_starts_primary(&ahead) && (ahead.token.kind != TOKEN_LEFT_PAREN || ahead.token.blank_before);
}

static Expression *read_prefixed(Parser *parser)
{
    if (is_next_argument(parser))
        return error_here(parser, "a value");
    Span start = parser->token.span;
    bool is_not = is_word(parser, word_not);
    bool is_minus = parser->token.kind == TOKEN_OPERATOR && parser->token.op == OPERATOR_SUBTRACT;
    if (!is_not && !is_minus)
        return parser_read_primary(parser);
    if (!parser_enter(parser, start))
        return too_deep(parser, start);
    parser_advance(parser);
    Expression *operand = is_not ? read_binary(parser, POWER_COMPARE) : read_prefixed(parser);
    parser_leave(parser);
    Expression *unary = parser_new_expression(parser, EXPRESSION_UNARY, span_from(parser, start));
    unary->unary.op = is_not ? OPERATOR_NOT : OPERATOR_NEGATE;
    unary->unary.operand = operand;
    return unary;
}

static bool may_add_operator(Parser *parser, Span span)
{
    if (++parser->operator_count <= PARSER_OPERATORS_MAX)
        return true;
    Diagnostic *found = parser_report(parser, CODE_TOO_DEEP, span, "this expression has more than %d operators", PARSER_OPERATORS_MAX);
    diagnostic_set_advice(parser->sink, found, "name parts of it by `let`");
    parser->is_panicking = true;
    return false;
}

/* `a -1`: the sign touches the number, so this is two values. Taken as the difference that was meant. */
static Expression *read_stray_sign(Parser *parser, Expression *left)
{
    Token token = parser->token;
    Span sign = {token.span.file, token.span.start, token.span.start + 1};
    bool is_minus = token.text.ptr[0] == '-';
    Diagnostic *found = parser_report(parser, CODE_SIGN, sign, "this sign belongs to the number behind it");
    diagnostic_set_label(parser->sink, found, "an operator has a blank on both sides");
    diagnostic_set_fix(parser->sink, found, true, sign, is_minus ? TEXT("- ") : TEXT("+ "), "write `%c %.*s`", token.text.ptr[0], TEXT_ARG(text_slice(token.text, 1, token.text.len)));
    parser_advance(parser);
    return parser_new_expression(parser, EXPRESSION_ERROR, span_join(left->span, token.span));
}

static Expression *read_binary(Parser *parser, int least)
{
    Expression *left = read_prefixed(parser);
    bool is_chained = false;
    for (bool has_compared = false; !parser->is_panicking;) {
        Operator op = OPERATOR_OR;
        int power = 0;
        if (parser->token.kind == TOKEN_QUANTITY && parser->token.text.len > 0 && (parser->token.text.ptr[0] == '-' || parser->token.text.ptr[0] == '+')) {
            left = read_stray_sign(parser, left);
            continue;
        }
        if (!find_binary(parser, &op, &power) || power < least)
            break;
        Span op_span = parser->token.span;
        if (power == POWER_COMPARE && has_compared) {
            Diagnostic *found = parser_report(parser, CODE_COMPARISON_CHAINED, op_span, "comparisons do not chain");
            diagnostic_set_label(parser->sink, found, "a second comparison");
            diagnostic_set_advice(parser->sink, found, "join two comparisons by `and`: a < b and b < c");
            is_chained = true;
        }
        has_compared = power == POWER_COMPARE;
        if (!may_add_operator(parser, op_span))
            break;
        parser_advance(parser);
        Expression *right = read_binary(parser, power + 1);
        Expression *binary = parser_new_expression(parser, EXPRESSION_BINARY, span_join(left->span, right->span));
        binary->binary.op = op;
        binary->binary.op_span = op_span;
        binary->binary.left = left;
        binary->binary.right = right;
        left = binary;
    }
    if (is_chained) /* its type is anybody's guess: nothing is to be said about it */
        left->kind = EXPRESSION_ERROR;
    return left;
}

Expression *parser_read_expression(Parser *parser)
{
    return read_binary(parser, POWER_OR);
}
