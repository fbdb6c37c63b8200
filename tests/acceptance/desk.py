"""A whole mailbot as its users meet it: a folder of `mailbot init`, a running daemon, mail in, mail out.

Everything is real: processes, sockets, files. What is waited for is asked for again until it is there or time is up.
"""

import contextlib
import email
import email.policy
import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from tests.commands import command
from tests.servers.ports import free_port

#: Seconds that something may take on a busy machine.
PATIENCE = 40.0
DOMAIN = "example.com"
SUPPORT = f"support@{DOMAIN}"

T = TypeVar("T")


def until(what: str, ask: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Ask again until there is an answer; fail with what was waited for."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {patience} s in vain for {what}")


@dataclass
class Home:
    """A desk's folder, and its daemon when it runs."""

    folder: Path
    port: int = field(default_factory=free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    daemon: subprocess.Popen[bytes] | None = None
    environ: dict[str, str] = field(default_factory=dict)

    @classmethod
    def init(cls, folder: Path, *agents: str, options: Sequence[str] = ()) -> "Home":
        """Make the folder with `mailbot init` and keep the passwords that it shows."""
        home = cls(folder)
        words = [word for agent in agents for word in ("--agent", agent)]
        done = home.mailbot("init", str(folder), "--domain", DOMAIN, *options, *words, configured=False)
        assert done.returncode == 0, done.stderr
        home.passwords = dict(re.findall(r"^\s+(\S+@\S+)\s+(\S+)$", done.stdout, re.MULTILINE))
        assert set(home.passwords) == set(agents), done.stdout
        return home

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "mailbot.toml"

    def env(self) -> dict[str, str]:
        """The environment of its programs."""
        return {**os.environ, "MAILBOT_LISTEN__PORT": str(self.port), "PYTHONUNBUFFERED": "1", **self.environ}

    def mailbot(self, *words: str, configured: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command of the command line."""
        return command([*words, *(["-c", str(self.config)] if configured else [])], self.env())

    def start(self) -> None:
        """Start the daemon and wait until it takes mail."""
        with (self.folder / "log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env(),
                start_new_session=True,
            )
        until("the daemon to greet", self._greets)

    def _greets(self) -> bool:
        assert self.daemon is None or self.daemon.poll() is None, (self.folder / "log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            return line.recv(4) == b"220 "
        return False

    def stop(self) -> int:
        """Stop the daemon as systemd does; return its exit code."""
        assert self.daemon is not None
        self.daemon.terminate()
        return self.daemon.wait(timeout=30)

    def kill(self) -> None:
        """Kill the daemon and all its loops at once."""
        assert self.daemon is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.daemon.pid, signal.SIGKILL)
        self.daemon.wait(timeout=30)

    def client(self, login: str = "") -> smtplib.SMTP:
        """Connect, and log in as an agent when a name is given."""
        client = smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=30)
        try:
            if login:
                client.login(login, self.passwords[login])
        except BaseException:
            client.close()
            raise
        return client

    def send(self, mail: EmailMessage, login: str = "") -> None:
        """Send a mail as a client does."""
        recipients = [address.strip() for address in str(mail["To"]).split(",")]
        with self.client(login) as client:
            refused = client.sendmail(str(mail["From"]), recipients, mail.as_bytes(policy=email.policy.SMTP))
            assert not refused

    def outgoing(self, to: str = "") -> list[EmailMessage]:
        """Return what left, to one person or to all, oldest first."""
        files = (self.folder / "outgoing" / "new").glob("*") if (self.folder / "outgoing" / "new").is_dir() else ()
        # A Date has seconds: of one second, what was written first comes first.
        written = sorted(files, key=lambda path: path.stat().st_mtime_ns)
        found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in written]
        return sorted((mail for mail in found if not to or mail["To"] == to), key=lambda mail: mail["Date"].datetime)

    def letter(self, to: str, words: str, after: int = 0) -> EmailMessage:
        """Wait for a letter to this person that holds these words, and return it."""

        def ask() -> EmailMessage | None:
            return next((m for m in self.outgoing(to)[after:] if words in body(m)), None)

        return until(f"a letter to {to} with {words!r}", ask)

    def case(self, number: str) -> dict[str, Any] | None:
        """Return the case as `mailbot case --json` prints it, None while it is unknown."""
        done = self.mailbot("case", number, "--json")
        if done.returncode == 1:
            return None
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


def body(mail: EmailMessage) -> str:
    """Return the text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def new_mail(sender: str, subject: str, text: str, to: str = SUPPORT) -> EmailMessage:
    """Write a mail to the desk."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{abs(hash((sender, subject, text, time.monotonic_ns())))}@{sender.rpartition('@')[2]}>"
    mail.set_content(text)
    return mail


def answer(letter: EmailMessage, text: str, *, quote: bool = True) -> EmailMessage:
    """Answer a letter as a mail client does: to its Reply-To, with references, above its quoted text."""
    mail = EmailMessage()
    mail["From"], mail["To"] = letter["To"], letter["Reply-To"]
    subject = str(letter["Subject"])
    mail["Subject"] = subject if subject.startswith("Re: ") else f"Re: {subject}"
    mail["In-Reply-To"] = letter["Message-ID"]
    mail["References"] = " ".join(filter(None, (letter["References"], letter["Message-ID"])))
    mail["Message-ID"] = f"<{time.monotonic_ns()}@client.test>"
    quoted = "\n".join(f"> {line}".rstrip() for line in body(letter).splitlines())
    attribution = "On Mon, 2 Mar 2026 at 10:00, Support wrote:"
    mail.set_content(f"{text}\n\n{attribution}\n{quoted}\n" if quote else text)
    return mail


@contextlib.contextmanager
def running(home: Home) -> Iterator[Home]:
    """Let the daemon run for a while; it is gone afterwards, however that ends."""
    try:
        home.start()
        yield home
    finally:
        if home.daemon is not None and home.daemon.poll() is None:
            home.kill()
