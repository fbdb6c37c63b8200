"""Words of a company's own (`ask`, `fix`, `resolve`): each moves the case to its status, as the process file says."""

from collections.abc import Iterator

from mailbot.people import MEMBERS, Role
from mailbot.process import Command, Process
from mailbot.rules.case import flow
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import place, shown, stands_in, written
from mailbot.rules.command.arguments import named_text
from mailbot.rules.command.entry import Entry
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason


def entries(process: Process) -> Iterator[Entry]:
    """Yield the company's own words."""
    return (_entry(process, command) for command in process.commands)


def own(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """A word of the company's own moves the case to its status; said again there, only its words go out."""
    case = draft.open_case
    command = next(command for command in draft.process.commands if command.word == given.word)
    solution = given.argument.partition(":")[0] if command.needs_solution else ""
    if command.needs_solution and (wrong := no_solution(draft, solution)):
        return No(reason=wrong)
    if stands_in(case, command.to):
        return Said(said=say("the case is %(status)s already; your words go out", status=shown(*place(command.to))))
    if refusal := flow.refusal(draft.process, case, command.to):
        return No(reason=refusal)
    before = written(case)
    draft.move(command.to, reason=solution or given.word, actor=actor.address, solution=solution)
    return Said(
        said=say("the case is %(status)s, it was %(old)s", status=shown(*place(command.to)), old=case.status),
        undo=f"status {before}",
    )


def no_solution(draft: Draft, solution: str) -> Reason:
    """Return why this kind of solution does not count at the case's priority, with those that do; "" if it does."""
    priority_ = draft.open_case.priority
    kinds = [s.name for s in draft.process.solutions if not s.priorities or priority_ in s.priorities]
    if solution in kinds:
        return ""
    there = say("at %(priority)s there are: %(kinds)s", priority=priority_, kinds=", ".join(kinds))
    if not solution:
        return say("name the kind of solution; %(there)s", there=there)
    return say("%(kind)s does not count at %(priority)s; %(there)s", kind=solution, priority=priority_, there=there)


def _entry(process: Process, command: Command) -> Entry:
    """A word of the company's own."""
    members = any(role in MEMBERS for role in command.who)
    return Entry(
        word=_word(process, command),
        usage=_usage(command),
        help=command.help,
        members=members,
        customers=Role.CUSTOMER in command.who,
        run=own,
        example=_example(process, command),
        everyday=True,
        notice=command.notice,
        needs_words=command.needs_words,
    )


def _usage(command: Command) -> str:
    if command.needs_solution:
        return f"{command.word} KIND, {command.word} KIND: TEXT"
    return f"{command.word}: TEXT" if command.needs_words else f"{command.word}, {command.word}: TEXT"


def _example(process: Process, command: Command) -> str:
    kind = f" {process.solutions[0].name}" if command.needs_solution else ""
    text = command.example or ("as we said on the telephone" if command.needs_words else "")
    return f"{command.word}{kind}: {text}" if text else f"{command.word}{kind}"


def _word(process: Process, command: Command) -> Word:
    """A word that needs a solution takes its kind, and text behind that; any other takes text behind a colon."""
    if not command.needs_solution:
        return Word(word=command.word, takes=Takes.TEXT)
    names = tuple(solution.name for solution in process.solutions)
    return Word(word=command.word, takes=Takes.OPTIONAL, read=named_text(names), choices=names)
