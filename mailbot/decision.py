"""What a decision is made of: its causes and facts on the way in, events, notices and hits on the way out.

Frozen values. `mailbot.rules.decide` turns the first into the second; `mailbot.engine.engine` gathers and commits them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.event import Event, MessageAdded, Visibility
from mailbot.mail import Envelope, Mail
from mailbot.model import Case, Deadline
from mailbot.people import Desk, Directory, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a verified token says (see `mailbot.rules.token`)."""

    case: int
    visibility: Visibility
    #: The keyed digest of the person's address, to compare, not to show.
    principal: bytes
    #: For the person's own desk address, which names no case.
    personal: bool = False
    #: The case's epoch when the token was made: where the case's is higher now, the token has expired.
    epoch: int = 0
    #: What stands for the one action that the address is for (`mailbot.rules.token.mark`); empty for an answer's.
    mark: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadKeys:
    """Everything in a mail that may say to which case it belongs, in order of strength."""

    #: Valid tokens found in recipient addresses.
    tokens: tuple[Token, ...] = ()
    #: Valid tokens found in Message-IDs of ours that In-Reply-To or References name.
    tagged: tuple[Token, ...] = ()
    #: All other msg-ids that In-Reply-To and References name, the nearest first.
    message_ids: tuple[str, ...] = ()
    #: The mail's own msg-id, "" without one: a mail that came before it may have named it.
    own: str = ""
    #: The number in the subject's first tag of ours, or 0.
    number: int = 0
    #: The digest of what a registered key signed, "" for nothing.
    signed: str = ""
    #: The first bare number of ours (`HD-12`) in subject or text: counts at the escalations address only.
    bare_number: int = 0
    #: Every number of ours in a member's own text, for commands that name other cases (`merge HD-7`).
    spoken: tuple[int, ...] = ()

    @property
    def answered(self) -> tuple[Token, ...]:
        """The tokens of what the mail answers: older notices in its thread do not say where an answer goes."""
        return (*self.tokens, *self.tagged[:1])

    @property
    def numbers(self) -> frozenset[int]:
        """Every case number that the keys name by themselves."""
        named = {token.case for token in (*self.tokens, *self.tagged)} | {self.number, self.bare_number, *self.spoken}
        return frozenset(named - {0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the store knows of a mail's thread keys."""

    #: The cases that were named, by number.
    cases: Mapping[int, Case] = field(default_factory=dict)
    #: msg-id to case number, for the message_ids that are known.
    by_message_id: Mapping[str, int] = field(default_factory=dict)
    #: Our own notice that a delivery report speaks of: (case number, recipient, template); None when it fits none.
    reported: tuple[int, str, str] | None = None
    #: The cases whose mails named this one before it came, or one that it names too and that has not come: mails
    #: overtake each other.
    awaited: tuple[int, ...] = ()
    #: The held mail that In-Reply-To or References names, the nearest first; 0 for none.
    held: int = 0
    #: Has what is signed in it had its effect before, in another mail?
    signed_before: bool = False
    #: Why that one is held.
    held_for: str = ""
    #: When the newest of the mails and notices was written that the mail names; None where it names none that is known.
    read_until: datetime | None = None
    #: Is a notice of ours among them?
    names_notice: bool = False
    #: The mail whose receipt this one answers, by its number in the inbox; 0 for none.
    receipt_of: int = 0
    #: The mail of which the notice told that this one answers, by its number in the inbox; 0 for none.
    about: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How much went out automatically of late: what the limits are measured on."""

    #: Automatic answers to this sender in the last hour and the last day.
    to_sender_hour: int = 0
    to_sender_day: int = 0
    #: Automatic mails to this sender about this case in ten minutes, an hour, ten hours.
    case_ten_minutes: int = 0
    case_hour: int = 0
    case_ten_hours: int = 0
    #: Acknowledgements to anybody in the last hour.
    all_hour: int = 0
    #: Notices of the template `unproven` to this person in the last day.
    unproven_day: int = 0


#: What a canned answer may be called.
ANSWER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The canned answers of the desk, as far as a decision may need them."""

    #: Their names, and how each begins.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: The texts that the mail asks for, by case and name; one that cannot be made is missing.
    texts: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which cases somebody wants to see; every condition that is given must hold."""

    #: With one of these people or teams, "" for nobody yet; None for anybody.
    assignees: tuple[str, ...] | None = None
    #: The customer's address, "" for any.
    requester: str = ""
    #: Each stands in the subject, in the requester's address or in a message of the case, in any letter case.
    words: tuple[str, ...] = ()
    #: Only cases that are not closed; the oldest first. Else the newest first.
    open_only: bool = True
    #: Only cases with a clock that is past its due instant and still counts.
    overdue: bool = False
    #: Only cases that are open, or were closed at or after this instant.
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The cases that a query found."""

    query: Query
    cases: tuple[Case, ...] = ()
    #: Are there more than were wanted?
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything beside the cases and the cause that a decision rests on; frozen, gathered by the engine."""

    desk: Desk
    directory: Directory
    #: What is proven about the sender, the case aside.
    proofs: frozenset[Proof] = frozenset()
    #: Does a member's mail want its answers elsewhere? Then tokens do not count in it, nor what a border says.
    stepped_down: bool = False
    #: The cases that stand inside of what was signed; None where no signature was looked at.
    signed_for: frozenset[int] | None = None
    keys: ThreadKeys = field(default_factory=ThreadKeys)
    #: Which of the sender's own desk addresses counts: those of an earlier epoch were revoked.
    address_epoch: int = 0
    found: Found = field(default_factory=Found)
    #: The keyed digest of the sender's address, to hold against `Token.principal`.
    principal: bytes = b""
    #: The sender's open cases, where they may have to be known (an escalation that names none).
    open_cases: tuple[Case, ...] = ()
    #: The number a new case would get.
    next_number: int = 1
    counters: Counters = field(default_factory=Counters)
    #: The mails whose content is held back in the cases at hand, by their number in the inbox; for members only.
    withheld: Mapping[int, Mail] = field(default_factory=dict)
    #: The mails of members that wait for a word of theirs, by their number in the inbox; for members only.
    parked: Mapping[int, Mail] = field(default_factory=dict)
    #: Lines of internal notices that must never leave (normalised, see `mailbot.rules.outgoing`).
    internal_lines: frozenset[str] = frozenset()
    #: What a colleague of the sender's said to the customer last, by case.
    said: Mapping[int, str] = field(default_factory=dict)
    #: Does the mail answer the question how satisfied its sender was?
    answers_survey: bool = False
    #: For members only.
    answers: Answers = field(default_factory=Answers)
    #: Until when members are away, for those who are.
    away: Mapping[str, datetime] = field(default_factory=dict)
    #: What the mail's `list` or `search` found, None where it asks for nothing that its sender may see.
    listed: Listed | None = None
    #: What the mail's `report` counts, None where it asks for nothing that its sender may see.
    counted: Listed | None = None
    #: The messages of each case that the mail wants shown, in order.
    shown: Mapping[int, tuple[MessageAdded, ...]] = field(default_factory=dict)
    #: The messages of each case that the mail may split, in order; for members only.
    messages: Mapping[int, tuple[MessageAdded, ...]] = field(default_factory=dict)
    #: Of which mail the notice told that a member's mail answers, this one and those that wait, by their numbers in the
    #: inbox.
    about: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailArrived:
    """Cause: a mail came."""

    mail: Mail
    envelope: Envelope
    inbox_id: int = 0
    #: An operator or a member let a held mail in: what was missing does not count any more.
    admitted: bool = False
    #: The one word that the address it came to stands for; the mail's text has it as its first line.
    clicked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCame:
    """Cause: a deadline is due."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported:
    """Cause: the relay refused a notice for good, or a report came back."""

    case: int
    to: str
    template: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordGiven:
    """Cause: somebody with a shell gave commands, in the grammar of the mails."""

    case: int
    text: str
    #: The address in whose name it is done.
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundChanged:
    """Cause: what the case was decided on is another now: the process, the directory, the desk's place."""

    case: int


Cause = MailArrived | DeadlineCame | DeliveryReported | WordGiven | GroundChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An attachment that a notice takes along: which leaf of which mail in the inbox."""

    inbox_id: int
    attachment: int
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTime:
    """An instant of a case for its assignee's calendar."""

    #: The clock that runs out then.
    clock: str
    due: datetime
    #: Nothing is due then any more: it was met, rests, has another time, or is somebody else's.
    is_over: bool = False


class AutoSubmitted(StrEnum):
    """The value of a notice's Auto-Submitted field (RFC 3834 section 5); `no` for a person's own words."""

    NO = "no"
    REPLIED = "auto-replied"
    GENERATED = "auto-generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail to one person that a decision asks for; recorded with the decision, rendered before the commit."""

    at: datetime
    template: str
    to: str
    #: The case it is about, None for none.
    case: int | None
    #: Who may see it: what goes to members is internal, whatever stands in it.
    visibility: Visibility
    #: Where an answer to it goes: to the other side, or it stays inside the team.
    reply: Visibility = Visibility.PUBLIC
    auto_submitted: AutoSubmitted = AutoSubmitted.GENERATED
    #: The person's own words that it passes on, and whose they are.
    words: str = ""
    author: str = ""
    carried: tuple[Carried, ...] = ()
    #: What is due when, as far as it is another since the recipient was last told.
    due_times: tuple[DueTime, ...] = ()
    #: The Message-ID of the mail that caused it, when it answers that mail's sender.
    in_reply_to: str = ""
    #: The language of the mail that it answers, where it is about no case; "" where that is unknown.
    language: str = ""
    #: May the recipient's own text (subject, name) stand in it? Not towards unproven strangers.
    may_echo: bool = True
    #: The cases that it lists, each with a reply address of its own for the recipient.
    listed: tuple[Case, ...] = ()
    #: Plain values for the template.
    data: Mapping[str, object] = field(default_factory=dict)
    #: What an answer's address stands for where it is for one thing alone (`mailbot.rules.token.mark`).
    mark: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that spoke, and why: what `mailbot why`, `case` and `trace` show."""

    rule: str
    reason: str


class Ending(StrEnum):
    """How a mail ends: received = threaded + new + held + quarantined + ignored."""

    THREADED = "threaded"
    NEW = "new"
    HELD = "held"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event of one case, or of none (a mail that was held or ignored)."""

    case: int | None
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that follows from one cause."""

    happened: tuple[Happened, ...] = ()
    notices: tuple[Notice, ...] = ()
    hits: tuple[Hit, ...] = ()
    #: How the mail ends, and why in words; None where the cause is no mail.
    ending: Ending | None = None
    reason: str = ""
    #: The held mail that a member's mail lets in, 0 for none.
    admitted: int = 0
    #: The case that it is about, also where nothing happened to it; None for none.
    case: int | None = None
