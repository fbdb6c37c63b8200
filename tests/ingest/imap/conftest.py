"""An inbox in memory with bookmarks, and a poller with everything injected."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from mailbot.app.worker import Worker
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.imap.poller import ImapPoller, Mailbox
from mailbot.ingest.intake import OwnAddresses
from mailbot.ports import Inbox
from mailbot.ports.records import Arrival, Bookmark
from tests.daemon.loops import eventually
from tests.servers.dovecot import Dovecot

NOW = datetime(2100, 1, 1, tzinfo=UTC)
MAIL = b"From: Ada <ada@example.net>\r\nTo: support@example.com\r\nSubject: %s\r\n\r\nIt burns.\r\n"


class FakeInbox(Inbox):
    """Keeps mails and bookmarks together, or neither."""

    def __init__(self) -> None:
        self.mails: list[Arrival] = []
        self.bookmarks: dict[str, Bookmark] = {}
        self.error: Exception | None = None
        #: Mails of each commit.
        self.commits: list[int] = []

    def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        if self.error is not None:
            raise self.error
        known = {(mail.digest, mail.purpose) for mail in self.mails}
        new = [mail for mail in arrivals if (mail.digest, mail.purpose) not in known]
        self.mails += new
        self.commits.append(len(arrivals))
        if bookmark is not None:
            self.bookmarks[bookmark.mailbox] = bookmark
        return len(new)

    def bookmark(self, mailbox: str) -> Bookmark | None:
        return self.bookmarks.get(mailbox)

    def stored(self, source: str, uid_validity: int, *, above: int, upto: int) -> Mapping[int, int]:
        kept = ((mail.envelope, len(mail.raw)) for mail in self.mails)
        return {
            e.uid: size
            for e, size in kept
            if (e.source, e.uid_validity) == (source, uid_validity) and above < e.uid <= upto
        }

    @property
    def subjects(self) -> list[str]:
        return [mail.raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for mail in self.mails]


class Stop:
    """Ends a run after so many rounds, counted by its waits."""

    def __init__(self, rounds: int) -> None:
        self.left = rounds
        self.waited: list[float] = []

    def is_set(self) -> bool:
        return self.left <= 0

    def wait(self, seconds: float, *_descriptors: int) -> None:
        self.left -= 1
        self.waited.append(seconds)


@dataclass
class Desk:
    """What stands around the pollers of a test."""

    inbox: FakeInbox = field(default_factory=FakeInbox)
    alarms: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    now: datetime = NOW
    pollers: list[ImapPoller] = field(default_factory=list)

    def poller(self, mailbox: Mailbox, **arguments: Any) -> ImapPoller:
        defaults: dict[str, Any] = {
            "own": OwnAddresses(("support@example.com", "escalations@example.com")),
            "digest": intake_digest,
            "now": lambda: self.now,
            "wait": lambda _seconds, *_descriptors: None,
            "fraction": lambda: 0.5,
            "alarm": self.alarms.append,
            "wake": lambda: self.woken.append("woken"),
        }
        self.pollers.append(ImapPoller(mailbox, self.inbox, **{**defaults, **arguments}))
        return self.pollers[-1]

    def run(self, mailbox: Mailbox, rounds: int, **arguments: Any) -> Stop:
        stop = Stop(rounds)
        self.poller(mailbox, wait=stop.wait, **arguments).run(stop)
        return stop


@dataclass
class Running:
    """A mailbox that is fetched on a thread of its own, as the daemon does it."""

    worker: Worker[ImapPoller]
    #: Each wait: its seconds, and whether it was an IDLE.
    waits: list[tuple[float, bool]]

    def idles(self, beyond: int = 0) -> None:
        """Wait until it is in IDLE, in a later wait than the number that is given."""
        eventually(lambda: len(self.waits) > beyond and self.waits[-1][1], "the mailbox is in IDLE")

    def cpu_seconds(self) -> float:
        """Processor time of the thread so far."""
        thread = self.worker._thread
        assert thread is not None
        assert thread.ident is not None
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


@contextmanager
def running(desk: "Desk", mailbox: Mailbox, longest: float = 0.1, **arguments: Any) -> Iterator[Running]:
    """Fetch the mailbox; waits that are no IDLE are cut to the longest, in seconds."""
    waits: list[tuple[float, bool]] = []

    def make(worker: Worker[ImapPoller]) -> ImapPoller:
        def wait(seconds: float, *descriptors: int) -> None:
            waits.append((seconds, bool(descriptors)))
            worker.wait(seconds if descriptors else min(seconds, longest), *descriptors)

        return desk.poller(mailbox, wait=wait, alive=worker.alive, **arguments)

    worker = Worker("imap", make)
    worker.start()
    try:
        yield Running(worker, waits)
    finally:
        worker.stop(40)


Box = Callable[..., Mailbox]
_names = count(1)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user of the test's own."""
    name = f"fetched{os.getpid()}x{next(_names)}"
    dovecot.add_user(name, "pw")
    return name


@pytest.fixture
def box(dovecot: Dovecot, user: str) -> Box:
    def make(**settings: Any) -> Mailbox:
        defaults = {
            "name": "support",
            "host": "127.0.0.1",
            "port": dovecot.imap_port,
            "tls": "none",
            "user": user,
            "password": "pw",
            "start": "all",
        }
        return Mailbox(**{**defaults, **settings})

    return make


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    for poller in desk.pollers:
        poller.close()
