#!/usr/bin/env python3
"""The checks of examples, renaming, runbook and coverage: that they pass what is right and find what is wrong."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check_examples  # noqa: E402
import check_rename  # noqa: E402
import check_runbook  # noqa: E402
import examples  # noqa: E402
import members  # noqa: E402
import samples  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FAKE = os.path.join(HERE, "fake_svc.py")

EXAMPLE = """# a comment about service app
project little-shop
environment prod    { account "123456789012"; region us-east-1 }
environment staging { account "222222222222"; region us-east-1 }
param tag git_sha

service corner-store is cpu {
  container till { image ecr "till" tag tag }
  route edge "/*" to till 8000
  alarm cpu when cpu > 85% for 5m
  in staging { without alarm cpu }
}
"""


def load_tool(name):
    """A program of tools/ as a module."""
    path = os.path.join(examples.ROOT, "tools", name)
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class WithExample(unittest.TestCase):
    """Runs a check over a repository that has one example, and the fake svc."""

    def run_main(self, main, text=EXAMPLE, name="shop.svc", fault=None):
        with tempfile.TemporaryDirectory() as root:
            for folder in ("examples", "stdlib"):
                os.mkdir(os.path.join(root, folder))
            with open(os.path.join(root, "examples", name), "w", encoding="utf-8") as stream:
                stream.write(text)
            environment = {"FAKE_SVC_FAULT": fault} if fault else {}
            out = io.StringIO()
            with mock.patch.object(examples, "ROOT", root), mock.patch.dict(os.environ, environment), \
                    contextlib.redirect_stdout(out):
                status = main(["--svc", FAKE])
        return status, out.getvalue()


class Examples(WithExample):
    def test_a_right_example_passes(self):
        status, text = self.run_main(check_examples.main)
        self.assertEqual(0, status, text)
        self.assertRegex(text, r"\n8 passed, 0 failed\n$")

    def test_a_wrong_template_is_found(self):
        status, text = self.run_main(check_examples.main, fault="template")
        self.assertEqual(1, status)
        self.assertIn("FAILED shop.svc in prod: cfn-lint", text)
        self.assertIn("E3002", text)

    def test_a_missing_template_is_found(self):
        status, text = self.run_main(check_examples.main, fault="no-template")
        self.assertEqual((1, True), (status, "there is no template" in text), text)

    def test_no_example_is_a_failure(self):
        status, text = self.run_main(check_examples.main, name="readme.txt")
        self.assertEqual((1, True), (status, text.endswith("0 passed, 0 failed\n")))

    def test_aws_blocks_are_found_and_comments_and_strings_are_not(self):
        self.assertEqual(["line 2: an aws block"], check_examples.aws_blocks("service a {\n  aws task { cpu 1 }\n}\n"))
        self.assertEqual(["line 1: an aws block"], check_examples.aws_blocks("service a { aws { cpu 1 } }\n"))
        self.assertEqual([], check_examples.aws_blocks('# aws { x }\nabout "; aws { x }"\nlaws { }\n'))

    def test_lines_are_counted_by_service(self):
        self.assertEqual([], check_examples.too_long("a.svc", "service a { }\n" + "\n" * 59))
        self.assertTrue(check_examples.too_long("a.svc", "service a { }\n" + "\n" * 60))
        self.assertEqual([], check_examples.too_long("a.svc", "service a { }\nservice b { }\n" + "\n" * 118))
        self.assertTrue(check_examples.too_long("hello.svc", "service a { }\n" + "\n" * 11))
        self.assertEqual([], check_examples.too_long("hello.svc", "service a { }\n" + "\n" * 10))

    def test_what_a_file_declares_is_read(self):
        self.assertEqual(["prod", "staging"], examples.environments(EXAMPLE))
        self.assertEqual([None], examples.environments("# environment prod { }\n"))
        self.assertEqual("tag=4f3c", examples.settings(EXAMPLE)[1][:8])
        self.assertEqual(["--set", "tag=1"], examples.settings(EXAMPLE, ["tag=1"]))
        self.assertEqual([], examples.settings('param tag git_sha default "0123abc"\n'))


class Rename(WithExample):
    def test_a_right_example_passes(self):
        status, text = self.run_main(check_rename.main)
        self.assertEqual(0, status, text)
        self.assertTrue(text.endswith("5 passed, 0 failed\n"), text)

    def test_a_value_that_depends_on_a_name_is_found(self):
        status, text = self.run_main(check_rename.main, fault="name")
        self.assertEqual(1, status)
        self.assertIn("listener-rules/till.json/Priority", text)

    def test_names_are_renamed_where_they_are_names(self):
        names = check_rename.declared(EXAMPLE)
        self.assertEqual(["little-shop", "prod", "staging", "corner-store", "till", "cpu"], names)
        mapping = check_rename.new_names(names, EXAMPLE)
        text = check_rename.rename(EXAMPLE, mapping, {"cpu", "service"})
        self.assertEqual(len(EXAMPLE), len(text))
        self.assertIn(f"service {mapping['corner-store']} is cpu {{", text)
        self.assertIn(f"alarm {mapping['cpu']} when cpu > 85%", text)
        self.assertIn(f"in {mapping['staging']} {{ without alarm {mapping['cpu']} }}", text)
        self.assertIn(f'container {mapping["till"]} {{ image ecr "till"', text)
        self.assertIn(f'to {mapping["till"]} 8000', text)
        self.assertIn("# a comment about service app", text)
        for old, new in mapping.items():
            self.assertEqual(len(old), len(new))

    def test_names_are_put_back_in_every_spelling(self):
        mapping = check_rename.new_names(["corner-store"], "")
        new = mapping["corner-store"]
        joined = new.replace("-", "")
        text = f"{new}-x {new.replace('-', '_')} {''.join(part.capitalize() for part in new.split('-'))} {joined} {new[:9]}-0123abcd"
        self.assertEqual("corner-store-x corner_store CornerStore cornerstore corner-st-HASH",
                         check_rename.restore(text, mapping))

    def test_differences_say_where(self):
        self.assertEqual(["/a/1: 2 became 3"], check_rename.differences({"a": [1, 2]}, {"a": [1, 3]}))
        self.assertEqual(["/b: only after renaming"], check_rename.differences({}, {"b": 1}))


class Runbook(unittest.TestCase):
    WANTED = {"cpu": "1024", "taskRoleArn": "arn:aws:iam::1:role/Task", "containerDefinitions": [{
        "name": "api", "image": "1.dkr.ecr.x.amazonaws.com/v:latest", "command": ["a", "b"],
        "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
        "secrets": [{"name": "URL", "valueFrom": "arn:aws:secretsmanager:x:1:secret:v/m"}]}]}

    def missing(self, change):
        actual = {"family": "more", **self.WANTED, "taskRoleArn": "arn:aws:iam::1:role/svc/v/prod/Task", "containerDefinitions": [
            {"name": "xray"}, {**self.WANTED["containerDefinitions"][0], "image": "1.dkr.ecr.x.amazonaws.com/v:0123abc"}]}
        change(actual)
        return check_runbook.missing(self.WANTED, actual, lambda arn: arn.rsplit("/", 1)[-1])

    def test_what_contains_the_page_passes(self):
        self.assertEqual([], self.missing(lambda actual: None))

    def test_a_secret_may_have_its_suffix(self):
        def change(actual):
            container = actual["containerDefinitions"][1]
            container["secrets"] = [{"name": "URL", "valueFrom": container["secrets"][0]["valueFrom"] + "-??????"}]
        self.assertEqual([], self.missing(change))

    def test_each_difference_is_found(self):
        container = "containerDefinitions"
        for key, value, part in (("command", ["a"], "/command"), ("image", "2.dkr.ecr.x.amazonaws.com/v:1", "/image"),
                                 ("image", "1.dkr.ecr.x.amazonaws.com/v", "/image"), ("name", "app", "no entry like"),
                                 ("portMappings", [{"containerPort": 8000, "protocol": "udp"}], "/portMappings/0/protocol"),
                                 ("secrets", [{"name": "URL", "valueFrom": "v/m"}], "/secrets/0/valueFrom"),
                                 ("secrets", None, "no entry like")):
            with self.subTest(key=key, value=value):
                found = self.missing(lambda actual, k=key, v=value: actual[container][1].__setitem__(k, v))
                self.assertTrue(any(part in problem for problem in found), found)
        self.assertTrue(self.missing(lambda actual: actual.__setitem__("cpu", 1024)))
        self.assertTrue(self.missing(lambda actual: actual.__setitem__("taskRoleArn", "arn:aws:iam::1:role/Other")))
        self.assertTrue(self.missing(lambda actual: actual.pop("taskRoleArn")))

    def test_an_unknown_role_is_found_through_the_manifest(self):
        with tempfile.TemporaryDirectory() as out:
            samples.write_all(out, samples.documents())
            name = check_runbook.role_names(out)
            self.assertEqual("web-prod-task-us-east-1", name("svc:unknown:web/iam/task.role#Arn"))
            self.assertIsNone(name("svc:unknown:web/iam/other#Arn"))

    def test_account_and_region_come_from_the_environment(self):
        self.assertEqual(("222222222222", "us-east-1"), check_runbook.place(EXAMPLE, "staging"))
        self.assertIsNone(check_runbook.place(EXAMPLE, "dev"))


class Coverage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tool = load_tool("coverage")
        cls.every = {f"{prefix}:{path}" for prefix, path, _, _ in members.all_members()}

    def test_words_give_members(self):
        with mock.patch.dict(os.environ, {"FAKE_SVC_FAULT": "word"}):
            words, every, wrong = self.tool.vocabulary(FAKE, self.every)
        self.assertEqual("alarm", words["alarm:AlarmName"])
        self.assertEqual("healthy", words["service:deploymentConfiguration.maximumPercent"])
        self.assertEqual("healthy", words["service:deploymentConfiguration.minimumHealthyPercent"])
        self.assertEqual("pause", words["scaling-policy:StepScalingPolicyConfiguration.Cooldown"])
        self.assertEqual("command", words["task:containerDefinitions[].command[]"])
        self.assertNotIn("container", words.values())
        self.assertIn("cpu", every)
        self.assertEqual(["task:nothing (word wrong)"], wrong)

    def test_golden_cases_give_members(self):
        with tempfile.TemporaryDirectory() as cases:
            samples.write_all(os.path.join(cases, "emit", "web", "out"), samples.documents())
            shown = self.tool.golden_cases(cases)
        self.assertEqual("emit/web", shown["task:containerDefinitions[].healthCheck.interval"])
        self.assertEqual("emit/web", shown["task:containerDefinitions[].logConfiguration.options{}"])
        self.assertEqual("emit/web", shown["target-group:Matcher.HttpCode"])
        self.assertNotIn("task:containerDefinitions[].user", shown)
        self.assertLessEqual(set(shown), self.every)

    def test_a_wrong_line_of_the_table_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            table = os.path.join(folder, "table.txt")
            with open(table, "w", encoding="utf-8") as stream:
                stream.write("# comment\ntask:family  from (service)\ntask:famili  from (service)\n"
                             "task:cpu  from (servise)\ntask:memory\n")
            words, wrong = self.tool.derived(self.every, {"service"}, table)
        self.assertEqual({"task:family": "from (service)"}, words)
        self.assertEqual(3, len(wrong))

    def test_the_committed_table_names_members(self):
        with open(self.tool.DERIVED, encoding="utf-8") as stream:
            named = [line.partition("  ")[0] for line in stream if line.strip() and not line.startswith("#")]
        self.assertEqual(set(), set(named) - self.every)
        self.assertEqual(len(named), len(set(named)))
        excluded = {f"{prefix}:{path}" for prefix, path, _, reason in members.all_members() if reason}
        self.assertEqual(set(), set(named) & excluded)

    def run_tool(self, least, fault=""):
        with tempfile.TemporaryDirectory() as cases:
            samples.write_all(os.path.join(cases, "emit", "web", "out"), samples.documents())
            with mock.patch.multiple(self.tool, LEAST=least, DERIVED=os.devnull), contextlib.redirect_stdout(io.StringIO()) as out, \
                    mock.patch.dict(os.environ, {"FAKE_SVC_FAULT": fault}), contextlib.redirect_stderr(io.StringIO()) as err:
                status = self.tool.main(["--svc", FAKE, "--cases", cases, "--summary"])
        return status, out.getvalue(), err.getvalue()

    def test_the_figure_decides(self):
        accepted = sum(1 for _, _, _, reason in members.all_members() if not reason)
        # AlarmName, both percents and Cooldown have a word and stand in the sample; cpu and command stand nowhere
        status, text, _ = self.run_tool(90)
        self.assertIn(f"\n4 of {accepted} members have a word and a golden case: 1.0 %\n", text)
        self.assertEqual(1, status)
        self.assertEqual(0, self.run_tool(1)[0])

    def test_a_path_that_names_no_member_fails(self):
        status, _, text = self.run_tool(1, "word")
        self.assertEqual(1, status)
        self.assertIn("task:nothing (word wrong)", text)


if __name__ == "__main__":
    unittest.main()
