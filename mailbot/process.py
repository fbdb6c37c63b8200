"""The typed process: what a company's file says, in a closed vocabulary, checked whole when it is read.

A process is data. Status names are the company's own; each has a kind, and code looks only at kinds. The models are
frozen; an unknown key is a fault. The schema is versioned (`schema = 1`).
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal, NoReturn, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mailbot.amount import Amount, Target, Unit, amount, target
from mailbot.event import ClockName, Kind
from mailbot.people import Role

Name = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,19}$")]


def _as_amount(value: object) -> object:
    return amount(value) if isinstance(value, str) else value


def _as_target(value: object) -> object:
    return target(value) if isinstance(value, str) else value


AmountText = Annotated[Amount, BeforeValidator(_as_amount)]
TargetText = Annotated[Target, BeforeValidator(_as_target)]


class Part(BaseModel):
    """A frozen part of the file; a key that is not in the vocabulary is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Status(Part):
    """One status, in the company's words."""

    name: Name
    kind: Kind
    #: What it means, for `help` and notices to the customer.
    meaning: str = ""
    #: Only `approve` and `decline` leave it (`semantics.md` 10).
    approval: bool = False


class Priority(Part):
    """One priority, severity or level, with its targets."""

    name: Name
    #: A second name for the same, such as Blocker for P1.
    title: str = ""
    definition: str = ""
    #: By clock; a clock without a target is not run for this priority.
    targets: Mapping[ClockName, TargetText] = Field(default_factory=dict)


class Type(Part):
    """One request type, or case reason."""

    name: Name
    definition: str = ""
    #: The priority that setting this type sets, "" for none.
    priority: str = ""


class ClockRule(Part):
    """When a clock starts, when it rests, and when it warns. What meets it follows from its name (`semantics.md` 6, 7)."""

    starts: Literal["opened", "picked-up"] = "opened"
    #: The statuses in which time does not count.
    paused_in: tuple[str, ...] = ()
    #: Around the clock instead of service hours.
    around_the_clock: bool = False
    #: The share of the target at which it warns; a range warns at its lower bound.
    warn_at: float = Field(default=0.75, gt=0, lt=1)


class Hours(Part):
    """Service hours: by default Monday to Friday 09:00-17:00 (`companies.md`, shared defaults)."""

    monday: str = "09:00-17:00"
    tuesday: str = "09:00-17:00"
    wednesday: str = "09:00-17:00"
    thursday: str = "09:00-17:00"
    friday: str = "09:00-17:00"
    saturday: str = ""
    sunday: str = ""
    #: Own closing days.
    closed: tuple[date, ...] = ()
    #: How long one business day is.
    business_day: AmountText = Amount(8, Unit.HOURS)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.week()
        return self

    def week(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        """Return the opening intervals of the seven weekdays, Monday first. Raises ValueError."""
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return tuple(_intervals(day, getattr(self, day)) for day in days)


class Command(Part):
    """A command word of the company's own: it moves the case, and says something to the customer."""

    word: Word
    #: Who may say it.
    who: tuple[str, ...] = (Role.AGENT, Role.LEAD, Role.MANAGER)
    #: The status that it leads to.
    to: Name
    #: The notice that the customer gets with the words of the mail.
    notice: Name
    #: Is it refused without words of the sender's own?
    needs_words: bool = False
    help: str = ""


class Moves(Part):
    """The statuses that the words and mails of every process lead to."""

    #: A new case that somebody takes or answers.
    taken: Name
    #: The customer answers while the case waits for them.
    answered: Name
    #: Reopened, by `reopen` or by a mail that objects.
    reopened: Name
    closed: Name
    #: `approve` and `decline`, where a status waits for approval.
    approved: str = ""
    declined: str = ""


class Step(Part):
    """One step of a ladder, counted from the step before it (the first from the beginning of the silence)."""

    after: AmountText
    do: Literal["remind", "close"]
    #: The closing reason.
    reason: str = ""


class Ladder(Part):
    """What happens when the customer stays silent."""

    name: Word
    #: The statuses in which it runs.
    statuses: tuple[str, ...] = Field(alias="in", min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)


class Closing(Part):
    """How cases close and come back."""

    confirmed: Name = "Confirmed"
    withdrawn: Name = "Withdrawn"
    #: Reasons of a member's `close: REASON` that count as solved (`semantics.md` 7).
    solved: tuple[str, ...] = ("Solved", "Confirmed")
    #: How long after closing a mail reopens; later it opens a new case linked to the old.
    reopen_within: AmountText = Amount(14, Unit.DAYS)


class Phrases(Part):
    """Sentences of customers in one language, lower case, without punctuation (`semantics.md` 10, 11)."""

    all_clear: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    #: A promise to test: noted, changes nothing.
    promise: tuple[str, ...] = ()
    #: Negations and conditions: with one of these it is no all-clear.
    doubt: tuple[str, ...] = ()
    #: Greetings and sign-offs, which are no message (`semantics.md` 18).
    courtesy: tuple[str, ...] = ()


class Flow(Part):
    """The transitions that the cases of some types have; where there are none, `semantics.md` 13 holds."""

    #: The types it is for; none means all.
    types: tuple[str, ...] = ()
    steps: Mapping[str, tuple[str, ...]]


class Start(Part):
    """What a new case is until a member says otherwise."""

    status: Name
    priority: Name
    type: Name


class Process(Part):
    """One company's support process, whole."""

    schema_: Literal[1] = Field(alias="schema")
    name: Word
    title: str = ""
    #: The team whose agents and leads get its cases; "" is all of them (`semantics.md` 27).
    team: str = ""
    #: Does a member's answer to a case that nobody has taken take it?
    answer_takes: bool = True
    start: Start
    statuses: tuple[Status, ...] = Field(alias="status", min_length=1)
    priorities: tuple[Priority, ...] = Field(alias="priority", min_length=1)
    types: tuple[Type, ...] = Field(alias="type", min_length=1)
    moves: Moves
    clocks: Mapping[ClockName, ClockRule] = Field(default_factory=dict)
    hours: Hours = Field(default_factory=Hours)
    commands: tuple[Command, ...] = Field(alias="command", default=())
    flows: tuple[Flow, ...] = Field(alias="flow", default=())
    ladders: tuple[Ladder, ...] = Field(alias="ladder", default=())
    closing: Closing = Field(default_factory=Closing)
    phrases: Mapping[str, Phrases] = Field(default_factory=dict)
    #: The digest of the file: decisions cite it.
    version: str = ""

    def status(self, name: str) -> Status:
        """Return the status of this name. Raises KeyError."""
        return next((s for s in self.statuses if s.name == name), None) or _missing(name)

    def priority(self, name: str) -> Priority:
        """Return the priority of this name. Raises KeyError."""
        return next((p for p in self.priorities if p.name == name), None) or _missing(name)

    def ladder(self, status: str) -> Ladder | None:
        """Return the ladder that runs in this status, None if there is none."""
        return next((ladder for ladder in self.ladders if status in ladder.statuses), None)


MIDNIGHT = time(0)
_INTERVAL = re.compile(r"(\d\d):(\d\d) ?- ?(\d\d):(\d\d)")


def _intervals(day: str, text: str) -> tuple[tuple[time, time], ...]:
    """Read `09:00-12:00, 13:00-17:00`; 24:00 ends a day. Raises ValueError."""
    found: list[tuple[time, time]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _INTERVAL.fullmatch(part)
        if match is None:
            message = f"{day} = {text!r}: write hours like '09:00-12:00, 13:00-17:00', or '' for a closed day"
            raise ValueError(message)
        start, end = _time(match[1], match[2]), _time(match[3], match[4])
        if MIDNIGHT < end <= start or (found and (found[-1][1] == MIDNIGHT or start < found[-1][1])):
            message = f"{day} = {text!r}: each interval must end after it starts, in order and without overlap"
            raise ValueError(message)
        found.append((start, end))
    return tuple(found)


def _time(hour: str, minute: str) -> time:
    """Return a wall-clock time; 24:00 is the midnight that ends the day, which is 00:00 as an end."""
    return MIDNIGHT if (hour, minute) == ("24", "00") else time(int(hour), int(minute))


def _missing(name: str) -> NoReturn:
    raise KeyError(name)
