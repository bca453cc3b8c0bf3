/* Patterns that are no more than classes of bytes in a row, such as [a-z][a-z0-9-]{0,31}: most of those that names are held to. Their texts are told
   without PCRE2, which is then not even asked to compile them. */
#ifndef SVC_BASE_PATTERN_FORM_H
#define SVC_BASE_PATTERN_FORM_H

#include "base/text.h"

enum { PATTERN_FORM_ATOMS_MAX = 8 };

/* Bytes, a bit each; never one that is not of ASCII. */
typedef struct ByteSet {
    uint64_t bits[4];
} ByteSet;

/* So many bytes of a set. */
typedef struct PatternAtom {
    ByteSet bytes;
    uint32_t min;
    uint32_t max;
} PatternAtom;

typedef struct PatternForm {
    ByteSet first; /* what the first byte of a text may be, beside what its atom says */
    ByteSet last;
    size_t count; /* 0: the pattern is none of these */
    PatternAtom atoms[PATTERN_FORM_ATOMS_MAX];
} PatternForm;

/* Reads a pattern of PCRE2 that is to match a whole text. Returns a form without atoms when it is more than this; a pattern with a form is one that
   PCRE2 compiles. */
PatternForm pattern_form_read(Text pattern);
/* True only if the pattern matches the whole text; false says nothing: ask PCRE2. */
bool pattern_form_accepts(const PatternForm *form, Text text);

#endif
