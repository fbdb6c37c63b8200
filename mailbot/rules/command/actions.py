"""What a person can do with a case by one click, and what the address of such a click stands for.

A notice holds `mailto:` links: opening one sends nothing, so a program that looks at every link does no harm. What
arrives at such an address says one word of the process, for one person and one case.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from mailbot.event import Kind
from mailbot.facts import Facts
from mailbot.model import Case
from mailbot.people import Directory
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import stands_in
from mailbot.rules.command.entry import Entry
from mailbot.rules.command.words import vocabulary
from mailbot.rules.command.words_own import own as own_word
from mailbot.rules.identity.token import mark, word_mark
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor, No

#: The words of every process that are offered, in this order; a company's own stand behind the first of members.
OF_CUSTOMERS = ("confirm", "approve", "decline", "reopen", "escalate")
OF_MEMBERS = ("take", "close", "reopen", "status")
_DONE = (Kind.RESOLVED, Kind.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One click that is offered."""

    word: str
    #: How it is written, and what it does, as `help` says it.
    usage: str
    help: str
    mark: bytes
    #: Does it need words of the sender's own?
    needs_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a mark stands for now."""

    #: "" where the desk has no such word any more.
    word: str
    #: Has the case left the state that it was offered in?
    stale: bool = False


def offered(facts: Facts, process: Process, case: Case, address: str, now: datetime) -> tuple[Action, ...]:
    """Return what this person could do now; each word is tried on the case, and what it would do is forgotten."""
    member = facts.directory.member(address) is not None
    actor = Actor(address=facts.directory.canonical(address), member=member)
    draft = Draft(facts=facts, process=process, now=max(now, case.latest))
    found: list[Action] = []
    for entry in _candidates(process, facts.directory, member=member):
        word = entry.word.word
        draft.case = draft.before = case
        argument = "reason" if word == "escalate" else ""
        given = Given(word=word, argument=argument, line=word)
        if not done_already(process, case, word, actor) and not isinstance(entry.run(draft, given, actor), No):
            needs_words = entry.needs_words or word == "escalate"
            stamp = mark(word, _state(case, word))
            known = {"usage": entry.usage, "help": entry.help}
            found.append(Action(word=word, **known, mark=stamp, needs_words=needs_words))
    return tuple(found)


def meant(stamp: bytes, process: Process, directory: Directory, case: Case, *, member: bool) -> Meant:
    """Return what the mark of an address stands for."""
    for entry in vocabulary(process, directory, member=member):
        word = entry.word.word
        if stamp.startswith(word_mark(word)):
            return Meant(word=word, stale=stamp != mark(word, _state(case, word)))
    return Meant(word="")


def done_already(process: Process, case: Case, word: str, actor: Actor) -> bool:
    """Is the case where the word would bring it? So a second click changes nothing."""
    own = next((command.to for command in process.commands if command.word == word), "")
    match word:
        case "take":
            return case.assignee == actor.address
        case "reopen":
            return case.kind not in _DONE
        case "close" | "confirm":
            return case.kind is Kind.CLOSED
        case "unwatch":
            return actor.address not in case.watchers
        case "approve" | "decline":
            return not process.status(case.status).approval
        case _:
            return bool(own) and stands_in(case, own)


def _candidates(process: Process, directory: Directory, *, member: bool) -> list[Entry]:
    """Return the words that may be offered, in order; of two that share a mark, neither."""
    entries = {entry.word.word: entry for entry in vocabulary(process, directory, member=member)}
    words = Counter(word_mark(word) for word in entries)
    sole = {word: entry for word, entry in entries.items() if words[word_mark(word)] == 1}
    named = OF_MEMBERS if member else OF_CUSTOMERS
    own = [word for word, entry in sole.items() if entry.run is own_word]
    return [sole[word] for word in (*named[:1], *own, *named[1:]) if word in sole]


def _state(case: Case, word: str) -> str:
    """Return the state of the case that the word answers: this estimate, this step of the path; "" for any.

    So an old link never says yes to what its reader has not seen.
    """
    if word in ("approve", "decline"):
        return case.status_since.isoformat()
    return str(case.escalation_level) if word == "escalate" else ""
