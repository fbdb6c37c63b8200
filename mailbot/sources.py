"""Mails from files: mbox files, Maildirs, single mails (.eml), folders of them; one after the other, read lazily.

For `read`, `rehearse` and `import`. Knows where a mail begins and ends and when it arrived, nothing of what it says.
Never writes, never changes a flag of a Maildir, never holds more than one mail.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

#: A line longer than this is read in pieces, so that a file without line ends costs no more than its mail.
PIECE = 1 << 16
#: Fields after this many bytes are not looked at for the instant of arrival.
HEAD = 1 << 18
#: The instant of a Received field is looked for in so many of its last characters.
TAIL = 500
#: A folder is searched for these; a file that is named outright may be called anything.
SUFFIXES = (".eml", ".mbox")
#: Files of these names are mailboxes even with a single mail in them.
MBOX_SUFFIXES = ("", ".mbox")
#: Years in which a mail can have arrived; anything else is a clock that was never set.
YEARS = range(1970, 2200)

_TIME = r"\d{1,2}:\d{2}(?::\d{2})?"
_ZONE = r"(?:[A-Za-z]{1,5}|[+-]\d{4})"
_ASCTIME = (
    rf"(?:[A-Z][a-z]{{2}} )?(?P<month>[A-Z][a-z]{{2}}) (?P<day>\d{{1,2}}) (?P<time>{_TIME})"
    rf"(?: (?P<zone>{_ZONE}))? (?P<year>\d{{4}})(?: (?P<late_zone>{_ZONE}))?"
)
_RFC_DATE = rf"(?:[A-Z][a-z]{{2}}, )?\d{{1,2}} [A-Z][a-z]{{2}} \d{{4}} {_TIME}(?: {_ZONE})?"
_ASCTIME_ALONE = re.compile(_ASCTIME)
#: "remote from HOST" is what UUCP wrote.
_MBOX_LINE = re.compile(rf"From (?P<sender>.*? )??(?P<date>{_ASCTIME}|{_RFC_DATE})(?: remote from .*)?")
_ESCAPED = re.compile(rb">+From ")
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMail:
    """One mail of a file."""

    #: What to call it: the path, for a mail of an mbox followed by `#` and its place, counted from 1.
    name: str
    #: The mail as it was sent: without the mbox's own line and without its quoting of `From`.
    raw: bytes
    #: What the mbox's `From ` line says, in UTC; None where there is no such line or it cannot be read.
    mbox_instant: datetime | None = None


def mails(paths: Iterable[Path]) -> Iterator[SourceMail]:
    """Yield the mails of files and folders: paths in their order, a folder's in the order of their names.

    Raises OSError for what is not there or cannot be read.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield from _file(path)


def arrival(raw: bytes, mbox_instant: datetime | None = None) -> datetime | None:
    """Say when a mail arrived (`semantics.md` 1): the mbox line, else the topmost Received, else Date; None if unknown.

    A readable instant without a zone counts as UTC.
    """
    if mbox_instant:
        return mbox_instant
    fields = _first_fields(raw)
    # RFC 5321 section 4.4: the newest trace field stands on top; its instant follows the last semicolon.
    received = _without_comments(fields.get("received", "")[-TAIL:]).rpartition(";")[2]
    return read_date(received) or read_date(fields.get("date", ""))


def read_date(text: str) -> datetime | None:
    """Read a date of RFC 5322, of asctime or of an mbox line, with or without zone and seconds; None if it is none."""
    text = " ".join(text[:TAIL].split())
    if form := _ASCTIME_ALONE.fullmatch(text):
        zone = form["zone"] or form["late_zone"] or "+0000"
        text = f"{form['day']} {form['month']} {form['year']} {form['time']} {zone}"
    try:
        instant = parsedate_to_datetime(text)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return instant if instant.year in YEARS else None


def _folder(folder: Path) -> Iterator[SourceMail]:
    if (folder / "cur").is_dir() and (folder / "new").is_dir():
        yield from _maildir(folder)
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _folder(path)
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            yield from _file(path)


def _maildir(folder: Path) -> Iterator[SourceMail]:
    # A Maildir's file names begin with the second of the delivery, whichever of the two folders they lie in by now.
    files = [path for part in ("new", "cur") for path in (folder / part).iterdir() if not path.name.startswith(".")]
    for path in sorted(files, key=lambda path: (path.name, str(path))):
        if path.is_file():
            yield _single(path)


def _file(path: Path) -> Iterator[SourceMail]:
    """Yield what a file holds: an mbox begins with its own `From ` line; an .eml is always one mail."""
    if path.suffix.lower() == ".eml":
        yield _single(path)
        return
    with path.open("rb") as file:
        first = file.readline(PIECE)
        if _divides(first, after_blank=True):
            yield from _mbox(path, file, first)
        elif first:
            yield SourceMail(name=str(path), raw=first + file.read())


def _single(path: Path) -> SourceMail:
    raw = path.read_bytes()
    line, _, rest = raw.partition(b"\n")
    if _divides(line, after_blank=True):
        return SourceMail(name=str(path), raw=rest, mbox_instant=_mbox_instant(line))
    return SourceMail(name=str(path), raw=raw)


def _mbox(path: Path, file: BinaryIO, line: bytes) -> Iterator[SourceMail]:
    """Yield the mails of an mbox (RFC 4155), with one `>` taken from each line that the writer quoted (mboxrd)."""
    number = 1
    head, parts = line, list[bytes]()
    at_start, after_blank = True, False
    while line := file.readline(PIECE):
        if at_start and _divides(line, after_blank=after_blank):
            yield _mbox_mail(path, number, head, parts)
            number, head, parts = number + 1, line, []
        else:
            parts.append(line[1:] if at_start and _ESCAPED.match(line) else line)
        after_blank = at_start and line in {b"\n", b"\r\n"}
        at_start = line.endswith(b"\n")
    last = _mbox_mail(path, number, head, parts)
    # A single mail that was saved together with the mbox's line (`bounce.txt`) is a file of its own, no mailbox.
    alone = number == 1 and path.suffix.lower() not in MBOX_SUFFIXES
    yield replace(last, name=str(path)) if alone else last


def _mbox_mail(path: Path, number: int, head: bytes, parts: list[bytes]) -> SourceMail:
    if len(parts) > 1 and parts[-1] in {b"\n", b"\r\n"}:
        # The empty line that ends every mail of an mbox is the mbox's own.
        parts = parts[:-1]
    return SourceMail(name=f"{path}#{number}", raw=b"".join(parts), mbox_instant=_mbox_instant(head))


def _divides(line: bytes, *, after_blank: bool) -> bool:
    """Tell whether a line divides two mails: `From`, a sender, a date, so that "From now on" in a text does not.

    Some writers forget the empty line before it; without that one the sender must be a single word.
    """
    form = _mbox_line(line)
    return form is not None and (after_blank or len((form["sender"] or "").split()) == 1)


def _mbox_line(line: bytes) -> re.Match[str] | None:
    if not line.startswith(b"From ") or len(line) > TAIL:
        return None
    return _MBOX_LINE.fullmatch(" ".join(line.decode("latin-1").split()))


def _mbox_instant(line: bytes) -> datetime | None:
    form = _mbox_line(line)
    return read_date(form["date"]) if form else None


def _first_fields(raw: bytes) -> dict[str, str]:
    """Give the topmost Received and Date fields, unfolded (RFC 5322 section 2.2.3)."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in raw[:HEAD].splitlines():
        if not line:
            break
        text = line.decode("latin-1")
        if text[0] in " \t":
            if lines is not None:
                lines.append(text)
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        # A second field of the name, and the lines that it is folded into, do not count.
        lines = found.setdefault(name, [value]) if name in {"received", "date"} and name not in found else None
    return {name: " ".join(parts) for name, parts in found.items()}


def _without_comments(text: str) -> str:
    """Take away comments in parentheses (RFC 5322 section 3.2.2), nested ones too."""
    while (shorter := _COMMENT.sub(" ", text)) != text:
        text = shorter
    return text
