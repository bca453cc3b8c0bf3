/* What AWS's APIs accept: operations, shapes, members and their limits, as constant tables.

   The tables come from the service models of botocore (tools/generate_schema.py) and from tools/schema_overlay.json, which adds what
   AWS documents and the models leave out. Nothing here allocates or changes; every Text and handle lives as long as the program.

   A path names a place inside a shape: members joined by dots, `[]` (or `[3]`) for the elements of a list, and any key for the values
   of a map: "containerDefinitions[].healthCheck.interval", "containerDefinitions[].dockerLabels.com.example.team" (the key of a map of
   plain values is all that follows). */
#ifndef SVC_SCHEMA_SCHEMA_H
#define SVC_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

typedef struct SchemaService SchemaService;

/* How requests and answers are written. Of several that a service offers, the first of this list. */
typedef enum SchemaProtocol {
    SCHEMA_PROTOCOL_JSON, /* POST / with X-Amz-Target: <target prefix>.<operation> */
    SCHEMA_PROTOCOL_QUERY, /* a form; answers in XML */
    SCHEMA_PROTOCOL_EC2, /* a form with EC2's own naming; answers in XML */
    SCHEMA_PROTOCOL_REST_JSON,
    SCHEMA_PROTOCOL_REST_XML,
} SchemaProtocol;

/* Empty texts where a service has no such thing. */
typedef struct SchemaServiceFacts {
    Text name; /* botocore's: "ecs", "elbv2", "application-autoscaling" */
    SchemaProtocol protocol;
    Text api_version;
    Text target_prefix;
    Text json_version; /* "1.0" or "1.1" */
    Text endpoint_prefix; /* of the host: "monitoring" for cloudwatch */
    Text signing_name;
    Text global_endpoint; /* "iam.amazonaws.com" */
    Text xml_namespace;
    bool query_mode; /* asked with x-amzn-query-mode, it gives the codes of errors that it gave when it spoke query */
} SchemaServiceFacts;

typedef enum SchemaKind {
    SCHEMA_KIND_STRUCTURE,
    SCHEMA_KIND_LIST,
    SCHEMA_KIND_MAP,
    SCHEMA_KIND_STRING,
    SCHEMA_KIND_INTEGER, /* 32 bits */
    SCHEMA_KIND_LONG, /* 64 bits */
    SCHEMA_KIND_DOUBLE,
    SCHEMA_KIND_FLOAT,
    SCHEMA_KIND_BOOLEAN,
    SCHEMA_KIND_BLOB, /* base64 in JSON and in forms */
    SCHEMA_KIND_TIMESTAMP,
} SchemaKind;

/* A shape at its place: the same shape may have other limits as another member. Copy it freely. */
typedef struct SchemaShape {
    const SchemaService *service;
    uint16_t index;
    uint16_t limits;
} SchemaShape;

typedef struct SchemaOperation {
    Text name;
    bool has_input;
    bool has_output;
    SchemaShape input; /* a structure; only if has_input */
    SchemaShape output; /* a structure; only if has_output */
    Text http_method;
    Text http_uri; /* "/" but for the rest protocols: "/schedules/{Name}" */
    Text result_wrapper; /* query: the XML element around the answer; else empty */
    /* Answers that come in pages; all empty for the others. */
    Text page_input;   /* the input's member that takes the token of the next page */
    Text page_output;  /* the output's member that gives it */
    Text page_more;    /* the output's member that says whether there is a next page; often none: then the token's absence does */
    Text page_results; /* what is gathered from all pages: paths in the output, parted by blanks */
} SchemaOperation;

/* Where the rest protocols put a member; SCHEMA_LOCATION_BODY for all others. */
typedef enum SchemaLocation {
    SCHEMA_LOCATION_BODY,
    SCHEMA_LOCATION_URI,
    SCHEMA_LOCATION_QUERY_STRING,
    SCHEMA_LOCATION_HEADER,
} SchemaLocation;

typedef struct SchemaMember {
    Text name;
    Text wire; /* its name in JSON, in answers in XML, and in what `location` says */
    Text query; /* its name in a form */
    SchemaShape shape;
    SchemaLocation location;
    bool required;
    bool deprecated;
    bool idempotency_token; /* AWS's SDKs fill it in when it is absent */
    bool flattened; /* the member's list or map has no element of its own around it; see also schema_shape_is_flattened */
    bool payload; /* rest: it is the whole body */
} SchemaMember;

/* Whether limits hold always, or only in one kind of use. */
typedef enum SchemaScope {
    SCHEMA_SCOPE_ALWAYS,
    SCHEMA_SCOPE_FARGATE,
} SchemaScope;

/* What a value must keep to. min and max bound a number's value, a string's length in characters, a blob's in bytes, the number of
   elements of a list or entries of a map. All three numbers count in units of 10^-scale: canaryPercent has min 1, max 1000, step 1
   and scale 1. */
typedef struct SchemaLimits {
    bool has_min;
    bool has_max;
    int64_t min;
    int64_t max;
    int64_t step; /* 0: any value between; else min plus a multiple of it */
    unsigned scale;
    /* PCRE2, for the whole value: compile with PCRE2_UTF, PCRE2_ANCHORED, PCRE2_ENDANCHORED and PCRE2_DOLLAR_ENDONLY, without PCRE2_UCP
       (\w and \d mean ASCII, as in the Java that the models are written for). Empty: none. */
    Text pattern;
    size_t enum_count; /* 0: any value. With schema_enum_value. */
    SchemaScope scope;
} SchemaLimits;

/* Services, ordered by name. `index` is below the count. */
size_t schema_service_count(void);
const SchemaService *schema_service_at(size_t index);
/* NULL when there is no such service. The name is botocore's. */
const SchemaService *schema_find_service(Text name);
SchemaServiceFacts schema_service_facts(const SchemaService *service);

/* Operations, ordered by name; names as AWS writes them ("RegisterTaskDefinition"). */
size_t schema_operation_count(const SchemaService *service);
SchemaOperation schema_operation_at(const SchemaService *service, size_t index);
/* False, and `out` untouched, when there is none. */
bool schema_find_operation(const SchemaService *service, Text name, SchemaOperation *out) __attribute__((warn_unused_result));

SchemaKind schema_shape_kind(SchemaShape shape);
/* AWS's name of the shape, such as "ContainerDefinition". */
Text schema_shape_name(SchemaShape shape);
/* The shape holds secrets: its value must never be shown. */
bool schema_shape_is_sensitive(SchemaShape shape);
/* A structure without members that takes any JSON. */
bool schema_shape_is_document(SchemaShape shape);
/* A list or map written without an element of its own around it, in forms and XML. */
bool schema_shape_is_flattened(SchemaShape shape);

/* Members of a structure, ordered by the bytes of their names; none for the other kinds. */
size_t schema_member_count(SchemaShape shape);
SchemaMember schema_member_at(SchemaShape shape, size_t index);
/* What goes through all members asks for each part by itself: there are many, and most documents have few of them. */
SchemaShape schema_member_shape(SchemaShape shape, size_t index);
bool schema_member_is_required(SchemaShape shape, size_t index);
size_t schema_required_count(SchemaShape shape);
/* Where the member of this name is; the count of members when there is none. `likely` is looked at first: any number will do. */
size_t schema_member_index(SchemaShape shape, Text name, size_t likely);
/* False, and `out` untouched, when there is none or the shape is no structure. */
bool schema_find_member(SchemaShape shape, Text name, SchemaMember *out) __attribute__((warn_unused_result));

/* Only of a list; and only of a map. In forms and XML, the parts of a map's entry are always "key" and "value". */
SchemaShape schema_list_element(SchemaShape shape);
SchemaShape schema_map_key(SchemaShape shape);
SchemaShape schema_map_value(SchemaShape shape);
/* The name of a list's elements in forms and XML; empty means "member" (query) or what the protocol has. */
Text schema_list_element_wire(SchemaShape shape);

/* False when nothing limits the value beyond its kind; `out` is then all zero. */
bool schema_shape_limits(SchemaShape shape, SchemaLimits *out);
/* The documentation that an overlay's limits rest on; empty: all is from the model, or nothing limits the value. */
Text schema_limits_source(SchemaShape shape);
/* The values allowed, in AWS's order; numbers are written in decimal. `index` is below the enum_count of the shape's limits. */
Text schema_enum_value(SchemaShape shape, size_t index);
/* True also when the shape has no enum. */
bool schema_enum_allows(SchemaShape shape, Text value);

/* The shape at `path` below `from`; the empty path is `from` itself. False, and `out` untouched, when it leads nowhere. */
bool schema_find_path_from(SchemaShape from, Text path, SchemaShape *out) __attribute__((warn_unused_result));
/* As above, from the input of an operation. */
bool schema_find_path(const SchemaService *service, Text operation, Text path, SchemaShape *out) __attribute__((warn_unused_result));

#endif
