/* Declarations: what files and the library declare, found by word and key. */
#include "compiler/context.h"

static uint32_t slot_hash(WordId word, Text key)
{
    return text_hash(key) * 31u + (uint32_t)word;
}

/* The slot of the declaration, or the free one where it belongs. */
static Declaration **find_slot(const DeclarationTable *table, WordId word, Text key, uint32_t hash)
{
    size_t mask = table->capacity - 1;
    size_t index = hash & mask;
    for (; table->slots[index]; index = (index + 1) & mask) {
        const Declaration *declaration = table->slots[index];
        if (declaration->hash == hash && declaration->word == word && text_equal(declaration->key, key))
            break;
    }
    return &table->slots[index];
}

static void grow(Arena *arena, DeclarationTable *table)
{
    DeclarationTable grown = {.capacity = table->capacity ? table->capacity * 2 : 64, .count = table->count};
    grown.slots = ARENA_NEW_ARRAY(arena, Declaration *, grown.capacity);
    for (size_t i = 0; i < table->capacity; i++) {
        Declaration *declaration = table->slots[i];
        if (declaration)
            *find_slot(&grown, declaration->word, declaration->key, declaration->hash) = declaration;
    }
    *table = grown;
}

void declaration_add(Arena *arena, Diagnostics *sink, DeclarationTable *table, Declaration declaration)
{
    if ((table->count + 1) * 2 > table->capacity)
        grow(arena, table);
    declaration.hash = slot_hash(declaration.word, declaration.key);
    Declaration **slot = find_slot(table, declaration.word, declaration.key, declaration.hash);
    if (*slot && (*slot)->statement) {
        Diagnostic *d = diagnostic_report(sink, CODE_DECLARED_TWICE, declaration.statement->head_span, "`%.*s %.*s` is declared twice",
                                          TEXT_ARG(declaration.statement->word), TEXT_ARG(declaration.key));
        diagnostic_set_label(sink, d, "again here");
        diagnostic_add_label(sink, d, (*slot)->statement->head_span, "first here");
        return;
    }
    *slot = ARENA_NEW(arena, Declaration);
    **slot = declaration;
    table->count++;
}

const Declaration *declaration_find(const DeclarationTable *table, WordId word, Text key)
{
    if (table->capacity == 0)
        return NULL;
    return *find_slot(table, word, key, slot_hash(word, key));
}

/* --- the library, by need --- */

static Text next_word(Text *rest)
{
    *rest = text_trim(*rest);
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\n' && rest->ptr[end] != '{')
        end++;
    Text word = text_slice(*rest, 0, end);
    *rest = text_slice(*rest, end, rest->len);
    return word;
}

/* One declaration, from its first line: `metric PATH …`, `type NAME …`, `permission VERB NOUN …`. */
static void index_declaration(Compilation *compilation, Text text, Span span)
{
    Text rest = text;
    const VocabularyRow *row = vocabulary_find(SCOPE_FILE, next_word(&rest));
    if (!row || (row->id != W_TYPE && row->id != W_METRIC && row->id != W_PERMISSION))
        return;
    Text key = next_word(&rest);
    if (row->id == W_PERMISSION) {
        Text noun = next_word(&rest);
        key = arena_format(compilation->arena, "%.*s %.*s", TEXT_ARG(key), TEXT_ARG(noun));
    }
    declaration_add(compilation->arena, compilation->sink, &compilation->prelude, (Declaration){.word = row->id, .key = key, .text = span});
}

void declaration_index_library(Compilation *compilation, uint32_t file)
{
    Text text = compilation->sink->sources->files.items[file]->text;
    size_t start = text.len;
    for (size_t line = 0; line < text.len; line += text_find_byte(text_slice(text, line, text.len), '\n') + 1) {
        bool begins = text.ptr[line] >= 'a' && text.ptr[line] <= 'z';
        if (begins && start < line)
            index_declaration(compilation, text_slice(text, start, line), (Span){file, (uint32_t)start, (uint32_t)line});
        if (begins)
            start = line;
    }
    index_declaration(compilation, text_slice(text, start, text.len), (Span){file, (uint32_t)start, (uint32_t)text.len});
}

const Declaration *prelude_find(Compilation *compilation, WordId word, Text key)
{
    if (compilation->prelude.capacity == 0)
        return NULL;
    Declaration *found = *find_slot(&compilation->prelude, word, key, slot_hash(word, key));
    if (found && !found->statement) {
        Tree tree = parser_parse_slice(compilation->arena, compilation->sink, found->text.file, found->text.start, found->text.end);
        found->statement = tree.root->children.count ? tree.root->children.items[0] : tree.root;
    }
    return found;
}

const Declaration *context_find(const Context *context, WordId word, Text key)
{
    const Declaration *own = declaration_find(&context->unit->table, word, key);
    return own ? own : prelude_find(context->compilation, word, key);
}

static void suggest_from(const DeclarationTable *table, WordId word, Text key, Text *best, size_t *best_distance)
{
    for (size_t i = 0; i < table->capacity; i++) {
        const Declaration *slot = table->slots[i];
        if (!slot || slot->word != word)
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
