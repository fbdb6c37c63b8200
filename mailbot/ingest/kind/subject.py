"""What the subject of a mail says about who or what wrote it."""

import re

from mailbot.ingest import words

#: What may stand around the words of an absence notice, so that they are its title and not a person's sentence.
_TITLE = r"\W{{0,4}}{}(?=\s*(?:[:\uff1a;!.\-\u2013\u2014(\[|/<\u3010]|\Z|(?:re|aw)\b))"
_ABSENCE = words.pattern("automatic", "absence", _TITLE)
_ABSENCE_WORDS = words.pattern("automatic", "absence_words", _TITLE)
_ABSENCE_ANYWHERE = words.pattern("automatic", "absent")
_REPLY_PREFIX = re.compile(
    r"(?:(?:re|aw|sv|antw|antwort|odp|ynt|atb|vá|svar|отв|vs|odp|rif|res|tr|fwd?|wg)\s*(?:\[\d+\])?:\s*)+",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|vb|doorst)\s*:", re.IGNORECASE)


def is_absence(subject: str) -> bool:
    """Is it the subject of an absence notice?"""
    return bool(_ABSENCE.match(subject) or _ABSENCE_ANYWHERE.search(subject))


def may_be_absence(subject: str) -> bool:
    """Is it the subject of an absence notice, or what a person writes about one?"""
    return is_absence(bare(subject)) or bool(_ABSENCE_WORDS.match(bare(subject)))


def bare(subject: str) -> str:
    """The subject without the prefixes of answers."""
    return _REPLY_PREFIX.sub("", subject, count=1)


def is_answer(subject: str, *, answered: bool) -> bool:
    """Is it what a person answers or passes on? `answered` is a mail with an In-Reply-To field."""
    return bool(_FORWARDED.match(subject)) or (answered and bool(_REPLY_PREFIX.match(subject)))
