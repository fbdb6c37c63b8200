"""A case, its clocks and its deadlines: what folding the events gives.

Frozen values only, no behaviour beyond reading themselves. Names are those of ITIL. Nothing here reads
the clock, a file or the network; instants are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from mailbot.event import ClockName, Kind

#: The rule of the deadline at which a snoozed case is in sight again: who is out of sight has one.
END_OF_SNOOZE = "end-of-snooze"


class ClockState(StrEnum):
    """What a clock is doing (`contract.md`, `case --json`)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    ENDED = "ended"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One entry of a clock's ledger: from `start` on, time counts or it does not."""

    start: datetime
    #: Does time count in this span?
    running: bool
    #: Why it began: a status, a cause, or what the clock waited for.
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A ledger of running and paused time; used time and due instant are computed from it, never counted down."""

    name: ClockName
    #: In order of time, each ends where the next starts; the last is open.
    spans: tuple[Span, ...]
    #: The due instant that was last told in an event.
    due: datetime | None = None
    met_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    #: When the case closed without the clock being met.
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Does time count now?"""
        return self.spans[-1].running

    @property
    def open(self) -> bool:
        """Is the clock still waiting for what it measures?"""
        return self.met_at is None and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A mail whose content is held back from the case: it lies in the inbox only."""

    inbox_id: int
    sender: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A member's mail that waits for their word at the registered address; it lies in the inbox."""

    inbox_id: int
    actor: str
    lines: tuple[str, ...]
    until: datetime
    internal: bool = False
    #: Came it to the desk, about several cases? Its files are for none of them.
    to_desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """The latest mail of a member whose commands changed the case: what `undo` takes back."""

    #: The mail's row in the inbox, 0 for words from the shell: its receipt leads to it.
    inbox_id: int
    actor: str
    at: datetime
    #: The command lines that ran.
    lines: tuple[str, ...]
    #: The other cases that it changed.
    others: tuple[int, ...]
    #: Who was told of it, beside its author.
    told: tuple[str, ...]
    #: Did words of it go out to the customer?
    spoke: bool
    #: The case's version when all of it had happened.
    until: int
    #: The case as it was before; None where it cannot be taken back any more.
    before: "Case | None" = None
    #: Why it cannot be, and since when; "" while it can.
    why_not: str = ""
    #: The same as catalogues of other languages know it.
    why_message: str = ""
    why_values: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    #: Of an answer that waits before it leaves: the mail whose words it has, and how many letters wait.
    message: int = 0
    letters: int = 0
    #: Of commands beside such an answer: who of those told gets only letters that wait.
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter of one customer, as folding its events leaves it."""

    number: int
    #: How many events made it what it is: the guard against lost updates.
    version: int
    status: str
    kind: Kind
    #: When the present status began.
    status_since: datetime
    priority: str
    type: str
    requester: str
    subject: str
    #: When the first mail arrived.
    opened: datetime
    #: The instant of the latest event; no later cause is earlier than this.
    latest: datetime
    #: The address of a member, the name of a team, or "" for nobody.
    assignee: str = ""
    #: The cause of the present status, "" where it has none.
    cause: str = ""
    #: The status before the present one and its cause, for what comes back by itself.
    previous_status: str = ""
    previous_cause: str = ""
    #: When the hold ends by itself.
    hold_until: datetime | None = None
    #: Until when it is out of the team's sight, None while it is in sight; and who put it there.
    snoozed_until: datetime | None = None
    snoozed_by: str = ""
    #: Did a member set the priority?
    priority_set: bool = False
    #: The customer's plan and the last valid day of their contract.
    plan: str = ""
    contract_until: date | None = None
    #: What the team was told of the contract: `contract-ending/2026-03-31`.
    contract_told: tuple[str, ...] = ()
    #: Alarms of its clocks that were raised: `resolution/0.5/lead`.
    alarmed: tuple[str, ...] = ()
    #: Until when its first mail was held, None where it was not.
    held_until: datetime | None = None
    #: How far it was escalated: 0 is not at all.
    escalation_level: int = 0
    #: Who was told of a complaint past the engineer concerned: what they answer is not for the team either.
    confidants: tuple[str, ...] = ()
    #: Who of them was told in a case that was merged into this one, and not in this one itself.
    confidants_joined: tuple[str, ...] = ()
    #: Who beside the team was asked for advice.
    consulted: tuple[str, ...] = ()
    #: What the customer filled in, by the field's name as the process spells it.
    fields: Mapping[str, str] = field(default_factory=dict)
    #: Mails whose content is held back until a member releases or redacts it.
    withheld: tuple[Withheld, ...] = ()
    #: Mails of members that wait for a word of theirs.
    parked: tuple[Parked, ...] = ()
    #: Before this the ladder does not go on: the customer is away, or service hours have not begun.
    away_until: datetime | None = None
    #: When one person first had it, and when a member first answered the customer.
    picked_up_at: datetime | None = None
    answered_at: datetime | None = None
    #: Which member's words went to the customer last, and when.
    said_by: str = ""
    said_at: datetime | None = None
    closed: datetime | None = None
    #: The reason of the latest closing, or "".
    reason: str = ""
    #: Did that closing count as solved or confirmed?
    solved: bool = False
    clocks: tuple[Clock, ...] = ()
    #: The team's own words for it, in the order in which they came.
    tags: tuple[str, ...] = ()
    #: Addresses that hear of the case beside the requester.
    watchers: tuple[str, ...] = ()
    #: Further addresses of the customer's side that were let in: their mails count, they hear of nothing. They are let
    #: in until somebody of that side hears of the case no more.
    aliases: tuple[str, ...] = ()
    #: Message-IDs of notices that were reported as not delivered: each counts once.
    undelivered: tuple[str, ...] = ()
    #: Addresses that notices did not reach, until their people write again.
    unreachable: tuple[str, ...] = ()
    #: Addresses to which nothing is written about it, and since when: who works on it has heard of each.
    stopped: dict[str, datetime] = field(default_factory=dict)
    #: Does it keep the many mails of one sender together?
    gathers: bool = False
    #: Did more than a From say once that it was the requester who wrote?
    requester_proven: bool = False
    #: When the customer was asked how satisfied they were, and what they answered since: the latest number, 0 for none,
    #: the words, and how many answers there were.
    surveyed_at: datetime | None = None
    survey_score: int = 0
    survey_words: str = ""
    survey_answers: int = 0
    #: Reminders sent in the present status, and when the latest went out.
    reminders: int = 0
    reminded_at: datetime | None = None
    #: A human mail of the customer ended the ladder of the present status.
    ladder_ended: bool = False
    messages: int = 0
    #: The text of the latest refused mail of a member, and who wrote it: what `send as is` lets go.
    refused_text: str = ""
    refused_by: str = ""
    #: The text of the latest mail that was only tried out, and whose.
    tried_text: str = ""
    tried_by: str = ""
    #: The language of the requester's first mail that tells it, such as de; "" where none did.
    language: str = ""
    #: A case that the sender named without proof, or the one that this one follows; 0 for none.
    related: int = 0
    #: The case in which this one goes on after a merge, or 0.
    merged_into: int = 0
    #: Who hears of that case because of the merge, and did not before.
    merged_people: tuple[str, ...] = ()
    #: Where it would have come back to from the hold in which it was merged, with its cause, and when by itself.
    merged_held_from: str = ""
    merged_hold_until: datetime | None = None
    #: The cases that go on in this one.
    absorbed: tuple[int, ...] = ()
    #: The cases that have to do with it, for the team's eyes.
    links: tuple[int, ...] = ()
    #: The case that it is a child of, 0 for none, and the cases that are children of it.
    parent: int = 0
    children: tuple[int, ...] = ()
    #: The members who want to hear no more of it.
    muted: tuple[str, ...] = ()
    #: What `undo` takes back, None where there is nothing.
    undo: Undoable | None = None
    #: The latest answer that waited before it left, to be taken back whole while it waits; None where there is none.
    recall: Undoable | None = None

    def clock(self, name: ClockName) -> Clock | None:
        """Return the clock of this name, or None when it never started."""
        return next((clock for clock in self.clocks if clock.name == name), None)

    @property
    def overdue(self) -> bool:
        """Is one of its clocks past its due instant, and still waiting for what it measures?"""
        return self.kind is not Kind.CLOSED and any(c.open and c.breached_at is not None for c in self.clocks)

    @property
    def participants(self) -> frozenset[str]:
        """The customers of the case: requester and approved watchers."""
        return frozenset({self.requester, *self.watchers})

    @property
    def writers(self) -> frozenset[str]:
        """The addresses whose mails are the customer's: those who hear of the case, and those that were let in."""
        return self.participants | frozenset(self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment at which something must happen to a case, whatever mail comes or does not."""

    case: int
    #: What is to happen: `warning:CLOCK`, `breach:CLOCK`, `ladder:NAME`, `end-of-hold`, `end-of-snooze`.
    rule: str
    #: Tells this deadline from an earlier one of the same rule; changes when the rule starts over.
    cycle: str
    due: datetime
