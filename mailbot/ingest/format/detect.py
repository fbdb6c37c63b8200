"""Which charset bytes are in that declare none, or one that they prove wrong.

chardet says how likely each charset of our table is; what it reads is then looked at, since it knows letters and not
words: Western mail with three umlauts is likely anything. Linear, and only the beginning is looked at.
"""

import re
from functools import lru_cache

import chardet

#: Bytes that are looked at, of those lines that have any outside ASCII.
_LOOKED_AT = 20_000
#: As much of a long line as is taken from before its first such byte.
_BEFORE = 200
#: Of these languages most letters are ASCII: Windows and ISO pages of Latin letters.
_LATIN = ("windows-1252", "windows-1250", "iso-8859-2", "windows-1254", "windows-1257")
#: What mail is written in, beside UTF-8, which proves itself.
_ALL = (
    *_LATIN,
    *("koi8-r", "koi8-u", "windows-1251", "iso-8859-5", "cp866", "windows-1253", "windows-1255", "windows-1256"),
    *("tis-620", "gb18030", "big5", "cp932", "euc-jp", "cp949"),
)
_CODECS = {
    "Windows-1252": "cp1252",
    "Windows-1250": "cp1250",
    "ISO-8859-2": "iso8859-2",
    "Windows-1254": "cp1254",
    "Windows-1257": "cp1257",
    "KOI8-R": "koi8-r",
    "KOI8-U": "koi8-u",
    "Windows-1251": "cp1251",
    "ISO-8859-5": "iso8859-5",
    "IBM866": "cp866",
    "Windows-1253": "cp1253",
    "Windows-1255": "cp1255",
    "Windows-1256": "cp1256",
    "TIS-620": "cp874",
    "GB18030": "gb18030",
    "Big5": "cp950",
    "CP932": "cp932",
    "EUC-JP": "euc_jp",
    "CP949": "cp949",
}
_OF_LATIN = tuple(_CODECS)[: len(_LATIN)]
#: From here on chardet is right more often than that the text is Western; below the second it knows nothing.
_SURE = 0.1
_LIKELY = 0.03
#: Of letters outside ASCII a Western text has less than the first, and surely less than the second.
_MANY = 0.4
_MOST = 0.6
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
#: A text of two bytes a character has blanks and line ends, so many zeros in any case, and one of so many bytes.
_FEW_ZEROS, _ZEROS = 3, 30
_LETTERS = 0x30
_HIGH = re.compile(rb"[\x80-\xff]")
_RUN = re.compile(rb"[\x80-\xff]{3}")
_LETTER = re.compile(rb"[A-Za-z]")
#: No word has a sign in it, no number stands before a letter so, and no text holds a control or a broken character.
_ODD = re.compile(
    r"[\ufffd\x80-\x9f]"
    r"|(?<=[^\W\d_])[\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b3\u00b6\u00b8-\u00bf\u00d7\u00f7\u02c7-\u02dd\u2020-\u2022\u2030"
    r"\u2039\u203a\u20ac\u2122\u2500-\u259f](?=[^\W\d_])"
    r"|[\u00b9\u00bc-\u00be](?=[^\W\d_])"
)


def wide(data: bytes) -> str:
    """Return the codec of text in which every character is several bytes, zeros among them; "" for any other.

    A byte order mark says so, else zeros that stand at every other byte or so and nowhere between.
    """
    if data.startswith(_WIDE_MARKS):
        # Of text in one byte a character, behind what only looks like a mark, none is outside ASCII.
        return "" if data[4:].isascii() and b"\0" not in data else _wide_marked(data)
    zeros = data.count(0, 0, _LOOKED_AT)
    if zeros < _FEW_ZEROS or zeros * _ZEROS < min(len(data), _LOOKED_AT):
        return ""
    beginning = data[:_LOOKED_AT]
    ends = [beginning[place::4].count(0) for place in range(4)]
    if len(data) % 4 == 0 and zeros >= len(beginning) // 2:
        return "utf-32-le" if ends[0] < ends[3] else "utf-32-be"
    even, odd = ends[0] + ends[2], ends[1] + ends[3]
    # The other half of each character is small in the scripts that have blanks, and a letter of ASCII is not.
    if (even and odd) or max(beginning[0 if even else 1 :: 2]) >= _LETTERS:
        return ""
    return "utf-16-be" if even else "utf-16-le"


def _wide_marked(data: bytes) -> str:
    return "utf-32" if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) else "utf-16"


def is_foreign(data: bytes) -> bool:
    """Can it hardly be a language of Latin letters? These have few letters outside ASCII, and seldom three together."""
    sample = _sample(data)
    return bool(_RUN.search(sample)) or (len(_HIGH.findall(sample)) > 1 and _share(sample) > _MANY)


def is_dense(data: bytes) -> bool:
    """Is it surely no Western text, whatever it declares? Most letters of it are outside ASCII."""
    sample = _sample(data)
    return len(_HIGH.findall(sample)) > 3 and _share(sample) > _MOST


def _share(sample: bytes) -> float:
    """How much of what may be letters is outside ASCII."""
    high = len(_HIGH.findall(sample))
    return high / (high + len(_LETTER.findall(sample))) if high else 0.0


def guess(data: bytes) -> str:
    """Return the codec that bytes outside UTF-8 are most likely in; Windows-1252 where nothing speaks for another."""
    return _guess(_sample(data))


@lru_cache(maxsize=512)
def _guess(sample: bytes) -> str:
    foreign = is_foreign(sample)
    found = chardet.detect(sample, include_encodings=_ALL if foreign else _LATIN)
    likely, confidence = _CODECS.get(found["encoding"] or "", ""), found["confidence"]
    if foreign and found["encoding"] not in _OF_LATIN:
        enough = _LIKELY if _share(sample) > _MANY else _SURE
        return likely if likely and confidence >= enough and not _oddness(sample, likely) else "cp1252"
    first = [likely, "cp1252"] if confidence >= _SURE else ["cp1252", likely]
    candidates = [name for name in (*first, "iso8859-2", "cp1250") if name]
    return min(candidates, key=lambda name: _oddness(sample, name))


def _oddness(sample: bytes, name: str) -> int:
    """Count what no text in this charset would hold."""
    return len(_ODD.findall(sample.decode(name, "replace")))


def _sample(data: bytes) -> bytes:
    """Take the lines that say something, as many as are looked at."""
    if len(data) <= _LOOKED_AT:
        return data
    pieces: list[bytes] = []
    size = 0
    for line in data.splitlines():
        if not line.isascii() and (first := _HIGH.search(line)):
            pieces.append(line[max(0, first.start() - _BEFORE) :][:_LOOKED_AT])
            size += len(pieces[-1])
        if size > _LOOKED_AT:
            break
    return b"\n".join(pieces)[:_LOOKED_AT]
