#include "aws/pages.h"

enum { PAGES_MAX = 10 * 1000 };

const Json *aws_pages_input(Arena *arena, const AwsPages *pages, const AwsOperation *operation, const Json *input)
{
    if (pages->token.len == 0)
        return input;
    Json *next = input ? json_copy_node(arena, input) : json_object(arena);
    json_set(arena, next, operation->operation.page_input, json_text(arena, pages->token));
    return next;
}

/* The array at a path such as "imageScanFindings.findings"; NULL where there is none. */
static Json *find_array(Json *json, Text path)
{
    while (json && path.len > 0) {
        size_t dot = text_find_byte(path, '.');
        json = json_get(json, text_slice(path, 0, dot));
        path = text_slice(path, dot < path.len ? dot + 1 : dot, path.len);
    }
    return json && json->kind == JSON_ARRAY ? json : NULL;
}

/* An array that only a later page has is put where it belongs. */
static void put_array(Arena *arena, Json *joined, Text path, Json *array)
{
    size_t cut = path.len;
    while (cut > 0 && path.ptr[cut - 1] != '.')
        cut--;
    Json *owner = cut > 0 ? json_make_path(arena, joined, text_slice(path, 0, cut - 1)) : joined;
    json_set(arena, owner, text_slice(path, cut, path.len), array);
}

static void join(Arena *arena, Json *joined, Json *output, Text paths)
{
    while (paths.len > 0) {
        size_t blank = text_find_byte(paths, ' ');
        Text path = text_slice(paths, 0, blank);
        paths = text_slice(paths, blank < paths.len ? blank + 1 : blank, paths.len);
        Json *more = find_array(output, path);
        Json *all = find_array(joined, path);
        if (more && !all)
            put_array(arena, joined, path, more);
        for (size_t i = 0; all && i < json_item_count(more); i++)
            json_add(arena, all, more->items.items[i]);
    }
}

/* The token of the next page; empty at the end. */
static Text find_next(const SchemaOperation *operation, const Json *output)
{
    const Json *more = json_get(output, operation->page_more);
    const Json *token = json_get(output, operation->page_output);
    if (operation->page_more.len > 0 && !(more && more->kind == JSON_BOOL && more->boolean))
        return TEXT_NONE;
    return token && token->kind == JSON_TEXT ? token->text : TEXT_NONE;
}

AwsPagesNext aws_pages_take(Arena *arena, AwsPages *pages, const AwsOperation *operation, const Json *input, Json *output)
{
    const SchemaOperation *called = &operation->operation;
    bool is_one_page = called->page_input.len == 0 || json_get(input, called->page_input);
    if (is_one_page) {
        pages->joined = output;
        return AWS_PAGES_DONE;
    }
    Text token = find_next(called, output);
    if (pages->joined)
        join(arena, pages->joined, output, called->page_results);
    else
        pages->joined = output;
    if (token.len > 0 && (text_equal(token, pages->token) || ++pages->count >= PAGES_MAX))
        return AWS_PAGES_ENDLESS;
    pages->token = token;
    json_remove(pages->joined, called->page_output);
    if (called->page_more.len > 0)
        json_remove(pages->joined, called->page_more);
    return token.len > 0 ? AWS_PAGES_MORE : AWS_PAGES_DONE;
}
