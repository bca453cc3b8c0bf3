/* The CloudFormation template, from resources. Private to template.c and template_shapes.c; emit/write.h is the door. */
#ifndef SVC_EMIT_TEMPLATE_H
#define SVC_EMIT_TEMPLATE_H

#include "emit/write.h"

typedef struct TemplateName TemplateName;

typedef struct Template {
    Arena *arena;
    const Model *model;
    const Resources *resources;
    TemplateName *names;    /* a hash table: ids of resources and lookups to logical ids, and logical ids to what took them */
    size_t name_capacity;   /* a power of two */
    size_t name_count;
    Text arn_prefix;        /* "arn:aws:" */
    Json *parameters;
    Json *members;          /* the template's Resources */
    const Resource *owner;  /* whose properties are being made: it never refers to itself */
} Template;

/* The logical id of a resource of the file: letters and digits, the same for the same id, unique in the template. */
Text template_logical_id(Template *t, Text resource_id);
/* A logical id for one more member of the template that belongs to `resource_id`, such as the second rule of a group. */
Text template_further_id(Template *t, Text resource_id, Text suffix);
/* The value with references as Ref, Fn::GetAtt or Fn::Sub; keys stay as they are. */
Json *template_value(Template *t, const Json *json);
/* {"Ref": id} */
Json *template_ref(Template *t, Text logical_id);
Json *template_get_att(Template *t, Text logical_id, const char *attribute);
/* Adds a member to the template's Resources; returns it, for DependsOn and policies. */
Json *template_add(Template *t, Text logical_id, const char *type, Json *properties);

/* Adds what one resource comes to. */
void template_add_resource(Template *t, const Resource *resource);

#endif
