"""How notices tell instants and lengths of time to people: in the reader's zone, in words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def local(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as a person in the zone writes it."""
    there = instant.astimezone(zone)
    return f"{there:%A} {there.day} {there:%B %Y, %H:%M} ({there.tzname()})"


def day(instant: datetime, zone: ZoneInfo) -> str:
    """Return the day of an instant as a person in the zone writes it."""
    there = instant.astimezone(zone)
    return f"{there:%A} {there.day} {there:%B %Y}"


def duration(amount: timedelta) -> str:
    """Return an amount of time in days, hours and minutes, the two greatest."""
    minutes = max(0, round(amount.total_seconds() / 60))
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    return " ".join(_said(parts)[:2]) or "less than a minute"


def service(amount: timedelta) -> str:
    """Return an amount of counted time in hours, minutes and seconds: a day of service is no day of the calendar."""
    seconds = max(0, int(amount.total_seconds()))
    parts = [(seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")]
    return " ".join(_said(parts)) or "nothing"


def _said(parts: list[tuple[int, str]]) -> list[str]:
    return [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
