#!/usr/bin/env python3
"""Writes N services, one file each, as one project: examples/claude-proxy.svc with other names, numbers and paths. With --small it is
examples/hello.svc: about twenty resources a service in one environment.

    bench/generate.py 1000 DIRECTORY
"""

import argparse
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "examples")


def variant(text, example, number):
    """The example as service `number`: its names are its own, its sizes vary, the project and the network are shared."""
    name = f"service-{number:05d}"
    text = re.sub(rf"^(project\s+){example}$", r"\1bench", text, flags=re.M)
    text = re.sub(rf"\b{example}\b", name, text)
    text = re.sub(r"\bedge\b", f"edge-{number:05d}", text)
    text = text.replace("scale 2..10", f"scale 2..{3 + number % 40}")
    return text.replace('"/health"', f'"/health/{number}"')


def generate(count, directory, example="claude-proxy"):
    with open(os.path.join(EXAMPLES, example + ".svc"), encoding="utf-8") as file:
        text = file.read()
    first = variant(text, example, 1)
    if first.count("service-00001") < 2 or not re.search(r"^project\s+bench$", first, re.M):
        raise SystemExit(f"bench/generate.py no longer fits examples/{example}.svc")
    os.makedirs(directory, exist_ok=True)
    for number in range(count):
        with open(os.path.join(directory, f"service-{number:05d}.svc"), "w", encoding="utf-8") as file:
            file.write(variant(text, example, number))


def generate_one_file(count, path):
    """One file with `count` services like examples/hello.svc, each with its own load balancer."""
    with open(os.path.join(EXAMPLES, "hello.svc"), encoding="utf-8") as file:
        head, separator, body = file.read().partition("load-balancer")
    if not separator:
        raise SystemExit("bench/generate.py no longer fits examples/hello.svc")
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^(project\s+)hello$", r"\1bench", head, flags=re.M))
        for number in range(count):
            file.write(variant(separator + body, "hello", number))


def main():
    parser = argparse.ArgumentParser(description="Writes N services, one file each, as one project.")
    parser.add_argument("count", type=int)
    parser.add_argument("directory")
    parser.add_argument("--small", action="store_true", help="examples/hello.svc instead")
    options = parser.parse_args()
    generate(options.count, options.directory, "hello" if options.small else "claude-proxy")


if __name__ == "__main__":
    main()
