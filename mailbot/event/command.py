"""What became of the commands of a mail: refused, put by for a yes, run, tried out, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command line that did not run, and with it none of its mail."""

    line: str
    reason: str
    actor: str
    #: The new text of a member's mail, so that `send as is` can let it go.
    text: str = ""
    #: Is nothing of the mail kept, so that what was kept of the member's older one does not go out in its place?
    forgets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsParked(Event):
    """A member's mail waits for their word at the registered address: it asks for more than its proofs allow."""

    #: The inbox row whose bytes hold it.
    inbox_id: int
    actor: str
    #: The command lines that would run.
    lines: tuple[str, ...]
    #: The last instant at which the word counts.
    until: datetime
    #: Do the words of the mail stay inside the team?
    internal: bool = False
    #: Came it to the desk, about several cases? Then it waits in the first, and its files are for none.
    to_desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsConfirmed(Event):
    """The member said yes: the mail that waited runs, once."""

    inbox_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsRun(Event):
    """The commands of a member's mail: what follows of them comes right behind it."""

    actor: str
    lines: tuple[str, ...]
    #: The mail's row in the inbox, 0 for words from the shell.
    inbox_id: int
    #: How many events of this case are theirs.
    effects: int
    #: The other cases that they changed.
    others: tuple[int, ...] = ()
    #: Who was told of it, beside the actor.
    told: tuple[str, ...] = ()
    #: Who of them was told only by letters that wait before they leave.
    later: tuple[str, ...] = ()
    #: Did words of the mail go out to the customer?
    spoke: bool = False
    #: Why they cannot be taken back, "" where they can; in English, and as catalogues know it.
    final: str = ""
    final_message: str = ""
    final_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDelayed(Event):
    """A member's words to the customer wait in the outbox; what follows is their doing, and that of their mail."""

    actor: str
    #: The mail that is answered by the receipt, and the one whose words these are: another, where that had waited.
    inbox_id: int
    message: int
    #: The command lines of the mail.
    lines: tuple[str, ...]
    #: How many letters of the mail wait, for all its cases together.
    letters: int
    #: Who was told of something in the case at once.
    told: tuple[str, ...]
    #: The other cases that the mail changed.
    others: tuple[int, ...]
    #: How many of the next events of the case are its doing.
    effects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecalled(Event):
    """An answer was taken back before any of its letters left: the case is as it was before, but for its history."""

    actor: str
    #: The mail whose words nobody got.
    message: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsUndone(Event):
    """A member took the latest commands back: the case is as it was before them."""

    actor: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsTried(Event):
    """A member let a mail be tried out: nothing of it was done."""

    actor: str
    #: The whole new text of the mail, which is the member's own also where its receipt has it.
    text: str = ""
