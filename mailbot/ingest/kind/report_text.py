"""Delivery reports in prose, as mail servers of thirty years have written them.

A mail is such a report only if its sender or subject says so and its text names a failed address. Reads line by line
up to where the returned mail begins; the addresses of the report's own sender and recipient are never the failed one.
"""

import re
from dataclasses import dataclass

from mailbot.ingest import words
from mailbot.ingest.format import address, header

_ANALYSED = 400
_LONGEST = 1_000
_MOST = 100
_SENDERS = words.pattern("report", "senders", r"{}\b")
_SUBJECTS = words.pattern("report", "subjects")
_FAILURE = words.pattern("report", "failure")
_RETURNED = words.pattern("report", "returned")
_DELAYED = words.pattern("report", "delayed")
_GIVEN_UP = words.pattern("report", "given_up")
_PASSING = words.pattern("report", "passing")
_BEFORE = words.phrases("report", "before")
_ADDRESS = re.compile(r"(?<![\w.+@/-])([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})(?![\w@])")
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_MACHINES = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "abuse", "hostmaster", "helpdesk", "support")


@dataclass(frozen=True, slots=True)
class Prose:
    """What a report in prose says."""

    addresses: tuple[str, ...]
    status: str
    reason: str
    delayed: bool


def is_passing(reason: str) -> bool:
    """Does the reason say that a later try may succeed?"""
    return bool(_PASSING.search(reason[:_LONGEST]))


def read(fields: header.Header, text: str) -> Prose | None:
    """Return what the prose says, or None when the mail is no delivery report."""
    stated = _stated(fields)
    if not stated and not _looks_like_one(fields):
        return None
    lines = _own_lines(text)
    body = "\n".join(lines)
    if not stated and not _FAILURE.search(body):
        return None
    found = stated or _failed(lines, _participants(fields))
    if not found and not _from_daemon(fields):
        return None
    status = _STATUS.search(body)
    subject = fields.value("subject")[:_LONGEST]
    return Prose(
        addresses=found[:_MOST],
        status=status[0] if status else "",
        reason=_reason(lines),
        delayed=bool(_DELAYED.search(subject + "\n" + body)) and not _GIVEN_UP.search(subject + "\n" + body),
    )


def _stated(fields: header.Header) -> tuple[str, ...]:
    """Exim names the failed recipients in a field of its own."""
    values = (field.value for field in fields.all("x-failed-recipients"))
    return tuple(dict.fromkeys(box.address for value in values for box in address.mailboxes(value[:8_000])))


def _from_daemon(fields: header.Header) -> bool:
    path = fields.value("return-path").strip()
    sender = fields.value("from")[:_LONGEST].lower()
    return path == "<>" or "mailer-daemon" in sender or "mailer daemon" in sender


def _looks_like_one(fields: header.Header) -> bool:
    """The sender is a mail system, or the subject says what this is and is no person's answer."""
    sender = fields.value("from")[:_LONGEST]
    subject = header.decoded(fields.value("subject"))[:_LONGEST]
    said = bool(_SUBJECTS.search(subject)) and not subject.lower().startswith(("re:", "aw:", "fwd:", "fw:"))
    return (bool(_SENDERS.search(sender)) or _from_daemon(fields)) if not said else True


def _participants(fields: header.Header) -> set[str]:
    names = ("from", "to", "reply-to", "sender", "return-path", "cc", "errors-to")
    return {
        box.address for name in names for field in fields.all(name) for box in address.mailboxes(field.value[:8_000])
    }


def _own_lines(text: str) -> list[str]:
    """The report's own lines: up to the returned mail, which is full of addresses that did not fail."""
    lines: list[str] = []
    named = False
    for line in text.split("\n")[:_ANALYSED]:
        shown = line[:_LONGEST].strip()
        if named and _RETURNED.match(shown) and "transcript of session" not in shown.lower():
            break
        lines.append(shown)
        named = named or bool(_ADDRESS.search(shown))
    return lines


def _failed(lines: list[str], participants: set[str]) -> tuple[str, ...]:
    """The failed addresses: those in brackets or alone at a line's start first, then those beside words of failure."""
    leading: dict[str, None] = {}
    beside: dict[str, None] = {}
    near = -_ANALYSED
    for number, line in enumerate(lines):
        if _FAILURE.search(line):
            near = number
        for found in _ADDRESS.finditer(line):
            where = address.well_formed(found[1].strip("'").rstrip(".").removeprefix("SMTP=").removeprefix("smtp="))
            local = where.partition("@")[0]
            if not where or where in participants or local in _MACHINES:
                continue
            before = line[: found.start()].strip().lower()
            if not before or before.endswith(_BEFORE):
                leading.setdefault(where)
            elif number - near <= 3:
                beside.setdefault(where)
    return tuple(leading) or tuple(beside)


def _reason(lines: list[str]) -> str:
    """The line that says most: one with a reply code, else one that names a failure."""
    coded = (line for line in lines if re.search(r"\b[45]\d\d[ -]|\b[45]\.\d\.\d", line))
    failing = (line for line in lines if _FAILURE.search(line))
    return header.clean(next(coded, "") or next(failing, ""))
