"""What the command words of members do to a case (`contract.md`, command words; `semantics.md` 10, 12, 13).

Each function lets its events happen to the draft and says what it did, or says no and changes nothing.
"""

from mailbot.event import CaseAssigned, Kind, PriorityChanged, TypeChanged
from mailbot.model import Case
from mailbot.rules import flow
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given
from mailbot.rules.place import kind_of, place, shown, stands_in
from mailbot.rules.spoken import Actor, No, Outcome, Said

#: What `send` takes: the text of a refused mail, without reading commands in it.
AS_IS = "as is"


def take(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Assign the case to the one who says so; a new case goes to the active status."""
    del given
    case = draft.open_case
    if case.kind is Kind.CLOSED:
        return No(reason=f"the case is {case.status}; 'reopen' takes it back first")
    old = case.assignee
    pick_up(draft, actor.address)
    case = draft.open_case
    known = f"priority {case.priority}" if case.priority else "no priority yet"
    said = f"the case is yours; type {case.type}, {known}: please confirm or correct both"
    return Said(said=said, undo=f"assign {old}" if old and old != actor.address else "")


def pick_up(draft: Draft, address: str) -> None:
    """Let a member have the case, and a new case go to the active status where the flow has that step."""
    case = draft.open_case
    if case.assignee != address:
        draft.happen(CaseAssigned(at=draft.now, assignee=address, actor=address))
    _begin(draft, draft.process.moves.taken, reason="taken", actor=address)


def reply(draft: Draft, address: str) -> None:
    """Let a new case go where a member's answer leads (`semantics.md` 12)."""
    moves = draft.process.moves
    _begin(draft, moves.replied or moves.taken, reason="answered", actor=address)


def _begin(draft: Draft, status: str, *, reason: str, actor: str) -> None:
    case = draft.open_case
    if status and case.kind is Kind.NEW and not flow.refusal(draft.process, case, status):
        draft.move(status, reason=reason, actor=actor)


def assign(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Give the case to a person or a team; the status stays (`semantics.md` 12)."""
    case = draft.open_case
    if case.kind is Kind.CLOSED:
        return No(reason=f"the case is {case.status}; 'reopen' takes it back first")
    if case.assignee == given.argument:
        return Said(said=f"{given.argument} has the case already")
    draft.happen(CaseAssigned(at=draft.now, assignee=given.argument, actor=actor.address))
    return Said(said=f"the case is with {given.argument}", undo=f"assign {case.assignee}" if case.assignee else "")


def priority(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Set the priority; clocks follow."""
    old = draft.open_case.priority
    if old == given.argument:
        return Said(said=f"the priority is {old} already")
    draft.happen(PriorityChanged(at=draft.now, old=old, new=given.argument, actor=actor.address))
    before = f", it was {old}" if old else ""
    return Said(said=f"the priority is {given.argument}{before}", undo=f"priority {old}" if old else "")


def type_(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Set the type, and the priority that goes with it, where the process names one."""
    old = draft.open_case.type
    if old == given.argument:
        return Said(said=f"the type is {old} already")
    draft.happen(TypeChanged(at=draft.now, old=old, new=given.argument, actor=actor.address))
    said = f"the type is {given.argument}, it was {old}"
    sets = next(t.priority for t in draft.process.types if t.name == given.argument)
    before = draft.open_case.priority
    if sets and sets != before:
        draft.happen(PriorityChanged(at=draft.now, old=before, new=sets, actor=actor.address))
        said += f"; that sets the priority to {sets}" + (f", it was {before}" if before else "")
    return Said(said=said, undo=f"type {old}")


def status(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Move the case to a status by name; without a name the report follows."""
    if not given.argument:
        return Said(said="the state of the case follows in a mail of its own")
    case = draft.open_case
    where, _, solution = given.argument.partition("\t")
    if refusal := flow.refusal(draft.process, case, where):
        return No(reason=refusal)
    asked = any(command.needs_solution and place(command.to)[0] == where for command in draft.process.commands)
    if asked and (wrong := _no_solution(draft, solution)):
        return No(reason=wrong)
    kind = kind_of(draft.process, *place(where))
    if kind is Kind.CLOSED:
        return close(draft, given=Given(word="close", argument="", line=given.line), actor=actor)
    if kind is Kind.ON_HOLD:
        return No(reason=f"{where} has an end: write 'hold until' and a date such as 2026-04-01")
    draft.move(where, reason=solution or f"set by {actor.address}", actor=actor.address, solution=solution)
    return Said(said=f"the case is {shown(*place(where))}, it was {case.status}", undo=f"status {_here(case)}")


def close(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Close the case; a reason is needed unless it is resolved (`semantics.md` 10)."""
    case = draft.open_case
    closing = draft.process.closing
    if refusal := flow.refusal(draft.process, case, draft.process.moves.closed):
        return No(reason=refusal)
    resolved = case.kind is Kind.RESOLVED
    reason = given.argument.rstrip(".") or (closing.solved[0] if resolved and closing.solved else "")
    if not reason:
        return No(reason="closing needs a reason: write 'close: REASON'")
    solved = resolved or reason.casefold() in {s.casefold() for s in closing.solved}
    draft.move(draft.process.moves.closed, reason=reason, actor=actor.address, solved=solved)
    return Said(said=f"the case is closed: {reason}", undo="reopen")


def note(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """The words stay inside the team; that they do is seen to where the words are added."""
    del draft, given, actor
    return Said(said="your words stay inside the team")


def send(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the text of the member's latest refused mail go out; the words are added where those of any mail are."""
    del given
    if not refused_text(draft, actor):
        return No(reason="there is no refused text of yours on this case that could go out")
    return Said(said="your text went to the customer as it was")


def refused_text(draft: Draft, actor: Actor) -> str:
    """Return the text of the member's latest refused mail, "" if there is none, or it is somebody else's."""
    case = draft.before
    return case.refused_text if case and case.refused_by == actor.address else ""


def only_to_the_desk(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """`for` opens a case; in an answer to one it makes no sense."""
    del draft, actor
    return No(reason=f"'for {given.argument}' opens a new case: send it to the desk's address, not in answer to a case")


def only_held(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """`admit` lets a held mail in; in answer to a case it makes no sense."""
    del draft, actor
    return No(reason=f"'{given.line}' is for a held mail: send it to the desk's address, not about a case")


def own(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """A word of the company's own moves the case to its status; said again there, only its words go out."""
    case = draft.open_case
    command = next(command for command in draft.process.commands if command.word == given.word)
    solution = given.argument.partition(":")[0] if command.needs_solution else ""
    if command.needs_solution and (wrong := _no_solution(draft, solution)):
        return No(reason=wrong)
    if stands_in(case, command.to):
        return Said(said=f"the case is {shown(*place(command.to))} already; your words go out")
    if refusal := flow.refusal(draft.process, case, command.to):
        return No(reason=refusal)
    before = _here(case)
    draft.move(command.to, reason=solution or given.word, actor=actor.address, solution=solution)
    return Said(said=f"the case is {shown(*place(command.to))}, it was {case.status}", undo=f"status {before}")


def _no_solution(draft: Draft, solution: str) -> str:
    """Return why this kind of solution does not count at the case's priority, with those that do; "" if it does."""
    priority_ = draft.open_case.priority
    kinds = [s.name for s in draft.process.solutions if not s.priorities or priority_ in s.priorities]
    if solution in kinds:
        return ""
    what = f"{solution} does not count at {priority_}" if solution else "name the kind of solution"
    return f"{what}; at {priority_} there are: {', '.join(kinds)}"


def _here(case: Case) -> str:
    """Return how a command names where the case stands."""
    return f"{case.status} {case.cause}".strip()
