#include "parser/tree.h"

#include "base/buffer.h"

const char *operator_text(Operator op)
{
    static const char *const texts[] = {
        [OPERATOR_OR] = "or", [OPERATOR_AND] = "and", [OPERATOR_NOT] = "not", [OPERATOR_EQUAL] = "==", [OPERATOR_NOT_EQUAL] = "!=",
        [OPERATOR_LESS] = "<", [OPERATOR_LESS_EQUAL] = "<=", [OPERATOR_GREATER] = ">", [OPERATOR_GREATER_EQUAL] = ">=",
        [OPERATOR_ADD] = "+", [OPERATOR_SUBTRACT] = "-", [OPERATOR_MULTIPLY] = "*", [OPERATOR_DIVIDE] = "/", [OPERATOR_NEGATE] = "-",
    };
    return texts[op];
}

const Statement *statement_child(const Statement *statement, WordId id)
{
    for (size_t i = 0; i < statement->children.count; i++) {
        const Statement *child = statement->children.items[i];
        if (child->row && child->row->id == id)
            return child;
    }
    return NULL;
}

static void dump_expression(Buffer *out, Arena *arena, const Expression *expression);

static void dump_named(Buffer *out, Arena *arena, const NamedExpressionArray *items)
{
    for (size_t i = 0; i < items->count; i++) {
        buffer_add_byte(out, ' ');
        if (items->items[i].name.len > 0) {
            buffer_add_json_string(out, items->items[i].name);
            buffer_add_c(out, ": ");
        }
        dump_expression(out, arena, items->items[i].value);
    }
}

static void dump_string(Buffer *out, Arena *arena, const Expression *string)
{
    if (string->string.count == 0)
        buffer_add_c(out, "\"\"");
    for (size_t i = 0; i < string->string.count; i++) {
        const StringPiece *piece = &string->string.pieces[i];
        buffer_add_c(out, i > 0 ? "+" : "");
        if (piece->expression) {
            buffer_add_byte(out, '{');
            dump_expression(out, arena, piece->expression);
            buffer_add_byte(out, '}');
        } else {
            buffer_add_json_string(out, piece->text);
        }
    }
}

/* Prefix form: every operator before its operands, in parentheses. */
static void dump_expression(Buffer *out, Arena *arena, const Expression *expression)
{
    switch (expression->kind) {
    case EXPRESSION_ERROR: buffer_add_c(out, "(error)"); return;
    case EXPRESSION_STRING: dump_string(out, arena, expression); return;
    case EXPRESSION_QUANTITY: buffer_add(out, unit_format_quantity(arena, expression->quantity)); return;
    case EXPRESSION_BOOL: buffer_add_c(out, expression->boolean ? "(yes)" : "(no)"); return;
    case EXPRESSION_RANGE:
        dump_expression(out, arena, expression->range.low);
        buffer_add_c(out, "..");
        dump_expression(out, arena, expression->range.high);
        return;
    case EXPRESSION_PATH: buffer_add(out, expression->path); return;
    case EXPRESSION_CALL:
        buffer_add_c(out, "(call ");
        buffer_add(out, expression->call.callee);
        dump_named(out, arena, &expression->call.arguments);
        break;
    case EXPRESSION_LIST:
        buffer_add_c(out, "(list");
        for (size_t i = 0; i < expression->list.count; i++) {
            buffer_add_byte(out, ' ');
            dump_expression(out, arena, expression->list.items[i]);
        }
        break;
    case EXPRESSION_MAP:
        buffer_add_c(out, "(map");
        dump_named(out, arena, &expression->map);
        break;
    case EXPRESSION_GROUP:
        buffer_add_c(out, "(group ");
        dump_expression(out, arena, expression->group);
        break;
    case EXPRESSION_UNARY:
        buffer_add_format(out, "(%s ", operator_text(expression->unary.op));
        dump_expression(out, arena, expression->unary.operand);
        break;
    case EXPRESSION_BINARY:
        buffer_add_format(out, "(%s ", operator_text(expression->binary.op));
        dump_expression(out, arena, expression->binary.left);
        buffer_add_byte(out, ' ');
        dump_expression(out, arena, expression->binary.right);
        break;
    case EXPRESSION_IF:
        buffer_add_c(out, "(if ");
        dump_expression(out, arena, expression->choice.condition);
        buffer_add_byte(out, ' ');
        dump_expression(out, arena, expression->choice.then);
        buffer_add_byte(out, ' ');
        dump_expression(out, arena, expression->choice.otherwise);
        break;
    }
    buffer_add_byte(out, ')');
}

static void dump_comment(Buffer *out, const char *place, Comment comment, size_t indent)
{
    if (comment.text.len == 0)
        return;
    buffer_add_repeated(out, ' ', indent);
    buffer_add_c(out, place);
    buffer_add(out, comment.text);
    buffer_add_byte(out, '\n');
}

static void dump_closing(Buffer *out, const StatementComments *comments, size_t indent)
{
    for (size_t i = 0; comments && i < comments->closing.count; i++)
        dump_comment(out, "below ", comments->closing.items[i], indent);
}

static void dump_statement(Buffer *out, Arena *arena, const Statement *statement, size_t indent)
{
    const StatementComments *comments = statement->comments;
    for (size_t i = 0; comments && i < comments->leading.count; i++)
        dump_comment(out, "above ", comments->leading.items[i], indent);
    buffer_add_repeated(out, ' ', indent);
    buffer_add(out, statement->word);
    if (!statement->row)
        buffer_add_c(out, " (unknown)");
    for (size_t i = 0; i < ARGUMENTS_MAX; i++) {
        if (!statement->arguments[i])
            continue;
        buffer_add_format(out, " %s=", statement->row ? statement->row->arguments[i].name : "");
        dump_expression(out, arena, statement->arguments[i]);
    }
    buffer_add_byte(out, '\n');
    if (comments)
        dump_comment(out, "beside ", comments->trailing, indent);
    for (size_t i = 0; i < statement->children.count; i++)
        dump_statement(out, arena, statement->children.items[i], indent + 2);
    dump_closing(out, comments, indent + 2);
    if (comments)
        dump_comment(out, "after ", comments->after_body, indent);
}

Text tree_dump(Arena *arena, const Tree *tree)
{
    Buffer out = {0};
    for (size_t i = 0; i < tree->root->children.count; i++)
        dump_statement(&out, arena, tree->root->children.items[i], 0);
    dump_closing(&out, tree->root->comments, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}
