"""Service time the naive way: every minute of some weeks is asked whether it is open, and then they are counted.

Slow and obvious: what `calendar` and `ledger` of `mailbot.rules.counting` are held against. Borders of service hours
and changes of a zone's offset lie on whole minutes, so within a minute nothing changes.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from mailbot.rules.counting.calendar import Calendar, Hours

MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)


@cache
def is_public_holiday(country: str, day: date) -> bool:
    name, _, region = country.partition("-")
    return bool(country) and day in holidays.country_holidays(name, subdiv=region or None)


def shown(calendar: Calendar, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)


def is_service_minute(calendar: Calendar, minute: datetime) -> bool:
    if calendar.always:
        return True
    local = shown(calendar, minute)
    if local.date() in calendar.closed or is_public_holiday(calendar.country, local.date()):
        return False
    intervals = calendar.hours[local.weekday()]
    return any(start <= local.time() and (local.time() < end or end == time(0)) for start, end in intervals)


def _week(weekday: Hours, saturday: Hours = (), sunday: Hours = ()) -> tuple[Hours, ...]:
    return (weekday,) * 5 + (saturday, sunday)


_BREAK = ((time(9), time(12)), (time(13), time(17)))
_NIGHT = ((time(0), time(6)), (time(22), time(0)))
_SMALL_HOURS = ((time(0, 15), time(1, 45)), (time(2, 20), time(2, 40)), (time(3, 30), time(5)))
#: Calendars that differ in all that may go wrong.
CALENDARS = {
    "office-in-estonia": Calendar("Europe/Tallinn", country="EE"),
    "lunch-break-and-saturdays-in-bavaria": Calendar("Europe/Berlin", _week(_BREAK, _BREAK[:1]), country="DE-BY"),
    "new-york": Calendar("America/New_York", country="US", closed=frozenset({date(2026, 11, 27)})),
    "half-an-hour-off": Calendar("Asia/Kolkata", _week(_BREAK)),
    "night-shift": Calendar("Europe/Tallinn", _week(_NIGHT, _NIGHT, _NIGHT)),
    "evenings-over-the-new-year-of-utc": Calendar("America/New_York", _week(((time(17), time(23)),), sunday=_BREAK)),
    "small-hours-around-the-change": Calendar("Europe/Tallinn", _week(_SMALL_HOURS, _SMALL_HOURS, _SMALL_HOURS)),
    "clocks-change-by-half-an-hour": Calendar("Australia/Lord_Howe", _week(_SMALL_HOURS, _SMALL_HOURS, _SMALL_HOURS)),
    "midnight-is-skipped": Calendar("Africa/Cairo", _week(((time(0), time(0)),), _NIGHT)),
    "always": Calendar("Europe/Tallinn", always=True),
}
#: Where to look at each, in four weeks: both changes of the clocks, the turn of a year, a leap day.
FOUR_WEEKS = tuple(
    (name, datetime.fromisoformat(begin).replace(tzinfo=UTC))
    for name, begins in {
        "office-in-estonia": "2026-03-16 2026-10-12 2026-12-14 2028-02-14",
        "lunch-break-and-saturdays-in-bavaria": "2026-03-16 2026-10-12 2026-12-21",
        "new-york": "2026-02-23 2026-10-19 2026-11-16 2026-12-14",
        "half-an-hour-off": "2026-12-21",
        "night-shift": "2026-03-16 2026-10-12",
        "evenings-over-the-new-year-of-utc": "2026-02-23 2026-10-19 2026-12-14",
        "small-hours-around-the-change": "2026-03-16 2026-10-12",
        "clocks-change-by-half-an-hour": "2026-03-23 2026-09-21",
        "midnight-is-skipped": "2026-04-13 2026-10-19",
        "always": "2026-03-16",
    }.items()
    for begin in begins.split()
)


class Minutes:
    """A calendar from one whole minute to another, seen minute by minute."""

    def __init__(self, calendar: Calendar, begin: datetime, days: int) -> None:
        self.begin = begin.astimezone(UTC)
        self.end = self.begin + timedelta(days=days)
        minutes = (self.begin + n * MINUTE for n in range((self.end - self.begin) // MINUTE))
        self.open = bytes(is_service_minute(calendar, minute) for minute in minutes)

    @staticmethod
    @cache
    def of(calendar: str, begin: datetime) -> "Minutes":
        return Minutes(CALENDARS[calendar], begin, 28)

    def passed(self, at: datetime) -> timedelta:
        whole, part = divmod(at - self.begin, MINUTE)
        return self.open.count(1, 0, whole) * MINUTE + (part if part and self.open[whole] else ZERO)

    def measure(self, start: datetime, end: datetime) -> timedelta:
        return self.passed(end) - self.passed(start)

    def add(self, start: datetime, amount: timedelta) -> datetime | None:
        """The first instant at which the amount has passed; None when it is not within these weeks."""
        if not amount:
            return start
        # The minute that began before the start, if it is open, has its first part behind it.
        left = amount + self.measure(self.begin + (start - self.begin) // MINUTE * MINUTE, start)
        index = (start - self.begin) // MINUTE
        while left > MINUTE or not self.open[index]:
            left -= self.open[index] * MINUTE
            index = self.open.find(1, index + 1)
            if index < 0:
                return None
        return self.begin + index * MINUTE + left
