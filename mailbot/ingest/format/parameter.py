"""Content-Type and Content-Disposition with their parameters: RFC 2045 section 5.1, RFC 2231, and what is really sent.

One pass over a bounded value, since a header field of semicolons freezes the parsers that split at each of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from mailbot.ingest.format import charset, encoded_word

#: As much of a field as is looked at, and as many of its parameters.
_LONGEST = 16_384
_MOST = 100
_PARAMETER = re.compile(
    r'[;\s]*(?P<name>[^\s;="*]{1,80})(?P<part>\*\d{1,3})?(?P<coded>\*)?\s*=\s*'
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"?|(?P<plain>[^;\r\n]*))'
    r"|[^;]*;[;\s]*"
)
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,120})\s*(?=[;\s]|\Z)")
_WORD = re.compile(r"\s*([A-Za-z0-9_-]{1,40})\s*(?=;|\Z)")


@dataclass(frozen=True, slots=True)
class Structured:
    """A value and its parameters."""

    #: Lower case: `text/plain`, `attachment`; "" when it is malformed.
    value: str = ""
    #: Lower-case name -> decoded value.
    parameters: Mapping[str, str] = field(default_factory=dict)


def content_type(text: str) -> Structured:
    """Read a Content-Type field; the value is "" where it is missing or no media type."""
    text = text[:_LONGEST]
    found = _TYPE.match(text)
    _, _, rest = text.partition(";")
    return Structured(found[1].lower() if found else "", _parameters(rest))


def disposition(text: str) -> Structured:
    """Read a Content-Disposition field (RFC 2183)."""
    text = text[:_LONGEST]
    found = _WORD.match(text)
    rest = text[found.end() :] if found else text
    return Structured(found[1].lower() if found else "", _parameters(rest))


def _parameters(text: str) -> dict[str, str]:
    """Collect the parameters, continued and coded ones (RFC 2231) put together; the first of a name counts."""
    simple: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    position = 0
    for _ in range(_MOST):
        found = _PARAMETER.match(text, position)
        if not found or found.end() == position:
            break
        position = found.end()
        if found["name"] is None:
            continue
        name = found["name"].lower()
        value = _unescaped(found["quoted"]) if found["quoted"] is not None else found["plain"].strip().strip('"')
        if found["part"] or found["coded"]:
            pieces.setdefault(name, []).append((int((found["part"] or "*0")[1:]), bool(found["coded"]), value))
        else:
            simple.setdefault(name, encoded_word.decoded(value))
    return simple | {name: _joined(sorted(parts)) for name, parts in pieces.items()}


def _unescaped(text: str) -> str:
    """Take the backslashes of quoted pairs off; Windows paths keep theirs."""
    return re.sub(r"\\([\"\\])", r"\1", text)


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    """Put the parts of RFC 2231 section 4.1 together: `charset'language'percent-coded` and its continuations."""
    label = ""
    data = bytearray()
    for number, coded, value in parts:
        text = value
        if coded and number == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if coded else text.encode("utf-8", "replace")
    return charset.decode(bytes(data), label)[0]
