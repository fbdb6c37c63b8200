"""A large mail made small for the parser: long stretches of body are cut out, and put back where their leaf is read.

The parser makes a text, lines and copies of all that it is given, ten times the mail's size. What it needs is the
structure, which is in the header blocks and in the delimiter lines; a stretch of lines of which none begins with two
hyphens cannot hold a delimiter (RFC 2046 section 5.1.1), so a mark stands for it. Decides nothing about a part.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

#: A stretch longer than this is cut; its first bytes stay, for there lie the fields of a part or of an attached mail.
LONGEST = 192 * 1024
_KEPT = 96 * 1024
_HYPHENS = re.compile(rb"[\r\n]--")
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Cut:
    """A mail's body with its long stretches taken out."""

    body: bytes
    #: What a mark begins with: it follows from the mail's bytes, so that none of them can be a mark.
    secret: bytes = b""
    #: By their numbers the marks, and what each stands for.
    stretches: tuple[tuple[bytes, memoryview], ...] = ()

    def whole(self, data: bytes) -> bytes:
        """Return bytes that were read from the body with the stretches in their places."""
        pieces: list[bytes | memoryview] = []
        at = 0
        while self.secret and (found := data.find(self.secret, at)) >= 0:
            number = found + len(self.secret)
            mark, stretch = self.stretches[int(data[number : number + _DIGITS])]
            pieces += [data[at:found], stretch]
            at = found + len(mark)
        return b"".join([*pieces, data[at:]]) if pieces else data


def cut(raw: bytes, start: int) -> Cut:
    """Cut the long stretches out of the body that begins at `start`."""
    places = list(_places(raw, start))
    if not places:
        return Cut(raw[start:])
    secret = blake2b(raw, digest_size=20).hexdigest().encode()
    view = memoryview(raw)
    pieces: list[bytes | memoryview] = []
    stretches: list[tuple[bytes, memoryview]] = []
    at = start
    for begin, end in places:
        # As many characters, by fours, as the stretch has: base64 around the mark stays base64 (RFC 2045 section 6.8).
        surplus = (end - begin - raw.count(b"\n", begin, end) - raw.count(b"\r", begin, end)) % 4
        mark = secret + b"%0*d" % (_DIGITS, len(stretches)) + b"A" * surplus
        stretches.append((mark, view[begin:end]))
        pieces += [view[at:begin], mark]
        at = end
    return Cut(b"".join([*pieces, view[at:]]), secret, tuple(stretches))


def _places(raw: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield where the long stretches begin and end: never a line end before a delimiter, which belongs to that."""
    begin = start
    for hyphens in _HYPHENS.finditer(raw, start):
        if hyphens.start() - begin > LONGEST:
            yield begin + _KEPT, hyphens.start() - 1
        begin = hyphens.end()
    if len(raw) - begin > LONGEST:
        yield begin + _KEPT, len(raw) - 2
