#include "parser/format.h"

#include "base/utf8.h"
#include "parser/lexer.h"

#include <string.h>

/* The layout (SPEC.md, "Layout"):
   - Two blanks for each body. One statement a line; a body that was written on one line stays so while it fits.
   - Statements below each other without an empty line between are a group. When their words differ, their arguments begin
     in one column, two blanks behind the longest word; layers (`in`, `without`) form groups of their own, and a word that
     has no arguments takes no part.
   - Lines of a group with the same word below each other are a table: each named argument and a one-line body begins in one
     column. A cell longer than CELL_MAX moves nothing.
   - A comment behind a statement begins in column COMMENT_COLUMN, or two blanks behind the longest line of its run. */
enum {
    INDENT = 2,
    LINE_MAX_COLUMNS = 120,  /* up to which a body may stay on one line */
    BODY_MAX_BYTES = 1000,   /* a longer one does not fit whatever its blanks are */
    CELL_MAX = 40,
    COMMENT_COLUMN = 46,     /* from 0 */
    COMMENTED_MAX = 80,      /* a longer line does not move the comments of others */
};

typedef struct Cell {
    Text text;
    Text name; /* the word of a named argument, "{" for a body, empty for the positional ones */
    size_t width;
    size_t gap; /* blanks before it in a table */
} Cell;

typedef ARRAY(Cell) CellArray;

/* A statement about to be written. */
typedef struct Line {
    const Statement *statement;
    Text word;
    CellArray cells;
    size_t *starts;     /* the column of each cell */
    bool is_single;     /* on one line, body included */
    bool is_layer;
} Line;

typedef struct Formatter {
    Buffer *out;
    Arena *arena;
    const Sources *sources;
    Diagnostics sink; /* the text was read without errors before: it stays empty */
} Formatter;

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* --- expressions: by their tokens, so that strings and comments stay as they are --- */

typedef struct Printer {
    Formatter *formatter;
    Buffer text;
    Token before;
    bool is_first;
    bool is_prefix; /* the token before is a sign in front of a value */
    size_t depth;
    size_t indent;
} Printer;

/* A blank before units that take one: 512 MiB. */
static void print_quantity(Printer *printer, Text literal)
{
    size_t end = 0;
    while (end < literal.len && strchr("+-.0123456789", literal.ptr[end]))
        end++;
    Text unit = text_trim(text_slice(literal, end, literal.len));
    buffer_add(&printer->text, text_slice(literal, 0, end));
    if (unit_takes_blank(unit))
        buffer_add_byte(&printer->text, ' ');
    buffer_add(&printer->text, unit);
}

static bool opens(TokenKind kind)
{
    return kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_BRACE;
}

static bool closes(TokenKind kind)
{
    return kind == TOKEN_RIGHT_PAREN || kind == TOKEN_RIGHT_BRACKET || kind == TOKEN_RIGHT_BRACE;
}

/* Whether a value ends with the token, so that a sign behind it is an operator. */
static bool ends_value(Token token)
{
    if (token.kind == TOKEN_WORD)
        return !text_equal(token.text, TEXT("and")) && !text_equal(token.text, TEXT("or")) && !text_equal(token.text, TEXT("not")) &&
               !text_equal(token.text, TEXT("if")) && !text_equal(token.text, TEXT("then")) && !text_equal(token.text, TEXT("else"));
    return token.kind == TOKEN_QUANTITY || token.kind == TOKEN_STRING || closes(token.kind);
}

static bool needs_blank(const Printer *printer, Token token)
{
    TokenKind before = printer->before.kind;
    if (before == TOKEN_LEFT_BRACE)
        return token.kind != TOKEN_RIGHT_BRACE;
    if (token.kind == TOKEN_RIGHT_BRACE)
        return true;
    if (before == TOKEN_LEFT_PAREN || before == TOKEN_LEFT_BRACKET || before == TOKEN_DOTS || token.kind == TOKEN_DOTS)
        return false;
    if (closes(token.kind) || token.kind == TOKEN_COMMA || token.kind == TOKEN_COLON)
        return false;
    if (token.kind == TOKEN_LEFT_PAREN && before == TOKEN_WORD)
        return !ends_value(printer->before); /* f(x), but not (x) */
    if (printer->is_prefix)
        return token.kind == TOKEN_QUANTITY;
    return true;
}

static void print_break(Printer *printer, bool is_closing)
{
    size_t depth = printer->depth - (is_closing && printer->depth > 0);
    while (printer->text.length > 0 && printer->text.bytes[printer->text.length - 1] == ' ')
        printer->text.length--;
    buffer_add_byte(&printer->text, '\n');
    buffer_add_repeated(&printer->text, ' ', printer->indent + depth * INDENT);
}

static void print_token(Printer *printer, Token token, bool is_on_new_line)
{
    if (!printer->is_first && is_on_new_line)
        print_break(printer, closes(token.kind));
    else if (!printer->is_first && needs_blank(printer, token))
        buffer_add_byte(&printer->text, ' ');
    printer->is_prefix = token.kind == TOKEN_OPERATOR && token.op == OPERATOR_SUBTRACT && (printer->is_first || !ends_value(printer->before));
    if (token.kind == TOKEN_QUANTITY)
        print_quantity(printer, token.text);
    else
        buffer_add(&printer->text, token.text);
    printer->depth += opens(token.kind);
    printer->depth -= closes(token.kind) && printer->depth > 0;
    printer->before = token;
    printer->is_first = false;
}

/* The expression at `span`, with the line ends and comments inside of its brackets. */
static Text print_span(Formatter *formatter, Span span, size_t indent)
{
    Printer printer = {.formatter = formatter, .is_first = true, .indent = indent};
    Lexer lexer;
    lexer_start(&lexer, formatter->arena, &formatter->sink, span.file);
    lexer.at = span.start;
    lexer.end = span.end;
    lexer.brackets = 1;
    size_t comments = 0;
    size_t previous_end = span.start;
    for (;;) {
        Token token = lexer_next(&lexer);
        bool after_comment = false;
        for (; comments < lexer.comments.count; comments++) {
            const Comment *comment = &lexer.comments.items[comments];
            Text gap = text_slice(lexer.text, previous_end, comment->span.start);
            if (after_comment || text_find_byte(gap, '\n') < gap.len)
                print_break(&printer, false);
            else
                buffer_add_c(&printer.text, "  ");
            buffer_add(&printer.text, comment->text);
            after_comment = true;
        }
        if (token.kind == TOKEN_END)
            break;
        print_token(&printer, token, after_comment || (token.line_before && !printer.is_first));
        previous_end = token.span.end;
    }
    Text text = arena_copy_text(formatter->arena, buffer_text(&printer.text));
    buffer_free(&printer.text);
    return text;
}

/* --- heads --- */

static void add_words(Formatter *formatter, Buffer *buffer, const Expression *argument, size_t indent)
{
    bool is_several = argument->kind == EXPRESSION_LIST && argument->list.count > 0 &&
                      argument->span.start == argument->list.items[0]->span.start;
    size_t count = is_several ? argument->list.count : 1;
    for (size_t i = 0; i < count; i++) {
        const Expression *item = is_several ? argument->list.items[i] : argument;
        buffer_add_c(buffer, buffer->length > 0 ? " " : "");
        buffer_add(buffer, print_span(formatter, item->span, indent));
    }
}

/* The positional arguments of a statement; those of an entry begin behind its key. */
static void add_arguments(Formatter *formatter, Buffer *buffer, const Statement *statement, size_t indent)
{
    size_t first = statement->row->word[0] == '\0' ? 1 : 0;
    for (size_t i = first; i < ARGUMENTS_MAX; i++)
        if (statement->arguments[i])
            add_words(formatter, buffer, statement->arguments[i], indent);
}

/* A named argument with those written behind it that belong to it: for 3 of 5m. */
static void add_inline(Formatter *formatter, Buffer *buffer, const Statement *statement, size_t indent)
{
    buffer_add_c(buffer, buffer->length > 0 ? " " : "");
    buffer_add(buffer, statement->word);
    add_arguments(formatter, buffer, statement, indent);
    for (size_t i = 0; i < statement->children.count; i++)
        if (statement->children.items[i]->is_inline)
            add_inline(formatter, buffer, statement->children.items[i], indent);
}

static void push_cell(Formatter *formatter, Line *line, Buffer *buffer, Text name, size_t gap)
{
    if (buffer->length > 0) {
        Cell cell = {.text = arena_copy_text(formatter->arena, buffer_text(buffer)), .name = name, .gap = gap};
        cell.width = utf8_width(cell.text);
        ARRAY_PUSH(formatter->arena, &line->cells, cell);
    }
    buffer_clear(buffer);
}

static bool has_newline(Text text)
{
    return text_find_byte(text, '\n') < text.len;
}

static Text statement_word(const Formatter *formatter, const Statement *statement)
{
    return sources_text(formatter->sources, statement->word_span);
}

/* `notify oncall` names something declared elsewhere: in a table it stands apart from the named arguments before it. */
static bool stands_apart(const Statement *statement)
{
    return statement->row->arguments[0].name && statement->row->arguments[0].kind == ARGUMENT_REFERENCE;
}

static Line make_head(Formatter *formatter, const Statement *statement, size_t indent)
{
    Line line = {.statement = statement, .word = statement_word(formatter, statement), .is_single = true};
    line.is_layer = statement->row->scopes == IN_ANY;
    Buffer buffer = {0};
    add_arguments(formatter, &buffer, statement, indent);
    push_cell(formatter, &line, &buffer, TEXT(""), 1);
    bool follows_named = false;
    for (size_t i = 0; i < statement->children.count; i++) {
        const Statement *child = statement->children.items[i];
        if (!child->is_inline)
            continue;
        add_inline(formatter, &buffer, child, indent);
        push_cell(formatter, &line, &buffer, child->word, follows_named && stands_apart(child) ? 2 : 1);
        follows_named = true;
    }
    buffer_free(&buffer);
    for (size_t i = 0; i < line.cells.count; i++)
        line.is_single = line.is_single && !has_newline(line.cells.items[i].text);
    return line;
}

/* --- bodies on one line --- */

static const StatementComments no_comments;

static const StatementComments *comments_of(const Statement *statement)
{
    return statement->comments ? statement->comments : &no_comments;
}

/* The statement with single blanks; its body follows in braces. */
static void add_flat(Formatter *formatter, Buffer *buffer, const Statement *statement);

static void add_flat_body(Formatter *formatter, Buffer *buffer, const Statement *statement)
{
    const char *joint = " ";
    buffer_add_byte(buffer, '{');
    for (size_t i = 0; i < statement->children.count; i++) {
        if (statement->children.items[i]->is_inline)
            continue;
        buffer_add_c(buffer, joint);
        add_flat(formatter, buffer, statement->children.items[i]);
        joint = "; ";
    }
    buffer_add_c(buffer, " }");
}

static void add_flat(Formatter *formatter, Buffer *buffer, const Statement *statement)
{
    Line head = make_head(formatter, statement, 0);
    buffer_add(buffer, head.word);
    for (size_t i = 0; i < head.cells.count; i++) {
        buffer_add_byte(buffer, ' ');
        buffer_add(buffer, head.cells.items[i].text);
    }
    if (!statement->has_body)
        return;
    buffer_add_byte(buffer, ' ');
    add_flat_body(formatter, buffer, statement);
}

static bool has_statements(const Statement *statement)
{
    for (size_t i = 0; i < statement->children.count; i++)
        if (!statement->children.items[i]->is_inline)
            return true;
    return false;
}

/* Adds the body as a cell when it stays on one line; otherwise the line opens it. */
static void place_body(Formatter *formatter, Line *line, size_t indent)
{
    const Statement *statement = line->statement;
    if (!statement->has_body)
        return;
    Text source = sources_text(formatter->sources, statement->body_span);
    bool was_flat = !has_newline(source);
    const StatementComments *comments = comments_of(statement);
    bool has_comments = comments->after_body.text.len > 0 || comments->closing.count > 0 || comments->trailing.text.len > 0;
    bool is_bare = !has_statements(statement) && !has_comments;
    bool may_be_flat = is_bare || (was_flat && source.len <= BODY_MAX_BYTES);
    if (!may_be_flat || !line->is_single) {
        line->is_single = false;
        return;
    }
    size_t width = indent + utf8_width(line->word);
    for (size_t i = 0; i < line->cells.count; i++)
        width += 1 + line->cells.items[i].width;
    Buffer buffer = {0};
    add_flat_body(formatter, &buffer, statement);
    if (is_bare || width + 1 + utf8_width(buffer_text(&buffer)) <= LINE_MAX_COLUMNS)
        push_cell(formatter, line, &buffer, TEXT("{"), 1);
    else
        line->is_single = false;
    buffer_free(&buffer);
}

/* --- columns --- */

static size_t cell_end(const Line *line, size_t cell)
{
    return line->starts[cell] + line->cells.items[cell].width;
}

/* A word with nothing but a body on lines of its own is no line of a table. */
static bool is_heading(const Line *line)
{
    return line->cells.count == 0;
}

/* The lines [first, last) have a cell of one name at `at`: it begins in one column, whatever stands before it. */
static void align_block(Line *lines, size_t first, size_t last, size_t at)
{
    size_t target = 0;
    for (size_t i = first; i < last; i++) {
        const Cell *before = &lines[i].cells.items[at - 1];
        size_t gap = last - first > 1 ? lines[i].cells.items[at].gap : 1;
        if (before->width <= CELL_MAX)
            target = max_size(target, cell_end(&lines[i], at - 1) + gap);
    }
    for (size_t i = first; i < last; i++) {
        bool is_long = lines[i].cells.items[at - 1].width > CELL_MAX;
        lines[i].starts[at] = is_long ? cell_end(&lines[i], at - 1) + 1 : target;
    }
}

static bool continues_block(const Line *lines, size_t i, size_t at)
{
    return lines[i].cells.count > at && lines[i - 1].cells.count > at && text_equal(lines[i].cells.items[at].name, lines[i - 1].cells.items[at].name);
}

/* A table: lines of the same word below each other. */
static void align_run(Line *lines, size_t first, size_t last)
{
    size_t columns = 0;
    for (size_t i = first; i < last; i++)
        columns = max_size(columns, lines[i].cells.count);
    for (size_t at = 1; at < columns; at++) {
        for (size_t i = first; i < last;) {
            size_t next = i + 1;
            while (next < last && continues_block(lines, next, at))
                next++;
            if (lines[i].cells.count > at)
                align_block(lines, i, next, at);
            i = next;
        }
    }
}

static void align_group(Formatter *formatter, Line *lines, size_t first, size_t last, size_t indent)
{
    size_t longest = 0;
    bool is_mixed = false;
    const Line *one = NULL;
    for (size_t i = first; i < last; i++) {
        size_t width = utf8_width(lines[i].word);
        if (is_heading(&lines[i]))
            continue;
        if (width <= CELL_MAX)
            longest = max_size(longest, width);
        is_mixed = is_mixed || (one && !text_equal(lines[i].word, one->word));
        one = &lines[i];
    }
    for (size_t i = first; i < last; i++) {
        size_t width = utf8_width(lines[i].word);
        lines[i].starts = ARENA_NEW_ARRAY(formatter->arena, size_t, lines[i].cells.count + 1);
        lines[i].starts[0] = indent + (is_mixed && width <= CELL_MAX ? longest + 2 : width + 1);
    }
    for (size_t i = first; i < last;) {
        size_t next = i + 1;
        while (next < last && lines[i].is_single && lines[next].is_single && text_equal(lines[next].word, lines[i].word))
            next++;
        align_run(lines, i, next);
        i = next;
    }
}

static void align_lines(Formatter *formatter, Line *lines, size_t count, size_t indent)
{
    for (size_t first = 0; first < count;) {
        size_t last = first + 1;
        while (last < count && lines[last].is_layer == lines[first].is_layer && !lines[last].statement->blank_before && !comments_of(lines[last].statement)->blank_after_leading)
            last++;
        align_group(formatter, lines, first, last, indent);
        first = last;
    }
}

/* Where a line ends, when it is one; a head that goes on over several lines counts as long. */
static size_t line_end(const Line *line)
{
    return line->cells.count > 0 ? cell_end(line, line->cells.count - 1) : line->starts[0] - 1;
}

static bool is_commented(const Line *line)
{
    return line->is_single && comments_of(line->statement)->trailing.text.len > 0 && line_end(line) <= COMMENTED_MAX;
}

/* The column of the comment behind lines[at]: one for all of a run of commented lines. */
static size_t comment_column(const Line *lines, size_t count, size_t at, size_t *run_end)
{
    size_t column = COMMENT_COLUMN;
    size_t i = at;
    for (; i < count && is_commented(&lines[i]) && (i == at || comments_of(lines[i].statement)->leading.count == 0) && (i == at || !lines[i].statement->blank_before); i++)
        column = max_size(column, line_end(&lines[i]) + 2);
    *run_end = i;
    return column;
}

/* --- writing --- */

static void write_comments(Formatter *formatter, const Comment *comments, size_t count, size_t indent, bool is_at_start)
{
    for (size_t i = 0; i < count; i++) {
        if (comments[i].blank_before && !(is_at_start && i == 0))
            buffer_add_byte(formatter->out, '\n');
        buffer_add_repeated(formatter->out, ' ', indent);
        buffer_add(formatter->out, comments[i].text);
        buffer_add_byte(formatter->out, '\n');
    }
}

static size_t current_column(const Buffer *out)
{
    size_t start = out->length;
    while (start > 0 && out->bytes[start - 1] != '\n')
        start--;
    return utf8_width((Text){out->bytes + start, out->length - start});
}

static void write_trailing(Formatter *formatter, Comment comment, size_t column)
{
    if (comment.text.len == 0)
        return;
    size_t now = current_column(formatter->out);
    buffer_add_repeated(formatter->out, ' ', max_size(column, now + 2) - now);
    buffer_add(formatter->out, comment.text);
}

static void write_body(Formatter *formatter, const Statement *owner, size_t indent);

static void write_line(Formatter *formatter, const Line *line, size_t indent, size_t column)
{
    const Statement *statement = line->statement;
    Buffer *out = formatter->out;
    buffer_add_repeated(out, ' ', indent);
    buffer_add(out, line->word);
    size_t at = indent + utf8_width(line->word);
    for (size_t i = 0; i < line->cells.count; i++) {
        size_t start = line->is_single || i == 0 ? line->starts[i] : at + 1;
        buffer_add_repeated(out, ' ', start > at ? start - at : 1);
        buffer_add(out, line->cells.items[i].text);
        at = has_newline(line->cells.items[i].text) ? current_column(out) : start + line->cells.items[i].width;
    }
    if (line->is_single || !statement->has_body) {
        write_trailing(formatter, comments_of(statement)->trailing, column);
        buffer_add_byte(out, '\n');
        return;
    }
    buffer_add_c(out, " {");
    write_trailing(formatter, comments_of(statement)->trailing, column);
    buffer_add_byte(out, '\n');
    write_body(formatter, statement, indent + INDENT);
    buffer_add_repeated(out, ' ', indent);
    buffer_add_byte(out, '}');
    write_trailing(formatter, comments_of(statement)->after_body, 0);
    buffer_add_byte(out, '\n');
}

/* The statements of a body that stand on lines of their own, and the comments between them. */
static void write_body(Formatter *formatter, const Statement *owner, size_t indent)
{
    Line *lines = ARENA_NEW_ARRAY(formatter->arena, Line, owner->children.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < owner->children.count; i++) {
        if (owner->children.items[i]->is_inline)
            continue;
        lines[count] = make_head(formatter, owner->children.items[i], indent);
        place_body(formatter, &lines[count], indent);
        count++;
    }
    align_lines(formatter, lines, count, indent);
    size_t column = COMMENT_COLUMN;
    for (size_t i = 0, run_end = 0; i < count; i++) {
        const Statement *statement = lines[i].statement;
        const StatementComments *comments = comments_of(statement);
        bool has_leading = comments->leading.count > 0;
        if (!has_leading && statement->blank_before && i > 0)
            buffer_add_byte(formatter->out, '\n');
        write_comments(formatter, comments->leading.items, comments->leading.count, indent, i == 0);
        if (has_leading && comments->blank_after_leading)
            buffer_add_byte(formatter->out, '\n');
        if (i >= run_end)
            column = comment_column(lines, count, i, &run_end);
        write_line(formatter, &lines[i], indent, column);
    }
    write_comments(formatter, comments_of(owner)->closing.items, comments_of(owner)->closing.count, indent, count == 0);
}

void format_tree(Buffer *out, Arena *arena, const Sources *sources, const Tree *tree)
{
    Sources copy = *sources;
    Formatter formatter = {.out = out, .arena = arena, .sources = sources, .sink = {.arena = arena, .sources = &copy}};
    write_body(&formatter, tree->root, 0);
}
