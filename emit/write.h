/* Resources to documents: the files of `svc build` and the CloudFormation template. */
#ifndef SVC_EMIT_WRITE_H
#define SVC_EMIT_WRITE_H

#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"
/* The name of a role's one inline policy. */
#define ROLE_POLICY_NAME "svc"

/* One file to be written. */
typedef struct Document {
    Text path;                /* relative to the output directory, with '/' */
    Text bytes;
    const Resource *resource; /* NULL for template.json and manifest.json */
    const Json *json;         /* what the bytes were written from; NULL for the manifest */
} Document;

typedef ARRAY(Document) DocumentArray;

/* All documents of a model in byte order of their paths, manifest.json and template.json included. False after a reported error. */
bool documents_render(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, DocumentArray *out)
    __attribute__((warn_unused_result));
/* The CloudFormation template of the model (SPEC.md, "The template"). */
Json *template_render(Arena *arena, const Model *model, const Resources *resources);
/* Whether CloudFormation takes as much: at most 500 resources and 1,000,000 bytes. False after a reported error. */
bool template_check_size(Diagnostics *sink, const Resources *resources, const Json *template, size_t bytes) __attribute__((warn_unused_result));

/* Writing an output directory: all is written beside it and swapped in by rename, so the old output stays whole when anything fails.
   Only a directory in which svc wrote every file (it has a manifest.json of ours that lists them) or an empty one is replaced. */
typedef struct DocumentWriter DocumentWriter;

/* NULL after a reported error. */
DocumentWriter *documents_begin(Arena *arena, Diagnostics *sink, Text path);
/* Adds a model's documents, below `folder` when several models share the output; empty for the only one. After a reported error only
   documents_abandon may follow. The documents may be freed afterwards. */
bool documents_add(DocumentWriter *writer, Text folder, const DocumentArray *documents) __attribute__((warn_unused_result));
/* Puts it all in place. False after a reported error. */
bool documents_finish(DocumentWriter *writer) __attribute__((warn_unused_result));
void documents_abandon(DocumentWriter *writer);

#endif
