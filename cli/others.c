#include "cli/others.h"

#include "base/file.h"
#include "parser/parser.h"

#include <dirent.h>
#include <stdlib.h>

/* The word or the text of the first argument. */
static Text statement_name(const Statement *statement)
{
    const Expression *said = statement->arguments[0];
    if (said && said->kind == EXPRESSION_PATH)
        return said->path;
    bool is_plain = said && said->kind == EXPRESSION_STRING && said->string.count == 1 && !said->string.pieces[0].expression;
    return is_plain ? said->string.pieces[0].text : TEXT_NONE;
}

static void add_file(Pipeline *pipeline, Text path, PlanOthers *out)
{
    Arena *arena = &pipeline->arena;
    Text text;
    Text reason;
    Sources sources = {0};
    Diagnostics silent = {.arena = arena, .sources = &sources};
    if (!file_read(arena, path, PARSER_BYTES_MAX, &text, &reason))
        return;
    Tree tree = parser_parse_file(arena, &silent, sources_add(arena, &sources, path, text, true));
    const Statement *project = statement_child(tree.root, W_PROJECT);
    if (!project || !text_equal(statement_name(project), pipeline->model->project))
        return;
    ARRAY_PUSH(arena, &out->files, path);
    for (size_t i = 0; i < tree.root->children.count; i++) {
        const Statement *statement = tree.root->children.items[i];
        if (!statement->row || statement->row->id != W_SERVICE)
            continue;
        Text name = statement_name(statement);
        if (name.len && !node_keyed_child(pipeline->model->file, W_SERVICE, name)) /* a module of this file is none of the others */
            ARRAY_PUSH(arena, &out->services, name);
    }
}

static Text folder_of(Text path)
{
    size_t length = path.len;
    while (length > 0 && path.ptr[length - 1] != '/')
        length--;
    return text_slice(path, 0, length);
}

static int compare_texts(const void *a, const void *b)
{
    const Text *left = a;
    const Text *right = b;
    return text_compare(*left, *right);
}

PlanOthers *others_find(Pipeline *pipeline)
{
    Arena *arena = &pipeline->arena;
    PlanOthers *out = ARENA_NEW(arena, PlanOthers);
    TextArray found = {0};
    Text folder = folder_of(pipeline->path);
    DIR *directory = text_equal_c(pipeline->path, "-") ? NULL : opendir(folder.len ? arena_copy_text(arena, folder).ptr : ".");
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        if (text_ends_with(text_from_c(entry->d_name), TEXT(".svc")))
            ARRAY_PUSH(arena, &found, arena_join(arena, folder, text_from_c(entry->d_name)));
    if (directory)
        (void)closedir(directory);
    if (found.count > 1)
        qsort(found.items, found.count, sizeof *found.items, compare_texts);
    for (size_t i = 0; i < found.count; i++)
        if (!file_is_same(found.items[i], pipeline->path))
            add_file(pipeline, found.items[i], out);
    return out;
}
