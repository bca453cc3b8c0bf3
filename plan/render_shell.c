/* The plan as a script of AWS CLI commands that anyone can review and run (SPEC.md, "Script"). */
#include "plan/shell.h"

/* --- what calls answer --- */

/* Where the answer of a creating operation has what others refer to. */
typedef struct AnswerRow {
    const char *operation;
    const char *attribute;
    const char *query;
    const char *cut; /* the beginning that goes away */
} AnswerRow;

static const AnswerRow answers[] = {
    {"CreateCluster", ATTRIBUTE_ARN, "cluster.clusterArn", ""},
    {"CreateCluster", ATTRIBUTE_NAME, "cluster.clusterName", ""},
    {"RegisterTaskDefinition", ATTRIBUTE_ARN, "taskDefinition.taskDefinitionArn", ""},
    {"CreateService", ATTRIBUTE_ARN, "service.serviceArn", ""},
    {"CreateService", ATTRIBUTE_NAME, "service.serviceName", ""},
    {"CreateRole", ATTRIBUTE_ARN, "Role.Arn", ""},
    {"CreateRole", ATTRIBUTE_NAME, "Role.RoleName", ""},
    {"CreateSecurityGroup", ATTRIBUTE_ID, "GroupId", ""},
    {"CreateLoadBalancer", ATTRIBUTE_ARN, "LoadBalancers[0].LoadBalancerArn", ""},
    {"CreateLoadBalancer", "dns-name", "LoadBalancers[0].DNSName", ""},
    {"CreateLoadBalancer", "zone-id", "LoadBalancers[0].CanonicalHostedZoneId", ""},
    {"CreateLoadBalancer", "full-name", "LoadBalancers[0].LoadBalancerArn", "*:loadbalancer/"},
    {"CreateListener", ATTRIBUTE_ARN, "Listeners[0].ListenerArn", ""},
    {"CreateTargetGroup", ATTRIBUTE_ARN, "TargetGroups[0].TargetGroupArn", ""},
    {"CreateTargetGroup", "full-name", "TargetGroups[0].TargetGroupArn", "*:*:*:*:*:"},
    {"CreateRule", ATTRIBUTE_ARN, "Rules[0].RuleArn", ""},
    {"PutScalingPolicy", ATTRIBUTE_ARN, "PolicyARN", ""},
    {"CreateSchedule", ATTRIBUTE_ARN, "ScheduleArn", ""},
};

enum { ANSWERS_COUNT = sizeof answers / sizeof *answers };

static ShellVariable *answered(const Shell *shell, const PlanStep *step, const AnswerRow *row)
{
    return text_equal_c(step->operation, row->operation) ? shell_find_variable(shell, step->item->id, text_from_c(row->attribute)) : NULL;
}

/* What the call is asked for; nothing when nobody refers to its answer. */
static bool add_query(Shell *shell, const PlanStep *step)
{
    size_t count = 0;
    for (size_t i = 0; i < ANSWERS_COUNT; i++) {
        if (!answered(shell, step, &answers[i]))
            continue;
        buffer_add_format(shell->out, "%s%s", count++ ? ", " : " --query '[", answers[i].query);
    }
    if (count)
        buffer_add_c(shell->out, "]' --output text >\"$answer\"");
    return count > 0;
}

static void add_answers(Shell *shell, const PlanStep *step)
{
    size_t count = 0;
    for (size_t i = 0; i < ANSWERS_COUNT; i++) {
        ShellVariable *variable = answered(shell, step, &answers[i]);
        if (!variable)
            continue;
        buffer_add_format(shell->out, "%s%.*s", count++ ? " " : "take ", TEXT_ARG(variable->name));
        variable->is_given = true;
    }
    if (count)
        buffer_add_byte(shell->out, '\n');
    for (size_t i = 0; i < ANSWERS_COUNT; i++) {
        const ShellVariable *variable = answers[i].cut[0] ? answered(shell, step, &answers[i]) : NULL;
        if (variable)
            buffer_add_format(shell->out, "%.*s=${%.*s#%s}\n", TEXT_ARG(variable->name), TEXT_ARG(variable->name), answers[i].cut);
    }
}

/* --- the beginning --- */

static void add_comment_text(Buffer *out, Text text)
{
    for (size_t i = 0; i < text.len; i++)
        buffer_add_byte(out, (unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127 ? ' ' : text.ptr[i]);
}

static void add_heading(Shell *shell)
{
    const Plan *plan = shell->plan;
    Buffer *out = shell->out;
    buffer_add_c(out, "#!/usr/bin/env bash\n");
    if (plan_count_rollouts(plan))
        buffer_add_c(out, "# WITHOUT THE ROLLOUT: services are changed at once, not by the shares and conditions that their rollouts say.\n");
    buffer_add_c(out, "# The plan of ");
    add_comment_text(out, plan->model->project);
    if (plan->model->environment.name.len) {
        buffer_add_c(out, " in ");
        add_comment_text(out, plan->model->environment.name);
    }
    if (plan->account.len && plan->region.len)
        buffer_add_format(out, " (account %.*s, %.*s)", TEXT_ARG(plan->account), TEXT_ARG(plan->region));
    buffer_add_format(out, ": %zu to add, %zu to change, %zu to destroy.\n# It was made ", plan->added, plan->changed, plan->destroyed);
    if (plan->live) {
        buffer_add_c(out, "against ");
        add_comment_text(out, plan->live->path);
    } else {
        buffer_add_c(out, "for an empty account");
    }
    Text digest = plan_seal(plan, plan_to_json(plan));
    buffer_add_format(out,
                      "; its digest is\n# %.*s.\n"
                      "# Each command is one step of the plan, in its order. Run it once, soon, with bash and the AWS CLI: it does\n"
                      "# not look whether the account has changed since, it does not go on where it was interrupted, and it stops at the first error.\n"
                      "# shellcheck disable=SC2016,SC2034,SC2154 # queries have backquotes; documents name variables\n"
                      "set -euo pipefail\n\n",
                      TEXT_ARG(digest));
}

static void add_functions(Shell *shell)
{
    static const char before_fill[] =
        "say() { printf '%s\\n' \"$*\" >&2; }\n"
        "stop() { say \"stopped: $*\"; exit 1; }\n\n"
        "# The text as a part of a JSON string.\n"
        "quoted() {\n"
        "  local text=$1\n"
        "  text=${text//$'\\\\'/$'\\\\\\\\'} text=${text//$'\"'/$'\\\\\"'}\n"
        "  text=${text//$'\\n'/$'\\\\n'} text=${text//$'\\r'/$'\\\\r'} text=${text//$'\\t'/$'\\\\t'}\n"
        "  printf '%s' \"$text\"\n"
        "}\n\n";
    static const char after_fill[] =
        "# Sets the variables to the words of the last answer.\n"
        "take() {\n"
        "  local name\n"
        "  read -r \"$@\" <\"$answer\" || stop \"AWS answered nothing where $* was asked for\"\n"
        "  for name in \"$@\"; do\n"
        "    [[ -n ${!name} && ${!name} != None ]] || stop \"AWS did not say $name\"\n"
        "  done\n"
        "}\n\n"
        "# Stops unless the variable has one word: NAME DESCRIPTION.\n"
        "one() {\n"
        "  [[ ${!1} != *[[:space:]]* ]] || stop \"several are found where one is meant: $2\"\n"
        "  some \"$@\"\n"
        "}\n\n"
        "# Stops unless the variable has a word.\n"
        "some() {\n"
        "  [[ -n ${!1} && ${!1} != None ]] || stop \"not found: $2\"\n"
        "}\n\n"
        "# Waits until the service stands, and stops when it does not stand at the task definition: CLUSTER SERVICE [TASK-DEFINITION].\n"
        "settle() {\n"
        "  local try current\n"
        "  say \"waiting for service $2\"\n"
        "  for try in 1 2 3 4 5 6; do\n"
        "    if aws ecs wait services-stable --cluster \"$1\" --services \"$2\"; then break; fi\n"
        "    ((try < 6)) || stop \"service $2 has not become stable within an hour\"\n"
        "  done\n"
        "  current=$(aws ecs describe-services --cluster \"$1\" --services \"$2\" --query 'services[0].taskDefinition' --output text)\n"
        "  [[ -z ${3-} || $current == \"${3-}\" ]] || stop \"ECS has taken service $2 back to $current\"\n"
        "}\n\n"
        "# Repeats a command while something still holds what it deletes.\n"
        "persist() {\n"
        "  local try\n"
        "  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do\n"
        "    if \"$@\"; then return; fi\n"
        "    ((try < 12)) || stop \"it could not be deleted\"\n"
        "    sleep 15\n"
        "  done\n"
        "}\n\n";
    Buffer *out = shell->out;
    buffer_add_c(out, before_fill);
    buffer_add_format(out,
                      "# Standard input with %.*sNAME}} replaced by the value of the variable; \"inner NAME\" stands in a document that is itself a text,\n"
                      "# \"each NAME\" becomes as many texts as the variable has words.\n"
                      "fill() {\n"
                      "  local rest text='' name value LC_ALL=C\n"
                      "  rest=$(cat)\n"
                      "  while [[ $rest == *'%.*s'* ]]; do\n"
                      "    text+=${rest%%%%'%.*s'*} rest=${rest#*'%.*s'}\n"
                      "    name=${rest%%%%'}}'*} rest=${rest#*'}}'}\n"
                      "    value=${name##* }\n"
                      "    value=${!value}\n"
                      "    case $name in\n"
                      "      'inner '*) value=$(quoted \"$(quoted \"$value\")\") ;;\n"
                      "      'each '*) value=${value//[[:space:]]/'\", \"'} ;;\n"
                      "      *) value=$(quoted \"$value\") ;;\n"
                      "    esac\n"
                      "    text+=$value\n"
                      "  done\n"
                      "  printf '%%s\\n' \"$text$rest\"\n"
                      "}\n\n",
                      TEXT_ARG(shell->open), TEXT_ARG(shell->open), TEXT_ARG(shell->open), TEXT_ARG(shell->open));
    buffer_add_c(out, after_fill);
}

static void add_account(Shell *shell)
{
    const Plan *plan = shell->plan;
    Buffer *out = shell->out;
    buffer_add_c(out, "input=$(mktemp) answer=$(mktemp)\ntrap 'rm -f \"$input\" \"$answer\"' EXIT\nexport AWS_PAGER='' AWS_RETRY_MODE=standard\n");
    if (plan->region.len) {
        buffer_add_c(out, "region=");
        shell_add_quoted(out, plan->region);
        buffer_add_byte(out, '\n');
    } else {
        buffer_add_c(out, "region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}\n");
    }
    buffer_add_c(out, "export AWS_REGION=$region AWS_DEFAULT_REGION=$region\n\naccount=$(aws sts get-caller-identity --query Account --output text)\n");
    if (plan->account.len) {
        buffer_add_c(out, "[[ $account == ");
        shell_add_quoted(out, plan->account);
        buffer_add_format(out, " ]] || stop \"this is the plan of account %.*s, and the credentials are of account $account\"\n", TEXT_ARG(plan->account));
    }
    buffer_add_byte(out, '\n');
}

/* What neither a lookup nor a step tells, and the recording should have: whoever runs the script says it. */
static void add_missing(Shell *shell)
{
    const Plan *plan = shell->plan;
    size_t start = shell->out->length;
    for (size_t i = 0; i < shell->variables.count; i++) {
        ShellVariable *variable = shell->variables.items[i];
        bool is_coming = variable->is_given;
        for (size_t j = 0; j < plan->steps.count && !is_coming; j++)
            for (size_t k = 0; k < ANSWERS_COUNT && !is_coming; k++)
                is_coming = answered(shell, plan->steps.items[j], &answers[k]) == variable;
        if (!is_coming)
            buffer_add_format(shell->out, ": \"${%.*s:?is to be the %.*s of %.*s, which nothing here tells}\"\n", TEXT_ARG(variable->name),
                              TEXT_ARG(variable->attribute), TEXT_ARG(variable->resource));
    }
    if (shell->out->length > start)
        buffer_add_byte(shell->out, '\n');
}

/* --- steps --- */

typedef struct Progress {
    Shell *shell;
    bool has_fresh_role; /* written since the last wait: not yet known everywhere in AWS */
    ARRAY(const PlanStep *) moving;    /* services that may not be stable yet */
    ARRAY(const PlanStep *) balancers; /* load balancers that may not be active yet */
} Progress;

static bool is_operation(const PlanStep *step, const char *operation)
{
    return text_equal_c(step->operation, operation);
}

static void add_settling(Progress *p)
{
    for (size_t i = 0; i < p->moving.count; i++) {
        const PlanStep *step = p->moving.items[i];
        Json *cluster = json_get_c(step->input, "cluster");
        Json *name = json_get_c(step->input, is_operation(step, "CreateService") ? "serviceName" : "service");
        Json *revision = json_get_c(step->input, "taskDefinition");
        buffer_add_c(p->shell->out, "settle ");
        shell_add_word(p->shell, cluster);
        buffer_add_byte(p->shell->out, ' ');
        shell_add_word(p->shell, name);
        if (revision)
            buffer_add_byte(p->shell->out, ' ');
        if (revision)
            shell_add_word(p->shell, revision);
        buffer_add_byte(p->shell->out, '\n');
    }
    if (p->moving.count)
        buffer_add_byte(p->shell->out, '\n');
    p->moving.count = 0;
}

static void add_waits_before(Progress *p, const PlanStep *step)
{
    Buffer *out = p->shell->out;
    bool is_change = is_operation(step, "CreateService") || is_operation(step, "UpdateService");
    bool is_last = text_equal_c(text_from_c(step->action), "narrow") || text_equal_c(text_from_c(step->action), "delete");
    if (p->has_fresh_role && (is_change || is_operation(step, "CreateSchedule"))) {
        buffer_add_c(out, "say 'waiting until the roles are known everywhere'\nsleep 15\n\n");
        p->has_fresh_role = false;
    }
    for (size_t i = 0; is_change && i < p->balancers.count; i++) {
        buffer_add_c(out, "aws elbv2 wait load-balancer-available --load-balancer-arns ");
        buffer_add_format(out, "\"$%.*s\"\n", TEXT_ARG(shell_variable(p->shell, p->balancers.items[i]->item->id, TEXT(ATTRIBUTE_ARN))->name));
    }
    if (is_change && p->balancers.count)
        buffer_add_byte(out, '\n');
    if (is_change)
        p->balancers.count = 0;
    if (is_last)
        add_settling(p);
}

static void add_waits_after(Progress *p, const PlanStep *step)
{
    Shell *shell = p->shell;
    if (text_equal_c(text_from_c(step->service), "iam"))
        p->has_fresh_role = true;
    if (is_operation(step, "CreateService") || is_operation(step, "UpdateService"))
        ARRAY_PUSH(shell->arena, &p->moving, step);
    if (is_operation(step, "CreateLoadBalancer"))
        ARRAY_PUSH(shell->arena, &p->balancers, step);
    if (is_operation(step, "DeleteService")) {
        buffer_add_c(shell->out, "aws ecs wait services-inactive --cluster ");
        shell_add_word(shell, json_get_c(step->input, "cluster"));
        buffer_add_c(shell->out, " --services ");
        shell_add_word(shell, json_get_c(step->input, "service"));
        buffer_add_byte(shell->out, '\n');
    }
    if (is_operation(step, "DeleteLoadBalancer")) {
        buffer_add_c(shell->out, "aws elbv2 wait load-balancers-deleted --load-balancer-arns ");
        shell_add_word(shell, json_get_c(step->input, "LoadBalancerArn"));
        buffer_add_byte(shell->out, '\n');
    }
    buffer_add_byte(shell->out, '\n');
}

static void add_title(Shell *shell, const PlanStep *step)
{
    const PlanItem *item = step->item;
    Buffer title = {0};
    buffer_add_c(shell->out, "# ");
    add_comment_text(shell->out, item->id);
    if (!span_is_none(item->origin)) {
        buffer_add_c(shell->out, ", ");
        add_comment_text(shell->out, sources_path(shell->plan->sources, item->origin.file));
        buffer_add_format(shell->out, ":%u", sources_locate(shell->plan->sources, item->origin.file, item->origin.start).line);
    }
    buffer_add_format(&title, "%.*s: %s %s ", TEXT_ARG(step->id), step->action, resource_facts(item->kind)->label);
    add_comment_text(&title, item->name.len ? item->name : item->id);
    buffer_add_format(&title, " (%s ", step->service);
    shell_add_operation(&title, step->operation);
    buffer_add_byte(&title, ')');
    buffer_add_c(shell->out, "\nsay ");
    shell_add_quoted(shell->out, buffer_text(&title));
    buffer_add_byte(shell->out, '\n');
    buffer_free(&title);
}

static void add_step(Progress *p, const PlanStep *step)
{
    Shell *shell = p->shell;
    Buffer input = {0};
    add_waits_before(p, step);
    add_title(shell, step);
    json_write(&input, shell_document(shell, step->input), 2);
    bool is_filled = text_find(buffer_text(&input), shell->open) < input.length;
    buffer_add_format(shell->out, "%s >\"$input\" <<'JSON'\n", is_filled ? "fill" : "cat");
    buffer_add(shell->out, buffer_text(&input));
    buffer_add_format(shell->out, "JSON\n%saws %s ", is_operation(step, "DeleteSecurityGroup") ? "persist " : "", step->service);
    shell_add_operation(shell->out, step->operation);
    buffer_add_c(shell->out, " --cli-input-json \"file://$input\"");
    if (!add_query(shell, step))
        buffer_add_c(shell->out, " >/dev/null");
    buffer_add_byte(shell->out, '\n');
    buffer_free(&input);
    add_answers(shell, step);
    add_waits_after(p, step);
}

size_t plan_count_rollouts(const Plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->steps.count; i++)
        count += plan->steps.items[i]->is_rollout;
    return count;
}

void plan_render_shell(Buffer *out, const Plan *plan)
{
    Shell shell = {.out = out, .plan = plan, .arena = plan->arena};
    Progress progress = {.shell = &shell};
    shell_begin(&shell);
    for (size_t i = 0; i < plan->steps.count; i++)
        if (is_operation(plan->steps.items[i], "CreateLoadBalancer"))
            (void)shell_variable(&shell, plan->steps.items[i]->item->id, TEXT(ATTRIBUTE_ARN));
    add_heading(&shell);
    add_functions(&shell);
    add_account(&shell);
    shell_add_lookups(&shell);
    add_missing(&shell);
    for (size_t i = 0; i < plan->steps.count; i++)
        if (!plan->steps.items[i]->is_rollout)
            add_step(&progress, plan->steps.items[i]);
    add_settling(&progress);
    buffer_add_c(out, plan->steps.count ? "say 'done'\n" : "say 'nothing to do'\n");
}
