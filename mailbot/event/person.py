"""What happened to a person of the team, beside any case."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceChanged(Event):
    """A member is away until an instant, or (None) is back."""

    person: str
    until: datetime | None
    #: The open cases that were theirs when they went, which the team gets.
    cases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWished(Event):
    """A member wants the opening digest, or does not."""

    person: str
    wanted: bool
