"""Service time: when a desk is open, when an amount of service time will be used up, how much of it has passed.

A desk is open at an instant when the wall clock of its zone shows a time within the hours of that weekday, and the date
is neither a public holiday of its country nor one of its own closing days. So a night with 23 or 25 hours counts what
it really has. Instants are aware, results are in UTC, exact to the microsecond. Knows nothing of cases and clocks.
"""

import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from mailbot.rules.counting.zone import DAY, instant, latest_shown, stretches

#: The open intervals of one weekday, in order. An end of 00:00 is the midnight that ends the day (24:00).
Hours = tuple[tuple[time, time], ...]

MIDNIGHT = time(0)
NOTHING = timedelta(0)
INSTANT = timedelta.resolution
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Monday to Friday, 09:00-17:00: the service hours of a desk that says nothing else.
OFFICE_HOURS: tuple[Hours, ...] = (((time(9), time(17)),),) * 5 + ((),) * 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """What counts as service time. Raises ValueError, naming the field, for one that cannot work."""

    #: The IANA zone whose wall clock counts.
    zone: str
    #: Seven weekdays from Monday, each with its intervals; a night shift is one until 00:00 and one from 00:00.
    hours: tuple[Hours, ...] = OFFICE_HOURS
    #: The desk's own closing days, beside the public holidays.
    closed: frozenset[date] = frozenset()
    #: The country (`EE`) or its region (`DE-BY`) whose public holidays close the desk; "" for none.
    country: str = ""
    #: The standard working day: how much service time one business day is.
    day: timedelta = timedelta(hours=8)
    #: Open day and night, every day: plain elapsed hours. Hours, closing days and holidays do not count.
    always: bool = False
    #: As `always`, but 24 h are one calendar day, which ends at the same local time on the next date
    #: and has 23 or 25 hours when the clocks change.
    by_date: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be computed with, or would never open."""
        _check_zone(self.zone)
        _check_country(self.country)
        if self.day <= NOTHING:
            raise ValueError(f"day: a working day of {self.day} has no time in it; write a positive one such as 8 h")
        if not self._round_the_clock:
            _check_hours(self.hours)

    @property
    def _round_the_clock(self) -> bool:
        return self.always or self.by_date

    def is_open(self, at: datetime) -> bool:
        """Is this instant within service hours? The closing second counts as inside (`semantics.md` 4)."""
        at = _utc(at)
        return self._round_the_clock or self._in_service(at) or self._in_service(at.replace(microsecond=0) - INSTANT)

    def next_opening(self, at: datetime) -> datetime:
        """Return the first instant from this one on that is within service hours: itself when it is."""
        at = _utc(at)
        return at if self.is_open(at) else self._next_start(at)

    def opening_on(self, day: date) -> datetime:
        """Return when service begins on a local date or, if there is none, on the next service day.

        Round the clock it is the begin of the date.
        """
        begin = instant(ZoneInfo(self.zone), datetime.combine(day, MIDNIGHT))
        return begin if self._round_the_clock or self._in_service(begin) else self._next_start(begin)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the first instant at which this amount of service time has passed since the start.

        Outside service hours nothing passes, so counting begins at the next opening; an amount that is used up
        at closing time is used up then, not at the next opening. No amount is used up at the start itself.
        Raises ValueError for a negative amount, and beyond the years that `datetime` knows.
        """
        if amount < NOTHING:
            raise ValueError(f"amount: {amount} is negative, and service time only goes on")
        start = _utc(start)
        if not amount:
            return start
        if self.by_date:
            zone = ZoneInfo(self.zone)
            return instant(zone, latest_shown(zone, start) + amount)
        if self.always:
            return start + amount
        year = start.year
        table = _timetable(self, year)
        position = table.passed(start) + amount
        while position > table.total:
            position -= table.total
            year += 1
            table = _timetable(self, year)
        return table.reached(position)

    def measure(self, start: datetime, end: datetime) -> timedelta:
        """Return how much service time lies between two instants; none when the end is not after the start."""
        start, end = _utc(start), _utc(end)
        if end <= start:
            return NOTHING
        if self.by_date:
            zone = ZoneInfo(self.zone)
            return latest_shown(zone, end) - latest_shown(zone, start)
        if self.always:
            return end - start
        passed = _timetable(self, end.year).passed(end) - _timetable(self, start.year).passed(start)
        for year in range(start.year, end.year):
            passed += _timetable(self, year).total
        return passed

    def add_days(self, start: datetime, days: int) -> datetime:
        """Return the same local time on the date that many calendar days later, in service or not.

        A local time that comes twice on that date means its first coming, one that is skipped the moment of the skip.
        """
        start, zone = _utc(start), ZoneInfo(self.zone)
        if not days:
            return start
        return instant(zone, start.astimezone(zone).replace(tzinfo=None) + days * DAY)

    def hours_on(self, day: date) -> Hours:
        """Return the open intervals of a local date."""
        if day in self.closed or day in _public_holidays(self.country, day.year):
            return ()
        return self.hours[day.weekday()]

    def _in_service(self, at: datetime) -> bool:
        return _timetable(self, at.year).is_open(at)

    def _next_start(self, at: datetime) -> datetime:
        year = at.year
        while (start := _timetable(self, year).next_start(at)) is None:
            year += 1
        return start


@dataclass(frozen=True, slots=True)
class _Timetable:
    """The open intervals of one year of UTC, in order, half-open; a night over New Year is cut in two."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    #: How much service time the year has had when each interval ends.
    sums: tuple[timedelta, ...]
    #: How much it has in all.
    total: timedelta

    def is_open(self, at: datetime) -> bool:
        index = bisect_right(self.starts, at) - 1
        return index >= 0 and at < self.ends[index]

    def next_start(self, at: datetime) -> datetime | None:
        """The first interval from an instant on; None when the year has no more."""
        index = bisect_left(self.starts, at)
        return self.starts[index] if index < len(self.starts) else None

    def passed(self, at: datetime) -> timedelta:
        """How much service time the year has had at an instant."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return NOTHING
        return self.sums[index] - max(self.ends[index] - at, NOTHING)

    def reached(self, position: timedelta) -> datetime:
        """The first instant at which the year has had that much, which is some and no more than it has."""
        index = bisect_left(self.sums, position)
        return self.ends[index] - (self.sums[index] - position)


@lru_cache(maxsize=256)
def _timetable(calendar: Calendar, year: int) -> _Timetable:
    starts: list[datetime] = []
    ends: list[datetime] = []
    sums: list[timedelta] = []
    total = NOTHING
    for start, end in _intervals(calendar, year):
        total += end - start
        starts.append(start)
        ends.append(end)
        sums.append(total)
    return _Timetable(tuple(starts), tuple(ends), tuple(sums), total)


def _intervals(calendar: Calendar, year: int) -> Iterator[tuple[datetime, datetime]]:
    """Lay the hours of every local date over each stretch of one offset, and cut them to it.

    So an hour that is skipped is never open, and one that comes twice is open twice.
    """
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    for since, until, offset in stretches(ZoneInfo(calendar.zone), begin, end):
        first, last = (since + offset).date(), (until + offset).date()
        for day in (first + days * DAY for days in range((last - first).days + 1)):
            for opening, closing in calendar.hours_on(day):
                closing_day = day + DAY if closing == MIDNIGHT else day
                start = max(since, datetime.combine(day, opening, UTC) - offset)
                stop = min(until, datetime.combine(closing_day, closing, UTC) - offset)
                if start < stop:
                    yield start, stop


@lru_cache(maxsize=256)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    name, _, region = country.partition("-")
    with warnings.catch_warnings():
        # Movable feasts that nobody has computed yet are not known: that is no fault of the desk.
        warnings.simplefilter("ignore", UserWarning)
        return frozenset(holidays.country_holidays(name, subdiv=region or None, years=year))


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} is a local time without a zone; instants are aware")
    return at.astimezone(UTC)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"zone: {zone!r} is no IANA time zone; write one such as Europe/Tallinn") from None


def _check_country(country: str) -> None:
    try:
        known = re.fullmatch(r"([A-Z]{2}(-.+)?)?", country) is not None
        _public_holidays(country if known else "", 2000)
    except NotImplementedError:
        known = False
    if not known:
        raise ValueError(f"country: {country!r} has no known public holidays; write EE, or DE-BY for a region")


def _check_hours(hours: tuple[Hours, ...]) -> None:
    if len(hours) != len(WEEKDAYS):
        raise ValueError(f"hours: {len(hours)} weekdays are given; write seven, from Monday")
    if not any(hours):
        raise ValueError("hours: no weekday is ever open, so nothing would ever be due")
    for weekday, intervals in zip(WEEKDAYS, hours, strict=True):
        previous = MIDNIGHT
        for index, (opening, closing) in enumerate(intervals):
            if index and not MIDNIGHT < previous <= opening:
                raise ValueError(f"hours: {weekday} {opening:%H:%M} opens before the interval before it has closed")
            if MIDNIGHT != closing <= opening:
                raise ValueError(f"hours: {weekday} {opening:%H:%M}-{closing:%H:%M} closes before it opens")
            previous = closing
