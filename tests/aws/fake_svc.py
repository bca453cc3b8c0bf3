#!/usr/bin/env python3
"""Stands in for svc in the tests of the checkers: `build` writes the sample output with the names of the file.

FAKE_SVC_FAULT breaks it on purpose: `name` lets a value depend on a name, `template` makes the template wrong,
`no-template` leaves it out, `word` lets the vocabulary name a member that does not exist.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import samples  # noqa: E402


def build(file, environment, out):
    with open(file, encoding="utf-8") as stream:
        text = stream.read()
    names = {"prod": environment}
    for word, sample in (("project", "shop"), ("service", "web"), ("container", "app"), ("alarm", "errors")):
        names[sample] = re.search(rf"^\s*{word}\s+([a-z-]+)", text, re.MULTILINE)[1]
    values = json.loads(re.sub(r"\b(prod|shop|web|app|errors)\b", lambda match: names[match[0]], json.dumps(samples.documents())))
    service = names["web"]
    rule = values[f"{service}/listener-rules/{names['app']}.json"]
    fault = os.environ.get("FAKE_SVC_FAULT")
    if fault == "name":
        rule["Priority"] = 1 + ord(service[0])
    values["template.json"]["Resources"] = {
        "".join(part.capitalize() for part in service.split("-")) + "Topic": {
            "Type": "AWS::SNS::Topic", "Properties": {"Nope": 1} if fault == "template" else {"TopicName": f"{service}-{environment}"}}}
    if fault == "no-template":
        del values["template.json"]
    samples.write_all(out, values)


def main(arguments):
    if arguments[:2] == ["help", "--format"]:
        wrong = [{"word": "wrong", "aws": ["task:nothing"]}] if os.environ.get("FAKE_SVC_FAULT") == "word" else []
        print(json.dumps({"words": [
            {"word": "alarm", "help": "an alarm of the service", "aws": ["alarm:AlarmName"]},
            {"word": "cpu", "aws": ["task:containerDefinitions[].cpu"]},
            {"word": "healthy", "aws": ["service:deploymentConfiguration.minimumHealthyPercent..maximumPercent"]},
            {"word": "pause", "aws": ["scaling-step:Cooldown"]},
            {"word": "command", "aws": ["task:containerDefinitions[].command"]},
            {"word": "container", "aws": ["task:containerDefinitions[]"]}, *wrong]}))
        return 0
    if arguments[0] == "build":
        options = dict(zip(arguments[2::2], arguments[3::2]))
        build(arguments[1], options.get("--env"), options["--out"])
        return 0
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
