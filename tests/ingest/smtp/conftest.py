"""A desk's SMTP door on a free port, with an inbox that the tests can look into, hold and take away."""

import re
import smtplib
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mailbot.ingest.intake import Intake, IntakeLimits, OwnAddresses
from mailbot.ingest.smtp.listener import Reception, SmtpListener, SmtpSettings
from mailbot.login.passwords import Passwords, password_line
from mailbot.ports import Inbox, StoreAway
from mailbot.ports.records import Arrival, Bookmark

AGENT = "agent@example.com"
MAIL = b"From: Ada <ada@example.net>\r\nTo: support@example.com\r\nSubject: Printer\r\n\r\nIt burns.\r\n"


class FakeInbox(Inbox):
    """An inbox in memory: it can be held closed, and it can be away."""

    def __init__(self) -> None:
        self.batches: list[list[Arrival]] = []
        self.error: Exception | None = None
        #: Set while commits go through; clear it to hold them.
        self.open = threading.Event()
        self.open.set()
        #: Released once for each commit that begins.
        self.begun = threading.Semaphore(0)
        self._seen: set[tuple[str, str]] = set()

    @property
    def mails(self) -> list[Arrival]:
        return [arrival for batch in self.batches for arrival in batch]

    def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        assert bookmark is None
        self.begun.release()
        assert self.open.wait(30)
        if self.error is not None:
            raise self.error
        self.batches.append(list(arrivals))
        new = {(arrival.digest, arrival.purpose) for arrival in arrivals} - self._seen
        self._seen |= new
        return len(new)

    def bookmark(self, mailbox: str) -> Bookmark | None:
        raise AssertionError(mailbox)

    def stored(self, source: str, uid_validity: int, *, above: int, upto: int) -> Mapping[int, int]:
        raise AssertionError(source, uid_validity, above, upto)


class TestClock:
    """An instant that moves when a test moves it."""

    __test__ = False

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, span: timedelta) -> None:
        self.instant += span


def author(raw: bytes) -> str:
    """Stands for the strict reader of From."""
    found = re.findall(rb"(?mi)^From:.*?<?([^\s<>]+@[^\s<>]+?)>?\r$", raw.partition(b"\r\n\r\n")[0] + b"\r")
    return found[0].decode().lower() if len(found) == 1 else ""


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


@dataclass
class Desk:
    """The running door and what stands behind it."""

    listener: SmtpListener
    intake: Intake
    inbox: FakeInbox
    clock: TestClock
    woken: list[str]
    checked: list[str]
    connections: "list[smtplib.SMTP | Wire]" = field(default_factory=list)

    def await_waiting(self, mails: int) -> None:
        """Wait until so many mails wait for the writer."""
        with self.intake._changed:
            assert self.intake._changed.wait_for(lambda: len(self.intake._waiting) == mails, 20)

    def client(self) -> smtplib.SMTP:
        """Return a connection as an ordinary mail program makes it."""
        client = smtplib.SMTP(*self.listener.address, local_hostname="there", timeout=20)
        self.connections.append(client)
        return client

    def wire(self, source: str = "127.0.0.1") -> "Wire":
        """Return a bare connection from this address that says only what a test writes."""
        wire = Wire(self.listener.address, source)
        self.connections.append(wire)
        return wire


class Wire:
    """A client that speaks bytes."""

    def __init__(self, address: tuple[str, int], source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(address, timeout=20, source_address=(source, 0))
        self._lines = self.socket.makefile("rb")
        self.greeting = self.reply()

    def close(self) -> None:
        self._lines.close()
        self.socket.close()

    def reply(self) -> str:
        """Read one reply of the server, its last line; "" when the connection is closed."""
        try:
            while line := self._lines.readline():
                if line[3:4] != b"-":
                    return line.decode("ascii").rstrip("\r\n")
        except ConnectionResetError:
            pass
        return ""

    def say(self, *lines: str) -> str:
        """Send the lines one after the other and return the reply to the last."""
        answer = ""
        for line in lines:
            self.socket.sendall(line.encode() + b"\r\n")
            answer = self.reply()
        return answer

    def begin_data(self, *, to: str = "support@example.com") -> None:
        answer = self.say("EHLO there", "MAIL FROM:<ada@example.net>", f"RCPT TO:<{to}>", "DATA")
        assert answer.startswith("354"), answer

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)


@pytest.fixture(scope="session")
def password_file(tmp_path_factory: pytest.TempPathFactory) -> Passwords:
    path = tmp_path_factory.mktemp("secrets") / "passwords"
    path.touch(mode=0o600)
    path.write_text(password_line(AGENT, "correct horse", b"0123456789abcdef") + "\n")
    return Passwords.read(path)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(password_file: Passwords) -> Iterator[OpenDesk]:
    """Open a desk with settings of the test's own; all are closed at its end."""
    opened: list[Desk] = []

    def make(settings: SmtpSettings | None = None, intake_limits: IntakeLimits | None = None, **reception: Any) -> Desk:
        inbox, clock = FakeInbox(), TestClock()
        woken: list[str] = []
        checked: list[str] = []

        def password(login: str, word: bytes) -> bool:
            checked.append(login)
            return password_file.check(login, word)

        intake = Intake(inbox, wake=lambda: woken.append("woken"), limits=intake_limits)
        arguments = {
            "intake": intake,
            "own": OwnAddresses(("support@example.com", "escalations@example.com")),
            "now": clock.now,
            "digest": digest,
            "author": author,
            "password": password,
            "addresses": lambda login: (login, f"also.{login}"),
            **reception,
        }
        listener = SmtpListener(settings or SmtpSettings(port=0), Reception(**arguments))
        intake.start()
        listener.start()
        opened.append(Desk(listener, intake, inbox, clock, woken, checked))
        return opened[-1]

    yield make
    for desk in opened:
        desk.inbox.open.set()
        desk.listener.stop(0)
        assert desk.intake.stop(20)
        for connection in desk.connections:
            connection.close()


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """The desk with its default settings, on loopback."""
    return open_desk()


def store_away() -> StoreAway:
    return StoreAway("the database at 10.0.0.7 refuses password hunter2")
