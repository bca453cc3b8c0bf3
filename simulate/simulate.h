/* An AWS account in memory, with a clock that only waiting moves (SPEC.md, "Rehearsal"). It answers what svc asks; the same seed gives the same answers. */
#ifndef SVC_SIMULATE_SIMULATE_H
#define SVC_SIMULATE_SIMULATE_H

#include "aws/caller.h"
#include "document/resource.h"
#include "simulate/world.h"

/* How the account behaves, beside what its traffic does. Times in milliseconds; shares in thousandths of the calls or points. Zero: never, at once. */
typedef struct SimulationFaults {
    int64_t call_ms;         /* a call takes up to twice as long */
    int64_t metric_least_ms; /* a point can be read so long after its period's end */
    int64_t metric_most_ms;
    unsigned missing;        /* points that never come */
    int64_t target_lag_ms;   /* what target groups are told of their targets comes up to so much later */
    unsigned placement;      /* tasks for which there is no room at first */
    int64_t role_ms;         /* how long a role that was written is not known everywhere */
    int64_t stale_ms;        /* how long what was changed may be answered as it was */
    unsigned stale;          /* of the answers within that time */
    unsigned throttled;      /* of the attempts, of which a call has three */
    unsigned failed;         /* the same, by an error of AWS's own; not carried out */
    unsigned lost;           /* carried out, and the answer lost */
} SimulationFaults;

typedef struct SimulationOptions {
    uint64_t seed;
    Text account;
    Text region;
    SimulationFaults faults;
    WorldOptions world;
} SimulationOptions;

typedef struct Simulation Simulation;

/* What happened that a person would want to see. */
typedef enum SimulationEventKind {
    SIMULATION_WEIGHTS,  /* of a listener rule: text names it, numbers are those of its first two target groups */
    SIMULATION_SERVICE,  /* text: what ECS says of a service */
    SIMULATION_OPERATOR, /* text: what somebody did by hand */
    SIMULATION_DEATH,    /* text: that whoever called is gone */
} SimulationEventKind;

typedef struct SimulationEvent {
    SimulationEventKind kind;
    int64_t at_ms;
    Text subject;
    Text text;
    int64_t weights[2];
} SimulationEvent;

/* What calls came to; for counting. */
typedef struct SimulationCounts {
    size_t calls, throttled, failed, lost, stale, missing, unplaced, role_refusals, crashed, unhealthy, unknown;
} SimulationCounts;

/* Everything lives in the arena, which must outlive it; inputs are copied. */
Simulation *simulation_create(Arena *arena, const SimulationOptions *options);
/* What the resources rely on and do not make: clusters, load balancers with their listeners. Networks, images, secrets and certificates are there as they are
   asked for. */
void simulation_prepare(Simulation *simulation, const Resources *resources);
AwsCaller simulation_caller(Simulation *simulation);
int64_t simulation_now(const Simulation *simulation);
/* Lets the time pass. */
void simulation_run_until(Simulation *simulation, int64_t at_ms);
/* Likewise after the next change of anything but a parameter, unless it was deadly before. */
void simulation_kill_at_change(Simulation *simulation);
/* From now on revisions that are registered are new ones, which the world's scenario is about; its time begins. */
void simulation_begin(Simulation *simulation);
void simulation_set_faults(Simulation *simulation, const SimulationFaults *faults);
/* After so many more calls whoever makes them is gone: none is carried out any more, and each fails at once. 0: never. */
void simulation_kill_after(Simulation *simulation, size_t calls);
bool simulation_is_dead(const Simulation *simulation);
/* Somebody who carries on: what was under way is forgotten. */
void simulation_revive(Simulation *simulation);
/* Told of each event; NULL: nobody. */
void simulation_listen(Simulation *simulation, void (*tell)(void *context, const SimulationEvent *event), void *context);
const SimulationCounts *simulation_counts(const Simulation *simulation);

/* --- looking at it without asking it: for what must always hold, and for pictures --- */

/* A minute of all traffic: what became of it. */
typedef struct SimulationSample {
    int64_t at_ms; /* its beginning */
    double requests, errors;
    double new_requests, new_errors, new_p95_ms; /* of new revisions; the last is a mean over the requests */
    double queued;
    double new_tasks, tasks;                     /* that run, on average */
} SimulationSample;

/* From simulation_begin on, the newest not yet whole. */
size_t simulation_samples(const Simulation *simulation, const SimulationSample **out);

typedef struct SimulationShare {
    Text target_group; /* ARN */
    int64_t weight;
    size_t healthy;    /* targets that take requests */
    size_t wanted;     /* tasks that services with this target group are to have */
} SimulationShare;

typedef struct SimulationRule {
    Text arn;
    ARRAY(SimulationShare) shares;
} SimulationRule;

typedef struct SimulationService {
    Text name;
    Text revision;      /* of its primary deployment */
    bool is_new;        /* which was registered after simulation_begin */
    size_t desired, running, healthy;
    bool is_settled;
    size_t deployments; /* how many began after simulation_begin */
} SimulationService;

typedef struct SimulationScaling {
    Text resource;
    bool in, out, scheduled; /* suspended */
} SimulationScaling;

/* Rules that forward; services that are active; scalable targets. In the arena. */
void simulation_list_rules(Simulation *simulation, Arena *arena, SimulationRule **out, size_t *count);
void simulation_list_services(Simulation *simulation, Arena *arena, SimulationService **out, size_t *count);
void simulation_list_scaling(Simulation *simulation, Arena *arena, SimulationScaling **out, size_t *count);
/* Moves the weights of a rule by hand. False where there is no such rule with two target groups. */
bool simulation_move_weights(Simulation *simulation, Text rule, int64_t first, int64_t second);
/* Called after everything that changes: what must always hold can be looked at. NULL: nobody. */
void simulation_watch(Simulation *simulation, void (*look)(void *context), void *context);
/* Another course of events, and another world, from now on. */
void simulation_change_world(Simulation *simulation, uint64_t seed, const WorldOptions *world);
/* Makes a parameter, as whoever gives a command does. */
void simulation_put_parameter(Simulation *simulation, Text name, Text value);

#endif
