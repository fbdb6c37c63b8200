"""How mail fares: what went to whom of late, which addresses it does not reach, which alarms go on. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How mail to an address fared of late: kept only of those that a letter did not reach."""

    #: What its failures counted together.
    score: int
    #: When a letter failed last, with which status and why.
    failed: datetime
    status: str = ""
    reason: str = ""
    #: Since when nothing is written to it, None while it is.
    stopped: datetime | None = None


class Sent(NamedTuple):
    """How many automatic mails went out of late."""

    ten_minutes: int = 0
    hour: int = 0
    ten_hours: int = 0

    def __add__(self, other: tuple[object, ...]) -> "Sent":
        """Count both together."""
        return Sent(*(mine + theirs for mine, theirs in zip(self, Sent(*other), strict=True)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What is known of somebody whom a decision would write to."""

    #: What went to them about each case, None for about none.
    sent: Mapping[int | None, Sent] = field(default_factory=dict)
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that goes on."""

    kind: str
    since: datetime
    #: When it was raised last.
    raised: datetime
