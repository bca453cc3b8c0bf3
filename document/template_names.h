/* What CloudFormation calls things: the members and attributes of a template's resources beside those of the API. Its properties are the members of the
   creating operation in PascalCase, except for what these tables say (checked against the resource schemas that cfn-lint carries). Both ways are here:
   templates are written, and those of others are read. */
#ifndef SVC_DOCUMENT_TEMPLATE_NAMES_H
#define SVC_DOCUMENT_TEMPLATE_NAMES_H

#include "document/resource.h"

/* A member whose property has another name than the PascalCase of its own; NULL: a template has no such property. */
typedef struct TemplateRename {
    ResourceKind kind;
    const char *member;
    const char *property;
    const char *within; /* the shape that has the member; NULL: any */
} TemplateRename;

/* NULL when the rule is followed. `shape` may be empty where it is not known: then every row counts. */
const TemplateRename *template_find_rename(ResourceKind kind, Text shape, Text member);
const TemplateRename *template_find_property(ResourceKind kind, Text shape, Text property);
/* The name with its first letter as a capital: the rule. */
Text template_pascal(Arena *arena, Text member);
/* Members whose keys are data, not names of AWS. */
bool template_is_open_map(Text member);

/* A property whose value another operation than the creating one takes, as its member. */
typedef struct TemplateFurther {
    ResourceKind kind;
    const char *operation;
    const char *member;
    const char *property;
    const char *subject; /* the operation's member that names the resource */
} TemplateFurther;

const TemplateFurther *template_find_further(ResourceKind kind, Text property);
/* The one with that operation. */
const TemplateFurther *template_further_of(ResourceKind kind, Text operation);

/* An attribute of a resource, and what Fn::GetAtt calls it; NULL: it is what Ref gives. */
typedef struct TemplateAttribute {
    ResourceKind kind;
    const char *attribute;
    const char *get_att;
} TemplateAttribute;

const TemplateAttribute *template_find_attribute(ResourceKind kind, Text attribute);
/* The attribute behind Fn::GetAtt of this name; behind Ref when the name is empty. */
const TemplateAttribute *template_find_get_att(ResourceKind kind, Text name);

/* How rules of security groups are written, for one direction. */
typedef struct TemplateRules {
    const char *operation;   /* that adds them */
    const char *list;        /* property of the group */
    const char *type;        /* a rule on its own */
    const char *group;       /* the other group */
    const char *prefix_list;
    const char *suffix;      /* of the logical id of a rule that svc writes */
} TemplateRules;

const TemplateRules *template_ingress(void);
const TemplateRules *template_egress(void);

#endif
