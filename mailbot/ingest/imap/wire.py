"""The socket to an IMAP server: bounded in time and memory from its first byte, kept alive, and cut off from outside.

imaplib's own limits are one line of a megabyte and a literal of any size, from the greeting on. Knows nothing of what
is said over it.
"""

import contextlib
import imaplib
import io
import socket
import ssl
from collections.abc import Callable
from typing import Any, cast

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError

from mailbot.ingest.imap.mailbox import Mailbox

#: Bytes that an answer may have beside the piece of a mail that was asked for.
ANSWER = 2 * 2**20
#: What even the shortest line counts for: reading it costs time as well.
_LINE = 256
#: Seconds of silence until the kernel asks whether the other side is there, seconds between questions, and how many.
_KEEPALIVE = (60, 15, 3)
#: Milliseconds that sent bytes may go without an acknowledgement (tcp(7)).
_USER_TIMEOUT = 60_000


class Lever:
    """A second handle on a connection: another thread can cut with it, whatever the first is waiting for."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def hold(self, connected: socket.socket) -> None:
        """Take hold of a connection, before TLS."""
        self._socket = connected.dup()

    def cut(self) -> None:
        """End the connection for both sides; who reads from it hears its end."""
        held = self._socket
        with contextlib.suppress(OSError):
            if held is not None:
                held.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Wire(imaplib.IMAP4):
    """imaplib's connection with bounds; `left` is what the answer that is being read may still have, in bytes."""

    def __init__(self, mailbox: Mailbox, tls: ssl.SSLContext | None, lever: Lever) -> None:
        """Connect and read the greeting; TLS from the first byte if there is a context. Raises what imaplib does."""
        self.left = ANSWER
        self._mailbox = mailbox
        self._tls = tls
        self._lever = lever
        super().__init__(mailbox.host, mailbox.port, timeout=mailbox.connect_timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connected = socket.create_connection((self._mailbox.host, self._mailbox.port), timeout)
        _keep_alive(connected)
        self._lever.hold(connected)
        return self._tls.wrap_socket(connected, server_hostname=self._mailbox.host) if self._tls else connected

    def read(self, size: int) -> bytes:
        """Read a literal; its size is known before it is read."""
        if size > self.left:
            raise IMAPClientAbortError("an answer is too long")
        return self._counted(super().read(size))

    def readline(self) -> bytes:
        """Read a line."""
        return self._counted(super().readline())

    def waits(self) -> bool:
        """Has something come that was read from the socket already, or could be read without waiting?"""
        timeout = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            return bool(cast("io.BufferedReader", self.file).peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self.sock.settimeout(timeout)

    def _counted(self, data: bytes) -> bytes:
        self.left -= max(len(data), _LINE)
        if self.left < 0:
            raise IMAPClientAbortError("an answer is too long")
        return data


def client_of(mailbox: Mailbox, context: ssl.SSLContext | None, lever: Lever) -> Any:
    """Return imapclient's client over such a connection, greeted and not logged in. Raises what imaplib does."""

    class Client(IMAPClient):  # type: ignore[misc] # imapclient ships no types
        def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name
            return Wire(mailbox, context if mailbox.tls == "implicit" else None, lever)

    return Client(
        mailbox.host,
        port=mailbox.port,
        ssl=mailbox.tls == "implicit",
        timeout=SocketTimeout(mailbox.connect_timeout, mailbox.read_timeout),
    )


def _keep_alive(connected: socket.socket) -> None:
    """Let the kernel find out that the other side is gone: over an IDLE nothing is sent for minutes."""
    idle, interval, count = _KEEPALIVE
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, idle),
        (socket.TCP_KEEPINTVL, interval),
        (socket.TCP_KEEPCNT, count),
        (socket.TCP_USER_TIMEOUT, _USER_TIMEOUT),
    ):
        connected.setsockopt(socket.IPPROTO_TCP, option, value)


def nothing() -> None:
    """Do nothing: what is called for a sign of life where nobody looks."""


#: Called whenever a server has answered: a sign of life.
Alive = Callable[[], None]
