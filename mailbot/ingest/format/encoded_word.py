"""The encoded words of RFC 2047 in fields and names: found, joined, and decoded with what they say of themselves."""

import base64
import binascii
import re

from mailbot.ingest.format import charset


def decoded(text: str) -> str:
    """Decode the encoded words of RFC 2047 in one pass; what is none stays as it is.

    Words that follow each other are joined before the charset is applied, since mail programs split characters. What
    is a whole encoded word again was encoded twice by mistake.
    """
    text = _decoded(text)
    return _decoded(text) if _TWICE.match(text) else text


_TWICE = re.compile(r"\s*(?:=\?[^?\s]{1,70}\?(?:[bB]\?[A-Za-z0-9+/=]*+|[qQ]\?[^?\s]*+)\?=\s*)+\Z")


def _decoded(text: str) -> str:
    pieces: list[str] = []
    bytes_of: list[bytes] = []
    label = ""
    position = 0
    while (word := _next_word(text, position)) is not None:
        start, end, name, data = word
        between = text[position:start]
        if bytes_of and not between.strip() and name == label:
            bytes_of.append(data)
        else:
            if bytes_of:
                pieces.append(charset.decode(b"".join(bytes_of), label)[0])
            pieces.append("" if bytes_of and not between.strip() else between)
            bytes_of, label = [data], name
        position = end
    if bytes_of:
        pieces.append(charset.decode(b"".join(bytes_of), label)[0])
    return "".join(pieces) + text[position:]


def _next_word(text: str, position: int) -> tuple[int, int, str, bytes] | None:
    """Find the next encoded word: where it starts and ends, its charset, its bytes."""
    while (start := text.find("=?", position)) >= 0:
        name_end = text.find("?", start + 2, start + 80)
        kind = text[name_end + 1 : name_end + 3].lower()
        if name_end < 0 or kind not in ("b?", "q?"):
            position = start + 2
            continue
        end = text.find("?=", name_end + 3)
        if end < 0:
            return None
        # A Q word may begin with "=", which makes "?=" look like its end.
        if kind == "q?" and end == name_end + 2:
            end = text.find("?=", end + 2)
            if end < 0:
                return None
        label = text[start + 2 : name_end].partition("*")[0].strip().lower()  # RFC 2231 section 5: a language
        body = text[name_end + 3 : end]
        return start, end + 2, label, _word_bytes(kind[0], body)
    return None


def _word_bytes(kind: str, body: str) -> bytes:
    data = body.encode("utf-8", "replace")
    if kind == "q":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    return base64_bytes(data)


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 as far as it goes: foreign characters skipped, a truncated end repaired (RFC 2045 section 6.8)."""
    body = data.translate(None, _NOT_BASE64)
    if len(body) % 4 == 1:
        body = body[:-1]
    return base64.b64decode(body + b"=" * (-len(body) % 4))
