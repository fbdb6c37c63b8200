"""Mails from files: mbox files, Maildirs, single mails (.eml), folders of them; one after the other, read lazily.

For `read`, `rehearse` and `import`. Knows where a mail begins and ends and when it arrived, nothing of what it says.
Never writes, never changes a flag of a Maildir, never holds more than one mail.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

#: A line longer than this is read in pieces, so that a file without line ends costs no more than its mail.
PIECE = 1 << 16
#: Fields after this many bytes are not looked at for the instant of arrival.
HEAD = 1 << 18
#: A folder is searched for these; a file that is named outright may be called anything.
SUFFIXES = (".eml", ".mbox")
#: Years in which a mail can have arrived; anything else is a clock that was never set.
YEARS = range(1970, 2200)

_ASCTIME = re.compile(
    r"(?:[A-Z][a-z]{2} )?(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<time>\d{1,2}:\d{2}(?::\d{2})?)"
    r"(?: (?P<zone1>[A-Za-z]{1,5}|[+-]\d{4}))? (?P<year>\d{4})(?: (?P<zone2>[A-Za-z]{1,5}|[+-]\d{4}))?"
)
_ESCAPED = re.compile(rb">+From ")
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMail:
    """One mail of a file."""

    #: How to name it to a person: the path, for a mail of an mbox with `#` and its place, counted from 1.
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
    received = _without_comments(fields.get("received", "")).rpartition(";")[2]
    return read_date(received) or read_date(fields.get("date", ""))


def read_date(text: str) -> datetime | None:
    """Read a date of RFC 5322, of asctime or of an mbox line, with or without zone and seconds; None if it is none."""
    text = " ".join(text.split())
    if form := _ASCTIME.fullmatch(text):
        zone = form["zone1"] or form["zone2"] or "+0000"
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
    """Yield what a file holds: an mbox begins with its own `From ` line; an .eml is one mail whatever it begins with."""
    if path.suffix.lower() != ".eml":
        with path.open("rb") as file:
            first = file.readline(PIECE)
            if _separator(first, after_blank=True):
                yield from _mbox(path, file, first)
                return
            if path.is_file():
                file.seek(0)
                first = b""
            yield SourceMail(name=str(path), raw=first + file.read())
            return
    yield _single(path)


def _single(path: Path) -> SourceMail:
    raw = path.read_bytes()
    line, newline, rest = raw.partition(b"\n")
    if _separator(line, after_blank=True):
        return SourceMail(name=str(path), raw=rest, mbox_instant=_mbox_instant(line + newline))
    return SourceMail(name=str(path), raw=raw)


def _mbox(path: Path, file: BinaryIO, line: bytes) -> Iterator[SourceMail]:
    """Yield the mails of an mbox (RFC 4155), with one `>` taken from each line that the writer quoted (mboxrd)."""
    number = 1
    head, parts = line, list[bytes]()
    at_start, after_blank = True, False
    while line := file.readline(PIECE):
        if at_start and _separator(line, after_blank=after_blank):
            yield _mbox_mail(path, number, head, parts)
            number, head, parts = number + 1, line, []
        else:
            parts.append(line[1:] if at_start and _ESCAPED.match(line) else line)
        after_blank = at_start and line in {b"\n", b"\r\n"}
        at_start = line.endswith(b"\n")
    yield _mbox_mail(path, number, head, parts)


def _mbox_mail(path: Path, number: int, head: bytes, parts: list[bytes]) -> SourceMail:
    if len(parts) > 1 and parts[-1] in {b"\n", b"\r\n"}:
        # The empty line that ends every mail of an mbox is the mbox's own.
        parts = parts[:-1]
    return SourceMail(name=f"{path}#{number}", raw=b"".join(parts), mbox_instant=_mbox_instant(head))


def _separator(line: bytes, *, after_blank: bool) -> bool:
    """Tell whether a line divides two mails: `From`, a sender, a date, so that "From now on" in a text does not.

    Some writers forget the empty line before it; without that one the sender must be a single word.
    """
    if not line.startswith(b"From "):
        return False
    text = line.decode("latin-1").rstrip()
    words = text.split()
    return _mbox_instant(line) is not None and (after_blank or ":" not in "".join(words[1:2]))


def _mbox_instant(line: bytes) -> datetime | None:
    """Read the instant of a `From SENDER DATE` line; the sender may hold blanks, some writers leave it out."""
    words = line.decode("latin-1").split()[1:]
    # "remote from HOST" may follow the date in very old files (UUCP).
    if "remote" in words:
        words = words[: words.index("remote")]
    return next((found for start in range(len(words)) if (found := read_date(" ".join(words[start:])))), None)


def _first_fields(raw: bytes) -> dict[str, str]:
    """Give the first field of each name, unfolded; names in lower case."""
    fields: dict[str, str] = {}
    name = ""
    for line in raw[:HEAD].splitlines():
        if not line:
            break
        text = line.decode("latin-1")
        if text[0] in " \t":
            if name:
                fields[name] += " " + text.strip()
            continue
        before, colon, value = text.partition(":")
        # A later field of a name does not count, and neither do the lines that it is folded into.
        name = before.strip().lower() if colon else ""
        if name in fields:
            name = ""
        elif name:
            fields[name] = value.strip()
    return fields


def _without_comments(text: str) -> str:
    """Take away comments in parentheses (RFC 5322 section 3.2.2), nested ones too."""
    while (shorter := _COMMENT.sub(" ", text)) != text:
        text = shorter
    return text
