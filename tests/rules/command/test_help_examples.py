"""Every example that `help` shows works as it stands: the grammar reads it, and there is a case on which it runs."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from mailbot.decision import Ending
from mailbot.event import MessageAdded, Visibility
from mailbot.facts import Listed, Query
from mailbot.mail import Mail
from mailbot.model import Case, Undoable, Withheld
from mailbot.people import Directory, Person
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.process.names import RESERVED
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import kind_of
from mailbot.rules.command.commands import run
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.words import vocabulary
from mailbot.rules.command.words_asking import query_of
from mailbot.rules.reading.grammar import read
from mailbot.rules.spoken import Actor
from mailbot.shipped import shipped
from tests.builders import ANNA, CUSTOMER, NOON, Story, a_case, a_desk, a_directory, a_draft, facts

WATCHER = "friend@customer.test"
COMPANIES = {path.stem: load_process(path) for path in sorted(shipped("processes").glob("*.toml"))}
SAID = MessageAdded(at=NOON, sender=CUSTOMER, visibility=Visibility.PUBLIC, inbox_id=1, text="It burns.")
#: Words that open a case, or are about mail that was set aside: they are for a mail that answers nothing.
TO_THE_DESK = ("for", "fwd", "admit", "quarantine")
#: The words that stand above other commands: tests/rules/command/test_trial.py, tests/rules/command/test_family.py.
ABOVE = ("dry-run", "all")


def people_of(process: Process) -> Directory:
    """The team, and somebody in every role that the process has a use for."""
    path = process.escalation.path if process.escalation else ()
    roles = {one.role for one in process.consultations} | {level.role for level in path}
    return a_directory(*(Person(address=f"{role}@example.com", role=role) for role in sorted(roles)))


def entries(process: Process, *, member: bool) -> tuple[Entry, ...]:
    return vocabulary(process, people_of(process), member=member)


def every_example() -> Iterator[tuple[str, bool, str]]:
    for company, process in COMPANIES.items():
        for member in (True, False):
            for entry in entries(process, member=member):
                if entry.word.word not in (*TO_THE_DESK, *ABOVE):
                    yield company, member, entry.word.word


def stages(process: Process) -> Iterator[Case]:
    """A case in every place of the process, with all that a word may want to find."""
    for status, priority in product(process.statuses, process.priorities):
        for cause in ("", *status.causes):
            here = replace(
                a_case(),
                status=status.name,
                cause=cause,
                kind=kind_of(process, status.name, cause),
                priority=priority.name,
                type=process.types[0].name,
                assignee=ANNA,
                watchers=(WATCHER,),
                refused_text="It works again.",
                refused_by=ANNA,
                withheld=(Withheld(inbox_id=3, sender=CUSTOMER, digest="d"),),
            )
            taken = Undoable(
                inbox_id=7, actor=ANNA, at=NOON, lines=("take",), others=(), told=(), spoke=False, until=1, before=here
            )
            yield replace(here, undo=taken)


def runs_on(case: Case, process: Process, entry: Entry, *, member: bool) -> bool:
    words = entries(process, member=member)
    reading = read(entry.example, [one.word for one in words], RESERVED if member else frozenset())
    assert [given.word for given in reading.commands] == [entry.word.word], reading
    if entry.word.word == "unlink":
        case = replace(case, links=(12,))
    if entry.word.word == "unparent":
        case = replace(case, parent=12)
    if entry.word.word == "mute":
        case = replace(case, assignee="")
    if entry.word.word == "merge":
        case = replace(case, withheld=())
    known = facts(
        case, withheld={3: Mail(digest="d")}, directory=people_of(process), shown={1: ()}, messages={1: (SAID,)}
    )
    if entry.word.word in ("list", "search"):
        query = query_of(reading.commands[0], known.directory, ANNA if member else CUSTOMER)
        known = replace(known, listed=Listed(query=query))
    # What other cases a word may name: one of its own, and one that goes on in the case at hand.
    named = a_case(number=12, merged_into=case.number if entry.word.word == "unmerge" else 0, links=(case.number,))
    named = replace(named, previous_status=process.start.status, status=process.start.status, priority=case.priority)
    if entry.word.word == "report":
        known = replace(known, counted=Listed(query=Query()))
    draft: Draft = a_draft(case, facts=known, process=process, cases={12: named})
    who = ANNA if member else WATCHER if entry.word.word == "unwatch" else CUSTOMER
    return all(line.ok for line in run(draft, reading, words, Actor(address=who, member=member, sure=True)))


@pytest.mark.parametrize(("company", "member", "word"), [*every_example()])
def test_an_example_of_help_runs_on_some_case(company: str, member: bool, word: str):
    process = COMPANIES[company]
    (entry,) = [one for one in entries(process, member=member) if one.word.word == word]
    assert entry.example, f"'{word}' has no example"
    assert any(runs_on(case, process, entry, member=member) for case in stages(process))


@pytest.mark.parametrize("company", COMPANIES)
def test_an_example_for_the_desk_opens_a_case_or_lets_a_mail_in(company: str):
    process = COMPANIES[company]
    for entry in entries(process, member=True):
        if entry.word.word in ("for", "admit"):
            story = Story(process=process, desk=a_desk(), directory=people_of(process))
            decision = story.mail(
                ANNA, f"{entry.example}\n\nThe printer burns." if entry.group is Group.DESK else entry.example
            )
            assert decision.ending is Ending.NEW or decision.admitted == 12
