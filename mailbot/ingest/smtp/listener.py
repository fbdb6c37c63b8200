"""The listener for SMTP or LMTP: a socket, a thread with its event loop, and an orderly stop.

Usable from a synchronous daemon: `start` returns when mail is taken, `stop` when what was in hand is finished. Decides
nothing about a mail; the replies are in `mailbot.ingest.smtp.door`.

DIAGNOSTICS: `PortTaken` when another program has the port; other trouble of the socket is an OSError.
"""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import Any

import structlog

from mailbot.ingest.smtp.data import DataRoom
from mailbot.ingest.smtp.door import Reception, SmtpDoor
from mailbot.ingest.smtp.gate import Gate, SmtpLimits
from mailbot.ingest.smtp.lmtp import LmtpDoor, LmtpSession
from mailbot.ingest.smtp.session import Shared, SmtpSession
from mailbot.ingest.smtp.settings import SmtpSettings, server_tls
from mailbot.ingest.where import where

__all__ = ["DataRoom", "PortTaken", "Reception", "SmtpLimits", "SmtpListener", "SmtpSettings", "server_tls"]

_log = structlog.get_logger(__name__)


class PortTaken(Exception):
    """Another program listens where we should."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"port {port} on {host} is taken by another program: stop that one, or choose another port")
        self.host = host
        self.port = port


class SmtpListener:
    """Takes mail by SMTP or LMTP until it is stopped; `room` is the memory that it shares with other listeners."""

    def __init__(self, settings: SmtpSettings, reception: Reception, room: DataRoom | None = None) -> None:
        self._settings = settings
        gate = Gate(settings.limits, settings.borders)
        self._door = (LmtpDoor if settings.lmtp else SmtpDoor)(reception, gate)
        self._shared = Shared(
            settings=settings,
            gate=gate,
            room=room or DataRoom(settings.limits.room, settings.folder),
            now=reception.now,
        )
        self._socket: socket.socket | None = None
        self._address: tuple[str, int] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started: Future[None] = Future()
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._grace = 0.0

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on; only after `start`."""
        assert self._address is not None
        return self._address

    def start(self) -> None:
        """Listen; mail is taken when this returns. Raises PortTaken or OSError."""
        self._socket = listening(self._settings.host, self._settings.port)
        host, port, *_ = self._socket.getsockname()
        self._address = (host, port)
        # The library writes command lines with people's addresses and passwords' neighbours into its log.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._thread = threading.Thread(target=self._run, name="lmtp" if self._settings.lmtp else "smtp", daemon=True)
        self._thread.start()
        self._started.result()

    def stop(self, timeout: float) -> None:
        """Accept no more, finish the mails in hand for at most `timeout` seconds, close everything."""
        if self._thread is None or self._loop is None or self._stop is None:
            return
        self._grace = timeout
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = None

    def responds(self, timeout: float) -> bool:
        """Does the loop still do its work? For the watchdog: waits for one real turn of it, in seconds."""
        if self._thread is None or self._loop is None or not self._thread.is_alive():
            return False
        turned: Future[None] = Future()
        self._loop.call_soon_threadsafe(turned.set_result, None)
        try:
            turned.result(timeout)
        except NotInTime:
            return False
        return True

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the thread's last line: the caller of `start` hears it, or the log
            if self._started.done():
                _log.error("smtp-ended", error=type(error).__name__, where=where(error))
            else:
                self._started.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_quiet)
        self._stop = asyncio.Event()
        assert self._socket is not None
        limits = self._settings.limits
        server = await self._loop.create_server(self._session, sock=self._socket, backlog=limits.connections)
        self._started.set_result(None)
        await self._stop.wait()
        server.close()
        await self._finish()

    async def _finish(self) -> None:
        """Let the mails in hand end, then close what is left."""
        tasks = leave_all(tuple(self._shared.sessions))
        if tasks:
            await asyncio.wait(tasks, timeout=self._grace)
        for session in tuple(self._shared.sessions):
            _log.warning("smtp-cut-off", peer=session.peer)
            session.cut_off()

    def _session(self) -> SmtpSession:
        assert self._loop is not None
        return (LmtpSession if self._settings.lmtp else SmtpSession)(self._door, self._shared, self._loop)


def leave_all(sessions: Sequence[SmtpSession]) -> "list[asyncio.Task[None]]":
    """Ask all sessions to end; return the coroutines that still have something in hand."""
    for session in sessions:
        session.leave()
    return [session.task for session in sessions if session.task is not None]


def listening(host: str, port: int) -> socket.socket:
    """Bind in the caller's thread, so that it hears at once when the port is taken."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    try:
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise


def _quiet(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that goes away in mid-reply is no news; anything else is a fault of ours."""
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):
        _log.error("smtp-loop", error=type(error).__name__, where=where(error))
