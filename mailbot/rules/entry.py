"""What one row of the table of commands says: how a word is written, who has it, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Word
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
