/* Volumes of tasks and where containers mount them (AWS: ECS, Volume and MountPoint). */
#include "rules/task.h"
#include "vocabulary/vocabulary.h"

/* --- volumes --- */

static void report_repeat(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_NAMED_TWICE, name, "two volumes of this task are called %.*s", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "the first");
}

static void check_names(const RuleContext *context, const Resource *resource, const Json *volumes)
{
    task_each_repeat(context, resource, volumes, "name", report_repeat);
}

/* The models say of neither that it is required, but ECS refuses both. */
static void check_named(const RuleContext *context, const Resource *resource, const Json *object, const char *member, const char *what)
{
    if (object->kind != JSON_OBJECT || rule_is_set(json_get_c(object, member)) || rule_is_misspelt(object, text_from_c(member)))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_MEMBER_MISSING, object, "%s has no %s", what, member);
    diagnostic_set_advice(context->sink, diagnostic, "%s is required: add it", member);
}

static void check_volume_name(const RuleContext *context, const Resource *resource, const Json *volume)
{
    check_named(context, resource, volume, "name", "a volume");
}

static void check_mount(const RuleContext *context, const Resource *resource, const Json *mount)
{
    check_named(context, resource, mount, "sourceVolume", "a mount");
    check_named(context, resource, mount, "containerPath", "a mount");
}

static const char *const kinds[] = {
    "configuredAtLaunch", "dockerVolumeConfiguration", "efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration", "host",
    "s3filesVolumeConfiguration",
};

static void check_kind(const RuleContext *context, const Resource *resource, const Json *volume)
{
    const char *first = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const Json *said = json_get_c(volume, kinds[i]);
        if (task_is_idle(said))
            continue;
        if (!first) {
            first = kinds[i];
            continue;
        }
        Span key = rule_key_span(context, said, text_from_c(kinds[i]));
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_VOLUME_KINDS, span_is_none(key) ? rule_span(resource, said) : key,
                                                   "a volume of two kinds: %s and %s", first, kinds[i]);
        const Json *other = json_get_c(volume, first);
        Span other_key = rule_key_span(context, other, text_from_c(first));
        diagnostic_add_label(context->sink, diagnostic, span_is_none(other_key) ? rule_span(resource, other) : other_key, "the other");
        diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
        return;
    }
}

static void check_launch_count(const RuleContext *context, const Resource *resource, const Json *volumes)
{
    const Json *first = NULL;
    for (size_t i = 0; i < rule_item_count(volumes); i++) {
        const Json *flag = json_get_c(volumes->items.items[i], "configuredAtLaunch");
        if (!rule_is_known(flag) || !rule_flag(flag, false))
            continue;
        if (first) {
            Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_KINDS, flag, "a task has one volume that is configured at launch");
            diagnostic_add_label(context->sink, diagnostic, rule_span(resource, first), "the first");
        }
        first = first ? first : flag;
    }
}

/* --- file systems --- */

enum { PORT_MAX = 65535 };

static bool is_root(const Json *directory)
{
    return task_is_idle(directory) || !rule_is_known(directory) || rule_text_is(directory, "/");
}

static void report_root(const RuleContext *context, const Resource *resource, const Json *directory, const Json *point)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_ACCESS, directory, "an access point has a root directory of its own");
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, point), "the access point");
    diagnostic_set_advice(context->sink, diagnostic, "leave rootDirectory out");
}

static void check_efs(const RuleContext *context, const Resource *resource, const Json *efs)
{
    const Json *access = json_get_c(efs, "authorizationConfig");
    const Json *point = json_get_c(access, "accessPointId");
    const Json *iam = json_get_c(access, "iam");
    const Json *encryption = json_get_c(efs, "transitEncryption");
    const Json *root = json_get_c(efs, "rootDirectory");
    const Json *id = json_get_c(efs, "fileSystemId");
    const Json *cause = rule_text_is(iam, "ENABLED") ? iam : !task_is_idle(point) ? point : NULL;
    if (!task_is_idle(point) && !is_root(root))
        report_root(context, resource, root, point);
    if (cause && (!rule_is_set(encryption) || (rule_text(encryption).len && !rule_text_is(encryption, "ENABLED")))) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_ACCESS, rule_is_set(encryption) ? encryption : cause,
                                             "%s of EFS needs encryption in transit", cause == iam ? "the authorization by IAM" : "an access point");
        if (rule_is_set(encryption))
            diagnostic_add_label(context->sink, diagnostic, rule_span(resource, cause), "because of this");
        diagnostic_set_advice(context->sink, diagnostic, "say \"transitEncryption\": \"ENABLED\"");
    }
    int64_t port;
    const Json *said_port = json_get_c(efs, "transitEncryptionPort");
    if (rule_is_known(said_port) && rule_integer(said_port, &port) && (port < 0 || port > PORT_MAX))
        (void)rule_report(context, resource, CODE_VOLUME_ACCESS, said_port, "%lld is no port", (long long)port);
    if (rule_is_known(point) && rule_text(point).len && !text_starts_with(rule_text(point), TEXT("fsap-"))) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_ACCESS, point, "\"%.*s\" is no id of an access point", TEXT_ARG(rule_text(point)));
        diagnostic_set_label(context->sink, diagnostic, "as in fsap-0123456789abcdef0");
    }
    if (rule_is_known(id) && rule_text(id).len && !text_starts_with(rule_text(id), TEXT("fs-"))) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_ACCESS, id, "\"%.*s\" is no id of a file system", TEXT_ARG(rule_text(id)));
        diagnostic_set_label(context->sink, diagnostic, "as in fs-0123456789abcdef0");
    }
}

static void check_s3files(const RuleContext *context, const Resource *resource, const Json *files)
{
    const Json *point = json_get_c(files, "accessPointArn");
    const Json *root = json_get_c(files, "rootDirectory");
    if (!task_is_idle(point) && !is_root(root))
        report_root(context, resource, root, point);
    if (!rule_is_set(json_get_c(resource->input, "taskRoleArn"))) {
        Span key = rule_key_span(context, files, TEXT("s3filesVolumeConfiguration"));
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_VOLUME_ACCESS, span_is_none(key) ? rule_span(resource, files) : key,
                                                   "a file system of S3 Files is mounted by the task's role, and this task has none");
        diagnostic_set_advice(context->sink, diagnostic, "say taskRoleArn");
    }
}

/* --- mounts --- */

/* What is not there is not there; a name that nobody knows may be that of any. */
static void check_source(const RuleContext *context, const Resource *resource, const Json *source)
{
    const Json *volumes = json_get_c(resource->input, "volumes");
    Text name = rule_text(source);
    if (!name.len || name_index_has_unknown(context->names, volumes, "name") || name_index_find(context->names, volumes, "name", name) ||
        rule_is_misspelt(resource->input, TEXT("volumes")) || rule_is_told(context, rule_span(resource, source)))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_UNKNOWN, source, "the task has no volume %.*s", TEXT_ARG(name));
    Text nearest = task_nearest(volumes, "name", name);
    if (nearest.len)
        diagnostic_set_advice(context->sink, diagnostic, "did you mean %.*s?", TEXT_ARG(nearest));
    else
        diagnostic_set_advice(context->sink, diagnostic, "declare it: \"volumes\": [{\"name\": \"%.*s\"}]", TEXT_ARG(name));
}

static bool is_absolute(Text path)
{
    bool has_drive = path.len > 2 && path.ptr[1] == ':';
    return text_starts_with(path, TEXT("/")) || has_drive || text_starts_with(path, TEXT("\\"));
}

static void check_path(const RuleContext *context, const Resource *resource, const Json *path)
{
    Text text = rule_text(path);
    if (text_equal_c(text, "/")) {
        (void)rule_report(context, resource, CODE_MOUNT_PATH, path, "nothing can be mounted over the root of a container");
        return;
    }
    if (!text.len || is_absolute(text))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_MOUNT_PATH, path, "\"%.*s\" is no absolute path", TEXT_ARG(text));
    diagnostic_set_label(context->sink, diagnostic, "what is mounted has its place from the root of the container: it begins with /");
}

static void check_directory(const RuleContext *context, const Resource *resource, const Json *directory)
{
    Text text = rule_text(directory);
    if (!text.len || is_absolute(text))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_MOUNT_PATH, directory, "\"%.*s\" is no absolute path", TEXT_ARG(text));
    diagnostic_set_label(context->sink, diagnostic, "Docker starts no container in it: it begins with /");
}

/* As mount(8) has them, with a value behind = where there is one. */
static void check_option(const RuleContext *context, const Resource *resource, const Json *option)
{
    static const char *const known[] = {
        "defaults", "ro",       "rw",       "suid",    "nosuid",     "dev",     "nodev",    "exec",    "noexec",   "sync",        "async",         "dirsync", "remount",
        "mand",     "nomand",   "atime",    "noatime", "diratime",   "nodiratime", "bind",  "rbind",   "unbindable", "runbindable", "private",     "rprivate", "shared",
        "rshared",  "slave",    "rslave",   "relatime", "norelatime", "strictatime", "nostrictatime", "mode", "uid", "gid",         "nr_inodes",     "nr_blocks", "mpol",
        "size",
    };
    Text text = rule_text(option);
    Text name = text_slice(text, 0, text_find_byte(text, '='));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equal_c(name, known[i]))
            return;
    if (name.len)
        (void)rule_report(context, resource, CODE_MOUNT_PATH, option, "a tmpfs has no option %.*s", TEXT_ARG(name));
}

static void report_second_path(const RuleContext *context, const Resource *resource, const Json *path, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_MOUNT_PATH, path, "two volumes are mounted at %.*s", TEXT_ARG(rule_text(path)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "the first");
}

static void check_paths(const RuleContext *context, const Resource *resource, const Json *mounts)
{
    task_each_repeat(context, resource, mounts, "containerPath", report_second_path);
}

/* The volumes that containers mount. False when one of them has a name that is not known: it may be any. */
static bool list_mounted(const RuleContext *context, const Json *containers, Names *out)
{
    if (rule_is_set(containers) && containers->kind != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *mounts = json_get_c(containers->items.items[i], "mountPoints");
        if (name_index_has_unknown(context->names, mounts, "sourceVolume"))
            return false;
        for (size_t j = 0; j < rule_item_count(mounts); j++)
            (void)names_put(out, context->arena, rule_text(json_get_c(mounts->items.items[j], "sourceVolume")), mounts->items.items[j]);
    }
    return true;
}

static void check_use(const RuleContext *context, const Resource *resource, const Json *volumes)
{
    Names mounted = {0};
    if (!list_mounted(context, json_get_c(resource->input, "containerDefinitions"), &mounted))
        return;
    for (size_t i = 0; i < rule_item_count(volumes); i++) {
        const Json *name = json_get_c(volumes->items.items[i], "name");
        if (!rule_text(name).len || names_get(&mounted, rule_text(name)))
            continue;
        Diagnostic *diagnostic = rule_report(context, resource, CODE_VOLUME_UNUSED, name, "nothing mounts the volume %.*s", TEXT_ARG(rule_text(name)));
        diagnostic_set_advice(context->sink, diagnostic, "mount it, or leave it out");
    }
}

/* --- who may write --- */

/* A volume of the task's own, made empty when it starts. */
static bool is_fresh(const Json *volume)
{
    for (size_t i = 0; volume && i < sizeof kinds / sizeof *kinds; i++)
        if (!task_is_idle(json_get_c(volume, kinds[i])))
            return false;
    return volume != NULL;
}

/* Docker makes such a volume root's, unless the image has the path as somebody else's. */
static void check_user(const RuleContext *context, const Resource *resource, const Json *container)
{
    const Json *user = json_get_c(container, "user");
    const Json *mounts = json_get_c(container, "mountPoints");
    const Json *volumes = json_get_c(resource->input, "volumes");
    Text name = rule_text(user);
    Text own = text_slice(name, 0, text_find_byte(name, ':'));
    if (!own.len || text_equal_c(own, "root") || text_equal_c(own, "0") || !task_is_fargate(context, resource))
        return;
    for (size_t i = 0; i < rule_item_count(mounts); i++) {
        const Json *mount = mounts->items.items[i];
        const Json *source = json_get_c(mount, "sourceVolume");
        if (rule_flag(json_get_c(mount, "readOnly"), false) || !is_fresh(name_index_find(context->names, volumes, "name", rule_text(source))))
            continue;
        Diagnostic *diagnostic = rule_report(context, resource, CODE_USER_MOUNT, source, "user %.*s may not be able to write to the volume %.*s", TEXT_ARG(own),
                                             TEXT_ARG(rule_text(source)));
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, user), "not root");
        diagnostic_set_advice(context->sink, diagnostic, "let the image make the path and give it to this user, with VOLUME; or mount a tmpfs with uid and mode");
        return;
    }
}

const Rule volume_rules[] = {
    {RESOURCE_TASK_DEFINITION, "volumes", check_names},
    {RESOURCE_TASK_DEFINITION, "volumes", check_launch_count},
    {RESOURCE_TASK_DEFINITION, "volumes[]", check_volume_name},
    {RESOURCE_TASK_DEFINITION, "volumes[]", check_kind},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].mountPoints[]", check_mount},
    {RESOURCE_TASK_DEFINITION, "volumes", check_use},
    {RESOURCE_TASK_DEFINITION, "volumes[].efsVolumeConfiguration", check_efs},
    {RESOURCE_TASK_DEFINITION, "volumes[].s3filesVolumeConfiguration", check_s3files},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].mountPoints", check_paths},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].mountPoints[].sourceVolume", check_source},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].mountPoints[].containerPath", check_path},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].linuxParameters.tmpfs[].containerPath", check_path},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].linuxParameters.tmpfs[].mountOptions[]", check_option},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].workingDirectory", check_directory},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_user},
    {.check = NULL},
};
