"""How the events of a clock change its ledger."""

from dataclasses import replace

from mailbot.event import (
    ClockBreached,
    ClockChanged,
    ClockEvent,
    ClockMet,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
)
from mailbot.model import Clock
from mailbot.rules import ledger


def started(event: ClockStarted) -> Clock:
    """Return the ledger that begins; the time that the mail was held is its first pause (`semantics.md` 29)."""
    if event.held_until is None:
        return ledger.started(event.clock, event.since, running=True, cause=event.cause)
    held = ledger.started(event.clock, event.since, running=False, cause="held")
    return ledger.resumed(held, event.held_until, event.cause)


def moved(clock: Clock, event: ClockEvent) -> Clock:
    """Enter the event into the clock's ledger."""
    match event:
        case ClockPaused():
            return replace(ledger.paused(clock, event.at, event.cause), due=event.due)
        case ClockResumed():
            return replace(ledger.resumed(clock, event.at, event.cause), due=event.due)
        case ClockChanged():
            return replace(clock, due=event.due)
        case ClockMet():
            return ledger.met(replace(clock, due=event.due), event.at)
        case ClockWarned():
            return replace(clock, warned_at=event.at)
        case ClockBreached():
            return replace(clock, breached_at=event.at)
        case _:  # pragma: no cover - the seven clock events are all above
            message = f"an unknown clock event: {type(event).__name__}"
            raise TypeError(message)
