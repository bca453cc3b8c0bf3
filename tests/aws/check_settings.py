#!/usr/bin/env python3
"""Compares what svc makes of profile files, environment variables and regions with what botocore makes of them.

    tests/aws/check_settings.py --probe PATH [--count N] [--seed N]

- random profile files, broken ones too, against botocore's reader
- the endpoint of each service that svc calls in each region, plain, with FIPS and with IPv6, against botocore's rule sets
- each way of setting an endpoint's URL, and each setting, in its order
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import botocore.configloader
import botocore.exceptions
import botocore.loaders
import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import HOME_FILES, Tally, environment

SERVICES = ("acm application-autoscaling budgets cloudwatch ec2 ecr ecs elbv2 events iam logs resourcegroupstaggingapi scheduler secretsmanager sns sqs ssm "
            "sso sso-oidc sts wafv2").split()
# Where svc says that it knows no endpoint, and botocore makes one up by its rule: nobody runs it.
NOT_OFFERED = {(service, partition, fips, dual)
               for service in ("iam", "budgets") for partition in ("aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov")
               for fips in (False, True) for dual in (False, True) if fips or dual}
NOT_OFFERED -= {("iam", "aws-cn", False, True), ("iam", "aws-iso", True, False), ("iam", "aws-iso-b", True, False)}
NOT_OFFERED -= {("iam", "aws-us-gov", fips, dual) for fips in (False, True) for dual in (False, True)}
# China has no FIPS; botocore has a rule for it all the same.
OTHERWISE = {("secretsmanager", "aws-cn", True, True)}

LINES = ["[default]", "[profile a]", "[profile  b ]", "[profile 'c d']", "[profile \"e]", "[profile a b]", "[profilex]", "[profiles y]", "[sso-session s]",
         "[services t]", "[preview]", "[DEFAULT]", "[a]", "[default] # note", "[x]]",
         "region = eu-west-1", "Region=us-east-1", "region: us-west-2", "aws_access_key_id = AK=IA", "role_arn = arn:aws:iam::123456789012:role/a",
         "key =", "s3 =", "ecs =", "  endpoint_url = http://localhost:1", "  a = b", "    deeper", "\tc=d", " x", "  ", "", "# comment", "  ; comment",
         "; comment", "empty=", "a = b ; not a comment", "ü = ß"]
BAD_LINES = ["[]", "[", "=value", "  = value", "novalue"]


def probe(program, command, lines, extra=None, arguments=()):
    with tempfile.TemporaryDirectory(prefix="svc-settings-") as home:
        done = subprocess.run([program, command, *arguments], input="".join(line + "\n" for line in lines).encode(), capture_output=True,
                              env=environment(home, **{**HOME_FILES, **(extra or {})}))
    if done.returncode:
        return None, done.stderr.decode()
    return done.stdout.decode().split("\n")[:-1], ""


def read_with_botocore(config, credentials):
    """botocore's profiles, sessions and services; None when it refuses a file."""
    with tempfile.TemporaryDirectory(prefix="svc-settings-") as folder:
        paths = [os.path.join(folder, name) for name in ("config", "credentials")]
        for path, text in zip(paths, (config, credentials)):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        session = botocore.session.Session()
        session.set_config_variable("config_file", paths[0])
        session.set_config_variable("credentials_file", paths[1])
        try:
            full = session.full_config
        except botocore.exceptions.ConfigParseError:
            return None
    return {kind: full[kind] for kind in ("profiles", "sso_sessions", "services")}


def check_files(tally, program, count, seed):
    choice = random.Random(seed)

    def make_file():
        end = choice.choice(["\n", "\n", "\r\n"])
        # Mostly without what is refused at once: such a file says nothing about its other lines.
        lines = choice.sample(LINES, choice.randint(1, 9)) if choice.random() < 0.8 else choice.choices(LINES + BAD_LINES, k=choice.randint(1, 9))
        return choice.choice(["[first]" + end, "[first]" + end, ""]) + end.join(lines) + choice.choice(["", end])
    files = [(make_file(), make_file()) for _ in range(count)]
    answers, trouble = probe(program, "profiles", [json.dumps(pair) for pair in files])
    if answers is None or len(answers) != count:
        tally.add("profile files", trouble or f"{len(answers)} answers for {count} files\n")
        return
    read = 0
    for number, (pair, answer) in enumerate(zip(files, answers)):
        expected, actual = read_with_botocore(*pair), json.loads(answer)
        read += expected is not None
        wrong = actual != expected if expected is not None else not isinstance(actual, str)
        tally.add(f"files {number} of seed {seed}", f"{json.dumps(pair)}\nexpected {expected}\nactual   {actual}\n" if wrong else "")
    tally.add("files that are good", "" if read > count / 4 else f"only {read} of {count}: the comparison says little\n")


def check_endpoints(tally, program):
    loader = botocore.loaders.create_loader()
    partitions = loader.load_data("partitions")
    regions = [(part["id"], region) for part in partitions["partitions"] for region in part["regions"] if not region.endswith("-global")]
    lines = [f"{service} {region}" for service in SERVICES for _, region in regions]
    rules = {service: EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions) for service in SERVICES}
    models = botocore.session.get_session()
    signing = {service: models.get_service_model(service).signing_name for service in SERVICES}
    for fips in (False, True):
        for dual in (False, True):
            answers, trouble = probe(program, "endpoints", lines, {"AWS_USE_FIPS_ENDPOINT": str(fips), "AWS_USE_DUALSTACK_ENDPOINT": str(dual).lower()})
            tally.add("endpoints", trouble)
            for (service, partition, region), answer in zip(((s, p, r) for s in SERVICES for p, r in regions), answers or []):
                if (service, partition, fips, dual) in OTHERWISE:
                    continue
                expected = resolve(rules[service], signing[service], region, fips, dual)
                if (service, partition, fips, dual) in NOT_OFFERED:
                    expected = "!"
                    answer = answer[:1]
                tally.add(f"endpoint of {service} in {region}, FIPS {fips}, IPv6 {dual}",
                          "" if answer == expected else f"expected {expected}\nactual   {answer}\n")


def resolve(rules, signing_name, region, fips, dual):
    try:
        found = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
    except EndpointProviderError as error:
        return f"! {error}"
    schemes = found.properties.get("authSchemes") or [{}]
    return f"{found.url} {schemes[0].get('signingName', signing_name)} {schemes[0].get('signingRegion', region)}"


CONFIG = """\
[default]
region = eu-west-1
services = mine
endpoint_url = http://profile.test:1
max_attempts = 7
retry_mode = adaptive
ca_bundle = ~/bundle.pem
[services mine]
ecs =
  endpoint_url = http://section.test:1/
elastic_load_balancing_v2 =
  endpoint_url = http://elb.test:1
[profile bare]
[profile lost]
services = missing
[profile bad]
max_attempts = many
"""
# (name, environment, arguments, `service region`, the URL or what the reason says)
OVERRIDES = [
    ("the profile's section", {}, [], "ecs eu-west-1", "http://section.test:1"),
    ("the section by its long name", {}, [], "elbv2 eu-west-1", "http://elb.test:1"),
    ("the profile", {}, [], "iam eu-west-1", "http://profile.test:1"),
    ("all, before the section", {"AWS_ENDPOINT_URL": "http://all.test:1"}, [], "ecs eu-west-1", "http://all.test:1"),
    ("the service, before all", {"AWS_ENDPOINT_URL": "http://all.test:1", "AWS_ENDPOINT_URL_ECS": "http://one.test:1/x/"}, [], "ecs eu-west-1", "http://one.test:1/x"),
    ("one service is not another", {"AWS_ENDPOINT_URL_ECS": "http://one.test:1"}, [], "ssm eu-west-1", "http://profile.test:1"),
    ("none of them", {"AWS_ENDPOINT_URL": "http://all.test:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, [], "ecs eu-west-1",
     "https://ecs.eu-west-1.amazonaws.com"),
    ("a profile without any", {}, ["--profile", "bare"], "ecs eu-west-1", "https://ecs.eu-west-1.amazonaws.com"),
    ("a section that is not there", {}, ["--profile", "lost"], "ecs eu-west-1",
     "! profile `lost` names the section [services missing], which HOME/.aws/config does not have"),
    ("no URL", {"AWS_ENDPOINT_URL": "localhost:1"}, [], "ecs eu-west-1", "! the endpoint URL that is set for ecs is no http:// or https:// URL of a host"),
    ("FIPS and a URL", {"AWS_ENDPOINT_URL": "http://all.test:1", "AWS_USE_FIPS_ENDPOINT": "true"}, [], "ecs eu-west-1",
     "! both FIPS endpoints and an endpoint URL for ecs are set; there can be only one of them"),
    ("no region", {}, [], "ecs eu-west-1.evil.test/", "! `eu-west-1.evil.test/` cannot be the name of a region"),
]
DEFAULTS = {"profile": "default", "region": "eu-west-1", "ca_bundle": "HOME/bundle.pem", "retry_mode": "adaptive", "max_attempts": "7",
            "config": "HOME/.aws/config", "credentials": "HOME/.aws/credentials"}
BARE = {"region": "", "ca_bundle": "", "retry_mode": "standard", "max_attempts": "3"}
# (name, environment, arguments, what differs from DEFAULTS, or the message)
SETTINGS = [
    ("the profile", {}, [], {}),
    ("AWS_DEFAULT_REGION", {"AWS_DEFAULT_REGION": "us-west-2"}, [], {"region": "us-west-2"}),
    ("AWS_REGION before it", {"AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": "us-east-2"}, [], {"region": "us-east-2"}),
    ("AWS_PROFILE", {"AWS_PROFILE": "bare"}, [], {"profile": "bare", **BARE}),
    ("AWS_DEFAULT_PROFILE before it", {"AWS_PROFILE": "bad", "AWS_DEFAULT_PROFILE": "bare"}, [], {"profile": "bare", **BARE}),
    ("--profile before both", {"AWS_PROFILE": "bad", "AWS_DEFAULT_PROFILE": "bad"}, ["--profile", "bare"], {"profile": "bare", **BARE}),
    ("variables before the profile", {"AWS_MAX_ATTEMPTS": "2", "AWS_RETRY_MODE": "legacy", "AWS_CA_BUNDLE": "/ca.pem"}, [],
     {"max_attempts": "2", "retry_mode": "standard", "ca_bundle": "/ca.pem"}),
    ("files elsewhere", {"FOLDER": "else", "AWS_CONFIG_FILE": "~/$FOLDER/${FOLDER}/$NOT_SET", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}, [],
     {**BARE, "config": "HOME/else/else/$NOT_SET", "credentials": "/dev/null"}),
    ("no such profile", {"AWS_PROFILE": "gone"}, [],
     "there is no profile `gone` (from AWS_PROFILE) in HOME/.aws/config or HOME/.aws/credentials; they have default, bare, lost, bad\n"),
    ("no such profile on the command line", {}, ["--profile", "gone"],
     "there is no profile `gone` (named on the command line) in HOME/.aws/config or HOME/.aws/credentials; they have default, bare, lost, bad\n"),
    ("no number", {"AWS_PROFILE": "bad"}, [], "max_attempts is `many`, which is no whole number from 1 to 9999\n"),
    ("no number in a variable", {"AWS_MAX_ATTEMPTS": "0"}, [], "AWS_MAX_ATTEMPTS is `0`, which is no whole number from 1 to 9999\n"),
    ("no mode", {"AWS_RETRY_MODE": "fast"}, [], "AWS_RETRY_MODE is `fast`; it can be standard, adaptive or legacy\n"),
]
BROKEN = [
    ("a secret outside of a section", "aws_secret_access_key = SECRET\n", "line 1 stands before the first [section]"),
    ("a secret without a key", "[default]\nSECRET\n", "line 2 is neither a [section] nor `key = value`"),
    ("a secret with a delimiter", "[default]\nSECRET=\nSECRET=\n", "line 3 sets what line 2 has set already"),
    ("a section twice", "[default]\n\n[default]\n", "line 3 begins a section that line 1 has begun already"),
    ("no key", "[default]\n= SECRET\n", "line 2 has no key before its value"),
    ("no nested value", "[default]\ns3 =\n  SECRET\n", "line 2 is followed by an indented line that is no `key = value`"),
]


def check_tables(tally, program):
    with tempfile.TemporaryDirectory(prefix="svc-settings-") as home:
        os.mkdir(os.path.join(home, ".aws"))
        config = os.path.join(home, ".aws", "config")

        def run(command, extra, arguments, text=""):
            with open(config, "w", encoding="utf-8") as file:
                file.write(text or CONFIG)
            return subprocess.run([program, *command, *arguments], input=b"", capture_output=True, env=environment(home, **{**HOME_FILES, **extra}))

        for name, extra, arguments, line, expected in OVERRIDES:
            with open(config, "w", encoding="utf-8") as file:
                file.write(CONFIG)
            done = subprocess.run([program, "endpoints", *arguments], input=line.encode() + b"\n", capture_output=True, env=environment(home, **{**HOME_FILES, **extra}))
            answer = done.stdout.decode().replace(home, "HOME").rstrip("\n")
            actual = answer if answer.startswith("!") else answer.split(" ")[0]
            tally.add(f"URL from {name}", "" if actual == expected else f"expected {expected}\nactual   {actual}\n{done.stderr.decode()}")
        for name, extra, arguments, expected in SETTINGS:
            done = run(["settings"], extra, arguments)
            text = (done.stdout or done.stderr).decode().replace(home, "HOME")
            actual = json.loads(text) if done.returncode == 0 else text
            if isinstance(expected, dict):
                expected = DEFAULTS | expected
            tally.add(f"settings: {name}", "" if actual == expected else f"expected {expected}\nactual   {actual}\n")
        for name, text, reason in BROKEN:
            done = run(["settings"], {}, [], text)
            expected, actual = f"HOME/.aws/config: {reason}\n", done.stderr.decode().replace(home, "HOME")
            tally.add(f"a file with {name}", "" if actual == expected and done.returncode else f"expected {expected}\nactual   {actual}\n")


def main():
    parser = argparse.ArgumentParser(description="Compares settings and endpoints with botocore's.")
    parser.add_argument("--probe", required=True)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    tally = Tally()
    program = os.path.abspath(options.probe)
    check_files(tally, program, options.count, options.seed)
    check_endpoints(tally, program)
    check_tables(tally, program)
    tally.close()


if __name__ == "__main__":
    main()
