"""A command word as the grammar sees it, a command as it was given, and a mail's text told apart by them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailbot.sentence import Sentence


class Takes(StrEnum):
    """What may follow a command word."""

    NOTHING = "nothing"
    #: One of a closed set, read by the word's own reader.
    CHOICE = "choice"
    #: A choice, or nothing.
    OPTIONAL = "optional"
    #: Free text, behind a colon or a sigil; may be missing.
    TEXT = "text"
    #: One of a closed set, alone or with free text behind a colon.
    NAMED_TEXT = "named text"
    #: One of a closed set, or nothing, or free text behind a colon or a sigil.
    CHOICE_OR_TEXT = "choice or text"
    #: Free text, also without a colon.
    BARE_TEXT = "bare text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One command word as the grammar sees it."""

    word: str
    takes: Takes = Takes.NOTHING
    #: Reads the argument: the value as the process spells it, or None when it is not of the set.
    read: Callable[[str], str | None] = lambda text: text
    #: What the argument may be, for the answer to a wrong one.
    choices: Sequence[str] = ()
    #: Do people also write it as a label before text (`Status: still broken`)? Then that is prose.
    label: bool = False
    #: Is a word that differs by a letter a slip of it? Not where it is a word of prose ("Listo" of customers).
    slips: bool = True
    #: Do people begin greetings and sentences with it ("All,", "All done.")? Then only the bare word is the command.
    common: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A command as it was given."""

    word: str
    argument: str
    #: The line as it stood in the mail.
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A line that was meant as a command and cannot be one."""

    line: str
    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mail's new text, told apart."""

    commands: tuple[Given, ...] = ()
    refused: tuple[Refused, ...] = ()
    #: What is left: the author's words to a person.
    words: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that are commands, or were meant as such."""
        return (*(given.line for given in self.commands), *(refused.line for refused in self.refused))
