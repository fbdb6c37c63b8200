"""What the command words of members do to a case (`contract.md`, command words; `semantics.md` 10, 12, 13).

Each function lets its events happen to the draft and says what it did, or says no and changes nothing.
"""

from collections.abc import Iterator

from mailbot.event import CaseAssigned, Kind, PriorityChanged, TypeChanged
from mailbot.people import Staff
from mailbot.process import Priority, Process
from mailbot.rules.case import flow
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import absence, words_customer, words_status
from mailbot.rules.command.arguments import member_or_team, one_of
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.post import AS_IS
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

#: What `send` means alone: an answer that is held.
HELD = "held"
#: Why an answer is held that `send` lets go (`mailbot.rules.mail.crossing`).
OUTDATED = "outdated-answer"


def entries(process: Process, staff: Staff) -> Iterator[Entry]:
    """Yield the words of daily work; what a word may take stands in the process and the directory."""
    yield words_status.of_status(process)
    yield Entry(
        word=Word(word="reopen", takes=Takes.TEXT),
        usage="reopen, reopen: REASON",
        help=say("Take the case back into work."),
        example="reopen: the customer called, it is back",
        run=words_customer.reopen,
    )
    yield Entry(
        word=Word(word="take"),
        usage="take",
        help=say("The case is yours, and counts as picked up."),
        group=Group.OWNER,
        everyday=True,
        example="take",
        run=take,
    )
    yield Entry(
        word=_assign(staff),
        usage="assign ADDRESS or TEAM",
        help=say("Give the case to a colleague or a team."),
        group=Group.OWNER,
        everyday=True,
        example=_first("assign", _assign(staff)),
        run=assign,
    )
    yield from _of_evaluation(process)
    yield words_status.of_closing()
    yield from _of_words()


def _of_evaluation(process: Process) -> Iterator[Entry]:
    """The words that say what kind of case it is."""
    yield Entry(
        word=_priority(process),
        usage="priority NAME",
        help=say("Set the priority; the targets are computed anew."),
        group=Group.CASE,
        example=_first("priority", _priority(process)),
        run=priority,
    )
    yield Entry(
        word=_type(process),
        usage="type NAME",
        help=say("Set the request type."),
        group=Group.CASE,
        example=_first("type", _type(process)),
        run=type_,
    )


def _of_words() -> Iterator[Entry]:
    """The words that say where the rest of a mail goes, and the one that asks about clocks."""
    yield Entry(
        word=Word(word="note", takes=Takes.TEXT),
        usage="note, note: TEXT",
        help=say("Your words, and all below them, stay inside the team."),
        group=Group.INSIDE,
        everyday=True,
        example="note: he is on holiday next week",
        run=note,
    )
    yield Entry(
        word=Word(word="send", takes=Takes.CHOICE, read=_to_send, choices=(AS_IS,)),
        usage="send, send as is",
        help=say(
            "In answer to the notice of your held answer: it goes out. As is, in answer to a refusal: "
            "the refused text goes out."
        ),
        group=Group.TROUBLE,
        example="send as is",
        run=send,
    )
    yield Entry(
        word=Word(word="why", takes=Takes.TEXT),
        usage="why",
        help=say("Why it is due then: each clock's target, its start, every pause, what is used."),
        group=Group.QUESTION,
        example="why",
        run=words_customer.answered_apart,
    )


def take(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Assign the case to the one who says so; a new case goes to the active status."""
    del given
    case = draft.open_case
    if case.kind is Kind.CLOSED:
        return No(reason=say("the case is %(status)s; 'reopen' takes it back first", status=case.status))
    old = case.assignee
    pick_up(draft, actor.address)
    case = draft.open_case
    known = say("priority %(priority)s", priority=case.priority) if case.priority else say("no priority yet")
    return Said(
        said=say(
            "the case is yours; type %(type)s, %(known)s: please confirm or correct both", type=case.type, known=known
        ),
        undo=f"assign {old}" if old and old != actor.address else "",
    )


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
        return No(reason=say("the case is %(status)s; 'reopen' takes it back first", status=case.status))
    if case.assignee == given.argument:
        return Said(said=say("%(argument)s has the case already", argument=given.argument))
    draft.happen(CaseAssigned(at=draft.now, assignee=given.argument, actor=actor.address))
    back = f"assign {case.assignee}" if case.assignee else ""
    if until := absence.until(draft, given.argument):
        said = say("the case is with %(who)s, who is away until %(date)s", who=given.argument, date=until)
        return Said(said=said, undo=back)
    return Said(said=say("the case is with %(argument)s", argument=given.argument), undo=back)


def priority(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Set the priority; clocks follow."""
    old = draft.open_case.priority
    if old == given.argument:
        return Said(said=say("the priority is %(old)s already", old=old))
    draft.happen(PriorityChanged(at=draft.now, old=old, new=given.argument, actor=actor.address))
    if not old:
        return Said(said=say("the priority is %(new)s", new=given.argument))
    return Said(
        said=say("the priority is %(new)s, it was %(old)s", new=given.argument, old=old), undo=f"priority {old}"
    )


def type_(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Set the type, and the priority that goes with it, where the process names one."""
    old = draft.open_case.type
    if old == given.argument:
        return Said(said=say("the type is %(old)s already", old=old))
    draft.happen(TypeChanged(at=draft.now, old=old, new=given.argument, actor=actor.address))
    said = say("the type is %(new)s, it was %(old)s", new=given.argument, old=old)
    sets = next(t.priority for t in draft.process.types if t.name == given.argument)
    before = draft.open_case.priority
    if sets and sets != before:
        draft.happen(PriorityChanged(at=draft.now, old=before, new=sets, actor=actor.address))
        also = (
            say("that sets the priority to %(new)s, it was %(old)s", new=sets, old=before)
            if before
            else say("that sets the priority to %(new)s", new=sets)
        )
        said = say("%(first)s; %(then)s", first=said, then=also)
    return Said(said=said, undo=f"type {old}")


def note(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """The words stay inside the team; that they do is seen to where the words are added."""
    del draft, given, actor
    return Said(said=say("your words stay inside the team"))


def send(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let a held answer go out, or (`as is`) the text of the member's latest refused mail.

    The words of the latter are added where those of any mail are; the former is decided anew, without being held again.
    """
    found = draft.facts.found
    if given.argument == HELD:
        if not found.held or not found.held_for.startswith(OUTDATED):
            return No(reason=say("that answers no held answer; 'send as is' lets the text of a refused mail go"))
        draft.admitted = found.held
        return Said(said=say("your held answer goes out now"))
    if not refused_text(draft, actor):
        return No(reason=say("there is no refused text of yours on this case that could go out"))
    return Said(said=say("your text went to the customer as it was"))


def _to_send(text: str) -> str | None:
    return one_of((AS_IS,))(text) if text else HELD


def refused_text(draft: Draft, actor: Actor) -> str:
    """Return the text of the member's latest refused mail, "" if there is none, or it is somebody else's."""
    case = draft.before
    return case.refused_text if case and case.refused_by == actor.address else ""


def _first(word: str, takes: Word) -> str:
    """Return an example with the first thing that the word takes, "" where there is none."""
    return f"{word} {takes.choices[0]}" if takes.choices else ""


def _assign(staff: Staff) -> Word:
    read = member_or_team(staff.members, staff.teams)
    return Word(word="assign", takes=Takes.CHOICE, read=read, choices=(*staff.members, *staff.teams))


def _priority(process: Process) -> Word:
    known = {written.lower(): p.name for p in process.priorities for written in _names(p)}
    choices = tuple(p.name for p in process.priorities) + tuple(p.title for p in process.priorities if p.title)
    return Word(
        word="priority",
        takes=Takes.CHOICE,
        read=lambda text: known.get(" ".join(text.lower().split())),
        choices=choices,
    )


def _type(process: Process) -> Word:
    names = tuple(one.name for one in process.types)
    return Word(word="type", takes=Takes.CHOICE, read=one_of(names), choices=names)


def _names(priority: Priority) -> tuple[str, ...]:
    """Return the ways in which people write a priority; `help priority` itself writes `P1 (Blocker)`."""
    name, title = priority.name, priority.title
    return (name, title, f"{name} {title}", f"{name} ({title})", f"{name} - {title}") if title else (name,)
