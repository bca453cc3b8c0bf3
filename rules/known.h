/* What the schema is known to allow, so that it need not be asked again: most texts of a document stand in many others too. Forgets when it is full; what it
   knows is compared byte by byte. Private to rules/. */
#ifndef SVC_RULES_KNOWN_H
#define SVC_RULES_KNOWN_H

#include "schema/schema.h"

enum { KNOWN_TEXT_BYTES = 32, KNOWN_TEXTS = 256, KNOWN_MEMBERS = 1024 };

/* A text that the limits of a shape allow. */
typedef struct KnownText {
    const SchemaService *service;
    uint16_t limits;
    uint8_t is_fargate;
    uint8_t length;
    char bytes[KNOWN_TEXT_BYTES];
} KnownText;

typedef struct Known {
    KnownText texts[KNOWN_TEXTS];
    uint16_t members[KNOWN_MEMBERS]; /* where a shape's member was found last */
} Known;

/* The place where such a text would be; NULL when it is too long to be kept. */
KnownText *known_text(Known *known, SchemaShape shape, Text text, bool is_fargate);
/* Whether it is that text that the place holds. */
bool known_text_is(const KnownText *place, SchemaShape shape, Text text, bool is_fargate);
void known_text_set(KnownText *place, SchemaShape shape, Text text, bool is_fargate);

/* The index of the shape's member, or the count of its members. */
size_t known_member(Known *known, SchemaShape shape, Text name);

#endif
