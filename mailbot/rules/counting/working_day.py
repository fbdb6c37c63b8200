"""When a working day of the desk begins for its people: the moment of the opening digest, and of who is back.

Service hours, closing days and holidays say which dates are working days; the desk says at what time of them. A digest
that could not be told in time is told later on the same working day, never on the next.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailbot.digest import Absence, MemberReturned, OpeningCame
from mailbot.people import Desk
from mailbot.process import Process
from mailbot.rules.counting.calendar import MIDNIGHT, Calendar
from mailbot.rules.counting.hours import service_hours
from mailbot.rules.counting.zone import DAY, instant

#: What a desk says whose digest comes when service opens.
OPENING = "opening"
#: So many dates are looked at for a working day: a desk that is closed for longer has none to come.
_MOST_DATES = 370


def next_digest(process: Process, desk: Desk, told: date | None, now: datetime) -> OpeningCame | None:
    """Return the digest that is due, or else the next one; None for a desk that wants none.

    `told` is the date at the desk whose digest went out last, None before the first.
    """
    if not desk.opening_digest:
        return None
    calendar = service_hours(process, desk)
    today = now.astimezone(ZoneInfo(desk.timezone)).date()
    for day in (today + number * DAY for number in range(_MOST_DATES)):
        hours = calendar.hours_on(day)
        if not hours or (told is not None and day <= told):
            continue
        due = calendar.opening_on(day) if desk.opening_digest == OPENING else _at(desk.opening_digest, calendar, day)
        if now < max(_end(calendar, day), due + timedelta(hours=1)):
            return OpeningCame(day=day, due=due)
    return None


def returned(process: Process, desk: Desk, absence: Absence) -> MemberReturned:
    """Return when a member reads what happened meanwhile: at once who says to be back, else when service opens."""
    due = absence.until if absence.is_said else service_hours(process, desk).next_opening(absence.until)
    return MemberReturned(absence=absence, due=due)


def _at(time_of_day: str, calendar: Calendar, day: date) -> datetime:
    return instant(ZoneInfo(calendar.zone), datetime.combine(day, time.fromisoformat(time_of_day)))


def _end(calendar: Calendar, day: date) -> datetime:
    """Return when the last service hours of a date end, which may be the midnight after it."""
    end = calendar.hours_on(day)[-1][1]
    return instant(ZoneInfo(calendar.zone), datetime.combine(day + DAY if end == MIDNIGHT else day, end))
