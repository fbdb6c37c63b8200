"""Canned answers: `use NAME` puts a text of the operator's before the agent's own words, and goes out with them.

The texts are facts, made beforehand for each case that the mail may be about: nothing is rendered here.
"""

import re
from collections.abc import Iterator

from mailbot.facts import ANSWER_NAME, Facts
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.entry import Entry
from mailbot.rules.command.post import USE
from mailbot.rules.reading.grammar import MOST_COMMANDS
from mailbot.rules.reading.slips import distance
from mailbot.rules.reading.tongues import any_name
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

#: So many slips apart, and so many of them, are other names offered in answer to one that is not there.
_SLIPS, _NEAREST = 2, 3
_NAMES = any_name(USE)
#: A case's number may stand before the word (`several`).
_LINES = re.compile(
    rf"^\s*(?:\[?[a-z]\w*-\d+\]?[:,]?[ \t]+)?[*_]?[#/!]?(?:{_NAMES})[ \t:]+[\"'*_]*({ANSWER_NAME.pattern})\b",
    re.IGNORECASE | re.MULTILINE,
)


def entries() -> Iterator[Entry]:
    """Yield the word, at a desk that has answers."""
    word = Word(word=USE, takes=Takes.CHOICE, read=_read, choices=("NAME, which 'help use' lists",))
    yield Entry(
        word=word,
        usage="use NAME",
        help=say("Send a canned answer, before your own words."),
        example="use reset-password",
        run=use,
    )


def named(text: str) -> tuple[str, ...]:
    """Return the names that may be asked for in this text: what is to be made before anything is decided."""
    return tuple(dict.fromkeys(name.lower() for name in _LINES.findall(text)))[:MOST_COMMANDS]


def values(facts: Facts, case: Case, author: str) -> dict[str, str]:
    """Return all that an answer may name: who it is for, what it is about, who sends it."""
    people = facts.directory
    names = [person.name if (person := people.person(address)) else "" for address in (case.requester, author)]
    customer = people.person(case.requester)
    spoken_for = customer is not None and customer.address.startswith("@")
    return {
        "customer": "" if spoken_for else names[0],
        "case": facts.desk.reference(case.number),
        "subject": case.subject,
        "agent": names[1],
    }


def texts(draft: Draft, commands: tuple[Given, ...]) -> list[str]:
    """Return the texts that a mail's commands ask for, in their order."""
    known = draft.facts.answers.texts
    number = draft.case.number if draft.case else 0
    asked = (known.get((number, given.argument), "") for given in commands if given.word == USE)
    return [text for text in asked if text]


def use(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Say that the text goes out with the mail's words, which were added already."""
    del actor
    name, answers = given.argument, draft.facts.answers
    if name not in answers.titles:
        near = [known for known in sorted(answers.titles) if _is_near(name, known)][:_NEAREST]
        unknown = say("there is no answer '%(name)s'; 'help use' lists them all", name=name)
        if near:
            meant = " or ".join(near)
            unknown = say(
                "there is no answer '%(name)s'; did you mean %(meant)s? 'help use' lists them all",
                name=name,
                meant=meant,
            )
        return No(reason=unknown)
    if draft.before is None:
        return No(reason=say("'use %(name)s' answers a case; open it first, then answer its notice", name=name))
    if (draft.open_case.number, name) not in answers.texts:
        return No(
            reason=say(
                "the answer '%(name)s' cannot be made: it has a fault that 'mailbot check' tells the operator",
                name=name,
            )
        )
    return Said(said=say("the answer '%(name)s' went out with your words", name=name))


def _read(text: str) -> str | None:
    """Read a name; whether there is such an answer is asked when it is used."""
    name = text.strip().lower()
    return name if ANSWER_NAME.fullmatch(name) else None


def _is_near(name: str, known: str) -> bool:
    return distance(name, known) <= _SLIPS or name in known or known in name
