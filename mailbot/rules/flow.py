"""Which status may follow which (`semantics.md` 13).

Where a process states transitions, only they are allowed; where it states none, any but into a status of kind new,
and out of a closed one only by reopening.
"""

from mailbot.event import Kind
from mailbot.model import Case
from mailbot.process import Process


def allowed(process: Process, case: Case) -> tuple[str, ...]:
    """Return the statuses that the case may move to, in the order of the process file."""
    for flow in process.flows:
        if not flow.types or case.type in flow.types:
            return flow.steps.get(case.status, ())
    if case.kind is Kind.CLOSED:
        return ()
    return tuple(s.name for s in process.statuses if s.kind is not Kind.NEW and s.name != case.status)


def refusal(process: Process, case: Case, status: str) -> str:
    """Return why the case may not move to this status, with what it may do instead; "" if it may."""
    if status == case.status:
        return f"the case is {status} already"
    steps = allowed(process, case)
    if status in steps:
        return ""
    if case.kind is Kind.CLOSED:
        return f"the case is {case.status}; only 'reopen' takes it back"
    return f"{case.status} does not lead to {status}; it leads to {', '.join(steps) or 'nowhere'}"
