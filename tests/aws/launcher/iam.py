"""IAM's quotas."""

import functools
import json
import re

from moto.iam.exceptions import LimitExceededException, ValidationError
from moto.iam.models import AWSManagedPolicy, IAMBackend

from .world import replaces


def length(document):
    """A policy's characters, white space outside of strings aside."""
    return len(json.dumps(json.loads(document), separators=(",", ":"), ensure_ascii=False))


@replaces(IAMBackend, "create_role", "role-limits")
def create_role(original, backend, role_name, *rest, **named):
    """A role's name has at most 64 characters, its inline policies 10,240 in all, and 10 managed policies are attached to it at most."""
    if len(role_name) > 64:
        raise ValidationError(f"1 validation error detected: Value '{role_name}' at 'roleName' failed to satisfy constraint: Member must have "
                              "length less than or equal to 64")
    return original(backend, role_name, *rest, **named)


@replaces(IAMBackend, "put_role_policy", "role-limits")
def put_role_policy(original, backend, role_name, policy_name, policy_json):
    role = backend.get_role(role_name)
    try:
        total = length(policy_json) + sum(length(text) for name, text in role.policies.items() if name != policy_name)
    except ValueError:
        total = 0  # moto says what is wrong with it
    if total > 10240:
        raise LimitExceededException(f"Maximum policy size of 10240 bytes exceeded for role {role_name}")
    return original(backend, role_name, policy_name, policy_json)


@replaces(IAMBackend, "attach_role_policy", "role-limits")
def attach_role_policy(original, backend, policy_arn, role_name):
    role = backend.get_role(role_name)
    if policy_arn not in role.managed_policies and len(role.managed_policies) >= 10:
        raise LimitExceededException("Cannot exceed quota for PoliciesPerRole: 10")
    return original(backend, policy_arn, role_name)


# Of AWS's fifteen hundred managed policies, those that roles of services have; making all at each reset takes half a second.
MANAGED = re.compile(r"ECS|ContainerRegistry|CloudWatch|AmazonS3|AmazonSQS|AmazonSNS|SecretsManager|AmazonSSM|XRay|DynamoDB|^ReadOnly|^Administrator")


@functools.lru_cache(maxsize=None)
def managed_policies():
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    return {name: data for name, data in json.loads(aws_managed_policies_data).items() if MANAGED.search(name)}


@replaces(IAMBackend, "_init_aws_policies", "managed-policies")
def init_policies(original, backend):
    """AWS's managed policies are there to be attached: AmazonECSTaskExecutionRolePolicy and its like."""
    return [AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data) for name, data in managed_policies().items()]
