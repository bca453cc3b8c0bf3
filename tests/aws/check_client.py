#!/usr/bin/env python3
"""Runs svc's AWS client against a server that answers as each test says: throttled, broken, late, garbled, in pages; the
answer, what the server saw and what was logged are what they must be."""

import argparse
import datetime
import email.utils
import ipaddress
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scripted_server import CLOSE, HANG, ScriptedServer, answer
from wire import ROOT, Wire

from harness import Tally, run_parallel

SECRET = "wJalrXUtnFEMIsecret"
FINE = answer(200, "{}", x_amzn_RequestId="id-1")


def error(status, code, **headers):
    return answer(status, json.dumps({"__type": code, "message": f"said {code}"}), **headers)


THROTTLED, BROKEN = error(400, "ThrottlingException"), error(500, "ServerException")
LIST = ("ecs", "ListClusters", {})
REGISTER = ("ecs", "RegisterTaskDefinition", {"family": "f", "containerDefinitions": []})
UPDATE = ("ecs", "UpdateService", {"service": "s", "cluster": "c"})
CREATE = ("ecs", "CreateService", {"serviceName": "s"})
CREATE_WITH_TOKEN = ("ecs", "CreateService", {"serviceName": "s", "clientToken": "t"})


class Client:
    """The program, with an environment and home of its own."""

    def __init__(self, program, url, **env):
        self.home = tempfile.TemporaryDirectory(prefix="svc-client-")
        fixed = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1",
                 "HOME": self.home.name, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "*", **env}
        self.wire = Wire(program, {key: value for key, value in fixed.items() if value is not None})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()
        self.home.cleanup()

    def call(self, *calls, timeout_ms=0, one_by_one=False):
        listed = [{"service": service, "operation": operation, "input": given} for service, operation, given in calls]
        return self.wire.ask(do="call", calls=listed, timeout_ms=timeout_ms, one_by_one=one_by_one)


def expect(**pairs):
    """What is not as it must be, a line each: name=(is, wanted)."""
    return "".join(f"{name} is {given!r}, not {wanted!r}\n" for name, (given, wanted) in pairs.items() if given != wanted)


def after(steps, call, code="", requests=1, timeout_ms=0, **more):
    """A test: one call, answered by the steps, ends with this code after so many requests."""
    def test(program):
        with ScriptedServer(steps) as server, Client(program, server.url) as client:
            result = client.call(call, timeout_ms=timeout_ms)
            given = result["answers"][0]
            pairs = {name: (given[name], wanted) for name, wanted in more.items()}
            return expect(code=(given["code"], code), requests=(len(server.seen), requests), is_output=("output" in given, code == ""),
                          counted=(sum(row["requests"] for row in result["counts"]), requests), **pairs) + check_secrets(result)
    return test


def check_secrets(result):
    shown = json.dumps(result["log"])
    return "".join(f"the log has {word}: {shown}\n" for word in (SECRET, "AWS4-HMAC", "containerDefinitions") if word in shown)


ANSWERS = {
    "success": after([FINE], LIST, request_id="id-1", may_have_happened=False),
    "throttled, then not": after([THROTTLED, THROTTLED, FINE], LIST, requests=3, is_throttled=False),
    "throttled to the end": after([THROTTLED], LIST, "ThrottlingException", 3, is_throttled=True, may_have_happened=False),
    "throttling changes nothing": after([error(503, "SlowDown"), FINE], REGISTER, requests=2, may_have_happened=False),
    "a quota is no throttling": after([error(400, "LimitExceededException")], LIST, "LimitExceededException", 1, is_throttled=False),
    "denied": after([error(400, "AccessDeniedException")], UPDATE, "AccessDeniedException", 1, may_have_happened=False,
                    message="said AccessDeniedException"),
    "500 and a read": after([BROKEN, FINE], LIST, requests=2),
    "500 to the end of a read": after([BROKEN], LIST, "ServerException", 3, may_have_happened=False),
    "500 and what must not be done twice": after([BROKEN], REGISTER, "ServerException", 1, may_have_happened=True),
    "500 and what may be done twice": after([BROKEN, FINE], UPDATE, requests=2),
    "500, then refused": after([BROKEN, error(400, "InvalidParameterException")], UPDATE, "InvalidParameterException", 2, may_have_happened=True),
    "HTML from something on the way": after([answer(502, "<html><body>Bad</body></html>")], LIST, "502", 3),
    "no answer to a read": after([CLOSE, FINE], LIST, requests=2),
    "no answer to what must not be done twice": after([CLOSE], REGISTER, "svc:NoAnswer", 1, may_have_happened=True),
    "no answer to a create": after([CLOSE], CREATE, "svc:NoAnswer", 1, may_have_happened=True),
    "no answer to a create with a token": after([CLOSE, FINE], CREATE_WITH_TOKEN, requests=2),
    "no answer in time": after([HANG], REGISTER, "svc:NoAnswer", 1, timeout_ms=300, may_have_happened=True),
    "no answer in time, to a read": after([HANG, FINE], LIST, requests=2, timeout_ms=300),
    "an answer cut off": after([answer(200, "{}").replace(b"Length: 2", b"Length: 9") + b"\nConnection: close", FINE], LIST, requests=2,
                               timeout_ms=500),
    "an answer that is no JSON": after([answer(200, "<html>login</html>")], LIST, "svc:Unreadable", 3, may_have_happened=False),
    "no JSON after a write": after([answer(200, "{\"")], REGISTER, "svc:Unreadable", 1, may_have_happened=True),
    "JSON of another form": after([answer(200, '{"clusterArns": {"a": 1}}')], LIST, "svc:Unreadable", 3),
    "a redirect is not followed": after([answer(301, Location="http://127.0.0.1:1/")], LIST, "301", 1),
    "headers without end": after([answer(200, "{}", **{f"X{number}": "y" * 10000 for number in range(30)})], LIST, "svc:NoAnswer", 1),
    "input that AWS does not take": after([FINE], ("ecs", "ListClusters", {"maxResult": 3}), "svc:BadInput", 0,
                                          message="maxResult is no member that AWS knows"),
    "input of another kind": after([FINE], ("ecs", "RegisterTaskDefinition", {"containerDefinitions": [{}, {"image": 3}]}), "svc:BadInput", 0,
                                   message="containerDefinitions[1].image must be a string"),
    "no such operation": after([FINE], ("ecs", "MakeCoffee", {}), "svc:BadInput", 0),
    "nothing in a path": after([FINE], ("scheduler", "GetSchedule", {"Name": ""}), "svc:BadInput", 0, message="Name must be said"),
}


# ---------------------------------------------------------------- tests of several calls, or of what was sent

def pages_of(*pages, key="clusterArns", token="nextToken"):
    return [answer(200, json.dumps({key: page, **({token: f"t{number}"} if number < len(pages) else {})})) for number, page in enumerate(pages, 1)]


def test_pages(program):
    with ScriptedServer(pages_of(["a", "b"], [], ["c"])) as server, Client(program, server.url) as client:
        given = client.call(LIST)["answers"][0]
        asked = [json.loads(seen.body).get("nextToken") for seen in server.seen]
        return expect(output=(given.get("output"), {"clusterArns": ["a", "b", "c"]}), asked=(asked, [None, "t1", "t2"]))


def test_one_page(program):
    with ScriptedServer(pages_of(["a"], ["b"])) as server, Client(program, server.url) as client:
        given = client.call(("ecs", "ListClusters", {"nextToken": None}))["answers"][0]
        return expect(output=(given.get("output"), {"clusterArns": ["a"], "nextToken": "t1"}), requests=(len(server.seen), 1))


def test_pages_throttled(program):
    first, second = pages_of(["a"], ["b"])
    with ScriptedServer([first, THROTTLED, THROTTLED, second]) as server, Client(program, server.url) as client:
        return expect(output=(client.call(LIST)["answers"][0].get("output"), {"clusterArns": ["a", "b"]}), requests=(len(server.seen), 4))


def test_pages_without_end(program):
    with ScriptedServer([answer(200, '{"clusterArns": ["a"], "nextToken": "t"}')]) as server, Client(program, server.url) as client:
        return expect(code=(client.call(LIST)["answers"][0]["code"], "svc:Unreadable"), requests=(len(server.seen), 2))


def test_pages_in_xml(program):
    def page(names, more):
        roles = "".join(f"<member><RoleName>{name}</RoleName></member>" for name in names)
        return answer(200, f"<ListRolesResponse><ListRolesResult><IsTruncated>{str(more).lower()}</IsTruncated><Marker>m</Marker><Roles>{roles}</Roles>"
                           "</ListRolesResult></ListRolesResponse>")
    with ScriptedServer([page("ab", True), page("c", False)]) as server, Client(program, server.url) as client:
        given = client.call(("iam", "ListRoles", {"MaxItems": 2}))["answers"][0]
        return expect(output=(given.get("output"), {"Roles": [{"RoleName": name} for name in "abc"]}), second=("&Marker=m" in server.seen[1].body, True))


def test_at_once(program, service="ecs", operation="ListClusters", most=8):
    fine = FINE if service == "ecs" else answer(200, "<R><DescribeRulesResult/><DescribeVpcsResult/></R>")
    with ScriptedServer([fine], delay=0.1) as server, Client(program, server.url) as client:
        codes = {each["code"] for each in client.call(*[(service, operation, {})] * 40)["answers"]}
        return expect(codes=(codes, {""}), requests=(len(server.seen), 40), most=(server.most, most), connections=(server.connections <= most, True))


def test_throttling_slows(program):
    at_once = []
    def fine(_):
        at_once.append(server.running)
        return FINE
    with ScriptedServer([THROTTLED] * 8 + [fine], delay=0.05) as server, Client(program, server.url) as client:
        codes = {each["code"] for each in client.call(*[LIST] * 24)["answers"]}
        # Eight throttlings leave one at a time; each ten that succeed let one more go.
        return expect(codes=(codes, {""}), requests=(len(server.seen), 32), before=(server.most, 8), after=(max(at_once) <= 3, True))


def test_write_never_repeated(program):
    """libcurl repeats a request by itself when an old connection breaks: a write must not go over one."""
    steps = [lambda seen: CLOSE if "Register" in seen.headers["x-amz-target"] else FINE]
    with ScriptedServer(steps) as server, Client(program, server.url) as client:
        first = client.call(LIST, REGISTER, one_by_one=True)["answers"]
        registered = [seen for seen in server.seen if "Register" in seen.headers["x-amz-target"]]
        return expect(codes=([each["code"] for each in first], ["", "svc:NoAnswer"]), registered=(len(registered), 1))


def signed_at(seen):
    return time.mktime(time.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")) - time.timezone


def test_clock(program):
    ahead = email.utils.formatdate(time.time() + 3600, usegmt=True)
    steps = [error(403, "InvalidSignatureException", Date=ahead), FINE]
    with ScriptedServer(steps) as server, Client(program, server.url) as client:
        code = client.call(REGISTER)["answers"][0]["code"]
        shifts = [round((signed_at(seen) - time.time()) / 60) for seen in server.seen]
        return expect(code=(code, ""), shifts=(shifts, [0, 60]))


def test_right_clock(program):
    now = email.utils.formatdate(usegmt=True)
    with ScriptedServer([error(403, "SignatureDoesNotMatch", Date=now)]) as server, Client(program, server.url) as client:
        return expect(code=(client.call(LIST)["answers"][0]["code"], "SignatureDoesNotMatch"), requests=(len(server.seen), 1))


def test_expired(program):
    """New credentials are asked for, once."""
    script = ("import json, time, datetime as d; print(json.dumps(dict(Version=1, AccessKeyId='AKIA%d' % time.time_ns(), SecretAccessKey='s',"
              " Expiration=(d.datetime.now(d.timezone.utc) + d.timedelta(hours=1)).isoformat())))")
    with ScriptedServer([error(400, "ExpiredTokenException")]) as server, \
            Client(program, server.url, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="") as client:
        os.makedirs(os.path.join(client.home.name, ".aws"))
        with open(os.path.join(client.home.name, ".aws", "config"), "w", encoding="utf-8") as file:
            file.write(f'[default]\ncredential_process = "{sys.executable}" -c "{script}"\n')
        code = client.call(LIST)["answers"][0]["code"]
        keys = [re.search(r"Credential=(\w+)/", seen.headers["authorization"])[1] for seen in server.seen]
        return expect(code=(code, "ExpiredTokenException"), keys=(len(set(keys)), 2), requests=(len(keys), 2))


def test_nobody(program):
    with Client(program, "http://127.0.0.1:1") as client:
        given = client.call(REGISTER)["answers"][0]
        return expect(code=(given["code"], "svc:NoAnswer"), may_have_happened=(given["may_have_happened"], False))


def test_no_credentials(program):
    with ScriptedServer([FINE]) as server, Client(program, server.url, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="") as client:
        result = client.call(LIST)
        return expect(code=(result["answers"][0]["code"], "svc:NoCredentials"), said=("environment" in result["credentials"], True),
                      requests=(len(server.seen), 0))


def test_no_region(program):
    with ScriptedServer([FINE]) as server, Client(program, server.url, AWS_REGION="") as client:
        return expect(code=(client.call(LIST)["answers"][0]["code"], "svc:NoEndpoint"))


def test_too_large(program):
    """64 MiB are taken, more is not."""
    steps = [answer(200, '{"clusterArns": ["' + "x" * (65 << 20) + '"]}')]
    with ScriptedServer(steps) as server, Client(program, server.url) as client:
        given = client.call(LIST)["answers"][0]
        return expect(code=(given["code"], "svc:NoAnswer"), said=("64 MiB" in given["message"], True), requests=(len(server.seen), 1))


def test_interrupted(program):
    """Ctrl-C: what only reads is given up, what waits is not begun, a write ends."""
    late = threading.Event()
    def step(seen):
        if "Register" not in seen.headers["x-amz-target"]:
            return HANG
        late.wait(10)
        return FINE
    with ScriptedServer([step]) as server, Client(program, server.url) as client:
        def interrupt():
            time.sleep(0.5)
            client.wire.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            late.set()
        threading.Thread(target=interrupt, daemon=True).start()
        started = time.monotonic()
        answers = client.call(REGISTER, *[LIST] * 9)["answers"]
        codes = [each["code"] for each in answers]
        return expect(codes=(codes, [""] + ["svc:Interrupted"] * 9), requests=(len(server.seen), 8), is_quick=(time.monotonic() - started < 5, True))


def test_log(program):
    with ScriptedServer([THROTTLED, FINE]) as server, Client(program, server.url) as client:
        lines = [re.sub(r"\d+ ms", "N ms", line) for line in client.call(LIST)["log"]]
        return expect(lines=(lines, ["ecs ListClusters: 400 ThrottlingException in N ms (2 bytes sent, 72 received); again in N ms",
                                     "ecs ListClusters: 200 in N ms (attempt 2, request id-1, 2 bytes sent, 2 received)"]))


def make_certificate(folder):
    """A certificate of 127.0.0.1 that nobody but its holder has signed: (path of it, path of its key)"""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(host, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    paths = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    plain_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for path, text in zip(paths, (made.public_bytes(serialization.Encoding.PEM), plain_key)):
        with open(path, "wb") as file:
            file.write(text)
    return paths


def test_certificate(program):
    """One that nobody vouches for is refused, and taken when AWS_CA_BUNDLE does."""
    with tempfile.TemporaryDirectory(prefix="svc-tls-") as folder:
        certificate, key = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with ScriptedServer([FINE], tls=context) as server:
            with Client(program, server.url) as client:
                refused = client.call(REGISTER)["answers"][0]
            with Client(program, server.url, AWS_CA_BUNDLE=certificate) as client:
                taken = client.call(REGISTER)["answers"][0]
            return expect(refused=(refused["code"], "svc:NoAnswer"), said=("is not trusted" in refused["message"], True),
                          may_have_happened=(refused["may_have_happened"], False), taken=(taken["code"], ""), requests=(len(server.seen), 1))


def test_proxy(program):
    with ScriptedServer([FINE]) as server, Client(program, "http://ecs.example.invalid", http_proxy=server.url, NO_PROXY="") as client:
        return expect(code=(client.call(LIST)["answers"][0]["code"], ""), target=(server.seen[0].target, "http://ecs.example.invalid/"))


def test_not_linked(program):
    """Whoever never asks AWS does not pay for libcurl and what it brings."""
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return "".join(f"{name} is linked\n" for name in ("libcurl", "libexpat", "libssl") if name in linked)


SCENES = {
    "pages are joined": test_pages, "one page": test_one_page, "pages, throttled": test_pages_throttled, "pages without end": test_pages_without_end,
    "pages in XML": test_pages_in_xml, "at once": test_at_once,
    "at once, of a service with low limits": lambda program: test_at_once(program, "elbv2", "DescribeRules", 4),
    "throttling slows": test_throttling_slows, "a write is never repeated by libcurl": test_write_never_repeated, "the clock is set": test_clock,
    "a right clock is left": test_right_clock, "expired credentials": test_expired, "nobody there": test_nobody, "no credentials": test_no_credentials,
    "no region": test_no_region, "too large": test_too_large, "interrupted": test_interrupted, "log": test_log,
    "a certificate": test_certificate, "a proxy": test_proxy,
    "libraries are loaded, not linked": test_not_linked,
}


def main():
    parser = argparse.ArgumentParser(description="Runs the AWS client against a scripted server.")
    parser.add_argument("--wire", default=os.path.join(ROOT, "build", "aws-wire"))
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    tally = Tally()
    program = os.path.abspath(options.wire)
    run_parallel(tally, [(name, lambda test=test: test(program)) for name, test in {**ANSWERS, **SCENES}.items() if options.filter in name], 6)
    tally.close()


if __name__ == "__main__":
    main()
