"""Do the flows of a process hold together? Every status is reached, none is dead, each type has one flow."""

from collections.abc import Callable, Iterator

from mailbot.event import Kind
from mailbot.process import Flow, Process, Status
from mailbot.process.names import Wrong


def unreachable(process: Process) -> Wrong:
    """In every flow each of its statuses can be reached from the first one, and a closed one from each."""
    start, closed = process.start.status, process.moves.closed
    for number, flow in enumerate(process.flows):
        key = f"flow.{number}.steps"
        if start not in flow.steps:
            yield key, f"says nothing of {start!r}, in which new cases begin; add the statuses that follow it"
            continue
        reached = _from(flow, start)
        named = dict.fromkeys(name for old, new in flow.steps.items() for name in (old, *new))
        for name in named:
            if name not in reached:
                yield key, f"no step leads to {name!r}; name it behind a status that can be reached, or leave it out"
            elif name != closed and closed not in _from(flow, name):
                yield key, f"nothing leads from {name!r} to {closed!r}; add it to the statuses that follow"
    yield from _nowhere(process)


def _nowhere(process: Process) -> Wrong:
    """Where every type has its flow, a status that no flow names is never reached; without one, no other new one is."""
    for status in process.statuses if not process.flows else ():
        if status.kind is Kind.NEW and status.name != process.start.status:
            wrong = f"no case ever gets here: it is of kind new, and new cases begin in {process.start.status!r}"
            yield f"status.{status.name}", f"{wrong}; give it another kind, or remove it"
    typed = {name for flow in process.flows for name in (flow.types or [t.name for t in process.types])}
    if not process.flows or {t.name for t in process.types} - typed:
        return
    used = {name for flow in process.flows for old, new in flow.steps.items() for name in (old, *new)}
    for status in process.statuses:
        if status.name not in used:
            wrong = "no flow leads to it; name it in the steps of a flow, or remove the status"
            yield f"status.{status.name}", wrong


def doubled(process: Process) -> Wrong:
    """A type has one flow; one for no type in particular comes last, and is for all that have none before it."""
    known = [one.name for one in process.types]
    taken: set[str] = set()
    for number, flow in enumerate(process.flows):
        key = f"flow.{number}.types"
        for name in flow.types:
            if name in taken and name in known:
                yield (
                    key,
                    f"{name!r} has its flow before this one, which is never looked at for it; name it in one only",
                )
        if not flow.types and taken >= {*known}:
            yield key, "every type has its flow before this one, so it is never looked at; name types, or remove it"
        taken |= {*(flow.types or known)}


def bypassed(process: Process) -> Wrong:
    """Warn where [moves] takes cases along ways that their flow does not have: it goes there all the same."""
    for number, flow in enumerate(process.flows):
        for name in dict.fromkeys((*flow.steps, *(new for steps in flow.steps.values() for new in steps))):
            there = next((status for status in process.statuses if status.name == name), None)
            for key, reference in _moved_from(process, there) if there else ():
                status = reference.partition(":")[0].strip()
                if status not in (name, *flow.steps.get(name, ())):
                    wrong = (
                        f"{name!r} does not lead to {status!r}, where moves.{key} takes a case from there all the same"
                    )
                    yield f"flow.{number}.steps", f"{wrong}; add {status!r} to what may follow {name!r}"
    for key in ("taken", "replied") if process.flows else ():
        status = getattr(process.moves, key).partition(":")[0].strip()
        if status and not any(status in flow.steps.get(process.start.status, ()) for flow in process.flows):
            wrong = f"no flow leads from {process.start.status!r} to {status!r}, so a case is only assigned"
            yield f"moves.{key}", f"{wrong}; add the step to a flow, or empty the key"


def _moved_from(process: Process, status: Status) -> Iterator[tuple[str, str]]:
    """Yield the keys of [moves] that take a case away from this status, and where."""
    moves, kinds = process.moves, {status.kind, *status.causes.values()}
    if status.approval:
        yield from (("approved", moves.approved), ("declined", moves.declined))
    elif Kind.WAITING_CUSTOMER in kinds:
        yield "answered", moves.answered
    if Kind.RESOLVED in kinds:
        yield "reopened", moves.reopened


def _from(flow: Flow, start: str) -> set[str]:
    """Return every status that steps lead to from this one, itself included."""
    reached, ahead = {start}, [start]
    while ahead:
        for name in flow.steps.get(ahead.pop(), ()):
            if name not in reached:
                reached.add(name)
                ahead.append(name)
    return reached


#: In the order in which the faults are told.
CHECKS: tuple[Callable[[Process], Wrong], ...] = (unreachable, doubled)
