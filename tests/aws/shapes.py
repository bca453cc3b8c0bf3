"""A strict check of an operation's input against botocore's model.

botocore's own ParamValidator looks at types, required members and minima only: it passes `launchType: NONSENSE`
and port 70000.  This walks the same model and also checks enums, lengths, ranges and patterns.
"""

import functools
import re
import unicodedata
import warnings

from botocore.validate import ParamValidator

from documents import Finding, UNKNOWN, UNKNOWN_PREFIX, has_unknown, pointer_of, service_model

_POSIX = {"Print": r"\x20-\x7E", "Graph": r"\x21-\x7E", "ASCII": r"\x00-\x7F", "Alnum": "a-zA-Z0-9",
          "Alpha": "a-zA-Z", "Digit": "0-9", "Upper": "A-Z", "Lower": "a-z", "Space": r"\s",
          "Punct": r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E"}


@functools.lru_cache(maxsize=None)
def _category(name):
    """The inside of a character class for a Unicode general category such as L, Z or Nd."""
    ranges, start = [], None
    for point in range(0x110000 + 1):
        inside = point < 0x110000 and unicodedata.category(chr(point)).startswith(name)
        if inside and start is None:
            start = point
        elif not inside and start is not None:
            ranges.append(f"\\U{start:08X}-\\U{point - 1:08X}")
            start = None
    return "".join(ranges)


def _in_class(pattern, position):
    """Whether a position of a regular expression stands inside [ ]."""
    inside, index = False, 0
    while index < position:
        if pattern[index] == "\\":
            index += 2
            continue
        if pattern[index] == "[":
            inside = True
        elif pattern[index] == "]":
            inside = False
        index += 1
    return inside


def translate(pattern):
    """A pattern of a service model (Java's syntax) as Python writes it. Raises re.error where it has no equal."""
    # Java spells code points above U+FFFF as two halves; the models use only this one range of them.
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    if "&&" in pattern:
        raise re.error("class intersection has no equal in Python")

    def property_class(match):
        name = match.group("name")
        if name in _POSIX:
            inside = _POSIX[name]
        elif re.fullmatch("(?:Is)?[LMNPSZC][a-z]?", name):
            inside = _category(name[-2:] if name[-1].islower() else name[-1])
        else:
            raise re.error(f"no equal of \\p{{{name}}}")
        return inside if _in_class(pattern, match.start()) else f"[{inside}]"

    return re.sub(r"\\p\{(?P<name>\w+)\}", property_class, pattern)


class Patterns:
    """Compiles the models' patterns; `skipped` holds those that Python cannot express."""

    def __init__(self):
        self.cache, self.skipped, self.checked = {}, set(), 0

    def compile(self, pattern):
        if pattern not in self.cache:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    self.cache[pattern] = re.compile(translate(pattern), re.ASCII)
            except (re.error, Warning):
                self.cache[pattern] = None
                self.skipped.add(pattern)
        return self.cache[pattern]

    def accepts(self, pattern, text):
        """A pattern with an anchor says itself where it ends; one without means the whole string."""
        compiled = self.compile(pattern)
        if compiled is None:
            return True
        self.checked += 1
        if pattern.startswith("^") or pattern.endswith("$"):
            return compiled.search(text) is not None and not (pattern.endswith("$") and text.endswith("\n"))
        return compiled.fullmatch(text) is not None


class Checker:
    """Collects findings for calls. One for all documents, so that models and patterns are read once."""

    def __init__(self):
        self.findings, self.patterns, self.validator = [], Patterns(), ParamValidator()
        self.path, self.wrong_types = "", 0

    def say(self, pointer, message):
        self.findings.append(Finding(self.path, pointer, message))

    def say_type(self, shape, value, pointer, wanted):
        self.wrong_types += 1
        self.say(pointer, f"{shape.name} must be {wanted}, not {_kind(value)}")

    def check_call(self, call):
        """Both checks of one call: botocore's own, and the strict one."""
        self.path = call.document.path
        model = service_model(call.service)
        if call.operation not in model.operation_names:
            self.say(call.pointer, f"{call.service} has no operation {call.operation}")
            return
        shape = model.operation_model(call.operation).input_shape
        before = len(self.findings)
        self.check(shape, call.input, call.pointer)
        if len(self.findings) == before:
            # What the strict walk found the validator finds again in other words; what only it finds counts.
            report = self.validator.validate(call.input, shape)
            if report.has_errors():
                self.say(call.pointer, f"ParamValidator: {report.generate_report()}")

    def check(self, shape, value, pointer):
        if value is None:
            self.wrong_types += 1
            self.say(pointer, "null stands for nothing: leave the member out")
            return
        method = getattr(self, f"check_{shape.type_name}", None)
        if method is None:
            self.say(pointer, f"a {shape.type_name} is not known to this checker")
        else:
            method(shape, value, pointer)

    def check_structure(self, shape, value, pointer):
        if getattr(shape, "is_document_type", False):
            return
        if not isinstance(value, dict):
            self.say_type(shape, value, pointer, "an object")
            return
        for key, member in value.items():
            if key in shape.members:
                self.check(shape.members[key], member, pointer_of(pointer, key))
            else:
                self.say(pointer_of(pointer, key), f"{shape.name} has no member {key}")
        for key in shape.required_members:
            if key not in value:
                self.say(pointer, f"{shape.name} needs the member {key}")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.say(pointer, f"{shape.name} is a union and takes exactly one member")

    def check_list(self, shape, value, pointer):
        if not isinstance(value, list):
            self.say_type(shape, value, pointer, "a list")
            return
        self._range(shape, len(value), pointer, "entries")
        for index, member in enumerate(value):
            self.check(shape.member, member, pointer_of(pointer, index))

    def check_map(self, shape, value, pointer):
        if not isinstance(value, dict):
            self.say_type(shape, value, pointer, "an object")
            return
        self._range(shape, len(value), pointer, "entries")
        for key, member in value.items():
            self.check(shape.key, key, pointer_of(pointer, key))
            self.check(shape.value, member, pointer_of(pointer, key))

    def check_string(self, shape, value, pointer):
        if not isinstance(value, str):
            self.say_type(shape, value, pointer, "a string")
            return
        if has_unknown(value):
            if UNKNOWN_PREFIX in UNKNOWN.sub("", value):
                self.say(pointer, f"an unknown is written svc:unknown:<resource>#<attribute>, not {value!r}")
            return
        self._range(shape, len(value), pointer, "characters")
        if shape.enum and value not in shape.enum:
            self.say(pointer, f"{value!r} is none of {', '.join(shape.enum[:20])}")
        pattern = shape.metadata.get("pattern")
        if pattern and not self.patterns.accepts(pattern, value):
            self.say(pointer, f"{value!r} does not match {pattern}")

    def check_integer(self, shape, value, pointer):
        if not isinstance(value, int) or isinstance(value, bool):
            self.say_type(shape, value, pointer, "an integer")
            return
        bits = 63 if shape.type_name == "long" else 31
        if not -(1 << bits) <= value < 1 << bits:
            self.say(pointer, f"{value} does not fit {bits + 1} bits")
        self._range(shape, value, pointer, "")

    check_long = check_integer

    def check_double(self, shape, value, pointer):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self.say_type(shape, value, pointer, "a number")
            return
        self._range(shape, value, pointer, "")

    check_float = check_double

    def check_boolean(self, shape, value, pointer):
        if not isinstance(value, bool):
            self.say_type(shape, value, pointer, "true or false")

    def check_timestamp(self, shape, value, pointer):
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value)):
            self.say(pointer, f"{shape.name} must be a time such as 2026-01-31T00:00:00Z, not {value!r}")

    def check_blob(self, shape, value, pointer):
        if not isinstance(value, str):
            self.say_type(shape, value, pointer, "a string")

    def _range(self, shape, number, pointer, of_what):
        unit = f" {of_what}" if of_what else ""
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and number < low:
            self.say(pointer, f"{number}{unit} is less than the {low} that {shape.name} needs")
        if high is not None and number > high:
            self.say(pointer, f"{number}{unit} is more than the {high} that {shape.name} takes")


def _kind(value):
    return {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "an integer",
            float: "a number"}.get(type(value), "null")
