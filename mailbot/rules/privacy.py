"""The privacy gate: what must not be passed on is held back until a member releases or redacts it (support-flow).

Deterministic: the process's marks, patterns and file names. What is held back stands in no notice and in no text of the
case; a redaction leaves who, when, why and a digest.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from mailbot.mail import Mail
from mailbot.process import Privacy

#: Longer lines are looked at up to here: a pattern must not cost by the length of a line.
LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What was found in a mail."""

    #: In words, for both sides.
    found: str
    #: Of the whole text and the names, so that a redaction can be told from another.
    digest: str


def private(mail: Mail, rules: Privacy | None) -> Private | None:
    """Say what in the mail must be held back, None for nothing."""
    if rules is None:
        return None
    found = _marked(mail, rules) or _matching(mail, rules) or _file(mail, rules)
    if not found:
        return None
    whole = "\n".join((mail.text, *(attachment.sha256 for attachment in mail.attachments)))
    return Private(found=found, digest=hashlib.sha256(whole.encode()).hexdigest())


def _marked(mail: Mail, rules: Privacy) -> str:
    lines = [mail.subject, *mail.text.split("\n")]
    marks = {mark.casefold() for mark in rules.marks}
    for line in lines:
        start = re.split(r"[^\w ]", line.strip(" [(*#>:"), maxsplit=1)[0].strip().casefold()
        if start in marks:
            return f"marked as {start!r}"
    return ""


def _matching(mail: Mail, rules: Privacy) -> str:
    for pattern in map(_compiled, rules.patterns):
        if any(pattern.search(line[:LONGEST_LINE]) for line in mail.text.split("\n")):
            return "text that looks like a conversation with a subscriber, or like a subscriber's number or address"
    return ""


def _file(mail: Mail, rules: Privacy) -> str:
    for pattern in map(_compiled, rules.files):
        for attachment in mail.attachments:
            if pattern.search(attachment.name):
                return f"the file {attachment.name!r}"
    return ""


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
