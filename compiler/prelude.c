/* The prelude: what the standard library declares for everybody. Its files are listed by their lines and parsed by the statement, when one is
   asked for: parsing them whole took two thirds of the time of checking a small file. */
#include "compiler/context.h"

#include "compiler/stdlib_data.h"

#include <string.h>

static const char *const module_names[] = {"types", "metrics", "permissions", "defaults"};

bool prelude_has_module(Text name)
{
    for (size_t i = 0; i < sizeof module_names / sizeof *module_names; i++)
        if (text_equal_c(name, module_names[i]))
            return true;
    return false;
}

/* Where the next statement of the file begins: a letter at the beginning of a line. The formatter puts nothing else there. */
static size_t next_start(Text text, size_t at)
{
    while (at < text.len) {
        char c = text.ptr[at];
        if (c >= 'a' && c <= 'z')
            return at;
        at += text_find_byte(text_slice(text, at, text.len), '\n') + 1;
    }
    return text.len;
}

/* Behind its last line: comments that follow belong to the next statement. */
static size_t find_end(Text text, size_t start)
{
    size_t at = start;
    do
        at += text_find_byte(text_slice(text, at, text.len), '\n') + 1;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '}' || text.ptr[at] == '\n' || text.ptr[at] == ')' || text.ptr[at] == ']'));
    return at < text.len ? at : text.len;
}

static Text take_word(Text *rest)
{
    size_t start = 0;
    while (start < rest->len && rest->ptr[start] == ' ')
        start++;
    size_t end = start;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\n' && rest->ptr[end] != '{')
        end++;
    Text word = text_slice(*rest, start, end);
    *rest = text_slice(*rest, end, rest->len);
    return word;
}

static const Statement *parse(Compilation *compilation, const Module *module, size_t start, size_t end)
{
    Tree tree = parser_parse_part(compilation->arena, compilation->sink, module->file, (uint32_t)start, (uint32_t)end);
    const StatementArray *statements = &tree.root->children;
    return statements->count == 1 && statements->items[0]->row && !statements->items[0]->has_error ? statements->items[0] : NULL;
}

static void list_statement(Compilation *compilation, const Module *module, Text text, size_t start, size_t end)
{
    Text rest = text_slice(text, start, end);
    const VocabularyRow *row = vocabulary_find(SCOPE_FILE, take_word(&rest));
    Declaration declaration = {.word = row ? row->id : W_NONE, .module = module, .start = (uint32_t)start, .end = (uint32_t)end};
    declaration.key = take_word(&rest);
    if (declaration.word == W_DEFAULT) {
        Declaration *copy = ARENA_NEW(compilation->arena, Declaration);
        *copy = declaration;
        copy->statement = parse(compilation, module, start, end);
        if (copy->statement)
            ARRAY_PUSH(compilation->arena, &compilation->defaults, copy);
        return;
    }
    if (declaration.word == W_PERMISSION) {
        /* Verb and noun stand beside each other, parted by one blank: the key as it is. */
        Text noun = take_word(&rest);
        declaration.key.len = (size_t)(noun.ptr + noun.len - declaration.key.ptr);
    }
    if (!declaration_find_slot(&compilation->prelude, declaration.word, declaration.key))
        declaration_add(compilation->arena, compilation->sink, &compilation->prelude, declaration);
}

static void load_module(Compilation *compilation, const StdlibFile *file)
{
    Module *module = ARENA_NEW(compilation->arena, Module);
    module->name = text_from_c(file->name);
    module->is_library = true;
    Text text = {file->text, file->length};
    Text path = arena_format(compilation->arena, "std/%s.svc", file->name);
    module->file = sources_add(compilation->arena, compilation->sink->sources, path, text, true);
    for (size_t start = next_start(text, 0); start < text.len;) {
        size_t end = find_end(text, start);
        list_statement(compilation, module, text, start, end);
        start = next_start(text, end);
    }
}

void prelude_load(Compilation *compilation)
{
    for (size_t i = 0; i < sizeof module_names / sizeof *module_names; i++)
        for (size_t j = 0; j < stdlib_file_count; j++)
            if (strcmp(stdlib_files[j].name, module_names[i]) == 0)
                load_module(compilation, &stdlib_files[j]);
}

const Declaration *prelude_find(Compilation *compilation, WordId word, Text key)
{
    Declaration *slot = declaration_find_slot(&compilation->prelude, word, key);
    if (!slot)
        return NULL;
    if (!slot->statement)
        slot->statement = parse(compilation, slot->module, slot->start, slot->end);
    return slot->statement ? slot : NULL;
}
