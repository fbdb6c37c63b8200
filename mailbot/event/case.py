"""What happened to a case itself: its status, its people, what it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mailbot.event.base import Event, Kind


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
    #: The language in which the customer wrote, such as de; "" where that is unknown.
    language: str = ""
    #: Does it keep together what is too much of one sender to be cases of their own?
    gathers: bool = False


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
class CasesMerged(Event):
    """This case went on in another."""

    into: int
    #: Who hears of the other case because of it, and did not before.
    joined: tuple[str, ...] = ()
    actor: str = ""
    #: Of a case that was put aside: where it would have come back to, with its cause, and when by itself.
    held_from: str = ""
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedChanged(Event):
    """Which cases go on in this one, all of them."""

    cases: tuple[int, ...]
    actor: str
    #: Who was told of a complaint in those cases past the engineer concerned: what they write stays with them here too.
    confidants: tuple[str, ...] = ()
    #: Who of those it leaves again, with a case that was taken out.
    parted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksChanged(Event):
    """Which cases have to do with this one, all of them."""

    cases: tuple[int, ...]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeChanged(Event):
    """The case is out of the team's sight until an instant, or (None) in sight again; nothing else of it changes."""

    until: datetime | None
    #: Who put it there or back: a member, the customer who wrote, or `mailbot`.
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentChanged(Event):
    """Which case this one is a child of."""

    #: 0 for none.
    parent: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildrenChanged(Event):
    """Which cases are children of this one, all of them."""

    cases: tuple[int, ...]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutedChanged(Event):
    """Which members want to hear no more of the case, all of them."""

    members: tuple[str, ...]
    actor: str


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
class AliasAdmitted(Event):
    """Another address of the customer's side may write into the case from now on; it hears of nothing."""

    address: str
    #: Who let it in, in words.
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterChanged(Event):
    """The case is another customer's."""

    old: str
    new: str
    actor: str
