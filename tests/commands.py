"""The command line without the time that a start takes: a process that has imported all of it forks for each command.

A command still has its own process, environment, folder, standard streams and exit code. The start itself is looked at
by tests that start `python -m mailbot`, as every daemon is.
"""

import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import NoReturn

from mailbot.cli import COMMANDS, application, main

ROOT = Path(__file__).parents[1]

#: A program that has a command run with its own streams, environment and folder, as `mailbot` itself does.
CLIENT = """#!{python} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
asked = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(line, [len(asked).to_bytes(4, "big")], [0, 1, 2])
line.sendall(asked)
sys.exit(int(line.recv(4) or 70))
"""


def command(words: Sequence[str], environ: Mapping[str, str]) -> CompletedProcess[str]:
    """Run a command of mailbot's to its end and return what it said."""
    asked = json.dumps([list(words), dict(environ), str(Path.cwd())]).encode()
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        socket.socket(socket.AF_UNIX) as line,
    ):
        line.connect(server())
        socket.send_fds(line, [len(asked).to_bytes(4, "big")], [stream.fileno() for stream in (nothing, out, err)])
        line.sendall(asked)
        code = line.recv(4)
        assert code, f"{words} came to no end of its own"
        for stream in (out, err):
            stream.seek(0)
        return CompletedProcess(["mailbot", *words], int(code), out.read(), err.read())


def put_program(file: Path) -> None:
    """Write a program `mailbot` that has its commands run here."""
    file.write_text(CLIENT.format(python=sys.executable, address=server()))
    file.chmod(0o755)


@cache
def server() -> str:
    """Start the process that forks, once for a session, and return its address; it ends with its standard input."""
    folder = tempfile.mkdtemp(prefix="mailbot-commands-")
    address = str(Path(folder, "socket"))
    words = [sys.executable, "-m", "tests.commands", address]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        process.communicate()
        Path(address).unlink()
        Path(folder).rmdir()

    atexit.register(end)
    return address


def _serve(address: str) -> None:
    application(COMMANDS)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        os.write(1, b"ready\n")
        ends = [door, sys.stdin]
        while door in select.select(ends, [], [])[0]:
            line, _ = door.accept()
            with line:
                if not os.fork():
                    door.close()
                    _become(line)


def _become(line: socket.socket) -> NoReturn:
    """Become the command that is asked for, and tell its exit code."""
    length, streams, _, _ = socket.recv_fds(line, 4, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with line.makefile("rb") as asked:
        words, environ, folder = json.loads(asked.read(int.from_bytes(length, "big")))
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    sys.argv = ["mailbot", *words]
    code = _run()
    for said in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            said.flush()
    line.sendall(str(code).encode())
    # The server's own end is none of the command's.
    os._exit(code)


def _run() -> int:
    """Return the exit code that the interpreter would end with."""
    try:
        return main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - any end without a code of its own is told, and is 1
        sys.excepthook(*sys.exc_info())
        return 1


if __name__ == "__main__":
    _serve(sys.argv[1])
