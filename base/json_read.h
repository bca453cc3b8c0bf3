/* JSON that machines wrote, read by jansson into plain data in an arena. */
#ifndef SVC_BASE_JSON_READ_H
#define SVC_BASE_JSON_READ_H

#include "base/array.h"
#include "base/rational.h"

typedef enum ReadJsonKind { READ_NULL, READ_BOOL, READ_NUMBER, READ_TEXT, READ_ARRAY, READ_OBJECT } ReadJsonKind;

typedef struct ReadJson ReadJson;

typedef struct ReadJsonMember {
    Text key;
    ReadJson *value;
} ReadJsonMember;

struct ReadJson {
    ReadJsonKind kind;
    union {
        bool boolean;
        Rational number;
        Text text;
        ARRAY(ReadJson *) items;
        ARRAY(ReadJsonMember) members; /* in the order of the text */
    };
};

typedef struct ReadJsonError {
    Text reason; /* what is wrong, as jansson says it */
    size_t offset; /* in bytes, near the mistake */
} ReadJsonError;

/* Strict JSON in UTF-8: no key twice in one object, nothing after the value. Numbers are exact up to 15 digits. NULL with *error. */
ReadJson *json_read(Arena *arena, Text text, ReadJsonError *error);
/* A member of an object; NULL when it is absent or json is NULL or no object. */
const ReadJson *json_read_member(const ReadJson *json, const char *key);
/* The text, or the empty one when json is NULL or something else. */
Text json_read_text(const ReadJson *json);

#endif
