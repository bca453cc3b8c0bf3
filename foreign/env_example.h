/* `.env.example`: the variables that a program says it needs, held against those that its containers get. */
#ifndef SVC_FOREIGN_ENV_EXAMPLE_H
#define SVC_FOREIGN_ENV_EXAMPLE_H

#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* One line that names a variable. */
typedef struct EnvExampleName {
    Text name;
    Span span;
    bool is_optional; /* the line is a comment: `# NAME=value` */
    bool is_set;      /* a container has it */
} EnvExampleName;

/* Zero-initialise; filled by env_example_read. */
typedef struct EnvExample {
    Arena *arena;
    ARRAY(EnvExampleName) names;
    bool has_env_files; /* a container reads variables from a file: what is missing cannot be told */
    bool has_containers;
} EnvExample;

/* Reads a file already registered in the sink's sources: `NAME=value`, `export NAME=value`, quoted values over several lines, comments. Lines that are no
   such thing are reported. */
void env_example_read(Arena *arena, Diagnostics *sink, uint32_t file, EnvExample *out);
/* Notes the variables and secrets of all containers, and reports those that the file does not name. */
void env_example_compare(EnvExample *example, Diagnostics *sink, const Resources *resources);
/* After all resources: reports the variables that no container has. */
void env_example_finish(const EnvExample *example, Diagnostics *sink);

#endif
