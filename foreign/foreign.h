/* Documents that teams have already, as people wrote them: ECS JSON and YAML, CloudFormation templates. They become the same resources that a
   .svc file comes to, so that the same rules judge them. */
#ifndef SVC_FOREIGN_FOREIGN_H
#define SVC_FOREIGN_FOREIGN_H

#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* Reads a file already registered in the sink's sources. What it holds is recognised by its members, not by its name. False after a report:
   it is no JSON or YAML, or nothing that svc knows. Everything lives in `arena`. */
bool foreign_read(Arena *arena, Diagnostics *sink, uint32_t file, Resources *out) __attribute__((warn_unused_result));

#endif
