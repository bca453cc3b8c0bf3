/* Files: reading with a limit. Writing is added by what writes. */
#ifndef SVC_BASE_FILE_H
#define SVC_BASE_FILE_H

#include "base/array.h"

/* Reads a file, a pipe, or standard input ("-") whole into the arena. False with *reason in words ("no such file", "is a directory",
   "larger than 4 MiB", or what the system said); limit in bytes. */
bool file_read(Arena *arena, Text path, size_t limit, Text *out, Text *reason) __attribute__((warn_unused_result));

/* Whether the path is a regular file of more than `limit` bytes. */
bool file_is_larger(Text path, size_t limit);
/* Whether anything stands at the path (links are followed). */
bool file_exists(Text path);
/* Whether both paths lead to one and the same file or directory. */
bool file_is_same(Text a, Text b);
/* Whether the path is a file that can be read again (links are followed): no pipe, device or directory. */
bool file_is_regular(Text path);
/* Whether the path is a directory (links are followed). */
bool file_is_directory(Text path);
typedef struct FileTrouble {
    Text path;
    Text reason;
} FileTrouble;

typedef ARRAY(FileTrouble) FileTroubleArray;

/* All files below the directory whose names end in `suffix`, in byte order of their paths; folders whose names begin with a dot, and
   node_modules, are left out, and so is what is neither a file nor a folder; links to folders are not followed. Folders that cannot be read are
   troubles, in the same order; the others are listed all the same. */
void file_list(Arena *arena, Text directory, Text suffix, TextArray *out, FileTroubleArray *troubles);

/* Replaces the file (of a link, the one it leads to) by way of a temporary one beside it, synced and renamed, keeping its permissions:
   after any failure the old content stands. A device or a pipe is written to. False with *reason. */
bool file_write_atomic(Text path, Text content, Arena *arena, Text *reason) __attribute__((warn_unused_result));
/* The same for what others must not read: its permissions are 0600. */
bool file_write_private(Text path, Text content, Arena *arena, Text *reason) __attribute__((warn_unused_result));
/* What the system says for an errno, in words that complete "cannot write x: ". */
Text file_reason(Arena *arena, int error);

/* `path` as it is called from the folder of the file `from`: "a/b.svc" seen from "a/c.svc" is "b.svc". Only the texts are looked at; an
   absolute path seen from a relative one, or the other way round, stays as it is. */
Text file_relative_path(Arena *arena, Text path, Text from);

#endif
