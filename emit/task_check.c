#include "emit/task_check.h"

/* --- sizes (AWS: Fargate task sizes) --- */

/* Memory in MiB. From least to most by step; the smallest vCPU has a doubling instead (step 0). */
typedef struct FargateSize {
    int64_t cpu;
    int64_t least;
    int64_t most;
    int64_t step;
} FargateSize;

enum { GIB = 1024 };

static const FargateSize fargate_sizes[] = {
    {256, 512, 2 * GIB, 0},         {512, 1 * GIB, 4 * GIB, GIB},    {1024, 2 * GIB, 8 * GIB, GIB},        {2048, 4 * GIB, 16 * GIB, GIB},
    {4096, 8 * GIB, 30 * GIB, GIB}, {8192, 16 * GIB, 60 * GIB, 4 * GIB}, {16384, 32 * GIB, 120 * GIB, 8 * GIB},
};
enum { FARGATE_SIZE_COUNT = sizeof fargate_sizes / sizeof *fargate_sizes };

bool task_is_windows(const Node *service)
{
    return text_starts_with(node_aws(node_child(service, W_OS), 0), TEXT("WINDOWS"));
}

/* The nearest memory at or above that Fargate has, or the most. */
static int64_t nearest_memory(const FargateSize *size, int64_t memory)
{
    if (memory <= size->least)
        return size->least;
    if (memory >= size->most)
        return size->most;
    if (!size->step)
        return memory <= GIB ? GIB : 2 * GIB;
    return size->least + (memory - size->least + size->step - 1) / size->step * size->step;
}

static Text memory_text(Arena *arena, int64_t mebibytes)
{
    return mebibytes % GIB ? arena_format(arena, "%lld MiB", (long long)mebibytes) : arena_format(arena, "%lld GiB", (long long)(mebibytes / GIB));
}

static Text cpu_text(Arena *arena, int64_t cpu)
{
    Rational share = {0, 1};
    bool is_made = rational_make(&share, cpu, GIB);
    return is_made ? rational_to_text(arena, share) : TEXT_NONE;
}

static Text sizes_text(Arena *arena, const FargateSize *size)
{
    if (!size->step)
        return TEXT("512 MiB, 1 GiB or 2 GiB");
    return arena_format(arena, "%lld to %lld GiB, in steps of %lld GiB", (long long)(size->least / GIB), (long long)(size->most / GIB),
                        (long long)(size->step / GIB));
}

static void report_cpu(Emission *emission, const Node *compute)
{
    int64_t cpu = node_integer(compute, 0, 0);
    Text shown = cpu_text(emission->arena, cpu);
    const FargateSize *fit = &fargate_sizes[FARGATE_SIZE_COUNT - 1];
    for (size_t i = FARGATE_SIZE_COUNT; i-- > 0;)
        fit = cpu <= fargate_sizes[i].cpu ? &fargate_sizes[i] : fit;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_FARGATE_CPU, node_argument_span(compute, 0), "Fargate has no task of %.*s vCPU",
                                               TEXT_ARG(shown));
    diagnostic_set_label(emission->sink, diagnostic, "Fargate has 0.25, 0.5, 1, 2, 4, 8 and 16 vCPU");
    Text replacement = arena_format(emission->arena, "%.*s vcpu", TEXT_ARG(cpu_text(emission->arena, fit->cpu)));
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(compute, 0), replacement, "%s %.*s", compute->row->word,
                       TEXT_ARG(replacement));
}

/* AWS: Windows on Fargate has 1, 2 and 4 vCPU. */
static void check_windows_size(Emission *emission, const Node *service, const Node *compute)
{
    enum { LEAST = 1024, MOST = 4096 };
    int64_t cpu = node_integer(compute, 0, 0);
    if (!task_is_windows(service) || (cpu >= LEAST && cpu <= MOST))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_FARGATE_CPU, node_argument_span(compute, 0),
                                               "Fargate has no Windows task of %.*s vCPU", TEXT_ARG(cpu_text(emission->arena, cpu)));
    diagnostic_set_label(emission->sink, diagnostic, "for Windows it has 1, 2 and 4 vCPU");
    diagnostic_add_label(emission->sink, diagnostic, node_child(service, W_OS)->span, "because of this");
}

static void report_memory(Emission *emission, const Node *compute, const FargateSize *size, int64_t memory)
{
    Arena *arena = emission->arena;
    Text shown = memory_text(arena, memory);
    Text cpu = cpu_text(arena, size->cpu);
    const char *problem = memory < size->least ? "is too little memory" : memory > size->most ? "is too much memory" : "is no step of memory";
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_FARGATE_MEMORY, node_argument_span(compute, 1), "%.*s %s for %.*s vCPU on Fargate",
                                               TEXT_ARG(shown), problem, TEXT_ARG(cpu));
    diagnostic_set_label(emission->sink, diagnostic, "Fargate gives %.*s vCPU %.*s", TEXT_ARG(cpu), TEXT_ARG(sizes_text(arena, size)));
    diagnostic_add_label(emission->sink, diagnostic, node_argument_span(compute, 0), "because of this");
    Text replacement = memory_text(arena, nearest_memory(size, memory));
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(compute, 1), replacement, "%s %.*s vcpu %.*s", compute->row->word,
                       TEXT_ARG(cpu), TEXT_ARG(replacement));
}

static void check_compute(Emission *emission, const Node *service)
{
    const Node *compute = node_child(service, W_COMPUTE);
    if (!compute) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NO_COMPUTE, service->span, "%s %.*s does not say the size of its tasks",
                                                   service->row->word, TEXT_ARG(service->key));
        diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", vocabulary_row(W_COMPUTE)->example);
        return;
    }
    int64_t cpu = node_integer(compute, 0, 0);
    int64_t memory = node_mebibytes(compute, 1, 0);
    if (!cpu)
        return;
    for (size_t i = 0; i < FARGATE_SIZE_COUNT; i++) {
        const FargateSize *size = &fargate_sizes[i];
        if (size->cpu != cpu)
            continue;
        if (memory && (nearest_memory(size, memory) != memory))
            report_memory(emission, compute, size, memory);
        check_windows_size(emission, service, compute);
        return;
    }
    report_cpu(emission, compute);
}

/* --- what the containers take together --- */

static void check_cpu_sum(Emission *emission, const Node *service)
{
    const Node *compute = node_child(service, W_COMPUTE);
    int64_t whole = node_integer(compute, 0, 0);
    int64_t sum = 0;
    NODE_EACH(container, service, W_CONTAINER)
    {
        const Node *cpu = node_child(container, W_CONTAINER_CPU);
        int64_t part = node_integer(cpu, 0, 0);
        sum += part;
        if (!whole || !part || sum <= whole)
            continue;
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_CONTAINERS_CPU, node_argument_span(cpu, 0), "the containers ask for %.*s vCPU of a task with %.*s",
                              TEXT_ARG(cpu_text(emission->arena, sum)), TEXT_ARG(cpu_text(emission->arena, whole)));
        diagnostic_set_label(emission->sink, diagnostic, "with this it is more than the task has");
        diagnostic_add_label(emission->sink, diagnostic, node_argument_span(compute, 0), "what the task has");
        return;
    }
}

static void check_memory_pair(Emission *emission, const Node *container)
{
    const Node *limit = node_child(container, W_CONTAINER_MEMORY);
    const Node *reservation = node_child(container, W_MEMORY_RESERVATION);
    int64_t most = node_mebibytes(limit, 0, 0);
    int64_t kept = node_mebibytes(reservation, 0, 0);
    if (!most || !kept || kept < most)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_MEMORY_RESERVATION, node_argument_span(reservation, 0),
                                               "%s is not below %s", reservation->row->word, limit->row->word);
    diagnostic_add_label(emission->sink, diagnostic, node_argument_span(limit, 0), "the container is killed here");
}

static void check_memory_sum(Emission *emission, const Node *service)
{
    const Node *compute = node_child(service, W_COMPUTE);
    int64_t whole = node_mebibytes(compute, 1, model_task_memory(node_integer(compute, 0, 0)));
    int64_t sum = 0;
    bool is_reported = !whole;
    NODE_EACH(container, service, W_CONTAINER)
    {
        const Node *limit = node_child(container, W_CONTAINER_MEMORY);
        const Node *said = limit ? limit : node_child(container, W_MEMORY_RESERVATION);
        int64_t part = node_mebibytes(said, 0, 0);
        check_memory_pair(emission, container);
        sum += part;
        if (is_reported || !part || sum <= whole)
            continue;
        is_reported = true;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_CONTAINERS_MEMORY, node_argument_span(said, 0),
                                                   "the containers ask for %.*s of memory of a task with %.*s",
                                                   TEXT_ARG(memory_text(emission->arena, sum)), TEXT_ARG(memory_text(emission->arena, whole)));
        diagnostic_set_label(emission->sink, diagnostic, "with this it is more than the task has");
        diagnostic_add_label(emission->sink, diagnostic, compute->span, "what the task has");
    }
}

/* --- containers --- */

static bool is_essential(const Node *container)
{
    return node_flag(node_child(container, W_ESSENTIAL), true);
}

static void check_container_count(Emission *emission, const Node *service)
{
    enum { CONTAINERS_MAX = 10 };
    const char *word = vocabulary_row(W_CONTAINER)->word;
    size_t count = 0;
    bool has_essential = false;
    NODE_EACH(container, service, W_CONTAINER)
    {
        has_essential = has_essential || is_essential(container);
        if (++count == CONTAINERS_MAX + 1) {
            Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TOO_MANY_CONTAINERS, container->span, "a task has at most %d containers",
                                                       CONTAINERS_MAX);
            diagnostic_set_label(emission->sink, diagnostic, "this one is too many");
        }
    }
    if (!count) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NO_CONTAINER, service->span, "%s %.*s has no %s", service->row->word,
                                                   TEXT_ARG(service->key), word);
        diagnostic_set_advice(emission->sink, diagnostic, "add one: %s", vocabulary_row(W_CONTAINER)->example);
    } else if (!has_essential) {
        const Node *first = node_child(node_child(service, W_CONTAINER), W_ESSENTIAL);
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NO_ESSENTIAL, first->span, "no %s of %s %.*s is essential", word,
                                                   service->row->word, TEXT_ARG(service->key));
        diagnostic_set_label(emission->sink, diagnostic, "with the task's main container essential, ECS knows when the task has ended");
    }
}

static void check_image(Emission *emission, const Node *container)
{
    const Node *image = node_child(container, W_IMAGE);
    if (image && node_argument(image, 1))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NO_IMAGE, image ? image->span : container->span, "%s %.*s has no %s",
                                               container->row->word, TEXT_ARG(container->key), vocabulary_row(W_IMAGE)->word);
    diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", vocabulary_row(W_IMAGE)->example);
}

/* What only Linux containers have (AWS: ECS, ContainerDefinition). The library's own defaults do not count: task_definition.c leaves them out. */
static void check_windows_words(Emission *emission, const Node *service, const Node *container)
{
    static const WordId words[] = {W_INIT, W_CAPABILITIES_ADD, W_CAPABILITIES_DROP, W_TMPFS, W_READ_ONLY_ROOT, W_USER, W_ULIMIT, W_SYSCTL};
    for (size_t i = 0; task_is_windows(service) && i < sizeof words / sizeof *words; i++) {
        const Node *word = node_child(container, words[i]);
        if (!word || (word->presence && word->presence->layer == LAYER_LIBRARY))
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WINDOWS_WORD, word->span, "Windows containers have no `%s`", word->row->word);
        diagnostic_add_label(emission->sink, diagnostic, node_child(service, W_OS)->span, "Windows");
        diagnostic_set_advice(emission->sink, diagnostic, "leave it out");
    }
}

/* One name in both lists: ECS refuses it, as nobody could tell which wins. */
static void check_variables(Emission *emission, const Node *container)
{
    const Node *env = node_child(container, W_ENV);
    NODE_EACH(secret, container, W_SECRET)
    {
        const Node *plain = env ? node_keyed_child(env, W_NAMED_VALUE, secret->key) : NULL;
        if (!plain)
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_VARIABLE_TWICE, secret->span, "%.*s is set twice", TEXT_ARG(secret->key));
        diagnostic_set_label(emission->sink, diagnostic, "as a %s", secret->row->word);
        diagnostic_add_label(emission->sink, diagnostic, plain->span, "and as a plain value");
        diagnostic_set_advice(emission->sink, diagnostic, "keep one of them");
    }
}

/* --- the order of starting --- */

static bool waits_for_end(const Node *after)
{
    return text_equal_c(node_aws(after, 1), "COMPLETE") || text_equal_c(node_aws(after, 1), "SUCCESS");
}

static void check_after(Emission *emission, const Node *service, const Node *after)
{
    const Node *other = node_keyed_child(service, W_CONTAINER, node_text(after, 0));
    if (!other)
        return;
    if (text_equal_c(node_aws(after, 1), "HEALTHY") && !node_child(other, W_HEALTH)) {
        const char *health = vocabulary_row(W_HEALTH)->word;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_AFTER_HEALTHY, after->span, "%.*s can never become healthy: it has no `%s`",
                                                   TEXT_ARG(other->key), health);
        diagnostic_add_label(emission->sink, diagnostic, other->span, "declared here");
        diagnostic_set_advice(emission->sink, diagnostic, "give it one: %s", vocabulary_row(W_HEALTH)->example);
    }
    if (waits_for_end(after) && is_essential(other)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_AFTER_ESSENTIAL, after->span,
                                                   "waiting for the end of %.*s, which ends the whole task", TEXT_ARG(other->key));
        diagnostic_add_label(emission->sink, diagnostic, other->span, "it is essential");
        diagnostic_set_advice(emission->sink, diagnostic, "say `%s no` in %s %.*s", vocabulary_row(W_ESSENTIAL)->word, other->row->word,
                              TEXT_ARG(other->key));
    }
}

enum { CHAIN_MAX = 16 };

/* A search through `after`, from nodes[0] back to it. */
typedef struct Chain {
    const Node *service;
    const Node *nodes[CHAIN_MAX + 1];
    const Node *afters[CHAIN_MAX + 1]; /* the statement by which nodes[i] leads on */
    size_t length;
    const Node *visited[CHAIN_MAX + 1];
    size_t visited_count;
} Chain;

static bool is_visited(const Chain *chain, const Node *container)
{
    for (size_t i = 0; i < chain->visited_count; i++)
        if (chain->visited[i] == container)
            return true;
    return false;
}

/* Each container is gone through once, so the search ends; those on the way back stay in the chain. */
static bool follow_chain(Chain *chain, const Node *container)
{
    if (chain->length == CHAIN_MAX)
        return false;
    size_t place = chain->length++;
    chain->nodes[place] = container;
    chain->visited[chain->visited_count++] = container;
    NODE_EACH(after, container, W_AFTER)
    {
        const Node *next = node_keyed_child(chain->service, W_CONTAINER, node_text(after, 0));
        chain->afters[place] = after;
        if (next == chain->nodes[0])
            return true;
        if (next && !is_visited(chain, next) && follow_chain(chain, next))
            return true;
    }
    chain->length--;
    return false;
}

static void check_cycles(Emission *emission, const Node *service)
{
    if (node_count_children(service, W_CONTAINER) > CHAIN_MAX)
        return;
    NODE_EACH(container, service, W_CONTAINER)
    {
        Chain chain = {.service = service};
        if (!follow_chain(&chain, container))
            continue;
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_AFTER_CYCLE, chain.afters[0]->span, "containers that wait for each other never start");
        diagnostic_set_label(emission->sink, diagnostic, "%.*s waits here", TEXT_ARG(container->key));
        for (size_t i = 1; i < chain.length; i++)
            diagnostic_add_label(emission->sink, diagnostic, chain.afters[i]->span, "%.*s waits here", TEXT_ARG(chain.nodes[i]->key));
        return;
    }
}

/* --- routes --- */

static void check_route(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    const Node *to = node_child(route->node, W_ROUTE_TO);
    const Node *container = node_keyed_child(facts->node, W_CONTAINER, route->container);
    const Node *port = NULL;
    if (!container || !route->port)
        return;
    NODE_EACH(candidate, container, W_PORT)
    {
        port = candidate;
        if (node_integer(candidate, 0, 0) == route->port || !node_integer(candidate, 0, 0))
            return;
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROUTE_PORT, node_argument_span(to, 1), "%s %.*s does not listen on %lld",
                                               container->row->word, TEXT_ARG(container->key), (long long)route->port);
    if (port && node_count_children(container, W_PORT) == 1) {
        Text number = arena_format(emission->arena, "%lld", (long long)node_integer(port, 0, 0));
        diagnostic_add_label(emission->sink, diagnostic, port->span, "the port it listens on");
        diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(to, 1), number, "%s %.*s %.*s", to->row->word,
                           TEXT_ARG(container->key), TEXT_ARG(number));
    } else {
        diagnostic_add_label(emission->sink, diagnostic, container->span, port ? "its ports are others" : "it has no port");
        diagnostic_set_advice(emission->sink, diagnostic, "say `%s %lld` in it", vocabulary_row(W_PORT)->word, (long long)route->port);
    }
}

void task_check(Emission *emission, const ServiceFacts *facts)
{
    const Node *service = facts->node;
    check_compute(emission, service);
    check_cpu_sum(emission, service);
    check_memory_sum(emission, service);
    check_container_count(emission, service);
    NODE_EACH(container, service, W_CONTAINER)
    {
        check_image(emission, container);
        check_variables(emission, container);
        check_windows_words(emission, service, container);
        NODE_EACH(after, container, W_AFTER)
            check_after(emission, service, after);
    }
    check_cycles(emission, service);
    for (size_t i = 0; i < facts->route_count; i++)
        check_route(emission, facts, &facts->routes[i]);
}
