/* The rows that tools/generate_schema.py writes. Private to schema/: other rooms use schema.h.
   Rows hold numbers instead of pointers, so that the program starts without relocating them. */
#ifndef SVC_SCHEMA_SCHEMA_TABLES_H
#define SVC_SCHEMA_SCHEMA_TABLES_H

#include "schema/schema.h"

/* A text lies inside one row of the pool: ISO C promises no longer string literals than 4095 bytes. */
#define SCHEMA_CHUNK_BYTES 4096

typedef struct SchemaTextRow {
    uint32_t offset; /* chunk * SCHEMA_CHUNK_BYTES + place in the chunk */
    uint16_t length; /* bytes */
} SchemaTextRow;

/* Row 0 means no limits. Numbers are min / 10^scale. */
typedef struct SchemaLimitsRow {
    int64_t min;
    int64_t max;
    int32_t step;
    uint8_t has; /* bit 0: min, bit 1: max */
    uint8_t scale;
    uint8_t scope; /* SchemaScope */
    uint16_t pattern; /* text */
    uint16_t enum_first; /* row of enums */
    uint16_t enum_count;
    uint16_t source; /* text */
} SchemaLimitsRow;

enum {
    SCHEMA_MEMBER_REQUIRED = 1 << 0,
    SCHEMA_MEMBER_DEPRECATED = 1 << 1,
    SCHEMA_MEMBER_IDEMPOTENCY_TOKEN = 1 << 2,
    SCHEMA_MEMBER_FLATTENED = 1 << 3,
    SCHEMA_MEMBER_PAYLOAD = 1 << 4,
    SCHEMA_MEMBER_LOCATION_SHIFT = 8, /* above: SchemaLocation */
    SCHEMA_SHAPE_SENSITIVE = 1 << 0,
    SCHEMA_SHAPE_DOCUMENT = 1 << 1,
    SCHEMA_SHAPE_FLATTENED = 1 << 2,
};

typedef struct SchemaMemberRow {
    uint16_t name;
    uint16_t wire;
    uint16_t query;
    uint16_t shape;
    uint16_t limits; /* of this member alone, the shape's included; 0: as the shape */
    uint16_t flags;
} SchemaMemberRow;

typedef struct SchemaShapeRow {
    uint16_t name;
    uint8_t kind;
    uint8_t flags;
    uint16_t first; /* structure: first row of members; list: element; map: value */
    uint16_t count; /* structure: number of members; map: key */
    uint16_t wire; /* list: element's name */
    uint16_t limits;
} SchemaShapeRow;

typedef struct SchemaOperationRow {
    uint16_t name;
    uint16_t input; /* shape + 1; 0: none */
    uint16_t output;
    uint16_t method;
    uint16_t uri;
    uint16_t wrapper;
    uint16_t page_input;
    uint16_t page_output;
    uint16_t page_more;
    uint16_t page_results;
} SchemaOperationRow;

/* Members of a structure, operations of a service: ordered by the bytes of their names. Enums keep AWS's order. */
struct SchemaService {
    const char (*pool)[SCHEMA_CHUNK_BYTES];
    const SchemaTextRow *texts;
    const uint16_t *enums;
    const SchemaLimitsRow *limits;
    const SchemaMemberRow *members;
    const SchemaShapeRow *shapes;
    const SchemaOperationRow *operations;
    uint16_t shape_count;
    uint16_t operation_count;
    uint16_t name; /* this and all below are texts, but protocol */
    uint16_t protocol;
    uint16_t api_version;
    uint16_t target_prefix;
    uint16_t json_version;
    uint16_t endpoint_prefix;
    uint16_t signing_name;
    uint16_t global_endpoint;
    uint16_t xml_namespace;
    uint16_t query_mode;
};

#define SCHEMA_SERVICE(name) extern const SchemaService schema_service_##name;
#include "schema/schema_services.def"
#undef SCHEMA_SERVICE

#endif
