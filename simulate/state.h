/* What a simulated account is made of. Private to simulate/. */
#ifndef SVC_SIMULATE_STATE_H
#define SVC_SIMULATE_STATE_H

#include "simulate/simulate.h"

/* --- things: what is only kept and answered --- */

typedef enum ThingKind {
    THING_CLUSTER,
    THING_DEFINITION, /* by "family:3" */
    THING_LOG_GROUP,
    THING_FILTER,
    THING_ROLE,
    THING_GROUP,      /* by its id */
    THING_GROUP_RULE, /* by its id */
    THING_BALANCER,   /* by their ARNs, as all of elbv2's */
    THING_LISTENER,
    THING_TARGET_GROUP,
    THING_RULE,
    THING_SCALABLE,   /* by what is scaled */
    THING_POLICY,
    THING_ACTION,
    THING_ALARM,
    THING_DASHBOARD,
    THING_PARAMETER,
    THING_SCHEDULE,
    THING_KIND_COUNT,
} ThingKind;

typedef struct Thing {
    ThingKind kind;
    Text key;
    Text owner;       /* what it hangs on: the key of another thing; often empty */
    Text arn;
    Json *describe;   /* in the form of the answers */
    Json *tags;       /* [{Key, Value}]; NULL: it has none */
    Json *more;       /* what is answered by another operation: attributes, policies */
    const Json *before; /* what it was until changed_ms */
    int64_t changed_ms;
    int64_t created_ms;
} Thing;

typedef ARRAY(Thing *) ThingArray;

/* --- services and their tasks --- */

typedef enum TaskState { TASK_PROVISIONING, TASK_PENDING, TASK_RUNNING, TASK_STOPPING, TASK_STOPPED } TaskState;
typedef enum TargetState { TARGET_NONE, TARGET_INITIAL, TARGET_HEALTHY, TARGET_UNHEALTHY, TARGET_DRAINING } TargetState;

typedef struct Task {
    Text id;
    Text arn;
    Text definition; /* ARN of the revision */
    Text started_by;
    TaskState state;
    int64_t next_ms;   /* when its state changes by itself; 0: not */
    TargetState target;
    int64_t target_ms; /* when the target's does; 0: not */
    int64_t started_ms, stopped_ms;
    Text stop_code, stop_reason;
    int64_t exit_code;
    bool has_exit, is_counted, is_new, serves_targets, fails;
    Behaviour behaviour;
    Json *overrides;
} Task;

typedef ARRAY(Task *) TaskArray;

typedef struct Deployment {
    Text id;
    Text arn;        /* of the service deployment */
    Text definition; /* ARN */
    bool is_primary, is_completed, is_failed, is_halted, is_return;
    Text reason;
    Text status;     /* as DescribeServiceDeployments has it */
    int64_t created_ms, finished_ms, hold_ms;
    size_t failed;   /* tasks */
    size_t streak;   /* of failures, for the circuit breaker */
    TaskArray tasks;
} Deployment;

typedef struct ServiceEvent {
    Text id;
    Text message;
    int64_t at_ms;
} ServiceEvent;

typedef struct Service {
    Text name;
    Text cluster; /* name */
    Text arn;
    Text status;
    Json *members; /* of CreateService, with what UpdateService changed */
    Json *tags;
    int64_t desired;
    int64_t created_ms;
    ARRAY(Deployment *) deployments; /* the primary one first */
    ARRAY(Deployment *) past;
    ARRAY(ServiceEvent) events;      /* the newest last */
    Json *before;                    /* as it was answered until changed_ms */
    int64_t changed_ms;
    bool is_steady;
    size_t begun;                    /* deployments since simulation_begin */
    int64_t scaled_ms;               /* when autoscaling last changed it */
    TextArray groups;                /* ARNs of its target groups */
    Text meter;                      /* "cluster/name" */
} Service;

/* --- what traffic left behind --- */

typedef enum Measure {
    MEASURE_REQUESTS,
    MEASURE_5XX,
    MEASURE_REFUSED,
    MEASURE_EDGE_5XX,
    MEASURE_P50,       /* requests times milliseconds */
    MEASURE_P95,
    MEASURE_CPU,       /* percent times milliseconds of tasks */
    MEASURE_RUNNING,   /* milliseconds of tasks */
    MEASURE_DESIRED,
    MEASURE_QUEUE,     /* what waits at the end of the minute */
    MEASURE_COUNT,
} Measure;

/* A minute of a target group, a load balancer, a service, or of all queues. */
typedef struct Minute {
    int64_t number; /* since 1970 */
    bool has_targets;
    bool is_new;    /* whoever worked last is of a new revision */
    bool is_silent; /* and tells nothing */
    double sums[MEASURE_COUNT];
    double healthy_least, healthy_most, unhealthy_least, unhealthy_most;
} Minute;

typedef struct Meter {
    Text name; /* "targetgroup/web/0123", "app/edge/0123", "cluster/service", or "queues" */
    ARRAY(Minute) minutes;
} Meter;

typedef struct Flight {
    AwsCall *call;
    Arena *arena;
    int64_t due_ms;
} Flight;

struct Simulation {
    Arena *arena;
    SimulationOptions options;
    uint64_t random;
    uint64_t numbers; /* for ids */
    int64_t now_ms;
    int64_t begun_ms; /* 0: not yet */
    ThingArray things[THING_KIND_COUNT];
    ARRAY(Service *) services;
    TaskArray one_offs;
    ARRAY(Meter *) meters;
    int64_t measured_ms;
    int64_t worked_ms; /* when a new revision first had work; 0: not yet */
    double queued;     /* what waits beyond what always does */
    ARRAY(Flight) flights;
    ARRAY(SimulationSample) samples;
    size_t kill_after;
    bool dies_at_change;
    ARRAY(uint32_t) deaths; /* digests of the changes after which somebody died */
    bool is_dead;
    int64_t dead_ms; /* the time of whoever is gone, for whom it goes on without the account */
    SimulationCounts counts;
    void (*tell)(void *context, const SimulationEvent *event);
    void *tell_context;
    void (*look)(void *context);
    void *look_context;
    bool has_moved;   /* what the scenario's operator does once */
};

/* --- a call --- */

typedef struct Request Request;
typedef void (*Answerer)(Simulation *s, Request *r);

struct Request {
    Arena *arena;
    const Json *in;
    Json *out;
    AwsAnswer *answer;
    const char *operation;
    ThingKind kind;
    const char *key;  /* the input's member that says which one */
    const char *list; /* the output's member */
};

void request_fail(Request *r, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
Text request_text(const Request *r, const char *member);
void request_set(Request *r, const char *member, Json *value);
void request_set_text(Request *r, const char *member, Text value);

/* simulate/operations.c: how an operation is answered; false: nobody knows it. */
bool operation_answer(Simulation *s, const char *service, Text operation, Request *r);

/* --- simulate/things.c --- */

/* A copy of everything, texts too. */
Json *json_keep(Arena *arena, const Json *json);
/* A copy of everything but the texts. */
Json *json_share(Arena *arena, const Json *json);
Text text_at(const Json *json, const char *member);
/* Tags as ECS writes them, with small letters. */
Json *ecs_tags(Arena *arena, const Json *tags);
int64_t number_at(const Json *json, const char *member, int64_t otherwise);
bool bool_at(const Json *json, const char *member);
Json *moment_json(Arena *arena, int64_t at_ms);
/* {Key: …, Value: …} or {key: …, value: …} */
Text tag_at(const Json *tags, const char *key);
Json *tags_set(Arena *arena, Json *tags, const Json *added);
Json *tags_remove(Arena *arena, const Json *tags, const Json *keys);

Thing *thing_find(Simulation *s, ThingKind kind, Text key);
Thing *thing_find_arn(Simulation *s, Text arn);
Thing *thing_add(Simulation *s, ThingKind kind, Text key, const Json *describe);
void thing_remove(Simulation *s, Thing *thing);
/* To be called before it is changed. */
void thing_touch(Simulation *s, Thing *thing);
/* What it is answered as; NULL: as if it were not there. */
const Json *thing_view(Simulation *s, const Thing *thing);
Text simulation_arn(Simulation *s, const char *service, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The name behind the last '/' of an ARN, or the text itself. */
Text last_part(Text text);

/* --- chance --- */

uint64_t random_next(Simulation *s);
bool random_chance(Simulation *s, unsigned thousandths);
int64_t random_below(Simulation *s, int64_t limit);
/* The same for the same things, whenever it is asked. */
uint64_t random_of(const Simulation *s, Text what, int64_t number);
/* A factor within so many thousandths of 1, above and below it in turn: what swings does not seem to rise. */
double random_swing(const Simulation *s, Text what, int64_t number, unsigned thousandths);
Text random_hex(Simulation *s, size_t count);

/* --- answers by their rooms --- */

#define ANSWERER(name) void name(Simulation *s, Request *r)

/* things.c */
ANSWERER(answer_put);
ANSWERER(answer_create);
ANSWERER(answer_change);
ANSWERER(answer_remove);
ANSWERER(answer_get);
ANSWERER(answer_list);
ANSWERER(answer_tag);
ANSWERER(answer_untag);
ANSWERER(answer_tags);
ANSWERER(answer_nothing);
ANSWERER(answer_identity);
ANSWERER(answer_tagged);
/* network.c */
ANSWERER(answer_vpcs);
ANSWERER(answer_subnets);
ANSWERER(answer_route_tables);
ANSWERER(answer_empty_list);
ANSWERER(answer_create_group);
ANSWERER(answer_groups);
ANSWERER(answer_group_rules);
ANSWERER(answer_authorize);
ANSWERER(answer_revoke);
ANSWERER(answer_ec2_tags);
/* roles.c */
ANSWERER(answer_create_role);
ANSWERER(answer_role);
ANSWERER(answer_roles);
ANSWERER(answer_update_trust);
ANSWERER(answer_update_role);
ANSWERER(answer_put_policy);
ANSWERER(answer_policy);
ANSWERER(answer_policies);
ANSWERER(answer_delete_policy);
ANSWERER(answer_attach);
ANSWERER(answer_attached);
ANSWERER(answer_role_details);
bool role_is_known(Simulation *s, Text arn);
/* parameters.c */
ANSWERER(answer_put_parameter);
ANSWERER(answer_parameters);
ANSWERER(answer_parameters_by_path);
ANSWERER(answer_delete_parameters);
ANSWERER(answer_describe_parameters);
ANSWERER(answer_secret);
ANSWERER(answer_secrets);
ANSWERER(answer_secret_value);
ANSWERER(answer_certificate);
ANSWERER(answer_image);
ANSWERER(answer_publish);
ANSWERER(answer_topic);
/* balancer.c */
ANSWERER(answer_create_balancer);
ANSWERER(answer_create_listener);
ANSWERER(answer_create_target_group);
ANSWERER(answer_create_rule);
ANSWERER(answer_modify_rule);
ANSWERER(answer_priorities);
ANSWERER(answer_rules);
ANSWERER(answer_attributes);
ANSWERER(answer_modify_attributes);
ANSWERER(answer_set_subnets);
ANSWERER(answer_delete_target_group);
ANSWERER(answer_target_health);
int64_t target_group_drain_ms(Simulation *s, Text arn);
/* The groups that a rule forwards to, with their weights; how many. */
size_t rule_weights(const Json *rule, Text *groups, int64_t *weights, size_t most);
bool target_group_is_used(Simulation *s, Text arn);
void weights_tell(Simulation *s, const Thing *rule);
/* definitions.c */
ANSWERER(answer_register);
ANSWERER(answer_definition);
ANSWERER(answer_definitions);
ANSWERER(answer_deregister);
ANSWERER(answer_capacity_providers);
Thing *definition_find(Simulation *s, Text name);
/* services.c */
ANSWERER(answer_create_service);
ANSWERER(answer_update_service);
ANSWERER(answer_delete_service);
ANSWERER(answer_services);
ANSWERER(answer_service_deployments);
ANSWERER(answer_describe_service_deployments);
ANSWERER(answer_stop_service_deployment);
ANSWERER(answer_list_tasks);
ANSWERER(answer_describe_tasks);
ANSWERER(answer_run_task);
ANSWERER(answer_stop_task);
Service *service_find(Simulation *s, Text cluster, Text name);
Service *service_find_arn(Simulation *s, Text arn);
/* scheduler.c */
void service_deploy(Simulation *s, Service *service, Text definition);
void service_look(Simulation *s, Service *service);
void service_scale(Simulation *s, Service *service, int64_t desired);
void service_roll_back(Simulation *s, Service *service, Deployment *failed, const char *why);
void service_say(Simulation *s, Service *service, const char *format, ...) __attribute__((format(printf, 3, 4)));
Task *task_start(Simulation *s, Service *service, Deployment *deployment, Text definition);
void task_stop(Simulation *s, Service *service, Task *task, const char *code, const char *reason);
bool task_is_alive(const Task *task);
bool task_is_healthy(const Task *task);
size_t deployment_count(const Deployment *deployment, bool (*is)(const Task *task));
/* When something next happens by itself; INT64_MAX: never. */
int64_t tasks_next(const Simulation *s);
void tasks_run(Simulation *s);
/* scaling.c */
ANSWERER(answer_register_scalable);
ANSWERER(answer_scalables);
ANSWERER(answer_deregister_scalable);
ANSWERER(answer_scaling_policies);
ANSWERER(answer_scheduled_actions);
void scaling_tick(Simulation *s);
/* metrics.c */
ANSWERER(answer_metric_data);
ANSWERER(answer_put_alarm);
ANSWERER(answer_dashboards);
ANSWERER(answer_delete_names);
/* traffic.c: what happened since it was last measured, as things are now. */
void traffic_measure(Simulation *s, int64_t until_ms);
const Meter *traffic_find(const Simulation *s, Text name);
/* NULL: nothing happened in it. */
const Minute *traffic_minute(const Meter *meter, int64_t number);

#endif
