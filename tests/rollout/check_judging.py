#!/usr/bin/env python3
"""Conditions mean the same in C and in CloudWatch.

Random conditions are built by svc: into an alarm with metric math, and into a tree of rollout.json. The alarm is evaluated here by what AWS
documents of metric math and of missing data, over random series with gaps; the tree by the judge, a small program around rollout/condition.c. rising()
and the comparison of two revisions, which no alarm can say, are evaluated here by their definitions in SPEC.md.

What AWS documents: an operation on a point that is missing has none; FILL gives one; SUM and MAX of a list take those that there are. Of N points M must
breach. When points are missing, the setting decides: breaching and notBreaching stand for them; missing is INSUFFICIENT_DATA when there are none at all,
and ALARM also when the oldest breaching point is M periods old or older and nothing but breaching or missing points came since; ignore keeps the state
unless a point speaks against it.
"""

import argparse
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import ROOT, Tally, run  # noqa: E402

NOT, OK, BREACH, UNKNOWN, ERROR = range(5)
NAMES = ["not judged", "ok", "breach", "unknown", "error"]
START = 1_700_000_040 // 60 * 60
METRICS = {  # path: (unit, missing)
    "c.zero": ("count", "zero"), "c.ok": ("count", "ok"), "c.breach": ("count", "breach"), "c.ignore": ("count", "ignore"), "c.unknown": ("count", "unknown"),
    "d.seconds": ("seconds", "unknown"), "d.millis": ("milliseconds", "zero"), "p.zero": ("percent", "zero"), "p.ok": ("percent", "ok"),
}
HEAD = """project demo
environment prod { account "123456789012"; region us-east-1 }
network main existing { vpc tagged { Name "main" }; private tagged { Tier "private" } }
"""
POINTS = 14


# --- random conditions ---

def draw_comparison(rng):
    counts = [path for path in METRICS if path[0] == "c"]
    a, b, c = (rng.choice(counts) for _ in range(3))
    op = rng.choice(["<", "<=", ">", ">="])
    bound = rng.randrange(0, 7)
    return rng.choice([
        f"{a} {op} {bound}", f"{bound} {op} {a}", f"{a} + {b} {op} {bound}", f"{a} - {b} {op} {bound}", f"{a} / {b} {op} {rng.choice([50, 100, 200])}%",
        f"{a} / ({b} + {c}) {op} 0.5", f"2 * {a} {op} {b}", f"{a} {rng.choice(['==', '!='])} {b}", f"d.seconds {op} {bound * 1000}ms",
        f"d.seconds + d.millis {op} {bound}s", f"d.millis {op} d.seconds", f"p.zero {op} {bound}%", f"p.ok + p.zero {op} {bound}%", f"sum({a}) {op} {bound}",
        f"d.seconds / {a} {op} {bound}s", f"{a} / ({b} - {c}) {op} {bound}",
    ])


def draw_condition(rng, depth=0):
    kind = rng.random()
    if depth < 2 and kind < 0.25:
        return f"({draw_condition(rng, depth + 1)}) {rng.choice(['and', 'or'])} ({draw_condition(rng, depth + 1)})"
    if depth < 2 and kind < 0.32:
        return f"not ({draw_condition(rng, depth + 1)})"
    return draw_comparison(rng)


def draw_window(rng):
    periods = rng.randrange(1, 7)
    if rng.random() < 0.4:
        return f"for {rng.randrange(1, periods + 1)} of {periods}m"
    return f"for {periods}m" if rng.random() < 0.8 else ""


def draw_file(rng):
    metrics = "".join(f'metric {path} {{ namespace "T"; name "{path}"; statistic maximum; unit {unit}; missing {missing} }}\n' for path, (unit, missing) in METRICS.items())
    lines = []
    for _ in range(14):
        missing = f" missing {rng.choice(['ok', 'breach', 'ignore', 'keep'])}" if rng.random() < 0.5 else ""
        lines.append(f"    rollback when {draw_condition(rng)} {draw_window(rng)}{missing}\n")
    rising = rng.choice(list(METRICS)[:5])
    lines.append(f"    hold when rising({rising}) for {rng.randrange(2, 6)}m{rng.choice(['', ' by 2'])}{rng.choice(['', ' missing breach', ' missing ok'])}\n")
    which = rng.choice(["higher", "lower"])
    lines.append(f"    hold when {which}-than-stable(cpu) for {rng.randrange(4, 11)}m confidence {rng.choice([80, 90, 95, 98])}%{rng.choice(['', ' missing breach'])}\n")
    return (f"{HEAD}{metrics}service api {{\n  network main\n  compute 0.25 vcpu 512 MiB\n  container app {{ image ecr \"api\" tag \"1\" }}\n"
            f"  rollout canary {{\n    step 50% for 5h\n{''.join(lines)}  }}\n}}\n")


# --- metric math ---

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]\w*)|(<=|>=|==|!=|[-+*/()<>,\[\]]))")


class Math:
    """A small parser and evaluator of metric math: values are Fractions, None where there is no point."""

    def __init__(self, text, points):
        self.tokens = [found.lastgroup or next(group for group in found.groups() if group) for found in TOKEN.finditer(text)]
        self.at, self.points = 0, points

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        assert wanted is None or token == wanted, (wanted, token)
        self.at += 1
        return token

    def level(self, operators, below):
        value = below()
        while self.peek() in operators:
            value = apply(self.take(), value, below())
        return value

    def expression(self):
        return self.level({"OR"}, lambda: self.level({"AND"}, self.comparison))

    def comparison(self):
        return self.level({"<", "<=", ">", ">=", "==", "!="}, self.sum)

    def sum(self):
        return self.level({"+", "-"}, lambda: self.level({"*", "/"}, self.primary))

    def items(self, end):
        items = [self.expression()]
        while self.peek() == ",":
            self.take()
            items.append(self.expression())
        self.take(end)
        return items

    def primary(self):
        token = self.take()
        if token == "-":
            value = self.primary()
            return None if value is None else -value
        if token == "(":
            return self.items(")")[0]
        if token == "[":
            return self.items("]")
        if self.peek() == "(":
            self.take()
            return call(token, self.items(")"))
        return self.points[token] if token in self.points else Fraction(token)


def apply(op, a, b):
    if a is None or b is None:
        return None
    if op == "/":
        return a / b if b != 0 else None
    return Fraction({"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b, ">=": lambda: a >= b,
                     "==": lambda: a == b, "!=": lambda: a != b, "AND": lambda: a != 0 and b != 0, "OR": lambda: a != 0 or b != 0}[op]())


def call(name, arguments):
    if name == "FILL":
        return arguments[1] if arguments[0] is None else arguments[0]
    if name == "IF":
        return None if arguments[0] is None else arguments[1] if arguments[0] != 0 else arguments[2]
    there = [value for value in arguments[0] if value is not None]
    return None if not there else max(there) if name == "MAX" else sum(there)


# --- alarms ---

COMPARISONS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<", "LessThanOrEqualToThreshold": "<="}


def alarm_point(alarm, series, at):
    """True, False or None: whether the point of the alarm breaches."""
    if "MetricName" in alarm:
        value = series[alarm["MetricName"]].get(at)
    else:
        points = {query["Id"]: series[query["MetricStat"]["Metric"]["MetricName"]].get(at) for query in alarm["Metrics"] if "MetricStat" in query}
        returned = next(query for query in alarm["Metrics"] if query["ReturnData"])
        value = Math(returned["Expression"], points).expression() if "Expression" in returned else points[returned["Id"]]
    holds = apply(COMPARISONS[alarm["ComparisonOperator"]], value, Fraction(str(alarm["Threshold"])))
    return None if holds is None else holds != 0


def decide(points, needed, treatment, before):
    """points: oldest first."""
    yes, no, none = points.count(True), points.count(False), points.count(None)
    if yes >= needed:
        return BREACH
    if none == 0:
        return OK
    if treatment == "breaching":
        return BREACH if yes + none >= needed else OK
    if treatment in ("notBreaching", "zero"):
        return OK
    if treatment == "ignore":
        return before if no == 0 else OK
    if none == len(points):
        return UNKNOWN
    since_no = points[max((i for i, point in enumerate(points) if point is False), default=-1) + 1:]
    first_yes = next((i for i, point in enumerate(since_no) if point), None)
    return BREACH if first_yes is not None and len(since_no) - first_yes >= needed else OK


def window_starts(condition, own, now):
    period = condition["period_seconds"]
    newest = (now - 90) // period * period
    end = next((end for end in (newest - i * period for i in range(200)) if now - end <= 210 and any(end - period in points for points in own)), newest)
    count = condition["for_seconds"] // period
    return [end - (count - i) * period for i in range(count)]


def is_higher(canary, stable, confidence):
    """By its definition: over all ways to draw so many of all values, how often their ranks come to as much or more."""
    values = canary + stable
    ranks = [2 * sum(other < value for other in values) + sum(other == value for other in values) for value in values]
    ways = {(0, 0): 1}
    for rank in ranks:
        for (chosen, total), count in list(ways.items()):
            key = (chosen + 1, total + rank)
            ways[key] = ways.get(key, 0) + count
    drawn = {total: count for (chosen, total), count in ways.items() if chosen == len(canary)}
    mine = sum(ranks[:len(canary)])
    return Fraction(sum(count for total, count in drawn.items() if total >= mine), sum(drawn.values())) <= 1 - confidence


def window_answer(condition, series, starts):
    test = condition["test"]
    own = [[points.get(at) for at in starts] for points in series]
    if test["op"] == "rising":
        values = [Fraction(0) if value is None and "fill" in test["of"][0] else value for value in own[0]]
        if None in values:
            return None
        growth = values[-1] - values[0]
        return growth > 0 and growth >= Fraction(test["by"]) and all(a <= b for a, b in itertools.pairwise(values))
    canary, stable = ([value for value in values if value is not None] for values in own)
    if not canary or not stable:
        return None
    pair = (canary, stable) if test["op"] == "higher" else (stable, canary)
    return is_higher(*pair, Fraction(test["confidence"]))


def expected_of(condition, alarm, named, own, now, since, before):
    starts = window_starts(condition, own, now)
    if condition["scope"] == "canary" and starts[0] < since:
        return NOT
    if alarm:
        points = [alarm_point(alarm, named, at) for at in starts]
        return decide(points, alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]), alarm["TreatMissingData"], before)
    answer = window_answer(condition, own, starts)
    return decide([answer] * len(starts), condition["datapoints"], condition["missing"], before)


# --- series ---

def draw_series(rng):
    gap = rng.choice([0, 0.1, 0.3, 0.6, 1])
    most = rng.choice([2, 6])
    return {START + 60 * i: Fraction(rng.randrange(0, most)) for i in range(POINTS) if rng.random() >= gap}


def series_name(series):
    metric = series["stat"]["Metric"]
    return metric["MetricName"] + "".join(f"/{dimension['Value']}" for dimension in metric["Dimensions"] if dimension["Name"] == "ServiceName") if "Dimensions" in metric else metric["MetricName"]


def check_file(svc, judge, seed, rounds, seen):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "input.svc")
        with open(path, "w") as file:
            file.write(draw_file(rng))
        built = run(svc, ["build", path, "--env", "prod", "--out", os.path.join(folder, "out")], folder)
        if built.status != 0:
            return f"seed {seed}: svc build failed\n{built.stderr.decode()}"
        service = os.path.join(folder, "out", "api")
        policy = json.load(open(os.path.join(service, "rollout.json")))
        alarms = {}
        for name in os.listdir(os.path.join(service, "alarms")):
            alarm = json.load(open(os.path.join(service, "alarms", name)))
            alarms[alarm["AlarmName"]] = alarm
        asked, wanted = [], []
        for _ in range(rounds):
            named, series = {}, []
            for condition in policy["conditions"]:
                for item in condition["series"]:
                    series.append(named.setdefault(series_name(item), draw_series(rng)))
            named |= {path: draw_series(rng) for path in METRICS if path not in named}
            now = START + 60 * rng.randrange(8, POINTS + 3) + rng.randrange(0, 60)
            since = START + 60 * rng.randrange(0, 4)
            before = [rng.choice([OK, BREACH]) for _ in policy["conditions"]]
            offset, row = 0, []
            for condition, last in zip(policy["conditions"], before):
                own = series[offset:offset + len(condition["series"])]
                offset += len(condition["series"])
                row.append(expected_of(condition, alarms.get(condition["alarm"]), named, own, now, since, last))
            asked.append(json.dumps({"now": now, "since": since, "before": before, "series": [[[at, int(value)] for at, value in points.items()] for points in series]}))
            wanted.append(row)
        done = subprocess.run([judge, os.path.join(service, "rollout.json")], input="\n".join(asked) + "\n", text=True, capture_output=True)
        if done.returncode:
            return f"seed {seed}: {done.stderr}"
        for line, answer, row in zip(asked, done.stdout.splitlines(), wanted):
            got = [int(part) for part in answer.split()]
            for condition, have, want in zip(policy["conditions"], got, row):
                kind = condition["test"]["op"] if condition["test"]["op"] in ("rising", "higher", "lower") else "alarm"
                seen[kind, want] = seen.get((kind, want), 0) + 1
                if have != want:
                    return f"seed {seed}: {condition['expression']} is {NAMES[have]}, by CloudWatch's rules {NAMES[want]}\n{json.dumps(condition)}\n{line}\n"
    return ""


def main():
    parser = argparse.ArgumentParser(description="Conditions mean the same in C and in CloudWatch.")
    parser.add_argument("--svc", required=True)
    parser.add_argument("--judge", required=True)
    parser.add_argument("--files", type=int, default=40, help="how many files of random conditions")
    parser.add_argument("--rounds", type=int, default=40, help="how many sets of random series for each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally, seen = Tally(), {}
    for seed in range(options.seed, options.seed + options.files):
        tally.add(f"judging, seed {seed}", check_file(os.path.abspath(options.svc), os.path.abspath(options.judge), seed, options.rounds, seen))
    wanted = [("alarm", OK), ("alarm", BREACH), ("alarm", UNKNOWN), ("rising", OK), ("rising", BREACH), ("higher", BREACH), ("lower", BREACH), ("higher", NOT)]
    few = [f"{kind} {NAMES[judgement]}: {seen.get((kind, judgement), 0)}\n" for kind, judgement in wanted if seen.get((kind, judgement), 0) < 10]
    tally.add("every answer occurs", "".join(few))
    print(", ".join(f"{kind} {NAMES[judgement]} {count}" for (kind, judgement), count in sorted(seen.items())))
    tally.close()


if __name__ == "__main__":
    main()
