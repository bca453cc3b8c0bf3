/* What judging keeps from one file to the next: the rules of each kind of resource, the operation that the kind is the input of, and what has been read
   of the schema's patterns. Private to rules/; made by rule_run_create (rules/rules.h). */
#ifndef SVC_RULES_RULE_RUN_H
#define SVC_RULES_RULE_RUN_H

#include "rules/known.h"
#include "rules/pattern_set.h"
#include "rules/rule.h"
#include "schema/schema.h"

/* A member on the way to what a rule judges; "[]" is each element of the list. */
typedef struct RuleStep {
    Text key;
    bool is_list;
} RuleStep;

typedef struct RuleOfKind {
    RuleCheck *check;
    const RuleStep *steps; /* below the rule's start */
    size_t step_count;
    size_t start; /* of KindRules.starts */
} RuleOfKind;

/* Where rules of a kind start: at the input, or at a member of it, which is looked for once for all of them. */
typedef struct RuleStart {
    RuleStep step; /* an empty key: the input */
    const Json *node;
} RuleStart;

typedef struct KindRules {
    bool is_read;
    const SchemaService *service; /* NULL where the schema knows none */
    bool has_input;
    SchemaOperation operation; /* that the resource's input is for */
    ARRAY(RuleOfKind) rules;   /* in the order of the tables */
    ARRAY(RuleStart) starts;
} KindRules;

struct RuleRun {
    Arena *arena;
    PatternSet *patterns;
    Known known;
    KindRules kinds[RESOURCE_KIND_COUNT]; /* each read when the first resource of the kind comes */
};

KindRules *rule_run_kind(RuleRun *run, ResourceKind kind);

#endif
