"""Documents as teams have them, as the other tools of the comparison can take them."""

import json
import re

import yaml

# What a pipeline would put in the place of a placeholder, by a part of its name; the first that fits.
FILLINGS = (
    ("secrets", "[]"), ("public_ip", "DISABLED"), ("target_group", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/app/0123456789abcdef"),
    ("execution_role", "arn:aws:iam::123456789012:role/exec"), ("task_role", "arn:aws:iam::123456789012:role/task"),
    ("token_arn", "arn:aws:ssm:eu-west-1:123456789012:parameter/token"), ("cpu", "256"), ("memory", "512"), ("port", "8080"),
    ("account", "123456789012"), ("count", "2"), ("region", "eu-west-1"), ("subnet", "subnet-0123456789abcdef0"), ("security_group", "sg-0123456789abcdef0"),
    ("image_tag", "1"), ("image", "public.ecr.aws/acme/app:1"), ("registry", "public.ecr.aws/acme"), ("ecr", "public.ecr.aws/acme/app"),
    ("suffix", "AbCdEf"), ("log_group", "/ecs/app"), ("task_definition", "app:1"), ("tag", "1"), ("build", "1"), ("", "app"),
)
PLACEHOLDER = re.compile(
    r"\$\{([\w.]+)\}|\{\{\s*([\w.]+)\s*\}\}|<([A-Za-z][\w-]*)>|__([A-Z][A-Z_]*)__|%([A-Z_]+)%|#\{([\w.]+)\}#|@@([A-Z_]+)@@|\"\$([A-Z_]+)\"")
COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.S)

# What describe returns beyond what register and create take; people drop these before they send a document again.
DESCRIBED = {
    "RegisterTaskDefinition": {"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
                               "deregisteredAt"},
    "CreateService": {"serviceArn", "clusterArn", "status", "runningCount", "pendingCount", "platformFamily", "deployments", "taskSets", "roleArn",
                      "events", "createdAt", "createdBy"},
}


class CloudFormationLoader(yaml.SafeLoader):
    """Reads a template only to tell it from other documents."""


CloudFormationLoader.add_multi_constructor("!", lambda loader, suffix, node: {suffix: None})


def fill(text):
    def filling(found):
        name = next(group for group in found.groups() if group).lower().replace("-", "_")
        value = next(value for part, value in FILLINGS if part in name)
        return f'"{value}"' if found.group(0).startswith('"$') else value
    return PLACEHOLDER.sub(filling, text)


def drop_nulls(value):
    if isinstance(value, dict):
        return {key: drop_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [drop_nulls(item) for item in value if item is not None]
    return value


class Document:
    """kind: template, RegisterTaskDefinition or CreateService; body is None when the text cannot be read."""

    def __init__(self, name, path):
        self.name, self.path = name, path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.is_json = path.endswith(".json")
        self.body = self.problem = None
        text = self.text
        if '"Resources"' not in text and "\nResources:" not in text and not text.startswith("Resources:"):
            text = fill(text)
            if self.is_json:
                text = COMMENT.sub(lambda found: found.group(1) or "", text)
        self.filled = text
        try:
            self.body = json.loads(text) if self.is_json else yaml.load(text, CloudFormationLoader)
        except (ValueError, yaml.YAMLError) as error:
            self.problem = str(error)
        self.kind = self.recognise()

    def recognise(self):
        body = self.body
        if body is None:
            return "CreateService" if '"serviceName"' in self.text else "RegisterTaskDefinition"
        if isinstance(body, list):
            self.body = {"family": "app", "containerDefinitions": body}
            return "RegisterTaskDefinition"
        if "Resources" in body:
            return "template"
        if isinstance(body.get("taskDefinition"), dict):
            body = body["taskDefinition"]
        elif isinstance(body.get("services"), list):
            body = body["services"][0]
        kind = "CreateService" if "serviceName" in body else "RegisterTaskDefinition"
        self.body = drop_nulls({key: item for key, item in body.items() if key not in DESCRIBED[kind]})
        return kind

    @property
    def twice(self):
        """Whether a JSON object has two members of one name: json.loads keeps the last of them without a word."""
        found = []

        def pairs(items):
            found.extend(key for key in (key for key, _ in items) if [k for k, _ in items].count(key) > 1)
            return dict(items)
        if self.is_json and not self.problem:
            json.loads(self.filled, object_pairs_hook=pairs)
        return bool(found)
