"""The words that move a case to where it stands next (`contract.md`, command words; `semantics.md` 10)."""

from mailbot.event import Kind
from mailbot.process import Process
from mailbot.rules.case import flow
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import kind_of, place, shown, written
from mailbot.rules.command.arguments import Reader
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.words_own import no_solution
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say


def of_status(process: Process) -> Entry:
    """Return the word that asks for the status, and sets it."""
    return Entry(
        word=_status(process),
        usage="status, status NAME",
        help=say("The state of the case; with a name, move it there."),
        group=Group.CASE,
        everyday=True,
        example="status",
        run=status,
    )


def of_closing() -> Entry:
    """Return the word that closes."""
    return Entry(
        word=Word(word="close", takes=Takes.TEXT),
        usage="close: REASON",
        help=say("Close the case; after a fix no reason is needed."),
        everyday=True,
        example="close: the customer withdrew it",
        run=close,
    )


def status(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Move the case to a status by name; without a name the report follows."""
    if not given.argument:
        return Said(said=say("the state of the case follows in a mail of its own"))
    case = draft.open_case
    where, _, solution = given.argument.partition("\t")
    if refusal := flow.refusal(draft.process, case, where):
        return No(reason=refusal)
    asked = any(command.needs_solution and place(command.to)[0] == where for command in draft.process.commands)
    if asked and (wrong := no_solution(draft, solution)):
        return No(reason=wrong)
    kind = kind_of(draft.process, *place(where))
    if kind is Kind.CLOSED:
        return close(draft, given=Given(word="close", argument="", line=given.line), actor=actor)
    if kind is Kind.ON_HOLD:
        return No(reason=say("%(where)s has an end: write 'hold until' and a date such as 2026-04-01", where=where))
    draft.move(where, reason=solution or f"set by {actor.address}", actor=actor.address, solution=solution)
    return Said(
        said=say("the case is %(status)s, it was %(old)s", status=shown(*place(where)), old=case.status),
        undo=f"status {written(case)}",
    )


def close(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Close the case; a reason is needed unless it is resolved (`semantics.md` 10)."""
    case = draft.open_case
    closing = draft.process.closing
    if refusal := flow.refusal(draft.process, case, draft.process.moves.closed):
        return No(reason=refusal)
    resolved = case.kind is Kind.RESOLVED
    reason = given.argument.rstrip(".") or (closing.solved[0] if resolved and closing.solved else "")
    if not reason:
        return No(reason=say("closing needs a reason: write 'close: REASON'"))
    solved = resolved or reason.casefold() in {s.casefold() for s in closing.solved}
    draft.move(draft.process.moves.closed, reason=reason, actor=actor.address, solved=solved)
    return Said(said=say("the case is closed: %(reason)s", reason=reason), undo="reopen")


def _status(process: Process) -> Word:
    return Word(word="status", takes=Takes.OPTIONAL, read=_place(process), choices=_statuses(process))


def _solved_in(process: Process) -> tuple[str, ...]:
    """Return the statuses that a company's word reaches only with the kind of solution."""
    return tuple(place(command.to)[0] for command in process.commands if command.needs_solution)


def _statuses(process: Process) -> tuple[str, ...]:
    """Return every place, a cause behind its status as people write it."""
    return tuple(
        f"{status.name}{f' {cause}' if cause else ''}" for status in process.statuses for cause in ("", *status.causes)
    )


def _place(process: Process) -> Reader:
    """Return a reader of places: `Pending customer` is `Pending: customer`."""
    known = {
        f"{status.name} {cause}".strip().casefold(): f"{status.name}: {cause}" if cause else status.name
        for status in process.statuses
        for cause in ("", *status.causes)
    }
    kinds = [solution.name for solution in process.solutions]
    known |= {f"{name} {kind}".casefold(): f"{name}\t{kind}" for name in _solved_in(process) for kind in kinds}
    return lambda text: known.get(" ".join(text.replace(":", " ").split()).casefold())
