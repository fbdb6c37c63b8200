"""The functional core: one cause in, everything that follows from it out. Pure: same arguments, same answer."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.decision import (
    Cause,
    DeadlineCame,
    Decision,
    DeliveryReported,
    Facts,
    MailArrived,
    WordGiven,
)
from mailbot.event import DeliveryFailed
from mailbot.model import Case
from mailbot.process import Process
from mailbot.rules import arrival, deadlines, notify
from mailbot.rules.clocks import settle
from mailbot.rules.commands import run
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import read
from mailbot.rules.receipt import Line
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.words import vocabulary


def decide(cases: Mapping[int, Case], cause: Cause, facts: Facts, process: Process, now: datetime) -> Decision:
    """Say what happens to which case, and what mail that makes. Raises only on programming errors."""
    draft = Draft(facts=facts, process=process, now=now)
    match cause:
        case MailArrived():
            arrival.arrive(draft, cause)
        case DeadlineCame(deadline=deadline):
            _on(draft, cases[deadline.case])
            deadlines.fire(draft, deadline)
        case DeliveryReported():
            _on(draft, cases[cause.case])
            _not_delivered(draft, cause)
        case WordGiven():
            _on(draft, cases[cause.case])
            return _spoken(draft, cause)
    return draft.decision()


def _on(draft: Draft, case: Case) -> None:
    """Begin with a known case; no cause is earlier than its latest event."""
    draft.case = draft.before = case
    draft.now = max(draft.now, case.latest)


def _not_delivered(draft: Draft, cause: DeliveryReported) -> None:
    """The relay refused a notice for good: the case shows it and who works on it hears; never about such a mail itself."""
    draft.happen(DeliveryFailed(at=draft.now, to=cause.to, status=cause.status))
    if cause.template != "delivery_failed":
        notify.delivery_failed(draft, to=cause.to, status=cause.status, reason=cause.reason)


def _spoken(draft: Draft, cause: WordGiven) -> Decision:
    """Commands from the shell: the grammar and the rights of the mails; the transcript is the reason, line by line."""
    member = draft.facts.directory.member(cause.actor) is not None
    actor = Actor(address=cause.actor, member=member)
    entries = vocabulary(draft.process, draft.facts.directory, member=member)
    reading = read(cause.text, [entry.word for entry in entries])
    lines: tuple[Line, ...] = run(draft, reading, entries, actor)
    draft.reason = "\n".join(line.said for line in lines)
    if not lines or any(not line.ok for line in lines):
        draft.reason = draft.reason or f"no command in {cause.text!r}"
        draft.hit("refused", draft.reason)
        return draft.decision()
    settle(draft)
    notify.of_case(draft, actor=cause.actor, words=Words())
    return draft.decision()
