"""Between UTC and what a wall clock shows: the two nights a year on which a local time is missing or comes twice.

`zoneinfo` knows the offset of an instant; here is what it does not say: when exactly an offset changes, and which
instant a missing local time means. Knows nothing of service hours.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    """Return how far the wall clock is ahead of UTC at an instant (UTC)."""
    return at.astimezone(zone).replace(tzinfo=UTC) - at


def change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the instant, after `before` and at the latest `after`, from which on the offset of `after` holds."""
    before = before.replace(microsecond=0)
    low, high = 0, -((before - after) // SECOND)
    new = offset(zone, after)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, before + middle * SECOND) == new:
            high = middle
        else:
            low = middle
    return before + high * SECOND


def stretches(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut a time (UTC, whole days) into pieces of one offset: each piece's begin, its end and the offset.

    No zone has ever changed its offset twice within a day, so one look a day finds every change.
    """
    since = at = begin
    while at < end:
        tomorrow = at + DAY
        if offset(zone, tomorrow) != offset(zone, at):
            turn = change(zone, at, tomorrow)
            yield since, turn, offset(zone, at)
            since = turn
        at = tomorrow
    yield since, end, offset(zone, since)


def instant(zone: ZoneInfo, local: datetime) -> datetime:
    """Return the first instant at which the wall clock shows this local time (naive) or, where it is missing, a later.

    A time that comes twice means its first coming; a time that is skipped means the moment of the skip.
    """
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    # In the gap the two folds stand on either side of the skip (PEP 495).
    return change(zone, local.replace(tzinfo=zone, fold=1).astimezone(UTC), at)


def latest_shown(zone: ZoneInfo, at: datetime) -> datetime:
    """Return the latest local time (naive) that the wall clock has shown up to an instant (UTC).

    That is what it shows at the instant, but for the hour that comes twice: then time stands still until the
    clock shows something new. So a later instant never has an earlier local time.
    """
    local = at.astimezone(zone)
    if local.fold:
        first = local.replace(fold=0).astimezone(UTC)
        return (change(zone, first, at) + offset(zone, first)).replace(tzinfo=None)
    return local.replace(tzinfo=None)
