"""What notices promise: when a case closes by itself, until when it can be reopened, what clocks run to."""

from datetime import datetime

from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import ladder_of
from mailbot.rules.counting.hours import after, clock_target, later, service_hours


def of_case(draft: Draft) -> dict[str, object]:
    """Return `closes` and `reopen_until`, where the process says so."""
    case, hours = draft.open_case, service_hours(draft.process, draft.facts.desk)
    dates: dict[str, object] = {}
    if case.closed is not None:
        dates["reopen_until"] = later(case.closed, draft.process.closing.reopen_within, hours)
    elif closes := _closes(draft):
        dates["closes"] = closes
    return dates


def targets(draft: Draft) -> list[dict[str, object]]:
    """Return what the clocks promise that run from the opening on, for an acknowledgement."""
    case, process = draft.open_case, draft.process
    running = [clock for clock, rule in process.clocks.items() if rule.starts == "opened" and case.priority]
    within = {clock: clock_target(process, case, clock) for clock in running}
    return [{"name": str(clock), "within": target} for clock, target in within.items() if target.upper]


def _closes(draft: Draft) -> datetime | None:
    """Return when the ladder closes the case if nothing is heard, None where it does not."""
    case, hours = draft.open_case, service_hours(draft.process, draft.facts.desk)
    ladder = ladder_of(draft.process, case)
    if ladder is None or case.ladder_ended or ladder.steps[-1].do != "close":
        return None
    instant = case.reminded_at or case.status_since
    for step in ladder.steps[case.reminders :]:
        instant = after(instant, step.after, hours)
    return instant
