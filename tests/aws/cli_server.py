"""An `aws` command that starts the AWS CLI once: each call is a fork of a process that has it loaded, and its waits are short.

    with CliServer(folder) as path:     # path: a PATH that begins with the folder of `aws`
        subprocess.run(["bash", script], env={**os.environ, "PATH": path})
"""

import array
import functools
import json
import os
import signal
import socket
import sys
import time
import traceback

# a waiter asks every 15 seconds, and the launcher's time runs faster
HASTE = 100
SERVICES = ("sts", "ec2", "ecs", "iam", "elbv2", "logs", "cloudwatch", "application-autoscaling")

CLIENT = """#!{python} -S
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    socket.send_fds(server, [json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode() + b"\\n"], [0, 1, 2])
    answer = server.recv(16)
sys.exit(int(answer or 255))
"""


def _call(words, environment, folder, descriptors):
    """The exit status of the AWS CLI, in a child process."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, place)
    data = os.environ["AWS_DATA_PATH"]  # set when the CLI is loaded
    os.environ.clear()
    os.environ.update(environment, AWS_DATA_PATH=data)
    os.chdir(folder)
    sys.argv = ["aws", *words]
    status = 255
    try:
        from awscli.clidriver import main
        status = main()
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status or 0)


def _load():
    """What takes the time: the CLI, and AWS's models, which each fork then finds read."""
    import awscli.clidriver
    from botocore.loaders import JSONFileLoader
    JSONFileLoader.load_file = functools.cache(JSONFileLoader.load_file)
    loader = JSONFileLoader()
    JSONFileLoader.load_file = functools.partial(JSONFileLoader.load_file, loader)
    session = awscli.clidriver.create_clidriver().session
    for service in SERVICES:
        session.create_client(service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")


def _serve(listener):
    _load()
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(seconds / HASTE)
    while True:
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            continue
        text, ancillary, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * array.array("i").itemsize))
        descriptors = array.array("i", ancillary[0][2])
        while not text.endswith(b"\n"):
            text += connection.recv(1 << 20)
        connection.send(str(_call(*json.loads(text), descriptors)).encode())
        os._exit(0)


class CliServer:
    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        path, command = os.path.join(self.folder, "socket"), os.path.join(self.folder, "bin", "aws")
        os.makedirs(os.path.dirname(command))
        with open(command, "w", encoding="utf-8") as stream:
            stream.write(CLIENT.format(python=sys.executable, path=path))
        os.chmod(command, 0o755)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(16)
        self.process = os.fork()
        if not self.process:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(listener)
        listener.close()
        return f"{os.path.dirname(command)}:{os.environ['PATH']}"

    def __exit__(self, *_):
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)
