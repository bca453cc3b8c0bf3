#include "schema/schema.h"

#include <assert.h>

#include "schema/schema_tables.h"

static const SchemaService *const services[] = {
#define SCHEMA_SERVICE(name) &schema_service_##name,
#include "schema/schema_services.def"
#undef SCHEMA_SERVICE
};

#define SERVICE_COUNT (sizeof services / sizeof services[0])

static Text text_at(const SchemaService *service, uint16_t index)
{
    const SchemaTextRow row = service->texts[index];
    return (Text){service->pool[row.offset / SCHEMA_CHUNK_BYTES] + row.offset % SCHEMA_CHUNK_BYTES, row.length};
}

static SchemaShape shape_at(const SchemaService *service, uint16_t index)
{
    return (SchemaShape){service, index, service->shapes[index].limits};
}

static const SchemaShapeRow *row_of(SchemaShape shape)
{
    return &shape.service->shapes[shape.index];
}

size_t schema_service_count(void)
{
    return SERVICE_COUNT;
}

const SchemaService *schema_service_at(size_t index)
{
    assert(index < SERVICE_COUNT);
    return services[index];
}

const SchemaService *schema_find_service(Text name)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        if (text_equal(text_at(services[i], services[i]->name), name))
            return services[i];
    }
    return NULL;
}

SchemaServiceFacts schema_service_facts(const SchemaService *service)
{
    return (SchemaServiceFacts){
        .name = text_at(service, service->name),
        .protocol = (SchemaProtocol)service->protocol,
        .api_version = text_at(service, service->api_version),
        .target_prefix = text_at(service, service->target_prefix),
        .json_version = text_at(service, service->json_version),
        .endpoint_prefix = text_at(service, service->endpoint_prefix),
        .signing_name = text_at(service, service->signing_name),
        .global_endpoint = text_at(service, service->global_endpoint),
        .xml_namespace = text_at(service, service->xml_namespace),
        .query_mode = service->query_mode != 0,
    };
}

size_t schema_operation_count(const SchemaService *service)
{
    return service->operation_count;
}

SchemaOperation schema_operation_at(const SchemaService *service, size_t index)
{
    assert(index < service->operation_count);
    const SchemaOperationRow *row = &service->operations[index];
    SchemaOperation operation = {
        .name = text_at(service, row->name),
        .has_input = row->input != 0,
        .has_output = row->output != 0,
        .http_method = text_at(service, row->method),
        .http_uri = text_at(service, row->uri),
        .result_wrapper = text_at(service, row->wrapper),
        .page_input = text_at(service, row->page_input),
        .page_output = text_at(service, row->page_output),
        .page_more = text_at(service, row->page_more),
        .page_results = text_at(service, row->page_results),
    };
    if (operation.has_input) {
        operation.input = shape_at(service, (uint16_t)(row->input - 1));
    }
    if (operation.has_output) {
        operation.output = shape_at(service, (uint16_t)(row->output - 1));
    }
    return operation;
}

bool schema_find_operation(const SchemaService *service, Text name, SchemaOperation *out)
{
    size_t low = 0;
    size_t high = service->operation_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(name, text_at(service, service->operations[middle].name));
        if (order == 0) {
            *out = schema_operation_at(service, middle);
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

SchemaKind schema_shape_kind(SchemaShape shape)
{
    return (SchemaKind)row_of(shape)->kind;
}

Text schema_shape_name(SchemaShape shape)
{
    return text_at(shape.service, row_of(shape)->name);
}

bool schema_shape_is_sensitive(SchemaShape shape)
{
    return (row_of(shape)->flags & SCHEMA_SHAPE_SENSITIVE) != 0;
}

bool schema_shape_is_document(SchemaShape shape)
{
    return (row_of(shape)->flags & SCHEMA_SHAPE_DOCUMENT) != 0;
}

bool schema_shape_is_flattened(SchemaShape shape)
{
    return (row_of(shape)->flags & SCHEMA_SHAPE_FLATTENED) != 0;
}

size_t schema_member_count(SchemaShape shape)
{
    return schema_shape_kind(shape) == SCHEMA_KIND_STRUCTURE ? row_of(shape)->count : 0;
}

static const SchemaMemberRow *member_row(SchemaShape shape, size_t index)
{
    assert(index < schema_member_count(shape));
    return &shape.service->members[row_of(shape)->first + index];
}

SchemaShape schema_member_shape(SchemaShape shape, size_t index)
{
    const SchemaMemberRow *row = member_row(shape, index);
    SchemaShape own = shape_at(shape.service, row->shape);
    if (row->limits != 0) {
        own.limits = row->limits;
    }
    return own;
}

bool schema_member_is_required(SchemaShape shape, size_t index)
{
    return (member_row(shape, index)->flags & SCHEMA_MEMBER_REQUIRED) != 0;
}

size_t schema_required_count(SchemaShape shape)
{
    const SchemaMemberRow *rows = shape.service->members + row_of(shape)->first;
    const size_t members = schema_member_count(shape);
    size_t count = 0;
    for (size_t i = 0; i < members; i++) {
        count += rows[i].flags & SCHEMA_MEMBER_REQUIRED;
    }
    return count;
}

size_t schema_member_index(SchemaShape shape, Text name, size_t likely)
{
    const SchemaMemberRow *rows = shape.service->members + row_of(shape)->first;
    const size_t count = schema_member_count(shape);
    size_t low = 0;
    size_t high = count;
    if (likely < count && text_equal(name, text_at(shape.service, rows[likely].name)))
        return likely;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(name, text_at(shape.service, rows[middle].name));
        if (order == 0)
            return middle;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return count;
}

SchemaMember schema_member_at(SchemaShape shape, size_t index)
{
    const SchemaService *service = shape.service;
    const SchemaMemberRow *row = member_row(shape, index);
    return (SchemaMember){
        .name = text_at(service, row->name),
        .wire = text_at(service, row->wire),
        .query = text_at(service, row->query),
        .shape = schema_member_shape(shape, index),
        .location = (SchemaLocation)(row->flags >> SCHEMA_MEMBER_LOCATION_SHIFT),
        .required = (row->flags & SCHEMA_MEMBER_REQUIRED) != 0,
        .deprecated = (row->flags & SCHEMA_MEMBER_DEPRECATED) != 0,
        .idempotency_token = (row->flags & SCHEMA_MEMBER_IDEMPOTENCY_TOKEN) != 0,
        .flattened = (row->flags & SCHEMA_MEMBER_FLATTENED) != 0,
        .payload = (row->flags & SCHEMA_MEMBER_PAYLOAD) != 0,
    };
}

bool schema_find_member(SchemaShape shape, Text name, SchemaMember *out)
{
    const size_t index = schema_member_index(shape, name, SIZE_MAX);
    if (index == schema_member_count(shape))
        return false;
    *out = schema_member_at(shape, index);
    return true;
}

SchemaShape schema_list_element(SchemaShape shape)
{
    assert(schema_shape_kind(shape) == SCHEMA_KIND_LIST);
    return shape_at(shape.service, row_of(shape)->first);
}

SchemaShape schema_map_key(SchemaShape shape)
{
    assert(schema_shape_kind(shape) == SCHEMA_KIND_MAP);
    return shape_at(shape.service, row_of(shape)->count);
}

SchemaShape schema_map_value(SchemaShape shape)
{
    assert(schema_shape_kind(shape) == SCHEMA_KIND_MAP);
    return shape_at(shape.service, row_of(shape)->first);
}

Text schema_list_element_wire(SchemaShape shape)
{
    assert(schema_shape_kind(shape) == SCHEMA_KIND_LIST);
    return text_at(shape.service, row_of(shape)->wire);
}

bool schema_shape_limits(SchemaShape shape, SchemaLimits *out)
{
    const SchemaLimitsRow *row = &shape.service->limits[shape.limits];
    *out = (SchemaLimits){
        .has_min = (row->has & 1) != 0,
        .has_max = (row->has & 2) != 0,
        .min = row->min,
        .max = row->max,
        .step = row->step,
        .scale = row->scale,
        .pattern = text_at(shape.service, row->pattern),
        .enum_count = row->enum_count,
        .scope = (SchemaScope)row->scope,
    };
    return shape.limits != 0;
}

Text schema_limits_source(SchemaShape shape)
{
    return text_at(shape.service, shape.service->limits[shape.limits].source);
}

Text schema_enum_value(SchemaShape shape, size_t index)
{
    const SchemaLimitsRow *row = &shape.service->limits[shape.limits];
    assert(index < row->enum_count);
    return text_at(shape.service, shape.service->enums[row->enum_first + index]);
}

bool schema_enum_allows(SchemaShape shape, Text value)
{
    const size_t count = shape.service->limits[shape.limits].enum_count;
    for (size_t i = 0; i < count; i++) {
        if (text_equal(schema_enum_value(shape, i), value))
            return true;
    }
    return count == 0;
}

/* The end of the member's name or map's key that starts at `start`. */
static size_t segment_end(Text path, size_t start)
{
    size_t end = start;
    while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != '[') {
        end++;
    }
    return end;
}

/* Goes past one `[]` or `[3]` at `*position`; false when it is no such thing. */
static bool skip_index(Text path, size_t *position)
{
    size_t at = *position + 1;
    while (at < path.len && byte_is_digit(path.ptr[at])) {
        at++;
    }
    if (at >= path.len || path.ptr[at] != ']')
        return false;
    *position = at + 1;
    return true;
}

static bool is_nested(SchemaShape shape)
{
    const SchemaKind kind = schema_shape_kind(shape);
    return kind == SCHEMA_KIND_STRUCTURE || kind == SCHEMA_KIND_LIST || kind == SCHEMA_KIND_MAP;
}

/* One step of a path, from `*shape` into what it holds; `*position` goes past the step and the dot before it. */
static bool take_step(Text path, size_t *position, SchemaShape *shape)
{
    const SchemaKind kind = schema_shape_kind(*shape);
    if (path.ptr[*position] == '[') {
        if (kind != SCHEMA_KIND_LIST || !skip_index(path, position))
            return false;
        *shape = schema_list_element(*shape);
        return true;
    }
    if (*position > 0) {
        if (path.ptr[*position] != '.')
            return false;
        (*position)++;
    }
    /* Keys such as Docker's labels have dots: where nothing can follow a key, it is the whole rest. */
    const bool whole = kind == SCHEMA_KIND_MAP && !is_nested(schema_map_value(*shape));
    const size_t end = whole ? path.len : segment_end(path, *position);
    const Text name = text_slice(path, *position, end);
    *position = end;
    if (name.len == 0)
        return false;
    if (kind == SCHEMA_KIND_MAP) {
        *shape = schema_map_value(*shape);
        return true;
    }
    SchemaMember member;
    if (!schema_find_member(*shape, name, &member))
        return false;
    *shape = member.shape;
    return true;
}

bool schema_find_path_from(SchemaShape from, Text path, SchemaShape *out)
{
    SchemaShape shape = from;
    size_t position = 0;
    while (position < path.len) {
        if (!take_step(path, &position, &shape))
            return false;
    }
    *out = shape;
    return true;
}

bool schema_find_path(const SchemaService *service, Text operation, Text path, SchemaShape *out)
{
    SchemaOperation found;
    return schema_find_operation(service, operation, &found) && found.has_input && schema_find_path_from(found.input, path, out);
}
