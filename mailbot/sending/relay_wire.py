"""What goes to and fro on a connection to the relay: bounded in time and in size, with signs of life while it waits.

`smtplib` waits for each answer as long as the socket does, and keeps an answer of any length. Here a time holds for an
answer as a whole, all answers of one mail have one end, and an answer without end is none. Never looks at a mail.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from mailbot import clock
from mailbot.ports.patience import HANDING_OVER, SIGN_OF_LIFE

#: Seconds to wait for one address of the relay to take a connection.
CONNECT_TIMEOUT = 10.0

#: Octets of one line and of one answer, however many lines it has. RFC 5321 section 4.5.3.1.5 allows 512 in a line.
LONGEST_LINE, LONGEST_REPLY = 8192, 64 * 1024

#: Octets that are read at once.
READ = 4096

T = TypeVar("T")


class Endless(smtplib.SMTPException):
    """The relay's answer is longer than any answer may be."""


class Patience:
    """How long the relay may take: for one answer, and for all that one mail needs."""

    def __init__(
        self, step: float, alive: Callable[[], None] = lambda: None, now: Callable[[], float] = clock.monotonic
    ) -> None:
        """`step` is the seconds for one answer, `alive` gives a sign of life, `now` returns seconds that only grow."""
        self.step = step
        self._alive = alive
        self._now = now
        self._lived = now()
        self._last = self._lived + HANDING_OVER

    def begin(self, seconds: float) -> None:
        """Let everything from now on take so long together."""
        self._last = self._now() + seconds

    def end(self, seconds: float) -> float:
        """Return the instant until which a step may last that begins now."""
        return min(self._now() + seconds, self._last)

    def turn(self, end: float) -> float:
        """Return the seconds to wait before asking again. Raises TimeoutError when the end has come."""
        now = self._now()
        if now - self._lived >= SIGN_OF_LIFE:
            self._lived = now
            self._alive()
        if now >= end:
            raise TimeoutError("timed out")
        return min(SIGN_OF_LIFE, end - now)


class Wire(smtplib.SMTP):
    """A connection with patience; TLS at once where a context is given."""

    def __init__(self, host: str, port: int, hello: str, patience: Patience, tls: ssl.SSLContext | None = None) -> None:
        """Connect and hear the greeting. Raises OSError, ValueError and smtplib.SMTPException."""
        self._patience = patience
        self._name = host
        self._tls = tls
        #: What was read and is no whole line yet, or belongs to the next answer.
        self._heard = bytearray()
        super().__init__(host, port, hello, timeout=min(CONNECT_TIMEOUT, patience.step))

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Connect, with TLS where it is wanted at once, and return the greeting."""
        self.sock = socket.create_connection((host, port), self.timeout, source_address)
        try:
            if self._tls is not None:
                self._encrypt(self._tls)
            return self.getreply()
        except BaseException:
            self.close()
            raise

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Go over to TLS; what was said before it counts no more (RFC 3207 section 4.2). Raises as `__init__` does."""
        code, text = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, text)
        # Somebody on the way may have put it there, to be taken for the relay's own word later.
        self._heard.clear()
        self._encrypt(context)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def send(self, s: Any) -> None:
        """Send text or octets; what goes on may take longer than one step. Raises as `__init__` does."""
        rest = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        while rest:
            end = self._patience.end(self._patience.step)
            rest = rest[self._tried(partial(self._open().send, rest), end) :]

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the lines of an answer; -1 for what has no code."""
        return self.answer(self._patience.step)

    def answer(self, seconds: float) -> tuple[int, bytes]:
        """Return an answer that may take so long as a whole. Raises as `__init__` does."""
        end = self._patience.end(seconds)
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line(end)
            lines.append(line[4:].strip())
            size += len(line)
            if not line[:3].isdigit():
                return -1, b"\n".join(lines)
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
            if size > LONGEST_REPLY:
                self.close()
                raise Endless(f"answers without end: more than {LONGEST_REPLY} octets")

    def _line(self, end: float) -> bytes:
        while not (found := self._heard.find(b"\n") + 1) and len(self._heard) <= LONGEST_LINE:
            more = self._tried(partial(self._open().recv, READ), end)
            if not more:
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            self._heard += more
        if not 0 < found <= LONGEST_LINE:
            self.close()
            raise Endless(f"Line too long: more than {LONGEST_LINE} octets")
        line = bytes(self._heard[:found])
        del self._heard[:found]
        return line

    def _encrypt(self, context: ssl.SSLContext) -> None:
        encrypted = context.wrap_socket(self._open(), server_hostname=self._name, do_handshake_on_connect=False)
        self.sock = encrypted
        self._tried(encrypted.do_handshake, self._patience.end(self._patience.step))

    def _open(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return self.sock

    def _tried(self, act: Callable[[], T], end: float) -> T:
        """Do what waits for the relay, again and again until the end has come."""
        while True:
            self._open().settimeout(self._patience.turn(end))
            try:
                return act()
            except TimeoutError:
                continue
            except ConnectionError as gone:
                self.close()
                raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {gone}") from gone
