"""The raw header fields of a mail, read strictly where they decide something and kindly where they are shown.

Identity, threading and automatic mail look at these fields and never at what a lenient parser made of them. Nothing
here asks what a field is good for.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailbot.ingest.format import charset, detect, encoded_word

#: RFC 5322 section 2.2: printable ASCII but the colon. Real mail has a blank before the colon, too.
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:")
_LINE_ENDS = re.compile(rb"\r?\n")
_OLD_LINE_ENDS = re.compile(rb"\r")
_HARD_SPACE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
_MSG_ID = re.compile(r"<([^<>\s]{1,990})>")
#: A shown line is cut here; RFC 5322 section 2.1.1 allows a line 998.
_SHOWN = 998


@dataclass(frozen=True, slots=True)
class Field:
    """One header field."""

    #: Lower case.
    name: str
    #: Unfolded, not decoded.
    raw: bytes
    #: The charset that the mail declares for its text, for bytes that declare none.
    hint: str = ""
    #: Was its name written by the book, without a blank before the colon? Border servers strip only such fields.
    exact: bool = True

    @property
    def value(self) -> str:
        """The value as text, encoded words left alone."""
        return charset.decode(self.raw, hint=self.hint)[0].strip()

    @property
    def shown(self) -> str:
        """The value as a person would see it: decoded, on one line, cleaned."""
        return clean(encoded_word.decoded(self.value))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a mail: its fields from the top, and where the body begins."""

    fields: tuple[Field, ...]
    #: Offset of the first byte of the body.
    body: int
    defects: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of that lower-case name, from the top."""
        return tuple(field for field in self.fields if field.name == name)

    def value(self, name: str) -> str:
        """The first field's value, encoded words left alone, or ""."""
        return next((field.value for field in self.fields if field.name == name), "")

    def only(self, name: str) -> str:
        """The value of a field that may stand once; "" when it is missing or stands twice."""
        found = self.all(name)
        return found[0].value if len(found) == 1 else ""


def read(raw: bytes) -> Header:
    """Split a mail into its fields and its body, repairing what real mail does.

    A line that is no field ends the header, unless fields that every mail has follow it before the blank line.
    """
    fields: list[list[bytes]] = []
    defects: list[str] = []
    position, odd = _above(raw), 0
    if position:
        defects.append("blank line above the header")
    for start, end, line in _lines(raw, position):
        position = end
        if not line:
            break
        if line[:1] in (b" ", b"\t") and fields:
            if not line.strip() and not _goes_on(raw, end, 1):
                break
            fields[-1].append(line)
        elif _FIELD_NAME.match(line):
            fields.append([line])
        elif start == 0 and line.startswith((b"From ", b">From ")):
            defects.append("mbox line above the header")
        elif odd < _MOST_ODD and _goes_on(raw, end, 1 if fields and not _is_whole(fields) else 2):
            odd += 1
            defects.append("a line in the header that is no field")
        else:
            defects.append("no blank line between header and body" if fields else "no header")
            position = start
            break
    hint = _hint(fields, raw, position)
    return Header(tuple(_field(lines, hint) for lines in fields), position, tuple(dict.fromkeys(defects)))


def _above(raw: bytes) -> int:
    """Find where the header begins: blank lines and a byte order mark above its first field are nothing."""
    found = ABOVE.match(raw)
    return found.end() if found and (found.end() == 0 or _goes_on(raw, found.end(), 1)) else 0


def _lines(raw: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    # A lone CR ends a line only in a mail that has no other line ends: no server before us took it for one.
    for ending in (_LINE_ENDS if b"\n" in raw else _OLD_LINE_ENDS).finditer(raw, start):
        yield start, ending.end(), raw[start : ending.start()]
        start = ending.end()
    if start < len(raw):
        yield start, len(raw), raw[start:]


#: Blank lines above the first field, which may itself begin with a blank then.
ABOVE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*+\r?\n)*+[ \t]*+(?=[!-9;-~]{1,200}[ \t]{0,20}:)")
_BASIC = re.compile(
    rb"(?i)(?:from|to|cc|subject|date|message-id|received|mime-version|content-type|return-path)[ \t]*:"
)
_FOLDED_COLON = re.compile(rb"[ \t]+:")
_COMMON = re.compile(
    rb"(?i)(?:from|to|cc|bcc|subject|date|message-id|received|mime-version|return-path|delivered-to|reply-to|sender"
    rb"|references|in-reply-to|importance|received-spf|authentication-results|dkim-signature|user-agent"
    rb"|(?:content|x|list|arc|thread)-[!-9;-~]{1,80})[ \t]{0,20}:"
)
#: Lines in a header that are no fields, and how far behind each of them fields are looked for.
_MOST_ODD = 50
_AHEAD_LINES = 50
#: So many fields of every mail are a header, however much noise stands between them.
_PLAINLY = 5
_AHEAD = 8_192


def _goes_on(raw: bytes, position: int, least: int) -> bool:
    """Does a field that every mail has follow at once, or `least` of them and no more lines that are no field?"""
    if _BASIC.match(raw, position):
        return True
    # A field's name that is folded from its colon is no noise: whoever reads it sees another field here.
    if _FOLDED_COLON.match(raw, position):
        return False
    common = odd = 0
    for line in raw[position : position + _AHEAD].splitlines()[:_AHEAD_LINES]:
        if not line:
            break
        if _COMMON.match(line):
            common += 1
        elif line[:1] not in (b" ", b"\t") and not _FIELD_NAME.match(line):
            odd += 1
    return common >= least and (odd <= common or common >= _PLAINLY)


def _is_whole(fields: list[list[bytes]]) -> bool:
    """Has it all that a header needs already? Then what follows a line that is no field is rather text."""
    names = {lines[0].partition(b":")[0].strip().lower() for lines in fields}
    return b"from" in names and not names.isdisjoint((b"date", b"subject"))


def _field(lines: list[bytes], hint: str) -> Field:
    """Unfold (RFC 5322 section 2.2.3)."""
    name, _, first = lines[0].partition(b":")
    bare = name.strip()
    return Field(bare.decode("ascii").lower(), first + b"".join(lines[1:]), hint, exact=bare == name)


#: As much of a body as is looked at for what charset a mail uses.
_BEGINNING = 65_536


def _hint(fields: Iterable[list[bytes]], raw: bytes, body: int) -> str:
    """Which charset the mail uses: bytes in its header declare none, and are too few to say which (RFC 5322 has none).

    What its text or its parts declare says it, else all the bytes that declare nothing together.
    """
    declared = _declared_charset(fields)
    block = raw[:body]
    if charset.codec(declared) not in ("", "utf-8", "cp1252") or charset.is_utf8(block):
        return declared
    beginning = raw[body : body + _BEGINNING]
    of_parts = (found[1].decode("ascii") for found in _CHARSET.finditer(beginning))
    of_part = next((name for name in of_parts if charset.codec(name) not in ("", "utf-8", "cp1252")), "")
    return of_part or declared or detect.guess(block + beginning)


_CHARSET = re.compile(rb"(?i)charset[ \t]*=[ \t]*\"?([!-~]{1,40}?)(?=[\";\s]|\Z)")


def _declared_charset(fields: Iterable[list[bytes]]) -> str:
    for lines in fields:
        if lines[0][:13].lower() == b"content-type:" and (found := _CHARSET.search(b"".join(lines)[:2000])):
            return found[1].decode("ascii")
    return ""


def clean(text: str, most: int = _SHOWN) -> str:
    """Put text on one line for showing: no controls, no invisible and no direction-changing characters."""
    text = text[: most * 4].translate(_HARD_SPACE)
    if not text.isascii():
        text = "".join(_visible(character) for character in text)
    return text.strip()[:most]


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    return "\ufffd" if kind == "Cs" else character


def unquoted(text: str) -> Iterator[tuple[int, str]]:
    """The characters outside quoted strings and comments (RFC 5322 sections 3.2.2 and 3.2.4), each with its place."""
    depth = 0
    quoted = escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif quoted or (character == '"' and not depth):
            quoted = quoted != (character == '"')
        elif character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
        elif not depth:
            yield position, character


def without_comments(text: str) -> str | None:
    """Take the comments out of a structured field (RFC 5322 section 3.2.2); None when one does not end."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif quoted or (character == '"' and not depth):
            quoted = quoted != (character == '"')
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            kept.append(" ")
            continue
        if not depth:
            kept.append(character)
    return None if depth or quoted else "".join(kept)


def msg_ids(text: str) -> tuple[str, ...]:
    """Every well-formed msg-id of a field, in order, with brackets; prose around them is passed over."""
    return tuple(found[0] for found in _MSG_ID.finditer(text) if 0 < found[1].find("@") < len(found[1]) - 1)


def message_id(text: str) -> str:
    """The one msg-id of a Message-ID field, or "" when it is not one (RFC 5322 section 3.6.4)."""
    bare = without_comments(text)
    found = msg_ids(bare or "")
    return found[0] if len(found) == 1 and bare is not None and bare.strip() == found[0] else ""


def instant(text: str) -> datetime | None:
    """The instant of a Date field in UTC, or None when it is none or absurd."""
    try:
        when = parsedate_to_datetime(text[:200])
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return when if when.year >= 1980 else None


def word(text: str) -> str:
    """The first word of a structured field without comments and parameters, lower case: `auto-replied`."""
    bare = without_comments(text)
    return (bare or "").partition(";")[0].strip().lower()[:200]
