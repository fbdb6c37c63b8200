"""What happened to a case: the events, named and spelt as `contract.md` prints them.

Events are past tense, frozen, and the only thing that changes a case (`mailbot.rules.evolve`). Every event has `at`,
an aware instant in UTC. Fields beyond those of the contract are what `evolve` needs in order to fold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Visibility(StrEnum):
    """Who may see it: a customer sees only what is public."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Kind(StrEnum):
    """What a status means, whatever a company calls it: the only thing about a status that code looks at."""

    #: Nobody has begun with it.
    NEW = "new"
    #: A member works on it.
    ACTIVE = "active"
    #: It waits for an answer of the customer.
    WAITING_CUSTOMER = "waiting-customer"
    #: It waits for somebody or something else.
    WAITING_OTHER = "waiting-other"
    #: Put aside until a date, comes back by itself.
    ON_HOLD = "on-hold"
    #: A member thinks it is solved; the customer may object.
    RESOLVED = "resolved"
    #: Done.
    CLOSED = "closed"


class ClockName(StrEnum):
    """The three clocks that a process may run."""

    PICKUP = "pickup"
    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, at an instant in UTC."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A mail, or a member on somebody's behalf, made a case."""

    number: int
    status: str
    kind: Kind
    priority: str
    type: str
    #: The customer's address: hears of the case and validates it.
    requester: str
    subject: str
    #: When the mail first arrived: earlier than `at` for mail that was held.
    opened: datetime
    #: The Message-ID of the first mail, or "".
    message_id: str = ""
    #: A number that the sender named without proof, for agents only; 0 for none.
    related: int = 0
    #: The customer's plan, "" where the process has none.
    plan: str = ""
    #: The last valid day of the customer's contract, None where none counts.
    contract_until: date | None = None
    #: Until when the mail was held, which is a pause of every clock; None where it was not.
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Event):
    """Words of a person, or an automatic mail, became part of the case."""

    #: Printed as `from`.
    sender: str
    visibility: Visibility
    #: The inbox row whose raw bytes hold it; 0 for words from the shell.
    inbox_id: int = 0
    message_id: str = ""
    text: str = ""
    #: By what proof the sender was believed: the proofs' names joined by a plus sign.
    proof: str = ""
    #: Written by the requester or a watcher, by a human hand: ends reminder ladders.
    by_customer: bool = False
    #: A member's own words to the customer: what meets the response clock.
    answers: bool = False
    #: An automatic mail's kind, "" for a human's.
    automatic: str = ""
    #: Until when an absence notice says that its sender is away.
    away_until: datetime | None = None
    attachments: int = 0
    #: Who beside the team was asked for advice with it.
    consulted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Event):
    """The case moved to another status."""

    old: str
    new: str
    kind: Kind
    #: Why, in the company's or the person's words; a closing reason for a closed status.
    reason: str
    #: The address of the person, or `mailbot`.
    actor: str
    #: Does this closing count as solved or confirmed? Only then is `resolution` met by it.
    solved: bool = False
    #: The cause of the new status, "" where it needs none.
    cause: str = ""
    #: When a hold ends by itself.
    until: datetime | None = None
    #: The kind of solution that a resolved status names.
    solution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAssigned(Event):
    """Exactly one person, or a team, has the case now."""

    assignee: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Event):
    """The priority, severity or level is another one."""

    old: str
    new: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeChanged(Event):
    """The request type, or case reason, is another one."""

    old: str
    new: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent(Event):
    """Something happened to a clock."""

    clock: ClockName
    #: When the clock will have used up its target; None while that cannot be said (paused, unlimited).
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted(ClockEvent):
    """The clock began to run: at `since`, which is earlier than `at` for a case that was reported earlier."""

    since: datetime
    cause: str
    #: Until when the first mail was held: that time does not count.
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(ClockEvent):
    """Time does not count from here on."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(ClockEvent):
    """Time counts again; what was used before stays used."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChanged(ClockEvent):
    """The due instant is another one, though the clock did not start, pause or resume."""

    used_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMet(ClockEvent):
    """What the clock waited for happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWarned(ClockEvent):
    """A set share of the target is used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBreached(ClockEvent):
    """The target is used up and the clock is not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent(Event):
    """Step `number` of the ladder: the customer was asked again."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPutOff(Event):
    """A reminder or close came late, outside service hours: it waits for the next opening."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceBroken(Event):
    """The customer wrote no words for the case, only commands: the ladder ends all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Event):
    """Somebody higher was called."""

    #: The level of the company's path, 0 where a clock called somebody inside.
    level: int
    to: str
    reason: str
    #: Which alarm of the process it was, such as `resolution/0.5/lead`, which is raised once; "" for a person's word.
    alarm: str = ""
    #: Past the engineer concerned, by the customer's wish: nothing of it is shown to the team.
    in_confidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsGiven(Event):
    """The customer filled in fields of the form; each overwrites what it said before."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged(Event):
    """The customer's plan or contract is another one since the directory changed."""

    plan: str
    contract_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTold(Event):
    """The team was told that the customer's contract ends, or has ended, while the case is open."""

    #: `contract-ending` or `contract-ended`.
    what: str
    contract_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHeldBack(Event):
    """Part of a mail is held back: it stands in no notice and in no text of the case until a member releases it."""

    #: The inbox row whose bytes hold it.
    inbox_id: int
    #: What was found, in words: a mark, a pattern, the name of a file.
    found: str
    #: The digest of what is held back.
    digest: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReleased(Event):
    """A member let what was held back into the case."""

    inbox_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRedacted(Event):
    """A member took it out for good: who, when, why and a digest stay, the content does not."""

    inbox_id: int
    actor: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command line that did not run, and with it none of its mail."""

    line: str
    reason: str
    actor: str
    #: The whole new text of a member's mail, so that `send as is` can let it go.
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailIgnored(Event):
    """A mail that changes nothing and wants no human: a duplicate, a report that fits no case, our own come back."""

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHeld(Event):
    """A mail that waits for a human's word."""

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuarantined(Event):
    """A mail that could not be taken in: over the limits, or three crashes."""

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """A notice did not reach its recipient."""

    to: str
    status: str
    #: The notice's Message-ID where a report named it, "" where the relay refused it.
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesMerged(Event):
    """This case went on in another."""

    into: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectChanged(Event):
    """A member gave the case another subject."""

    old: str
    new: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsChanged(Event):
    """The team's own words for the case, all of them; no customer sees them."""

    tags: tuple[str, ...]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchersChanged(Event):
    """Who hears of the case beside the requester, all of them."""

    watchers: tuple[str, ...]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterChanged(Event):
    """The case is another customer's."""

    old: str
    new: str
    actor: str
