"""Relays that really listen on loopback, letters, and a clock to turn by hand."""

import contextlib
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from mailbot.event import Visibility
from mailbot.ports.records import OutboxMail, OutboxState
from tests.servers.ports import free_port

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
USER, PASSWORD = "desk", "correct horse"


@dataclass
class Sink:
    """A real SMTP server that keeps what it takes."""

    port: int
    taken: list[Envelope] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append(envelope)
        if session not in self.sessions:
            self.sessions.append(session)
        return "250 2.6.0 Kept"


@pytest.fixture
def sinks() -> Iterator[Callable[..., Sink]]:
    """Start sinks; keywords go to aiosmtpd's controller."""
    running: list[Controller] = []

    def start(**options: Any) -> Sink:
        sink = Sink(port=free_port())
        running.append(Controller(sink, hostname="127.0.0.1", port=sink.port, **options))
        running[-1].start()
        return sink

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem and key.pem for localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


class Last(str):
    """An answer behind which the server hangs up at once."""

    __slots__ = ()


#: What a script answers: a text, a text to be had from a call (that may wait for the client), or `None` to hang up.
Said = str | Callable[[], str] | None


class Script:
    """A server that answers each verb with what the script says; `None` closes the connection instead.

    A verb's list gives the answers to its first, second ... use; after the last one the ordinary answers hold again.
    """

    ORDINARY: ClassVar = {
        "CONNECT": "220 relay.test ready",
        "EHLO": "250 relay.test",
        "MAIL": "250 2.1.0 ok",
        "RCPT": "250 2.1.5 ok",
        "DATA": "354 go on",
        ".": "250 2.0.0 taken",
        "RSET": "250 2.0.0 ok",
        "QUIT": "221 2.0.0 bye",
    }

    def __init__(self, script: dict[str, list[Said]]) -> None:
        self._script = script
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _answer(self, verb: str) -> str | None:
        waiting = self._script.get(verb)
        said = waiting.pop(0) if waiting else self.ORDINARY.get(verb, "500 5.5.1 what?")
        return said() if callable(said) else said

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            # A client that is gone is told by the last flush as well.
            with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        try:
            verb = "CONNECT"
            while (answer := self._answer(verb)) is not None:
                stream.write(f"{answer}\r\n".encode())
                stream.flush()
                if isinstance(answer, Last):
                    return
                if verb == "DATA" and answer.startswith("354"):
                    self.mails.append(b"".join(iter(stream.readline, b".\r\n")))
                    verb = "."
                    continue
                line = stream.readline().decode("latin-1")
                if not line:
                    return
                self.heard.append(line.strip())
                verb = line.split()[0].upper() if line.strip() else ""
        except OSError:
            return


@pytest.fixture
def scripts() -> Iterator[Callable[..., Script]]:
    """Start scripted servers."""
    running: list[Script] = []

    def start(**script: list[Said]) -> Script:
        running.append(Script({"." if verb == "END" else verb: answers for verb, answers in script.items()}))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@dataclass
class Hand:
    """A clock that only moves when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def turn(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture(scope="session")
def letter() -> Callable[..., OutboxMail]:
    """Make a letter; keywords change it."""

    def make(number: int = 1, **changes: Any) -> OutboxMail:
        values: dict[str, Any] = {
            "id": number,
            "case": 12,
            "template": "taken",
            "visibility": Visibility.PUBLIC,
            "created": NOW,
            "to": f"person{number}@customer.example",
            "subject": "[HD-12] The printer is on fire",
            "text": "One of us has taken up your case.\n",
            "html": "<p>One of us has taken up your case.</p>\n",
            "message_id": f"<m{number}@example.com>",
            "fields": (
                ("From", "Example Support <support+token@example.com>"),
                ("References", "<a@customer.example> <b@example.com>"),
                ("Auto-Submitted", "auto-generated"),
            ),
            "reverse_path": "",
            "carried": (),
            "state": OutboxState.QUEUED,
            "attempts": 0,
            "next_attempt_at": NOW,
        }
        return OutboxMail(**{**values, **changes})

    return make
