"""What happened to the desk as a whole: alarms, and their end."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    """Something happens far more often than it does at a desk that is well; raised once an hour while it goes on."""

    #: `answers`, `cases`, `sender`, `notices`.
    kind: str
    #: What was counted, in words.
    said: str
    #: When it began.
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEnded(Event):
    """It has not happened again for an hour at least."""

    kind: str
    since: datetime
