"""`hold until DATE`: put aside until a date, back by itself at the opening of service (`semantics.md` 12)."""

from collections.abc import Iterator
from datetime import date, datetime

from mailbot.event import Kind
from mailbot.model import Case, Deadline
from mailbot.process import Process
from mailbot.rules.case import flow
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.case.place import came_from
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command.arguments import out_of_reach
from mailbot.rules.command.entry import Entry
from mailbot.rules.counting.hours import service_hours
from mailbot.rules.notice import notify
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

END_OF_HOLD = "end-of-hold"


def entries(process: Process) -> Iterator[Entry]:
    """Yield the word, where the process has a status for it."""
    if process.moves.held:
        yield Entry(
            word=Word(word="hold", takes=Takes.CHOICE, read=read_until, choices=("until 2026-04-01",)),
            usage="hold until DATE",
            help=say("Put the case aside; it comes back by itself."),
            example="hold until 2030-04-01",
            run=hold,
        )


def read_until(text: str) -> str | None:
    """Read `until 2026-04-01`; None for anything else."""
    word, _, rest = text.strip().partition(" ")
    try:
        return date.fromisoformat(rest.strip()).isoformat() if word.lower() == "until" else None
    except ValueError:
        return None


def hold(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Put the case aside; it comes back at the opening of service on that date, or on the next service day."""
    case, process = draft.open_case, draft.process
    until = instant_of(draft, given.argument)
    if isinstance(until, No):
        return until
    if case.kind is not Kind.ON_HOLD and (refusal := flow.refusal(process, case, process.moves.held)):
        return No(reason=refusal)
    draft.move(process.moves.held, reason=f"until {given.argument}", actor=actor.address, until=until)
    return Said(
        said=say("the case is %(held)s until %(argument)s", held=process.moves.held, argument=given.argument),
        undo=f"status {case.status}",
    )


def instant_of(draft: Draft, day: str) -> datetime | No:
    """Return when something that lasts until a date ends, or why that date cannot be meant."""
    read = date.fromisoformat(day)
    if wrong := out_of_reach(read):
        return No(reason=wrong)
    until = service_hours(draft.process, draft.facts.desk).opening_on(read)
    if until <= draft.now:
        return No(reason=say("%(argument)s is past; name a date to come", argument=day))
    return until


def deadlines(case: Case) -> Iterator[Deadline]:
    """Yield the end of the hold."""
    if case.kind is Kind.ON_HOLD and case.hold_until is not None:
        yield Deadline(case=case.number, rule=END_OF_HOLD, cycle=case.status_since.isoformat(), due=case.hold_until)


def end(draft: Draft) -> None:
    """Bring the case back to the status before; those who work on it hear, and so does the customer."""
    draft.move(came_from(draft.open_case), reason="the hold ended", actor=MAILBOT)
    settle(draft)
    notify.of_case(draft, actor=MAILBOT)
