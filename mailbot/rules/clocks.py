"""When clocks start, rest, go on, are met, and when their due instant changes (`semantics.md` 4, 6 to 9).

`settle` looks at the case as the mail left it and lets those clock events happen that make its ledgers true. What
fires by itself later (warning, breach) is a deadline: see `mailbot.rules.deadlines`.
"""

from datetime import datetime

from mailbot.event import (
    ClockBreached,
    ClockChanged,
    ClockMet,
    ClockName,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    Kind,
)
from mailbot.model import Case, Clock
from mailbot.process import ClockRule
from mailbot.rules import ledger
from mailbot.rules.draft import Draft
from mailbot.rules.hours import budget, clock_calendar, clock_target


def settle(draft: Draft) -> None:
    """Let every clock event happen that the case as it is now asks for, clock by clock."""
    for name in ClockName:
        if rule := draft.process.clocks.get(name):
            _start(draft, name, rule)
            _move(draft, name, rule)
            _recompute(draft, name)


def due_instant(draft: Draft, clock: Clock) -> datetime | None:
    """Return when the clock will have, or had, used up its target at the case's priority."""
    rule = draft.process.clocks[clock.name]
    calendar = clock_calendar(draft.process, draft.facts.desk, rule)
    target = clock_target(draft.process, draft.open_case, clock.name)
    return ledger.due(clock, calendar, budget(target, calendar))


def _start(draft: Draft, name: ClockName, rule: ClockRule) -> None:
    case = draft.open_case
    if case.clock(name) is not None:
        return
    since = case.opened if rule.starts == "opened" else case.picked_up_at
    if since is None or (case.kind is Kind.CLOSED and not _met(case, name)):
        return
    new = ledger.started(name, since, running=True, cause=rule.starts)
    draft.happen(
        ClockStarted(
            at=draft.now, clock=name, due=due_instant(draft, new), since=since, cause=rule.starts.replace("-", " ")
        )
    )


def _move(draft: Draft, name: ClockName, rule: ClockRule) -> None:
    """Bring the ledger from what it says to what the case says."""
    case = draft.open_case
    clock = case.clock(name)
    if clock is None or (case.kind is Kind.CLOSED and not clock.open):
        return  # met before, or ended, which follows from the StatusChanged
    if _met(case, name):
        if clock.met_at is None:
            _recompute(draft, name)  # what is met too late was breached first
            draft.happen(ClockMet(at=draft.now, clock=name, due=due_instant(draft, clock)))
        return
    if not clock.open:
        _resume(draft, clock)
    rests = case.status in rule.paused_in
    clock = _clock(draft, name)
    if clock.running and rests:
        draft.happen(_paused(draft, clock))
    elif not clock.running and not rests:
        _resume(draft, clock)


def _met(case: Case, name: ClockName) -> bool:
    """Did what the clock waits for happen? Resolution is the only one that can be taken back."""
    if name is ClockName.PICKUP:
        return case.picked_up_at is not None
    if name is ClockName.RESPONSE:
        return case.answered_at is not None
    return case.kind is Kind.RESOLVED or (case.kind is Kind.CLOSED and case.solved)


def _paused(draft: Draft, clock: Clock) -> ClockPaused:
    status = draft.open_case.status
    due = due_instant(draft, ledger.paused(clock, draft.now, status))
    return ClockPaused(at=draft.now, clock=clock.name, due=due, cause=status)


def _resume(draft: Draft, clock: Clock) -> None:
    status = draft.open_case.status
    due = due_instant(draft, ledger.resumed(clock, draft.now, status))
    draft.happen(ClockResumed(at=draft.now, clock=clock.name, due=due, cause=status))


def _recompute(draft: Draft, name: ClockName) -> None:
    """Tell a due instant that changed with the priority, the type, the calendar or the process."""
    clock = draft.open_case.clock(name)
    if clock is None or not clock.open:
        return
    due = due_instant(draft, clock)
    if due != clock.due:
        rule = draft.process.clocks[name]
        calendar = clock_calendar(draft.process, draft.facts.desk, rule)
        used = round(ledger.used(clock, calendar, draft.now).total_seconds())
        draft.happen(ClockChanged(at=draft.now, clock=name, due=due, used_seconds=used))
    if due is not None and due < draft.now and clock.breached_at is None:
        draft.happen(ClockBreached(at=draft.now, clock=name, due=due))


def _clock(draft: Draft, name: ClockName) -> Clock:
    """Return a clock that is known to be there."""
    return next(clock for clock in draft.open_case.clocks if clock.name == name)
