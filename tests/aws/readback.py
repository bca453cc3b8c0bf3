"""What `svc build` says, looked for in an account with boto3.

Every document is the input of operations (documents.py); each member that was sent must be found in what AWS describes of the resource,
under its name, whatever AWS adds. References are filled in from the account. Three things differ rightly: the image, which is live
by its digest; the revision behind a family; and the six characters at the end of a secret's ARN.
"""

import json
import os
import re
from urllib.parse import unquote

import check_plan
import documents

# Members of an input that no description has: what they ask for is a member elsewhere, or was only for the call.
NOT_DESCRIBED = {"TagSpecifications", "taskDefinition", "clientToken", "deploymentController", "schedulingStrategy", "GroupId", "TargetGroupArn", "LoadBalancerArn",
                 "ListenerArn", "Overwrite", "filterPattern"}
# Operations that are judged by what is not there.
GONE = {"RevokeSecurityGroupEgress"}
# operation -> the member of a description in which its own are, beside the ones that stand anywhere in it
INSIDE = {"AuthorizeSecurityGroupIngress": "IpPermissions", "AuthorizeSecurityGroupEgress": "IpPermissionsEgress"}


def parsed(value):
    """Documents within documents, as IAM and dashboards have them."""
    if isinstance(value, str) and value[:1] in "{%":
        try:
            return json.loads(unquote(value))
        except ValueError:
            return value
    return value


def same_text(wanted, found):
    if wanted == found:
        return True
    image = r"(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$"
    if "@sha256:" in found and re.sub(image, "", wanted) == re.sub(image, "", found):
        return True
    return found.startswith("arn:") and re.sub(r"-[A-Za-z0-9?]{6}(?=$|:)", "", found) == re.sub(r"-[A-Za-z0-9?]{6}(?=$|:)", "", wanted)


def any_case(found, key):
    return next((found[name] for name in (key, key[:1].upper() + key[1:], key[:1].lower() + key[1:]) if name in found), None)


def missing(wanted, found, pointer=""):
    """What of `wanted` is not in `found`."""
    wanted, found = parsed(wanted), parsed(found)
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return [f"{pointer}: {found!r}, not an object"]
        return [problem for key, value in wanted.items() if key not in NOT_DESCRIBED and value not in ([], {}, "")
                for problem in missing(value, any_case(found, key), f"{pointer}/{key}")]
    if isinstance(wanted, list):
        if not isinstance(found, list):
            return [f"{pointer}: {found!r}, not a list"]
        return [f"{pointer}/{place}: {json.dumps(item)[:300]} is not in {json.dumps(found, default=str)[:600]}"
                for place, item in enumerate(wanted) if not any(not missing(item, other) for other in found)]
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(found, (int, float)):
        return [] if wanted == found else [f"{pointer}: {found!r}, not {wanted!r}"]
    return [] if same_text(str(wanted), str(found)) else [f"{pointer}: {found!r}, not {wanted!r}"]


def described(account, resource):
    """One object with what AWS says of it; tags in both spellings."""
    found = check_plan.DESCRIBE[resource["kind"]](account, resource)
    flat = {}
    for key, value in found.items():
        flat.update(value if isinstance(value, dict) and key in ("LoadBalancer", "TargetGroup", "Listener", "Rule", "Role", "taskDefinition", "Parameter") else {key: value})
    return flat


def named(account, value):
    """What a description calls otherwise than the input, or answers elsewhere."""
    for own, other in (("Name", "TargetGroupName"), ("Name", "LoadBalancerName"), ("cluster", "clusterArn")):
        if other in value:
            value[own] = value[other].split("/")[-1]
    if "LoadBalancerName" in value:
        value["Subnets"] = [zone["SubnetId"] for zone in value["AvailabilityZones"]]
    if "ScalableTargetARN" in value:
        value["Tags"] = account.client("application-autoscaling").list_tags_for_resource(ResourceARN=value["ScalableTargetARN"])["Tags"]
    return value


def check_call(call, found):
    if call.operation in GONE:
        return [f"{call.operation}: {item} is there" for item in call.input["IpPermissions"] if not missing(item, found["IpPermissionsEgress"])]
    if call.operation in INSIDE:
        rules = found.get("SecurityGroupRules")
        if rules is not None:  # a rule with tags is a resource of its own
            return [] if len(rules) == 1 and all(missing_rule(item, rules[0]) == [] for item in call.input["IpPermissions"]) else [f"{call.operation}: {rules}"]
        return missing(call.input["IpPermissions"], split(found[INSIDE[call.operation]]), f"/{call.operation}")
    return missing(call.input, found, f"/{call.operation}")


def split(permissions):
    """AWS joins those of the same ports, and adds ids."""
    return [{key: value for key, value in item.items() if value != []} for item in permissions]


def missing_rule(wanted, rule):
    pairs = wanted.get("UserIdGroupPairs", [])
    referenced = [{"ReferencedGroupInfo": {"GroupId": pair["GroupId"]}, "Description": pair["Description"]} for pair in pairs]
    plain = {key: value for key, value in wanted.items() if key in ("FromPort", "ToPort", "IpProtocol")}
    return missing(plain, rule) + (missing_group(referenced[0], rule) if referenced else [])


def missing_group(wanted, rule):
    return [] if rule.get("ReferencedGroupInfo", {}).get("GroupId") == wanted["ReferencedGroupInfo"]["GroupId"] else [f"the rule is for {rule}"]


def check_policy(path, value, found):
    if path.endswith(".trust.json"):
        return missing(value, found["AssumeRolePolicyDocument"], "/trust")
    return [] if any(parsed(policy) == value for policy in found["policies"].values()) else [f"the policies are {found['policies']}"]


def check(directory, account):
    """(how many documents were compared, problems) of a folder of `svc build` and an account in which references can be found."""
    loaded, findings = documents.load(directory)
    problems, count = [str(finding) for finding in findings], 0
    with open(os.path.join(directory, documents.MANIFEST), encoding="utf-8") as stream:
        files = {entry["path"]: entry for entry in json.load(stream)["files"] if entry.get("resource")}
    for document in loaded:
        entry = files.get(document.path)
        if not entry or document.kind not in ("call", "trust", "policy"):
            continue
        resource = {"id": entry["resource"], "kind": entry["kind"], "name": entry["name"]}
        try:
            found = named(account, described(account, resource))
        except Exception as error:  # it is not there, in whatever words
            problems.append(f"{document.path}: {error!r}")
            continue
        count += 1
        if document.kind != "call":
            problems += [f"{document.path}: {problem}" for problem in check_policy(document.path, account.fill(document.value), found)]
        for call in documents.calls(document):
            call.input = account.fill(call.input)
            problems += [f"{document.path}: {problem}" for problem in check_call(call, found)]
    return count, problems
