"""ECS of one account in one region: its tasks, and what tasks and services ask of the rest of the account."""

import hashlib
import itertools

from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.utilities.utils import get_partition

from . import alarms, propagation
from .world import WORLD


class Simulation:
    def __init__(self, account, region):
        self.account, self.region = account, region
        self.backend = ecs_backends[account][region]
        self.tasks = {}  # ARN -> Task, stopped ones for an hour
        self.numbers = itertools.count()

    def arn(self, resource):
        return f"arn:{get_partition(self.region)}:ecs:{self.region}:{self.account}:{resource}"

    def next_number(self):
        return next(self.numbers)

    def tasks_in_all(self):
        return sum(1 for task in self.tasks.values() if task.last_status != "STOPPED")

    def services(self):
        return [service for service in self.backend.services.values() if hasattr(service, "rollouts")]

    def wake(self):
        for service in self.services():
            service.wake()

    def alarm_state(self, name):
        return alarms.state_of(self.account, self.region, name)

    def unseen_role(self, definition):
        """The ARN of a role of the task definition whose last change cannot be seen yet; "" when all can."""
        if WORLD.settings["role_failure"] != "tasks":
            return ""
        return next((arn for arn in propagation.roles_of(definition) if propagation.is_unseen(arn)), "")

    def digest_of(self, image):
        """The digest that ECR's image has; of an image from elsewhere one that its name makes."""
        if "@sha256:" in image:
            return image.split("@")[1]
        host, _, rest = image.partition("/")
        name, _, tag = rest.partition(":")
        repository = ecr_backends[self.account][self.region].repositories.get(name) if ".dkr.ecr." in host else None
        for stored in repository.images if repository else []:
            if (tag or "latest") in stored.image_tags:
                return stored.get_image_digest()
        return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def of(account, region):
    key = (account, region)
    if key not in WORLD.simulations:
        WORLD.simulations[key] = Simulation(account, region)
    return WORLD.simulations[key]


def forget():
    WORLD.simulations = {}


WORLD.resetters.append(forget)
