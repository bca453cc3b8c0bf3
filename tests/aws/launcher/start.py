"""Runs a launcher for a test:

    with Launcher("--speed", "20") as aws:
        aws.client("ecs").create_cluster(clusterName="x")
        aws.control("POST", "clock", {"advance": 60})
        subprocess.run([...], env=environment(home, **aws.environment()))
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

REGION = "eu-west-1"
ACCOUNT = "123456789012"
CONFIG = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})


class Launcher:
    def __init__(self, *arguments):
        self.arguments = arguments
        self.clients = {}
        self.keys = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "none"}

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, os.path.dirname(os.path.abspath(__file__)), *self.arguments], stdout=subprocess.PIPE,
                                        text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        for line in self.process.stdout:
            if line.startswith("AWS_"):
                name, _, value = line.strip().partition("=")
                self.keys[name[4:].lower()] = value
            if line.startswith("listening on "):
                self.url = line.split()[-1]
                return self
        raise RuntimeError(f"the launcher ended with status {self.process.wait()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def client(self, service, region=REGION, config=CONFIG, **keys):
        """A boto3 client of the launcher's user; the same one for the same service."""
        key = (service, region, config, tuple(sorted(keys.items())))
        if key not in self.clients:
            keys = keys or {"aws_access_key_id": self.keys["access_key_id"], "aws_secret_access_key": self.keys["secret_access_key"]}
            self.clients[key] = boto3.Session(region_name=region).client(service, endpoint_url=self.url, config=config, **keys)
        return self.clients[key]

    def control(self, method, path, value=None):
        """What the control endpoint answers, parsed; ValueError with its words when it refuses."""
        request = urllib.request.Request(f"{self.url}/control/{path}", method=method, data=None if value is None else json.dumps(value).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None

    def reset(self):
        """Everything as at the start; the user has the same keys."""
        self.control("POST", "reset", {})

    def advance(self, seconds):
        self.control("POST", "clock", {"advance": seconds})

    def calls(self):
        return self.control("GET", "calls")["calls"]

    def environment(self, region=REGION):
        """What a process needs to find this AWS."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": self.keys["access_key_id"],
                "AWS_SECRET_ACCESS_KEY": self.keys["secret_access_key"], "AWS_EC2_METADATA_DISABLED": "true"}
