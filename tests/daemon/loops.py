"""A supervisor over loops that are small scripts, and an ear for what it tells its own supervisor."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.daemon.notify_socket import heard

#: How long a condition that depends on real processes may take to come true, in seconds.
PATIENCE = 30.0

#: A loop that says when it lives and does what a file in its folder tells it.
LOOP = """
import os, signal, sys, time
from mailbot.daemon.lock import die_with_parent
from mailbot.daemon.notify_socket import Notifier
folder, name = sys.argv[1], sys.argv[2]
assert die_with_parent(os.environ)
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
signal.signal(signal.SIGHUP, lambda *_: open(f"{folder}/{name}.hup", "a").write("x"))
def told(word):
    return os.path.exists(f"{folder}/{name}.{word}")
if told("wrong"):
    print("mailbot.toml: listen.port: is taken", file=sys.stderr)
    sys.exit(2)
with open(f"{folder}/{name}.pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
notifier = Notifier.from_environment(os.environ)
notifier.ready(f"{name} is ready")
while not ended or told("deaf"):
    if not told("hang"):
        notifier.beat()
    time.sleep(0.02)
notifier.stopping()
"""

#: A process that supervises two such loops.
PARENT = """
import os, sys, time
from mailbot.daemon import supervisor
from mailbot.daemon.notify_socket import Notifier
from mailbot.daemon.wake import Signals
folder = sys.argv[1]
supervisor.GRACE = 1.0
supervisor.TURN = 0.05
plans = [
    supervisor.Plan(name=name, command=[sys.executable, f"{folder}/loop.py", folder, name], deadline=1.0)
    for name in ("one", "two")
]
boss = supervisor.Supervisor(
    plans=plans,
    notifier=Notifier.from_environment(os.environ),
    signals=Signals(),
    monotonic=time.monotonic,
    environment=dict(os.environ),
    on_ready=lambda: print("all ready", flush=True),
)
sys.exit(boss.run())
"""


def eventually(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something that real processes do has come true."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"in {patience:.0f} seconds it did not come true that {what}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Does a process run? One that is dead and not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@dataclass
class Ear:
    """What a notification socket heard, in order."""

    socket: socket.socket
    told: list[dict[str, str]] = field(default_factory=list)

    def listen(self, variable: str, value: str = "1") -> None:
        """Wait until it is told."""
        eventually(lambda: self._hear(variable, value), f"{variable}={value} is told")

    def count(self, variable: str) -> int:
        """How often was it told so far?"""
        self._hear("", "")
        return sum(variable in message for message in self.told)

    def _hear(self, variable: str, value: str) -> bool:
        while select.select([self.socket], [], [], 0)[0]:
            self.told.append(dict(heard(self.socket.recv(4096))))
        return any(message.get(variable) == value for message in self.told)


@contextmanager
def ear(folder: Path) -> Iterator[Ear]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "notify"))
        yield Ear(listener)


@dataclass
class Boss:
    """A running supervisor with its folder."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    def tell(self, name: str, word: str) -> None:
        """Tell a loop what to do from now on."""
        (self.folder / f"{name}.{word}").touch()

    def forget(self, name: str, word: str) -> None:
        """Take it back."""
        (self.folder / f"{name}.{word}").unlink()

    def pids(self, name: str) -> list[int]:
        """Every life of a loop so far."""
        file = self.folder / f"{name}.pids"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def all_ready(self) -> None:
        """Wait until both loops live."""
        eventually(lambda: self.pids("one") and self.pids("two"), "both loops live")

    def end(self) -> int:
        """Ask for the end and wait for it."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def boss(folder: Path, *words: str, listener: Path | None = None) -> Iterator[Boss]:
    """Run a supervisor over the loops `one` and `two`; `words` are files that are there from the start."""
    (folder / "loop.py").write_text(LOOP)
    for word in words:
        (folder / word).touch()
    environ = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
    if listener:
        environ["NOTIFY_SOCKET"] = str(listener)
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield Boss(folder, process)
    finally:
        process.kill()
        process.communicate()
