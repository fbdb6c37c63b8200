"""Bytes to text: the charsets that a sender may name, by their real and their wrong names.

A sender never reaches Python's codec registry: what is not in the table here is read as UTF-8, with U+FFFD for the
rest. Wrong declarations are detected where the bytes prove them wrong.
"""

import re

from mailbot.ingest.format import detect

#: What browsers and mail programs do as well: the label's superset, since that is what is really sent.
_SUPERSETS = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi-x3-4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-1-i": "cp1252",
    "8859-1": "cp1252",
    "ansi": "cp1252",
    "ansi-x3-110-1983": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "euc-cn": "gb18030",
    "chinese": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "big-5": "cp950",
    "cn-big5": "cp950",
    "x-x-big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "big5-eten": "cp950",
    "chinesebig5": "cp950",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "ms-kanji": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_1",
    "iso-2022-jp-2": "iso2022_jp_2",
    "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-kr": "iso2022_kr",
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "johab": "johab",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    # RFC 2152. Whoever reads it must ask `hides`: a command may stand in it that its bytes do not show (T27).
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
    "koi8-r": "koi8-r",
    "koi8": "koi8-r",
    "koi8-u": "koi8-u",
    "koi8-ru": "koi8-u",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-turkish": "mac-turkish",
    "x-mac-greek": "mac-greek",
    "viscii": "cp1258",
}
_NUMBERED = re.compile(r"(?:iso-?8859-?(1[03-6]|[2-7])(?:-.*)?|(?:windows|cp|x-cp|ms|ibm|win)-?(\d{3,4})(?:-.*)?)\Z")
_PAGES = {
    *("437", "737", "775", "850", "852", "855", "857", "858", "860", "861", "862", "863", "864", "865", "866"),
    *("869", "874", "932", "949", "950", "1250", "1251", "1252", "1253", "1254", "1255", "1256", "1257", "1258"),
}
#: A character is more bytes than one: text in these is valid UTF-8 by chance only while it is short.
_MULTI_BYTE = ("gb18030", "cp950", "big5hkscs", "cp932", "euc_jp", "cp949", "johab")
_PROOF = 6
#: Text in these is ASCII to whoever does not know it.
_STATEFUL = ("utf-7", "hz", "iso2022_jp_ext", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr")
#: One broken byte of so many leaves a charset what it is.
_WHOLE = 20
#: The Windows page that is sent under the name of an ISO one.
_PAGE_OF = {
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-5": "cp1251",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_ASCII = re.compile(r"(?i)[\\\"'\s]*(?:charset\s*=\s*)?[\\\"'\s]*(?:us-?)?ascii")
_CONTROL = re.compile("[\x80-\x9f]")
#: What no text holds: controls, and what nobody has assigned.
_NO_TEXT = re.compile("[\x01-\x08\x0e-\x1a\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufff0-\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_C1 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def codec(name: str) -> str:
    """Return the Python codec for a charset label, or "" when the label is none that a sender may name."""
    label = name[:80].strip("\\\"' \t\r\n;").lower().replace("_", "-").replace(".", "-")
    label = label.partition("$")[0].removeprefix("charset=").strip("-=\\\"' \x1b")
    if label in _SUPERSETS:
        return _SUPERSETS[label]
    found = _NUMBERED.match(label)
    if not found:
        return ""
    if found[1]:
        return f"iso8859-{found[1]}"
    page = found[2]
    return f"cp{page}" if page in _PAGES else "gb18030" if page == "936" else ""


def decode(data: bytes, label: str = "", hint: str = "") -> tuple[str, str]:
    """Decode bytes that declare a charset; the second value says what was odd, or is "".

    `hint` is a charset that the rest of the mail uses, tried where nothing is declared. Never raises, never gives a
    surrogate.
    """
    declared = codec(label)
    chosen = _switching(data, declared)
    odd = "" if declared or not label else f"unknown charset {label[:40]!r}"
    if _is_utf8(data, chosen):
        wrong = chosen not in ("", "cp1252", "utf-8") and not data.isascii()
        return _strict(data, "utf-8") or "", odd or ("charset declared wrongly: the bytes are UTF-8" if wrong else "")
    text = _declared(data, chosen, label)
    if text is not None:
        return text, odd
    found, read_as = _undeclared(data, chosen, hint)
    wrong = bool(declared) and declared not in ("cp1252", read_as)
    return found, odd or (f"bytes that are not {label[:40]}" if wrong else "" if label else "undeclared charset")


def wide(data: bytes, label: str = "") -> str | None:
    """Read text of several bytes a character that declares another charset, or none; None where it is no such text.

    For texts alone: a header with zero bytes in it is broken, and whoever checked its sender read none of this.
    """
    if codec(label).startswith(("utf-16", "utf-32")) or not (found := detect.wide(data)):
        return None
    text = _strict(data, found)
    return None if text is None or _NO_TEXT.search(text) else text


def hides(label: str) -> bool:
    """May text in this charset show ASCII characters that do not stand in its bytes? None that mail needs does."""
    return codec(label) == "utf-7"


def is_utf8(data: bytes) -> bool:
    """Are the bytes UTF-8 or ASCII?"""
    return data.isascii() or _strict(data, "utf-8") is not None


def _switching(data: bytes, declared: str) -> str:
    """Only two charsets switch by such sequences, which nobody writes (RFC 1468, RFC 1557)."""
    if declared not in ("", "cp1252", "utf-8") or b"\x1b$" not in data:
        return declared
    return codec("iso-2022-kr" if b"\x1b$)C" in data else "iso-2022-jp")


def _is_utf8(data: bytes, chosen: str) -> bool:
    """Do the bytes prove to be UTF-8, whatever they declare? Text of another charset is so by chance only if short."""
    if chosen.startswith(("utf-16", "utf-32")):
        return (
            b"\0" not in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")) and _strict(data, "utf-8") is not None
        )
    if chosen in _MULTI_BYTE and _high(data) < _PROOF:
        return False
    return chosen not in _STATEFUL and _strict(data, "utf-8") is not None


def _declared(data: bytes, chosen: str, label: str) -> str | None:
    """Read as declared, or None where that cannot be meant."""
    if chosen == "cp1252" and (_ASCII.match(label) or detect.is_dense(data)):
        return None
    text = _strict(data, chosen) if chosen else None
    if text is not None and (page := _PAGE_OF.get(chosen)) and _CONTROL.search(text):
        # The signs of the Windows page stand where the ISO page has controls, which no text holds.
        return _strict(data, page) or text
    return text


def _undeclared(data: bytes, chosen: str, hint: str) -> tuple[str, str]:
    """Read bytes that nothing declares rightly: broken, like the rest of the mail, or as they look. With the codec."""
    for name in ("utf-8", chosen):
        broken = _tidy(data.decode(name, "replace")) if name not in ("", "cp1252") else ""
        if broken and broken.count("\ufffd") * _WHOLE <= _high(data):
            return broken, name
    other = codec(hint)
    if other not in ("", "cp1252", "utf-8", chosen) or (other == "cp1252" and not detect.is_foreign(data)):
        text = _strict(data, other)
        if text is not None:
            return text, other
    found = detect.guess(data)
    return data.decode("latin-1").translate(_C1) if found == "cp1252" else _tidy(data.decode(found, "replace")), found


def _tidy(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))


def _strict(data: bytes, name: str) -> str | None:
    try:
        return _tidy(data.decode(name))
    except (UnicodeError, ValueError):
        return None


def _high(data: bytes) -> int:
    """Count the bytes outside ASCII."""
    return len(data.translate(None, bytes(range(128))))
