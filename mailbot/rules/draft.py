"""A decision in the making: the case as the events so far leave it, those events in order, and why.

A draft is made anew for every cause and never leaves the core; `decision()` freezes it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from mailbot.decision import Decision, Ending, Facts, Happened, Hit, Notice
from mailbot.event import CommandRefused, Event, Kind, MailIgnored, StatusChanged
from mailbot.model import Case
from mailbot.process import Process
from mailbot.rules.evolve import evolve
from mailbot.rules.place import kind_of, place

#: Who acts when nobody does.
MAILBOT = "mailbot"

Happening = TypeVar("Happening", bound=Event)


@dataclass(slots=True, kw_only=True)
class Draft:
    """What has been decided so far about one cause."""

    facts: Facts
    process: Process
    now: datetime
    #: The case as the events so far make it; None while there is none.
    case: Case | None = None
    #: The case as it was before the cause.
    before: Case | None = None
    happened: list[Happened] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    ending: Ending | None = None
    reason: str = ""
    #: The held mail that a member lets in, 0 for none.
    admitted: int = 0

    @property
    def open_case(self) -> Case:
        """Return the case. Raises ValueError when there is none: a mistake of the caller."""
        if self.case is None:
            message = "there is no case yet"
            raise ValueError(message)
        return self.case

    def happen(self, event: Event) -> None:
        """Let an event happen to the case."""
        self.case = evolve(self.case, event)
        self.happened.append(Happened(case=self.case.number, event=event))

    def note(self, event: Event) -> None:
        """Write down an event that belongs to no case."""
        self.happened.append(Happened(case=None, event=event))

    def tell(self, notice: Notice) -> None:
        """Ask for a notice, once for each person and template."""
        known = {(n.to, n.template) for n in self.notices}
        if (notice.to, notice.template) not in known:
            self.notices.append(notice)

    def forget(self) -> None:
        """Leave nothing of what happened but that commands were refused."""
        refusals = self.events(CommandRefused)
        self.case, self.happened = self.before, []
        for refusal in refusals:
            self.happen(refusal)

    def hit(self, rule: str, reason: str) -> None:
        """Write down that a rule spoke."""
        self.hits.append(Hit(rule=rule, reason=reason))

    def ignore(self, reason: str, sender: str) -> None:
        """End a mail that changes nothing and wants no human."""
        self.note(MailIgnored(at=self.now, reason=reason, sender=sender))
        self.end(Ending.IGNORED, reason)

    def end(self, ending: Ending, reason: str) -> None:
        """Say how the mail ends, and why in words."""
        self.ending, self.reason = ending, reason

    def events(self, kind: type[Happening]) -> list[Happening]:
        """Return the events of one kind that happened in this draft."""
        return [h.event for h in self.happened if isinstance(h.event, kind)]

    def move(
        self,
        reference: str,
        *,
        reason: str,
        actor: str,
        solved: bool = False,
        until: datetime | None = None,
        solution: str = "",
    ) -> None:
        """Change the status, unless the case is there already. Whether the flow allows it is asked before."""
        case = self.open_case
        status, cause = place(reference)
        if (case.status, case.cause) == (status, cause) and until is None:
            return
        kind = kind_of(self.process, status, cause)
        self.happen(
            StatusChanged(
                at=self.now,
                old=case.status,
                new=status,
                kind=kind,
                reason=reason,
                actor=actor,
                solved=kind is Kind.CLOSED and solved,
                cause=cause,
                until=until,
                solution=solution,
            )
        )

    def decision(self) -> Decision:
        """Freeze what was decided."""
        return Decision(
            happened=tuple(self.happened),
            notices=tuple(self.notices),
            hits=tuple(self.hits),
            ending=self.ending,
            reason=self.reason,
            admitted=self.admitted,
            case=self.case.number if self.case is not None else None,
        )
