"""Alarms: at a share of a clock's target somebody beside those who work on the case is called."""

from collections.abc import Iterator

from mailbot.event import Escalated
from mailbot.model import Case, Deadline
from mailbot.people import Desk, Role
from mailbot.process import Alarm, Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.counting import ledger
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target
from mailbot.rules.notice import notices
from mailbot.rules.notice.addressees import in_role

ALARM = "alarm"


def deadlines(case: Case, process: Process, desk: Desk) -> Iterator[Deadline]:
    """Yield when each alarm that was not raised yet will be."""
    for alarm in process.alarms:
        clock = case.clock(alarm.clock)
        if clock is None or not clock.open or alarm.clock not in process.clocks or name_of(alarm) in case.alarmed:
            continue
        target = clock_target(process, case, alarm.clock)
        calendar = clock_calendar(process, desk, process.clocks[alarm.clock], target)
        limit = budget(target, calendar)
        due = ledger.at_share(clock, calendar, limit, alarm.at)
        if due is not None:
            cycle = str(len(clock.spans))
            yield Deadline(case=case.number, rule=f"{ALARM}:{name_of(alarm)}", cycle=cycle, due=due)


def ring(draft: Draft, name: str) -> None:
    """Call whom the alarm names, the leads where nobody has that role."""
    alarm = next(alarm for alarm in draft.process.alarms if name_of(alarm) == name)
    reason = f"{alarm.at:.0%} of the {alarm.clock} target is used up"
    people = in_role(draft, alarm.to) or in_role(draft, Role.LEAD)
    for address in people:
        draft.happen(Escalated(at=draft.now, level=0, to=address, reason=reason, alarm=name))
    if not people:
        draft.happen(Escalated(at=draft.now, level=0, to="", reason=f"{reason}; nobody is {alarm.to}", alarm=name))
    notices.escalated(draft, people, reason=reason)


def name_of(alarm: Alarm) -> str:
    """Return what tells an alarm of the process from the others."""
    return f"{alarm.clock}/{alarm.at:g}/{alarm.to}"
