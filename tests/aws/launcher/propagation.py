"""IAM is seen late: a role's last change, and who asks for it."""

from moto.iam.models import IAMBackend, Role, iam_backends

from .world import WORLD, describes

describes("role-propagation", """An IAM write is seen seconds later; no API shows when. Until then CreateService refuses the role or, as is
    also told, its tasks fail to start (setting role_failure; role_seconds says how long it takes).""")

WRITES = ("create_role", "put_role_policy", "attach_role_policy", "update_assume_role_policy")


def note(role):
    role.__dict__["launcher_changed"] = WORLD.agenda.now


def watch(name):
    """Notes when a method of the backend changes a role."""
    original = getattr(IAMBackend, name)

    def changed(backend, *arguments, **named):
        result = original(backend, *arguments, **named)
        role = result if isinstance(result, Role) else None
        if role is None:
            texts = [value for value in (*arguments, *named.values()) if isinstance(value, str)]
            role = next((item for item in backend.roles.values() if item.name in texts), None)
        if role:
            note(role)
        return result
    setattr(IAMBackend, name, changed)


for method in WRITES:
    watch(method)


def is_unseen(arn):
    """Whether the role's last change is too fresh to be seen."""
    if not WORLD.on("role-propagation") or not WORLD.settings["role_seconds"] or not arn:
        return False
    for by_partition in iam_backends.values():
        for backend in by_partition.values():
            for role in backend.roles.values():
                if role.arn == arn:
                    return WORLD.agenda.now < role.__dict__.get("launcher_changed", 0) + WORLD.settings["role_seconds"]
    return False


def roles_of(definition):
    return [arn for arn in (getattr(definition, "execution_role_arn", None), getattr(definition, "task_role_arn", None)) if arn]
