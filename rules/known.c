#include "rules/known.h"

#define SPREAD 0x9e3779b1u /* a product with it has all of the number in its upper half */

KnownText *known_text(Known *known, SchemaShape shape, Text text, bool is_fargate)
{
    if (!text.len || text.len > KNOWN_TEXT_BYTES)
        return NULL;
    return &known->texts[(text_hash(text) ^ (shape.limits * 2u + is_fargate) * SPREAD >> 16) % KNOWN_TEXTS];
}

bool known_text_is(const KnownText *place, SchemaShape shape, Text text, bool is_fargate)
{
    return place->service == shape.service && place->limits == shape.limits && place->is_fargate == is_fargate &&
           text_equal((Text){place->bytes, place->length}, text);
}

void known_text_set(KnownText *place, SchemaShape shape, Text text, bool is_fargate)
{
    *place = (KnownText){.service = shape.service, .limits = shape.limits, .is_fargate = is_fargate, .length = (uint8_t)text.len};
    memcpy(place->bytes, text.ptr, text.len);
}

/* Two bytes and the length tell most names of a shape apart. */
size_t known_member(Known *known, SchemaShape shape, Text name)
{
    uint32_t ends = name.len ? (uint32_t)(unsigned char)name.ptr[0] << 8 | (unsigned char)name.ptr[name.len - 1] : 0;
    uint32_t hash = ((uint32_t)name.len << 16 ^ ends ^ (uint32_t)shape.index << 7) * SPREAD;
    uint16_t *place = &known->members[hash >> 16 & (KNOWN_MEMBERS - 1)];
    size_t index = schema_member_index(shape, name, *place);
    *place = (uint16_t)index;
    return index;
}
