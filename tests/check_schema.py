#!/usr/bin/env python3
"""Checks the AWS schema tables of schema/.

Always: every file is what it says it is (read back, each listed operation there, numbers in range, members in order, each row of
the overlay present). Where botocore can be imported: the tables are made again in a temporary folder and compared. With the
botocore that they were made from, a difference is a failure; with another one it is news, printed as what AWS changed.
"""

import os
import re
import subprocess
import sys
import tempfile

from harness import ROOT, Tally

sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.dont_write_bytecode = True

import generate_schema as generator  # noqa: E402

VERSION = re.compile(r"the service models of botocore (\S+)\. ")


def read_files(folder):
    """{file name: text} of what is generated."""
    files = {}
    for name in sorted(os.listdir(folder)):
        if name == "schema_services.def" or name.startswith("schema_data_"):
            with open(os.path.join(folder, name), encoding="ascii", newline="") as file:
                files[name] = file.read()
    return files


def file_of(service):
    return f"schema_data_{generator.c_name(service)}.c"


def check_service(name, text, version, overlay):
    """What is wrong with one committed file, a line each."""
    wrong = []
    if (VERSION.search(text) or ["", "none"])[1] != version:
        wrong.append(f"made from another botocore than schema_services.def ({version})")
    service = generator.read_service(text)
    if service["facts"]["name"] != name:
        wrong.append(f"it calls itself {service['facts']['name']}")
    wrong += [f"operation {each}: not in the table" for each in generator.OPERATIONS[name].split() if each not in service["operations"]]
    wrong += [f"operation {each}: not in OPERATIONS" for each in service["operations"] if each not in generator.OPERATIONS[name].split()]
    for shape, fact in service["shapes"].items():
        members = list(fact.get("members", {}))
        if members != sorted(members, key=str.encode):
            wrong.append(f"shape {shape}: its members are not in order")
    for row in overlay:
        if row["service"] == name:
            wrong += check_overlay_row(row, service["shapes"])
    return wrong


def check_overlay_row(row, shapes):
    owner, dot, member = row["member"].partition(".")
    if owner not in shapes or (dot and member not in shapes[owner].get("members", {})):
        return [f"overlay: {row['member']}: not in the table"]
    target = shapes[owner]["members"][member] if dot else shapes[owner]
    if row["limit"] == "shape":
        return []
    if row["limit"] == "member":
        return [] if target["shape"] == row["value"] else [f"overlay: {row['member']}: is {target['shape']}, not {row['value']}"]
    if row["limit"] == "required":
        return [] if "required" in target["flags"] else [f"overlay: {row['member']}: not required in the table"]
    wanted = dict(generator.overlay_limits(row), source=row["source"], **({"only": row["only"]} if "only" in row else {}))
    # Two rows may limit one member; the later one's source stands.
    return [f"overlay: {row['member']}: {key} is {target['limits'].get(key)}, not {value}"
            for key, value in wanted.items() if key != "source" and target["limits"].get(key) != value]


def say_changes(committed, made):
    """A readable list: what the committed tables say, what they would say now."""
    lines = []
    for name in sorted(set(committed) | set(made)):
        if not name.startswith("schema_data_") or committed.get(name) == made.get(name):
            continue
        old, new = (generator.describe(generator.read_service(files[name])) if name in files else {} for files in (committed, made))
        service = name[len("schema_data_"):-len(".c")].replace("_", "-")
        for what in sorted(set(old) | set(new)):
            if what not in old:
                lines.append(f"+ {service} {what}: {new[what]}")
            elif what not in new:
                lines.append(f"- {service} {what}: {old[what]}")
            elif old[what] != new[what]:
                lines.append(f"~ {service} {what}: {old[what]} -> {new[what]}")
    return lines


def make_again(options):
    """(files, notes) of a fresh run in a temporary folder; raises generator.Problem with what the script says."""
    script = os.path.join(ROOT, "tools", "generate_schema.py")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, script, "--out", folder, *options], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise generator.Problem(done.stderr.strip())
        return read_files(folder), [line for line in done.stdout.splitlines() if line.startswith("note: ")]


def compare(committed, version):
    """(what is wrong, news): both lists of lines."""
    try:
        import botocore
    except ImportError:
        return [], ["botocore is not installed: the tables were not made again"]
    same = botocore.__version__ == version
    try:
        made, notes = make_again([] if same else ["--lenient"])
    except generator.Problem as problem:
        return ([str(problem)], []) if same else ([], [f"botocore {botocore.__version__}: {problem}"])
    changes = say_changes(committed, made)
    if same:
        wrong = changes + notes
        wrong += [f"{name}: the bytes differ: run tools/generate_schema.py"
                  for name in sorted(set(committed) | set(made)) if committed.get(name) != made.get(name)]
        return wrong, []
    return [], [f"the tables are from botocore {version}; botocore {botocore.__version__} says otherwise in {len(changes)} places"] + changes + notes


def main():
    tally = Tally()
    committed, overlay = read_files(generator.SCHEMA), generator.read_overlay()
    version = VERSION.search(committed["schema_services.def"])[1]
    listed = re.findall(r"^SCHEMA_SERVICE\((\w+)\)$", committed["schema_services.def"], re.M)
    names = sorted(generator.OPERATIONS)
    stray = sorted(set(committed) - {"schema_services.def"} - {file_of(name) for name in names})
    wrong = [f"{name}: no such service" for name in stray]
    wrong += [] if listed == [generator.c_name(name) for name in names] else ["schema_services.def lists other services than OPERATIONS"]
    tally.add("list of services", "\n".join(wrong))
    for name in names:
        text = committed.get(file_of(name))
        tally.add(name, "\n".join(check_service(name, text, version, overlay)) if text else "no such file")
    wrong, news = compare(committed, version)
    tally.add("made again from botocore", "\n".join(wrong))
    for line in news:
        print(line)
    tally.close()


if __name__ == "__main__":
    main()
