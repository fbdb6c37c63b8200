"""`away until DATE`: a member's open cases are offered to the team, which hears once and goes on hearing of new ones.

Back is who says so, or whose date has come: at 00:00 of that day at the desk nothing of it counts any more. Then one
mail says what happened in the time (`rules.notice.returning`).
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from mailbot.decision import Notice
from mailbot.event import AbsenceChanged, CaseAssigned, Kind, Visibility
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command.arguments import out_of_reach
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.hold import read_until
from mailbot.rules.counting.zone import instant
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

AWAY = "away"
#: So many cases one word offers to the team, the oldest; of the others the team hears when their customers write.
MOST_REOFFERED = 200
_BACK = "off"


def entries() -> Iterator[Entry]:
    """Yield the word."""
    yield Entry(
        word=Word(word=AWAY, takes=Takes.CHOICE, read=_read, choices=("until 2026-04-01", _BACK)),
        usage="away until DATE, away off",
        help=say(
            "You are away from now on; the date is your first day back. The team gets your open cases. "
            "Off: you are back."
        ),
        group=Group.SELF,
        example="away until 2030-04-01",
        run=away,
    )


def _read(text: str) -> str | None:
    """Read `until 2026-04-01` or `off`."""
    return _BACK if text.strip().lower() == _BACK else read_until(text)


def away(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Note until when a member is away, and offer their open cases to the team; or that they are back."""
    if given.argument == _BACK:
        draft.note(AbsenceChanged(at=draft.now, person=actor.address, until=None))
        return Said(said=say("you are back; 'list team' shows what waits"))
    back = date.fromisoformat(given.argument)
    if wrong := out_of_reach(back):
        return No(reason=wrong)
    end = instant(ZoneInfo(draft.facts.desk.timezone), datetime.combine(back, time(0)))
    if end <= draft.now:
        return No(reason=say("%(date)s is not to come; write the day on which you are back", date=given.argument))
    mine = tuple(n for n in sorted(draft.cases) if (case := draft.known(n)) and _has(case, actor.address))
    draft.note(AbsenceChanged(at=draft.now, person=actor.address, until=end, cases=mine))
    if mine:
        _offer(draft, actor.address, mine)
        said = say(
            "you are away until %(date)s; your open cases are the team's now: %(count)s", date=back, count=len(mine)
        )
    else:
        said = say("you are away until %(date)s; no case of yours is open", date=back)
    return Said(said=said)


def _offer(draft: Draft, who: str, mine: Iterable[int]) -> None:
    """Give a member's open cases back to the team; the case at hand stays at hand."""
    home, person = draft.case, draft.facts.directory.member(who)
    for number in mine:
        draft.turn_to(number)
        draft.happen(CaseAssigned(at=draft.now, assignee=person.team if person else "", actor=who))
        settle(draft)
    draft.turn_away()
    if home is not None:
        draft.turn_to(home.number)


def _has(case: Case, who: str) -> bool:
    return case.assignee == who and case.kind is not Kind.CLOSED


def tell(draft: Draft, who: str) -> None:
    """Tell the team of the cases that it is offered, all in one mail to each of those who are there."""
    said = [h.event for h in draft.happened if isinstance(h.event, AbsenceChanged)]
    if not said or said[-1].until is None:
        return
    offered = [h.case for h in draft.happened if isinstance(h.event, CaseAssigned) and h.case and h.event.actor == who]
    cases = tuple(case for n in offered if _has(draft.cases[n], who) and (case := draft.known(n)))
    person = draft.facts.directory.member(who)
    for member in draft.facts.directory.team(person.team if person else "") if cases else ():
        if member.address != who and member.address not in draft.facts.away:
            name = person.name if person and person.name else who
            data = {"kind": AWAY, "words": name, "back": said[-1].until, "example": _example(draft, cases[0])}
            draft.tell(
                Notice(
                    at=draft.now,
                    template="case_list",
                    to=member.address,
                    case=None,
                    visibility=Visibility.INTERNAL,
                    listed=cases,
                    data=data,
                )
            )


def _example(draft: Draft, case: Case) -> str:
    return f"{draft.facts.desk.reference(case.number)} take"


def until(draft: Draft, address: str) -> date | None:
    """Return the day on which a person is back who is away, None for anybody else."""
    end = draft.facts.away.get(address)
    return end.astimezone(ZoneInfo(draft.facts.desk.timezone)).date() if end else None
