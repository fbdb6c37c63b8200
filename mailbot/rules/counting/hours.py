"""The calendars that a process counts on, and what its amounts of time mean on them.

The rules are the shared defaults of every company: business targets are service time, days are calendar days.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mailbot.amount import Amount, Target, Unit
from mailbot.event import ClockName
from mailbot.model import Case
from mailbot.people import Desk
from mailbot.process import ClockRule, Hours, Process
from mailbot.rules.counting.calendar import INSTANT, Calendar

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def service_hours(process: Process, desk: Desk) -> Calendar:
    """Return the service hours in the desk's zone, less the public holidays of its country."""
    return _service_hours(process, desk.timezone, desk.holidays)


@lru_cache(maxsize=64)
def _service_hours(process: Process, zone: str, country: str) -> Calendar:
    """Read the hours of the file once: each clock of each letter is counted on them."""
    hours = process.hours
    closed = frozenset(hours.closed)
    return Calendar(zone=zone, hours=hours.week(), closed=closed, country=country, day=_business_day(hours))


@lru_cache(maxsize=64)
def around_the_clock(zone: str, day: timedelta) -> Calendar:
    """Return the calendar on which every second counts."""
    return Calendar(zone=zone, hours=((),) * 7, closed=frozenset(), country="", day=day, always=True)


@lru_cache(maxsize=64)
def calendar_days(zone: str, day: timedelta) -> Calendar:
    """Return the calendar on which a day ends at the same local time on the next date."""
    return Calendar(zone=zone, hours=((),) * 7, day=day, by_date=True)


def clock_calendar(process: Process, desk: Desk, rule: ClockRule, target: Target) -> Calendar:
    """Return the calendar that a clock counts on: a target in days counts days of the calendar, whatever the clock."""
    if target.upper is not None and target.upper.unit is Unit.DAYS:
        return calendar_days(desk.timezone, _business_day(process.hours))
    if rule.around_the_clock:
        return around_the_clock(desk.timezone, _business_day(process.hours))
    return service_hours(process, desk)


def clock_target(process: Process, case: Case, clock: ClockName) -> Target:
    """Return what the clock is measured against at the case's priority and the customer's plan."""
    plan = next((plan for plan in process.plans if plan.name == case.plan), None)
    own = plan.targets.get(case.priority, {}) if plan else {}
    return own.get(clock) or process.priority(case.priority).targets[clock]


def budget(target: Target, calendar: Calendar) -> timedelta | None:
    """Return how much time the target gives on the calendar, None for no limit."""
    return None if target.upper is None else length(target.upper, calendar)


def length(amount: Amount, calendar: Calendar) -> timedelta:
    """Return how much time of the calendar an amount is."""
    one = {Unit.MINUTES: _MINUTE, Unit.HOURS: _HOUR, Unit.BUSINESS_DAYS: calendar.day, Unit.DAYS: timedelta(days=1)}
    return amount.number * one[amount.unit]


def later(start: datetime, amount: Amount, calendar: Calendar) -> datetime:
    """Return the instant an amount later: business days are service time, other days keep the local time of day."""
    if amount.unit is Unit.DAYS:
        return calendar.add_days(start, round(amount.number))
    if amount.unit is Unit.BUSINESS_DAYS:
        return calendar.add(start, length(amount, calendar))
    return start + length(amount, calendar)


def earlier(end: datetime, amount: Amount, calendar: Calendar) -> datetime:
    """Return the instant an amount before another: the begin of that service day where business days are counted."""
    if amount.unit is Unit.DAYS:
        return calendar.add_days(end, -round(amount.number))
    if amount.unit is not Unit.BUSINESS_DAYS:
        return end - length(amount, calendar)
    day, left = (end - INSTANT).astimezone(ZoneInfo(calendar.zone)).date(), round(amount.number)
    while left > bool(calendar.hours_on(day)):
        left -= bool(calendar.hours_on(day))
        day -= timedelta(days=1)
    return calendar.opening_on(day)


def after(start: datetime, amount: Amount, calendar: Calendar) -> datetime:
    """Return the instant an amount later, for reminders and closes: outside service hours they wait for the opening."""
    return calendar.next_opening(later(start, amount, calendar))


def _business_day(hours: Hours) -> timedelta:
    return hours.business_day.number * (_HOUR if hours.business_day.unit is Unit.HOURS else _MINUTE)
