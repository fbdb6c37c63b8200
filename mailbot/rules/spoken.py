"""What a command says of itself when it ran, or why it did not: the lines of the transcript."""

from dataclasses import dataclass

from mailbot.decision import Carried
from mailbot.sentence import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, as far as their rights have been established."""

    #: The registered address.
    address: str
    member: bool
    #: Is it proven well enough for what is dangerous (`trust.Needs.DANGEROUS`)?
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command ran."""

    said: Sentence
    #: The command that takes it back, "" where nothing does.
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """A command was refused, and with it all of its mail."""

    reason: Sentence


Outcome = Said | No


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A person's own words on their way into a case."""

    text: str = ""
    carried: tuple[Carried, ...] = ()

    def __bool__(self) -> bool:
        """Is there anything to pass on?"""
        return bool(self.text or self.carried)
