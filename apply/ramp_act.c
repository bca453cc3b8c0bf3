/* What the controller wants done. Each action says what is to be, so that doing it again changes nothing. */
#include "apply/ramp.h"

#define DIMENSION "ecs:service:DesiredCount"

/* Something that could not be done is told once it fails; the controller asks for it again while it may. */
static bool perform(Run *run, Ramp *ramp, const char *service, const char *operation, Json *input)
{
    RunCall call = {0};
    run->has_changed = true;
    run_perform(run, run->arena, &call, service, operation, input);
    const AwsAnswer *answer = &call.call.answer;
    if (!answer->output)
        run_tell(run, APPLY_EVENT_RETRY, ramp->step->step, "%s %s: %.*s: %.*s", service, operation, TEXT_ARG(answer->code), TEXT_ARG(answer->message));
    return answer->output != NULL;
}

static Json *input_for(Run *run, const Ramp *ramp, Text service)
{
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "service", json_text(run->arena, service));
    if (ramp->cluster.len)
        json_set_c(run->arena, input, "cluster", json_text(run->arena, ramp->cluster));
    return input;
}

/* --- scaling --- */

static Json *target_input(Run *run, const Ramp *ramp, Text service)
{
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "ServiceNamespace", json_text_c(run->arena, "ecs"));
    json_set_c(run->arena, input, "ResourceId", json_text(run->arena, ramp_target_id(run->arena, ramp, service)));
    json_set_c(run->arena, input, "ScalableDimension", json_text_c(run->arena, DIMENSION));
    return input;
}

static bool freeze(Run *run, Ramp *ramp, const RolloutAction *action)
{
    Json *input = target_input(run, ramp, ramp->stable);
    Json *suspended = json_object(run->arena);
    json_set_c(run->arena, suspended, "DynamicScalingInSuspended", json_bool(run->arena, action->suspended_in));
    json_set_c(run->arena, suspended, "DynamicScalingOutSuspended", json_bool(run->arena, action->suspended_out));
    json_set_c(run->arena, suspended, "ScheduledScalingSuspended", json_bool(run->arena, action->suspended_scheduled));
    json_set_c(run->arena, input, "SuspendedState", suspended);
    return perform(run, ramp, "application-autoscaling", "RegisterScalableTarget", input);
}

static bool set_canary_target(Run *run, Ramp *ramp, int count)
{
    Json *input = target_input(run, ramp, ramp->canary);
    if (count == 0)
        return !ramp->has_target || perform(run, ramp, "application-autoscaling", "DeregisterScalableTarget", input);
    if (!ramp->most_tasks)
        return true;
    json_set_c(run->arena, input, "MinCapacity", json_integer(run->arena, count));
    json_set_c(run->arena, input, "MaxCapacity", json_integer(run->arena, count > ramp->most_tasks ? count : ramp->most_tasks));
    return perform(run, ramp, "application-autoscaling", "RegisterScalableTarget", input);
}

/* --- the canary --- */

static Text canary_group(const Ramp *ramp, Text stable)
{
    const Json *routes = ramp->policy.rules;
    for (size_t i = 0; i < json_item_count(routes); i++)
        if (text_equal(values_at(routes->items.items[i], "stable"), stable))
            return values_at(routes->items.items[i], "canary");
    return stable;
}

static void move_to_canary_groups(Run *run, const Ramp *ramp, Json *input)
{
    const Json *balancers = json_get_c(input, "loadBalancers");
    Json *moved = json_array(run->arena);
    for (size_t i = 0; i < json_item_count(balancers); i++) {
        Json *balancer = json_copy_node(run->arena, balancers->items.items[i]);
        json_set_c(run->arena, balancer, "targetGroupArn", json_text(run->arena, canary_group(ramp, values_at(balancer, "targetGroupArn"))));
        json_add(run->arena, moved, balancer);
    }
    if (json_item_count(moved))
        json_set_c(run->arena, input, "loadBalancers", moved);
}

/* The canary belongs to the service, and is no resource of the file: it has no svc:id. */
static void set_tags(Run *run, Json *input)
{
    const Json *tags = json_get_c(input, "tags");
    Json *kept = json_array(run->arena);
    for (size_t i = 0; i < json_item_count(tags); i++) {
        Text key = values_at(tags->items.items[i], "key");
        if (!text_equal_c(key, "svc:id") && !text_equal_c(key, "svc:applied"))
            json_add(run->arena, kept, tags->items.items[i]);
    }
    json_set_c(run->arena, input, "tags", kept);
}

Json *ramp_service_input(Run *run, const Ramp *ramp)
{
    ReadJsonError error;
    SavedStep step = *ramp->step->step;
    RunStep place = *ramp->step;
    Buffer text = {0};
    json_write(&text, ramp->step->item->saved->resource->input, 0);
    const ReadJson *plain = json_read(run->arena, arena_copy_text(run->arena, buffer_text(&text)), &error);
    buffer_free(&text);
    step.input = plain ? saved_plain(run->arena, plain) : json_object(run->arena);
    step.operation = TEXT("CreateService");
    place.step = &step;
    return values_fill(run, run->arena, &place);
}

/* The stable one's input with the canary's name, revision and target groups. NULL after a report. */
static Json *canary_input(Run *run, const Ramp *ramp, const RolloutAction *action)
{
    Json *input = ramp_service_input(run, ramp);
    if (!input)
        return NULL;
    json_set_c(run->arena, input, "serviceName", json_text(run->arena, ramp->canary));
    json_set_c(run->arena, input, "taskDefinition", json_text_c(run->arena, action->revision));
    json_set_c(run->arena, input, "desiredCount", json_integer(run->arena, action->count));
    json_set_c(run->arena, input, "clientToken", json_text(run->arena, arena_format(run->arena, "%s-c", ramp->state.id)));
    Json *configuration = json_get_c(input, "deploymentConfiguration") ? json_copy_node(run->arena, json_get_c(input, "deploymentConfiguration")) : NULL;
    if (configuration) {
        json_remove_c(configuration, "alarms"); /* the rollout's triggers watch it */
        json_set_c(run->arena, input, "deploymentConfiguration", configuration);
    }
    move_to_canary_groups(run, ramp, input);
    set_tags(run, input);
    return input;
}

static bool set_canary(Run *run, Ramp *ramp, const RolloutAction *action)
{
    Json *input = input_for(run, ramp, ramp->canary);
    RunCall call = {0};
    bool is_target_set = action->count > 0 || set_canary_target(run, ramp, 0);
    json_set_c(run->arena, input, "desiredCount", json_integer(run->arena, action->count));
    if (action->count)
        json_set_c(run->arena, input, "taskDefinition", json_text_c(run->arena, action->revision));
    run->has_changed = true;
    run_perform(run, run->arena, &call, "ecs", "UpdateService", input);
    Text code = call.call.answer.code;
    bool is_missing = text_equal_c(code, "ServiceNotFoundException") || text_equal_c(code, "ServiceNotActiveException");
    if (is_missing && action->count) {
        input = canary_input(run, ramp, action);
        if (!input || !perform(run, ramp, "ecs", "CreateService", input))
            return false;
    } else if (code.len && !is_missing) {
        run_tell(run, APPLY_EVENT_RETRY, ramp->step->step, "ecs UpdateService: %.*s: %.*s", TEXT_ARG(code), TEXT_ARG(call.call.answer.message));
        return false;
    }
    return action->count ? set_canary_target(run, ramp, action->count) : is_target_set;
}

void ramp_delete_canary(Run *run, Ramp *ramp)
{
    RunCall call = {0};
    RunCall target = {0};
    /* a read may not have shown it */
    run_perform(run, run->arena, &target, "application-autoscaling", "DeregisterScalableTarget", target_input(run, ramp, ramp->canary));
    Json *input = input_for(run, ramp, ramp->canary);
    json_set_c(run->arena, input, "force", json_bool(run->arena, true));
    run_perform(run, run->arena, &call, "ecs", "DeleteService", input);
    Text code = call.call.answer.code;
    if (code.len && !text_equal_c(code, "ServiceNotFoundException") && !text_equal_c(code, "ServiceNotActiveException"))
        run_tell(run, APPLY_EVENT_NOTE, ramp->step->step, "the canary service %.*s has no tasks, and could not be deleted: %.*s", TEXT_ARG(ramp->canary),
                 TEXT_ARG(call.call.answer.message));
}

/* --- weights --- */

static Json *weighted(Arena *arena, Text target_group, int weight)
{
    Json *group = json_object(arena);
    json_set_c(arena, group, "TargetGroupArn", json_text(arena, target_group));
    json_set_c(arena, group, "Weight", json_integer(arena, weight));
    return group;
}

/* What else the rule does, such as asking who it is, stays. */
static bool set_weights(Run *run, Ramp *ramp, const RolloutAction *action)
{
    const Json *route = ramp->policy.rules->items.items[action->rule];
    const Json *seen = ramp->actions[action->rule];
    Json *groups = json_array(run->arena);
    json_add(run->arena, groups, weighted(run->arena, values_at(route, "stable"), action->weight_stable));
    json_add(run->arena, groups, weighted(run->arena, values_at(route, "canary"), action->weight_canary));
    Json *actions = json_array(run->arena);
    for (size_t i = 0; i < json_item_count(seen); i++) {
        Json *one = json_copy_node(run->arena, seen->items.items[i]);
        if (text_equal_c(values_at(one, "Type"), "forward")) {
            Json *forward = json_get_c(one, "ForwardConfig") ? json_copy_node(run->arena, json_get_c(one, "ForwardConfig")) : json_object(run->arena);
            json_set_c(run->arena, forward, "TargetGroups", groups);
            json_set_c(run->arena, one, "ForwardConfig", forward);
            json_remove_c(one, "TargetGroupArn");
        }
        json_add(run->arena, actions, one);
    }
    if (!json_item_count(actions))
        return false; /* the rule could not be read */
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "RuleArn", json_text(run->arena, values_at(route, "rule")));
    json_set_c(run->arena, input, "Actions", actions);
    return perform(run, ramp, "elbv2", "ModifyRule", input);
}

/* --- telling others --- */

static const char *news_name(RolloutNews news)
{
    switch (news) {
    case NEWS_START: return "start";
    case NEWS_STEP: return "step";
    case NEWS_OUTCOME: break;
    }
    return "outcome";
}

static bool wants(const Json *announce, const char *news)
{
    const Json *on = json_get_c(announce, "on");
    for (size_t i = 0; i < json_item_count(on); i++)
        if (text_equal_c(on->items.items[i]->kind == JSON_TEXT ? on->items.items[i]->text : TEXT_NONE, news))
            return true;
    return json_item_count(on) == 0;
}

static void publish(Run *run, const Ramp *ramp, Json *topic, const char *news)
{
    enum { SUBJECT_MOST = 100 }; /* of SNS */
    RunCall call = {0};
    const RolloutState *state = &ramp->state;
    Json *input = json_object(run->arena);
    const char *what = state->phase == PHASE_DONE ? rollout_outcome_name(state->outcome) : rollout_phase_name(state->phase);
    Text subject = arena_format(run->arena, "svc rollout %s: %.*s", news, TEXT_ARG(ramp->stable));
    Text message = arena_format(run->arena, "the rollout of %.*s to %s: %s%s%s", TEXT_ARG(ramp->stable), state->new_revision, what, state->reason[0] ? ": " : "", state->reason);
    json_set_c(run->arena, input, "TopicArn", topic);
    json_set_c(run->arena, input, "Subject", json_text(run->arena, text_slice(subject, 0, SUBJECT_MOST)));
    json_set_c(run->arena, input, "Message", json_text(run->arena, message));
    run_perform(run, run->arena, &call, "sns", "Publish", input);
    if (!call.call.answer.output)
        run_tell(run, APPLY_EVENT_NOTE, ramp->step->step, "nobody was told of the %s: %.*s", news, TEXT_ARG(call.call.answer.message));
}

static void announce(Run *run, Ramp *ramp, const RolloutAction *action)
{
    const char *news = news_name(action->news);
    for (size_t i = 0; i < json_item_count(ramp->policy.announce); i++) {
        const Json *one = ramp->policy.announce->items.items[i];
        const Json *topics = json_get_c(one, "topics");
        if (!wants(one, news))
            continue;
        if (values_at(one, "webhook").len || values_at(one, "secret").len)
            run_tell(run, APPLY_EVENT_NOTE, ramp->step->step, "the webhook of announce is not told of the %s: this version of svc tells topics alone", news);
        for (size_t j = 0; j < json_item_count(topics); j++)
            publish(run, ramp, topics->items.items[j], news);
    }
}

/* --- all --- */

static bool set_stable(Run *run, Ramp *ramp, int count)
{
    Json *input = input_for(run, ramp, ramp->stable);
    json_set_c(run->arena, input, "desiredCount", json_integer(run->arena, count));
    return perform(run, ramp, "ecs", "UpdateService", input);
}

static bool act(Run *run, Ramp *ramp, const RolloutAction *action)
{
    switch (action->kind) {
    case ACTION_FREEZE: return freeze(run, ramp, action);
    case ACTION_CANARY: return set_canary(run, ramp, action);
    case ACTION_STABLE: return set_stable(run, ramp, action->count);
    case ACTION_WEIGHTS: return set_weights(run, ramp, action);
    case ACTION_GATE: ramp_ask_gate(run, ramp, action); break;
    case ACTION_PROMOTE:
        ramp->is_promoting = true;
        ramp->promoted_count = action->count;
        break;
    case ACTION_ANNOUNCE: announce(run, ramp, action); break;
    case ACTION_PASS: ramp_note_pass(run, ramp); break;
    case ACTION_KIND_COUNT: break;
    }
    return true;
}

void ramp_act(Run *run, Ramp *ramp, const RolloutActions *actions)
{
    ramp->undone.count = 0;
    for (size_t i = 0; i < actions->count; i++)
        if (!act(run, ramp, &actions->items[i]))
            ramp->undone.items[ramp->undone.count++] = actions->items[i];
}

/* An old read may show that something is so already, as it was before the call that failed: it is done before the next look. */
void ramp_act_again(Run *run, Ramp *ramp)
{
    RolloutActions undone = ramp->undone;
    ramp_act(run, ramp, &undone);
}
