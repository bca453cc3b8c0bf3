/* Task definitions as a whole (AWS: ECS API reference, RegisterTaskDefinition; Fargate task sizes). */
#include "rules/task.h"

const Rule task_definition_rules[] = {
    {.check = NULL},
};
