#!/usr/bin/env python3
"""Completes lines in real shells with the scripts of `svc completion`.

    tests/run_completion.py --svc build/svc

Each line is completed in bash, zsh and fish, as far as they are installed (./test installs them): zsh by its own keys in a terminal of its
own, for which its completion is made; fish by its `complete -C`; bash by calling the function that it would call. A line that ends in what
only one word completes must become that word; one whose rest is free must stay as it is.
"""

import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from harness import Tally

# line -> what its last word becomes; None: nothing completes it
LINES = (
    ("svc pl", "plan"),
    ("svc explain-", "explain-value"),
    ("svc comp", "completion"),
    ("svc completion fi", "fish"),
    ("svc help few-", "few-samples"),
    ("svc explain SVC023", "SVC0231"),
    ("svc explain ser", None),
    ("svc plan --off", "--offline"),
    ("svc plan --det", "--detailed-exitcode"),
    ("svc plan --check", None),
    ("svc lint --fail", "--fail-level"),
    ("svc lint --fail-level war", "warning"),
    ("svc lint --format js", "json"),
    ("svc plan ser", "service.svc"),
    ("svc plan serv", "service.svc"),
    ("svc lint --env prod ser", "service.svc"),
    ("svc plan --live rec", "recording.json"),
    ("svc plan --env ser", None),
    ("svc build --out two", "two words"),
    ("svc version ser", None),
)
FILES = ("service.svc", "recording.json", "two words")


def in_bash(script, line, place):
    """The candidates."""
    words = line.split(" ")
    # what readline would set; the function is the one that `complete` names
    program = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); found=$(complete -p svc); found=${found#*-F }; '
               '${found%% *}; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", program, "bash", script, *words], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    return [found for found in done.stdout.split("\n") if found]


def in_fish(script, line, place):
    program = f"source {script}; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", program], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20,
                          env={**os.environ, "HOME": place, "XDG_CONFIG_HOME": place})
    return [found.split("\t")[0].rstrip("/") for found in done.stdout.split("\n") if found]


class Zsh:
    """An interactive zsh. A key of its own prints the line as it is."""

    def __init__(self, setup, place):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(place)
            os.environ.update({"TERM": "dumb", "HOME": place, "ZDOTDIR": place, "PS1": "", "PS2": ""})
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.text = ""
        show = "show() { print -r -- \"<<$BUFFER>>\"; BUFFER=''; zle redisplay }"
        self.send(f"unsetopt prompt_sp zle_bracketed_paste; setopt no_beep no_list_beep; autoload -Uz compinit; compinit -u -d {place}/dump; {setup}; {show}; "
                  "zle -N show; bindkey '^X' show; bindkey '^I' complete-word; print re''ady\n")
        self.wait("ready")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, wanted):
        end = time.monotonic() + 20
        while not re.search(wanted, self.text):
            if time.monotonic() > end or not select.select([self.terminal], [], [], 20)[0]:
                raise TimeoutError(f"zsh does not say {wanted!r}: {self.text[-500:]!r}")
            self.text += os.read(self.terminal, 65536).decode(errors="replace")
        found = re.search(wanted, self.text)
        self.text = self.text[found.end():]
        return found

    def complete(self, line):
        """The line after a tab."""
        self.send(line + "\t\x18")
        return self.wait(r"<<(.*?)>>")[1]

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def check_candidates(found, line, wanted):
    last = line.split(" ")[-1]
    fitting = [candidate for candidate in found if candidate.startswith(last)]
    if wanted is None:
        return "" if not fitting else f"{line!r} completes to {fitting}, and nothing fits"
    return "" if wanted in fitting else f"{line!r} completes to {found[:10]}, without {wanted!r}"


def check_line(after, line, wanted):
    """zsh has put the only candidate into the line, or what all have in common."""
    last = line.split(" ")[-1]
    added = after[len(line) - len(last):].rstrip(" /=").replace("\\ ", " ") if after.startswith(line) else None
    if added is None:
        return f"{line!r} became {after!r}"
    if wanted is None:
        return "" if added == last else f"{line!r} became {after!r}, and nothing fits"
    return "" if added == wanted else f"{line!r} became {after!r}, not {wanted!r}"


def run_zsh(tally, script, place):
    functions = os.path.join(place, "functions")
    os.makedirs(functions)
    shutil.copy(script, os.path.join(functions, "_svc"))
    # on fpath, as a package installs it, and sourced
    for label, setup in (("fpath", f"fpath=({functions} $fpath); compinit -u -d {place}/dump2"), ("sourced", f"source {script}")):
        zsh = Zsh(setup, place)
        for line, wanted in LINES:
            try:
                problem = check_line(zsh.complete(line), line, wanted)
            except TimeoutError as error:
                problem = str(error)
            tally.add(f"zsh ({label}): {line}", problem)
        zsh.close()


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the program to test")
    options = parser.parse_args(arguments)
    svc, tally = os.path.abspath(options.svc), Tally()
    for shell, complete in (("bash", in_bash), ("fish", in_fish), ("zsh", None)):
        if not shutil.which(shell):
            print(f"{shell} is not installed: its completion was not tried")
            continue
        with tempfile.TemporaryDirectory() as folder:
            place, script = os.path.join(folder, "work"), os.path.join(folder, f"svc.{shell}")
            os.makedirs(place)
            for name in FILES:
                open(os.path.join(place, name), "w", encoding="utf-8").close()
            with open(script, "wb") as stream:
                subprocess.run([svc, "completion", shell], stdout=stream, check=True)
            if not complete:
                run_zsh(tally, script, place)
                continue
            for line, wanted in LINES:
                tally.add(f"{shell}: {line}", check_candidates(complete(script, line, place), line, wanted))
    tally.close()


if __name__ == "__main__":
    main(sys.argv[1:])
