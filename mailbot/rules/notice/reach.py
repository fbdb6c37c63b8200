"""Whom letters reach now: an address that too many failed at is written to no more, for a while."""

from datetime import datetime, timedelta

from mailbot.standing import Standing

#: So long after the latest failure none of them counts any more, and the address is written to again.
LIFE = timedelta(days=30)
#: So long nothing is written to a member: when the desk's own mail server refuses its people, it must not be deaf
#: for a month.
MEMBER_STOP = timedelta(days=1)


def counts_still(standing: Standing, now: datetime) -> bool:
    """Do its failures count yet, or is the latest too long ago?"""
    return now - standing.failed < LIFE


def is_stopped(standing: Standing | None, now: datetime, *, member: bool) -> bool:
    """Is nothing written to the address now?"""
    if standing is None or standing.stopped is None:
        return False
    return now - standing.failed < (MEMBER_STOP if member else LIFE)
