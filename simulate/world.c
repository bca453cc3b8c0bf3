#include "simulate/world.h"

static const char *const names[SCENARIO_COUNT] = {
#define X(id, name, about) [SCENARIO_##id] = name,
    SCENARIOS(X)
#undef X
};

static const char *const abouts[SCENARIO_COUNT] = {
#define X(id, name, about) [SCENARIO_##id] = about,
    SCENARIOS(X)
#undef X
};

const char *scenario_name(Scenario scenario)
{
    return names[scenario];
}

const char *scenario_about(Scenario scenario)
{
    return abouts[scenario];
}

bool scenario_find(Text name, Scenario *out)
{
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        if (text_equal_c(name, names[i])) {
            *out = (Scenario)i;
            return true;
        }
    return false;
}

Behaviour world_behaviour(const WorldOptions *world, bool is_new)
{
    Behaviour good = {.errors = 2, .p50_ms = 80, .p95_ms = 240, .cpu = 45, .has_data = true};
    Behaviour behaviour = good;
    switch (world->scenario) {
    case SCENARIO_ERRORS: behaviour.errors = 260; break;
    case SCENARIO_SLOW:
        behaviour.p50_ms = 900;
        behaviour.p95_ms = 3200;
        break;
    case SCENARIO_NEVER_HEALTHY: behaviour.fails_checks = true; break;
    case SCENARIO_REFUSED: behaviour.refuses = true; break;
    case SCENARIO_CRASH_LOOP: behaviour.crashes = true; break;
    case SCENARIO_NO_DATA: behaviour.has_data = false; break;
    case SCENARIO_HEALTHY:
    case SCENARIO_QUEUE_RISING:
    case SCENARIO_LOW_TRAFFIC:
    case SCENARIO_THROTTLED:
    case SCENARIO_OPERATOR:
    case SCENARIO_KILLED:
    case SCENARIO_COUNT: break;
    }
    return is_new ? behaviour : good;
}

int64_t world_requests(const WorldOptions *world)
{
    enum { USUAL = 6000, LOW = 2 };
    if (world->requests_a_minute)
        return world->requests_a_minute;
    return world->scenario == SCENARIO_LOW_TRAFFIC ? LOW : USUAL;
}
