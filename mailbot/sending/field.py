"""Writes the header fields of an outgoing mail (RFC 5322, 2047): each value cleaned, encoded and folded."""

import re
from base64 import b64encode
from typing import NamedTuple

#: Characters that a field of prose (a subject, a name) may have.
PROSE_LIMIT = 255
#: Characters that a list of msg-ids or an address may have; RFC 5322 section 2.1.1 bounds the line, not the field.
STRUCTURED_LIMIT = 8_000
#: RFC 5322 section 2.1.1: a line should have at most 78 characters and must have at most 998.
LINE, LONGEST_LINE = 78, 998
#: Fields that hold one mailbox, and fields that hold msg-ids or keywords: never encoded words.
MAILBOXES = frozenset({"from", "reply-to", "sender", "to"})
STRUCTURED = frozenset(
    {"message-id", "in-reply-to", "references", "auto-submitted", "date", "mime-version", "list-unsubscribe"}
)
#: A notice is a mail to one person: these would make others read it, or speak for the transport.
FORBIDDEN = frozenset({"bcc", "cc", "return-path", "received", "authentication-results"})
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
#: C0, DEL, C1, line and paragraph separators, bidirectional controls, lone surrogates.
BROKEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class UnexpectedField(ValueError):
    """The built mail would say something that was not meant; it must not go out."""


def clean_header(value: str, limit: int = PROSE_LIMIT) -> str:
    """Make a value safe for a header field: one line, no controls, nothing that reads as an encoded word."""
    cleaned = " ".join(BROKEN.sub(" ", value).split())
    return cleaned.replace("=?", "= ?").replace("?=", "? =")[:limit].rstrip()


def encoded_words(text: str) -> str:
    """Encode a text as encoded words of at most 75 characters (RFC 2047 section 2), parted by spaces."""
    words, piece = [], b""
    for character in text:
        octets = character.encode()
        # 45 octets make 60 characters of base64, with `=?utf-8?b?` and `?=` 72; never a character in two words.
        if len(piece) + len(octets) > 45:
            words.append(piece)
            piece = b""
        piece += octets
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in (*words, piece))


def prose(text: str) -> str:
    """Write an unstructured field: as it is where it is ASCII, else as encoded words."""
    return text if text.isascii() else encoded_words(text)


def address(value: str) -> str:
    """Return a bare address that can stand in a header field and on the envelope. Raises UnexpectedField."""
    if not ADDRESS.fullmatch(value):
        raise UnexpectedField(f"{clean_header(value)!r} is no address that can be written to")
    return value


class Field(NamedTuple):
    """A header field: what a reader is to see, and how it is written."""

    name: str
    shown: str
    written: str


def mailbox(name: str, value: str) -> Field:
    """Write `Phrase <address>` or a bare address; the phrase is quoted or encoded as it needs.

    Raises UnexpectedField for anything else: a notice is to one person and from one desk.
    """
    phrase, bracket, rest = value.rpartition("<")
    if not bracket:
        return Field(name, value, address(value))
    bare = f"<{address(rest.removesuffix('>'))}>"
    phrase = phrase.strip()
    if len(phrase) > 1 and phrase[0] == phrase[-1] == '"':
        phrase = re.sub(r"\\(.)", r"\1", phrase[1:-1])
    phrase = clean_header(phrase)
    if not phrase.isascii():
        return Field(name, f"{phrase} {bare}", f"{encoded_words(phrase)} {bare}")
    if phrase and not ATOMS.fullmatch(phrase):
        escaped = re.sub(r'(["\\])', r"\\\1", phrase)
        phrase = f'"{escaped}"'
    written = f"{phrase} {bare}".lstrip()
    return Field(name, written, written)


def field(name: str, value: str) -> Field:
    """Clean one field and write it by its kind. Raises UnexpectedField for one that does not belong into a notice."""
    lower = name.lower()
    if not FIELD_NAME.fullmatch(name) or lower in FORBIDDEN:
        raise UnexpectedField(f"the field {clean_header(name)!r} does not belong into a notice")
    if lower in MAILBOXES:
        return mailbox(name, clean_header(value, STRUCTURED_LIMIT))
    if lower in STRUCTURED:
        cleaned = clean_header(value, STRUCTURED_LIMIT)
        if not cleaned.isascii():
            raise UnexpectedField(f"{name} may hold ASCII only")
        return Field(name, cleaned, cleaned)
    cleaned = clean_header(value)
    return Field(name, cleaned, prose(cleaned))


def folded(name: str, written: str) -> bytes:
    """Write one field, folded at spaces (RFC 5322 section 2.2.3). Raises UnexpectedField for a word too long."""
    lines, line = [], f"{name}:"
    for word in written.split(" "):
        if len(line) + 1 + len(word) > LINE and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    lines.append(line)
    if any(len(line) > LONGEST_LINE for line in lines):
        raise UnexpectedField(f"{name} has a word that no line can hold")
    return "\r\n".join(lines).encode("ascii") + b"\r\n"
