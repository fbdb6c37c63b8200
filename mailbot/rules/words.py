"""The table of commands: which words there are, who may say them, what they take, and what they do.

`help` and the docs are made from this table. What a word does to a case stands in `words_member` and
`words_customer`; which lines of a mail are commands is decided by `grammar`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailbot.people import Directory, Role
from mailbot.process import Command, Process
from mailbot.rules import words_customer, words_member
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Takes, Word
from mailbot.rules.spoken import Actor, Outcome

_ADDRESS = re.compile(r"<?([^\s<>@,;:\"]{1,64}@[a-z0-9.-]{1,190})>?", re.IGNORECASE)

Run = Callable[[Draft, Given, Actor], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command: how it is written, what it does."""

    word: Word
    #: How it is written, for `help`.
    usage: str
    help: str
    members: bool
    customers: bool
    run: Run
    #: The notice that the customer gets with the words of the mail, for a company's own word.
    notice: str = ""
    #: Is it refused without words of the sender's own?
    needs_words: bool = False


def vocabulary(process: Process, directory: Directory, *, member: bool) -> tuple[Entry, ...]:
    """Return the commands that a member, or a customer, has in this process."""
    entries = (*_common(process), *_of_members(process, directory), *map(_own, process.commands))
    return tuple(entry for entry in entries if (entry.members if member else entry.customers))


def _common(process: Process) -> tuple[Entry, ...]:
    """The words that both sides have."""
    topics = ("priority", "type")
    statuses = tuple(status.name for status in process.statuses)
    common: list[Entry] = [
        Entry(
            word=Word(word="help", takes=Takes.OPTIONAL, read=_one_of(topics), choices=topics),
            usage="help, help priority, help type",
            help="What you can do here; what our priorities and types mean.",
            members=True,
            customers=True,
            run=words_customer.answered_apart,
        ),
        Entry(
            word=Word(word="status"),
            usage="status",
            help="The state of the case.",
            members=False,
            customers=True,
            run=words_customer.answered_apart,
        ),
        Entry(
            word=Word(word="status", takes=Takes.OPTIONAL, read=_one_of(statuses), choices=statuses),
            usage="status, status NAME",
            help="The state of the case; with a name, move it there.",
            members=True,
            customers=False,
            run=words_member.status,
        ),
        Entry(
            word=Word(word="reopen", takes=Takes.BARE_TEXT),
            usage="reopen",
            help="Take the case back into work.",
            members=True,
            customers=True,
            run=words_customer.reopen,
        ),
        Entry(
            word=Word(word="confirm"),
            usage="confirm",
            help="Say that it is solved; closes the case.",
            members=True,
            customers=True,
            run=words_customer.confirm,
        ),
        Entry(
            word=Word(word="close"),
            usage="close",
            help="Close the case.",
            members=False,
            customers=True,
            run=words_customer.close,
        ),
    ]
    if any(status.approval for status in process.statuses):
        common += [
            Entry(
                word=Word(word=word, takes=Takes.NOTHING),
                usage=word,
                help=help_,
                members=True,
                customers=True,
                run=words_customer.approval,
            )
            for word, help_ in (("approve", "Approve our estimate; work starts."), ("decline", "Decline our estimate."))
        ]
    return tuple(common)


def _of_members(process: Process, directory: Directory) -> tuple[Entry, ...]:
    """The words that only members have."""
    priorities = {name.lower(): p.name for p in process.priorities for name in (p.name, p.title) if name}
    types = tuple(t.name for t in process.types)
    teams = tuple(sorted({person.team for person in directory.people if person.team}))
    members = tuple(
        person.address for person in directory.people if person.role in (Role.AGENT, Role.LEAD, Role.MANAGER)
    )
    table: Sequence[tuple[Word, str, str, Run]] = (
        (Word(word="take"), "take", "The case is yours; its pick-up clock is met.", words_member.take),
        (
            Word(word="assign", takes=Takes.CHOICE, read=_member_or_team(members, teams), choices=(*members, *teams)),
            "assign ADDRESS or TEAM",
            "Give the case to a colleague or a team.",
            words_member.assign,
        ),
        (
            Word(
                word="priority",
                takes=Takes.CHOICE,
                read=lambda text: priorities.get(text.strip().lower()),
                choices=tuple(p.name for p in process.priorities)
                + tuple(p.title for p in process.priorities if p.title),
            ),
            "priority NAME",
            "Set the priority; the targets are computed anew.",
            words_member.priority,
        ),
        (
            Word(word="type", takes=Takes.CHOICE, read=_one_of(types), choices=types),
            "type NAME",
            "Set the request type.",
            words_member.type_,
        ),
        (
            Word(word="close", takes=Takes.TEXT),
            "close: REASON",
            "Close the case; after a fix no reason is needed.",
            words_member.close,
        ),
        (
            Word(word="note", takes=Takes.TEXT),
            "note, note: TEXT",
            "Your words stay inside the team.",
            words_member.note,
        ),
        (
            Word(
                word="for", takes=Takes.CHOICE, read=_on_behalf, choices=("ADDRESS", "ADDRESS opened 2026-03-02 09:30")
            ),
            "for ADDRESS [opened INSTANT]",
            "Open a case on a customer's behalf; first line of a mail to the desk.",
            words_member.only_to_the_desk,
        ),
    )
    return tuple(
        Entry(word=word, usage=usage, help=text, members=True, customers=False, run=run)
        for word, usage, text, run in table
    )


def _own(command: Command) -> Entry:
    """A word of the company's own."""
    members = any(role in (Role.AGENT, Role.LEAD, Role.MANAGER) for role in command.who)
    return Entry(
        word=Word(word=command.word, takes=Takes.TEXT),
        usage=f"{command.word}, {command.word}: TEXT" if not command.needs_words else f"{command.word}: TEXT",
        help=command.help,
        members=members,
        customers=Role.CUSTOMER in command.who,
        run=words_member.own,
        notice=command.notice,
        needs_words=command.needs_words,
    )


def _one_of(names: Sequence[str]) -> Callable[[str], str | None]:
    """Return a reader of names, without regard to case and inner white space."""
    known = {" ".join(name.lower().split()): name for name in names}
    return lambda text: known.get(" ".join(text.lower().split()))


def _member_or_team(members: Sequence[str], teams: Sequence[str]) -> Callable[[str], str | None]:
    team = _one_of(teams)

    def read(text: str) -> str | None:
        match = _ADDRESS.fullmatch(text.strip().lower())
        return match[1] if match and match[1] in members else team(text)

    return read


def _on_behalf(text: str) -> str | None:
    """Read `ADDRESS` or `ADDRESS opened INSTANT`; the instant is read where the desk's zone is known."""
    address, _, rest = text.strip().partition(" ")
    match = _ADDRESS.fullmatch(address.lower())
    rest = " ".join(rest.split())
    if match is None or (
        rest and not re.fullmatch(r"opened \d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?", rest)
    ):
        return None
    return f"{match[1]} {rest}".strip()
