"""Why a clock says what it says: target, start, every pause with its cause, what is used, when it is due and why.

Plain values, for `mailbot why` and the command of the same name; the sentences are for people, the figures for both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.amount import Target
from mailbot.model import Case, Clock
from mailbot.people import Desk
from mailbot.process import Hours, Process
from mailbot.rules import ledger
from mailbot.rules.calendar import Calendar
from mailbot.rules.hours import budget, clock_calendar, clock_target
from mailbot.rules.telling import local, service

#: How a clock stood while it did not run for a pause: it stopped, and went on when the case was reopened.
_STOPPED = {"met": "it was met, until the case was reopened", "ended": "the case was closed"}


def clocks(case: Case, process: Process, desk: Desk, now: datetime) -> list[dict[str, object]]:
    """Explain each clock of the case; instants stay instants, for the caller to print in its zone."""
    return [_explained(clock, case, process, desk, now) for clock in case.clocks if clock.name in process.clocks]


def told(case: Case, process: Process, desk: Desk, now: datetime, zone: ZoneInfo) -> list[dict[str, object]]:
    """Tell the same in plain words and numbers, with the instants of the reader's zone: for the notice `why`."""
    return [
        {"name": clock["clock"], "state": clock["state"], "lines": list(_lines(clock, zone))}
        for clock in clocks(case, process, desk, now)
    ]


def _lines(clock: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Say one clock line by line."""
    yield f"Target: {clock['target']}."
    yield f"Started: {local(clock['started'], zone)}, {clock['start_cause']}."
    for pause in clock["pauses"]:
        end = f"to {local(pause['to'], zone)}" if pause["to"] else "and still is"
        yield f"Paused: from {local(pause['from'], zone)} {end}, {pause['cause']}."
    yield f"Counts: {clock['counts']}."
    limit = clock["limit_seconds"]
    of = f" of {service(timedelta(seconds=limit))}" if limit is not None else ""
    yield f"Used: {service(timedelta(seconds=clock['used_seconds']))}{of}."
    yield f"Due: {local(clock['due'], zone) if clock['due'] else 'nobody can say now'}, because {clock['because']}."


def _explained(clock: Clock, case: Case, process: Process, desk: Desk, now: datetime) -> dict[str, object]:
    rule = process.clocks[clock.name]
    target = clock_target(process, case, clock.name)
    calendar = clock_calendar(process, desk, rule, target)
    limit = budget(target, calendar)
    due = ledger.due(clock, calendar, limit)
    return {
        "clock": str(clock.name),
        "state": str(ledger.state(clock, limit)),
        "target": _target_words(clock, case, target, ledger.due(_as_it_went(clock), calendar, limit)),
        "started": clock.spans[0].start,
        "start_cause": clock.spans[0].cause,
        "pauses": _pauses(clock),
        "counts": _counted(calendar, process.hours, desk, case.opened),
        "used_seconds": round(ledger.used(clock, calendar, now).total_seconds()),
        "limit_seconds": round(limit.total_seconds()) if limit is not None else None,
        "due": due if clock.open else clock.due,
        "because": _because(clock, target_words=str(target), due=due, now=now),
    }


def _target_words(clock: Clock, case: Case, target: Target, due: datetime | None) -> str:
    """Return the target; of a clock that stopped, the one of today may be another than it was measured against."""
    said = f"{target} at {case.priority}"
    return said if clock.open or due == clock.due else f"{said} today; it stopped under another one"


def _as_it_went(clock: Clock) -> Clock:
    """Return the clock as it was when it stopped."""
    return clock if clock.open else replace(clock, spans=clock.spans[:-1], met_at=None, ended_at=None)


def _pauses(clock: Clock) -> list[dict[str, object]]:
    """Return each span in which time did not count; the last may have no end. What follows the end is no pause."""
    spans = clock.spans
    ends = [span.start for span in spans[1:]] + [None]
    return [
        {"from": span.start, "to": end, "cause": _STOPPED.get(span.cause, span.cause)}
        for span, end in zip(spans, ends, strict=True)
        if not span.running and end != span.start and (end or clock.open)
    ]


def _counted(calendar: Calendar, hours: Hours, desk: Desk, since: datetime) -> str:
    """Return what counts as time, in words."""
    if calendar.by_date:
        return "days of the calendar"
    return "every hour" if calendar.always else _service_time(hours, desk, since)


def _service_time(hours: Hours, desk: Desk, since: datetime) -> str:
    """Return the service hours in words, with the closing days from an instant on."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    groups: list[tuple[str, str, str]] = []
    for day in days:
        text = getattr(hours, day)
        if groups and groups[-1][2] == text:
            groups[-1] = (groups[-1][0], day, text)
        else:
            groups.append((day, day, text))
    said = ", ".join(
        f"{first.title()} to {last.title()} {text}" if first != last else f"{first.title()} {text}"
        for first, last, text in groups
        if text
    )
    first_day = since.astimezone(ZoneInfo(desk.timezone)).date()
    own = " and ".join(day.isoformat() for day in sorted(hours.closed) if day >= first_day)
    closed = [f"the public holidays of {desk.holidays}"] if desk.holidays else []
    closed += [f"our closing days {own}"] if own else []
    return f"{said} ({desk.timezone}){', without ' if closed else ''}{' and '.join(closed)}"


def _because(clock: Clock, *, target_words: str, due: datetime | None, now: datetime) -> str:
    """Return one sentence that says why it is due then, or not at all."""
    if clock.met_at is not None:
        return "what it waited for happened"
    if clock.ended_at is not None:
        return "the case closed before what it waited for happened"
    if due is not None and clock.running and due > now:
        return f"its target of {target_words} is used up then, if nothing pauses it"
    if due is not None:
        return f"its target of {target_words} was used up then"
    if not clock.running:
        return f"it is paused: {clock.spans[-1].cause}; it goes on with what is left"
    return f"its target is {target_words}: it never runs out"
