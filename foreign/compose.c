/* docker-compose.yml: each service of it becomes a service of svc with one container. What only means something on one machine is told in a comment. */
#include "foreign/import.h"

#include "base/array.h"
#include "foreign/import_text.h"
#include "rules/credential.h"
#include "rules/image.h"

#include <limits.h>

/* --- images that are data stores --- */

/* Images that nobody runs on Fargate: AWS keeps such stores. */
static const struct {
    const char *image;
    const char *instead;
} stores[] = {
    {"postgres", "RDS"}, {"postgis", "RDS"}, {"mysql", "RDS"}, {"mariadb", "RDS"}, {"redis", "ElastiCache"}, {"valkey", "ElastiCache"},
    {"memcached", "ElastiCache"}, {"mongo", "DocumentDB"}, {"rabbitmq", "Amazon MQ"}, {"elasticsearch", "OpenSearch Service"},
    {"opensearch", "OpenSearch Service"}, {"kafka", "MSK"}, {"zookeeper", "MSK"}, {"cassandra", "Keyspaces"}, {"minio", "S3"}, {"localstack", "what it stands for"},
    {"dynamodb-local", "DynamoDB"}, {"mailhog", "SES"}, {"mailpit", "SES"},
};

static const char *store_of(Text image)
{
    for (size_t slash; (slash = text_find_byte(image, '/')) < image.len;)
        image = text_slice(image, slash + 1, image.len);
    image = text_slice(image, 0, text_find_byte(image, ':'));
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (text_equal_c(image, stores[i].image))
            return stores[i].instead;
    return NULL;
}

/* --- one service --- */

typedef struct Compose {
    Arena *arena;
    Diagnostics *sink;
    Import *import;
    Text project;
    ImportService service;
    Json *task;
    Json *container;
} Compose;

static void choose(Compose *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void choose(Compose *c, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text line = arena_format_list(c->arena, format, list);
    va_end(list);
    ARRAY_PUSH(c->arena, &c->service.chosen, line);
}

static void set(Compose *c, const char *path, const char *member, Json *value)
{
    Json *holder = path[0] ? json_make_path(c->arena, c->container, text_from_c(path)) : c->container;
    if (holder)
        json_set_c(c->arena, holder, member, value);
}

static void choose_tag(Compose *c, const Json *image)
{
    if (image_is_moving(image))
        choose(c, "to choose: a tag of %.*s that stays; tasks of one revision may run different code otherwise", TEXT_ARG(image->text));
}

static Text in_small_letters(Arena *arena, Text text)
{
    Buffer out = {0};
    for (size_t i = 0; i < text.len; i++)
        buffer_add_byte(&out, text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] - 'A' + 'a') : text.ptr[i]);
    Text made = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return made;
}

static void read_image(Compose *c, const Json *said)
{
    const Json *image = json_get_c(said, "image");
    if (image) {
        json_set_c(c->arena, c->container, "image", import_value(c->arena, image));
        choose_tag(c, import_value(c->arena, image));
        return;
    }
    /* Account and region are those of the environment: import.c knows them by not knowing them. */
    Text repository = in_small_letters(c->arena, c->service.name);
    Text text = arena_format(c->arena, "ACCOUNT.dkr.ecr.REGION.amazonaws.com/%.*s:${IMAGE_TAG}", TEXT_ARG(repository));
    json_set_c(c->arena, c->container, "image", json_unknown(c->arena, text));
    choose(c, "chosen: the image is built and pushed to ECR as %.*s", TEXT_ARG(repository));
}

/* Whether a variable of the machine that the value is made of holds a secret, as in postgres://app:${DB_PASSWORD}@db/app. */
static bool has_secret_variable(Compose *c, Text value)
{
    for (size_t at; (at = text_find(value, TEXT("${"))) < value.len;) {
        value = text_slice(value, at + 2, value.len);
        Text name = text_slice(value, 0, text_find_byte(value, '}'));
        if (credential_is_likely(c->arena, name, TEXT("x")))
            return true;
    }
    return false;
}

/* The value of a number as Compose reads it: 017, 0o17, 0x1f, 0b11 and 1_000 are numbers to it. False for all else, and where 64 bits do not hold it. */
static bool parse_integer(Text text, int64_t *out)
{
    static const struct {
        const char *prefix;
        int base;
    } bases[] = {{"0x", 16}, {"0X", 16}, {"0o", 8}, {"0b", 2}, {"0B", 2}, {"0", 8}, {"", 10}};
    bool is_negative = text_starts_with(text, TEXT("-"));
    Text digits = text_slice(text, is_negative || text_starts_with(text, TEXT("+")), text.len);
    size_t which = 0;
    while (!text_starts_with(digits, text_from_c(bases[which].prefix)) || digits.len == text_from_c(bases[which].prefix).len)
        if (++which == sizeof bases / sizeof *bases)
            return false;
    digits = text_slice(digits, text_from_c(bases[which].prefix).len, digits.len);
    int64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        char digit = byte_lower(digits.ptr[i]);
        int part = byte_is_digit(digit) ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : INT_MAX;
        if (digit == '_')
            continue;
        if (part >= bases[which].base || value > (INT64_MAX - part) / bases[which].base)
            return false;
        value = value * bases[which].base + part;
    }
    *out = is_negative ? -value : value;
    return true;
}

/* Whether the number is only near to what is written. */
static bool is_rounded(Rational number)
{
    return number.num == INT64_MAX || number.num == -INT64_MAX || number.den >= INT64_C(1000000000000000000);
}

/* What a value without quotes is to the program: a number that is written in another way than Compose hands it on is told. */
static const Json *settle_number(Compose *c, Text name, const Json *value)
{
    Text written = value && !span_is_none(value->origin) ? sources_text(c->sink->sources, value->origin) : TEXT_NONE;
    int64_t number;
    bool is_decimal = written.len && text_count_digits(written) == written.len && written.ptr[0] != '0';
    if (value && value->kind == JSON_NUMBER && is_rounded(value->number))
        return json_at(json_text(c->arena, written), value->origin);
    if (is_decimal || text_equal_c(written, "0") || !parse_integer(written, &number))
        return value;
    choose(c, "chosen: %.*s is %lld, which is what Compose makes of %.*s", TEXT_ARG(name), (long long)number, TEXT_ARG(written));
    return json_at(json_integer(c->arena, number), value->origin);
}

static void add_variable(Compose *c, Json *plain, Json *secrets, Text name, const Json *value)
{
    Json *item = json_object(c->arena);
    Json *read = value ? import_value(c->arena, value) : json_unknown(c->arena, arena_format(c->arena, "${%.*s}", TEXT_ARG(name)));
    bool is_text = read->kind == JSON_TEXT || read->kind == JSON_UNKNOWN;
    json_set_c(c->arena, item, "name", json_text(c->arena, name));
    if (is_text && (credential_is_likely(c->arena, name, read->text) || has_secret_variable(c, read->text))) {
        Text from = arena_format(c->arena, "arn:aws:secretsmanager:REGION:ACCOUNT:secret:%.*s/%.*s:%.*s::", TEXT_ARG(c->project), TEXT_ARG(c->service.name),
                                 TEXT_ARG(name));
        json_set_c(c->arena, item, "valueFrom", json_text(c->arena, from));
        json_add(c->arena, secrets, item);
        return;
    }
    json_set_c(c->arena, item, "value", is_text ? read : json_text(c->arena, import_scalar_text(c->arena, read)));
    json_add(c->arena, plain, item);
}

static void read_environment(Compose *c, const Json *said)
{
    const Json *environment = json_get_c(said, "environment");
    Json *plain = json_array(c->arena);
    Json *secrets = json_array(c->arena);
    for (size_t i = 0; i < json_length(environment); i++) {
        if (environment->kind == JSON_OBJECT) {
            Text key = environment->members.items[i].key;
            const Json *value = environment->members.items[i].value;
            add_variable(c, plain, secrets, key, value->kind == JSON_NULL ? NULL : settle_number(c, key, value));
            continue;
        }
        Text line = import_scalar_text(c->arena, environment->items.items[i]);
        size_t equals = text_find_byte(line, '=');
        const Json *value = equals < line.len ? json_text(c->arena, text_slice(line, equals + 1, line.len)) : NULL;
        add_variable(c, plain, secrets, text_slice(line, 0, equals), value);
    }
    json_set_c(c->arena, c->container, "environment", json_length(plain) ? plain : NULL);
    json_set_c(c->arena, c->container, "secrets", json_length(secrets) ? secrets : NULL);
    if (json_length(secrets))
        choose(c, "chosen: the secrets are kept in Secrets Manager, in %.*s/%.*s", TEXT_ARG(c->project), TEXT_ARG(c->service.name));
}

static void report_lost(Compose *c, const Json *at, const char *member, const char *label)
{
    Diagnostic *diagnostic = diagnostic_report(c->sink, CODE_IMPORT_LOST, at->origin, "%s of %.*s is not carried", member, TEXT_ARG(c->service.name));
    diagnostic_set_label(c->sink, diagnostic, "%s", label);
}

/* A scalar with its variables resolved; empty when there is none. */
static Text settled_text(Compose *c, const Json *json)
{
    return json ? import_scalar_text(c->arena, import_value(c->arena, json)) : TEXT_NONE;
}

/* False when it is no port that can be told. */
static bool add_port(Compose *c, Json *mappings, Text port)
{
    Text protocol = TEXT_NONE;
    size_t slash = text_find_byte(port, '/');
    if (slash < port.len)
        protocol = text_slice(port, slash + 1, port.len);
    port = text_slice(port, 0, slash);
    for (size_t colon; (colon = text_find_byte(port, ':')) < port.len;)
        port = text_slice(port, colon + 1, port.len);
    Json *mapping = json_object(c->arena);
    int64_t number;
    size_t hyphen = text_find_byte(port, '-');
    if (!import_integer(text_slice(port, 0, hyphen), &number))
        return false;
    if (hyphen < port.len)
        json_set_c(c->arena, mapping, "containerPortRange", json_text(c->arena, port));
    else
        json_set_c(c->arena, mapping, "containerPort", json_integer(c->arena, number));
    json_set_c(c->arena, mapping, "protocol", json_text(c->arena, protocol.len ? protocol : TEXT("tcp")));
    for (size_t i = 0; i < json_length(mappings); i++)
        if (json_equal(mappings->items.items[i], mapping))
            return true;
    json_add(c->arena, mappings, mapping);
    return true;
}

static void read_ports(Compose *c, const Json *said)
{
    static const char *const members[] = {"ports", "expose"};
    Json *mappings = json_array(c->arena);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Json *ports = json_get_c(said, members[i]);
        for (size_t j = 0; ports && ports->kind == JSON_ARRAY && j < ports->items.count; j++) {
            const Json *port = ports->items.items[j];
            Text target = settled_text(c, port->kind == JSON_OBJECT ? json_get_c(port, "target") : port);
            Text protocol = import_scalar_text(c->arena, json_get_c(port, "protocol"));
            if (!add_port(c, mappings, protocol.len ? arena_format(c->arena, "%.*s/%.*s", TEXT_ARG(target), TEXT_ARG(protocol)) : target))
                report_lost(c, port, "a port", "the container's port is not known");
        }
    }
    json_set_c(c->arena, c->container, "portMappings", json_length(mappings) ? mappings : NULL);
    if (json_length(mappings))
        choose(c, "to choose: nobody reaches these ports yet; say `route` for a load balancer, or `ingress`");
}

static void read_health(Compose *c, const Json *said)
{
    static const struct {
        const char *member;
        const char *aws;
    } times[] = {{"interval", "interval"}, {"timeout", "timeout"}, {"start_period", "startPeriod"}};
    const Json *check = json_get_c(said, "healthcheck");
    const Json *test = json_get_c(check, "test");
    bool is_off = import_flag(json_get_c(check, "disable")) || text_equal_c(import_scalar_text(c->arena, test), "NONE") ||
                  (test && test->kind == JSON_ARRAY && test->items.count && text_equal_c(import_scalar_text(c->arena, test->items.items[0]), "NONE"));
    if (!test || is_off)
        return;
    Json *command = test->kind == JSON_ARRAY ? import_texts(c->arena, test) : json_array(c->arena);
    if (test->kind != JSON_ARRAY) {
        json_add(c->arena, command, json_text_c(c->arena, "CMD-SHELL"));
        json_add(c->arena, command, import_value(c->arena, test));
    }
    set(c, "healthCheck", "command", command);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t seconds;
        if (import_seconds(import_scalar_text(c->arena, json_get_c(check, times[i].member)), &seconds))
            set(c, "healthCheck", times[i].aws, json_integer(c->arena, seconds));
    }
    int64_t retries;
    if (import_integer(import_scalar_text(c->arena, json_get_c(check, "retries")), &retries))
        set(c, "healthCheck", "retries", json_integer(c->arena, retries));
}

/* --- volumes --- */

/* The task's volume for a name, added once. */
static void add_volume(Compose *c, Text name)
{
    Json *volumes = json_get_c(c->task, "volumes");
    if (!volumes) {
        volumes = json_array(c->arena);
        json_set_c(c->arena, c->task, "volumes", volumes);
    }
    Json *volume = json_object(c->arena);
    json_set_c(c->arena, volume, "name", json_text(c->arena, name));
    json_add(c->arena, volumes, volume);
}

static void add_mount(Compose *c, Text source, Text target, bool is_read_only)
{
    if (!source.len || source.ptr[0] == '.' || source.ptr[0] == '/' || source.ptr[0] == '~' || source.ptr[0] == '$') {
        choose(c, "left out: %.*s of the machine at %.*s; what the program needs is in its image", TEXT_ARG(source), TEXT_ARG(target));
        return;
    }
    Json *mounts = json_get_c(c->container, "mountPoints");
    if (!mounts) {
        mounts = json_array(c->arena);
        json_set_c(c->arena, c->container, "mountPoints", mounts);
    }
    Json *mount = json_object(c->arena);
    json_set_c(c->arena, mount, "sourceVolume", json_text(c->arena, source));
    json_set_c(c->arena, mount, "containerPath", json_text(c->arena, target));
    if (is_read_only)
        json_set_c(c->arena, mount, "readOnly", json_bool(c->arena, true));
    json_add(c->arena, mounts, mount);
    add_volume(c, source);
    choose(c, "chosen: the volume %.*s is empty and goes with each task; for what must stay, give it an efs", TEXT_ARG(source));
}

static void read_volumes(Compose *c, const Json *said)
{
    const Json *volumes = json_get_c(said, "volumes");
    for (size_t i = 0; volumes && volumes->kind == JSON_ARRAY && i < volumes->items.count; i++) {
        const Json *volume = volumes->items.items[i];
        if (volume->kind == JSON_OBJECT) {
            bool is_named = text_equal_c(import_scalar_text(c->arena, json_get_c(volume, "type")), "volume");
            Text source = import_scalar_text(c->arena, json_get_c(volume, "source"));
            add_mount(c, is_named ? source : arena_join(c->arena, TEXT("./"), source), import_scalar_text(c->arena, json_get_c(volume, "target")),
                      import_flag(json_get_c(volume, "read_only")));
            continue;
        }
        Text text = import_scalar_text(c->arena, volume);
        Text source = text_slice(text, 0, text_find_byte(text, ':'));
        Text target = text_slice(text, source.len + 1, text.len);
        Text mode = text_slice(target, text_find_byte(target, ':') + 1, target.len);
        add_mount(c, target.len ? source : TEXT_NONE, target.len ? text_slice(target, 0, text_find_byte(target, ':')) : text, text_starts_with(mode, TEXT("ro")));
    }
}

/* --- size, count, the rest --- */

static void read_size(Compose *c, const Json *said)
{
    const Json *limits = json_get_c(json_get_c(json_get_c(said, "deploy"), "resources"), "limits");
    const Json *cpus_said = limits ? json_get_c(limits, "cpus") : json_get_c(said, "cpus");
    const Json *memory_said = limits ? json_get_c(limits, "memory") : json_get_c(said, "mem_limit");
    Text cpus = settled_text(c, cpus_said);
    Text memory = settled_text(c, memory_said);
    ImportSize size = import_size(cpus, memory);
    if (size.lacks_cpu)
        report_lost(c, cpus_said, "cpus", "no task of Fargate has this");
    if (size.lacks_memory)
        report_lost(c, memory_said, "memory", "no task of Fargate has this");
    json_set_c(c->arena, c->task, "cpu", json_text(c->arena, arena_format(c->arena, "%lld", (long long)size.cpu)));
    json_set_c(c->arena, c->task, "memory", json_text(c->arena, arena_format(c->arena, "%lld", (long long)size.memory)));
    if (!cpus.len || !memory.len)
        choose(c, "chosen: the size of a task; the file does not limit it");
}

static void read_count(Compose *c, const Json *said)
{
    const Json *replicas = json_get_c(json_get_c(said, "deploy"), "replicas");
    replicas = replicas ? replicas : json_get_c(said, "scale");
    Text text = settled_text(c, replicas);
    int64_t count;
    if (!text.len)
        return;
    if (!import_integer(text, &count) || count < 0) {
        report_lost(c, replicas, "the number of replicas", "this is no number of tasks");
        return;
    }
    Json *service = json_object(c->arena);
    json_set_c(c->arena, service, "desiredCount", json_integer(c->arena, count));
    c->service.service = service;
}

static void read_words(Compose *c, const Json *said, const char *member, const char *aws)
{
    const Json *json = json_get_c(said, member);
    if (!json)
        return;
    if (json->kind == JSON_ARRAY) {
        set(c, "", aws, import_texts(c->arena, json));
        return;
    }
    Json *words = json_array(c->arena);
    import_split_words(c->arena, import_scalar_text(c->arena, json), words);
    set(c, "", aws, json_length(words) ? words : NULL);
}

static void read_pairs(Compose *c, const Json *json, const char *path)
{
    for (size_t i = 0; i < json_length(json); i++) {
        Text key = TEXT_NONE;
        Text value = TEXT_NONE;
        if (json->kind == JSON_OBJECT) {
            key = json->members.items[i].key;
            value = import_scalar_text(c->arena, json->members.items[i].value);
        } else {
            Text line = import_scalar_text(c->arena, json->items.items[i]);
            key = text_slice(line, 0, text_find_byte(line, '='));
            value = text_slice(line, key.len + 1, line.len);
        }
        Json *holder = json_make_path(c->arena, c->container, text_from_c(path));
        if (holder)
            json_set(c->arena, holder, key, json_text(c->arena, value));
    }
}

static void read_simple(Compose *c, const Json *said)
{
    static const struct {
        const char *member;
        const char *aws;
    } texts[] = {{"working_dir", "workingDirectory"}, {"user", "user"}};
    static const struct {
        const char *member;
        const char *path;
        const char *aws;
    } flags[] = {{"init", "linuxParameters", "initProcessEnabled"}, {"read_only", "", "readonlyRootFilesystem"}, {"tty", "", "pseudoTerminal"},
                 {"stdin_open", "", "interactive"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_get_c(said, texts[i].member))
            set(c, "", texts[i].aws, import_value(c->arena, json_get_c(said, texts[i].member)));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (json_get_c(said, flags[i].member))
            set(c, flags[i].path, flags[i].aws, json_bool(c->arena, import_flag(json_get_c(said, flags[i].member))));
    read_words(c, said, "command", "command");
    read_words(c, said, "entrypoint", "entryPoint");
    read_pairs(c, json_get_c(said, "labels"), "dockerLabels");
    int64_t seconds;
    if (import_seconds(import_scalar_text(c->arena, json_get_c(said, "stop_grace_period")), &seconds))
        set(c, "", "stopTimeout", json_integer(c->arena, seconds));
    if (text_find(import_scalar_text(c->arena, json_get_c(said, "platform")), TEXT("arm64")) < import_scalar_text(c->arena, json_get_c(said, "platform")).len)
        json_set_c(c->arena, json_make_path(c->arena, c->task, TEXT("runtimePlatform")), "cpuArchitecture", json_text_c(c->arena, "ARM64"));
    if (json_get_c(said, "cap_drop"))
        set(c, "linuxParameters.capabilities", "drop", import_texts(c->arena, json_get_c(said, "cap_drop")));
    if (json_get_c(said, "cap_add"))
        set(c, "linuxParameters.capabilities", "add", import_texts(c->arena, json_get_c(said, "cap_add")));
}

/* --- what is not carried --- */

/* Members that are read above, or that mean nothing where ECS keeps tasks running. */
static const char *const known[] = {
    "image", "build", "environment", "ports", "expose", "healthcheck", "volumes", "deploy", "cpus", "mem_limit", "scale", "command", "entrypoint", "labels",
    "working_dir", "user", "init", "read_only", "tty", "stdin_open", "stop_grace_period", "platform", "cap_drop", "cap_add", "container_name", "hostname",
    "restart", "pull_policy", "profiles", "develop", "mem_reservation", "attach", "annotations",
};

/* Members that only mean something on one machine, with what takes their place. */
static const struct {
    const char *member;
    const char *instead;
} told[] = {
    {"depends_on", "services start by themselves; a client waits for its server or tries again"},
    {"links", "services find each other by `discovery`"},
    {"networks", "who may connect to whom is said by `ingress` and `connect`"},
    {"network_mode", "every task has an address of its own"},
    {"extra_hosts", "names are those of the VPC's DNS"},
    {"dns", "names are those of the VPC's DNS"},
    {"env_file", "its variables are not read; give them under `env` or as a `secret`"},
    {"logging", "output goes to CloudWatch; say `logs` or `log-driver`"},
    {"secrets", "say each as `secret NAME from secrets-manager`"},
    {"configs", "put it into the image, or read it from a parameter"},
    {"tmpfs", "say `tmpfs` with a size"},
    {"shm_size", "Fargate has no such setting; a `tmpfs` at /dev/shm may serve"},
    {"ulimits", "say `ulimit nofile SOFT HARD`"},
    {"sysctls", "say `sysctl`"},
    {"security_opt", "Fargate has no such setting"},
    {"devices", "Fargate has no devices"},
    {"external_links", "services find each other by `discovery`"},
    {"cpu_shares", "the size of a task is its own"},
    {"runtime", "Fargate has no such setting"},
    {"isolation", "Fargate has no such setting"},
    {"userns_mode", "Fargate has no such setting"},
    {"oom_score_adj", "Fargate has no such setting"},
    {"group_add", "Fargate has no such setting"},
    {"stop_signal", "Fargate sends the signal that the image names"},
};

static bool is_known(Text member)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equal_c(member, known[i]))
            return true;
    return text_starts_with(member, TEXT("x-"));
}

static const char *told_of(Text member)
{
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (text_equal_c(member, told[i].member))
            return told[i].instead;
    return NULL;
}

/* Nothing, or what is so by itself. */
static bool is_off(const Json *value)
{
    return value->kind == JSON_NULL || (value->kind == JSON_BOOL && !value->boolean);
}

static void check_members(Compose *c, const Json *said)
{
    for (size_t i = 0; i < said->members.count; i++) {
        Text member = said->members.items[i].key;
        if (is_off(said->members.items[i].value))
            continue;
        const char *instead = told_of(member);
        if (instead)
            choose(c, "left out: %.*s; %s", TEXT_ARG(member), instead);
        if (instead || is_known(member))
            continue;
        report_lost(c, said->members.items[i].value, arena_format(c->arena, "%.*s", TEXT_ARG(member)).ptr, "svc has nothing for this");
    }
}

/* Compose allows a point in a name, ECS does not. */
static Text container_name(Arena *arena, Text name)
{
    Buffer out = {0};
    for (size_t i = 0; i < name.len; i++)
        buffer_add_byte(&out, name.ptr[i] == '.' ? '-' : name.ptr[i]);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static void add_service(Arena *arena, Diagnostics *sink, Text name, const Json *said, Import *out)
{
    Compose c = {.arena = arena, .sink = sink, .import = out, .project = out->project, .task = json_object(arena), .container = json_object(arena)};
    const char *store = store_of(import_scalar_text(arena, json_get_c(said, "image")));
    if (store) {
        Text line = arena_format(arena, "left out: %.*s (%.*s), which is %s in AWS; let services reach it by `connect to security-group \"sg-…\" tcp PORT`", TEXT_ARG(name),
                                 TEXT_ARG(import_scalar_text(arena, json_get_c(said, "image"))), store);
        ARRAY_PUSH(arena, &out->chosen, line);
        return;
    }
    c.service.name = name;
    json_set_c(arena, c.container, "name", json_text(arena, container_name(arena, name)));
    check_members(&c, said);
    read_image(&c, said);
    read_simple(&c, said);
    read_environment(&c, said);
    read_ports(&c, said);
    read_health(&c, said);
    read_volumes(&c, said);
    read_size(&c, said);
    read_count(&c, said);
    Json *containers = json_array(arena);
    json_add(arena, containers, c.container);
    json_set_c(arena, c.task, "containerDefinitions", containers);
    json_set_c(arena, c.task, "requiresCompatibilities", import_one_text(arena, "FARGATE"));
    c.service.task = c.task;
    ARRAY_PUSH(arena, &out->services, c.service);
}

bool compose_is(const Json *tree)
{
    const Json *services = json_get_c(tree, "services");
    bool is_map = services && services->kind == JSON_OBJECT && services->members.count > 0;
    for (size_t i = 0; is_map && i < services->members.count; i++) {
        const Json *service = services->members.items[i].value;
        if (json_get_c(service, "image") || json_get_c(service, "build"))
            return true;
    }
    return false;
}

/* The first service that is imported; the first of all when none is. */
static Text first_service(Arena *arena, const Json *services)
{
    for (size_t i = 0; i < services->members.count; i++)
        if (!store_of(import_scalar_text(arena, json_get_c(services->members.items[i].value, "image"))))
            return services->members.items[i].key;
    return services->members.items[0].key;
}

void compose_add(Arena *arena, Diagnostics *sink, const Json *tree, Import *out)
{
    out->tells_tags = true;
    const Json *services = json_get_c(tree, "services");
    if (!out->project.len)
        out->project = import_scalar_text(arena, json_get_c(tree, "name"));
    if (!out->project.len)
        out->project = first_service(arena, services);
    for (size_t i = 0; i < services->members.count; i++)
        if (services->members.items[i].value->kind == JSON_OBJECT)
            add_service(arena, sink, services->members.items[i].key, services->members.items[i].value, out);
}
