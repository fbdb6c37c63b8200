"""A place in a process: a status, and one of its causes where it has some, written `Pending: customer`."""

from mailbot.event import Kind
from mailbot.model import Case
from mailbot.process import Ladder, Process


def place(reference: str) -> tuple[str, str]:
    """Return the status and the cause that a reference names; the cause is "" where it names none."""
    status, _, cause = reference.partition(":")
    return status.strip(), cause.strip()


def came_from(case: Case) -> str:
    """Return the place where the case stood before the present one, as a reference."""
    return f"{case.previous_status}: {case.previous_cause}" if case.previous_cause else case.previous_status


def stands_in(case: Case, reference: str) -> bool:
    """Is the case there? A reference without a cause means every cause."""
    status, cause = place(reference)
    return case.status == status and cause in ("", case.cause)


def kind_of(process: Process, status: str, cause: str) -> Kind:
    """Return the kind of a status, which its cause may decide. Raises KeyError."""
    found = process.status(status)
    return found.causes.get(cause, found.kind)


def shown(status: str, cause: str) -> str:
    """Return a place as people read it."""
    return f"{status} ({cause})" if cause else status


def written(case: Case) -> str:
    """Return how a command names where the case stands."""
    return f"{case.status} {case.cause}".strip()


def ladder_of(process: Process, case: Case) -> Ladder | None:
    """Return the ladder that runs where the case stands, None if there is none."""
    return next((one for one in process.ladders if any(stands_in(case, where) for where in one.statuses)), None)
