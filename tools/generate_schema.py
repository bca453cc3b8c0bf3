#!/usr/bin/env python3
"""Writes schema/: what AWS's APIs accept, as constant C tables, from the service models that botocore installs.

    generate_schema.py                  rewrites schema/schema_data_*.c and schema/schema_services.def
    generate_schema.py --out DIR        writes them into DIR
    generate_schema.py --lenient        goes on where this botocore lacks what is listed, and notes it
    generate_schema.py --list SERVICE   prints one service as a list, a line for each fact

OPERATIONS says which operations are taken, with everything that their inputs and outputs reach. Names and limits only: no
prose of AWS. tools/schema_overlay.json adds what AWS documents and its models leave out; each of its rows has a source.
"""

import argparse
import json
import os
import re
import sys
from collections import OrderedDict
from decimal import Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCHEMA = os.path.join(ROOT, "schema")
OVERLAY = os.path.join(ROOT, "tools", "schema_overlay.json")

OPERATIONS = {
    "acm": "DescribeCertificate ListCertificates",
    "application-autoscaling": """
        DeleteScalingPolicy DeleteScheduledAction DeregisterScalableTarget DescribeScalableTargets DescribeScalingActivities
        DescribeScalingPolicies DescribeScheduledActions ListTagsForResource PutScalingPolicy PutScheduledAction RegisterScalableTarget
        TagResource UntagResource""",
    "budgets": """
        CreateBudget CreateNotification CreateSubscriber DeleteBudget DeleteNotification DeleteSubscriber DescribeBudget DescribeBudgets
        DescribeNotificationsForBudget DescribeSubscribersForNotification ListTagsForResource TagResource UntagResource UpdateBudget
        UpdateNotification UpdateSubscriber""",
    "cloudwatch": """
        DeleteAlarms DeleteDashboards DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DisableAlarmActions EnableAlarmActions
        GetDashboard GetMetricData GetMetricStatistics ListDashboards ListMetrics ListTagsForResource PutCompositeAlarm PutDashboard
        PutMetricAlarm PutMetricData SetAlarmState TagResource UntagResource""",
    "ec2": """
        AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup CreateTags DeleteSecurityGroup DeleteTags
        DescribeAvailabilityZones DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets
        DescribeTags DescribeVpcEndpoints DescribeVpcs ModifySecurityGroupRules RevokeSecurityGroupEgress RevokeSecurityGroupIngress
        UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress""",
    "ecr": "BatchGetImage DescribeImageScanFindings DescribeImages DescribeRepositories",
    "ecs": """
        ContinueServiceDeployment CreateCluster CreateService CreateTaskSet DeleteCluster DeleteService DeleteTaskDefinitions DeleteTaskSet
        DeregisterTaskDefinition DescribeCapacityProviders DescribeClusters DescribeServiceDeployments DescribeServiceRevisions
        DescribeServices DescribeTaskDefinition DescribeTaskSets DescribeTasks ExecuteCommand ListClusters ListServiceDeployments
        ListServices ListTagsForResource ListTaskDefinitionFamilies ListTaskDefinitions ListTasks PutClusterCapacityProviders
        RegisterTaskDefinition RunTask StopServiceDeployment StopTask TagResource UntagResource UpdateCluster UpdateClusterSettings
        UpdateService UpdateServicePrimaryTaskSet UpdateTaskSet""",
    "elbv2": """
        AddListenerCertificates AddTags CreateListener CreateLoadBalancer CreateRule CreateTargetGroup DeleteListener DeleteLoadBalancer
        DeleteRule DeleteTargetGroup DeregisterTargets DescribeListenerAttributes DescribeListenerCertificates DescribeListeners
        DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes
        DescribeTargetGroups DescribeTargetHealth ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyRule
        ModifyTargetGroup ModifyTargetGroupAttributes RegisterTargets RemoveListenerCertificates RemoveTags SetIpAddressType
        SetRulePriorities SetSecurityGroups SetSubnets""",
    "events": """
        DeleteRule DescribeRule ListRules ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets TagResource
        UntagResource""",
    "iam": """
        AttachRolePolicy CreateRole CreateServiceLinkedRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy
        GetAccountAuthorizationDetails GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies ListRoleTags ListRoles
        PutRolePermissionsBoundary PutRolePolicy SimulatePrincipalPolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole""",
    "logs": """
        CreateLogGroup DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy DeleteSubscriptionFilter DescribeLogGroups
        DescribeLogStreams DescribeMetricFilters DescribeSubscriptionFilters FilterLogEvents GetLogEvents ListTagsForResource
        PutMetricFilter PutRetentionPolicy PutSubscriptionFilter TagResource UntagResource""",
    "resourcegroupstaggingapi": "GetResources TagResources UntagResources",
    "s3": """
        CreateBucket DeleteBucket DeleteBucketPolicy GetBucketLocation GetBucketPolicy GetBucketTagging HeadBucket PutBucketEncryption
        PutBucketPolicy PutBucketTagging PutPublicAccessBlock""",
    "scheduler": """
        CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup GetSchedule GetScheduleGroup ListSchedules
        ListTagsForResource TagResource UntagResource UpdateSchedule""",
    "secretsmanager": "DescribeSecret ListSecretVersionIds ListSecrets",
    "sns": """
        CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource SetTopicAttributes
        Subscribe TagResource Unsubscribe UntagResource""",
    "sqs": "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue UntagQueue",
    "ssm": """
        AddTagsToResource DeleteParameter DeleteParameters DescribeParameters GetParameter GetParameters GetParametersByPath
        ListTagsForResource PutParameter RemoveTagsFromResource""",
    "sts": "AssumeRole AssumeRoleWithWebIdentity GetCallerIdentity",
    "wafv2": "AssociateWebACL DisassociateWebACL GetWebACLForResource ListResourcesForWebACL ListWebACLs",
}

# Operations that give their answer in pages and that botocore's paginators leave out: (request's member, answer's member, what is gathered).
MORE_PAGES = {
    ("ecs", "ListServiceDeployments"): ("nextToken", "nextToken", "serviceDeployments"),
    ("secretsmanager", "ListSecretVersionIds"): ("NextToken", "NextToken", "Versions"),
    ("wafv2", "ListWebACLs"): ("NextMarker", "NextMarker", "WebACLs"),
}

# What svc speaks, in the order that it prefers: of a service that offers several, the first of these is taken.
PROTOCOLS = ["json", "query", "ec2", "rest-json", "rest-xml"]
KINDS = "structure list map string integer long double float boolean blob timestamp".split()
LOCATIONS = [None, "uri", "querystring", "header"]
MEMBER_FLAGS = "required deprecated idempotencyToken flattened payload".split()
SHAPE_FLAGS = "sensitive document flattened".split()
SCOPES = [None, "fargate"]
# Parts of the wire protocols that no listed operation uses; one that does must not lose them in silence.
UNCARRIED = "streaming xmlAttribute hostLabel eventpayload eventheader eventstream event timestampFormat".split()
PAGES = ("input", "output", "more", "results")
CHUNK = 4096  # of the text pool: ISO C promises no longer string literals than 4095 bytes

HEADER = "/* Generated by tools/generate_schema.py from the service models of botocore {version}. Do not edit: change the script or the overlay. */\n"


class Problem(Exception):
    pass


class Notes(list):
    """What is worth knowing of a run. Lenient ones also take what would end it otherwise: the models lack what is asked of them."""

    def __init__(self, lenient=False):
        super().__init__()
        self.lenient = lenient

    def lack(self, text):
        if not self.lenient:
            raise Problem(text)
        self.append(text)


# ---------------------------------------------------------------- reading the models

def load_models():
    """(version of botocore, {service: its model}); raises ImportError where botocore is not installed."""
    import botocore
    from botocore.loaders import Loader
    # Only what botocore itself brings: models in a home directory must not leak into the tables.
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    models = {name: loader.load_service_model(name, "service-2") for name in OPERATIONS}
    with_pages = loader.list_available_services("paginators-1")
    for name, model in models.items():
        model["pagination"] = loader.load_service_model(name, "paginators-1")["pagination"] if name in with_pages else {}
    return botocore.__version__, models


def read_overlay(path=OVERLAY):
    with open(path, encoding="utf-8") as file:
        rows = json.load(file, parse_float=Decimal)
    known = {"service", "member", "limit", "value", "only", "source"}
    for row in rows:
        missing = {"service", "member", "limit", "value", "source"} - set(row)
        if missing or set(row) - known:
            raise Problem(f"overlay: {row}: missing {sorted(missing)}, unknown {sorted(set(row) - known)}")
        if row["service"] not in OPERATIONS:
            raise Problem(f"overlay: {row['service']} is not among the services")
        if row.get("only") not in SCOPES:
            raise Problem(f"overlay: {row}: only is one of {SCOPES[1:]}")
    return rows


def pcre2_pattern(pattern):
    r"""The pattern as PCRE2 reads it: models are written for Java, with \uXXXX (surrogate pairs among them) and \p{Print}."""
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}").replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}")
    pattern = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: r"\x{%X}" % int(found[1], 16), pattern)
    if re.search(r"\[[^\]]*\\p\{Print\}", pattern):
        raise Problem(f"pattern {pattern}: \\p{{Print}} inside a class is not translated")
    return pattern.replace(r"\p{Print}", r"[\x20-\x7E]")


def model_limits(shape):
    limits = {}
    for key in ("min", "max"):
        if key in shape:
            limits[key] = Decimal(str(shape[key]))
    if shape.get("pattern"):
        limits["pattern"] = pcre2_pattern(shape["pattern"])
    if shape.get("enum"):
        limits["enum"] = list(shape["enum"])
    return limits


def build_service(name, model, overlay, notes):
    """One service as plain data: facts, operations and shapes by name; the form that is written to C and read back from it."""
    metadata, models = model["metadata"], OrderedDict(model["shapes"])
    rows = [row for row in overlay if row["service"] == name]
    models = add_shapes(name, models, rows, notes)
    operations = {}
    for operation in sorted(OPERATIONS[name].split()):
        if operation not in model["operations"]:
            notes.lack(f"{name}: this botocore has no operation {operation}")
            continue
        found = model["operations"][operation]
        operations[operation] = {
            "input": found.get("input", {}).get("shape"),
            "output": found.get("output", {}).get("shape"),
            "method": found["http"]["method"],
            "uri": found["http"]["requestUri"],
            "wrapper": found.get("output", {}).get("resultWrapper", ""),
            "pages": find_pages(name, operation, model.get("pagination", {})),
        }
        if "endpoint" in found:
            notes.lack(f"{name}: {operation}: a host of its own is not carried by the tables")
    names = reach(models, operations)
    shapes = {shape: build_shape(shape, models[shape], metadata, notes) for shape in sorted(names)}
    merge_overlay(name, shapes, rows, notes)
    offered = metadata.get("protocols", [metadata["protocol"]])
    protocol = next((choice for choice in PROTOCOLS if choice in offered), None)
    if protocol is None:
        raise Problem(f"{name}: speaks only {offered}")
    facts = {
        "name": name,
        "protocol": protocol,
        "api_version": metadata["apiVersion"],
        "target_prefix": metadata.get("targetPrefix", ""),
        "json_version": metadata.get("jsonVersion", ""),
        "endpoint_prefix": metadata["endpointPrefix"],
        "signing_name": metadata.get("signingName", metadata["endpointPrefix"]),
        "global_endpoint": metadata.get("globalEndpoint", ""),
        "xml_namespace": xml_namespace(name, metadata, [models[shape] for shape in sorted(names)]),
        # Of a service that once spoke query: asked for in this mode, it gives the codes of errors that it gave then.
        "query_mode": "true" if "awsQueryCompatible" in metadata else "",
    }
    if protocol in ("query", "ec2"):
        note_flattened(shapes, notes)
    return {"facts": facts, "operations": operations, "shapes": shapes}


def find_pages(name, operation, paginators):
    """The members by which an operation's pages are asked for and gathered; empty texts where there is none. Several results are parted by blanks."""
    found = paginators.get(operation)
    if found is None:
        given, taken, results = MORE_PAGES.get((name, operation), ("", "", ""))
        return {"input": given, "output": taken, "more": "", "results": results}
    results = found["result_key"]
    values = (found["input_token"], found["output_token"], found.get("more_results", ""),
              results if isinstance(results, str) else " ".join(results))
    if not all(isinstance(value, str) and re.fullmatch(r"[\w. ]*", value) for value in values):
        raise Problem(f"{name}: the pages of {operation} are not carried by the tables")
    return dict(zip(PAGES, values))


def note_flattened(shapes, notes):
    """Forms and XML are written and read without flattened lists and maps: no listed operation has one."""
    for name, shape in shapes.items():
        flat = [name] if "flattened" in shape["flags"] else []
        flat += [f"{name}.{member}" for member, fact in shape.get("members", {}).items() if "flattened" in fact["flags"]]
        if flat:
            notes.lack(f"{' '.join(flat)}: what is flattened in a form is not carried")


def xml_namespace(name, metadata, shapes):
    """The namespace of a service's XML; S3 says it with the members that are whole bodies."""
    found = {member["xmlNamespace"]["uri"] for shape in shapes for member in shape.get("members", {}).values() if "xmlNamespace" in member}
    found |= {metadata["xmlNamespace"]} if "xmlNamespace" in metadata else set()
    if len(found) > 1:
        raise Problem(f"{name}: several XML namespaces: {sorted(found)}")
    return found.pop() if found else ""


def add_shapes(name, models, rows, notes):
    """Shapes and members that AWS documents and this botocore does not know yet. Copies what it changes."""
    for row in rows:
        if row["limit"] == "shape":
            if row["member"] in models:
                notes.append(f"{name}: the model has {row['member']} now: drop its overlay row")
            else:
                models[row["member"]] = row["value"]
    for row in rows:
        if row["limit"] == "member":
            owner, _, member = row["member"].partition(".")
            if owner not in models or row["value"] not in models:
                notes.lack(f"overlay: {name}: {row['member']}: no shape {owner} or {row['value']}")
                continue
            if member in models[owner]["members"]:
                notes.append(f"{name}: the model has {row['member']} now: drop its overlay row")
                continue
            changed = dict(models[owner])
            changed["members"] = dict(changed["members"], **{member: {"shape": row["value"]}})
            models[owner] = changed
    return models


def reach(models, operations):
    names, waiting = set(), [shape for found in operations.values() for shape in (found["input"], found["output"]) if shape]
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        shape = models[name]
        waiting += [member["shape"] for member in shape.get("members", {}).values()]
        waiting += [shape[role]["shape"] for role in ("member", "key", "value") if role in shape]
    return names


def build_shape(name, shape, metadata, notes):
    kind = "string" if shape["type"] == "character" else shape["type"]
    if kind not in KINDS:
        raise Problem(f"{name}: unknown type {kind}")
    note_uncarried(name, shape, notes)
    built = {"kind": kind, "flags": [flag for flag in SHAPE_FLAGS if shape.get(flag)], "limits": model_limits(shape)}
    if kind == "structure":
        required = shape.get("required", [])
        built["members"] = {member: build_member(member, fact, member in required, shape, metadata, notes)
                            for member, fact in sorted(shape["members"].items(), key=lambda item: item[0].encode())}
    elif kind == "list":
        built["element"], built["element_wire"] = shape["member"]["shape"], shape["member"].get("locationName", "")
    elif kind == "map":
        built["key"], built["value"] = shape["key"]["shape"], shape["value"]["shape"]
        if "locationName" in shape["key"] or "locationName" in shape["value"]:
            notes.lack(f"{name}: names of a map's keys and values in forms are not carried by the tables")
    return built


def note_uncarried(name, facts, notes):
    found = [key for key in UNCARRIED if key in facts]
    if found or facts.get("location") not in LOCATIONS:
        notes.lack(f"{name}: {' '.join(found) or facts['location']} is not carried by the tables")


def build_member(name, member, required, owner, metadata, notes):
    note_uncarried(name, member, notes)
    wire = member.get("locationName", name)
    query = wire
    if metadata["protocol"] == "ec2":
        # As the ec2 protocol has it: queryName, else the location's name with a capital, else the member's own name.
        query = member.get("queryName") or (wire[0].upper() + wire[1:] if "locationName" in member else name)
    flags = [flag for flag in MEMBER_FLAGS if member.get(flag)]
    flags += ["required"] if required else []
    flags += ["payload"] if owner.get("payload") == name else []
    return {"shape": member["shape"], "wire": wire, "query": query, "flags": [flag for flag in MEMBER_FLAGS if flag in flags],
            "location": member.get("location") if member.get("location") in LOCATIONS else None, "limits": {}}


def merge_overlay(name, shapes, rows, notes):
    """Limits of the overlay win over the model's, key by key; those of a member hold for this member alone."""
    for row in rows:
        owner, dot, member = row["member"].partition(".")
        if row["limit"] in ("shape", "member"):
            continue
        if owner not in shapes or (dot and member not in shapes[owner].get("members", {})):
            notes.lack(f"overlay: {name}: no {row['member']} in what the operations reach")
            continue
        target = shapes[owner]["members"][member] if dot else shapes[owner]
        if row["limit"] == "required":
            if "required" in target["flags"]:
                notes.append(f"{name}: the model requires {row['member']} now: drop its overlay row")
            target["flags"] = [flag for flag in MEMBER_FLAGS if flag in target["flags"] + ["required"]]
            continue
        limits, base = overlay_limits(row), shapes[target["shape"]]["limits"] if dot else target["limits"]
        if all(base.get(key) == value for key, value in limits.items()):
            notes.append(f"{name}: the model has the {row['limit']} of {row['member']} now: drop its overlay row")
        merged = {**base, **target["limits"], **limits, "source": row["source"]}
        if row.get("only"):
            merged["only"] = row["only"]
        target["limits"] = merged


def overlay_limits(row):
    value = row["value"]
    if row["limit"] in ("range", "length"):
        limits = {key: Decimal(bound) for key, bound in zip(("min", "max", "step"), value) if bound is not None}
        return limits
    if row["limit"] == "pattern":
        return {"pattern": value}
    if row["limit"] == "enum":
        return {"enum": [str(each) for each in value]}
    raise Problem(f"overlay: {row['member']}: unknown limit {row['limit']}")


# ---------------------------------------------------------------- tables

class Tables:
    """Rows of numbers over one pool of texts; number 0 of texts and limits means none."""

    def __init__(self):
        self.texts, self.limits, self.enums = [""], [None], []
        self.ids, self.limit_ids, self.enum_ids = {"": 0}, {}, {}

    def text(self, text):
        if text not in self.ids:
            self.ids[text] = len(self.texts)
            self.texts.append(text)
        return self.ids[text]

    def enum(self, values):
        key = tuple(values)
        if key not in self.enum_ids:
            self.enum_ids[key] = len(self.enums)
            self.enums += [self.text(value) for value in values]
        return self.enum_ids[key]

    def limit(self, limits):
        if not limits:
            return 0
        numbers = [limits[key] for key in ("min", "max", "step") if key in limits]
        scale = max((max(0, -number.normalize().as_tuple().exponent) for number in numbers), default=0)
        scaled = [int(limits.get(key, 0) * 10 ** scale) for key in ("min", "max", "step")]
        has = ("min" in limits) | ("max" in limits) << 1
        values = limits.get("enum", [])
        row = (*scaled, has, scale, SCOPES.index(limits.get("only")), self.text(limits.get("pattern", "")),
               self.enum(values) if values else 0, len(values), self.text(limits.get("source", "")))
        if row not in self.limit_ids:
            self.limit_ids[row] = len(self.limits)
            self.limits.append(row)
        return self.limit_ids[row]


def flag_bits(flags, names):
    return sum(1 << names.index(flag) for flag in flags)


def lay_out(service):
    """The rows of every table of a service, as tuples (numbers, comment)."""
    tables, numbers = Tables(), {name: index for index, name in enumerate(service["shapes"])}
    facts = [tables.text(value) for value in service["facts"].values()]
    shapes, members = [], []
    for name, shape in service["shapes"].items():
        first = count = wire = 0
        if shape["kind"] == "structure":
            first, count = len(members), len(shape["members"])
            for member, fact in shape["members"].items():
                flags = flag_bits(fact["flags"], MEMBER_FLAGS) | LOCATIONS.index(fact["location"]) << 8
                row = (tables.text(member), tables.text(fact["wire"]), tables.text(fact["query"]), numbers[fact["shape"]],
                       tables.limit(fact["limits"]), flags)
                members.append((row, f"{name}.{member}"))
        elif shape["kind"] == "list":
            first, wire = numbers[shape["element"]], tables.text(shape["element_wire"])
        elif shape["kind"] == "map":
            first, count = numbers[shape["value"]], numbers[shape["key"]]
        row = (tables.text(name), KINDS.index(shape["kind"]), flag_bits(shape["flags"], SHAPE_FLAGS), first, count, wire,
               tables.limit(shape["limits"]))
        shapes.append((row, name))
    operations = []
    for name, fact in service["operations"].items():
        row = (tables.text(name), *(numbers[fact[way]] + 1 if fact[way] else 0 for way in ("input", "output")),
               tables.text(fact["method"]), tables.text(fact["uri"]), tables.text(fact["wrapper"]), *(tables.text(fact["pages"][key]) for key in PAGES))
        operations.append((row, name))
    if max(len(shapes), len(members), len(tables.texts), len(tables.enums), len(tables.limits)) > 65535:
        raise Problem(f"{service['facts']['name']}: too large for 16-bit numbers")
    return tables, facts, operations, shapes, members


def c_literal(text):
    # A question mark is escaped against trigraphs; octal has no digits that could follow on.
    pieces = []
    for byte in text.encode():
        character = chr(byte)
        pieces.append("\\" + character if character in '"\\?' else character if 0x20 <= byte < 0x7F else "\\%03o" % byte)
    return "".join(pieces)


def pack_texts(texts):
    """(chunks of the pool, (offset, length) of every text); no text crosses the end of a chunk, whose last byte is NUL."""
    chunks, places, used = [""], [], 0
    for text in texts:
        size = len(text.encode())
        if size > CHUNK - 1:
            raise Problem(f"a text of {size} bytes: {text[:60]}")
        if used + size > CHUNK - 1:
            chunks.append("")
            used = 0
        places.append(((len(chunks) - 1) * CHUNK + used, size))
        chunks[-1] += text
        used += size
    return chunks, places


def c_chunk(chunk, width=120):
    """A literal of a chunk over several lines; an escape is never cut."""
    lines, line = [], ""
    for piece in re.findall(r"\\[0-7]{3}|\\.|.", c_literal(chunk)):
        if len(line) + len(piece) > width:
            lines.append(line)
            line = ""
        line += piece
    lines.append(line)
    return "\n".join(f'        "{each}"' for each in lines)


def c_number(value):
    return str(value) if -2**31 < value < 2**31 else f"INT64_C({value})" if value > -2**63 else "INT64_MIN"


def c_rows(kind, name, rows):
    """An array of rows; ISO C has no empty arrays, so that an empty table gets one row of zeros that no index reaches."""
    lines = [f"static const {kind} {name}[] = {{\n"]
    for numbers, comment in rows or [((0,), "")]:
        row = ", ".join(c_number(number) for number in numbers)
        lines.append(f"    {{{row}}}," + (f" /* {comment} */" if comment else "") + "\n")
    return "".join(lines) + "};\n\n"


def c_list(kind, name, numbers):
    lines = [f"static const {kind} {name}[] = {{\n"]
    numbers = numbers or [0]
    for start in range(0, len(numbers), 20):
        lines.append("    " + ", ".join(str(number) for number in numbers[start:start + 20]) + ",\n")
    return "".join(lines) + "};\n\n"


def c_name(service):
    return service.replace("-", "_")


def render_service(service, version):
    tables, facts, operations, shapes, members = lay_out(service)
    chunks, places = pack_texts(tables.texts)
    limits = [((0,) * 10, "none")] + [(row, "") for row in tables.limits[1:]]
    fields = ", ".join(f".{key} = {number}" if key != "protocol" else f".protocol = {PROTOCOLS.index(service['facts'][key])}"
                       for key, number in zip(service["facts"], facts))
    pool = ",\n".join(c_chunk(chunk) for chunk in chunks)
    return "".join([
        HEADER.format(version=version), '#include "schema/schema_tables.h"\n\n',
        f"static const char pool[][{CHUNK}] = {{\n{pool},\n}};\n\n",
        c_rows("SchemaTextRow", "texts", [(place, "") for place in places]),
        c_list("uint16_t", "enums", tables.enums),
        c_rows("SchemaLimitsRow", "limits", limits),
        c_rows("SchemaMemberRow", "members", members),
        c_rows("SchemaShapeRow", "shapes", shapes),
        c_rows("SchemaOperationRow", "operations", operations),
        f"const SchemaService schema_service_{c_name(service['facts']['name'])} = {{\n",
        "    .pool = pool, .texts = texts, .enums = enums, .limits = limits, .members = members, .shapes = shapes, .operations = operations,\n",
        f"    .shape_count = {len(shapes)}, .operation_count = {len(operations)},\n    {fields},\n}};\n",
    ])


def render_services(names, version):
    rows = "".join(f"SCHEMA_SERVICE({c_name(name)})\n" for name in sorted(names))
    return HEADER.format(version=version) + "/* Every service, by the order of its name. */\n" + rows


def render_all(models, overlay, version, notes):
    """{file name: text} of everything that is generated."""
    files = {"schema_services.def": render_services(models, version)}
    for name, model in models.items():
        service = build_service(name, model, overlay, notes)
        text = render_service(service, version)
        if describe(read_service(text)) != describe(service):
            raise Problem(f"{name}: the tables do not say what the model says")
        files[f"schema_data_{c_name(name)}.c"] = text
    return files


# ---------------------------------------------------------------- reading tables back

def read_table(text, name):
    body = re.search(r"static const \w+ %s\[\](?:\[\d+\])? = \{\n(.*?)^\};" % name, text, re.M | re.S)[1]
    body = re.sub(r"/\*.*?\*/", "", body).replace("INT64_MIN", str(-2**63))
    body = re.sub(r"INT64_C\((-?\d+)\)", r"\1", body)
    return [tuple(int(number) for number in row.split(",")) for row in re.findall(r"\{([^}]*)\}", body)]


def read_pool(text):
    body = re.search(r"static const char pool\[\]\[\d+\] = \{\n(.*?)^\};", text, re.M | re.S)[1]
    def plain(escape):
        return bytes([int(escape[1], 8)]) if len(escape[1]) == 3 else escape[1]
    pool = b""
    for chunk in re.split(rb",\n(?=\s+\"|\Z)", body.encode()):
        joined = b"".join(re.findall(rb'^\s*"(.*)"$', chunk, re.M))
        if joined or not pool:
            pool += re.sub(rb"\\([0-7]{3}|.)", plain, joined).ljust(CHUNK, b"\0")
    return pool


def read_service(text):
    """What a generated file says, in the form of build_service."""
    pool = read_pool(text)
    texts = [pool[offset:offset + size].decode() for offset, size in read_table(text, "texts")]
    enums = [int(number) for number in re.search(r"enums\[\] = \{(.*?)\};", text, re.S)[1].replace("\n", "").split(",") if number.strip()]
    limit_rows, member_rows, shape_rows = (read_table(text, name) for name in ("limits", "members", "shapes"))
    fields = dict(re.findall(r"\.(\w+) = (\d+)", text[text.index("const SchemaService schema_service_"):]))
    facts = {key: texts[int(fields[key])] for key in ("name", "api_version", "target_prefix", "json_version", "endpoint_prefix", "signing_name",
                                                     "global_endpoint", "xml_namespace", "query_mode")}
    facts["protocol"] = PROTOCOLS[int(fields["protocol"])]
    names = [texts[row[0]] for row in shape_rows]

    def read_limits(number):
        if not number:
            return {}
        low, high, step, has, scale, scope, pattern, first, count, source = limit_rows[number]
        unit = Decimal(10) ** -scale
        found = {"min": low * unit if has & 1 else None, "max": high * unit if has & 2 else None, "step": step * unit or None,
                 "pattern": texts[pattern] or None, "enum": [texts[each] for each in enums[first:first + count]] or None,
                 "source": texts[source] or None, "only": SCOPES[scope]}
        return {key: value for key, value in found.items() if value is not None}

    def read_member(row):
        flags = [flag for bit, flag in enumerate(MEMBER_FLAGS) if row[5] >> bit & 1]
        return texts[row[0]], {"shape": names[row[3]], "wire": texts[row[1]], "query": texts[row[2]], "flags": flags,
                               "location": LOCATIONS[row[5] >> 8], "limits": read_limits(row[4])}

    shapes = {}
    for name, kind, flags, first, count, wire, limits in shape_rows:
        shape = {"kind": KINDS[kind], "flags": [flag for bit, flag in enumerate(SHAPE_FLAGS) if flags >> bit & 1], "limits": read_limits(limits)}
        if shape["kind"] == "structure":
            shape["members"] = dict(read_member(row) for row in member_rows[first:first + count])
        elif shape["kind"] == "list":
            shape.update(element=names[first], element_wire=texts[wire])
        elif shape["kind"] == "map":
            shape.update(value=names[first], key=names[count])
        shapes[texts[name]] = shape
    operations = {}
    for name, given, taken, method, uri, wrapper, *pages in read_table(text, "operations"):
        operations[texts[name]] = {"input": names[given - 1] if given else None, "output": names[taken - 1] if taken else None,
                                   "method": texts[method], "uri": texts[uri], "wrapper": texts[wrapper],
                                   "pages": {key: texts[number] for key, number in zip(PAGES, pages)}}
    return {"facts": facts, "operations": operations, "shapes": shapes}


# ---------------------------------------------------------------- in words

def say_limits(limits):
    words = []
    if "min" in limits or "max" in limits:
        low, high = (format(limits[key].normalize(), "f") if key in limits else "" for key in ("min", "max"))
        words.append(f"{low}..{high}" + (f" by {limits['step'].normalize():f}" if "step" in limits else ""))
    words += [f"pattern {limits['pattern']}"] if "pattern" in limits else []
    words += ["one of " + " ".join(limits["enum"])] if "enum" in limits else []
    words += [f"(only {limits['only']})"] if "only" in limits else []
    return words + ([f"[{limits['source']}]"] if "source" in limits else [])


def describe(service):
    """{what: what is said about it}: one entry for each operation, shape and member, so that two of them can be compared."""
    said = {"service " + key: value for key, value in service["facts"].items()}
    for name, fact in service["operations"].items():
        said["operation " + name] = f"{fact['input']} -> {fact['output']} {fact['method']} {fact['uri']} {fact['wrapper']}".rstrip()
        if fact["pages"]["input"]:
            said["operation " + name] += " pages " + " ".join(f"{key} {value}" for key, value in fact["pages"].items() if value)
    for name, shape in service["shapes"].items():
        words = [shape["kind"], *shape["flags"]]
        words += [f"{key} {shape[key]}" for key in ("element", "element_wire", "key", "value") if shape.get(key)]
        said["shape " + name] = " ".join(words + say_limits(shape["limits"]))
        for member, fact in shape.get("members", {}).items():
            words = [fact["shape"], *fact["flags"]]
            words += [f"in {fact['location']}"] if fact["location"] else []
            words += [f"wire {fact['wire']}"] if fact["wire"] != member else []
            words += [f"query {fact['query']}"] if fact["query"] != fact["wire"] else []
            said[f"member {name}.{member}"] = " ".join(words + say_limits(fact["limits"]))
    return said


def main():
    parser = argparse.ArgumentParser(description="Writes the AWS schema tables from botocore's service models.")
    parser.add_argument("--out", default=SCHEMA, help="the folder to write into (schema/)")
    parser.add_argument("--lenient", action="store_true", help="note what this botocore lacks instead of ending")
    parser.add_argument("--list", metavar="SERVICE", help="print what is known of one service instead")
    options = parser.parse_args()
    try:
        version, models = load_models()
        notes, overlay = Notes(options.lenient), read_overlay()
        if options.list:
            service = build_service(options.list, models[options.list], overlay, notes)
            for what, said in describe(service).items():
                print(f"{what}: {said}")
            return 0
        files = render_all(models, overlay, version, notes)
    except (Problem, ImportError) as problem:
        print(f"generate_schema.py: {problem}", file=sys.stderr)
        return 1
    for name in os.listdir(options.out):
        if name.startswith("schema_data_") and name not in files:
            os.remove(os.path.join(options.out, name))
    for name, text in files.items():
        with open(os.path.join(options.out, name), "w", encoding="ascii", newline="\n") as file:
            file.write(text)
    for note in notes:
        print(f"note: {note}")
    print(f"{len(files)} files from botocore {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
