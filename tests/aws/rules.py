"""What AWS refuses and botocore's models do not say: ranges, names, and members that must fit together.

Sources: the prose of the service models ([B]), cfn-lint's rules ([C]), AWS's documentation ([D]).
A check looks at one call; `folder` checks look at the documents of one service together.
"""

import json
import re

from documents import Finding, creation, has_unknown, parse_json, pointer_of, service_model

# (service, shape, member) -> (least, most): [B] unless noted
RANGES = {
    ("ecs", "PortMapping", "containerPort"): (1, 65535),
    ("ecs", "PortMapping", "hostPort"): (0, 65535),
    ("ecs", "LoadBalancer", "containerPort"): (1, 65535),
    ("ecs", "ServiceRegistry", "containerPort"): (1, 65535),
    ("ecs", "ServiceRegistry", "port"): (1, 65535),
    ("ecs", "ServiceConnectClientAlias", "port"): (1, 65535),
    ("ecs", "HealthCheck", "interval"): (5, 300),
    ("ecs", "HealthCheck", "timeout"): (2, 60),
    ("ecs", "HealthCheck", "retries"): (1, 10),
    ("ecs", "HealthCheck", "startPeriod"): (0, 300),
    ("ecs", "ContainerDefinition", "startTimeout"): (2, 120),
    ("ecs", "ContainerDefinition", "stopTimeout"): (2, 120),
    ("ecs", "ContainerDefinition", "memory"): (6, 122880),
    ("ecs", "ContainerRestartPolicy", "restartAttemptPeriod"): (60, 1800),
    ("ecs", "EphemeralStorage", "sizeInGiB"): (21, 200),
    ("ecs", "EFSVolumeConfiguration", "transitEncryptionPort"): (0, 65535),
    ("ecs", "DeploymentConfiguration", "bakeTimeInMinutes"): (0, 1440),
    ("ecs", "CanaryConfiguration", "canaryPercent"): (0.1, 100),
    ("ecs", "CanaryConfiguration", "canaryBakeTimeInMinutes"): (0, 1440),
    ("ecs", "LinearConfiguration", "stepPercent"): (3, 100),
    ("ecs", "LinearConfiguration", "stepBakeTimeInMinutes"): (0, 1440),
    ("ec2", "IpPermission", "FromPort"): (-1, 65535),
    ("ec2", "IpPermission", "ToPort"): (-1, 65535),
}

_ECS_NAME = "[A-Za-z0-9_-]{1,255}"
_ELB_NAME = "(?!-)(?!internal-)[A-Za-z0-9-]{1,32}(?<!-)"
_SG_TEXT = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"

# (service, shape, member) -> (pattern of the whole, what it should look like): [B]
NAMES = {
    ("ecs", "RegisterTaskDefinitionRequest", "family"): (_ECS_NAME, "at most 255 letters, digits, _ and -"),
    ("ecs", "ContainerDefinition", "name"): (_ECS_NAME, "at most 255 letters, digits, _ and -"),
    ("ecs", "CreateServiceRequest", "serviceName"): (_ECS_NAME, "at most 255 letters, digits, _ and -"),
    ("ecs", "CreateClusterRequest", "clusterName"): (_ECS_NAME, "at most 255 letters, digits, _ and -"),
    ("ecs", "Volume", "name"): (_ECS_NAME, "at most 255 letters, digits, _ and -"),
    ("ecs", "PortMapping", "name"): ("[a-z0-9_][a-z0-9_-]{0,63}", "at most 64 of a-z, 0-9, _, -, no leading -"),
    ("ecs", "RegisterTaskDefinitionRequest", "cpu"): (r"\d+", "CPU units as digits"),
    ("ecs", "RegisterTaskDefinitionRequest", "memory"): (r"\d+", "MiB as digits"),
    ("elbv2", "CreateTargetGroupInput", "Name"): (_ELB_NAME, "at most 32 letters, digits, -, none at the ends"),
    ("elbv2", "CreateLoadBalancerInput", "Name"): (_ELB_NAME, "at most 32 letters, digits, -, none at the ends"),
    ("elbv2", "Matcher", "HttpCode"): (r"[2-4]\d\d([-,][2-4]\d\d)*", "status codes from 200 to 499"),
    ("ec2", "CreateSecurityGroupRequest", "GroupName"): ("(?!sg-)" + _SG_TEXT, "EC2's characters, not sg-"),
    ("ec2", "CreateSecurityGroupRequest", "Description"): (_SG_TEXT, "at most 255 of EC2's characters"),
    ("cloudwatch", "PutDashboardInput", "DashboardName"): ("[A-Za-z0-9_-]{1,255}", "letters, digits, _ and -"),
}

# [B] ECS, "Task size"; MiB by CPU units
FARGATE = {
    256: {512, 1024, 2048}, 512: set(range(1024, 4097, 1024)), 1024: set(range(2048, 8193, 1024)),
    2048: set(range(4096, 16385, 1024)), 4096: set(range(8192, 30721, 1024)),
    8192: set(range(16384, 61441, 4096)), 16384: set(range(32768, 122881, 8192)),
}

RETENTION = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

_METRIC_FIELDS = ("MetricName", "Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "Unit")
_MATH_ID = re.compile("[a-z][A-Za-z0-9_]*")


class RuleChecker:
    """Collects findings for calls and for the documents of a service."""

    def __init__(self):
        self.findings, self.path = [], ""

    def say(self, pointer, message, path=None):
        self.findings.append(Finding(path or self.path, pointer, message))

    def check_call(self, call):
        """The tables above, then the checks of the operation."""
        self.path = call.document.path
        model = service_model(call.service)
        if call.operation not in model.operation_names or not isinstance(call.input, dict):
            return
        self._tables(call.service, model.operation_model(call.operation).input_shape, call.input, call.pointer)
        check = getattr(self, "check_" + re.sub("(?<!^)(?=[A-Z])", "_", call.operation).lower(), None)
        if check is not None:
            try:
                check(call.input, call.pointer)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # A shape that is wrong in itself is reported by the model's walk; this one says where it stopped.
                self.say(call.pointer, f"too malformed to check further: {error!r}")

    def _tables(self, service, shape, value, pointer):
        if shape.type_name == "list" and isinstance(value, list):
            for index, member in enumerate(value):
                self._tables(service, shape.member, member, pointer_of(pointer, index))
        if shape.type_name != "structure" or not isinstance(value, dict):
            return
        for key, member in value.items():
            if key not in shape.members:
                continue
            at = pointer_of(pointer, key)
            least, most = RANGES.get((service, shape.name, key), (None, None))
            if least is not None and isinstance(member, (int, float)) and not least <= member <= most:
                self.say(at, f"{member} is not from {least} to {most}")
            pattern, means = NAMES.get((service, shape.name, key), (None, None))
            if pattern and isinstance(member, str) and not has_unknown(member) and not re.fullmatch(pattern, member):
                self.say(at, f"{member!r} must be {means}")
            self._tables(service, shape.members[key], member, at)

    # -- ECS

    def check_register_task_definition(self, task, at):
        if "FARGATE" not in task.get("requiresCompatibilities", []):
            self.say(at, "requiresCompatibilities must contain FARGATE")
        if task.get("networkMode") != "awsvpc":
            self.say(at, "Fargate needs networkMode awsvpc")
        cpu, memory = int(task.get("cpu", 0)), int(task.get("memory", 0))
        if memory not in FARGATE.get(cpu, ()):
            self.say(at, f"Fargate has no size of {cpu} CPU units with {memory} MiB")
        containers = task["containerDefinitions"]
        names = [container.get("name") for container in containers]
        if not 1 <= len(containers) <= 10:
            self.say(f"{at}/containerDefinitions", f"{len(containers)} containers; a task has 1 to 10")
        if len(set(names)) != len(names) or None in names:
            self.say(f"{at}/containerDefinitions", "each container needs a name of its own")
        if not any(container.get("essential", True) for container in containers):
            self.say(f"{at}/containerDefinitions", "at least one container must be essential")
        for key, limit in (("cpu", cpu), ("memory", memory)):
            total = sum(container.get(key, 0) for container in containers)
            if total > limit:
                self.say(f"{at}/containerDefinitions", f"the containers' {key} is {total}, the task's {limit}")
        if len(json.dumps(task, separators=(",", ":")).encode()) > 65536:
            self.say(at, "a task definition has at most 64 KiB")
        volumes = [volume.get("name") for volume in task.get("volumes", [])]
        for index, container in enumerate(containers):
            self._container(task, container, f"{at}/containerDefinitions/{index}", names, volumes)
        self._no_cycle(containers, f"{at}/containerDefinitions")
        self._execution_role(task, containers, at)
        self._fargate_bans(task, at)

    def _container(self, task, container, at, names, volumes):
        if not container.get("image"):
            self.say(at, "a container needs an image")
        for index, mount in enumerate(container.get("mountPoints", [])):
            if mount.get("sourceVolume") not in volumes:
                self.say(f"{at}/mountPoints/{index}/sourceVolume", f"no volume is called {mount.get('sourceVolume')!r}")
        for index, entry in enumerate(container.get("dependsOn", [])):
            here, other = f"{at}/dependsOn/{index}", entry.get("containerName")
            if other not in names or other == container.get("name"):
                self.say(here, f"no other container is called {other!r}")
                continue
            target = task["containerDefinitions"][names.index(other)]
            if entry.get("condition") == "HEALTHY" and "healthCheck" not in target:
                self.say(here, f"{other} has no health check to be HEALTHY by")
            if entry.get("condition") in ("COMPLETE", "SUCCESS") and target.get("essential", True):
                self.say(here, f"{other} is essential and never {entry['condition']} while the task lives")
        if container.get("memory") and container.get("memoryReservation", 0) > container["memory"]:
            self.say(at, "memoryReservation is more than memory")
        for key in ("environment", "secrets"):
            keys = [entry.get("name") for entry in container.get(key, [])]
            if len(set(keys)) != len(keys):
                self.say(f"{at}/{key}", "a name stands twice")
        both = {entry.get("name") for entry in container.get("environment", [])} & {
            entry.get("name") for entry in container.get("secrets", [])}
        if both:
            self.say(f"{at}/secrets", f"{sorted(both)[0]} is in environment too")
        for index, mapping in enumerate(container.get("portMappings", [])):
            if mapping.get("hostPort") not in (None, mapping.get("containerPort")):
                self.say(f"{at}/portMappings/{index}/hostPort", "with awsvpc it equals containerPort")
        check = container.get("healthCheck")
        if check and check["command"][0] not in ("CMD", "CMD-SHELL"):
            self.say(f"{at}/healthCheck/command/0", "must be CMD or CMD-SHELL")
        self._log(container.get("logConfiguration"), f"{at}/logConfiguration")
        windows = task.get("runtimePlatform", {}).get("operatingSystemFamily", "LINUX").startswith("WINDOWS")
        for key in ("linuxParameters", "readonlyRootFilesystem", "user", "ulimits", "systemControls"):
            if windows and key in container:
                self.say(pointer_of(at, key), "not for Windows containers")

    def _log(self, log, at):
        if log is None:
            return
        if log.get("logDriver") not in ("awslogs", "splunk", "awsfirelens"):
            self.say(f"{at}/logDriver", "Fargate has awslogs, splunk and awsfirelens")
        if log.get("logDriver") == "awslogs":
            for key in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
                if key not in log.get("options", {}):
                    self.say(f"{at}/options", f"awslogs on Fargate needs {key}")

    def _no_cycle(self, containers, at):
        edges = {container.get("name"): [entry.get("containerName") for entry in container.get("dependsOn", [])]
                 for container in containers}
        done = set()
        while True:
            ready = {name for name in edges if name not in done and all(
                other in done or other not in edges for other in edges[name])}
            if not ready:
                break
            done |= ready
        if len(done) != len(edges):
            self.say(at, f"dependsOn goes round in a circle through {', '.join(sorted(set(edges) - done))}")

    def _execution_role(self, task, containers, at):
        needs = [container.get("name") for container in containers
                 if container.get("secrets") or ".dkr.ecr." in container.get("image", "")
                 or container.get("logConfiguration", {}).get("logDriver") == "awslogs"
                 or container.get("logConfiguration", {}).get("secretOptions")
                 or container.get("environmentFiles") or container.get("repositoryCredentials")]
        if needs and "executionRoleArn" not in task:
            self.say(at, f"container {needs[0]} needs an executionRoleArn (secrets, image, env file or logs)")

    def _fargate_bans(self, task, at):
        if "ipcMode" in task or task.get("pidMode", "task") != "task" or task.get("placementConstraints"):
            self.say(at, "Fargate takes no ipcMode, no placementConstraints, and only pidMode task")
        for index, container in enumerate(task["containerDefinitions"]):
            here = f"{at}/containerDefinitions/{index}"
            for key in ("privileged", "links", "hostname", "extraHosts", "dockerSecurityOptions", "disableNetworking",
                        "dnsServers", "dnsSearchDomains", "resourceRequirements"):
                if container.get(key):
                    self.say(pointer_of(here, key), "not on Fargate")
            for key in ("devices", "sharedMemorySize", "maxSwap", "swappiness"):
                if key in container.get("linuxParameters", {}):
                    self.say(f"{here}/linuxParameters/{key}", "not on Fargate")
            for index_, name in enumerate(container.get("linuxParameters", {}).get("capabilities", {}).get("add", [])):
                if name not in ("SYS_PTRACE",):
                    self.say(f"{here}/linuxParameters/capabilities/add/{index_}", "Fargate only adds SYS_PTRACE")

    def check_authorize_security_group_ingress(self, call, at):
        if "GroupId" not in call:
            self.say(at, "needs the GroupId of the group it opens")
        for index, permission in enumerate(call.get("IpPermissions", [{}])):
            here = f"{at}/IpPermissions/{index}"
            if not any(permission.get(key) for key in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")):
                self.say(here, "names nobody")
            if permission.get("IpProtocol") not in ("-1", "icmp", "icmpv6") and not (
                    permission.get("FromPort", -1) >= 0 and permission["FromPort"] <= permission.get("ToPort", -1)):
                self.say(here, "needs FromPort and ToPort, in that order")

    check_authorize_security_group_egress = check_authorize_security_group_ingress

    def check_create_service(self, service, at):
        if ("launchType" in service) == ("capacityProviderStrategy" in service):
            self.say(at, "takes either launchType or capacityProviderStrategy")
        strategy = service.get("capacityProviderStrategy", [])
        if strategy and not any(entry.get("weight", 0) > 0 for entry in strategy):
            self.say(f"{at}/capacityProviderStrategy", "some weight must be above 0")
        if sum(1 for entry in strategy if entry.get("base", 0) > 0) > 1:
            self.say(f"{at}/capacityProviderStrategy", "only one provider has a base")
        if service.get("schedulingStrategy", "REPLICA") != "REPLICA":
            self.say(f"{at}/schedulingStrategy", "Fargate is REPLICA only")
        vpc = service.get("networkConfiguration", {}).get("awsvpcConfiguration")
        if not vpc or not vpc.get("subnets"):
            self.say(at, "awsvpc needs networkConfiguration with subnets")
        elif len(vpc["subnets"]) > 16 or len(vpc.get("securityGroups", [])) > 5:
            self.say(f"{at}/networkConfiguration", "at most 16 subnets and 5 security groups")
        if service.get("role") or service.get("placementConstraints") or service.get("placementStrategy"):
            self.say(at, "Fargate takes no role, placementConstraints or placementStrategy")
        if len(service.get("loadBalancers", [])) > 5:
            self.say(f"{at}/loadBalancers", "at most 5 target groups")
        if service.get("enableECSManagedTags") and service.get("propagateTags", "NONE") == "NONE":
            self.say(at, "enableECSManagedTags needs propagateTags")
        if "healthCheckGracePeriodSeconds" in service and not (
                service.get("loadBalancers") or service.get("vpcLatticeConfigurations")):
            self.say(f"{at}/healthCheckGracePeriodSeconds", "only with a load balancer")
        self._deployment(service, service.get("deploymentConfiguration", {}), f"{at}/deploymentConfiguration")

    def _deployment(self, service, deployment, at):
        strategy = deployment.get("strategy", "ROLLING")
        least, most = deployment.get("minimumHealthyPercent", 100), deployment.get("maximumPercent", 200)
        if strategy == "ROLLING" and least >= 100 and most <= 100:
            self.say(at, "minimum and maximum of 100 leave no room to deploy")
        if most <= 100 and service.get("availabilityZoneRebalancing") != "DISABLED":
            self.say(at, "maximumPercent of 100 or less needs availabilityZoneRebalancing DISABLED")
        for key, only in (("canaryConfiguration", "CANARY"), ("linearConfiguration", "LINEAR")):
            if key in deployment and strategy != only:
                self.say(f"{at}/{key}", f"only with strategy {only}")
        if strategy == "BLUE_GREEN" and "bakeTimeInMinutes" not in deployment:
            self.say(at, "BLUE_GREEN needs bakeTimeInMinutes")
        if strategy != "ROLLING" and not service.get("serviceConnectConfiguration") and not all(
                "advancedConfiguration" in entry for entry in service.get("loadBalancers", [{}])):
            self.say(at, f"{strategy} needs advancedConfiguration on each load balancer")

    # -- load balancing

    def check_create_target_group(self, group, at):
        if group.get("TargetType") != "ip":
            self.say(at, "Fargate needs TargetType ip")
        if group.get("HealthCheckTimeoutSeconds", 5) >= group.get("HealthCheckIntervalSeconds", 30):
            self.say(at, "the health check's timeout must be less than its interval")
        if group.get("Protocol") in ("HTTP", "HTTPS") and group.get("HealthCheckProtocol", "HTTP") == "TCP":
            self.say(f"{at}/HealthCheckProtocol", "an HTTP target group has no TCP health check")

    def check_modify_target_group_attributes(self, call, at):
        for index, entry in enumerate(call.get("Attributes", [])):
            key, value = entry.get("Key"), entry.get("Value", "")
            here = f"{at}/Attributes/{index}/Value"
            if key == "deregistration_delay.timeout_seconds" and not 0 <= int(value) <= 3600:
                self.say(here, "from 0 to 3600")
            if key == "slow_start.duration_seconds" and not (int(value) == 0 or 30 <= int(value) <= 900):
                self.say(here, "0, or from 30 to 900")

    def check_create_rule(self, rule, at):
        values = 0
        for index, condition in enumerate(rule.get("Conditions", [])):
            here = f"{at}/Conditions/{index}"
            if "Field" not in condition:
                self.say(here, "a condition needs its Field")
            for key, config in condition.items():
                found = config if isinstance(config, list) else config.get("Values", []) if isinstance(config, dict) else []
                values += len(found)
                for text in found:
                    if isinstance(text, str) and len(text) > 128:
                        self.say(pointer_of(here, key), "a value has at most 128 characters")
        if not 1 <= values <= 5 and not any("Regex" in json.dumps(entry) for entry in rule.get("Conditions", [])):
            self.say(f"{at}/Conditions", f"{values} values; a rule has 1 to 5")
        self._actions(rule.get("Actions", []), f"{at}/Actions")

    def check_create_listener(self, listener, at):
        if listener.get("Protocol") == "HTTPS" and not listener.get("Certificates"):
            self.say(at, "HTTPS needs a certificate")
        self._actions(listener.get("DefaultActions", []), f"{at}/DefaultActions")

    def _actions(self, actions, at):
        if not actions:
            self.say(at, "at least one action")
        for index, action in enumerate(actions):
            groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
            if action.get("Type") == "forward" and not groups and "TargetGroupArn" not in action:
                self.say(f"{at}/{index}", "forward needs a target group")
            if len(groups) > 5 or any(not 0 <= group.get("Weight", 1) <= 999 for group in groups):
                self.say(f"{at}/{index}", "at most 5 target groups, with weights from 0 to 999")
        if actions and actions[-1].get("Type") not in ("forward", "redirect", "fixed-response"):
            self.say(at, "the last action must be forward, redirect or fixed-response")

    # -- CloudWatch, logs, scaling

    def check_put_metric_alarm(self, alarm, at):
        if "EvaluationCriteria" in alarm:
            self._promql_alarm(alarm, at)
            return
        metrics, single = alarm.get("Metrics"), [key for key in _METRIC_FIELDS if key in alarm]
        if bool(metrics) == bool(single):
            self.say(at, "either a metric or Metrics")
        if not metrics and ("Statistic" in alarm) == ("ExtendedStatistic" in alarm):
            self.say(at, "either Statistic or ExtendedStatistic")
        points = alarm.get("EvaluationPeriods", 1)
        if alarm.get("DatapointsToAlarm", points) > points:
            self.say(f"{at}/DatapointsToAlarm", "more than EvaluationPeriods")
        if metrics:
            self._metrics(metrics, f"{at}/Metrics", 10, band=alarm.get("ThresholdMetricId"))
        periods = [alarm.get("Period")] + [
            query.get("Period") or query.get("MetricStat", {}).get("Period") for query in metrics or []]
        for period in filter(None, periods):
            if period not in (10, 20, 30) and period % 60:
                self.say(at, f"a period of {period} s: 10, 20, 30 or whole minutes")
            if period * points > (86400 if period < 3600 else 604800):
                self.say(at, f"{points} periods of {period} s are too long a time")
        if alarm.get("TreatMissingData", "missing") not in ("breaching", "notBreaching", "ignore", "missing"):
            self.say(f"{at}/TreatMissingData", "breaching, notBreaching, ignore or missing")
        self._alarm_actions(alarm, at)
        if "ComparisonOperator" not in alarm or ("Threshold" in alarm) == ("ThresholdMetricId" in alarm):
            self.say(at, "needs ComparisonOperator and one of Threshold and ThresholdMetricId")

    def _alarm_actions(self, alarm, at):
        for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            if len(alarm.get(key, [])) > 5:
                self.say(pointer_of(at, key), "at most 5 actions")
            for index, text in enumerate(alarm.get(key, [])):
                if not text.startswith("arn:") and not has_unknown(text):
                    self.say(f"{at}/{key}/{index}", f"{text!r} is no ARN")

    def _promql_alarm(self, alarm, at):
        """An alarm over a PromQL query says how often it runs, and nothing that judges points."""
        points = (*_METRIC_FIELDS, "Metrics", "Threshold", "ThresholdMetricId", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm")
        for key in points:
            if key in alarm:
                self.say(pointer_of(at, key), "not together with EvaluationCriteria")
        interval = alarm.get("EvaluationInterval", 0)
        if interval not in (10, 20, 30) and (interval % 60 or not 60 <= interval <= 3600):
            self.say(f"{at}/EvaluationInterval", "10, 20, 30 or whole minutes up to an hour")
        self._alarm_actions(alarm, at)

    def _metrics(self, metrics, at, most, band=None):
        names = [query.get("Id") for query in metrics]
        if len(set(names)) != len(names):
            self.say(at, "an Id stands twice")
        for key in ("MetricStat", "Expression"):
            count = sum(key in query for query in metrics)
            if count > most:
                self.say(at, f"{count} of {key}; at most {most}")
        # the band of an anomaly alarm returns data beside what it is a band of
        returned = [query for query in metrics if query.get("ReturnData", True) and (band is None or query.get("Id") != band)]
        if len(returned) != 1:
            self.say(at, f"{len(returned)} of the metrics return data; exactly one must")
        for index, query in enumerate(metrics):
            here = f"{at}/{index}"
            if not _MATH_ID.fullmatch(query.get("Id", "")):
                self.say(f"{here}/Id", "starts with a small letter; letters, digits and _")
            if ("Expression" in query) == ("MetricStat" in query):
                self.say(here, "either Expression or MetricStat")
            # Strings and functions out, what is left of small-letter words are ids.
            text = re.sub(r"'[^']*'|\"[^\"]*\"", "", query.get("Expression", ""))
            for word in re.findall(r"(?<![A-Za-z0-9_.])[a-z][A-Za-z0-9_]*(?!\w|\()", text):
                if word not in names:
                    self.say(f"{here}/Expression", f"no metric has the Id {word}")

    def check_put_dashboard(self, dashboard, at):
        body = parse_json(dashboard["DashboardBody"])
        for index, widget in enumerate(body["widgets"]):
            here = f"{at}/DashboardBody (widget {index})"
            if widget["type"] not in ("metric", "text", "log", "alarm", "explorer"):
                self.say(here, f"{widget['type']!r} is no kind of widget")
            if not (1 <= widget.get("width", 6) <= 24 and 1 <= widget.get("height", 6) <= 1000):
                self.say(here, "width from 1 to 24, height from 1 to 1000")
            if widget.get("x", 0) + widget.get("width", 6) > 24:
                self.say(here, "stands outside the grid of 24 columns")
            if widget["type"] == "metric" and not {"metrics", "annotations"} & set(widget["properties"]):
                self.say(here, "a metric widget needs metrics or an alarm")
            if widget["type"] == "metric" and "region" not in widget["properties"]:
                self.say(here, "a metric widget needs a region")

    def check_put_retention_policy(self, call, at):
        if call.get("retentionInDays") not in RETENTION:
            self.say(at, f"CloudWatch Logs keeps no {call.get('retentionInDays')} days")

    def check_register_scalable_target(self, target, at):
        if target.get("ServiceNamespace") != "ecs" or target.get("ScalableDimension") != "ecs:service:DesiredCount":
            self.say(at, "an ECS service scales ecs:service:DesiredCount")
        if target.get("MinCapacity", 0) > target.get("MaxCapacity", 0):
            self.say(at, "MinCapacity is more than MaxCapacity")
        self._resource_id(target, at)

    def check_put_scaling_policy(self, policy, at):
        self._resource_id(policy, at)
        given = {"StepScaling": "StepScalingPolicyConfiguration",
                 "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
                 "PredictiveScaling": "PredictiveScalingPolicyConfiguration"}
        for kind, key in given.items():
            if (policy.get("PolicyType") == kind) != (key in policy):
                self.say(at, f"{key} stands with PolicyType {kind} and only there")
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        if tracking and ("PredefinedMetricSpecification" in tracking) == ("CustomizedMetricSpecification" in tracking):
            self.say(at, "takes one metric: predefined or customized")
        metrics = tracking.get("CustomizedMetricSpecification", {}).get("Metrics")
        if metrics:
            self._metrics(metrics, f"{at}/TargetTrackingScalingPolicyConfiguration/CustomizedMetricSpecification/Metrics", 10)
        known = tracking.get("PredefinedMetricSpecification", {})
        label = "ResourceLabel" in known
        if known and label != (known.get("PredefinedMetricType") == "ALBRequestCountPerTarget"):
            self.say(at, "ResourceLabel stands with ALBRequestCountPerTarget and only there")
        self._steps(policy.get("StepScalingPolicyConfiguration", {}).get("StepAdjustments", []),
                    f"{at}/StepScalingPolicyConfiguration/StepAdjustments")

    def _steps(self, steps, at):
        low = [step.get("MetricIntervalLowerBound", float("-inf")) for step in steps]
        high = [step.get("MetricIntervalUpperBound", float("inf")) for step in steps]
        ranges = sorted(zip(low, high))
        for (_, end), (start, _) in zip(ranges, ranges[1:]):
            if end != start:
                self.say(at, f"a gap or an overlap between {end} and {start}")
        if any(start >= end for start, end in ranges):
            self.say(at, "a step's lower bound must be below its upper bound")

    def check_put_scheduled_action(self, action, at):
        self._resource_id(action, at)
        if not re.fullmatch(r"(cron|rate|at)\(.+\)", action.get("Schedule", "")):
            self.say(f"{at}/Schedule", "must look like cron(…), rate(…) or at(…)")

    def _resource_id(self, value, at):
        text = value.get("ResourceId", "")
        if not has_unknown(text) and not re.fullmatch(r"service/[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}", text):
            self.say(f"{at}/ResourceId", f"{text!r} must look like service/CLUSTER/SERVICE")

    # -- documents of one service together

    def check_folder(self, documents):
        """`documents`: those of one service's folder."""
        by_name = {document.path.split("/", 1)[1]: document for document in documents if "/" in document.path}
        task, service = by_name.get("task-definition.json"), by_name.get("service.json")
        if service and not task:
            self.say("", "a service without a task definition", service.path)
        if task and service:
            self._service_and_task(service, task.value.get("containerDefinitions", []))
        for document in documents:
            if document.path.endswith(".role.json"):
                self._role(document, by_name)
            if document.path.endswith(".policy.json") and not any(
                    other.path == document.path.replace(".policy.json", ".trust.json") for other in documents):
                self.say("", "a policy without the trust policy of its role", document.path)

    def _service_and_task(self, service, containers):
        ports = {(container.get("name"), mapping.get("containerPort"))
                 for container in containers for mapping in container.get("portMappings", [])}
        names = {mapping.get("name") for container in containers for mapping in container.get("portMappings", [])}
        for index, entry in enumerate(service.value.get("loadBalancers", [])):
            if (entry.get("containerName"), entry.get("containerPort")) not in ports:
                self.say(f"/loadBalancers/{index}", "the task definition has no such container and port", service.path)
        connect = service.value.get("serviceConnectConfiguration", {}).get("services", [])
        for index, entry in enumerate(connect):
            if entry.get("portName") not in names:
                self.say(f"/serviceConnectConfiguration/services/{index}", "no port has this name", service.path)

    def _role(self, document, by_name):
        text = creation(document).get("AssumeRolePolicyDocument")
        trust = by_name.get(document.path.split("/", 1)[1].replace(".role.json", ".trust.json"))
        if trust is not None and isinstance(text, str):
            try:
                same = parse_json(text) == trust.value
            except ValueError as error:
                self.say("/AssumeRolePolicyDocument", f"not valid JSON: {error}", document.path)
                return
            if not same:
                self.say("/AssumeRolePolicyDocument", f"differs from {trust.path}", document.path)
