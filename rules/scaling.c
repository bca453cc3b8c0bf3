/* Rules of scaling (AWS: Application Auto Scaling API reference, RegisterScalableTarget, PutScalingPolicy, StepAdjustment, PutScheduledAction;
   EventBridge Scheduler user guide, schedule types). */
#include "rules/relation.h"

static Diagnostic *report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, resource, code, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    return d;
}

static bool is_ecs(const Resource *resource)
{
    const Json *space = rule_member(resource, "ServiceNamespace");
    const Json *dimension = rule_member(resource, "ScalableDimension");
    return rule_text_is(space, "ecs") || (!space && text_starts_with(rule_text(dimension), TEXT("ecs:")));
}

/* --- what is scaled --- */

static void check_resource_id(const RuleContext *context, const Resource *resource, const Json *id)
{
    Text text = id->kind == JSON_TEXT ? id->text : TEXT_NONE;
    bool is_good = text_starts_with(text, TEXT("service/")) && rule_count_byte(text, '/') == 2 && !text_ends_with(text, TEXT("/")) && text_find(text, TEXT("//")) == text.len;
    if (!text.len || !is_ecs(resource) || is_good)
        return;
    Diagnostic *d = rule_report(context, resource, CODE_SCALING_RESOURCE, id, "%.*s does not name an ECS service", TEXT_ARG(text));
    rule_tell(context, d, NULL, "write service/CLUSTER/SERVICE");
}

/* A text of which only the beginning is known to be wrong: "${Cluster}/…", with a cluster of the same template. */
static void check_open_resource_id(const RuleContext *context, const Resource *resource, const Json *input)
{
    const Json *id = json_get_c(input, "ResourceId");
    Text text = id && id->kind == JSON_UNKNOWN ? text_trim(id->text) : TEXT_NONE;
    if (!text_starts_with(text, TEXT("!Sub")) || !is_ecs(resource))
        return;
    size_t start = text_find(text, TEXT("${"));
    for (size_t i = 4; i < start; i++)
        if (text.ptr[i] != ' ' && text.ptr[i] != '"' && text.ptr[i] != '\'')
            return;
    Text name = text_slice(text, start + 2, text.len);
    const Resource *cluster = resources_find(context->resources, text_slice(name, 0, text_find_byte(name, '}')));
    if (!cluster || cluster->kind != RESOURCE_CLUSTER)
        return;
    Diagnostic *d = rule_report(context, resource, CODE_SCALING_RESOURCE, id, "this begins with the cluster, and so does not name an ECS service");
    rule_tell(context, d, NULL, "write service/CLUSTER/SERVICE");
}

static void check_dimension(const RuleContext *context, const Resource *resource, const Json *dimension)
{
    Text space = rule_text(rule_member(resource, "ServiceNamespace"));
    Text text = rule_text(dimension);
    Text own = text_slice(text, 0, text_find_byte(text, ':'));
    if (!space.len || !text.len || text_equal(own, space))
        return;
    Diagnostic *d = rule_report(context, resource, CODE_SCALING_RESOURCE, dimension, "%.*s is not of the namespace %.*s", TEXT_ARG(text), TEXT_ARG(space));
    rule_tell(context, d, NULL, "for an ECS service use ecs and ecs:service:DesiredCount");
    diagnostic_add_label(context->sink, d, rule_span(resource, rule_member(resource, "ServiceNamespace")), "the namespace");
}

static void check_capacity(const RuleContext *context, const Resource *resource, const Json *holder)
{
    const Json *least = json_get_c(holder, "MinCapacity");
    const Json *most = json_get_c(holder, "MaxCapacity");
    int64_t low = 0;
    int64_t high = 0;
    if (!rule_integer(least, &low) || !rule_integer(most, &high))
        return;
    if (low > high) {
        Diagnostic *d = report(context, resource, CODE_CAPACITY_ORDER, least, "MinCapacity is above MaxCapacity", "make MinCapacity at most MaxCapacity");
        diagnostic_add_label(context->sink, d, rule_span(resource, most), "MaxCapacity");
    } else if (low == high && !context->is_svc && holder == resource->input) {
        Diagnostic *d = report(context, resource, CODE_SCALE_WITHOUT_ROOM, most, "the service can scale to one size only", "make MaxCapacity larger, or leave scaling out");
        diagnostic_add_label(context->sink, d, rule_span(resource, least), "the same as here");
    }
}

/* --- policies --- */

typedef struct PolicyKind {
    const char *type;
    const char *config;
} PolicyKind;

static const PolicyKind policy_kinds[] = {
    {"StepScaling", "StepScalingPolicyConfiguration"},
    {"TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration"},
    {"PredictiveScaling", "PredictiveScalingPolicyConfiguration"},
};
enum { POLICY_KIND_COUNT = sizeof policy_kinds / sizeof *policy_kinds };

static void check_policy(const RuleContext *context, const Resource *policy, const Json *input)
{
    const Json *type = json_get_c(input, "PolicyType");
    if (rule_is_open(type))
        return;
    Text name = rule_is_set(type) ? rule_text(type) : TEXT("StepScaling");
    bool has_config = false;
    for (size_t i = 0; i < POLICY_KIND_COUNT; i++)
        has_config = has_config || rule_is_set(json_get_c(input, policy_kinds[i].config));
    for (size_t i = 0; i < POLICY_KIND_COUNT; i++) {
        const PolicyKind *kind = &policy_kinds[i];
        const Json *config = json_get_c(input, kind->config);
        bool is_own = text_equal_c(name, kind->type);
        if (is_own && !has_config) {
            Diagnostic *d = rule_report(context, policy, CODE_SCALING_POLICY, rule_is_set(type) ? type : json_get_c(input, "PolicyName"), "a policy of the type %s says how it scales", kind->type);
            diagnostic_set_advice(context->sink, d, "add %s", kind->config);
        } else if (!is_own && rule_is_set(config)) {
            Diagnostic *d = rule_report(context, policy, CODE_SCALING_POLICY, config, "%s is for the type %s, and this policy is %.*s", kind->config, kind->type, TEXT_ARG(name));
            diagnostic_add_label(context->sink, d, rule_is_set(type) ? type->origin : SPAN_NONE, "the type");
            diagnostic_set_advice(context->sink, d, "set PolicyType to %s, or leave it out", kind->type);
        }
    }
}

static void check_tracking(const RuleContext *context, const Resource *policy, const Json *config)
{
    const Json *predefined = json_get_c(config, "PredefinedMetricSpecification");
    const Json *custom = json_get_c(config, "CustomizedMetricSpecification");
    const Json *target = json_get_c(config, "TargetValue");
    if (rule_is_set(predefined) && rule_is_set(custom))
        report(context, policy, CODE_SCALING_POLICY, custom, "a policy tracks a predefined metric or one of your own, not both", "keep one of them");
    else if (!rule_is_set(predefined) && !rule_is_set(custom))
        report(context, policy, CODE_SCALING_POLICY, rule_is_set(target) ? target : config, "the policy tracks no metric", "add PredefinedMetricSpecification or CustomizedMetricSpecification");
    if (!rule_is_set(target))
        report(context, policy, CODE_SCALING_POLICY, config, "the policy has no target", "add TargetValue");
    else if (!context->is_svc && target->kind == JSON_NUMBER && target->number.num <= 0)
        report(context, policy, CODE_TARGET_NOT_POSITIVE, target, "a target is above zero", "use a number above 0");
    else if (target->kind == JSON_NUMBER && target->number.num > 100 * target->number.den && text_starts_with(rule_text(rule_find(predefined, "PredefinedMetricType")), TEXT("ECSServiceAverage")))
        report(context, policy, CODE_TARGET_BEYOND, target, "a utilization above 100% is hardly ever reached: the service would not scale out", "use a target below 100, such as 70");
}

static void check_predefined(const RuleContext *context, const Resource *policy, const Json *specification)
{
    const Json *type = json_get_c(specification, "PredefinedMetricType");
    const Json *label = json_get_c(specification, "ResourceLabel");
    bool is_requests = rule_text_is(type, "ALBRequestCountPerTarget");
    if (rule_is_open(type))
        return;
    if (is_requests && !rule_is_set(label))
        report(context, policy, CODE_SCALING_LABEL, type, "requests per target need the target group", "add ResourceLabel: app/NAME/ID/targetgroup/NAME/ID");
    else if (!is_requests && rule_is_set(label) && is_ecs(policy))
        report(context, policy, CODE_SCALING_LABEL, label, "ResourceLabel is for ALBRequestCountPerTarget", "leave ResourceLabel out");
    else if (is_requests && label->kind == JSON_TEXT && !rule_matches(TEXT("app/*/*/targetgroup/*/*"), label->text))
        report(context, policy, CODE_SCALING_LABEL, label, "no load balancer and target group", "write app/NAME/ID/targetgroup/NAME/ID: the ends of the two ARNs");
    if (is_ecs(policy) && rule_text(type).len && !is_requests && !text_starts_with(rule_text(type), TEXT("ECSService"))) {
        Diagnostic *d = rule_report(context, policy, CODE_SCALING_POLICY, type, "%.*s is no metric of an ECS service", TEXT_ARG(rule_text(type)));
        rule_tell(context, d, NULL, "use ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization or ALBRequestCountPerTarget");
    }
}

/* --- steps --- */

typedef struct Bound {
    bool is_open;    /* set to what is not known */
    bool is_endless; /* absent */
    Rational value;
} Bound;

static Bound read_bound(const Json *step, const char *name)
{
    const Json *json = json_get_c(step, name);
    int64_t number = 0;
    if (!rule_is_set(json))
        return (Bound){.is_endless = true};
    if (json->kind == JSON_NUMBER)
        return (Bound){.value = json->number};
    return rule_integer(json, &number) ? (Bound){.value = rational_from_integer(number)} : (Bound){.is_open = true};
}

/* Where a step stands: absent lower bounds first. */
static bool is_before(Bound a, Bound b)
{
    return a.is_endless ? !b.is_endless : !b.is_endless && rational_compare(a.value, b.value) < 0;
}

enum { STEPS_MAX = 64 };

static void report_steps(const RuleContext *context, const Resource *policy, const Json *step, const char *message, const char *advice)
{
    report(context, policy, CODE_STEP_RANGES, step, message, advice);
}

/* The ends of all steps together: a bound that is not 0 has more beyond it. */
static void check_ends(const RuleContext *context, const Resource *policy, const Json *first, const Json *last)
{
    Bound low = read_bound(first, "MetricIntervalLowerBound");
    Bound high = read_bound(last, "MetricIntervalUpperBound");
    if (!low.is_endless && low.value.num < 0)
        report_steps(context, policy, json_get_c(first, "MetricIntervalLowerBound"), "below this bound no step says what happens", "leave the lower bound of the lowest step out");
    if (!high.is_endless && high.value.num > 0)
        report_steps(context, policy, json_get_c(last, "MetricIntervalUpperBound"), "above this bound no step says what happens", "leave the upper bound of the highest step out");
}

static void check_steps(const RuleContext *context, const Resource *policy, const Json *steps)
{
    const Json *ordered[STEPS_MAX];
    size_t count = rule_item_count(steps);
    if (count == 0 || count > STEPS_MAX)
        return;
    for (size_t i = 0; i < count; i++) {
        const Json *step = steps->items.items[i];
        Bound low = read_bound(step, "MetricIntervalLowerBound");
        Bound high = read_bound(step, "MetricIntervalUpperBound");
        if (step->kind != JSON_OBJECT || low.is_open || high.is_open)
            return;
        if (low.is_endless && high.is_endless) {
            report_steps(context, policy, step, "a step has a lower or an upper bound", "add MetricIntervalLowerBound: 0 for a policy that scales out");
            return;
        }
        if (!low.is_endless && !high.is_endless && rational_compare(low.value, high.value) >= 0) {
            report_steps(context, policy, json_get_c(step, "MetricIntervalLowerBound"), "the lower bound is not below the upper one", "make it lower");
            return;
        }
        size_t place = i;
        while (place > 0 && is_before(low, read_bound(ordered[place - 1], "MetricIntervalLowerBound"))) {
            ordered[place] = ordered[place - 1];
            place--;
        }
        ordered[place] = step;
    }
    for (size_t i = 1; i < count; i++) {
        Bound end = read_bound(ordered[i - 1], "MetricIntervalUpperBound");
        Bound start = read_bound(ordered[i], "MetricIntervalLowerBound");
        const Json *place = json_get_c(ordered[i], "MetricIntervalLowerBound");
        place = rule_is_set(place) ? place : ordered[i];
        if (end.is_endless || start.is_endless || rational_compare(start.value, end.value) < 0) {
            report_steps(context, policy, place, "two steps overlap", "let each step begin where the one before it ends");
            return;
        }
        if (rational_compare(start.value, end.value) > 0) {
            report_steps(context, policy, place, "there is a gap before this step", "let each step begin where the one before it ends");
            return;
        }
    }
    check_ends(context, policy, ordered[0], ordered[count - 1]);
}

static void check_step_config(const RuleContext *context, const Resource *policy, const Json *config)
{
    const Json *type = json_get_c(config, "AdjustmentType");
    const Json *steps = json_get_c(config, "StepAdjustments");
    const Json *magnitude = json_get_c(config, "MinAdjustmentMagnitude");
    if (!rule_is_open(steps) && !rule_item_count(steps))
        report(context, policy, CODE_SCALING_POLICY, rule_is_set(steps) ? steps : config, "the policy has no steps", "add StepAdjustments");
    if (!rule_is_set(type))
        report(context, policy, CODE_SCALING_POLICY, config, "the policy does not say what its steps mean", "add AdjustmentType, such as ChangeInCapacity");
    if (rule_is_set(magnitude) && rule_is_known(type) && !rule_text_is(type, "PercentChangeInCapacity"))
        report(context, policy, CODE_SCALING_POLICY, magnitude, "MinAdjustmentMagnitude is for PercentChangeInCapacity", "leave it out");
    for (size_t i = 0; rule_text_is(type, "ExactCapacity") && i < rule_item_count(steps); i++) {
        const Json *change = json_get_c(steps->items.items[i], "ScalingAdjustment");
        int64_t number = 0;
        if (rule_integer(change, &number) && number < 0)
            report(context, policy, CODE_SCALING_POLICY, change, "a capacity is not below 0", "use 0 or more, or AdjustmentType ChangeInCapacity");
    }
}

/* --- times --- */

/* The text inside "name(…)"; false when it is not of that form. */
static bool unwrap(Text text, const char *name, Text *out)
{
    Text prefix = text_from_c(name);
    bool fits = text_starts_with(text, prefix) && text.len > prefix.len + 1 && text.ptr[prefix.len] == '(' && text.ptr[text.len - 1] == ')';
    *out = fits ? text_slice(text, prefix.len + 1, text.len - 1) : TEXT_NONE;
    return fits;
}

static size_t split_fields(Text text, Text *out, size_t capacity)
{
    size_t count = 0;
    text = text_trim(text);
    while (text.len) {
        size_t end = text_find_byte(text, ' ');
        if (count < capacity)
            out[count] = text_slice(text, 0, end);
        count++;
        text = text_trim(text_slice(text, end, text.len));
    }
    return count;
}

typedef struct CronField {
    const char *name;
    int64_t min;
    int64_t max;
    const char *also; /* bytes beside digits and * , - / */
} CronField;

static const CronField cron_fields[] = {
    {"minute", 0, 59, ""}, {"hour", 0, 23, ""}, {"day of month", 1, 31, "?LW"}, {"month", 1, 12, "A-Za-z"}, {"day of week", 1, 7, "?L#A-Za-z"}, {"year", 1970, 2199, ""},
};
enum { CRON_FIELDS = sizeof cron_fields / sizeof *cron_fields };

/* Numbers out of the field's range; steps behind a "/" and what follows "#" are no places in time. */
static bool is_in_range(const CronField *field, Text text)
{
    for (size_t i = 0; i < text.len;) {
        size_t start = i;
        while (i < text.len && byte_is_digit(text.ptr[i]))
            i++;
        if (i == start) {
            i++;
            continue;
        }
        Json number = {.kind = JSON_TEXT, .text = text_slice(text, start, i)};
        int64_t value = 0;
        bool is_step = start > 0 && (text.ptr[start - 1] == '/' || text.ptr[start - 1] == '#');
        if (!is_step && (!rule_integer(&number, &value) || value < field->min || value > field->max))
            return false;
    }
    return true;
}

static void check_cron(const RuleContext *context, const Resource *resource, const Json *schedule, Text inside)
{
    Text fields[CRON_FIELDS];
    size_t count = split_fields(inside, fields, CRON_FIELDS);
    if (count != CRON_FIELDS) {
        Diagnostic *d = rule_report(context, resource, CODE_SCHEDULE_TIME, schedule, "cron has %d fields here, and this one has %zu", (int)CRON_FIELDS, count);
        rule_tell(context, d, NULL, "write cron(MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR), such as cron(0 8 * * ? *)");
        return;
    }
    for (size_t i = 0; i < CRON_FIELDS; i++) {
        bool has_bytes = true;
        for (size_t j = 0; j < fields[i].len; j++) {
            Text byte = text_slice(fields[i], j, j + 1);
            has_bytes = has_bytes && (rule_has_only(byte, "0-9") || rule_is_one_of(byte, "* , - /") || rule_has_only(byte, cron_fields[i].also));
        }
        if (has_bytes && is_in_range(&cron_fields[i], fields[i]))
            continue;
        Diagnostic *d = rule_report(context, resource, CODE_SCHEDULE_TIME, schedule, "%.*s cannot be the %s of a cron schedule", TEXT_ARG(fields[i]), cron_fields[i].name);
        diagnostic_set_advice(context->sink, d, "use %lld to %lld, *, or a range or list of them", (long long)cron_fields[i].min, (long long)cron_fields[i].max);
        return;
    }
    bool any_day = text_equal_c(fields[2], "?");
    bool any_weekday = text_equal_c(fields[4], "?");
    if (any_day == any_weekday)
        report(context, resource, CODE_SCHEDULE_TIME, schedule, "one of day of month and day of week is ?, and the other one is not", "write ? for the one that does not matter, such as cron(0 8 * * ? *)");
}

static void check_rate(const RuleContext *context, const Resource *resource, const Json *schedule, Text inside)
{
    Text fields[2];
    size_t count = split_fields(inside, fields, 2);
    Json number = {.kind = JSON_TEXT, .text = count ? fields[0] : TEXT_NONE};
    int64_t value = 0;
    bool is_good = count == 2 && rule_integer(&number, &value) && value >= 1 && rule_is_one_of(fields[1], value == 1 ? "minute hour day" : "minutes hours days");
    /* Whether "1 minutes" is taken differs by service: it is left alone. */
    if (is_good || (count == 2 && value >= 1 && rule_is_one_of(fields[1], "minute minutes hour hours day days")))
        return;
    report(context, resource, CODE_SCHEDULE_TIME, schedule, "a rate is a number and a unit", "write it as rate(5 minutes), rate(1 hour) or rate(7 days)");
}

static void check_schedule(const RuleContext *context, const Resource *resource, const Json *schedule)
{
    Text text = schedule->kind == JSON_TEXT ? schedule->text : TEXT_NONE;
    Text inside;
    if (!text.len)
        return;
    if (unwrap(text, "cron", &inside))
        check_cron(context, resource, schedule, inside);
    else if (unwrap(text, "rate", &inside))
        check_rate(context, resource, schedule, inside);
    else if (!unwrap(text, "at", &inside))
        report(context, resource, CODE_SCHEDULE_TIME, schedule, "this is no time: a schedule is cron(…), rate(…) or at(…)", "write it as cron(0 8 * * ? *)");
    else if (!(rule_matches(TEXT("\?\?\?\?-\?\?-\?\?T\?\?:\?\?:\?\?"), inside) && rule_has_only(inside, "0-9T:-")))
        report(context, resource, CODE_SCHEDULE_TIME, schedule, "a moment has a date and a time, without a zone", "write it as at(2030-01-31T08:00:00)");
}

static void check_action_capacity(const RuleContext *context, const Resource *resource, const Json *action)
{
    if (!rule_is_set(json_get_c(action, "MinCapacity")) && !rule_is_set(json_get_c(action, "MaxCapacity"))) {
        report(context, resource, CODE_SCALING_POLICY, action, "the scheduled action changes nothing", "add MinCapacity or MaxCapacity");
        return;
    }
    check_capacity(context, resource, action);
}

const Rule scaling_rules[] = {
    {RESOURCE_SCALABLE_TARGET, "ResourceId", check_resource_id},
    {RESOURCE_SCALABLE_TARGET, "", check_open_resource_id},
    {RESOURCE_SCALABLE_TARGET, "ScalableDimension", check_dimension},
    {RESOURCE_SCALABLE_TARGET, "", check_capacity},
    {RESOURCE_SCALING_POLICY, "ResourceId", check_resource_id},
    {RESOURCE_SCALING_POLICY, "ScalableDimension", check_dimension},
    {RESOURCE_SCALING_POLICY, "", check_policy},
    {RESOURCE_SCALING_POLICY, "TargetTrackingScalingPolicyConfiguration", check_tracking},
    {RESOURCE_SCALING_POLICY, "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification", check_predefined},
    {RESOURCE_SCALING_POLICY, "StepScalingPolicyConfiguration", check_step_config},
    {RESOURCE_SCALING_POLICY, "StepScalingPolicyConfiguration.StepAdjustments", check_steps},
    {RESOURCE_SCHEDULED_ACTION, "ResourceId", check_resource_id},
    {RESOURCE_SCHEDULED_ACTION, "ScalableDimension", check_dimension},
    {RESOURCE_SCHEDULED_ACTION, "Schedule", check_schedule},
    {RESOURCE_SCHEDULED_ACTION, "ScalableTargetAction", check_action_capacity},
    {RESOURCE_SCHEDULE, "ScheduleExpression", check_schedule},
    {.check = NULL},
};
