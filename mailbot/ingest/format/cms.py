"""The content that an opaque S/MIME signature wraps (RFC 8551 section 3.5.2, RFC 5652): found, never verified.

Reads the lengths of BER and copies octets; knows no cryptography, so nothing that it finds is proven.
"""

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OID, _OCTETS, _MANY_OCTETS, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
#: X.690 section 8.1.3.6: no length, and the mark at the end instead.
_UNTIL_END_MARK, _END = 0x80, b"\0\0"
#: Signed data has its content five levels down; pieces of a constructed string lie deeper.
_DEEPEST = 12


def content(data: bytes) -> bytes | None:
    """Return what was signed; None where the bytes are encrypted, broken or something else."""
    try:
        return _signed(data)
    except (IndexError, ValueError):
        return None


def _signed(data: bytes) -> bytes | None:
    outer = list(_inside(data, 0, len(data), _SEQUENCE))
    parts = list(_elements(data, *outer[0])) if outer else []
    if len(parts) < 2 or data[slice(*parts[0][1:])] != _SIGNED_DATA:
        return None
    for start, end in _inside(data, *parts[1][1:], _SEQUENCE):
        for inner in _inside(data, start, end, _SEQUENCE):
            for wrapped in _inside(data, *inner, _EXPLICIT):
                return b"".join(_octets(data, *wrapped, 0)) or None
    return None


def _octets(data: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which BER lets be cut into several."""
    for tag, begin, stop in _elements(data, start, end):
        if tag == _OCTETS:
            yield data[begin:stop]
        elif tag == _MANY_OCTETS and depth < _DEEPEST:
            yield from _octets(data, begin, stop, depth + 1)


def _inside(data: bytes, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Yield where the elements of one tag have their contents."""
    yield from ((begin, stop) for tag, begin, stop in _elements(data, start, end) if tag == wanted)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield each element between two places: its tag, and where its content begins and ends."""
    while start < end and data[start : start + 2] != _END:
        begin, stop, behind = _bounds(data, start, end, 0)
        yield data[start], begin, stop
        start = behind


def _bounds(data: bytes, start: int, end: int, depth: int) -> tuple[int, int, int]:
    """Where the content of the element at `start` begins and ends, and where the next one begins."""
    length, begin = data[start + 1], start + 2
    if length == _UNTIL_END_MARK:
        if depth > _DEEPEST:
            raise ValueError(depth)
        stop = begin
        while data[stop : stop + 2] != _END:
            stop = _bounds(data, stop, end, depth + 1)[2]
        return begin, stop, stop + 2
    if length > _UNTIL_END_MARK:
        size = length - _UNTIL_END_MARK
        length = int.from_bytes(data[begin : begin + size], "big")
        begin += size
    if begin + length > end:
        raise ValueError(length)
    return begin, begin + length, begin + length
