"""A whole account read back with boto3 into one dict that can be compared with another's.

    before = read_account(aws)
    …
    for line in differences(before, read_account(aws)): print(line)

What AWS makes up is not in it: dates and request ids are dropped, ids and ARNs are replaced by names (`{group:web}`), what has no order is sorted.
Revisions of a task definition are counted among the ACTIVE ones, the newest 1, so that a registration made twice shows as one revision
more, and one that was deregistered does not show. Stopped tasks, events and deployments that are over do not show either.
"""

import datetime
import json
import re

VOLATILE = {"ResponseMetadata", "events", "createdBy", "registeredBy", "RoleId", "CreateDate", "RoleLastUsed", "StateReason",
            "StateReasonData", "StateValue", "storedBytes", "creationTime", "SecurityGroupRuleId", "SecurityGroupRuleArn", "OwnerId", "UserId",
            "CanonicalHostedZoneId", "DNSName", "LastModifiedUser", "Version", "currentServiceDeployment", "currentServiceRevisions", "taskSets",
            "runningCount", "pendingCount", "requiresAttributes", "RuleArn", "ARN", "Size", "ScalableTargetARN", "CreationDate",
            "LastModificationDate", "metricFilterCount", "logGroupArn", "statistics", "activeServicesCount", "runningTasksCount", "pendingTasksCount",
            "registeredContainerInstancesCount", "attachments", "taskDefinitionArn", "revision"}
# Lists whose order says nothing.
UNORDERED = {"Tags", "tags", "environment", "secrets", "subnets", "securityGroups", "Dimensions", "AlarmActions", "OKActions",
             "InsufficientDataActions", "SecurityGroups", "AvailabilityZones", "Attributes", "capacityProviderStrategy", "capacityProviders",
             "settings", "UserIdGroupPairs", "IpRanges", "rules", "Alarms", "LoadBalancerArns"}
PARTS = ("clusters", "services", "task-definitions", "roles", "security-groups", "load-balancers", "target-groups", "alarms", "dashboards", "logs",
         "scaling", "schedules", "parameters", "secrets")


def pages(client, operation, key, **arguments):
    if client.can_paginate(operation):
        return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(key, [])]
    return getattr(client, operation)(**arguments).get(key, [])


def parts(items, size):
    return [items[start:start + size] for start in range(0, len(items), size)]


class Reader:
    """Reads one account in one region; `names` grows into the map from ids to names."""

    def __init__(self, aws, region):
        self.client = lambda service: aws.client(service, region=region)
        self.names = {}

    def clusters(self):
        ecs = self.client("ecs")
        arns = pages(ecs, "list_clusters", "clusterArns")
        found = [item for part in parts(arns, 100)
                 for item in ecs.describe_clusters(clusters=part, include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"]]
        self.cluster_arns = [item["clusterArn"] for item in found]
        for item in found:
            self.names[item["clusterArn"]] = f"{{cluster:{item['clusterName']}}}"
        return {item["clusterName"]: item for item in found}

    def services(self):
        ecs, answer = self.client("ecs"), {}
        for cluster in self.cluster_arns:
            arns = pages(ecs, "list_services", "serviceArns", cluster=cluster)
            for part in parts(arns, 10):
                for item in ecs.describe_services(cluster=cluster, services=part, include=["TAGS"])["services"]:
                    item["deployments"] = [{key: one.get(key) for key in ("status", "rolloutState", "taskDefinition", "desiredCount")}
                                           | {"running": one["runningCount"]} for one in item["deployments"]]
                    item.pop("roleArn", None)
                    self.names[item["serviceArn"]] = f"{{service:{item['serviceName']}}}"
                    answer[f"{cluster.split('/')[-1]}/{item['serviceName']}"] = item
        return answer

    def task_definitions(self):
        ecs, answer, families = self.client("ecs"), {}, {}
        for arn in pages(ecs, "list_task_definitions", "taskDefinitionArns", status="ACTIVE"):
            families.setdefault(arn.split("/")[-1].split(":")[0], []).append(arn)
        for family, arns in families.items():
            for place, arn in enumerate(sorted(arns, key=lambda arn: -int(arn.split(":")[-1])), 1):
                found = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
                self.names[arn] = f"{{definition:{family}:{place}}}"
                answer[f"{family}:{place}"] = found["taskDefinition"] | {"tags": found.get("tags", [])}
        return answer

    def roles(self):
        iam, answer = self.client("iam"), {}
        for role in pages(iam, "list_roles", "Roles"):
            name = role["RoleName"]
            whole = iam.get_role(RoleName=name)["Role"]
            whole["policies"] = {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                                 for policy in pages(iam, "list_role_policies", "PolicyNames", RoleName=name)}
            whole["attached"] = sorted(item["PolicyArn"] for item in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name))
            answer[name] = whole
        return answer

    def security_groups(self):
        ec2, answer = self.client("ec2"), {}
        for group in pages(ec2, "describe_security_groups", "SecurityGroups"):
            name = group["GroupName"] if group["GroupName"] != "default" else f"default of {group['VpcId']}"
            self.names[group["GroupId"]] = f"{{group:{name}}}"
            answer[name] = {key: group.get(key) for key in ("GroupName", "Description", "VpcId")} | {"Tags": group.get("Tags", []), "rules": []}
            for rule in pages(ec2, "describe_security_group_rules", "SecurityGroupRules",
                              Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}]):
                answer[name]["rules"].append({key: value for key, value in rule.items() if key != "Tags" or value})
        return answer

    def load_balancers(self):
        elb, answer = self.client("elbv2"), {}
        for balancer in pages(elb, "describe_load_balancers", "LoadBalancers"):
            arn, name = balancer["LoadBalancerArn"], balancer["LoadBalancerName"]
            self.names[arn] = f"{{balancer:{name}}}"
            self.names[arn.split(":loadbalancer/")[-1]] = f"{{balancer-label:{name}}}"
            balancer["Attributes"] = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
            balancer["Tags"] = self.elb_tags(arn)
            balancer["listeners"] = {}
            for listener in pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn):
                self.names[listener["ListenerArn"]] = f"{{listener:{name}:{listener['Port']}}}"
                rules = pages(elb, "describe_rules", "Rules", ListenerArn=listener["ListenerArn"])
                for rule in rules:
                    self.names[rule["RuleArn"]] = f"{{rule:{name}:{listener['Port']}:{rule['Priority']}}}"
                    rule["Tags"] = self.elb_tags(rule["RuleArn"]) if not rule["IsDefault"] else []
                listener["Tags"] = self.elb_tags(listener["ListenerArn"])
                listener["ByPriority"] = {rule["Priority"]: rule for rule in rules}
                balancer["listeners"][str(listener["Port"])] = listener
            answer[name] = balancer
        return answer

    def elb_tags(self, arn):
        return self.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]

    def target_groups(self):
        elb, answer = self.client("elbv2"), {}
        for group in pages(elb, "describe_target_groups", "TargetGroups"):
            arn, name = group["TargetGroupArn"], group["TargetGroupName"]
            self.names[arn] = f"{{target-group:{name}}}"
            self.names[arn.split(":")[-1]] = f"{{target-group-label:{name}}}"
            group["Attributes"] = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
            group["Tags"] = self.elb_tags(arn)
            states = [item["TargetHealth"]["State"] for item in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]]
            group["targets"] = {state: states.count(state) for state in sorted(set(states))}
            answer[name] = group
        return answer

    def alarms(self):
        watch, answer = self.client("cloudwatch"), {}
        for kind in ("MetricAlarm", "CompositeAlarm"):
            for alarm in pages(watch, "describe_alarms", kind + "s", AlarmTypes=[kind]):
                name = alarm["AlarmName"]
                if name.startswith("TargetTracking-"):  # its name ends in an id
                    name = re.sub(r"-[0-9a-f-]{36}$", "", name)
                    alarm["AlarmName"], alarm["AlarmActions"] = name, []
                self.names[alarm["AlarmArn"]] = f"{{alarm:{name}}}"
                alarm["Tags"] = watch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
                answer[name] = alarm
        return answer

    def dashboards(self):
        watch = self.client("cloudwatch")
        names = [item["DashboardName"] for item in pages(watch, "list_dashboards", "DashboardEntries")]
        return {name: json.loads(watch.get_dashboard(DashboardName=name)["DashboardBody"]) for name in names}

    def logs(self):
        logs, answer = self.client("logs"), {}
        for group in pages(logs, "describe_log_groups", "logGroups"):
            name = group["logGroupName"]
            group["filters"] = {item["filterName"]: item for item in pages(logs, "describe_metric_filters", "metricFilters", logGroupName=name)}
            group["tags"] = logs.list_tags_log_group(logGroupName=name)["tags"]
            answer[name] = group
        return answer

    def scaling(self):
        client = self.client("application-autoscaling")
        answer = {}
        for target in pages(client, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"):
            resource = target["ResourceId"]
            policies = pages(client, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs", ResourceId=resource)
            for policy in policies:
                self.names[policy["PolicyARN"]] = f"{{policy:{resource}:{policy['PolicyName']}}}"
                policy["Alarms"] = len(policy["Alarms"])
            target["policies"] = {policy["PolicyName"]: policy for policy in policies}
            target["actions"] = {item["ScheduledActionName"]: item for item in pages(
                client, "describe_scheduled_actions", "ScheduledActions", ServiceNamespace="ecs", ResourceId=resource)}
            answer[f"{resource} {target['ScalableDimension']}"] = target
        return answer

    def schedules(self):
        client = self.client("scheduler")
        return {f"{item['GroupName']}/{item['Name']}": without(client.get_schedule(Name=item["Name"], GroupName=item["GroupName"]), "Arn")
                for item in pages(client, "list_schedules", "Schedules")}

    def parameters(self):
        client = self.client("ssm")
        found = pages(client, "get_parameters_by_path", "Parameters", Path="/", Recursive=True, WithDecryption=True)
        return {item["Name"]: {"Type": item["Type"], "Value": item["Value"]} for item in found}

    def secrets(self):
        return {item["Name"]: {"Tags": item.get("Tags", [])} for item in pages(self.client("secretsmanager"), "list_secrets", "SecretList")}


def without(value, *keys):
    return {key: item for key, item in value.items() if key not in keys}


def sorting_key(item):
    """What is made up at random does not decide, unless nothing else does."""
    text = json.dumps(item, sort_keys=True)
    return re.sub(r"\b[a-z]+-[0-9a-f]{8,17}\b", "", text), text


def canonical(value, names, key=""):
    """Without what is volatile, with names for ids, sorted where order says nothing."""
    if isinstance(value, dict):
        return {str(name): canonical(item, names, name) for name, item in sorted(value.items(), key=lambda pair: str(pair[0]))
                if name not in VOLATILE and not isinstance(item, datetime.datetime)}
    if isinstance(value, list):
        items = [canonical(item, names) for item in value]
        return sorted(items, key=sorting_key) if key in UNORDERED else items
    if isinstance(value, str):
        for found, name in names:
            if found in value:
                value = value.replace(found, name)
    return value


def read_account(aws, only=PARTS, region="eu-west-1"):
    """The account as one dict, by part and name. `only`: the parts that are wanted; ids of others stay as they are."""
    reader = Reader(aws, region)
    if "services" in only and "clusters" not in only:
        reader.clusters()
    raw = {part: getattr(reader, part.replace("-", "_"))() for part in only}
    names = sorted(reader.names.items(), key=lambda pair: -len(pair[0]))
    return {part: canonical(value, names) for part, value in raw.items()}


def differences(before, after, path=""):
    """Lines that say what differs, by path; none when the two are equal."""
    if isinstance(before, dict) and isinstance(after, dict):
        lines = []
        for key in sorted(before.keys() | after.keys()):
            place = f"{path}/{key}"
            if key not in after:
                lines.append(f"{place}: gone, it was {json.dumps(before[key], default=str)[:200]}")
            elif key not in before:
                lines.append(f"{place}: new, {json.dumps(after[key], default=str)[:200]}")
            else:
                lines += differences(before[key], after[key], place)
        return lines
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [line for number, pair in enumerate(zip(before, after)) for line in differences(*pair, f"{path}/{number}")]
    return [] if before == after else [f"{path}: {json.dumps(before, default=str)} became {json.dumps(after, default=str)}"]
