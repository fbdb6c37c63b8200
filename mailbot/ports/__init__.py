"""What the engine and the loops need from the outside, as protocols; what stands in the store is in `ports.records`.

Adapters implement these and import nothing else of mailbot but the domain types. A suite per port holds every adapter.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from mailbot.digest import Absence
from mailbot.facts import Counters, Found, Query, ThreadKeys
from mailbot.model import Case, Deadline
from mailbot.people import Directory
from mailbot.ports.records import (
    Arrival,
    Bookmark,
    Changed,
    Commit,
    HistoryLine,
    InboxMail,
    InboxState,
    OutboxMail,
    OutboxState,
)
from mailbot.standing import Alarm, Recipient, Standing


class Conflict(Exception):
    """Somebody else changed the case, took the number or lost us the lease: gather the facts anew and decide again."""


class StoreAway(Exception):
    """The store cannot be reached or cannot write just now; try later, lose nothing (SMTP: 451)."""


class Inbox(Protocol):
    """Where ingest puts mail: all that an ingest loop knows of the store."""

    def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        """Store the mails durably (fsync) in one transaction, with the mailbox's bookmark; count those that are new.

        A mail that is there already (same digest and purpose, or same mailbox, UIDVALIDITY and UID) is no error.
        Raises StoreAway when nothing was stored.
        """

    def bookmark(self, mailbox: str) -> Bookmark | None:
        """Return how far the mailbox was read, None if never."""

    def stored(self, source: str, uid_validity: int, *, above: int, upto: int) -> Mapping[int, int]:
        """Return the UIDs between two of a source's mails that are in the inbox, with the bytes that were kept."""


class Store(Inbox, Protocol):
    """Inbox, cases, history, outbox and deadlines, one transaction around them. Raises StoreAway anywhere."""

    def claim_mails(self, *, until: datetime, now: datetime, limit: int) -> Sequence[InboxMail]:
        """Lease waiting mails that arrived at or before `until`, oldest first, and count the attempt, durably.

        Rows whose lease ran out (120 s) are waiting again. A row that was attempted before comes alone.
        """

    def turn(self) -> AbstractContextManager[bool]:
        """Hold the right to decide, alone among all nodes on this store; False when another one has it just now."""

    def first_waiting(self, now: datetime) -> datetime | None:
        """Return when the oldest mail that still waits, or is being worked on, arrived."""

    def first_due(self) -> datetime | None:
        """Return the earliest deadline's instant."""

    def due(self, until: datetime, limit: int) -> Sequence[Deadline]:
        """Return deadlines at or before `until`: by instant, then case number, then the order of `semantics.md` 2."""

    def find(self, keys: ThreadKeys, report_of: str = "") -> Found:
        """Return what is known of a mail's keys; `report_of` is the Message-ID that a delivery report names."""

    def case(self, number: int) -> Case | None:
        """Return the case, None if there is none."""

    def cases(
        self, *, status: str = "", assignee: str = "", requester: str = "", open_only: bool = False
    ) -> Sequence[Case]:
        """Return cases by number."""

    def matching(self, query: Query, limit: int) -> Sequence[Case]:
        """Return at most `limit` cases that a query wants: open ones the oldest first, else the newest first.

        Words are looked for in the 5,000 newest cases only, so that a mail which asks holds up no other for long.
        """

    def absences(self, now: datetime) -> Mapping[str, datetime]:
        """Return until when people are away, for those who are at this instant."""

    def first_bundle(self) -> datetime | None:
        """Return when the letter that waits longest for others has waited enough; None where none waits."""

    def bundle(self, now: datetime) -> Sequence[OutboxMail]:
        """Return all waiting letters to the person one of whose letters has waited enough, in order; none: nobody."""

    def let_go(self, numbers: Collection[int]) -> None:
        """Let letters wait no longer: each goes out by itself."""

    def untold(self) -> Sequence[Absence]:
        """Return the absences of which nobody was told at the return, those that go on too, the first to end first."""

    def opening_told(self) -> date | None:
        """Return the latest working day of the desk whose opening digest is done, None before the first."""

    def wishes(self) -> Mapping[str, bool]:
        """Return who wants the opening digest, or does not, of those who said so."""

    def latest_words(self, numbers: Collection[int]) -> Mapping[int, tuple[str, datetime]]:
        """Return who wrote the latest message of each case that its customer can see, and when."""

    def next_number(self) -> int:
        """Return the number that the next new case gets; `commit` raises Conflict if it was taken meanwhile."""

    def counters(self, sender: str, case: int | None, now: datetime) -> Counters:
        """Count the automatic mail of late, for the limits."""

    def standings(self, named: Collection[str]) -> Mapping[str, Standing]:
        """Return how mail fared to these addresses, for those that a letter did not reach."""

    def recipients(self, named: Collection[str], now: datetime) -> Mapping[str, Recipient]:
        """Return what went to these addresses automatically of late, and how mail fared to them."""

    def alarms(self) -> Sequence[Alarm]:
        """Return the alarms that go on, the one that was raised longest ago first."""

    def internal_texts(self, case: int) -> Sequence[str]:
        """Return the texts of the internal notices and notes of the case."""

    def public_texts(self, case: int) -> Sequence[str]:
        """Return the texts that the customer wrote or was sent: no secret from them."""

    def thread(self, case: int, person: str) -> Sequence[str]:
        """Return the msg-ids that this person has seen or written about the case, oldest first."""

    def said(self, case: int) -> str:
        """Return the words of a member that went to the customer last, "" where none did of late."""

    def unsent(self, mails: Collection[int]) -> Mapping[int, int]:
        """Return how many letters of each of these mails wait and can be recalled; see `Commit.recalled`."""

    def undelivered(self, limit: int) -> Sequence[OutboxMail]:
        """Return letters that failed for good and whose case was not told yet, oldest first; see `Commit.letter`."""

    def snapshot(self, kind: str, version: str, body: str) -> None:
        """Keep a version of the `process` or the `directory` that decisions cite; one that is there stays."""

    def commit(self, commit: Commit) -> None:
        """Store one decision whole. Raises Conflict and stores nothing when it no longer fits."""

    def stale(self, ground: str, limit: int) -> Sequence[Case]:
        """Return open cases whose deadlines were computed on other ground than this, by number."""

    def renew(self, changed: Sequence[Changed], ground: str) -> None:
        """Put the deadlines of cases anew, to which nothing happened; one that changed meanwhile is left alone."""

    def give_back(self, mail: InboxMail, *, counted: bool = True) -> None:
        """Free the lease of a mail whose work failed, so that it is tried again at once.

        What is not `counted` was no attempt: it failed for no reason that lies in the mail.
        """

    def set_aside(self, mail: InboxMail, state: InboxState, reason: str, now: datetime) -> None:
        """End a mail without a decision: quarantined after three crashes or over the limits."""

    def quarantine_latest(self, limit: int) -> Sequence[InboxMail]:
        """Return at most so many mails that are held or quarantined, the newest first, without their bytes."""

    def quarantine_named(self, numbers: Collection[int]) -> Sequence[InboxMail]:
        """Return those of these mails that are held or quarantined, without their bytes."""

    def history(self, case: int | None = None) -> Iterator[HistoryLine]:
        """Yield the history of a case, or of everything (None), in order."""

    def raw(self, inbox_id: int) -> bytes:
        """Return the bytes of a mail as they came. Raises KeyError."""


class Outbox(Protocol):
    """What the send loop knows of the store."""

    def claim_letters(self, now: datetime, limit: int) -> Sequence[OutboxMail]:
        """Lease letters whose next attempt is due, at most one per recipient and case at a time.

        The least tried go first, of these the oldest. One whose last attempt was cut short comes alone.
        """

    def first_letter(self) -> datetime | None:
        """Return the instant of the earliest next attempt."""

    def finish_letter(
        self, letter: OutboxMail, state: OutboxState, reply: str, now: datetime, next_attempt_at: datetime | None = None
    ) -> None:
        """Record the relay's answer under the lease. Raises Conflict when the lease was lost.

        A letter that becomes QUEUED is put back: it was not tried, and that is no attempt. One that is SENT is so also
        without the lease, unless it has ended otherwise: it must not go out again.
        """

    def raw(self, inbox_id: int) -> bytes:
        """Return the bytes of the mail that an attachment is carried from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReply:
    """A server's answer to one recipient (RFC 5321 section 4.2, RFC 3463)."""

    code: int
    #: The enhanced status code, such as 5.1.1, or "".
    status: str
    text: str

    @property
    def accepted(self) -> bool:
        """Did the server take responsibility?"""
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        """Is it of no use to try again?"""
        return self.code >= 500

    @property
    def away(self) -> bool:
        """Is it the relay that cannot be had, whoever the recipient is? A closing service, or our 451 4.4.1."""
        return self.code == 421 or (self.code == 451 and self.status == "4.4.1")


class Relay(Protocol):
    """Takes built mails away."""

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Hand over one mail for one recipient. A relay that is away is a reply of 451, never an exception."""

    def close(self) -> None:
        """End a kept connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A notice as words."""

    subject: str
    text: str
    html: str


class Renderer(Protocol):
    """Turns a template's name and plain values into words."""

    def language(self, *wanted: str) -> str:
        """Return the first of the wanted languages in which there are notices, English if there are in none."""

    def render(self, template: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Render subject, text and HTML. A broken operator's template falls back to the shipped one, with an alarm."""


class CannedAnswers(Protocol):
    """The operator's texts for `use NAME`."""

    def titles(self) -> Mapping[str, str]:
        """Return the names of all, and how each begins."""

    def text(self, name: str, languages: Sequence[str], values: Mapping[str, str]) -> str:
        """Return the text in the first of the languages that has it; "" with an alarm where it has a fault."""


class People(Protocol):
    """Where the directory comes from."""

    def load(self) -> Directory:
        """Return the latest good snapshot; a broken edit keeps the last good one and alarms."""


class Clock(Protocol):
    """The only source of the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
