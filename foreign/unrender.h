/* Documents back to statements: the opposite of emit/shape.c. The vocabulary says which word sets which member of AWS, so a document can be written
   as the statements that come to it. */
#ifndef SVC_FOREIGN_UNRENDER_H
#define SVC_FOREIGN_UNRENDER_H

#include "base/buffer.h"
#include "document/json.h"
#include "vocabulary/vocabulary.h"

/* A value that the document leaves to a pipeline, and the file to a parameter. */
typedef struct ImportParameter {
    Text name;
    const char *type;  /* as svc writes it: "string", "vcpu", or a refined type */
    Text written;      /* what stands in the document */
} ImportParameter;

typedef struct Unrender {
    Arena *arena;
    const char *shape;      /* the shape that the root is: "task" or "service" */
    Json *root;
    Text account, region;   /* of the environment; empty when not known */
    bool is_exact;          /* what svc does by itself and AWS does not is switched off where the document does not say it */
    bool is_windows;
    bool has_service;       /* the ECS service is known too */
    Text name;              /* of the element whose body is being written, such as a container */
    ARRAY(ImportParameter) parameters;
} Unrender;

/* Writes a word's statement for what the document says at `here`, and takes that away. Nothing is written and nothing taken where it does not fit. */
typedef void UnrenderWord(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here);

/* Words that are more than one member, by hand; the table ends with a NULL function. */
typedef struct UnrenderRow {
    WordId word;
    UnrenderWord *write;
} UnrenderRow;
extern const UnrenderRow unrender_words[];

/* Writes the statements of a body of `scope` that the object comes to, one a line, and takes what they say out of the object. What no word can say stays. */
void unrender_body(Unrender *unrender, Buffer *out, Scope scope, Json *here);
/* Writes what the row's own paths lead to, as unrender_body does for words that are not in unrender_words. */
void unrender_row(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here);
/* Writes a statement's body behind its head: what is short in one line. */
void unrender_add_body(Buffer *out, const VocabularyRow *row, const Buffer *body);
/* Writes `aws SHAPE { member: value, … }` with all that is left in the object; nothing when that is empty. `shape` NULL is left out. */
void unrender_rest(Unrender *unrender, Buffer *out, const char *shape, const Json *rest);

/* A string as svc writes it. */
void unrender_text(Buffer *out, Text text);
/* What a comment says, in one line whatever the document says. */
void unrender_comment(Buffer *out, Text text);
/* A name where the form allows it, otherwise a string. */
void unrender_name(Buffer *out, Text text);
/* The value of a text member: a string, or a parameter in its place; false when it is neither. */
bool unrender_string(Unrender *unrender, Buffer *out, const Json *json, const char *type);

/* A part of a text, such as an image's tag: a string, or a parameter where somebody fills it in. */
void unrender_part(Unrender *unrender, Buffer *out, Text text, const char *type);

/* A copy without nulls, empty lists and empty objects, none of which say anything, and without the tags that svc and AWS set themselves. NULL when nothing is left. */
Json *unrender_copy(Arena *arena, const Json *json);

#endif
