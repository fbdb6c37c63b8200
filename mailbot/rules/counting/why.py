"""Why a clock says what it says: target, start, every pause with its cause, what is used, when it is due and why.

Plain values, for `mailbot why` and the command of the same name; the sentences are for people, the figures for both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.amount import Target
from mailbot.model import Case, Clock
from mailbot.people import Desk
from mailbot.process import Hours, Process
from mailbot.rules.counting import ledger
from mailbot.rules.counting.calendar import Calendar
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target
from mailbot.rules.telling import say
from mailbot.sentence import Counted

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
    yield say("Target: %(target)s.", target=clock["target"])
    began, cause = clock["started"].astimezone(zone), clock["start_cause"]
    yield say("Started: %(date)s, %(cause)s.", date=began, cause=cause)
    for pause in clock["pauses"]:
        start, cause = pause["from"].astimezone(zone), pause["cause"]
        if pause["to"]:
            end = pause["to"].astimezone(zone)
            yield say("Paused: from %(start)s to %(end)s, %(cause)s.", start=start, end=end, cause=cause)
        else:
            yield say("Paused: from %(start)s and still is, %(cause)s.", start=start, cause=cause)
    yield say("Counts: %(what)s.", what=clock["counts"])
    used, limit = Counted(seconds=clock["used_seconds"]), clock["limit_seconds"]
    if limit is None:
        yield say("Used: %(time)s.", time=used)
    else:
        yield say("Used: %(time)s of %(all)s.", time=used, all=Counted(seconds=limit))
    due = clock["due"].astimezone(zone) if clock["due"] else say("nobody can say now")
    yield say("Due: %(date)s, because %(why)s.", date=due, why=clock["because"])


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
        "because": _because(clock, target=target, due=due, now=now),
    }


def _target_words(clock: Clock, case: Case, target: Target, due: datetime | None) -> str:
    """Return the target; of a clock that stopped, the one of today may be another than it was measured against."""
    if clock.open or due == clock.due:
        return say("%(target)s at %(priority)s", target=target, priority=case.priority)
    return say("%(target)s at %(priority)s today; it stopped under another one", target=target, priority=case.priority)


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
        return say("days of the calendar")
    return say("every hour") if calendar.always else _service_time(hours, desk, since)


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


def _because(clock: Clock, *, target: Target, due: datetime | None, now: datetime) -> str:
    """Return one sentence that says why it is due then, or not at all."""
    if clock.met_at is not None:
        return say("what it waited for happened")
    if clock.ended_at is not None:
        return say("the case closed before what it waited for happened")
    if due is not None and clock.running and due > now:
        return say("its target of %(target)s is used up then, if nothing pauses it", target=target)
    if due is not None:
        return say("its target of %(target)s was used up then", target=target)
    if not clock.running:
        return say("it is paused: %(cause)s; it goes on with what is left", cause=clock.spans[-1].cause)
    return say("its target is %(target)s: it never runs out", target=target)
