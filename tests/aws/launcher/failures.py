"""Tasks that fail on demand.

    POST   /control/tasks   [{image, family, service, revision, when, exit_code, reason, log, after, count}]
    DELETE /control/tasks   no task fails any more
    GET    /control/tasks   what is asked for

image (any container's), family, service are patterns, revision a number; all that are given must fit. when:
    pull       the image cannot be pulled; `reason` in AWS's words
    secrets    a secret cannot be fetched
    start      the essential container ends with `exit_code` as soon as it runs
    running    it ends `after` seconds of running (60)
    health     its container's health check never passes
    target     it never becomes healthy in its target group
    unhealthy  it becomes unhealthy in its target group `after` seconds of being healthy
    placement  there is no room for it: no task is made
    exits      a one-off task ends with `exit_code` (0) `after` seconds
log: lines that its container writes. count: how many tasks fail; absent: all.
"""

import fnmatch

from .control import handles
from .world import WORLD

WHEN = ("pull", "secrets", "start", "running", "health", "target", "unhealthy", "placement", "exits")


class Failure:
    def __init__(self, when, image="*", family="*", service="*", revision=None, exit_code=None, reason="", log=(), after=None, count=None):
        if when not in WHEN:
            raise ValueError(f"when is one of {', '.join(WHEN)}")
        self.when, self.image, self.family, self.service, self.revision = when, image, family, service, revision
        self.exit_code, self.reason, self.log, self.after, self.count = exit_code, reason, list(log), after, count

    def fits(self, definition, service):
        return (self.count is None or self.count > 0) and fnmatch.fnmatchcase(definition.family, self.family) \
            and fnmatch.fnmatchcase(service, self.service) and self.revision in (None, definition.revision) \
            and any(fnmatch.fnmatchcase(container.get("image", ""), self.image) for container in definition.container_definitions)

    def shown(self):
        return {name: getattr(self, name) for name in ("when", "image", "family", "service", "revision", "exit_code", "log", "after", "count")}


class Failures:
    def __init__(self):
        self.wanted = []

    def take(self, definition, service, when=None):
        """The failure that a new task of this definition is to have, or None."""
        for failure in self.wanted:
            if (failure.when == when if when else failure.when != "placement") and failure.fits(definition, service):
                if failure.count is not None:
                    failure.count -= 1
                return failure
        return None


FAILURES = Failures()


def forget():
    FAILURES.wanted = []


WORLD.resetters.append(forget)


@handles("GET", "/control/tasks")
def show(front, query, value):
    return {"tasks": [failure.shown() for failure in FAILURES.wanted]}


@handles("POST", "/control/tasks")
def add(front, query, value):
    FAILURES.wanted += [Failure(**item) for item in (value if isinstance(value, list) else [value])]


@handles("DELETE", "/control/tasks")
def clear(front, query, value):
    forget()
    for simulation in WORLD.simulations.values():
        simulation.wake()
