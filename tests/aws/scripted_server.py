"""An HTTP server that answers as a test says, request by request, and tells what it saw."""

import socket
import threading
import time


class Seen:
    """One request."""

    def __init__(self, line, headers, body, connection):
        self.method, self.target = line.split(" ")[:2]
        self.headers, self.body, self.connection = headers, body, connection


def answer(status, body="", **headers):
    """What a step sends: a whole answer. Underscores in the names of headers stand for hyphens."""
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()


CLOSE, HANG = object(), object()  # steps: no answer at all, at once or never


class ScriptedServer:
    """`steps` are bytes to send, CLOSE, HANG, or functions of a Seen that give one of them; the last one serves all requests that follow.
    `delay` is how long each answer takes; `tls` an ssl.SSLContext."""

    def __init__(self, steps, delay=0.0, tls=None):
        self.steps, self.delay = list(steps), delay
        self.seen, self.connections, self.running, self.most = [], 0, 0, 0
        self.lock, self.is_closed, self.open = threading.Lock(), threading.Event(), []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.tls = tls
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_closed.set()
        self.socket.close()
        for connection in self.open:
            connection.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection, self.connections), daemon=True).start()

    def serve(self, connection, number):
        try:
            connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with connection, connection.makefile("rb") as stream:
                while line := stream.readline().decode().strip():
                    headers = {}
                    while header := stream.readline().decode().strip():
                        name, _, value = header.partition(":")
                        headers[name.lower()] = value.strip()
                    body = stream.read(int(headers.get("content-length", 0))).decode()
                    if not self.reply(connection, Seen(line, headers, body, number)):
                        return
        except OSError:
            return

    def reply(self, connection, seen):
        """False when the connection has ended."""
        with self.lock:
            self.seen.append(seen)
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
            self.running += 1
            self.most = max(self.most, self.running)
        step = step(seen) if callable(step) else step
        time.sleep(self.delay)
        if step is HANG:
            self.is_closed.wait(30)
        with self.lock:
            self.running -= 1
        if isinstance(step, bytes):
            connection.sendall(step)
        return isinstance(step, bytes) and b"Connection: close" not in step
