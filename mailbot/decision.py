"""What a decision is made of: its causes on the way in, events, notices and hits on the way out.

Frozen values. `mailbot.rules.decide` turns a cause and the facts (`mailbot.facts`) into the rest, which
`mailbot.engine.engine` commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.bundle import BundleCame
from mailbot.digest import Digest
from mailbot.event import Event, Visibility
from mailbot.mail import Envelope, Mail
from mailbot.model import Case, Deadline
from mailbot.standing import Alarm


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
    #: When it is decided, which is later than it came where it had to wait; None for when it came.
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCame:
    """Cause: a deadline is due."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported:
    """Cause: the relay refused a notice for good, or a report came back."""

    #: None where it was about no case.
    case: int | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCame:
    """Cause: the account of a day's mail is due."""

    since: datetime
    until: datetime
    #: The mails that came meanwhile: `received`, and by what became of them.
    counts: Mapping[str, int]
    #: All mails that are held or quarantined now, by the first word of the reason.
    aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmOver:
    """Cause: an alarm was not raised again for long enough."""

    alarm: Alarm


Cause = (
    MailArrived
    | DeadlineCame
    | DeliveryReported
    | WordGiven
    | GroundChanged
    | Digest
    | BundleCame
    | AccountCame
    | AlarmOver
)


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
    #: Of which case, where that is not the one that the notice is about.
    of: Case | None = None


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
    #: Before this instant it does not leave, so that it can be recalled; None for at once.
    leaves: datetime | None = None


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
class Turned:
    """A mail that was set aside and is no longer: judged anew, or left out for good."""

    inbox_id: int
    is_dropped: bool
    #: Who did it and why, for `mailbot trace`.
    said: str


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
    #: The mails that a member's mail releases or drops.
    turned: tuple[Turned, ...] = ()
    #: The mail whose answer is taken back before it left, and how many letters of it wait; None for none.
    recalled: tuple[int, int] | None = None
    #: The case that it is about, also where nothing happened to it; None for none.
    case: int | None = None
