"""A whole mailbot as its processes: a desk in a folder, `mailbot run` over it, a customer who writes by SMTP."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.app.init import Wishes, make_home
from tests.daemon.loops import PATIENCE, alive, eventually
from tests.servers.ports import free_port

CUSTOMER, AGENT, DESK = "jane@customer.test", "kim@example.test", "support@example.test"


def _words(pid: int) -> list[bytes]:
    """A process's command line; none where it ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


@dataclass
class Daemon:
    """A running `mailbot run`."""

    process: "subprocess.Popen[bytes]"
    home: Path
    port: int

    def children(self) -> dict[str, int]:
        """The loops' processes by name."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = {}
        for pid in map(int, file.read_text().split()):
            words = _words(pid)
            if b"--only" in words:
                found[words[words.index(b"--only") + 1].decode()] = pid
        return found

    def write(self, subject: str = "Printer", text: str = "It burns.") -> None:
        """Send a customer's mail; 250 or an error."""
        mail = f"From: {CUSTOMER}\r\nTo: {DESK}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@customer.test>\r\n\r\n"
        with smtplib.SMTP("127.0.0.1", self.port, "customer.test", timeout=PATIENCE) as smtp:
            smtp.sendmail(CUSTOMER, [DESK], mail + text)

    def sent(self, to: str = CUSTOMER) -> list[bytes]:
        """The mails that went out to somebody."""
        folder = self.home / "outgoing" / "new"
        mails = [path.read_bytes() for path in folder.iterdir()] if folder.exists() else []
        return [mail for mail in mails if f"\nTo: {to}\n".encode() in mail]

    def log(self) -> str:
        """What it logged so far."""
        return (self.home / "log").read_text()

    def ready(self) -> "Daemon":
        """Wait until it says that it works."""
        eventually(lambda: self.process.poll() is not None or b"mailbot works" in self.greeting(), "it is ready")
        assert self.process.poll() is None, self.log()
        return self

    def greeting(self) -> bytes:
        """What it said to the operator."""
        return (self.home / "greeting").read_bytes()

    def stop(self) -> int:
        """End it as systemd does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(25)


@dataclass
class Home:
    """A desk's folder, and how mailbot is run on it."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        make_home(self.folder, Wishes(domain="example.test", agents=(AGENT,)))

    @contextmanager
    def run(self, *words: str, **environ: str) -> Iterator[Daemon]:
        """Run mailbot, and leave nothing of it."""
        known = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
        environment = known | {"MAILBOT_LISTEN__PORT": str(self.port)} | environ
        with (self.folder / "log").open("wb") as log, (self.folder / "greeting").open("wb") as greeting:
            process = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "run", *words, "-c", str(self.folder / "mailbot.toml")],
                env=environment,
                stdout=greeting,
                stderr=log,
            )
        daemon = Daemon(process, self.folder, self.port)
        children: dict[str, int] = {}
        try:
            yield daemon
            children = daemon.children() if process.poll() is None else {}
        finally:
            process.kill()
            process.wait()
            eventually(lambda: not any(map(alive, children.values())), "no loop is left")
