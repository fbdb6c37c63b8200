"""The functional core: one cause in, everything that follows from it out. Pure: same arguments, same answer."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.bundle import BundleCame
from mailbot.decision import (
    AccountCame,
    AlarmOver,
    Cause,
    DeadlineCame,
    Decision,
    DeliveryReported,
    MailArrived,
    WordGiven,
)
from mailbot.digest import MemberReturned, OpeningCame
from mailbot.facts import Facts
from mailbot.model import Case
from mailbot.process import Process
from mailbot.rules import deadlines, shell
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.clock import clocks
from mailbot.rules.command import recalling, run_record, snooze
from mailbot.rules.mail import arrival
from mailbot.rules.notice import (
    account,
    alarms,
    bundling,
    digest,
    due_times,
    notify,
    returning,
    standing,
    withheld,
)


def decide(cases: Mapping[int, Case], cause: Cause, facts: Facts, process: Process, now: datetime) -> Decision:
    """Say what happens to which case, and what mail that makes. Raises only on programming errors."""
    draft = Draft(facts=facts, process=process, now=now, cases=cases)
    match cause:
        case MailArrived():
            arrival.arrive(draft, cause)
            snooze.wake(draft)
            run_record.record(draft, cause.inbox_id)
            recalling.delay(draft, cause)
        case DeadlineCame(deadline=deadline):
            draft.now = deadlines.instant(deadline, now)
            _on(draft, cases[deadline.case])
            deadlines.fire(draft, deadline, now)
        case DeliveryReported():
            _not_delivered(draft, cases, cause)
        case WordGiven():
            _on(draft, cases[cause.case])
            shell.speak(draft, cause)
            snooze.wake(draft)
            run_record.record(draft, 0)
            if not draft.hits:
                draft.hit("shell", f"said from the shell in the name of {cause.actor}")
        case OpeningCame() | MemberReturned() | AccountCame() | BundleCame() | AlarmOver():
            _told(draft, cause)
        case _:  # the ground changed
            _on(draft, cases[cause.case])
            draft.hit("ground", "the process, the directory or the desk's place is another one")
            clocks.settle(draft)
            notify.breaches(draft, MAILBOT)
    withheld.hold_back(draft)
    due_times.attach(draft)
    return draft.decision()


def _told(draft: Draft, cause: OpeningCame | MemberReturned | AccountCame | BundleCame | AlarmOver) -> None:
    """Tell what changes no case."""
    match cause:
        case OpeningCame():
            digest.tell(draft, cause)
        case MemberReturned():
            returning.tell(draft, cause)
        case AccountCame():
            account.tell(draft, cause)
        case BundleCame():
            bundling.tell(draft, cause)
        case _:  # an alarm is over
            alarms.over(draft, cause)


def _on(draft: Draft, case: Case) -> None:
    """Begin with a known case; no cause is earlier than its latest event."""
    draft.case = draft.before = case
    draft.now = max(draft.now, case.latest)


def _not_delivered(draft: Draft, cases: Mapping[int, Case], cause: DeliveryReported) -> None:
    """The relay refused a notice for good: the case shows it and who works on it hears, but not of such a notice."""
    if cause.case is not None:
        _on(draft, cases[cause.case])
    draft.hit("delivery", f"the notice {cause.template} did not reach {cause.to}: {cause.reason}")
    standing.failed(
        draft,
        to=cause.to,
        status=cause.status,
        kind=standing.kind_of(cause.status),
        reason="",
        said=cause.reason,
        template=cause.template,
    )
