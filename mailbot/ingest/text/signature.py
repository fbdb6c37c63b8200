"""Where the author's words end and the signature begins: RFC 3676 section 4.3, mobile programs, closing formulas.

Only the end of a run of the author's lines can be a signature. In doubt it is the author's own.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words

_MOST_LINES = 10
_FEW_LINES = 3
_LONGEST = 100
_DASHES = re.compile(r"(?:--|\u2014|\u2013 ?\u2013|-- ?-- ?)\s*\Z")
_RULE = re.compile(r"\s*(?:_{5,}|-{5,}|={5,}|\*{5,})\s*\Z")
_NAME = re.compile(r"\s*[-\u2013\u2014/] ?[A-ZÀ-ÖØ-ÝА-Я][\w.'\u2019]+(?: [\w.'\u2019]+){0,3}\s*\Z")
_DEVICE = words.pattern("signature", "device", r"[\s*_>(\[]*{}[\s*_<)\].!]*\Z")
_CLOSING = frozenset(words.phrases("signature", "closings"))


def begins(lines: Sequence[str], *, words_before: bool) -> int:
    """The index in a run of the author's lines at which the signature begins; the run's length when there is none.

    `words_before` says whether other words of the author stand above this run.
    """
    for index, line in enumerate(lines):
        if _DASHES.match(line[:12]) and len(line) < 12:
            return index
    filled = [index for index, line in enumerate(lines) if line.strip()]
    found = _device(lines, filled)
    end = found if found >= 0 else len(lines)
    for rule in (_ruled, _closing, _named):
        start = rule(lines[:end], [index for index in filled if index < end])
        if start >= 0 and (words_before or start > filled[0]):
            end = start
    return end


def _device(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`Sent from my phone` and what stands below it."""
    for index in filled[-_FEW_LINES:]:
        if len(lines[index]) <= _LONGEST and _DEVICE.match(lines[index]):
            return index
    return -1


def _closing(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A closing formula with at most a few short lines after it."""
    for index in filled[-_MOST_LINES:]:
        formula = lines[index].strip(" \t,.!;*-\u2013\u2014\u00a0").lower()
        if len(formula) < _LONGEST and (formula in _CLOSING or _with_name(formula)):
            return index
    return -1


def _with_name(text: str) -> bool:
    """`Best regards, Anna` on one line."""
    formula, comma, name = text.partition(",")
    return bool(comma) and formula.strip() in _CLOSING and 0 < len(name.split()) <= _FEW_LINES


def _ruled(lines: Sequence[str], filled: Sequence[int]) -> int:
    """A line of dashes or underscores with a few short lines after it."""
    for index in filled[-_MOST_LINES:]:
        if _RULE.match(lines[index][:_LONGEST]) and all(len(line) <= _LONGEST for line in lines[index:]):
            return index
    return -1


def _named(lines: Sequence[str], filled: Sequence[int]) -> int:
    """`-Anna Example` or `/Anna` as the last line."""
    last = filled[-1] if filled else -1
    return last if last > 0 and len(lines[last]) <= _LONGEST and _NAME.match(lines[last]) else -1
