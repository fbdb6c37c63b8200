"""winmail.dat: Microsoft's own container for a mail's text and files (MS-OXTNEF), taken apart as far as it goes.

Reads lengths and copies bytes; what is cut off or unknown ends the reading, and the caller hears that it was not whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as Cut  # noqa: N812 - that the bytes end too early
from struct import unpack_from

_SIGNATURE = 0x223E9F78
#: MS-OXTNEF section 2.1.3.2: attributes by the low words of their ids.
_BODY, _PROPERTIES, _NEXT_FILE, _FILE_PROPERTIES, _FILE_NAME, _FILE_DATA = (
    0x800C,
    0x9003,
    0x9002,
    0x9005,
    0x8010,
    0x800F,
)
#: MS-OXPROPS: the text, its HTML, its compressed RTF; a file's long name and bytes.
_TEXT, _HTML, _RTF, _LONG_NAME, _DATA = 0x1000, 0x1013, 0x1009, 0x3707, 0x3701
#: MS-OXCDATA section 2.11.1: sizes of property values, those that say their own length, and text of two bytes.
_SIZES = {2: 4, 3: 4, 4: 4, 10: 4, 11: 4, 5: 8, 6: 8, 7: 8, 20: 8, 64: 8, 72: 16}
_SIZED = (13, 30, 31, 258)
_UNICODE = 31
_MANY = 0x1000
#: Files and properties of one container that count.
_MOST = 1_000


@dataclass(slots=True)
class Contents:
    """What lay in one winmail.dat."""

    #: The text as bytes, and as HTML, b"" for none.
    text: bytes = b""
    html: bytes = b""
    #: Name and bytes of each file.
    files: list[tuple[bytes, bytes]] = field(default_factory=list)
    #: Was all of it understood? The text may be there as compressed RTF alone, which is not read.
    whole: bool = True


def read(data: bytes) -> Contents | None:
    """Take a container apart; None for bytes that are none."""
    if len(data) < 6 or unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    contents = Contents()
    rtf = False
    try:
        for name, value in _attributes(data):
            rtf = _take(contents, name, value) or rtf
    except (Cut, ValueError):
        contents.whole = False
    contents.whole = contents.whole and (not rtf or bool(contents.text or contents.html))
    contents.files = [(name, value) for name, value in contents.files if name or value]
    return contents


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position < len(data):
        _, name, length = unpack_from("<BII", data, position)
        value = data[position + 9 : position + 9 + length]
        if len(value) < length:
            raise ValueError(length)
        yield name & 0xFFFF, value
        position += 9 + length + 2


def _take(contents: Contents, name: int, value: bytes) -> bool:
    """Take one attribute in; say whether it holds compressed RTF."""
    if name == _NEXT_FILE and len(contents.files) < _MOST:
        contents.files.append((b"", b""))
    elif name == _BODY:
        contents.text = value.rstrip(b"\0")
    elif name == _PROPERTIES:
        found = dict(_properties(value))
        contents.text = contents.text or found.get(_TEXT, b"").rstrip(b"\0")
        contents.html = found.get(_HTML, b"").rstrip(b"\0")
        return _RTF in found
    elif contents.files and name in (_FILE_NAME, _FILE_DATA, _FILE_PROPERTIES):
        title, content = contents.files[-1]
        if name == _FILE_NAME:
            title = title or value.rstrip(b"\0")
        elif name == _FILE_DATA:
            content = value
        else:
            found = dict(_properties(value))
            title, content = found.get(_LONG_NAME, title).rstrip(b"\0"), content or found.get(_DATA, b"")
        contents.files[-1] = (title, content)
    return False


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield MAPI properties by their ids, text in UTF-8 or in the sender's own charset."""
    position = 4
    for _ in range(min(unpack_from("<I", data)[0], _MOST)):
        kind, name = unpack_from("<HH", data, position)
        position += 4
        if name >= 0x8000:  # named: a GUID, and a number or a text of its own
            spelt = unpack_from("<I", data, position + 16)[0]
            length = unpack_from("<I", data, position + 20)[0] if spelt else 0
            position += 24 + _padded(length)
        values = unpack_from("<I", data, position)[0] if kind & _MANY or kind in _SIZED else 1
        position += 4 if kind & _MANY or kind in _SIZED else 0
        for _ in range(min(values, _MOST)):
            if kind & ~_MANY in _SIZED:
                length = unpack_from("<I", data, position)[0]
                position += 4
            else:
                length = _SIZES[kind & ~_MANY] if kind & ~_MANY in _SIZES else len(data) + 1
            value = data[position : position + length]
            if len(value) < length:
                raise ValueError(length)
            yield name, _text(value) if kind & ~_MANY == _UNICODE else value
            position += _padded(length)


def _padded(length: int) -> int:
    return length + -length % 4


def _text(value: bytes) -> bytes:
    return value.decode("utf-16-le", "replace").encode()
