"""What a mail wants to see (`list`, `search`, `show`, `report`), read before anything is looked up.

The first of two pure steps: this one says what to look up, the engine does so, and the rules answer with what was
found. Nothing is looked up for a sender who would get no answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.decision import MailArrived
from mailbot.facts import Facts, Query
from mailbot.mail import Mail
from mailbot.process import Process
from mailbot.process.names import RESERVED
from mailbot.rules.command import absence, words_quarantine
from mailbot.rules.command.words import vocabulary
from mailbot.rules.command.words_asking import number_of, query_of
from mailbot.rules.command.words_quarantine import Asked
from mailbot.rules.identity.token import mark
from mailbot.rules.identity.trust import PROVEN
from mailbot.rules.mail.confirm import WORD
from mailbot.rules.notice import report
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.tongues import any_name, called

#: So many cases a list has at most.
MOST_LISTED = 50
#: So many cases a report counts at most.
MOST_COUNTED = 10_000
#: The words that ask for cases.
_ASKING = ("list", "search")
_FIRST = re.compile(r"\s*([^\W\d_]+)[ \t]+(?=\S)")
_SPLIT = re.compile(any_name("split"), re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look up: a query for a list, one for a report, and the numbers of cases to show."""

    query: Query | None = None
    #: The cases of a report.
    report: Query | None = None
    numbers: tuple[int, ...] = ()
    #: Cases that the mail may change without naming them.
    own: Query | None = None
    #: What it wants of the quarantine.
    aside: tuple[Asked, ...] = ()


def wanted(cause: MailArrived, facts: Facts, process: Process) -> Wanted:
    """Return what the commands of a mail want to see; nothing for a sender whom nothing proves."""
    mail, directory = cause.mail, facts.directory
    if mail.from_ is None or mail.automatic or cause.clicked or not facts.proofs & PROVEN:
        return Wanted()
    sender = directory.canonical(mail.from_.address)
    person = directory.member(sender)
    member = person is not None
    mail = _that_waits(facts) or mail
    text = outgoing.above_marker(mail.new_text, mail.text) if member else mail.new_text
    words = [entry.word for entry in vocabulary(process, directory, member=member)]
    names = called(facts.desk.spoken)
    said, reserved = (asked_plainly(text, names), RESERVED) if member else (text, frozenset())
    commands = read(said, words, reserved, called=names).commands
    queries = [query_of(given, directory, sender) for given in commands if given.word in _ASKING]
    numbers = (number_of(given.argument) for given in commands if given.word == "show")
    leaves = any(given.word == absence.AWAY for given in commands)
    reports = any(given.word == "report" for given in commands)
    return Wanted(
        query=queries[0] if queries else None,
        report=report.query_of(directory, person, cause.envelope.received_at) if reports and person else None,
        numbers=tuple(dict.fromkeys(numbers)),
        own=Query(assignees=(sender,)) if leaves else None,
        # Who let a mail in does not look after the quarantine in its sender's name.
        aside=() if cause.admitted else words_quarantine.wanted(commands, person),
    )


def may_split(text: str) -> bool:
    """Could a member's text hold the word that splits a case, in whatever line? Then its messages are looked up."""
    return _SPLIT.search(text) is not None


def _that_waits(facts: Facts) -> Mail | None:
    """Return the mail whose confirmation is answered: what it wants to see is looked up when it may run."""
    stamps = {token.mark for token in facts.keys.answered}
    return next((mail for number, mail in facts.parked.items() if mark(WORD, str(number)) in stamps), None)


def asked_plainly(text: str, names: Mapping[str, str]) -> str:
    """Return a member's text to the desk with a colon behind the word that it begins with, where it asks for cases.

    No customer is there whom the words could be for: `search printer` needs no colon then. `names` are what words are
    called in the desk's languages (`tongues.called`).
    """
    first = _FIRST.match(text)
    name = unicodedata.normalize("NFC", first[1]).lower() if first else ""
    if first is None or names.get(name, name) not in _ASKING:
        return text
    return f"{first[1]}: {text[first.end() :]}"
