/* Variables of containers: plain ones, secret ones, and files of them. */
#include "rules/task.h"
#include "vocabulary/vocabulary.h"

/* --- names --- */

/* One name in both lists: ECS refuses it, as nobody could tell which wins. */
static void report_both(const RuleContext *context, const Resource *resource, const Json *secret, const Json *plain)
{
    Text name = rule_text(json_get_c(secret, "name"));
    const Json *place = context->is_svc ? secret : json_get_c(secret, "name");
    const Json *other = context->is_svc ? plain : json_get_c(plain, "name");
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VARIABLE_TWICE, place, "%.*s is set twice", TEXT_ARG(name));
    diagnostic_set_label(context->sink, diagnostic, "as a %s", vocabulary_row(W_SECRET)->word);
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, other), "and as a plain value");
    diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
}

static void report_second_secret(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VARIABLE_TWICE, name, "%.*s is set twice", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "the first");
    diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
}

static void check_secret_names(const RuleContext *context, const Resource *resource, const Json *container)
{
    const Json *plain = json_get_c(container, "environment");
    const Json *secrets = json_get_c(container, "secrets");
    for (size_t i = 0; i < rule_item_count(secrets); i++) {
        const Json *secret = secrets->items.items[i];
        const Json *name = json_get_c(secret, "name");
        const Json *twin = name_index_find(context->names, plain, "name", rule_text(name));
        if (twin)
            report_both(context, resource, secret, twin);
    }
    task_each_repeat(context, resource, secrets, "name", report_second_secret);
}

/* ECS takes it, and the last value wins. */
static void report_repeat(const RuleContext *context, const Resource *resource, const Json *name, const Json *earlier)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_VARIABLE_REPEATED, name, "%.*s is set twice", TEXT_ARG(rule_text(name)));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, earlier), "this value is lost");
    diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
}

static void check_repeated(const RuleContext *context, const Resource *resource, const Json *variables)
{
    task_each_repeat(context, resource, variables, "name", report_repeat);
}

static void check_name(const RuleContext *context, const Resource *resource, const Json *variable)
{
    const Json *name = json_get_c(variable, "name");
    Text text = rule_text(name);
    if (variable->kind != JSON_OBJECT || !rule_is_set(json_get_c(variable, "value")))
        return;
    if (!rule_is_set(name)) {
        (void)rule_report(context, resource, CODE_VARIABLE_NAME, variable, "a variable without a name");
    } else if (text.len && text_find_byte(text, '=') < text.len) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_VARIABLE_NAME, name, "\"%.*s\" cannot be the name of a variable", TEXT_ARG(text));
        diagnostic_set_label(context->sink, diagnostic, "what follows = is taken for its value");
    }
}

/* --- where a secret is --- */

/* The parts between colons; as many as there are, but no more than `max` are kept. */
static size_t split_colons(Text text, Text *parts, size_t max)
{
    size_t count = 0;
    for (;;) {
        size_t end = text_find_byte(text, ':');
        if (count < max)
            parts[count] = text_slice(text, 0, end);
        count++;
        if (end == text.len)
            return count;
        text = text_slice(text, end + 1, text.len);
    }
}

static void report_value(const RuleContext *context, const Resource *resource, const Json *node, const char *problem, const char *label)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_SECRET_VALUE, node, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

/* arn:aws:secretsmanager:region:account:secret:name, and :key:stage:version with all its colons. */
static void check_secret_arn(const RuleContext *context, const Resource *resource, const Json *node, const Text *parts, size_t count)
{
    enum { PLAIN = ARN_PARTS + 1, FULL = PLAIN + 3, STAGE = 8, VERSION = 9 };
    if (!text_equal_c(parts[ARN_RESOURCE], "secret") || count < PLAIN || !parts[ARN_PARTS].len)
        report_value(context, resource, node, "this is no ARN of a secret", "a secret's ends in secret:NAME-XXXXXX");
    else if (count != PLAIN && count != FULL)
        report_value(context, resource, node, "behind a secret's ARN stand three colons or none", "arn:…:secret:NAME-XXXXXX:key:stage:version, each of the last three may be empty");
    else if (count == FULL && parts[STAGE].len && parts[VERSION].len)
        report_value(context, resource, node, "a secret's version is said twice", "the stage names a version already: leave out one of the last two");
}

static void check_arn(const RuleContext *context, const Resource *resource, const Json *node, Text text)
{
    enum { PARTS_MAX = 10 };
    Text parts[PARTS_MAX] = {{0}};
    size_t count = split_colons(text, parts, PARTS_MAX);
    bool is_secret = text_equal_c(parts[ARN_SERVICE], "secretsmanager");
    bool is_parameter = text_equal_c(parts[ARN_SERVICE], "ssm");
    if (!is_secret && !is_parameter)
        report_value(context, resource, node, "ECS reads no secret from there", "an ARN of Secrets Manager or of a parameter (ssm)");
    else if (count < ARN_PARTS || !parts[ARN_REGION].len)
        report_value(context, resource, node, "this ARN says no region", "arn:aws:SERVICE:REGION:ACCOUNT:…");
    else if (!task_is_account(parts[ARN_ACCOUNT]))
        report_value(context, resource, node, "this ARN has no account", "an account's id has 12 digits");
    else if (is_parameter && !text_starts_with(parts[ARN_RESOURCE], TEXT("parameter/")))
        report_value(context, resource, node, "this is no ARN of a parameter", "a parameter's ends in parameter/NAME");
    else if (is_parameter && text_starts_with(parts[ARN_RESOURCE], TEXT("parameter//")))
        report_value(context, resource, node, "this ARN has a slash too many", "the ARN of the parameter /shop/api ends in parameter/shop/api");
    else if (is_secret)
        check_secret_arn(context, resource, node, parts, count);
}

static bool is_parameter_name(Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = byte_is_alphanumeric(c);
        if (!is_letter && c != '_' && c != '.' && c != '-' && c != '/' && c != ':')
            return false;
    }
    return true;
}

static void check_value_from(const RuleContext *context, const Resource *resource, const Json *node)
{
    Text text = rule_text(node);
    bool is_open = text_find(text, TEXT("svc:unknown:")) < text.len;
    if (!text.len || is_open)
        return;
    if (text_starts_with(text, TEXT("arn:")))
        check_arn(context, resource, node, text);
    else if (!is_parameter_name(text) || split_colons(text, NULL, 0) > 2)
        report_value(context, resource, node, "this is neither an ARN nor a parameter's name", "a name has letters, digits and . _ - /");
    else if (text.ptr[0] != '/' && text_find_byte(text, '/') < text.len)
        report_value(context, resource, node, "a parameter's name with slashes begins with one", "as in /shop/api/key; a secret of Secrets Manager is named by its ARN");
}

/* --- files --- */

static void check_file(const RuleContext *context, const Resource *resource, const Json *value)
{
    Text text = rule_text(value);
    Text rest = text_starts_with(text, TEXT("arn:")) ? text_slice(text, 4, text.len) : TEXT_NONE;
    rest = text_slice(rest, text_find_byte(rest, ':'), rest.len);
    const char *problem = NULL;
    if (!text.len)
        return;
    if (!text_starts_with(rest, TEXT(":s3:::")) || text_find_byte(rest, '/') == rest.len)
        problem = "this is no ARN of a file in S3";
    else if (!text_ends_with(text, TEXT(".env")))
        problem = "a file of variables ends in .env";
    if (!problem)
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_ENVIRONMENT_FILE, value, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "as in arn:aws:s3:::BUCKET/FILE.env");
}

const Rule environment_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_secret_names},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].environment", check_repeated},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].environment[]", check_name},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].secrets[].valueFrom", check_value_from},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration.secretOptions[].valueFrom", check_value_from},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].environmentFiles[].value", check_file},
    {.check = NULL},
};
