/* Writes .svc from documents that a team has: the statements that come to the same. Three kinds of document come in (task definitions with their
   ECS services, docker-compose.yml, a Copilot manifest) and become one list of services; writing knows only that. */
#ifndef SVC_FOREIGN_IMPORT_H
#define SVC_FOREIGN_IMPORT_H

#include "base/buffer.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* One service to be written. */
typedef struct ImportService {
    Text name;          /* in the file; empty: from the task definition's family */
    const Json *task;   /* input of RegisterTaskDefinition */
    const Json *service;/* input of CreateService; NULL for none */
    Text statements;    /* further statements of its body, as svc writes them */
    bool is_exact;      /* what is written comes to exactly this task definition; else svc's own defaults hold where nothing is said */
    TextArray chosen;   /* what had to be chosen, a comment line each */
} ImportService;

typedef struct Import {
    Text project;       /* empty: from the first service's name */
    Text statements;    /* further statements of the file, such as the load balancer that routes name */
    TextArray environments; /* empty: the one that a name ends in, or prod */
    TextArray chosen;   /* comment lines above the services: what was left out, and why */
    ARRAY(ImportService) services;
    bool has_service;   /* an ECS service was read */
    bool is_copilot;    /* variables of Copilot are to be filled */
    bool tells_tags;    /* images whose tags move are told in comments */
} Import;

/* The task definitions among the resources, each with the ECS service that runs it. */
void import_add_resources(Arena *arena, const Resources *resources, Import *out);

/* Whether the tree is a docker-compose.yml, by its members. */
bool compose_is(const Json *tree);
/* Adds its services. Members that svc cannot carry are reported as errors, those that mean nothing on Fargate are told in comments. */
void compose_add(Arena *arena, Diagnostics *sink, const Json *tree, Import *out);
/* Whether the tree is a manifest.yml of Copilot. */
bool copilot_is(const Json *tree);
void copilot_add(Arena *arena, Diagnostics *sink, const Json *tree, Import *out);
/* The written services with svc's names for what Copilot's variables stand for; the parameter that this takes goes before `statements`. */
Text copilot_fill(Arena *arena, Text services, Text *statements);

/* Writes the file; not laid out yet: the formatter does that. False after a report: there is no service. */
bool import_write(Arena *arena, Diagnostics *sink, const Import *import, Buffer *out) __attribute__((warn_unused_result));

/* Compares the task definitions that were read with those that the written file comes to, as AWS sees them, and reports each member that is not carried, at
   its place in the document. */
void import_compare(Arena *arena, Diagnostics *sink, const Resources *read, const Resources *rendered);

#endif
