"""What the runners share: running svc in a clean place, comparing bytes, counting."""

import concurrent.futures
import difflib
import json
import os
import resource
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CASES = os.path.join(ROOT, "tests", "cases")
SANITIZER_STATUS = 99  # so that a sanitizer's report is never taken for svc's own exit status
TIMEOUT_SECONDS = 60

# Aborting is tested on purpose; a core file a run is not wanted.
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class Run:
    """One finished run; a signal is given as a shell gives it, 128 + its number."""

    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def crashed(self):
        return self.status == SANITIZER_STATUS or self.status >= 128


# for environment(): the files of AWS's tools in the home, which are otherwise nobody's
HOME_FILES = {"AWS_CONFIG_FILE": None, "AWS_SHARED_CREDENTIALS_FILE": None}


def environment(home, **more):
    """Nothing of the caller's environment but PATH reaches svc. MORE adds to it; None takes away."""
    options = f"exitcode={SANITIZER_STATUS}"
    result = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": home,
        "TZ": "UTC",
        "LC_ALL": "C",
        "AWS_EC2_METADATA_DISABLED": "true",  # a machine of AWS has credentials that no test may find
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "ASAN_OPTIONS": options + ":detect_leaks=1:detect_stack_use_after_return=1",
        "LSAN_OPTIONS": options,
        "UBSAN_OPTIONS": options + ":halt_on_error=1:print_stacktrace=1",
    }
    result.update(more)
    return {name: value for name, value in result.items() if value is not None}


def run(svc, args, cwd, stdin=b"", env=None, timeout=TIMEOUT_SECONDS):
    try:
        done = subprocess.run([svc, *args], cwd=cwd, input=stdin, capture_output=True, timeout=timeout,
                              env=environment(cwd) if env is None else env)
    except subprocess.TimeoutExpired as late:
        return Run(128 + 9, late.stdout or b"", (late.stderr or b"") + b"\n(stopped after %d s)\n" % timeout)
    return Run(done.returncode if done.returncode >= 0 else 128 - done.returncode, done.stdout, done.stderr)


def diff(expected, actual, name):
    """A unified diff of two byte strings; empty when they are equal."""
    if expected == actual:
        return ""
    old, new = (text.decode("utf-8", "backslashreplace").splitlines(keepends=True) for text in (expected, actual))
    lines = list(difflib.unified_diff(old, new, f"{name} (expected)", f"{name} (actual)"))
    if not lines:
        return f"{name}: the bytes differ where the lines do not\n"
    return "".join(line if line.endswith("\n") else line + "\n\\ no newline at the end\n" for line in lines)


def read_tree(directory):
    """{relative path: bytes} of all files below; {} when there is no such directory. Links are given by their target."""
    files = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, directory)
            if os.path.islink(path):
                files[key] = b"-> " + os.fsencode(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    files[key] = file.read()
    return files


def diff_trees(expected, actual, name):
    report = ""
    for path in sorted(expected.keys() | actual.keys()):
        label = f"{name}/{path}" if name else path
        if path not in actual:
            report += f"{label}: expected, but not written\n"
        elif path not in expected:
            report += f"{label}: written, but not expected\n" + diff(b"", actual[path], label)
        else:
            report += diff(expected[path], actual[path], label)
    return report


def read_file(path, default=b""):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return default


MEMBERS = {"code": str, "severity": str, "message": str, "file": str, "line": int, "column": int, "end_line": int,
           "end_column": int, "related": list}


def read_diagnostics(output):
    """(the diagnostics of `lint --format json`, what is wrong with the report)."""
    try:
        report = json.loads(output)
    except ValueError as error:
        return [], f"--format json wrote no JSON: {error}\n" + output[:2000].decode("utf-8", "backslashreplace")
    if not isinstance(report, dict) or report.get("format_version") != 1 or "summary" not in report \
            or not isinstance(report.get("diagnostics"), list):
        return [], "the JSON report lacks format_version 1, diagnostics or summary\n"
    wrong = ""
    for item in report["diagnostics"]:
        for member, kind in MEMBERS.items():
            if not isinstance(item.get(member), kind):
                wrong += f"the JSON report: {item.get('code')}: member {member!r} is {item.get(member)!r}\n"
    return report["diagnostics"], wrong


class Tally:
    """Counts tests; prints each failure when it is told, and the closing line."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, failure):
        if failure:
            self.failed += 1
            print(f"FAIL {name}\n" + "".join("    " + line + "\n" for line in failure.rstrip("\n").split("\n")), flush=True)
        else:
            self.passed += 1

    def close(self):
        """Prints the closing line and ends with the exit status. No test at all is a failure."""
        if self.passed + self.failed == 0:
            print("there is nothing to run")
            self.failed = 1
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def run_parallel(tally, jobs, workers):
    """jobs: (name, function without arguments that returns "" or what is wrong); reported in the order given."""
    def guarded(job):
        try:
            return job()
        except Exception as error:  # a runner that trips is a failed test, not the end of the others
            return f"{type(error).__name__}: {error}"
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        names = [name for name, _ in jobs]
        for name, failure in zip(names, pool.map(guarded, [job for _, job in jobs])):
            tally.add(name, failure)
