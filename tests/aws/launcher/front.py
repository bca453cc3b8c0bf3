"""What stands before moto: control paths, the log of calls, faults, and one call at a time."""

import hashlib
import json
import threading
import time
import traceback
import uuid

from moto.server import DomainDispatcherApplication, create_backend_app

from .faults import KINDS, Brake, Faults
from .protocol import common_refusal, identify
from .shuffle import shuffled
from .world import WORLD

class Reset(Exception):
    """The caller's connection is to be closed with a RST."""


class Front:
    """Answers requests: (status, headers, body) of a WSGI environment and a body; raises Reset for none."""

    def __init__(self, control):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.control = control  # (method, path, query, parsed body) -> (status, value)
        self.lock = threading.RLock()  # moto's backends are not made for two calls at once
        self.faults, self.brake = Faults(), Brake()
        self.calls, self.in_hand, self.most_in_hand, self.keep_bodies = [], 0, 0, False
        self.port = 0

    def forget_calls(self):
        self.calls, self.most_in_hand = [], self.in_hand

    def answer(self, environ, body):
        path = environ["PATH_INFO"]
        if path.startswith("/control"):
            return self.answer_control(environ, path, body)
        if path.startswith(("/moto-api", "/latest/")):
            return self.run_moto(environ, body)
        return self.answer_call(environ, body)

    def answer_control(self, environ, path, body):
        try:
            value = json.loads(body) if body else None
            status, answer = self.control(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"], value)
        except Exception as error:
            status, answer = 400, {"error": f"{type(error).__name__}: {error}"}
        return status, [("Content-Type", "application/json")], json.dumps(answer, default=str).encode() + b"\n"

    def answer_call(self, environ, body):
        call = identify(environ, body)
        with self.lock:
            record = {"number": len(self.calls) + 1, "service": call.service, "operation": call.operation, "region": call.region,
                      "access_key": call.access_key, "time": time.time(), "body_sha256": hashlib.sha256(body).hexdigest(), "status": None}
            if self.keep_bodies:
                record["body"] = body.decode("utf-8", "replace")
            self.calls.append(record)
            self.in_hand += 1
            self.most_in_hand = max(self.most_in_hand, self.in_hand)
            fault = self.faults.next_for(call, body)
            braked = self.brake.is_next()
        try:
            return self.do(environ, body, call, record, fault, braked)
        finally:
            with self.lock:
                self.in_hand -= 1

    def do(self, environ, body, call, record, fault, braked):
        if fault:
            record["fault"] = fault.kind
        if braked and self.brake.when == "before":
            self.brake.pull()
            raise Reset
        if fault and not KINDS[fault.kind]:
            if fault.kind == "hang":
                time.sleep(fault.seconds)
            if fault.kind in ("hang", "reset-before"):
                raise Reset
            record["status"], kind, answer = fault.answer(call)
            return record["status"], [("Content-Type", kind), ("x-amzn-RequestId", str(uuid.uuid4()))], answer
        started = time.time()
        try:
            answer = self.run_moto(environ, body)
        except Exception as error:  # moto has no such operation, or trips over the input: a 500, as AWS's own accidents are
            record["crash"] = "".join(traceback.format_exception(error)[-3:])
            status, kind, text = common_refusal("error500", call)
            answer = status, [("Content-Type", kind)], text
        record["status"], record["seconds"] = answer[0], round(time.time() - started, 6)
        if fault and fault.kind == "hang-after":
            time.sleep(fault.seconds)
        if braked:
            self.brake.pull()
        if fault or braked:
            raise Reset
        return answer

    def run_moto(self, environ, body):
        held = []
        with self.lock:
            WORLD.catch_up()
            WORLD.request = environ, body
            chunks = self.moto(environ, lambda status, headers, _=None: held.append((status, headers)))
            answer = b"".join(chunks)
            getattr(chunks, "close", lambda: None)()
        if WORLD.settings["shuffle"]:
            answer = shuffled(answer, WORLD.random)
        status, headers = held[-1]
        return int(status.split()[0]), [(name, value) for name, value in headers if name.lower() not in ("date", "content-length")], answer
