#!/usr/bin/env python3
"""Runs the code fences of SPEC.md.

    ```svc                       a whole file: lints without any diagnostic
    ```svc in service            what stands in a body: the runner wraps it (WRAPPERS) and it lints without any diagnostic
    ```svc reject SVC0123        gives this code, and no other error
    ```svc in scale reject SVC0123
    ```svc test                  a whole file that lints so, and all of whose tests come out as expected with svc test
Fences in other languages are not run. Files of tests/spec/ lie beside each fence, for those that `use` one. The first fence of
SPEC.md is examples/claude-proxy.svc.
"""

import argparse
import os
import re
import shutil
import tempfile

from harness import ROOT, Tally, diff, read_diagnostics, read_file, run, run_parallel

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```[ \t]*$", re.M | re.S)
INFO = re.compile(r"svc(?P<test> test$)?(?: in (?P<wrapper>[a-z-]+))?(?: reject (?P<code>SVC\d{4}))?$")
# A line of a wrapper that gives way when the fragment says the same at its own top level: the key is the first word or words.
DEFAULT = re.compile(r"^\s*\?(?P<key>[^?]+)\? (?P<statement>.*)$")

FILE = """\
?project? project demo
?environment prod? environment prod { account "123456789012"; region us-east-1 }
?network main? network main existing { vpc tagged { Name "main" }; public tagged { Tier "public" }; private tagged { Tier "private" } }
?topic oncall? topic oncall existing { arn "arn:aws:sns:us-east-1:123456789012:oncall" }
"""

EDGE = FILE + """\
load-balancer edge {
  network main
  listen https 443 from internet { certificate "arn:aws:acm:us-east-1:123456789012:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10" }
}
"""

SERVICE = """\
service api {
  ?network? network main
  ?compute? compute 0.5 vcpu 1 GiB
  ?container app? container app { image "public.ecr.aws/nginx/nginx:1.27"; port 8000 }
%s
}
"""

ROUTED = SERVICE % """\
  ?route edge? route edge "/*" to app 8000 { health "/health" }
%s
"""

# @ stands where the fragment goes. Each wrapper lints clean by itself.
WRAPPERS = {
    "file": FILE + "@\n" + SERVICE % "",
    "service": EDGE + SERVICE % "@",
    "container": FILE + SERVICE.replace("  ?container app? container app", "  container side { image \"public.ecr.aws/nginx/nginx:1.27\" }\n  container app")
                 .replace('{ image "public.ecr.aws/nginx/nginx:1.27"; port 8000 }',
                          '{\n?image? image "public.ecr.aws/nginx/nginx:1.27"\n?port? port 8000\n@\n}') % "",
    "route": EDGE + SERVICE % "  route edge \"/*\" to app 8000 {\n?health? health \"/health\"\n@\n}",
    "scale": EDGE + ROUTED % "  scale 2..10 {\n@\n}",
    "alarm": EDGE + ROUTED % "  alarm high {\n?when? when cpu > 85%\n?for? for 10m\n?notify? notify oncall\n@\n}",
    "rollout": EDGE + ROUTED % "  rollout canary {\n?ramp? ramp from 1% by 25% every 5m\n?rollback? rollback when http.5xx / http.requests > 5% for 2m\n@\n}",
    "load-balancer": FILE + "load-balancer edge {\n?network? network main\n@\n}\n" + SERVICE % "",
    "network": FILE.replace('{ vpc tagged { Name "main" }; public tagged { Tier "public" }; private tagged { Tier "private" } }',
                            '{\n?vpc? vpc tagged { Name "main" }\n?public? public tagged { Tier "public" }\n'
                            '?private? private tagged { Tier "private" }\n@\n}').replace("?network main? ", "") + SERVICE % "",
    "environment": FILE.replace("{ account \"123456789012\"; region us-east-1 }",
                                "{\n?account? account \"123456789012\"\n?region? region us-east-1\n@\n}").replace("?environment prod? ", "") + SERVICE % "",
    "profile": FILE + "profile small {\n@\n}\n" + SERVICE % "",
}


def wrap(name, fragment):
    """The whole file that the fragment stands for."""
    said = [line.split() for line in fragment.splitlines() if line and not line[0].isspace() and line[0] not in "#}"]
    lines = []
    for line in WRAPPERS[name].splitlines():
        default = DEFAULT.match(line)
        if line.strip() == "@":
            lines += fragment.splitlines()
        elif not default:
            lines.append(line)
        elif not any(words[:len(default["key"].split())] == default["key"].split() for words in said):
            lines.append(default["statement"])
    return "\n".join(lines) + "\n"


def in_place(svc, parent, text, arguments):
    """A run of svc beside the text as input.svc."""
    place = tempfile.mkdtemp(dir=parent)
    beside = os.path.join(ROOT, "tests", "spec")
    if os.path.isdir(beside):
        shutil.copytree(beside, place, dirs_exist_ok=True)
    with open(os.path.join(place, "input.svc"), "w", encoding="utf-8") as file:
        file.write(text)
    result = run(svc, arguments, place)
    shutil.rmtree(place, ignore_errors=True)
    return result


def lint(svc, parent, text):
    result = in_place(svc, parent, text, ["lint", "input.svc", "--format", "json"])
    if result.crashed:
        return result.status, [], f"svc crashed with status {result.status}\n" + result.stderr.decode("utf-8", "backslashreplace")
    return result.status, *read_diagnostics(result.stdout)


def show(items, text):
    lines = text.splitlines()
    return "".join(f'{item["severity"]}[{item["code"]}]: {item["message"]}\n  {item["line"]}:{item["column"]}: '
                   f'{lines[item["line"] - 1] if 1 <= item["line"] <= len(lines) else ""}\n' for item in items)


def check_tests(svc, parent, text):
    result = in_place(svc, parent, text, ["test", "input.svc"])
    return "" if result.status == 0 else f"svc test: status {result.status}\n" + (result.stdout + result.stderr).decode("utf-8", "backslashreplace")


def check(svc, parent, text, code):
    status, items, wrong = lint(svc, parent, text)
    if wrong:
        return wrong
    if code is None:
        if items or status != 0:
            return f"must lint without a diagnostic, but status {status}:\n" + show(items, text)
        return ""
    report = ""
    if not any(item["code"] == code for item in items):
        report += f"must give {code}, but status {status}:\n" + (show(items, text) or "no diagnostic\n")
    others = [item for item in items if item["code"] != code and item["severity"] == "error"]
    if others and not report:
        report += f"must give {code} and no other error:\n" + show(others, text)
    return report


def main():
    parser = argparse.ArgumentParser(description="Runs the code fences of SPEC.md.")
    parser.add_argument("--svc", required=True, help="the program to test")
    parser.add_argument("--spec", default=os.path.join(ROOT, "SPEC.md"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    spec = read_file(options.spec).decode()
    fences = [(spec.count("\n", 0, found.start()) + 1, found[1].strip(), found[2]) for found in FENCE.finditer(spec)]
    first = fences[0][2].encode() if fences else b""
    tally.add("the first fence is examples/claude-proxy.svc",
              "SPEC.md has no fence\n" if not fences else
              diff(read_file(os.path.join(ROOT, "examples", "claude-proxy.svc")), first, "first fence of SPEC.md"))
    starts = len(re.findall(r"^\s*(?:```|~~~)svc\b", spec, re.M))
    begun = sum(info.split()[:1] == ["svc"] for _, info, _ in fences)
    tally.add("every fence of svc is found", "" if starts == begun else f"{starts} lines begin one, {begun} are fences at the left margin\n")
    with tempfile.TemporaryDirectory(prefix="svc-spec-") as parent:
        jobs = [(f"wrapper {name}", lambda name=name: check(svc, parent, wrap(name, ""), None)) for name in WRAPPERS]
        for line, info, text in fences:
            if info.split()[:1] != ["svc"]:
                continue
            name, found = f"SPEC.md:{line} {info}", INFO.match(info)
            if not found or found["wrapper"] and found["wrapper"] not in WRAPPERS:
                jobs.append((name, lambda: f"not a kind of fence; the bodies are {', '.join(sorted(WRAPPERS))}\n"))
                continue
            whole = wrap(found["wrapper"], text) if found["wrapper"] else text
            jobs.append((name, lambda whole=whole, code=found["code"]: check(svc, parent, whole, code)))
            if found["test"]:
                jobs.append((name + ", run", lambda whole=whole: check_tests(svc, parent, whole)))
        run_parallel(tally, jobs, options.jobs)
    tally.close()


if __name__ == "__main__":
    main()
