"""Secrets Manager, Parameter Store and CloudWatch Logs."""

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend
from moto.ssm.exceptions import ValidationException
from moto.ssm.models import SimpleSystemManagerBackend

from .world import replaces

RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


@replaces(LogsBackend, "put_retention_policy", "retention-days")
def put_retention_policy(original, backend, log_group_name, retention_in_days):
    """A log group keeps events for one of the listed numbers of days, from 1 to 3653; moto takes any."""
    if int(retention_in_days) not in RETENTION:
        raise InvalidParameterException("1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: Member must satisfy "
                                        f"enum value set: [{', '.join(map(str, RETENTION))}]")
    return original(backend, log_group_name, retention_in_days)


@replaces(SimpleSystemManagerBackend, "put_parameter", "parameter-size")
def put_parameter(original, backend, name, description, value, *rest, **named):
    """A standard parameter has at most 4 KB."""
    tier = named.get("tier") or "Standard"
    if len((value or "").encode()) > 4096 and tier == "Standard":
        raise ValidationException("Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter "
                                  "value, upgrade the parameter to use the advanced-parameter tier.")
    return original(backend, name, description, value, *rest, **named)


@replaces(SecretsManagerBackend, "create_secret", "secret-being-deleted")
def create_secret(original, backend, name, *rest, **named):
    """A deleted secret's name stays taken while it can be recovered: CreateSecret answers InvalidRequestException until the window has
    passed."""
    stored = backend.secrets.get(name)
    if stored and stored.is_deleted():
        raise InvalidRequestException("You can't create this secret because a secret with this name is already scheduled for deletion.")
    return original(backend, name, *rest, **named)
