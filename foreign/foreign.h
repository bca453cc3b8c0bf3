/* Documents that teams have already, as people wrote them: ECS JSON and YAML, CloudFormation templates. They become the same resources that a
   .svc file comes to, so that the same rules judge them. */
#ifndef SVC_FOREIGN_FOREIGN_H
#define SVC_FOREIGN_FOREIGN_H

#include "diagnostics/diagnostic.h"
#include "document/resource.h"
#include "foreign/read.h"

/* Whether a file is JSON or YAML rather than .svc: by the ending of its name, and for any other name by how its content begins. */
bool foreign_is_foreign(Text path, Text content);

/* Reads a file already registered in the sink's sources. What it holds is recognised by its members, not by its name. False after a report:
   it is no JSON or YAML, or nothing that svc knows. Everything lives in `arena`. */
bool foreign_read(Arena *arena, Diagnostics *sink, uint32_t file, Resources *out) __attribute__((warn_unused_result));

typedef enum ForeignResult {
    FOREIGN_READ,
    FOREIGN_REFUSED, /* after a report */
    FOREIGN_OTHER,   /* it is not for svc; nothing is reported */
} ForeignResult;

/* The same for a file that nobody named: it was found in a directory. */
ForeignResult foreign_read_found(Arena *arena, Diagnostics *sink, uint32_t file, Resources *out) __attribute__((warn_unused_result));
/* Whether the name of a file in a directory is one to look into. */
bool foreign_is_candidate(Text path);

#endif
