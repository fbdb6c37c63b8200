"""The clocks of a case as they stand now, for `case` and `cases`: state, due instant, time used."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailbot.cli.words import instant
from mailbot.model import Case, Clock
from mailbot.people import Desk
from mailbot.process import Process
from mailbot.rules import ledger
from mailbot.rules.calendar import Calendar
from mailbot.rules.hours import budget, clock_calendar, clock_target, service_hours

ClockRow = dict[str, object]


def clock_rows(case: Case, process: Process, desk: Desk, now: datetime) -> list[ClockRow]:
    """Give each clock as the contract prints it."""
    return [_row(clock, case, process, desk, now) for clock in case.clocks]


def is_overdue(case: Case, process: Process, desk: Desk, now: datetime) -> bool:
    """Is a clock that still waits for what it measures past its due instant?"""
    return any(due < now for due in _open_dues(case, process, desk))


def next_due(case: Case, process: Process, desk: Desk) -> datetime | None:
    """Return the earliest due instant of the clocks that still wait, None where there is none."""
    return min(_open_dues(case, process, desk), default=None)


def _open_dues(case: Case, process: Process, desk: Desk) -> Iterator[datetime]:
    for clock in case.clocks:
        if clock.open and (due := _due(clock, case, process, desk)):
            yield due


def _row(clock: Clock, case: Case, process: Process, desk: Desk, now: datetime) -> ClockRow:
    calendar, limit = _measure(clock, case, process, desk)
    due = _due(clock, case, process, desk)
    return {
        "clock": clock.name,
        "state": ledger.state(clock, limit),
        "due": instant(due) if due else None,
        "used_seconds": int(ledger.used(clock, calendar, now).total_seconds()),
    }


def _due(clock: Clock, case: Case, process: Process, desk: Desk) -> datetime | None:
    """Return the due instant as it stands; once the clock is met or ended, the one that held then."""
    calendar, limit = _measure(clock, case, process, desk)
    return ledger.due(clock, calendar, limit) if clock.open else clock.due


def _measure(clock: Clock, case: Case, process: Process, desk: Desk) -> tuple[Calendar, timedelta | None]:
    """Return what the clock counts on, and its limit: none where the process has lost the clock or the priority."""
    rule = process.clocks.get(clock.name)
    calendar = clock_calendar(process, desk, rule) if rule else service_hours(process, desk)
    try:
        return calendar, budget(clock_target(process, case, clock.name), calendar)
    except KeyError:
        return calendar, None
