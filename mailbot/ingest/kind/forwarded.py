"""A mail that stands in the text of another: who wrote it, when, about what, and its words.

Mail programs put a header table of From, Sent, To and Subject above what they pass on, below a line of dashes or "Begin
forwarded message", some with quote marks. Of a chain the outermost counts. Decides nothing: an answer below the same
table looks the same, so whoever uses this must have been asked to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from mailbot.ingest import words
from mailbot.ingest.format import address
from mailbot.ingest.format.header import clean
from mailbot.ingest.kind import absence
from mailbot.ingest.text import attribution, reply
from mailbot.ingest.text.line import plain
from mailbot.mail import Forwarded, Mail, Mailbox

#: Lines that are looked at: nobody writes more above what they pass on.
_ANALYSED = 2_000
#: Lines of a header table, the wrapped ones included.
_TABLE = 40
#: Blank lines between the line of dashes and the table, or inside one that was pulled apart.
_BLANK = 3
_LONGEST = 1_000
#: A block without a line of dashes above it must have so many kinds of fields; below one From and another suffice.
_FEW = 2

_ENDS = words.phrases("attribution", "ends")
_MARKS = re.compile(r"(?:> ?)*+")
#: Quote marks that a mail which is passed on may carry before each of its lines.
_MOST_MARKS = 50
_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:]{1,64}@[^\s<>\[\]()\"',;:]{1,190}")
_FIELD = re.compile(r"[^:\uff1a]{0,40}[:\uff1a][\s*_]*(.*)")
_TIME = re.compile(
    r"(?<![\d.:/-])(\d{1,2})[:.h](\d\d)(?:[:.](\d\d))?(?![\d.])(?:\s?([ap])\.?\s?m\b\.?)?", re.IGNORECASE
)
_FIGURES = re.compile(r"(?<![\d.:/-])(\d{1,2})([./])(\d{1,2})\2(20\d\d|\d\d)(?![\d/])")
_OFFSET = re.compile(r"(?:(?:GMT|UTC)\s?)?([+\u2212-])(\d{1,2})(?::?(\d\d))?(?!\d)", re.IGNORECASE)
_ZONE = re.compile(r"\b(Z|UTC|GMT|WET|WEST|CET|CEST|MEZ|MESZ|EET|EEST)\b")
_DAYS = (absence.ISO, absence.DAY_FIRST, absence.MONTH_FIRST, _FIGURES)
#: The names of zones that programs write instead of an offset, in hours: those that only one zone has.
_HOURS = {"WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3}
_NOON = 12


@dataclass(frozen=True, slots=True)
class _Table:
    """The values of a header table by what they name, and the line behind it."""

    values: dict[str, list[str]]
    end: int


def inline(text: str) -> Forwarded | None:
    """Return the outermost mail that stands below a header table in this text, None where none does."""
    lines = text.split("\n")
    bare = [_MARKS.sub("", line.lstrip(), count=1) for line in lines[:_ANALYSED]]
    for index, line in enumerate(bare):
        if not line.strip():
            continue
        if attribution.is_original(line):
            table = _table(bare, _next(bare, index + 1), _FEW)
        elif attribution.is_header_block(bare, index):
            table = _table(bare, index, _FEW + 1)
        else:
            continue
        if table is not None:
            return replace(_forwarded(table), text=_text(lines[table.end :], _level(lines[table.end - 1])))
    return None


def instead(mail: Mail) -> str:
    """Return the words that stand in a mail whose author wrote none: of another mail, or below another desk's marker.

    Nobody knows whether these are meant as the author's own, and losing them is worse than showing them; an empty
    answer above a quote with its marks is an empty answer.
    """
    if mail.new_text or not mail.quoted or mail.quoted.lstrip().startswith(">"):
        return ""
    first, _, below = mail.text.lstrip().partition("\n")
    if attribution.is_marker(first):
        told = below
    elif mail.forwarded and (mail.forwarded[0].index is None or mail.text == mail.forwarded[0].text):
        told = mail.forwarded[0].text
    else:
        return ""
    return reply.split(plain(told)).new_text or told.strip("\n")


def instant(text: str) -> datetime | None:
    """Return the instant that a date of a header table names: naive without a zone, None where it is in doubt."""
    text = text[:200]
    match = next(filter(None, (pattern.search(text) for pattern in _DAYS)), None)
    if match is None:
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    time = next((found for found in _TIME.finditer(rest) if _is_time(found)), None)
    if time is None or (day := _day(match, half_days=bool(time[4]))) is None:
        return None
    hour = int(time[1]) % _NOON + _NOON * (time[4].lower() == "p") if time[4] else int(time[1])
    zone = _zone(rest[time.end() :])
    return datetime(day.year, day.month, day.day, hour, int(time[2]), int(time[3] or 0), tzinfo=zone)


def _is_time(found: re.Match[str]) -> bool:
    hours = range(1, _NOON + 1) if found[4] else range(24)
    return int(found[1]) in hours and int(found[2]) < 60 and int(found[3] or 0) < 60


def _day(match: re.Match[str], *, half_days: bool) -> date | None:
    """Return the day; of `3/2/2026` with a.m. or p.m. nobody knows which figure is the month."""
    if match.re is not _FIGURES:
        return _date(match["year"], absence.month_of(match), int(match["day"])) if match["year"] else None
    day, mark, month, year = int(match[1]), match[2], int(match[3]), match[4]
    if mark == "/" and half_days:
        if max(day, month) <= _NOON and day != month:
            return None
        day, month = max(day, month), min(day, month)
    return _date(year, month, day)


def _date(year: str, month: int, day: int) -> date | None:
    try:
        return date(int(year) % 100 + 2000, month, day)
    except ValueError:
        return None


def _zone(text: str) -> timezone | None:
    """Return the zone that stands behind a time of day, None where none does."""
    if (offset := _OFFSET.search(text)) and int(offset[2]) < 24:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(ahead if offset[1] == "+" else -ahead)
    if name := _ZONE.search(text):
        return timezone(timedelta(hours=_HOURS[name[1]])) if name[1] in _HOURS else UTC
    return None


def _next(lines: Sequence[str], start: int) -> int:
    """Return the next line with words, not far below."""
    return next((i for i in range(start, min(len(lines), start + _BLANK + 1)) if lines[i].strip()), len(lines))


def _table(lines: Sequence[str], start: int, least: int) -> _Table | None:
    """Read the header table that begins here, None where none does; a wrapped value goes on in the next line."""
    values: dict[str, list[str]] = {}
    last = ""
    end = index = start
    while index < min(len(lines), start + _TABLE):
        line = lines[index]
        if name := attribution.category(line):
            found = _FIELD.match(line)
            values.setdefault(name, []).append(found[1].strip() if found else "")
            last, end = name, index + 1
        elif not line.strip() and len(values) < _FEW and attribution.category("".join(lines[index + 1 : index + 2])):
            pass  # some programs set each field apart
        elif not line.strip() or not _goes_on(lines, index):
            break
        elif last:
            values[last][-1] = f"{values[last][-1]} {line.strip()}"[:_LONGEST]
            end = index + 1
        index += 1
    return _Table(values, end) if "from" in values and len(values) >= least else None


def _goes_on(lines: Sequence[str], index: int) -> bool:
    """Is this line the rest of a wrapped value? A further field stands below it, or a list above it has not ended."""
    below = lines[index + 1 : index + 1 + _TABLE // 4]
    for line in below:
        if attribution.category(line):
            return True
        if not line.strip():
            break
    return index > 0 and lines[index - 1].rstrip().endswith((",", ";"))


def _forwarded(table: _Table) -> Forwarded:
    # A cell's first value counts, but for From: two of them leave it open who wrote.
    senders = table.values["from"]
    return Forwarded(
        from_=_mailbox(senders[0]) if len(senders) == 1 else None,
        date=instant(next(iter(table.values.get("date", [])), "")),
        subject=clean(next(iter(table.values.get("subject", [])), "").rstrip("*_ "), _LONGEST),
    )


def _mailbox(text: str) -> Mailbox | None:
    """Return who a From of a header table names: `Jane [mailto:jane@x.test]`, `Jane <jane@x.test<mailto:...>>`."""
    text = text[:_LONGEST]
    named = {address.well_formed(found.rstrip(".*_")) for found in _ADDRESS.findall(text)}
    if len(named) != 1 or "" in named:
        return None
    name = clean(re.split(r"[<\[(]", text, maxsplit=1)[0], _LONGEST).strip("\"'*_ ")
    return Mailbox(address=named.pop(), name="" if "@" in name else name)


def _level(line: str) -> int:
    """Return how many quote marks stand before a line."""
    marks = _MARKS.match(line.lstrip())
    return min(marks[0].count(">"), _MOST_MARKS) if marks else 0


def _text(lines: Sequence[str], level: int) -> str:
    """Return the words below the table, without the quote marks that the whole mail was given on the way."""
    kept: list[str] = []
    marks = re.compile(rf"(?: *+> ?){{0,{level}}}+")
    for line in lines:
        bare = line[found.end() :] if (found := marks.match(line)) else line
        rule = bare.strip().lower()
        if rule[:2] == "--" and rule[-2:] == "--" and any(phrase in rule for phrase in _ENDS):
            break
        kept.append(bare)
    return "\n".join(kept).strip("\n")
