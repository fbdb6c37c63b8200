"""Content-Transfer-Encodings (RFC 2045 section 6) and uuencode, decoded as far as the bytes go; nothing raises."""

import binascii
import quopri
import re
from itertools import islice

from mailbot.ingest.format.encoded_word import base64_bytes

#: Quotes, dots and blanks that programs put into the name of an encoding.
_SLOPPY = re.compile(r"[^a-z0-9-]")
_SOFT_BREAK = re.compile(rb"=[ \t]++(\r?\n)")
#: A line of base64, and one that can only be that.
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}\Z")
_LONG_LINE = 40
#: Its last line, with something behind the padding, which ends it (RFC 2045 section 6.8).
_PADDED = re.compile(rb"(?m)^((?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=))[ \t]+[^\s=][^\r\n]*")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n")
_UU_END = re.compile(rb"(?m)^end[ \t]*\r?$\n?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*\Z")
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n"
_UU_LINE = re.compile(rb"[^\r\n]+")
_UU_LONGEST = 62
#: As many files as are looked for in one text.
_UU_FILES = 100


def decode(data: bytes, encoding: str) -> tuple[bytes, str]:
    """Return the decoded bytes and what was odd; unknown encodings (`7-bit`, `text/html`) are none at all."""
    match _SLOPPY.sub("", encoding):
        case "base64" | "base-64" | "b64":
            return _base64(data)
        case "quoted-printable" | "quoted-printable-8bit" | "quotedprintable" | "qp":
            # Blanks behind a soft line break came on the way (RFC 2045 section 6.7, rule 3).
            return quopri.decodestring(_SOFT_BREAK.sub(rb"=\1", data)), ""
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            rest, files = uuencoded(data)
            return (files[0][1] if files else rest), ""
        case "" | "7bit" | "8bit" | "binary":
            return data, ""
    return data, f"unknown transfer encoding {encoding[:40]!r}"


def _base64(data: bytes) -> tuple[bytes, str]:
    """Decode; text that a mailing list put behind the base64 is kept out, text that is none at all is left alone."""
    if not data.rstrip(b"=\r\n").translate(None, _PLAIN):
        # Nothing else: a large file is not taken into its lines.
        return _whole(data)
    data, junk = _PADDED.subn(rb"\1", data)
    if _is_prose(data):
        return data, "declared base64 and is none"
    if junk:
        return _base64(data)[0], "foreign characters in base64"
    lines = data.splitlines(keepends=True)
    whole = [line for line in lines if _BASE64.match(line) and b" " not in line.strip()]
    if not _BASE64.match(data) or 0 < len(whole) < len(lines):
        kept = whole or [line for line in lines if _BASE64.match(line)]
        if not b"".join(kept).strip():
            return data, "declared base64 and is none"
        return base64_bytes(b"".join(kept)), "foreign characters in base64"
    return _whole(data)


def _whole(data: bytes) -> tuple[bytes, str]:
    """Decode what is nothing but base64."""
    blanks = sum(data.count(blank) for blank in (b"\r", b"\n", b" ", b"\t"))
    return base64_bytes(data), "" if (len(data) - blanks) % 4 == 0 else "base64 cut short"


def _is_prose(data: bytes) -> bool:
    """Are most lines words with blanks between them, and is the first not plainly base64?"""
    lines = [line for line in (line.strip() for line in data.splitlines()) if line]
    coded = sum(len(line) for line in lines if _BASE64_LINE.match(line))
    if not lines or 2 * coded >= sum(map(len, lines)) or not any(b" " in line for line in lines):
        return False
    first = lines[0]
    if not _BASE64_LINE.match(first) or len(first) % 4:
        return True
    return len(first) < _LONG_LINE and not base64_bytes(first).isascii()


def uuencoded(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Split text into what is left of it and the files in it, each with its name."""
    rest: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    position = 0
    for begin in islice(_UU_BEGIN.finditer(data), _UU_FILES):
        if begin.start() < position:
            continue
        end = _UU_END.search(data, begin.end())
        # Cut off on the way, it goes on to the end of the text.
        last, behind = (end.start(), end.end()) if end else (len(data), len(data))
        content = _uu_lines(data[begin.end() : last])
        if content is not None and (end or content):
            rest.append(data[position : begin.start()])
            files.append((begin[1].strip(), content))
            position = behind
        if not end:
            break
    return b"".join(rest) + data[position:], files


def _uu_lines(data: bytes) -> bytes | None:
    """Decode the lines of one file, or None when they are prose between the words begin and end."""
    out = bytearray()
    for found in _UU_LINE.finditer(data):
        line = found[0]
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # Encoders that count the padding wrongly: take as many characters as the first one says.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            if len(line) > _UU_LONGEST:
                return None
            try:
                out += binascii.a2b_uu(line[:length])
            except binascii.Error:
                return None
    return bytes(out)
