"""What an edit of the process, of the directory or of the holidays would do to the cases that there are.

Reads the store, computes each open case on the new ground, and tells what would be another: count and numbers. Changes
nothing; the daemon does it when it is started with the edit.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from mailbot.event import Kind
from mailbot.faults import Fault
from mailbot.model import Case, Clock
from mailbot.people import Desk, Directory
from mailbot.process import Process
from mailbot.rules import ledger
from mailbot.rules.entitlement import plan_of
from mailbot.rules.hours import budget, clock_calendar, clock_target

#: How many numbers are told; the count says the rest.
MOST_NUMBERS = 10


def names_of(process: Process) -> Mapping[str, frozenset[str]]:
    """Return the names that cases may stand on, by the key under which the process declares them."""
    return {
        "status": frozenset(s.name for s in process.statuses),
        "priority": frozenset({"", *(p.name for p in process.priorities)}),
        "type": frozenset(t.name for t in process.types),
    }


def lost(cases: Sequence[Case], process: Process, desk: Desk) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) for names that cases stand on and the process does not have any more."""
    for key, names in names_of(process).items():
        without: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            for name in _stands_on(case, key):
                if name not in names:
                    without[name].append(case)
        for name, those in sorted(without.items()):
            said = f"cases have the {key} {name!r}, which is not there: {_named(those, desk)}"
            yield key, f"{said}; keep it, or move them first"


def _stands_on(case: Case, key: str) -> Iterator[str]:
    """Yield the names that a case needs; one that is put aside goes back to the status before by itself."""
    yield getattr(case, key)
    if key == "status" and case.kind is Kind.ON_HOLD and case.previous_status:
        yield case.previous_status


def moved(
    cases: Sequence[Case], process: Process, directory: Directory, desk: Desk, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield (key, what would change) for open cases whose clocks would be due at another instant."""
    other: dict[str, list[Case]] = defaultdict(list)
    late: dict[str, list[Case]] = defaultdict(list)
    gone: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for clock in case.clocks if case.kind is not Kind.CLOSED else ():
            if not clock.open:
                continue
            if clock.name not in process.clocks:
                gone[clock.name].append(case)
                continue
            due = _due(case, clock, process, directory, desk)
            if due != clock.due:
                other[clock.name].append(case)
                if due is not None and due < now and clock.breached_at is None:
                    late[clock.name].append(case)
    for name, those in gone.items():
        yield f"clocks.{name}", f"the {name} clock of {_named(those, desk)} would not run on: it is not there any more"
    for name, those in other.items():
        at_once = f"; late at once: {_named(late[name], desk)}" if late[name] else ""
        yield f"clocks.{name}", f"the edit makes {name} due at another instant for {_named(those, desk)}{at_once}"


def waiting(cases: Sequence[Case], process: Process, desk: Desk) -> Iterator[tuple[str, str]]:
    """Yield (key, what would change) for open cases whose status has another kind now."""
    kinds = {s.name: (s.kind, s.causes) for s in process.statuses}
    changed: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kind, causes = kinds[case.status]
        if causes.get(case.cause, kind) is not case.kind:
            changed[case.status].append(case)
    for name, those in changed.items():
        wrong = f"has another kind now than {_named(those, desk)} came there with; they keep the old until they move"
        yield f"status.{name}.kind", wrong


def warnings(file: str, found: Iterator[tuple[str, str]]) -> Iterator[Fault]:
    """Return what was found as the file's."""
    return (Fault(file=file, key=key, wrong=wrong) for key, wrong in found)


def _due(case: Case, clock: Clock, process: Process, directory: Directory, desk: Desk) -> datetime | None:
    """Return when the clock would be due on the new ground, with the plan that the directory has now."""
    as_planned = replace(case, plan=plan_of(process, directory, case.requester))
    target = clock_target(process, as_planned, clock.name)
    calendar = clock_calendar(process, desk, process.clocks[clock.name], target)
    return ledger.due(clock, calendar, budget(target, calendar))


def _named(cases: Sequence[Case], desk: Desk) -> str:
    """Return how many there are and the first numbers."""
    numbers = ", ".join(desk.reference(case.number) for case in islice(cases, MOST_NUMBERS))
    more = ", ..." if len(cases) > MOST_NUMBERS else ""
    return f"{len(cases)} {'case' if len(cases) == 1 else 'cases'} ({numbers}{more})"
