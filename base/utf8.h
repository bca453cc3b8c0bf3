/* UTF-8: validation, columns in characters, width on a terminal. */
#ifndef SVC_BASE_UTF8_H
#define SVC_BASE_UTF8_H

#include "base/text.h"

/* Length in bytes of the first character, with its code point in *out; 0 when the bytes are not valid UTF-8 (overlong and surrogates are not). */
size_t utf8_decode(Text text, uint32_t *out);
/* Offset of the first byte that is not valid UTF-8, or text.len. */
size_t utf8_find_invalid(Text text);
/* So many bytes at its beginning, and maybe some more, are of ASCII and no controls but line feeds. */
size_t utf8_count_plain(Text text);
/* Number of characters (code points; an invalid byte counts as one). */
size_t utf8_count(Text text);
/* Columns on a terminal: 0 for combining marks, 2 for wide East Asian characters and emoji, 1 otherwise. */
size_t utf8_width(Text text);

#endif
