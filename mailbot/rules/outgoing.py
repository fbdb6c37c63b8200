"""What of an agent's mail may leave for the customer (`semantics.md` 20). Here keeping too much is the worst fault.

Only the new text above our notice's marker line leaves; a mail in which a line of an internal notice survives is held.
"""

import re
from collections.abc import Iterable

from mailbot.rules.phrases import normalised

#: Every notice's first line holds it; whatever stands below it, or on it, is not the author's own.
MARK = "##-"
#: Shorter lines are too common to tell where they come from.
TELLING_LENGTH = 12
_QUOTED = re.compile(r"\s*[>|]")


def above_marker(text: str) -> str:
    """Return what stands above the marker line and its quoting."""
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

    What the customer wrote or has been sent is no secret from them.
    """
    told = frozenset(_lines(known_to_customer))
    return frozenset(line for line in _lines(texts) if len(line) >= TELLING_LENGTH) - told


def surviving(text: str, internal: frozenset[str]) -> str:
    """Return a line of an internal notice that stands in the text, "" if there is none."""
    for line in text.split("\n"):
        plain = normalised(line)
        if len(plain) >= TELLING_LENGTH and plain in internal:
            return line.strip()
    whole = f" {normalised(text)} "
    return next((line for line in sorted(internal) if f" {line} " in whole), "")


def _lines(texts: Iterable[str]) -> Iterable[str]:
    return (normalised(line) for text in texts for line in text.split("\n"))
