"""What the launcher's parts share: the clock, the settings, the patches with their facts, the agenda of things to come."""

import functools
import os
import random

from .clock import Agenda, Clock

# Seconds are the simulation's (its speed is the clock's). POST /control/settings changes them; reset sets them back.
DEFAULTS = {
    "provisioning_seconds": 1,   # from a task's start to PENDING
    "pending_seconds": 2,        # from PENDING to RUNNING
    "healthy_seconds": 5,        # from registered to healthy in a target group
    "container_health_seconds": 2,  # from RUNNING to HEALTHY, for a container with a health check
    "stop_seconds": 1,           # from told to stop to STOPPED
    "drain_seconds": None,       # None: the target group's deregistration delay
    "one_off_seconds": 3,        # how long a task of RunTask runs
    "restart_seconds": 1,        # between a task's failure and its replacement's start
    "forget_stopped_seconds": 3600,
    "capacity": None,            # how many tasks can run in all; None: no limit
    "create_service_seconds": 0,  # how long a deleted service stays DRAINING at least
    "page_size": None,           # the largest page of every list that AWS pages; None: moto's own
    "shuffle": False,            # lists of every answer in another order each time (shuffle.py)
    "role_seconds": 0,           # how long an IAM write takes to be seen
    "role_failure": "refused",   # [K] what an unseen role does: `refused` by CreateService, or the `tasks` fail to start
    "metric_delay_seconds": 0,   # how late a metric's datum can be read
    "fill_empty": True,          # [K] whether FILL fills a metric that has no datum in the range at all
    "set_state_seconds": 60,     # how long SetAlarmState's word stands before the alarm is evaluated again
    "rebalancing_needs_surplus": True,  # [K] availabilityZoneRebalancing ENABLED wants maximumPercent > 100
    "delete_refused_while_deploying": False,  # [I] DeleteService: `cannot be stopped while deployments are active`
    "network_interface_seconds": 0,  # how long a stopped task's network interface still holds its security groups
    "exits_break": True,         # [K] whether a task that ran and ended by itself counts for the circuit breaker
    "lambda_hook": "SUCCEEDED",  # what a deployment's Lambda hooks answer: SUCCEEDED, FAILED or IN_PROGRESS (for ever)
}


class World:
    """One running launcher."""

    def __init__(self):
        self.clock = Clock()
        self.patches = {}  # name -> what it does, and the fact behind it
        self.off = set()   # names of patches that are switched off
        self.options = {}  # given at start: what reset goes back to
        self.resetters = []
        self.simulations = {}  # (account, region) -> ECS there
        self.request = None    # the WSGI environment and the body of the call in hand
        self.keys = {}         # of the user that --check-signatures made
        self.account = ""      # whose account the caller is in
        self.restart()

    def restart(self):
        """Everything but moto's own backends as it was at the start."""
        self.clock.start(self.options.get("speed", 1.0))
        self.clock.virtual_dates = bool(self.options.get("virtual_dates"))
        self.settings = dict(DEFAULTS) | self.options.get("settings", {})
        self.change_account(self.options.get("account", "123456789012"))
        self.random = random.Random(self.options.get("seed", 1))
        self.agenda = Agenda(self.clock.now())
        for function in self.resetters:
            function()

    def catch_up(self):
        """Lets happen what is due by now."""
        self.agenda.run_until(self.clock.now())

    def on(self, name):
        return name not in self.off

    def change_account(self, number):
        """From now on the caller is in that account; moto reads it there."""
        self.account = os.environ["MOTO_ACCOUNT_ID"] = number

    def change_settings(self, changes):
        unknown = sorted(set(changes) - set(DEFAULTS))
        if unknown:
            raise ValueError(f"there is no setting {', '.join(unknown)}")
        self.settings.update(changes)

    def stamp(self):
        """The date of what happens now."""
        return self.clock.stamp(self.agenda.now)

    def digits(self, count):
        return str(self.random.randrange(10 ** (count - 1), 10 ** count))

    def hexadecimal(self, count):
        return f"{self.random.getrandbits(4 * count):0{count}x}"

    def letters(self, count):
        return "".join(self.random.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") for _ in range(count))


WORLD = World()


def describes(name, fact):
    """Names a patch that has no function of its own: code that asks WORLD.on(name)."""
    if name in WORLD.patches:
        raise ValueError(f"two patches are called {name}")
    WORLD.patches[name] = " ".join(fact.split())


def replaces(owner, attribute, name=None):
    """The decorated function stands in for owner.attribute while its patch is on; it is given what it replaces (None when moto has
    nothing) before the arguments. Its docstring is the fact. Several functions may be of one patch: one of them has the docstring."""
    def decorate(function):
        patch = name or function.__name__.replace("_", "-")
        if function.__doc__:
            describes(patch, function.__doc__)
        static = isinstance(owner.__dict__.get(attribute), staticmethod)
        before = getattr(owner, attribute, None)

        def patched(*arguments, **named):
            if WORLD.on(patch):
                return function(before, *arguments, **named)
            if before is None:
                raise NotImplementedError(f"The {attribute} action has not been implemented")
            return before(*arguments, **named)

        if before is not None:
            patched = functools.wraps(before)(patched)
        setattr(owner, attribute, staticmethod(patched) if static else patched)
        return function
    return decorate
