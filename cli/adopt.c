/* svc adopt: what was changed outside svc since it was applied. */
#include "cli/commands.h"

#include "cli/live_plan.h"

int command_adopt(Session *session)
{
    (void)session;
    return EXIT_FINDINGS;
}
