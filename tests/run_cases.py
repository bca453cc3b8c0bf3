#!/usr/bin/env python3
"""Runs the golden cases: tests/cases/<group>/<case>/.

A case is a folder:
    args         one line, shell words: what follows `svc`. The run's working directory is a fresh copy of the folder.
    input files  whatever args names
    stdin        what svc reads from standard input; absent = empty
    setup        lines for sh, run in the copy first, for what git cannot keep (an empty folder, a link, a huge file)
    out.before/  copied to out/ before the run
    expect       planted mistakes that cannot carry a comment: lines `FILE:LINE[:COLUMN] CODE "token"`
  and what is expected of the run:
    status       exit status; absent = 0
    stdout, stderr  exact; absent = empty
    out/         the exact tree of out/ afterwards; absent = there is none
    after/       files outside of out/ that the run changes or creates; all others stay as they are

UPDATE_GOLDEN=1 rewrites what is expected (read the diff before committing it).

A planted mistake's line ends in a comment `# expect SVC0231 "512 MiB"` (more than one may follow each other): a diagnostic
with this code must have its primary caret over that token. For `lint` the places come from a second run with `--format json`,
for other commands from the text on stderr. Fixes are tried: with `lint --fix` (safe ones) or by replacing the bytes here (the
others), after which the code must be gone and no new one may have come.
"""

import argparse
import glob
import os
import posixpath
import re
import shlex
import shutil
import subprocess
import tempfile

from harness import CASES, ROOT, Tally, diff, diff_trees, environment, read_diagnostics, read_file, read_tree, run, run_parallel

EXPECTATIONS = {"args", "status", "stdout", "stderr", "stdin", "out", "out.before", "after", "setup", "expect"}
MARKER = re.compile(r'(?:#\s*|\s)expect (SVC\d{4}) "((?:[^"\\]|\\.)*)"')
MARKERS_AT_END = re.compile(r'#\s*expect SVC\d{4} "(?:[^"\\]|\\.)*"(?:\s+expect SVC\d{4} "(?:[^"\\]|\\.)*")*\s*$')
EXPECT_LINE = re.compile(r'(\S+?):(\d+)(?::(\d+))? (SVC\d{4}) "((?:[^"\\]|\\.)*)"$')
TEXT_HEADER = re.compile(r"^(?:error|warning|note)\[(SVC\d{4})\]: ")
TEXT_PLACE = re.compile(r"^ *--> (.+):(\d+):(\d+)$")
TEXT_CARETS = re.compile(r"^ *\|[^^]*(\^+)")

# The second run of --shake: nothing of this may show in the output.
SHAKEN = {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "COLUMNS": "40", "TERM": "xterm-256color", "USER": "nobody",
          "MALLOC_PERTURB_": "165"}


def unescape(token):
    return re.sub(r"\\(.)", r"\1", token)


class Marker:
    def __init__(self, file, line, column, code, token, text):
        self.file, self.line, self.column, self.code, self.token, self.text = file, line, column, code, token, text

    def __str__(self):
        return f'{self.file}:{self.line}: expect {self.code} "{self.token}"'

    def places(self):
        """The (start, end) columns where the token stands in its line, from 1, end exclusive."""
        if self.column:
            return [(self.column, self.column + len(self.token))]
        return [(found.start() + 1, found.end() + 1) for found in re.finditer(re.escape(self.token), self.text)] if self.token else []

    def is_met_by(self, item):
        """item: a diagnostic as in the JSON report."""
        if item["code"] != self.code or posixpath.normpath(item["file"]) != self.file or item["line"] != self.line:
            return False
        end = item["end_column"] if item["end_line"] == item["line"] else float("inf")
        return any(item["column"] <= first and last <= end for first, last in self.places())


class Case:
    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, CASES)
        line = read_file(self.file("args")).decode().strip()
        self.problem = "args must be one line\n" if "\n" in line or not line else ""
        self.args = shlex.split(line, comments=False) if not self.problem else []
        self.stdin = read_file(self.file("stdin"))
        status = read_file(self.file("status"), b"0").decode().strip()
        self.status = int(status) if status.isdigit() else -1
        self.markers = self.read_markers()

    def file(self, name):
        return os.path.join(self.path, name)

    def inputs(self):
        """{relative path: bytes} of the case's input files."""
        files = read_tree(self.path)
        return {path: data for path, data in files.items() if path.split(os.sep)[0] not in EXPECTATIONS}

    def read_markers(self):
        sources = self.inputs()
        if self.stdin:
            sources["<stdin>"] = self.stdin
        lines = {path: [line.rstrip("\r") for line in data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")]
                 for path, data in sources.items()}
        markers = []
        for path in sorted(lines):
            for number, line in enumerate(lines[path], 1):
                end = MARKERS_AT_END.search(line)
                if end:
                    markers += [Marker(path, number, None, found[1], unescape(found[2]), line[:end.start()])
                                for found in MARKER.finditer(line, end.start())]
        for line in read_file(self.file("expect")).decode().splitlines():
            found = EXPECT_LINE.match(line)
            if not found or found[1] not in lines or int(found[2]) > len(lines[found[1]]):
                self.problem += f"expect: {line!r} is not FILE:LINE[:COLUMN] CODE \"token\" of a file and line of this case\n"
                continue
            column = int(found[3]) if found[3] else None
            markers.append(Marker(found[1], int(found[2]), column, found[4], unescape(found[5]), lines[found[1]][int(found[2]) - 1]))
        for marker in markers:
            if not marker.places():
                self.problem += f"{marker}: the token does not stand in that line\n"
        return markers

    def copy(self, parent):
        """A fresh copy to run in."""
        place = os.path.join(tempfile.mkdtemp(dir=parent), "case")
        shutil.copytree(self.path, place, symlinks=True, ignore=lambda folder, names: EXPECTATIONS & set(names) if folder == self.path else ())
        if os.path.isdir(self.file("out.before")):
            shutil.copytree(self.file("out.before"), os.path.join(place, "out"), symlinks=True)
        if os.path.exists(self.file("setup")):
            subprocess.run(["sh", "-eu", self.file("setup")], cwd=place, check=True, stdin=subprocess.DEVNULL, timeout=60)
        return place


class Outcome:
    """What one run of a case left behind."""

    def __init__(self, svc, case, parent, env=None):
        place = case.copy(parent)
        before = read_tree(place)
        self.result = run(svc, case.args, place, case.stdin, environment(place, **(env or {})))
        after = read_tree(place)
        prefix = "out" + os.sep
        self.out = {path[len(prefix):]: data for path, data in after.items() if path.startswith(prefix)}
        self.changed = {path: data for path, data in after.items() if not path.startswith(prefix) and before.get(path) != data}
        self.deleted = [path for path in before if path not in after and not path.startswith(prefix)]
        written = [self.result.stdout, self.result.stderr, *self.out.values(), *self.changed.values()]
        self.leaks = any(os.fsencode(os.path.dirname(place)) in data for data in written)
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)

    def compare(self, case):
        """What differs from the goldens."""
        report = ""
        if self.result.status != case.status:
            report += f"status {self.result.status}, expected {case.status}\n"
        report += diff(read_file(case.file("stdout")), self.result.stdout, "stdout")
        report += diff(read_file(case.file("stderr")), self.result.stderr, "stderr")
        report += diff_trees(read_tree(case.file("out")), self.out, "out")
        report += diff_trees(read_tree(case.file("after")), self.changed, "after")
        report += "".join(f"{path}: deleted by the run\n" for path in sorted(self.deleted))
        if self.leaks:
            report += "the output names the directory of the run\n"
        return report

    def rewrite(self, case):
        """Makes the goldens what this run left."""
        for name, data in (("stdout", self.result.stdout), ("stderr", self.result.stderr),
                           ("status", b"%d\n" % self.result.status if self.result.status else b"")):
            if data:
                with open(case.file(name), "wb") as file:
                    file.write(data)
            elif os.path.exists(case.file(name)):
                os.remove(case.file(name))
        for name, tree in (("out", self.out), ("after", self.changed)):
            shutil.rmtree(case.file(name), ignore_errors=True)
            for path, data in tree.items():
                target = os.path.join(case.file(name), path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    file.write(data)
        case.status = self.result.status


def is_lint(case):
    return case.args[:1] == ["lint"]


def lint_json(svc, case, parent, env=None, place=None, stdin=None, args=None):
    """(status, diagnostics, what is wrong) of the case's lint, run with --format json."""
    own = place is None
    place = place or case.copy(parent)
    result = run(svc, [*(args or case.args), "--format", "json"], place, case.stdin if stdin is None else stdin, environment(place, **(env or {})))
    items, wrong = read_diagnostics(result.stdout)
    if result.crashed:
        wrong = f"svc crashed with status {result.status}\n" + result.stderr.decode("utf-8", "backslashreplace")
    if own:
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)
    return result.status, items, wrong


def text_diagnostics(stderr):
    """Diagnostics out of the text form: code, place, and the width of the primary caret."""
    items = []
    code = None
    for line in stderr.decode("utf-8", "replace").splitlines():
        header, place = TEXT_HEADER.match(line), TEXT_PLACE.match(line)
        if header:
            code = header[1]
        elif place and code:
            items.append({"code": code, "file": place[1], "line": int(place[2]), "column": int(place[3]), "end_line": int(place[2]),
                          "end_column": int(place[3])})
            code = None
        elif items and TEXT_CARETS.match(line) and items[-1]["end_column"] == items[-1]["column"]:
            items[-1]["end_column"] += len(TEXT_CARETS.match(line)[1])
    return items


def check_markers(case, items):
    report = ""
    for marker in case.markers:
        if not any(marker.is_met_by(item) for item in items):
            places = [f'{item["file"]}:{item["line"]}:{item["column"]}-{item["end_line"]}:{item["end_column"]}'
                      for item in items if item["code"] == marker.code]
            found = f"{marker.code} is at " + ", ".join(places) if places else \
                f"{marker.code} is not reported (but {', '.join(sorted({item['code'] for item in items})) or 'nothing'})"
            report += f"{marker}: {found}\n"
    return report


def replace_range(text, item, fix):
    """The text (bytes) with the fix applied; None when its range is not in the text."""
    lines = text.decode("utf-8").split("\n")
    shift = 1 if lines[0].startswith("\ufeff") else 0  # columns do not count a byte order mark

    def offset(line, column):
        if not (isinstance(line, int) and isinstance(column, int)) or not 1 <= line <= len(lines):
            return None
        start = sum(len(each) + 1 for each in lines[:line - 1])
        column += shift if line == 1 else 0
        return start + column - 1 if 1 <= column <= len(lines[line - 1]) + 1 else None
    first, last = offset(fix.get("line"), fix.get("column")), offset(fix.get("end_line"), fix.get("end_column"))
    if first is None or last is None or first > last or not isinstance(fix.get("replacement"), str):
        return None
    whole = "\n".join(lines)
    return (whole[:first] + fix["replacement"] + whole[last:]).encode()


def counts(items):
    return {code: sum(item["code"] == code for item in items) for code in {item["code"] for item in items}}


def compare_after_fix(before, after, wrong, codes, how):
    """before, after: diagnostics; codes: {code: how many may be left}."""
    if wrong:
        return f"{how}: {wrong}"
    old, new = counts(before), counts(after)
    report = ""
    for code, left in sorted(codes.items()):
        if new.get(code, 0) > left:
            report += f"{how}: {code} is still reported {new[code]} times\n"
    for code in sorted(new):
        if new[code] > old.get(code, 0):
            messages = [item["message"] for item in after if item["code"] == code]
            report += f"{how}: brings {code}: {'; '.join(messages)}\n"
    return report


def check_fixes(svc, case, items, parent):
    """Applies every fix offered and lints again."""
    if "--fix" in case.args:
        return ""
    report = ""
    fixable = [item for item in items if item.get("fix")]
    safe = [item for item in fixable if item["fix"].get("safe") and item["file"] != "<stdin>"]
    if safe:
        place = case.copy(parent)
        fixed = run(svc, [*case.args, "--fix"], place, case.stdin, environment(place))
        if fixed.crashed:
            report += f"lint --fix crashed with status {fixed.status}\n" + fixed.stderr.decode("utf-8", "backslashreplace")
        _, left, wrong = lint_json(svc, case, parent, place=place)
        all_counts = counts(items)
        codes = {code: all_counts[code] - number for code, number in counts(safe).items()}
        report += compare_after_fix(items, left, wrong, codes, "after lint --fix")
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)
    for item in fixable:
        if item in safe:
            continue
        place = case.copy(parent)
        path = os.path.join(place, item["file"])
        is_stdin = item["file"] == "<stdin>"
        text = case.stdin if is_stdin else read_file(path)
        replaced = replace_range(text, item, item["fix"])
        how = f"after the fix {item['fix'].get('description')!r}"
        if replaced is None:
            report += f"{item['code']}: its fix has no replacement with a range inside {item['file']}: {item['fix']}\n"
        else:
            if not is_stdin:
                with open(path, "wb") as file:
                    file.write(replaced)
            _, left, wrong = lint_json(svc, case, parent, place=place, stdin=replaced if is_stdin else None)
            report += compare_after_fix(items, left, wrong, {item["code"]: counts(items)[item["code"]] - 1}, how)
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)
    return report


def check_case(svc, case, parent, env=None, with_fixes=True, is_update=False):
    """What is wrong with the case, or nothing."""
    if case.problem:
        return case.problem
    outcome = Outcome(svc, case, parent, env)
    if outcome.result.crashed and case.status != outcome.result.status:
        return f"svc crashed with status {outcome.result.status}\n" + outcome.result.stderr.decode("utf-8", "backslashreplace")
    if is_update:
        outcome.rewrite(case)
    report = outcome.compare(case)
    if not case.markers:
        return report
    if not is_lint(case):
        return report + check_markers(case, text_diagnostics(outcome.result.stderr))
    status, items, wrong = lint_json(svc, case, parent, env)
    if wrong:
        return report + wrong
    if status != case.status:
        report += f"status {status} with --format json, expected {case.status}\n"
    report += check_markers(case, items)
    if with_fixes:
        report += check_fixes(svc, case, items, parent)
    return report


def check_mute(svc, case, code, parent):
    """With the rule taken out, the case must fail; with it, it must pass, or failing would say nothing."""
    broken = check_case(svc, case, parent, with_fixes=False)
    if broken:
        return "the case fails before any rule is taken out\n" + broken
    if check_case(svc, case, parent, {"SVC_TEST_MUTE": code}, with_fixes=False):
        return ""
    return f"the case passes without {code}: it does not test that rule\n"


def check_codes(cases):
    """(code, what is wrong) for each code: it needs a case, or a line in codes_elsewhere.txt that names a test which exists."""
    rows = []
    for path in sorted(glob.glob(os.path.join(ROOT, "diagnostics", "codes*.def"))):
        rows += re.findall(r"^\s*DIAGNOSTIC\(\s*(\d{4})\s*,", read_file(path).decode(), re.M)
    if not rows:
        return [("codes", "diagnostics/codes*.def has no row\n")]
    marked = {marker.code for case in cases for marker in case.markers}
    elsewhere = {}
    for line in read_file(os.path.join(ROOT, "tests", "codes_elsewhere.txt")).decode().splitlines():
        if line and not line.startswith("#"):
            code, _, place = line.partition(" ")
            elsewhere[code] = place.strip()
    codes = ["SVC" + row for row in rows]
    results = []
    for code in codes:
        place = elsewhere.get(code)
        if place is None:
            results.append((f"codes/{code}", "" if code in marked else "no case plants this mistake, and codes_elsewhere.txt has no line for it\n"))
        elif code in marked:
            results.append((f"codes/{code}", "a case plants this mistake: drop the line of codes_elsewhere.txt\n"))
        else:
            results.append((f"codes/{code}", find_elsewhere(code, place)))
    results += [(f"codes/{code}", "codes_elsewhere.txt names a code that does not exist\n") for code in elsewhere if code not in codes]
    results += [(f"codes/{code}", "a case expects a code that does not exist\n") for code in sorted(marked) if code not in codes]
    return results


def find_elsewhere(code, place):
    """place: a case's folder, whose stdout or stderr must hold the code, or FILE:WORD, a file of the tests that holds the word."""
    path, _, word = place.partition(":")
    full = os.path.join(ROOT, path)
    if os.path.isdir(full):
        goldens = read_file(os.path.join(full, "stdout")) + read_file(os.path.join(full, "stderr"))
        return "" if code.encode() in goldens else f"{path} does not show {code}\n"
    if not word or not os.path.isfile(full):
        return f"{place!r} is neither a case's folder nor FILE:TEST\n"
    return "" if re.search(rb"\b" + re.escape(word.encode()) + rb"\b", read_file(full)) else f"{path} has no {word}\n"


def find_cases(pattern):
    cases = []
    for folder, folders, names in os.walk(CASES):
        folders.sort()
        if "args" in names:
            folders.clear()
            if pattern in os.path.relpath(folder, CASES):
                cases.append(Case(folder))
        elif names and not folders:
            case = Case(folder)
            case.problem = "a folder without args\n"
            cases.append(case)
    return cases


def main():
    parser = argparse.ArgumentParser(description="Runs the golden cases of tests/cases.")
    parser.add_argument("--svc", required=True, help="the program to test")
    parser.add_argument("--filter", default="", help="only cases whose group/name contains this")
    parser.add_argument("--mute", action="store_true", help="take out each expected rule in turn; every case must then fail (test-hooks build)")
    parser.add_argument("--shake", action="store_true", help="run in another time zone, locale, home and working directory: the same goldens")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    is_update = os.environ.get("UPDATE_GOLDEN") == "1" and not options.mute and not options.shake
    cases = find_cases(options.filter)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc cäses-" if options.shake else "svc-cases-") as parent:
        if options.mute:
            jobs = [(f"mute {code} {case.name}", lambda case=case, code=code: check_mute(svc, case, code, parent))
                    for case in cases for code in sorted({marker.code for marker in case.markers})]
        else:
            env = SHAKEN if options.shake else None
            jobs = [(case.name, lambda case=case: check_case(svc, case, parent, env, not options.shake, is_update)) for case in cases]
        run_parallel(tally, jobs, options.jobs)
    if not options.filter and not options.mute and not options.shake:
        for name, failure in check_codes(cases):
            tally.add(name, failure)
    tally.close()


if __name__ == "__main__":
    main()
