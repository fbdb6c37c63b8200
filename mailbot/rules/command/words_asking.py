"""Words that ask for other cases than the one at hand: `list`, `search`, `show`. They change nothing.

What is to be looked up is read before (`asking`); what was found is answered in a mail of its own (`answering`).
"""

import re
from collections.abc import Iterator

from mailbot.facts import Query
from mailbot.people import Directory
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import one_of
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.notice.report import of_team
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

#: The words of this family.
WORDS = ("list", "search", "show", "report")
#: So many words of a search count.
MOST_WORDS = 5
_LISTS = ("mine", "team", "overdue", "snoozed")
_NUMBER = re.compile(r"\[?(?:([A-Za-z][A-Za-z0-9]{0,9})-)?(\d{1,9})\]?")


def entries() -> Iterator[Entry]:
    """Yield the words of members."""
    yield Entry(
        word=Word(word="list", takes=Takes.CHOICE_OR_TEXT, read=one_of(_LISTS), choices=_LISTS),
        usage="list mine, list team, list overdue, list snoozed, list: WORDS",
        help=say("Open cases in a mail, each with an address to answer it."),
        group=Group.QUESTION,
        example="list mine",
        run=list_,
    )
    yield Entry(
        word=Word(word="search", takes=Takes.TEXT),
        usage="search: WORDS",
        help=say("Cases, closed ones too, with all of these words in subject, address or messages."),
        group=Group.QUESTION,
        example="search: printer",
        run=list_,
    )
    yield Entry(
        word=Word(word="show", takes=Takes.CHOICE, read=number, choices=("the number of a case",)),
        usage="show NUMBER",
        help=say("A case with its messages, in a mail that you can answer."),
        group=Group.QUESTION,
        example="show HD-1",
        run=show,
    )
    yield Entry(
        word=Word(word="report"),
        usage="report",
        help=say("The numbers of the last seven days and of now: yours, or for leads and managers the team's."),
        group=Group.QUESTION,
        example="report",
        run=report,
    )


def of_customers() -> Iterator[Entry]:
    """Yield what a customer has of them."""
    yield Entry(
        word=Word(word="list", slips=False),
        usage="list",
        help=say("Your open cases."),
        group=Group.QUESTION,
        example="list",
        run=list_,
    )


def number(text: str) -> str | None:
    """Read the number of a case: `HD-12`, `[HD-12]` or `12`."""
    match = _NUMBER.fullmatch(text.strip())
    return match[0].strip("[]").upper() if match else None


def number_of(argument: str) -> int:
    """Return the number that `number` read."""
    return int(argument.rpartition("-")[2])


def query_of(given: Given, directory: Directory, address: str) -> Query:
    """Return which cases a `list` or `search` of this person means."""
    member = directory.member(address)
    if member is None:
        return Query(requester=address)
    what = given.argument if given.word == "list" else ""
    if what in ("", "mine") and given.word == "list":
        return Query(assignees=(member.address,), snoozed=False)
    if what in _LISTS:
        # What is late is in no list's shade.
        snoozed = None if what == "overdue" else what == "snoozed"
        return Query(assignees=of_team(directory, member), overdue=what == "overdue", snoozed=snoozed)
    words = tuple(dict.fromkeys(given.argument.split()))[:MOST_WORDS]
    among, but = _people_of(directory, given.argument)
    return Query(words=words, among=among, but=but, open_only=given.word == "list")


def _people_of(directory: Directory, words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the people of the organisations that the words name, and who of their domains is somebody else's."""
    names = directory.organisations_named(words) if words.split() else ()
    among = tuple(person.address for name in names for person in directory.people_of(name))
    domains = tuple(address for address in among if address.startswith("@"))
    beside = (p.address for p in directory.people if p.address.endswith(domains) and p.address not in among)
    return among, tuple(beside)


def list_(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Say whether there is an answer to `list` or `search`."""
    if given.word == "search" and not given.argument.split():
        return No(reason=say("'search' needs words: write 'search: printer'"))
    listed = draft.facts.listed
    if listed is None:
        return No(
            reason=say(
                "'%(word)s' is answered by mail, to somebody whose mail server vouches for them", word=given.word
            )
        )
    if listed.query != query_of(given, draft.facts.directory, actor.address):
        return No(reason=say("one list or search in a mail: send another mail for this one"))
    return Said(said=say("the list follows in a mail of its own"))


def show(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Say whether there is a case to show."""
    del actor
    reference = draft.facts.desk.reference(number_of(given.argument))
    tag = given.argument.rpartition("-")[0]
    if tag not in ("", draft.facts.desk.tag.upper()):
        return No(
            reason=say(
                "%(argument)s is no number of this desk; write %(what)s or 12",
                argument=given.argument,
                what=draft.facts.desk.reference(12),
            )
        )
    if number_of(given.argument) not in draft.facts.shown:
        return No(reason=say("there is no case %(reference)s that could be shown to you by mail", reference=reference))
    return Said(said=say("%(reference)s follows in a mail of its own", reference=reference))


def report(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Say whether there is something to count."""
    del given, actor
    if draft.facts.counted is None:
        return No(reason=say("'report' is answered by mail, to somebody whose mail server vouches for them"))
    return Said(said=say("the numbers follow in a mail of their own"))
