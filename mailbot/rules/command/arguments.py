"""What may stand behind a command word: readers of names, numbers, addresses and instants (`semantics.md` 16, 17).

A reader returns the value as the process spells it, or None when what stands there is not of its set.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from mailbot.rules.telling import say
from mailbot.sentence import Reason

Reader = Callable[[str], str | None]

#: The years that a person may name: at the ends of the calendar a zone's times are none that `datetime` knows, and
#: nothing can be counted on from there.
YEARS = range(1970, 3000)

_ADDRESS = re.compile(r"<?([^\s<>@,;:\"]{1,64}@[a-z0-9.-]{1,190})>?", re.IGNORECASE)

_CASE = re.compile(r"(?:into |with )?(\[?[a-z]{1,10}-|#)?(\d{1,9})\]?", re.IGNORECASE)

_OPENED = re.compile(r"opened (\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)")


def named_text(names: Sequence[str]) -> Reader:
    """Return a reader of a name, alone or with text behind a colon."""
    known = one_of(names)

    def read(text: str) -> str | None:
        name, colon, rest = text.partition(":")
        found = known(name)
        return f"{found}{colon}{rest}" if found else None

    return read


def number(text: str) -> str | None:
    """Read a number."""
    return text.strip() if text.strip().isdecimal() else None


def case_number(text: str) -> str | None:
    """Read a case's number, written `HD-12`, `12`, `#12`, also behind `into`.

    What only begins like one (`HD-7 and HD-8`) is returned as it stands: it was meant, and the word itself says no.
    """
    plain = " ".join(text.split()).rstrip(".,;!?")
    if match := _CASE.fullmatch(plain):
        return f"{(match[1] or '').strip('[#').upper()}{int(match[2])}"
    return plain if _CASE.match(plain) else None


def address(text: str) -> str | None:
    """Read an address."""
    match = _ADDRESS.fullmatch(text.strip().lower())
    return match[1] if match else None


def added_or_removed(text: str) -> str | None:
    """Read `add ADDRESS` or `remove ADDRESS`."""
    verb, _, rest = " ".join(text.lower().split()).partition(" ")
    whom = address(rest) if verb in ("add", "remove") else None
    return f"{verb} {whom}" if whom else None


def one_of(names: Sequence[str]) -> Reader:
    """Return a reader of names, without regard to case and inner white space."""
    known = {" ".join(name.lower().split()): name for name in names}
    return lambda text: known.get(" ".join(text.lower().split()))


def member_or_team(members: Sequence[str], teams: Sequence[str]) -> Reader:
    """Return a reader of a member's address, or of a team's name."""
    team = one_of(teams)

    def read(text: str) -> str | None:
        match = _ADDRESS.fullmatch(text.strip().lower())
        return match[1] if match and match[1] in members else team(text)

    return read


def on_behalf(text: str) -> str | None:
    """Read `ADDRESS` or `ADDRESS opened INSTANT`; the instant is read where the desk's zone is known."""
    address, _, rest = " ".join(text.split()).partition(" ")
    match = _ADDRESS.fullmatch(address.lower())
    if match is None or (rest and not _is_opened(rest)):
        return None
    return f"{match[1]} {rest}".strip()


def out_of_reach(day: date) -> Reason:
    """Say why a date or an instant that a person wrote cannot be meant, "" if it can."""
    if day.year in YEARS:
        return ""
    return say(
        "%(date)s is out of reach; name a year from %(first)s to %(last)s",
        date=day.isoformat()[: len("2026-04-01")],
        first=str(YEARS[0]),
        last=str(YEARS[-1]),
    )


def _is_opened(text: str) -> bool:
    """Is it `opened` and an instant that the calendar has?"""
    match = _OPENED.fullmatch(text)
    try:
        return match is not None and bool(datetime.fromisoformat(match[1]))
    except ValueError:
        return False
