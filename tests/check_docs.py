#!/usr/bin/env python3
"""Keeps the documents true.

docs/reference.md is what `svc help --markdown` prints. SPEC.md begins with examples/claude-proxy.svc and ends with an index from
`svc explain`; every section that a page, a source file or a link names is there. A `$ svc …` that a document shows prints what
it shows.

UPDATE_GOLDEN=1 rewrites all of these but the sections.
"""

import argparse
import glob
import os
import re
import shlex

from harness import ROOT, Tally, diff, read_file, run

BEGIN, END = "<!-- diagnostics: written by tests/check_docs.py -->\n", "<!-- end -->\n"
PAGE = re.compile(r"^(SVC\d{4}) \((error|warning|note)\): (.*?)\n.*?^Source: (.*?)$", re.M | re.S)
FIRM = re.compile(r"^(SVC\d{4}) \((?:(?!^SVC\d{4} \().)*?^No comment and no setting silences it", re.M | re.S)
HEADING = re.compile(r"^#{2,4} (.+)$", re.M)
CITED = re.compile(r'SPEC\.md, ("[^"]+"(?:, "[^"]+")*)')
LINK = re.compile(r"\]\(#([^)]+)\)")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)
SHOWN = re.compile(r"^    \$ svc (.+)\n((?:    .*\n|\n(?=    (?!\$)))*)", re.M)


def anchor(heading):
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def section_of(source, headings):
    """The section of SPEC.md that a page's source names, or None: then it is AWS's, or another document's."""
    name = source.removeprefix("SPEC.md, ").split(";")[0].strip()
    return name if source.startswith("SPEC.md, ") or name in headings else None


def index_of(pages, firm, headings):
    rows = ["| Code | What | Rule |\n", "|---|---|---|\n"]
    for code, severity, title, source in pages:
        section = section_of(source, headings)
        rule = f"[{section}](#{anchor(section)})" if section else source
        rows.append(f"| {code}{' †' if code in firm else ''} | {title}{'' if severity == 'error' else f' ({severity})'} | {rule} |\n".replace("`|`", "`\\|`"))
    return "".join(rows)


def replace_shown(svc, text):
    """The document with what its `$ svc …` print now."""
    def again(found):
        result = run(svc, shlex.split(found[1]), ROOT)
        lines = (result.stdout + result.stderr).decode("utf-8", "backslashreplace").splitlines()
        return f"    $ svc {found[1]}\n" + "".join(f"    {line}\n" if line else "\n" for line in lines)
    return SHOWN.sub(again, text)


def replace_example(text):
    """SPEC.md with the example as it is now in its first fence."""
    example = read_file(os.path.join(ROOT, "examples", "claude-proxy.svc")).decode()
    return FENCED.sub(lambda found: f"```svc\n{example}```", text, count=1)


def compare(tally, name, path, expected):
    """`expected` is what svc says; the file follows it."""
    actual = read_file(path)
    if os.environ.get("UPDATE_GOLDEN") == "1" and actual != expected:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(expected)
        actual = expected
    tally.add(name, diff(expected, actual, os.path.relpath(path, ROOT)))


def check_citations(tally, headings):
    wrong = ""
    for folder in ("base", "diagnostics", "vocabulary", "parser", "compiler", "document", "emit", "rules", "foreign", "plan", "aws", "live", "apply", "cli"):
        for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.[ch]"))):
            for found in CITED.finditer(read_file(path).decode()):
                for name in re.findall(r'"([^"]+)"', re.sub(r"\s+", " ", found[1])):
                    if name not in headings:
                        wrong += f'{os.path.relpath(path, ROOT)}: SPEC.md has no section "{name}"\n'
    tally.add("sections that sources cite", wrong)


def check_pages(tally, pages, headings):
    for code, _, _, source in pages:
        section = section_of(source, headings)
        tally.add(f"{code} names its rule", f"SPEC.md has no section {section}\n" if section and section not in headings else "")


def main():
    parser = argparse.ArgumentParser(description="Keeps the documents true.")
    parser.add_argument("--svc", required=True, help="the program to ask")
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    path = os.path.join(ROOT, "SPEC.md")
    spec = read_file(path).decode()
    headings = set(HEADING.findall(FENCED.sub("", spec)))
    codes = re.findall(r"^SVC\d{4}", run(svc, ["explain"], ROOT).stdout.decode(), re.M)
    explained = run(svc, ["explain", *codes], ROOT).stdout.decode()
    pages, firm = sorted(PAGE.findall(explained)), set(FIRM.findall(explained))
    tally.add("every diagnostic has a page", "" if len(pages) == len(codes) > 0 else f"{len(codes)} codes, {len(pages)} pages\n")
    compare(tally, "the reference is the vocabulary's", os.path.join(ROOT, "docs", "reference.md"), run(svc, ["help", "--markdown"], ROOT).stdout)
    head, begin, rest = spec.partition(BEGIN)
    _, end, tail = rest.partition(END)
    tally.add("SPEC.md has a place for the index", "" if begin and end else f"between {BEGIN}and {END}")
    if begin and end:
        spec = head + begin + index_of(pages, firm, headings) + end + tail
    compare(tally, "SPEC.md shows what svc says", path, replace_shown(svc, replace_example(spec)).encode())
    readme = os.path.join(ROOT, "README.md")
    compare(tally, "README.md shows what svc says", readme, replace_shown(svc, read_file(readme).decode()).encode())
    check_pages(tally, pages, headings)
    check_citations(tally, headings)
    anchors = {anchor(heading) for heading in headings}
    broken = [name for name in LINK.findall(spec) if name not in anchors]
    tally.add("links within SPEC.md", "".join(f"#{name}\n" for name in broken))
    tally.close()


if __name__ == "__main__":
    main()
