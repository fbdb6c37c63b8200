"""The numbers of a team, or of one of its people: of the last seven days, and of now. Counts; changes nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from mailbot.event import Kind
from mailbot.facts import Query
from mailbot.model import Case
from mailbot.people import Directory, Person, Role
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.addressees import to_asker
from mailbot.rules.spoken import Actor

#: How far back a report counts.
PERIOD = timedelta(days=7)
#: Where a case waits for somebody else, or for nothing more.
_NOT_OURS = (Kind.WAITING_CUSTOMER, Kind.WAITING_OTHER, Kind.ON_HOLD, Kind.RESOLVED, Kind.CLOSED)


def query_of(directory: Directory, member: Person, now: datetime) -> Query:
    """Return the cases that a member's report counts."""
    leads = member.role in (Role.LEAD, Role.MANAGER)
    whose = of_team(directory, member) if leads else (member.address,)
    return Query(assignees=whose, open_only=False, since=now - PERIOD)


def of_team(directory: Directory, member: Person) -> tuple[str, ...] | None:
    """Return with whom the cases of a member's team are: its people, the team itself, nobody yet; None for anybody."""
    if not member.team:
        return None
    return (*(person.address for person in directory.team(member.team)), member.team, "")


def is_ours(case: Case) -> bool:
    """Does the case wait for the team?"""
    return case.kind not in _NOT_OURS


def tell(draft: Draft, actor: Actor, answered: str) -> None:
    """Answer `report`; that there is something to count was said before."""
    counted = draft.facts.counted
    assert counted is not None, "what has no answer was refused"
    assert counted.query.since is not None, "a report has a beginning"
    to_asker(
        draft,
        "report",
        actor,
        answered,
        data={
            "own": counted.query.assignees == (actor.address,),
            "more": len(counted.cases) if counted.more else 0,
            **numbers(counted.cases, counted.query.since, draft.process),
        },
    )


def numbers(cases: Iterable[Case], since: datetime, process: Process) -> dict[str, object]:
    """Count: what came and went since an instant, and what is open."""
    known = tuple(cases)
    still = [case for case in known if case.kind is not Kind.CLOSED]
    closed = [case for case in known if case.closed is not None and case.closed >= since and case not in still]
    answers = [(c.answered_at - c.opened).total_seconds() for c in known if c.answered_at and c.answered_at >= since]
    names = [*(priority.name for priority in process.priorities), ""]
    by_priority = [(name, sum(case.priority == name for case in still)) for name in names]
    return {
        "opened": sum(case.opened >= since for case in known),
        "closed": len(closed),
        "answered": timedelta(seconds=median(answers)) if answers else None,
        "open": len(still),
        "unassigned": sum(not case.assignee for case in still),
        "ours": sum(is_ours(case) for case in still),
        "overdue": sum(case.overdue for case in still),
        "priorities": [{"name": name, "count": count} for name, count in by_priority if count],
    }
