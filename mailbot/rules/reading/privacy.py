"""The privacy gate: what must not be passed on is found by marks, patterns and file names (support-flow).

Deterministic; how strict it is stands in the process file. What happens with what is found: `command.withhold`.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailbot.mail import Mail
from mailbot.process import Privacy
from mailbot.rules.reading.outgoing import MARK
from mailbot.rules.telling import say
from mailbot.sentence import Reason, Sentence

#: Longer lines are looked at up to here: a pattern must not cost by the length of a line.
LONGEST_LINE = 2_000
LIKENESS = say("text that looks like a conversation with a subscriber, or like a subscriber's number or address")
_QUOTES = re.compile(r"^[>|\s]+")
_NO_WORD = re.compile(r"[^\w ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What was found in a mail."""

    #: In words, for both sides.
    found: Sentence
    #: Of the whole text and the files, so that a redaction can be told from another.
    digest: str
    #: Must the subject be held back too?
    subject: bool


def private(mail: Mail, rules: Privacy | None) -> Private | None:
    """Say what in the mail must be held back, None for nothing."""
    if rules is None:
        return None
    in_subject = _in_lines([mail.subject], rules)
    found = in_subject or _in_lines(_looked_at(mail).split("\n"), rules) or _in_files(mail, rules)
    if not found:
        return None
    whole = "\n".join((mail.subject, mail.text, *(attachment.sha256 for attachment in mail.attachments)))
    return Private(found=found, digest=hashlib.sha256(whole.encode()).hexdigest(), subject=bool(in_subject))


def _looked_at(mail: Mail) -> str:
    """Return all of the text, but for a notice of ours that is quoted below the answer."""
    return mail.new_text if mail.new_text and MARK in mail.text else mail.text


def _in_lines(lines: list[str], rules: Privacy) -> Reason:
    """Say what marks or looks like something private in the lines, "" for nothing."""
    marks = {mark.casefold() for mark in rules.marks}
    for line in lines:
        start = _NO_WORD.split(line.strip(" [(*#>:"), maxsplit=1)[0].strip().casefold()
        if start in marks:
            return say("marked as %(mark)s", mark=repr(start))
    patterns = [_compiled(pattern) for pattern in rules.patterns]
    if any(pattern.search(one) for line in lines for one in _readings(line) for pattern in patterns):
        return LIKENESS
    return ""


def _readings(line: str) -> Iterator[str]:
    """Yield the line as it stands, and without quote marks."""
    yield line[:LONGEST_LINE]
    yield _QUOTES.sub("", line[:LONGEST_LINE])


def _in_files(mail: Mail, rules: Privacy) -> Reason:
    for pattern in map(_compiled, rules.files):
        for attachment in mail.attachments:
            if pattern.search(attachment.name):
                return say("the file %(name)s", name=repr(attachment.name))
    return ""


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
