#!/usr/bin/env python3
"""Finds credentials with svc and with botocore, in the same environment and files, and compares keys and source.

    tests/aws/check_credentials.py --probe PATH [PATTERN]

- CASES: environments and files that have credentials
- LIVES: what svc gives as time passes
- FAILURES: what svc says where there are none; the messages are in credential_failures.golden, which UPDATE_GOLDEN=1 writes

Whatever is secret has SECRET in it, and must never be in a message.
"""

import argparse
import getpass
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from unittest import mock

import botocore.credentials
import botocore.exceptions
import botocore.session
import botocore.tokens

import credential_server

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import HOME_FILES, Tally, diff, environment, read_file

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "credential_failures.golden")
MFA = "SECRET123456"
ENV = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "SECRETENV"}
KEYS = "aws_access_key_id = AKIA{0}\naws_secret_access_key = SECRET{0}\n"
DEFAULT = "[default]\n" + KEYS.format("DEFAULT")
ROLE = "role_arn = arn:aws:iam::123456789012:role/{}\n"
SSO = "sso_account_id = 123456789012\nsso_role_name = Dev/Ops\n"
START = "sso_start_url = https://my.awsapps.com/start\nsso_region = eu-west-1\n"
SESSION = "[sso-session corp]\n" + START
PRINTER = "import json, sys; print(json.dumps(dict(Version=1, AccessKeyId=sys.argv[1], SecretAccessKey='SECRET' + sys.argv[1], {})))"
HOST = "http://127.0.0.1:PORT"
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": HOST + "/container/good"}
IMDS = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": HOST + "/imds/"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/web-token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web"}


def printer(more="Expiration=None", *arguments):
    words = " ".join(arguments) or "AKIAPROCESS"
    return f'credential_process = "{sys.executable}" -c "{PRINTER.format(more)}" {words}\n'


def token(minutes=60, **more):
    """A token of `aws sso login` that ends in so many minutes."""
    return {"accessToken": "SECRETSSO", "startUrl": "https://my.awsapps.com/start", "region": "eu-west-1",
            "expiresAt": credential_server.moment(time.time() + 60 * minutes), **more}


def cached(name, content):
    return {f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json": json.dumps(content)}


def legacy_cache(**more):
    return cached("https://my.awsapps.com/start", token(**more))


def session_cache(**more):
    return cached("corp", token(**more))


RENEWABLE = {"clientId": "client", "clientSecret": "SECRETCLIENT", "refreshToken": "SECRETREFRESH",
             "registrationExpiresAt": credential_server.moment(time.time() + 86400)}

# (name, environment, ~/.aws/config, ~/.aws/credentials, --profile, other files)
CASES = [
    ("environment", ENV, "", "", "", {}),
    ("environment with a token", {**ENV, "AWS_SESSION_TOKEN": "SECRETA"}, "", "", "", {}),
    ("environment with both tokens", {**ENV, "AWS_SESSION_TOKEN": "SECRETA", "AWS_SECURITY_TOKEN": "SECRETB"}, "", "", "", {}),
    ("environment with an end", {**ENV, "AWS_CREDENTIAL_EXPIRATION": "2999-01-01T00:00:00Z"}, "", "", "", {}),
    ("environment before all", {**ENV, **WEB, **CONTAINER, **IMDS}, DEFAULT, DEFAULT, "", {"web-token": "SECRETWEB"}),
    ("environment before AWS_PROFILE", {**ENV, "AWS_PROFILE": "a"}, "", "[a]\n" + KEYS.format("A"), "", {}),
    ("--profile before the environment", ENV, "", "[a]\n" + KEYS.format("A"), "a", {}),
    ("AWS_PROFILE", {"AWS_PROFILE": "a"}, "", DEFAULT + "[a]\n" + KEYS.format("A"), "", {}),
    ("credentials file", {}, "", DEFAULT, "", {}),
    ("credentials file with a token", {}, "", DEFAULT + "aws_session_token = SECRETT\n", "", {}),
    ("credentials file with both tokens", {}, "", DEFAULT + "aws_session_token = SECRETT\naws_security_token = SECRETU\n", "", {}),
    ("config file", {}, DEFAULT, "", "", {}),
    ("config file, a profile", {}, "[profile a]\n" + KEYS.format("A"), DEFAULT, "a", {}),
    ("credentials file before the config file", {}, "[default]\n" + KEYS.format("CONFIG"), DEFAULT, "", {}),
    ("files elsewhere", {"AWS_CONFIG_FILE": "HOME/c", "AWS_SHARED_CREDENTIALS_FILE": "~/d"}, "", "", "a",
     {"c": "[profile a]\n" + ROLE.format("r") + "source_profile = b\n", "d": "[b]\n" + KEYS.format("B")}),
    ("a process", {}, "[default]\n" + printer(), "", "", {}),
    ("a process with quotes", {}, "[default]\n" + printer("SessionToken='SECRET' + sys.argv[2]", "AKIA'QU'\"OTE\"D", "'a b'\\ c"), "", "", {}),
    ("a process with an end", {}, "[default]\n" + printer("Expiration='2999-01-01T00:00:00+00:00', SessionToken='SECRETP'"), "", "", {}),
    ("a process before the config file", {}, "[default]\n" + printer() + KEYS.format("CONFIG"), "", "", {}),
    ("the credentials file before a process", {}, "[default]\n" + printer(), DEFAULT, "", {}),
    ("a role", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\n", DEFAULT, "a", {}),
    ("a role by AWS_PROFILE", {"AWS_PROFILE": "a"}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\n", DEFAULT, "", {}),
    ("a role in the credentials file", {}, "", DEFAULT + "[a]\n" + ROLE.format("r") + "source_profile = default\n", "a", {}),
    ("a role with all there is", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\nexternal_id = x=1&y\nrole_session_name = me@here\n"
     "duration_seconds = 3600\n", DEFAULT, "a", {}),
    ("a role in a region", {"AWS_DEFAULT_REGION": "eu-central-1"}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\nregion=us-west-2\n", DEFAULT, "a", {}),
    ("a role whose source has a token", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\n", DEFAULT + "aws_session_token = SECRETT\n", "a", {}),
    ("a chain of roles", {}, "[profile a]\n" + ROLE.format("a") + "source_profile = b\n[profile b]\n" + ROLE.format("b") + "source_profile = c\n[profile c]\n"
     + ROLE.format("c") + "source_profile = default\n", DEFAULT, "a", {}),
    ("a role that is its own source", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = a\n", "[a]\n" + KEYS.format("A"), "a", {}),
    ("a source that has keys and a role", {}, "[profile a]\n" + ROLE.format("a") + "source_profile = b\n[profile b]\n" + ROLE.format("b")
     + "source_profile = default\n" + KEYS.format("B"), DEFAULT, "a", {}),
    ("a role with MFA", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = default\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n", DEFAULT, "a", {}),
    ("a role by a process", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = b\n[profile b]\n" + printer(), "", "a", {}),
    ("a role by SSO", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = b\n[profile b]\n" + SSO + START, "", "a", legacy_cache()),
    ("a role by a web identity", WEB, "[profile a]\n" + ROLE.format("r") + "source_profile = b\n[profile b]\n" + ROLE.format("w")
     + "web_identity_token_file = HOME/web-token\n", "", "a", {"web-token": "SECRETWEB"}),
    ("a role by the environment", ENV, "[profile a]\n" + ROLE.format("r") + "credential_source = Environment\n", "", "a", {}),
    ("a role by the container", CONTAINER, "[profile a]\n" + ROLE.format("r") + "credential_source = EcsContainer\n", "", "a", {}),
    ("a role by the instance", IMDS, "[profile a]\n" + ROLE.format("r") + "credential_source = Ec2InstanceMetadata\n", "", "a", {}),
    ("a role before the files", {}, "[default]\n" + ROLE.format("r") + "source_profile = b\n[profile b]\n" + KEYS.format("B"), DEFAULT, "", {}),
    ("a role after a failure of STS", {}, "[profile a]\n" + ROLE.format("shaky") + "source_profile = default\n", DEFAULT, "a", {}),
    ("web identity", WEB, "", "", "", {"web-token": "SECRETWEB"}),
    ("web identity before the files", WEB, DEFAULT, DEFAULT, "", {"web-token": "SECRETWEB"}),
    ("web identity with a name", {**WEB, "AWS_ROLE_SESSION_NAME": "me"}, "", "", "", {"web-token": "SECRETWEB"}),
    ("web identity of a profile", {}, "[profile a]\n" + ROLE.format("r") + "web_identity_token_file = HOME/web-token\nrole_session_name = me\n", "", "a",
     {"web-token": "SECRETWEB"}),
    ("--profile before the web identity", WEB, "", "[a]\n" + KEYS.format("A"), "a", {"web-token": "SECRETWEB"}),
    ("SSO of before sessions", {}, "[profile a]\n" + SSO + START, "", "a", legacy_cache()),
    ("SSO before the files", {}, "[default]\n" + SSO + START, DEFAULT, "", legacy_cache()),
    ("SSO with a session", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a", session_cache()),
    ("SSO with a session that ends soon", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a", session_cache(minutes=5, **RENEWABLE)),
    ("SSO with a session that has ended", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a", session_cache(minutes=-5, **RENEWABLE)),
    ("SSO that cannot be renewed and need not be", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a",
     session_cache(minutes=5, **{**RENEWABLE, "refreshToken": "SECRETOLD"})),
    ("container", CONTAINER, "", "", "", {}),
    ("container with a token", {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRETAUTH"}, "", "", "", {}),
    ("container with a token file", {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRETAUTH", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/auth"},
     "", "", "", {"auth": "SECRETFILE"}),
    ("container by a name", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:PORT/container/good"}, "", "", "", {}),
    ("the files before the container", CONTAINER, DEFAULT, "", "", {}),
    ("the container before the instance", {**CONTAINER, **IMDS}, "", "", "", {}),
    ("instance", IMDS, "", "", "", {}),
    ("instance by the profile", {"AWS_EC2_METADATA_DISABLED": "false"}, f"[default]\nec2_metadata_service_endpoint = {HOST}/imds\n", "", "", {}),
]

DEVICE = "mfa_serial = arn:aws:iam::123456789012:mfa/me\n"
BASE = "source_profile = default\n"
# (name, role and more of profile a, moments from now in seconds, which answer each moment gets: the same number is the same keys, None an error, and
# how often a person is asked in all)
LIVES = [
    ("kept until 15 minutes before the end", ROLE.format("counted"), ["0", "60", "2690", "2710"], [1, 1, 1, 2], 0),
    ("kept when there are no new ones, and not asked for at once again", ROLE.format("flaky"), ["0", "2710", "2720", "2990"], [1, 1, 1, 1], 0),
    ("not kept within the last 10 minutes", ROLE.format("flaky"), ["0", "2710", "3010"], [1, 1, None], 0),
    ("never given after their end", ROLE.format("flaky"), ["0", "3601"], [1, None], 0),
    ("asked for again when AWS has refused them", ROLE.format("counted"), ["0", "forget", "1"], [1, 2], 0),
    ("no more than once a minute, however short they live", ROLE.format("short"), ["0", "1", "30", "61"], [1, 1, 1, 2], 0),
    ("a person is asked at the end only", ROLE.format("counted") + DEVICE, ["0", "2710", "3100", "3545"], [1, 1, 1, 2], 2),
    ("AWS's clock counts", ROLE.format("clock"), ["-7200"], [1], 0),
]

EXPIRED = {**ENV, "AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z"}
FAILURES = [
    ("nothing", {}, "", "", "", {}),
    ("nothing in a profile", {}, "[profile a]\nregion = us-east-1\n", "", "a", {}),
    ("environment by half", {"AWS_ACCESS_KEY_ID": "AKIAENV"}, "", DEFAULT, "", {}),
    ("environment that has ended", EXPIRED, "", DEFAULT, "", {}),
    ("environment without a moment", {**ENV, "AWS_CREDENTIAL_EXPIRATION": "SECRET"}, "", "", "", {}),
    ("credentials file by half", {}, "", "[default]\naws_access_key_id = AKIAHALF\n", "", {}),
    ("config file by half", {}, "[default]\naws_access_key_id = AKIAHALF\n", "", "", {}),
    ("aws login", {}, "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n", "", "", {}),
    ("role with two sources", {}, "[profile a]\n" + ROLE.format("r") + BASE + "credential_source = Environment\n", DEFAULT, "a", {}),
    ("role without a source", {}, "[profile a]\n" + ROLE.format("r"), DEFAULT, "a", {}),
    ("role whose source is not there", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = gone\n", DEFAULT, "a", {}),
    ("role whose source has nothing", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = b\n[profile b]\nregion = us-east-1\n", "", "a", {}),
    ("role in a circle", {}, "".join(f"[profile {name}]\n{ROLE.format(name)}source_profile = {source}\n" for name, source in ("ab", "bc", "cb")), "", "a", {}),
    ("role that is its own source", {}, "[profile a]\n" + ROLE.format("r") + "source_profile = a\n", "", "a", {}),
    ("role by an unknown source", {}, "[profile a]\n" + ROLE.format("r") + "credential_source = environment\n", "", "a", {}),
    ("role by an empty environment", {}, "[profile a]\n" + ROLE.format("r") + "credential_source = Environment\n", "", "a", {}),
    ("role for a length that is none", {}, "[profile a]\n" + ROLE.format("r") + BASE + "duration_seconds = 1h\n", DEFAULT, "a", {}),
    ("role that is denied", {}, "[profile a]\n" + ROLE.format("denied") + BASE, DEFAULT, "a", {}),
    ("role with keys that have ended", {}, "[profile a]\n" + ROLE.format("expired") + BASE, DEFAULT, "a", {}),
    ("role with MFA and nobody there", {}, "[profile a]\n" + ROLE.format("r") + BASE + DEVICE, DEFAULT, "a", {}),
    ("role whose refusal repeats the code", {}, "[profile a]\n" + ROLE.format("leaky") + BASE + DEVICE, DEFAULT, "a", {"mfa": ""}),
    ("role without STS", {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"}, "[profile a]\n" + ROLE.format("r") + BASE, DEFAULT, "a", {}),
    ("web identity without a role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/web-token"}, "", DEFAULT, "", {"web-token": "SECRETWEB"}),
    ("web identity without its file", WEB, "", DEFAULT, "", {}),
    ("web identity whose refusal repeats the token", {**WEB, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/leaky"}, "", "", "", {"web-token": "SECRETWEB"}),
    ("SSO by half", {}, "[profile a]\n" + SSO, "", "a", {}),
    ("SSO without its session", {}, "[profile a]\nsso_session = corp\n" + SSO, "", "a", {}),
    ("SSO that contradicts its session", {}, "[profile a]\nsso_session = corp\nsso_region = us-east-1\n" + SSO + SESSION, "", "a", session_cache()),
    ("SSO, nobody signed in", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a", {}),
    ("SSO of before sessions, nobody signed in", {}, "[profile a]\n" + SSO + START, "", "a", {}),
    ("SSO whose session has ended", {}, "[profile a]\nsso_session = corp\n" + SSO + SESSION, "", "a", session_cache(minutes=-5)),
    ("SSO whose token is garbled", {}, "[profile a]\n" + SSO + START, "", "a", cached("https://my.awsapps.com/start", "SECRET")),
    ("SSO that was revoked", {}, "[profile a]\nsso_account_id = 123456789012\nsso_role_name = revoked\n" + START, "", "a", legacy_cache()),
    ("SSO to a role of others", {}, "[profile a]\nsso_account_id = 123456789012\nsso_role_name = foreign\n" + START, "", "a", legacy_cache()),
    ("process that is not there", {}, "[default]\ncredential_process = /not/there --key SECRET\n", "", "", {}),
    ("process that fails", {}, "[default]\ncredential_process = sh -c 'echo SECRET; echo SECRET >&2; exit 3'\n", "", "", {}),
    ("process without JSON", {}, "[default]\ncredential_process = echo SECRET\n", "", "", {}),
    ("process of another version", {}, "[default]\ncredential_process = echo '{\"Version\": 2}'\n", "", "", {}),
    ("process without a key", {}, "[default]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"AKIA\"}'\n", "", "", {}),
    ("process with an open quote", {}, "[default]\ncredential_process = echo 'SECRET\n", "", "", {}),
    ("process that prints without an end", {}, "[default]\ncredential_process = yes SECRET\n", "", "", {}),
    ("container elsewhere", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.test/SECRET"}, "", "", "", {}),
    ("container that only looks like this machine", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1.evil.test/SECRET"}, "", "", "", {}),
    ("container at another address", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.3/SECRET"}, "", "", "", {}),
    ("container whose relative path leads away", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@evil.test/SECRET"}, "", "", "", {}),
    ("container that fails", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": HOST + "/container/broken"}, "", "", "", {}),
    ("container that answers in part", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": HOST + "/container/half"}, "", "", "", {}),
    ("container without its token file", {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/gone"}, "", "", "", {}),
    ("container with a token of two lines", {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "SECRET\r\nX: y"}, "", "", "", {}),
    ("instance without a role", {**IMDS, "AWS_EC2_METADATA_SERVICE_ENDPOINT": HOST + "/imds-bare"}, "", "", "", {}),
    ("instance with the old service only", {**IMDS, "AWS_EC2_METADATA_SERVICE_ENDPOINT": HOST + "/imds-old"}, "", "", "", {}),
    ("instance whose role is refused", {**IMDS, "AWS_EC2_METADATA_SERVICE_ENDPOINT": HOST + "/imds-refused"}, "", "", "", {}),
    ("instance that does not answer", {**IMDS, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"}, "", "", "", {}),
]


class Place:
    """A home directory with the files of a case, and the environment for it."""

    def __init__(self, server, variables, config, credentials, files):
        self.server = server
        self.folder = tempfile.TemporaryDirectory(prefix="svc-credentials-")
        self.home = self.folder.name
        for name, text in {".aws/config": config, ".aws/credentials": credentials, **files}.items():
            path = os.path.join(self.home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.fill(text))
        self.variables = environment(self.home, **{**HOME_FILES, "AWS_ENDPOINT_URL": self.fill(HOST), "AWS_EC2_METADATA_DISABLED": "true",
                                                   "AWS_MAX_ATTEMPTS": "2", **{name: self.fill(value) for name, value in variables.items()}})
        if "AWS_DEFAULT_REGION" not in variables and "\nregion" not in config:
            self.variables["AWS_DEFAULT_REGION"] = "eu-west-1"

    def fill(self, text):
        return text.replace("HOME", self.home).replace("PORT", str(self.server.port))

    def empty(self, text):
        text = text.replace(self.home, "HOME").replace(f":{self.server.port}", ":PORT")
        return re.sub(r"after \d+ ms", "after N ms", text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def ask_svc(program, place, profile, moments, code=""):
    arguments = [program, "credentials"] + (["--profile", profile] if profile else []) + (["--mfa", code] if code else [])
    for moment in moments:
        arguments += ["--now", moment]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, env=place.variables, timeout=120)
    text = done.stdout.decode()
    if done.returncode or done.stderr:
        return None, f"status {done.returncode}\n{text}{done.stderr.decode()}"
    return [json.loads(line) for line in text.splitlines()], ""


def ask_botocore(place, profile):
    cache = os.path.join(place.home, ".aws", "sso", "cache")
    with mock.patch.dict(os.environ, place.variables, clear=True), \
            mock.patch.object(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache), \
            mock.patch.object(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache), \
            mock.patch.object(getpass, "getpass", lambda question: MFA):
        session = botocore.session.Session(profile=profile or None)
        provider = session.get_component("credential_provider").get_provider("assume-role")
        provider._prompter = lambda question: MFA
        found = session.get_credentials()
        keys = found.get_frozen_credentials()
        return {"source": found.method, "access_key_id": keys.access_key, "secret_access_key": keys.secret_key, "session_token": keys.token or ""}


def check_case(program, server, case):
    name, variables, config, credentials, profile, files = case
    answers = []
    for ask in (lambda place: ask_botocore(place, profile), lambda place: ask_svc(program, place, profile, [str(int(time.time()))], MFA)):
        server.forget()
        with Place(server, variables, config, credentials, files) as place:
            try:
                answers.append(ask(place))
            except botocore.exceptions.BotoCoreError as error:
                return f"botocore has none: {error}\n"
            after = {path: json.loads(read_file(os.path.join(place.home, path))) for path in files if path.startswith(".aws/sso")}
            answers.append({path: content.get("refreshToken") for path, content in after.items()})
    expected, expected_files, (actual, trouble), actual_files = answers
    if actual is None:
        return trouble
    given = {key: value for key, value in actual[0].items() if key not in ("expires_at", "asked")}
    report = "" if given == expected else f"expected {expected}\nactual   {actual[0]}\n"
    return report + ("" if expected_files == actual_files else f"tokens after it: expected {expected_files}, actual {actual_files}\n")


def check_life(program, server, life):
    name, profile, moments, expected, asked = life
    server.forget()
    with Place(server, {}, "[profile a]\n" + profile + BASE, DEFAULT, {}) as place:
        start = int(time.time())
        answers, trouble = ask_svc(program, place, "a", [text if text == "forget" else str(start + int(text)) for text in moments], MFA)
    if answers is None:
        return trouble
    numbers, seen = [], []
    for answer in answers:
        key = answer.get("access_key_id")
        if key and key not in seen:
            seen.append(key)
        numbers.append(seen.index(key) + 1 if key else None)
    times = int(answers[-1].get("asked", 0))
    if (numbers, times) == (expected, asked):
        return ""
    return f"expected {expected}, asked {asked}\nactual   {numbers}, asked {times}\n" + "".join(answer.get("error", "") for answer in answers)


def explain_failure(program, server, case):
    """What svc says, and whether something is wrong with it in any case."""
    name, variables, config, credentials, profile, files = case
    server.forget()
    with Place(server, variables, config, credentials, files) as place:
        answers, trouble = ask_svc(program, place, profile, [str(int(time.time()))], MFA if "mfa" in files else "")
        if answers is None:
            return "", trouble
        message = place.empty(answers[0].get("error", ""))
    return message, "no error\n" if not message else f"a secret is shown:\n{message}" if "SECRET" in message.replace("AWS_SECRET", "") else ""


def check_failures(tally, program, server, pattern):
    golden = {}
    for part in read_file(GOLDEN).decode().split("=== ")[1:]:
        name, _, text = part.partition("\n")
        golden[name] = text
    said = {}
    for case in FAILURES:
        if pattern not in case[0]:
            continue
        said[case[0]], trouble = explain_failure(program, server, case)
        report = trouble or ("" if os.environ.get("UPDATE_GOLDEN") else diff(golden.get(case[0], "").encode(), said[case[0]].encode(), case[0]))
        tally.add(f"failure: {case[0]}", report)
    unused = set(golden) - {case[0] for case in FAILURES}
    tally.add("golden", f"nothing says {sorted(unused)}\n" if unused and not os.environ.get("UPDATE_GOLDEN") else "")
    if os.environ.get("UPDATE_GOLDEN"):
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.writelines(f"=== {case[0]}\n{said.get(case[0], golden.get(case[0], ''))}" for case in FAILURES)


def main():
    parser = argparse.ArgumentParser(description="Compares credentials with botocore's.")
    parser.add_argument("--probe", required=True)
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    program, tally = os.path.abspath(options.probe), Tally()
    with credential_server.Server() as server:
        for case in CASES:
            if options.pattern in case[0]:
                tally.add(f"case: {case[0]}", check_case(program, server, case))
        for life in LIVES:
            if options.pattern in life[0]:
                tally.add(f"life: {life[0]}", check_life(program, server, life))
        check_failures(tally, program, server, options.pattern)
    tally.close()


if __name__ == "__main__":
    main()
