#!/usr/bin/env python3
"""Signs random requests with svc and with botocore, and compares byte for byte what they are to be sent with.

    tests/aws/check_sigv4.py --probe PATH [--count N] [--seed N] [--vectors DIRECTORY]

Each failure prints the request and the seed. --vectors is the folder of AWS's published test suite for Signature Version 4, or of
any other in that layout: NAME.req is a request as text, NAME.authz the Authorization header that is right for it, with the
credentials, region and service of that suite.
"""

import argparse
import binascii
import calendar
import datetime
import glob
import json
import os
import random
import re
import subprocess
import sys
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import Tally

SIGNED_AT = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
LETTERS = ["a", "Z", "0", "-", "_", ".", "~", "+", " ", "*", "'", "(", "!", "$", ",", ";", ":", "@", "%20", "%2F", "%25", "%e4", "é", "ß", "日", "𝄞"]
SUITE = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session_token": "",
         "service": "service", "region": "us-east-1"}


def some(choice, letters, most):
    return "".join(choice.choice(letters) for _ in range(choice.randint(0, most)))


def make_path(choice):
    if choice.random() < 0.2:
        return choice.choice(["", "/"])
    segments = [choice.choice(["", ".", "..", "...", some(choice, LETTERS, 6), some(choice, LETTERS, 6)]) for _ in range(choice.randint(1, 6))]
    return "/" + "/".join(segments) + choice.choice(["", "/"])


def make_query(choice):
    if choice.random() < 0.3:
        return choice.choice(["", "?"])
    keys = ["a", "A", "b", "Action", "é", "", some(choice, LETTERS, 4)]
    pairs = [choice.choice(keys) + choice.choice(["", "=", "=" + some(choice, LETTERS + ["=", "/", "?"], 8)]) for _ in range(choice.randint(1, 8))]
    return "?" + "&".join(pairs)


def make_headers(choice):
    names = ["Content-Type", "content-type", "X-Amz-Target", "x-custom", "X-Custom", "User-Agent", "Expect", "Accept", "X-AMZN-Trace-Id", "My-Header1",
             "X-Amz-Date", "Authorization", "Connection", "amz-sdk-request"]
    blanks = ["a", "b", "é", "日", " ", "  ", "\t", ",", ";", ":", '"a   b"', "=", "/"]
    headers = [[choice.choice(names), some(choice, blanks, 8)] for _ in range(choice.randint(0, 6))]
    if choice.random() < 0.1:
        headers.append(["Host", choice.choice(["example.com", "Other.Example.com:8443"])])
    if choice.random() < 0.1:
        headers.append(["X-Amz-Content-SHA256", choice.choice(["UNSIGNED-PAYLOAD", "0" * 64])])
    return headers


def make_request(choice):
    scheme = choice.choice(["https", "https", "http"])
    host = choice.choice(["ecs.us-east-1.amazonaws.com", "iam.amazonaws.com", "localhost", "127.0.0.1", "ECS.Eu-West-1.AmazonAWS.com", "[::1]", "[fd00:ec2::254]"])
    port = choice.choice(["", "", ":443", ":80", ":8000", ":5000"])
    body = choice.choice([b"", b"{}", some(choice, LETTERS + ["\n", "{", '"'], 40).encode(), choice.randbytes(choice.randint(0, 200))])
    return {
        "method": choice.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "post"]),
        "url": f"{scheme}://{host}{port}{make_path(choice)}{make_query(choice)}",
        "headers": make_headers(choice),
        "body": binascii.hexlify(body).decode(),
        "service": choice.choice(["ecs", "iam", "elasticloadbalancing", "monitoring", "service"]),
        "region": choice.choice(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]),
        "access_key_id": "AKIA" + some(choice, ["A", "7", "Q"], 16),
        "secret_access_key": some(choice, ["a", "B", "/", "+", "9", "é"], 100),
        "session_token": choice.choice(["", "token", some(choice, ["a", "B", "/", "+", "=", "9"], 400)]),
        "time": choice.randint(0, 4102444800),
    }


def sign_with_botocore(request):
    """Header values by name of what botocore sends."""
    moment = datetime.datetime.fromtimestamp(request["time"], datetime.timezone.utc)
    sent = botocore.awsrequest.AWSRequest(method=request["method"], url=request["url"], data=binascii.unhexlify(request["body"]))
    for name, value in request["headers"]:
        if name.lower() not in ("authorization", "x-amz-date"):  # it takes one of them away, svc takes them all
            sent.headers[name] = value
    keys = botocore.credentials.Credentials(request["access_key_id"], request["secret_access_key"], request["session_token"] or None)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        botocore.auth.SigV4Auth(keys, request["service"], request["region"]).add_auth(sent)
    return {name: sent.headers.get_all(name, []) for name in SIGNED_AT}


def sign_with_svc(probe, requests):
    text = "".join(json.dumps(request, ensure_ascii=False) + "\n" for request in requests)
    done = subprocess.run([probe, "sign"], input=text.encode(), capture_output=True)
    if done.returncode:
        sys.exit(f"{probe} sign: status {done.returncode}\n{done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def compare(request, headers, expected):
    """What differs; empty when nothing does."""
    report = ""
    for name, values in expected.items():
        actual = [value for key, value in headers if key.lower() == name.lower()]
        if actual != values:
            report += f"{name}\n  expected {values}\n  actual   {actual}\n"
    return report + (json.dumps(request, ensure_ascii=False) + "\n" if report else "")


def check_random(tally, probe, count, seed):
    choice = random.Random(seed)
    requests = [make_request(choice) for _ in range(count)]
    answers = sign_with_svc(probe, requests)
    if len(answers) != count:
        tally.add("answers", f"{len(answers)} for {count} requests\n")
    for number, (request, headers) in enumerate(zip(requests, answers)):
        tally.add(f"request {number} of seed {seed}", compare(request, headers, sign_with_botocore(request)))


def read_vector(path):
    """A request of the suite. A line that begins with a blank goes on with the header before it."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        head, _, body = file.read().replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    method, target = re.fullmatch(r"(\S+) (.*) HTTP/1\.1", first).groups()
    headers = []
    for line in lines:
        if line[:1] in (" ", "\t"):
            headers[-1][1] += " " + line
        elif line:
            headers.append(list(line.split(":", 1)))
    named = {name.lower(): value for name, value in headers}
    moment = datetime.datetime.strptime(named["x-amz-date"], "%Y%m%dT%H%M%SZ")
    return {"method": method, "url": f"https://{named['host']}{target}", "headers": headers, "body": binascii.hexlify(body.encode()).decode(),
            "time": calendar.timegm(moment.timetuple()), **SUITE, "session_token": named.get("x-amz-security-token", "")}


def check_vectors(tally, probe, directory):
    paths = sorted(glob.glob(os.path.join(directory, "**", "*.req"), recursive=True))
    for path in paths:
        answer = path[:-len(".req")] + ".authz"
        if not os.path.exists(answer):
            continue
        request = read_vector(path)
        with open(answer, encoding="utf-8") as file:
            expected = {"Authorization": [file.read().strip()]}
        tally.add(os.path.relpath(path, directory), compare(request, sign_with_svc(probe, [request])[0], expected))
    if not paths:
        tally.add(directory, "there is no .req file below it\n")


def main():
    parser = argparse.ArgumentParser(description="Compares svc's signatures with botocore's.")
    parser.add_argument("--probe", required=True)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--vectors", help="a folder of .req and .authz files")
    options = parser.parse_args()
    tally = Tally()
    check_random(tally, os.path.abspath(options.probe), options.count, options.seed)
    if options.vectors:
        check_vectors(tally, os.path.abspath(options.probe), options.vectors)
    tally.close()


if __name__ == "__main__":
    main()
