/* Declarations: what files and the library declare, found by word and key. */
#include "compiler/context.h"

static uint32_t slot_hash(WordId word, Text key)
{
    return text_hash(key) * 31u + (uint32_t)word;
}

static Declaration *find_slot(const DeclarationTable *table, WordId word, Text key)
{
    size_t mask = table->capacity - 1;
    size_t index = slot_hash(word, key) & mask;
    while (table->slots[index].module && !(table->slots[index].word == word && text_equal(table->slots[index].key, key)))
        index = (index + 1) & mask;
    return &table->slots[index];
}

static void grow(Arena *arena, DeclarationTable *table)
{
    DeclarationTable grown = {.capacity = table->capacity ? table->capacity * 4 : 64, .count = table->count};
    grown.slots = ARENA_NEW_ARRAY(arena, Declaration, grown.capacity);
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].module)
            *find_slot(&grown, table->slots[i].word, table->slots[i].key) = table->slots[i];
    *table = grown;
}

void declaration_add(Arena *arena, Diagnostics *sink, DeclarationTable *table, Declaration declaration)
{
    if ((table->count + 1) * 2 > table->capacity)
        grow(arena, table);
    Declaration *slot = find_slot(table, declaration.word, declaration.key);
    if (slot->module) {
        Diagnostic *d = diagnostic_report(sink, CODE_DECLARED_TWICE, declaration.statement->head_span, "`%.*s %.*s` is declared twice",
                                          TEXT_ARG(declaration.statement->word), TEXT_ARG(declaration.key));
        diagnostic_set_label(sink, d, "again here");
        diagnostic_add_label(sink, d, slot->statement->head_span, "first here");
        return;
    }
    *slot = declaration;
    table->count++;
}

Declaration *declaration_find_slot(const DeclarationTable *table, WordId word, Text key)
{
    if (table->capacity == 0)
        return NULL;
    Declaration *slot = find_slot(table, word, key);
    return slot->module ? slot : NULL;
}

const Declaration *declaration_find(const DeclarationTable *table, WordId word, Text key)
{
    return declaration_find_slot(table, word, key);
}

const Declaration *context_find(const Context *context, WordId word, Text key)
{
    const Declaration *own = declaration_find(&context->unit->table, word, key);
    return own ? own : prelude_find(context->compilation, word, key);
}

static void suggest_from(const DeclarationTable *table, WordId word, Text key, Text *best, size_t *best_distance)
{
    for (size_t i = 0; i < table->capacity; i++) {
        const Declaration *slot = &table->slots[i];
        if (!slot->module || slot->word != word)
            continue;
        size_t distance = text_edit_distance(key, slot->key, *best_distance);
        bool nearer = distance < *best_distance;
        bool same_but_first = distance == *best_distance && best->len && text_compare(slot->key, *best) < 0;
        if (nearer || same_but_first) {
            *best_distance = distance;
            *best = slot->key;
        }
    }
}

Text context_suggest(const Context *context, WordId word, Text key)
{
    Text best = TEXT_NONE;
    size_t best_distance = key.len / 3 + 2;
    suggest_from(&context->unit->table, word, key, &best, &best_distance);
    suggest_from(&context->compilation->prelude, word, key, &best, &best_distance);
    return best;
}

Text expression_word(Arena *arena, const Expression *expression)
{
    if (!expression)
        return TEXT_NONE;
    switch (expression->kind) {
    case EXPRESSION_PATH: return expression->path;
    case EXPRESSION_CALL: return expression->call.callee;
    case EXPRESSION_STRING:
        if (expression->string.count == 1 && !expression->string.pieces[0].expression)
            return expression->string.pieces[0].text;
        return TEXT_NONE;
    case EXPRESSION_BOOL: return expression->boolean ? TEXT("yes") : TEXT("no");
    case EXPRESSION_QUANTITY: return unit_format_quantity(arena, expression->quantity);
    case EXPRESSION_ERROR:
    case EXPRESSION_RANGE:
    case EXPRESSION_LIST:
    case EXPRESSION_MAP:
    case EXPRESSION_GROUP:
    case EXPRESSION_UNARY:
    case EXPRESSION_BINARY:
    case EXPRESSION_IF: return TEXT_NONE;
    }
    return TEXT_NONE;
}

Text statement_key(Arena *arena, const Statement *statement)
{
    Text key = expression_word(arena, statement->arguments[0]);
    for (size_t i = 1; i < ARGUMENTS_MAX && statement->row->arguments[i].name; i++) {
        if (!statement->row->arguments[i].is_key)
            continue;
        Text more = expression_word(arena, statement->arguments[i]);
        if (more.len)
            key = arena_format(arena, "%.*s %.*s", TEXT_ARG(key), TEXT_ARG(more));
    }
    return key;
}
