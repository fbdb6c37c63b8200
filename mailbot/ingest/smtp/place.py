"""Whose place at the SMTP door is taken back when all are taken: a decision over plain values.

A client that sends a byte a second, or nothing but NOOP, holds a place as well as one that brings mail. Nobody is
turned away for such a client, nor for one that holds many places while another has none. Instants are seconds of one
clock and come from outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

#: A stranger that said nothing for so long, outside a mail, rests.
_RESTED = 1.0
#: A stranger that brought no mail for so long, outside a mail, rests whatever else it says.
_NO_MAIL = 5.0
#: A mail that comes in with fewer bytes a second than this, measured over `_SPAN`, holds the place and little more.
_SLOWEST = 1_000
_SPAN = 3.0

_Holder = TypeVar("_Holder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One stranger's place."""

    #: How many places its address holds, this one included.
    held: int
    #: Does it get on with a mail, or may it still begin one?
    working: bool
    #: When it came, or brought its latest mail.
    since: float


def taken_back(places: Mapping[_Holder, Place], held: int) -> _Holder | None:
    """Return who makes way for a newcomer whose address holds so many places already; None when nobody has to.

    First those who do not get on, of the address that holds most; nobody who has less than the newcomer. Then one
    who gets on, of an address that still has as many as the newcomer afterwards.
    """
    due = {
        holder: (place.working, -place.held, place.since)
        for holder, place in places.items()
        if place.held >= held + (2 if place.working else 0)
    }
    return min(due, key=due.__getitem__, default=None)


class Pace:
    """How a stranger gets on: when it was heard, when it brought a mail, and how fast the one in hand comes in."""

    def __init__(self, now: float) -> None:
        self.heard = now
        self.since = now
        self._began: float | None = None
        self._bytes = 0
        self._slow = False

    def begin(self, now: float) -> None:
        """A mail begins to come in."""
        self._began, self._bytes, self._slow = now, 0, False

    def count(self, size: int, now: float) -> None:
        """So many bytes of it came."""
        self._bytes += size
        if self._began is not None and now - self._began >= _SPAN:
            self._slow = self._is_slow(now)
            self._began, self._bytes = now, 0

    def end(self, now: float, *, brought: bool) -> None:
        """It came in no further; `brought` when it was taken."""
        self._began = None
        self.heard = now
        if brought:
            self.since = now

    def works(self, now: float) -> bool:
        """Does it get on?"""
        if self._began is not None:
            return not self._is_slow(now)
        return now - self.heard <= _RESTED and now - self.since <= _NO_MAIL

    def _is_slow(self, now: float) -> bool:
        """Measured over the present span when that is long enough, else over the one before."""
        assert self._began is not None
        span = now - self._began
        return self._bytes < _SLOWEST * span if span >= _SPAN else self._slow
