"""What one row of the table of commands says: how a word is written, who has it, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Word
from mailbot.rules.spoken import Actor, Outcome

Run = Callable[[Draft, Given, Actor], Outcome]


class Group(StrEnum):
    """Under which heading `help` lists a word, in this order."""

    WORK = "Working on a case"
    OWNER = "Who has the case"
    CASE = "What the case is"
    INSIDE = "Among colleagues"
    PEOPLE = "Who hears of the case"
    CASES = "Several cases"
    QUESTION = "Asking the desk"
    DESK = "In a new mail to the desk"
    TROUBLE = "When something went wrong"


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
