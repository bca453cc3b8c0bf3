/* Whole directories, replaced at once: everything is written beside the old one and swapped in by one rename. Whatever fails, the old
   directory is as it was. Nothing is synced: such a directory is made again from its sources at any time, and waiting for the disk took
   1 to 20 seconds for 20,000 files where writing them takes less than one (syncfs waits for what other programs wrote, too). */
#ifndef SVC_BASE_TREE_WRITER_H
#define SVC_BASE_TREE_WRITER_H

#include "base/array.h"

typedef struct TreeWriter TreeWriter;

/* What failed: the path and what to say about it. Set by the calls that return false or NULL. */
typedef struct TreeFailure {
    Text path;
    Text reason;
} TreeFailure;

/* Begins a directory that is to stand at `path`; folders above it are made. A link to a directory is followed. NULL on failure. The writer
   lives in the arena; end it with tree_commit or tree_abandon. */
TreeWriter *tree_begin(Arena *arena, Text path, TreeFailure *failure);
/* Writes one new file. `path` is relative, with '/', without "." and ".."; quickest when paths come in order. After a failure only tree_abandon
   may follow. */
bool tree_add(TreeWriter *writer, Text path, Text bytes, TreeFailure *failure) __attribute__((warn_unused_result));
/* Puts it in place of what stood at the path. On failure what was written is removed. */
bool tree_commit(TreeWriter *writer, TreeFailure *failure) __attribute__((warn_unused_result));
/* Removes what was written. */
void tree_abandon(TreeWriter *writer);

/* All files below a directory, those in folders that begin with a dot too, relative to it and in byte order; links are listed, not
   followed. An absent directory has none. */
bool tree_list(Arena *arena, Text path, TextArray *out, TreeFailure *failure) __attribute__((warn_unused_result));

#endif
