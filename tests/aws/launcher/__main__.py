#!/usr/bin/env python3
"""Starts the AWS of svc's end-to-end tests: moto's server, with patches that fill its gaps.

    python3 tests/aws/launcher [--port N] [--speed N] [--check-signatures] …

It prints `listening on http://127.0.0.1:PORT` once it is ready (and, with --check-signatures, the keys of a user that may do everything), and
ends with SIGTERM or SIGINT. The patches are listed by --patches: each names the fact about AWS that it is made from, and each has a
test in tests/aws/check_launcher.py that passes with it and fails without it. What a test says to the launcher itself (time, faults,
failing tasks, the log of calls) goes to the paths below /control: see --control. Time is simulated: --speed 60 makes a minute of ECS's
a second. start.py runs a launcher from Python.
"""

import argparse
import os
import signal
import sys

if not __package__:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

os.environ.update(MOTO_EC2_LOAD_DEFAULT_AMIS="false")
# moto's own calls must never leave the machine, nor find anybody's credentials.
os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null",
                  AWS_SHARED_CREDENTIALS_FILE="/dev/null")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="launcher", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0, the default: a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    parser.add_argument("--virtual-dates", action="store_true", help="date answers in simulated time, the Date header too")
    parser.add_argument("--check-signatures", action="store_true", help="create a user, print its keys, and refuse everybody else")
    parser.add_argument("--account", default="123456789012", help="whose account the caller is in")
    parser.add_argument("--seed", type=int, default=1, help="of the ids")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting (world.py, DEFAULTS); VALUE is JSON")
    parser.add_argument("--without", action="append", default=[], metavar="PATCH", help="switch a patch off")
    parser.add_argument("--patches", action="store_true", help="list the patches and end")
    parser.add_argument("--control", action="store_true", help="describe the control endpoint and end")
    parser.add_argument("--log", action="store_true", help="log each request to stderr")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    from launcher import server
    if arguments.control:
        from launcher import control
        print(control.__doc__)
    elif arguments.patches:
        server.print_patches()
    else:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(0))
        server.serve(arguments)


if __name__ == "__main__":
    main()
