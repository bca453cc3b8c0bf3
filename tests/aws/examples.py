"""What the checks of the examples share: finding the files, reading declarations by regex, running svc."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_ENVIRONMENT = re.compile(r"^\s*environment\s+([a-z][a-z0-9-]*)", re.MULTILINE)
_PARAM = re.compile(r"^\s*param\s+([A-Za-z_]\w*)\s+([a-z_]+)(.*)$", re.MULTILINE)

# a value of each type that a parameter without a default may have
_VALUES = {"image_tag": "3f2c1aa", "git_sha": "4f3c2b1a0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a", "string": "example", "bool": "yes", "integer": "1",
           "account_id": "123456789012", "duration": "30s", "size": "1GiB", "percent": "50%"}


class Results:
    """Counts checks and prints those that fail."""

    def __init__(self):
        self.passed = self.failed = 0

    def record(self, name, problems):
        """`problems`: a list of messages, empty if the check passed. Returns whether it did."""
        if problems:
            self.failed += 1
            print(f"FAILED {name}")
            for problem in problems:
                print(f"    {problem}")
        else:
            self.passed += 1
        return not problems

    def close(self):
        """Prints the closing line and returns the exit code; no check at all is a failure."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def files(directory, below=False):
    """The .svc files of a directory of the repository, sorted."""
    found = []
    for root, folders, names in os.walk(os.path.join(ROOT, directory)):
        folders.sort()
        found += [os.path.join(root, name) for name in names if name.endswith(".svc")]
        if not below:
            break
    return sorted(found)


def read(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def code_of(text):
    """The text with comments removed and the insides of strings blanked, of the same length."""
    def blank(match):
        found = match.group(0)
        return '"' + " " * (len(found) - 2) + '"' if found[0] == '"' else " " * len(found)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|#[^\n]*', blank, text)


def deployable():
    """The examples that declare a service, and not only what others use."""
    return [file for file in files("examples") if re.search(r"^service ", code_of(read(file)), re.M)]


def environments(text):
    """The names that a file declares; [None] if it has none and is built without --env."""
    return _ENVIRONMENT.findall(code_of(text)) or [None]


def settings(text, given=()):
    """`--set` arguments: those given, and a value for each other parameter without a default."""
    named = {setting.partition("=")[0] for setting in given}
    arguments = [argument for setting in given for argument in ("--set", setting)]
    for name, kind, rest in _PARAM.findall(code_of(text)):
        if name not in named and "default" not in rest and kind in _VALUES:
            arguments += ["--set", f"{name}={_VALUES[kind]}"]
    return arguments


def run(svc, arguments, cwd):
    """(exit code, text of both outputs) of one run of svc."""
    done = subprocess.run([svc, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def build(svc, file, environment, out, cwd, given=()):
    """Builds one file into a directory. Returns the problems."""
    arguments = ["build", os.path.relpath(file, cwd)]
    if environment:
        arguments += ["--env", environment]
    status, text = run(svc, [*arguments, "--out", out, *settings(read(file), given)], cwd)
    if status != 0:
        return [f"svc {' '.join(arguments)} ended with {status}", *text.splitlines()]
    return []
