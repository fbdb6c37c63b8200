"""How the shell says instants, lengths of time and strangers' texts to people. Prints nothing itself."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: What stands where there is nothing to say.
NOTHING = "-"

#: Embeddings, overrides and isolates: they let a text show itself in another order than it is read.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBER = re.compile(r"\[?(?:(?P<tag>[A-Za-z][A-Za-z0-9]*)-)?(?P<number>\d{1,18})\]?")


def clean(text: str, *, one_line: bool = False) -> str:
    """Give a stranger's text without what would steer the terminal: escapes, controls, reordering, surrogates.

    Line ends and tabs stay, or become blanks where the text must stay on one line.
    """
    if one_line:
        text = " ".join(text.split())
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    hidden = unicodedata.category(character) in {"Cc", "Cs"} or character in _REORDERING
    return "\N{REPLACEMENT CHARACTER}" if hidden else character


def instant(at: datetime) -> str:
    """Write an instant for programs: RFC 3339 in UTC, to the second, or finer where it is finer."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(at: object, zone: ZoneInfo) -> str:
    """Write an instant for people, in the desk's zone, to the minute; accepts what `instant` wrote."""
    if isinstance(at, str) and at:
        at = datetime.fromisoformat(at)
    return at.astimezone(zone).strftime("%a %d %b %Y %H:%M %Z") if isinstance(at, datetime) else NOTHING


def length(seconds: object) -> str:
    """Write a length of time for people: `3 h 05 min`, `40 s`."""
    if not isinstance(seconds, int | float):
        return NOTHING
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def size(octets: int) -> str:
    """Write a size for people, in decimal units."""
    if octets < 1000:
        return f"{octets} B"
    return f"{octets / 1000:.1f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def case_number(text: str, tag: str) -> int | None:
    """Read a case's number as people write it, `HD-12`, `[hd-12]` or `12`; None if it is none of this desk's."""
    form = _NUMBER.fullmatch(text.strip())
    if form is None or (form["tag"] or tag).casefold() != tag.casefold():
        return None
    return int(form["number"])


def printable(value: object) -> object:
    """Give a value as JSON can hold it: instants as the contract writes them, mappings and sequences gone through."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Mapping):
        return {str(key): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value
