"""The typed process: what a company's file says, in a closed vocabulary, checked whole when it is read.

A process is data. Status names are the company's own; each has a kind, and code looks only at kinds. The models are
frozen; an unknown key is a fault. The schema is versioned (`schema = 1`). The parts lie in `process.status`,
`process.clock`, `process.mail` and `process.people`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, NoReturn

from pydantic import BeforeValidator, Field

from mailbot.event import ClockName
from mailbot.people import Role
from mailbot.process.clock import Alarm, ClockRule, Hours, Plan, Priority, Type
from mailbot.process.filter import Filter, Match
from mailbot.process.mail import Command, FormField, Phrases, Privacy, Solution
from mailbot.process.part import Flag, MaybeName, Part, Word
from mailbot.process.people import Consultation, Entitlement, Escalation, Level
from mailbot.process.status import Closing, Flow, Ladder, Moves, Start, Status, Step
from mailbot.process.survey import Survey

__all__ = [
    "Alarm",
    "ClockRule",
    "Closing",
    "Command",
    "Consultation",
    "Entitlement",
    "Escalation",
    "Filter",
    "Flow",
    "FormField",
    "Hours",
    "Ladder",
    "Level",
    "Match",
    "Moves",
    "Part",
    "Phrases",
    "Plan",
    "Priority",
    "Privacy",
    "Process",
    "Solution",
    "Start",
    "Status",
    "Step",
    "Survey",
    "Type",
]


def _whole(value: object) -> object:
    """Refuse 1.0 and true, which Python takes for 1. Raises ValueError."""
    if value == 1 and type(value) is not int:
        raise ValueError("must be 1, a whole number without a point")
    return value


class Process(Part):
    """One company's support process, whole."""

    schema_: Annotated[Literal[1], BeforeValidator(_whole)] = Field(alias="schema")
    """The version of this vocabulary."""
    name: Word
    """How the process is called; the file's own name is free."""
    title: str = ""
    """For people who read the file; mailbot shows it nowhere."""
    team: MaybeName = ""
    """The team whose agents and leads get its cases; empty is every agent and lead."""
    answer_takes: Flag = True
    """Does a member's answer to a case that nobody has taken take it?"""
    cc_joins: Flag = False
    """Do those hear of the case whom a proven customer, or a member who is logged in, copies on a mail?"""
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
    escalation: Escalation | None = None
    alarms: tuple[Alarm, ...] = Field(alias="alarm", default=())
    entitlement: Entitlement = Field(default_factory=Entitlement)
    consultations: tuple[Consultation, ...] = Field(alias="consultation", default=())
    privacy: Privacy | None = None
    filters: tuple[Filter, ...] = Field(alias="filter", default=())
    survey: Survey | None = None
    understands: tuple[str, ...] = ()
    """The languages whose shipped phrases count, some of `en`, `de`, `et`, `fr` and `es`; your own in
    `[phrases.LANGUAGE]` are added to them. Without this key: all, or none where the file has phrases of its own."""
    phrases: Mapping[str, Phrases] = Field(default_factory=dict)
    version: str = ""
    """The digest of the file, which decisions cite. Not in the file: the reader enters it."""
    learnt: bytes = Field(default=b"", repr=False)
    """What customers' sentences seem to mean, learnt beside the shipped phrases. Entered by the reader, too."""

    def __hash__(self) -> int:
        """Tell processes apart by what they are called and the digest of their file: tables are kept by process."""
        return hash((self.name, self.version))

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
        advisers = (one.role for one in self.consultations)
        called = (*(level.role for level in path), *advisers, *(alarm.to for alarm in self.alarms))
        return frozenset(called) - frozenset(Role)

    def type(self, name: str) -> Type:
        """Return the type of this name. Raises KeyError."""
        return next((t for t in self.types if t.name == name), None) or _missing(name)


def _missing(name: str) -> NoReturn:
    raise KeyError(name)
