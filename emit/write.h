/* Resources to documents: the files of `svc build` and the CloudFormation template. */
#ifndef SVC_EMIT_WRITE_H
#define SVC_EMIT_WRITE_H

#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "emit/resource.h"

/* One file to be written. */
typedef struct Document {
    Text path;               /* relative to the output directory, with '/' */
    Text bytes;
    const Resource *resource;/* NULL for template.json and manifest.json */
    const Json *json;        /* what the bytes were written from; NULL for the manifest */
} Document;

typedef ARRAY(Document) DocumentArray;

/* All documents of a model in byte order of their paths, manifest.json and template.json included. False after a reported error. */
bool documents_render(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, DocumentArray *out)
    __attribute__((warn_unused_result));
/* The CloudFormation template of the model (SPEC.md, "The template"). NULL after a reported error. */
Json *template_render(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources);

/* Replaces the directory `path` by the documents: all is written beside it, synced, and swapped in by rename, so the old output stays
   whole when anything fails. Only a directory that svc wrote (it has a manifest.json of ours) or an empty one is replaced. */
bool documents_write(Arena *arena, Diagnostics *sink, Text path, const DocumentArray *documents) __attribute__((warn_unused_result));

#endif
