/* Patterns over paths, as people write them to name files. */
#ifndef SVC_BASE_GLOB_H
#define SVC_BASE_GLOB_H

#include "base/text.h"

/* Whether the pattern names the path, or a folder that the path is in. Paths are relative, with '/' and without "." and "..".
   `?` is one character and `*` any number of them, but for `/`; `**` is any number of folders. A pattern with a `/` other than at its end
   begins where the path begins; one without may stand for a file or folder at any depth. Takes time of pattern times path at most. */
bool glob_matches(Text pattern, Text path);

#endif
