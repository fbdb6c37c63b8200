"""Fetching a mailbox by IMAP: what came since the last time goes to the inbox, and only then is marked on the server.

Between two rounds the server tells of new mail by itself (IDLE, RFC 2177), with a look every now and then beside it.
How far it was read is kept by UIDVALIDITY and UID in the same transaction as the mails, and never by the Seen flag,
which people set and clear. A mailbox is never a reason to end: whatever goes wrong is told once and tried again.

DIAGNOSTICS: one alarm for each trouble, in plain words; `trouble` says what is wrong just now.
"""

import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from mailbot.ingest.imap.connection import Folder, ImapConnection
from mailbot.ingest.imap.fetch import Fetcher
from mailbot.ingest.imap.mailbox import Mailbox, Mending
from mailbot.ingest.imap.pace import LOOK, POLLED, REFUSED, Idling, Pace
from mailbot.ingest.imap.room import Room
from mailbot.ingest.imap.trouble import Trouble, Unreadable
from mailbot.ingest.imap.wire import Alive, nothing
from mailbot.ingest.intake import OwnAddresses
from mailbot.ingest.where import where
from mailbot.ports import Inbox, StoreAway

__all__ = ["ImapPoller", "Mailbox", "StopSign", "Trouble"]

_log = structlog.get_logger(__name__)

#: The longest IDLE in seconds: a server that hangs looks like a quiet one until it is asked.
_LONGEST_IDLE = 300.0


class StopSign(Protocol):
    """Such as `threading.Event`."""

    def is_set(self) -> bool:
        """Is it time to end?"""


class Wait(Protocol):
    """Waits for so many seconds, until a descriptor becomes readable, or until it is time to stop."""

    def __call__(self, seconds: float, *descriptors: int) -> object:
        """Wait."""


class ImapPoller:
    """Reads one mailbox, round after round, on a connection that it keeps."""

    def __init__(
        self,
        mailbox: Mailbox,
        inbox: Inbox,
        *,
        own: OwnAddresses,
        digest: Callable[[bytes], str],
        now: Callable[[], datetime],
        wait: Wait,
        fraction: Callable[[], float],
        alarm: Callable[[str], None],
        wake: Callable[[], None] = lambda: None,
        free_space: Callable[[], int] = lambda: 2**62,
        disk_floor: int = 256 * 2**20,
        tls: ssl.SSLContext | None = None,
        alive: Alive = nothing,
        room: Room | None = None,
        mending: Mending | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._wait = wait
        self._alarm = alarm
        self._free_space = free_space
        self._disk_floor = disk_floor
        self._tls = tls
        self._mending = mending
        #: Called at each answer of the server.
        self._alive = alive
        self._fetcher = Fetcher(
            mailbox,
            inbox,
            own=own,
            digest=digest,
            now=now,
            tell=self._tell,
            wake=wake,
            alive=alive,
            room=room or Room(),
        )
        self._pace = Pace(fraction)
        self._idling = Idling()
        self._connection: ImapConnection | None = None
        #: What is wrong just now, "" when all is well.
        self.trouble = ""

    def run(self, stop: StopSign) -> None:
        """Look and wait until told to stop; nothing that a server or the store does ends it."""
        try:
            while not stop.is_set():
                pause = self._guarded(self._round) or self._guarded(lambda: self._rest(stop))
                if pause and not stop.is_set():
                    self._sit_out(pause, stop)
        finally:
            self.close()

    def use(self, mailbox: Mailbox) -> None:
        """Log in as this says from the next time on: a password was changed. For any thread."""
        self._mailbox = mailbox

    def cut(self) -> None:
        """End the connection under a round that hangs. For any thread."""
        if (connection := self._connection) is not None:
            connection.cut()

    def poll(self) -> int:
        """Fetch, store and mark what is new; count the mails that were not known yet. Raises Trouble."""
        try:
            return self._poll()
        except Unreadable as error:
            self.close()
            self._fetcher.unusable(error.uid)
            raise Trouble(
                "unreadable", f"the server gives no usable answer for the mail with UID {error.uid}"
            ) from error
        except StoreAway as error:
            raise Trouble("store", "the store cannot be reached; mail stays on the server") from error
        except Trouble:
            self.close()
            raise

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _guarded(self, step: Callable[[], float]) -> float:
        """Take a step and return how long to wait before the next round, in seconds."""
        try:
            return step()
        except Trouble as trouble:
            return self._after_failure(trouble.kind, str(trouble))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one mailbox must not end the others
            _log.error("imap-fault", mailbox=self._mailbox.name, error=type(error).__name__, where=where(error))
            self.close()
            return self._after_failure("fault", f"a fault in mailbot ({type(error).__name__}); see the log")

    def _sit_out(self, seconds: float, stop: StopSign) -> None:
        """Wait so long; with a secret that was refused only until there is another one."""
        if self._mending is None or self._pace.kind not in REFUSED:
            self._wait(seconds)
            return
        self._mending.refused()
        refused = self._mailbox
        while seconds > 0 and self._mailbox is refused and not stop.is_set():
            self._wait(min(seconds, LOOK))
            seconds -= LOOK
            if mailbox := self._mending.look():
                _log.info("imap-mended", mailbox=mailbox.name)
                self._pace.mended()
                self.use(mailbox)

    def _round(self) -> float:
        """Poll once."""
        new = self.poll()
        if self._pace.well():
            _log.info("imap-well", mailbox=self._mailbox.name)
        self.trouble = ""
        return self._idling.pause(found=new > 0)

    def _rest(self, stop: StopSign) -> float:
        """Wait until there is news, or until it is time to look again."""
        connection, seconds = self._connection, self._mailbox.poll_seconds
        try:
            if connection is None or not (self._mailbox.idle and self._idling.wanted() and connection.idles):
                self._wait(seconds)
                return 0.0
            if connection.begin_idle():
                self._wait(min(seconds, _LONGEST_IDLE), connection.fileno())
            if not stop.is_set():
                self._idling.held(news=connection.end_idle())
        except Trouble as trouble:
            self.close()
            return self._after_idle(trouble)
        return 0.0

    def _after_idle(self, trouble: Trouble) -> float:
        wait, given_up = self._idling.broke()
        if given_up:
            self._tell(
                "the connection breaks whenever the server is to tell of new mail (IDLE); for the next "
                f"{POLLED} rounds mailbot asks every {self._mailbox.poll_seconds} seconds instead"
            )
        if trouble.silent:
            # It hung: who waits for mail should know. A connection that was closed is just made anew.
            return self._after_failure(trouble.kind, str(trouble))
        return wait

    def _after_failure(self, kind: str, words: str) -> float:
        self.trouble = words
        wait, tell = self._pace.trouble(kind)
        if tell:
            self._alarm(f"mailbox {self._mailbox.name}: {words}")
        return wait

    def _poll(self) -> int:
        if self._free_space() < max(self._disk_floor, self._mailbox.message_size * 3 // 2):
            raise Trouble("disk", "too little disk space; mail stays on the server")
        connection, folder = self._opened()
        return self._fetcher.fetch(connection, folder)

    def _opened(self) -> tuple[ImapConnection, Folder]:
        """Open the folder on the connection that we have; one that was closed in between is replaced without a word."""
        if self._connection is not None:
            try:
                return self._connection, self._connection.open()
            except Trouble as trouble:
                self.close()
                if trouble.silent:
                    raise
        try:
            connection = self._connected()
        except Trouble as trouble:
            if trouble.kind != "token" or self._pace.kind == "token":
                raise
            # It may have been revoked before its end: a new one is tried at once, but not again and again.
            self.close()
            connection = self._connected()
        return connection, connection.open()

    def _connected(self) -> ImapConnection:
        # It stands there before it is ready, so that it can be cut.
        self._connection = ImapConnection(self._mailbox, self._tls, self._alive)
        self._connection.connect()
        return self._connection

    def _tell(self, words: str) -> None:
        self._alarm(f"mailbox {self._mailbox.name}: {words}")
