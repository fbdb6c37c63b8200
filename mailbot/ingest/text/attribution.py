"""The lines by which mail programs introduce a quote, in the languages of the world: words as data, and how they match.

Looks at single lines and at most six after them, so that any text costs by its length alone.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words

#: Our own notices carry this in the line above which an answer is to be written.
MARKER = "##-"
#: A line that is longer introduces nothing.
_LONGEST = 400
_WRAPPED = 4
_HEADER_LINES = 7
_ENOUGH = 3

#: "wrote", as it stands in "On ... wrote:".
_WROTE = words.phrases("attribution", "wrote")
_BEGINS = words.pattern("attribution", "begins", r"\s*{}\s*")
_ORIGINAL = words.phrases("attribution", "original")
_FORWARDS = words.phrases("attribution", "forwards")
_CATEGORY = words.meanings("fields")
#: U+FF1A is the colon of Chinese and Japanese text.
_FIELD = re.compile(r"[\s*_]*([^\W\d_][^:\uff1a*\d]{0,24}?)[\s*_]*[:\uff1a]")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}\.? [^\W\d_]{3}")
_ADDRESS = re.compile(r"[<(\[]?[^\s<>@]{1,64}@[^\s<>@]{1,190}[>)\]]|<?mailto:|<[^\s<>@]{1,64}@")
_OWN_WORDS = (" i wrote", " you wrote", " we wrote", "ich schrieb", "sie schrieb")


def is_marker(text: str) -> bool:
    """Our own "write above this line"."""
    return MARKER in text[:2_000]


def is_original(text: str) -> bool:
    """`-----Original Message-----` and its kin, or the line above a forwarded mail."""
    line = text.strip().lower()
    if not 6 <= len(line) <= 120:
        return False
    if line[:2] in ("--", "__", "==", "**", "~~") and line[-2:] in ("--", "__", "==", "**", "~~"):
        return any(phrase in line for phrase in _ORIGINAL)
    return line.startswith(_FORWARDS)


def category(text: str) -> str:
    """Which field of a header block a line begins with, or ""."""
    found = _FIELD.match(text[:60])
    return _CATEGORY.get(found[1].strip().lower(), "") if found else ""


def is_header_block(lines: Sequence[str], start: int) -> bool:
    """Does a block of From, Sent, To, Subject begin here?"""
    if not category(lines[start]):
        return False
    seen: set[str] = set()
    for line in lines[start : start + _HEADER_LINES]:
        found = category(line)
        if not found and not line.strip() and len(seen) < 2:
            continue
        if not line.strip():
            break
        seen.add(found)
    return "from" in seen and len(seen - {""}) >= _ENOUGH


def attribution(lines: Sequence[str], end: int) -> tuple[int, bool]:
    """Where the attribution that ends in this line begins, or -1; and whether it needs no quote marks behind it."""
    last = lines[end].rstrip(" *_\u00a0")
    if not last.endswith((":", "\uff1a")) or len(last) > _LONGEST:
        return -1, False
    joined = last
    for start in range(end, max(-1, end - _WRAPPED), -1):
        if start < end:
            if not lines[start].strip() or lines[start].startswith(">") or len(joined) > _LONGEST:
                break
            joined = f"{lines[start].strip()} {joined}"
        if _BEGINS.match(joined) and (strength := _strength(joined)) >= 0:
            return start, strength > 0
    if _strength(last) >= 0:
        return end, bool(_ADDRESS.search(last) and _DATE.search(last))
    return -1, False


def _strength(text: str) -> int:
    """-1: no attribution; 0: one if a quote follows; 1: one in any case."""
    lower = text.lower()
    wrote = any(word in lower for word in _WROTE)
    address = bool(_ADDRESS.search(text))
    dated = bool(_DATE.search(text))
    if any(word in lower for word in _OWN_WORDS):
        return 0
    if dated and (wrote or address):
        return 1
    return 0 if wrote else -1
