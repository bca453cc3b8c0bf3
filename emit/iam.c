/* The roles of a service. The execution role is derived from what ECS needs to start the task; the task role is what `allow` says. */
#include "emit/container.h"
#include "emit/log_group.h"
#include "emit/policy.h"

enum { MANAGED_POLICIES_USUAL = 10 };

/* --- the execution role --- */

/* The ARN of the repository of an image that is written with its registry: "123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1". Empty for others. */
static Text written_repository_arn(Emission *emission, Text image)
{
    enum { ACCOUNT_DIGITS = 12 };
    Text marker = TEXT(".dkr.ecr.");
    size_t dot = text_find(image, marker);
    if (dot != ACCOUNT_DIGITS)
        return TEXT_NONE;
    Text rest = text_slice(image, dot + marker.len, image.len);
    size_t slash = text_find_byte(rest, '/');
    Text region = text_slice(rest, 0, text_find_byte(text_slice(rest, 0, slash), '.'));
    Text name = text_slice(rest, slash < rest.len ? slash + 1 : slash, rest.len);
    name = text_slice(name, 0, text_find_byte(name, '@'));
    name = text_slice(name, 0, text_find_byte(name, ':'));
    return arena_format(emission->arena, "arn:%.*s:ecr:%.*s:%.*s:repository/%.*s", TEXT_ARG(emission->partition), TEXT_ARG(region),
                        TEXT_ARG(text_slice(image, 0, dot)), TEXT_ARG(name));
}

static void allow_image(Emission *emission, const Node *container, Policy *policy)
{
    static const char *const actions[] = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"};
    const Node *image = node_child(container, W_IMAGE);
    Text arn = container_repository_arn(emission, container);
    if (!arn.len)
        arn = written_repository_arn(emission, node_text(image, 1));
    if (!arn.len)
        return;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        policy_add(emission, policy, actions[i], arn, image->span);
    policy_add(emission, policy, "ecr:GetAuthorizationToken", TEXT("*"), image->span); /* knows no resources */
}

/* Whether a name ends like the six random characters that Secrets Manager adds to every ARN. */
static bool ends_like_suffix(Text name)
{
    enum { SUFFIX_LENGTH = 7 };
    if (name.len <= SUFFIX_LENGTH || name.ptr[name.len - SUFFIX_LENGTH] != '-')
        return false;
    for (size_t i = name.len - SUFFIX_LENGTH + 1; i < name.len; i++) {
        char c = name.ptr[i];
        if (!byte_is_alphanumeric(c))
            return false;
    }
    return true;
}

static void warn_suffix(Emission *emission, Text name, Span span)
{
    if (!ends_like_suffix(name))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SECRET_SUFFIX, span, "the name %.*s may be taken for the ARN of another secret",
                                               TEXT_ARG(name));
    diagnostic_set_label(emission->sink, diagnostic, "it ends in a hyphen and six characters");
    diagnostic_add_note(emission->sink, diagnostic, "every ARN of a secret ends in a hyphen and six random characters; a name that does so too cannot be told apart");
    diagnostic_set_advice(emission->sink, diagnostic, "write the secret's whole ARN");
}

/* A secret's ARN as policies need it. */
static Text secret_resource(Emission *emission, Text arn, bool is_partial)
{
    bool has_suffix = !is_partial && ends_like_suffix(arn);
    return !arn.len || has_suffix ? arn : arena_format(emission->arena, "%.*s-\?\?\?\?\?\?", TEXT_ARG(arn));
}

static void allow_secret(Emission *emission, const Node *secret, Policy *policy)
{
    const Node *from = node_child(secret, W_SECRET_FROM);
    const Node *kms = node_child(secret, W_SECRET_KMS);
    bool is_partial;
    Text arn = secret_arn(emission, secret, &is_partial);
    if (!arn.len)
        return;
    policy_add(emission, policy, "kms:Decrypt", node_text(kms, 0), kms ? kms->span : SPAN_NONE);
    if (text_find(arn, TEXT(":ssm:")) < arn.len) {
        policy_add(emission, policy, "ssm:GetParameters", arn, from->span);
        return;
    }
    if (is_partial)
        warn_suffix(emission, node_text(from, 1), node_argument_span(from, 1));
    policy_add(emission, policy, "secretsmanager:GetSecretValue", secret_resource(emission, arn, is_partial), from->span);
}

static void allow_pull_secret(Emission *emission, const Node *container, Policy *policy)
{
    const Node *pull = node_child(container, W_PULL_SECRET);
    bool is_partial;
    Text arn = secrets_manager_arn(emission, node_text(pull, 0), &is_partial);
    if (!pull || !arn.len)
        return;
    if (is_partial)
        warn_suffix(emission, node_text(pull, 0), node_argument_span(pull, 0));
    policy_add(emission, policy, "secretsmanager:GetSecretValue", secret_resource(emission, arn, is_partial), pull->span);
}

static void allow_env_file(Emission *emission, const Node *file, Policy *policy)
{
    Text arn = node_text(file, 0);
    policy_add(emission, policy, "s3:GetObject", arn, file->span);
    policy_add(emission, policy, "s3:GetBucketLocation", text_slice(arn, 0, text_find_byte(arn, '/')), file->span);
}

static void allow_logs(Emission *emission, const ServiceFacts *facts, const Node *container, Policy *policy)
{
    const Node *logs = node_child(container, W_LOGS);
    Text name = log_group_name(emission, facts, container);
    Span origin = logs ? logs->span : container->span;
    if (!name.len)
        return;
    Text arn = emit_arn(emission, "logs", arena_format(emission->arena, "log-group:%.*s:*", TEXT_ARG(name)));
    policy_add(emission, policy, "logs:CreateLogStream", arn, origin);
    policy_add(emission, policy, "logs:PutLogEvents", arn, origin);
}

static void fill_execution(Emission *emission, const ServiceFacts *facts, Policy *policy)
{
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        allow_image(emission, container, policy);
        allow_pull_secret(emission, container, policy);
        allow_logs(emission, facts, container, policy);
        NODE_EACH(secret, container, W_SECRET)
            allow_secret(emission, secret, policy);
        NODE_EACH(option, node_child(container, W_LOG_DRIVER), W_LOG_DRIVER_SECRET)
            allow_secret(emission, option, policy);
        NODE_EACH(file, container, W_ENV_FILE)
            allow_env_file(emission, file, policy);
    }
}

/* --- the task role --- */

/* The texts of a list; false when one of them is not known. */
static bool read_texts(Emission *emission, const Value *value, TextArray *out)
{
    if (value && value->kind == VALUE_STRING) {
        ARRAY_PUSH(emission->arena, out, value->text);
        return true;
    }
    if (!value || value->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i]->kind != VALUE_STRING)
            return false;
        ARRAY_PUSH(emission->arena, out, value->items[i]->text);
    }
    return true;
}

static bool is_read_only(Text action)
{
    static const char *const beginnings[] = {"Get", "List", "Describe", "BatchGet", "Head", "Query", "Scan", "Search"};
    Text name = text_slice(action, text_find_byte(action, ':') + 1, action.len);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (text_starts_with(name, text_from_c(beginnings[i])))
            return true;
    return false;
}

/* An action of a list that allows more than reading, by a wildcard. */
static const Value *find_wide(const Value *actions)
{
    for (size_t i = 0; actions && actions->kind == VALUE_LIST && i < actions->count; i++) {
        Text text = actions->items[i]->kind == VALUE_STRING ? actions->items[i]->text : TEXT_NONE;
        if (text_find_byte(text, '*') < text.len && !is_read_only(text))
            return actions->items[i];
    }
    return NULL;
}

static void warn_wide(Emission *emission, const Node *allow, const Node *grant, const TextArray *resources)
{
    const Value *wide = find_wide(node_argument(grant, 0));
    const Sources *sources = emission->sink->sources;
    bool is_everything = false;
    for (size_t i = 0; i < resources->count; i++)
        is_everything = is_everything || text_equal_c(resources->items[i], "*");
    if (!wide || !is_everything || (wide->span.file < sources->files.count && sources->files.items[wide->span.file]->is_library))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WIDE_GRANT, wide->span, "%.*s on every resource is more than a service should have",
                                               TEXT_ARG(wide->text));
    diagnostic_add_label(emission->sink, diagnostic, allow->span, "allowed here");
    diagnostic_set_advice(emission->sink, diagnostic, "name the actions, or the ARNs that they are for");
}

static Json *read_conditions(Emission *emission, const Node *grant, bool *is_known)
{
    Json *condition = NULL;
    *is_known = true;
    NODE_EACH(when, grant, W_GRANT_WHEN)
    {
        Text operator_name = node_text(when, 0);
        Text key = node_text(when, 1);
        const Value *value = node_argument(when, 2);
        if (!operator_name.len || !key.len || !value || value->kind != VALUE_STRING)
            *is_known = false;
        else
            condition = policy_condition(emission, condition, operator_name, key, json_text(emission->arena, value->text));
    }
    return condition;
}

static void allow_grant(Emission *emission, const Node *allow, const Node *grant, Policy *policy)
{
    Grant item = {.origin = allow->span};
    const Node *on = node_child(grant, W_GRANT_ON);
    bool is_known;
    item.condition = read_conditions(emission, grant, &is_known);
    if (!on) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_GRANT_NOWHERE, grant->span, "this `%s` does not say what it is for", grant->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "say the ARNs: %s", grant->row->example);
        return;
    }
    bool has_texts = read_texts(emission, node_argument(grant, 0), &item.actions) && read_texts(emission, node_argument(on, 0), &item.resources);
    if (!has_texts)
        return;
    warn_wide(emission, allow, grant, &item.resources);
    if (is_known)
        ARRAY_PUSH(emission->arena, &policy->grants, item);
}

/* What `aws ecs execute-command` needs; these actions know no resources (AWS: ECS Exec). */
static void allow_exec(Emission *emission, const ServiceFacts *facts, Policy *policy)
{
    static const char *const actions[] = {"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
                                          "ssmmessages:OpenDataChannel"};
    const Node *exec = node_child(facts->node, W_EXEC);
    for (size_t i = 0; node_flag(exec, false) && i < sizeof actions / sizeof *actions; i++)
        policy_add(emission, policy, actions[i], TEXT("*"), exec->span);
}

/* Whether a container mounts the volume and may write there. */
static bool is_written(const ServiceFacts *facts, Text volume)
{
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        const Node *mount = node_keyed_child(container, W_MOUNT, volume);
        if (mount && !node_flag(node_child(mount, W_MOUNT_READ_ONLY), false))
            return true;
    }
    return false;
}

static void allow_file_system(Emission *emission, const ServiceFacts *facts, const Node *volume, Policy *policy)
{
    const Node *efs = node_child(volume, W_EFS);
    const Node *iam = node_child(efs, W_EFS_IAM);
    Text point = node_child_text(efs, W_EFS_ACCESS_POINT);
    Text id = node_text(efs, 0);
    Json *condition = NULL;
    if (!id.len || !text_equal_c(node_aws(iam, 0), "ENABLED"))
        return;
    Text arn = emit_arn(emission, "elasticfilesystem", arena_format(emission->arena, "file-system/%.*s", TEXT_ARG(id)));
    if (point.len) {
        Text point_arn = emit_arn(emission, "elasticfilesystem", arena_format(emission->arena, "access-point/%.*s", TEXT_ARG(point)));
        condition = policy_condition(emission, NULL, TEXT("StringEquals"), TEXT("elasticfilesystem:AccessPointArn"),
                                     json_text(emission->arena, point_arn));
    }
    policy_add_if(emission, policy, "elasticfilesystem:ClientMount", arn, condition, iam->span);
    if (is_written(facts, volume->key))
        policy_add_if(emission, policy, "elasticfilesystem:ClientWrite", arn, condition, iam->span);
}

static void fill_task(Emission *emission, const ServiceFacts *facts, Policy *policy)
{
    NODE_EACH(allow, facts->node, W_ALLOW)
    {
        NODE_EACH(grant, allow, W_PERMISSION_GRANT)
            allow_grant(emission, allow, grant, policy);
    }
    NODE_EACH(volume, facts->node, W_VOLUME)
        allow_file_system(emission, facts, volume, policy);
    allow_exec(emission, facts, policy);
}

/* --- the role of a schedule --- */

/* Starts this task, with its tags, and hands it its two roles (AWS: EventBridge Scheduler, execution role). */
static void fill_schedule(Emission *emission, const ServiceFacts *facts, Policy *policy)
{
    Arena *arena = emission->arena;
    Span origin = node_child(facts->node, W_RUN)->span;
    Text cluster = emit_arn(emission, "ecs", arena_format(arena, "cluster/%.*s", TEXT_ARG(facts->cluster)));
    Text family = emit_arn(emission, "ecs", arena_format(arena, "task-definition/%.*s", TEXT_ARG(facts->family)));
    Text tasks = emit_arn(emission, "ecs", arena_format(arena, "task/%.*s/*", TEXT_ARG(facts->cluster)));
    Json *in_cluster = policy_condition(emission, NULL, TEXT("ArnEquals"), TEXT("ecs:cluster"), json_text(arena, cluster));
    Json *on_start = policy_condition(emission, NULL, TEXT("StringEquals"), TEXT("ecs:CreateAction"), json_text_c(arena, "RunTask"));
    Json *to_tasks = policy_condition(emission, NULL, TEXT("StringEquals"), TEXT("iam:PassedToService"), json_text_c(arena, "ecs-tasks.amazonaws.com"));
    policy_add_if(emission, policy, "ecs:RunTask", family, in_cluster, origin);
    policy_add_if(emission, policy, "ecs:RunTask", arena_format(arena, "%.*s:*", TEXT_ARG(family)), in_cluster, origin);
    policy_add_if(emission, policy, "ecs:TagResource", tasks, on_start, origin);
    policy_add_if(emission, policy, "iam:PassRole", facts->execution_role_arn, to_tasks, origin);
    policy_add_if(emission, policy, "iam:PassRole", facts->task_role_arn, to_tasks, origin);
}

/* --- roles --- */

/* A role of a service, before it is a resource. */
typedef struct RolePlan {
    const char *what;    /* in the description */
    Text which;          /* "execution" … as in the svc:id */
    Text id;
    Text name;
    Json *trust;
    Policy policy;
    const char *managed; /* the name of a policy of AWS's own that it has, or NULL */
} RolePlan;

/* Who may assume it, only on behalf of this account: nobody else's ECS can be talked into using it (AWS: the confused deputy problem). */
static Json *trust_document(Emission *emission, const char *principal, const char *service, const char *rest)
{
    Json *condition = NULL;
    if (emission->is_account_known)
        condition = policy_condition(emission, NULL, TEXT("StringEquals"), TEXT("aws:SourceAccount"), json_text(emission->arena, emission->account));
    if (emission->is_account_known && emission->is_region_known)
        condition = policy_condition(emission, condition, TEXT("ArnLike"), TEXT("aws:SourceArn"),
                                     json_text(emission->arena, emit_arn(emission, service, text_from_c(rest))));
    return policy_trust(emission, principal, condition);
}

static void check_length(Emission *emission, const ServiceFacts *facts, const RolePlan *role, const Json *document)
{
    if (!document || json_most_bytes(document) <= POLICY_LENGTH_MAX)
        return;
    size_t length = policy_length(document);
    if (length <= POLICY_LENGTH_MAX)
        return;
    const Json *statements = json_get_c(document, "Statement");
    Span origin = statements->items.items[0]->origin;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_POLICY_TOO_LONG, span_is_none(origin) ? facts->node->span : origin,
                                               "the %s role of %.*s would have a policy of %zu characters", role->what, TEXT_ARG(facts->service), length);
    diagnostic_set_label(emission->sink, diagnostic, "IAM takes %d in all", POLICY_LENGTH_MAX);
    diagnostic_set_advice(emission->sink, diagnostic, "give resources one beginning and name them by it with a *, or move permissions to a managed policy: %s",
                          vocabulary_row(W_ROLE_POLICIES)->example);
}

static Json *managed_policies(Emission *emission, const Node *settings, const char *own)
{
    const Node *said = node_child(settings, W_ROLE_POLICIES);
    TextArray arns = {0};
    Json *list = json_array(emission->arena);
    if (own)
        json_add(emission->arena, list, json_text(emission->arena, arena_format(emission->arena, "arn:%.*s:iam::aws:policy/%s", TEXT_ARG(emission->partition), own)));
    if (!said || !read_texts(emission, node_argument(said, 0), &arns))
        return list;
    for (size_t i = 0; i < arns.count; i++)
        json_add(emission->arena, list, json_at(json_text(emission->arena, arns.items[i]), said->span));
    if (arns.count > MANAGED_POLICIES_USUAL) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_MANAGED_POLICIES, said->span, "a role has %zu managed policies", arns.count);
        diagnostic_set_label(emission->sink, diagnostic, "an account's quota is %d a role, unless AWS raised it", MANAGED_POLICIES_USUAL);
        diagnostic_set_advice(emission->sink, diagnostic, "put what they allow into fewer policies, or say it by `%s`", vocabulary_row(W_ALLOW)->word);
    }
    return list;
}

/* A role that svc only uses: its ARN must be said, and nothing can be added to it. */
static void check_existing(Emission *emission, const ServiceFacts *facts, const RolePlan *role, const Node *settings)
{
    const Node *allow = node_child(facts->node, W_ALLOW);
    if (!node_child(settings, W_ARN)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLE_ARN, settings->span, "this %s exists, but its ARN is not said", settings->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "say it: %s \"arn:%.*s:iam::123456789012:role/…\"", vocabulary_row(W_ARN)->word,
                              TEXT_ARG(emission->partition));
    }
    if (!allow || !text_equal_c(role->which, "task"))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLE_EXISTING, allow->span, "svc adds nothing to a role that it does not own");
    diagnostic_set_label(emission->sink, diagnostic, "this has no effect");
    diagnostic_add_label(emission->sink, diagnostic, settings->span, "the role exists");
    diagnostic_set_advice(emission->sink, diagnostic, "add it to the role where that is kept, or let svc make the role: take the `%s` away",
                          vocabulary_row(W_EXISTING)->word);
}

static void emit_role(Emission *emission, const ServiceFacts *facts, const RolePlan *role)
{
    Arena *arena = emission->arena;
    const Node *settings = node_keyed_child(facts->node, W_ROLE, role->which);
    const Node *boundary = node_child(settings, W_ROLE_BOUNDARY);
    if (emit_is_existing(settings)) {
        check_existing(emission, facts, role, settings);
        return;
    }
    Json *document = policy_document(emission, &role->policy);
    Text environment = emission->model->environment.name;
    Text description = arena_format(arena, "%s role of %.*s (%.*s), made by svc", role->what, TEXT_ARG(facts->service), TEXT_ARG(environment));
    Span origin = settings ? settings->span : facts->node->span;
    check_length(emission, facts, role, document);
    Json *input = json_object(arena);
    json_set_c(arena, input, "RoleName", json_at(json_text(arena, role->name), origin));
    json_set_c(arena, input, "Path", json_text(arena, emit_role_path(emission)));
    json_set_c(arena, input, "AssumeRolePolicyDocument", json_embedded(arena, role->trust));
    json_set_c(arena, input, "Description", json_text(arena, description));
    if (node_text(boundary, 0).len)
        json_set_c(arena, input, "PermissionsBoundary", json_at(json_text(arena, node_text(boundary, 0)), boundary->span));
    json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, role->id, facts->node, "Key", "Value"));
    Resource *resource = emit_add_resource(emission, RESOURCE_ROLE, role->id, facts->service, role->name, role->which, input, origin);
    resource->more = json_object(arena);
    json_set_c(arena, resource->more, "trust", role->trust);
    json_set_c(arena, resource->more, "policy", document);
    json_set_c(arena, resource->more, "managed", managed_policies(emission, settings, role->managed));
}

/* What ECS moves traffic with. AWS's own policy, because what ECS needs grows; no condition in the trust, because AWS documents none that ECS meets
   when it takes this role (AWS: Amazon ECS infrastructure IAM role for load balancers). */
static void emit_infrastructure_role(Emission *emission, const ServiceFacts *facts)
{
    RolePlan role = {.what = "infrastructure", .which = TEXT("infrastructure"), .id = facts->infrastructure_role_id, .name = facts->infrastructure_role_name};
    if (!role.id.len)
        return;
    role.trust = policy_trust(emission, "ecs.amazonaws.com", NULL);
    role.managed = "AmazonECSInfrastructureRolePolicyForLoadBalancers";
    emit_role(emission, facts, &role);
}

void emit_roles(Emission *emission, const ServiceFacts *facts)
{
    Json *tasks = trust_document(emission, "ecs-tasks.amazonaws.com", "ecs", "*");
    RolePlan execution = {.what = "execution", .which = TEXT("execution"), .id = facts->execution_role_id, .name = facts->execution_role_name, .trust = tasks};
    RolePlan task = {.what = "task", .which = TEXT("task"), .id = facts->task_role_id, .name = facts->task_role_name, .trust = tasks};
    fill_execution(emission, facts, &execution.policy);
    fill_task(emission, facts, &task.policy);
    emit_role(emission, facts, &execution);
    emit_role(emission, facts, &task);
    emit_infrastructure_role(emission, facts);
    if (!facts->is_scheduled)
        return;
    Json *scheduler = trust_document(emission, "scheduler.amazonaws.com", "scheduler", "schedule-group/default");
    RolePlan schedule = {.what = "schedule", .which = TEXT("schedule"), .id = facts->schedule_role_id, .name = facts->schedule_role_name, .trust = scheduler};
    fill_schedule(emission, facts, &schedule.policy);
    emit_role(emission, facts, &schedule);
}
