/* The other files of a project: those beside the file. */
#ifndef SVC_CLI_OTHERS_H
#define SVC_CLI_OTHERS_H

#include "cli/pipeline.h"
#include "plan/plan.h"

/* The files of the same directory that say the same project, and the services that they declare. Everything lives in the pipeline's arena. */
PlanOthers *others_find(Pipeline *pipeline);

#endif
