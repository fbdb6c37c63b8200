"""The moments at which something must happen to a case whatever mail comes: warnings, breaches, ladder steps.

`deadlines` computes them anew from the case after every decision; the store keeps them as indexed rows. When one is
due, `fire` lets happen what it stands for, if it still stands (`semantics.md` 1, 2, 5).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailbot.event import ClockBreached, ClockName, ClockWarned
from mailbot.model import Case, Clock, Deadline
from mailbot.people import Desk
from mailbot.process import Process
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.clock import alarm, entitlement, ladder
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import hold, snooze
from mailbot.rules.counting import ledger
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target
from mailbot.rules.mail import survey
from mailbot.rules.notice import notices, notify

WARNING, BREACH = "warning", "breach"
#: A reminder or close that comes no later than this after it was due is on time.
PROMPT = timedelta(minutes=1)


def deadlines(case: Case, process: Process, desk: Desk) -> tuple[Deadline, ...]:
    """Return everything that will be due on this case if no mail comes."""
    clocks = (deadline for clock in case.clocks for deadline in _of_clock(case, clock, process, desk))
    return (
        *clocks,
        *alarm.deadlines(case, process, desk),
        *ladder.next_step(case, process, desk),
        *hold.deadlines(case),
        *snooze.deadlines(case),
        *entitlement.deadlines(case, process, desk),
        *survey.deadlines(case, process, desk),
    )


def instant(deadline: Deadline, now: datetime) -> datetime:
    """Return when what the deadline stands for happens, though it may be done later than it was due.

    What follows from the passing of time happens when it was due; a mail to the customer when it is really sent, so
    that the step after it counts from there (`semantics.md` 4, 5).
    """
    mails = deadline.rule.startswith(f"{ladder.LADDER}:") or deadline.rule == survey.SURVEY
    return now if mails and now - deadline.due > PROMPT else deadline.due


def fire(draft: Draft, deadline: Deadline, now: datetime) -> None:
    """Let happen what the deadline stands for; if it stands no more, what the rules of today say instead.

    Deadlines are set anew with their case, so one that does not stand was set under other rules.
    """
    if deadline not in deadlines(draft.open_case, draft.process, draft.facts.desk):
        draft.hit("deadlines", f"{deadline.rule} no longer stands")
        draft.now = max(draft.now, now)
        settle(draft)
        notify.breaches(draft, MAILBOT)
        return
    rule, _, name = deadline.rule.partition(":")
    draft.hit("deadlines", f"{deadline.rule} was due at {deadline.due.isoformat()}")
    match rule:
        case ladder.LADDER:
            ladder.climb(draft)
        case alarm.ALARM:
            alarm.ring(draft, name)
        case hold.END_OF_HOLD:
            hold.end(draft)
        case snooze.BACK:
            snooze.end(draft)
        case entitlement.ENDING | entitlement.ENDED:
            entitlement.tell(draft, rule)
        case survey.SURVEY:
            survey.ask(draft)
        case _:
            _clock(draft, rule, ClockName(name), deadline)


def _clock(draft: Draft, rule: str, clock: ClockName, deadline: Deadline) -> None:
    """A clock runs out, or has run out."""
    if rule == WARNING:
        draft.happen(ClockWarned(at=draft.now, clock=clock, due=_told_due(draft, clock)))
    else:
        draft.happen(ClockBreached(at=deadline.due, clock=clock, due=deadline.due))
    notices.clock_alarm(draft, clock, breached=rule == BREACH)


def _of_clock(case: Case, clock: Clock, process: Process, desk: Desk) -> Iterator[Deadline]:
    """Yield the warning and the breach of a clock that is open and has a limit.

    One that rests has them only where the time was used up before, at the very end of a span that counted.
    """
    if not clock.open or clock.name not in process.clocks or clock.breached_at:
        return
    rule = process.clocks[clock.name]
    target = clock_target(process, case, clock.name)
    calendar = clock_calendar(process, desk, rule, target)
    limit = budget(target, calendar)
    due = ledger.due(clock, calendar, limit)
    if limit is None:
        return
    share = rule.warn_at
    if target.lower is not None and target.upper is not None:
        share = target.lower.number / target.upper.number
    warning = ledger.at_share(clock, calendar, limit, share)
    if clock.warned_at is None and warning is not None and (due is None or warning < due):
        yield Deadline(case=case.number, rule=f"{WARNING}:{clock.name}", cycle=_cycle(clock), due=warning)
    if due is not None:
        yield Deadline(case=case.number, rule=f"{BREACH}:{clock.name}", cycle=_cycle(clock), due=due)


def _cycle(clock: Clock) -> str:
    """Tell a deadline from one that was set before the clock last moved."""
    return str(len(clock.spans))


def _told_due(draft: Draft, name: ClockName) -> datetime | None:
    clock = draft.open_case.clock(name)
    return clock.due if clock else None
