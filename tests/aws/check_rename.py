#!/usr/bin/env python3
"""Renaming everything in an example changes nothing but names in its output.

    tests/aws/check_rename.py --svc PATH [--set NAME=VALUE]…

Each example is built as it is and with every name that it declares (projects, services, containers, alarms, networks,
load balancers, topics, environments) replaced by another of the same length. The names are put back in the second
output, which must then equal the first. Left out: digests, and the hash at the end of a name that was cut.
"""

import argparse
import itertools
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

import examples
from documents import list_files

# words that declare a name
_DECLARING = ("project", "service", "container", "alarm", "network", "load-balancer", "topic", "environment")
# words after which a declared name is a reference, even if it is a word of the language too
_REFERRING = (*_DECLARING, "in", "notify", "notify-ok", "notify-missing", "route", "after", "volumes-from", "log")
# members of `svc help --format json` that hold prose
_PROSE = ("help", "summary", "description", "doc", "example", "examples", "default", "see", "note")
_TOKEN = re.compile(r"(?<![\w.-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?![\w-]|\.[\w])")
_HASH = "[0-9a-f]{8}"
_DIGEST = re.compile(r"\b[0-9a-f]{40,64}\b")
# letters of which no hex digest and hardly a word is made
_LETTERS = "qxzjkvw"


def _single_words(value, key=None):
    """Every string of a JSON value that is one word, prose left out."""
    if key in _PROSE:
        return set()
    if isinstance(value, dict):
        return {word for name, member in value.items() for word in _single_words(member, name)}
    if isinstance(value, list):
        return {word for member in value for word in _single_words(member)}
    return {value} if isinstance(value, str) and re.fullmatch("[a-z][a-z0-9.-]*", value) else set()


def library_words(text):
    """What a file declares that a bare word may mean: metrics, permissions, profiles, types, and so on."""
    return set(re.findall(r"^\s*(?:metric|permission|profile|type|let|param)\s+([A-Za-z_][\w.-]*)",
                          examples.code_of(text), re.MULTILINE))


def reserved_words(svc):
    """What a bare word may mean besides a name: vocabulary, its members, and what the standard library declares."""
    status, text = examples.run(svc, ["help", "--format", "json"], examples.ROOT)
    if status != 0:
        raise SystemExit(f"svc help --format json ended with {status}: {text}")
    words = _single_words(json.loads(text))
    for file in examples.files("stdlib", below=True):
        words |= library_words(examples.read(file))
    return words


def declared(text):
    """The names that a file declares, in order, each once."""
    words = "|".join(_DECLARING)
    found = re.findall(rf"(?:^|[;{{}}])\s*(?:{words})[ \t]+([a-z][a-z0-9-]*)(?![\w.-])", examples.code_of(text), re.MULTILINE)
    return [name for name in dict.fromkeys(found) if name not in profile_names(text)]


def profile_names(text):
    """Names that a library profile in use refers to, such as its container `app`: they are the profile's, not the file's."""
    used = re.findall(r"^use[ \t]+std\.([a-z]+)", examples.code_of(text), re.MULTILINE)
    library = "".join(pathlib.Path(examples.ROOT, "stdlib", f"{module}.svc").read_text(encoding="utf-8") for module in used)
    return set(re.findall(r'\bcontainer[ \t]+([a-z][a-z0-9-]*)', library)) | set(re.findall(r'default[ \t]+"([a-z][a-z0-9-]*)"', library))


def _candidates(name, number):
    """Names of the shape of another, whose first two letters depend on a number: so a cut name is still told apart."""
    size = sum(character.isalpha() for character in name)
    for shift in range(len(_LETTERS) ** 2):
        first, second = divmod(number + shift, len(_LETTERS))
        start = _LETTERS[first % len(_LETTERS)] + _LETTERS[second]
        for rest in itertools.product(_LETTERS, repeat=max(size - 2, 0)):
            source = iter((start + "".join(rest))[:size])
            yield "".join(next(source) if character.isalpha() else character for character in name)


def new_names(names, avoid):
    """A new name for each, of the same length and shape, none part of another or of the text."""
    mapping = {}
    for number, name in enumerate(sorted(names, key=len, reverse=True)):
        for new in _candidates(name, number):
            if new not in avoid and not any(new in other for other in mapping.values()):
                mapping[name] = new
                break
        else:
            raise SystemExit(f"no new name for {name!r}")
    return mapping


def _is_reference(code, match):
    """Whether a word that has several meanings is the name here: after a word that takes one, or before a port."""
    before = re.search(r"([a-z][a-z-]*)[ \t]+$", code[:match.start()])
    if before is None:
        return False
    return before[1] in _REFERRING or (before[1] == "to" and re.match(r"[ \t]+\d", code[match.end():]) is not None)


def rename(text, mapping, reserved):
    """Replaces names at their declarations and wherever a bare word can only be the name."""
    code, pieces, end = examples.code_of(text), [], 0
    for match in _TOKEN.finditer(code):
        word = match.group(0)
        # A name that is a word of the language too, such as `alarm cpu`, is only meant where a name stands.
        if word in mapping and (word not in reserved or _is_reference(code, match)):
            pieces += [text[end:match.start()], mapping[word]]
            end = match.end()
    return "".join(pieces) + text[end:]


def _spellings(name):
    """A name as it may stand in an output: as it is, and in the ways that an identifier is made of it."""
    parts = name.split("-")
    pascal = "".join(part.capitalize() for part in parts)
    return [name, pascal, pascal[0].lower() + pascal[1:], "".join(parts), "_".join(parts), "_".join(parts).upper()]


def restore(text, mapping):
    """The text with the old names, and every digest and hash masked."""
    text = _DIGEST.sub("DIGEST", text)
    for old, new in sorted(mapping.items(), key=lambda pair: -len(pair[1])):
        for before, after in zip(_spellings(new), _spellings(old)):
            text = text.replace(before, after)
    for old, new in mapping.items():
        # a name that was cut before its hash
        for size in range(len(new) - 1, 1, -1):
            text = re.sub(rf"{re.escape(new[:size])}-?(?={_HASH}\b)", lambda match, o=old, s=size: o[:s] + "-", text)
    return re.sub(rf"-{_HASH}\b", "-HASH", text)


def canonical(value, key=None):
    """JSON without what only depends on the order of names: objects, sets of strings, the files of a manifest."""
    if isinstance(value, dict):
        return {name: canonical(member, name) for name, member in sorted(value.items())}
    if isinstance(value, list):
        members = [canonical(member) for member in value]
        sorted_by_name = key in ("files", "unknowns", "Action", "Resource", "tags", "Tags")
        return sorted(members, key=lambda member: json.dumps(member, sort_keys=True)) if sorted_by_name else members
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return canonical(json.loads(value))
        except ValueError:
            return value
    return value


def outputs(directory, mapping):
    """path -> canonical content of an output directory, with the old names."""
    result = {}
    for path in list_files(directory):
        text = restore(examples.read(os.path.join(directory, path)), mapping)
        result[restore(path, mapping)] = canonical(json.loads(text))
    return result


def differences(first, second, at=""):
    """Messages on where two canonical values differ."""
    if isinstance(first, dict) and isinstance(second, dict):
        return [problem for key in sorted(set(first) | set(second)) for problem in (
            [f"{at}/{key}: only {'before' if key in first else 'after'} renaming"] if (key in first) != (key in second)
            else differences(first[key], second[key], f"{at}/{key}"))]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [problem for index, (one, other) in enumerate(zip(first, second))
                for problem in differences(one, other, f"{at}/{index}")]
    return [] if first == second else [f"{at}: {json.dumps(first)} became {json.dumps(second)}"]


def check_example(svc, file, results, reserved, given):
    """Builds one example twice in each environment, in copies of its folder."""
    name, text = os.path.basename(file), examples.read(file)
    names = declared(text)
    if not results.record(f"{name} declares names", [] if names else ["none was found"]):
        return
    mapping = new_names(names, text)
    with tempfile.TemporaryDirectory() as work:
        for side, content in (("before", text), ("after", rename(text, mapping, reserved | library_words(text)))):
            shutil.copytree(os.path.dirname(file), os.path.join(work, side))
            with open(os.path.join(work, side, name), "w", encoding="utf-8") as stream:
                stream.write(content)
        for environment in examples.environments(text):
            label, problems = f"{name} in {environment}" if environment else name, []
            for side, env in (("before", environment), ("after", mapping.get(environment))):
                folder = os.path.join(work, side)
                problems += examples.build(svc, os.path.join(folder, name), env, os.path.join(folder, f"out-{environment}"),
                                           folder, given)
            if results.record(f"{label} builds under both names", problems):
                first = outputs(os.path.join(work, "before", f"out-{environment}"), {})
                second = outputs(os.path.join(work, "after", f"out-{environment}"), mapping)
                results.record(f"{label}: only names changed", differences(first, second)[:20])


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the examples")
    options = parser.parse_args(arguments)
    results, svc = examples.Results(), os.path.abspath(options.svc)
    reserved = reserved_words(svc)
    for file in examples.deployable():
        check_example(svc, file, results, reserved, options.set)
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
