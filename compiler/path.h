/* Dotted paths to values of a model: service.container.app.health.every.interval (SPEC.md, "Origins"). */
#ifndef SVC_COMPILER_PATH_H
#define SVC_COMPILER_PATH_H

#include "compiler/model.h"

/* A word of a body, with the key of the one that is meant where a path says it. */
typedef struct PathStep {
    const VocabularyRow *row;
    Text key;
    bool has_key;
} PathStep;

/* What of a statement a path ends at. */
typedef enum PathEnd { PATH_STATEMENT, PATH_ARGUMENT, PATH_LOW, PATH_HIGH } PathEnd;

/* The step that the path begins with in a body of `scope`, and what follows it. Keys are those of the children of `at`, the longest that fits; without
   a node a key is whatever stands up to the next point and is no word and no argument there. In a file a service may stand without its word. False when
   there is no such step. */
bool path_read_step(Scope scope, const Node *at, Text path, PathStep *out, Text *rest);
/* The argument that the rest of a path names: by its name, or none for a word's only one; then `min` or `max` of a range. False when it names none. */
bool path_read_argument(const VocabularyRow *row, Text rest, size_t *index, PathEnd *end);
/* The first child that the step means, or NULL. */
const Node *path_child(const Node *at, const PathStep *step);
/* Whether a path through the word may go on with this name: a word of its body or an argument. */
bool path_knows(const VocabularyRow *row, Text name);
/* Whether there may be several of what the step means. */
bool path_is_several(const PathStep *step);
/* The value of an argument, or the end of its range; NULL when it is absent. */
const Value *path_value(Arena *arena, const Value *value, PathEnd end);

#endif
