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
    return amount(str(value)) if isinstance(value, str | int | float) else value


def _as_target(value: object) -> object:
    return target(str(value)) if isinstance(value, str | int | float) else value


AmountText = Annotated[Amount, BeforeValidator(_as_amount)]
TargetText = Annotated[Target, BeforeValidator(_as_target)]


class Part(BaseModel):
    """A frozen part of the file; a key that is not in the vocabulary is a fault."""

    # The text below a field is its description in the schema, and so in docs/vocabulary.md.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)


class Status(Part):
    """One status, in the company's words."""

    name: Name
    """Yours; at most 80 characters, and no other status has it in any letter case."""
    kind: Kind
    """What the status means to mailbot: the only thing about it that code looks at."""
    meaning: str = ""
    """What it means, for `help` and notices to the customer."""
    approval: bool = False
    """Does it wait for the customer's `approve` or `decline`? A customer's other mail does not leave it."""


class Priority(Part):
    """One priority, severity or level, with its targets."""

    name: Name
    """As people write it in mails and lists, such as P1."""
    title: str = ""
    """A second name for the same, such as Blocker for P1."""
    definition: str = ""
    """For `help priority`: when a case deserves it."""
    targets: Mapping[ClockName, TargetText] = Field(default_factory=dict)
    """Every clock that is declared needs one."""


class Type(Part):
    """One request type, or case reason."""

    name: Name
    """As people write it after `type`."""
    definition: str = ""
    """For `help type`."""
    priority: str = ""
    """The priority that setting this type sets; empty for none."""


class ClockRule(Part):
    """When a clock starts, rests and warns. What meets it follows from its name.

    `pickup`: one person has the case; `response`: a member has written to the customer; `resolution`: it is resolved,
    or closed as solved (`semantics.md` 6, 7).
    """

    starts: Literal["opened", "picked-up"] = "opened"
    """`opened`: with the case; `picked-up`: when one person first has it."""
    paused_in: tuple[str, ...] = ()
    """The statuses in which time does not count."""
    around_the_clock: bool = False
    """Around the clock instead of service hours."""
    warn_at: float = Field(default=0.75, gt=0, lt=1)
    """The share of the target at which it warns; a range warns at its lower bound."""


class Hours(Part):
    """Service hours, in the desk's zone. The desk's public holidays are closed beside them."""

    monday: str = "09:00-17:00"
    """Opening hours such as `09:00-12:00, 13:00-17:00`; `24:00` ends a day; empty is closed."""
    tuesday: str = "09:00-17:00"
    """As for Monday."""
    wednesday: str = "09:00-17:00"
    """As for Monday."""
    thursday: str = "09:00-17:00"
    """As for Monday."""
    friday: str = "09:00-17:00"
    """As for Monday."""
    saturday: str = ""
    """As for Monday."""
    sunday: str = ""
    """As for Monday."""
    closed: tuple[date, ...] = ()
    """Own closing days."""
    business_day: AmountText = Amount(8, Unit.HOURS)
    """How long one business day is."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.week()
        if self.business_day.unit not in (Unit.HOURS, Unit.MINUTES):
            message = f"business_day = '{self.business_day}': say how many hours or minutes it has"
            raise ValueError(message)
        return self

    def week(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        """Return the opening intervals of the seven weekdays, Monday first. Raises ValueError."""
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        return tuple(_intervals(day, getattr(self, day)) for day in days)


class Command(Part):
    """A command word of the company's own: it moves the case, and says something to the customer."""

    word: Word
    """The word itself, as it stands on a line of a mail."""
    who: tuple[str, ...] = (Role.AGENT, Role.LEAD, Role.MANAGER)
    """Who may say it."""
    to: Name
    """The status that it leads to, where the flow allows that."""
    notice: Name
    """The notice by which the customer gets the words of the mail: a template's name (docs/notices.md)."""
    needs_words: bool = False
    """Is it refused without words of the sender's own?"""
    help: str = ""
    """What `help` says of it."""


class Moves(Part):
    """The statuses that the words and mails of every process lead to."""

    taken: Name
    """A new case that somebody takes or answers; must be of kind `active`."""
    answered: Name
    """The customer answers while the case waits for them."""
    reopened: Name
    """Reopened, by `reopen` or by a mail that objects."""
    closed: Name
    """Closed, whatever the reason; must be of kind `closed`."""
    approved: str = ""
    """Where the customer's `approve` leads; needed where a status waits for approval."""
    declined: str = ""
    """Where the customer's `decline` leads."""


class Step(Part):
    """One step of a ladder, counted from the step before it (the first from the beginning of the silence)."""

    after: AmountText
    """How long to wait before it."""
    do: Literal["remind", "close"]
    """Remind the customer, or close the case."""
    reason: str = ""
    """The closing reason, which the customer is told; needed where it closes."""


class Ladder(Part):
    """What happens when the customer stays silent."""

    name: Word
    """How it is called in `mailbot case` and in the log."""
    statuses: tuple[str, ...] = Field(alias="in", min_length=1)
    """The statuses in which it runs."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """What happens, one after the other."""


class Closing(Part):
    """How cases close and come back."""

    confirmed: Name = "Confirmed"
    """The reason when the customer says that all is good."""
    withdrawn: Name = "Withdrawn"
    """The reason when a customer closes a case that was not resolved."""
    solved: tuple[str, ...] = ("Solved", "Confirmed")
    """Closing reasons, a member's or a ladder's, that count as solved: then the resolution clock is met."""
    reopen_within: AmountText = Amount(14, Unit.DAYS)
    """How long after closing a mail reopens; later it opens a new case linked to the old."""


class Phrases(Part):
    """Sentences of customers in one language, lower case, without punctuation (`semantics.md` 10, 11)."""

    all_clear: tuple[str, ...] = ()
    """All is good: closes a resolved case."""
    close: tuple[str, ...] = ()
    """A wish to close."""
    thanks: tuple[str, ...] = ()
    """Thanks alone, which changes nothing."""
    promise: tuple[str, ...] = ()
    """A promise to test: noted, changes nothing."""
    doubt: tuple[str, ...] = ()
    """Negations, objections and questions: with one of these it is no all-clear, no wish to close and no promise."""
    condition: tuple[str, ...] = ()
    """Conditions: with one of these it is no all-clear, but it may be a promise to test."""
    courtesy: tuple[str, ...] = ()
    """Greetings and sign-offs, which alone are no message."""


class Flow(Part):
    """The transitions that the cases of some types have.

    Without one any status may follow any other, but none of kind `new`, and only reopening leads out of a closed one
    (`semantics.md` 13).
    """

    types: tuple[str, ...] = ()
    """The types it is for; none means all."""
    steps: Mapping[str, tuple[str, ...]]
    """From each status, the statuses that may follow."""


class Start(Part):
    """What a new case is until a member says otherwise."""

    status: Name
    """Must be of kind `new`."""
    priority: Name
    """One of the priorities."""
    type: Name
    """One of the types."""


class Process(Part):
    """One company's support process, whole."""

    schema_: Literal[1] = Field(alias="schema")
    """The version of this vocabulary."""
    name: Word
    """How the process is called; the file's own name is free."""
    title: str = ""
    """For people who read the file; mailbot shows it nowhere."""
    team: str = ""
    """The team whose agents and leads get its cases; empty is every agent and lead."""
    answer_takes: bool = True
    """Does a member's answer to a case that nobody has taken take it?"""
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
    version: str = ""
    """The digest of the file, which decisions cite. Not in the file: the reader enters it."""

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
