"""The durable commit: what the doors took in goes to the inbox in groups, and only then is a mail accepted.

Knows whose addresses the desk's are and how to store many mails with one fsync. Never parses a mail, never decides
anything about it, and never says yes before the inbox has it.
"""

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import structlog

from mailbot.ingest.where import where
from mailbot.people import DELIMITERS, TOKEN_LENGTH, Desk
from mailbot.ports import Inbox, StoreAway
from mailbot.ports.records import Arrival

#: A token's letters, base32: whatever else stands before the domain of tokens is nobody's.
_TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")
#: A local part with a token behind any delimiter: the desk may have had another one.
_WITH_TOKEN = re.compile(rf"(?P<user>.+)[{re.escape(DELIMITERS)}][a-z2-7]{{{TOKEN_LENGTH}}}")

_log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """More mail waits for the store than there is room for, or the intake is stopping: the sender must come again."""


class OwnAddresses:
    """The addresses that this desk takes mail for; anything else is somebody else's."""

    def __init__(self, addresses: Sequence[str], delimiter: str = "+", reply_domain: str = "") -> None:
        ordered = [address.lower() for address in addresses]
        #: The desk's main address: the first.
        self.main = ordered[0]
        self._addresses = frozenset(ordered)
        self._domains = frozenset(address.rpartition("@")[2] for address in self._addresses)
        #: "" where the desk has no subaddresses.
        self._delimiter = delimiter
        #: Where addresses are tokens alone, "" where there are none such.
        self._reply_domain = reply_domain.lower()

    @classmethod
    def of(cls, desk: Desk) -> "OwnAddresses":
        """Return the desk's main address and those that its process declares."""
        return cls((desk.address, *desk.purposes), desk.delimiter, desk.reply_domain)

    def purpose(self, address: str) -> str:
        """Return the desk's address, without subaddress, that this one stands for; "" when it is not ours."""
        address = address.lower()
        if address in self._addresses:
            return address
        local, _, domain = address.rpartition("@")
        if self._reply_domain and domain == self._reply_domain:
            return self.main if _TOKEN.fullmatch(local) else ""
        if (found := _WITH_TOKEN.fullmatch(local)) and (own := f"{found['user']}@{domain}") in self._addresses:
            return own
        # RFC 5233 section 1: the user part ends at a delimiter, which it may hold itself.
        parts = local.split(self._delimiter) if self._delimiter else []
        users = (self._delimiter.join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
        return next((own for user in users if (own := f"{user}@{domain}") in self._addresses), "")

    def shows_token(self, address: str) -> bool:
        """Does one of our addresses have something of a token's form in it, whether it is one of ours or not?"""
        local, _, domain = address.lower().rpartition("@")
        if self._reply_domain and domain == self._reply_domain:
            return bool(_TOKEN.fullmatch(local))
        found = _WITH_TOKEN.fullmatch(local)
        return found is not None and f"{found['user']}@{domain}" in self._addresses

    def hosts(self, domain: str) -> bool:
        """Is one of our addresses in this domain?"""
        return domain.lower() in (*self._domains, self._reply_domain)

    def by_purpose(self, addresses: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return each purpose among the addresses with those of ours that stand for it, each once, in order."""
        found: dict[str, tuple[str, ...]] = {}
        for address in dict.fromkeys(address.lower() for address in addresses):
            if purpose := self.purpose(address):
                found[purpose] = (*found.get(purpose, ()), address)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """How much one transaction takes, and how much may wait for it."""

    batch_mails: int = 50
    #: Bytes of raw mail; a single larger mail goes alone.
    batch_bytes: int = 16 * 2**20
    waiting_mails: int = 500
    waiting_bytes: int = 96 * 2**20


@dataclass(frozen=True, slots=True)
class _Group:
    """The arrivals of one mail, stored together, and who waits for it."""

    arrivals: tuple[Arrival, ...]
    stored: Future[None]

    @property
    def size(self) -> int:
        """Bytes in memory: the arrivals of one mail share them."""
        return len(self.arrivals[0].raw)


class Intake:
    """One writer thread that stores whatever waits in one transaction and then answers all who wait for it."""

    def __init__(
        self, inbox: Inbox, *, wake: Callable[[], None] = lambda: None, limits: IntakeLimits | None = None
    ) -> None:
        self._inbox = inbox
        #: Called from the writer thread after each commit that brought something new.
        self._wake = wake
        self._limits = limits or IntakeLimits()
        self._waiting: deque[_Group] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._stopping = False
        #: Was the store away at the last commit?
        self._away = False
        self._thread = threading.Thread(target=self._write, name="intake", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Take nothing more, store what is in hand; say whether that was done within `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def full(self) -> bool:
        """Would a mail be turned away now?"""
        with self._changed:
            return self._is_full()

    def submit(self, *arrivals: Arrival) -> Future[None]:
        """Queue the arrivals of one mail; the future ends when they are durable, or with what went wrong.

        Raises Overloaded when there is no room.
        """
        group = _Group(arrivals, Future())
        with self._changed:
            if self._is_full():
                raise Overloaded
            self._waiting.append(group)
            self._waiting_bytes += group.size
            self._changed.notify_all()
        return group.stored

    async def put(self, *arrivals: Arrival) -> None:
        """Store the arrivals of one mail durably. Raises Overloaded, or StoreAway when nothing was stored.

        A caller that is cancelled (the client hung up) does not stop the commit: the sender comes again, and the
        store knows the mail by its digest.
        """
        await asyncio.shield(asyncio.wrap_future(self.submit(*arrivals)))

    def _is_full(self) -> bool:
        limits = self._limits
        return (
            self._stopping or len(self._waiting) >= limits.waiting_mails or self._waiting_bytes >= limits.waiting_bytes
        )

    def _write(self) -> None:
        while batch := self._next_batch():
            self._store(batch)

    def _next_batch(self) -> list[_Group]:
        """Wait for mail and take what fits into one transaction; empty when all is done and we are to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            batch: list[_Group] = []
            size = 0
            while self._waiting and len(batch) < self._limits.batch_mails:
                if batch and size + self._waiting[0].size > self._limits.batch_bytes:
                    break
                batch.append(self._waiting.popleft())
                size += batch[-1].size
            self._waiting_bytes -= size
            return batch

    def _store(self, batch: list[_Group]) -> None:
        try:
            new = self._inbox.receive([arrival for group in batch for arrival in group.arrivals])
        except StoreAway as error:
            self._tell_away(len(batch), error)
            for group in batch:
                group.stored.set_exception(error)
        except Exception as error:  # noqa: BLE001 - each sender gets a temporary reply; the writer goes on
            self._store_singly(batch, error)
        else:
            self._away = False
            for group in batch:
                group.stored.set_result(None)
            if new:
                self._call_wake()

    def _tell_away(self, mails: int, error: StoreAway) -> None:
        """Tell of the first mails that could not be stored in an outage, and note the others."""
        if self._away:
            _log.info("store-away", mails=mails)
            return
        self._away = True
        alarm = "mail cannot be stored; senders hear 451 and keep it"
        _log.error("store-away", mails=mails, reason=str(error), alarm=alarm)

    def _store_singly(self, batch: list[_Group], error: Exception) -> None:
        """Find the one mail that the store cannot take, so that the others of its batch are not refused with it."""
        if len(batch) > 1:
            for group in batch:
                self._store([group])
            return
        _log.error("mail-not-stored", error=type(error).__name__, where=where(error))
        batch[0].stored.set_exception(error)

    def _call_wake(self) -> None:
        try:
            self._wake()
        except Exception as error:  # noqa: BLE001 - the bell is a courtesy: a broken one must not stop the writer
            _log.error("wake-failed", error=type(error).__name__)
