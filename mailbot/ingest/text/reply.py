"""A mail's text divided into the author's new words, the quote and the signature.

Nothing is deleted: every line lands in one of the three. In doubt a line is the author's own, since losing words is
worse than keeping a quote; below our own marker line nothing is (`semantics.md` 20). One pass over the lines, each
looked at with at most six others, so the time grows with the text and with nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mailbot.ingest.text import attribution, signature
from mailbot.ingest.text.line import Line, Mark

#: Lines beyond this are sorted by their quote marks alone.
_ANALYSED = 20_000
#: A quoted line that was wrapped on the way leaves a short rest without a mark.
_WRAPPED_REST = 50
_WRAPPED_AT = 70


@dataclass(frozen=True, slots=True)
class Reply:
    """The three parts, with LF line ends and no outer blank lines."""

    new_text: str
    quoted: str
    signature: str
    #: The lines of the new text that a reader perhaps does not see.
    doubted: tuple[str, ...] = ()


def split(lines: Sequence[Line]) -> Reply:
    """Divide the lines of a text."""
    texts = [line.shown for line in lines]
    marks = _quotes(texts, [line.mark for line in lines])
    _signatures(texts, marks)
    doubted = (line.shown for line, mark in zip(lines, marks, strict=True) if line.doubted and mark is Mark.NONE)
    new, quoted, signed = (_joined(texts, marks, mark) for mark in (Mark.NONE, Mark.QUOTE, Mark.SIGNATURE))
    return Reply(new, quoted, signed, tuple(dict.fromkeys(line for line in doubted if line.strip())))


def _quotes(texts: Sequence[str], given: Sequence[Mark]) -> list[Mark]:
    """Mark what is quoted: what containers say, `>` lines, and from a delimiter on everything."""
    marks = list(given)
    for index, text in enumerate(texts):
        if attribution.is_marker(text):
            below = _answer_below(texts, marks, index)
            if below:
                return [*[Mark.QUOTE] * below, *_quotes(texts[below:], given[below:])]
            return _from(marks, _above(texts, index))
        if _is_quote(text):
            marks[index] = Mark.QUOTE
        if index >= _ANALYSED or marks[index] is Mark.QUOTE or not text.strip():
            continue
        if attribution.is_original(text) or attribution.is_header_block(texts, index):
            return _from(marks, _above(texts, index))
        start, alone = attribution.attribution(texts, index)
        if start < 0:
            continue
        if _quote_follows(texts, given, index):
            marks[start : index + 1] = [Mark.QUOTE] * (index + 1 - start)
        elif alone:
            return _from(marks, start)
    _wrapped(texts, marks)
    return _blank_lines(texts, marks)


def _answer_below(texts: Sequence[str], marks: Sequence[Mark], marker: int) -> int:
    """Where an answer begins that stands below the whole of our quoted notice, or 0 when there is none.

    Only where nothing was written above it, every line of the notice carries its quote mark, and a blank line parts
    the two: the rest of a wrapped line of the notice must not pass for an answer.
    """
    if not _is_quote(texts[marker]):
        return 0
    if any(mark is Mark.NONE and text.strip() for mark, text in zip(marks[:marker], texts[:marker], strict=True)):
        return 0
    last = max(index for index in range(marker, len(texts)) if _is_quote(texts[index]))
    marked = all(_is_quote(text) or not text.strip() for text in texts[marker : last + 1])
    after = texts[last + 1 : last + 2]
    return last + 1 if marked and after and not after[0].strip() else 0


def _from(marks: list[Mark], start: int) -> list[Mark]:
    """Everything from here on is quoted."""
    return [*marks[:start], *[Mark.QUOTE] * (len(marks) - start)]


def _above(texts: Sequence[str], index: int) -> int:
    """Take the rule that stands above a delimiter to the quote, too."""
    above = index - 1
    while above >= 0 and index - above <= 2 and not texts[above].strip():
        above -= 1
    line = texts[above].strip() if above >= 0 else ""
    return above if len(line) >= 5 and not line.strip("_-=*") else index


def _is_quote(text: str) -> bool:
    """A line with a quote mark; `>From` was changed by a mailbox file, `>:` is the end of a wrapped address."""
    return text.lstrip(" ").startswith(">") and not text.startswith((">From ", ">:"))


def _quote_follows(texts: Sequence[str], given: Sequence[Mark], index: int) -> bool:
    """Is the next line with words a quoted one? Looks past three blank lines at most."""
    for after in range(index + 1, min(len(texts), index + 5)):
        if texts[after].strip():
            return _is_quote(texts[after]) or given[after] is Mark.QUOTE
    return False


def _wrapped(texts: Sequence[str], marks: list[Mark]) -> None:
    """The short rest of a wrapped quoted line, between two quoted lines, belongs to the quote."""
    for index in range(1, len(texts) - 1):
        text = texts[index]
        if (
            marks[index] is Mark.NONE
            and 0 < len(text.strip()) <= _WRAPPED_REST
            and text[:1].islower()
            and len(texts[index - 1]) + len(text) > _WRAPPED_AT
            and _is_quote(texts[index - 1])
            and _is_quote(texts[index + 1])
        ):
            marks[index] = Mark.QUOTE


def _blank_lines(texts: Sequence[str], marks: list[Mark]) -> list[Mark]:
    """A blank line goes with the line above it."""
    for index in range(1, len(texts)):
        if not texts[index].strip():
            marks[index] = marks[index - 1]
    return marks


def _signatures(texts: Sequence[str], marks: list[Mark]) -> None:
    """Mark the signature at the end of each run of the author's lines."""
    words = False
    for start, end in list(_runs(marks)):
        for part in signature.parts(texts[start:end], words_before=words):
            marks[start + part.start : start + part.stop] = [Mark.SIGNATURE] * len(part)
        words = words or any(texts[index].strip() for index in range(start, end) if marks[index] is Mark.NONE)


def _runs(marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    position = 0
    for mark, group in groupby(marks):
        length = sum(1 for _ in group)
        if mark is Mark.NONE:
            yield position, position + length
        position += length


def _joined(texts: Sequence[str], marks: Sequence[Mark], mark: Mark) -> str:
    return "\n".join(text for text, found in zip(texts, marks, strict=True) if found is mark).strip("\n")
