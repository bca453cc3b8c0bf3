"""The control endpoint: what a test says to the launcher beside AWS's own operations.

    GET  /control                 what there is
    POST /control/reset           everything as at the start: moto's backends, time, settings, faults, log; answers the user's keys;
                                  {"off": [names]}: these patches are off from the beginning
    GET  /control/calls           {"calls": [{number, service, operation, region, time, seconds, status, body_sha256, fault, crash}],
                                  "most_at_once"}; crash: why moto could not do it (a 500 for the caller)
    POST /control/calls           {"keep_bodies": true}
    DELETE /control/calls         forgets them
    GET  /control/faults          what is still queued
    POST /control/faults          [{kind, service, operation, nth, count, contains, seconds, code, message, status}]: kind is throttle, error500,
                                  error503, denied, expired, error (with a code of your own), reset-before, reset-after (the work was
                                  done), hang or hang-after (for `seconds`, then the connection is reset); service and operation are patterns
                                  over botocore's names; the nth such call from now on, and count of them (-1: for ever)
    DELETE /control/faults
    POST /control/stop            {"after": N, "when": before|after, "pid": P, "signal": 9}: at the N-th call from now, before or after its
                                  work, kills process P, or holds the call until DELETE /control/stop; no answer is sent
    GET  /control/stop            {"reached": true|false}
    GET, POST /control/settings   world.py, DEFAULTS
    GET, POST /control/clock      {"speed": 60} how fast the simulation runs; {"advance": 300} jumps by simulated seconds;
                                  {"virtual_dates": true} answers are dated in simulated time
    POST /control/account         {"id": "222222222222"}: the caller, with the same keys, is in that account from now on
    GET  /control/patches         name -> the fact behind it
    POST /control/patches         {"off": [names]}: those only are off
"""

from urllib.parse import parse_qs

from moto.moto_api._internal import moto_api_backend

from .world import WORLD

HANDLERS = {}


def handles(method, path):
    """The decorated function (front, query, value) answers this; what it returns is sent as JSON."""
    def decorate(function):
        HANDLERS[(method, path)] = function
        return function
    return decorate


class Control:
    def __init__(self):
        self.front = None

    def __call__(self, method, path, query, value):
        handler = HANDLERS.get((method, path.rstrip("/")))
        if not handler:
            return 404, {"error": f"there is no {method} {path}", "there are": sorted(" ".join(key) for key in HANDLERS)}
        with self.front.lock:
            WORLD.catch_up()
            return 200, handler(self.front, {key: values[0] for key, values in parse_qs(query).items()}, value) or {}


@handles("GET", "/control")
def say_what_there_is(front, query, value):
    return {"handlers": sorted(" ".join(key) for key in HANDLERS), "port": front.port}


def check_patches(names):
    unknown = sorted(set(names) - set(WORLD.patches))
    if unknown:
        raise ValueError(f"there is no patch {', '.join(unknown)}")


@handles("POST", "/control/reset")
def reset(front, query, value):
    off = value.get("off", []) if value else []
    check_patches(off)
    WORLD.off = set(off)
    moto_api_backend.reset()
    front.faults.clear()
    front.brake.released.set()
    front.brake.clear()
    front.forget_calls()
    front.keep_bodies = False
    WORLD.restart()
    return {"keys": WORLD.keys}


@handles("GET", "/control/calls")
def list_calls(front, query, value):
    return {"calls": front.calls, "most_at_once": front.most_in_hand}


@handles("POST", "/control/calls")
def keep_bodies(front, query, value):
    front.keep_bodies = bool(value["keep_bodies"])


@handles("DELETE", "/control/calls")
def forget_calls(front, query, value):
    front.forget_calls()


@handles("GET", "/control/faults")
def list_faults(front, query, value):
    return {"faults": [fault.shown() for fault in front.faults.queue]}


@handles("POST", "/control/faults")
def add_faults(front, query, value):
    front.faults.add(value if isinstance(value, list) else [value])


@handles("DELETE", "/control/faults")
def clear_faults(front, query, value):
    front.faults.clear()


@handles("POST", "/control/stop")
def set_brake(front, query, value):
    front.brake.set(**value)


@handles("GET", "/control/stop")
def say_whether_stopped(front, query, value):
    return {"reached": front.brake.reached.is_set()}


@handles("DELETE", "/control/stop")
def release(front, query, value):
    front.brake.released.set()
    front.brake.clear()


@handles("GET", "/control/settings")
def list_settings(front, query, value):
    return WORLD.settings


@handles("POST", "/control/settings")
def change_settings(front, query, value):
    WORLD.change_settings(value)
    return WORLD.settings


@handles("GET", "/control/clock")
def say_time(front, query, value):
    return {"now": WORLD.clock.now(), "date": WORLD.clock.date(), "speed": WORLD.clock.speed}


@handles("POST", "/control/clock")
def change_time(front, query, value):
    unknown = set(value) - {"speed", "advance", "virtual_dates"}
    if unknown:
        raise ValueError(f"the clock knows no {', '.join(sorted(unknown))}")
    if "virtual_dates" in value:
        WORLD.clock.virtual_dates = bool(value["virtual_dates"])
    if "speed" in value:
        WORLD.clock.set_speed(value["speed"])
    if "advance" in value:
        WORLD.clock.advance(value["advance"])
        WORLD.catch_up()
    return say_time(front, query, value)


@handles("POST", "/control/account")
def change_account(front, query, value):
    WORLD.change_account(value["id"])
    WORLD.start_user()


@handles("GET", "/control/patches")
def list_patches(front, query, value):
    return WORLD.patches


@handles("POST", "/control/patches")
def switch_patches(front, query, value):
    check_patches(value["off"])
    WORLD.off = set(value["off"])
