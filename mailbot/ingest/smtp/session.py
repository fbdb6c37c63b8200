"""One SMTP connection: aiosmtpd's session with our own reading of DATA, limits on the peer and an orderly end.

Speaks the protocol only; what a mail means and whose it is stands in `mailbot.ingest.smtp.door`. Never shows the text
of an exception, never takes a byte into memory beyond the limits.
"""

import asyncio
from asyncio import AbstractEventLoop, BaseTransport, Task, Transport, WriteTransport
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP

from mailbot.ingest.smtp.data import DataReader, DataRoom
from mailbot.ingest.smtp.gate import BORDER_CALLS, Gate, command_limits, is_loopback
from mailbot.ingest.smtp.path import path
from mailbot.ingest.smtp.place import Pace, Place, taken_back
from mailbot.ingest.smtp.settings import SmtpSettings
from mailbot.ingest.smtp.status_code import coded
from mailbot.ingest.smtp.tls import shake_hands

_CHUNK = 2**16
#: Seconds that a closed connection may take to carry its last reply away.
_LINGER = 5.0
_CROWDED = "421 4.3.2 Others are waiting for this connection; please try again later"
_STOPPING = "421 4.3.2 This server is stopping; please try again later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the connections of one listener share."""

    settings: SmtpSettings
    gate: Gate
    room: DataRoom
    now: Callable[[], datetime]
    #: One large mail at a time is taken from the disk, digested and stored: each costs copies of itself.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    sessions: set["SmtpSession"] = field(default_factory=set)


class SmtpSession(SMTP):
    """The protocol object of one connection."""

    #: The greeting's second word. Neutral: neither product nor version.
    IDENT = "ESMTP"

    def __init__(self, handler: Any, shared: Shared, loop: AbstractEventLoop) -> None:
        settings = shared.settings
        super().__init__(
            handler,
            data_size_limit=settings.limits.message_size,
            enable_SMTPUTF8=False,
            hostname=settings.hostname,
            ident=self.IDENT,
            tls_context=None if settings.implicit_tls else settings.tls,
            timeout=settings.limits.idle,
            auth_required=False,
            auth_require_tls=True,
            command_call_limit=command_limits(settings.limits),
            loop=loop,
        )
        self.limits = settings.limits
        self._shared = shared
        self._gate = shared.gate
        self._implicit_tls = settings.tls if settings.implicit_tls else None
        #: The connection below TLS from the first byte, while nothing of SMTP was said yet.
        self._unencrypted: Transport | None = None
        #: The peer's network address, "" when it is gone already.
        self.peer = ""
        self._entered = False
        self._refused = False
        self._in_data = False
        #: A mail has come in whole and is being stored.
        self._storing = False
        self._leaving = False
        self._pace = Pace(loop.time())
        #: Failed log-ins on this connection.
        self.failures = 0
        #: Recipients that we refused on this connection.
        self.refused_recipients = 0

    @property
    def is_auth_offered(self) -> bool:
        """May a password cross this connection: encrypted, or within this machine?"""
        return not self._auth_require_tls or self._tls_protocol is not None

    @property
    def task(self) -> "Task[None] | None":
        """The coroutine that serves this connection."""
        task: Task[None] | None = self._handler_coroutine
        return task

    def connection_made(self, transport: BaseTransport) -> None:
        """Let the peer in, or turn it away when there are too many (RFC 5321 section 3.1: 421 may be a greeting).

        Called a second time when the same connection is encrypted (RFC 3207 section 4.2, RFC 8314 section 3).
        """
        if self._original_transport is not None:
            super().connection_made(transport)
            return
        if not self._entered and not self._enter(transport):
            return
        encrypted = transport.get_extra_info("sslcontext") is not None
        if self._implicit_tls and not encrypted:
            assert isinstance(transport, Transport)
            self._unencrypted = transport
            shake_hands(transport, self, self._implicit_tls, self.limits.handshake, self._shaken)
            return
        self._auth_require_tls = not (
            encrypted or (self._shared.settings.plain_auth_on_loopback and is_loopback(self.peer))
        )
        if self._gate.is_border(self.peer):
            self._call_limit_base = dict.fromkeys(("MAIL", "RCPT", "DATA", "RSET"), BORDER_CALLS)
        super().connection_made(transport)

    def _enter(self, transport: BaseTransport) -> bool:
        """Count the peer in, before anything is spent on it; a TLS client could not read what is said before TLS."""
        assert isinstance(transport, WriteTransport)
        self.peer = (transport.get_extra_info("peername") or ("",))[0]
        if self._gate.enter(self.peer, self._shared.now(), self._take_back):
            self._entered = True
            self._shared.sessions.add(self)
            return True
        self._refused = True
        if not self._implicit_tls:
            transport.write(b"421 4.7.0 Too many connections; please try again later\r\n")
        transport.close()
        return False

    def _shaken(self) -> None:
        """The handshake is over; without a connection nobody else says that the peer is gone."""
        if self.transport is None:
            self._count_out()

    def connection_lost(self, error: Exception | None) -> None:
        """Count the peer out, once."""
        if self._refused:
            return
        self._count_out()
        super().connection_lost(error)

    def _take_back(self, held: int) -> bool:
        """Take a place from another stranger, if one has to make way."""
        now = self.loop.time()
        places = {one: place for one in self._shared.sessions if (place := one.place(now))}
        holder = taken_back(places, held)
        if holder is not None:
            holder.make_way()
        return holder is not None

    def place(self, now: float) -> Place | None:
        """Return its place; None when that is not to be taken: a border's, or while its mail is being stored."""
        if self._storing or self._gate.is_border(self.peer):
            return None
        return Place(held=self._gate.held(self.peer), working=self._pace.works(now), since=self._pace.since)

    def make_way(self) -> None:
        """Give the place to another: whoever holds connections without using them keeps nobody out.

        What still comes of a mail in hand is read no more.
        """
        self._count_out()
        self.say_goodbye(_CROWDED)

    def _count_out(self) -> None:
        if self in self._shared.sessions:
            self._shared.sessions.discard(self)
            self._gate.leave(self.peer)

    def eof_received(self) -> bool | None:
        """End with the client: nobody is left to hear a reply."""
        return False if self._refused else super().eof_received()

    def leave(self) -> None:
        """End the connection for our stop: at once when it rests, after its reply when a mail is coming in."""
        self._leaving = True
        if not self._in_data:
            self.say_goodbye(_STOPPING)

    def say_goodbye(self, reply: str) -> None:
        """Send a last reply and close; a client that reads nothing is cut off instead of waited for."""
        transport = self.transport
        if not isinstance(transport, Transport):
            self.cut_off()
            return
        if transport.get_write_buffer_size():
            transport.abort()
            return
        transport.write(f"{reply}\r\n".encode("ascii"))
        transport.close()
        self.loop.call_later(_LINGER, transport.abort)

    def cut_off(self) -> None:
        """Close at once, without a word."""
        transport = self.transport or self._unencrypted
        if isinstance(transport, Transport):
            transport.abort()

    async def push(self, status: Any) -> None:
        """Send a reply, with its enhanced status code."""
        await super().push(coded(status) if isinstance(status, str) else status)

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - the library's name
        """Take the mechanism's name in any letter case (RFC 4954 section 4)."""
        mechanism, space, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(mechanism.upper() + space + rest)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the library's name
        """Read one mail and hand it to the handler (RFC 5321 section 4.1.1.4)."""
        if await self.check_helo_needed():
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        self._in_data = True
        data = DataReader(self.limits.message_size, self._shared.room)
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            if await self._read(data):
                self._storing = True
                await self.push(await self._outcome(data))
        finally:
            data.close()
            self._pace.end(self.loop.time(), brought=self._storing and data.fault is None)
            self._in_data = self._storing = False
            self.envelope = self._create_envelope()
        if self._leaving:
            self.say_goodbye(_STOPPING)

    async def _read(self, data: DataReader) -> bool:
        """Read to the end of the data; False when the connection was closed over it."""
        self._reset_timeout(self.limits.data)
        self._pace.begin(self.loop.time())
        try:
            while not data.complete:
                if data.flooded:
                    self.say_goodbye("421 5.3.4 This mail is far larger than we take")
                    return False
                chunk = await self._reader.read(_CHUNK)
                if not chunk:
                    return False
                self._pace.count(len(chunk), self.loop.time())
                data.feed(chunk)
        except Exception:
            # What follows is still mail text: it must never be read as commands.
            self.cut_off()
            raise
        # Pipelined commands go back to the front; a stream reader has no public way to unread.
        buffer: bytearray = vars(self._reader)["_buffer"]
        buffer[:0] = data.rest
        # Nothing is expected of the client while we store the mail.
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        return True

    async def _outcome(self, data: DataReader) -> str:
        try:
            if not data.large:
                return await self._stored(data, data.message())
            async with self._shared.turn:
                return await self._stored(data, await asyncio.to_thread(data.message))
        finally:
            if self.transport is not None:
                self._reset_timeout()

    async def _stored(self, data: DataReader, mail: bytes) -> str:
        """Hand the mail over, and hold it no longer than that takes."""
        if data.fault is not None:
            return data.fault.value
        assert self.envelope is not None
        self.envelope.content = mail
        try:
            return str(await self._call_handler_hook("DATA"))
        finally:
            if self.envelope is not None:
                self.envelope.content = None

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read the argument of MAIL and RCPT; what it should be stands in `path`."""
        return path(arg)

    def _reset_timeout(self, duration: float | None = None) -> None:
        self._pace.heard = self.loop.time()
        super()._reset_timeout(duration)

    def _timeout_cb(self) -> None:
        self.say_goodbye("421 4.4.2 Waited too long; goodbye")
