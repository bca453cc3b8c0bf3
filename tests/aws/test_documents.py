#!/usr/bin/env python3
"""The checker itself: what is valid passes, and each single wrong fact is found, at its place."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check_documents  # noqa: E402
import documents  # noqa: E402
import members  # noqa: E402
import samples  # noqa: E402
import shapes  # noqa: E402

TASK, SERVICE = "web/task-definition.json", "web/service.json"
ALARM, GROUP, RULE = "web/alarms/errors.json", "web/target-groups/app.json", "web/listener-rules/app.json"
POLICY, TRUST, ROLE = "web/iam/task.policy.json", "web/iam/task.trust.json", "web/iam/task.role.json"
CONTAINER = "/containerDefinitions/0"


def assign(value, pointer, new):
    """Sets, or with `...` removes, the member at a JSON pointer."""
    *parents, last = pointer[1:].replace("~1", "\0").split("/")
    for key in parents:
        value = value[int(key) if isinstance(value, list) else key.replace("\0", "/")]
    last = int(last) if isinstance(value, list) and last != "-" else last.replace("\0", "/")
    if new is ...:
        del value[last]
    elif last == "-":
        value.append(new)
    else:
        value[last] = new


# (document, pointer that is changed, new value, part of the finding)
BROKEN = (
    # enums, ranges, lengths and patterns of the model
    (SERVICE, "/propagateTags", "NONSENSE", "/propagateTags: 'NONSENSE' is none of"),
    (SERVICE, "/launchType", "NONSENSE", "/launchType: 'NONSENSE' is none of"),
    (GROUP, "/CreateTargetGroup/Port", 70000, "/CreateTargetGroup/Port: 70000 is more than the 65535"),
    (GROUP, "/CreateTargetGroup/HealthCheckIntervalSeconds", 301, "is more than the 300"),
    (RULE, "/Priority", 60000, "/Priority: 60000 is more than the 50000"),
    (RULE, "/Priority", 0, "/Priority: 0 is less than the 1"),
    (ROLE, "/RoleName", "x" * 65, "65 characters is more than the 64"),
    (ROLE, "/RoleName", "bad role name", "does not match"),
    (ROLE, "/RoleName", "bad\n", "does not match"),
    (ALARM, "/AlarmName", "x" * 256, "256 characters is more than the 255"),
    (ALARM, "/EvaluationPeriods", 0, "0 is less than the 1"),
    (SERVICE, "/desiredCount", 1 << 40, "does not fit 32 bits"),
    ("web/logs/app.json", "/CreateLogGroup/logGroupName", "a b", "does not match"),
    ("web/exports/url.json", "/Type", "Text", "'Text' is none of"),
    ("web/schedules/nightly.json", "/Name", "x" * 65, "65 characters is more than the 64"),
    # types, unknown and missing members
    (SERVICE, "/desiredCount", "2", "must be an integer, not a string"),
    (SERVICE, "/desiredCount", True, "must be an integer, not a boolean"),
    (SERVICE, "/desiredCount", None, "null stands for nothing"),
    (SERVICE, "/desiredCounts", 2, "/desiredCounts: CreateServiceRequest has no member"),
    (TASK, "/family", ..., "needs the member family"),
    (TASK, CONTAINER + "/portMappings", {}, "must be a list, not an object"),
    (GROUP, "/CreateTargetGroups", {}, "CreateTargetGroupInput has no member CreateTargetGroups"),
    ("web/logs/app.json", "/PutRetentionPolicy/logGroupName", ..., "needs the member logGroupName"),
    (SERVICE, "/cluster", "svc:unknown:nothing", "an unknown is written"),
    # ranges and names that only prose has
    (TASK, "/family", "x" * 256, "at most 255"),
    (TASK, "/memory", "512", "Fargate has no size of 512 CPU units with 512 MiB"),
    (TASK, "/networkMode", "bridge", "Fargate needs networkMode awsvpc"),
    (TASK, CONTAINER + "/portMappings/0/containerPort", 70000, "70000 is not from 1 to 65535"),
    (TASK, CONTAINER + "/portMappings/0/hostPort", 80, "with awsvpc it equals containerPort"),
    (TASK, CONTAINER + "/portMappings/0/name", "-http", "no leading -"),
    (TASK, CONTAINER + "/stopTimeout", 121, "121 is not from 2 to 120"),
    (TASK, CONTAINER + "/healthCheck/interval", 301, "301 is not from 5 to 300"),
    (TASK, CONTAINER + "/healthCheck/command/0", "true", "must be CMD or CMD-SHELL"),
    (TASK, CONTAINER + "/mountPoints/0/sourceVolume", "var", "no volume is called 'var'"),
    (TASK, CONTAINER + "/dependsOn", [{"containerName": "no", "condition": "START"}], "no other container is called 'no'"),
    (TASK, CONTAINER + "/essential", False, "at least one container must be essential"),
    (TASK, CONTAINER + "/privileged", True, "/privileged: not on Fargate"),
    (TASK, CONTAINER + "/cpu", 1024, "the containers' cpu is 1024, the task's 512"),
    (TASK, CONTAINER + "/environment/-", {"name": "TOKEN", "value": "x"}, "TOKEN is in environment too"),
    (TASK, CONTAINER + "/environment/-", {"name": "LOG_LEVEL", "value": "x"}, "a name stands twice"),
    (TASK, CONTAINER + "/logConfiguration/logDriver", "journald", "awslogs, splunk and awsfirelens"),
    (TASK, CONTAINER + "/logConfiguration/options/awslogs-region", ..., "awslogs on Fargate needs awslogs-region"),
    (TASK, "/executionRoleArn", ..., "needs an executionRoleArn"),
    (SERVICE, "/launchType", "FARGATE", "either launchType or capacityProviderStrategy"),
    (SERVICE, "/capacityProviderStrategy/0/weight", 0, "some weight must be above 0"),
    (SERVICE, "/propagateTags", "NONE", "enableECSManagedTags needs propagateTags"),
    (SERVICE, "/deploymentConfiguration/maximumPercent", 100, "no room to deploy"),
    (SERVICE, "/deploymentConfiguration/canaryConfiguration", {"canaryPercent": 5}, "only with strategy CANARY"),
    (SERVICE, "/loadBalancers/0/containerPort", 8001, "the task definition has no such container and port"),
    (GROUP, "/CreateTargetGroup/Name", "-web", "at most 32 letters"),
    (GROUP, "/CreateTargetGroup/HealthCheckTimeoutSeconds", 30, "must be less than its interval"),
    (GROUP, "/ModifyTargetGroupAttributes/Attributes/0/Value", "3601", "from 0 to 3600"),
    (RULE, "/Conditions/0/PathPatternConfig/Values", list("abcdef"), "6 values; a rule has 1 to 5"),
    (RULE, "/Actions/0/ForwardConfig/TargetGroups/0/Weight", 1000, "weights from 0 to 999"),
    ("shared/listeners/edge-443.json", "/Certificates", ..., "HTTPS needs a certificate"),
    ("shared/load-balancers/edge.json", "/CreateLoadBalancer/Name", "x" * 33, "at most 32 letters"),
    ("web/security-groups/task.json", "/CreateSecurityGroup/GroupName", "sg-web", "not sg-"),
    ("web/security-groups/task.json", "/AuthorizeSecurityGroupIngress/IpPermissions/0/ToPort", 70000, "is not from -1"),
    ("web/security-groups/redis.json", "/AuthorizeSecurityGroupIngress/GroupId", ..., "needs the GroupId"),
    ("web/security-groups/redis.json", "/AuthorizeSecurityGroupIngress/IpPermissions/0/UserIdGroupPairs", ..., "names nobody"),
    ("web/security-groups/redis.json", "/AuthorizeSecurityGroupIngress/IpPermissions/0/ToPort", ..., "FromPort and ToPort"),
    ("web/iam/execution.role.json", "/CreateRole/AssumeRolePolicyDocument", "{}", "differs from web/iam/execution.trust.json"),
    ("web/iam/execution.role.json", "/AttachRolePolicy/0/RoleName", "a b", "/AttachRolePolicy/0/RoleName: 'a b' does not"),
    (ALARM, "/DatapointsToAlarm", 6, "more than EvaluationPeriods"),
    (ALARM, "/Metrics/1/ReturnData", True, "2 of the metrics return data"),
    (ALARM, "/Metrics/1/MetricStat/Period", 45, "a period of 45 s"),
    (ALARM, "/Metrics/0/Expression", "m / x", "no metric has the Id x"),
    (ALARM, "/MetricName", "x", "either a metric or Metrics"),
    (ALARM, "/AlarmActions/0", "oncall", "'oncall' is no ARN"),
    ("web/logs/app.json", "/PutRetentionPolicy/retentionInDays", 31, "keeps no 31 days"),
    ("web/scaling/target.json", "/MinCapacity", 11, "MinCapacity is more than MaxCapacity"),
    ("web/scaling/target.json", "/ResourceId", "web-prod", "must look like service/CLUSTER/SERVICE"),
    ("web/scaling/cpu.json", "/PolicyType", "StepScaling", "stands with PolicyType"),
    ("web/scaling/steps.json", "/StepScalingPolicyConfiguration/StepAdjustments/1/MetricIntervalLowerBound", 30, "a gap"),
    ("web/scaling/schedules/night.json", "/Schedule", "0 22 * * *", "must look like cron("),
    ("web/dashboard.json", "/DashboardBody", '{"widgets": [{"type": "metric", "width": 25, "properties": {}}]}', "width from 1"),
    ("web/dashboard.json", "/DashboardName", "web prod", "letters, digits, _ and -"),
    # IAM
    (POLICY, "/Version", "2008-10-17", '"Version": "2012-10-17"'),
    (POLICY, "/Statement/0/Effect", "Permit", "Effect is Allow or Deny"),
    (POLICY, "/Statement/0/Action/0", "s3:GetObjekt", "s3 has no such action"),
    (POLICY, "/Statement/0/Action/0", "s4:GetObject", "IAM knows no service s4"),
    (POLICY, "/Statement/0/Action/0", "GetObject", "is no action"),
    (POLICY, "/Statement/0/Resource/0", "shop-bucket", "'shop-bucket' is no ARN"),
    (POLICY, "/Statement/0/Resource", [], "must be a list of at least one string"),
    (POLICY, "/Statement/1/Resource/0", "arn:aws:ecr:us-east-1:123456789012:repository/x", 'only allowed on "*"'),
    (POLICY, "/Statement/-", {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}, "allows s3:* on every resource"),
    (POLICY, "/Statement/0/Resources", ["*"], "svc writes no statements with Resources"),
    (POLICY, "/Statement/0/Principal", {"AWS": "*"}, "a permission policy has no Principal"),
    (POLICY, "/Statement/0/Resource", [f"arn:aws:s3:::{n:0120}/*" for n in range(80)], "more than the 10240 that IAM"),
    (TRUST, "/Statement/0/Principal", {"Service": "ecs"}, "is no service principal"),
    (TRUST, "/Statement/0/Condition", {"StringMatches": {"aws:SourceAccount": "1"}}, "is no condition operator"),
    (ROLE, "/AssumeRolePolicyDocument", "{}", "differs from web/iam/task.trust.json"),
    (ROLE, "/AssumeRolePolicyDocument", "{", "not valid JSON"),
    # the template
    ("template.json", "/Resources/A", {"Ref": "svc:unknown:web/task-definition#Arn"}, "never an unknown"),
)

# (pointer in the manifest, new value, part of the finding); entry 0 is shared/clusters/shop.json
BROKEN_MANIFEST = (
    ("/files/0/digest", "0" * 64, "the SHA-256 of shared/clusters/shop.json is"),
    ("/files/0/digest", "abc", "must be 64 hex digits"),
    ("/files/0/path", "shared/clusters/none.json", "does not exist"),
    ("/files/0/path", "../x.json", "must be a path below the output directory"),
    ("/files/0", ..., "not listed in the manifest"),
    ("/files/1", "x", "must be a path"),
    ("/files/0/sources", [], "names no line behind"),
    ("/files/0/sources", [{"file": "a.svc", "line": 0}], "must be a line, from 1"),
    ("/files/0/resource", "", "must name a resource"),
    ("/files/0/unknowns", [{"pointer": "/x", "resource": "a", "attribute": "B"}], "has no unknown a#B at /x"),
    ("/files/1/unknowns", [], "the manifest does not list the unknown"),
    ("/format_version", 2, "must be 1"),
)


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # One checker for all tests: models, patterns and IAM's actions are read once.
        cls.checker = check_documents.DocumentChecker()

    def findings(self, values, change=None):
        with tempfile.TemporaryDirectory() as directory:
            samples.write_all(directory, values)
            if change is not None:
                change(directory)
            return [str(finding) for finding in self.checker.check(directory)]

    def assert_found(self, found, part, context):
        self.assertTrue(any(part in finding for finding in found), f"{context}: {part!r} is not in {found}")

    def test_valid_documents_pass(self):
        self.assertEqual([], self.findings(samples.documents()))
        self.assertEqual(set(), self.checker.shapes.patterns.skipped)

    def test_each_operation_of_the_layout_exists(self):
        for service, operation in [*documents.FILES.values(), *documents.FOLDERS.values()]:
            self.assertIn(operation, documents.service_model(service).operation_names)

    def test_each_wrong_fact_is_found(self):
        for path, pointer, new, part in BROKEN:
            with self.subTest(path=path, pointer=pointer, part=part):
                values = samples.documents()
                assign(values[path], pointer, new)
                found = self.findings(values)
                self.assert_found(found, part, pointer)
                self.assertTrue(any(path in finding for finding in found), found)

    def test_each_wrong_manifest_is_found(self):
        for pointer, new, part in BROKEN_MANIFEST:
            def change(directory, pointer=pointer, new=new):
                manifest = samples.manifest(directory, samples.documents())
                assign(manifest, pointer, new)
                samples.write(directory, "manifest.json", manifest)
            with self.subTest(pointer=pointer, part=part):
                self.assert_found(self.findings(samples.documents(), change), part, pointer)

    def test_an_entry_listed_twice_is_found(self):
        def change(directory):
            manifest = samples.manifest(directory, samples.documents())
            manifest["files"].append(manifest["files"][0])
            samples.write(directory, "manifest.json", manifest)
        self.assert_found(self.findings(samples.documents(), change), "is listed twice", "manifest")

    def test_a_missing_manifest_is_found(self):
        found = self.findings(samples.documents(), lambda directory: os.remove(f"{directory}/manifest.json"))
        self.assert_found(found, "the manifest is missing", "manifest")

    def test_a_file_at_an_unknown_place_is_found(self):
        values = samples.documents()
        values["web/target-group/app.json"] = {}
        self.assert_found(self.findings(values), "no AWS operation is known", "place")

    def test_two_containers_that_wait_for_each_other_are_found(self):
        values = samples.documents()
        containers = values[TASK]["containerDefinitions"]
        containers[0]["dependsOn"] = [{"containerName": "side", "condition": "START"}]
        containers.append({"name": "side", "image": "x", "dependsOn": [{"containerName": "app", "condition": "START"}]})
        self.assert_found(self.findings(values), "goes round in a circle through app, side", "dependsOn")

    def test_text_that_is_not_strict_json_is_found(self):
        for text, part in (("{", "not valid JSON"), ('{"a": 1, "a": 2}', "stands twice"), ('{"a": NaN}', "NaN is not JSON"),
                           ("[]", "must be an object")):
            def change(directory, text=text):
                with open(f"{directory}/web/rollout.json", "w", encoding="utf-8") as stream:
                    stream.write(text)
            with self.subTest(text=text):
                self.assert_found(self.findings(samples.documents(), change), part, text)

    def test_unknowns_satisfy_enums_and_patterns(self):
        values = samples.documents()
        values[ROLE]["RoleName"] = "svc:unknown:web/role/task#RoleName"
        values[SERVICE]["propagateTags"] = "svc:unknown:web/x#Tags"
        self.assertEqual([], self.findings(values))

    def test_the_command(self):
        with tempfile.TemporaryDirectory() as directory:
            samples.write_all(directory, samples.documents())
            self.assertEqual((0, ""), self.run_command([directory], "0 findings"))
            samples.write(directory, "web/rollout.json", {"format_version": 2})
            self.assertEqual((1, ""), self.run_command([directory], "manifest.json#/files"))
        self.assertEqual(64, self.run_command([], "")[0])
        self.assertEqual(64, self.run_command(["/nonexistent"], "")[0])

    def run_command(self, arguments, part):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = check_documents.main(arguments)
        self.assertIn(part, out.getvalue())
        return status, err.getvalue()


class Patterns(unittest.TestCase):
    def test_java_syntax_is_translated(self):
        patterns = shapes.Patterns()
        tags = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"
        self.assertTrue(patterns.accepts(tags, "größe 1"))
        self.assertFalse(patterns.accepts(tags, "a{b}"))
        xml = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"
        self.assertTrue(patterns.accepts(xml, "a😀"))
        self.assertFalse(patterns.accepts(xml, "a\x01"))
        self.assertTrue(patterns.accepts(r"\p{Print}+", "abc"))
        self.assertFalse(patterns.accepts(r"\p{Print}+", "a\tb"))
        self.assertEqual(set(), patterns.skipped)

    def test_what_python_cannot_express_is_counted(self):
        patterns = shapes.Patterns()
        self.assertTrue(patterns.accepts("[a-z&&[^x]]", "x"))
        self.assertEqual({"[a-z&&[^x]]"}, patterns.skipped)


class Members(unittest.TestCase):
    def test_each_exclusion_names_a_member_that_exists(self):
        rows = list(members.all_members())
        for prefix, subtree, reason in members.EXCLUDED:
            self.assertTrue(reason)
            self.assertTrue(any(prefix == other and members.is_below(path, subtree) for other, path, _, _ in rows),
                            f"{prefix}:{subtree}")

    def test_leaves_are_written_with_brackets(self):
        paths = {f"{prefix}:{path}" for prefix, path, _, _ in members.all_members()}
        self.assertIn("task:containerDefinitions[].dockerLabels{}", paths)
        self.assertIn("task:containerDefinitions[].healthCheck.command[]", paths)
        self.assertNotIn("task:containerDefinitions[]", paths)


if __name__ == "__main__":
    unittest.main()
