"""Reminder ladders: what happens step by step while the customer stays silent.

The first step counts from when the status began, each further one from when the step before was really sent
(`semantics.md` 5). A human mail of the customer ends the ladder; an automatic one does not.
"""

from collections.abc import Iterator

from mailbot.event import ReminderSent, StepPutOff
from mailbot.model import Case, Deadline
from mailbot.people import Desk
from mailbot.process import Ladder, Process, Step
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.case.place import ladder_of
from mailbot.rules.clock.clocks import settle
from mailbot.rules.counting.hours import after, service_hours
from mailbot.rules.notice import notices, notify

LADDER = "ladder"


def next_step(case: Case, process: Process, desk: Desk) -> Iterator[Deadline]:
    """Yield the one step that is next, if a ladder runs in the case's status."""
    ladder = ladder_of(process, case)
    if ladder is None or case.ladder_ended or (step := _step(case, ladder)) is None:
        return
    hours = service_hours(process, desk)
    due = after(case.reminded_at or case.status_since, step.after, hours)
    if case.away_until is not None and due < case.away_until:
        due = hours.next_opening(case.away_until)
    cycle = f"{case.status_since.isoformat()}/{case.reminders + 1}"
    yield Deadline(case=case.number, rule=f"{LADDER}:{ladder.name}", cycle=cycle, due=due)


def climb(draft: Draft) -> None:
    """Take the next step: remind, or close with the step's reason; never outside service hours, however late it is."""
    case = draft.open_case
    opening = service_hours(draft.process, draft.facts.desk).next_opening(draft.now)
    if opening > draft.now:
        draft.happen(StepPutOff(at=draft.now, until=opening))
        return
    ladder = ladder_of(draft.process, case)
    step = _step(case, ladder) if ladder else None
    assert step is not None, "a deadline that does not stand is not fired"
    if step.do == "remind":
        draft.happen(ReminderSent(at=draft.now, number=case.reminders + 1))
        notices.reminder(draft)
        return
    solved = step.reason in draft.process.closing.solved
    draft.move(draft.process.moves.closed, reason=step.reason, actor=MAILBOT, solved=solved)
    settle(draft)
    notify.of_case(draft, actor=MAILBOT)


def attempted(draft: Draft) -> None:
    """Count a member's own further mail to the customer as the next attempt, where the process says so."""
    case, before = draft.open_case, draft.before
    ladder = ladder_of(draft.process, case)
    same = before is not None and (before.status, before.cause) == (case.status, case.cause)
    if ladder is None or not ladder.own_mail_counts or not same or case.ladder_ended:
        return
    step = _step(case, ladder)
    if step is not None and step.do == "remind":
        draft.happen(ReminderSent(at=draft.now, number=case.reminders + 1))


def _step(case: Case, ladder: Ladder) -> Step | None:
    """Return the step after those already taken, None at the top."""
    return ladder.steps[case.reminders] if case.reminders < len(ladder.steps) else None
