"""What cases stand on: names that the process has no more, statuses that have another kind now. Changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from mailbot.event import Kind
from mailbot.faults import Fault
from mailbot.model import Case
from mailbot.people import Desk
from mailbot.process import Process

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
            said = f"cases have the {key} {name!r}, which is not there: {named(those, desk)}"
            yield key, f"{said}; keep it, or move them first"


def _stands_on(case: Case, key: str) -> Iterator[str]:
    """Yield the names that a case needs; one that is put aside goes back to the status before by itself."""
    yield getattr(case, key)
    if key == "status" and case.kind is Kind.ON_HOLD and case.previous_status:
        yield case.previous_status


def waiting(cases: Sequence[Case], process: Process, desk: Desk) -> Iterator[tuple[str, str]]:
    """Yield (key, what would change) for open cases whose status has another kind now."""
    kinds = {s.name: (s.kind, s.causes) for s in process.statuses}
    changed: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kind, causes = kinds[case.status]
        if causes.get(case.cause, kind) is not case.kind:
            changed[case.status].append(case)
    for name, those in changed.items():
        wrong = f"has another kind now than {named(those, desk)} came there with; they keep the old until they move"
        yield f"status.{name}.kind", wrong


def warnings(file: str, found: Iterator[tuple[str, str]]) -> Iterator[Fault]:
    """Return what was found as the file's."""
    return (Fault(file=file, key=key, wrong=wrong) for key, wrong in found)


def named(cases: Sequence[Case], desk: Desk) -> str:
    """Return how many there are and the first numbers."""
    numbers = ", ".join(desk.reference(case.number) for case in islice(cases, MOST_NUMBERS))
    more = ", ..." if len(cases) > MOST_NUMBERS else ""
    return f"{len(cases)} {'case' if len(cases) == 1 else 'cases'} ({numbers}{more})"
