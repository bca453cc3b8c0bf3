/* vCPU and memory: what Fargate has, and what the containers of a task take together. */
#include "rules/task.h"
#include "schema/fargate.h"
#include "vocabulary/vocabulary.h"

/* --- sizes as people write them --- */

enum { GIB = 1024 };

/* "256", or "0.25 vCPU" and "0.5 GB": `unit` of them is `factor`. False when it is neither. */
static bool read_size(const Json *node, const char *unit, int64_t *out)
{
    enum { SMALL_MAX = 1000000 };
    if (rule_integer(node, out))
        return *out >= 0;
    Text text = text_trim(rule_text(node));
    Text wanted = text_from_c(unit);
    Rational number;
    if (text.len < wanted.len || !text_equal_any_case(text_slice(text, text.len - wanted.len, text.len), wanted))
        return false;
    text = text_trim(text_slice(text, 0, text.len - wanted.len));
    if (!text.len || !rational_parse(&number, text))
        return false;
    if (rational_compare(number, rational_from_integer(SMALL_MAX)) > 0 || !rational_multiply(&number, number, rational_from_integer(GIB)))
        return false;
    *out = number.num / number.den;
    return true;
}

/* Of the task. False when it is absent, unknown, or no size (reported by check_forms). */
static bool task_cpu(const Json *task, int64_t *out)
{
    const Json *node = json_get_c(task, "cpu");
    return rule_is_known(node) && read_size(node, "vcpu", out);
}

static bool task_memory(const Json *task, int64_t *out)
{
    const Json *node = json_get_c(task, "memory");
    return rule_is_known(node) && read_size(node, "gb", out);
}

/* ECS reads nothing else (AWS: RegisterTaskDefinition, cpu and memory). */
static void check_form(const RuleContext *context, const Resource *resource, const Json *node, const char *unit, const char *label)
{
    int64_t size;
    if (node->kind != JSON_TEXT || read_size(node, unit, &size))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_TASK_SIZE_FORM, node, "\"%.*s\" is no size that ECS reads", TEXT_ARG(node->text));
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

static void check_cpu_form(const RuleContext *context, const Resource *resource, const Json *node)
{
    check_form(context, resource, node, "vcpu", "CPU units such as \"1024\", or \"1 vCPU\"");
}

static void check_memory_form(const RuleContext *context, const Resource *resource, const Json *node)
{
    check_form(context, resource, node, "gb", "MiB such as \"2048\", or \"2 GB\"");
}

/* --- Fargate's sizes --- */

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

/* As people write it: vCPU in .svc, units elsewhere. */
static Text asked_text(const RuleContext *context, int64_t cpu)
{
    if (context->is_svc)
        return arena_format(context->arena, "%.*s vCPU", TEXT_ARG(cpu_text(context->arena, cpu)));
    return arena_format(context->arena, "%lld CPU units", (long long)cpu);
}

static Text sizes_text(Arena *arena, const FargateSize *size)
{
    if (!size->step)
        return TEXT("512 MiB, 1 GiB or 2 GiB");
    return arena_format(arena, "%lld to %lld GiB, in steps of %lld GiB", (long long)(size->least / GIB), (long long)(size->most / GIB),
                        (long long)(size->step / GIB));
}

/* In .svc by `compute`; elsewhere a number in the quotes that are there. */
static void offer_size(const RuleContext *context, Diagnostic *diagnostic, const Json *node, Text said, Text shown, int64_t number)
{
    const char *word = vocabulary_row(W_COMPUTE)->word;
    if (span_is_none(node->origin))
        return;
    if (context->is_svc) {
        diagnostic_set_fix(context->sink, diagnostic, false, node->origin, said, "%s %.*s", word, TEXT_ARG(shown));
        return;
    }
    Text source = sources_text(context->sink->sources, node->origin);
    const char *quote = source.len && source.ptr[0] == '"' ? "\"" : source.len && source.ptr[0] == '\'' ? "'" : "";
    Text replacement = arena_format(context->arena, "%s%lld%s", quote, (long long)number, quote);
    diagnostic_set_fix(context->sink, diagnostic, false, node->origin, replacement, "%.*s", TEXT_ARG(replacement));
}

static void report_cpu(const RuleContext *context, const Resource *resource, const Json *node, int64_t cpu)
{
    const FargateSize *fit = fargate_size_for(cpu, 0);
    Diagnostic *diagnostic = rule_report(context, resource, CODE_FARGATE_CPU, node, "Fargate has no task of %.*s", TEXT_ARG(asked_text(context, cpu)));
    diagnostic_set_label(context->sink, diagnostic,
                         context->is_svc ? "Fargate has 0.25, 0.5, 1, 2, 4, 8 and 16 vCPU" : "Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384");
    Text replacement = arena_format(context->arena, "%.*s vcpu", TEXT_ARG(cpu_text(context->arena, fit->cpu)));
    offer_size(context, diagnostic, node, replacement, replacement, fit->cpu);
}

/* AWS: Windows on Fargate has 1, 2 and 4 vCPU. */
static void check_windows_size(const RuleContext *context, const Resource *resource, int64_t cpu)
{
    enum { LEAST = 1024, MOST = 4096 };
    if (!task_is_for_windows(resource) || (cpu >= LEAST && cpu <= MOST))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_FARGATE_CPU, json_get_c(resource->input, "cpu"), "Fargate has no Windows task of %.*s vCPU",
                                         TEXT_ARG(cpu_text(context->arena, cpu)));
    diagnostic_set_label(context->sink, diagnostic, "for Windows it has 1, 2 and 4 vCPU");
    diagnostic_add_label(context->sink, diagnostic, task_windows_span(context, resource), "because of this");
}

static void report_memory(const RuleContext *context, const Resource *resource, const FargateSize *size, int64_t memory)
{
    Arena *arena = context->arena;
    const Json *node = json_get_c(resource->input, "memory");
    Text cpu = cpu_text(arena, size->cpu);
    const char *problem = memory < size->least ? "is too little memory" : memory > size->most ? "is too much memory" : "is no step of memory";
    Diagnostic *diagnostic = rule_report(context, resource, CODE_FARGATE_MEMORY, node, "%.*s %s for %.*s vCPU on Fargate",
                                         TEXT_ARG(memory_text(arena, memory)), problem, TEXT_ARG(cpu));
    diagnostic_set_label(context->sink, diagnostic, "Fargate gives %.*s vCPU %.*s", TEXT_ARG(cpu), TEXT_ARG(sizes_text(arena, size)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(resource->input, "cpu")), "because of this");
    Text replacement = memory_text(arena, fargate_nearest_memory(size, memory));
    offer_size(context, diagnostic, node, replacement, arena_format(arena, "%.*s vcpu %.*s", TEXT_ARG(cpu), TEXT_ARG(replacement)),
               fargate_nearest_memory(size, memory));
}

/* Fargate bills and places a task by its size. */
static void check_size_said(const RuleContext *context, const Resource *resource)
{
    const Json *cpu = json_get_c(resource->input, "cpu");
    const Json *memory = json_get_c(resource->input, "memory");
    if (rule_is_set(cpu) && (rule_is_set(memory) || context->is_svc))
        return;
    if (context->is_svc) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_NO_COMPUTE, NULL, "%s %.*s does not say the size of its tasks",
                                             vocabulary_row(W_SERVICE)->word, TEXT_ARG(resource->service));
        diagnostic_set_advice(context->sink, diagnostic, "say it: %s", vocabulary_row(W_COMPUTE)->example);
        return;
    }
    if (rule_is_misspelt(resource->input, TEXT("memory")))
        return;
    const char *missing = rule_is_set(cpu) ? "memory" : rule_is_set(memory) ? "cpu" : "cpu and memory";
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_NO_COMPUTE, task_fargate_span(context, resource), "a task for Fargate needs %s", missing);
    diagnostic_set_label(context->sink, diagnostic, "for Fargate");
    diagnostic_set_advice(context->sink, diagnostic, "say %s beside it, such as \"cpu\": \"256\", \"memory\": \"512\"", missing);
}

static void check_size(const RuleContext *context, const Resource *resource, const Json *task)
{
    int64_t cpu;
    int64_t memory;
    if (!task_is_fargate(context, resource))
        return;
    check_size_said(context, resource);
    if (!task_cpu(task, &cpu))
        return;
    const FargateSize *size = fargate_size_of(cpu);
    if (!size) {
        report_cpu(context, resource, json_get_c(task, "cpu"), cpu);
        return;
    }
    if (task_memory(task, &memory) && fargate_nearest_memory(size, memory) != memory)
        report_memory(context, resource, size, memory);
    check_windows_size(context, resource, cpu);
}

/* --- what the containers take together --- */

/* Of numbers that are not negative: what a document says may be anything. */
static int64_t add_up(int64_t a, int64_t b)
{
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

static Text whole_text(const RuleContext *context, int64_t cpu)
{
    return context->is_svc ? cpu_text(context->arena, cpu) : arena_format(context->arena, "%lld", (long long)cpu);
}

/* What containers ask for of the task's CPU or memory, one after the other. */
typedef struct Share {
    const char *member;      /* of the task */
    const char *parts[2];    /* of a container: the first that is said; NULL for none */
    DiagnosticCode code;
    Text (*text)(const RuleContext *context, int64_t amount);
    Text (*whole_text)(const RuleContext *context, int64_t amount);
    const char *words;       /* between the two amounts */
} Share;

static Text memory_shown(const RuleContext *context, int64_t memory)
{
    return memory_text(context->arena, memory);
}

static void check_sum(const RuleContext *context, const Resource *resource, const Json *task, const Share *share, int64_t whole)
{
    const Json *containers = json_get_c(task, "containerDefinitions");
    int64_t sum = 0;
    for (size_t i = 0; whole && i < rule_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        const Json *said = json_get_c(container, share->parts[0]);
        int64_t part;
        if (!rule_is_set(said) && share->parts[1])
            said = json_get_c(container, share->parts[1]);
        if (!rule_is_known(said) || !rule_integer(said, &part) || part <= 0)
            continue;
        sum = add_up(sum, part);
        if (sum <= whole)
            continue;
        Diagnostic *diagnostic = rule_report(context, resource, share->code, said, "the containers ask for %.*s %s %.*s", TEXT_ARG(share->text(context, sum)),
                                             share->words, TEXT_ARG(share->whole_text(context, whole)));
        diagnostic_set_label(context->sink, diagnostic, "with this it is more than the task has");
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(task, share->member)), "what the task has");
        return;
    }
}

static void check_sums(const RuleContext *context, const Resource *resource, const Json *task)
{
    static const Share cpu = {"cpu", {"cpu", NULL}, CODE_CONTAINERS_CPU, asked_text, whole_text, "of a task with"};
    static const Share memory = {"memory", {"memory", "memoryReservation"}, CODE_CONTAINERS_MEMORY, memory_shown, memory_shown, "of memory of a task with"};
    int64_t whole;
    if (task_cpu(task, &whole))
        check_sum(context, resource, task, &cpu, whole);
    if (task_memory(task, &whole))
        check_sum(context, resource, task, &memory, whole);
}

static void check_container_memory(const RuleContext *context, const Resource *resource, const Json *container)
{
    enum { LEAST = 6 };
    const Json *limit = json_get_c(container, "memory");
    const Json *kept = json_get_c(container, "memoryReservation");
    int64_t most;
    int64_t reserved;
    bool has_limit = rule_is_known(limit) && rule_integer(limit, &most);
    if (has_limit && rule_is_known(kept) && rule_integer(kept, &reserved) && most && reserved > most) {
        Diagnostic *diagnostic =
            rule_report(context, resource, CODE_MEMORY_RESERVATION, kept, "%s is above %s",
                        rule_name(context, vocabulary_row(W_MEMORY_RESERVATION)->word, "memoryReservation"), vocabulary_row(W_CONTAINER_MEMORY)->word);
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, limit), "the container is killed here");
    }
    if (has_limit && most > 0 && most < LEAST) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_CONTAINER_MEMORY, limit, "%lld MiB is too little for a container", (long long)most);
        diagnostic_set_label(context->sink, diagnostic, "Docker gives a container at least 6 MiB; this counts MiB");
    }
}

/* Without a task's memory, every container says its own (AWS: RegisterTaskDefinition). */
static void check_memory_said(const RuleContext *context, const Resource *resource, const Json *task)
{
    const Json *containers = json_get_c(task, "containerDefinitions");
    if (rule_is_set(json_get_c(task, "memory")) || task_is_fargate(context, resource) || rule_is_misspelt(task, TEXT("memory")))
        return;
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        if (container->kind != JSON_OBJECT || rule_is_set(json_get_c(container, "memory")) || rule_is_set(json_get_c(container, "memoryReservation")) ||
            rule_is_misspelt(container, TEXT("memory")) || rule_is_misspelt(container, TEXT("memoryReservation")))
            continue;
        Diagnostic *diagnostic = rule_report(context, resource, CODE_CONTAINER_MEMORY, task_container_place(context, container), "%s has no memory",
                                             task_container_label(context, container));
        diagnostic_set_advice(context->sink, diagnostic, "say memory or memoryReservation in it, or memory for the whole task");
    }
}

const Rule task_size_rules[] = {
    {RESOURCE_TASK_DEFINITION, "", check_size},
    {RESOURCE_TASK_DEFINITION, "cpu", check_cpu_form},
    {RESOURCE_TASK_DEFINITION, "memory", check_memory_form},
    {RESOURCE_TASK_DEFINITION, "", check_sums},
    {RESOURCE_TASK_DEFINITION, "", check_memory_said},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_container_memory},
    {.check = NULL},
};
