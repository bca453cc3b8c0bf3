/* What the readers of ECS documents and of CloudFormation templates share. Private to foreign/. */
#ifndef SVC_FOREIGN_CONVERT_H
#define SVC_FOREIGN_CONVERT_H

#include "diagnostics/diagnostic.h"
#include "document/resource.h"
#include "schema/schema.h"

typedef struct Converter {
    Arena *arena;
    Diagnostics *sink;
    uint32_t file;
    Resources *out;
    bool is_strict;  /* the file was found, not named */
    bool has_blocks; /* parts of it belong to a template language */
} Converter;

/* Settles what each value is, by what its member means. Texts that a pipeline has yet to fill become JSON_UNKNOWN; in commands, variables and labels an
   embedded $VAR is ordinary text. With `drops_absent`, nulls, empty lists and empty choices go: AWS's answers and many generators write them for what is not there. What the
   shape does not have stays as it is. */
void foreign_settle(SchemaShape shape, Json *json, bool drops_absent);
/* Adds a resource of this id; one that is taken gets a number. */
Resource *foreign_add(Converter *converter, ResourceKind kind, Text id, Text name, Json *input, Span origin);
/* The text of a member, or none. */
Text foreign_text(const Json *object, const char *member);

/* Adds what a document of ECS comes to. False when it is none. */
bool foreign_read_ecs(Converter *converter, Json *root) __attribute__((warn_unused_result));
/* Adds what a template comes to. */
void foreign_read_template(Converter *converter, Json *root);

#endif
