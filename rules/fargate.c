/* What Fargate, a network mode or Windows does not take (AWS: ECS API reference; Fargate task definition differences). */
#include "rules/task.h"

/* --- members --- */

typedef struct Ban {
    const char *path;
    const char *why;
} Ban;

static const Ban task_bans[] = {
    {"ipcMode", "tasks of Fargate share no host"},
    {"placementConstraints", "Fargate has no instances to choose from"},
    {"inferenceAccelerators", "Fargate has no accelerators"},
};

static const Ban container_bans[] = {
    {"privileged", "containers of Fargate never have the rights of the host"},
    {"links", "containers of one task reach each other at localhost"},
    {"disableNetworking", "every container of Fargate is in the task's network"},
    {"dnsServers", "names are resolved by the VPC"},
    {"dnsSearchDomains", "names are resolved by the VPC"},
    {"dockerSecurityOptions", "these are settings of an instance's Docker"},
    {"linuxParameters.devices", "Fargate has no devices of a host"},
    {"linuxParameters.sharedMemorySize", "Fargate does not size /dev/shm; a tmpfs can be mounted elsewhere"},
    {"linuxParameters.maxSwap", "Fargate has no swap"},
    {"linuxParameters.swappiness", "Fargate has no swap"},
};

static const Ban volume_bans[] = {
    {"host.sourcePath", "there is no host; without sourcePath the volume is the task's own"},
    {"dockerVolumeConfiguration", "there is no Docker to make it; EFS, EBS and the task's own storage are there"},
    {"fsxWindowsFileServerVolumeConfiguration", "it is for Windows on EC2"},
};

static void check_bans(const RuleContext *context, const Resource *resource, const Json *node, const Ban *bans, size_t count)
{
    if (!task_is_fargate(context, resource))
        return;
    for (size_t i = 0; i < count; i++) {
        const Json *said = rule_find(node, bans[i].path);
        Text name = task_last_segment(bans[i].path);
        if (task_is_idle(said))
            continue;
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_FARGATE_MEMBER, rule_member_span(context, resource, said, name.ptr),
                                                   "Fargate does not take %.*s", TEXT_ARG(name));
        diagnostic_set_label(context->sink, diagnostic, "%s", bans[i].why);
        diagnostic_set_advice(context->sink, diagnostic, "leave it out");
    }
}

static void check_task_bans(const RuleContext *context, const Resource *resource, const Json *task)
{
    check_bans(context, resource, task, task_bans, sizeof task_bans / sizeof *task_bans);
}

static void check_container_bans(const RuleContext *context, const Resource *resource, const Json *container)
{
    check_bans(context, resource, container, container_bans, sizeof container_bans / sizeof *container_bans);
}

static void check_volume_bans(const RuleContext *context, const Resource *resource, const Json *volume)
{
    check_bans(context, resource, volume, volume_bans, sizeof volume_bans / sizeof *volume_bans);
}

static void check_pid_mode(const RuleContext *context, const Resource *resource, const Json *mode)
{
    if (!task_is_fargate(context, resource) || !rule_text_is(mode, "host"))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_FARGATE_MEMBER, mode, "Fargate has no host whose processes could be shared");
    diagnostic_set_label(context->sink, diagnostic, "\"task\" lets the containers of the task see each other's");
}

/* --- network modes --- */

static void check_mode(const RuleContext *context, const Resource *resource, const Json *task)
{
    const Json *mode = json_get_c(task, "networkMode");
    if (!task_is_fargate(context, resource) || (rule_is_set(mode) && (!rule_text(mode).len || rule_text_is(mode, "awsvpc"))))
        return;
    Diagnostic *diagnostic;
    if (rule_is_set(mode)) {
        diagnostic = rule_report(context, resource, CODE_NETWORK_MODE, mode, "Fargate has no network mode %.*s", TEXT_ARG(rule_text(mode)));
        diagnostic_add_label(context->sink, diagnostic, task_fargate_span(context, resource), "for Fargate");
    } else {
        diagnostic = diagnostic_report(context->sink, CODE_NETWORK_MODE, task_fargate_span(context, resource), "Fargate needs the network mode awsvpc");
        diagnostic_set_label(context->sink, diagnostic, "without networkMode it is bridge");
    }
    diagnostic_set_advice(context->sink, diagnostic, "say \"networkMode\": \"awsvpc\"");
}

typedef struct ModeBan {
    const char *member;
    const char *mode; /* in which it is refused; NULL for all but bridge */
    const char *why;
} ModeBan;

static const ModeBan mode_bans[] = {
    {"hostname", "awsvpc", "the name comes from the task's own network interface"},
    {"extraHosts", "awsvpc", "names are resolved by the VPC: a private hosted zone holds them"},
    {"links", NULL, "links are of the bridge mode; containers of one task reach each other at localhost"},
    {"portMappings", "none", "without a network there is nothing to listen on"},
};

static void check_mode_bans(const RuleContext *context, const Resource *resource, const Json *container)
{
    Text mode = task_network_mode(resource);
    for (size_t i = 0; mode.len && i < sizeof mode_bans / sizeof *mode_bans; i++) {
        const ModeBan *ban = &mode_bans[i];
        const Json *said = json_get_c(container, ban->member);
        bool is_banned = ban->mode ? text_equal_c(mode, ban->mode) : !text_equal_c(mode, "bridge");
        bool is_told = !ban->mode && task_is_fargate(context, resource);
        if (!is_banned || is_told || task_is_idle(said))
            continue;
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_NETWORK_MEMBER, rule_member_span(context, resource, said, ban->member),
                                                   "in the network mode %.*s a container has no %s", TEXT_ARG(mode), ban->member);
        diagnostic_set_label(context->sink, diagnostic, "%s", ban->why);
        diagnostic_set_advice(context->sink, diagnostic, "leave it out");
    }
}

/* --- the kernel --- */

static const char *const capabilities[] = {
    "ALL",        "AUDIT_CONTROL",   "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN",      "DAC_OVERRIDE",     "DAC_READ_SEARCH", "FOWNER",
    "FSETID",     "IPC_LOCK",        "IPC_OWNER",   "KILL",          "LEASE",      "LINUX_IMMUTABLE",  "MAC_ADMIN",       "MAC_OVERRIDE",
    "MKNOD",      "NET_ADMIN",       "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP",        "SETGID",          "SETPCAP",
    "SETUID",     "SYS_ADMIN",       "SYS_BOOT",    "SYS_CHROOT",    "SYS_MODULE", "SYS_NICE",         "SYS_PACCT",       "SYS_PTRACE",
    "SYS_RAWIO",  "SYS_RESOURCE",    "SYS_TIME",    "SYS_TTY_CONFIG", "SYSLOG",    "WAKE_ALARM",
};

/* Docker takes the names with CAP_ before them too. */
static Text capability_name(const Json *node)
{
    Text text = rule_text(node);
    return text_starts_with(text, TEXT("CAP_")) ? text_slice(text, 4, text.len) : text;
}

static void check_capability(const RuleContext *context, const Resource *resource, const Json *node)
{
    Text name = capability_name(node);
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        if (text_equal_c(name, capabilities[i]))
            return;
    if (name.len)
        (void)rule_report(context, resource, CODE_CAPABILITY, node, "Linux has no capability %.*s", TEXT_ARG(name));
}

static void check_added_capability(const RuleContext *context, const Resource *resource, const Json *node)
{
    Text name = capability_name(node);
    if (!task_is_fargate(context, resource) || !name.len || text_equal_c(name, "SYS_PTRACE")) {
        check_capability(context, resource, node);
        return;
    }
    Diagnostic *diagnostic = rule_report(context, resource, CODE_CAPABILITY, node, "Fargate does not add the capability %.*s", TEXT_ARG(name));
    diagnostic_set_label(context->sink, diagnostic, "SYS_PTRACE is the only one that it adds");
}

static bool is_namespaced(Text name)
{
    static const char *const names[] = {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                                        "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_c(name, names[i]))
            return true;
    return text_starts_with(name, TEXT("net.")) || text_starts_with(name, TEXT("fs.mqueue."));
}

/* A Windows task takes none (rules/container.c). */
static void check_sysctl(const RuleContext *context, const Resource *resource, const Json *node)
{
    Text name = rule_text(node);
    if (!name.len || task_is_for_windows(resource))
        return;
    if (!is_namespaced(name)) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_SYSCTL, node, "%.*s is not a container's own", TEXT_ARG(name));
        diagnostic_set_label(context->sink, diagnostic, "a container has net.*, fs.mqueue.* and the kernel.* of System V IPC");
    } else if (text_starts_with(name, TEXT("net.")) && text_equal_c(task_network_mode(resource), "host")) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_SYSCTL, node, "in the network mode host, %.*s is the host's", TEXT_ARG(name));
        diagnostic_set_label(context->sink, diagnostic, "ECS sets only what a container has of its own");
    }
}

/* Docker is given them by name, so that the last one counts. */
static void report_second_sysctl(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VALUE_UNUSED, name, "%.*s is set twice", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "nothing uses this one");
    diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
}

static void check_sysctls(const RuleContext *context, const Resource *resource, const Json *list)
{
    if (!context->is_svc)
        task_each_repeat(context, resource, list, "namespace", report_second_sysctl);
}

static void check_ephemeral(const RuleContext *context, const Resource *resource, const Json *storage)
{
    const Json *compatible = json_get_c(resource->input, "requiresCompatibilities");
    bool is_open = false;
    bool is_elsewhere = rule_list_has(compatible, "EC2", &is_open) || rule_list_has(compatible, "EXTERNAL", NULL);
    if (!is_elsewhere || is_open || rule_list_has(compatible, "FARGATE", NULL) || task_is_fargate(context, resource))
        return;
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_VALUE_UNUSED, rule_member_span(context, resource, storage, "ephemeralStorage"),
                                               "only Fargate gives a task ephemeralStorage");
    diagnostic_set_advice(context->sink, diagnostic, "leave it out; an instance shares its own disk");
}

static void check_docker_volume(const RuleContext *context, const Resource *resource, const Json *volume)
{
    const Json *provision = json_get_c(volume, "autoprovision");
    const Json *scope = json_get_c(volume, "scope");
    if (!rule_flag(provision, false) || rule_is_open(scope) || rule_text_is(scope, "shared"))
        return;
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_VALUE_UNUSED, rule_member_span(context, resource, provision, "autoprovision"),
                                               "a volume of one task is always made with it: autoprovision is for the scope shared");
    diagnostic_set_advice(context->sink, diagnostic, "leave it out, or set scope to shared");
}

static void report_second_ulimit(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_ULIMIT, name, "the limit %.*s is set twice", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "here too");
}

static void check_ulimits(const RuleContext *context, const Resource *resource, const Json *list)
{
    for (size_t i = 0; i < rule_item_count(list); i++) {
        const Json *limit = list->items.items[i];
        const Json *soft = json_get_c(limit, "softLimit");
        const Json *name = json_get_c(limit, "name");
        int64_t low;
        int64_t high;
        /* -1 is no limit. */
        if (rule_integer(soft, &low) && rule_integer(json_get_c(limit, "hardLimit"), &high) && high != -1 && (low > high || low == -1)) {
            Diagnostic *diagnostic = rule_report(context, resource, CODE_ULIMIT, soft, "the soft limit of %.*s is above its hard limit", TEXT_ARG(rule_text(name)));
            diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(limit, "hardLimit")), "nothing may go beyond this");
        }
    }
    task_each_repeat(context, resource, list, "name", report_second_ulimit);
}

/* --- processors --- */

static void check_platform(const RuleContext *context, const Resource *resource, const Json *architecture)
{
    if (!task_is_for_windows(resource) || !rule_text_is(architecture, "ARM64"))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_PLATFORM, architecture, "Windows does not run on ARM64 in ECS");
    diagnostic_add_label(context->sink, diagnostic, task_windows_span(context, resource), "Windows");
    diagnostic_set_advice(context->sink, diagnostic, "say X86_64, which it runs on");
}

static void check_accelerator(const RuleContext *context, const Resource *resource, const Json *requirement)
{
    const Json *type = json_get_c(requirement, "type");
    const Json *value = json_get_c(requirement, "value");
    const Json *devices = json_get_c(resource->input, "inferenceAccelerators");
    int64_t count;
    if (rule_text_is(type, "GPU") && task_is_fargate(context, resource)) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_ACCELERATOR, type, "Fargate has no GPUs");
        diagnostic_set_advice(context->sink, diagnostic, "run the task on EC2 instances that have them");
    } else if (rule_text_is(type, "GPU") && rule_text(value).len && (!rule_integer(value, &count) || count < 1)) {
        (void)rule_report(context, resource, CODE_ACCELERATOR, value, "\"%.*s\" is no number of GPUs", TEXT_ARG(rule_text(value)));
    } else if (rule_text_is(type, "InferenceAccelerator") && rule_text(value).len && !name_index_has_unknown(context->names, devices, "deviceName")) {
        for (size_t i = 0; i < rule_item_count(devices); i++)
            if (text_equal(rule_text(json_get_c(devices->items.items[i], "deviceName")), rule_text(value)))
                return;
        (void)rule_report(context, resource, CODE_ACCELERATOR, value, "the task has no accelerator %.*s", TEXT_ARG(rule_text(value)));
    }
}

const Rule fargate_rules[] = {
    {RESOURCE_TASK_DEFINITION, "", check_mode},
    {RESOURCE_TASK_DEFINITION, "", check_task_bans},
    {RESOURCE_TASK_DEFINITION, "pidMode", check_pid_mode},
    {RESOURCE_TASK_DEFINITION, "runtimePlatform.cpuArchitecture", check_platform},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_container_bans},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_mode_bans},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].linuxParameters.capabilities.add[]", check_added_capability},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].linuxParameters.capabilities.drop[]", check_capability},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].systemControls[].namespace", check_sysctl},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].systemControls", check_sysctls},
    {RESOURCE_TASK_DEFINITION, "ephemeralStorage", check_ephemeral},
    {RESOURCE_TASK_DEFINITION, "volumes[].dockerVolumeConfiguration", check_docker_volume},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].ulimits", check_ulimits},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].resourceRequirements[]", check_accelerator},
    {RESOURCE_TASK_DEFINITION, "volumes[]", check_volume_bans},
    {.check = NULL},
};
