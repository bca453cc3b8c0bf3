#!/usr/bin/env python3
"""Checks the rules of the code that no compiler checks.

- banned functions (BANNED), and memory only through base/memory.h
- no work left undone in a comment
- each header compiles alone, with the flags of the build
- the length of files and functions
- a room includes only itself and the rooms before it
- no word of the vocabulary as a string literal in C outside of vocabulary/: a C file names words by their ids, and reaches
  the members of AWS documents through the table. A literal that equals a word but means something else (a member of an AWS
  document without a word of its own, a member of svc's own JSON, a command) has a line in tests/word_literals.txt:
      path "literal" reason
  The path may be a room that works on AWS's documents: rules/. Reasons are obligatory, and a line that nothing needs is an error.
- no mutable variable outlives a call: the library has no object in .data or .bss
"""

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import subprocess

from harness import ROOT, Tally, read_file

ROOMS = ["base", "schema", "diagnostics", "vocabulary", "document", "parser", "compiler", "emit", "rules", "foreign", "plan", "rollout", "aws", "live", "apply", "simulate", "cli"]
MAX_FILE_LINES = 900
MAX_FUNCTION_LINES = 80

UNBOUNDED = "sprintf vsprintf strcpy stpcpy strcat strncpy strncat strtok strtok_r atoi atol atoll atof gets scanf sscanf fscanf alloca tmpnam mktemp"
BANNED = {name: "writes or reads without a limit, or hides errors" for name in UNBOUNDED.split()}
BANNED |= {name: "jumps over cleaning up" for name in "longjmp siglongjmp _longjmp".split()}
BANNED |= {name: "depends on the locale or on hidden state" for name in "setlocale strerror_r localtime gmtime ctime asctime rand srand".split()}
BANNED |= {name: "runs other programs" for name in "system popen".split()}
# Where a function may stand after all; a path that ends in / is a folder.
ONLY_IN = {
    "exit": ("cli/main.c", "only main ends the process"),
    "_exit": ("cli/main.c", "only main ends the process"),
    "quick_exit": ("cli/main.c", "only main ends the process"),
    "abort": ("base/memory.c", "only running out of memory aborts"),
    "malloc": ("base/memory.c", "memory comes from base/memory.h"),
    "calloc": ("base/memory.c", "memory comes from base/memory.h"),
    "realloc": ("base/memory.c", "memory comes from base/memory.h"),
    "strdup": ("base/memory.c", "memory comes from base/memory.h"),
    "strndup": ("base/memory.c", "memory comes from base/memory.h"),
    "asprintf": ("base/memory.c", "memory comes from base/memory.h"),
    "vasprintf": ("base/memory.c", "memory comes from base/memory.h"),
}
UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)
WORD_ROW = re.compile(r'\bWORD\(\s*\w+\s*,\s*"((?:[^"\\]|\\.)*)"')
ALLOWED_LITERAL = re.compile(r'(\S+) "([^"]*)" (\S.*)$')


def list_files(*folders, endings):
    paths = []
    for folder in folders:
        for place, _, names in os.walk(os.path.join(ROOT, folder)):
            paths += [os.path.relpath(os.path.join(place, name), ROOT) for name in names if name.endswith(endings)]
    return sorted(paths)


def read_text(path):
    return read_file(os.path.join(ROOT, path)).decode("utf-8", "replace")


def blank(text, keep_strings):
    """The text with comments (and the insides of strings) made blank; lines stay where they are."""
    def replace(found):
        token = found[0]
        if token[0] == "/" or not keep_strings:
            return re.sub(r"[^\n]", " ", token)
        return token
    return TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_functions(path):
    """Banned calls. Files of tests and tools may end the process and allocate as they like."""
    code = blank(read_text(path), keep_strings=False)
    in_room = path.split(os.sep)[0] in ROOMS
    report = ""
    for found in re.finditer(r"\b([A-Za-z_]\w*)\s*\(", code):
        name = found[1]
        if name in BANNED:
            report += f"{path}:{line_of(code, found.start())}: {name}: {BANNED[name]}\n"
        elif in_room and name in ONLY_IN and path != ONLY_IN[name][0]:
            report += f"{path}:{line_of(code, found.start())}: {name}: {ONLY_IN[name][1]}\n"
    if in_room and path != "base/memory.c":
        report += "".join(f"{path}:{line_of(code, found.start())}: free: memory comes from base/memory.h\n"
                          for found in re.finditer(r"(?<![\w.>])free\s*\(", code))
    return report


def check_undone(path):
    text = read_text(path)
    return "".join(f"{path}:{line_of(text, found.start())}: {found[0]}: finish it, or open an issue\n" for found in UNDONE.finditer(text))


def check_length(path):
    """Files, and functions: from the line before a `{` in the first column to the `}` in the first column."""
    lines = read_text(path).splitlines()
    if path.startswith("schema/schema_data_"):  # generated: as long as the service is large
        return ""
    report = f"{path}: {len(lines)} lines, at most {MAX_FILE_LINES}\n" if len(lines) > MAX_FILE_LINES else ""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number - 1
        elif line == "}" and start is not None:
            if number - start + 1 > MAX_FUNCTION_LINES:
                report += f"{path}:{start}: a function of {number - start + 1} lines, at most {MAX_FUNCTION_LINES}\n"
            start = None
    return report


def check_includes(path):
    """A room includes itself and the rooms before it in ROOMS."""
    room = path.split(os.sep)[0]
    text = blank(read_text(path), keep_strings=True)
    report = ""
    for found in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        other = found[1].split("/")[0]
        if other not in ROOMS or "/" not in found[1]:
            report += f'{path}:{line_of(text, found.start())}: "{found[1]}" is not named from the root\n'
        elif ROOMS.index(other) > ROOMS.index(room):
            report += f"{path}:{line_of(text, found.start())}: {room}/ does not know {other}/\n"
    return report


def compile_flags(build):
    """Compiler and flags of the library, from the build's compile_commands.json."""
    commands = json.loads(read_file(os.path.join(build, "compile_commands.json"), b"[]"))
    for entry in commands:
        if entry["file"].startswith(os.path.join(ROOT, "base") + os.sep):
            words = shlex.split(entry["command"])
            flags = [word for word in words[1:] if word.startswith(("-W", "-D", "-I", "-std=")) or word == "-isystem"]
            return [words[0], *flags]
    return None


def check_header(compiler, path):
    text = f'#include "{path}"\n#include "{path}"\nint header_compiles_alone;\n'
    done = subprocess.run([*compiler, "-fsyntax-only", "-x", "c", "-"], input=text, text=True, capture_output=True, cwd=ROOT)
    return done.stderr if done.returncode else ""


def read_words():
    words = set()
    for path in list_files("vocabulary", endings=".def"):
        words |= set(WORD_ROW.findall(blank(read_text(path), keep_strings=True)))
    return words - {""}


def check_words(paths):
    """[(name, what is wrong)] for each file, and for the list of what is allowed."""
    words = read_words()
    results = [("vocabulary", "" if words else "vocabulary/*.def has no row WORD(id, \"word\", …)\n")]
    allowed, listing = {}, ""
    for number, line in enumerate(read_text("tests/word_literals.txt").splitlines(), 1):
        found = ALLOWED_LITERAL.match(line)
        if found:
            if (found[1], found[2]) in allowed:
                listing += f"tests/word_literals.txt:{number}: said twice\n"
            allowed[found[1], found[2]] = number
        elif line and not line.startswith("#"):
            listing += f"tests/word_literals.txt:{number}: not `path \"literal\" reason`\n"
    used = set()
    for path in paths:
        code = re.sub(r"^\s*#\s*include[^\n]*", "", blank(read_text(path), keep_strings=True), flags=re.M)
        report = ""
        for found in re.finditer(r'"((?:[^"\\\n]|\\.)*)"', code):
            if found[1] in words:
                room = path.split("/")[0] + "/"
                key = (path, found[1]) if (path, found[1]) in allowed else (room, found[1])
                if key in allowed:
                    used.add(key)
                else:
                    report += f'{path}:{line_of(code, found.start())}: "{found[1]}" is a word of the vocabulary: use its id\n'
        results.append((f"words {path}", report))
    listing += "".join(f'tests/word_literals.txt:{allowed[key]}: {key[0]} has no "{key[1]}" that needs this\n'
                       for key in sorted(allowed.keys() - used, key=lambda key: allowed[key]))
    return [*results, ("tests/word_literals.txt", listing)]


def check_variables(library):
    """Objects in writable sections. What the loader writes once (.data.rel.ro: tables with pointers) is constant."""
    done = subprocess.run(["objdump", "-t", library], capture_output=True, text=True)
    if done.returncode:
        return done.stderr or "objdump failed\n"
    report, member, objects = "", "", 0
    for line in done.stdout.splitlines():
        found = re.match(r"(\S+):\s+file format", line)
        if found:
            member = found[1]
        row = re.match(r"[0-9a-f]+ .{6}(.) (\S+)\s+[0-9a-f]+ (?:\.hidden )?(.+)$", line)
        if not row or row[1] != "O":
            continue
        objects += 1
        section, name = row[2], row[3]
        writable = section.startswith((".data", ".bss", ".tdata", ".tbss", "*COM*"))
        if writable and not section.startswith(".data.rel.ro"):
            report += f"{member}: {name} in {section} can change\n"
    return report or ("" if objects else "objdump shows no object at all\n")


def main():
    parser = argparse.ArgumentParser(description="Checks the rules of the code that no compiler checks.")
    parser.add_argument("--library", required=True, help="libsvc-core.a of a release build; compile_commands.json lies beside it")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    tally = Tally()
    rooms = list_files(*ROOMS, endings=(".c", ".h"))
    code = rooms + list_files("tests", "tools", "bench", endings=(".c", ".h"))
    texts = code + list_files(*ROOMS, "stdlib", "examples", "tests", "tools", "bench", "docs", endings=(".def", ".svc", ".py", ".cmake", ".sh"))
    for path in code:
        tally.add(f"functions {path}", check_functions(path))
        tally.add(f"length {path}", check_length(path))
    for path in rooms:
        tally.add(f"includes {path}", check_includes(path))
    for path in sorted(set(texts)):
        tally.add(f"undone {path}", check_undone(path))
    for name, failure in check_words([path for path in rooms if path.split(os.sep)[0] != "vocabulary"]):
        tally.add(name, failure)
    compiler = compile_flags(os.path.dirname(os.path.abspath(options.library)))
    headers = [path for path in rooms if path.endswith(".h")]
    if compiler is None:
        tally.add("headers", "no compile_commands.json beside the library\n")
    else:
        with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
            for path, failure in zip(headers, pool.map(lambda path: check_header(compiler, path), headers)):
                tally.add(f"header {path}", failure)
    tally.add("variables", check_variables(options.library))
    tally.close()


if __name__ == "__main__":
    main()
