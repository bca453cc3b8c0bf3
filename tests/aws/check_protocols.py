#!/usr/bin/env python3
"""Compares svc's requests with those of botocore's serializers, and what it reads in answers with botocore's parsers.

For every operation of schema/ whose protocol svc speaks: random inputs made of the model (--rounds of them) give the same
method, path, query, headers and body; random answers, written here by the rules of the protocols, are read as the same
values, and random errors as the same code, message and request id.
"""

import argparse
import datetime
import json
import math
import os
import random
import urllib.parse
from xml.sax.saxutils import escape

from wire import ROOT, Wire, list_operations, plain

from botocore.parsers import ResponseParserFactory
from botocore.serialize import create_serializer
from harness import Tally

LETTERS = "abc XYZ09-_.~/:*+%&=?#'\"\\<>!()[]{}@$,;|^`éß漢字😀\t"


def random_text(dice, least=0):
    return "".join(dice.choice(LETTERS) for _ in range(dice.randint(least, 12)))


def random_number(dice, kind):
    if kind == "integer":
        return dice.choice([0, 1, -1, 7, 443, 65535, 2**31 - 1, -2**31])
    if kind == "long":
        return dice.choice([0, 1, -1, 1720000000123, 2**53, -2**53, 2**62])
    return dice.choice([0.0, 0.5, 1.25, -3.75, 70.0, 99.9, 0.001, 123456.789])


def random_moment(dice, with_fraction):
    moment = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=dice.randint(0, 10**9))
    return moment + datetime.timedelta(milliseconds=dice.choice([0, 0, 250, 123, 7])) if with_fraction else moment


def random_value(dice, tables, shape, is_answer, depth=0):
    """A value as botocore takes it in, or gives it; of another botocore's model, only what svc's tables have too."""
    kind = shape.type_name
    if kind == "structure":
        if getattr(shape, "is_document_type", False):
            return {"any": [1, "x", None, True, {"deep": random_text(dice)}]}
        names = [name for name in shape.members if name in tables["shapes"].get(shape.name, {"members": ()})["members"]]
        if getattr(shape, "is_tagged_union", False):
            names = [dice.choice(names)] if names else []
        kept = [name for name in names if depth < 7 and (len(names) == 1 or dice.random() < (0.8 if depth < 2 else 0.4))]
        return {name: random_value(dice, tables, shape.members[name], is_answer, depth + 1) for name in kept}
    if kind == "list":
        return [random_value(dice, tables, shape.member, is_answer, depth + 1) for _ in range(dice.choice([0, 1, 1, 2, 3] if depth < 5 else [0, 1]))]
    if kind == "map":
        # svc keeps keys in the order of their bytes; a form numbers its entries.
        keys = sorted({random_text(dice, 1) for _ in range(dice.randint(0, 3))}, key=str.encode)
        return {key: random_value(dice, tables, shape.value, is_answer, depth + 1) for key in keys}
    if kind == "boolean":
        return dice.random() < 0.5
    if kind == "timestamp":
        return random_moment(dice, is_answer)
    if kind == "blob":
        return random_text(dice).encode()
    if kind in ("integer", "long", "float", "double"):
        return random_number(dice, kind)
    return random_text(dice)


# ---------------------------------------------------------------- requests

def fill_paths(dice, shape, value):
    """What stands in a path must not be empty."""
    for name, member in (shape.members if shape else {}).items():
        if member.serialization.get("location") == "uri":
            value[name] = random_text(dice, 1)


def same_value(left, right):
    if isinstance(left, float) or isinstance(right, float):
        return isinstance(left, (int, float)) and isinstance(right, (int, float)) and math.isclose(left, right, rel_tol=1e-14)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    return type(left) is type(right) and left == right


def query_pairs(pairs):
    """{name: value}, numbers as botocore's Python writes them or not."""
    found = {}
    for name, value in pairs:
        number = repr(value) if isinstance(value, float) else str(value)
        found[name] = number[:-2] if isinstance(value, float) and number.endswith(".0") else number
    return found


def list_pairs(query):
    for name, value in (query or {}).items():
        yield from ((name, each) for each in value) if isinstance(value, list) else [(name, value)]


def same_request(protocol, ours, theirs):
    """What differs; empty when nothing does."""
    if "reason" in ours:
        return f"refused: {ours['reason']}"
    path, _, query = ours["target"].partition("?")
    headers = {name.lower(): value for name, value in ours["headers"].items()}
    wanted = {name.lower(): value for name, value in theirs["headers"].items()}
    if ours["method"] != theirs["method"] or path != theirs["url_path"] or headers != wanted:
        return f"{ours['method']} {path} {headers} is not {theirs['method']} {theirs['url_path']} {wanted}"
    given = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    if given != sorted((name, str(value)) for name, value in list_pairs(theirs["query_string"])):
        return f"query {given} is not {theirs['query_string']}"
    if protocol in ("query", "ec2"):
        body = dict(urllib.parse.parse_qsl(ours["body"], keep_blank_values=True, strict_parsing=True))
        return "" if body == query_pairs(theirs["body"].items()) else f"form {body} is not {theirs['body']}"
    if not theirs["body"]:
        return "" if not ours["body"] else f"a body where none belongs: {ours['body']}"
    return "" if same_value(json.loads(ours["body"]), json.loads(theirs["body"])) else f"body {ours['body']} is not {theirs['body'].decode()}"


def check_request(wire, dice, service, tables, protocol, operation):
    shape = operation.input_shape
    value = random_value(dice, tables, shape, False) if shape else {}
    if protocol == "rest-json":
        fill_paths(dice, shape, value)
    theirs = create_serializer(protocol, include_validation=False).serialize_to_request(value, operation)
    ours = wire.ask(do="write", service=service, operation=operation.name, input=plain(value))
    problem = same_request(protocol, ours, theirs)
    return f"{problem}\n  for {plain(value)}\n" if problem else ""


# ---------------------------------------------------------------- answers

def write_json(dice, shape, value):
    kind = shape.type_name
    if kind == "structure" and not getattr(shape, "is_document_type", False):
        written = {shape.members[name].serialization.get("name", name): write_json(dice, shape.members[name], each) for name, each in value.items()}
        absent = [member.serialization.get("name", name) for name, member in shape.members.items() if name not in value]
        is_union = getattr(shape, "is_tagged_union", False)
        if absent and not is_union and dice.random() < 0.2:
            written[dice.choice(absent)] = None
        if not is_union and dice.random() < 0.2:
            written["somethingNewer"] = {"a": [1, {"b": None}]}
        return written
    if kind == "list":
        return [write_json(dice, shape.member, each) for each in value]
    if kind == "map":
        return {key: write_json(dice, shape.value, each) for key, each in value.items()}
    if kind == "timestamp":
        if dice.random() < 0.2:
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        seconds = value.timestamp()
        return int(seconds) if seconds == int(seconds) else round(seconds, 3)
    return plain(value)


def write_xml(dice, shape, value, tag, prefix=""):
    kind = shape.type_name
    if kind == "structure":
        inner = "".join(write_xml(dice, shape.members[name], each, shape.members[name].serialization.get("name", name), prefix)
                        for name, each in value.items())
        inner += f"<{prefix}somethingNewer><a>1</a></{prefix}somethingNewer>" if dice.random() < 0.2 else ""
    elif kind == "list":
        name = shape.member.serialization.get("name", "member")
        inner = "\n ".join(write_xml(dice, shape.member, each, name, prefix) for each in value)
    elif kind == "map":
        inner = "".join(f"<{prefix}entry><{prefix}key>{escape(key)}</{prefix}key>{write_xml(dice, shape.value, each, 'value', prefix)}</{prefix}entry>"
                        for key, each in value.items())
    elif kind == "boolean":
        inner = "true" if value else "false"
    elif kind == "timestamp":
        inner = value.strftime(dice.choice(["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S.%f+00:00"]))
    elif kind == "string" and value and dice.random() < 0.1 and "]]>" not in value:
        inner = f"<![CDATA[{value}]]>"
    else:
        inner = escape(str(plain(value)))
    return f"<{prefix}{tag}/>" if inner == "" and dice.random() < 0.5 else f"<{prefix}{tag}>{inner}</{prefix}{tag}>"


def write_answer(dice, protocol, operation, value):
    shape = operation.output_shape
    if protocol in ("json", "rest-json"):
        return json.dumps(write_json(dice, shape, value), ensure_ascii=False) if shape else dice.choice(["", "{}"])
    prefix = dice.choice(["", "", "n:"])
    space = f" xmlns:n=\"urn:x\"" if prefix else ' xmlns="urn:x"'
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    inner = write_xml(dice, shape, value, "ROOT", prefix) if shape else ""
    inner = inner.replace(f"<{prefix}ROOT>", "", 1)[:-len(f"</{prefix}ROOT>")] if inner.startswith(f"<{prefix}ROOT>") else ""
    if wrapper:
        inner = f"<{prefix}{wrapper}>{inner}</{prefix}{wrapper}>"
    if protocol == "ec2":
        inner += f"<{prefix}requestId>id-7</{prefix}requestId>"
    else:
        inner += f"<{prefix}ResponseMetadata><{prefix}RequestId>id-7</{prefix}RequestId></{prefix}ResponseMetadata>"
    tag = prefix + operation.name + "Response"
    return f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{tag}{space}>{inner}</{tag}>\n"


def parse(protocol, operation, status, headers, body):
    parser = ResponseParserFactory().create_parser(protocol)
    return parser.parse({"status_code": status, "headers": headers, "body": body.encode()}, operation.output_shape)


def check_answer(wire, dice, service, tables, protocol, operation):
    shape = operation.output_shape
    value = random_value(dice, tables, shape, True) if shape else {}
    body = write_answer(dice, protocol, operation, value)
    headers = {} if protocol in ("query", "ec2") else {"x-amzn-requestid": "id-7"}
    theirs = parse(protocol, operation, 200, headers, body)
    theirs.pop("ResponseMetadata", None)
    ours = wire.ask(do="read", service=service, operation=operation.name, status=200, headers=headers, body=body)
    if ours["kind"] != "output" or not same_value(ours["output"], plain(theirs)) or ours["request_id"] != "id-7":
        return f"{ours} is not {plain(theirs)}\n  for {body}\n"
    return ""


def write_error(dice, protocol, code, message):
    """(headers, body)"""
    if protocol == "query":
        return {}, (f'<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
                    "<RequestId>id-9</RequestId></ErrorResponse>")
    if protocol == "ec2":
        return {}, (f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>"
                    "<RequestID>id-9</RequestID></Response>")
    headers = {"x-amzn-requestid": "id-9"}
    name = dice.choice([code, f"com.amazonaws.x#{code}", f"a.b#{code}"])
    body = {dice.choice(["message", "Message"]): message}
    if protocol == "rest-json" and dice.random() < 0.7:
        headers["x-amzn-errortype"] = dice.choice([code, f"{code}:http://internal.amazon.com/x/"])
    else:
        body["__type"] = name
    if protocol == "json" and dice.random() < 0.3:
        headers["x-amzn-query-error"] = "Former.Code;Sender"
    return headers, json.dumps(body, ensure_ascii=False)


def check_error(wire, dice, service, _, protocol, operation):
    message = random_text(dice, 1).replace("\t", " ")
    headers, body = write_error(dice, protocol, dice.choice(["ThrottlingException", "InvalidGroup.NotFound", "X"]), message)
    status = dice.choice([400, 403, 404, 500, 503])
    theirs = parse(protocol, operation, status, headers, body)
    ours = wire.ask(do="read", service=service, operation=operation.name, status=status, headers=headers, body=body)
    wanted = (theirs["Error"]["Code"], theirs["Error"]["Message"], theirs["ResponseMetadata"]["RequestId"])
    if ours["kind"] != "error" or (ours["code"], ours["message"], ours["request_id"]) != wanted:
        return f"{ours} is not {wanted}\n  for {headers} {body}\n"
    return ""


def main():
    parser = argparse.ArgumentParser(description="Compares requests and answers with botocore's.")
    parser.add_argument("--wire", default=os.path.join(ROOT, "build", "aws-wire"))
    parser.add_argument("--rounds", type=int, default=12, help="random inputs and answers for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--filter", default="", help="only operations that contain this, as in \"ecs DescribeServices\"")
    options = parser.parse_args()
    tally, wire, count = Tally(), Wire(options.wire), 0
    for service, tables, protocol, operation in list_operations():
        name = f"{service} {operation.name}"
        if options.filter not in name:
            continue
        for what, check in (("request", check_request), ("answer", check_answer), ("error", check_error)):
            dice = random.Random(f"{options.seed} {name} {what}")
            report = ""
            for _ in range(options.rounds):
                report = report or check(wire, dice, service, tables, protocol, operation)
                count += 1
            tally.add(f"{name}: {what}", report)
    tally.add("the program's end", "" if wire.close() == 0 else "it did not end well\n")
    print(f"{count} requests, answers and errors")
    tally.close()


if __name__ == "__main__":
    main()
