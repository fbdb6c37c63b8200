"""One leaf of a mail: its bytes, what it says of them, and the text that they are; a name to show for it."""

import re
from dataclasses import dataclass

from mailbot.ingest.format import charset
from mailbot.ingest.format.header import clean

#: Bytes of one text that are read as such; what is beyond them is kept in the raw mail alone.
LONGEST_TEXT = 4_000_000
#: So near to its end a text that is too long is cut at the end of a line.
_LINE = 2_000
#: As much of HTML as says its charset: HTML 4.01 section 5.2.2, and what came after.
_HEAD = 4_096
_META = re.compile(rb"(?i)<(?:meta\b[^>]{0,400}?charset|\?xml\b[^>]{0,200}?encoding)\s*=\s*[\"']?([a-z0-9_:.-]{1,40})")
#: A plain form of so few bytes that speaks of HTML may be advice; if it is none, the HTML beside it says the same.
_ADVICE = 400
_HTML_NEEDED = re.compile(
    rb"(?is)(?=.*\bhtml\b).*\b(?:please|view|use an?|enable|you need|capable|compatible|bitte|veuillez)\b"
)
#: What a file begins with, sent as text or as a mail of its own: PDF, Office and ZIP, Outlook's and Word's old ones,
#: pictures, gzip.
_FILES = (
    b"%PDF-",
    b"PK\3\4",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"\x1f\x8b\x08",
)
_SEPARATORS = re.compile(r"[/\\]")
#: What a file is called whose name had nothing to show.
NAMELESS = "attachment"
#: Characters of a name; of a longer one its extension stays, since it says what opens the file.
_LONGEST_NAME, _EXTENSION = 255, 20
#: Windows opens a device under such a name, whatever its extension.
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|\Z)")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the tree, its bytes decoded."""

    index: int
    type: str
    name: str
    #: inline, attachment, or "".
    disposition: str
    data: bytes
    charset: str = ""
    flowed: bool = False
    delsp: bool = False
    #: HTML that was sent as plain text.
    misnamed: bool = False

    def text(self, hint: str) -> tuple[str, str]:
        """The leaf's text with LF line ends, and what was odd about its charset."""
        data = _beginning(self.data)
        # What HTML says of itself is as good as what the rest of the mail uses, and nearer.
        said = _META.search(data[:_HEAD]) if self.type == "text/html" else None
        if (wide := charset.wide(data, self.charset)) is not None:
            text, odd = wide, f"text of several bytes a character, declared {self.charset[:40]!r}"
        else:
            text, odd = charset.decode(data, self.charset, said[1].decode("ascii") if said else hint)
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), odd


def _beginning(data: bytes) -> bytes:
    """As much of a text as is read, to the end of a line where there is one."""
    if len(data) <= LONGEST_TEXT:
        return data
    return data[: data.rfind(b"\n", LONGEST_TEXT - _LINE, LONGEST_TEXT) + 1 or LONGEST_TEXT]


def is_file(data: bytes) -> bool:
    """Is it a file by its first bytes, whatever it is called? Shown as text it would be noise."""
    return data.startswith(_FILES)


def says_something(data: bytes, html: int) -> bool:
    """Is a plain form more than blanks, or than the advice to read the HTML, `html` bytes of it, beside it?"""
    words = data.replace(b"\xc2\xa0", b" ").replace(b"\xa0", b" ").strip()
    return bool(words) and not (html and len(words) < _ADVICE and _HTML_NEEDED.match(words))


def file_name(text: str) -> str:
    """A name to show, under which a file can be saved too; "" for none.

    Cleaned first, then its last component without leading dots (the order matters, T22). A run of blanks would push its
    extension out of sight; Windows drops dots at the end, opens devices by name and writes past a colon into a stream.
    """
    base = _SEPARATORS.split(clean(text, 1_000))[-1]
    name = _shortened(" ".join(base.replace(":", "_").split()).strip(". "))
    return f"_{name}" if _DEVICE.match(name) else name


def _shortened(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if len(name) <= _LONGEST_NAME or not dot or len(extension) > _EXTENSION:
        return name[:_LONGEST_NAME].rstrip(". ")
    return f"{stem[: _LONGEST_NAME - 1 - len(extension)]}.{extension}"
