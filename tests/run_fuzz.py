#!/usr/bin/env python3
"""Runs the fuzz targets of tests/fuzz, each from its corpus tests/fuzz/corpus/<target>/ (a file of the corpus that fails is
a failure even in no time). A crash, a leak, an input that takes more than 10 s or 1 GiB is a failure; the input is kept in
the build directory and is to be added to the corpus with the fix. --keep adds what widens coverage to the corpus."""

import argparse
import glob
import os
import re
import subprocess
import tempfile

from harness import ROOT, Tally, run_parallel

LARGEST_INPUT = 16 * 1024


def write_dictionary(path):
    """The words of the vocabulary and what stands between them: what the fuzzer would take long to find by itself."""
    words = set()
    for name in glob.glob(os.path.join(ROOT, "vocabulary", "words_*.def")):
        with open(name, encoding="utf-8") as file:
            words |= set(re.findall(r'^WORD\(\w+, "([^"]+)"', file.read(), re.M))
    tokens = [word + " " for word in sorted(words)] + ["{ ", " }\\x0a", "\\x0a", "; ", "..", "${", "\\\"", " and ", " or ", "not ", "if ", " then ", " else ",
                                                   "yes", "30s", "512 MiB", "0.5 vcpu", "5%", "100/min", "http.5xx", "cpu", "param x string\\x0a", "let x ", "all(", "any(", "has(", "count(",
                                                   "begins(", "matches(", "one-of("]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f'"{token}"\n' for token in tokens)
    return path


def fuzz(build, target, seconds, keep):
    corpus = os.path.join(ROOT, "tests", "fuzz", "corpus", target)
    program = os.path.join(build, "fuzz-" + target)
    if not os.path.isdir(corpus) or not os.listdir(corpus):
        return f"tests/fuzz/corpus/{target}/ has no input\n"
    if not os.path.exists(program):
        return f"{program} is not built\n"
    artifacts = os.path.join(build, "artifacts", target)
    os.makedirs(artifacts, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="svc-fuzz-") as fresh:
        command = [program, f"-max_total_time={seconds}", f"-max_len={LARGEST_INPUT}", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1",
                   f"-artifact_prefix={artifacts}/"]
        if target not in ("parameters", "settings", "foreign", "profiles", "answers", "recordings"):
            command.append("-dict=" + write_dictionary(os.path.join(artifacts, target + ".dict")))
        command += [corpus, fresh] if keep else [fresh, corpus]
        done = subprocess.run(command, cwd=fresh, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + 300)
    output = done.stderr.decode("utf-8", "backslashreplace")
    if done.returncode:
        return f"status {done.returncode}\n" + "\n".join(output.splitlines()[-60:]) + "\n"
    runs = [line for line in output.splitlines() if line.startswith("stat::number_of_executed_units")]
    print(f"fuzz-{target}: {runs[0].split()[-1] if runs else '?'} inputs in {seconds} s", flush=True)
    return ""


def main():
    parser = argparse.ArgumentParser(description="Runs the fuzz targets.")
    parser.add_argument("--build", default=os.path.join(ROOT, "build-fuzz"))
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--filter", default="", help="only targets whose name contains this")
    parser.add_argument("--keep", action="store_true", help="add new inputs to the corpus")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    targets = sorted(os.path.basename(path)[:-2] for path in glob.glob(os.path.join(ROOT, "tests", "fuzz", "*.c")))
    tally = Tally()
    run_parallel(tally, [(f"fuzz-{target}", lambda target=target: fuzz(os.path.abspath(options.build), target, options.seconds, options.keep))
                         for target in targets if options.filter in target], options.jobs)
    tally.close()


if __name__ == "__main__":
    main()
