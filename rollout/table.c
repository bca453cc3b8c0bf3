/* The table of states.def, and names. */
#include "rollout/controller.h"

const char *rollout_phase_name(RolloutPhase phase)
{
    static const char *const names[] = {
#define STATE(id, name, about) [PHASE_##id] = name,
#include "rollout/states.def"
#undef STATE
        [PHASE_BEFORE] = "as before",
    };
    return names[phase];
}

const char *rollout_phase_about(RolloutPhase phase)
{
    static const char *const abouts[] = {
#define STATE(id, name, about) [PHASE_##id] = about,
#include "rollout/states.def"
#undef STATE
        [PHASE_BEFORE] = "",
    };
    return abouts[phase];
}

const char *rollout_event_name(RolloutEvent event)
{
    static const char *const names[] = {
#define EVENT(id, name, about) [EVENT_##id] = name,
#include "rollout/states.def"
#undef EVENT
        [EVENT_NONE] = "",
    };
    return names[event];
}

const char *rollout_event_about(RolloutEvent event)
{
    static const char *const abouts[] = {
#define EVENT(id, name, about) [EVENT_##id] = about,
#include "rollout/states.def"
#undef EVENT
        [EVENT_NONE] = "",
    };
    return abouts[event];
}

const RolloutTransition *rollout_transition(size_t index)
{
    static const RolloutTransition rows[] = {
#define TRANSITION(from, event, next) {PHASE_##from, EVENT_##event, PHASE_##next},
#include "rollout/states.def"
#undef TRANSITION
    };
    return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

const char *rollout_command_name(RolloutCommand command)
{
    static const char *const names[COMMAND_COUNT] = {
        [COMMAND_PAUSE] = "pause", [COMMAND_RESUME] = "resume", [COMMAND_SKIP] = "skip", [COMMAND_PROMOTE] = "promote", [COMMAND_ABORT] = "abort"};
    return names[command];
}

bool rollout_read_command(Text name, RolloutCommand *out)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!text_equal_c(name, rollout_command_name((RolloutCommand)i)))
            continue;
        *out = (RolloutCommand)i;
        return true;
    }
    return false;
}

const char *rollout_outcome_name(RolloutOutcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_NONE] = "none",     [OUTCOME_SUCCEEDED] = "succeeded",     [OUTCOME_PASSED] = "passed", [OUTCOME_REFUSED] = "refused",
        [OUTCOME_ROLLED_BACK] = "rolled-back", [OUTCOME_FAILED] = "failed", [OUTCOME_UNVERIFIED] = "unverified", [OUTCOME_HALTED] = "halted",
    };
    return names[outcome];
}

const char *rollout_verdict_name(RolloutVerdict verdict)
{
    static const char *const names[VERDICT_COUNT] = {
        [VERDICT_SUCCESS] = "success", [VERDICT_INCONCLUSIVE] = "inconclusive", [VERDICT_ERROR] = "error", [VERDICT_FAILED] = "failed"};
    return names[verdict];
}

int rollout_exit_status(RolloutOutcome outcome)
{
    static const int statuses[OUTCOME_COUNT] = {
        [OUTCOME_NONE] = 5,        [OUTCOME_SUCCEEDED] = 0, [OUTCOME_PASSED] = 0,     [OUTCOME_REFUSED] = 1,
        [OUTCOME_ROLLED_BACK] = 3, [OUTCOME_FAILED] = 4,    [OUTCOME_UNVERIFIED] = 4, [OUTCOME_HALTED] = 4,
    };
    return statuses[outcome];
}
