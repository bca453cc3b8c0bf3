"""cfn-lint's opinion: of a template as it is, of an API document as the same resource in a template."""

import importlib.metadata
import json
import logging
import os
import pathlib
import re
import tempfile

import botocore.session
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

logging.disable(logging.ERROR)

TYPES = {"RegisterTaskDefinition": "AWS::ECS::TaskDefinition", "CreateService": "AWS::ECS::Service"}
# API members whose property has another name; all others differ in the case of letters only.
RENAMED = {"ProxyConfiguration.properties": "ProxyConfigurationProperties", "CreateServiceRequest.placementStrategy": "PlacementStrategies"}
# API members that CloudFormation does not have: it fills them in itself.
ABSENT = {"CreateServiceRequest.clientToken"}
ROLE_NAME = re.compile(r"[\w+=,.@-]+")
# The API's way of saying "nothing", where a template leaves the property out.
NOTHING = {"CreateServiceRequest.propagateTags": "NONE", "RegisterTaskDefinitionRequest.taskRoleArn": ""}

ROOTS = {kind: PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema for kind, name in TYPES.items()}
_MODEL = botocore.session.get_session().get_service_model("ecs")


def version():
    return importlib.metadata.version("cfn-lint")


def input_shape(operation):
    return _MODEL.operation_model(operation).input_shape


def resolve(schema, root):
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def other_case(name):
    """The mistake of writing a member in the other format's case, in the other format."""
    return name[:1].lower() + name[1:] if name[:1].isupper() else name[:1].upper() + name[1:]


def says_nothing(path, value):
    return path in ABSENT or value == [] or path in NOTHING and NOTHING[path] == value


def unsayable(document):
    """The API members of a document that CloudFormation's schema does not have yet: what it holds against them is no finding."""
    missing = []

    def walk(value, shape, schema):
        schema = resolve(schema, ROOTS[document.kind])
        if isinstance(value, list) and shape.type_name == "list":
            for item in value:
                walk(item, shape.member, schema.get("items", {}))
        elif isinstance(value, dict) and shape.type_name == "structure":
            names = {name.lower(): name for name in schema.get("properties", {})}
            for key, item in value.items():
                path = f"{shape.name}.{key}"
                name = RENAMED.get(path) or names.get(key.lower())
                if key not in shape.members or path in ABSENT:
                    continue
                if name is None:
                    missing.append(key)
                else:
                    walk(item, shape.members[key], schema["properties"][name])

    if document.kind != "template" and document.body is not None:
        walk(document.body, input_shape(document.kind), ROOTS[document.kind])
    return missing


def _convert(value, shape, schema, root):
    schema = resolve(schema or {}, root)
    if shape is not None and isinstance(value, str) and schema.get("format") == "AWS::IAM::Role.Arn" and ROLE_NAME.fullmatch(value):
        return "arn:aws:iam::123456789012:role/" + value  # the API also takes a role's name
    if isinstance(value, list):
        item = shape.member if shape is not None and shape.type_name == "list" else None
        return [_convert(one, item, schema.get("items"), root) for one in value]
    if not isinstance(value, dict) or shape is None or shape.type_name != "structure":
        return value
    names = {name.lower(): name for name in schema.get("properties", {})}
    result = {}
    for key, item in value.items():
        path = f"{shape.name}.{key}"
        if says_nothing(path, item):
            continue
        member = shape.members.get(key)
        if member is None:
            result[other_case(key)] = item
            continue
        name = RENAMED.get(path) or names.get(key.lower()) or other_case(key)
        result[name] = _convert(item, member, schema.get("properties", {}).get(name), root)
    return result


def properties_of(document):
    """An API document as the properties of its CloudFormation resource."""
    root = ROOTS[document.kind]
    return _convert(document.body, input_shape(document.kind), root, root)


def template_of(document):
    """The text of a template with the same mistake."""
    if document.kind == "template":
        return document.text
    kind = TYPES[document.kind]
    if document.body is None or document.twice:  # the mistake is in the text, so the text itself goes into the template
        return '{"Resources": {"Subject": {"Type": "%s", "Properties":\n%s}}}\n' % (kind, document.filled)
    return json.dumps({"Resources": {"Subject": {"Type": kind, "Properties": properties_of(document)}}}, indent=2) + "\n"


def judge(document):
    """cfn-lint's errors and warnings: [(rule, message)]."""
    suffix = ".json" if document.kind != "template" or document.is_json else ".yaml"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "template" + suffix)
        with open(path, "w", encoding="utf-8") as file:
            file.write(template_of(document))
        matches = lint_file(pathlib.Path(path), config=ManualArgs(regions=["us-east-1"]))
    found = [(match.rule.id, match.message) for match in matches if match.rule.id[0] in "EW"]
    if document.kind != "template" and (document.body is None or document.twice):
        found = [item for item in found if item[0] == "E0000"]  # only what it says of the syntax counts
    return found
