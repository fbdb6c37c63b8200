"""What every event has, and the words that events are made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Visibility(StrEnum):
    """Who may see it: a customer sees only what is public."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Kind(StrEnum):
    """What a status means, whatever a company calls it: the only thing about a status that code looks at."""

    #: Nobody has begun with it.
    NEW = "new"
    #: A member works on it.
    ACTIVE = "active"
    #: It waits for an answer of the customer.
    WAITING_CUSTOMER = "waiting-customer"
    #: It waits for somebody or something else.
    WAITING_OTHER = "waiting-other"
    #: Put aside until a date, comes back by itself.
    ON_HOLD = "on-hold"
    #: A member thinks it is solved; the customer may object.
    RESOLVED = "resolved"
    #: Done.
    CLOSED = "closed"


class ClockName(StrEnum):
    """The three clocks that a process may run."""

    PICKUP = "pickup"
    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, at an instant in UTC."""

    at: datetime
