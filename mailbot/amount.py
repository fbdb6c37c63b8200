"""Amounts of time as people write them: `4 hours`, `2 business days`, `3-4 days`, `best effort`.

What an amount means as an instant is the business of `mailbot.rules.counting.calendar`; here it is only read.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """In what an amount is counted."""

    #: Minutes and hours count on the clock's own calendar (service hours, or around the clock).
    MINUTES = "minutes"
    HOURS = "hours"
    #: Calendar days: the same local time on a later date.
    DAYS = "days"
    #: One business day is the calendar's standard working day.
    BUSINESS_DAYS = "business days"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of units."""

    number: float
    unit: Unit

    def __str__(self) -> str:
        """Return it as a person would say it."""
        words = str(self.unit)
        return f"{self.number:.10g} {words.removesuffix('s') if self.number == 1 else words}"


@dataclass(frozen=True, slots=True)
class Target:
    """What a clock is measured against."""

    #: When it is due; None is no limit (best effort, at discretion).
    upper: Amount | None
    #: The lower bound of a range, at which the clock warns; None where it is no range.
    lower: Amount | None = None
    #: How the company says it when there is no number.
    words: str = ""

    def __str__(self) -> str:
        """Return it as the company says it."""
        if self.upper is None:
            return self.words
        if self.lower is None:
            return str(self.upper)
        return f"{self.lower.number:.10g} to {self.upper}"


#: Targets without a number; they never warn and never breach.
UNLIMITED = ("best effort", "at discretion")

_UNITS = {
    "m": Unit.MINUTES,
    "min": Unit.MINUTES,
    "minute": Unit.MINUTES,
    "h": Unit.HOURS,
    "hour": Unit.HOURS,
    "d": Unit.DAYS,
    "day": Unit.DAYS,
    "business day": Unit.BUSINESS_DAYS,
}
_NUMBER = r"([0-9]{1,20}(?:\.[0-9]{1,3})?)"
_AMOUNT = re.compile(rf"{_NUMBER} ?([a-z ]{{1,20}})")
_RANGE = re.compile(rf"{_NUMBER} ?(?:-|to) ?{_NUMBER} ?([a-z ]{{1,20}})")
#: About how many minutes a unit has: enough to tell what is too little and too much.
_ABOUT = {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.DAYS: 24 * 60, Unit.BUSINESS_DAYS: 8 * 60}
#: The most that can be meant: ten years.
_MOST = {Unit.MINUTES: 5_259_600, Unit.HOURS: 87_660, Unit.DAYS: 3_653, Unit.BUSINESS_DAYS: 2_610}
_EXAMPLES = "'4 hours', '30 minutes', '2 business days' or '30 days'"


def amount(text: str) -> Amount:
    """Read one amount. Raises ValueError that says what would be right."""
    match = _AMOUNT.fullmatch(text.strip().lower())
    unit = _unit(match[2]) if match else None
    if match is None or unit is None:
        message = f"{text!r} is no amount of time; write it like {_EXAMPLES}"
        raise ValueError(message)
    return _sensible(text, float(match[1]), unit)


def target(text: str) -> Target:
    """Read a target: an amount, a range, or one of the words without a number. Raises ValueError."""
    plain = text.strip().lower()
    if plain in UNLIMITED:
        return Target(None, words=plain)
    match = _RANGE.fullmatch(plain)
    if match is None:
        return Target(amount(text))
    unit = _unit(match[3])
    if unit is None or float(match[1]) >= float(match[2]):
        message = f"{text!r} is no range; write it like '3-4 days', the lower number first"
        raise ValueError(message)
    return Target(_sensible(text, float(match[2]), unit), _sensible(text, float(match[1]), unit))


def _sensible(text: str, number: float, unit: Unit) -> Amount:
    """Return the amount, unless nobody can mean it or it cannot be counted. Raises ValueError."""
    if unit is Unit.DAYS and number != int(number):
        wrong = "is no whole number of days: days end at the same time of day; write days without a fraction, or hours"
    elif 0 < number * _ABOUT[unit] < 1:
        wrong = "is less than a minute; write '1 minute' at least"
    elif number > _MOST[unit]:
        wrong = f"is more than ten years; write at most '{_MOST[unit]} {unit}'"
    else:
        return Amount(number, unit)
    message = f"{text!r} {wrong}"
    raise ValueError(message)


def _unit(word: str) -> Unit | None:
    """Return the unit that a word, singular or plural, stands for."""
    word = word.strip()
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
