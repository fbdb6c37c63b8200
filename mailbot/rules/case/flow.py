"""Which status may follow which (`semantics.md` 13).

Where a process states transitions, only they are allowed; where it states none, any but into a status of kind new,
and out of a closed one only by reopening.
"""

from mailbot.event import Kind
from mailbot.model import Case
from mailbot.process import Process
from mailbot.rules.case.place import place, shown
from mailbot.rules.telling import say
from mailbot.sentence import Reason


def allowed(process: Process, case: Case) -> tuple[str, ...]:
    """Return the statuses that the case may move to, in the order of the process file."""
    for flow in process.flows:
        if not flow.types or case.type in flow.types:
            return flow.steps.get(case.status, ())
    if case.kind is Kind.CLOSED:
        return ()
    return tuple(s.name for s in process.statuses if s.kind is not Kind.NEW and s.name != case.status)


def refusal(process: Process, case: Case, reference: str) -> Reason:
    """Return why the case may not move there, with what it may do instead; "" if it may."""
    status, cause = place(reference)
    known = process.status(status)
    if known.causes and cause not in known.causes:
        return say(
            "%(status)s needs its cause: %(what)s",
            status=status,
            what=", ".join(f"{status} {name}" for name in known.causes),
        )
    if (status, cause) == (case.status, case.cause):
        return say("the case is %(what)s already", what=shown(status, cause))
    if status == case.status:
        return ""
    if awaited := _awaits_approval(process, case, status):
        return awaited
    steps = allowed(process, case)
    if status in steps and known.needs_priority and not case.priority_set:
        names = ", ".join(priority.name for priority in process.priorities)
        return say(
            "%(status)s needs the priority first: write 'priority' and one of %(names)s", status=status, names=names
        )
    if status in steps:
        return ""
    if case.kind is Kind.CLOSED:
        return say("the case is %(status)s; only 'reopen' takes it back", status=case.status)
    return say(
        "%(old)s does not lead to %(status)s; it leads to %(what)s",
        old=case.status,
        status=status,
        what=", ".join(steps) or say("nowhere"),
    )


def _awaits_approval(process: Process, case: Case, status: str) -> Reason:
    """Return why work may not start before the customer's word; "" where the move starts none."""
    moves, kind = process.moves, process.status(status).kind
    approved, declined = place(moves.approved)[0], place(moves.declined)[0]
    back = status == declined != approved
    if not process.status(case.status).approval or back or kind in (Kind.CLOSED, Kind.ON_HOLD):
        return ""
    return say(
        "%(old)s leads to %(status)s only once the estimate is approved: 'approve' says that it is",
        old=case.status,
        status=status,
    )
