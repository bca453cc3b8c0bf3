/* Gates: what must be so before a rollout goes on. */
#include "apply/ramp.h"

static void answer(Ramp *ramp, int gate, GateStatus status, Text reason)
{
    ramp->gate = (GateView){.gate = gate, .status = status, .reason = reason};
}

/* --- a task that must end well --- */

static Json *overrides(Run *run, const Json *said)
{
    Json *all = json_object(run->arena);
    Json *list = json_array(run->arena);
    Json *one = json_object(run->arena);
    json_set_c(run->arena, one, "name", json_get_c(said, "container"));
    json_set_c(run->arena, one, "command", json_get_c(said, "command"));
    json_add(run->arena, list, one);
    json_set_c(run->arena, all, "containerOverrides", list);
    return all;
}

/* Where and how the service's own tasks run. */
static void copy_place(Run *run, const Ramp *ramp, Json *input)
{
    static const char *const members[] = {"networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion"};
    const Json *service = ramp_service_input(run, ramp);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_set_c(run->arena, input, members[i], json_get_c(service, members[i]));
}

/* The token makes that it runs once, whoever asks and how often. */
static void run_task(Run *run, Ramp *ramp, const RolloutAction *action, const Json *said)
{
    RunCall call = {0};
    Json *input = json_object(run->arena);
    Text token = arena_copy_text(run->arena, text_from_c(action->token));
    copy_place(run, ramp, input);
    json_set_c(run->arena, input, "cluster", ramp->cluster.len ? json_text(run->arena, ramp->cluster) : NULL);
    json_set_c(run->arena, input, "taskDefinition", json_text_c(run->arena, ramp->state.new_revision));
    json_set_c(run->arena, input, "count", json_integer(run->arena, 1));
    json_set_c(run->arena, input, "clientToken", json_text(run->arena, token));
    json_set_c(run->arena, input, "startedBy", json_text(run->arena, token));
    json_set_c(run->arena, input, "overrides", overrides(run, said));
    run->has_changed = true;
    run_perform(run, run->arena, &call, "ecs", "RunTask", input);
    const Json *output = call.call.answer.output;
    ramp->gate_task = values_at(output, "tasks.taskArn");
    if (ramp->gate_task.len) {
        answer(ramp, action->gate, GATE_RUNNING, TEXT_NONE);
        return;
    }
    Text reason = output ? values_at(output, "failures.reason") : call.call.answer.message;
    run_tell(run, APPLY_EVENT_RETRY, ramp->step->step, "ecs RunTask: %.*s", TEXT_ARG(reason));
}

static void look_at_task(Run *run, Ramp *ramp, const Json *said)
{
    RunCall call = {0};
    Json *input = json_object(run->arena);
    Json *tasks = json_array(run->arena);
    json_add(run->arena, tasks, json_text(run->arena, ramp->gate_task));
    json_set_c(run->arena, input, "cluster", ramp->cluster.len ? json_text(run->arena, ramp->cluster) : NULL);
    json_set_c(run->arena, input, "tasks", tasks);
    run_perform(run, run->arena, &call, "ecs", "DescribeTasks", input);
    const Json *output = call.call.answer.output;
    if (!text_equal_c(values_at(output, "tasks.lastStatus"), "STOPPED"))
        return;
    const Json *containers = json_get_c(json_get_c(output, "tasks")->items.items[0], "containers");
    for (size_t i = 0; i < json_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        const Json *code = json_get_c(container, "exitCode");
        if (!text_equal(values_at(container, "name"), values_at(said, "container")))
            continue;
        bool is_done = code && code->kind == JSON_NUMBER && code->number.num == 0;
        Text reason = code && code->kind == JSON_NUMBER ? arena_format(run->arena, "the task ended with exit code %lld", (long long)code->number.num)
                                                        : arena_format(run->arena, "the task did not run: %.*s", TEXT_ARG(values_at(output, "tasks.stoppedReason")));
        answer(ramp, ramp->gate.gate, is_done ? GATE_PASSED : GATE_FAILED, is_done ? TEXT_NONE : reason);
    }
}

/* --- all --- */

void ramp_ask_gate(Run *run, Ramp *ramp, const RolloutAction *action)
{
    const PolicyGate *gate = &ramp->policy.gates[action->gate];
    const ApplyGates *gates = &run->input->gates;
    Text reason = TEXT_NONE;
    switch (gate->kind) {
    case GATE_BEFORE: run_task(run, ramp, action, gate->said); break;
    case GATE_APPROVE: break;
    case GATE_REQUIRE:
    case GATE_SMOKE:
    case GATE_COMMAND:
        if (gates->ask)
            answer(ramp, action->gate, gates->ask(gates->context, run->arena, gate->said, &reason) ? GATE_PASSED : GATE_FAILED, reason);
        break;
    }
}

void ramp_look_at_gate(Run *run, Ramp *ramp)
{
    if (ramp->gate.status == GATE_RUNNING && ramp->gate_task.len)
        look_at_task(run, ramp, ramp->policy.gates[ramp->gate.gate].said);
}

static Text passed_name(Run *run, Text service)
{
    return lease_path(run->arena, run->plan->project, run->plan->environment, service, "passed");
}

void ramp_forget_passes(Run *run)
{
    for (size_t i = 0; i < run->plan->items.count; i++) {
        const SavedItem *item = run->plan->items.items[i];
        if (item->kind != RESOURCE_SERVICE || item->action != PLAN_DELETE)
            continue;
        RunCall call = {0};
        Json *input = json_object(run->arena);
        Json *names = json_array(run->arena);
        json_add(run->arena, names, json_text(run->arena, passed_name(run, item->service)));
        json_set_c(run->arena, input, "Names", names);
        run_perform(run, run->arena, &call, "ssm", "DeleteParameters", input);
    }
}

/* Where `require` of another environment looks for it. */
void ramp_note_pass(Run *run, Ramp *ramp)
{
    Text name = passed_name(run, ramp->step->item->saved->service);
    RunCall call = {0};
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "Name", json_text(run->arena, name));
    json_set_c(run->arena, input, "Type", json_text_c(run->arena, "String"));
    json_set_c(run->arena, input, "Overwrite", json_bool(run->arena, true));
    json_set_c(run->arena, input, "Value",
               json_text(run->arena, arena_format(run->arena, "{\"at\":%lld,\"revision\":\"%s\"}", (long long)(run_now(run) / 1000), ramp->state.new_revision)));
    run_perform(run, run->arena, &call, "ssm", "PutParameter", input);
}
