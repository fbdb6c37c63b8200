"""The limits on raw bytes, looked at before any parser sees them.

Every scan here is linear in the size of the mail. Nothing is decoded and nothing is changed.
"""

import re
from dataclasses import dataclass

from mailbot.ingest.format import header

#: As much of a header block as is looked at when no blank line ends it.
_BLOCK = 1 << 20
_BLANK = re.compile(rb"\r?\n\r?\n|\r\r")
_CONTENT_TYPE = re.compile(rb"(?i)(?<![^\r\n])content-type[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")
_BOUNDARY = re.compile(rb'(?i)boundary(?:\*\d{0,2}\*?)?[ \t]*=[ \t\r\n]*(?:"([^"\r\n]{1,200})|([^\s;"]{1,200}))')
_DELIMITER = re.compile(rb"(?<![^\r\n])--([^\r\n]{1,200})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one mail may be; over any of these it goes to quarantine instead of to a parser."""

    #: Bytes of the whole mail.
    message: int = 35_000_000
    #: Bytes of its header block.
    header_block: int = 262_144
    #: Bytes of one header field, folded lines included.
    field: int = 102_400
    #: Number of header fields.
    fields: int = 1_000
    #: Encoded words (RFC 2047) in header blocks: naive decoders are quadratic in them.
    encoded_words: int = 2_000
    #: Containers within containers, attached mails included.
    depth: int = 30
    #: Lines times depth: the parser asks each open container about each line.
    work: int = 4_000_000
    #: Semicolons in the Content-Type fields of all parts: the parser is quadratic in those of each.
    parameters: int = 20_000
    #: Parts in all.
    parts: int = 1_000
    #: Lines; an attachment that fills `message` in base64 has 460,000.
    lines: int = 600_000


DEFAULT = Limits()


def over_limit(raw: bytes, limits: Limits = DEFAULT) -> str:
    """Return "" for a mail within the limits, else the reason in words, with the limit."""
    if len(raw) > limits.message:
        return f"{len(raw)} bytes, {limits.message} at most"
    if (lines := raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")) > limits.lines:
        return f"{lines} lines, {limits.lines} at most"
    return _header(header_block(raw), limits) or _structure(raw, limits)


def header_block(raw: bytes, start: int = 0) -> bytes:
    """Return the bytes from `start` to the first blank line, at most a megabyte of them."""
    # Blank lines above the header are read over, so they hide nothing.
    if start == 0 and (above := header.ABOVE.match(raw)):
        start = above.end()
    end = _BLANK.search(raw, start, start + _BLOCK)
    if raw.startswith((b"\n", b"\r\n"), start):
        return b""
    return raw[start : end.start() if end else start + _BLOCK]


def _header(block: bytes, limits: Limits) -> str:
    if len(block) > limits.header_block:
        return f"a header of {len(block)} bytes, {limits.header_block} at most"
    count = longest = size = 0
    for line in block.splitlines():
        if line[:1] in (b" ", b"\t"):
            size += len(line)
        else:
            count += 1
            size = len(line)
        longest = max(longest, size)
    if count > limits.fields:
        return f"{count} header fields, {limits.fields} at most"
    if longest > limits.field:
        return f"a header field of {longest} bytes, {limits.field} at most"
    if (words := block.count(b"=?")) > limits.encoded_words:
        return f"{words} encoded words, {limits.encoded_words} at most"
    return ""


@dataclass(slots=True)
class _Open:
    """The containers that are open at one place of the mail, outermost first."""

    #: Boundaries, and b"" for an attached mail.
    stack: list[bytes]

    def descend(self, raw: bytes, start: int, most: int) -> None:
        """Read the header block at `start` and open what it declares, attached mails in attached mails too."""
        while len(self.stack) <= most:
            block = header_block(raw, start)[:_BLOCK]
            found = _CONTENT_TYPE.search(block)
            value = found[1].strip().lower() if found else b""
            if value.startswith(b"multipart/") and found and (name := _BOUNDARY.search(found[1])):
                self.stack.append((name[1] or name[2]).rstrip())
                return
            if not value.startswith(b"message/") or value.startswith(b"message/delivery-status"):
                return
            self.stack.append(b"")
            blank = _BLANK.search(raw, start, start + _BLOCK)
            if not blank:
                return
            start = blank.end()

    def meet(self, name: bytes) -> bool:
        """Close what a delimiter line closes; say whether a part begins after it."""
        name = name.rstrip()
        if name in self.stack:
            del self.stack[self.stack.index(name) + 1 :]
            return True
        if name.endswith(b"--") and name[:-2] in self.stack:
            del self.stack[self.stack.index(name[:-2]) :]
        return False


def _structure(raw: bytes, limits: Limits) -> str:
    """Follow the boundaries as a parser would, without one: how deep, how many (RFC 2046 section 5.1)."""
    containers = _Open([])
    containers.descend(raw, 0, limits.depth)
    parts = 1
    words = parameters = deepest = 0
    for line in _DELIMITER.finditer(raw):
        if len(containers.stack) > limits.depth:
            return f"containers {limits.depth + 1} deep, {limits.depth} at most"
        if not containers.meet(line[1]):
            continue
        parts += 1
        if parts > limits.parts:
            return f"more than {limits.parts} parts"
        start = _after_line(raw, line.end())
        block = header_block(raw, start)
        words += block.count(b"=?") if len(block) < _BLOCK else 0
        parameters += _semicolons(block)
        if fault := _part_header(words, parameters, limits):
            return fault
        containers.descend(raw, start, limits.depth)
        deepest = max(deepest, len(containers.stack))
    if len(containers.stack) > limits.depth:
        return f"containers {limits.depth + 1} deep, {limits.depth} at most"
    if (work := deepest * raw.count(b"\n")) > limits.work:
        return f"{deepest} containers around too many lines ({work} by count, {limits.work} at most)"
    return ""


def _semicolons(block: bytes) -> int:
    found = _CONTENT_TYPE.search(block)
    return found[1].count(b";") if found else 0


def _part_header(words: int, parameters: int, limits: Limits) -> str:
    if words > limits.encoded_words:
        return f"more than {limits.encoded_words} encoded words"
    if parameters > limits.parameters:
        return f"more than {limits.parameters} parameters of Content-Type fields"
    return ""


def _after_line(raw: bytes, position: int) -> int:
    if raw.startswith(b"\r\n", position):
        return position + 2
    return min(position + 1, len(raw))
