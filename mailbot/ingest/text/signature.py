"""Where the author's words end and the signature begins: RFC 3676 section 4.3, mobile programs, closing formulas.

Only the end of a run of the author's lines can be a signature. In doubt it is the author's own: what stands below a
closing formula or a rule is a signature only if it looks like one, and a postscript comes back to the author.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words
from mailbot.ingest.text import disclaimer

_MOST_LINES = 10
_FEW_LINES = 3
_LONGEST = 100
_SHORT = 12
#: As much of a paragraph as is looked at.
_MOST_CHARACTERS = 2_000
#: A block below a rule has so many lines at most.
_BLOCK_LINES = 8
_DASHES = re.compile(r"(?:--|\u2014|\u2013 ?\u2013|-- ?-- ?)\s*\Z")
_RULE = re.compile(r"\s*(?:_{5,}|-{5,}|={5,}|\*{5,})\s*\Z")
_NAME = re.compile(r"\s*[-\u2013\u2014/] ?[A-ZÀ-ÖØ-ÝА-Я][\w.'\u2019]+(?: [\w.'\u2019]+){0,3}\s*\Z")
_LISTED = re.compile(r"\s*[-\u2013\u2014/*\u2022]|.*[:\uff1a]\s*\Z")
_DEVICE = words.pattern("signature", "device", r"[\s*_>(\[]*{}[\s*_<)\].!\u3002]*\Z")
_GADGETS = words.phrases("signature", "gadgets")
_CLOSING = frozenset(words.phrases("signature", "closings"))
_THANKS = frozenset(words.phrases("signature", "thanks"))
_POSTSCRIPT = words.pattern("signature", "postscript", r"[\s*_]*{}")
#: A telephone number, an address, a page, a company's form or a title: what people put below their names.
_CONTACT = words.pattern(
    "signature", "contact", r"\+?\(?\d[\d ()/.\u2011-]{{5,}}\d|@\w|www\.|https?:|(?<!\w){}(?!\w)| \| "
)
_SENTENCE = re.compile(r"[\w)\"'\u201d\u2019][.!?\u2026](?:\s|\Z)|[\u3002\uff01\uff1f]")
_SENTENCE_WORDS = 5


def parts(lines: Sequence[str], *, words_before: bool) -> list[range]:
    """The lines of a run of the author's that are a signature or a disclaimer.

    `words_before` says whether other words of the author stand above this run.
    """
    ended = disclaimer.begins(lines, words_before=words_before)
    begin = begins(lines[:ended], words_before=words_before)
    own = _postscripts(lines, begin, ended)
    bounds = [begin, *(bound for part in own for bound in (part.start, part.stop)), len(lines)]
    return [range(start, stop) for start, stop in zip(bounds[::2], bounds[1::2], strict=True) if start < stop]


def begins(lines: Sequence[str], *, words_before: bool) -> int:
    """The index in a run of the author's lines at which the signature begins; the run's length when there is none."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled:
        if _is_dashes(lines[index]):
            return index
    found = _device(lines, filled)
    end = found if found >= 0 else len(lines)
    for rule in (_ruled, _closing, _named):
        start = rule(lines[:end], [index for index in filled if index < end])
        if start >= 0 and (words_before or start > filled[0]):
            end = start
    return end


def _postscripts(lines: Sequence[str], begin: int, end: int) -> list[range]:
    """The lines below a signature that are the author's words again, up to the end of their paragraph."""
    # Below the dashes of RFC 3676 whole sentences stand, too; below a name they do not.
    dashes = any(_is_dashes(line) for line in lines[begin : begin + 1])
    own: list[range] = []
    for part in disclaimer.paragraphs(lines[:end], begin):
        if part.start > begin and not dashes and _is_prose(lines[part.start : part.stop]):
            own.append(part)
            continue
        # A formula and a name may stand right above.
        start = next((index for index in part if index > begin and _POSTSCRIPT.match(lines[index])), -1)
        if start < 0 and not dashes:
            start = next((index for index in part if index > begin + 1 and _is_prose(lines[index : index + 1])), -1)
        if start >= 0:
            own.append(range(start, part.stop))
    return own


def _is_prose(lines: Sequence[str]) -> bool:
    """Is it a paragraph of sentences, without the telephone numbers and pages of a signature?"""
    text = " ".join(lines)[:_MOST_CHARACTERS]
    if _CONTACT.search(text) or _DEVICE.match(lines[0][:_LONGEST]):
        return False
    return bool(_SENTENCE.search(text)) and (len(text.split()) >= _SENTENCE_WORDS or not text.isascii())


def _is_dashes(line: str) -> bool:
    return len(line) < _SHORT and bool(_DASHES.match(line))


def _device(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`Sent from my phone` and what stands below it; without the name of such a thing only where it stands alone."""
    for index in filled[-_FEW_LINES:]:
        line = lines[index]
        if len(line) <= _LONGEST and _DEVICE.match(line):
            lower = f" {line.lower()} "
            alone = index > 0 and not lines[index - 1].strip()
            if any(gadget in lower for gadget in _GADGETS) or (alone and not line.endswith(".")):
                return index
    return -1


def _closing(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A closing formula with at most a few short lines after it."""
    for place, index in enumerate(filled[-_MOST_LINES:], 1):
        formula = lines[index].strip(" \t,.!;*-\u2013\u2014\u00a0\u3001\u3002\uff01\uff0c").lower()
        if len(formula) < _LONGEST and (formula in _CLOSING or _with_name(formula)) and not _goes_on(lines, index):
            return index
        last = min(len(filled), _MOST_LINES) - place
        if formula in _THANKS and 0 < last <= _FEW_LINES and not _SENTENCE.search(" ".join(lines[index + 1 :])):
            return index
    return -1


def _goes_on(lines: Sequence[str], index: int) -> bool:
    """Does the sentence that holds this formula go on in the next line?"""
    below = lines[index + 1] if index + 1 < len(lines) else ""
    return below[:1].islower() and _is_prose([below])


def _with_name(text: str) -> bool:
    """`Best regards, Anna` on one line."""
    formula, comma, name = text.partition(",")
    return bool(comma) and formula.strip() in _CLOSING and 0 < len(name.split()) <= _FEW_LINES


def _ruled(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A line of dashes or underscores with a block of few short lines after it that says how to reach somebody."""
    for index in filled[-_BLOCK_LINES - 1 :]:
        below = [line for line in lines[index + 1 :] if line.strip()]
        if _RULE.match(lines[index][:_LONGEST]) and (not below or _is_block(below)):
            return index
    return -1


def _is_block(lines: Sequence[str]) -> bool:
    """Are these short lines that say how to reach somebody?"""
    short = all(len(line) <= _LONGEST for line in lines)
    return short and bool(_CONTACT.search("\n".join(lines))) and not any(_is_prose([line]) for line in lines)


def _named(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`-Anna Example` or `/Anna` as the last line, not the last point of a list."""
    if len(filled) < 2 or _LISTED.match(lines[filled[-2]][:_LONGEST]):
        return -1
    last = filled[-1]
    return last if len(lines[last]) <= _LONGEST and _NAME.match(lines[last]) else -1
