"""What the command words of members do to a case (`contract.md`, command words; `semantics.md` 10, 12, 13).

Each function lets its events happen to the draft and says what it did, or says no and changes nothing.
"""

from mailbot.event import CaseAssigned, Kind, PriorityChanged, TypeChanged
from mailbot.rules import flow
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given
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
    said = f"the case is yours; type {case.type}, priority {case.priority}: please confirm or correct both"
    return Said(said=said, undo=f"assign {old}" if old and old != actor.address else "")


def pick_up(draft: Draft, address: str) -> None:
    """Let a member have the case, and a new case go to the active status where the flow has that step."""
    case = draft.open_case
    if case.assignee != address:
        draft.happen(CaseAssigned(at=draft.now, assignee=address, actor=address))
    if case.kind is Kind.NEW and not flow.refusal(draft.process, case, draft.process.moves.taken):
        draft.move(draft.process.moves.taken, reason="taken", actor=address)


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
    return Said(said=f"the priority is {given.argument}, it was {old}", undo=f"priority {old}")


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
        said += f"; that sets the priority to {sets}, it was {before}"
    return Said(said=said, undo=f"type {old}")


def status(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Move the case to a status by name; without a name the report follows."""
    if not given.argument:
        return Said(said="the state of the case follows in a mail of its own")
    case = draft.open_case
    if refusal := flow.refusal(draft.process, case, given.argument):
        return No(reason=refusal)
    kind = draft.process.status(given.argument).kind
    if kind is Kind.CLOSED:
        return close(draft, given=Given(word="close", argument="", line=given.line), actor=actor)
    draft.move(given.argument, reason=f"set by {actor.address}", actor=actor.address)
    return Said(said=f"the case is {given.argument}, it was {case.status}", undo=f"status {case.status}")


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


def own(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """A word of the company's own moves the case to its status; said again there, only its words go out."""
    case = draft.open_case
    target = next(command.to for command in draft.process.commands if command.word == given.word)
    if case.status == target:
        return Said(said=f"the case is {target} already; your words go out")
    if refusal := flow.refusal(draft.process, case, target):
        return No(reason=refusal)
    draft.move(target, reason=given.word, actor=actor.address)
    return Said(said=f"the case is {target}, it was {case.status}", undo=f"status {case.status}")
