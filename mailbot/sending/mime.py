"""Builds the bytes of an outgoing mail from a row of the outbox (RFC 5322, 2045 to 2047, 2231).

Written by hand and not with `email.message.EmailMessage`, which is four times slower and which, before Python
3.11.10, writes a header field of its own for an encoded word with a line break in it (CVE-2024-6923). Every value goes
through `clean_header`; the result is parsed again by the standard library, and refused when a field stands in it that
was not meant or that says something else. Never sends, never reads the clock.
"""

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Sequence
from datetime import datetime
from email.errors import HeaderParseError, MultipartInvariantViolationDefect
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from hashlib import sha256

from mailbot.decision import Carried
from mailbot.ports.records import OutboxMail
from mailbot.sending.field import LONGEST_LINE, STRUCTURED_LIMIT, Field, UnexpectedField, clean_header, field, folded

#: Characters that an attachment's name may have: encoded by RFC 2231 it still fits on one line.
NAME_LIMIT = 80

TOO_LONG = re.compile(rb"[^\r\n]{%d}" % (LONGEST_LINE + 1))

#: Octets of a line of base64, and lines that are encoded at once: a large attachment is not held in many copies.
ROW, ROWS = 57, 4096

#: The fields that the body brings along.
BODY_FIELDS = ("content-type", "content-transfer-encoding", "content-disposition")

MEDIA_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
#: The type of an attached mail, and the fields of one that goes along as it came.
MAIL = "message/rfc822"
MAIL_HEAD = f"Content-Type: {MAIL}\r\nContent-Transfer-Encoding: 7bit\r\n"
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$&+.^_`{}~ ,;=@()'-]+")
#: What may stand unencoded in an extended parameter (RFC 2231 section 7, attribute-char).
TOKEN_OCTETS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{}~")
#: What a file name must not hide behind: zero-width and other invisible characters, taken out before anything else.
INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0]")


def crlf(text: str) -> bytes:
    """Encode a text with CRLF line ends, and one at its end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return "\r\n".join((*lines, "")).encode("utf-8", "replace")


def is_plain(content: bytes) -> bool:
    """Can the bytes stand in a mail as they are?"""
    # A line that begins with two hyphens could be taken for a boundary only if it is ours, which has an equals sign.
    hidden = content.startswith(b"--=_") or b"\n--=_" in content
    return content.isascii() and not hidden and not TOO_LONG.search(content)


#: What the calendar of a notice is called.
CALENDAR = "due.ics"


def leaf(text: str, subtype: str) -> bytes:
    """Write a text part: as it is where it is short-lined ASCII, else quoted-printable (RFC 2045 section 6)."""
    content = crlf(text)
    if is_plain(content):
        encoding = "7bit"
    else:
        encoding = "quoted-printable"
        content = b2a_qp(content.replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + content


def file_name(name: str) -> str:
    """Return an attachment's name as it may be shown: no path, nothing invisible, no leading dots."""
    shown = clean_header(INVISIBLE.sub("", name), STRUCTURED_LIMIT)
    base = re.split(r"[/\\]", shown)[-1].lstrip(". ")
    stem, dot, extension = base.rpartition(".")
    if len(base) > NAME_LIMIT and dot and len(extension) < 20:
        return f"{stem[: NAME_LIMIT - len(extension)]}.{extension}"
    return base[:NAME_LIMIT].rstrip() or "attachment"


def attachment(carried: Carried, content: bytes) -> bytes:
    """Write an attachment: an attached mail as it is where that can be, all else as base64 under a type that allows it.

    RFC 2046 section 5.2.1 forbids base64 for message/*: a mail with long lines or bytes beyond ASCII goes as a file.
    """
    name, kind = file_name(carried.name), carried.type.lower()
    if kind == MAIL:
        name = name if name.lower().endswith(".eml") else f"{name if carried.name else 'mail'}.eml"
        plain = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if is_plain(plain) and b"\0" not in plain and b"\r" not in plain.replace(b"\r\n", b""):
            return f"{MAIL_HEAD}{disposition(name)}\r\n\r\n".encode() + plain
    head = (
        f"Content-Type: {kind if MEDIA_TYPE.fullmatch(kind) else 'application/octet-stream'}\r\n"
        f"{disposition(name)}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + base64_lines(content)


def base64_lines(content: bytes) -> bytes:
    """Encode as base64 in lines of 76 characters (RFC 2045 section 6.8)."""
    written = bytearray()
    for start in range(0, len(content), ROW * ROWS):
        piece = content[start : start + ROW * ROWS]
        written += b"".join(b2a_base64(piece[n : n + ROW], newline=False) + b"\r\n" for n in range(0, len(piece), ROW))
    return bytes(written)


def disposition(name: str) -> str:
    """Write the field that names an attachment."""
    written = f'filename="{name}"'
    if not PLAIN_NAME.fullmatch(name):
        # RFC 2231 section 4
        written = "filename*=utf-8''" + "".join(chr(o) if o in TOKEN_OCTETS else f"%{o:02X}" for o in name.encode())
    return f"Content-Disposition: attachment;\r\n {written}"


def multipart(subtype: str, boundary: str, parts: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Put parts together that each begin with their own fields (RFC 2046 section 5.1); all in pieces, to be joined."""
    line = f"--{boundary}\r\n".encode()
    pieces = [f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()]
    for part in parts:
        pieces += [line, *part, b"\r\n"]
    return [*pieces, f"--{boundary}--\r\n".encode()]


def body(letter: OutboxMail, contents: Sequence[bytes]) -> list[bytes]:
    """Write the mail from its Content-Type on, in pieces: text and HTML, and after them the attachments."""
    # The equals sign can stand in no quoted-printable or base64 line like this; the digest makes it ours.
    unique = sha256(letter.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    words = multipart("alternative", f"=_a{unique}", [[leaf(letter.text, "plain")], [leaf(letter.html, "html")]])
    if not letter.carried and not letter.calendar:
        return words
    files = [[attachment(carried, content)] for carried, content in zip(letter.carried, contents, strict=True)]
    dates = [[published(letter.calendar)]] if letter.calendar else []
    return multipart("mixed", f"=_m{unique}", [words, *files, *dates])


def published(calendar: str) -> bytes:
    """Write a calendar that is for the reader to take in, and asks for no answer (RFC 6047 section 2.4)."""
    head = (
        "Content-Type: text/calendar; charset=utf-8; method=PUBLISH\r\n"
        f"{disposition(CALENDAR)}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + base64_lines(calendar.encode())


def seen(value: str) -> str:
    """Return what a reader sees of a field's parsed value: unfolded, decoded, single-spaced."""
    value = re.sub(r"\r?\n(?=[ \t])", "", value)
    try:
        return " ".join(str(make_header(decode_header(value))).split()) if "=?" in value else value
    except (HeaderParseError, LookupError, ValueError) as fault:
        raise UnexpectedField(f"a field cannot be read again: {fault}") from fault


def look_again(message: bytes, fields: Sequence[Field]) -> None:
    """Parse the mail as a stranger would. Raises UnexpectedField unless exactly the fields meant stand in it."""
    # Whoever reads it ends the header at the first empty line; what is behind it was encoded.
    parsed = BytesHeaderParser().parsebytes(message[: message.index(b"\r\n\r\n") + 4])
    names = [*(field.name for field in fields), "Content-Type"]
    # Python 3.11.2 notes against every multipart that a parser of headers alone has seen none of its parts.
    defects = [defect for defect in parsed.defects if not isinstance(defect, MultipartInvariantViolationDefect)]
    if defects or list(parsed) != names:
        raise UnexpectedField(f"meant {names}, but the mail reads {list(parsed)}")
    for meant, value in zip(fields, parsed.values(), strict=False):
        if seen(str(value)) != meant.shown:
            raise UnexpectedField(f"{meant.name} reads otherwise than meant")


def build(letter: OutboxMail, contents: Sequence[bytes], date: datetime) -> bytes:
    """Build the mail, with CRLF line ends and 7-bit lines, ready for the relay.

    `contents` are the bytes of `letter.carried`, in its order; `date` is an aware instant: that of the decision, so
    that a second try gives the same bytes. Raises UnexpectedField, a ValueError, for what must not go out.
    """
    given = [
        ("Date", format_datetime(date)),
        *letter.fields,
        ("To", letter.to),
        ("Subject", letter.subject),
        ("Message-ID", letter.message_id),
        ("MIME-Version", "1.0"),
    ]
    names = [name.lower() for name, _ in given]
    if len({*names, *BODY_FIELDS}) != len(names) + len(BODY_FIELDS):
        raise UnexpectedField(f"a field stands twice: {names}")
    fields = [field(name, value) for name, value in given]
    pieces = [*(folded(field.name, field.written) for field in fields), *body(letter, contents)]
    message = b"".join(pieces)
    look_again(message, fields)
    return message
