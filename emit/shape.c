/* The vocabulary's `.aws` paths to members of AWS shapes (SPEC.md, "How a word becomes a member"). */
#include "emit/aws_block.h"
#include "emit/emit.h"

#include <string.h>

/* --- values --- */

static const char *unit_label(TypeKind type, AwsForm form)
{
    if (type == TYPE_DURATION)
        return form == AWS_MINUTES ? "minutes" : form == AWS_DAYS ? "days" : "seconds";
    if (type == TYPE_SIZE)
        return form == AWS_GIB ? "GiB" : "MiB";
    return type == TYPE_VCPU ? "CPU units of 1/1024 vCPU" : type == TYPE_PERCENT ? "percent points" : "units";
}

/* A quantity in AWS's unit; NULL after a report when it is not whole there. */
static Json *quantity_json(Emission *emission, Rational number, TypeKind type, AwsForm form, Span span)
{
    Rational scaled;
    bool fits = type == TYPE_PERCENT ? rational_multiply(&scaled, number, rational_from_integer(100))
                                     : rational_divide(&scaled, number, rational_from_integer(unit_aws_factor(type, form)));
    if (fits && type == TYPE_NUMBER && rational_is_decimal(scaled))
        return json_at(json_number(emission->arena, scaled), span);
    if (!fits || !rational_is_whole(scaled)) {
        Text shown = unit_format_quantity(emission->arena, (Quantity){number, type});
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NOT_WHOLE, span, "%.*s is not a whole number of %s", TEXT_ARG(shown),
                                                   unit_label(type, form));
        diagnostic_set_label(emission->sink, diagnostic, "AWS takes whole %s here", unit_label(type, form));
        return NULL;
    }
    return json_at(form == AWS_TEXT ? json_text(emission->arena, arena_format(emission->arena, "%lld", (long long)scaled.num))
                                    : json_integer(emission->arena, scaled.num),
                   span);
}

static Json *value_json(Emission *emission, const Value *value, AwsForm form);

static Json *list_json(Emission *emission, const Value *value, AwsForm form)
{
    Json *list = json_at(json_array(emission->arena), value->span);
    for (size_t i = 0; i < value->count; i++)
        json_add(emission->arena, list, value_json(emission, value->items[i], form));
    return list;
}

static Json *map_json(Emission *emission, const Value *value)
{
    Json *map = json_at(json_object(emission->arena), value->span);
    for (size_t i = 0; i < value->entry_count; i++)
        json_set(emission->arena, map, value->entries[i].name, value_json(emission, value->entries[i].value, AWS_PLAIN));
    return map;
}

static Json *value_json(Emission *emission, const Value *value, AwsForm form)
{
    if (!value)
        return NULL;
    switch (value->kind) {
    case VALUE_STRING: return json_at(json_text(emission->arena, value->text), value->span);
    case VALUE_WORD: return json_at(json_text(emission->arena, value->aws.len ? value->aws : value->text), value->span);
    case VALUE_BOOL: {
        bool state = form == AWS_NOT ? !value->boolean : value->boolean;
        return json_at(form == AWS_TEXT ? json_text_c(emission->arena, state ? "true" : "false") : json_bool(emission->arena, state), value->span);
    }
    case VALUE_QUANTITY: return quantity_json(emission, value->number, value->type, form, value->span);
    case VALUE_LIST: return list_json(emission, value, form == AWS_LIST ? AWS_PLAIN : form);
    case VALUE_MAP: return map_json(emission, value);
    case VALUE_ERROR:
    case VALUE_UNKNOWN: return json_at(json_unknown(emission->arena, TEXT_NONE), value->span);
    case VALUE_NONE:
    case VALUE_RANGE:
    case VALUE_METRIC: break;
    }
    return NULL;
}

Json *shape_value(Emission *emission, const Argument *argument, const Value *value)
{
    Json *json = value_json(emission, value, argument->form);
    if (!json || argument->form != AWS_LIST || json->kind == JSON_ARRAY || json->kind == JSON_UNKNOWN)
        return json;
    Json *list = json_at(json_array(emission->arena), json->origin);
    json_add(emission->arena, list, json);
    return list;
}

/* --- places --- */

typedef struct Shape {
    Emission *emission;
    Json *root;
    Text name;
    bool has_flat_keys; /* an attribute map: a path is one key, a value is a text */
} Shape;

/* Where a row's members go. Made in the document only when something is set there, so that no empty object appears. */
typedef struct Place Place;
struct Place {
    const Place *outer;
    Text path;       /* below outer, without "[]" or "{}" */
    bool is_element; /* a new element of the list at path */
    Span span;       /* of the statement */
    Json **json;     /* what it was made to, shared by all that stands in it */
};

static Json *place_make(const Shape *shape, const Place *place)
{
    if (*place->json)
        return *place->json;
    Arena *arena = shape->emission->arena;
    Json *outer = place_make(shape, place->outer);
    if (!place->is_element) {
        *place->json = json_make_path(arena, outer, place->path);
        return *place->json;
    }
    size_t dot = place->path.len;
    while (dot > 0 && place->path.ptr[dot - 1] != '.')
        dot--;
    Json *holder = dot ? json_make_path(arena, outer, text_slice(place->path, 0, dot - 1)) : outer;
    Text key = text_slice(place->path, dot, place->path.len);
    Json *list = json_get(holder, key);
    if (!list) {
        list = json_array(arena);
        json_set(arena, holder, key, list);
    }
    *place->json = json_at(json_object(arena), place->span);
    json_add(arena, list, *place->json);
    return *place->json;
}

/* The part of a path after "shape:" when it is for this shape; *is_ours tells. A path without a shape is relative. */
static Text path_of_shape(const Shape *shape, const char *aws, bool *is_relative, bool *is_ours)
{
    Text path = text_from_c(aws);
    size_t colon = text_find_byte(path, ':');
    *is_relative = colon == path.len;
    *is_ours = !*is_relative && text_equal(text_slice(path, 0, colon), shape->name);
    return *is_relative ? path : text_slice(path, colon + 1, path.len);
}

static Json *as_text(Arena *arena, Json *value)
{
    if (value->kind == JSON_TEXT || value->kind == JSON_UNKNOWN)
        return value;
    Buffer out = {0};
    json_write(&out, value, 0);
    Json *text = json_at(json_text(arena, arena_copy_text(arena, buffer_text(&out))), value->origin);
    buffer_free(&out);
    return text;
}

static void set_member(const Shape *shape, const Place *place, Text path, Json *value)
{
    Arena *arena = shape->emission->arena;
    if (!value)
        return;
    if (shape->has_flat_keys) {
        json_set(arena, shape->root, path, as_text(arena, value));
        return;
    }
    size_t dot = path.len;
    while (dot > 0 && path.ptr[dot - 1] != '.')
        dot--;
    Json *holder = place_make(shape, place);
    if (dot)
        holder = json_make_path(arena, holder, text_slice(path, 0, dot - 1));
    json_set(arena, holder, text_slice(path, dot, path.len), value);
}

/* "8000-8010", as AWS writes a range in one member. */
static Json *range_text(Emission *emission, const Value *value, Rational low, Rational high)
{
    bool is_whole = rational_is_whole(low) && rational_is_whole(high);
    Text text = is_whole ? arena_format(emission->arena, "%lld-%lld", (long long)low.num, (long long)high.num) : TEXT_NONE;
    return is_whole ? json_at(json_text(emission->arena, text), value->span) : NULL;
}

/* "a.low..high" sets the siblings a.low and a.high. */
static void set_range(const Shape *shape, const Place *place, Text path, const Value *value, AwsForm form)
{
    size_t gap = text_find(path, TEXT(".."));
    size_t start = gap;
    while (start > 0 && path.ptr[start - 1] != '.')
        start--;
    Text parent = text_slice(path, 0, start);
    Rational low = value->kind == VALUE_RANGE ? value->low : value->number;
    Rational high = value->kind == VALUE_RANGE ? value->high : value->number;
    if (gap == path.len) {
        set_member(shape, place, path, range_text(shape->emission, value, low, high));
        return;
    }
    Text high_path = arena_join(shape->emission->arena, parent, text_slice(path, gap + 2, path.len));
    set_member(shape, place, text_slice(path, 0, gap), quantity_json(shape->emission, low, value->type, form, value->span));
    set_member(shape, place, high_path, quantity_json(shape->emission, high, value->type, form, value->span));
}

static void fill_argument(const Shape *shape, const Place *root, const Place *place, const Argument *argument, const Value *value)
{
    bool is_relative;
    bool is_ours;
    Text path = path_of_shape(shape, argument->aws, &is_relative, &is_ours);
    const Place *base = is_ours ? root : is_relative ? place : NULL;
    if (!base)
        return;
    if (value->kind == VALUE_RANGE || (argument->is_range && value->kind == VALUE_QUANTITY))
        set_range(shape, base, path, value, argument->form);
    else
        set_member(shape, base, path, shape_value(shape->emission, argument, value));
}

/* --- aws { … } --- */

/* Objects merge member by member; anything else is replaced. */
static void merge_object(Arena *arena, Json *into, const Json *from)
{
    for (size_t i = 0; i < from->members.count; i++) {
        const JsonMember *member = &from->members.items[i];
        Json *present = json_get(into, member->key);
        if (present && present->kind == JSON_OBJECT && member->value->kind == JSON_OBJECT)
            merge_object(arena, present, member->value);
        else
            json_set(arena, into, member->key, member->value);
    }
}

/* Whether an `aws` block is for this shape, and where it goes: without a shape's name it is for the statement it stands in. */
static const Place *aws_place(const Shape *shape, const Place *root, const Place *place, const Node *block)
{
    Text enclosing = text_from_c(block->parent && block->parent->row ? block->parent->row->word : "");
    Text wanted = aws_block_shape(block);
    if (text_equal(wanted, shape->name))
        return root;
    bool is_own = text_equal(wanted, enclosing) && place && place->is_element;
    return is_own ? place : NULL;
}

static void fill_aws(const Shape *shape, const Place *root, const Place *place, const Node *node)
{
    NODE_EACH(block, node, W_AWS)
    {
        const Value *members = node_argument(block, 1);
        const Place *target = aws_place(shape, root, place, block);
        if (target && members && members->kind == VALUE_MAP)
            merge_object(shape->emission->arena, place_make(shape, target), map_json(shape->emission, members));
    }
}

/* --- the walk --- */

static void fill_node(const Shape *shape, const Place *root, const Place *place, const Node *node);

/* An entry of an open map: argument 0 names the member, argument 1 is its value. */
static void fill_map_entry(const Shape *shape, const Place *map, const Node *entry)
{
    Json *value = shape_value(shape->emission, &entry->row->arguments[1], node_argument(entry, 1));
    if (value && node_text(entry, 0).len)
        json_set(shape->emission->arena, place_make(shape, map), node_text(entry, 0), as_text(shape->emission->arena, value));
}

/* Entries of "x[]" become elements in the order of their names, so that moving a line changes nothing. */
static void fill_entries(const Shape *shape, const Place *outer, Text path, const Node *node)
{
    Json *last = NULL;
    for (size_t i = 0; i < node->children.count; i++) {
        const Node *entry = node->children.items[i];
        const VocabularyRow *row = entry->row;
        Json *json = NULL;
        Place element = {.outer = outer, .path = path, .is_element = true, .span = entry->span, .json = &json};
        if (!row || row->word[0] != '\0' || !node_argument(entry, 1))
            continue;
        Json *value = shape_value(shape->emission, &row->arguments[1], node_argument(entry, 1));
        if (!value)
            continue;
        set_member(shape, &element, text_from_c(row->arguments[0].aws), json_at(json_text(shape->emission->arena, node_text(entry, 0)), entry->span));
        set_member(shape, &element, text_from_c(row->arguments[1].aws), as_text(shape->emission->arena, value));
        last = json;
    }
    const char *key = node->children.count && node->children.items[0]->row ? node->children.items[0]->row->arguments[0].aws : NULL;
    Json *list = last ? json_get(place_make(shape, outer), path) : NULL;
    if (list && key)
        json_sort_by(list, key);
}

static bool has_entries(const Node *node)
{
    return node->children.count && node->children.items[0]->row && node->children.items[0]->row->word[0] == '\0';
}

static void fill_children(const Shape *shape, const Place *root, const Place *place, const Node *node, bool is_map)
{
    for (size_t i = 0; i < node->children.count; i++) {
        const Node *child = node->children.items[i];
        if (!child->row)
            continue;
        if (is_map && place && child->row->word[0] == '\0')
            fill_map_entry(shape, place, child);
        else
            fill_node(shape, root, place, child);
    }
    fill_aws(shape, root, place, node);
}

static void fill_node(const Shape *shape, const Place *root, const Place *place, const Node *node)
{
    Json *json = NULL;
    Place own = {.outer = place, .span = node->span, .json = &json};
    const Place *here = place;
    bool is_map = false;
    if (node->row->aws) {
        bool is_relative;
        bool is_ours;
        Text path = path_of_shape(shape, node->row->aws, &is_relative, &is_ours);
        own.outer = is_relative ? place : is_ours ? root : NULL;
        own.is_element = text_ends_with(path, TEXT("[]"));
        is_map = text_ends_with(path, TEXT("{}"));
        own.path = own.is_element || is_map ? text_slice(path, 0, path.len - 2) : path;
        here = !own.outer ? NULL : own.path.len ? &own : own.outer;
    }
    if (here == &own && own.is_element && has_entries(node)) {
        fill_entries(shape, own.outer, own.path, node);
        return;
    }
    for (size_t i = 0; i < ARGUMENTS_MAX && node->row->arguments[i].name; i++) {
        if (node->arguments[i] && node->row->arguments[i].aws)
            fill_argument(shape, root, here, &node->row->arguments[i], node->arguments[i]);
    }
    fill_children(shape, root, here, node, is_map);
}

void shape_fill(Emission *emission, Json *root, const Node *node, const char *shape)
{
    Json *made = root;
    Shape filled = {.emission = emission, .root = root, .name = text_from_c(shape)};
    filled.has_flat_keys = text_ends_with(filled.name, TEXT("-attributes"));
    Place root_place = {.json = &made};
    fill_node(&filled, &root_place, NULL, node);
}
