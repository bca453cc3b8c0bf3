#include "emit/container.h"

#include "emit/log_group.h"

/* --- image --- */

static bool is_registry(const Node *image, const char *registry)
{
    return text_equal_c(node_text(image, 0), registry);
}

/* Whether an argument is there and has a text: a parameter that lint does not know has none. */
static bool is_text_known(const Node *node, size_t index)
{
    const Value *value = node_argument(node, index);
    return value && (value->kind == VALUE_STRING || value->kind == VALUE_WORD);
}

/* What an argument without a text stands for: something that lint does not know, or nothing when it is absent. */
static Json *unknown_argument(Emission *emission, const Node *node, size_t index)
{
    return node_argument(node, index) ? json_at(json_unknown(emission->arena, TEXT_NONE), node->span) : NULL;
}

static Text said_or(const Node *node, Text fallback)
{
    Text said = node_text(node, 0);
    return said.len ? said : fallback;
}

Text container_image(Emission *emission, const Node *container)
{
    Arena *arena = emission->arena;
    const Node *image = node_child(container, W_IMAGE);
    const Node *tag = node_child(image, W_IMAGE_TAG);
    const Node *digest = node_child(image, W_IMAGE_DIGEST);
    if (!is_text_known(image, 1) || (tag && !is_text_known(tag, 0)) || (digest && !is_text_known(digest, 0)))
        return TEXT_NONE;
    Text name = node_text(image, 1);
    if (is_registry(image, "ecr")) {
        Text account = said_or(node_child(image, W_ACCOUNT), emission->account);
        Text region = said_or(node_child(image, W_REGION), emission->region);
        name = arena_format(arena, "%.*s.dkr.ecr.%.*s.%.*s/%.*s", TEXT_ARG(account), TEXT_ARG(region), TEXT_ARG(emission->url_suffix), TEXT_ARG(name));
    } else if (is_registry(image, "public-ecr")) {
        name = arena_format(arena, "public.ecr.aws/%.*s", TEXT_ARG(name));
    }
    if (digest)
        return arena_format(arena, "%.*s@%.*s", TEXT_ARG(name), TEXT_ARG(node_text(digest, 0)));
    return tag ? arena_format(arena, "%.*s:%.*s", TEXT_ARG(name), TEXT_ARG(node_text(tag, 0))) : name;
}

Text container_repository_arn(Emission *emission, const Node *container)
{
    const Node *image = node_child(container, W_IMAGE);
    if (!is_registry(image, "ecr") || !is_text_known(image, 1))
        return TEXT_NONE;
    Text account = said_or(node_child(image, W_ACCOUNT), emission->account);
    Text region = said_or(node_child(image, W_REGION), emission->region);
    return arena_format(emission->arena, "arn:%.*s:ecr:%.*s:%.*s:repository/%.*s", TEXT_ARG(emission->partition), TEXT_ARG(region), TEXT_ARG(account),
                        TEXT_ARG(node_text(image, 1)));
}

static void fill_image(Emission *emission, const Node *container, Json *definition)
{
    const Node *image = node_child(container, W_IMAGE);
    Text text = container_image(emission, container);
    json_set_default(emission->arena, definition, "image",
                     text.len ? json_at(json_text(emission->arena, text), image->span) : unknown_argument(emission, image, 1));
}

/* --- secrets --- */

Text secrets_manager_arn(Emission *emission, Text name, bool *is_partial)
{
    *is_partial = !text_starts_with(name, TEXT("arn:"));
    if (!*is_partial || !name.len)
        return name;
    return emit_arn(emission, "secretsmanager", arena_format(emission->arena, "secret:%.*s", TEXT_ARG(name)));
}

static bool is_parameter(const Node *from)
{
    return text_equal_c(node_aws(from, 0), "ssm");
}

Text secret_arn(Emission *emission, const Node *secret, bool *is_partial)
{
    const Node *from = node_child(secret, W_SECRET_FROM);
    Text name = node_text(from, 1);
    if (!is_parameter(from))
        return secrets_manager_arn(emission, name, is_partial);
    *is_partial = false;
    if (!name.len || text_starts_with(name, TEXT("arn:")))
        return name;
    const char *slash = text_starts_with(name, TEXT("/")) ? "" : "/";
    return emit_arn(emission, "ssm", arena_format(emission->arena, "parameter%s%.*s", slash, TEXT_ARG(name)));
}

/* The ARN, and ":key:stage:version" with all its colons when any of the three is said. */
static Json *secret_value_from(Emission *emission, const Node *secret)
{
    bool is_partial;
    const Node *from = node_child(secret, W_SECRET_FROM);
    const Node *key = node_child(secret, W_SECRET_KEY);
    const Node *stage = node_child(secret, W_SECRET_STAGE);
    const Node *version = node_child(secret, W_SECRET_VERSION);
    Text arn = secret_arn(emission, secret, &is_partial);
    if (!arn.len)
        return unknown_argument(emission, from, 1);
    if (key || stage || version)
        arn = arena_format(emission->arena, "%.*s:%.*s:%.*s:%.*s", TEXT_ARG(arn), TEXT_ARG(node_text(key, 0)), TEXT_ARG(node_text(stage, 0)),
                           TEXT_ARG(node_text(version, 0)));
    return json_at(json_text(emission->arena, arn), from->span);
}

static void check_secret(Emission *emission, const Node *secret)
{
    const Node *from = node_child(secret, W_SECRET_FROM);
    const Node *stage = node_child(secret, W_SECRET_STAGE);
    const Node *version = node_child(secret, W_SECRET_VERSION);
    const Node *part = stage ? stage : version ? version : node_child(secret, W_SECRET_KEY);
    if (!from) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SECRET_FROM, secret->span, "%s %.*s does not say where its value is kept",
                                                   secret->row->word, TEXT_ARG(secret->key));
        diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", secret->row->example);
    } else if (is_parameter(from) && part) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SECRET_PARTS, part->span, "a parameter has no `%s`", part->row->word);
        diagnostic_add_label(emission->sink, diagnostic, from->span, "Parameter Store keeps one plain value");
        diagnostic_set_advice(emission->sink, diagnostic, "leave it out, or keep the value in Secrets Manager");
    } else if (stage && version) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SECRET_PARTS, version->span, "a secret's version is said twice");
        diagnostic_add_label(emission->sink, diagnostic, stage->span, "the stage names a version already");
        diagnostic_set_advice(emission->sink, diagnostic, "keep one of `%s` and `%s`", stage->row->word, version->row->word);
    }
}

/* [{"name": variable, "valueFrom": ARN}] by name, of the `secret` statements in a body. NULL when there are none. */
static Json *secret_list(Emission *emission, const Node *owner, WordId word)
{
    Json *list = json_array(emission->arena);
    NODE_EACH(secret, owner, word)
    {
        Json *item = json_at(json_object(emission->arena), secret->span);
        json_set_c(emission->arena, item, "name", json_at(json_text(emission->arena, secret->key), secret->span));
        json_set_c(emission->arena, item, "valueFrom", secret_value_from(emission, secret));
        json_add(emission->arena, list, item);
        check_secret(emission, secret);
    }
    json_sort_by(list, "name");
    return json_length(list) ? list : NULL;
}

static void fill_pull_secret(Emission *emission, const Node *container, Json *definition)
{
    const Node *pull = node_child(container, W_PULL_SECRET);
    bool is_partial;
    Text arn = secrets_manager_arn(emission, node_text(pull, 0), &is_partial);
    Json *parameter = arn.len ? json_at(json_text(emission->arena, arn), pull->span) : unknown_argument(emission, pull, 0);
    if (!parameter)
        return;
    Json *credentials = json_object(emission->arena);
    json_set_c(emission->arena, credentials, "credentialsParameter", parameter);
    json_set_default(emission->arena, definition, "repositoryCredentials", credentials);
}

/* --- logs --- */

static void fill_awslogs(Emission *emission, const ServiceFacts *facts, const Node *container, Json *definition)
{
    Arena *arena = emission->arena;
    const Node *logs = node_child(container, W_LOGS);
    const Node *buffer = node_child(logs, W_LOGS_BUFFER);
    Json *options = json_make_path(arena, definition, TEXT("logConfiguration.options"));
    if (!options)
        return;
    json_set_default(arena, json_get_c(definition, "logConfiguration"), "logDriver", json_text_c(arena, "awslogs"));
    json_set_default(arena, options, "awslogs-group",
                     json_at(log_group_reference(emission, facts, container), logs ? node_argument_span(logs, 0) : SPAN_NONE));
    json_set_default(arena, options, "awslogs-region", json_text(arena, emission->region));
    json_set_default(arena, options, "awslogs-stream-prefix", json_text(arena, container->key));
    int64_t mebibytes = node_mebibytes(buffer, 0, 0);
    if (mebibytes)
        json_set_default(arena, options, "max-buffer-size",
                         json_at(json_text(arena, arena_format(arena, "%lldm", (long long)mebibytes)), node_argument_span(buffer, 0)));
}

static void fill_logs(Emission *emission, const ServiceFacts *facts, const Node *container, Json *definition)
{
    const Node *driver = node_child(container, W_LOG_DRIVER);
    if (node_flag(node_child(container, W_DISCARD_LOGS), false))
        return;
    if (!driver) {
        fill_awslogs(emission, facts, container, definition);
        return;
    }
    Json *configuration = json_make_path(emission->arena, definition, TEXT("logConfiguration"));
    Json *secrets = secret_list(emission, driver, W_LOG_DRIVER_SECRET);
    if (configuration && secrets)
        json_set_default(emission->arena, configuration, "secretOptions", secrets);
}

/* --- the rest --- */

static void set_each_default(Emission *emission, const Json *list, const char *key, Json *value)
{
    for (size_t i = 0; i < json_item_count(list); i++)
        json_set_default(emission->arena, list->items.items[i], key, value);
}

/* With awsvpc the host port is the container's (aws: PortMapping.hostPort). */
static void fill_host_ports(Emission *emission, const Json *mappings)
{
    for (size_t i = 0; i < json_item_count(mappings); i++)
        json_set_default(emission->arena, mappings->items.items[i], "hostPort", json_get_c(mappings->items.items[i], "containerPort"));
}

static void fill_health(Emission *emission, const Node *container, Json *definition)
{
    const Node *health = node_child(container, W_HEALTH);
    Text text = node_text(health, 0);
    if (!text.len) {
        Json *unknown = unknown_argument(emission, health, 0);
        if (unknown)
            json_set_default(emission->arena, json_make_path(emission->arena, definition, TEXT("healthCheck")), "command", unknown);
        return;
    }
    Json *command = json_at(json_array(emission->arena), node_argument_span(health, 0));
    json_add(emission->arena, command, json_text_c(emission->arena, "CMD-SHELL"));
    json_add(emission->arena, command, json_at(json_text(emission->arena, text), node_argument_span(health, 0)));
    json_set_default(emission->arena, json_make_path(emission->arena, definition, TEXT("healthCheck")), "command", command);
}

void container_fill(Emission *emission, const ServiceFacts *facts, const Node *container, Json *definition)
{
    Arena *arena = emission->arena;
    fill_image(emission, container, definition);
    json_set_default(arena, definition, "essential", json_bool(arena, true));
    fill_host_ports(emission, json_get_c(definition, "portMappings"));
    set_each_default(emission, json_get_c(definition, "environmentFiles"), "type", json_text_c(arena, "s3"));
    json_set_default(arena, definition, "secrets", secret_list(emission, container, W_SECRET));
    fill_pull_secret(emission, container, definition);
    fill_health(emission, container, definition);
    fill_logs(emission, facts, container, definition);
}
