/* CloudFormation templates of others. Private to foreign/: template.c reads what is of all kinds, template_shapes.c what is of each, template_order.c in what
   order they are made. */
#ifndef SVC_FOREIGN_TEMPLATE_H
#define SVC_FOREIGN_TEMPLATE_H

#include "foreign/convert.h"

/* A resource of the template that svc has a kind for. */
typedef struct TemplateMember {
    Text id;
    ResourceKind kind;
    Json *properties; /* an object; its functions are resolved when the resource is made */
    Span origin;
    Text condition;
    Json *more;
    Resource *resource; /* once it is made */
} TemplateMember;

/* A policy on its own: it goes to the roles that it names. */
typedef struct TemplatePolicy {
    Text id;
    Json *properties;
    Span origin;
} TemplatePolicy;

/* The capacity providers of a cluster, said outside of it. */
typedef struct TemplateProviders {
    Json *properties;
    Span origin;
} TemplateProviders;

typedef struct ForeignTemplate {
    Converter *converter;
    Arena *arena;
    const Json *root;
    ARRAY(TemplateMember) members;
    ARRAY(TemplatePolicy) policies;
    ARRAY(TemplateProviders) providers;
} ForeignTemplate;

/* The value with its functions resolved: a reference to a resource of the template is JSON_REFERENCE, what nobody can tell is JSON_UNKNOWN. NULL for
   AWS::NoValue. Changes the tree. */
Json *foreign_resolve(ForeignTemplate *t, Json *json);
/* The member with this logical id, or NULL. */
TemplateMember *foreign_find_member_of(ForeignTemplate *t, Text id);
/* Makes the resource of a member. */
void foreign_make_resource(ForeignTemplate *t, TemplateMember *member);
/* Tells of services that CloudFormation may make before the listener of their target group. */
void foreign_check_order(ForeignTemplate *t, const Json *resources);
/* Gives the providers to the clusters that they are of; to all, where it is not known which. */
void foreign_place_providers(ForeignTemplate *t, const TemplateProviders *providers);
/* Gives the policy to its roles, or makes a resource of its own of it where they are not of the template. */
void foreign_place_policy(ForeignTemplate *t, const TemplatePolicy *policy);

#endif
