/* JSON trees with origins: what svc renders. Numbers are exact; every node may know the .svc place it came from, and may
   stand for a value that only AWS knows. Written with keys in byte order. */
#ifndef SVC_DOCUMENT_JSON_H
#define SVC_DOCUMENT_JSON_H

#include "base/array.h"
#include "base/buffer.h"
#include "base/json_read.h"
#include "base/rational.h"
#include "diagnostics/source.h"

/* libjansson has functions of these names: ours get others in the object code, so that it never calls them and can be linked as an archive. */
#define json_null svc_json_null
#define json_array svc_json_array
#define json_object svc_json_object
#define json_integer svc_json_integer
#define json_equal svc_json_equal

typedef struct Json Json;

typedef enum JsonKind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_REFERENCE, /* an attribute of a resource or of something looked up */
    JSON_JOINED,    /* texts and references that make one string */
    JSON_EMBEDDED,  /* a document inside a string, such as DashboardBody */
    JSON_UNKNOWN,   /* something that is set, to a value that nobody knows yet: a parameter that was not given, a placeholder that a pipeline
                       fills, a function of CloudFormation. text is what stands there. Judged by nothing but its being there. */
} JsonKind;

typedef struct JsonMember {
    Text key;
    Json *value;
} JsonMember;

/* What a reference names. */
typedef struct JsonReference {
    Text resource;  /* Resource.id or Lookup.id */
    Text attribute; /* arn, id, name, full-name, dns-name, vpc-id, private-subnets, public-subnets … */
    Text known;     /* the value when it can be told without AWS; otherwise empty */
} JsonReference;

/* A description has hundreds of these: what only few kinds need stands beside. */
struct Json {
    JsonKind kind;
    Span origin; /* SPAN_NONE when it was derived */
    union {
        bool boolean;
        Rational number;
        Text text;                   /* text, unknown */
        ARRAY(Json *) items;         /* array, joined */
        ARRAY(JsonMember) members;   /* object; kept in byte order of the keys, so add only by json_set */
        const JsonReference *reference;
        Json *embedded;
    };
};

/* Constructors; everything lives in the arena, texts are not copied. */
Json *json_null(Arena *arena);
Json *json_bool(Arena *arena, bool value);
Json *json_integer(Arena *arena, int64_t value);
Json *json_number(Arena *arena, Rational value);
Json *json_text(Arena *arena, Text text);
static inline Json *json_text_c(Arena *arena, const char *text)
{
    return json_text(arena, text_from_c(text));
}
Json *json_array(Arena *arena);
Json *json_object(Arena *arena);
/* Attributes of a resource that a reference can name, beside those that only some kinds have (full-name, dns-name, zone-id). */
#define ATTRIBUTE_ARN "arn"
#define ATTRIBUTE_NAME "name"
#define ATTRIBUTE_ID "id"
/* Rendered as `known`, or as svc:unknown:<resource>#<attribute> when that is empty. */
Json *json_reference(Arena *arena, Text resource, Text attribute, Text known);
Json *json_joined(Arena *arena);
Json *json_embedded(Arena *arena, Json *document);
Json *json_unknown(Arena *arena, Text written);
/* Sets the origin and returns the node. */
Json *json_at(Json *json, Span origin);

/* A copy of the node that shares what is below it; its items or members can be changed without changing the other's. */
Json *json_copy_node(Arena *arena, const Json *json);

/* Objects: setting an existing key replaces its value. `value` NULL is ignored. */
void json_set(Arena *arena, Json *object, Text key, Json *value);
static inline void json_set_c(Arena *arena, Json *object, const char *key, Json *value)
{
    json_set(arena, object, text_from_c(key), value);
}
/* Sets it only where the object has no such member yet: what was said wins over what is derived. */
void json_set_default(Arena *arena, Json *object, const char *key, Json *value);
/* Nothing happens where there is no such member. */
void json_remove(Json *object, Text key);
void json_remove_c(Json *object, const char *key);
Json *json_get(const Json *object, Text key); /* NULL when absent or not an object */
static inline Json *json_get_c(const Json *object, const char *key)
{
    return json_get(object, text_from_c(key));
}
/* Appends to an array or to a joined string. NULL is ignored. */
void json_add(Arena *arena, Json *array, Json *item);
/* The node at a path such as "healthCheck.interval" below an object, making objects on the way. NULL if something else is in the way. */
Json *json_make_path(Arena *arena, Json *object, Text path);
/* Sorts an array of objects by the text member `key`, and equal ones by their order. */
void json_sort_by(Json *array, const char *key);
bool json_equal(const Json *a, const Json *b);
size_t json_length(const Json *json); /* items or members */
/* Elements of an array; 0 for all else: an `aws` block and a document may say anything where a list belongs. */
size_t json_item_count(const Json *json);
/* An object of members that are in no order yet; of equal keys the last one stays. Much quicker than one json_set after the other. Takes the storage. */
Json *json_object_from(Arena *arena, JsonMember *members, size_t count);
/* The same tree as these plain data, without origins; texts are shared. */
Json *json_from_read(Arena *arena, const ReadJson *read);
/* Where the key stands: only a key that is a part of its file's text, as the reader of other people's files leaves it, can be found. SPAN_NONE for any
   other. */
Span json_key_origin(const Sources *sources, const JsonMember *member);

/* Writes with keys sorted by byte order. indent 0 is compact; otherwise that many blanks a level and a newline at the end. */
void json_write(Buffer *out, const Json *json, unsigned indent);
/* No fewer bytes than json_write makes with indent 0: what only has to be short enough need not be written. */
size_t json_most_bytes(const Json *json);

#endif
