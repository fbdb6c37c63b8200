"""The table of commands: which words there are, who may say them, what they take, and what they do.

`help` and the docs are made from this table. What a word does to a case stands in `words_member` and
`words_customer`; which lines of a mail are commands is decided by `grammar`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mailbot.people import MEMBERS, Directory, Role
from mailbot.process import Command, Priority, Process
from mailbot.rules import consult, escalation, hold, withhold, words_customer, words_label, words_member, words_people
from mailbot.rules.arguments import (
    Reader,
    added_or_removed,
    address,
    member_or_team,
    named_text,
    number,
    on_behalf,
    one_of,
)
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Takes, Word
from mailbot.rules.place import place
from mailbot.rules.spoken import Actor, Outcome

Run = Callable[[Draft, Given, Actor], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command: how it is written, what it does."""

    word: Word
    #: How it is written, for `help`.
    usage: str
    help: str
    run: Run
    members: bool = True
    customers: bool = True
    #: The notice that the customer gets with the words of the mail, for a company's own word.
    notice: str = ""
    #: Is it refused without words of the sender's own?
    needs_words: bool = False
    #: Does it change who gets to see the case? Then it needs more proof (`semantics.md` 22).
    dangerous: bool = False


#: Words of members that some desk has (`contract.md`): where one is not offered, it is no text for a customer.
RESERVED = frozenset(
    {
        "admit",
        "approve",
        "assign",
        "away",
        "cc",
        "clone",
        "close",
        "confirm",
        "consult",
        "decline",
        "dry-run",
        "escalate",
        "for",
        "fwd",
        "handover",
        "help",
        "hold",
        "link",
        "list",
        "merge",
        "mute",
        "note",
        "priority",
        "redact",
        "release",
        "reopen",
        "report",
        "requester",
        "search",
        "send",
        "show",
        "snooze",
        "split",
        "status",
        "subject",
        "tag",
        "take",
        "type",
        "undo",
        "use",
        "why",
    }
)


def vocabulary(process: Process, directory: Directory, *, member: bool) -> tuple[Entry, ...]:
    """Return the commands that a member, or a customer, has in this process."""
    built_in = (
        (*_shared(process), *_of_members(process, directory)) if member else (*_shared(process), *_of_customers())
    )
    own = (_own(process, command) for command in process.commands)
    return (*built_in, *(entry for entry in own if (entry.members if member else entry.customers)))


def _shared(process: Process) -> Iterator[Entry]:
    """The words that both sides have."""
    topics = ("priority", "type")
    help_ = Word(word="help", takes=Takes.OPTIONAL, read=one_of(topics), choices=topics, label=True)
    yield Entry(
        word=help_,
        usage="help, help priority, help type",
        help="What you can do here; what our priorities and types mean.",
        run=words_customer.answered_apart,
    )
    yield Entry(
        word=Word(word="confirm", takes=Takes.TEXT),
        usage="confirm",
        help="Say that it is solved; closes the case.",
        run=words_customer.confirm,
    )
    if any(status.approval for status in process.statuses):
        for word, said in (("approve", "Approve our estimate; work starts."), ("decline", "Decline our estimate.")):
            yield Entry(word=Word(word=word, takes=Takes.TEXT), usage=word, help=said, run=words_customer.approval)


def _of_customers() -> Iterator[Entry]:
    """The words that mean something else to a customer than to a member."""
    yield Entry(
        word=Word(word="status", label=True),
        usage="status",
        help="The state of the case.",
        run=words_customer.answered_apart,
    )
    yield Entry(
        word=Word(word="reopen", takes=Takes.BARE_TEXT),
        usage="reopen",
        help="Take the case back into work.",
        run=words_customer.reopen,
    )
    yield Entry(
        word=Word(word="close", takes=Takes.TEXT), usage="close", help="Close the case.", run=words_customer.close
    )
    yield Entry(
        word=Word(word="escalate", takes=Takes.BARE_TEXT),
        usage="escalate REASON",
        help="Call somebody higher.",
        run=escalation.escalate,
    )
    yield Entry(
        word=Word(word="unwatch"),
        usage="unwatch",
        help="Hear no more of a case that you were added to.",
        run=words_people.unwatch,
    )


def _of_members(process: Process, directory: Directory) -> Iterator[Entry]:
    """The words that only members have, or that take more from them."""
    table: Sequence[tuple[Word, str, str, Run]] = (
        (_status(process), *_STATUS, words_member.status),
        (Word(word="reopen", takes=Takes.TEXT), *_REOPEN, words_customer.reopen),
        (Word(word="take"), *_TAKE, words_member.take),
        (_assign(directory), *_ASSIGN, words_member.assign),
        (_handover(directory), *_HANDOVER, words_people.handover),
        (_priority(process), *_PRIORITY, words_member.priority),
        (_choice("type", tuple(t.name for t in process.types)), *_TYPE, words_member.type_),
        (Word(word="subject", takes=Takes.TEXT), *_SUBJECT, words_label.subject),
        (Word(word="tag", takes=Takes.TEXT), *_TAG, words_label.tag),
        (Word(word="close", takes=Takes.TEXT), *_CLOSE, words_member.close),
        (Word(word="note", takes=Takes.TEXT), *_NOTE, words_member.note),
        (_choice("send", (words_member.AS_IS,)), *_SEND, words_member.send),
        (Word(word="why", takes=Takes.TEXT), *_WHY, words_customer.answered_apart),
        *_where_declared(process),
        (Word(word="for", takes=Takes.CHOICE, read=on_behalf, choices=_FORS), *_FOR, words_member.only_to_the_desk),
    )
    yield from (Entry(word=word, usage=usage, help=said, run=run) for word, usage, said, run in table)
    cc = Word(word="cc", takes=Takes.CHOICE, read=added_or_removed, choices=("add ADDRESS", "remove ADDRESS"))
    other = Word(word="requester", takes=Takes.CHOICE, read=address, choices=("ADDRESS",))
    yield Entry(word=cc, usage=_CC[0], help=_CC[1], run=words_people.cc, dangerous=True)
    yield Entry(word=other, usage=_REQUESTER[0], help=_REQUESTER[1], run=words_people.requester, dangerous=True)


def _where_declared(process: Process) -> Iterator[tuple[Word, str, str, Run]]:
    """The words that only some processes have a path for."""
    if process.moves.held:
        until = Word(word="hold", takes=Takes.CHOICE, read=hold.read_until, choices=("until 2026-04-01",))
        yield until, "hold until DATE", "Put the case aside; it comes back by itself.", hold.hold
    if process.consultations:
        names = tuple(one.name for one in process.consultations)
        asked = Word(word="consult", takes=Takes.NAMED_TEXT, read=named_text(names), choices=names)
        yield asked, "consult NAME: TEXT", f"Ask {' or '.join(names)}, inside the case.", consult.consult
    yield Word(word="escalate", takes=Takes.TEXT), *_ESCALATE, escalation.escalate
    if process.privacy is not None:
        yield Word(word="release"), *_RELEASE, withhold.release
        yield Word(word="redact", takes=Takes.TEXT), *_REDACT, withhold.redact
    held = Word(word="admit", takes=Takes.OPTIONAL, read=number, choices=("the number of the held mail",))
    yield held, *_ADMIT, words_member.only_held


#: How the words of members are written, and what `help` says of each.
_STATUS = ("status, status NAME", "The state of the case; with a name, move it there.")
_REOPEN = ("reopen, reopen: REASON", "Take the case back into work.")
_TAKE = ("take", "The case is yours; its pick-up clock is met.")
_ASSIGN = ("assign ADDRESS or TEAM", "Give the case to a colleague or a team.")
_HANDOVER = ("handover ADDRESS", "Give the case to a colleague; what you write below is for them and stays inside.")
_SUBJECT = ("subject: TEXT", "Give the case another subject.")
_TAG = ("tag: WORD, -WORD", "Add words of the team's own to the case; a minus takes one away.")
_CC = ("cc add ADDRESS, cc remove ADDRESS", "Let somebody else hear of the case from now on, or no more.")
_REQUESTER = ("requester ADDRESS", "Make it another customer's case; the former one hears no more of it.")
_PRIORITY = ("priority NAME", "Set the priority; the targets are computed anew.")
_TYPE = ("type NAME", "Set the request type.")
_CLOSE = ("close: REASON", "Close the case; after a fix no reason is needed.")
_NOTE = ("note, note: TEXT", "Your words stay inside the team.")
_SEND = ("send as is", "Let the text of your latest refused mail go to the customer as it is.")
_FOR = ("for ADDRESS [opened INSTANT]", "Open a case on a customer's behalf; first line of a mail to the desk.")
_WHY = ("why", "Explain each clock: target, start, every pause, what is used, when it is due.")
_ESCALATE = ("escalate: REASON", "Call somebody higher.")
_RELEASE = ("release", "Let what the privacy gate holds back into the case.")
_REDACT = ("redact: REASON", "Take what the privacy gate holds back out for good.")
_ADMIT = ("admit, admit NUMBER", "Let a held mail in: the one that you answer, or by its number.")
_FORS = ("ADDRESS", "ADDRESS opened 2026-03-02 09:30")


def _choice(word: str, names: Sequence[str], takes: Takes = Takes.CHOICE) -> Word:
    return Word(word=word, takes=takes, read=one_of(names), choices=names)


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


def _assign(directory: Directory) -> Word:
    teams = tuple(sorted({person.team for person in directory.people if person.team}))
    members = tuple(person.address for person in directory.people if person.role in MEMBERS)
    return Word(word="assign", takes=Takes.CHOICE, read=member_or_team(members, teams), choices=(*members, *teams))


def _handover(directory: Directory) -> Word:
    members = tuple(person.address for person in directory.people if person.role in MEMBERS)
    return Word(word="handover", takes=Takes.CHOICE, read=member_or_team(members, ()), choices=members)


def _priority(process: Process) -> Word:
    known = {written.lower(): p.name for p in process.priorities for written in _names(p)}
    choices = tuple(p.name for p in process.priorities) + tuple(p.title for p in process.priorities if p.title)
    return Word(
        word="priority",
        takes=Takes.CHOICE,
        read=lambda text: known.get(" ".join(text.lower().split())),
        choices=choices,
    )


def _own(process: Process, command: Command) -> Entry:
    """A word of the company's own."""
    members = any(role in MEMBERS for role in command.who)
    return Entry(
        word=_own_word(process, command),
        usage=_own_usage(command),
        help=command.help,
        members=members,
        customers=Role.CUSTOMER in command.who,
        run=words_member.own,
        notice=command.notice,
        needs_words=command.needs_words,
    )


def _own_usage(command: Command) -> str:
    if command.needs_solution:
        return f"{command.word} KIND, {command.word} KIND: TEXT"
    return f"{command.word}: TEXT" if command.needs_words else f"{command.word}, {command.word}: TEXT"


def _own_word(process: Process, command: Command) -> Word:
    """A word that needs a solution takes its kind, and text behind that; any other takes text behind a colon."""
    if not command.needs_solution:
        return Word(word=command.word, takes=Takes.TEXT)
    names = tuple(solution.name for solution in process.solutions)
    return Word(word=command.word, takes=Takes.OPTIONAL, read=named_text(names), choices=names)


def _names(priority: Priority) -> tuple[str, ...]:
    """Return the ways in which people write a priority; `help priority` itself writes `P1 (Blocker)`."""
    name, title = priority.name, priority.title
    return (name, title, f"{name} {title}", f"{name} ({title})", f"{name} - {title}") if title else (name,)
