"""When clocks start, rest, go on, are met, and when their due instant changes (`semantics.md` 4, 6 to 9).

`settle` looks at the case as the mail left it and lets those clock events happen that make its ledgers true. What
fires by itself later (warning, breach) is a deadline: see `mailbot.rules.deadlines`.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from mailbot.event import (
    AnswerRecalled,
    ClockBreached,
    ClockChanged,
    ClockMet,
    ClockName,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    CommandsUndone,
    Kind,
    StatusChanged,
)
from mailbot.model import Case, Clock
from mailbot.process import ClockRule
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.evolve_clock import started
from mailbot.rules.case.form import missing
from mailbot.rules.case.place import shown, stands_in
from mailbot.rules.clock import entitlement
from mailbot.rules.counting import ledger
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target


def settle(draft: Draft) -> None:
    """Let every clock event happen that the case as it is now asks for, clock by clock; at the plan of today."""
    entitlement.refresh(draft)
    for name in ClockName:
        if rule := draft.process.clocks.get(name):
            _start(draft, name, rule)
            _move(draft, name, rule)
            _recompute(draft, name, draft.now)


def due_instant(draft: Draft, clock: Clock) -> datetime | None:
    """Return when the clock will have, or had, used up its target at the case's priority."""
    rule = draft.process.clocks[clock.name]
    target = clock_target(draft.process, draft.open_case, clock.name)
    calendar = clock_calendar(draft.process, draft.facts.desk, rule, target)
    return ledger.due(clock, calendar, budget(target, calendar))


def _start(draft: Draft, name: ClockName, rule: ClockRule) -> None:
    case = draft.open_case
    if case.clock(name) is not None:
        return
    passed = {change.new for change in draft.events(StatusChanged)}
    since = _since(case, rule, draft.now, passed)
    if since is None or not case.priority or (case.kind is Kind.CLOSED and not _met(case, name)):
        return
    taken_back = bool(draft.events(CommandsUndone)) or bool(draft.events(AnswerRecalled))
    if draft.before is not None and draft.before.kind is Kind.CLOSED and not taken_back:
        since = draft.now  # it comes back, and the time in which it was closed counts for nobody
    held = case.held_until if rule.starts == "opened" else None
    begun = ClockStarted(
        at=draft.now, clock=name, due=None, since=since, cause=rule.starts.replace("-", " "), held_until=held
    )
    draft.happen(replace(begun, due=due_instant(draft, started(begun))))


def _since(case: Case, rule: ClockRule, now: datetime, passed: AbstractSet[str]) -> datetime | None:
    """Return when the clock starts, None while it does not; one mail may have led through several statuses."""
    match rule.starts:
        case "opened":
            return case.opened
        case "picked-up":
            return case.picked_up_at
        case status:
            return now if case.status == status or status in passed else None


def _move(draft: Draft, name: ClockName, rule: ClockRule) -> None:
    """Bring the ledger from what it says to what the case says."""
    case = draft.open_case
    clock = case.clock(name)
    if clock is None or (case.kind is Kind.CLOSED and not clock.open):
        return  # met before, or ended, which follows from the StatusChanged
    if _met(case, name):
        if clock.met_at is None:
            if not clock.open:
                _resume(draft, clock)  # it had ended with its case, which is back
            at = _met_at(draft, name)
            _recompute(draft, name, at)  # what is met too late was breached first
            draft.happen(ClockMet(at=at, clock=name, due=due_instant(draft, _clock(draft, name))))
        return
    if not clock.open:
        _resume(draft, clock)
    rests = _rests(draft, name, rule)
    clock = _clock(draft, name)
    if clock.running and rests:
        draft.happen(_paused(draft, clock, rests))
    elif not clock.running and not rests:
        _resume(draft, clock)


def _rests(draft: Draft, name: ClockName, rule: ClockRule) -> str:
    """Return why time does not count now, "" when it does."""
    case = draft.open_case
    if any(stands_in(case, reference) for reference in rule.paused_in):
        return shown(case.status, case.cause)
    if name is ClockName.RESOLUTION and (wanted := missing(draft.process, case)):
        return f"missing: {', '.join(wanted)}"
    return ""


def _met(case: Case, name: ClockName) -> bool:
    """Did what the clock waits for happen? Resolution is the only one that can be taken back."""
    if name is ClockName.PICKUP:
        return case.picked_up_at is not None
    if name is ClockName.RESPONSE:
        return case.answered_at is not None
    return case.kind is Kind.RESOLVED or (case.kind is Kind.CLOSED and case.solved)


def _met_at(draft: Draft, name: ClockName) -> datetime:
    """Return when what the clock waits for happened: before now where the clock begins only after it (4).

    Before now also where commands are taken back whose mail had answered or picked up by its words.
    """
    case = draft.open_case
    since = {ClockName.PICKUP: case.picked_up_at, ClockName.RESPONSE: case.answered_at}
    happened = since.get(name, case.status_since) or draft.now
    return max(happened, _clock(draft, name).spans[-1].start)


def _paused(draft: Draft, clock: Clock, why: str) -> ClockPaused:
    due = due_instant(draft, ledger.paused(clock, draft.now, why))
    return ClockPaused(at=draft.now, clock=clock.name, due=due, cause=why)


def _resume(draft: Draft, clock: Clock) -> None:
    status = shown(draft.open_case.status, draft.open_case.cause)
    due = due_instant(draft, ledger.resumed(clock, draft.now, status))
    draft.happen(ClockResumed(at=draft.now, clock=clock.name, due=due, cause=status))


def _recompute(draft: Draft, name: ClockName, until: datetime) -> None:
    """Tell a due instant that changed with the priority, the type, the calendar or the process.

    `until` is when the clock stops counting: what is due after it is not late.
    """
    clock = draft.open_case.clock(name)
    if clock is None or not clock.open:
        return
    due = due_instant(draft, clock)
    if due != clock.due:
        rule = draft.process.clocks[name]
        target = clock_target(draft.process, draft.open_case, name)
        calendar = clock_calendar(draft.process, draft.facts.desk, rule, target)
        used = round(ledger.used(clock, calendar, draft.now).total_seconds())
        draft.happen(ClockChanged(at=draft.now, clock=name, due=due, used_seconds=used))
    if due is not None and due < until and clock.breached_at is None:
        draft.happen(ClockBreached(at=_breached_at(draft, name, due), clock=name, due=due))


def _breached_at(draft: Draft, name: ClockName, due: datetime) -> datetime:
    """Return when it was breached: now, by a change; or at the due instant told before, which nobody has seen pass."""
    told = draft.before.clock(name) if draft.before is not None else None
    return due if told is not None and told.due == due else draft.now


def _clock(draft: Draft, name: ClockName) -> Clock:
    """Return a clock that is known to be there."""
    return next(clock for clock in draft.open_case.clocks if clock.name == name)
