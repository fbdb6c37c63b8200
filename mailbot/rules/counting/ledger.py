"""Clocks as ledgers: how much time a clock has used, when its target is used up, and the moves that write a ledger.

Everything is computed anew from the spans, the calendar and the target, never counted down: another priority, plan or
calendar gives another answer from the same spans, and no pause is lost. Decides nothing:
when a clock starts, pauses or is met is for the process.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from mailbot.event import ClockName
from mailbot.model import Clock, ClockState, Span
from mailbot.rules.counting.calendar import NOTHING, Calendar

#: A share is a percentage or one bound of a range over the other: no finer than this.
FINEST_SHARE = 1_000_000


def used(clock: Clock, calendar: Calendar, until: datetime) -> timedelta:
    """Return how much time counted up to an instant: the running spans only, and nothing after it was met or ended."""
    return sum((calendar.measure(start, min(end or until, until)) for start, end in _running(clock)), NOTHING)


def due(clock: Clock, calendar: Calendar, target: timedelta | None) -> datetime | None:
    """Return when the target is used up: a past instant if it is already, even while the clock stands.

    None for an unlimited clock (no target), and for one that stands with time left: nobody can say then.
    """
    if target is None:
        return None
    left = target
    for start, end in _running(clock):
        if end is None:
            return calendar.add(start, left)
        spent = calendar.measure(start, end)
        if spent >= left:
            return calendar.add(start, left)
        left -= spent
    return None


def at_share(clock: Clock, calendar: Calendar, target: timedelta | None, share: Fraction | float) -> datetime | None:
    """Return when this share of the target is used up, such as 0.75 of it; None as for `due`."""
    if target is None:
        return None
    part = Fraction(share).limit_denominator(FINEST_SHARE)
    # Rounded up, since nothing may be told early.
    return due(clock, calendar, -(-target * part.numerator // part.denominator))


def state(clock: Clock, target: timedelta | None) -> ClockState:
    """Say what a clock is doing; one that was breached stays so, whatever comes later (`semantics.md` 8)."""
    if clock.breached_at is not None:
        return ClockState.BREACHED
    if clock.met_at is not None:
        return ClockState.MET
    if clock.ended_at is not None:
        return ClockState.ENDED
    if not clock.running:
        return ClockState.PAUSED
    return ClockState.UNLIMITED if target is None else ClockState.RUNNING


def started(name: ClockName, at: datetime, running: bool, cause: str) -> Clock:
    """Return a new clock, which counts at once or stands until it is resumed."""
    return Clock(name=name, spans=(Span(start=at, running=running, cause=cause),))


def paused(clock: Clock, at: datetime, cause: str) -> Clock:
    """Return the clock standing from here on; or, where it stood already, with the new cause."""
    return replace(clock, spans=(*clock.spans, Span(start=at, running=False, cause=cause)))


def resumed(clock: Clock, at: datetime, cause: str) -> Clock:
    """Return the clock counting from here on, with what it used; met or ended no longer."""
    spans = (*clock.spans, Span(start=at, running=True, cause=cause))
    return replace(clock, spans=spans, met_at=None, ended_at=None)


def met(clock: Clock, at: datetime) -> Clock:
    """Return the clock met, standing from here on."""
    return replace(paused(clock, at, "met"), met_at=at)


def ended(clock: Clock, at: datetime) -> Clock:
    """Return the clock ended without being met, standing from here on."""
    return replace(paused(clock, at, "ended"), ended_at=at)


def _running(clock: Clock) -> Iterator[tuple[datetime, datetime | None]]:
    """The spans that count, each with its end; None for the one that still counts."""
    stopped = clock.met_at or clock.ended_at
    ends = (*(span.start for span in clock.spans[1:]), stopped)
    return ((span.start, end) for span, end in zip(clock.spans, ends, strict=True) if span.running)
