"""The simulated time: real time, multiplied, and moved forward on demand. Delays of the simulation are in its seconds."""

import datetime
import heapq
import itertools
import time


class Clock:
    def __init__(self, speed=1.0):
        self.start(speed)

    def start(self, speed):
        """Begins anew at the present."""
        self.virtual_dates = False
        self.stretches = [(time.time(), time.time(), float(speed))]  # (real, simulated, speed) at the start of each stretch

    @property
    def speed(self):
        return self.stretches[-1][2]

    def now(self):
        """Simulated seconds since 1970."""
        real, simulated, speed = self.stretches[-1]
        return simulated + (time.time() - real) * speed

    def set_speed(self, speed):
        self.stretches.append((time.time(), self.now(), float(speed)))

    def advance(self, seconds):
        """Jumps forward; what is due until then happens in order."""
        self.stretches.append((time.time(), self.now() + seconds, self.speed))

    def date(self, simulated=None):
        """The date that an answer gives for a moment of the simulation: the simulated one, or the real one when it happened."""
        simulated = self.now() if simulated is None else simulated
        if self.virtual_dates:
            return simulated
        began = next((stretch for stretch in reversed(self.stretches) if stretch[1] <= simulated), self.stretches[0])
        ends = [real for real, _, _ in self.stretches if real > began[0]]
        real = began[0] + (simulated - began[1]) / began[2]
        return min([real, time.time(), *ends[:1]])

    def stamp(self, simulated=None):
        """The same as a datetime."""
        return datetime.datetime.fromtimestamp(self.date(simulated), datetime.timezone.utc)


class Agenda:
    """What is due when. Things happen when somebody looks, each at its own time and in order, so a run can be repeated."""

    def __init__(self, now):
        self.now = now
        self.entries = []
        self.order = itertools.count()

    def after(self, seconds, function, *arguments):
        heapq.heappush(self.entries, (self.now + max(0.0, seconds), next(self.order), function, arguments))

    def run_until(self, now):
        while self.entries and self.entries[0][0] <= now:
            due, _, function, arguments = heapq.heappop(self.entries)
            self.now = max(self.now, due)
            function(*arguments)
        self.now = max(self.now, now)
