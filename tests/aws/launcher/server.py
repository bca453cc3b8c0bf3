"""Puts the launcher together and serves it."""

import io
import json
import socket
import struct
import sys
import textwrap
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from . import (acm, alarms, authorization, ec2, ecs_definitions, ecs_operations, ecs_tasks, elb, iam, paging, scaling, stores,  # noqa: F401
               tagging, reading)  # they patch moto when they are imported; paging after the operations that it pages
from .control import Control
from .front import Front, Reset
from .world import DEFAULTS, WORLD


HOP_BY_HOP = ("connection", "transfer-encoding", "server", "date", "content-length")


class Handler(BaseHTTPRequestHandler):
    """A connection stays open from call to call, as AWS's do."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    front = None
    loud = False

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def environ(self, body):
        path, _, query = self.path.partition("?")
        environ = {"REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "PATH_INFO": unquote(path), "QUERY_STRING": query, "RAW_URI": self.path,
                   "SERVER_PROTOCOL": self.request_version, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.front.port),
                   "REMOTE_ADDR": self.client_address[0], "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                   "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
                   "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False}
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def do_any(self):
        body = self.read_body()
        try:
            status, headers, answer = self.front.answer(self.environ(body), body)
        except Reset:
            self.reset()
            return
        self.log_request(status)
        self.send_response_only(status)
        self.send_header("Date", formatdate(WORLD.clock.date(), usegmt=True))
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do_any

    def reset(self):
        """Closes the connection with a RST; the two files hold the socket open until they are closed too."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        raise ConnectionResetError("on demand")

    def handle(self):
        try:
            super().handle()
        except OSError:  # the caller went away, or was killed on demand
            self.close_connection = True

    def log_message(self, form, *arguments):
        if self.loud:
            super().log_message(form, *arguments)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def print_patches():
    for name, fact in sorted(WORLD.patches.items()):
        print(name + "\n" + textwrap.fill(fact, 110, initial_indent="    ", subsequent_indent="    "))


def parse_settings(pairs):
    settings = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in DEFAULTS:
            sys.exit(f"there is no setting {name}")
        settings[name] = json.loads(value)
    return settings


def serve(arguments):
    unknown = [name for name in arguments.without if name not in WORLD.patches]
    if unknown:
        sys.exit(f"there is no patch {', '.join(unknown)}")
    WORLD.options = {"speed": arguments.speed, "virtual_dates": arguments.virtual_dates, "seed": arguments.seed, "account": arguments.account,
                     "check_signatures": arguments.check_signatures, "settings": parse_settings(arguments.set)}
    control = Control()
    front = control.front = Front(control)
    WORLD.restart()
    WORLD.off = set(arguments.without)
    Handler.front, Handler.loud = front, arguments.log
    server = Server(("127.0.0.1", arguments.port), Handler)
    front.port = server.server_port
    if arguments.check_signatures:
        print(f"AWS_ACCESS_KEY_ID={WORLD.keys['access_key_id']}\nAWS_SECRET_ACCESS_KEY={WORLD.keys['secret_access_key']}")
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
