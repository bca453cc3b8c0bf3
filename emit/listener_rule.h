/* Listener rules: what a route matches, in which place, and what then happens. */
#ifndef SVC_EMIT_LISTENER_RULE_H
#define SVC_EMIT_LISTENER_RULE_H

#include "emit/emit.h"

/* The rule of a route or of an answer, and the one of its `test-header`. Two rules of one listener with the same match or the same said priority are reported. */
void emit_listener_rule(Emission *emission, const ServiceFacts *facts, const RouteFacts *route);
/* The actions of a route: a sign-in or a check of the token if said, then the target groups or the answer. */
Json *rule_actions(Emission *emission, const ServiceFacts *facts, const RouteFacts *route);

enum { RULE_VALUES_MAX = 5 }; /* AWS: quotas of application load balancers, condition values per rule */

/* What a rule matches, as texts that are equal for equal matches; and how exact it is. */
typedef struct RuleMatch {
    Text text;             /* of all conditions, in a fixed order */
    bool is_known;         /* false when lint does not know a part of it */
    unsigned host_class;   /* 0 an exact name, 1 with wildcards, 2 any */
    unsigned path_class;   /* 0 an exact path, 1 with wildcards, 2 any */
    size_t path_literals;  /* characters of the path that are no wildcards */
    bool is_narrow;        /* method, header, query or address too */
    size_t value_count;    /* of which AWS takes RULE_VALUES_MAX */
} RuleMatch;

/* The conditions of a route as CreateRule takes them, sorted; *match says what they come to. Limits of AWS are reported. */
Json *rule_conditions(Emission *emission, const Node *route, Json *conditions, RuleMatch *match);
/* The same conditions and the header of `test-header`. */
Json *rule_test_conditions(Emission *emission, const Node *header, const Json *conditions);

#endif
