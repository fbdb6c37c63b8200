"""What one row of the table of commands says: how a word is written, who has it, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mailbot.rules.case.draft import Draft
from mailbot.rules.reading.word import Given, Word
from mailbot.rules.spoken import Actor, No, Outcome
from mailbot.sentence import Sentence

Run = Callable[[Draft, Given, Actor], Outcome]


class Group(StrEnum):
    """Under which heading `help` lists a word (`rules.help`)."""

    OWNER = "owner"
    WORK = "work"
    CASE = "case"
    INSIDE = "inside"
    PEOPLE = "people"
    CASES = "cases"
    QUESTION = "question"
    DESK = "desk"
    SELF = "self"
    TRY = "try"
    TROUBLE = "trouble"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command: how it is written, what it does."""

    word: Word
    #: How it is written, for `help`.
    usage: str
    help: str
    run: Run
    group: Group = Group.WORK
    #: A line as somebody would write it, which works as it stands; `help` shows it, a test runs it.
    example: str = ""
    #: Is it so common that every notice about a case reminds of it?
    everyday: bool = False
    members: bool = True
    customers: bool = True
    #: The notice that the customer gets with the words of the mail, for a company's own word.
    notice: str = ""
    #: Is it refused without words of the sender's own?
    needs_words: bool = False
    #: Does it change who gets to see the case? Then it needs more proof (`semantics.md` 22).
    dangerous: bool = False


def not_first(reason: Sentence) -> Run:
    """Refuse a word that is read as the first line of a mail only, and stands below another."""

    def refuse(draft: Draft, given: Given, actor: Actor) -> Outcome:
        del draft, given, actor
        return No(reason=reason)

    return refuse
