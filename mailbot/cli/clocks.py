"""The clocks of a case as `case` and `cases` show them. What they say is computed in `mailbot.rules.counting.why`."""

from datetime import datetime

from mailbot.event import ClockName
from mailbot.model import Case
from mailbot.people import Desk
from mailbot.process import Process
from mailbot.rules.counting import why

ClockRow = dict[str, object]

#: What the contract names; `mailbot why` says the rest.
KEYS = ("clock", "state", "due", "used_seconds")


def clock_rows(case: Case, process: Process, desk: Desk, now: datetime) -> list[ClockRow]:
    """Give each clock in short."""
    return [{key: told[key] for key in KEYS} for told in why.clocks(case, process, desk, now)]


def next_due(case: Case, process: Process, desk: Desk, now: datetime) -> datetime | None:
    """Return the earliest due instant of the clocks that still wait for what they measure, None where there is none."""
    dues = (told["due"] for told in why.clocks(case, process, desk, now) if _is_open(case, str(told["clock"])))
    return min((due for due in dues if isinstance(due, datetime)), default=None)


def _is_open(case: Case, name: str) -> bool:
    clock = case.clock(ClockName(name))
    return clock is not None and clock.open
