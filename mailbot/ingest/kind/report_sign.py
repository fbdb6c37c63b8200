"""The signs by which a mail in prose is known as a delivery report, and not as a person's words about one.

Who sends it is one sign; its subject, its first sentence, the lines of a dialogue between servers and a list of
addresses are others. People write subjects like "my mail could not be delivered", some are called postmaster, and some
paste what they got: no single sign of these is enough, nor are two.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words
from mailbot.ingest.format import encoded_word, header
from mailbot.ingest.kind import subject as subjects

_LONGEST = 1_000
#: A report comes to its matter within so many lines that say something; a person who pastes one begins otherwise.
_FIRST = 8
_GREETING = words.pattern("automatic", "courtesy", r"{}\W*\Z")
_SENDERS = words.pattern("report", "senders", r"(?<![^\W_]){}(?![^\W_])")
_SYSTEMS = words.pattern("report", "mail_systems", r"(?<![^\W_]){}(?![^\W_])")
_DAEMONS = words.pattern("report", "daemons")
_SUBJECTS = words.pattern("report", "subjects")
_OPENINGS = words.pattern("report", "openings")
_DIALOGUE = words.pattern("report", "dialogue", r"\s*{}")
#: An address alone on its line, or at the beginning of one that says what became of it.
_LISTED = re.compile(r"[^\w@]{0,8}[^\s<>@]{1,64}@[^\s<>@]{1,190}?[>)\]\"']{0,2}(?:\Z|\s?[:(\[,]| \(?[45]\d\d)")
_ENOUGH = 3
_NULL_PATHS = ("<>", "<@>", "<mailer-daemon>")


def is_daemon(fields: header.Header) -> bool:
    """Is it from what writes nothing but reports, or to nobody's address (RFC 3461 section 6.1)?"""
    return _has_null_path(fields) or bool(_DAEMONS.search(_sender(fields)))


def is_report(fields: header.Header, lines: Sequence[str]) -> bool:
    """Do enough signs of a report come together, or one that no person gives?"""
    title = encoded_word.decoded(fields.value("subject"))[:_LONGEST]
    if subjects.is_absence(title):
        return False
    if _DAEMONS.search(_sender(fields)):
        return True
    answered = bool(fields.all("in-reply-to"))
    lines = [line[:_LONGEST].strip() for line in lines]
    signs = (
        _by_sender(fields)
        + (bool(_SUBJECTS.search(title)) and not subjects.is_answer(title, answered=answered))
        + _opens(lines)
        + any(_DIALOGUE.match(line) for line in lines)
        + any(_LISTED.match(line) for line in lines)
    )
    return signs - answered >= _ENOUGH


def _by_sender(fields: header.Header) -> int:
    """How much the sender says: one to whom no answer goes, or a mail system, weighs two signs."""
    if _has_null_path(fields) or _SYSTEMS.search(_sender(fields)):
        return 2
    return 1 if _SENDERS.search(_sender(fields)) else 0


def _has_null_path(fields: header.Header) -> bool:
    path = fields.value("return-path").strip().lower()
    return path in _NULL_PATHS or fields.value("from").strip().endswith(("<>", "<@>"))


def _sender(fields: header.Header) -> str:
    """The name and the local part of From, lower case; a domain says nothing of who writes."""
    shown = encoded_word.decoded(fields.value("from"))[:_LONGEST].lower()
    return re.sub(r"@[\w.-]*", "@", shown)


def _opens(lines: Sequence[str]) -> bool:
    """Does one of the first lines say what a report says first, and nobody asks anything before it?"""
    first = [line for line in lines if any(character.isalnum() for character in line)][:_FIRST]
    for number, line in enumerate(first):
        if "?" in line or _GREETING.match(line):
            return False
        if _OPENINGS.match(line) or _OPENINGS.match(f"{first[number - 1]} {line}" if number else line):
            return True
    return False
