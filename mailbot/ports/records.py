"""What stands in the store: rows of the inbox and the outbox, lines of history, and one decision whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.decision import Carried, Ending, Happened, Hit, Notice, Turned
from mailbot.digest import Digest
from mailbot.event import Visibility
from mailbot.mail import Envelope
from mailbot.model import Case, Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail on its way into the inbox."""

    envelope: Envelope
    raw: bytes
    #: Digest of the raw bytes without trace fields.
    digest: str
    #: Which of the desk's addresses it was for, without subaddress: one mail to two of them has two purposes.
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """How far a mailbox has been read; committed together with the mails."""

    mailbox: str
    uid_validity: int
    uid: int


class InboxState(StrEnum):
    """Where a mail of the inbox stands."""

    #: Not worked on yet, or given back.
    WAITING = "waiting"
    #: A worker has a lease on it.
    WORKING = "working"
    #: Ended as a message of a case, new or old, or ignored with a reason.
    DONE = "done"
    #: Waits for a human's word.
    HELD = "held"
    #: Could not be taken in.
    QUARANTINED = "quarantined"
    #: An operator dropped it; its bytes stay until retention.
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMail:
    """One row of the inbox."""

    id: int
    envelope: Envelope
    raw: bytes
    digest: str
    purpose: str
    state: InboxState
    #: How often work on it began; counted durably before the first byte is parsed.
    attempts: int = 0
    #: The fencing token of the lease; the commit must carry it.
    lease: str = ""
    #: Let in by a human after it was held.
    admitted: bool = False
    ending: Ending | None = None
    reason: str = ""
    case: int | None = None
    #: Who it seemed to be from and about what, as far as it was read: for lists.
    sender: str = ""
    subject: str = ""

    @property
    def cause(self) -> str:
        """The first word of the reason, by which mails that were set aside are told apart: `crash`, `spam`, ..."""
        return self.reason.replace(":", " ").partition(" ")[0]


class OutboxState(StrEnum):
    """Where an outgoing mail stands."""

    QUEUED = "queued"
    #: It waits for others to the same person, to be one mail with them.
    GATHERING = "gathering"
    #: What it says goes out in the mail of another letter (`bundled_into`).
    BUNDLED = "bundled"
    #: It leaves at its next attempt, the first, and can be recalled before.
    WAITING = "waiting"
    #: A sender has a lease on it.
    SENDING = "sending"
    #: The relay asked us to come back.
    DEFERRED = "deferred"
    #: An operator stopped it.
    HELD = "held"
    SENT = "sent"
    #: The relay refused it for good, or its time ran out.
    FAILED = "failed"
    DROPPED = "dropped"
    #: Its author took it back before it left.
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered notice, fixed at the decision: what stands in the outbox. The MIME is built when it is sent."""

    notice: Notice
    #: Bare recipient address.
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    #: Further header fields in order: From, Reply-To, In-Reply-To, References, Auto-Submitted, ...
    fields: tuple[tuple[str, str], ...]
    #: SMTP MAIL FROM; "" for the null path.
    reverse_path: str
    #: Unique: the same notice is never made twice (case, event, template, recipient).
    key: str
    carried: tuple[Carried, ...] = ()
    #: What is due when, for the recipient's calendar (RFC 5545), "" for nothing.
    calendar: str = ""
    #: Until when it may wait for others to the same person; None for not at all.
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMail:
    """One row of the outbox."""

    id: int
    case: int | None
    template: str
    visibility: Visibility
    created: datetime
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    fields: tuple[tuple[str, str], ...]
    reverse_path: str
    carried: tuple[Carried, ...]
    state: OutboxState
    attempts: int
    next_attempt_at: datetime
    lease: str = ""
    #: The relay's latest answer.
    last_reply: str = ""
    #: What is due when, for the recipient's calendar (RFC 5545), "" for nothing.
    calendar: str = ""
    #: The letter in whose mail it goes out, 0 for none.
    bundled_into: int = 0
    #: Did the sender end or hang in the attempt before, so that nobody wrote down what came of it? Known when claimed.
    cut_short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A case as it is after the decision, and the version it was decided on (0 for a new case)."""

    case: Case
    was: int
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One decision, whole: it is stored in one transaction or not at all."""

    at: datetime
    #: The inbox row that caused it, with its lease; None for deadlines and words from the shell.
    mail: InboxMail | None = None
    #: The deadline that caused it; removed with the commit, a Conflict when it is gone.
    deadline: Deadline | None = None
    #: The letter of `Store.undelivered` that caused it; counted as told with the commit.
    letter: OutboxMail | None = None
    #: The digest that this is; a Conflict when that is told already.
    digest: Digest | None = None
    ending: Ending | None = None
    #: The case that it is about, also where nothing happened to it.
    case: int | None = None
    reason: str = ""
    sender: str = ""
    subject: str = ""
    #: The mail's own Message-ID, so that `mailbot trace` finds it also where no case does.
    message_id: str = ""
    changed: tuple[Changed, ...] = ()
    happened: tuple[Happened, ...] = ()
    letters: tuple[Letter, ...] = ()
    hits: tuple[Hit, ...] = ()
    #: Letters that go out in the mail of the one that is made here, by their rows; a Conflict when one is gone.
    bundled: tuple[int, ...] = ()
    #: May letters wait for others? Then what does not wait lets go what is before it.
    bundles: bool = False
    #: A held mail that waits for work again, 0 for none.
    admitted: int = 0
    #: Mails that are released or dropped: a Conflict when one is not set aside any more.
    turned: tuple[Turned, ...] = ()
    #: A mail whose answer is recalled, and how many letters of it must wait still: a Conflict when one has left.
    recalled: tuple[int, int] | None = None
    #: The digest of what a key signed in the mail, where that had its effect; a Conflict when a copy was faster.
    signed: str = ""
    #: Mails whose bytes are taken out for good, by their number in the inbox: who did it, when and why stays.
    redacted: tuple[int, ...] = ()
    #: msg-id to case: the mail's own and those of the letters.
    threads: Mapping[str, int] = field(default_factory=dict)
    #: msg-ids that a new case's first mail names and nobody knows: mails that it overtook, and that follow it there.
    overtaken: tuple[str, ...] = ()
    #: Versions (digests) of the process and the directory it was made under.
    process: str = ""
    directory: str = ""
    #: On what ground the deadlines of `changed` were computed; see `Store.stale`.
    ground: str = ""
    #: What caused it, where that is no mail, deadline or letter; "" for a word from the shell.
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of a case's history: an event or a notice as `contract.md` prints it."""

    seq: int
    case: int | None
    at: datetime
    #: The printed object, `at` and `case` included.
    body: Mapping[str, object]
    hits: tuple[Hit, ...] = ()
    #: The typed event, None for a notice.
    happened: Happened | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a mail's way, for `mailbot trace`."""

    at: datetime
    what: str
