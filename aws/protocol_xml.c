/* Answers in XML, of the query protocol and EC2's. */
#include "aws/protocol_parts.h"
#include "base/json_read.h"
#include "base/utf8.h"

enum {
    DEPTH_MAX = 64,
    NODES_MAX = 1000 * 1000,
};

typedef struct XmlNode {
    Text name; /* without its prefix */
    Text text; /* of a node without children */
    struct XmlNode *first;
    struct XmlNode *last;
    struct XmlNode *next;
} XmlNode;

/* --- the tree --- */

typedef struct XmlBuilder {
    Arena *arena;
    const AwsExpat *expat;
    XML_Parser parser;
    XmlNode *open[DEPTH_MAX];
    size_t depth;
    size_t count;
    XmlNode *root;
    Buffer text;
    const char *refusal;
} XmlBuilder;

static void refuse(XmlBuilder *builder, const char *why)
{
    if (!builder->refusal)
        builder->refusal = why;
    (void)builder->expat->XML_StopParser_(builder->parser, XML_FALSE);
}

static void XMLCALL begin_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    XmlBuilder *builder = user;
    if (builder->depth == DEPTH_MAX || ++builder->count > NODES_MAX) {
        refuse(builder, builder->depth == DEPTH_MAX ? "it goes deeper than 64 elements" : "it has more than a million elements");
        return;
    }
    XmlNode *node = ARENA_NEW(builder->arena, XmlNode);
    Text full = text_from_c(name);
    size_t colon = text_find_byte(full, ':');
    node->name = arena_copy_text(builder->arena, colon < full.len ? text_slice(full, colon + 1, full.len) : full);
    XmlNode *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
    if (!parent)
        builder->root = node;
    else if (parent->last)
        parent->last = parent->last->next = node;
    else
        parent->first = parent->last = node;
    builder->open[builder->depth++] = node;
    buffer_clear(&builder->text);
}

static void XMLCALL add_characters(void *user, const XML_Char *bytes, int length)
{
    XmlBuilder *builder = user;
    buffer_add(&builder->text, (Text){bytes, (size_t)length});
}

static void XMLCALL end_element(void *user, const XML_Char *name)
{
    (void)name;
    XmlBuilder *builder = user;
    XmlNode *node = builder->open[--builder->depth];
    if (!node->first)
        node->text = arena_copy_text(builder->arena, buffer_text(&builder->text));
    buffer_clear(&builder->text);
}

/* AWS's answers have none; without it there are no entities but the five, and nothing grows when it is read. */
static void XMLCALL begin_doctype(void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public, int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    refuse(user, "it has a document type");
}

/* The root; NULL with *reason. */
static XmlNode *read_tree(Arena *scratch, Arena *arena, AwsExpat *expat, Text body, Text *reason)
{
    enum { PIECE_BYTES = 1 << 24 }; /* expat counts in int */
    if (!aws_library_load_expat(arena, expat, reason))
        return NULL;
    XmlBuilder builder = {.arena = scratch, .expat = expat, .parser = expat->XML_ParserCreate_("UTF-8")};
    expat->XML_SetUserData_(builder.parser, &builder);
    expat->XML_SetElementHandler_(builder.parser, begin_element, end_element);
    expat->XML_SetCharacterDataHandler_(builder.parser, add_characters);
    expat->XML_SetStartDoctypeDeclHandler_(builder.parser, begin_doctype);
    bool is_good = true;
    for (size_t at = 0; is_good && at <= body.len; at += PIECE_BYTES) {
        Text piece = text_slice(body, at, body.len - at < PIECE_BYTES ? body.len : at + PIECE_BYTES);
        is_good = expat->XML_Parse_(builder.parser, piece.ptr ? piece.ptr : "", (int)piece.len, at + piece.len == body.len) == XML_STATUS_OK;
    }
    if (!is_good) {
        const char *why = builder.refusal ? builder.refusal : expat->XML_ErrorString_(expat->XML_GetErrorCode_(builder.parser));
        *reason = arena_format(arena, "the answer is no XML of AWS's: %s", why);
    }
    expat->XML_ParserFree_(builder.parser);
    buffer_free(&builder.text);
    return is_good ? builder.root : NULL;
}

static const XmlNode *find_child(const XmlNode *node, Text name)
{
    for (const XmlNode *child = node ? node->first : NULL; child; child = child->next)
        if (text_equal(child->name, name))
            return child;
    return NULL;
}

/* --- values --- */

static Json *read_node(Arena *arena, SchemaShape shape, const XmlNode *node);

static Json *read_structure(Arena *arena, SchemaShape shape, const XmlNode *node)
{
    size_t count = schema_member_count(shape);
    JsonMember *members = ARENA_NEW_ARRAY(arena, JsonMember, count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        SchemaMember member = schema_member_at(shape, i);
        const XmlNode *child = find_child(node, member.wire);
        if (child)
            members[found++] = (JsonMember){member.name, read_node(arena, member.shape, child)};
    }
    return json_object_from(arena, members, found);
}

static Json *read_list(Arena *arena, SchemaShape shape, const XmlNode *node)
{
    Json *array = json_array(arena);
    for (const XmlNode *child = node->first; child; child = child->next)
        json_add(arena, array, read_node(arena, schema_list_element(shape), child));
    return array;
}

static Json *read_map(Arena *arena, SchemaShape shape, const XmlNode *node)
{
    Json *object = json_object(arena);
    for (const XmlNode *entry = node->first; entry; entry = entry->next) {
        const XmlNode *key = find_child(entry, TEXT("key"));
        const XmlNode *value = find_child(entry, TEXT("value"));
        if (key && value)
            json_set(arena, object, arena_copy_text(arena, key->text), read_node(arena, schema_map_value(shape), value));
    }
    return object;
}

/* The text where it is no number, as it may be in an answer that a test or a proxy made. */
static Json *read_number(Arena *arena, Text text)
{
    Arena scratch = {0};
    ReadJsonError error;
    Json *json = NULL;
    const ReadJson *read = json_read(&scratch, text_trim(text), &error);
    if (read && read->kind == READ_NUMBER)
        json = json_number(arena, read->number);
    else
        json = json_text(arena, arena_copy_text(arena, text));
    arena_free(&scratch);
    return json;
}

static Json *read_node(Arena *arena, SchemaShape shape, const XmlNode *node)
{
    switch (schema_shape_kind(shape)) {
    case SCHEMA_KIND_STRUCTURE: return read_structure(arena, shape, node);
    case SCHEMA_KIND_LIST: return read_list(arena, shape, node);
    case SCHEMA_KIND_MAP: return read_map(arena, shape, node);
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG:
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT: return read_number(arena, node->text);
    case SCHEMA_KIND_BOOLEAN: return json_bool(arena, text_equal_c(text_trim(node->text), "true"));
    case SCHEMA_KIND_TIMESTAMP: return json_text(arena, aws_read_moment_text(arena, arena_copy_text(arena, node->text)));
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB: break;
    }
    return json_text(arena, arena_copy_text(arena, node->text));
}

/* --- whole answers --- */

/* Each kind of answer writes it in its own way. */
static Text find_request_id(Arena *arena, const XmlNode *root)
{
    static const char *const names[] = {"RequestId", "RequestID", "requestId"};
    const XmlNode *places[] = {root, find_child(root, TEXT("ResponseMetadata"))};
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            const XmlNode *found = find_child(places[place], text_from_c(names[i]));
            if (found)
                return arena_copy_text(arena, found->text);
        }
    }
    return TEXT_NONE;
}

void aws_xml_read_answer(Arena *arena, AwsExpat *expat, const AwsOperation *operation, Text body, AwsRead *out)
{
    Arena scratch = {0};
    Text reason = TEXT_NONE;
    const SchemaOperation *called = &operation->operation;
    const XmlNode *root = read_tree(&scratch, arena, expat, body, &reason);
    const XmlNode *start = root;
    if (root && called->result_wrapper.len > 0)
        start = find_child(root, called->result_wrapper);
    if (!root && (called->has_output || text_trim(body).len > 0)) {
        *out = (AwsRead){.kind = AWS_READ_GARBLED, .message = reason};
    } else if (!start && called->has_output) {
        *out = (AwsRead){.kind = AWS_READ_GARBLED, .message = arena_format(arena, "the answer has no %.*s", TEXT_ARG(called->result_wrapper))};
    } else {
        out->kind = AWS_READ_OUTPUT;
        out->output = called->has_output ? read_structure(arena, called->output, start) : json_object(arena);
        out->request_id = find_request_id(arena, root);
    }
    arena_free(&scratch);
}

void aws_xml_read_error(Arena *arena, AwsExpat *expat, Text body, AwsRead *out)
{
    Arena scratch = {0};
    Text reason = TEXT_NONE;
    const XmlNode *root = read_tree(&scratch, arena, expat, body, &reason);
    const XmlNode *errors = find_child(root, TEXT("Errors"));
    const XmlNode *error = find_child(errors ? errors : root, TEXT("Error"));
    const XmlNode *code = find_child(error, TEXT("Code"));
    const XmlNode *message = find_child(error, TEXT("Message"));
    out->code = arena_copy_text(arena, code ? text_trim(code->text) : TEXT_NONE);
    out->message = arena_copy_text(arena, message ? message->text : TEXT_NONE);
    out->request_id = find_request_id(arena, root);
    arena_free(&scratch);
}
