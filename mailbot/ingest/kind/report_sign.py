"""The signs by which a mail in prose is known as a delivery report, and not as a person's words about one.

A program that sends nothing but reports is one sign, its subject, its first sentence and the lines of an SMTP dialogue
are others. People write subjects like "my mail could not be delivered", and some are called postmaster: no single sign
of these is enough.
"""

import re
from collections.abc import Sequence

from mailbot.ingest import words
from mailbot.ingest.format import header
from mailbot.ingest.kind import subject as subjects

_LONGEST = 1_000
#: A report comes to its matter within so many lines that say something.
_FIRST = 8
_SENDERS = words.pattern("report", "senders", r"(?<![\w@]){}\b(?![\w.-]*\.\w)")
_DAEMONS = words.pattern("report", "daemons")
_SUBJECTS = words.pattern("report", "subjects")
_OPENINGS = words.pattern("report", "openings")
_DIALOGUE = words.pattern("report", "dialogue", r"\s*{}")
_NULL_PATHS = ("<>", "<@>", "<mailer-daemon>")


def is_daemon(fields: header.Header) -> bool:
    """Is it from what writes nothing but reports, or to nobody's address (RFC 3461 section 6.1)?"""
    return _has_null_path(fields) or bool(_DAEMONS.search(_sender(fields)))


def is_report(fields: header.Header, lines: Sequence[str]) -> bool:
    """Do two signs of a report come together, or one that no person gives?"""
    title = header.decoded(fields.value("subject"))[:_LONGEST]
    if subjects.is_absence(title):
        return False
    answered = bool(fields.all("in-reply-to"))
    dialogue = any(_DIALOGUE.match(line) for line in lines)
    spoken = _opens(lines) or dialogue
    titled = bool(_SUBJECTS.search(title)) and not subjects.is_answer(title, answered=answered)
    if _DAEMONS.search(_sender(fields)):
        return True
    if _has_null_path(fields) or _SENDERS.search(_sender(fields)):
        return spoken or (titled and not answered)
    return spoken and (titled or (_opens(lines) and dialogue and not answered))


def _has_null_path(fields: header.Header) -> bool:
    path = fields.value("return-path").strip().lower()
    return path in _NULL_PATHS or fields.value("from").strip().endswith(("<>", "<@>"))


def _sender(fields: header.Header) -> str:
    """The name and the local part of From, lower case; a domain says nothing of who writes."""
    shown = header.decoded(fields.value("from"))[:_LONGEST].lower()
    return re.sub(r"@[\w.-]*", "@", shown)


def _opens(lines: Sequence[str]) -> bool:
    """Does one of the first lines say what a report says first, and nobody asks anything before it?"""
    first = [line for line in lines if any(character.isalnum() for character in line)][:_FIRST]
    for number, line in enumerate(first):
        if "?" in line:
            return False
        if _OPENINGS.match(line) or _OPENINGS.match(f"{first[number - 1]} {line}" if number else line):
            return True
    return False
