/* Rules of task definitions (AWS: ECS API reference, RegisterTaskDefinition; Fargate task sizes). */
#include "rules/rule.h"

const Rule task_definition_rules[] = {
    {.check = NULL},
};
