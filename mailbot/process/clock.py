"""What a process promises: priorities, plans and types with their targets, the clocks, the service hours."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Self

from pydantic import Field, model_validator

from mailbot.amount import Amount, Unit
from mailbot.event import ClockName
from mailbot.process.part import AmountText, Flag, KeyedBy, MaybeName, Name, Part, Share, TargetText


class Priority(Part):
    """One priority, severity or level, with its targets."""

    name: Name
    """As people write it in mails and lists, such as P1."""
    title: MaybeName = ""
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
    default: Flag = False
    """Is it the plan of customers for whom the directory names none?"""
    targets: Mapping[Annotated[Name, KeyedBy("priority")], Mapping[ClockName, TargetText]] = Field(default_factory=dict)
    """By priority, then by clock; what is missing falls back to the priority's own target, and `check` warns."""


class Type(Part):
    """One request type, or case reason."""

    name: Name
    """As people write it after `type`."""
    definition: str = ""
    """For `help type`."""
    priority: str = ""
    """The priority that setting this type sets; empty for none."""
    wants_evidence: Flag = False
    """Does the acknowledgement ask once for screenshots and details, where the first mail brings no attachment?"""


class ClockRule(Part):
    """When a clock starts, rests and warns. What meets it follows from its name.

    `pickup`: one person has the case; `response`: a member has written to the customer; `resolution`: it is resolved,
    or closed as solved (`semantics.md` 6, 7).
    """

    starts: Name = "opened"
    """`opened`: with the case; `picked-up`: when one person first has it (not for `pickup`); or the status in which it
    starts."""
    paused_in: tuple[Name, ...] = ()
    """The statuses in which time does not count."""
    around_the_clock: Flag = False
    """Around the clock instead of service hours."""
    warn_at: Share = Field(default=0.75, gt=0, lt=1)
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
    """How long one business day is, in hours or minutes, at most a day."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.week()
        if self.business_day.unit not in (Unit.HOURS, Unit.MINUTES):
            message = f"business_day = '{self.business_day}': say how many hours or minutes it has"
            raise ValueError(message)
        return self

    def week(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        """Return the opening intervals of the seven weekdays, Monday first. Raises ValueError."""
        return tuple(_intervals(day, getattr(self, day)) for day in _DAYS)


class Alarm(Part):
    """Who is called when a clock runs, beside the people who work on the case."""

    clock: ClockName
    """Which clock."""
    at: Share = Field(gt=0, le=1)
    """The share of the target: 1 is the breach."""
    to: Name
    """The role that is called: `lead`, `manager`, `agent`, or one that an escalation level or a consultation names."""


MIDNIGHT = time(0)
_INTERVAL = re.compile(r"([0-9]{2}):([0-9]{2}) ?- ?([0-9]{2}):([0-9]{2})")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _intervals(day: str, text: str) -> tuple[tuple[time, time], ...]:
    """Read `09:00-12:00, 13:00-17:00`; 24:00 ends a day. Raises ValueError."""
    found: list[tuple[time, time]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _INTERVAL.fullmatch(part)
        if match is None:
            message = f"{day} = {text!r}: write hours like '09:00-12:00, 13:00-17:00', or '' for a closed day"
            raise ValueError(message)
        if any(hour + minute > "2400" or minute > "59" for hour, minute in (match.group(1, 2), match.group(3, 4))):
            message = f"{day} = {text!r}: there is no such time of day; hours go from 00:00 to 24:00"
            raise ValueError(message)
        if match[1] == "24":
            message = f"{day} = {text!r}: 24:00 ends a day; what begins then begins at 00:00 of {_after(day)}"
            raise ValueError(message)
        start, end = _time(match[1], match[2]), _time(match[3], match[4])
        if MIDNIGHT < end < start:
            night = f"'{match[1]}:{match[2]}-24:00' on {day} and '00:00-{match[3]}:{match[4]}' on {_after(day)}"
            message = f"{day} = {text!r}: each interval must end after it starts; a night shift is two, {night}"
            raise ValueError(message)
        if MIDNIGHT < end == start or (found and (found[-1][1] == MIDNIGHT or start < found[-1][1])):
            message = f"{day} = {text!r}: each interval must end after it starts, in order and without overlap"
            raise ValueError(message)
        found.append((start, end))
    return tuple(found)


def _after(day: str) -> str:
    """Return the name of the next weekday."""
    return _DAYS[(_DAYS.index(day) + 1) % len(_DAYS)]


def _time(hour: str, minute: str) -> time:
    """Return a wall-clock time; 24:00 is the midnight that ends the day, which is 00:00 as an end."""
    return MIDNIGHT if (hour, minute) == ("24", "00") else time(int(hour), int(minute))
