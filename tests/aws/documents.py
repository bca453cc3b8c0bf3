"""The files of `svc build --out DIR` and the AWS operations that they are the input of.

The place of a file says what it is (DESIGN.md, "What comes out").  A file whose keys are all operations of
its service is a set of calls; any other file is the input of the one operation of its folder.
"""

import json
import os
import re

import botocore.session

UNKNOWN = re.compile(r"svc:unknown:(?P<resource>[^\s#\"]+)#(?P<attribute>[A-Za-z][A-Za-z0-9_-]*)")
UNKNOWN_PREFIX = "svc:unknown:"

MANIFEST = "manifest.json"
TEMPLATE = "template.json"
ROLLOUT = "rollout.json"

# file names directly in a service's folder
FILES = {
    "task-definition.json": ("ecs", "RegisterTaskDefinition"),
    "service.json": ("ecs", "CreateService"),
    "dashboard.json": ("cloudwatch", "PutDashboard"),
    "scaling/target.json": ("application-autoscaling", "RegisterScalableTarget"),
}

# folders in a service's folder or in shared/
FOLDERS = {
    "security-groups": ("ec2", "CreateSecurityGroup"),
    "target-groups": ("elbv2", "CreateTargetGroup"),
    "listener-rules": ("elbv2", "CreateRule"),
    "load-balancers": ("elbv2", "CreateLoadBalancer"),
    "listeners": ("elbv2", "CreateListener"),
    "alarms": ("cloudwatch", "PutMetricAlarm"),
    "scaling": ("application-autoscaling", "PutScalingPolicy"),
    "scaling/schedules": ("application-autoscaling", "PutScheduledAction"),
    "logs": ("logs", "CreateLogGroup"),
    "logs/filters": ("logs", "PutMetricFilter"),
    "clusters": ("ecs", "CreateCluster"),
    "exports": ("ssm", "PutParameter"),
    "schedules": ("scheduler", "CreateSchedule"),
    "topics": ("sns", "CreateTopic"),
}

# What a call after the one that creates takes from the answer of that one, and a file so cannot say.
FROM_CREATION = {
    "ModifyTargetGroupAttributes": "TargetGroupArn",
    "ModifyLoadBalancerAttributes": "LoadBalancerArn",
    "ModifyListenerAttributes": "ListenerArn",
    "AuthorizeSecurityGroupIngress": "GroupId",
    "AuthorizeSecurityGroupEgress": "GroupId",
    "RevokeSecurityGroupEgress": "GroupId",
}


class Finding:
    """What is wrong, and where: a path below DIR and a JSON pointer into that file."""

    def __init__(self, path, pointer, message):
        self.path, self.pointer, self.message = path, pointer, message

    def __str__(self):
        return f"{self.path}#{self.pointer or '/'}: {self.message}"

    __repr__ = __str__


class Call:
    """One operation and its input, at a JSON pointer of its document."""

    def __init__(self, document, pointer, service, operation, value):
        self.document, self.pointer = document, pointer
        self.service, self.operation, self.input = service, operation, value


class Document:
    """One file: its path below DIR, what kind of thing its place says it is, and its JSON."""

    def __init__(self, path, kind, operation, value):
        self.path, self.kind, self.operation, self.value = path, kind, operation, value

    @property
    def folder(self):
        return self.path.split("/", 1)[0]


_SESSION = None
_MODELS = {}


def service_model(service):
    """The botocore model of a service, read once (EC2's takes a second)."""
    global _SESSION
    if _SESSION is None:
        _SESSION = botocore.session.get_session()
    if service not in _MODELS:
        _MODELS[service] = _SESSION.get_service_model(service)
    return _MODELS[service]


def classify(path):
    """(kind, (service, operation) or None) of a path below DIR; (None, None) if its place means nothing.

    Kinds: call, trust, policy, rollout, template, manifest.
    """
    parts = path.split("/")
    if len(parts) == 1:
        kind = {MANIFEST: "manifest", TEMPLATE: "template"}.get(path)
        return kind, None
    inside = "/".join(parts[1:])
    if inside == ROLLOUT:
        return "rollout", None
    if inside in FILES:
        return "call", FILES[inside]
    folder, name = os.path.split(inside)
    if folder == "iam":
        for suffix, kind in ((".trust.json", "trust"), (".policy.json", "policy")):
            if name.endswith(suffix):
                return kind, None
        return ("call", ("iam", "CreateRole")) if name.endswith(".role.json") else (None, None)
    if folder in FOLDERS and name.endswith(".json"):
        return "call", FOLDERS[folder]
    return None, None


def list_files(directory):
    """Every file below DIR, sorted, as paths with forward slashes."""
    found = []
    for root, folders, files in os.walk(directory):
        folders.sort()
        for name in files:
            found.append(os.path.relpath(os.path.join(root, name), directory).replace(os.sep, "/"))
    return sorted(found)


def pointer_of(parent, key):
    """The JSON pointer of a member (RFC 6901)."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"the key {twice[0]!r} stands twice in one object")
    return dict(pairs)


def _no_constant(text):
    raise ValueError(f"{text} is not JSON")


def parse_json(text):
    """Strict JSON: no duplicate keys, no NaN. Raises ValueError."""
    return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def load(directory):
    """Reads every file below DIR. Returns (documents, findings)."""
    documents, findings = [], []
    for path in list_files(directory):
        kind, operation = classify(path)
        if kind is None:
            findings.append(Finding(path, "", "no AWS operation is known for a file at this place"))
            continue
        try:
            with open(os.path.join(directory, path), encoding="utf-8") as stream:
                value = parse_json(stream.read())
        except (ValueError, UnicodeDecodeError) as error:
            findings.append(Finding(path, "", f"not valid JSON: {error}"))
            continue
        if not isinstance(value, dict):
            findings.append(Finding(path, "", "the top of a document must be an object"))
            continue
        documents.append(Document(path, kind, operation, value))
    return documents, findings


def is_set(document):
    """Whether a document's keys are all operations of its service: then it is a set of calls."""
    return bool(document.value) and set(document.value) <= set(service_model(document.operation[0]).operation_names)


def calls(document):
    """The operations that a document is the input of (none for policies, rollout, template, manifest).

    In a set an operation may have a list of inputs: it is called once for each.
    """
    if document.kind != "call":
        return []
    service, creating = document.operation
    if not is_set(document):
        return [Call(document, "", service, creating, document.value)]
    result = []
    for name, value in document.value.items():
        inputs = [(pointer_of("", name), value)] if not isinstance(value, list) else [
            (f"/{name}/{index}", entry) for index, entry in enumerate(value)]
        for pointer, entry in inputs:
            if creating in document.value and name in FROM_CREATION and isinstance(entry, dict):
                entry = {FROM_CREATION[name]: f"{UNKNOWN_PREFIX}created#id", **entry}
            result.append(Call(document, pointer, service, name, entry))
    return result


def creation(document):
    """The input of the operation that creates: the document, or the member of a set."""
    return document.value[document.operation[1]] if document.operation[1] in document.value else document.value


def strings(value, pointer=""):
    """Yields (pointer, text) of every string in a JSON value."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from strings(member, pointer_of(pointer, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from strings(member, pointer_of(pointer, index))


def has_unknown(text):
    """Whether a string is, or contains, a value that only AWS knows."""
    return isinstance(text, str) and UNKNOWN_PREFIX in text
