"""Delivery reports in prose, as mail servers of thirty years have written them.

A mail is such a report only if at least two signs say so (`report_sign.py`) and its text says that something failed.
Reads line by line up to where the returned mail begins; the addresses of the report's own sender and recipient are
never the failed one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailbot.ingest import words
from mailbot.ingest.format import address, encoded_word, header
from mailbot.ingest.kind import report_reason, report_sign

_ANALYSED = 400
_LONGEST = 1_000
_MOST = 100
#: So many lines below a word of failure an address in the middle of a line is the failed one.
_NEAR = 3
_FAILURE = words.pattern("report", "failure")
_RETURNED = words.pattern("report", "returned")
_DELAYED = words.pattern("report", "delayed")
_GIVEN_UP = words.pattern("report", "given_up")
_BEFORE = words.phrases("report", "before")
_NOT_FAILED = words.pattern("report", "not_failed", r"{}[\s:\uff1a<('\"\[=-]*\Z")
_LISTED = words.pattern("report", "listed", r"{}.{{0,200}}:\s*\Z")
_WRITTEN_TO = re.compile(r"(?:\W{0,4})(?:to|an|à|a|al?|para|aan|til|till|do|кому|宛先|收件人)\s?[:\uff1a]\s*\Z")
_ADDRESS = re.compile(r"(?<![\w.+@/?&=-])([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})(?![\w@])")
_PREFIX = re.compile(r"(?i)(?:smtp|rcpt|to|e?mail|recipient)=")
#: RFC 3463 section 2: the second figure is 0 to 7; behind a reply code or a hash before anywhere else.
_CODED = re.compile(r"(?:(?<!\d)[45]\d\d[ -]#?|#)([45]\.[0-7]\.\d{1,3})(?![\d.])")
_STATUS = re.compile(r"(?<![\w.])([45]\.[0-7]\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d\.\d")
_MACHINES = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "abuse", "hostmaster", "helpdesk", "support")
_MESSAGE_ID = re.compile(r"(?i)message-?id\b")
_BARE = re.compile(r"[\w.+-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Failed:
    """One address that a report in prose names."""

    address: str
    #: The enhanced status code that stands with it, or "".
    status: str
    #: The line that says why.
    said: str


@dataclass(frozen=True, slots=True)
class Prose:
    """What a report in prose says."""

    failed: tuple[Failed, ...]
    #: The line that says most, also where it names nobody.
    said: str
    delayed: bool


@dataclass(slots=True)
class _Named:
    """The addresses of a text with the lines that follow each, up to the next."""

    leading: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)
    #: To whom the returned mail was written, as the report tells it.
    written_to: dict[str, list[str]] = field(default_factory=dict)


def read(fields: header.Header, text: str, *, sure: bool) -> Prose | None:
    """Return what the prose says, or None when the mail is no delivery report.

    `sure` is a mail that is one by its structure, whatever its words are.
    """
    stated = _stated(fields)
    lines = _own_lines(text)
    body = "\n".join(lines)
    if not (stated or sure or (_FAILURE.search(body) and report_sign.is_report(fields, lines))):
        return None
    named = _named(lines, _participants(fields))
    found = {where: named.leading.get(where, []) for where in stated} if stated else _failed(named)
    found = found or _listed_bare(lines, fields)
    subject = encoded_word.decoded(fields.value("subject"))[:_LONGEST]
    said = _said(lines)
    status = _status(lines)
    return Prose(
        failed=tuple(
            Failed(where, _status(own) or status, _said([line for line in own if line != where]) or said)
            for where, own in list(found.items())[:_MOST]
        ),
        said=said,
        delayed=bool(_DELAYED.search(subject + "\n" + body)) and not _GIVEN_UP.search(subject + "\n" + body),
    )


def is_failure(text: str) -> bool:
    """Does the beginning of a text say that a mail failed?"""
    return any(_FAILURE.search(line[:_LONGEST]) for line in text.split("\n")[: _NEAR * 2])


def why(text: str) -> str:
    """The line of a text that says most about why a mail failed."""
    return _said(_own_lines(text))


def _stated(fields: header.Header) -> tuple[str, ...]:
    """Exim names the failed recipients in a field of its own."""
    values = (field.value for field in fields.all("x-failed-recipients"))
    return tuple(dict.fromkeys(box.address for value in values for box in address.mailboxes(value[:8_000])))


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
        named = named or bool(_ADDRESS.search(shown) and not _MESSAGE_ID.match(shown))
    return lines


def _named(lines: Sequence[str], participants: set[str]) -> _Named:
    """Sort the addresses: in brackets or alone at a line's start, and those within reach of words of failure."""
    named = _Named()
    near = -_ANALYSED
    current: list[str] = []
    for number, line in enumerate(lines):
        if _FAILURE.search(line):
            near = number
        for where, before in _addresses(line):
            if where in participants:
                continue
            if not before or before.endswith(_BEFORE):
                current = named.leading.setdefault(where, [])
            elif _WRITTEN_TO.match(before):
                named.written_to.setdefault(where, [])
            elif number - near <= _NEAR:
                named.beside.setdefault(where, []).append(line)
        current.append(line)
    return named


def _addresses(line: str) -> Iterator[tuple[str, str]]:
    """Yield each address of a line that may have failed, and what stands before it."""
    if _MESSAGE_ID.match(line):
        return
    for found in _ADDRESS.finditer(line):
        bare = _PREFIX.sub("", found[1].strip("'").rstrip("."), count=1)
        before = line[: found.start()].strip().lower()
        if (where := address.well_formed(bare)) and not _NOT_FAILED.search(before[-60:]):
            yield where, before


def _failed(named: _Named) -> dict[str, list[str]]:
    """The failed addresses, the best evidence first; a postmaster's only where no other is named."""
    for group in (named.leading, named.beside, named.written_to):
        if people := {where: own for where, own in group.items() if where.partition("@")[0] not in _MACHINES}:
            return people
    return named.leading


def _listed_bare(lines: Sequence[str], fields: header.Header) -> dict[str, list[str]]:
    """A server that reports on its own mailboxes may leave out its domain."""
    box = address.single(fields.only("from"))
    if box is None or not report_sign.is_daemon(fields):
        return {}
    for number in range(len(lines)):
        if not _LISTED.search(" ".join(lines[max(0, number - 1) : number + 1])):
            continue
        below = next((one for one in lines[number + 1 : number + 3] if one), "")
        where = address.well_formed(f"{below}@{box.address.rpartition('@')[2]}") if _BARE.match(below) else ""
        return {where: []} if where else {}
    return {}


def _status(lines: Sequence[str]) -> str:
    """The status code of some lines; one that says something before one that says 'undefined'."""
    text = "\n".join(lines)
    found = [code for pattern in (_CODED, _STATUS) for code in pattern.findall(text)]
    return next((code for code in found if not code.endswith(".0.0")), found[0] if found else "")


def _said(lines: Sequence[str]) -> str:
    """The line that says most: one with a reply code, else one that gives a reason, else one that names a failure."""
    coded = (line for line in lines if _REPLY_CODE.search(line))
    failing = [line for line in lines if _FAILURE.search(line)]
    telling = (line for line in failing if report_reason.reason("", line) != report_reason.OTHER)
    return header.clean(next(coded, "") or next(telling, "") or next(iter(failing), ""))
