/* Containers: how many, their images, variables and health, and the order in which they start. */
#include "rules/task.h"
#include "vocabulary/vocabulary.h"

/* --- how many --- */

static bool is_essential(const Json *container)
{
    return rule_flag(json_get_c(container, "essential"), true);
}

static void report_none(const RuleContext *context, const Resource *resource, const Json *list)
{
    const char *word = vocabulary_row(W_CONTAINER)->word;
    if (!context->is_svc) {
        (void)rule_report(context, resource, CODE_NO_CONTAINER, list, "this task definition has no %s", word);
        return;
    }
    Diagnostic *diagnostic = rule_report(context, resource, CODE_NO_CONTAINER, NULL, "%s %.*s has no %s", vocabulary_row(W_SERVICE)->word,
                                         TEXT_ARG(resource->service), word);
    diagnostic_set_advice(context->sink, diagnostic, "add one: %s", vocabulary_row(W_CONTAINER)->example);
}

static void report_no_essential(const RuleContext *context, const Resource *resource, const Json *first)
{
    const char *word = vocabulary_row(W_CONTAINER)->word;
    const Json *said = json_get_c(first, "essential");
    Text owner = context->is_svc ? arena_format(context->arena, "%s %.*s", vocabulary_row(W_SERVICE)->word, TEXT_ARG(resource->service))
                                 : TEXT("this task definition");
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_NO_ESSENTIAL,
                                               rule_member_span(context, resource, said, vocabulary_row(W_ESSENTIAL)->word), "no %s of %.*s is essential",
                                               word, TEXT_ARG(owner));
    diagnostic_set_label(context->sink, diagnostic, "with the task's main container essential, ECS knows when the task has ended");
}

static void check_count(const RuleContext *context, const Resource *resource, const Json *task)
{
    enum { CONTAINERS_MAX = 10 };
    const Json *list = json_get_c(task, "containerDefinitions");
    bool has_essential = false;
    if (rule_is_set(list) ? list->kind != JSON_ARRAY : rule_is_misspelt(task, TEXT("containerDefinitions")))
        return;
    for (size_t i = 0; i < rule_item_count(list); i++)
        has_essential = has_essential || list->items.items[i]->kind != JSON_OBJECT || is_essential(list->items.items[i]) ||
                        !rule_is_known(json_get_c(list->items.items[i], "essential"));
    if (rule_item_count(list) > CONTAINERS_MAX) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_TOO_MANY_CONTAINERS, task_container_place(context, list->items.items[CONTAINERS_MAX]),
                                             "a task has at most %d containers", CONTAINERS_MAX);
        diagnostic_set_label(context->sink, diagnostic, "this one is too many");
    }
    if (!rule_item_count(list))
        report_none(context, resource, list);
    else if (!has_essential)
        report_no_essential(context, resource, list->items.items[0]);
}

static void report_repeat(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic =
        rule_report(context, resource, CODE_NAMED_TWICE, name, "two containers of this task are called %.*s", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "the first");
}

static void check_names(const RuleContext *context, const Resource *resource, const Json *containers)
{
    task_each_repeat(context, resource, containers, "name", report_repeat);
}

static void check_image(const RuleContext *context, const Resource *resource, const Json *container)
{
    const Json *image = json_get_c(container, "image");
    if ((rule_is_set(image) && (!rule_is_known(image) || image->kind != JSON_TEXT || image->text.len)) || rule_is_misspelt(container, TEXT("image")))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_NO_IMAGE, rule_is_set(image) ? image : task_container_place(context, container), "%s has no %s",
                                         task_container_label(context, container), vocabulary_row(W_IMAGE)->word);
    if (context->is_svc)
        diagnostic_set_advice(context->sink, diagnostic, "say it: %s", vocabulary_row(W_IMAGE)->example);
    else
        diagnostic_set_advice(context->sink, diagnostic, "say it: \"image\": \"123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1.2.3\"");
}

/* --- Windows (AWS: ECS, ContainerDefinition) --- */

typedef struct WindowsBan {
    const char *path;
    WordId word; /* W_NONE where no word of the vocabulary sets it */
} WindowsBan;

static const WindowsBan windows_bans[] = {
    {"linuxParameters.initProcessEnabled", W_INIT},
    {"linuxParameters.capabilities.add", W_CAPABILITIES_ADD},
    {"linuxParameters.capabilities.drop", W_CAPABILITIES_DROP},
    {"linuxParameters.tmpfs", W_TMPFS},
    {"readonlyRootFilesystem", W_READ_ONLY_ROOT},
    {"user", W_USER},
    {"ulimits", W_ULIMIT},
    {"systemControls", W_SYSCTL},
};

/* The library's own defaults do not count: task_definition.c leaves them out. */
static void check_windows(const RuleContext *context, const Resource *resource, const Json *container)
{
    for (size_t i = 0; task_is_for_windows(resource) && i < sizeof windows_bans / sizeof *windows_bans; i++) {
        const WindowsBan *ban = &windows_bans[i];
        const Json *said = rule_find(container, ban->path);
        const char *word = vocabulary_row(ban->word)->word;
        const char *name = rule_name(context, word, ban->path);
        if (!said || (said->kind == JSON_BOOL && !said->boolean && !context->is_svc) || (said->kind == JSON_ARRAY && !said->items.count))
            continue;
        const Json *place = context->is_svc && span_is_none(said->origin) && rule_item_count(said) ? said->items.items[0] : said;
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_WINDOWS_WORD, rule_member_span(context, resource, place, name),
                                                   "Windows containers have no `%s`", name);
        diagnostic_add_label(context->sink, diagnostic, task_windows_span(context, resource), "Windows");
        diagnostic_set_advice(context->sink, diagnostic, "leave it out");
    }
}

/* --- the order of starting --- */

static const Json *find_dependency(const RuleContext *context, const Resource *resource, const Json *dependency)
{
    bool has_unknown;
    const Json *name = json_get_c(dependency, "containerName");
    return rule_is_known(name) ? task_find_container(context, resource, rule_text(name), &has_unknown) : NULL;
}

static void report_never_healthy(const RuleContext *context, const Resource *resource, const Json *dependency, const Json *other)
{
    const char *health = rule_name(context, vocabulary_row(W_HEALTH)->word, "healthCheck");
    const Json *place = context->is_svc ? dependency : json_get_c(dependency, "condition");
    Diagnostic *diagnostic = rule_report(context, resource, CODE_AFTER_HEALTHY, place, "%.*s can never become healthy: it has no `%s`",
                                         TEXT_ARG(rule_text(json_get_c(other, "name"))), health);
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, task_container_place(context, other)), "declared here");
    if (context->is_svc)
        diagnostic_set_advice(context->sink, diagnostic, "give it one: %s", vocabulary_row(W_HEALTH)->example);
    else
        diagnostic_set_advice(context->sink, diagnostic, "give it one: \"healthCheck\": {\"command\": [\"CMD-SHELL\", \"…\"]}");
}

static void report_never_ends(const RuleContext *context, const Resource *resource, const Json *dependency, const Json *other)
{
    const Json *place = context->is_svc ? dependency : json_get_c(dependency, "condition");
    Text name = rule_text(json_get_c(other, "name"));
    Diagnostic *diagnostic = rule_report(context, resource, CODE_AFTER_ESSENTIAL, place, "waiting for the end of %.*s, which ends the whole task",
                                         TEXT_ARG(name));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, task_container_place(context, other)), "it is essential");
    const char *essential = vocabulary_row(W_ESSENTIAL)->word;
    if (context->is_svc)
        diagnostic_set_advice(context->sink, diagnostic, "say `%s no` in %s", essential, task_container_label(context, other));
    else
        diagnostic_set_advice(context->sink, diagnostic, "say \"%s\": false in %s", essential, task_container_label(context, other));
}

static void check_dependency(const RuleContext *context, const Resource *resource, const Json *dependency)
{
    const Json *condition = json_get_c(dependency, "condition");
    const Json *other = find_dependency(context, resource, dependency);
    if (!other)
        return;
    if (rule_text_is(condition, "HEALTHY") && !rule_is_set(json_get_c(other, "healthCheck")))
        report_never_healthy(context, resource, dependency, other);
    const Json *essential = json_get_c(other, "essential");
    if ((rule_text_is(condition, "COMPLETE") || rule_text_is(condition, "SUCCESS")) && is_essential(other) &&
        (!rule_is_set(essential) || rule_is_known(essential)))
        report_never_ends(context, resource, dependency, other);
}

enum { CHAIN_MAX = 16 };

/* A search through `dependsOn`, from nodes[0] back to it. */
typedef struct Chain {
    const RuleContext *context;
    const Resource *resource;
    const Json *nodes[CHAIN_MAX + 1];
    const Json *afters[CHAIN_MAX + 1]; /* the dependency by which nodes[i] leads on */
    size_t length;
    const Json *visited[CHAIN_MAX + 1];
    size_t visited_count;
} Chain;

static bool is_visited(const Chain *chain, const Json *container)
{
    for (size_t i = 0; i < chain->visited_count; i++)
        if (chain->visited[i] == container)
            return true;
    return false;
}

/* Each container is gone through once, so the search ends; those on the way back stay in the chain. */
static bool follow_chain(Chain *chain, const Json *container)
{
    if (chain->length == CHAIN_MAX)
        return false;
    size_t place = chain->length++;
    const Json *list = json_get_c(container, "dependsOn");
    chain->nodes[place] = container;
    chain->visited[chain->visited_count++] = container;
    for (size_t i = 0; i < rule_item_count(list); i++) {
        const Json *next = find_dependency(chain->context, chain->resource, list->items.items[i]);
        chain->afters[place] = list->items.items[i];
        if (next && next == chain->nodes[0])
            return true;
        if (next && !is_visited(chain, next) && follow_chain(chain, next))
            return true;
    }
    chain->length--;
    return false;
}

static Span chain_span(const RuleContext *context, const Resource *resource, const Json *dependency)
{
    return rule_span(resource, context->is_svc ? dependency : json_get_c(dependency, "containerName"));
}

static void check_cycles(const RuleContext *context, const Resource *resource, const Json *task)
{
    const Json *list = json_get_c(task, "containerDefinitions");
    if (rule_item_count(list) > CHAIN_MAX)
        return;
    for (size_t i = 0; i < rule_item_count(list); i++) {
        Chain chain = {.context = context, .resource = resource};
        if (!follow_chain(&chain, list->items.items[i]))
            continue;
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_AFTER_CYCLE, chain_span(context, resource, chain.afters[0]),
                                                   "containers that wait for each other never start");
        for (size_t j = 0; j < chain.length; j++) {
            Text name = rule_text(json_get_c(chain.nodes[j], "name"));
            if (j)
                diagnostic_add_label(context->sink, diagnostic, chain_span(context, resource, chain.afters[j]), "%.*s waits here", TEXT_ARG(name));
            else
                diagnostic_set_label(context->sink, diagnostic, "%.*s waits here", TEXT_ARG(name));
        }
        return;
    }
}

/* --- other containers --- */

/* `name` is a container's, written at `node`. */
static void check_container_name(const RuleContext *context, const Resource *resource, const Json *node, Text name)
{
    bool has_unknown;
    if (!name.len || task_find_container(context, resource, name, &has_unknown) || has_unknown || rule_is_told(context, rule_span(resource, node)))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_CONTAINER_UNKNOWN, node, "the task has no %s %.*s", vocabulary_row(W_CONTAINER)->word,
                                         TEXT_ARG(name));
    Text nearest = task_nearest(json_get_c(resource->input, "containerDefinitions"), "name", name);
    if (nearest.len)
        diagnostic_set_advice(context->sink, diagnostic, "did you mean %.*s?", TEXT_ARG(nearest));
}

static void check_reference(const RuleContext *context, const Resource *resource, const Json *name)
{
    check_container_name(context, resource, name, rule_text(name));
}

/* "db" or "db:database". */
static void check_link(const RuleContext *context, const Resource *resource, const Json *link)
{
    Text text = rule_text(link);
    check_container_name(context, resource, link, text_slice(text, 0, text_find_byte(text, ':')));
}

/* --- health (AWS: ECS, HealthCheck.command) --- */

static bool has_shell_syntax(Text text)
{
    static const char *const signs[] = {" || ", " && ", " | ", "; ", " > "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (text_find(text, text_from_c(signs[i])) < text.len)
            return true;
    return false;
}

static void report_health(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *problem, const char *label)
{
    Diagnostic *diagnostic = rule_report(context, resource, code, node, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

static void check_health(const RuleContext *context, const Resource *resource, const Json *command)
{
    size_t count = rule_item_count(command);
    const Json *first = count ? command->items.items[0] : NULL;
    const Json *second = count > 1 ? command->items.items[1] : NULL;
    Text form = rule_text(first);
    bool is_shell = text_equal_c(form, "CMD-SHELL");
    bool is_program = text_equal_c(form, "CMD");
    if (command->kind != JSON_ARRAY || (first && !form.len && !rule_is_known(first)))
        return;
    if (!count) {
        report_health(context, resource, CODE_HEALTH_COMMAND, command, "a health check without a command", "[\"CMD-SHELL\", \"curl -f http://localhost/ || exit 1\"]");
    } else if (is_shell || is_program) {
        if (count == 1)
            report_health(context, resource, CODE_HEALTH_COMMAND, first, "a health check without a command", "what is to be run follows");
        else if (is_shell && count > 2)
            report_health(context, resource, CODE_HEALTH_SHELL, second, "only this is run", "CMD-SHELL takes one text: put the rest into it, or say CMD");
        else if (is_program && has_shell_syntax(rule_text(second)))
            report_health(context, resource, CODE_HEALTH_SHELL, second, "no shell reads this", "CMD runs a program of that name; CMD-SHELL hands it to a shell");
    } else if (!text_equal_c(form, "NONE") && !(count == 1 && text_starts_with(form, TEXT("/")) && text_find_byte(form, ' ') == form.len)) {
        /* A path alone is run as it is on Fargate, as AWS's own collector has it. */
        report_health(context, resource, CODE_HEALTH_COMMAND, first, "a health check's command begins with CMD or CMD-SHELL",
                      "CMD-SHELL hands the text that follows to a shell; CMD runs a program");
    }
}

/* --- images --- */

enum { SHA256_DIGITS = 64, TAG_LENGTH_MAX = 128 };

static bool is_digest(Text text)
{
    if (!text_starts_with(text, TEXT("sha256:")))
        return false;
    Text digits = text_slice(text, 7, text.len);
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        if (!(byte_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return digits.len == SHA256_DIGITS;
}

static bool is_tag(Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = byte_is_alphanumeric(c) || c == '_';
        if (!is_letter && (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return text.len > 0 && text.len <= TAG_LENGTH_MAX;
}

/* The first part is a registry when it has a dot, a port or is localhost. */
static Text drop_registry(Text name)
{
    size_t slash = text_find_byte(name, '/');
    Text first = text_slice(name, 0, slash);
    bool is_registry = slash < name.len && (text_find_byte(first, '.') < first.len || text_find_byte(first, ':') < first.len || text_equal_c(first, "localhost"));
    return is_registry ? text_slice(name, slash + 1, name.len) : name;
}

static bool has_byte_between(Text text, char low, char high)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= low && text.ptr[i] <= high)
            return true;
    return false;
}

/* ACCOUNT.dkr.ecr.REGION.amazonaws.com: what is wrong with it, or NULL. */
static const char *ecr_problem(Text name)
{
    size_t slash = text_find_byte(name, '/');
    Text host = text_slice(name, 0, slash);
    size_t dot = text_find(host, TEXT(".dkr.ecr."));
    bool is_amazon = slash < name.len && text_ends_with(host, TEXT(".amazonaws.com")) && text_find(host, TEXT(".dkr.ecr")) == host.len;
    if (is_amazon)
        return "the name of a registry in ECR is ACCOUNT.dkr.ecr.REGION.amazonaws.com";
    if (dot == host.len)
        return NULL;
    Text rest = text_slice(host, dot + 9, host.len);
    if (!task_is_account(text_slice(host, 0, dot)))
        return "the account of an ECR registry has 12 digits";
    return task_is_region(text_slice(rest, 0, text_find_byte(rest, '.'))) ? NULL : "AWS has no such region";
}

/* What is wrong with the name of an image; NULL when nothing is. */
static const char *image_problem(Text image)
{
    if (text_find(image, TEXT("://")) < image.len)
        return "it begins with the registry's name, without https://";
    if (has_byte_between(image, 1, ' '))
        return "it has no blanks";
    size_t at = text_find_byte(image, '@');
    Text name = text_slice(image, 0, at);
    if (at < image.len && !is_digest(text_slice(image, at + 1, image.len)))
        return "a digest is sha256: and 64 hexadecimal digits";
    Text path = drop_registry(name);
    size_t colon = text_find_byte(path, ':');
    if (colon < path.len && !is_tag(text_slice(path, colon + 1, path.len)))
        return "a tag is at most 128 letters, digits and _ . -";
    /* In capitals throughout it is a word that a script replaces. */
    Text repository = text_slice(path, 0, colon);
    if (has_byte_between(repository, 'A', 'Z') && has_byte_between(repository, 'a', 'z'))
        return "the name of a repository is in lower case";
    if (name.len && name.ptr[name.len - 1] == '/')
        return "the name of a repository is missing";
    return ecr_problem(name);
}

static void check_image_form(const RuleContext *context, const Resource *resource, const Json *image)
{
    Text text = rule_text(image);
    /* In .svc the account is not the image's. */
    bool is_derived = context->is_svc && (text_find(text, TEXT(".dkr.ecr.")) < text.len || text_find(text, TEXT("svc:unknown:")) < text.len);
    const char *problem = text.len && !is_derived ? image_problem(text) : NULL;
    if (!problem)
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_IMAGE_FORM, image, "this cannot be the name of an image");
    diagnostic_set_label(context->sink, diagnostic, "%s", problem);
}

const Rule container_rules[] = {
    {RESOURCE_TASK_DEFINITION, "", check_count},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions", check_names},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_image},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_windows},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].image", check_image_form},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].healthCheck.command", check_health},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].dependsOn[]", check_dependency},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].dependsOn[].containerName", check_reference},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].volumesFrom[].sourceContainer", check_reference},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].links[]", check_link},
    {RESOURCE_TASK_DEFINITION, "proxyConfiguration.containerName", check_reference},
    {RESOURCE_TASK_DEFINITION, "", check_cycles},
    {.check = NULL},
};
