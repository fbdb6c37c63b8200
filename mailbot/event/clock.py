"""What happened to a clock of a case."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.event.base import ClockName, Event


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
