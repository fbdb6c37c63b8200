"""The digest by which the same mail is known again, whichever way it came."""

import hashlib
import re

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


def intake_digest(raw: bytes) -> str:
    """Return the SHA-256, hexadecimal, of a mail without its trace fields, line ends taken as LF."""
    text = raw.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    end = text.find(b"\n\n")
    head, body = (text, b"") if end < 0 else (text[: end + 1], text[end + 1 :])
    digest = hashlib.sha256()
    for field in _FIELD.finditer(head):
        name = field[0].partition(b":")[0].strip().lower()
        if name not in _TRACE and not name.startswith(_TRACE_KINDS):
            digest.update(field[0])
    digest.update(body)
    return digest.hexdigest()
