"""The opening digest: at the beginning of a working day each member reads in one mail what waits.

Whoever has nothing to read gets none, nor does who is away, or does not want it. Leads, and managers who ask for it,
read what their team has; everybody else what is theirs and what is nobody's. A customer never gets one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mailbot.decision import Notice
from mailbot.digest import OpeningCame
from mailbot.event import Kind, Visibility
from mailbot.model import Case
from mailbot.people import MEMBERS, Person, Role
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.addressees import team
from mailbot.rules.notice.report import is_ours, of_team
from mailbot.rules.telling import say

DIGEST = "digest"
#: So many cases one digest shows.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Cases of a digest that wait for the same reason."""

    #: For the templates, which have the heading.
    name: str
    cases: tuple[Case, ...]


def tell(draft: Draft, cause: OpeningCame) -> None:
    """Tell each member who wants it what waits on this day; who has nothing to read hears nothing."""
    draft.hit(DIGEST, f"the working day {cause.day.isoformat()} began at {cause.due.isoformat()}")
    for person in readers(draft):
        if found := sections(draft, person):
            send(draft, person, found, kind="opening")


def readers(draft: Draft) -> Iterator[Person]:
    """Yield who gets the digest: the team, unless one does not want it, and who asked for it.

    Not who is away, nor who is back on this day and reads of it in a mail of their own.
    """
    wishes, usual = draft.facts.overview.wishes, team(draft)
    others = draft.facts.away.keys() | draft.facts.overview.returning
    for person in draft.facts.directory.people:
        wants = wishes.get(person.address, person.address in usual)
        if wants and person.role in MEMBERS and person.address not in others:
            yield person


def sections(draft: Draft, person: Person, beside: Iterable[Case] = ()) -> list[Section]:
    """Return what waits for a member, the most urgent first; a case stands in the first section that it fits.

    What stands `beside`, in other sections, is left out.
    """
    shown = {case.number for case in beside}
    found: list[Section] = []
    for name, fits in _questions(draft, person):
        cases = [c for c in draft.facts.overview.cases if c.number not in shown and fits(c)]
        shown |= {case.number for case in cases}
        found += section(name, cases)
    return found


def section(name: str, cases: Iterable[Case]) -> list[Section]:
    """Return a section, the most urgent case first; none for no cases."""
    ordered = tuple(sorted(cases, key=_urgency))
    return [Section(name=name, cases=ordered)] if ordered else []


def _questions(draft: Draft, person: Person) -> Iterator[tuple[str, Callable[[Case], bool]]]:
    """Yield the sections of a member in order: a name, and whether a case belongs there."""
    leads = person.role != Role.AGENT
    whose = of_team(draft.facts.directory, person)

    def in_sight(case: Case) -> bool:
        return leads or case.snoozed_until is None

    def own(case: Case) -> bool:
        return case.assignee == person.address

    def nobodys(case: Case) -> bool:
        free = case.assignee == "" or ("@" not in case.assignee and (leads or case.assignee == person.team))
        return free and case.kind is not Kind.RESOLVED and case.snoozed_until is None and hears(case)

    def theirs(case: Case) -> bool:
        return leads and (whose is None or case.assignee in whose) and hears(case)

    def hears(case: Case) -> bool:
        return person.address not in case.muted

    yield "own_due", lambda case: own(case) and is_due(draft, case)
    yield "own_waiting", lambda case: own(case) and in_sight(case) and waits(draft, case)
    yield "nobodys", nobodys
    yield "team_due", lambda case: theirs(case) and is_due(draft, case)
    yield "team_waiting", lambda case: theirs(case) and waits(draft, case)


def is_due(draft: Draft, case: Case) -> bool:
    """Is the case late, or due on this day of the desk?"""
    zone = ZoneInfo(draft.facts.desk.timezone)
    today, due = draft.now.astimezone(zone).date(), first_due(case)
    return case.overdue or (due is not None and due.astimezone(zone).date() <= today)


def waits(draft: Draft, case: Case) -> bool:
    """Does the case wait for us: did its customer write last?"""
    sender, _ = draft.facts.overview.latest.get(case.number, ("", None))
    return is_ours(case) and bool(sender) and draft.facts.directory.member(sender) is None


def first_due(case: Case) -> datetime | None:
    """Return the next instant at which something of the case is due, None for none."""
    return min((clock.due for clock in case.clocks if clock.open and clock.running and clock.due), default=None)


def _urgency(case: Case) -> tuple[bool, bool, datetime, int]:
    due = first_due(case)
    return not case.overdue, due is None, due or case.opened, case.number


def send(
    draft: Draft,
    person: Person,
    found: Sequence[Section],
    *,
    kind: str,
    told: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Tell a member of the cases in these sections: as many as one mail shows, each with an address of its own.

    `told` says by a case's number what is to be said of it, where that is not since when its customer waits.
    """
    left, shown = MOST_SHOWN, []
    for one in found:
        cases = one.cases[:left]
        left -= len(cases)
        lines = [{"number": c.number, "notes": told.get(c.number, notes(draft, c, person))} for c in cases]
        shown.append({"name": one.name, "count": len(one.cases), "cases": lines})
    listed = [case for one in found for case in one.cases][:MOST_SHOWN]
    draft.tell(
        Notice(
            at=draft.now,
            template=DIGEST,
            to=person.address,
            case=None,
            visibility=Visibility.INTERNAL,
            listed=tuple(listed),
            data={
                "kind": kind,
                "day": draft.now.astimezone(ZoneInfo(draft.facts.desk.timezone)).date(),
                "sections": shown,
                "more": sum(len(one.cases) for one in found) > MOST_SHOWN or draft.facts.overview.more,
                "example": f"{draft.facts.desk.reference(listed[0].number)} take",
            },
        )
    )


def notes(draft: Draft, case: Case, person: Person) -> list[str]:
    """Say since when the customer waits for an answer, where one does, in the reader's zone."""
    if not waits(draft, case):
        return []
    _, when = draft.facts.overview.latest[case.number]
    return [say("the customer wrote %(when)s", when=when.astimezone(draft.zone_of(person.address)))]
