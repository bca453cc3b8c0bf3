/* Rules over documents: what AWS would refuse, what cannot work, and what people regret. They read resources (document/resource.h) and
   know nothing of where these came from: a .svc file, or JSON and YAML that a team has.

   One file a family of AWS resources, each with one table of rules; rule_run.c has the tables, rules.c goes through them. */
#ifndef SVC_RULES_RULES_H
#define SVC_RULES_RULES_H

#include "diagnostics/diagnostic.h"
#include "document/resource.h"
#include "rules/names.h"

/* What is kept from one file to the next; lives in the arena. */
typedef struct RuleRun RuleRun;

RuleRun *rule_run_create(Arena *arena);

typedef struct RuleContext {
    Arena *arena;
    Diagnostics *sink;
    const Resources *resources;
    RuleRun *run;
    NameIndex *names;     /* of the resources; rules_check makes it */
    bool is_svc;   /* from a .svc file: advice names words of the vocabulary; otherwise members of AWS */
    bool is_whole; /* all that belongs together is among the resources, so what is not there does not exist. False for a file of a team's that
                      holds a part, such as one task definition. */
} RuleContext;

/* Applies every rule to every resource, in the order of the resources and then of the tables. Findings go to the sink, at the place that the
   offending node came from. */
void rules_check(RuleContext *context);

#endif
