"""IAM policy documents: grammar, actions that exist, resources that their actions know.

Actions come from cfn-lint's copy of the service authorization reference; where it lacks a prefix, from botocore's
operations.  Grammar: IAM user guide, "Grammar of the IAM JSON policy language".
"""

import fnmatch
import functools
import json
import os
import re

import cfnlint

from documents import Finding, has_unknown, pointer_of

# IAM and STS quotas: inline policies of a role together, and a trust policy; white space is not counted.
POLICY_LIMIT = 10240
TRUST_LIMIT = 2048

_STATEMENT_KEYS = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov|aws-eusc|\*):[a-z0-9*-]+:[a-z0-9*-]*:(\d{12}|\*|aws|)?:.+", re.DOTALL)
_ACTION = re.compile(r"(?P<prefix>[a-z0-9-]+):(?P<name>[A-Za-z0-9*?]+)")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")
_OPERATOR = re.compile(
    r"((ForAllValues|ForAnyValue):)?(String(Not)?(Equals|Like|EqualsIgnoreCase)|Numeric(Not)?Equals|"
    r"Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|"
    r"(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?")


@functools.lru_cache(maxsize=None)
def _reference():
    """prefix -> {action in lower case -> resource types}; read once."""
    path = os.path.join(os.path.dirname(cfnlint.__file__), "data", "AdditionalSpecs", "Policies.json")
    with open(path, encoding="utf-8") as stream:
        table = json.load(stream)
    return {prefix: {name.lower(): entry.get("Resources") or [] for name, entry in service["Actions"].items()}
            for prefix, service in table.items()}


class PolicyChecker:
    """Checks one document; findings are collected for all."""

    def __init__(self):
        self.findings, self.path = [], ""

    def say(self, pointer, message):
        self.findings.append(Finding(self.path, pointer, message))

    def check(self, path, value, trust, pointer=""):
        """`trust` says which grammar: who may assume the role, or what the role may do."""
        self.path = path
        for key in sorted(set(value) - {"Version", "Statement", "Id"}):
            self.say(pointer_of(pointer, key), f"a policy has no element {key}")
        if value.get("Version") != "2012-10-17":
            self.say(pointer, 'a policy says "Version": "2012-10-17"')
        size = len(re.sub(r"\s", "", json.dumps(value, separators=(",", ":"), ensure_ascii=False)))
        limit = TRUST_LIMIT if trust else POLICY_LIMIT
        if size > limit:
            self.say(pointer, f"{size} characters is more than the {limit} that IAM takes")
        statements = value.get("Statement")
        if not isinstance(statements, list) or not statements:
            self.say(pointer, "Statement must be a list of at least one statement")
            return
        names = set()
        for index, statement in enumerate(statements):
            at = f"{pointer}/Statement/{index}"
            if not isinstance(statement, dict):
                self.say(at, "a statement must be an object")
                continue
            self._statement(statement, trust, at, names)

    def _statement(self, statement, trust, at, names):
        for key in sorted(set(statement) - _STATEMENT_KEYS):
            self.say(pointer_of(at, key), f"svc writes no statements with {key}")
        if statement.get("Effect") not in ("Allow", "Deny"):
            self.say(at, "Effect is Allow or Deny")
        sid = statement.get("Sid")
        if sid is not None and not (isinstance(sid, str) and re.fullmatch("[A-Za-z0-9]+", sid)):
            self.say(f"{at}/Sid", f"{sid!r}: a Sid has only letters and digits")
        if sid is not None and sid in names:
            self.say(f"{at}/Sid", f"{sid!r} stands twice")
        names.add(sid)
        actions = self._list(statement.get("Action"), f"{at}/Action")
        for index, action in enumerate(actions):
            self._action(action, f"{at}/Action/{index}")
        if trust:
            self._principal(statement, at)
        else:
            if "Principal" in statement:
                self.say(f"{at}/Principal", "a permission policy has no Principal")
            self._resources(statement, actions, at)
        self._condition(statement.get("Condition"), f"{at}/Condition")

    def _list(self, value, at):
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list) or not value or not all(isinstance(entry, str) for entry in value):
            self.say(at, "must be a list of at least one string")
            return []
        if len(set(value)) != len(value):
            self.say(at, "an entry stands twice")
        return value

    def _action(self, action, at):
        match = _ACTION.fullmatch(action)
        if not match:
            self.say(at, f"{action!r} is no action: it should look like s3:GetObject")
        elif match["prefix"] not in _reference():
            self.say(at, f"{action!r}: IAM knows no service {match['prefix']}")
        elif not self._matching(action):
            self.say(at, f"{action!r}: {match['prefix']} has no such action")

    @staticmethod
    def _matching(action):
        """The resource types of every known action that an action (with wildcards) stands for."""
        prefix, _, name = action.partition(":")
        known = _reference().get(prefix, {})
        return [known[key] for key in fnmatch.filter(known, name.lower())]

    def _resources(self, statement, actions, at):
        resources = self._list(statement.get("Resource"), f"{at}/Resource")
        for index, resource in enumerate(resources):
            if resource != "*" and not has_unknown(resource) and not _ARN.fullmatch(resource):
                self.say(f"{at}/Resource/{index}", f"{resource!r} is no ARN")
        wide = [action for action in actions if action == "*" or action.endswith(":*")]
        if statement.get("Effect") == "Allow" and "*" in resources and wide:
            self.say(at, f"allows {wide[0]} on every resource")
        for action in actions:
            types = self._matching(action)
            if types and not any(types) and "*" not in resources:
                self.say(f"{at}/Resource", f"{action} knows no resources and is only allowed on \"*\"")

    def _principal(self, statement, at):
        if "Resource" in statement:
            self.say(f"{at}/Resource", "a trust policy has no Resource")
        principal = statement.get("Principal")
        if not isinstance(principal, dict) or set(principal) - {"Service", "AWS", "Federated"} or not principal:
            self.say(f"{at}/Principal", "must be an object with Service, AWS or Federated")
            return
        for index, service in enumerate(self._list(principal.get("Service", ["x.amazonaws.com"]), f"{at}/Principal")):
            if not _SERVICE.fullmatch(service):
                self.say(f"{at}/Principal/Service/{index}", f"{service!r} is no service principal")
        if "AWS" in principal and "*" in self._list(principal["AWS"], f"{at}/Principal/AWS"):
            self.say(f"{at}/Principal/AWS", "anyone may assume this role")

    def _condition(self, condition, at):
        if condition is None:
            return
        if not isinstance(condition, dict) or not condition:
            self.say(at, "a Condition must be an object of operators")
            return
        for operator, keys in condition.items():
            if not _OPERATOR.fullmatch(operator):
                self.say(pointer_of(at, operator), f"{operator!r} is no condition operator")
            if not isinstance(keys, dict) or not all(":" in key for key in keys):
                self.say(pointer_of(at, operator), "an operator takes an object of keys such as aws:SourceAccount")
