/* The files of stdlib/, embedded at build time by tools/embed.cmake. */
#ifndef SVC_COMPILER_STDLIB_DATA_H
#define SVC_COMPILER_STDLIB_DATA_H

#include <stddef.h>

typedef struct StdlibFile {
    const char *name; /* "metrics" for stdlib/metrics.svc */
    const char *text; /* UTF-8, followed by a NUL that length does not count */
    size_t length;    /* in bytes */
} StdlibFile;

/* In ascending order of name (by byte); static storage. */
extern const StdlibFile stdlib_files[];
extern const size_t stdlib_file_count;

#endif
