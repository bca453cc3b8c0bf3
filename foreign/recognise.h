/* What a document is, by its members. Private to foreign/. */
#ifndef SVC_FOREIGN_RECOGNISE_H
#define SVC_FOREIGN_RECOGNISE_H

#include "document/json.h"
#include "schema/schema.h"

typedef enum ForeignForm {
    FORM_NONE,
    FORM_TASK_DEFINITION,        /* input of register-task-definition, or what describe-task-definition returns inside */
    FORM_TASK_DEFINITION_ANSWER, /* {"taskDefinition": {…}, "tags": […]} */
    FORM_SERVICE,                /* input of create-service */
    FORM_SERVICE_UPDATE,         /* input of update-service */
    FORM_SERVICE_REST,           /* a service whose name and task definition stand in the file of a tool for deployment */
    FORM_SERVICE_DESCRIBED,      /* an element of what describe-services returns */
    FORM_SERVICES_ANSWER,        /* {"services": […]} */
    FORM_SERVICE_ANSWER,         /* {"service": {…}} */
    FORM_TASK_RUN,               /* input of run-task */
    FORM_CONTAINERS,             /* an array of container definitions */
    FORM_CONTAINER,              /* one container definition */
    FORM_BEANSTALK,              /* Elastic Beanstalk's Dockerrun.aws.json of several containers */
    FORM_LIST,                   /* an array of other documents */
    FORM_PARTS,                  /* task definitions and services under names of a tool's own: {"service": {…}, "task": {…}} */
    FORM_TEMPLATE,               /* of CloudFormation */
} ForeignForm;

/* `is_strict`: the file was found, not named: only what is certain counts, and no member may be misspelt. */
ForeignForm foreign_recognise(const Json *root, bool is_strict);
/* What the value of a member of FORM_PARTS is: FORM_TASK_DEFINITION, a form of services, or FORM_NONE for what is the tool's own. */
ForeignForm foreign_recognise_part(const Json *value);
/* The shape of an ECS operation's input, and that of the member `member` of its output; `member` ending in "[]" is a list's element. */
SchemaShape foreign_input_shape(const char *service, const char *operation);
SchemaShape foreign_answer_shape(const char *operation, const char *member);
/* The member of the shape with this name, whatever its case. False when there is none. */
bool foreign_find_member(SchemaShape shape, Text name, SchemaMember *out) __attribute__((warn_unused_result));

#endif
