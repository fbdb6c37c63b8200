"""What the digests of a desk rest on: mails that tell a member what waits, beside the notices of each case.

Frozen values; when a digest is due and what stands in it is decided in `mailbot.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mailbot.model import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCame:
    """Cause: a working day of the desk begins; each day causes it once."""

    #: The date at the desk.
    day: date
    #: When the day's digest is due; it may be told later on the same working day.
    due: datetime


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
