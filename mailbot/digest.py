"""What the digests of a desk rest on: mails that tell a member what waits, beside the notices of each case.

Frozen values; when a digest is due and what stands in it is decided in `mailbot.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mailbot.event import Event
from mailbot.model import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCame:
    """Cause: a working day of the desk begins; each day causes it once."""

    #: The date at the desk.
    day: date
    #: When the day's digest is due; it may be told later on the same working day.
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A member's absence that is not told about yet: of who is away, and of who is back."""

    person: str
    #: When they went.
    since: datetime
    #: When it ends, or ended.
    until: datetime
    #: Did they say themselves that they are back?
    is_said: bool = False
    #: The cases that were theirs when they went, by number.
    cases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReturned:
    """Cause: a member is back; each absence causes it once."""

    absence: Absence
    #: When their digest is due.
    due: datetime


#: What a digest is told for.
Digest = OpeningCame | MemberReturned


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The desk at a glance."""

    #: The cases that are not closed, by number.
    cases: tuple[Case, ...] = ()
    #: Are there more than could be looked at?
    more: bool = False
    #: Who wrote the latest message of a case that its customer can see, and when, by the case's number.
    latest: Mapping[int, tuple[str, datetime]] = field(default_factory=dict)
    #: What members said of the opening digest: is it wanted?
    wishes: Mapping[str, bool] = field(default_factory=dict)
    #: Members who are back and have not read of it yet.
    returning: frozenset[str] = frozenset()
    #: What happened, since the one who is back had gone, to the cases that were theirs, by the case's number.
    meanwhile: Mapping[int, tuple[Event, ...]] = field(default_factory=dict)
