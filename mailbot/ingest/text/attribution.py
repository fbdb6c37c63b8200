"""The lines by which mail programs introduce a quote, in the languages of the world: words as data, and how they match.

Looks at single lines and at most six after them, so that any text costs by its length alone.
"""

import re
from collections.abc import Iterator, Sequence

from mailbot.ingest import words

#: Our own notices carry this in the line above which an answer is to be written.
MARKER = "##-"
#: A line that is longer introduces nothing.
_LONGEST = 400
_WRAPPED = 4
_HEADER_LINES = 7
_ENOUGH = 3
#: So many words at most has an attribution whose "wrote" nobody here knows.
_FEW_WORDS = 14

#: "wrote", as it stands in "On ... wrote:".
_WROTE = words.phrases("attribution", "wrote")
_BEGINS = words.pattern("attribution", "begins", r"\s*{}(?![^\W\d_])")
_ORIGINAL = words.phrases("attribution", "original")
_FORWARDS = words.phrases("attribution", "forwards")
_CATEGORY = words.meanings("fields")
#: U+FF1A is the colon of Chinese and Japanese text.
_FIELD = re.compile(r"[\s*_]*([^\W\d_][^:\uff1a*\d]{0,24}?)[\s*_]*[:\uff1a]")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}\.? [^\W\d_]{3}")
_TIME = re.compile(r"(?<![\d.])\d{1,2}[:.h]\d{2}(?!\.?\d)")
_DAY = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_ADDRESS = re.compile(r"[<(\[]?[^\s<>@]{1,64}@[^\s<>@]{1,190}[>)\]]|<?mailto:|<[^\s<>@]{1,64}@")
_WORD = re.compile(r"[^\W\d_]+")
#: `a.m.` and `lun.` end no sentence, and stand in dates.
_SENTENCE_END = re.compile(r"(?:[^\W_]{4}\.|[!?\u3002\uff1f\uff01])\s*\Z")
#: The author's own "wrote": what follows may be their own words, too.
_OWN_WORDS = words.pattern("attribution", "own", r"(?<!\w){}(?!\w)")
#: `---- On Mon, 2 Mar 2026, Anna wrote ----`, as Zoho has it.
_BETWEEN_DASHES = re.compile(r"\s*-{2,}\s*([^-].*[^-])\s*-{2,}\s*\Z")
#: `Anna Example ---02.03.2026 10:15:00---Re: Printer`, as Notes has it.
_NOTES = re.compile(r".{2,120}? ?---\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ ,][\d:. apmAPM]{4,14}---")
#: Marks of right-to-left writing and blanks of no width, which stand between letters and are not seen.
_UNSEEN = dict.fromkeys(
    (0x00AD, 0x061C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)

_NAMED = re.compile(r"\w[ \t]*[:,]?[ \t]*[\"\u201c\u201e\u00ab'\u2018`]" + re.escape(MARKER))


def bare(text: str) -> str:
    """The text without marks that are not seen; a dotted capital I becomes one small letter, not two."""
    return text if text.isascii() else text.translate(_UNSEEN).replace("\u0130", "i")


def is_marker(text: str) -> bool:
    """Our own "write above this line", but for an author who names it in a sentence, in quotation marks."""
    return MARKER in text[:2_000] and not _NAMED.search(text[:2_000])


def is_original(text: str) -> bool:
    """`-----Original Message-----` and its kin, or the line above a forwarded mail."""
    line = bare(text).strip().lower()
    if not 6 <= len(line) <= 120:
        return False
    if line[:2] in ("--", "__", "==", "**", "~~") and line[-2:] in ("--", "__", "==", "**", "~~"):
        return any(phrase in line for phrase in _ORIGINAL)
    return line.startswith(_FORWARDS) or bool(_NOTES.match(line))


def category(text: str) -> str:
    """Which field of a header block a line begins with, or ""."""
    found = _FIELD.match(bare(text[:60]))
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
    """Where the attribution that ends in this line begins, or -1; and whether it needs no quote marks behind it.

    One that was wrapped is looked for up to three lines above, in the same paragraph. It begins where a word that
    begins one stands; without such a word, as soon as it has a date and says who wrote.
    """
    joined = list(_joined(lines, end))
    strong = [(start, text) for start, text in joined if _strength(text) > 0]
    if begun := [(start, text) for start, text in strong[:2] if _BEGINS.match(text)]:
        start, text = begun[0]
        # "At 10:15 the log says:" begins the author's own quotation.
        return start, bool(_DAY.search(text) or _has_address(text))
    for index, (start, text) in enumerate(strong):
        if start == end or _is_dated(text):
            return _with_address(strong[index:])
    return (end, False) if joined and _strength(joined[0][1]) >= 0 else (-1, False)


def _joined(lines: Sequence[str], end: int) -> Iterator[tuple[int, str]]:
    """Yield where an attribution that ends in this line may begin, the nearest first, and what it then says."""
    text = bare(lines[end]).rstrip(" *_\u00a0")
    if len(text) > _LONGEST:
        return
    if between := _BETWEEN_DASHES.match(text):
        text = f"{between[1]}:"
    if not text.endswith((":", "\uff1a")):
        return
    yield end, text
    for start in range(end - 1, max(-1, end - _WRAPPED), -1):
        above = bare(lines[start]).strip()
        # Where a sentence ends, what follows is not its wrapped rest.
        ended = _SENTENCE_END.search(above) and _strength(text) >= 0
        if not above or above[0] == ">" or ended or len(above) + len(text) > _LONGEST:
            return
        text = f"{above} {text}"
        yield start, text


def _with_address(strong: Sequence[tuple[int, str]]) -> tuple[int, bool]:
    """Take the line above to the attribution where only that line names an address."""
    (start, text), above = strong[0], strong[1:2]
    if above and not _has_address(text) and _has_address(above[0][1]):
        start, text = above[0]
    return start, _is_told(text)


def _is_dated(text: str) -> bool:
    """Does it name an address, or a day and a time? A line above that only happens to hold a figure is none of it."""
    return bool(_has_address(text) or (_DAY.search(text) and _TIME.search(text)))


def _has_address(text: str) -> bool:
    """Does it name an address? Most lines show at once that they do not."""
    return ("@" in text or "mailto:" in text) and bool(_ADDRESS.search(text))


def _is_told(text: str) -> bool:
    """Do a whole date and an address say that somebody's words follow, whatever the language?"""
    if not (_has_address(text) and _DATE.search(text)):
        return False
    if any(map(text.lower().__contains__, _WROTE)):
        return True
    return bool(_DAY.search(text) and _TIME.search(text)) and len(_WORD.findall(text)) <= _FEW_WORDS


def _strength(text: str) -> int:
    """-1: no attribution; 0: one if a quote follows; 1: one in any case."""
    # By map, not by a generator: each of 20,000 lines may be looked at five times.
    wrote = any(map(text.lower().__contains__, _WROTE))
    address = _has_address(text)
    dated = bool(_DATE.search(text))
    if _OWN_WORDS.search(text):
        return 0
    if dated and (wrote or address):
        return 1
    return 0 if wrote else -1
