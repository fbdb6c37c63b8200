"""How the events of a clock change its ledger."""

from dataclasses import replace

from mailbot.event import (
    ClockBreached,
    ClockChanged,
    ClockEvent,
    ClockMet,
    ClockName,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    Kind,
    StatusChanged,
)
from mailbot.model import Case, Clock
from mailbot.rules.case.place import shown
from mailbot.rules.counting import ledger


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


def in_status(clock: Clock, case: Case, event: StatusChanged) -> Clock:
    """Let the clock end with its case, or rest on for what it rests now: `why` tells every pause with its cause."""
    if not clock.open:
        return clock
    if event.kind is Kind.CLOSED:
        return ledger.ended(clock, event.at) if _unmet(clock, case, event) else clock
    if event.kind in (Kind.WAITING_CUSTOMER, Kind.WAITING_OTHER, Kind.ON_HOLD) and not clock.running:
        return ledger.paused(clock, event.at, shown(event.new, event.cause))
    return clock


def _unmet(clock: Clock, case: Case, closing: StatusChanged) -> bool:
    """Closes the case before what the clock waits for happened (`semantics.md` 7, 8)?"""
    if clock.name is ClockName.PICKUP:
        return case.picked_up_at is None
    if clock.name is ClockName.RESPONSE:
        return case.answered_at is None
    return not closing.solved
