"""What of an agent's mail may leave for the customer (`semantics.md` 20). Here keeping too much is the worst fault.

Only the new text above our notice's marker line leaves; a mail in which a line of an internal notice survives is held.
"""

import re
from collections.abc import Iterable
from html import unescape
from itertools import pairwise

from mailbot.rules.reading.phrases import normalised

#: Every notice's first line holds it; whatever stands below it, or on it, is not the author's own.
MARK = "##-"
#: Shorter lines are too common to tell where they come from.
TELLING_LENGTH = 12
#: Lines of more words are compared as a whole: there are too many ways to cut them.
MOST_WORDS = 40
_QUOTED = re.compile(r"\s*[>|]")
#: A line of a header block, whatever its language: `Teema: [HD-12] Printer on fire`.
_FIELD_LINE = r"^[ \t*_]{{0,8}}[^\W\d_][^:\n]{{0,24}}[:\uff1a].{{0,80}}\[{tag}-\d+\].*$"


def above_marker(text: str, whole: str = "") -> str:
    """Return what stands above the marker line and its quoting; `whole` is the mail's text with its quotes.

    Where the author wrote below our quoted notice alone, nothing does.
    """
    above, marker, _ = whole.partition(MARK)
    if marker and next(filter(str.strip, text.split("\n")), "") not in above.split("\n"):
        return ""
    lines: list[str] = []
    for line in text.split("\n"):
        if MARK in line:
            break
        lines.append(line)
    while lines and _QUOTED.match(lines[-1]):
        lines.pop()
    return "\n".join(line for line in lines if not _QUOTED.match(line)).strip()


def telling_lines(texts: Iterable[str], known_to_customer: Iterable[str] = ()) -> frozenset[str]:
    """Return the lines of internal texts that would tell where they come from, normalised.

    What the customer wrote or has been sent is no secret from them, also where an internal line repeats it
    (`fix: It was the cable` in a receipt).
    """
    told = frozenset(_lines(known_to_customer))
    left = (_untold(line, told) for line in frozenset(_lines(texts)) - told)
    return frozenset(line for line in left if len(line) >= TELLING_LENGTH)


def surviving(text: str, internal: frozenset[str]) -> str:
    """Return a line of an internal notice, or the part of one, that stands in the text, "" if there is none.

    A mail program that wraps a quote anew leaves lines that hold only a part of what was quoted, and lines of ours
    spread over two of theirs.
    """
    # A mail program that did not know its own HTML leaves `&nbsp;` and `&lt;` in the text.
    text = unescape(text)
    for line in text.split("\n"):
        plain = normalised(line)
        if len(plain) >= TELLING_LENGTH and any(f" {plain} " in f" {secret} " for secret in internal):
            return line.strip()
    whole = f" {normalised(text)} "
    return next((line for line in sorted(internal) if f" {line} " in whole), "")


def header_line(text: str, tag: str) -> str:
    """Return a line of a header block about one of our own mails, "" if there is none: beside it stands who got it."""
    found = re.search(_FIELD_LINE.format(tag=re.escape(tag)), text, re.MULTILINE | re.IGNORECASE)
    return found[0].strip() if found else ""


def half_quoted(text: str, internal: frozenset[str]) -> str:
    """Return an internal line whose beginning is quoted and whose end is not, "" if there is none.

    So does a mail program that puts the quote mark on a long line, and then breaks it.
    """
    lines = [line for line in text.partition(MARK)[0].split("\n") if line.strip()]
    for quoted, line in pairwise(lines):
        if _QUOTED.match(quoted) and not _QUOTED.match(line):
            both, first = f" {normalised(quoted)} {normalised(line)} ", f" {normalised(quoted)} "
            if found := next((s for s in sorted(internal) if f" {s} " in both and f" {s} " not in first), ""):
                return found
    return ""


def _untold(line: str, told: frozenset[str]) -> str:
    """Return what is left of a line when its longest part that the customer knows is cut out."""
    words = line.split()
    if len(words) > MOST_WORDS:
        return line
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            part = " ".join(words[start : start + length])
            if len(part) >= TELLING_LENGTH and part in told:
                return " ".join((*words[:start], *words[start + length :]))
    return line


def _lines(texts: Iterable[str]) -> Iterable[str]:
    return (normalised(line) for text in texts for line in text.split("\n"))
