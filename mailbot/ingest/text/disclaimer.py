"""The paragraphs that a company puts below every mail: confidential, not for you, delete it, think before you print.

Only the last paragraphs of the author's lines can be one, and never all of them. A paragraph is one if it says several
of the things that such texts say; a person who asks for a mail to be deleted says one of them.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words

#: A shorter paragraph says too little to be told from a person's words.
_SHORTEST = 60
_MOST_PARAGRAPHS = 12
_MOST_CHARACTERS = 6_000
#: So many kinds of things said make a disclaimer, beside its "if you are not the one".
_ENOUGH = 3
_HEADLINE = 60
_LONGEST_RULE = 200
#: Where a paragraph is looked into line by line.
_MOST_LINES = 20
_SHORT = 45

_KINDS = tuple(
    words.phrases("disclaimer", name) for name in ("confidential", "recipient", "error", "delete", "notify", "message")
)
_UNLESS = words.phrases("disclaimer", "unless")
_LINE = words.pattern("disclaimer", "lines", r"[\W_]*{}")
_HEADLINES = words.pattern("disclaimer", "headlines", r"[\W_]*{}[\W_]*\Z")
_RULE = re.compile(r"[\W_]*\Z")


def begins(lines: Sequence[str], *, words_before: bool) -> int:
    """The index in a run of the author's lines at which disclaimers begin; the run's length when there are none."""
    found = len(lines)
    for part in reversed(paragraphs(lines, 0)[-_MOST_PARAGRAPHS:]):
        text = _joined(lines, part)
        if is_one(text) or (found < len(lines) and _leads(text)):
            found = part.start
        else:
            found = min(
                (start for start in _breaks(lines, part) if is_one(_joined(lines, range(start, part.stop)))),
                default=found,
            )
            break
    return found if words_before or any(line.strip() for line in lines[:found]) else len(lines)


def is_one(text: str) -> bool:
    """Is this paragraph a disclaimer?"""
    if len(text) > _MOST_CHARACTERS:
        return False
    if _LINE.match(text):
        return True
    if len(text) < (_SHORTEST if text.isascii() else _SHORTEST // 2):
        return False
    lower = text.lower()
    said = sum(1 for kind in _KINDS if any(phrase in lower for phrase in kind))
    return said >= _ENOUGH and any(phrase in lower for phrase in _UNLESS)


def paragraphs(lines: Sequence[str], start: int) -> list[range]:
    """The runs of lines that are not blank, from a line on; a rule is one of its own."""
    found: list[range] = []
    open_ = False
    for index in range(start, len(lines)):
        if _RULE.match(lines[index][:_LONGEST_RULE]):
            open_ = False
            if lines[index].strip():
                found.append(range(index, index + 1))
        elif open_:
            found[-1] = range(found[-1].start, index + 1)
        else:
            found.append(range(index, index + 1))
            open_ = True
    return found


def _breaks(lines: Sequence[str], part: range) -> list[int]:
    """The lines of a paragraph that come, long, below a short one: nobody wrapped the text there."""
    return [
        index
        for index in part[1:][:_MOST_LINES]
        if len(lines[index - 1].rstrip())
        <= _SHORT
        < _SHORTEST
        <= len(lines[index]) + len("".join(lines[index + 1 : index + 2]))
    ]


def _joined(lines: Sequence[str], part: range) -> str:
    return " ".join(lines[index].strip() for index in part)


def _leads(text: str) -> bool:
    """A rule or a headline above a disclaimer belongs to it."""
    return len(text) <= _HEADLINE and bool(_RULE.match(text) or _HEADLINES.match(text))
