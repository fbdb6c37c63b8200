"""What a case's assignee has in the calendar: its due times, put there and moved by notices that they get anyway.

No notice goes out for a calendar alone: what moved is told with the next notice or receipt of the same decision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailbot.decision import DueTime
from mailbot.event import Visibility
from mailbot.model import Case
from mailbot.rules.case.draft import Draft


def attach(draft: Draft) -> None:
    """Give each notice to a member along what is due at another time now, or is theirs now, once for each person."""
    if not draft.facts.desk.calendar:
        return
    at_hand = [(draft.before, draft.case), *draft.aside.values()]
    for before, after in at_hand:
        told: set[str] = set()
        elsewhere: dict[str, int] = {}
        for place, notice in enumerate(draft.notices):
            member = notice.visibility is Visibility.INTERNAL and draft.facts.directory.member(notice.to)
            if after is None or not member or notice.to in told:
                continue
            if notice.case != after.number:
                elsewhere.setdefault(notice.to, place)
                continue
            told.add(notice.to)
            due = tuple(changed(before, after, notice.to))
            draft.notices[place] = replace(notice, due_times=(*notice.due_times, *due))
        for person, place in elsewhere.items():
            if after is not None and person not in told:
                _beside(draft, place, before, after)


def _beside(draft: Draft, place: int, before: Case | None, after: Case) -> None:
    """Let a notice about something else say what is due of a case of which its reader gets none."""
    notice = draft.notices[place]
    due = tuple(replace(one, of=after) for one in changed(before, after, notice.to))
    draft.notices[place] = replace(notice, due_times=(*notice.due_times, *due))


def changed(before: Case | None, after: Case, person: str) -> Iterator[DueTime]:
    """Yield what is due at another time for this person than before, and what is not due for them any more."""
    old, new = _due(before, person), _due(after, person)
    for clock in dict.fromkeys((*old, *new)):
        if clock in new and new[clock] != old.get(clock):
            yield DueTime(clock=clock, due=new[clock])
        elif clock not in new:
            yield DueTime(clock=clock, due=old[clock], is_over=True)


def _due(case: Case | None, person: str) -> Mapping[str, datetime]:
    """Return when the clocks of a case run out that run, where it is this person's; of a team's case nobody's."""
    if case is None or case.assignee != person:
        return {}
    return {str(clock.name): clock.due for clock in case.clocks if clock.open and clock.running and clock.due}
