"""Until when an absence notice says that its writer is away: a date among its words, by `words/absence.toml`.

A date behind "until" or "back on" counts before any other; where none is, the latest does. What is no plausible date to
come is none. Never guesses from a time of day. Reads the beginning of the notice and looks once through its dates.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

from mailbot.ingest import words

#: Nobody is away for longer than this: a later date is another matter.
LONGEST = timedelta(days=366)
#: As many characters of a notice are read: people say it in the first lines.
READ = 10_000
#: How far behind "until" its date may stand, in characters.
NEAR = 40

_MONTHS = {name: int(number) for name, number in words.meanings("months").items()}
_WEEKDAYS = {name: int(number) for name, number in words.meanings("weekdays").items()}
_CUES = words.pattern("absence", "cues", r"(?<!\w){}(?!\w)")
#: What follows a date on which an absence ends, in languages that say it so.
_BEHIND = words.pattern("absence", "behind", r"[\s,]{{0,2}}{}")
_MONTH = "(?:" + "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True)) + r")"
#: How people write a day, each with `day`, `month` and, where it is named, `year`.
ISO = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<mark>[/.]) ?(?P<month>\d\d?)(?P=mark) ?(?P<day>\d\d?)(?!\d)")
#: Chinese, Japanese and Korean, with or without blanks.
_SIGNS = re.compile(r"(?<!\d)(?:(?P<year>20\d\d)[年년] ?)?(?P<month>\d\d?)[月월] ?(?P<day>\d\d?)[日일]")
_FIGURES = re.compile(r"(?<![\d.:/-])(\d{1,2})([./-])\s?(\d{1,2})(?:\2\s?(20\d\d|\d\d)?(?!\d)|(?![\d:]))")
DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|°|e)?,?\s+(?:(?:of|de|di|d')\s*)?(?P<month>{_MONTH})(?!\w)\.?"
    r"(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?",
    re.IGNORECASE,
)
MONTH_FIRST = re.compile(
    rf"(?<!\w)(?P<month>{_MONTH})(?!\w)\.?\s+(?P<day>\d{{1,2}})(?!\d|:)(?:st|nd|rd|th)?(?:,?\s+(?P<year>20\d\d))?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"(?<!\w)(" + "|".join(sorted(map(re.escape, _WEEKDAYS), key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE
)


def away_until(text: str, sent: date) -> date | None:
    """Return the date that the notice of this day names as the end of the absence, or of the return; None for none."""
    text = text[:READ]
    found = sorted(_dates(text, sent))
    cues = [cue.end() for cue in _CUES.finditer(text)]
    places = [place for place, _, _ in found]
    nearest = {place for cue in cues for place in _nearest(places, cue)}
    if ends := [day for place, end, day in found if place in nearest or _BEHIND.match(text, end)]:
        return max(ends)
    if found:
        return max(day for _, _, day in found)
    return _weekday(text, cues, sent)


def month_of(match: re.Match[str]) -> int:
    """Return the number of the month in a match of one of these patterns."""
    named = match["month"].lower()
    return int(named) if named.isdecimal() else _MONTHS[named]


def _nearest(places: list[int], cue: int) -> list[int]:
    """Return the first place behind the cue, if it is near."""
    first = bisect_left(places, cue)
    return [place for place in places[first : first + 1] if place - cue <= NEAR]


def _dates(text: str, sent: date) -> Iterator[tuple[int, int, date]]:
    """Yield where each date to come begins and ends, and which it is."""
    for pattern in (ISO, _YEAR_FIRST, _SIGNS, DAY_FIRST, MONTH_FIRST):
        for match in pattern.finditer(text):
            month = month_of(match)
            yield from ((*match.span(), day) for day in _to_come(match["year"], month, int(match["day"]), sent))
    for match in _FIGURES.finditer(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
        # With a slash the month may stand first; of two readings the later one disturbs nobody.
        ways = [(second, first)] if mark == "." else [(second, first), (first, second)]
        yield from ((*match.span(), day) for month, number in ways for day in _to_come(year, month, number, sent))


def _to_come(year: str | None, month: int, day: int, sent: date) -> Iterator[date]:
    """Yield the date if there is such a day and it is to come; without a year it is the next one."""
    years = [int(year) % 100 + 2000] if year else [sent.year, sent.year + 1]
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if timedelta(0) <= found - sent <= (LONGEST if year else LONGEST / 2):
            yield found
            return


def _weekday(text: str, cues: list[int], sent: date) -> date | None:
    """Return the next such weekday behind "until" or "back on", where no date is named."""
    for match in _WEEKDAY.finditer(text):
        before = bisect_right(cues, match.start())
        if before and match.start() - cues[before - 1] <= NEAR:
            ahead = (_WEEKDAYS[match[1].lower()] - sent.isoweekday() - 1) % 7 + 1
            # A Date field may say any day, and there is none after the last one of a calendar.
            return sent + timedelta(days=ahead) if ahead <= (date.max - sent).days else None
    return None
