"""The digest by which the same mail is known again, whichever way it came."""

import hashlib
import re
from collections.abc import Iterator

#: Fields that every stop on the way adds or changes: they say how a mail came, not what it is.
_TRACE = (
    b"received",
    b"return-path",
    b"delivered-to",
    b"envelope-to",
    b"delivery-date",
    b"x-original-to",
    b"x-delivered-to",
    b"x-received",
    b"received-spf",
    b"authentication-results",
    b"x-google-smtp-source",
)
_TRACE_KINDS = (b"arc-", b"x-mailbot-", b"x-spam", b"x-rspamd", b"x-virus")
_FIELD = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*")
_BLANK = re.compile(rb"\r?\n\r?\n")
#: A body is read in pieces of so many bytes: a large one is not copied whole.
_PIECE = 1024 * 1024


def intake_digest(raw: bytes) -> str:
    """Return the SHA-256, hexadecimal, of a mail without its trace fields, line ends taken as LF."""
    blank = _BLANK.search(raw)
    # The first of the two line ends is the last field's.
    start = raw.index(b"\n", blank.start()) + 1 if blank else len(raw)
    head = raw[:start].replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    digest = hashlib.sha256()
    for field in _FIELD.finditer(head):
        name = field[0].partition(b":")[0].strip().lower()
        if name not in _TRACE and not name.startswith(_TRACE_KINDS):
            digest.update(field[0])
    for piece in _body(raw, start):
        digest.update(piece)
    return digest.hexdigest()


def _body(raw: bytes, start: int) -> Iterator[bytes]:
    """Yield the body with LF line ends and one at its end; nothing of one that is blank."""
    carried, ends, begun = b"", 0, False
    while start < len(raw):
        piece = carried + raw[start : start + _PIECE]
        start += _PIECE
        # Its LF may come with the next piece.
        carried = b"\r" if piece.endswith(b"\r") and start < len(raw) else b""
        text = piece.removesuffix(carried).replace(b"\r\n", b"\n")
        words = text.rstrip(b"\n")
        if words:
            # Line ends are held back until something stands behind them.
            while ends:
                some = min(ends, _PIECE)
                yield b"\n" * some
                ends -= some
            yield words
            begun = True
        ends += len(text) - len(words)
    if begun:
        yield b"\n"
