"""What the tests of AWS's protocols share: botocore's models, the program that speaks for svc, values in one form."""

import base64
import datetime
import json
import os
import subprocess
import sys

from botocore.loaders import Loader
from botocore.model import ServiceModel

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.path.insert(0, os.path.join(ROOT, "tests"))
sys.dont_write_bytecode = True

import generate_schema as generator  # noqa: E402

SPOKEN = ("json", "query", "ec2", "rest-json")
LOADER = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def load_service(name):
    """(model, the protocol that svc takes of those it offers)"""
    model = ServiceModel(LOADER.load_service_model(name, "service-2"), name)
    offered = model.metadata.get("protocols", [model.metadata["protocol"]])
    return model, next(protocol for protocol in generator.PROTOCOLS if protocol in offered)


def list_operations():
    """(service, tables, protocol, operation's model) of all that svc may call and this botocore has."""
    for name in sorted(generator.OPERATIONS):
        model, protocol = load_service(name)
        with open(os.path.join(generator.SCHEMA, f"schema_data_{generator.c_name(name)}.c"), encoding="ascii") as file:
            tables = generator.read_service(file.read())
        for operation in sorted(set(generator.OPERATIONS[name].split()) & set(model.operation_names)) if protocol in SPOKEN else []:
            yield name, tables, protocol, model.operation_model(operation)


def plain(value):
    """What botocore parsed, in the form that svc gives."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return text.rstrip("0").rstrip(".") + "Z"
    return value


class Wire:
    """tests/aws/wire.c: a line in, a line out."""

    def __init__(self, program, env=None):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                                        env={**os.environ, **(env or {})})

    def ask(self, **line):
        self.process.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise EOFError(f"the program ended at {json.dumps(line)[:400]}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)
