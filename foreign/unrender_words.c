/* Words that are more than one member of AWS: what emit/container.c and its like make of them, backwards. */
#include "foreign/unrender.h"

#include "document/arn.h"

/* --- ARNs --- */

/* Of the environment's account and region, or of one that somebody fills in. */
static bool is_here(const Unrender *unrender, const Text parts[ARN_PARTS])
{
    return (!arn_is_account(parts[ARN_ACCOUNT]) || text_equal(parts[ARN_ACCOUNT], unrender->account)) && (arn_is_region(parts[ARN_REGION]) ? text_equal(parts[ARN_REGION], unrender->region) : true);
}

/* An ARN, with the names of account and region where somebody fills them in. */
static void write_arn(Buffer *out, Text arn)
{
    Text parts[ARN_PARTS];
    if (!arn_split(arn, parts)) {
        unrender_text(out, arn);
        return;
    }
    bool has_region = !parts[ARN_REGION].len || arn_is_region(parts[ARN_REGION]);
    bool has_account = !parts[ARN_ACCOUNT].len || arn_is_account(parts[ARN_ACCOUNT]) || text_equal_c(parts[ARN_ACCOUNT], "aws");
    Buffer rest = {0};
    unrender_text(&rest, parts[ARN_RESOURCE]);
    buffer_add_format(out, "\"arn:%.*s:%.*s:", TEXT_ARG(parts[ARN_PARTITION]), TEXT_ARG(parts[ARN_SERVICE]));
    buffer_add(out, has_region ? parts[ARN_REGION] : TEXT("${region}"));
    buffer_add_byte(out, ':');
    buffer_add(out, has_account ? parts[ARN_ACCOUNT] : TEXT("${account}"));
    buffer_add_byte(out, ':');
    buffer_add(out, text_slice(buffer_text(&rest), 1, rest.length));
    buffer_free(&rest);
}

/* --- images --- */

/* "<account>.dkr.ecr.<region>.amazonaws.com/<name>" */
typedef struct EcrImage {
    Text account, region, name;
} EcrImage;

static bool read_ecr(Text image, EcrImage *out)
{
    Text marker = TEXT(".dkr.ecr.");
    size_t dot = text_find(image, marker);
    Text rest = text_slice(image, dot + marker.len, image.len);
    size_t slash = text_find_byte(rest, '/');
    if (dot == image.len || slash == rest.len)
        return false;
    *out = (EcrImage){text_slice(image, 0, dot), text_slice(rest, 0, text_find_byte(text_slice(rest, 0, slash), '.')), text_slice(rest, slash + 1, rest.len)};
    return true;
}

/* Cuts ":tag" and "@digest" off a name. */
static Text cut_version(Text *name, char mark)
{
    size_t at = text_find_byte(*name, mark);
    Text version = text_slice(*name, at + 1, name->len);
    *name = text_slice(*name, 0, at);
    return version;
}

static void write_version(Unrender *unrender, Buffer *out, WordId word, Text version)
{
    const VocabularyRow *row = vocabulary_row(word);
    if (!version.len)
        return;
    buffer_add_format(out, " %s ", row->word);
    unrender_part(unrender, out, version, row->arguments[0].refined);
}

static void write_elsewhere(const Unrender *unrender, Buffer *out, const EcrImage *image)
{
    bool is_other_account = arn_is_account(image->account) && !text_equal(image->account, unrender->account);
    bool is_other_region = arn_is_region(image->region) && !text_equal(image->region, unrender->region);
    if (!is_other_account && !is_other_region)
        return;
    buffer_add_format(out, " %s \"%.*s\" %s %.*s", vocabulary_row(W_ACCOUNT)->word, TEXT_ARG(image->account), vocabulary_row(W_REGION)->word,
                      TEXT_ARG(image->region));
}

static void write_image(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    const Json *json = json_get_c(here, "image");
    EcrImage ecr;
    if (!json || (json->kind != JSON_TEXT && json->kind != JSON_UNKNOWN))
        return;
    buffer_add_format(out, "%s ", row->word);
    if (read_ecr(json->text, &ecr)) {
        Text digest = cut_version(&ecr.name, '@');
        Text tag = cut_version(&ecr.name, ':');
        buffer_add_c(out, "ecr ");
        unrender_part(unrender, out, ecr.name, row->arguments[1].refined);
        write_version(unrender, out, W_IMAGE_TAG, tag);
        write_version(unrender, out, W_IMAGE_DIGEST, digest);
        write_elsewhere(unrender, out, &ecr);
    } else {
        (void)unrender_string(unrender, out, json, row->arguments[1].refined);
    }
    buffer_add_byte(out, '\n');
    json_remove_c(here, "image");
}

/* --- secrets --- */

static void write_part(Buffer *out, WordId word, Text part)
{
    if (!part.len)
        return;
    buffer_add_format(out, " %s ", vocabulary_row(word)->word);
    unrender_text(out, part);
}

/* Whether it ends in a hyphen and six characters, as every ARN of Secrets Manager does: then the whole ARN is written. */
static bool has_random_end(Text name)
{
    enum { END_LENGTH = 7 };
    return name.len > END_LENGTH && name.ptr[name.len - END_LENGTH] == '-';
}

/* What comes behind `from`. False when the text names neither a secret nor a parameter. */
static bool write_store(const Unrender *unrender, Buffer *out, Text from)
{
    enum { SECRET_PREFIX = sizeof "secret:" - 1, PARAMETER_PREFIX = sizeof "parameter" - 1 };
    Text parts[ARN_PARTS];
    if (!arn_split(from, parts)) {
        buffer_add_c(out, "parameter-store ");
        unrender_text(out, from);
        return from.len > 0;
    }
    if (text_equal_c(parts[ARN_SERVICE], "ssm")) {
        buffer_add_c(out, "parameter-store ");
        if (is_here(unrender, parts))
            unrender_text(out, text_slice(parts[ARN_RESOURCE], PARAMETER_PREFIX, parts[ARN_RESOURCE].len));
        else
            write_arn(out, from);
        return text_starts_with(parts[ARN_RESOURCE], TEXT("parameter/"));
    }
    if (!text_equal_c(parts[ARN_SERVICE], "secretsmanager") || !text_starts_with(parts[ARN_RESOURCE], TEXT("secret:")))
        return false;
    Text key = text_slice(parts[ARN_RESOURCE], SECRET_PREFIX, parts[ARN_RESOURCE].len);
    Text name = text_slice(key, 0, text_find_byte(key, ':'));
    key = text_slice(key, name.len + 1, key.len);
    Text stage = cut_version(&key, ':');
    Text version = cut_version(&stage, ':');
    buffer_add_c(out, "secrets-manager ");
    if (is_here(unrender, parts) && !has_random_end(name))
        unrender_text(out, name);
    else
        write_arn(out, text_slice(from, 0, (size_t)(name.ptr - from.ptr) + name.len));
    write_part(out, W_SECRET_KEY, key);
    write_part(out, W_SECRET_STAGE, stage);
    write_part(out, W_SECRET_VERSION, version);
    return true;
}

static bool write_secret(Unrender *unrender, Buffer *out, const VocabularyRow *row, const Json *item)
{
    const Json *name = json_get_c(item, "name");
    const Json *from = json_get_c(item, "valueFrom");
    Buffer text = {0};
    if (!name || !from || name->kind != JSON_TEXT || json_length(item) != 2)
        return false;
    buffer_add_format(&text, "%s ", row->word);
    unrender_name(&text, name->text);
    buffer_add_format(&text, " %s ", vocabulary_row(W_SECRET_FROM)->word);
    bool written = false;
    if (from->kind == JSON_UNKNOWN) {
        /* Only a name of the parameter store begins with a slash. */
        bool is_parameter = text_starts_with(from->text, TEXT("/")) || text_find(from->text, TEXT(":ssm:")) < from->text.len;
        buffer_add_c(&text, is_parameter ? "parameter-store " : "secrets-manager ");
        written = unrender_string(unrender, &text, from, "secret_name");
    } else if (from->kind == JSON_TEXT) {
        written = write_store(unrender, &text, from->text);
    }
    buffer_add_byte(&text, '\n');
    if (written)
        buffer_add(out, buffer_text(&text));
    buffer_free(&text);
    return written;
}

static void write_secrets(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here, const char *member)
{
    Json *list = json_get_c(here, member);
    size_t kept = 0;
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++)
        if (!write_secret(unrender, out, row, list->items.items[i]))
            list->items.items[kept++] = list->items.items[i];
    if (!list || list->kind != JSON_ARRAY)
        return;
    list->items.count = kept;
    if (!kept)
        json_remove_c(here, member);
}

static void write_container_secrets(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    write_secrets(unrender, out, row, here, "secrets");
}

static void write_driver_secrets(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    write_secrets(unrender, out, row, here, "secretOptions");
}

static void write_pull_secret(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    const Json *json = json_get_c(json_get_c(here, "repositoryCredentials"), "credentialsParameter");
    Buffer text = {0};
    if (json && unrender_string(unrender, &text, json, "string")) {
        buffer_add_format(out, "%s %.*s\n", row->word, TEXT_ARG(buffer_text(&text)));
        json_remove_c(here, "repositoryCredentials");
    }
    buffer_free(&text);
}

/* --- health, logs, ports --- */

static void write_head_and_body(Buffer *out, const VocabularyRow *row, const Buffer *argument, const Buffer *body)
{
    buffer_add_format(out, "%s %.*s", row->word, TEXT_ARG(buffer_text(argument)));
    unrender_add_body(out, row, body);
    buffer_add_byte(out, '\n');
}

/* Only what a shell runs has a word. */
static void write_health(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Json *health = json_get_c(here, "healthCheck");
    const Json *command = json_get_c(health, "command");
    Buffer text = {0};
    Buffer body = {0};
    bool is_shell = json_length(command) == 2 && command->kind == JSON_ARRAY && command->items.items[0]->kind == JSON_TEXT &&
                    text_equal_c(command->items.items[0]->text, "CMD-SHELL");
    if (is_shell && unrender_string(unrender, &text, command->items.items[1], "string")) {
        json_remove_c(health, "command");
        unrender_body(unrender, &body, row->body, health);
        write_head_and_body(out, row, &text, &body);
        if (json_length(health) == 0)
            json_remove_c(here, "healthCheck");
    }
    buffer_free(&text);
    buffer_free(&body);
}

static void write_buffer_size(Buffer *out, Json *options)
{
    const Json *size = json_get_c(options, "max-buffer-size");
    bool is_mebibytes = size && size->kind == JSON_TEXT && size->text.len > 1 && size->text.ptr[size->text.len - 1] == 'm';
    for (size_t i = 0; is_mebibytes && i + 1 < size->text.len; i++)
        is_mebibytes = byte_is_digit(size->text.ptr[i]);
    if (!is_mebibytes)
        return;
    buffer_add_format(out, "%s %.*s MiB\n", vocabulary_row(W_LOGS_BUFFER)->word, TEXT_ARG(text_slice(size->text, 0, size->text.len - 1)));
    json_remove_c(options, "max-buffer-size");
}

/* Takes a member away when it is what svc says by itself. */
static void drop_derived(Json *object, const char *key, Text derived)
{
    const Json *json = json_get_c(object, key);
    if (json && json->kind == JSON_TEXT && text_equal(json->text, derived))
        json_remove_c(object, key);
}

static void write_discard_logs(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    if (unrender->is_exact && !json_get_c(here, "logConfiguration"))
        buffer_add_format(out, "%s yes\n", row->word);
}

static void write_logs(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Json *configuration = json_get_c(here, "logConfiguration");
    Json *options = json_get_c(configuration, "options");
    const Json *driver = json_get_c(configuration, "logDriver");
    const Json *group = json_get_c(options, "awslogs-group");
    Buffer text = {0};
    Buffer body = {0};
    bool is_ours = driver && driver->kind == JSON_TEXT && text_equal_c(driver->text, "awslogs");
    if (is_ours && group && unrender_string(unrender, &text, group, "log_group")) {
        json_remove_c(configuration, "logDriver");
        json_remove_c(options, "awslogs-group");
        const Json *region = json_get_c(options, "awslogs-region");
        if (region && (region->kind == JSON_UNKNOWN || (region->kind == JSON_TEXT && !arn_is_region(region->text))))
            json_remove_c(options, "awslogs-region");
        drop_derived(options, "awslogs-region", unrender->region);
        drop_derived(options, "awslogs-stream-prefix", unrender->name);
        write_buffer_size(&body, options);
        unrender_body(unrender, &body, row->body, here);
        write_head_and_body(out, row, &text, &body);
        if (json_length(options) == 0)
            json_remove_c(configuration, "options");
        if (json_length(configuration) == 0)
            json_remove_c(here, "logConfiguration");
    }
    buffer_free(&text);
    buffer_free(&body);
}

/* --- the task --- */

/* "1 vCPU" and "2 GB", which ECS takes too, as it keeps them. */
static Text plain_size(Arena *arena, Text text, bool is_cpu)
{
    size_t blank = text_find_byte(text, ' ');
    Text number = text_slice(text, 0, blank);
    Text unit = blank < text.len ? text_trim(text_slice(text, blank, text.len)) : TEXT_NONE;
    if (!unit.len && text.len > 2 && !is_cpu && text_equal_c(text_slice(text, text.len - 2, text.len), "GB"))
        number = text_slice(text, 0, text.len - 2);
    else if (!unit.len)
        return text;
    Rational value;
    if (!rational_parse(&value, number) || !rational_multiply(&value, value, rational_from_integer(1024)) || !rational_is_whole(value))
        return text;
    return arena_format(arena, "%lld", (long long)value.num);
}

static void write_compute(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    static const char *const members[] = {"cpu", "memory"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        Json *json = json_get_c(here, members[i]);
        if (json && json->kind == JSON_TEXT)
            json->text = plain_size(unrender->arena, json->text, i == 0);
    }
    unrender_row(unrender, out, row, here);
}

static void write_role(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    static const struct {
        const char *member;
        const char *which;
    } roles[] = {{"executionRoleArn", "execution"}, {"taskRoleArn", "task"}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const Json *json = json_get_c(here, roles[i].member);
        Buffer text = {0};
        bool is_arn = json && (json->kind == JSON_UNKNOWN || (json->kind == JSON_TEXT && text_starts_with(json->text, TEXT("arn:"))));
        if (is_arn && json->kind == JSON_TEXT)
            write_arn(&text, json->text);
        else if (is_arn)
            (void)unrender_string(unrender, &text, json, "arn");
        if (is_arn) {
            buffer_add_format(out, "%s %s %s { %s %.*s }\n", row->word, roles[i].which, vocabulary_row(W_EXISTING)->word, vocabulary_row(W_ARN)->word,
                              TEXT_ARG(buffer_text(&text)));
            json_remove_c(here, roles[i].member);
        }
        buffer_free(&text);
    }
}

static void write_tags(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Json *list = json_get_c(here, "tags");
    Buffer body = {0};
    (void)unrender;
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        const Json *key = json_get_c(list->items.items[i], "key");
        const Json *value = json_get_c(list->items.items[i], "value");
        if (!key || key->kind != JSON_TEXT || !value || value->kind != JSON_TEXT)
            continue;
        unrender_name(&body, key->text);
        buffer_add_byte(&body, ' ');
        unrender_text(&body, value->text);
        buffer_add_byte(&body, '\n');
    }
    if (body.length) {
        buffer_add_c(out, row->word);
        unrender_add_body(out, row, &body);
        buffer_add_byte(out, '\n');
        json_remove_c(here, "tags");
    }
    buffer_free(&body);
}

/* What svc says of a volume by itself. */
/* The service says how large a volume is that is made at launch; without it somebody has to. */
static void write_launch_volumes(Buffer *out, const VocabularyRow *row, Json *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->items.count; i++) {
        Json *volume = list->items.items[i];
        const Json *name = json_get_c(volume, "name");
        const Json *at_launch = json_get_c(volume, "configuredAtLaunch");
        bool is_ours = name && name->kind == JSON_TEXT && at_launch && at_launch->kind == JSON_BOOL && at_launch->boolean;
        if (!is_ours) {
            list->items.items[kept++] = volume;
            continue;
        }
        buffer_add_format(out, "# chosen: the size of this volume; the task definition leaves it to the service\n%s ", row->word);
        unrender_name(out, name->text);
        buffer_add_format(out, " {\n%s 20 GiB\n}\n", vocabulary_row(W_EBS)->word);
    }
    list->items.count = kept;
}

static void write_volume(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Json *list = json_get_c(here, "volumes");
    if (list && list->kind == JSON_ARRAY && !unrender->has_service)
        write_launch_volumes(out, row, list);
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        Json *efs = json_get_c(list->items.items[i], "efsVolumeConfiguration");
        /* svc encrypts unless told otherwise; AWS does not. */
        if (efs && !json_get_c(efs, "transitEncryption"))
            json_set_c(unrender->arena, efs, "transitEncryption", json_text_c(unrender->arena, "DISABLED"));
        drop_derived(efs, "transitEncryption", TEXT("ENABLED"));
    }
    unrender_row(unrender, out, row, here);
}

/* What svc says of a container by itself, before its words are looked for. */
static void write_container(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    const Json *list = json_get_c(here, "containerDefinitions");
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        Json *container = list->items.items[i];
        const Json *essential = json_get_c(container, "essential");
        const Json *cpu = json_get_c(container, "cpu");
        const Json *mappings = json_get_c(container, "portMappings");
        if (essential && essential->kind == JSON_BOOL && essential->boolean)
            json_remove_c(container, "essential");
        if (cpu && cpu->kind == JSON_NUMBER && cpu->number.num == 0)
            json_remove_c(container, "cpu");
        for (size_t j = 0; mappings && mappings->kind == JSON_ARRAY && j < mappings->items.count; j++) {
            Json *mapping = mappings->items.items[j];
            if (json_equal(json_get_c(mapping, "hostPort"), json_get_c(mapping, "containerPort")))
                json_remove_c(mapping, "hostPort");
            drop_derived(mapping, "protocol", TEXT("tcp"));
        }
        const Json *mounts = json_get_c(container, "mountPoints");
        for (size_t j = 0; mounts && mounts->kind == JSON_ARRAY && j < mounts->items.count; j++) {
            const Json *read_only = json_get_c(mounts->items.items[j], "readOnly");
            if (read_only && read_only->kind == JSON_BOOL && !read_only->boolean)
                json_remove_c(mounts->items.items[j], "readOnly");
        }
        const Json *files = json_get_c(container, "environmentFiles");
        for (size_t j = 0; files && files->kind == JSON_ARRAY && j < files->items.count; j++)
            drop_derived(files->items.items[j], "type", TEXT("s3"));
    }
    unrender_row(unrender, out, row, here);
}

static void write_platform(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Json *platform = json_get_c(here, "runtimePlatform");
    drop_derived(platform, "cpuArchitecture", TEXT("X86_64"));
    drop_derived(platform, "operatingSystemFamily", TEXT("LINUX"));
    if (platform && json_length(platform) == 0)
        json_remove_c(here, "runtimePlatform");
    unrender_row(unrender, out, row, here);
}

/* svc starts an init process unless told otherwise; AWS does not. */
static void write_init(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    if (unrender->is_exact && !unrender->is_windows && !json_get_c(json_get_c(here, "linuxParameters"), "initProcessEnabled"))
        buffer_add_format(out, "%s no\n", row->word);
    else
        unrender_row(unrender, out, row, here);
}

const UnrenderRow unrender_words[] = {
    {W_ARCH, write_platform},
    {W_COMPUTE, write_compute},
    {W_CONTAINER, write_container},
    {W_DISCARD_LOGS, write_discard_logs},
    {W_HEALTH, write_health},
    {W_IMAGE, write_image},
    {W_INIT, write_init},
    {W_LOGS, write_logs},
    {W_LOG_DRIVER_SECRET, write_driver_secrets},
    {W_PULL_SECRET, write_pull_secret},
    {W_ROLE, write_role},
    {W_SECRET, write_container_secrets},
    {W_TAGS, write_tags},
    {W_VOLUME, write_volume},
    {.write = NULL},
};
