"""Faults on demand, and the hook that stops the caller at its n-th call."""

import fnmatch
import os
import threading

from .protocol import common_refusal, refusal

# kind -> whether the work is done before the caller learns of it.
KINDS = {"throttle": False, "error500": False, "error503": False, "denied": False, "expired": False, "error": False,
         "reset-before": False, "reset-after": True, "hang": False, "hang-after": True}


class Fault:
    """One queued fault: the calls of `service` and `operation` (patterns) from the `nth` on, `count` of them (-1: for ever)."""

    def __init__(self, kind, service="*", operation="*", nth=1, count=1, seconds=3600.0, code="", message="", status=400, contains=""):
        if kind not in KINDS:
            raise ValueError(f"there is no fault {kind!r}; there are {', '.join(KINDS)}")
        if kind == "error" and not code:
            raise ValueError("a fault of kind error wants the code")
        self.kind, self.service, self.operation, self.nth, self.count, self.seconds = kind, service, operation, nth, count, seconds
        self.code, self.message, self.status, self.contains = code, message, status, contains
        self.seen = 0

    def takes(self, call, body):
        """Whether this call is hit; counts it."""
        if not fnmatch.fnmatchcase(call.service, self.service) or not fnmatch.fnmatchcase(call.operation, self.operation):
            return False
        if self.contains and self.contains.encode() not in body:
            return False
        self.seen += 1
        if self.seen < self.nth or self.count == 0:
            return False
        if self.count > 0:
            self.count -= 1
        return True

    def answer(self, call):
        if self.kind == "error":
            return refusal(call, self.code, self.message or self.code, self.status)
        return common_refusal(self.kind, call)

    def shown(self):
        return {key: getattr(self, key) for key in ("kind", "service", "operation", "nth", "count", "contains", "seen")}


class Faults:
    def __init__(self):
        self.queue = []

    def clear(self):
        self.queue = []

    def add(self, items):
        self.queue += [Fault(**item) for item in items]

    def next_for(self, call, body):
        """The fault that hits this call, or None. Each queued fault counts the calls that it matches, the first that is due hits."""
        hit = None
        for fault in self.queue:
            if hit is None and fault.takes(call, body):
                hit = fault
        self.queue = [fault for fault in self.queue if fault.count != 0]
        return hit


class Brake:
    """Stops at the n-th call from now: kills a process of the caller's choice, or holds the call until it is released."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.after = None
        self.pid = self.when = self.signal = None
        self.reached = threading.Event()
        self.released = threading.Event()

    def set(self, after, pid=None, when="before", signal=9):
        if when not in ("before", "after"):
            raise ValueError("when is before or after")
        self.released.set()
        self.clear()
        self.after, self.pid, self.when, self.signal = after, pid, when, signal

    def is_next(self):
        """Counts a call; whether it is the one."""
        if self.after is None or self.after <= 0:
            return False
        self.after -= 1
        return self.after == 0

    def pull(self):
        self.reached.set()
        if self.pid:
            try:
                os.kill(self.pid, self.signal)
            except ProcessLookupError:
                pass
        else:
            self.released.wait(600)
