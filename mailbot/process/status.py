"""The statuses of a process, and what moves a case from one to the next: words, mails, silence, closing."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from mailbot.amount import Amount, Unit
from mailbot.event import Kind
from mailbot.process.part import AmountText, CustomerNotice, Flag, KeyedBy, MaybeName, Name, Part, Word


class Status(Part):
    """One status, in the company's words."""

    name: Name
    """Yours, without a colon; no other status has it in any letter case."""
    kind: Kind
    """What the status means to mailbot: the only thing about it that code looks at."""
    causes: Mapping[Annotated[Name, KeyedBy("cause")], Kind] = Field(default_factory=dict)
    """Where a status must name its cause: each cause, and the kind that the status then has, one of `active`,
    `waiting-customer`, `waiting-other` and `resolved`. A place that names a status may name one cause of it, such as
    `Pending: customer`."""
    meaning: str = ""
    """What it means, for `help` and notices to the customer."""
    approval: Flag = False
    """Does it wait for the customer's `approve` or `decline`? A customer's other mail does not leave it."""
    notice: Literal["", CustomerNotice] = ""
    """The notice by which the customer hears of it, where no word of the company's own led there.
    Empty: that the status has changed."""
    needs_priority: Flag = False
    """Must a member have set the priority before a case gets here?"""


class Start(Part):
    """What a new case is until a member says otherwise."""

    status: Name
    """Must be of kind `new`."""
    priority: str
    """One of the priorities; empty where a member sets the first."""
    type: Name
    """One of the types."""
    advice: str = ""
    """What the acknowledgement says beside the priority's own advice, where the customer named no priority."""


class Moves(Part):
    """The statuses that the words and mails of every process lead to."""

    taken: MaybeName = ""
    """A new case that somebody takes; must be of kind `active`. Empty: taking it only assigns."""
    replied: MaybeName = ""
    """A new case that a member answers; must be of kind `active`. Empty: as when it is taken."""
    answered: Name
    """The customer answers while the case waits for them; must be of kind `active` or `new`."""
    reopened: Name
    """Reopened, by `reopen` or by a mail that objects; must be of kind `active` or `new`."""
    closed: Name
    """Closed, whatever the reason; must be of kind `closed`."""
    approved: MaybeName = ""
    """Where the customer's `approve` leads; needed where a status waits for approval. Must be of kind `active`,
    `new` or `waiting-other`."""
    declined: MaybeName = ""
    """Where the customer's `decline` leads; needed as `approved` is. Must be of kind `active`, `new`,
    `waiting-other` or `resolved`."""
    held: MaybeName = ""
    """Where `hold until DATE` leads; must be of kind `on-hold`. Empty: there is no such word."""


class Flow(Part):
    """The transitions that the cases of some types have.

    Without one any status may follow any other, but none of kind `new`, and only reopening leads out of a closed one
    (`semantics.md` 13).
    """

    types: tuple[Name, ...] = ()
    """The types it is for; none means all that no flow before it names."""
    steps: Mapping[Annotated[Name, KeyedBy("status")], tuple[Name, ...]]
    """From each status, the statuses that may follow."""


class Step(Part):
    """One step of a ladder, counted from the step before it (the first from the beginning of the silence)."""

    after: AmountText
    """How long to wait before it. Minutes and hours are plain time, not service hours. What would fall outside
    service hours waits for the next opening."""
    do: Literal["remind", "close"]
    """Remind the customer, or close the case."""
    reason: MaybeName = ""
    """The closing reason, which the customer is told; needed where it closes."""


class Ladder(Part):
    """What happens when the customer stays silent."""

    name: Word
    """How it is called in `mailbot case` and in the log."""
    statuses: tuple[Name, ...] = Field(alias="in", min_length=1)
    """The statuses in which it runs."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """What happens, one after the other."""
    own_mail_counts: Flag = False
    """Does a member's own further mail to the customer count as the next reminder?"""


class Closing(Part):
    """How cases close and come back."""

    confirmed: Name = "Confirmed"
    """The reason when the customer says that all is good."""
    withdrawn: Name = "Withdrawn"
    """The reason when a customer closes a case that was not resolved."""
    solved: tuple[Name, ...] = ("Solved", "Confirmed")
    """Closing reasons, a member's or a ladder's, that count as solved: then the resolution clock is met."""
    reopen_within: AmountText = Amount(14, Unit.DAYS)
    """How long after closing a mail reopens; later it opens a new case linked to the old. Minutes and hours are plain
    time, not service hours."""
