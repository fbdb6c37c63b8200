"""What happened to mail: words that joined a case, were held back, refused or did not arrive."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.event.base import Event, Visibility

#: How the reason begins of a mail that did what it said, and is about no case.
SERVED = "it did its work, and belongs to no case"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Event):
    """Words of a person, or an automatic mail, became part of the case."""

    #: Printed as `from`.
    sender: str
    visibility: Visibility
    #: The inbox row whose raw bytes hold it; 0 for words from the shell.
    inbox_id: int = 0
    message_id: str = ""
    text: str = ""
    #: By what proof the sender was believed: the proofs' names joined by a plus sign.
    proof: str = ""
    #: Written by the requester or a watcher, by a human hand: ends reminder ladders.
    by_customer: bool = False
    #: A member's own words to the customer: what meets the response clock.
    answers: bool = False
    #: An automatic mail's kind, "" for a human's.
    automatic: str = ""
    #: Until when an absence notice says that its sender is away.
    away_until: datetime | None = None
    attachments: int = 0
    #: Who beside the team was asked for advice with it.
    consulted: tuple[str, ...] = ()
    #: The member who forwarded it, "" where it came from its sender.
    forwarded_by: str = ""
    #: The language in which the requester wrote, where it was not known before; else "".
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHeldBack(Event):
    """Part of a mail is held back: it stands in no notice and in no text of the case until a member releases it."""

    #: The inbox row whose bytes hold it.
    inbox_id: int
    #: What was found, in words: a mark, a pattern, the name of a file.
    found: str
    #: The digest of what is held back.
    digest: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReleased(Event):
    """A member let what was held back into the case."""

    inbox_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRedacted(Event):
    """A member took it out for good: who, when, why and a digest stay, the content does not."""

    inbox_id: int
    actor: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailIgnored(Event):
    """A mail that belongs to no case and wants no human: a duplicate, a report that fits none, our own come back.

    So is one that asked the desk for something and got it: its reason begins with `SERVED`.
    """

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHeld(Event):
    """A mail that waits for a human's word."""

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuarantined(Event):
    """A mail that could not be taken in: over the limits, or three crashes."""

    reason: str
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """A notice did not reach its recipient."""

    to: str
    status: str
    #: The notice's Message-ID where a report named it, "" where the relay refused it.
    message_id: str = ""
    #: `hard` or `soft`, "" where that says nothing about the address.
    kind: str = ""
    reason: str = ""
    #: What the failures of the address count together from now on.
    score: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressStopped(Event):
    """Nothing is written to an address any more; a case says so that would have."""

    to: str
    #: Since when.
    since: datetime
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCleared(Event):
    """What is known of an address that letters did not reach counts no more: it is written to again."""

    to: str
    reason: str
