/* Resources to files: where each lies and what is in it. */
#include "base/tree_writer.h"
#include "emit/emit.h"
#include "emit/manifest.h"

#include <stdlib.h>

/* --- rendering --- */

static void add_document(Arena *arena, DocumentArray *out, Buffer *scratch, Text path, const Resource *resource, const Json *json)
{
    buffer_clear(scratch);
    json_write(scratch, json, 2);
    Document document = {path, arena_copy_text(arena, buffer_text(scratch)), resource, json};
    ARRAY_PUSH(arena, out, document);
}

static Text folder_of(const Resource *resource)
{
    return resource->service.len ? resource->service : TEXT(EMIT_SHARED);
}

static Text path_of(Arena *arena, const Resource *resource)
{
    const char *folder = resource_facts(resource->kind)->folder;
    return arena_format(arena, "%.*s/%s%s%.*s.json", TEXT_ARG(folder_of(resource)), folder, folder[0] ? "/" : "", TEXT_ARG(resource->file_stem));
}

/* What svc service.json and its like hold: the input of the operation that creates, or of all operations it takes. */
static const Json *content_of(Arena *arena, const Resource *resource)
{
    /* A rule's folder holds groups too: its file says which operation it is for. */
    bool is_rule = resource->kind == RESOURCE_SECURITY_GROUP_RULE || resource->kind == RESOURCE_SECURITY_GROUP_EGRESS;
    if (!resource->more && !is_rule)
        return resource->input;
    Json *all = json_object(arena);
    if (resource->input)
        json_set_c(arena, all, resource_facts(resource->kind)->operation, resource->input);
    for (size_t i = 0; resource->more && i < resource->more->members.count; i++)
        json_set(arena, all, resource->more->members.items[i].key, resource->more->members.items[i].value);
    return all;
}

/* A role's documents are what people review and tools take: its policies, each alone. */
static void add_role(Arena *arena, DocumentArray *out, Buffer *scratch, const Resource *role)
{
    static const char *const parts[] = {"policy", "trust"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const Json *document = json_get_c(role->more, parts[i]);
        if (document)
            add_document(arena, out, scratch,
                         arena_format(arena, "%.*s/iam/%.*s.%s.json", TEXT_ARG(folder_of(role)), TEXT_ARG(role->file_stem), parts[i]), role, document);
    }
}

static int order_documents(const void *a, const void *b)
{
    const Document *left = a;
    const Document *right = b;
    return text_compare(left->path, right->path);
}

/* How much one service comes to: its resources stand together. */
typedef struct ServiceSize {
    Text service;
    size_t bytes;
    size_t counted; /* documents */
} ServiceSize;

/* The compiler's promise of time and memory is for so much a service (SPEC.md, "Output"): false, and no further document, after the report. */
static bool check_service_size(Diagnostics *sink, const Model *model, const DocumentArray *documents, ServiceSize *size)
{
    enum { MEBIBYTES_MAX = 10 };
    for (; size->counted < documents->count; size->counted++) {
        const Document *document = &documents->items[size->counted];
        bool is_same = text_equal(document->resource->service, size->service);
        size->service = document->resource->service;
        size->bytes = (is_same ? size->bytes : 0) + document->bytes.len;
    }
    if (size->bytes <= (size_t)MEBIBYTES_MAX << 20)
        return true;
    const Node *service = node_keyed_child(model->file, W_SERVICE, size->service);
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_OUTPUT_TOO_LARGE, service ? node_argument_span(service, 0) : model->file->span,
                                               "the documents of %.*s are larger than %d MiB", TEXT_ARG(size->service.len ? size->service : TEXT(EMIT_SHARED)), MEBIBYTES_MAX);
    diagnostic_set_label(sink, diagnostic, "one service has at most so much");
    diagnostic_set_advice(sink, diagnostic, "split it into several, each with fewer statements or shorter expressions");
    return false;
}

/* The template, and the manifest of all of it. */
static bool add_whole(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, DocumentArray *out, Buffer *scratch)
{
    Json *template = template_render(arena, model, resources);
    add_document(arena, out, scratch, TEXT("template.json"), NULL, template);
    if (!template_check_size(sink, resources, template, out->items[out->count - 1].bytes.len))
        return false;
    qsort(out->items, out->count, sizeof *out->items, order_documents);
    add_document(arena, out, scratch, TEXT("manifest.json"), NULL, manifest_render(arena, sink->sources, model, resources, out));
    qsort(out->items, out->count, sizeof *out->items, order_documents);
    return true;
}

bool documents_render(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, DocumentArray *out)
{
    Buffer scratch = {0};
    ServiceSize size = {0};
    bool good = true;
    for (size_t i = 0; i < resources->items.count && good; i++) {
        const Resource *resource = resources->items.items[i];
        if (resource->kind == RESOURCE_ROLE)
            add_role(arena, out, &scratch, resource);
        else
            add_document(arena, out, &scratch, path_of(arena, resource), resource, content_of(arena, resource));
        good = check_service_size(sink, model, out, &size);
    }
    good = good && add_whole(arena, sink, model, resources, out, &scratch);
    buffer_free(&scratch);
    return good;
}

/* --- writing --- */

struct DocumentWriter {
    Arena *arena;
    Diagnostics *sink;
    Text path;
    TreeWriter *tree;
    TextArray folders;
};

static bool report_failure(Diagnostics *sink, Text path, const TreeFailure *failure)
{
    Text what = failure->path.len ? failure->path : path;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_OUTPUT_NOT_WRITABLE, SPAN_NONE, "cannot write %.*s: %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(what),
                                               TEXT_ARG(failure->reason));
    diagnostic_add_note(sink, diagnostic, "what stood at %.*s before is as it was", TEXT_ARG(path));
    diagnostic_set_advice(sink, diagnostic, "name a directory that can be written, on a disk with room, after --out");
    return false;
}

static bool report_foreign(Diagnostics *sink, Text path, Text file)
{
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_OUTPUT_NOT_OURS, SPAN_NONE, "%.*s holds a file that svc did not write: %.*s", TEXT_ARG(path),
                                               TEXT_ARG(file));
    diagnostic_add_note(sink, diagnostic, "the directory is replaced as a whole, and that file would be lost; nothing was changed");
    diagnostic_set_advice(sink, diagnostic, "name another directory after --out, or move the file away");
    return false;
}

/* Whether all that is in the directory is ours to replace. */
static bool check_replaceable(Arena *arena, Diagnostics *sink, Text path)
{
    TextArray present = {0};
    TextArray ours = {0};
    TreeFailure failure = {0};
    if (!tree_list(arena, path, &present, &failure))
        return report_failure(sink, path, &failure);
    if (present.count == 0)
        return true;
    bool has_manifest = manifest_read_paths(arena, path, &ours);
    for (size_t i = 0, j = 0; i < present.count; i++) {
        while (j < ours.count && text_compare(ours.items[j], present.items[i]) < 0)
            j++;
        if (!has_manifest || j == ours.count || !text_equal(ours.items[j], present.items[i]))
            return report_foreign(sink, path, present.items[i]);
    }
    return true;
}

DocumentWriter *documents_begin(Arena *arena, Diagnostics *sink, Text path)
{
    Arena scratch = {0};
    bool is_ours = check_replaceable(&scratch, sink, path);
    arena_free(&scratch);
    if (!is_ours)
        return NULL;
    TreeFailure failure = {0};
    DocumentWriter *writer = ARENA_NEW(arena, DocumentWriter);
    *writer = (DocumentWriter){.arena = arena, .sink = sink, .path = path, .tree = tree_begin(arena, path, &failure)};
    if (writer->tree)
        return writer;
    (void)report_failure(sink, path, &failure);
    return NULL;
}

static bool add_file(DocumentWriter *writer, Text folder, Text path, Text bytes)
{
    TreeFailure failure = {0};
    Text whole = folder.len ? arena_format(writer->arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(path)) : path;
    return tree_add(writer->tree, whole, bytes, &failure) || report_failure(writer->sink, writer->path, &failure);
}

bool documents_add(DocumentWriter *writer, Text folder, const DocumentArray *documents)
{
    if (folder.len)
        ARRAY_PUSH(writer->arena, &writer->folders, arena_copy_text(writer->arena, folder));
    for (size_t i = 0; i < documents->count; i++)
        if (!add_file(writer, folder, documents->items[i].path, documents->items[i].bytes))
            return false;
    return true;
}

bool documents_finish(DocumentWriter *writer)
{
    TreeFailure failure = {0};
    if (writer->folders.count) {
        Buffer manifest = {0};
        json_write(&manifest, manifest_render_folders(writer->arena, &writer->folders), 2);
        bool added = add_file(writer, TEXT_NONE, TEXT("manifest.json"), buffer_text(&manifest));
        buffer_free(&manifest);
        if (!added) {
            documents_abandon(writer);
            return false;
        }
    }
    return tree_commit(writer->tree, &failure) || report_failure(writer->sink, writer->path, &failure);
}

void documents_abandon(DocumentWriter *writer)
{
    tree_abandon(writer->tree);
}
