"""How an event changes a case: the only function that does.

Folding `evolve` over a case's events gives exactly its row; `mailbot verify` holds the store to it.
"""

from collections.abc import Iterable
from dataclasses import replace

from mailbot.event import CaseOpened, Event
from mailbot.model import Case
from mailbot.rules.case import undoing
from mailbot.rules.case.evolve_case import changed


def evolve(case: Case | None, event: Event) -> Case:
    """Return the case as it is after the event. Raises ValueError for an event before the case was opened."""
    if isinstance(event, CaseOpened):
        return _opened(event)
    if case is None:
        message = f"{type(event).__name__} before CaseOpened"
        raise ValueError(message)
    after = replace(changed(event, case), version=case.version + 1, latest=max(case.latest, event.at))
    return undoing.follow(after, event, changed)


def fold(events: Iterable[Event]) -> Case:
    """Return the case that the events make. Raises ValueError when there are none."""
    case: Case | None = None
    for event in events:
        case = evolve(case, event)
    if case is None:
        message = "no events, no case"
        raise ValueError(message)
    return case


def _opened(event: CaseOpened) -> Case:
    return Case(
        number=event.number,
        version=1,
        status=event.status,
        kind=event.kind,
        status_since=event.at,
        priority=event.priority,
        type=event.type,
        requester=event.requester,
        subject=event.subject,
        opened=event.opened,
        latest=event.at,
        related=event.related,
        plan=event.plan,
        contract_until=event.contract_until,
        held_until=event.held_until,
        language=event.language,
        gathers=event.gathers,
    )
