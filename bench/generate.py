#!/usr/bin/env python3
"""Writes N services, one file each, as one project: examples/claude-proxy.svc with other names, numbers and paths.

    bench/generate.py 1000 DIRECTORY
"""

import argparse
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLE = os.path.join(ROOT, "examples", "claude-proxy.svc")


def variant(text, number):
    """The example as service `number`: its names are its own, its sizes vary, the project and the network are shared."""
    name = f"proxy-{number:05d}"
    text = text.replace("project claude-proxy\n", "project bench\n")
    text = text.replace("claude-proxy", name)
    text = re.sub(r"\bedge\b", f"edge-{number:05d}", text)
    text = text.replace("scale 2..10", f"scale 2..{3 + number % 40}")
    return text.replace('"/health"', f'"/health/{number}"')


def generate(count, directory):
    with open(EXAMPLE, encoding="utf-8") as file:
        text = file.read()
    if variant(text, 1).count("proxy-00001") < 3:
        raise SystemExit("bench/generate.py no longer fits examples/claude-proxy.svc")
    os.makedirs(directory, exist_ok=True)
    for number in range(count):
        with open(os.path.join(directory, f"proxy-{number:05d}.svc"), "w", encoding="utf-8") as file:
            file.write(variant(text, number))


def main():
    parser = argparse.ArgumentParser(description="Writes N services, one file each, as one project.")
    parser.add_argument("count", type=int)
    parser.add_argument("directory")
    options = parser.parse_args()
    generate(options.count, options.directory)


if __name__ == "__main__":
    main()
