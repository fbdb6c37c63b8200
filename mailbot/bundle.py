"""Several notices to one member in one mail: what is put together, and the cause to do so.

Frozen values; which notices may wait for others and how they are told together is decided in `mailbot.rules`.
"""

from dataclasses import dataclass

from mailbot.event import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A letter that waits to go out together with others."""

    #: Its row in the outbox.
    id: int
    case: int
    #: Where an answer to it goes.
    reply: Visibility
    #: The address of such an answer.
    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCame:
    """Cause: letters to one member have waited long enough for each other."""

    to: str
    #: At least two, in the order in which they were decided.
    parts: tuple[Part, ...]
