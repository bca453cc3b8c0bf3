/* Typed model to resources. One function a family; each only adds resources, none reads another's output. What several
   need (names, ids, references) is in ServiceFacts, computed once. */
#ifndef SVC_EMIT_EMIT_H
#define SVC_EMIT_EMIT_H

#include "compiler/model.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

/* The folder, and the first part of the svc:id, of what services share. */
#define EMIT_SHARED "shared"

/* What resources are made for. Who only judges them does without what no rule reads. */
typedef enum EmitPurpose { EMIT_TO_WRITE, EMIT_TO_JUDGE } EmitPurpose;

/* The tags that all documents of a service, or of what services share, have in common; private to emit/common.c. */
typedef struct EmissionTags {
    const Node *node;
    Text service;
    Json *map; /* NULL: none yet */
    struct {
        Text key_name; /* of a tag's two members the first: APIs write them differently */
        Json *tags;
    } lists[2];
} EmissionTags;

typedef struct Emission {
    EmitPurpose purpose;
    Arena *arena;
    Diagnostics *sink;
    const Model *model;
    Resources *resources;
    Text account;   /* the environment's, or MODEL_UNKNOWN_ACCOUNT */
    Text region;    /* the environment's, or MODEL_UNKNOWN_REGION */
    bool is_account_known;
    bool is_region_known;
    Text partition; /* "aws" … */
    Text url_suffix;/* "amazonaws.com", or "amazonaws.com.cn" in China */
    const Node *file_tags; /* the file's own `tags`, or NULL */
    EmissionTags tags;
    struct RuleIndex *rules; /* the listener rules so far; private to emit/listener_rule.c */
} Emission;

/* What moves a service to a new revision (SPEC.md, "Rollouts"); none where no `rollout` is said. */
typedef enum RolloutEngine { ENGINE_NONE, ENGINE_ROLLING, ENGINE_NATIVE, ENGINE_RAMP } RolloutEngine;

/* A route of a service, with the ids of what it comes to. */
typedef struct RouteFacts {
    const Node *node;
    Text load_balancer;     /* its name in the file */
    const Node *load_balancer_node; /* its declaration; NULL when there is none (reported) */
    bool is_existing;       /* the load balancer is looked up */
    Text load_balancer_id;  /* "shared/load-balancer/edge", or the Lookup's id "load-balancer/edge" when it exists */
    int64_t listener_port;
    Text listener_id;       /* "shared/listener/edge-443", or the Lookup's id "listener/edge-443" when it exists */
    Text name;              /* of the route, unique in the service: "app-8000" */
    Text target_group_id;   /* "<service>/target-group/<route name>" */
    Text target_group_name; /* in AWS */
    Text canary_target_group_id;   /* of the other side of a rollout: "<service>/target-group/<route name>-c" */
    Text canary_target_group_name; /* ends in "-c" */
    Text rule_id;           /* "<service>/listener-rule/<route name>" */
    Text test_rule_id;      /* "<service>/listener-rule/<route name>-test": only with `test-header` */
    Text container;
    int64_t port;
} RouteFacts;

typedef struct ServiceFacts {
    const Node *node;         /* the service */
    Text service;             /* its name in the file */
    Text name;                /* ECS service name */
    Text family;
    Text cluster;             /* the cluster's name in AWS */
    Text cluster_id;          /* "shared/cluster/<name>", or "cluster/<name>" when it exists */
    bool is_cluster_existing; /* known by its name: nothing to refer to */
    bool cluster_has_insights;
    Text network;             /* its name in the file; empty when there is none (reported) */
    Text network_id;          /* the Lookup's id: "network/main" */
    Text task_definition_id;  /* "<service>/task-definition" */
    Text service_id;          /* "<service>/service" */
    Text task_role_id, execution_role_id;      /* "<service>/role/task", "<service>/role/execution" */
    Text task_role_name, execution_role_name;
    Text task_role_arn, execution_role_arn; /* of the role that exists, or of the one that svc makes */
    Text schedule_role_id, schedule_role_name; /* "<service>/role/schedule": what EventBridge Scheduler runs tasks with; only when is_scheduled */
    Text infrastructure_role_id, infrastructure_role_name; /* "<service>/role/infrastructure": what ECS moves traffic with; only of ENGINE_NATIVE */
    Text security_group_id;   /* "<service>/security-group/tasks" */
    bool is_scheduled;        /* has `run`: a task on a schedule, no ECS service */
    bool is_scaled;           /* has `scale` with low < high, or low == high and a policy */
    RolloutEngine engine;
    const struct RolloutPolicy *rollout; /* emit/rollout_policy.h; NULL where no `rollout` is said */
    bool has_sides;           /* two revisions may stand side by side: each route has a second target group */
    RouteFacts *routes;
    size_t route_count;
    RouteFacts *answers;      /* routes that the load balancer answers itself: they have no target group, container or port */
    size_t answer_count;
} ServiceFacts;

/* All resources of the model: shared ones first, then each service in the order of the file. Mistakes go to the sink. */
void emit_model(Arena *arena, Diagnostics *sink, const Model *model, EmitPurpose purpose, Resources *out);

/* --- families --- */
void emit_clusters(Emission *emission);                                        /* emit/cluster.c */
void emit_load_balancers(Emission *emission);                                  /* emit/load_balancer.c: load balancers, listeners, their groups */
void emit_networks(Emission *emission);                                        /* emit/network.c: lookups of networks and topics */
void emit_log_groups(Emission *emission, const ServiceFacts *facts);           /* emit/log_group.c */
void emit_roles(Emission *emission, const ServiceFacts *facts);                /* emit/iam.c */
void emit_security_groups(Emission *emission, const ServiceFacts *facts);      /* emit/security_group.c */
void emit_target_groups(Emission *emission, const ServiceFacts *facts);        /* emit/target_group.c: target groups and listener rules */
void emit_task_definition(Emission *emission, const ServiceFacts *facts);      /* emit/task_definition.c */
void emit_service(Emission *emission, const ServiceFacts *facts);              /* emit/ecs_service.c */
void emit_schedule(Emission *emission, const ServiceFacts *facts);             /* emit/schedule.c: `run` */
void emit_scaling(Emission *emission, const ServiceFacts *facts);              /* emit/scaling.c: target, policies, scheduled actions, step alarms */
void emit_alarms(Emission *emission, const ServiceFacts *facts);               /* emit/alarm.c */
void emit_metric_filters(Emission *emission, const ServiceFacts *facts);       /* emit/metric_filter.c */
void emit_dashboard(Emission *emission, const ServiceFacts *facts);            /* emit/dashboard.c */
void emit_exports(Emission *emission, const ServiceFacts *facts);              /* emit/export.c */
void emit_rollout(Emission *emission, const ServiceFacts *facts);              /* emit/rollout.c */

/* --- shared by the families: emit/common.c, emit/shape.c, emit/names.c --- */

/* Adds a resource; its file_stem is made unique in its folder. Returns it. Two resources of one kind with one name in AWS are reported. */
Resource *emit_add_resource(Emission *emission, ResourceKind kind, Text id, Text service, Text name, Text file_stem, Json *input, Span origin);
/* Registers a lookup once (same id and attribute) and returns a reference to it. */
Json *emit_lookup(Emission *emission, Text id, Text attribute, const char *template_type, Text description, Json *selector, Span origin);
/* The last part of a svc:id, made of a name that may be longer than an id, which is a tag too (at most 256 characters, of a few kinds), can be:
   the name itself, or cut as name_fit does. */
Text emit_id_part(Emission *emission, Text name);
/* A reference to an attribute of a resource of this file. */
Json *emit_reference(Emission *emission, Text resource, const char *attribute, Text known);
/* svc's own tags and those that file, environment and service declare, sorted by key: [{key_name: K, value_name: V}] with the
   operation's spelling, such as "key"/"value" for ECS and "Key"/"Value" elsewhere. */
Json *emit_tags(Emission *emission, Text service, Text id, const Node *service_node, const char *key_name, const char *value_name);
/* The same as a map {K: V} (logs). */
Json *emit_tag_map(Emission *emission, Text service, Text id, const Node *service_node);
/* The ARN of a role by its name: its path is /svc/<project>/<env>/. */
Text emit_role_arn(Emission *emission, Text role_name);
Text emit_role_path(Emission *emission);
/* "arn:<partition>:<service>:<region>:<account>:<rest>" */
Text emit_arn(Emission *emission, const char *service, Text rest);

/* The declaration of a file-level word (a network, a load balancer …) by its name, or NULL. */
const Node *emit_find_declared(const Emission *emission, WordId word, Text name);
/* Whether the declaration says `existing`. */
bool emit_is_existing(const Node *declaration);
/* The svc:id of a cluster: "shared/cluster/<name>", or "cluster/<name>" when it exists. */
Text emit_cluster_id(Emission *emission, Text name, bool is_existing);
/* The name in AWS of the cluster that a service runs in; *declaration is NULL when it is not declared. */
Text emit_cluster_name(Emission *emission, const Node *service, const Node **declaration);

/* A name within `limit` bytes: too long is cut and ends in "-" and 8 hex digits of the SHA-256 of the whole (SPEC.md, "Names"). Characters
   that AWS refuses there (anything but letters, digits, hyphen, and underscore if allowed) become hyphens. */
Text name_fit(Emission *emission, Text whole, size_t limit, bool allow_underscore);
/* The same, but whatever is changed ends in the digits too: two texts never share a name, as "A b" and "A-b" would. `limit` is above 9. */
Text name_exact(Emission *emission, Text whole, size_t limit);
/* "<service>-<environment>", or "<service>" where no environment is declared; then "-<suffix>" when suffix is not empty. */
Text name_default(Emission *emission, Text service, Text suffix);
/* The same with the region at the end, for what is global in an account: roles and dashboards. */
Text name_global(Emission *emission, Text service, Text suffix);

/* Writes every member that the vocabulary maps to `shape` ("task", "service", "target-group" …), for `node` and all below it,
   into `root`, with origins (SPEC.md, "How a word becomes a member"); and the `aws SHAPE { … }` blocks found on the way. What is derived
   goes in before (then said values replace it) or by json_set_default afterwards. */
void shape_fill(Emission *emission, Json *root, const Node *node, const char *shape);
/* The JSON of one value in the form its argument asks for; NULL when it is absent, unknown or in error (reported). */
Json *shape_value(Emission *emission, const Argument *argument, const Value *value);

#endif
