#!/usr/bin/env python3
"""What teams put into their CI runs as it is written (docs/ci.md).

- action.yml: its steps are run in order, with what GitHub gives them, on services with and without a mistake
- .pre-commit-hooks.yaml: each hook's command is run on files
- docs/ci.md: the YAML in it is YAML, it names inputs and outputs that the action has and hooks that there are, and the commands for GitLab
  are run, with `git clone` and `apt-get` put into the place of the real ones

Whatever is built in here is built for debugging, which is quicker and tests the same.
"""

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

import yaml

from harness import ROOT, Tally, read_file

FENCE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.M | re.S)
BROKEN = b'project shop\nservice api {\n  stop 30\n}\n'
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def snapshot(place):
    """A checkout of this project, without what was built in it."""
    def left_out(folder, names):
        return {name for name in names if name in (".git", ".venv", "__pycache__", "cases", "corpus") or (folder == ROOT and name.startswith("build"))}
    shutil.copytree(ROOT, place, ignore=left_out)
    return place


def shell(script, cwd, env, timeout=600):
    """As GitHub runs `shell: bash`."""
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def clean_environment(**more):
    """The caller's PATH and home, and what builds quickly."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", "CMAKE_BUILD_TYPE": "Debug", **more}


class Runner:
    """A machine of GitHub's: it runs the steps of a composite action."""

    def __init__(self, parent):
        self.action = yaml.safe_load(read_file(os.path.join(ROOT, "action.yml")))
        self.temp = os.path.join(parent, "runner temp")
        self.path = snapshot(os.path.join(parent, "the action"))
        os.mkdir(self.temp)
        self.workspace = os.path.join(parent, "workspace")
        shutil.rmtree(self.workspace, ignore_errors=True)
        os.makedirs(os.path.join(self.workspace, "services"))
        good = read_file(os.path.join(ROOT, "examples", "hello.svc"))
        for name, data in (("services/good.svc", good), ("services/bad one.svc", BROKEN)):
            with open(os.path.join(self.workspace, name), "wb") as file:
                file.write(data)

    def run(self, **given):
        """(status, what the steps printed, outputs)"""
        inputs = {name: given.get(name.replace("-", "_"), row.get("default", "")) for name, row in self.action["inputs"].items()}
        context = {"github.action_path": self.path, "runner.temp": self.temp, **{f"inputs.{name}": value for name, value in inputs.items()}}
        outputs, printed, status = os.path.join(self.temp, "outputs"), b"", 0
        paths = os.path.join(self.temp, "paths")
        for name in (outputs, paths):
            with open(name, "wb"):
                pass
        for step in self.action["runs"]["steps"]:
            env = {name: EXPRESSION.sub(lambda found: context[found[1]], str(value)) for name, value in step.get("env", {}).items()}
            env = clean_environment(GITHUB_WORKSPACE=self.workspace, GITHUB_OUTPUT=outputs, GITHUB_PATH=paths, RUNNER_TEMP=self.temp, **env)
            assert step["shell"] == "bash" and not EXPRESSION.search(step["run"]), "inputs come by the environment, or they could be commands"
            status, stdout, stderr = shell(step["run"], self.workspace, env)
            printed += stdout + stderr
            if status:
                break
        values = dict(line.split("=", 1) for line in read_file(outputs).decode().splitlines())
        return status, printed.decode("utf-8", "replace"), values


def expect(condition, printed):
    return "" if condition else f"it printed:\n{printed}\n"


def test_action(tally, parent):
    runner = Runner(parent)
    status, printed, outputs = runner.run(paths="services/good.svc")
    tally.add("action: nothing found", expect(status == 0 and outputs == {"report": ""}, printed))
    status, printed, _ = runner.run(paths="\n  services/good.svc\n  services/bad one.svc\n\n")
    tally.add("action: annotations", expect(status == 1 and "::error file=services/bad one.svc,line=3,col=3,endLine=3,endColumn=7,title=SVC0120::" in printed, printed))
    status, printed, _ = runner.run()
    tally.add("action: all files unless said", expect(status == 1 and "::error file=services/bad one.svc" in printed, printed))
    status, printed, outputs = runner.run(format="sarif")
    report = read_file(os.path.join(runner.workspace, "svc-lint.sarif"))
    tally.add("action: SARIF", expect(status == 1 and outputs == {"report": "svc-lint.sarif"} and b'"2.1.0"' in report and b"SVC0120" in report, printed))
    status, printed, outputs = runner.run(format="junit", report="here.xml", paths="services/good.svc")
    passed = b'failures="0"' in read_file(os.path.join(runner.workspace, "here.xml"))
    tally.add("action: JUnit", expect(status == 0 and outputs == {"report": "here.xml"} and passed, printed))
    with open(os.path.join(runner.workspace, "strict.yml"), "wb") as file:
        file.write(b'paths: { "services/bad*": off }\n')
    status, printed, _ = runner.run(config="strict.yml", fail_level="note")
    tally.add("action: settings", expect(status == 0 and "1 file left out" in printed, printed))
    status, printed, _ = runner.run(fail_level="never")
    tally.add("action: a wrong input", expect(status == 64 and "--fail-level takes" in printed, printed))
    status, printed, _ = runner.run(paths='$(touch "$GITHUB_WORKSPACE/ran") ; touch ran')
    tally.add("action: an input is no command", expect(status == 2 and not os.path.exists(os.path.join(runner.workspace, "ran")), printed))


def test_hooks(tally, svc, parent):
    hooks = yaml.safe_load(read_file(os.path.join(ROOT, ".pre-commit-hooks.yaml")))
    tally.add("hooks: their names", "" if [hook["id"] for hook in hooks] == ["svc-lint", "svc-fmt"] else f"{hooks}\n")
    place = os.path.join(parent, "hooks")
    os.makedirs(os.path.join(place, "bin"))
    os.symlink(svc, os.path.join(place, "bin", "svc"))
    env = clean_environment()
    env["PATH"] = os.path.join(place, "bin") + ":" + env["PATH"]
    good = read_file(os.path.join(ROOT, "examples", "hello.svc"))
    for name, data in (("good.svc", good), ("broken.svc", BROKEN), ("ragged.svc", good.replace(b"project", b"   project   "))):
        with open(os.path.join(place, name), "wb") as file:
            file.write(data)
    for hook in hooks:
        assert hook["language"] == "system" and re.search(hook["files"], "a/b.svc") and not re.search(hook["files"], "a/b.svcx")
        bad = "broken.svc" if hook["id"] == "svc-lint" else "ragged.svc"
        for name, expected in (("good.svc", 0), (bad, 1)):
            status, stdout, stderr = shell(f"{hook['entry']} {name}", place, env)
            tally.add(f"hook {hook['id']}: {name}", expect(status == expected, (stdout + stderr).decode()))


def test_gitlab(tally, job, parent):
    place = os.path.join(parent, "gitlab", "project")
    tools = os.path.join(parent, "gitlab", "bin")
    source = snapshot(os.path.join(parent, "gitlab", "origin"))
    os.makedirs(place)
    os.makedirs(tools)
    for name, script in (("git", '[ "$1" = clone ] && [ "${@: -2:1}" = "$SVC_REPOSITORY" ] && cp -r "$SVC_REPOSITORY" "${@: -1}"'), ("apt-get", ":")):
        with open(os.path.join(tools, name), "w", encoding="utf-8") as file:
            file.write(f"#!/usr/bin/env bash\n{script}\n")
        os.chmod(os.path.join(tools, name), 0o755)
    with open(os.path.join(place, "bad.svc"), "wb") as file:
        file.write(BROKEN)
    env = clean_environment(CI_PROJECT_DIR=place, SVC_REPOSITORY=source)
    env["PATH"] = tools + ":" + env["PATH"]
    status, stdout, stderr = shell("\n".join(job["before_script"]), place, env)
    tally.add("GitLab: svc is built", expect(status == 0, (stdout + stderr).decode()))
    status, stdout, stderr = shell("\n".join(job["script"]), place, env)
    report = os.path.join(place, job["artifacts"]["reports"]["junit"])
    failures = os.path.exists(report) and xml.etree.ElementTree.parse(report).getroot().get("failures")
    tally.add("GitLab: the report", expect(status == 1 and failures == "1" and job["artifacts"]["when"] == "always", (stdout + stderr).decode()))


def test_docs(tally, documents):
    action = yaml.safe_load(read_file(os.path.join(ROOT, "action.yml")))
    hooks = {hook["id"] for hook in yaml.safe_load(read_file(os.path.join(ROOT, ".pre-commit-hooks.yaml")))}
    text = read_file(os.path.join(ROOT, "docs", "ci.md")).decode()
    given = set()
    for name in (".github/workflows/svc.yml", ".github/workflows/svc-scan.yml"):
        for step in documents[name]["jobs"]["svc"]["steps"]:
            if "/svc@" in step.get("uses", ""):
                given |= set(step["with"])
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", text.partition("| Input")[2].partition("\n\n")[0], re.M))
    tally.add("docs: inputs", "" if given <= set(action["inputs"]) == listed else f"{given} are used, {listed} listed, the action has {set(action['inputs'])}\n")
    tally.add("docs: outputs", "" if set(re.findall(r"outputs\.([\w-]+)", text)) == set(action["outputs"]) else "others than the action's\n")
    named = {hook["id"] for repo in documents[".pre-commit-config.yaml"]["repos"] for hook in repo["hooks"]}
    tally.add("docs: hooks", "" if named == hooks else f"{named}, but there are {hooks}\n")


def main():
    parser = argparse.ArgumentParser(description="Runs what teams put into their CI.")
    parser.add_argument("--svc", required=True, help="the program that the hooks run")
    options = parser.parse_args()
    documents = {name: yaml.safe_load(text) for name, text in FENCE.findall(read_file(os.path.join(ROOT, "docs", "ci.md")).decode())}
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc-ci-") as parent:
        test_docs(tally, documents)
        test_hooks(tally, os.path.abspath(options.svc), parent)
        test_action(tally, parent)
        test_gitlab(tally, documents[".gitlab-ci.yml"]["svc-lint"], parent)
    tally.close()


if __name__ == "__main__":
    main()
