/* The plan for people: what changes, grouped by service, what matters for security, how traffic moves, and one line that sums up. */
#include "plan/calls.h"

#include <string.h>

enum { SOURCE_COLUMN = 76, VALUE_BYTES_MAX = 100 };

typedef struct Painter {
    Buffer *out;
    const Plan *plan;
    bool is_full;
    bool use_color;
} Painter;

/* --- values --- */

/* What a kind is known by; paths into its documents, "[]" for the elements of a list. */
typedef struct FactRow {
    ResourceKind kind;
    const char *label;
    const char *path;
} FactRow;

static const FactRow facts[] = {
    {RESOURCE_CLUSTER, "capacity", "CreateCluster.capacityProviders[]"},
    {RESOURCE_LOG_GROUP, "days kept:", "PutRetentionPolicy.retentionInDays"},
    {RESOURCE_METRIC_FILTER, "pattern", "PutMetricFilter.filterPattern"},
    {RESOURCE_LOAD_BALANCER, "scheme", "CreateLoadBalancer.Scheme"},
    {RESOURCE_LISTENER, "protocol", "CreateListener.Protocol"},
    {RESOURCE_LISTENER, "port", "CreateListener.Port"},
    {RESOURCE_TARGET_GROUP, "port", "CreateTargetGroup.Port"},
    {RESOURCE_TARGET_GROUP, "health check", "CreateTargetGroup.HealthCheckPath"},
    {RESOURCE_LISTENER_RULE, "priority", "CreateRule.Priority"},
    {RESOURCE_LISTENER_RULE, "paths", "CreateRule.Conditions[].PathPatternConfig.Values[]"},
    {RESOURCE_TASK_DEFINITION, "cpu", "RegisterTaskDefinition.cpu"},
    {RESOURCE_TASK_DEFINITION, "memory", "RegisterTaskDefinition.memory"},
    {RESOURCE_TASK_DEFINITION, "image", "RegisterTaskDefinition.containerDefinitions[].image"},
    {RESOURCE_SERVICE, "tasks", "CreateService.desiredCount"},
    {RESOURCE_SERVICE, "capacity", "CreateService.capacityProviderStrategy[].capacityProvider"},
    {RESOURCE_SCALABLE_TARGET, "at least", "RegisterScalableTarget.MinCapacity"},
    {RESOURCE_SCALABLE_TARGET, "at most", "RegisterScalableTarget.MaxCapacity"},
    {RESOURCE_SCALING_POLICY, "target", "PutScalingPolicy.TargetTrackingScalingPolicyConfiguration.TargetValue"},
    {RESOURCE_SCHEDULED_ACTION, "schedule", "PutScheduledAction.Schedule"},
    {RESOURCE_ALARM, "says", "PutMetricAlarm.AlarmDescription"},
    {RESOURCE_PARAMETER, "value", "PutParameter.Value"},
    {RESOURCE_SCHEDULE, "schedule", "CreateSchedule.ScheduleExpression"},
};

/* A value on one line; long ones are cut unless all is wanted. */
static void add_value(const Painter *p, const Json *json, bool is_bare)
{
    Buffer text = {0};
    json_write(&text, json, 0);
    Text shown = buffer_text(&text);
    if (is_bare && json->kind == JSON_TEXT)
        shown = json->text;
    else if (is_bare && shown.len > 1 && shown.ptr[0] == '"')
        shown = text_slice(shown, 1, shown.len - 1);
    if (!p->is_full && shown.len > VALUE_BYTES_MAX) {
        size_t end = VALUE_BYTES_MAX;
        while (end > 0 && ((unsigned char)shown.ptr[end] & 0xC0) == 0x80)
            end--;
        buffer_add(p->out, text_slice(shown, 0, end));
        buffer_add_c(p->out, "…");
    } else {
        buffer_add(p->out, shown);
    }
    buffer_free(&text);
}

static void add_found(const Painter *p, const Json *json, Text path, size_t *found)
{
    while (json && path.len) {
        size_t dot = text_find_byte(path, '.');
        Text part = text_slice(path, 0, dot);
        path = dot < path.len ? text_slice(path, dot + 1, path.len) : TEXT_NONE;
        bool is_each = text_ends_with(part, TEXT("[]"));
        json = json_get(json, is_each ? text_slice(part, 0, part.len - 2) : part);
        if (!is_each)
            continue;
        for (size_t i = 0; json && json->kind == JSON_ARRAY && i < json->items.count; i++)
            add_found(p, json->items.items[i], path, found);
        return;
    }
    if (!json)
        return;
    if ((*found)++)
        buffer_add_c(p->out, " ");
    add_value(p, json, true);
}

static void add_facts(const Painter *p, const PlanItem *item)
{
    size_t shown = 0;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (facts[i].kind != item->kind)
            continue;
        size_t start = p->out->length;
        size_t found = 0;
        buffer_add_c(p->out, shown ? ", " : "        ");
        buffer_add_c(p->out, facts[i].label);
        buffer_add_byte(p->out, ' ');
        add_found(p, item->desired, text_from_c(facts[i].path), &found);
        if (found)
            shown++;
        else
            p->out->length = start;
    }
    if (shown)
        buffer_add_byte(p->out, '\n');
}

void plan_render_facts(Buffer *out, const Plan *plan, const PlanItem *item)
{
    Painter p = {.out = out, .plan = plan};
    add_facts(&p, item);
}

/* Every member, a line each. */
static void add_members(const Painter *p, const Json *json, Buffer *path)
{
    size_t length = path->length;
    bool is_branch = (json->kind == JSON_OBJECT || json->kind == JSON_ARRAY) && json_length(json) > 0;
    if (!is_branch) {
        buffer_add_c(p->out, "        ");
        buffer_add(p->out, buffer_text(path));
        buffer_add_c(p->out, ": ");
        add_value(p, json, false);
        buffer_add_byte(p->out, '\n');
        return;
    }
    for (size_t i = 0; i < json_length(json); i++) {
        if (json->kind == JSON_OBJECT) {
            buffer_add_c(path, length ? "." : "");
            buffer_add(path, json->members.items[i].key);
            add_members(p, json->members.items[i].value, path);
        } else {
            buffer_add_format(path, "[%zu]", i);
            add_members(p, json->items.items[i], path);
        }
        path->length = length;
    }
}

/* --- items --- */

const char *plan_action_sign(PlanAction action)
{
    switch (action) {
    case PLAN_CREATE: return "+";
    case PLAN_CHANGE: return "~";
    case PLAN_REPLACE: return "-/+";
    case PLAN_DELETE: return "-";
    case PLAN_UNCHANGED: break;
    }
    return " ";
}

static const char *color_of(PlanAction action)
{
    switch (action) {
    case PLAN_CREATE: return "\033[32m";
    case PLAN_CHANGE: return "\033[33m";
    case PLAN_REPLACE: return "\033[35m";
    case PLAN_DELETE: return "\033[31m";
    case PLAN_UNCHANGED: break;
    }
    return "";
}

/* "service.svc:38" at the right of what began at `start`. */
static void add_source(const Painter *p, size_t start, Span span)
{
    if (!span_is_none(span)) {
        size_t used = p->out->length - start;
        buffer_add_repeated(p->out, ' ', used + 2 < SOURCE_COLUMN ? SOURCE_COLUMN - used : 2);
        buffer_add(p->out, sources_path(p->plan->sources, span.file));
        buffer_add_format(p->out, ":%u", sources_locate(p->plan->sources, span.file, span.start).line);
    }
    buffer_add_byte(p->out, '\n');
}

static void add_change(const Painter *p, const PlanChange *change)
{
    size_t start = p->out->length;
    buffer_add_c(p->out, "        ");
    buffer_add(p->out, change->path);
    buffer_add_c(p->out, ": ");
    if (change->before)
        add_value(p, change->before, false);
    else
        buffer_add_c(p->out, "(none)");
    buffer_add_c(p->out, " -> ");
    if (change->after && change->after->kind == JSON_REFERENCE)
        buffer_add_format(p->out, "(the new %.*s of %.*s)", TEXT_ARG(change->after->reference->attribute), TEXT_ARG(change->after->reference->resource));
    else if (change->after)
        add_value(p, change->after, false);
    else
        buffer_add_c(p->out, "(none)");
    if (change->forces_replacement)
        buffer_add_c(p->out, "  # forces replacement");
    add_source(p, start, change->origin);
}

static void add_item(const Painter *p, const PlanItem *item)
{
    const char *sign = plan_action_sign(item->action);
    buffer_add_c(p->out, p->use_color ? color_of(item->action) : "");
    size_t start = p->out->length;
    buffer_add_format(p->out, "  %s%*s%s  ", sign, (int)(4 - strlen(sign)), "", resource_facts(item->kind)->label);
    buffer_add(p->out, item->name.len ? item->name : item->id);
    size_t used = p->out->length;
    if (p->use_color) {
        buffer_add_c(p->out, "\033[0m");
        start += p->out->length - used;
    }
    add_source(p, start, item->origin);
    if (plan_is_changed_outside(item))
        buffer_add_c(p->out, "        not as svc applied it: changed by somebody else, or its apply did not end\n");
    for (size_t i = 0; i < item->changes.count; i++)
        add_change(p, &item->changes.items[i]);
    if (calls_leave_gap(item))
        buffer_add_c(p->out, "        warning: the old one goes before the new one comes, since both have this name: for a while there is neither\n");
    if (item->action != PLAN_CREATE)
        return;
    if (!p->is_full) {
        add_facts(p, item);
        return;
    }
    Buffer path = {0};
    add_members(p, item->desired, &path);
    buffer_free(&path);
}

static void add_group(const Painter *p, size_t first)
{
    const PlanItemArray *items = &p->plan->items;
    Text service = items->items[first]->service;
    buffer_add_byte(p->out, '\n');
    buffer_add(p->out, service.len ? service : TEXT("shared"));
    buffer_add_byte(p->out, '\n');
    for (size_t i = first; i < items->count; i++) {
        if (i > first && !text_equal(items->items[i]->service, service))
            break;
        if (items->items[i]->action != PLAN_UNCHANGED)
            add_item(p, items->items[i]);
    }
}

/* Neighbours of one service make a group; what goes away comes last, in groups of its own. */
static void add_items(const Painter *p)
{
    const PlanItemArray *items = &p->plan->items;
    for (size_t i = 0; i < items->count;) {
        size_t end = i;
        bool has_changes = false;
        while (end < items->count && text_equal(items->items[end]->service, items->items[i]->service))
            has_changes = items->items[end++]->action != PLAN_UNCHANGED || has_changes;
        if (has_changes)
            add_group(p, i);
        i = end;
    }
}

/* --- drift, and what others made --- */

static void add_heading(const Painter *p, const char *what)
{
    const Plan *plan = p->plan;
    buffer_add_format(p->out, "%s for ", what);
    buffer_add(p->out, plan->model->project);
    if (plan->model->environment.name.len) {
        buffer_add_c(p->out, " in ");
        buffer_add(p->out, plan->model->environment.name);
    }
    if (plan->account.len && plan->region.len)
        buffer_add_format(p->out, " (account %.*s, %.*s)", TEXT_ARG(plan->account), TEXT_ARG(plan->region));
    buffer_add_c(p->out, plan->live ? ", against " : ", against an empty account");
    if (plan->live)
        buffer_add(p->out, plan->live->path);
    buffer_add_byte(p->out, '\n');
}

/* What the file says comes first: it is what was applied. */
static void add_drifted(const Painter *p, const PlanItem *item)
{
    size_t start = p->out->length;
    buffer_add_format(p->out, "  %s  ", resource_facts(item->kind)->label);
    buffer_add(p->out, item->name.len ? item->name : item->id);
    add_source(p, start, item->origin);
    if (item->action == PLAN_CREATE)
        buffer_add_c(p->out, "        it is not there\n");
    for (size_t i = 0; i < item->changes.count; i++) {
        PlanChange change = item->changes.items[i];
        change.before = item->changes.items[i].after;
        change.after = item->changes.items[i].before;
        change.forces_replacement = false;
        add_change(p, &change);
    }
}

static void add_cause(const Painter *p, PlanCause cause, const char *heading)
{
    bool has_heading = false;
    for (size_t i = 0; i < p->plan->items.count; i++) {
        const PlanItem *item = p->plan->items.items[i];
        if (!plan_is_drift(item) || item->cause != cause)
            continue;
        if (!has_heading)
            buffer_add_c(p->out, heading);
        has_heading = true;
        add_drifted(p, item);
    }
}

void plan_render_drift(Buffer *out, const Plan *plan, bool use_color)
{
    Painter p = {out, plan, false, use_color};
    size_t pending = 0;
    size_t drifted = plan_count_drift(plan);
    add_heading(&p, "Drift");
    add_cause(&p, PLAN_CAUSE_OUTSIDE, "\nChanged outside svc since it was applied (as applied -> as it is)\n");
    add_cause(&p, PLAN_CAUSE_UNKNOWN, "\nNot as the file says, and nothing tells since when (file -> as it is)\n");
    for (size_t i = 0; i < plan->items.count; i++)
        pending += plan->items.items[i]->action != PLAN_UNCHANGED && !plan_is_drift(plan->items.items[i]);
    buffer_add_byte(out, '\n');
    if (pending)
        buffer_add_format(out, "%zu more differ since the file has changed: svc plan shows them.\n", pending);
    if (drifted)
        buffer_add_format(out, "Drift: %zu of %zu.\n", drifted, plan->items.count);
    else
        buffer_add_c(out, "No drift: what svc applied is as it was.\n");
}

size_t plan_render_foreign(Buffer *out, const Plan *plan, bool use_color)
{
    Painter p = {out, plan, false, use_color};
    size_t count = 0;
    add_heading(&p, "Resources to take over");
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = plan->items.items[i];
        if (!plan_is_foreign(plan, item))
            continue;
        count++;
        size_t start = out->length;
        buffer_add_format(out, "\n  %s  ", resource_facts(item->kind)->label);
        buffer_add(out, item->name.len ? item->name : item->id);
        add_source(&p, start, item->origin);
        bool differs = false;
        for (size_t j = 0; j < item->changes.count; j++) {
            if (plan_is_tag_change(&item->changes.items[j]))
                continue;
            differs = true;
            add_change(&p, &item->changes.items[j]);
        }
        if (!differs)
            buffer_add_c(out, "        is what the file says\n");
    }
    return count;
}

/* --- the rest --- */

/* A plan of one file of several leaves the rest alone. */
static void add_spared(const Painter *p)
{
    const PlanOthers *others = p->plan->others;
    if (!p->plan->spared)
        return;
    buffer_add_format(p->out, "%zu left alone: they may be of the project's other files (", p->plan->spared);
    for (size_t i = 0; i < others->files.count; i++) {
        buffer_add_c(p->out, i ? ", " : "");
        buffer_add(p->out, others->files.items[i]);
    }
    buffer_add_c(p->out, ").\n");
}

/* The recording says it. */
static bool is_found(const Plan *plan, const Lookup *lookup)
{
    Text key = arena_format(plan->arena, "%.*s#%.*s", TEXT_ARG(lookup->id), TEXT_ARG(lookup->attribute));
    return plan->live && json_read_member(plan->live->lookups, key.ptr);
}

static void add_lookups(const Painter *p)
{
    const Resources *resources = p->plan->resources;
    bool has_heading = false;
    for (size_t i = 0; i < resources->lookups.count; i++) {
        const Lookup *lookup = resources->lookups.items[i];
        if (is_found(p->plan, lookup))
            continue;
        if (!has_heading)
            buffer_add_c(p->out, "\nLooked up when it is applied\n");
        has_heading = true;
        size_t start = p->out->length;
        buffer_add_format(p->out, "  %.*s %.*s: %.*s", TEXT_ARG(lookup->id), TEXT_ARG(lookup->attribute), TEXT_ARG(lookup->description));
        add_source(p, start, lookup->origin);
    }
}

void plan_render_text(Buffer *out, const Plan *plan, bool is_full, bool use_color)
{
    Painter p = {out, plan, is_full, use_color};
    add_heading(&p, "Plan");
    add_items(&p);
    plan_render_security(out, plan);
    if (plan_has_changes(plan)) {
        plan_render_rollouts(out, plan);
        add_lookups(&p);
    }
    buffer_add_byte(out, '\n');
    if (!plan_has_changes(plan))
        buffer_add_c(out, "No changes: what is live is what the file says.\n");
    if (plan->unchanged)
        buffer_add_format(out, "%zu unchanged.\n", plan->unchanged);
    add_spared(&p);
    buffer_add_format(out, "Plan: %zu to add, %zu to change, %zu to destroy.\n", plan->added, plan->changed, plan->destroyed);
}
