"""CloudWatch's metric math: expressions over time series.

A value is a number, a time series ({period's start: number}), or an array (list) of either; a string is the argument of METRICS. Series meet
at the times that both have; a division by zero has no value; a comparison is 1 or 0.
"""

import math
import operator
import re

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(\"[^\"]*\"|'[^']*')|(==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],]))")


class Wrong(ValueError):
    """The expression is not valid."""


def divide(left, right):
    return left / right if right else None


def power(left, right):
    try:
        result = left ** right
    except (ArithmeticError, ValueError):
        return None
    return result if isinstance(result, (int, float)) else None


OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": divide, "^": power,
    "==": lambda a, b: float(a == b), "!=": lambda a, b: float(a != b), "<": lambda a, b: float(a < b), ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b), ">=": lambda a, b: float(a >= b),
    "AND": lambda a, b: float(bool(a) and bool(b)), "OR": lambda a, b: float(bool(a) or bool(b)),
}
ALIASES = {"&&": "AND", "||": "OR"}
# From the loosest to the tightest.
LEVELS = (("OR", "||"), ("AND", "&&"), ("==", "!=", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"))


def is_series(value):
    return isinstance(value, dict)


def combine(function, left, right):
    """An operator over two values of any kind."""
    if isinstance(left, list) or isinstance(right, list):
        if isinstance(left, list) and isinstance(right, list):
            raise Wrong("an operator cannot take two arrays")
        return [combine(function, item, right) for item in left] if isinstance(left, list) else [combine(function, left, item) for item in right]
    if is_series(left) and is_series(right):
        pairs = ((time, function(left[time], right[time])) for time in left if time in right)
    elif is_series(left):
        pairs = ((time, function(value, right)) for time, value in left.items())
    elif is_series(right):
        pairs = ((time, function(left, value)) for time, value in right.items())
    else:
        return function(left, right)
    return {time: value for time, value in pairs if value is not None}


class Evaluation:
    """Evaluates the expressions of one request. queries: {id: query as GetMetricData has it}; fetch(query) gives a metric's series; times are
    the periods' starts of the whole range."""

    def __init__(self, queries, fetch, period, times, fill_empty=True):
        self.queries, self.fetch, self.period, self.times, self.fill_empty = queries, fetch, period, list(times), fill_empty
        self.known, self.open = {}, []

    def value(self, name):
        """The value of the query of that id."""
        if name in self.known:
            return self.known[name]
        if name not in self.queries:
            raise Wrong(f"there is no query {name}")
        if name in self.open:
            raise Wrong(f"{name} refers to itself")
        query = self.queries[name]
        self.open.append(name)
        self.known[name] = self.evaluate(query["Expression"]) if "Expression" in query else self.fetch(query)
        self.open.pop()
        return self.known[name]

    def evaluate(self, text):
        tokens, place = [], 0
        text = text.strip()
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise Wrong(f"cannot read {text[place:]!r}")
            tokens.append(found)
            place = found.end()
        reader = Reader(self, tokens)
        value = reader.binary(0)
        if reader.place < len(tokens):
            raise Wrong(f"what is {tokens[reader.place][0].strip()!r} doing here?")
        return value

    def call(self, name, arguments):
        function = FUNCTIONS.get(name)
        if not function:
            raise Wrong(f"there is no function {name}")
        return function(self, *arguments)


class Reader:
    """A recursive descent over the tokens; it evaluates as it reads."""

    def __init__(self, evaluation, tokens):
        self.evaluation, self.tokens, self.place = evaluation, tokens, 0

    def peek(self):
        return self.tokens[self.place].group(0).strip() if self.place < len(self.tokens) else ""

    def take(self, expected=None):
        text = self.peek()
        if not text or (expected and text != expected):
            raise Wrong(f"expected {expected or 'something'}, found {text or 'the end'}")
        self.place += 1
        return text

    def binary(self, level):
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in LEVELS[level]:
            sign = self.take()
            left = combine(OPERATORS[ALIASES.get(sign, sign)], left, self.binary(level + 1))
        return left

    def unary(self):
        if self.peek() == "-":
            self.take()
            return combine(operator.mul, -1.0, self.unary())
        base = self.primary()
        if self.peek() == "^":
            self.take()
            return combine(power, base, self.unary())
        return base

    def primary(self):
        if self.place >= len(self.tokens):
            raise Wrong("the expression ends too early")
        number, word, text, _ = self.tokens[self.place].groups()
        if number:
            self.place += 1
            return float(number)
        if text:
            self.place += 1
            return text[1:-1]
        if word:
            self.place += 1
            if self.peek() == "(":
                return self.evaluation.call(word, self.listed("(", ")"))
            return word if word in ("REPEAT", "LINEAR") else self.evaluation.value(word)
        if self.peek() == "[":
            return self.listed("[", "]")
        self.take("(")
        value = self.binary(0)
        self.take(")")
        return value

    def listed(self, opening, closing):
        self.take(opening)
        items = []
        while self.peek() != closing:
            items.append(self.binary(0))
            if self.peek() != closing:
                self.take(",")
        self.take(closing)
        return items


def reduction(reduce):
    """SUM and its like: a series becomes a number, an array of series one series over the times that any of them has."""
    def function(evaluation, value, *more):
        if more:
            raise Wrong("this function takes one argument; several go in brackets")
        if is_series(value):
            return reduce(list(value.values())) if value else {}
        if not isinstance(value, list):
            return value
        series = [item for item in value if is_series(item)]
        if not series:
            return reduce(value) if value else {}
        times = sorted({time for item in series for time in item})
        constants = [item for item in value if not is_series(item)]
        return {time: reduce([item[time] for item in series if time in item] + constants) for time in times}
    return function


def mapped(change):
    """ABS and its like: over each number."""
    def function(evaluation, value):
        if isinstance(value, list):
            return [function(evaluation, item) for item in value]
        if is_series(value):
            return {time: result for time, number in value.items() if (result := change(number)) is not None}
        return change(value)
    return function


def stepped(change):
    """RATE and its like: over each value and the one before it."""
    def function(evaluation, value):
        if isinstance(value, list):
            return [function(evaluation, item) for item in value]
        times = sorted(value)
        return {now: change(value[before], value[now], now - before) for before, now in zip(times, times[1:])}
    return function


def fill(evaluation, value, filler):
    if isinstance(value, list):
        return [fill(evaluation, item, filler) for item in value]
    if not value and not evaluation.fill_empty:
        return {}
    filled = dict(value)
    known = sorted(value)
    for time in evaluation.times:
        if time in filled:
            continue
        before = [item for item in known if item < time]
        after = [item for item in known if item > time]
        if filler == "REPEAT":
            if before:
                filled[time] = value[before[-1]]
        elif filler == "LINEAR":
            if before and after:
                share = (time - before[-1]) / (after[0] - before[-1])
                filled[time] = value[before[-1]] + share * (value[after[0]] - value[before[-1]])
        elif is_series(filler):
            if time in filler:
                filled[time] = filler[time]
        else:
            filled[time] = filler
    return dict(sorted(filled.items()))


def choose(evaluation, condition, then, otherwise=None):
    """IF: of series at each of their common times; without a third argument a false condition has no value."""
    series = [item for item in (condition, then, otherwise) if is_series(item)]
    if not series:
        return then if condition else ({} if otherwise is None else otherwise)
    times = set(condition) if is_series(condition) else {time for item in series for time in item}

    def at(value, time):
        return value.get(time) if is_series(value) else value
    pairs = ((time, at(then if at(condition, time) else otherwise, time)) for time in sorted(times) if at(condition, time) is not None)
    return {time: value for time, value in pairs if value is not None}


def metrics(evaluation, part=""):
    return [evaluation.value(name) for name, query in evaluation.queries.items() if "Expression" not in query and part in name]


def deviation(values):
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def running_sum(evaluation, value):
    total, result = 0.0, {}
    for time in sorted(value):
        total += value[time]
        result[time] = total
    return result


FUNCTIONS = {
    "SUM": reduction(sum), "AVG": reduction(lambda values: sum(values) / len(values)), "MIN": reduction(min), "MAX": reduction(max),
    "STDDEV": reduction(deviation), "ABS": mapped(abs), "CEIL": mapped(math.ceil), "FLOOR": mapped(math.floor),
    "LOG": mapped(lambda number: math.log(number) if number > 0 else None),
    "LOG10": mapped(lambda number: math.log10(number) if number > 0 else None),
    "RATE": stepped(lambda before, now, seconds: (now - before) / seconds), "DIFF": stepped(lambda before, now, _: now - before),
    "DIFF_TIME": stepped(lambda before, now, seconds: seconds), "FILL": fill, "IF": choose, "METRICS": metrics, "RUNNING_SUM": running_sum,
    "METRIC_COUNT": lambda evaluation, value: float(len(value)), "PERIOD": lambda evaluation, value: float(evaluation.period),
    "TIME_SERIES": lambda evaluation, value: {time: value for time in evaluation.times},
    "FIRST": lambda evaluation, value: value[0] if isinstance(value, list) else value[min(value)],
    "LAST": lambda evaluation, value: value[-1] if isinstance(value, list) else value[max(value)],
}
