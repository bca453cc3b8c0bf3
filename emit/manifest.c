#include "emit/manifest.h"

#include "base/file.h"
#include "base/json_read.h"
#include "base/sha256.h"
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

static const Text unknown_prefix = {"svc:unknown:", sizeof "svc:unknown:" - 1};

/* --- unknowns --- */

typedef struct Search {
    Arena *arena;
    Buffer pointer;
    UnknownArray *found;
    size_t first; /* of those at the current pointer */
} Search;

static void add_unknown(Search *search, Text resource, Text attribute)
{
    Text pointer = buffer_text(&search->pointer);
    for (size_t i = search->found->count; i > search->first; i--) {
        const Unknown *known = &search->found->items[i - 1];
        if (text_equal(known->resource, resource) && text_equal(known->attribute, attribute))
            return;
    }
    Unknown unknown = {arena_copy_text(search->arena, pointer), resource, attribute};
    ARRAY_PUSH(search->arena, search->found, unknown);
}

/* An attribute's name: words of small letters joined by hyphens, so that what follows it in a text ("….amazonaws.com", ":role/") is no part. */
static size_t attribute_length(Text text)
{
    size_t length = 0;
    while (length < text.len && ((text.ptr[length] >= 'a' && text.ptr[length] <= 'z') ||
                                 (text.ptr[length] == '-' && length && length + 1 < text.len && text.ptr[length + 1] >= 'a' && text.ptr[length + 1] <= 'z')))
        length++;
    return length;
}

static void search_text(Search *search, Text text)
{
    while (true) {
        size_t at = text_find(text, unknown_prefix);
        if (at == text.len)
            return;
        text = text_slice(text, at + unknown_prefix.len, text.len);
        size_t hash = text_find_byte(text, '#');
        if (hash == text.len)
            return;
        Text rest = text_slice(text, hash + 1, text.len);
        size_t length = attribute_length(rest);
        if (length)
            add_unknown(search, text_slice(text, 0, hash), text_slice(rest, 0, length));
        text = text_slice(rest, length, rest.len);
    }
}

static void push_key(Search *search, Text key)
{
    buffer_add_byte(&search->pointer, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] == '~' || key.ptr[i] == '/')
            buffer_add_c(&search->pointer, key.ptr[i] == '~' ? "~0" : "~1");
        else
            buffer_add_byte(&search->pointer, key.ptr[i]);
    }
}

/* Inside of an embedded document the pointer stays that of the string. */
static void search_json(Search *search, const Json *json, bool is_embedded)
{
    size_t length = search->pointer.length;
    switch (json->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_UNKNOWN: break;
    case JSON_TEXT: search_text(search, json->text); break;
    case JSON_REFERENCE:
        if (!json->reference->known.len)
            add_unknown(search, json->reference->resource, json->reference->attribute);
        else
            search_text(search, json->reference->known);
        break;
    case JSON_EMBEDDED: search_json(search, json->embedded, true); break;
    case JSON_ARRAY:
    case JSON_JOINED:
        for (size_t i = 0; i < json->items.count; i++) {
            if (!is_embedded && json->kind == JSON_ARRAY) {
                search->first = search->found->count;
                buffer_add_byte(&search->pointer, '/');
                buffer_add_integer(&search->pointer, (int64_t)i);
            }
            search_json(search, json->items.items[i], is_embedded);
            search->pointer.length = length;
        }
        break;
    case JSON_OBJECT:
        for (size_t i = 0; i < json->members.count; i++) {
            if (!is_embedded) {
                search->first = search->found->count;
                push_key(search, json->members.items[i].key);
            }
            search_json(search, json->members.items[i].value, is_embedded);
            search->pointer.length = length;
        }
        break;
    }
}

void manifest_list_unknowns(Arena *arena, const Json *json, UnknownArray *out)
{
    Search search = {.arena = arena, .found = out, .first = out->count};
    search_json(&search, json, false);
    buffer_free(&search.pointer);
}

static Json *unknowns_json(Arena *arena, const Json *document)
{
    UnknownArray found = {0};
    manifest_list_unknowns(arena, document, &found);
    Json *list = json_array(arena);
    for (size_t i = 0; i < found.count; i++) {
        Json *entry = json_object(arena);
        json_set_c(arena, entry, "pointer", json_text(arena, found.items[i].pointer));
        json_set_c(arena, entry, "resource", json_text(arena, found.items[i].resource));
        json_set_c(arena, entry, "attribute", json_text(arena, found.items[i].attribute));
        json_add(arena, list, entry);
    }
    return list;
}

/* --- sources --- */

typedef struct Line {
    Text path;
    uint32_t line;
    bool is_library;
} Line;

typedef ARRAY(Line) LineArray;

static int order_lines(const void *a, const void *b)
{
    const Line *left = a;
    const Line *right = b;
    int order = left->path.ptr == right->path.ptr ? 0 : text_compare(left->path, right->path);
    return order ? order : (left->line > right->line) - (left->line < right->line);
}

static void add_line(Arena *arena, const Sources *sources, Span span, LineArray *out)
{
    if (span_is_none(span))
        return;
    const SourceFile *file = sources->files.items[span.file];
    Line line = {file->path, sources_locate(sources, span.file, span.start).line, file->is_library};
    const Line *last = out->count ? &out->items[out->count - 1] : NULL;
    if (!last || last->line != line.line || last->path.ptr != line.path.ptr)
        ARRAY_PUSH(arena, out, line);
}

static void collect_lines(Arena *arena, const Sources *sources, const Json *json, LineArray *out)
{
    add_line(arena, sources, json->origin, out);
    if (json->kind == JSON_ARRAY || json->kind == JSON_JOINED)
        for (size_t i = 0; i < json->items.count; i++)
            collect_lines(arena, sources, json->items.items[i], out);
    else if (json->kind == JSON_OBJECT)
        for (size_t i = 0; i < json->members.count; i++)
            collect_lines(arena, sources, json->members.items[i].value, out);
    else if (json->kind == JSON_EMBEDDED)
        collect_lines(arena, sources, json->embedded, out);
}

/* The distinct .svc lines behind a document; the template comes from all of them and names none. Paths are told from the file that was
   given, so that the bytes do not depend on where svc was started; the library's have names of their own. */
static Json *sources_json(Arena *arena, const Sources *sources, const Document *document, Text main_path)
{
    Json *list = json_array(arena);
    if (!document->resource)
        return list;
    LineArray lines = {0};
    add_line(arena, sources, document->resource->origin, &lines);
    collect_lines(arena, sources, document->json, &lines);
    if (lines.count > 1)
        qsort(lines.items, lines.count, sizeof *lines.items, order_lines);
    for (size_t i = 0; i < lines.count; i++) {
        if (i && order_lines(&lines.items[i - 1], &lines.items[i]) == 0)
            continue;
        Json *entry = json_object(arena);
        Text path = lines.items[i].path;
        json_set_c(arena, entry, "file", json_text(arena, lines.items[i].is_library ? path : file_relative_path(arena, path, main_path)));
        json_set_c(arena, entry, "line", json_integer(arena, lines.items[i].line));
        json_add(arena, list, entry);
    }
    return list;
}

/* --- the manifest --- */

static Json *file_json(Arena *arena, const Sources *sources, const Document *document, Text main_path)
{
    char digest[SHA256_HEX_LENGTH + 1];
    sha256_hex(digest, document->bytes);
    const Resource *resource = document->resource;
    const char *kind = resource ? resource_facts(resource->kind)->label : "template";
    Json *entry = json_object(arena);
    json_set_c(arena, entry, "path", json_text(arena, document->path));
    json_set_c(arena, entry, "resource", resource ? json_text(arena, resource->id) : json_text_c(arena, kind));
    json_set_c(arena, entry, "name", json_text(arena, resource ? resource->name : TEXT_NONE));
    json_set_c(arena, entry, "kind", json_text_c(arena, kind));
    json_set_c(arena, entry, "digest", json_text(arena, arena_copy_text(arena, (Text){digest, SHA256_HEX_LENGTH})));
    json_set_c(arena, entry, "sources", sources_json(arena, sources, document, main_path));
    json_set_c(arena, entry, "unknowns", unknowns_json(arena, document->json));
    return entry;
}

static Json *lookups_json(Arena *arena, const Resources *resources)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < resources->lookups.count; i++) {
        const Lookup *lookup = resources->lookups.items[i];
        Json *entry = json_object(arena);
        json_set_c(arena, entry, "resource", json_text(arena, lookup->id));
        json_set_c(arena, entry, "attribute", json_text(arena, lookup->attribute));
        json_set_c(arena, entry, "description", json_text(arena, lookup->description));
        json_set_c(arena, entry, "selector", lookup->selector);
        json_add(arena, list, entry);
    }
    return list;
}

static Json *header_json(Arena *arena)
{
    Json *manifest = json_object(arena);
    json_set_c(arena, manifest, "format_version", json_integer(arena, 1));
    json_set_c(arena, manifest, "generator", json_text_c(arena, "svc"));
    return manifest;
}

Json *manifest_render(Arena *arena, const Sources *sources, const Model *model, const Resources *resources, const DocumentArray *documents)
{
    Json *files = json_array(arena);
    for (size_t i = 0; i < documents->count; i++)
        json_add(arena, files, file_json(arena, sources, &documents->items[i], model->path));
    Json *manifest = header_json(arena);
    json_set_c(arena, manifest, "project", json_text(arena, model->project));
    json_set_c(arena, manifest, "environment", json_text(arena, model->environment.name));
    json_set_c(arena, manifest, "account", json_text(arena, model->environment.account));
    json_set_c(arena, manifest, "region", json_text(arena, model->environment.region));
    json_set_c(arena, manifest, "files", files);
    json_set_c(arena, manifest, "lookups", lookups_json(arena, resources));
    return manifest;
}

Json *manifest_render_folders(Arena *arena, const TextArray *folders)
{
    Json *manifest = header_json(arena);
    Json *list = json_array(arena);
    for (size_t i = 0; i < folders->count; i++)
        json_add(arena, list, json_text(arena, folders->items[i]));
    json_set_c(arena, manifest, "folders", list);
    return manifest;
}

/* --- reading one --- */

enum { MANIFEST_BYTES_MAX = 256 * 1024 * 1024 };

static ReadJson *read_manifest(Arena *arena, Text directory)
{
    Text text;
    Text reason;
    ReadJsonError error;
    Text path = arena_format(arena, "%.*s/manifest.json", TEXT_ARG(directory));
    ReadJson *manifest = file_read(arena, path, MANIFEST_BYTES_MAX, &text, &reason) ? json_read(arena, text, &error) : NULL;
    return text_equal_c(json_read_text(json_read_member(manifest, "generator")), "svc") ? manifest : NULL;
}

static void add_paths(Arena *arena, const ReadJson *manifest, Text folder, TextArray *out)
{
    const char *slash = folder.len ? "/" : "";
    const ReadJson *files = json_read_member(manifest, "files");
    ARRAY_PUSH(arena, out, arena_format(arena, "%.*s%smanifest.json", TEXT_ARG(folder), slash));
    for (size_t i = 0; files && files->kind == READ_ARRAY && i < files->items.count; i++) {
        Text path = json_read_text(json_read_member(files->items.items[i], "path"));
        ARRAY_PUSH(arena, out, arena_format(arena, "%.*s%s%.*s", TEXT_ARG(folder), slash, TEXT_ARG(path)));
    }
}

static int order_texts(const void *a, const void *b)
{
    const Text *left = a;
    const Text *right = b;
    return text_compare(*left, *right);
}

bool manifest_read_paths(Arena *arena, Text directory, TextArray *out)
{
    const ReadJson *manifest = read_manifest(arena, directory);
    if (!manifest)
        return false;
    add_paths(arena, manifest, TEXT_NONE, out);
    const ReadJson *folders = json_read_member(manifest, "folders");
    for (size_t i = 0; folders && folders->kind == READ_ARRAY && i < folders->items.count; i++) {
        Text folder = json_read_text(folders->items.items[i]);
        const ReadJson *below = read_manifest(arena, arena_format(arena, "%.*s/%.*s", TEXT_ARG(directory), TEXT_ARG(folder)));
        if (below)
            add_paths(arena, below, folder, out);
    }
    qsort(out->items, out->count, sizeof *out->items, order_texts);
    return true;
}
