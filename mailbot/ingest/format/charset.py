"""Bytes to text: the charsets that a sender may name, by their real and their wrong names.

A sender never reaches Python's codec registry: what is not in the table here is read as UTF-8, with U+FFFD for the
rest. Wrong declarations are detected where the bytes prove them wrong.
"""

import re

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
#: Charsets in which every byte has a meaning or nearly so: when the bytes are valid UTF-8, they are UTF-8.
_SINGLE_BYTE = ("cp", "iso8859", "koi8", "mac-")
_MULTI_BYTE_PAGES = ("cp932", "cp949", "cp950")
_SURROGATE = re.compile("[\ud800-\udfff]")
_C1 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def codec(name: str) -> str:
    """Return the Python codec for a charset label, or "" when the label is none that a sender may name."""
    label = name[:80].strip().strip("\"'").lower().replace("_", "-")
    label = label.partition("$")[0].strip("-= \x1b")
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
    chosen = codec(label)
    if chosen in ("", "cp1252") and b"\x1b$" in data:  # RFC 1468: only ISO-2022-JP switches so
        chosen = codec("iso-2022-jp")
    odd = "" if chosen or not label else f"unknown charset {label[:40]!r}"
    if (not chosen or chosen.startswith(_SINGLE_BYTE)) and chosen not in _MULTI_BYTE_PAGES:
        text = _strict(data, "utf-8")
        if text is not None:
            wrong = chosen not in ("", "cp1252") and not data.isascii()
            return text, odd or ("charset declared wrongly: the bytes are UTF-8" if wrong else "")
    text = _strict(data, chosen) if chosen else None
    if text is not None:
        return text, odd
    if chosen and chosen != "cp1252":
        odd = odd or f"bytes that are not {label[:40]}"
    return _loose(data, chosen, hint), odd or ("undeclared charset" if not label else "")


def _strict(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return None
    return _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))


def _loose(data: bytes, chosen: str, hint: str) -> str:
    """Take the best of what is left: the hint, the declared charset with marks for what is broken, Windows-1252."""
    if not chosen and (other := codec(hint)):
        text = _strict(data, other)
        if text is not None:
            return text
    text = data.decode(chosen or "utf-8", "replace")
    if chosen in ("", "utf-8") and text.count("\ufffd") * 4 > _high(data):
        text = data.decode("cp1252", "replace")
    elif chosen == "cp1252":
        text = data.decode("latin-1").translate(_C1)
    return _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))


def _high(data: bytes) -> int:
    """Count the bytes outside ASCII."""
    return len(data.translate(None, bytes(range(128))))
