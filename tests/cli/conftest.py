"""A real desk in a folder of its own, with a real store that is filled through its port, and the command line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.app.root import store_of
from mailbot.cli import main
from mailbot.config import Config
from mailbot.config.file import load_config
from mailbot.decision import Ending, Happened, Hit, Notice
from mailbot.event import (
    CaseAssigned,
    CaseOpened,
    ClockMet,
    ClockName,
    ClockStarted,
    Event,
    Kind,
    MessageAdded,
    StatusChanged,
    Visibility,
)
from mailbot.mail import Envelope
from mailbot.ports.records import Arrival, Changed, Commit, InboxMail, InboxState, Letter
from mailbot.rules.case.evolve import fold
from mailbot.store.sql import SqlStore

#: A Monday, 09:00 UTC; long past, so that what was due then is late whenever the tests run.
MONDAY = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)
ALICE, ANNA = "alice@customer.test", "anna@example.com"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A new desk."""
    folder = tmp_path / "desk"
    make_home(folder, Wishes(agents=(ANNA,)))
    return folder


@pytest.fixture
def config(home: Path) -> Config:
    return load_config(home / "mailbot.toml", {})


@pytest.fixture
def store(config: Config) -> Iterator[SqlStore]:
    store = store_of(config, {}, "test")
    yield store
    store.close()


@pytest.fixture
def mailbot(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """The command line, as an operator gives it in the desk's folder."""
    monkeypatch.chdir(home)
    monkeypatch.delenv("MAILBOT_CONFIG", raising=False)

    def run(*words: str) -> Said:
        capsys.readouterr()
        code = main(words)
        return Said(code, *capsys.readouterr())

    return run


def receive(store: SqlStore, raw: bytes, at: datetime = MONDAY) -> InboxMail:
    """Take a mail in and lease it."""
    envelope = Envelope(received_at=at, source="smtp", reverse_path=ALICE, forward_paths=("support@example.com",))
    store.receive([Arrival(envelope=envelope, raw=raw, digest=f"{hash(raw):x}", purpose="support@example.com")])
    (mail,) = store.claim_mails(until=at, now=at, limit=1)
    return mail


def opening(number: int, *, at: datetime = MONDAY, text: str = "It burns.") -> list[Event]:
    """The events of a new case."""
    return [
        CaseOpened(
            at=at,
            number=number,
            status="Open",
            kind=Kind.NEW,
            priority="P3",
            type="IT Help",
            requester=ALICE,
            subject="Printer on fire",
            opened=at,
            message_id=f"<m{number}@customer.test>",
        ),
        MessageAdded(
            at=at,
            sender=ALICE,
            visibility=Visibility.PUBLIC,
            message_id=f"<m{number}@customer.test>",
            text=text,
            proof="claimed+verified",
            by_customer=True,
            attachments=1,
        ),
        ClockStarted(at=at, clock=ClockName.PICKUP, due=at + timedelta(days=2), since=at, cause="opened"),
    ]


def taking(at: datetime) -> list[Event]:
    """The events of a member's `take`."""
    moved = StatusChanged(at=at, old="Open", new="In progress", kind=Kind.ACTIVE, reason="", actor=ANNA)
    return [
        CaseAssigned(at=at, assignee=ANNA, actor=ANNA),
        moved,
        ClockMet(at=at, clock=ClockName.PICKUP, due=at + timedelta(days=1)),
        ClockStarted(at=at, clock=ClockName.RESOLUTION, due=at + timedelta(days=14), since=at, cause="picked up"),
        MessageAdded(at=at, sender=ANNA, visibility=Visibility.INTERNAL, text="Fetch the extinguisher."),
    ]


def letter(number: int, at: datetime = MONDAY, template: str = "received") -> Letter:
    """A notice to the customer."""
    notice = Notice(at=at, template=template, to=ALICE, case=number, visibility=Visibility.PUBLIC)
    return Letter(
        notice=notice,
        to=ALICE,
        subject=f"[HD-{number}] Printer on fire",
        text="We have your request.\n",
        html="<p>We have your request.</p>",
        message_id=f"<n{number}.{template}@example.com>",
        fields=(("From", "Support <support@example.com>"),),
        reverse_path="",
        key=f"{number}-{template}-{ALICE}",
    )


def open_case(store: SqlStore, events: list[Event], number: int = 1) -> InboxMail:
    """Store a case that a mail opened, with the notice to its customer."""
    at = events[0].at
    mail = receive(store, f"Message-ID: <m{number}@customer.test>\n\nIt burns.\n".encode(), at)
    store.commit(
        Commit(
            at=events[-1].at,
            mail=mail,
            ending=Ending.NEW,
            reason="a new case",
            sender=ALICE,
            subject="Printer on fire",
            message_id=f"<m{number}@customer.test>",
            changed=(Changed(case=fold(events), was=0, deadlines=()),),
            happened=tuple(Happened(case=number, event=event) for event in events),
            letters=(letter(number, at),),
            hits=(Hit(rule="open", reason="names no case"),),
            threads={f"<m{number}@customer.test>": number, f"<n{number}.received@example.com>": number},
        )
    )
    return mail


@pytest.fixture
def burning(store: SqlStore) -> InboxMail:
    """Case 1: opened on Monday at nine, taken at ten."""
    return open_case(store, [*opening(1), *taking(MONDAY + timedelta(hours=1))])


@pytest.fixture
def held(store: SqlStore) -> InboxMail:
    """A mail that waits for a human's word."""
    mail = receive(store, b"From: eve@elsewhere.test\nSubject: take\n\ntake HD-1\n", MONDAY)
    at = MONDAY + timedelta(minutes=1)
    store.commit(
        Commit(at=at, mail=mail, ending=Ending.HELD, reason="unproven", sender="eve@elsewhere.test", subject="take")
    )
    return mail


@pytest.fixture
def quarantined(store: SqlStore) -> InboxMail:
    """A mail that could not be taken in."""
    mail = receive(store, b"Subject: poison\x1b[2J\n\nboom\n", MONDAY)
    store.set_aside(mail, InboxState.QUARANTINED, "three crashes", MONDAY)
    return mail
