/* YAML and JSON that people wrote, as trees (document/json.h) with the place of every node. Knows nothing of what a document means: task
   definitions, templates, compose files and manifests are all read by this.

   What people really have is readable: comments and trailing commas in JSON, placeholders without quotes (`"cpu": ${CPU}`), lines that belong to
   a template language (`{% if … %}`). A value that is such a placeholder is JSON_UNKNOWN with its written text; a placeholder inside of a quoted
   text is left as it is, because only its meaning tells whether it is one (foreign/placeholder.h).

   Short tags of CloudFormation become its long form: `!Ref X` is {"Ref": "X"}, `!GetAtt A.B` is {"Fn::GetAtt": ["A", "B"]}. Aliases are copies
   of what they name, and merge keys are merged. */
#ifndef SVC_FOREIGN_READ_H
#define SVC_FOREIGN_READ_H

#include "diagnostics/diagnostic.h"
#include "document/json.h"

/* Larger files are not read. */
enum { FOREIGN_BYTES_MAX = 4 * 1024 * 1024 };

/* The documents of a file. Zero-initialise. */
typedef struct ForeignTrees {
    ARRAY(Json *) items;
    bool is_json;    /* written as JSON, not as YAML */
    bool has_blocks; /* parts belong to a template language, so that a key may stand twice and a member may be missing */
} ForeignTrees;

/* Reads a file already registered in the sink's sources. False after a report. Texts point into the source where they can, so the source must
   outlive the trees; a key that does can be found there again (json_key_origin). */
bool foreign_read_trees(Arena *arena, Diagnostics *sink, uint32_t file, ForeignTrees *out) __attribute__((warn_unused_result));

#endif
