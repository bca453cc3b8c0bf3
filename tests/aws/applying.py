"""What the checks of `svc apply` share: an account of the launcher's, svc in a folder with one example, and that account as it reads afterwards."""

import os
import re
import shutil
import subprocess

from check_apply import Applying
from check_live import REGION, equal
from launcher import account as accounts

LEASE_SECONDS = 130
HELLO = "examples/hello.svc"
# Ids that are made anew each time and are no resource's own name.
MADE_UP = re.compile(r"\b(?:vpc|subnet|igw|rtb|eni|eipalloc|nat)-[0-9a-f]{8,17}\b|@sha256:[0-9a-f]{64}")
# Tags whose values are digests of what has such ids in it; the first is there only where svc apply registered a revision.
DIGESTS = ("svc:content", "svc:applied")


class Account(Applying):
    """Of an example, with more to do and to look at."""

    def __init__(self, aws, svc, folder, file=HELLO, environment="prod"):
        super().__init__(aws, svc, folder, file, environment)
        os.remove(os.path.join(folder, "saved.plan"))

    def change(self, pattern, replacement):
        """The example is edited, in one place."""
        self.text, count = re.subn(pattern, replacement, self.text, count=1)
        equal(count, 1, f"{pattern} in the example")
        self.write(self.file, self.text)

    def plan_it(self, *arguments):
        code, out, errors = self.run("plan", self.file, *self.base, *arguments)
        equal(code, 0, errors)
        return out

    def account(self, definitions=True):
        """All that is in the account, by names. Leases are not: that of an apply that died stays until the next one takes it, and one that finds
        nothing to do takes none. Revisions of a destroyed service stay, which only a count of them would show."""
        found = accounts.read_account(self.aws, region=REGION)
        found["parameters"] = {name: value for name, value in found["parameters"].items() if "/lease/" not in name}
        if not definitions:
            del found["task-definitions"]
        return masked(found)


def masked(value):
    if isinstance(value, dict):
        value = {key: member for key, member in value.items() if key not in DIGESTS}
        return {MADE_UP.sub("*", key): masked(member) for key, member in value.items()}
    if isinstance(value, list):
        return [masked(member) for member in value if not (isinstance(member, dict) and {member.get("Key"), member.get("key")} & set(DIGESTS))]
    return MADE_UP.sub("*", value) if isinstance(value, str) else value


def expect_same(found, wanted, what="the account"):
    lines = accounts.differences(wanted, found)
    if lines:
        raise AssertionError(f"{what}: " + "\n".join(lines[:6]))


def fresh(folder):
    """The same folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)


# Stands in for the C library's fsync: once a record of the journal is on the disk, the process is sent a signal: at the n-th, or (0) at each.
SIGNALLER = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int fsync(int descriptor)
{
    static int count;
    char path[64], name[4096];
    int result = (int)syscall(SYS_fsync, descriptor);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(path, name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    const char *wanted = getenv("SIGNAL_AFTER_RECORD");
    if (wanted && strstr(name, "/journal") && (++count == atoi(wanted) || atoi(wanted) == 0))
        kill(getpid(), atoi(getenv("SIGNAL_IS")));
    return result;
}
"""


def build_signaller(folder):
    """The library to preload."""
    library = os.path.join(folder, "signaller.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-o", library, "-"], input=SIGNALLER.encode(), check=True)
    return library
