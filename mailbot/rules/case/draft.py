"""A decision in the making: the case as the events so far leave it, those events in order, and why.

One case is at hand at a time; a cause that touches several (a merge, commands that name their cases) turns from one to
the next. A draft is made anew for every cause and never leaves the core; `decision()` freezes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from mailbot.decision import Decision, Ending, Happened, Hit, Notice, Turned
from mailbot.event import SERVED, CommandRefused, Event, Kind, MailHeld, MailIgnored, MailQuarantined, StatusChanged
from mailbot.facts import Facts
from mailbot.model import Case
from mailbot.process import Process
from mailbot.rules.case.evolve import evolve
from mailbot.rules.case.place import kind_of, place
from mailbot.rules.case.routing import Routing
from mailbot.sentence import Sentence

#: Why a mail is held that could mean several things (`contract.md`).
UNCLEAR = "unclear"
#: Who acts when nobody does.
MAILBOT = "mailbot"

Happening = TypeVar("Happening", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """Commands of a member that ran: what happened from `since` on is their doing."""

    at: datetime
    actor: str
    lines: tuple[str, ...]
    #: The case at hand.
    case: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a draft stood, to come back to."""

    case: Case | None
    before: Case | None
    aside: Mapping[int, tuple[Case | None, Case]]
    happened: tuple[Happened, ...]
    notices: tuple[Notice, ...]
    ran: tuple[Ran, ...]


def _about(notice: Notice) -> tuple[object, ...]:
    """Return what tells a notice from another; `reference` is the case that was merged into the one of the notice."""
    return notice.to, notice.template, notice.case, notice.data.get("reference")


@dataclass(slots=True, kw_only=True)
class Draft:
    """What has been decided so far about one cause."""

    facts: Facts
    process: Process
    now: datetime
    #: The cases that the cause may touch, as they are stored, by number.
    cases: Mapping[int, Case] = field(default_factory=dict)
    #: The case at hand as the events so far make it; None while there is none.
    case: Case | None = None
    #: The case at hand as it was before the cause.
    before: Case | None = None
    #: The other cases that were at hand: as they were before the cause, and as the events so far make them.
    aside: dict[int, tuple[Case | None, Case]] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    #: The mail whose commands run, by its number in the inbox: one that waited is not the one that came.
    asking: int = 0
    ending: Ending | None = None
    reason: str = ""
    #: The held mail that a member lets in, 0 for none.
    admitted: int = 0
    #: The mails that a member releases or drops.
    turned: tuple[Turned, ...] = ()
    #: The mail whose answer is taken back before it left, and how many letters of it wait; None for none.
    recalled: tuple[int, int] | None = None
    #: The commands of a member that ran, for each case that was at hand.
    ran: list[Ran] = field(default_factory=list)
    #: What the customer's plain words were taken for, and what they could mean: for the notices.
    understood: dict[str, object] = field(default_factory=dict)
    #: What the process's filters want of the mail.
    routing: Routing = field(default_factory=Routing)

    @property
    def open_case(self) -> Case:
        """Return the case. Raises ValueError when there is none: a mistake of the caller."""
        if self.case is None:
            message = "there is no case yet"
            raise ValueError(message)
        return self.case

    def turn_to(self, number: int) -> None:
        """Put the case at hand aside and go on with another one. Raises KeyError for a case that is not at hand."""
        if self.case is not None:
            self.aside[self.case.number] = (self.before, self.case)
        known = self.aside.pop(number, None)
        self.before, self.case = known or (self.cases[number], self.cases[number])
        self.now = max(self.now, self.case.latest)

    def turn_away(self) -> None:
        """Put the case at hand aside, if there is one, so that none is at hand."""
        if self.case is not None:
            self.aside[self.case.number] = (self.before, self.case)
            self.case = self.before = None

    def known(self, number: int) -> Case | None:
        """Return a case that the cause may touch, as the events so far make it; None for one that is not known."""
        if self.case is not None and self.case.number == number:
            return self.case
        return self.aside[number][1] if number in self.aside else self.cases.get(number)

    def happen(self, event: Event) -> None:
        """Let an event happen to the case at hand."""
        self.case = evolve(self.case, event)
        self.happened.append(Happened(case=self.case.number, event=event))

    def precede(self, place: int, event: Event) -> None:
        """Let an event have happened to a case right before what stands at a place in the decision."""
        number = self.happened[place].case
        assert number is not None, "what happened to no case has nothing before it"
        self.happened.insert(place, Happened(case=number, event=event))
        self._fold_again(number)

    def restate(self, place: int, event: Event) -> None:
        """Let what stands at a place in the decision, and happened to a case, be another event."""
        number = self.happened[place].case
        assert number is not None, "what happened to no case is in none"
        self.happened[place] = Happened(case=number, event=event)
        self._fold_again(number)

    def _fold_again(self, number: int) -> None:
        here = self.case is not None and self.case.number == number
        folded = before = self.before if here else self.aside[number][0]
        for happened in self.happened:
            if happened.case == number:
                folded = evolve(folded, happened.event)
        if here:
            self.case = folded
        else:
            assert folded is not None, "an event has happened to it"
            self.aside[number] = (before, folded)

    def note(self, event: Event) -> None:
        """Write down an event that belongs to no case."""
        self.happened.append(Happened(case=None, event=event))

    def tell(self, notice: Notice) -> None:
        """Ask for a notice, once for each person, template and case; of two that are merged into one, each counts."""
        if _about(notice) not in {_about(known) for known in self.notices}:
            self.notices.append(notice)

    def mark(self) -> Mark:
        """Return where the draft stands."""
        return Mark(
            case=self.case,
            before=self.before,
            aside=dict(self.aside),
            happened=tuple(self.happened),
            notices=tuple(self.notices),
            ran=tuple(self.ran),
        )

    def return_to(self, mark: Mark) -> None:
        """Forget what happened since the mark, in all cases, and whom it would have told."""
        self.case, self.before, self.aside, self.admitted = mark.case, mark.before, dict(mark.aside), 0
        self.recalled, self.turned = None, ()
        self.happened, self.notices, self.ran = [*mark.happened], [*mark.notices], [*mark.ran]

    def refuse_since(self, mark: Mark) -> None:
        """Forget what happened since the mark but that commands were refused in the case at hand."""
        refusals = self.events(CommandRefused)
        self.return_to(mark)
        for refusal in refusals:
            self.happen(refusal)

    def zone_of(self, address: str) -> ZoneInfo:
        """Return the zone in which a person reads times: their own, or the desk's."""
        person = self.facts.directory.person(address)
        return ZoneInfo((person.timezone if person else "") or self.facts.desk.timezone)

    def hit(self, rule: str, reason: str) -> None:
        """Write down that a rule spoke."""
        self.hits.append(Hit(rule=rule, reason=reason))

    def ignore(self, reason: str, sender: str) -> None:
        """End a mail that changes nothing and wants no human."""
        self.note(MailIgnored(at=self.now, reason=reason, sender=sender))
        self.end(Ending.IGNORED, reason)

    def hold(self, kind: str, why: Sentence, sender: str) -> None:
        """Put a mail aside for a human's word: `kind` is what the contract calls it, `why` is for people."""
        reason = f"{kind}: {why}"
        self.note(MailHeld(at=self.now, reason=reason, sender=sender))
        self.end(Ending.HELD, reason)

    def quarantine(self, kind: str, why: Sentence, sender: str) -> None:
        """Put a mail aside that is not wanted; `kind` and `why` as for `hold`."""
        reason = f"{kind}: {why}"
        self.note(MailQuarantined(at=self.now, reason=reason, sender=sender))
        self.end(Ending.QUARANTINED, reason)

    def serve(self, what: str, sender: str) -> None:
        """End a mail that is about no case and did what it said; `what` in words that may stand in a log."""
        self.ignore(f"{SERVED}: {what}", sender)

    def end(self, ending: Ending, reason: str) -> None:
        """Say how the mail ends, and why in words."""
        self.ending, self.reason = ending, reason

    def events(self, kind: type[Happening]) -> list[Happening]:
        """Return the events of one kind that happened to the case at hand, or to no case where none is."""
        number = self.case.number if self.case is not None else None
        return [h.event for h in self.happened if h.case == number and isinstance(h.event, kind)]

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
            turned=self.turned,
            recalled=self.recalled,
            case=self.case.number if self.case is not None else None,
        )
