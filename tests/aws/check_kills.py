#!/usr/bin/env python3
"""Applies that are killed, or whose requests are answered badly, one after the other; then gone on with. The account must end as if nothing had been.

    tests/aws/check_kills.py --svc build-hooks/svc [--full] [PATTERN]

A kill is a SIGKILL before or after a call's work at AWS, or after a record of the journal is on the disk. What goes on is `svc apply` with the plan and
the journal, with the plan alone, with a journal whose last line is torn, or, where the whole working directory is gone, `svc apply FILE`. A fault answers one
call of the apply with throttling, a 500, a reset before or after the work, no answer in time after the work, access denied, or an expired token.
Afterwards the account, read with boto3, must equal one in which the same was applied at once: no resource and no revision more or fewer; and
`svc plan` must find nothing to do. --full does it at every call and every record of an example that is made anew; otherwise, and where it is only changed, some are tried.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from applying import LEASE_SECONDS, Account, build_signaller, expect_same, fresh  # noqa: E402
from check_apply import DEADLINE, run_checks  # noqa: E402
from check_live import contains, equal  # noqa: E402

SAMPLE = 2  # of each check, without --full
SAMPLED_RECORDS = 13  # without --full one record of so many

class Created(Account):
    """hello, which is not there yet, and its plan."""

    def __init__(self, aws, svc, folder):
        super().__init__(aws, svc, folder)
        self.plan_it()


class Changed(Account):
    """hello is there; its container listens elsewhere, and it says less."""

    def __init__(self, aws, svc, folder):
        super().__init__(aws, svc, folder)
        self.change(r'tag "1\.0\.0" \}', 'tag "1.0.0"; secret KEY from secrets-manager "hello/key"; logs "/ecs/hello-more" keep 30d }\n  alarm busy when cpu > 85% for 5m')
        self.aws.client("secretsmanager", region="us-east-1").create_secret(Name="hello/key", SecretString="{}")
        self.apply_file()
        self.change(r'; secret KEY from secrets-manager "hello/key"; logs "/ecs/hello-more" keep 30d \}\n  alarm busy when cpu > 85% for 5m', ' }')
        self.change(r"port: 8080", "port: 9090")
        self.plan_it()


class Sweep:
    """One scenario at many points. `whole` keeps what a scenario comes to when nothing happens: (its calls, the account)."""

    whole = {}

    def __init__(self, aws, svc, folder, full, scenario):
        self.aws, self.svc, self.folder, self.full, self.scenario = aws, svc, folder, full, scenario
        self.problems, self.count = [], 0
        if scenario not in self.whole:
            self.whole[scenario] = self.undisturbed()
        self.calls, self.wanted = self.whole[scenario]

    def undisturbed(self):
        world = self.world()
        world.forget_calls()
        world.apply()
        calls = [f"{call['service']} {call['operation']}" for call in self.aws.calls()]
        return calls, world.account()

    def world(self):
        fresh(self.folder)
        return self.scenario(self.aws, self.svc, self.folder)

    def points(self, count, shift):
        """All of them, or some, others for each shift."""
        return range(1, count + 1, self.full) if self.full else [1 + (count * (2 * place + 1) // (2 * SAMPLE) + 7 * shift) % count for place in range(SAMPLE)]

    def at(self, what, attempt):
        """One point; what went wrong there is kept."""
        self.count += 1
        world = self.world()
        try:
            attempt(world)
            world.expect_empty()
            expect_same(world.account(), self.wanted)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            self.problems.append(f"{what}: {error}")

    def close(self, what):
        print(f"{what}: {self.count} points, {len(self.problems)} wrong", flush=True)
        if self.problems:
            raise AssertionError("\n".join(self.problems))


# --- kills ---

def tear(world):
    """The end of the journal's last line did not reach the disk."""
    path = os.path.join(world.folder, ".svc", "prod", "journal")
    if os.path.exists(path):
        os.truncate(path, max(0, os.path.getsize(path) - 9))


def go_on(world, how):
    """Once nobody holds the lease of the dead."""
    world.aws.advance(LEASE_SECONDS)
    journal = os.path.join(world.folder, ".svc", "prod", "journal")
    if how == "the plan alone" and os.path.exists(journal):
        os.unlink(journal)
    if how == "a torn journal":
        tear(world)
    if how == "nothing":
        shutil.rmtree(os.path.join(world.folder, ".svc"))
        return world.apply_file()
    return world.apply()


def kill_at_call(world, after, when):
    """Whether it was killed there: otherwise it had ended."""
    process = world.command("apply", "--deadline", DEADLINE, "--without-rollout")
    world.aws.control("POST", "stop", {"after": after, "when": when, "pid": process.pid, "signal": signal.SIGKILL})
    os.kill(process.pid, signal.SIGCONT)
    out, _ = process.communicate(timeout=120)
    world.aws.control("DELETE", "stop")
    if process.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(f"the apply that was to be killed ended with {process.returncode}: {out}")
    return process.returncode != 0


WAYS = ("the plan and the journal", "the plan alone", "nothing", "a torn journal")


# After one call's work is before the next call: with --full both are tried where most is kept, and the former with every other way.
MOMENTS = {WAYS[0]: ("before", "after")}


def check_kills(scenario, way):
    def check(aws, svc, folder, full):
        sweep = Sweep(aws, svc, folder, full if scenario is Created else 0, scenario)
        for place, after in enumerate(sweep.points(len(sweep.calls), WAYS.index(way))):
            for when in MOMENTS.get(way, ("after",)) if full else (("after", "before")[place % 2],):
                def attempt(world, after=after, when=when):
                    if kill_at_call(world, after, when):
                        go_on(world, way)
                sweep.at(f"killed {when} call {after} of {len(sweep.calls)}", attempt)
        sweep.close(f"{scenario.__name__.lower()}, killed at calls, gone on with {way}")
    return check


def check_records(scenario):
    def check(aws, svc, folder, full):
        library = build_signaller(os.path.dirname(folder))
        sweep = Sweep(aws, svc, folder, full, scenario)
        last = None
        record = 0
        while last != 0:
            record += full or SAMPLED_RECORDS
            seen = []

            def attempt(world, record=record, seen=seen):
                code, out, errors = world.run("apply", "--deadline", DEADLINE, "--without-rollout", LD_PRELOAD=library, SIGNAL_AFTER_RECORD=str(record), SIGNAL_IS=str(int(signal.SIGKILL)))
                seen.append(code)
                if code not in (0, 128 + signal.SIGKILL):
                    raise AssertionError(f"exit status {code}: {errors}{out}")
                if code:
                    go_on(world, WAYS[record % len(WAYS)])
            sweep.at(f"killed after record {record} of the journal, gone on with {WAYS[record % len(WAYS)]}", attempt)
            last = seen[0] if seen else 1
        if record < 14:
            raise AssertionError(f"the journal has only {record} records")
        sweep.close(f"{scenario.__name__.lower()}, killed after records of the journal")
    return check


# --- what AWS answers ---

# name -> (the fault; the exit status may be other than 0)
FAULTS = {"throttling": ({"kind": "throttle"}, False), "a 500": ({"kind": "error500"}, False), "a reset before the work": ({"kind": "reset-before"}, False),
          "a reset after the work": ({"kind": "reset-after"}, False), "no answer in time after the work": ({"kind": "hang-after", "seconds": 2}, False),
          "access denied": ({"kind": "denied"}, True), "an expired token": ({"kind": "expired"}, True)}
# Times that a call fails: more often than the client alone tries it.
TIMES = {"throttling": 4, "a 500": 4}


def check_faults(scenario, name):
    fault, may_fail = FAULTS[name]

    def check(aws, svc, folder, full):
        sweep = Sweep(aws, svc, folder, full if scenario is Created else 0, scenario)
        for number in sweep.points(len(sweep.calls), list(FAULTS).index(name)):
            def attempt(world, number=number):
                world.aws.control("POST", "faults", [dict(fault, nth=number, count=TIMES.get(name, 1))])
                code, out, errors = world.run("apply", "--deadline", DEADLINE, "--without-rollout", SVC_TEST_TIMEOUT_MS="1000")
                world.aws.control("DELETE", "faults")
                if code not in ((0, 1, 4) if may_fail else (0,)):
                    raise AssertionError(f"exit status {code}: {errors}{out}")
                if code:
                    # steps run side by side: the call of that number is not always the same
                    operation = next(call["operation"] for call in world.aws.calls() if call.get("fault"))
                    contains(errors, "error[SVC", *(["SVC0975", operation] if not operation.startswith(("Describe", "Get", "List")) else []))
                    equal("AccessDenied" in errors or "UnauthorizedOperation" in errors or "denies" in errors or "denied" in errors or "expired" in errors.lower(), True, errors)
                    world.apply()
            sweep.at(f"call {number} of {len(sweep.calls)} ({sweep.calls[number - 1]})", attempt)
        sweep.close(f"{scenario.__name__.lower()}, a call answered by {name}")
    return check


CHECKS = {
    **{f"kills, created, gone on with {way}": check_kills(Created, way) for way in WAYS[:3]},
    **{f"kills, changed, gone on with {way}": check_kills(Changed, way) for way in WAYS[:3]},
    "records, created": check_records(Created),
    "records, changed": check_records(Changed),
    **{f"faults, created, {name}": check_faults(Created, name) for name in FAULTS},
    **{f"faults, changed, {name}": check_faults(Changed, name) for name in FAULTS},
}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program, with test hooks")
    parser.add_argument("--full", action="store_true", help="every call and every record")
    parser.add_argument("--every", type=int, metavar="N", help="with --full: only every N-th of them")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    options = parser.parse_args(arguments)
    options.full = (options.every or 1) if options.full else 0
    return run_checks(CHECKS, options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
