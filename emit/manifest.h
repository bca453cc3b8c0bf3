/* manifest.json: every file with its resource, its digest, the .svc lines behind it and the values that only AWS knows (SPEC.md, "The
   manifest"). */
#ifndef SVC_EMIT_MANIFEST_H
#define SVC_EMIT_MANIFEST_H

#include "emit/write.h"

/* A place in a document that holds a value only AWS knows. */
typedef struct Unknown {
    Text pointer; /* RFC 6901 */
    Text resource;
    Text attribute;
} Unknown;

typedef ARRAY(Unknown) UnknownArray;

/* The unknowns of a document in its order; one at most for the same pointer, resource and attribute. */
void manifest_list_unknowns(Arena *arena, const Json *json, UnknownArray *out);
/* The manifest of the documents, in their order. */
Json *manifest_render(Arena *arena, const Sources *sources, const Model *model, const Resources *resources, const DocumentArray *documents);
/* The manifest of an output that several models share, each in a folder with a manifest of its own. */
Json *manifest_render_folders(Arena *arena, const TextArray *folders);

/* The paths of all files that the manifest of an output directory stands for, its own included, in byte order. False when there is no
   manifest, or it is not one that svc wrote. */
bool manifest_read_paths(Arena *arena, Text directory, TextArray *out) __attribute__((warn_unused_result));

#endif
