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

    # The text below a field is its description in the schema, and so in docs/vocabulary.md.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)


class Status(Part):
    """One status, in the company's words."""

    name: Name
    """Yours; at most 80 characters, and no other status has it in any letter case."""
    kind: Kind
    """What the status means to mailbot: the only thing about it that code looks at."""
    causes: Mapping[str, Kind] = Field(default_factory=dict)
    """Where a status must name its cause: each cause, and the kind that the status then has. A place that names
    a status may name one cause of it, such as `Pending: customer`."""
    meaning: str = ""
    """What it means, for `help` and notices to the customer."""
    approval: bool = False
    """Does it wait for the customer's `approve` or `decline`? A customer's other mail does not leave it."""
    needs_priority: bool = False
    """Must a member have set the priority before a case gets here?"""


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
    advice: str = ""
    """What the acknowledgement of a case of this priority says first, such as to phone at once."""


class Plan(Part):
    """A support plan that customers may have, with targets of its own."""

    name: Name
    """As the directory's `plan` column has it."""
    default: bool = False
    """Is it the plan of customers for whom the directory names none?"""
    targets: Mapping[str, Mapping[ClockName, TargetText]] = Field(default_factory=dict)
    """By priority, then by clock; what is missing falls back to the priority's own target, and `check` warns."""


class Type(Part):
    """One request type, or case reason."""

    name: Name
    """As people write it after `type`."""
    definition: str = ""
    """For `help type`."""
    priority: str = ""
    """The priority that setting this type sets; empty for none."""
    wants_evidence: bool = False
    """Does the acknowledgement ask once for screenshots and details, where the first mail brings no attachment?"""


class ClockRule(Part):
    """When a clock starts, rests and warns. What meets it follows from its name.

    `pickup`: one person has the case; `response`: a member has written to the customer; `resolution`: it is resolved,
    or closed as solved (`semantics.md` 6, 7).
    """

    starts: Name = "opened"
    """`opened`: with the case; `picked-up`: when one person first has it; or the status in which it starts."""
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
    needs_solution: bool = False
    """Must it name the kind of solution, one of those that the case's priority has?"""
    help: str = ""
    """What `help` says of it."""


class Moves(Part):
    """The statuses that the words and mails of every process lead to."""

    taken: str = ""
    """A new case that somebody takes; must be of kind `active`. Empty: taking it only assigns."""
    replied: str = ""
    """A new case that a member answers; must be of kind `active`. Empty: as when it is taken."""
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
    held: str = ""
    """Where `hold until DATE` leads; must be of kind `on-hold`. Empty: there is no such word."""


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
    own_mail_counts: bool = False
    """Does a member's own further mail to the customer count as the next reminder?"""


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


class Solution(Part):
    """A kind of solution, for company words that need one."""

    name: Name
    """As members write it behind the word."""
    priorities: tuple[str, ...] = ()
    """The priorities for which it counts; none means all."""


class FormField(Part):
    """A `Field: value` line of a customer's mail, also inside the quoted text of our own form."""

    name: Name
    """What stands before the colon, in any letter case."""
    sets: Literal["", "priority", "type", "impact", "urgency"] = ""
    """What its value sets when the case opens, or while it is new; empty: it is kept and shown."""
    values: Mapping[str, str] = Field(default_factory=dict)
    """What a value stands for, where customers write other words than the process, in any letter case."""
    required: bool = False
    """Is it asked for while it is missing? The resolution clock is paused until it is there."""
    not_for: tuple[str, ...] = ()
    """Priorities at which it is not asked for."""


class Matrix(Part):
    """The priority of an impact and an urgency, which `impact` and `urgency` fields give."""

    impact: Name
    """A value of the impact."""
    urgency: Name
    """A value of the urgency."""
    priority: Name
    """The priority of the two."""


class Level(Part):
    """One step of the escalation path."""

    title: Name
    """As people call it, such as Chief Operating Officer."""
    role: Name
    """The role in the directory that stands for it."""


class Escalation(Part):
    """How a customer calls somebody higher."""

    address: str = ""
    """The local part of an address of its own, such as `escalations`; mail to it escalates. Empty: there is none."""
    path: tuple[Level, ...] = Field(alias="level", min_length=1)
    """The levels in order; each escalation goes one up."""
    raises_to: str = ""
    """The priority that an escalation sets, where that is higher; empty: it changes none."""
    past_engineer: bool = False
    """May a customer ask to go past the engineer concerned? The complaint is then not shown to the team."""


class Alarm(Part):
    """Who is called when a clock runs, beside the people who work on the case."""

    clock: ClockName
    """Which clock."""
    at: float = Field(gt=0, le=1)
    """The share of the target: 1 is the breach."""
    to: Name
    """The role that is called: `lead`, `manager`, or a name of the escalation path."""


class Entitlement(Part):
    """Whether customers need a contract."""

    contract: bool = False
    """Is mail from a sender without a valid contract held?"""
    warn_before: AmountText = Amount(30, Unit.DAYS)
    """How long before its end the team is told of a contract that ends, of a customer with an open case."""


class Consultation(Part):
    """Teams that members may ask for advice, inside the case."""

    name: Name
    """As members write it behind `consult`."""
    role: Name
    """The role in the directory of the people who are asked."""


class Privacy(Part):
    """What must not be passed on."""

    patterns: tuple[str, ...] = ()
    """Regular expressions on the lines of a customer's text, without regard to letter case."""
    files: tuple[str, ...] = ()
    """Regular expressions on the names of attachments, without regard to letter case."""
    marks: tuple[str, ...] = ()
    """Words by which senders mark what is private, at the beginning of a line or in the subject."""
    explanation: str = ""
    """What the sender is told."""


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
    priority: str
    """One of the priorities; empty where a member sets the first."""
    type: Name
    """One of the types."""
    advice: str = ""
    """What the acknowledgement says beside the priority's own advice, where the customer named no priority."""


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
    plans: tuple[Plan, ...] = Field(alias="plan", default=())
    solutions: tuple[Solution, ...] = Field(alias="solution", default=())
    fields: tuple[FormField, ...] = Field(alias="field", default=())
    matrix: tuple[Matrix, ...] = ()
    escalation: Escalation | None = None
    alarms: tuple[Alarm, ...] = Field(alias="alarm", default=())
    entitlement: Entitlement = Field(default_factory=Entitlement)
    consultations: tuple[Consultation, ...] = Field(alias="consultation", default=())
    privacy: Privacy | None = None
    phrases: Mapping[str, Phrases] = Field(default_factory=dict)
    version: str = ""
    """The digest of the file, which decisions cite. Not in the file: the reader enters it."""

    def status(self, name: str) -> Status:
        """Return the status of this name. Raises KeyError."""
        return next((s for s in self.statuses if s.name == name), None) or _missing(name)

    def priority(self, name: str) -> Priority:
        """Return the priority of this name. Raises KeyError."""
        return next((p for p in self.priorities if p.name == name), None) or _missing(name)

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the process declares beside customers and members: for the directory."""
        path = self.escalation.path if self.escalation else ()
        called = (*(level.role for level in path), *(one.role for one in self.consultations), *(a.to for a in self.alarms))
        return frozenset(called) - frozenset(Role)

    def type(self, name: str) -> Type:
        """Return the type of this name. Raises KeyError."""
        return next((t for t in self.types if t.name == name), None) or _missing(name)


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
