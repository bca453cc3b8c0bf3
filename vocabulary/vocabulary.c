#include "vocabulary/vocabulary.h"

#include <string.h>

static const VocabularyRow rows[WORD_COUNT] = {
#define WORD(id_, word_, scopes_, body_, cardinality_, aws_, help_, example_, ...) \
    [W_##id_] = {.id = W_##id_, .word = word_, .scopes = scopes_, .body = body_, .cardinality = cardinality_, .aws = aws_, \
                 .help = help_, .example = example_, .arguments = {__VA_ARGS__}},
#include "vocabulary/words.def"
#undef WORD
};

/* A byte for each word, found by memchr: a lookup touches one or two rows instead of all. The compiler folds it for the table. */
#define WORD_HASH(length, first, middle) (uint8_t)((length) * 37u + (unsigned char)(first) * 5u + (unsigned char)(middle) * 11u)

static const uint8_t hashes[WORD_COUNT] = {
#define WORD(id_, word_, ...) [W_##id_] = WORD_HASH(sizeof(word_) - 1, (word_)[0], (word_)[(sizeof(word_) - 1) / 2]),
#include "vocabulary/words.def"
#undef WORD
};

static const char *const scope_labels[SCOPE_COUNT] = {
#define X(name, label) [SCOPE_##name] = label,
    VOCABULARY_SCOPES(X)
#undef X
};

const VocabularyRow *vocabulary_row(WordId id)
{
    return id < WORD_COUNT ? &rows[id] : NULL;
}

static ScopeSet scope_bit(Scope scope)
{
    return scope < SCOPE_COUNT ? (ScopeSet)1 << scope : 0;
}

/* A row of the scope itself wins over one that may stand anywhere: `in 300s` in `track` is no layer. */
static const VocabularyRow *find_listed(Scope scope, Text word)
{
    if (word.len == 0)
        return NULL;
    uint8_t hash = WORD_HASH(word.len, word.ptr[0], word.ptr[word.len / 2]);
    const VocabularyRow *anywhere = NULL;
    const uint8_t *end = hashes + WORD_COUNT;
    for (const uint8_t *at = hashes; at < end && (at = memchr(at, hash, (size_t)(end - at))); at++) {
        const VocabularyRow *row = &rows[at - hashes];
        if (!(row->scopes & scope_bit(scope)) || strlen(row->word) != word.len || memcmp(row->word, word.ptr, word.len) != 0)
            continue;
        if (row->scopes != IN_ANY)
            return row;
        anywhere = row;
    }
    return anywhere;
}

const VocabularyRow *vocabulary_find(Scope scope, Text word)
{
    const VocabularyRow *row = find_listed(scope, word);
    return row ? row : vocabulary_entry(scope);
}

const VocabularyRow *vocabulary_entry(Scope scope)
{
    uint8_t hash = WORD_HASH(0, '\0', '\0');
    const uint8_t *end = hashes + WORD_COUNT;
    for (const uint8_t *at = hashes; at < end && (at = memchr(at, hash, (size_t)(end - at))); at++) {
        const VocabularyRow *row = &rows[at - hashes];
        if (row->word[0] == '\0' && (row->scopes & scope_bit(scope)))
            return row;
    }
    return NULL;
}

const VocabularyRow *vocabulary_suggest(Scope scope, Text word)
{
    size_t best = word.len / 3 > 2 ? word.len / 3 : 2;
    /* A short word changed in two places is another word. */
    if (word.len <= 4)
        best = 1;
    const VocabularyRow *nearest = NULL;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (!(rows[i].scopes & scope_bit(scope)) || rows[i].word[0] == '\0')
            continue;
        size_t distance = text_edit_distance(word, text_from_c(rows[i].word), best);
        if (distance > best || (nearest && distance == best))
            continue;
        best = distance;
        nearest = &rows[i];
    }
    return nearest;
}

size_t vocabulary_argument_count(const VocabularyRow *row)
{
    size_t count = 0;
    while (count < ARGUMENTS_MAX && row->arguments[count].name)
        count++;
    return count;
}

bool vocabulary_allows(const VocabularyRow *row, Scope scope)
{
    return (row->scopes & scope_bit(scope)) != 0;
}

const char *vocabulary_scope_label(Scope scope)
{
    return scope < SCOPE_COUNT ? scope_labels[scope] : "";
}

bool vocabulary_next_value(const Argument *argument, size_t *cursor, Text *word, Text *aws)
{
    const char *at = argument->values ? argument->values + *cursor : "";
    while (*at == ' ')
        at++;
    if (*at == '\0')
        return false;
    word->ptr = at;
    while (*at != '\0' && *at != ' ' && *at != '=')
        at++;
    word->len = (size_t)(at - word->ptr);
    *aws = *word;
    if (*at == '=') {
        aws->ptr = ++at;
        while (*at != '\0' && *at != ' ')
            at++;
        aws->len = (size_t)(at - aws->ptr);
    }
    *cursor = (size_t)(at - argument->values);
    return true;
}

bool vocabulary_find_value(const Argument *argument, Text word, Text *out)
{
    size_t cursor = 0;
    Text value;
    Text aws;
    while (vocabulary_next_value(argument, &cursor, &value, &aws)) {
        if (text_equal(value, word)) {
            *out = aws;
            return true;
        }
    }
    return false;
}
